"""Lines of a text that plans and outcomes share: what stopped the run, warnings and notes."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, TypeAlias

from inferctl.report.escape import say
from inferctl.report.fixes import fix_lines
from inferctl.report.sentences import cluster_words, counted, environment_words, on_one_line, pin_words, run_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.shape.run import ClusterView, StopView, ThisRunView
    from inferctl.report.style import Colour, Style

    Looked: TypeAlias = tuple[ThisRunView, ClusterView]

COLOURS: dict[str, Colour] = {
    "done": "green",
    "failed": "red",
    "ignored": "red",
    "unknown": "red",
    "not ready": "yellow",
    "blocked": "red",
    "held": "yellow",
    "not started": "yellow",
}


def origin_lines(cluster: ClusterView, run: ThisRunView, scope: str, style: Style) -> list[str]:
    """Which environment, which cluster, and which run says so."""
    words, lines = run_words(run, scope), cluster_lines(cluster, run, style)
    return [*lines, style.paint(f"Run: {say(words, style)}", "dim")] if words else lines


def cluster_lines(cluster: ClusterView, run: ThisRunView | None, style: Style) -> list[str]:
    """Which environment, and which cluster."""
    environment, (pin, pins_it) = (environment_words(run), pin_words(cluster, run)) if run else ("", ("", ""))
    lines = [style.paint(f"Environment {say(environment, style)}", "bold")] if environment else []
    lines.append(style.paint(f"Cluster {say(cluster_words(cluster), style)}", "bold"))
    return [*lines, f"    {say(pin, style)} {say(pins_it, style)}"] if pin else lines


def stop_lines(stops: Sequence[StopView], style: Style) -> list[str]:
    if not stops:
        return []
    lines = [style.paint(f"STOPPED: {_limits(stops)}, nothing will be done.", "red")]
    for stop in stops:
        lines.append(f"  {style.symbol('!')} {stop['guard']}: {sentence(stop['text'], style)}")
        lines += fix_lines(stop["fixes"], style, "    ")
    return [*lines, ""]


def _limits(stops: Sequence[StopView]) -> str:
    limits = sum(stop["guard"] != "stale" for stop in stops)
    parts = [counted(limits, "limit") + " reached"] if limits else []
    return " and ".join(parts if limits == len(stops) else [*parts, "the saved plan is stale"])


def remark_lines(warnings: Sequence[str], notes: Sequence[str], style: Style) -> list[str]:
    lines = [f"{style.paint('warning:', 'yellow')} {sentence(warning, style)}" for warning in warnings]
    lines += [f"note: {sentence(note, style)}" for note in notes]
    return [*lines, ""] if lines else []


def sentence(text: str, style: Style) -> str:
    """A remark, which may hold an error of several lines."""
    return say(on_one_line(text), style)


_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
# The head of a line: marks and symbols, a word with a colon. What follows hangs below its own beginning.
_HEAD = re.compile(r"\s*(?:(?:[-+~^>=!?xo]|-/+)\s+)*(?:[a-z][a-z ]{1,24}: )?")
_ESCAPE = "\ue000"
_TYPED = re.compile(r"\s*(?:fix|or|next): ")
_THEN = ", then: "


def wrapped(lines: Sequence[str], style: Style) -> list[str]:
    """Lines that fit the terminal, broken between words; as they are where there is none, or where one is to be typed.

    Whoever copies a command wants it whole: at most the one that comes after another begins a line.
    """
    if style.width is None:
        return list(lines)
    return [part for line in lines for part in _wrapped(line, style.columns)]


def _wrapped(line: str, columns: int) -> list[str]:
    plain = _ESCAPES.sub("", line)
    head = _HEAD.match(plain)
    if len(plain) <= columns or head is None:
        return [line]
    if _TYPED.match(plain):
        first, _, rest = line.partition(_THEN)
        return [first + _THEN.rstrip(), f"    {rest}"] if rest else [line]
    indent = len(plain) - len(plain.lstrip()) + 4
    hang = max(head.end(), indent) if head.end() <= columns // 2 else indent
    escapes = _ESCAPES.findall(line)
    # One character stands for a whole escape sequence while widths are counted; no cleaned text holds it.
    parts = textwrap.wrap(
        _ESCAPES.sub(_ESCAPE, line), columns, subsequent_indent=" " * hang,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [re.sub(_ESCAPE, lambda _: escapes.pop(0), part) for part in parts]
