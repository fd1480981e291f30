"""What the ledger keeps of each step of a run: how it ended, and its settings before and after. Pure.

Nothing secret is kept: of a secret the first digits of its fingerprint, of a value that holds a credential nothing. And
not too much: long values are cut, and of a large run the steps with the most settings keep only their number.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.applier.events import Result
from inferctl.json_types import object_of, path_text
from inferctl.ledger.fingerprints import UNSURE
from inferctl.ledger.records import FieldRecord, StepRecord
from inferctl.planner.action import Action
from inferctl.planner.field_change import ABSENT, Absent, FieldChange
from inferctl.planner.normalise import leaves
from inferctl.secrets.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from inferctl.applier.events import StepFinished
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.planner.change import Change
    from inferctl.planner.ownership import Owned

_DETAIL = 500
_VALUE = 200  # characters of one value
_FIELDS = 100  # of one step
_CHARACTERS = 128 * 1024  # of the settings of a run
_DIGITS = 8
_BEGUN = frozenset({Result.DONE, Result.NOT_READY, Result.FAILED, Result.IGNORED, Result.UNKNOWN})


def kept_reason(ended: StepFinished, change: Change | None) -> str:
    """Why a step ended so, as far as it is kept. Of what others said of an endpoint with a secret: a code, a length.

    They may have quoted the secret in a form that nobody knows, and the ledger is read by many, for a long time.
    """
    is_in_reach = change is None or bool(change.secrets or change.secret_fields)
    if ended.cause is None or not is_in_reach:
        return ended.detail[:_DETAIL]
    return f"{ended.cause.code} (a reason of {len(ended.detail):,} characters, not kept: a secret was in reach)"


def step_record(
    ended: StepFinished,
    change: Change | None,
    before: Owned | None,
    fingerprint: Callable[[Change, Path], JsonObject],
    hide_in: Callable[[Json], Json],
) -> StepRecord:
    """`before` is what the ledger held of it; `fingerprint` is what is kept of a secret that the step sent.

    `hide_in` takes known secrets out of a value: a server may show one in any setting.
    """
    reason = kept_reason(replace(ended, detail=str(hide_in(ended.detail))), change)
    plain = StepRecord(ended.inference_id, ended.action.word, ended.result.value, reason)
    if change is None or ended.result not in _BEGUN:
        return plain
    fields = [_kept(field, hide_in) for field in _settings(change)]
    fields += _secrets(change, None if before is None else before.secrets, fingerprint)
    fields.sort(key=lambda field: field.path)
    return replace(plain, fields=tuple(fields[:_FIELDS]), left_out=max(0, len(fields) - _FIELDS))


def within_bounds(steps: Iterable[StepRecord]) -> tuple[StepRecord, ...]:
    """The steps in their order. Where all their settings are too much, those with the fewest characters keep them."""
    listed = tuple(steps)
    left, kept = _CHARACTERS, set[str]()
    for size, name in sorted((_size(step), step.inference_id) for step in listed):
        left -= size
        if left < 0:
            break
        kept.add(name)
    return tuple(
        step if step.inference_id in kept else replace(step, fields=(), left_out=step.left_out + len(step.fields))
        for step in listed
    )


def _size(step: StepRecord) -> int:
    return sum(len(json.dumps([field.path, *_sides(field)])) for field in step.fields)


def _sides(field: FieldRecord | FieldChange) -> list[Json]:
    return [value for value in (field.before, field.after) if not isinstance(value, Absent)]


def _settings(change: Change) -> Sequence[FieldChange]:
    """The settings that a step is about, secrets left out."""
    match change.action:
        case Action.CREATE:
            return [FieldChange(path, ABSENT, value) for path, value in leaves(change.declared or {})]
        case Action.DELETE:
            return [FieldChange(path, value, ABSENT) for path, value in leaves(change.observed or {})]
        case Action.UPDATE | Action.REPLACE:
            return [field for field in change.fields if not field.sensitive]
        case _:
            return ()


def _kept(field: FieldChange, hide_in: Callable[[Json], Json]) -> FieldRecord:
    before, after = (
        value if isinstance(value, Absent) else MASK if field.is_hidden else _cut(hide_in(value))
        for value in (field.before, field.after)
    )
    return FieldRecord(path_text(field.path), before, after)


def _cut(value: Json) -> Json:
    """The value, or the beginning of what is longer, with its length in words."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _VALUE else f"{text[:_VALUE]}… ({len(text):,} characters)"


def _secrets(
    change: Change, known: JsonObject | None, fingerprint: Callable[[Change, Path], JsonObject]
) -> list[FieldRecord]:
    """Those that the step sent anew, took away or removed with the endpoint."""
    if change.action is Action.DELETE:
        return [FieldRecord(name, _digits(entry), ABSENT, secret=True) for name, entry in (known or {}).items()]
    moved = {path_text(field.path) for field in change.fields if field.sensitive}
    going = {path_text(path): fingerprint(change, path) for path in change.secrets}
    fields = []
    for name in going.keys() | moved:
        after = _digits(going[name]) if name in going else ABSENT
        before = _before(name, change, known, going.get(name, {}))
        if change.secrets_asked or name in moved or before != after:
            fields.append(FieldRecord(name, before, after, secret=True))
    return fields


def _before(name: str, change: Change, known: JsonObject | None, going: JsonObject) -> str | Absent:
    """What is known of the secret that was there. Digits under another key tell nothing."""
    if change.action is Action.CREATE:
        return ABSENT
    if known is None:
        return ""
    if name not in known:
        return ABSENT
    entry = object_of(known[name])
    other_key = "key" in going and going["key"] != entry.get("key")
    return "" if other_key else _digits(entry)


def _digits(entry: Json) -> str:
    noted: Mapping[str, Json] = object_of(entry)
    return "" if noted.get(UNSURE) else str(noted.get("digest", ""))[:_DIGITS]
