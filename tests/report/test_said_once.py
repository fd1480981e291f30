"""Nothing is said twice: neither the reason of a replace, nor a create that its row tells whole."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import changed

from inferctl.applier.events import Result, StepFinished
from inferctl.applier.outcome import Outcome
from inferctl.exit_codes import Exit
from inferctl.planner.action import NOT_THERE, Action
from inferctl.report.field_change import leaf
from inferctl.report.outcome_text import outcome_text
from inferctl.report.outcome_view import outcome_view
from inferctl.report.plan_markdown import plan_markdown
from inferctl.report.plan_text import plan_text
from inferctl.report.plan_view import plan_view
from inferctl.report.sentences import secret_words
from inferctl.report.style import PLAIN

from . import samples

WHY = "9.5 refuses service_settings.model_id in an update, so replace"


def test_a_note_among_the_reasons() -> None:
    view = plan_view(samples.every_kind())
    change = next(c for c in view["changes"] if c["action"] == "replace" and c["fields"])
    change["reasons"] = [WHY]
    for field in change["fields"]:
        field["note"] = WHY
    view["changes"] = [change]
    assert plan_text(view, PLAIN).count(WHY) == 1
    assert plan_markdown(view).count("in an update, so replace") == 1
    assert leaf(change["fields"][0], PLAIN, 80).note == WHY


@pytest.mark.parametrize(("result", "differs"), [(Result.FAILED, False), (Result.IGNORED, True)])
def test_what_a_server_refused_differs_as_planned(result: Result, differs: bool) -> None:
    """Only a read-back finds differences; a refusal is explained by its cause."""
    leaves = (("service_settings", "model_id"),)
    ended = StepFinished("shop-rerank", Action.UPDATE, result, "refused", leaves, wrote=differs)
    text = outcome_text(outcome_view(Outcome((ended,), Exit.PARTIAL, samples.every_kind())), PLAIN)
    assert ("differs: service_settings.model_id" in text) is differs


def test_a_note_that_a_reason_says_of_its_setting() -> None:
    field: Any = {"path": "service_settings.api_key", "sensitive": True, "note": "changed since 2026-01-01"}
    assert leaf(field, PLAIN, 80, ["api_key changed since 2026-01-01"]).note == ""
    assert leaf(field, PLAIN, 80, ["other changed since 2026-01-01"]).note == field["note"]


@pytest.mark.parametrize(("reason", "shown"), [(NOT_THERE, 0), ("it was ours, and somebody removed it", 1)])
def test_that_what_is_created_is_not_there_goes_without_saying(reason: str, shown: int) -> None:
    plan = samples.creates()
    create = next(c for c in plan.changes if not c.warnings)
    view = plan_view(changed(plan, changes=(changed(create, reasons=(reason,)),)))
    assert plan_text(view, PLAIN).count(reason) == shown
    assert plan_markdown(view).count(reason) == shown
    assert view["changes"][0]["reasons"] == [reason]


def test_the_age_of_a_secret_in_days() -> None:
    change = plan_view(samples.every_kind())["changes"][0]
    said = []
    for age in (None, 0, 1, 31):
        change["secrets"] = [
            {"path": "service_settings.api_key", "state": "same", "since": "", "age_days": age, "why": ""}
        ]
        said.append(secret_words(change))
    assert said == [
        "api_key same",
        "api_key same, sent today",
        "api_key same, sent 1 day ago",
        "api_key same, sent 31 days ago",
    ]
