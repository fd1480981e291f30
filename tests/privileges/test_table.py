"""The table against what the server's own classes answered, and against the emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from inferctl.client.command_privileges import USES, role
from inferctl.client.privileges import CALLS, COVERS, LEDGER_INDEX, VERIFIED, Call, call_of
from inferctl.model.open_questions.requests_and_answers import PRIVILEGES
from inferctl.model.versions import LINES as VERSION_LINES
from inferctl.model.versions import OLDEST

LINES = (Path(__file__).parent / "granted" / "granted-by.txt").read_text(encoding="utf-8").splitlines()
GRANTED = {action: set(names.split(",")) for action, names in map(str.split, LINES)}


def actions_of(call: Call) -> list[str]:
    words = call.action.replace(",", " ").split()
    return [word for word in words if word.startswith(("cluster:", "indices:"))]


@pytest.mark.parametrize("name", CALLS)
def test_the_privilege_grants_the_action(name: str) -> None:
    call = CALLS[name]
    if call.privilege is None:
        assert not set(actions_of(call)) & set(GRANTED)  # everybody may ask about themselves
        return
    assert actions_of(call)
    for action in actions_of(call):
        assert call.privilege.name in GRANTED[action]


@pytest.mark.parametrize("name", CALLS)
def test_every_line_has_a_source(name: str) -> None:
    """A line without one would have to be told as uncertain in the reference; there is none."""
    assert CALLS[name].source


def test_wider_privileges_hold_the_narrower_ones() -> None:
    for wider, narrower in COVERS.items():
        for name in narrower:
            granted = [names for action, names in GRANTED.items() if name in names and action.startswith("cluster:")]
            assert granted
            assert all(wider in names for names in granted)


@pytest.mark.parametrize("name", CALLS)
def test_requests_are_recognised(name: str) -> None:
    """Words in capitals stand for anything; `_services` is not taken for an id."""
    for request in CALLS[name].requests:
        verb, path = request.partition("?")[0].split(" ")
        concrete = "/".join("x-1" if word.isalpha() and word.isupper() else word for word in path.split("/"))
        dry_run, refresh = request.endswith("?dry_run=true"), request.endswith("?refresh=true")
        assert call_of(verb, concrete, dry_run=dry_run) is CALLS["write records" if refresh else name]


def test_other_requests_are_not_recognised() -> None:
    for verb, path in (("GET", "/other/_search"), ("PUT", "/"), ("GET", "/_inference/"), ("HEAD", "/"), ("GET", "/a")):
        assert call_of(verb, path) is None


def test_every_request_of_the_table_is_one_that_a_command_makes() -> None:
    assert {call for use in USES for call in (*use.calls, *use.noted)} == set(CALLS)


def test_versions() -> None:
    assert VERIFIED[0] == f"{OLDEST.major}.{OLDEST.minor}"
    [open_lines, _] = PRIVILEGES
    assert sorted([*VERIFIED, *(str(line) for line in VERSION_LINES if open_lines.concerns(str(line)))]) == sorted(
        map(str, VERSION_LINES)
    )


def test_the_roles_as_they_are() -> None:
    """What an operator reviews: read as prose, changed on purpose only."""
    look = {"names": ["*"], "privileges": ["view_index_metadata"]}
    assert role("plan") == {
        "cluster": ["monitor", "read_pipeline"],
        "indices": [{"names": [LEDGER_INDEX], "privileges": ["read"]}, look],
    }
    assert role("plan", dry_run=True, ledger=False) == {
        "cluster": ["manage_inference", "monitor", "read_pipeline"],
        "indices": [look],
    }
    writes = ["create", "create_index", "delete", "read"]
    assert role("apply") == {
        "cluster": ["manage_inference", "monitor", "read_pipeline"],
        "indices": [{"names": [LEDGER_INDEX], "privileges": writes}, look],
    }
    serverless = ["create", "create_index", "delete", "maintenance", "read"]
    assert role("apply", serverless=True)["indices"] == [{"names": [LEDGER_INDEX], "privileges": serverless}, look]
    assert role("plan", serverless=True) == role("plan")
