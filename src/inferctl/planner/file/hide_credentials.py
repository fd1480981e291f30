"""Values as a plan file may hold them: plain JSON, and nothing in clear that sounds like a credential."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.errors import PlanFileError
from inferctl.fix import advice
from inferctl.json_types import path_text
from inferctl.planner.field_change import Absent
from inferctl.secrets.credentials import may_not_be_shown
from inferctl.secrets.mask import MASK
from inferctl.secrets.reference import parse_reference

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.planner.field_change import FieldChange


def hide_credentials(observed: JsonObject) -> dict[str, Json]:
    """The leaves without the credentials that some servers show in clear."""
    return {key: _hidden((key,), value) for key, value in observed.items()}


def sides_to_save(field: FieldChange) -> dict[str, Json]:
    """`before` and `after` as far as they are there; nothing of a secret but its reference."""
    sides = {"before": field.before, "after": field.after}
    return {
        side: MASK if is_credential(field.path, value, sensitive=field.sensitive) else plain_json(value, field.path)
        for side, value in sides.items()
        if not isinstance(value, Absent)
    }


def is_credential(path: Path, value: Json, *, sensitive: bool) -> bool:
    """Whether this side of a difference is a secret itself: no reference, not null, not hidden already."""
    if value is None or value == MASK or parse_reference(value) is not None:
        return False
    return sensitive or may_not_be_shown(path, value)


def plain_json(value: Json, path: Path = ()) -> Json:
    """Plain containers. Raises PlanFileError for a number that JSON has no word for."""
    if isinstance(value, Mapping):
        return {key: plain_json(inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_json(inner, path) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        what = f"{path_text(path)}: {value} is no JSON number, so it cannot be saved"
        raise PlanFileError(what).with_fixes(advice("write a number"))
    return value


def _hidden(path: Path, value: Json) -> Json:
    if isinstance(value, Mapping) and value:
        return {key: _hidden((*path, key), inner) for key, inner in value.items()}
    return MASK if may_not_be_shown(path, value) else plain_json(value, path)
