"""A run that dies, or whose ledger cannot be written: a key that changes afterwards is sent all the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import error

from .killing import actions, kill, killed_apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulated import Reply

    from .desk import Desk

COHERE: dict[str, Any] = {
    "task_type": "rerank",
    "service": "cohere",
    "service_settings": {"model_id": "m", "api_key": {"env": "K"}},
}
CHUNKED: dict[str, Any] = {
    "task_type": "text_embedding",
    "service": "mistral",
    "service_settings": {"model": "m", "api_key": {"env": "K"}},
    "chunking_settings": {"strategy": "word", "max_chunk_size": 120, "overlap": 20},
}


@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "nth"),
    [
        ("PUT", "/_inference/rerank/b", 1),
        ("GET", "/_inference/_all", 2),  # the read-back
        ("POST", "/_bulk", 1),  # the claims
        ("POST", "/_bulk", 2),  # what was made
        ("POST", "/_bulk", 3),  # how the run ended
    ],
)
def test_a_run_that_creates_and_dies(
    desk: Desk, method: str, path: str, nth: int, *, after: bool, changed: bool
) -> None:
    for name in ("a", "b", "c"):
        desk.write(name, **COHERE)
    desk.set(K="first")
    kill(desk, method, path, nth=nth, after=after)
    killed_apply(desk)
    if changed:
        desk.set(K="second")
    assert desk("apply", "--yes").code == 0
    value = "second" if changed else "first"
    assert {name: desk.stored(name) for name in ("a", "b", "c")} == {name: {"api_key": value} for name in "abc"}
    assert desk("plan", "--detailed-exitcode").code == 0
    assert "unsure" not in repr(desk.ledger())


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("path", ["/_update", "/_bulk"])
def test_a_run_that_rotates_and_dies(desk: Desk, path: str, *, after: bool) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    assert desk("apply", "--yes").code == 0
    since = desk.fingerprint("a")
    desk.set(K="second")
    kill(desk, "POST" if path == "/_bulk" else "PUT", path, nth=2 if path == "/_bulk" else 1, after=after)
    killed_apply(desk)
    noted = desk.fingerprint("a")
    assert noted.get("unsure", False) is ((path, after) != ("/_bulk", True))
    if noted.get("unsure"):
        assert noted == {**since, "unsure": True}
    desk.set(K="third")
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "third"}
    assert desk("plan", "--detailed-exitcode").code == 0


def test_the_fingerprint_is_in_the_claim_before_the_put(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    kill(desk, "PUT", "/_inference/rerank/a", after=True)
    killed_apply(desk)
    claimed = desk.fingerprint("a")
    assert claimed.pop("unsure") is True
    assert desk("apply", "--yes").code == 0
    assert desk.fingerprint("a") == claimed


def test_one_failed_settling_is_made_up_for(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    desk.emulated.fault("status", "POST", ".*/_bulk", status=503, skip=1, count=1)
    assert desk("apply", "--yes").code == 0
    assert "unsure" not in desk.fingerprint("a")
    desk.set(K="second")
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "second"}


def test_a_ledger_that_cannot_be_written_to_the_end(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    desk.emulated.fault("status", "POST", ".*/_bulk", status=503, skip=1, count=-1)
    ran = desk("apply", "--yes")
    assert ran.code == 4, ran.said
    assert "inferctl-ledger" in ran.said
    desk.emulated.calm()
    desk.set(K="second")
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "second"}
    assert desk("plan", "--detailed-exitcode").code == 0


def test_nothing_is_removed_while_the_ledger_cannot_be_written(desk: Desk) -> None:
    for name in ("a", "b"):
        desk.write(name, **COHERE)
    desk.set(K="first")
    assert desk("apply", "--yes").code == 0
    (desk.folder / "e" / "a.yaml").unlink()
    desk.write("c", **COHERE)
    desk.emulated.fault("status", "POST", ".*/_bulk", status=503, skip=1, count=-1)
    ran = desk("apply", "--yes", "--allow-delete", "--max-deletes", "100%")
    assert ran.code == 4
    assert "nothing is removed while the ledger cannot be written" in ran.out
    assert set(desk.emulated.live()) == {"a", "b", "c"}


def test_a_set_of_secrets_is_in_doubt_as_a_whole(desk: Desk) -> None:
    """The run that died sent another kind of secret; its file then named the first kind again, with the first value."""
    azure = {"resource_name": "r", "deployment_id": "d", "api_version": "v"}
    desk.emulated = type(desk.emulated)("9.2")
    first = {**azure, "api_key": {"env": "K"}}
    desk.write("a", task_type="completion", service="azureopenai", service_settings=first)
    desk.set(K="key", E="entra")
    assert desk("apply", "--yes").code == 0
    desk.write("a", task_type="completion", service="azureopenai", service_settings={**azure, "entra_id": {"env": "E"}})
    kill(desk, "PUT", "/_update", after=True)
    killed_apply(desk)
    desk.write("a", task_type="completion", service="azureopenai", service_settings=first)
    assert actions(desk)["a"] != "no-op"


def test_what_only_a_replace_could_send_again_is_taken_as_created(make_desk: Callable[..., Desk]) -> None:
    """A create stores settings and secrets or nothing: the endpoint that is there holds what was sent."""
    desk = make_desk("8.17")
    desk.write("a", **CHUNKED)
    desk.set(K="first")
    kill(desk, "PUT", "/_inference/text_embedding/a", after=True)
    killed_apply(desk)
    assert actions(desk) == {"a": "adopt"}
    assert desk("apply", "--yes").code == 0
    assert desk("plan", "--detailed-exitcode").code == 0
    desk.set(K="second")
    assert actions(desk) == {"a": "replace"}


def test_a_key_that_changed_after_that_is_replaced(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk("8.17")
    desk.write("a", **CHUNKED)
    desk.set(K="first")
    kill(desk, "PUT", "/_inference/text_embedding/a", after=True)
    killed_apply(desk)
    desk.set(K="second")
    assert desk("apply", "--yes").code == 3
    assert desk("apply", "--yes", "--allow-replace").code == 0
    assert desk.stored("a") == {"api_key": "second"}
    assert desk("plan", "--detailed-exitcode").code == 0


def test_a_key_in_doubt_that_cannot_be_read_here_is_told(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    kill(desk, "PUT", "/_inference/rerank/a", after=True)
    killed_apply(desk)
    desk.set(K=None)
    for _ in range(2):  # adopted by the first
        ran = desk("apply", "--yes")
        assert ran.code == 0
        assert "api_key was sent by a run that got no confirmation, and is not sent again" in ran.out
        assert desk.fingerprint("a")["unsure"] is True
    desk.set(K="second")
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "second"}


def test_what_was_begun_and_is_something_else_is_not_ours(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    kill(desk, "PUT", "/_inference/rerank/a", after=False)
    killed_apply(desk)
    body = {"service": "cohere", "service_settings": {"model_id": "theirs", "api_key": "theirs"}}
    desk.emulated.call("PUT", "/_inference/rerank/a", body)
    assert desk("apply", "--yes", "--allow-replace").code == 3
    assert desk.stored("a") == {"api_key": "theirs"}


def test_an_update_whose_setting_was_ignored_has_stored_the_key(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    assert desk("apply", "--yes").code == 0
    desk.write("a", **COHERE, task_settings={"top_n": 3})
    desk.set(K="second")

    def ignore_task_settings(method: str, target: str, body: bytes | None) -> Reply | None:
        if not target.endswith("_update") or body is None:
            return None
        sent = {key: part for key, part in json.loads(body).items() if key != "task_settings"}
        return desk.emulated.answer(method, target, {"content-type": "application/json"}, json.dumps(sent).encode())

    desk.answer = ignore_task_settings
    ran = desk("apply", "--yes")
    assert (ran.code, desk.stored("a")) == (4, {"api_key": "second"})
    assert "unsure" not in desk.fingerprint("a")
    again = desk("plan")
    assert "no confirmation" not in again.out
    assert "ignored an update of task_settings.top_n" in again.out
    assert "api_key same, sent today" in again.out
    desk.set(K="third")
    assert "api_key changed since" in desk("plan").out


def test_a_refused_adoption_stays_nobodys(desk: Desk) -> None:
    """Nothing was stored, so what was known before still is."""
    body = {"service": "cohere", "service_settings": {"model_id": "m", "api_key": "theirs"}}
    desk.emulated.call("PUT", "/_inference/rerank/a", body)
    desk.write("a", **COHERE, task_settings={"top_n": 3})
    desk.set(K="first")
    desk.emulated.override = lambda _method, target: error(400) if target.endswith("_update") else None
    assert desk("apply", "--yes", "--adopt", "a").code == 1
    assert "a" not in desk.ledger()


def test_adopting_what_a_killed_run_left_forgets_no_key(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="first")
    kill(desk, "PUT", "/_inference/rerank/a", after=True)
    killed_apply(desk)
    assert desk("adopt", "a").code == 0
    assert desk.ledger()["a"]["intent"] == ""
    desk.set(K="second")
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "second"}
