"""Lines of a text that plans and outcomes share: what stopped the run, warnings and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import say
from inferctl.report.fixes import fix_lines
from inferctl.report.sentences import cluster_words, counted, on_one_line, run_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.shape.run import ClusterView, StopView, ThisRunView
    from inferctl.report.style import Colour, Style

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
    """Which cluster, and which run says so."""
    words = run_words(run, scope)
    lines = [style.paint(f"Cluster {say(cluster_words(cluster), style)}", "bold")]
    return [*lines, style.paint(f"Run: {say(words, style)}", "dim")] if words else lines


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
