"""One view, three formats: the same JSON source form behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.applier.outcome import Outcome
    from inferctl.planner.plan import Plan
    from inferctl.report.style import Style


def render_plan(plan: Plan, output_format: str, style: Style) -> str:
    """The plan as text, json or markdown, ending in a newline."""
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


def render_outcome(outcome: Outcome, plan: Plan, output_format: str, style: Style) -> str:
    """The result of an apply, likewise."""
    from inferctl.report.view import outcome_view

    view = outcome_view(outcome.results, outcome.exit_code, plan, outcome.warnings)
    if output_format == "json":
        from inferctl.report.json import to_json

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.pull_request_comment import outcome_markdown

        return outcome_markdown(view)
    from inferctl.report.text import outcome_text

    return outcome_text(view, style)
