"""Progress: plain lines in CI, a live display on a terminal."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from inferctl.applier.cause import Cause
from inferctl.applier.events import (
    Event,
    Interrupted,
    Result,
    StageStarted,
    StepFinished,
    StepStarted,
    StepWaiting,
    SubStep,
)
from inferctl.planner.action import Action
from inferctl.report.progress import LiveProgress, PlainProgress, event_line, progress_for
from inferctl.report.style import PLAIN, Style


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (StageStarted("create and update", ("a", "b")), "create and update: 2 endpoints"),
        (StageStarted("delete", ()), None),
        (StepStarted("a", Action.CREATE), "creating a"),
        (SubStep("a", "trying the new settings as x"), "replacing a: trying the new settings as x"),
        (StepWaiting("a", "1 of 2 allocations", 20.4), "waiting for a: 1 of 2 allocations (20 s so far)"),
        (StepFinished("product-search", Action.CREATE, Result.DONE, elapsed_s=1.23), "created product-search (1.2 s)"),
        (StepFinished("a", Action.FORGET, Result.DONE), "forgot a (0.0 s)"),
        (StepFinished("a", Action.FORGET, Result.UNKNOWN), "UNKNOWN whether a was forgotten (0.0 s)"),
        (
            StepFinished("a", Action.UPDATE, Result.FAILED, "400: no\ncaused by: model", elapsed_s=0.5),
            "FAILED to update a (0.5 s): 400: no; caused by: model",
        ),
        (
            StepFinished("a", Action.UPDATE, Result.IGNORED, "still 5", (("task_settings", "top_n"),)),
            "IGNORED by the server: update a (0.0 s): still 5 [task_settings.top_n]",
        ),
        (StepFinished("{a}", Action.DELETE, Result.BLOCKED, "{b} uses it"), "BLOCKED: delete {a}: {b} uses it"),
        (
            Interrupted("SIGTERM"),
            "interrupted by SIGTERM: running calls end, nothing new is started; a second signal stops at once",
        ),
        (
            Interrupted("the loss of the lock"),
            "interrupted by the loss of the lock: running calls end, nothing new is started",
        ),
    ],
)
def test_event_lines(event: Event, line: str | None) -> None:
    assert event_line(event, PLAIN) == line


@pytest.mark.parametrize("result", Result)
@pytest.mark.parametrize("action", Action)
def test_every_ending_names_its_endpoint(result: Result, action: Action) -> None:
    assert "some-id" in (event_line(StepFinished("some-id", action, result), Style(colour=True)) or "")


def test_waiting_is_said_every_ten_seconds() -> None:
    lines: list[str] = []
    with PlainProgress(lines.append) as progress:
        for second in range(31):
            progress(StepWaiting("a", "model download", float(second)))
            progress(StepWaiting("b", "model download", float(second)))
    assert [line for line in lines if " a:" in line] == [
        f"waiting for a: model download ({second} s so far)" for second in (0, 10, 20, 30)
    ]
    assert len(lines) == 9
    assert lines[-1] == ""  # what comes next stands apart


def test_live_display_shows_the_endings() -> None:
    stream = Terminal()
    with LiveProgress(2, stream, Style(colour=True)) as progress:
        progress(StageStarted("create and update", ("a", "[red]b[/red]")))
        progress(StepStarted("a", Action.CREATE))
        progress(StepStarted("[red]b[/red]", Action.UPDATE))
        progress(StepWaiting("a", "model\x1b]0;title\x07 download", 1.0))
        progress(StepFinished("a", Action.CREATE, Result.DONE, elapsed_s=1.0))
        progress(StepFinished("[red]b[/red]", Action.UPDATE, Result.FAILED, "400: \x1b]0;x\x07", elapsed_s=1.0))
        progress(Interrupted("SIGINT"))
    text = stream.getvalue()
    assert "created a (1.0 s)" in text
    assert "[red]b[/red]" in text
    assert "\x1b]0;" not in text
    assert "\x07" not in text


def test_a_stream_that_is_no_terminal_gets_lines() -> None:
    stream = io.StringIO()
    with progress_for(stream, 1, PLAIN, str) as progress:
        progress(StepStarted("a", Action.DELETE))
    assert stream.getvalue() == "deleting a\n\n"
    with progress_for(stream, 0, PLAIN, str):
        pass
    assert stream.getvalue() == "deleting a\n\n"
    assert isinstance(progress_for(Terminal(), 1, Style(colour=True), str), LiveProgress)
    assert isinstance(progress_for(Terminal(), 1, PLAIN, str), PlainProgress)


def test_rich_is_imported_only_by_a_live_display() -> None:
    program = (
        "import sys, inferctl.report.progress, inferctl.report.plan_text, inferctl.report.outcome_text, inferctl.report.plan_markdown, inferctl.report.outcome_markdown, inferctl.report.json;"
        "import inferctl.report.diagnostics, inferctl.report.diagnostics;"
        "sys.exit(sorted(m for m in ('rich', 'deepdiff', 'httpx', 'pydantic') if m in sys.modules) or 0)"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_a_step_that_is_told_twice_counts_once() -> None:
    with LiveProgress(2, Terminal(), Style(colour=True)) as progress:
        progress(StepStarted("a", Action.CREATE))
        progress(StepFinished("a", Action.CREATE, Result.DONE))
        progress(StepFinished("a", Action.CREATE, Result.FAILED, "it is not there"))
        assert progress._bars.tasks[0].completed == 1


@pytest.mark.parametrize("width", [80, 120])
def test_a_line_breaks_between_words_of_a_terminal_and_says_the_cause_alone(width: int) -> None:
    cause = Cause("api.provider-refused", "cohere refuses the key (401: " + "no such key " * 20 + ")")
    event = StepFinished("a", Action.CREATE, Result.FAILED, "PUT /_inference/a: 400\nBad Request", cause=cause)
    lines: list[str] = []
    with PlainProgress(lines.append, Style(width=width)) as progress:
        progress(event)
    assert len(lines) > 2
    assert all(len(line) <= width for line in lines)
    assert " ".join(" ".join(lines).split()) == event_line(event, PLAIN)
    assert "Bad Request" not in "".join(lines)
