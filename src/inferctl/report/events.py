"""One plain line per event of an apply: the log of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from inferctl.applier.events import Interrupted, Result, StageStarted, StepFinished, StepStarted, StepWaiting, SubStep
from inferctl.json_types import path_text
from inferctl.report.escape import say, without_commands
from inferctl.report.sentences import counted, did, doing, names, on_one_line, to_do

if TYPE_CHECKING:
    from inferctl.applier.events import Event
    from inferctl.report.style import Colour, Style

_ENDS: dict[Result, tuple[str, Colour]] = {
    Result.DONE: ("{did} {name}{time}", "green"),
    Result.NOT_READY: ("NOT READY: {did} {name}{time}", "yellow"),
    Result.FAILED: ("FAILED to {to_do} {name}{time}", "red"),
    Result.IGNORED: ("IGNORED by the server: {to_do} {name}{time}", "red"),
    Result.UNKNOWN: ("UNKNOWN whether {name} was {was}{time}", "red"),
    Result.HELD: ("held: {to_do} {name}", "yellow"),
    Result.BLOCKED: ("BLOCKED: {to_do} {name}", "red"),
    Result.NOT_STARTED: ("not started: {to_do} {name}", "yellow"),
}


def event_line(event: Event, style: Style) -> str | None:
    """The line for an event, without a newline; None where there is nothing to say (an empty stage)."""
    line = _line(event, style)
    return None if line is None else without_commands(line)


def _line(event: Event, style: Style) -> str | None:
    match event:
        case StageStarted():
            if not event.inference_ids:
                return None
            return f"{say(event.stage, style)}: {counted(len(event.inference_ids), 'endpoint')}"
        case StepStarted():
            return f"{doing(event.action.word)} {say(event.inference_id, style)}"
        case SubStep():
            return f"replacing {say(event.inference_id, style)}: {say(event.what, style)}"
        case StepWaiting():
            return (
                f"waiting for {say(event.inference_id, style)}: {say(event.what, style)} "
                f"({event.elapsed_s:.0f} s so far)"
            )
        case StepFinished():
            return _finished(event, style)
        case Interrupted():
            text = f"interrupted by {say(event.signal, style)}: running calls end, nothing new is started"
            again = "; a second signal stops at once" if event.signal.startswith("SIG") else ""
            return style.paint(text + again, "yellow")
        case _:
            assert_never(event)


def _finished(event: StepFinished, style: Style) -> str:
    name, action = say(event.inference_id, style), event.action.word
    pattern, colour = _ENDS[event.result]
    text = style.paint(
        pattern.format(
            name=name,
            to_do=to_do(action),
            did=did(action),
            was="forgotten" if action == "forget" else did(action),
            time=f" ({event.elapsed_s:.1f} s)",
        ),
        colour,
    )
    if event.detail:
        text += f": {say(on_one_line(event.detail), style)}"
    if event.leaves:
        text += f" [{say(names(sorted(path_text(path) for path in event.leaves), 10), style)}]"
    return text
