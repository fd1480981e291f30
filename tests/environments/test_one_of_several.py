"""One of several environments goes wrong: the others are done, and each document says what became of its own."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.api.session import WritingSession
from inferctl.cli.reports import Reports

if TYPE_CHECKING:
    from .conftest import TwoClusters

APPLY = ("apply", "--yes", "--format", "json", "--parallelism", "1")


def sections(document: Any) -> dict[str, Any]:
    return {section["environment"]: section["document"] for section in document["environments"]}


def codes(document: Any) -> dict[str, int | None]:
    return {section["environment"]: section["exit_code"] for section in document["environments"]}


def test_a_wrong_key_ends_that_environment_alone(two: TwoClusters) -> None:
    right = two.prod.key
    for wrong, first in ((two.staging.key, "staging"), ("d3Jvbmc6a2V5", "prod")):
        two.shell["INFERCTL_PROD_API_KEY"] = wrong
        both = two(*APPLY, "--env", f"{first},{'staging' if first == 'prod' else 'prod'}", "--report", "markdown=a.md")
        assert (both.code, codes(both.json())) == (1, {"staging": 0, "prod": 1})
        assert two.prod.sent() == ["GET /"]
        refused = sections(both.json())["prod"]
        assert refused["error"]["code"] == "api.unauthorised"
        for text in (both.out, both.err, (two.folder / "a.md").read_text(encoding="utf-8")):
            assert not [key for key in (wrong, right, two.staging.key) if key in text]
        # What is to be typed is the line of a run of it alone.
        alone = two(*APPLY, "--env", "prod").json()
        assert refused["next"] == alone["next"]
        assert "--parallelism 1" in refused["next"]
        two.prod.sent()
    assert set(two.staging.live()) == {"chat", "draft", "elser"}
    assert not two.prod.live()


@pytest.mark.parametrize("order", ["staging,prod", "prod,staging"])
def test_no_section_shows_a_secret_of_another(two: TwoClusters, order: str) -> None:
    """A cluster can hold what another environment's files refer to, by a name that tells nothing."""
    secret = "opens9f8e7d6c5b4a"
    two.shell["CHAT_OPENER"] = secret
    two.write("environments/staging/chat.yaml", "inference_id: chat\nservice_settings: {api_key: {env: CHAT_OPENER}}\n")
    two.replace("inferctl.yaml", "elser_max: 2}", "elser_max: 2}\n    overlays: [environments/staging/*.yaml]")
    assert two(*APPLY, "--all-envs").code == 0
    two.prod.cluster.endpoints["chat"].service_settings["model_id"] = secret
    planned = two("plan", "--env", order, "--format", "json", "--report", "markdown=a.md", "--report", "text=a.txt")
    steps = {step["id"]: step["action"] for step in sections(planned.json())["prod"]["changes"]}
    assert steps["chat"] != "no-op"
    for text in (planned.out, planned.err, *((two.folder / name).read_text("utf-8") for name in ("a.md", "a.txt"))):
        assert secret not in text


def test_what_was_written_is_not_told_as_not_started(two: TwoClusters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody presses Ctrl-C three times, the last one while the end of the run is being told."""
    write, end = WritingSession.write, Reports.end

    def interrupted(self: WritingSession, *arguments: Any, **more: Any) -> Any:
        written = write(self, *arguments, **more)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return written

    def once_more(self: Reports, error: BaseException) -> int:
        signal.raise_signal(signal.SIGINT)
        return end(self, error)

    monkeypatch.setattr(WritingSession, "write", interrupted)
    monkeypatch.setattr(Reports, "end", once_more)
    done = two("apply", "--all-envs", "--yes", "--report", "json=all.json")
    document = json.loads((two.folder / "all.json").read_text(encoding="utf-8"))
    assert set(two.staging.live()) == {"chat", "draft", "elser"}
    assert (done.code, codes(document)) == (130, {"staging": 130, "prod": None})
    errors = {name: one["error"]["code"] for name, one in sections(document).items()}
    assert errors == {"staging": "interrupted", "prod": "run.not-started"}
    assert document["verdict"]["exit_code"] == 130
    assert two.prod.sent() == []


def test_a_signal_after_one_plan_leaves_that_plan(two: TwoClusters, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes while the section is made."""
    render = Reports.render

    def interrupted(self: Reports, *arguments: Any, **more: Any) -> str:
        if self.ended is not None and rendered(self) == 2:  # the first is the one on stdout
            signal.raise_signal(signal.SIGINT)
        return render(self, *arguments, **more)

    calls: list[str] = []

    def rendered(reports: Reports) -> int:
        calls.append(reports.environment)
        return len(calls)

    monkeypatch.setattr(Reports, "render", interrupted)
    done = two("plan", "--all-envs", "--report", "json=all.json")
    document = json.loads((two.folder / "all.json").read_text(encoding="utf-8"))
    assert (done.code, codes(document)) == (130, {"staging": 0, "prod": None})
    assert sections(document)["staging"]["kind"] == "plan"
    assert document["verdict"]["exit_code"] == 130
