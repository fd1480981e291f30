"""References -> secrets in a body, at the last moment. The client reveals them when it encodes the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from inferctl.json_types import value_at
from inferctl.secrets.reference import SecretRef, parse_reference

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.planner.change import Change
    from inferctl.secrets.secret import Secret


def references_of(change: Change) -> frozenset[SecretRef]:
    """Every reference that the step's bodies need."""
    found = set()
    for body in (change.put_body, change.update_body):
        for path in change.secrets:
            reference = None if body is None else parse_reference(value_at(body, path))
            if reference is not None:
                found.add(reference)
    return frozenset(found)


def with_secrets(body: JsonObject, paths: frozenset[Path], secrets: Mapping[SecretRef, Secret]) -> dict[str, Any]:
    """A copy of the body with a Secret in the place of each reference. KeyError for one that is not resolved."""
    return {key: _filled(value, (key,), paths, secrets) for key, value in body.items()}


def _filled(value: Json, path: Path, paths: frozenset[Path], secrets: Mapping[SecretRef, Secret]) -> Any:
    if path in paths:
        reference = parse_reference(value)
        if reference is not None:
            return secrets[reference]
    if isinstance(value, Mapping):
        return {key: _filled(inner, (*path, key), paths, secrets) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_filled(inner, (*path, position), paths, secrets) for position, inner in enumerate(value)]
    return value
