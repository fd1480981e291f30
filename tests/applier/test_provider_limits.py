"""A provider, or the cluster, that takes less than a run wants to send: the run slows down and ends with all done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.emulated import Emulated, Reply

from inferctl.applier.events import Result, StepWaiting
from inferctl.applier.limits import PATIENCE_S
from inferctl.emulator.provider import ProviderRule
from inferctl.planner.action import Action

from .worlds import Patience, Ran, applied, carried_out, only, plan_for, remote

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

LIMITED = ProviderRule("429", service="openai")


def waits(ran: Ran) -> list[tuple[str, str]]:
    return [(event.inference_id, event.what) for event in ran.events if isinstance(event, StepWaiting)]


def test_forty_creates_at_a_provider_that_takes_ten_a_minute() -> None:
    emulated = Emulated()
    stop = Patience(emulated)
    now_s = emulated.cluster.now()
    emulated.cluster.clock = lambda: now_s  # only waiting moves it
    emulated.cluster.script_provider(ProviderRule("429", service="openai", per_minute=10))
    plan = plan_for(emulated, *(remote(f"a{number}") for number in range(40)))
    ran = carried_out(emulated, plan, stop=stop)
    assert ran.code == 0
    assert {step.result for step in ran.outcome.results} == {Result.DONE}
    assert len(emulated.live()) == 40
    assert any(what.startswith("openai limits: again in") for _, what in waits(ran))
    assert stop.now_s >= 180
    # Refusals are few: without a pace each of 40 steps would have asked again and again.
    refused = sum(not call.taken for call in emulated.cluster.provider_calls)
    assert refused <= 40


def test_other_providers_are_not_slowed_down() -> None:
    emulated = Emulated()
    emulated.cluster.script_provider(ProviderRule("429", service="openai", count=3))
    ran = carried_out(
        emulated,
        plan_for(emulated, remote("a1"), remote("b1", service="groq", task_type="chat_completion")),
        parallelism=1,
    )
    assert ran.code == 0
    assert {inference_id for inference_id, _ in waits(ran)} == {"a1"}


def test_a_create_at_a_limit_that_stays_fails_and_wrote_nothing() -> None:
    emulated = Emulated()
    emulated.cluster.script_provider(LIMITED)
    stop = Patience(emulated)
    ran = carried_out(emulated, plan_for(emulated, remote("a1"), remote("a2")), stop=stop, parallelism=1)
    assert ran.code == 1
    assert [(step.result, step.wrote) for step in ran.outcome.results] == [(Result.FAILED, False)] * 2
    assert "rate limit" in ran["a1"].detail
    assert stop.now_s <= PATIENCE_S + 60
    assert emulated.live() == {}


def test_an_update_that_the_provider_limits_is_sent_again() -> None:
    emulated = Emulated()
    applied(emulated, remote("a", user="x"))
    emulated.cluster.script_provider(ProviderRule("429", service="openai", count=2))
    ran = carried_out(emulated, plan_for(emulated, remote("a", user="y")))
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert emulated.shown("a")["task_settings"] == {"user": "y"}


def test_a_replace_waits_for_the_limit_before_anything_is_removed_and_after() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"))
    emulated.cluster.script_provider(ProviderRule("429", service="openai", count=2))
    plan = plan_for(emulated, remote("a", model="n"))

    def limit_the_create(method: str, target: str) -> Reply | None:
        if method == "DELETE" and target.endswith("/a"):
            emulated.cluster.script_provider(ProviderRule("429", inference_id="a", count=2))
        return None

    emulated.override = limit_the_create
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert emulated.shown("a")["service_settings"]["model_id"] == "n"


@dataclass
class Throttle:
    """A proxy that answers 429 for the first writes to one endpoint: before they are done, or after."""

    emulated: Emulated
    times: int
    method: str = "PUT"
    executed: bool = False

    def __post_init__(self) -> None:
        if self.executed:
            self.emulated.after = lambda method, target, answer: self.instead(method, target) or answer
        else:
            self.emulated.override = self.instead

    def instead(self, method: str, target: str) -> Reply | None:
        if method != self.method or "/a" not in target or "dry_run" in target or self.times <= 0:
            return None
        self.times -= 1
        return 429, {"retry-after": "20"}, b"slow down"


def puts(emulated: Emulated) -> int:
    return sum(line.startswith("PUT ") for line in emulated.writes)


def test_a_create_that_was_throttled_is_sent_again_once_a_read_shows_that_it_is_absent() -> None:
    """429 is no "no": what stands before the cluster may have passed it on."""
    emulated = Emulated()
    stop, plan = Patience(emulated), plan_for(emulated, remote("a"))
    Throttle(emulated, 2)
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    kinds = [line.split(" ")[0] for line in emulated.sent]
    assert puts(emulated) == 3
    assert all(kinds[place + 1] == "GET" for place, kind in enumerate(kinds) if kind == "PUT")
    assert stop.now_s >= 40
    assert waits(ran)


def test_a_create_that_was_throttled_and_done_is_not_sent_again() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a"))
    Throttle(emulated, 1, executed=True)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, puts(emulated)) == (0, Result.DONE, 1)


def test_a_create_that_came_while_it_was_waited_for_is_ours() -> None:
    """The first PUT is done after the reads that did not see it; the second finds it there."""
    emulated = Emulated()
    plan = plan_for(emulated, remote("a"))
    body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "k"}}
    throttle = Throttle(emulated, 1)

    def late(method: str, target: str) -> Reply | None:
        if method == "PUT" and throttle.times == 0:
            emulated.override = lambda _method, _target: None
            emulated.call("PUT", "/_inference/completion/a", body)
            return None
        return throttle.instead(method, target)

    emulated.override = late
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, puts(emulated)) == (0, Result.DONE, 2)
    assert "somebody else" not in ran["a"].detail


def test_a_create_that_was_throttled_and_then_refused_may_still_come() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a"))
    Throttle(emulated, 1)
    emulated.cluster.script_provider(ProviderRule("401"))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.UNKNOWN, True)


def test_a_create_at_a_cluster_that_takes_nothing_ends_as_unknown() -> None:
    emulated = Emulated()
    stop, plan = Patience(emulated), plan_for(emulated, remote("a"), remote("ab"))
    Throttle(emulated, 1000)
    ran = carried_out(emulated, plan, stop=stop, parallelism=1)
    assert ran.code == 4
    assert [step.result for step in ran.outcome.results] == [Result.UNKNOWN, Result.UNKNOWN]
    assert stop.now_s <= PATIENCE_S + 100
    assert puts(emulated) < 40


@pytest.mark.parametrize("executed", [False, True])
@pytest.mark.parametrize("wanted", [remote("a", user="y"), remote("a")])
def test_an_update_that_was_throttled_is_sent_until_it_is_taken(wanted: DesiredEndpoint, executed: bool) -> None:
    """With a setting that changes, and with a secret alone, which no read could find."""
    emulated = Emulated()
    applied(emulated, remote("a", user="x"))
    plan = plan_for(emulated, wanted, send_secrets=("a",))
    assert only(plan).action is Action.UPDATE
    Throttle(emulated, 8, executed=executed)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)


def test_a_delete_that_was_throttled_is_done() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    Throttle(emulated, 2, method="DELETE")
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert set(emulated.live()) == {"b"}
