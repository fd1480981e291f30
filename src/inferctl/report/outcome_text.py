"""How a run ended, as text for a terminal or a CI log: what a tired engineer needs, in the order they need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import say, without_commands
from inferctl.report.fixes import fix_lines
from inferctl.report.outcome_groups import (
    WHAT_NOW,
    begun,
    done,
    group_members,
    group_name,
    headlines,
    status_word,
    waiting,
)
from inferctl.report.sentences import kind_words, outcome_summary
from inferctl.report.text_lines import COLOURS, origin_lines, remark_lines, stop_lines, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.report.outcome_groups import Alike
    from inferctl.report.shape.run import OutcomeView
    from inferctl.report.style import Colour, Style

_INDENT = " " * 6


def outcome_text(view: OutcomeView, style: Style) -> str:
    """What is down, what is not as declared, what was not started, what is; the count, and what to type next.

    Ends in a newline.
    """
    # Below a plan that was printed the origin is known: `run` then names none.
    origin = [*origin_lines(view["cluster"], view["run"], view["scope"], style), ""] if view["run"]["command"] else []
    lines: list[str] = []
    down = headlines(view)
    if down:
        lines += [*(style.paint(say(headline, style), "red") for headline in down), f"  {WHAT_NOW}", ""]
    lines += [*origin, *stop_lines(view["stops"], style)]
    lines += _section("Not as declared:", "red", begun(view), style)
    lines += _section("Not started:", "yellow", waiting(view), style)
    lines += _section("As declared now:", "green", done(view), style)
    lines += remark_lines(view["warnings"], (), style)
    lines.append(style.paint(outcome_summary(view), "bold"))
    if view["next"]:
        lines.append(f"next: {say(view['next'], style)}")
    return without_commands("\n".join(wrapped(lines, style)) + "\n")


def _section(title: str, colour: Colour, groups: Sequence[Alike], style: Style) -> list[str]:
    if not groups:
        return []
    lines = [style.paint(title, colour)]
    for group in groups:
        lines += _group(group, style)
    return [*lines, ""]


def _group(group: Alike, style: Style) -> Iterator[str]:
    first = group.steps[0]
    is_many = len(group.steps) > 1
    name = group_name(group) if is_many else first["id"]
    kind = "" if is_many else say(kind_words(first["task_type"], first["service"]), style)
    word = "" if first["result"] in ("done", "not started") else status_word(first)  # the heading says these
    painted = style.paint(word, COLOURS.get(first["result"]))
    time = f"{first['elapsed_s']:.1f} s" if first["elapsed_s"] and not is_many else ""
    parts = [f"  {style.symbol(first['symbol'])} {say(name, style)}", kind, painted, time]
    yield "  ".join(part for part in parts if part)
    if is_many:
        yield f"{_INDENT}{say(group_members(group), style)}"
    if group.what:
        yield f"{_INDENT}{group.what}"
    if group.why:
        yield f"{_INDENT}{'why: ' if group.what else ''}{say(group.why, style)}"
    yield from fix_lines(group.fixes, style, _INDENT)
    for number, line in enumerate(group.answer):
        yield f"{_INDENT}{'        ' if number else 'answer: '}{say(line, style)}"
