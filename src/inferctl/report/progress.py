"""What a person sees while an apply runs: a live display on a terminal, one plain line per event everywhere else."""

from __future__ import annotations

import textwrap
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, Self, assert_never

from inferctl.applier.events import Interrupted, Result, StageStarted, StepFinished, StepStarted, StepWaiting, SubStep
from inferctl.json_types import path_text
from inferctl.model.ids import REGION_POLICY
from inferctl.report.escape import clean, say, without_commands
from inferctl.report.sentences import counted, did, doing, names, on_one_line, to_do
from inferctl.report.style import PLAIN
from inferctl.report.text_lines import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

    from rich.progress import TaskID

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


def event_line(event: Event, style: Style, hide: Callable[[str], str] = str) -> str | None:
    """The line for an event, without a newline; None where there is nothing to say (an empty stage).

    `hide` takes secrets out of it: a server may show one in an id.
    """
    line = _line(event, style)
    return None if line is None else without_commands(hide(line))


def _line(event: Event, style: Style) -> str | None:
    match event:
        case StageStarted():
            if not event.inference_ids:
                return None
            if event.inference_ids == (REGION_POLICY,):
                return say(event.stage, style)
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
    why = event.cause.text if event.cause is not None else event.detail  # the report has the whole answer
    if why:
        text += f": {say(on_one_line(why), style)}"
    if event.leaves:
        text += f" [{say(names(sorted(path_text(path) for path in event.leaves), 10), style)}]"
    return text


EVERY_S = 10.0
_BESIDE = 46  # columns of a moving line that are not its text: spinner, bar, count, time


class Progress(Protocol):
    """Takes events between its enter and its exit."""

    def __call__(self, event: Event, /) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


def progress_for(stream: TextIO, total: int, style: Style, hide: Callable[[str], str]) -> Progress:
    """Live where the stream is a terminal that can move its cursor, plain lines elsewhere."""
    if stream.isatty() and style.colour:
        return LiveProgress(total, stream, style, hide)

    def write(line: str) -> None:
        stream.write(line + "\n")
        stream.flush()

    return PlainProgress(write, style, hide)


class PlainProgress:
    """A line per event; while an endpoint is waited for, at most one every 10 s."""

    def __init__(self, write: Callable[[str], object], style: Style = PLAIN, hide: Callable[[str], str] = str) -> None:
        """`write` takes a line without its newline."""
        self._hide = hide
        self._write = write
        self._style = style
        self._lock = threading.Lock()
        self._said_s: dict[str, float] = {}
        self._said_something = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """An empty line between what happened and what came of it."""
        if self._said_something:
            with suppress(OSError):  # the reader of our progress went away
                self._write("")

    def __call__(self, event: Event, /) -> None:
        with self._lock:
            if isinstance(event, StepWaiting):
                last = self._said_s.get(event.inference_id)
                if last is not None and 0 <= event.elapsed_s - last < EVERY_S:
                    return
                self._said_s[event.inference_id] = event.elapsed_s
            line = event_line(event, self._style, self._hide)
            if line is not None:
                for part in wrapped([line], self._style):
                    self._write(part)
                self._said_something = True


class LiveProgress:
    """A bar for the whole run and a moving line per running step; finished steps scroll away above them."""

    def __init__(self, total: int, stream: TextIO, style: Style, hide: Callable[[str], str] = str) -> None:
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.progress import Progress as Bars  # noqa: PLC0415

        self._style = style
        self._hide = hide
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()
        self._scrolled = False
        self._bars = Bars(
            SpinnerColumn("line" if style.ascii else "dots"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=stream, highlight=False, markup=False, emoji=False),
            transient=True,
        )
        self._whole = self._bars.add_task("apply", total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._bars.stop()
        if self._scrolled:
            self._bars.console.print()

    def __call__(self, event: Event, /) -> None:
        with self._lock:
            match event:
                case StepStarted():
                    self._running(event.inference_id, f"{doing(event.action.word)} {event.inference_id}")
                case SubStep():
                    self._running(event.inference_id, f"replacing {event.inference_id}: {event.what}")
                case StepWaiting():
                    self._running(event.inference_id, f"waiting for {event.inference_id}: {event.what}")
                case StepFinished():
                    task = self._tasks.pop(event.inference_id, None)
                    if task is not None:
                        self._bars.remove_task(task)
                    if event.inference_id not in self._ended:  # a read-back may speak of a step once more
                        self._ended.add(event.inference_id)
                        self._bars.advance(self._whole)
                    self._scroll(event)
                case StageStarted() | Interrupted():
                    self._scroll(event)

    def _running(self, inference_id: str, text: str) -> None:
        room = max(self._style.columns - _BESIDE, 20)
        text = textwrap.shorten(
            clean(self._hide(text), ascii_only=self._style.ascii), room, placeholder=f" {self._style.ellipsis}"
        )
        task = self._tasks.get(inference_id)
        if task is None:
            self._tasks[inference_id] = self._bars.add_task(text, total=1)
        else:
            self._bars.update(task, description=text)

    def _scroll(self, event: Event) -> None:
        from rich.text import Text  # noqa: PLC0415

        line = event_line(event, self._style, self._hide)
        if line is not None:
            for part in wrapped([line], self._style):
                self._bars.console.print(Text.from_ansi(part), soft_wrap=True)
            self._scrolled = True
