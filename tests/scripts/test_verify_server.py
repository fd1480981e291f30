"""scripts/verify-server against the emulator: what it asks, what it leaves alone, what its answers hold."""

from __future__ import annotations

import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest
from tests.running import ROOT

from inferctl.client.transport import InProcessTransport
from inferctl.emulator.adapter import as_function
from inferctl.emulator.cluster import Cluster
from inferctl.errors import ConnectionLost, InferctlError
from inferctl.model.open_questions import open_questions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from inferctl.client.request import Request, Response

KEY = "co-0123456789abcdef"
HOST = "gateway.example-company.test"
COHERE = f"""\
inference_id: search
task_type: text_embedding
service: cohere
service_settings: {{api_key: {{env: OUR_COHERE_API_KEY}}, model_id: our-own-model, url: "https://{HOST}/v1"}}
"""


class Logged:
    """The emulator, and what was sent to it. `instead` may answer in its place."""

    def __init__(self, version: str) -> None:
        self.cluster = Cluster.of(version, sleep=lambda _seconds: None)
        self.inner = InProcessTransport(as_function(self.cluster))
        self.sent: list[str] = []
        self.bodies: list[str] = []
        self.instead: Callable[[Request], Response | None] = lambda _request: None

    def send(self, request: Request) -> Response:
        self.sent.append(f"{request.method} {request.target}")
        self.bodies.append((request.body or b"").decode())
        return self.instead(request) or self.inner.send(request)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def ids(self) -> set[str]:
        body: Any = as_function(self.cluster)("GET", "/_inference/_all", {}, None)[2]
        return {endpoint["inference_id"] for endpoint in json.loads(body)["endpoints"]}


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "verify-server"))


