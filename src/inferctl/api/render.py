"""One view, three formats: the same JSON source form behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from inferctl.applier.outcome import Outcome
    from inferctl.planner.plan import Plan
    from inferctl.report.style import Style

FORMATS = ("text", "json", "markdown")


def render(value: Plan | Outcome, output_format: str = "text", style: Style = PLAIN) -> str:
    """A plan, or how an apply ended, as `text`, `json` or `markdown`, ending in a newline.

    It is what the command prints (docs/reference/report-formats.md). Raises ValueError for another format.
    """
    from inferctl.planner.plan import Plan

    if output_format not in FORMATS:
        raise ValueError(f"a report is {', '.join(FORMATS)}, not {output_format!r}")
    return _plan(value, output_format, style) if isinstance(value, Plan) else _outcome(value, output_format, style)


def _plan(plan: Plan, output_format: str, style: Style) -> str:
    from inferctl.report.view import plan_view

    view = plan_view(plan)
    if output_format == "json":
        from inferctl.report.json import to_json

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.pull_request_comment import plan_markdown

        return plan_markdown(view)
    from inferctl.report.text import plan_text

    return plan_text(view, style)


def _outcome(outcome: Outcome, output_format: str, style: Style) -> str:
    from inferctl.report.outcome_view import outcome_view

    view = outcome_view(outcome.results, outcome.exit_code, outcome.plan, outcome.warnings)
    if output_format == "json":
        from inferctl.report.json import to_json

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.outcome_comment import outcome_markdown

        return outcome_markdown(view)
    from inferctl.report.outcome_text import outcome_text

    return outcome_text(view, style)
