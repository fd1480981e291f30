"""A provider, or the cluster, that takes less than a run wants to send: the run slows down and ends with all done."""

from __future__ import annotations

from tests.emulated import Emulated, Reply

from inferctl.applier.events import Result, StepWaiting
from inferctl.applier.limits import PATIENCE_S
from inferctl.emulator.provider import ProviderRule

from .worlds import Patience, Ran, applied, carried_out, plan_for, remote

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
