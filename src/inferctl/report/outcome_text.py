"""How a run ended, as text for a terminal or a CI log: what a tired engineer needs, in the order they need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import say, without_commands
from inferctl.report.fixes import fix_lines
from inferctl.report.sentences import kind_words, outcome_lists, outcome_summary
from inferctl.report.text_lines import COLOURS, origin_lines, remark_lines, sentence, stop_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.report.shape.run import OutcomeView, StepView
    from inferctl.report.style import Style


def outcome_text(view: OutcomeView, style: Style) -> str:
    """What failed first, what was done last, then the summary line with the exit code. Ends in a newline."""
    # Below a plan that was printed the origin is known: `run` then names none.
    origin = [*origin_lines(view["cluster"], view["run"], view["scope"], style), ""] if view["run"]["command"] else []
    lines = [*origin, *stop_lines(view["stops"], style)]
    for name, steps in outcome_lists(view):
        if not steps:
            continue
        lines.append(style.paint(f"{name.capitalize()}:", COLOURS[name]))
        for step in steps:
            lines += _step(step, style)
        lines.append("")
    lines += remark_lines(view["warnings"], (), style)
    lines.append(style.paint(outcome_summary(view), "bold"))
    return without_commands("\n".join(lines) + "\n")


def _step(step: StepView, style: Style) -> Iterator[str]:
    kind = say(kind_words(step["task_type"], step["service"]), style)
    finer = f"  ({step['result']})" if step["result"] == "ignored" else ""
    time = f"  {step['elapsed_s']:.1f} s" if step["elapsed_s"] else ""
    yield f"  {style.symbol(step['symbol'])} {say(step['id'], style)}  {kind}{finer}{time}".rstrip()
    for line in step["detail"].splitlines():
        yield f"      {say(line, style)}"
    for path in step["leaves"]:
        yield f"      differs: {say(path, style)}"
    if step["result"] in ("held", "blocked", "not started"):
        for block in step["blocks"]:
            if block["text"] not in step["detail"]:
                yield f"      {sentence(block['text'], style)}"
            yield from fix_lines(block["fixes"], style, "      ")
