"""Who names things in the cluster wants a name to lead a request elsewhere, or to end a command.

No Elasticsearch takes these names; a server that means ill may show them. A request names one endpoint, and the path is
that endpoint's. All else goes on without them, and says so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import reply
from tests.factories import change
from tests.in_process import run_here

from inferctl import InferenceClient
from inferctl.applier.limits import Limits
from inferctl.client.request import Operation, Request, Response
from inferctl.client.retry import retry_after_s
from inferctl.errors import UsageError
from inferctl.planner.action import Action

from .hostile_server import head, request_of, serving

if TYPE_CHECKING:
    import socket
    from pathlib import Path

NAMES = {
    "everything": "*",
    "two endpoints": "a,b",
    "the folder above": "..",
    "this folder": ".",
    "all": "_all",
    "a part of a path": "a/b",
    "a path that is escaped already": "a%2f..",
    "a path out of here": "../../inferctl-ledger",
    "a query": "a?force=true",
    "nothing": "",
    "a command to a terminal": "\x1b[31mred",
    "two lines": "a\nerror: b",
    "half of a character": "\ud800",
    "400 KB": "x" * 400_000,
}
COMMANDS = [
    ["plan", "mine.yaml", "--manage", "*", "--allow-delete"],
    ["plan", "mine.yaml", "--manage", "*", "--allow-delete", "--format", "json"],
    ["plan", "mine.yaml", "--manage", "*", "--allow-delete", "--format", "markdown"],
    ["apply", "mine.yaml", "--manage", "*-", "--manage", "[!g]*", "--allow-delete", "--max-deletes", "100%", "--yes"],
    ["destroy", "--manage", "*-", "--manage", "[!g]*", "--max-deletes", "100%", "--yes"],
    ["export"],
    ["export", "--output", "out"],
    ["refs", "good"],
    ["verify", "mine.yaml"],
]


def endpoint(name: str, **more: str) -> dict[str, Any]:
    settings = {"model_id": more.pop("model_id", "m"), "similarity": "cosine"}
    return {"inference_id": name, "task_type": "text_embedding", "service": "openai", "service_settings": settings, "task_settings": {}, **more}  # fmt: skip


LIST = [endpoint(name) for name in NAMES.values()]
LIST += [endpoint("elsewhere", task_type="../sparse_embedding"), endpoint("good"), endpoint("half", model_id="m\ud800")]


class Server:
    """Shows the list, and writes down what else it is asked for."""

    def __init__(self) -> None:
        self.targets: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        while True:
            method, target, _ = request_of(connection).split(b"\r\n")[0].decode().split()
            self.targets.append(target.partition("?")[0])
            body: Any = {"acknowledged": True, "pipelines": [], "indexes": []} if method == "DELETE" else {}
            if target == "/":
                body = {"cluster_name": "c\ud800", "cluster_uuid": "u", "version": {"number": "9.1.0"}}
            elif target.startswith("/_inference/_all"):
                body = {"endpoints": LIST}
            octets = json.dumps(body).encode()
            connection.sendall(head(f"Content-Length: {len(octets)}") + octets)


def test_no_command_ends_by_a_name_and_no_request_goes_elsewhere(tmp_path: Path) -> None:
    file = "inference_id: mine\ntask_type: text_embedding\nservice: openai\nservice_settings: {model_id: m, api_key: {env: KEY}}\n"
    (tmp_path / "mine.yaml").write_text(file)
    server = Server()
    with serving(server) as address:
        for command in COMMANDS:
            environment = {"ELASTICSEARCH_URL": f"http://{address}", "KEY": "hunter2-hunter2"}
            ended = run_here(tmp_path, environment, *command)
            printed = ended.out + ended.err
            assert "internal" not in printed, (command, printed)
            assert len(printed) < 40_000, command
            assert all(char.isprintable() or char == "\n" for char in printed), command
    assert (tmp_path / "out" / "good.yaml").exists()
    inference = {target for target in server.targets if target.startswith("/_inference")}
    asked = {target.removeprefix("/_inference/text_embedding/") for target in inference}
    assert asked <= {"/_inference/_all", "/_inference/mine", "mine", "good", "half"}
    others = {target for target in server.targets if not target.startswith("/_inference")}
    assert others <= {"/", "/_ingest/pipeline", "/_index_template", "/_component_template", "/*/_mapping", "/_security/user/_has_privileges"} | {t for t in others if t.startswith("/*/_settings/")}  # fmt: skip


@pytest.mark.parametrize(
    "name", [NAMES[n] for n in ("the folder above", "this folder", "half of a character", "400 KB")]
)
def test_a_name_that_no_path_can_hold_is_not_sent(name: str) -> None:
    sent: list[str] = []

    def answer(_method: str, target: str, _headers: object, _body: object) -> Any:
        sent.append(target)
        return reply(200, {})

    with InferenceClient("http://x", transport=answer) as client:
        for call in (
            lambda: client.get(inference_id=name),
            lambda: client.delete(inference_id="a", task_type=name),
            lambda: client.delete_document("inferctl-ledger", name),
            lambda: client.stop_deployment(name),
        ):
            with pytest.raises(UsageError) as refused:
                call()
            assert len(str(refused.value)) < 200
    assert sent == []


def test_a_name_of_several_is_one_name_in_a_path() -> None:
    sent: list[str] = []

    def answer(_method: str, target: str, _headers: object, _body: object) -> Any:
        sent.append(target)
        return reply(200, {"acknowledged": True})

    with InferenceClient("http://x", transport=answer) as client:
        client.delete(inference_id="*", task_type="a,b")
        client.stop_deployment("*")
    assert sent == ["/_inference/a%2Cb/%2A", "/_ml/trained_models/%2A/deployment/_stop?force=true"]


@pytest.mark.parametrize(
    ("asked_for", "seconds"),
    [
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2020 00:00:00 +99999999999999", None),
        ("9" * 90_000, 999_999_999.0),
        ("\u00b2", None),
    ],
)
def test_a_wait_that_no_calendar_has_is_none(asked_for: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": asked_for, "date": "Mon, 01 Jan 2020 00:00:00 GMT"}) == seconds


def test_years_of_waiting_are_minutes_for_the_steps_behind() -> None:
    """The step that was refused ends; those behind it wait for as long as a limit is waited for, and are tried."""
    waited_s: list[float] = []
    now_s = [0.0]

    def sleep(seconds: float) -> None:
        waited_s.append(seconds)
        now_s[0] += seconds

    limits = Limits(1, clock=lambda: now_s[0], sleep=sleep, jitter=lambda: 0.5)
    put = Request("PUT", "/_inference/a", operation=Operation.CREATE)
    refusal = Response(429, {"x-elastic-product": "Elasticsearch", "retry-after": "99999999"}, b"{}")
    step = change("a", action=Action.CREATE)
    assert limits.send(step, put, lambda: refusal).status == 429
    assert limits.send(step, put, lambda: Response(200, {}, b"{}")).status == 200
    assert 300 <= sum(waited_s) < 400
