"""The server's own list of services: asked only for the unknown, never an error, said where it is missing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Emulated, Reply, error, reply

from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.plan import DesiredSet, Permissions, Plan
from inferctl.workspace.endpoint_file import read_file

LIST = "GET /_inference/_services"
NEWER = {
    "name": "newer",
    "task_types": ["rerank"],
    "service_settings": {"zone": {"required": True}, "passcode": {"secret": True, "required": True}},
}
FILE = """\
inference_id: a
task_type: rerank
service: newer
passthrough: true
service_settings: {zone: x, passcode: {env: PASSCODE}}
"""
KNOWN = """\
inference_id: b
task_type: completion
service: openai
service_settings: {model_id: m, api_key: {env: K}}
"""


def planned(emulated: Emulated, text: str) -> Plan:
    file = read_file("f.yaml", text.encode())
    assert file.diagnostics == ()
    desired = DesiredSet(tuple(d.endpoint for d in file.declared))
    return plan_cluster(emulated.client.read_only(), desired, Permissions(manage=("a", "b")))


@pytest.mark.parametrize("version", ["8.17", "8.18", "9.1", "9.5"])
def test_an_unknown_service_is_let_by_and_marked(version: str) -> None:
    emulated = Emulated(version)
    emulated.call("POST", "/_emulator/services", NEWER)
    plan = planned(emulated, FILE + "---\n" + KNOWN)
    assert LIST in emulated.sent
    assert len(emulated.sent) == (5 if version == "8.17" else 3)  # 8.17 reads each id that its list lacks
    new, known = plan.changes
    assert new.action is Action.CREATE
    assert new.warnings == ("passed through: the service newer is unknown to this inferctl; the server lists it",)
    assert new.secrets == {("service_settings", "passcode")}
    assert known.warnings == ()
    emulated.call(
        "PUT", "/_inference/rerank/a", {"service": "newer", "service_settings": {"zone": "x", "passcode": "s"}}
    )
    assert [c.action for c in planned(emulated, FILE).changes] == [Action.NOOP]


def test_a_new_field_of_a_known_service() -> None:
    emulated = Emulated()
    emulated.call(
        "POST", "/_emulator/services", {"name": "openai", "service_settings": {"brand_new": {"updatable": "9.5"}}}
    )
    field = KNOWN.replace("model_id: m", "model_id: m, brand_new: x") + "passthrough: true\n"
    (change,) = planned(emulated, field).changes
    assert change.warnings == (
        "passed through: 'brand_new' is not a setting of openai that this inferctl knows; the server lists it",
    )


def test_known_services_ask_for_nothing_more() -> None:
    emulated = Emulated()
    planned(emulated, KNOWN)
    planned(emulated, KNOWN + "passthrough: true\n")
    assert LIST not in emulated.sent
    assert len(emulated.sent) == 4


def test_a_list_that_lags_forbids_nothing() -> None:
    plan = planned(Emulated(), FILE)
    (change,) = plan.changes
    assert change.will_run
    assert "does not list it" in change.warnings[0]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (error(403, "security_exception", "no"), "no privilege to list the server's services"),
        (error(401, "security_exception", "no"), "no privilege to list the server's services"),
        (error(404, "x", "no"), "the server's list of services could not be read"),
        (error(500, "x", "no"), "the server's list of services could not be read"),
        (reply(200, 7), "the server's list of services could not be read"),
        (reply(200, [7]), "the server's list of services could not be read"),
    ],
)  # fmt: skip
def test_without_the_list_the_plan_says_so(answer: Reply, note: str) -> None:
    emulated = Emulated(override=lambda _m, target: answer if target.startswith("/_inference/_services") else None)
    plan = planned(emulated, FILE)
    (change,) = plan.changes
    assert change.will_run
    assert change.warnings == ("passed through: the service newer is unknown to this inferctl",)
    assert any(
        said.startswith(note) and said.endswith("only inferctl's own table was used")
        for said in plan.notes + (plan.capabilities or _fail()).notes
    )


def test_serverless_is_not_asked() -> None:
    emulated = Emulated("serverless")
    plan = planned(emulated, FILE)
    assert LIST not in emulated.sent
    assert any("Serverless does not list its services" in note for note in (plan.capabilities or _fail()).notes)


def _fail() -> Any:
    raise AssertionError("a plan without capabilities")
