"""What the ledger keeps of a step: its settings before and after, nothing secret, and not too much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import change, changed, desired, owned, run_record

from inferctl.applier.events import Result, StepFinished
from inferctl.applier.step_records import step_record, within_bounds
from inferctl.ledger.fingerprints import UNSURE
from inferctl.ledger.records import FieldRecord, StepRecord, run_document
from inferctl.planner.action import Action
from inferctl.planner.field_change import ABSENT, FieldChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.planner.change import Change
    from inferctl.planner.ownership import Owned

KEY = ("service_settings", "api_key")
NAME = "service_settings.api_key"
MARK = "canary-5d1e"
SENT = {"key": "k1", "digest": "aaaa0000" + "f" * 56, "since": "2026-01-02"}
HELD = {"key": "k1", "digest": "bbbb0000" + "f" * 56, "since": "2026-01-01"}
TOP_N = FieldChange(("task_settings", "top_n"), 5, 10)
ROTATED = FieldChange(KEY, {"env": "K"}, {"env": "K"}, sensitive=True)


def kept(
    step: Change, result: Result = Result.DONE, before: Owned | None = None, sent: Mapping[str, Any] = SENT
) -> tuple[FieldRecord, ...]:
    ended = StepFinished(step.inference_id, step.action, result)
    return step_record(ended, step, before, lambda _change, _path: sent, lambda value: value).fields


def update(*fields: FieldChange, **more: Any) -> Change:
    return changed(change(action=Action.UPDATE), desired=desired(), fields=fields, **more)


def test_an_update_keeps_both_sides() -> None:
    appears = FieldChange(("task_settings", "user"), ABSENT, "u")
    assert kept(update(TOP_N, appears)) == (
        FieldRecord("task_settings.top_n", 5, 10),
        FieldRecord("task_settings.user", ABSENT, "u"),
    )


def test_a_create_keeps_all_that_is_declared() -> None:
    step = changed(change(action=Action.CREATE), desired=desired(task={"user": "u"}))
    assert kept(step) == (
        FieldRecord("service", ABSENT, "openai"),
        FieldRecord(NAME, ABSENT, "aaaa0000", secret=True),
        FieldRecord("service_settings.model_id", ABSENT, "m"),
        FieldRecord("task_settings.user", ABSENT, "u"),
        FieldRecord("task_type", ABSENT, "completion"),
    )


def test_a_delete_keeps_what_was_there() -> None:
    step = changed(change(action=Action.DELETE), observed={"service_settings": {"model_id": "m"}})
    assert kept(step, before=owned(secrets={NAME: HELD})) == (
        FieldRecord(NAME, "bbbb0000", ABSENT, secret=True),
        FieldRecord("service_settings.model_id", "m", ABSENT),
    )


@pytest.mark.parametrize("result", [Result.HELD, Result.BLOCKED, Result.NOT_STARTED])
def test_what_was_not_begun_changed_nothing(result: Result) -> None:
    assert kept(update(TOP_N), result) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("service_settings", "headers", "Authorization"), MARK),
        (("service_settings", "url"), f"https://user:{MARK}@host/"),
        (("service_settings", "query_parameters"), [["key", MARK]]),
    ],
)
@pytest.mark.parametrize("action", [Action.UPDATE, Action.DELETE])
def test_a_credential_that_the_server_shows_is_not_kept(path: tuple[str, ...], value: Any, action: Action) -> None:
    step = update(FieldChange(path, value, "other"))
    if action is Action.DELETE:
        shown = value
        for part in reversed(path):
            shown = {part: shown}
        step = changed(change(action=Action.DELETE), observed=shown)
    fields = kept(step)
    assert [field.before for field in fields] == ["(secret)"]
    assert MARK not in str(fields)


@pytest.mark.parametrize(
    ("held", "before"),
    [
        ({NAME: HELD}, "bbbb0000"),
        ({NAME: {}}, ""),
        ({NAME: {**HELD, UNSURE: True}}, ""),
        ({NAME: {**HELD, "key": "k2"}}, ""),
        ({}, ABSENT),
    ],
)
def test_a_secret_is_kept_by_its_fingerprint(held: dict[str, Any], before: object) -> None:
    (field,) = kept(update(ROTATED), before=owned(secrets=held))
    assert field == FieldRecord(NAME, before, "aaaa0000", secret=True)  # type: ignore[arg-type]


def test_of_an_endpoint_without_a_record_nobody_knows_the_secret() -> None:
    (field,) = kept(update(ROTATED))
    assert field.before == ""


def test_a_secret_that_only_goes_along_is_not_told() -> None:
    """All secrets go with an update that sends one; those that stay what they were are no news, unless asked for."""
    same = owned(secrets={NAME: SENT})
    assert kept(changed(change(action=Action.REPLACE), desired=desired(), fields=(TOP_N,)), before=same) == (
        FieldRecord("task_settings.top_n", 5, 10),
    )
    (field,) = kept(update(secrets_asked=True), before=same)
    assert field == FieldRecord(NAME, "aaaa0000", "aaaa0000", secret=True)


def test_a_secret_that_was_taken_away_has_no_after() -> None:
    gone = FieldChange(("service_settings.other_key",), None, ABSENT, sensitive=True)
    step = changed(change(action=Action.UPDATE), desired=desired(settings={"model_id": "m"}), fields=(gone,))
    before = owned(secrets={"service_settings.other_key": HELD})
    assert kept(step, before=before) == (FieldRecord("service_settings.other_key", "bbbb0000", ABSENT, secret=True),)


def test_without_a_fingerprint_a_secret_is_there_and_nothing_else() -> None:
    (field,) = kept(update(ROTATED), before=owned(secrets={NAME: HELD}), sent={})
    assert (field.before, field.after) == ("bbbb0000", "")


def test_long_values_are_cut_in_words() -> None:
    (field,) = kept(update(FieldChange(("x",), "a" * 5_000, [{"n": "b" * 5_000}])))
    assert str(field.before).endswith("(5,000 characters)")
    assert str(field.after).startswith('[{"n": "bbb')
    assert len(str(field.before)) < 250
    assert len(str(field.after)) < 250


def test_of_very_many_settings_some_are_kept_and_the_rest_counted() -> None:
    step = update(*(FieldChange((f"s{number:03d}",), 1, 2) for number in range(130)))
    record = step_record(
        StepFinished("a", Action.UPDATE, Result.DONE), step, None, lambda _change, _path: {}, lambda value: value
    )
    assert (len(record.fields), record.left_out) == (100, 30)


def steps(count: int, settings: int, text: str = "x" * 60) -> list[StepRecord]:
    fields = tuple(FieldRecord(f"service_settings.setting_{number}", text, text) for number in range(settings))
    return [StepRecord(f"e{number:04d}", "update", "done", "", fields) for number in range(count)]


def test_a_run_of_a_thousand_changes_is_kept_whole() -> None:
    fields = (FieldRecord("task_settings.top_n", 5, 10),)
    listed = [StepRecord(f"e{number:04d}", "update", "done", "", fields) for number in range(1_000)]
    assert within_bounds(listed) == tuple(listed)


def test_a_large_run_stays_small_and_says_what_it_left_out() -> None:
    """The few small steps, whose old values stand nowhere else, are kept beside a thousand large ones."""
    large, small = steps(1_000, 20), [StepRecord("z", "update", "done", "", (FieldRecord("x", 1, 2),), 1)]
    bounded = within_bounds([*large, *small])
    assert bounded[-1] == small[0]
    assert [step.inference_id for step in bounded] == [step.inference_id for step in (*large, *small)]
    whole = [step for step in bounded[:-1] if step.fields]
    cut = [step for step in bounded if not step.fields]
    assert whole
    assert {step.left_out for step in cut} == {20}
    assert len(json.dumps(run_document(changed(run_record(), results=bounded)))) < 300_000
