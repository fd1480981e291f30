"""One view, three formats: the same JSON source form behind each."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from inferctl.applier.outcome import Outcome
    from inferctl.client.known_secrets import HideIn, KnownSecrets
    from inferctl.exit_codes import Verdict
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.plan import Plan
    from inferctl.report.failure import Failure
    from inferctl.report.plan_groups import Detail
    from inferctl.report.shape.run import OutcomeView, PlanView, ThisRunView
    from inferctl.report.style import Style

FORMATS = ("text", "json", "markdown")


def render(
    value: Plan | Outcome | Failure,
    output_format: str = "text",
    style: Style = PLAIN,
    *,
    run: ThisRunView | None = None,
    verdict: Verdict | None = None,
    detail: Detail = "auto",
    again: str = "",
    bounds: OperatorBounds | None = None,
    known_secrets: KnownSecrets | None = None,
    pinned: bool | None = None,
) -> str:
    """A plan, how an apply ended, or why there is neither, as `text`, `json` or `markdown`, ending in a newline.

    It is what the command prints (docs/reference/report-formats.md). `run` says which run made it, `verdict` what an
    apply of the plan would end with, where more is known than the plan says. `detail` is how much of a plan text and
    Markdown show: `auto`, `full`, `none`. `again` is what is to be typed to run an apply again. Of a
    secret within the operator's `bounds` (None: those that os.environ names) a plan says whether it is set here. No
    secret that is in `known_secrets` is shown: those of a cluster's client; None takes those that this process finds in
    its environment. `pinned`, with an environment of the settings file: whether that names the cluster by its uuid.
    Raises ValueError for another format or detail; RefusedByBounds.
    """
    from inferctl.client.known_secrets import KnownSecrets
    from inferctl.planner.plan import Plan
    from inferctl.report.plan_groups import DETAILS

    if detail not in DETAILS:
        raise ValueError(f"the detail of a report is {', '.join(DETAILS)}, not {detail!r}")
    if output_format not in FORMATS:
        raise ValueError(f"a report is {', '.join(FORMATS)}, not {output_format!r}")
    made_by, hide_in = run or _program(value), (known_secrets or KnownSecrets.here(os.environ)).hide_in
    if isinstance(value, Plan):
        view = _plan_view(value, made_by, verdict, bounds, pinned=pinned)
        return _plan(hide_in(view), output_format, style, detail)
    from inferctl.report.failure import Failure

    if isinstance(value, Failure):
        return _failure(replace(value, pinned=pinned), output_format, style, made_by, hide_in)
    from inferctl.report.outcome_view import outcome_view

    return _outcome(hide_in(outcome_view(value, made_by, again=again, pinned=pinned)), output_format, style)


def _program(value: Plan | Outcome | Failure) -> ThisRunView:
    """What made it, where nobody says: all that is known is the environment of its plan."""
    from inferctl.report.plan_view import NO_RUN

    plan = getattr(value, "plan", value)
    environment = getattr(plan, "environment", "")
    return {**NO_RUN, "label": environment, "environment": environment} if environment else NO_RUN


def _failure(failure: Failure, output_format: str, style: Style, run: ThisRunView, hide_in: HideIn) -> str:
    from inferctl.report.failure import failure_markdown, failure_text, failure_view

    failure = hide_in(failure)
    if output_format == "json":
        from inferctl.report.json import to_json

        return to_json(failure_view(failure, run))
    return failure_markdown(failure, run) if output_format == "markdown" else failure_text(failure, run, style)


def _plan_view(
    plan: Plan, run: ThisRunView, verdict: Verdict | None, bounds: OperatorBounds | None, *, pinned: bool | None
) -> PlanView:
    from inferctl.operator_bounds.read import read_bounds
    from inferctl.report.plan_view import plan_view
    from inferctl.secrets.resolve import is_set

    # A saved plan may come from elsewhere: what is set is asked of the process that shows it.
    secrets = (bounds or read_bounds(os.environ)).secrets
    return plan_view(plan, run, verdict, lambda reference: is_set(reference, os.environ, secrets), pinned=pinned)


def _plan(view: PlanView, output_format: str, style: Style, detail: Detail) -> str:
    if output_format == "json":
        from inferctl.report.json import to_json

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.plan_markdown import plan_markdown

        return plan_markdown(view, detail)
    from inferctl.report.plan_text import plan_text

    return plan_text(view, style, detail)


def _outcome(view: OutcomeView, output_format: str, style: Style) -> str:
    if output_format == "json":
        from inferctl.report.json import to_json

        return to_json(view)
    if output_format == "markdown":
        from inferctl.report.outcome_markdown import outcome_markdown

        return outcome_markdown(view)
    from inferctl.report.outcome_text import outcome_text

    return outcome_text(view, style)
