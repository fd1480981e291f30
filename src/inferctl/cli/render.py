"""One view, three formats: the same JSON source form behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.apply.outcome import Outcome
    from inferctl.plan.plan import Plan
    from inferctl.report.style import Style


def render_plan(plan: Plan, output_format: str, style: Style) -> str:
    """The plan as text, json or markdown, ending in a newline."""
    from inferctl.report.view import plan_view  # noqa: PLC0415

    view = plan_view(plan)
    if output_format == "json":
        from inferctl.report.json import to_json  # noqa: PLC0415

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.markdown import plan_markdown  # noqa: PLC0415

        return plan_markdown(view)
    from inferctl.report.text import plan_text  # noqa: PLC0415

    return plan_text(view, style)


def render_outcome(outcome: Outcome, plan: Plan, output_format: str, style: Style) -> str:
    """The result of an apply, likewise."""
    from inferctl.report.view import outcome_view  # noqa: PLC0415

    view = outcome_view(outcome.results, outcome.exit_code, plan)
    if output_format == "json":
        from inferctl.report.json import to_json  # noqa: PLC0415

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.markdown import outcome_markdown  # noqa: PLC0415

        return outcome_markdown(view)
    from inferctl.report.text import outcome_text  # noqa: PLC0415

    return outcome_text(view, style)
