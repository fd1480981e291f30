"""Whole outputs, as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories import changed

from inferctl.applier.outcome import Outcome
from inferctl.diagnostics import Span
from inferctl.exit_codes import Exit
from inferctl.planner.plan import Plan
from inferctl.report.annotations import annotations_in_files, workflow_command
from inferctl.report.diagnostics import diagnostics_text
from inferctl.report.failure import failure_markdown, failure_text, failure_view, not_ended
from inferctl.report.json import diagnostics_view, to_json
from inferctl.report.outcome_markdown import outcome_markdown
from inferctl.report.outcome_text import outcome_text
from inferctl.report.outcome_view import outcome_view
from inferctl.report.plan_markdown import plan_markdown
from inferctl.report.plan_text import plan_text, refs_text
from inferctl.report.plan_view import plan_view, refs_view
from inferctl.report.style import PLAIN, Style

from . import samples
from .golden import check
from .samples import outcome_json, plan_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.report.shape.run import ThisRunView

PLANS: dict[str, Callable[[], Plan]] = {
    "every-kind": samples.every_kind,
    "creates": samples.creates,
    "stopped": samples.stopped,
    "unchanged": samples.unchanged,
    "nasty": samples.nasty,
    "empty": lambda: Plan(changes=()),
    "region-policy": samples.region_policy,
    "region-policy-named": lambda: samples.region_policy(".rerank-us", ".summaries"),
}


@pytest.mark.parametrize("name", PLANS)
def test_plans(name: str) -> None:
    plan = PLANS[name]()
    check(f"plan-{name}.txt", plan_text(plan_view(plan), PLAIN))
    check(f"plan-{name}.md", plan_markdown(plan_view(plan)))
    check(f"plan-{name}.json", plan_json(plan))


def test_plan_in_colour_and_ascii() -> None:
    check("plan-every-kind.ansi", plan_text(plan_view(samples.every_kind()), Style(colour=True)))
    check("plan-nasty-ascii.txt", plan_text(plan_view(samples.nasty()), Style(ascii=True, width=80)))


@pytest.mark.parametrize("width", [80, 120])
def test_few_and_many_on_a_terminal(width: int) -> None:
    for name, plan in (
        ("3", samples.first_run(3)),
        ("30", samples.first_run(30)),
        ("300-alike", samples.one_leaf(300)),
    ):
        check(f"plan-{name}-{width}.txt", plan_text(plan_view(plan), Style(width=width)))


def test_few_and_many_in_a_comment() -> None:
    check("plan-3.md", plan_markdown(plan_view(samples.first_run(3))))
    check("plan-300-alike.md", plan_markdown(plan_view(samples.one_leaf(300))))


def test_outcomes() -> None:
    plan = samples.every_kind()
    view = outcome_view(Outcome(samples.results(), Exit.PARTIAL, plan))
    check("apply.txt", outcome_text(view, PLAIN))
    check("apply.md", outcome_markdown(view))
    check("apply.json", outcome_json(samples.results(), 4, plan))
    nothing = outcome_view(Outcome((), Exit.OK, samples.unchanged()))
    check("apply-nothing.txt", outcome_text(nothing, PLAIN))


def test_the_outcome_of_a_region_policy() -> None:
    plan = samples.region_policy(".rerank-us", ".summaries")
    view = outcome_view(Outcome(samples.results_of_policy(plan), Exit.BLOCKED, plan))
    check("apply-region-policy.txt", outcome_text(view, PLAIN))
    check("apply-region-policy.md", outcome_markdown(view))


def test_failures() -> None:
    check("failure.txt", failure_text(samples.failure(), samples.RUN, PLAIN))
    check("failure.md", failure_markdown(samples.failure(), samples.RUN))
    check("failure.json", to_json(failure_view(samples.failure(), samples.RUN)))
    check("failure-nasty.txt", failure_text(samples.nasty_failure(), samples.RUN, PLAIN))
    planned: ThisRunView = {**samples.RUN, "command": "plan"}
    check("not-ended.md", failure_markdown(not_ended("shop"), planned))


def test_the_origin_of_plans_and_outcomes() -> None:
    plan = samples.unchanged()
    check("plan-origin.txt", plan_text(plan_view(plan, samples.RUN), PLAIN))
    check("plan-origin.md", plan_markdown(plan_view(plan, samples.RUN)))
    check("apply-origin.txt", outcome_text(outcome_view(Outcome((), Exit.OK, plan), samples.RUN), PLAIN))


def test_the_origin_with_an_environment() -> None:
    cluster = changed(samples.CLUSTER, cluster_uuid="Zx1AbCdEfGhIjKlMnOpQrS")
    plan, run = changed(samples.unchanged(), capabilities=cluster), samples.IN_ENVIRONMENT
    pinned, not_pinned = (plan_view(plan, run, pinned=is_pinned) for is_pinned in (True, False))
    check("plan-pinned.txt", plan_text(pinned, PLAIN))
    check("plan-pinned.md", plan_markdown(pinned))
    check("plan-not-pinned-80.txt", plan_text(not_pinned, Style(width=80)))
    check("plan-not-pinned.md", plan_markdown(not_pinned))
    ended = outcome_view(Outcome((), Exit.OK, plan), run, pinned=True)
    check("apply-pinned.txt", outcome_text(ended, PLAIN))
    check("failure-in-environment.txt", failure_text(changed(samples.failure(), pinned=False), run, PLAIN))
    refs = refs_view(cluster, [], run=run, pinned=True)
    assert refs_text(refs, PLAIN).splitlines() == plan_text(pinned, PLAIN).splitlines()[:2]


def test_diagnostics() -> None:
    found = samples.diagnostics()
    check("diagnostics.txt", diagnostics_text(found, PLAIN))
    check("diagnostics.ansi", diagnostics_text(found, Style(colour=True)))
    check("diagnostics.json", to_json(diagnostics_view(found)))
    annotations = annotations_in_files(diagnostics_view(found)["diagnostics"])
    check("annotations.txt", "".join(f"{workflow_command(annotation)}\n" for annotation in annotations))
    check("diagnostics-nasty.txt", diagnostics_text([samples.nasty_diagnostic()], PLAIN))


def test_many_warnings_of_a_kind_are_counted() -> None:
    error, warning = sorted(samples.diagnostics()[:2], key=lambda found: not found.is_error)
    many = [warning, *(changed(warning, span=Span(f"endpoints/c{n}.yaml", 7, 9)) for n in range(9))]
    errors = [error, *(changed(error, span=Span(f"endpoints/d{n}.yaml", 7, 9)) for n in range(9))]
    text = diagnostics_text([*many, *errors], PLAIN, 3)
    assert text.count("warning[yaml.scalar]: YAML 1.1") == 3
    assert "warning[yaml.scalar]: 7 more like this" in text
    assert text.count("error[model.unknown-field]") == 10
    assert text.endswith("10 errors, 10 warnings\n")
    assert "more like this" not in diagnostics_text(many, PLAIN)
