"""How a run ended, as GitHub-flavoured Markdown: a comment or a CI step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.fixes import fix_words
from inferctl.report.markdown import LIMIT, Page, add_origin, add_remarks, add_stops, code, heading, prose
from inferctl.report.sentences import names, on_one_line, outcome_lists, outcome_summary

if TYPE_CHECKING:
    from inferctl.report.shape.run import OutcomeView, StepView


def outcome_markdown(view: OutcomeView) -> str:
    """Heading with the summary, then one table: what failed first, what was done last. Ends in a newline."""
    page = Page(f"{heading('apply', view['scope'], view['run'])}**{prose(outcome_summary(view))}**\n\n")
    add_origin(page, view["cluster"], view["run"], view["scope"])
    add_stops(page, view["stops"])
    add_remarks(page, "Warning", view["warnings"])
    rows = [_outcome_row(step) for _, steps in outcome_lists(view) for step in steps]
    if rows:
        page.left_out("step", len(rows) - page.table("| Result | | Endpoint | Detail |", rows, most=LIMIT))
    return page.text()


def _outcome_row(step: StepView) -> str:
    parts = [on_one_line(step["detail"])] if step["detail"] else []
    if step["result"] in ("held", "blocked", "not started"):
        for block in step["blocks"]:
            if block["text"] not in step["detail"]:
                parts.append(block["text"])
            parts += filter(None, [fix_words(block["fixes"])])
    if step["leaves"]:
        parts.append(f"differs: {names(step['leaves'], 10)}")
    mark = step["result"] if step["result"] == "done" else f"**{step['result']}**"
    return f"| {mark} | {code(step['symbol'])} | {code(step['id'])} | {prose('; '.join(parts), 500)} |\n"
