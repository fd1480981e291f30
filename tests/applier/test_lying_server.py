"""A server that answers nonsense, or about something else: what is not ours stays, and nothing is called done that is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulated import HEADERS, Cut, Emulated, Reply, reply

from inferctl.applier.events import Result
from inferctl.errors import InferctlError
from inferctl.planner.trial_endpoints import PREFIX

from .worlds import applied, carried_out, local, plan_for, remote

if TYPE_CHECKING:
    from inferctl.planner.plan import Plan

SINGLE = re.compile(r"GET /_inference/(?!_all|_services)[^?]*$")


def other(answer: Reply) -> Reply:
    """The same endpoint under another id."""
    return answer[0], answer[1], answer[2].replace(b'"inference_id":"a"', b'"inference_id":"z"')


def test_a_single_read_about_another_endpoint_is_not_absent() -> None:
    emulated = Emulated("8.17")
    applied(emulated, remote("a"))
    emulated.after = lambda _method, target, answer: (
        reply(200, {"endpoints": []}) if target == "/_inference/_all" else other(answer)
    )
    with pytest.raises(InferctlError, match="not about this endpoint"):
        plan_for(emulated, remote("a"))


@pytest.mark.parametrize("endpoints", [[], [{"inference_id": "z", "task_type": "completion", "service": "openai"}]])
def test_nothing_is_deleted_after_an_answer_about_another_endpoint(endpoints: list[Any]) -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.override = lambda method, target: (
        reply(200, {"endpoints": endpoints}) if SINGLE.match(f"{method} {target}") else None
    )
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, emulated.writes) == (Result.FAILED, [])
    assert ran.code != 0
    assert emulated.shown("a") is not None


def test_a_create_that_shows_another_endpoint_is_read_back() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a"))
    emulated.after = lambda method, _target, answer: other(answer) if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert emulated.sent[:2] == ["PUT /_inference/completion/a?timeout=60s", "GET /_inference/a"]


@pytest.mark.parametrize("answer", [{}, {"acknowledged": False}, {"acknowledged": "true"}])
def test_a_delete_that_is_not_acknowledged_is_read_back(answer: dict[str, Any]) -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.override = lambda method, target: (
        reply(200, answer) if method == "DELETE" and "dry_run" not in target else None
    )
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert "not acknowledge" in ran["a"].detail


def test_one_id_twice_with_two_meanings_is_no_list() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"))

    def twice(_method: str, target: str, answer: Reply) -> Reply:
        if target != "/_inference/_all":
            return answer
        listed = json.loads(answer[2])["endpoints"]
        return reply(200, {"endpoints": [*listed, {**listed[-1], "service": "cohere"}]})

    emulated.after = twice
    with pytest.raises(InferctlError, match="listed twice"):
        plan_for(emulated, remote("a", model="n"))


def _leaf() -> st.SearchStrategy[Any]:
    return st.sampled_from([None, True, 0, -1, 10**300, 1.5, "", "a", "b", "x", "\x1b[31m\u202e::error::", "<b>", [], {}, [None], [[]], {"a": None}, "9.1.0", "started"])  # fmt: skip


MANGLED = st.one_of(
    st.just("as it is"), st.just("as it is"), st.just("cut"), st.just("half"), st.just("html"), st.just("empty"), st.just("no product"),
    st.tuples(st.just("status"), st.sampled_from([201, 204, 206, 302, 400, 401, 403, 404, 408, 409, 429, 500, 503])),
    st.tuples(st.just("body"), _leaf()), st.tuples(st.just("leaf"), st.integers(0, 400), _leaf()), st.tuples(st.just("drop"), st.integers(0, 400)),
    st.tuples(st.just("text"), st.sampled_from([b"NaN", b"[" * 3000, b'{"endpoints":' * 200, b'{"a":1e999}', b'{"error":{"reason":"::add-mask::x"}}'])),
)  # fmt: skip


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, key))
        places(value[key], found)
    return found


def mangle(how: Any, answer: Reply) -> Reply:
    status, headers, octets = answer
    if how == "cut":
        raise Cut
    if isinstance(how, str):
        return {
            "half": (status, headers, octets[: len(octets) // 2]),
            "html": (200, {"content-type": "text/html"}, b"<html><body>sign in</body></html>"),
            "empty": (200, headers, b""),
            "no product": (status, {}, octets),
        }.get(how, answer)
    if how[0] == "status":
        return how[1], headers, octets
    if how[0] == "body":
        return reply(200, how[1])
    if how[0] == "text":
        return 200, HEADERS, how[1]
    try:
        body = json.loads(octets)
    except ValueError:
        return answer
    found = places(body, [])
    if not found:
        return answer
    holder, key = found[how[1] % len(found)]
    if how[0] == "drop":
        del holder[key]
    else:
        holder[key] = how[2]
    return reply(status, body)


def world() -> Emulated:
    """a to be updated or replaced, b to be deleted, x and its pipeline somebody else's."""
    emulated = Emulated("9.1")
    applied(emulated, remote("a"), remote("b"), local("a-local"))
    emulated.call("PUT", "/_inference/completion/x", {"service": "openai", "service_settings": {"model_id": "m", "api_key": "k"}})  # fmt: skip
    return emulated


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MANGLED, max_size=40))
def test_any_answers_leave_what_is_not_ours_and_end_in_an_error_of_ours(script: list[Any]) -> None:
    emulated = world()
    before = emulated.shown("x")
    rest = iter(script)
    emulated.after = lambda _method, _target, answer: mangle(next(rest, "as it is"), answer)
    wanted = (remote("a", model="n"), remote("a-new"), local("a-local", num_allocations=2))
    try:
        plan: Plan = plan_for(emulated, *wanted)
        ran = carried_out(emulated, plan)
    except InferctlError:
        pass  # what the command shows as one sentence
    else:
        assert ran.code in (0, 3, 4, 6)
        assert not [r for r in ran.outcome.results if "defect in inferctl" in r.detail]
        assert ran.code != 0 or not any(r.result is Result.FAILED for r in ran.outcome.results)
    assert emulated.shown("x") == before
    touched = {line.split("?")[0].rsplit("/", 1)[-1].replace("_update", "a") for line in emulated.writes}
    assert all(name.startswith(("a", "b", PREFIX)) for name in touched)