@pytest.fixture
def cohere(script: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    file = tmp_path / "cohere.yaml"
    file.write_text(COHERE, encoding="utf-8")
    monkeypatch.setenv("OUR_COHERE_API_KEY", KEY)
    like: dict[Any, Any] = script["endpoints_like"]([str(file)])
    return like


def report_of(script: Mapping[str, Any], server: Logged, **options: Any) -> dict[str, Any]:
    like = options.get("like", {})
    asker = script["Asker"](server, script["private_texts"](like.values()))
    made: dict[str, Any] = script["run"](asker, script["Options"](**options), "inferctl-verify-x")
    return made


def meanings(report: Mapping[str, Any]) -> dict[str, str]:
    return {answer["id"]: answer["means"] for answer in report["answers"]}


def test_without_a_flag_it_only_reads(script: Mapping[str, Any]) -> None:
    server = Logged("9.5.2")
    report = report_of(script, server)
    assert len(report["answers"]) > 5
    assert {request.partition(" ")[0] for request in server.sent} == {"GET"}
    why = {row["id"]: row["why"] for row in report["not_asked"]}
    assert "--writes" in why["fixed-to-adaptive"]
    assert "by hand" in why["more-than-10000-endpoints"]
    assert report["server"]["number"] == "9.5.2"
    assert "text_embedding" in report["services"]["openai"]["task_types"]


def test_each_question_of_this_version_is_asked_or_says_why_not(script: Mapping[str, Any]) -> None:
    for number in ("8.17", "9.2", "9.4.8", "9.5.5"):
        report = report_of(script, Logged(number))
        told = {row["id"] for row in (*report["answers"], *report["not_asked"])}
        every = [question for questions in open_questions().values() for question in questions]
        assert told == {question.id for question in every if question.concerns(report["server"]["number"])}
        assert "completion" in report["services"]["anthropic"]["task_types"]
        assert meanings(report)["anthropic.since"] == "this version offers the service"


def test_writes_touch_throw_away_endpoints_alone_and_remove_them(script: Mapping[str, Any]) -> None:
    server = Logged("9.5.2")
    before = server.ids
    report = report_of(script, server, writes=True, models=True)
    assert server.ids == before
    writes = [request for request in server.sent if not request.startswith("GET ")]
    assert len(writes) > 20
    assert all("inferctl-verify-x-" in request for request in writes)
    found = meanings(report)
    assert found["fixed-to-adaptive"] == "proven: the update in place stands"
    assert found["cohere.parser"]
    assert not any("left_behind" in answer for answer in report["answers"])


def test_models_start_only_where_that_is_allowed(script: Mapping[str, Any]) -> None:
    server = Logged("9.5.2")
    report = report_of(script, server, writes=True)
    assert "elasticsearch" not in "".join(server.bodies)
    assert "--models" in {row["id"]: row["why"] for row in report["not_asked"]}["fixed-to-adaptive"]


def test_no_key_and_no_host_is_made_up(script: Mapping[str, Any]) -> None:
    """What needs an account is not asked without a file, and an address in a body leads nowhere."""
    server = Logged("9.4")
    report = report_of(script, server, writes=True, models=True)
    assert "my-host" not in "".join(server.bodies)
    assert "--like" in {row["id"]: row["why"] for row in report["not_asked"]}["cohere.rate_limit.update"]


def test_with_a_file_its_key_is_used_and_never_shown(script: Mapping[str, Any], cohere: dict[Any, Any]) -> None:
    server = Logged("9.4")
    report = report_of(script, server, writes=True, like=cohere)
    assert KEY in "".join(server.bodies)
    assert meanings(report)["cohere.rate_limit.update"] == "this version takes the update and changes nothing"
    assert "for rerank" in {row["id"]: row["why"] for row in report["not_asked"]}["cohere.rerank.since"]
    text = json.dumps(report)
    for private in (KEY, HOST, "our-own-model"):
        assert private not in text


def test_an_error_that_quotes_the_body_shows_nothing_of_it(script: Mapping[str, Any], cohere: dict[Any, Any]) -> None:
    server = Logged("9.4")

    def quotes(request: Request) -> Response | None:
        if request.method != "PUT":
            return None
        reason = f"no {(request.body or b'').decode()} for {request.path}, rate_limit"
        return server_error(400, {"error": {"type": "x", "reason": reason}})

    server.instead = quotes
    text = json.dumps(report_of(script, server, writes=True, like=cohere))
    assert "rate_limit" in text
    for private in (KEY, HOST, "our-own-model", "inferctl-verify-x-"):
        assert private not in text


def server_error(status: int, body: object) -> Response:
    from inferctl.client.request import Response  # noqa: PLC0415  its name is a type above

    return Response(status, {"x-elastic-product": "Elasticsearch"}, json.dumps(body).encode())


def test_another_answer_means_something_else(script: Mapping[str, Any]) -> None:
    server = Logged("9.5.2")
    refused = server_error(400, {"error": {"type": "status_exception", "reason": "no"}})
    server.instead = lambda request: refused if request.target.endswith("/_update") else None
    found = meanings(report_of(script, server, writes=True, models=True, only=frozenset({"fixed-to-adaptive"})))
    assert found == {"fixed-to-adaptive": "refused: replace on this version"}


def test_an_endpoint_that_cannot_be_made_settles_nothing(script: Mapping[str, Any]) -> None:
    server = Logged("9.5.2")
    refused = server_error(400, {"error": {"type": "status_exception", "reason": "no such model"}})
    server.instead = lambda request: refused if request.method == "PUT" else None
    report = report_of(script, server, writes=True, models=True, only=frozenset({"fixed-to-adaptive"}))
    assert meanings(report) == {"fixed-to-adaptive": ""}
    assert report["answers"][0]["steps"][0]["reason"] == "no such model"


def test_what_cannot_be_removed_is_named(script: Mapping[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    server = Logged("9.5.2")
    refused = server_error(409, {"error": {"type": "status_exception", "reason": "in use"}})
    server.instead = lambda request: refused if request.method == "DELETE" else None
    report = report_of(script, server, writes=True, models=True, only=frozenset({"fixed-to-adaptive"}))
    [left] = {answer["left_behind"] for answer in report["answers"]}
    assert left in server.ids
    assert f"DELETE /_inference/{left}?force=true" in capsys.readouterr().err


def test_ctrl_c_leaves_nothing_behind(script: Mapping[str, Any]) -> None:
    server = Logged("9.5.2")
    before = server.ids

    def interrupt(request: Request) -> Response | None:
        if request.target.endswith("/_update"):
            raise KeyboardInterrupt
        return None

    server.instead = interrupt
    with pytest.raises(KeyboardInterrupt):
        report_of(script, server, writes=True, models=True, only=frozenset({"fixed-to-adaptive"}))
    assert server.ids == before


def test_a_cluster_that_goes_away_keeps_what_it_answered(script: Mapping[str, Any]) -> None:
    server = Logged("9.4")

    def gone(request: Request) -> Response | None:
        if len(server.sent) > 4:
            raise ConnectionLost("gone", method=request.method, path=request.path)
        return None

    server.instead = gone
    report = report_of(script, server)
    assert report["answers"][0]["means"]
    assert report["answers"][-1]["steps"][0]["error"]
    assert report["services"] == {}


def test_no_cluster_and_no_such_emulator_are_said(
    script: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ELASTICSEARCH_URL", raising=False)
    assert script["main"]([]) == 1
    assert script["main"](["--emulator", "3.3"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("error: ")
    assert "9.5" in second


def test_a_server_that_does_not_say_its_version_is_asked_nothing(script: Mapping[str, Any]) -> None:
    server = Logged("9.4")
    server.instead = lambda _request: server_error(401, {"error": {"type": "security_exception", "reason": "who?"}})
    for ask in (script["list_questions"], lambda *given: script["run"](*given, "inferctl-verify-x")):
        with pytest.raises(InferctlError, match="401"):
            ask(script["Asker"](server), script["Options"]())
    assert server.sent == ["GET /"] * 2


def test_a_question_that_is_none_is_refused(script: Mapping[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert script["main"](["--emulator", "9.4", "--only", "groq-completio"]) == 1
    seen = capsys.readouterr()
    assert (seen.out, "groq-completion" in seen.err) == ("", True)


def test_a_file_that_is_not_there_is_said(script: Mapping[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert script["main"](["--emulator", "9.4", "--like", "not-there.yaml"]) == 1
    (no_file,) = capsys.readouterr().err.splitlines()
    assert no_file.startswith("error: ")
    assert "not-there.yaml" in no_file


def test_a_question_about_other_versions_is_not_asked_and_says_so(
    script: Mapping[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    name = "cohere.secrets.update"
    report = report_of(script, Logged("9.5.3"), only=frozenset({name}))
    assert report["answers"] == []
    assert report["not_asked"] == [{"id": name, "why": "it is about 9.5.0 to 9.5.2"}]
    capsys.readouterr()
    assert script["main"](["--emulator", "9.5.3", "--only", name, "--list"]) == 0
    assert capsys.readouterr().out == f"{name}: not asked, it is about 9.5.0 to 9.5.2\n"


def test_a_setting_named_as_a_variable_ends_is_shown(script: Mapping[str, Any], cohere: dict[Any, Any]) -> None:
    """The name of a variable is never sent, so no error can quote it."""
    report = report_of(script, Logged("9.5.2"), writes=True, like=cohere, only=frozenset({"cohere.secrets.update"}))
    (answer,) = report["answers"]
    assert answer["steps"][-1]["reason"].endswith("unknown field [api_key]")


def test_the_command(script: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script["main"](["--emulator", "9.4", "--list", "--writes"]) == 0
    listed = capsys.readouterr().out
    assert "cohere.parser: a throw-away endpoint, which the server is expected to refuse" in listed
    output = tmp_path / "answers.json"
    assert script["main"](["--emulator", "9.4", "--only", "groq-completion", "--output", str(output)]) == 0
    report = json.loads(output.read_text(encoding="utf-8"))
    assert meanings(report) == {"groq-completion": "this version does not list it"}
