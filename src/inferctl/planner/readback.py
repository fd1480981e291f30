"""After a write: does the server hold what was meant? Leaf by leaf. Pure; `apply` brings the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.json_types import canonical
from inferctl.planner.mutability import SIZES
from inferctl.planner.normalise import hidden_settings, is_size, leaves, normalise_observed

if TYPE_CHECKING:
    from inferctl.json_types import Json, Path
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What differs. `applied` leaves are as asked; a server value counts as applied, and is named.

    `ignored`: still the old value. `different`: neither old nor asked for. `undeclared`: nobody asked for it.
    """

    ignored: tuple[Path, ...] = ()
    different: tuple[Path, ...] = ()
    undeclared: tuple[Path, ...] = ()
    server_values: tuple[Path, ...] = ()
    applied: tuple[Path, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the write did what was asked, and nothing else."""
        return not (self.ignored or self.different or self.undeclared)

    @property
    def leaves(self) -> tuple[Path, ...]:
        return (*self.ignored, *self.different, *self.undeclared)


def compare_after(
    change: Change, before: ObservedEndpoint | None, after: ObservedEndpoint, *, serverless: bool = False
) -> ReadBack:
    """Compare what GET (or the write's own answer) shows now with what the step meant.

    `before` is the endpoint as it was, for an update; None for a create or a replace.
    """
    now = dict(leaves(normalise_observed(after)))
    was = dict(leaves(normalise_observed(before))) if before else {}
    hidden = hidden_settings(change.page, change.task_type, now)
    expected = change.expected
    ignored, different, server_values, applied = [], [], [], []
    for path, wanted in expected.items():
        if path[:2] in hidden:
            continue  # this version does not show it: nothing can be said
        if _same(_at(now, path), wanted):
            applied.append(path)
        elif serverless and is_size(path):
            server_values.append(path)
        elif before is not None and _same(_at(now, path), _at(was, path)):
            ignored.append(path)
        else:
            different.append(path)
    undeclared = []
    if before is not None:
        replaced = _replaced_objects(change)
        undeclared = [
            path
            for path in sorted(set(now) | set(was), key=str)
            if path not in expected
            and not any(path[: len(prefix)] == prefix for prefix in replaced)
            and not (serverless and is_size(path))
            and not _same(_at(now, path), _at(was, path))
        ]
    return ReadBack(tuple(ignored), tuple(different), tuple(undeclared), tuple(server_values), tuple(applied))


_NOTHING: Json = "\0absent"


def _replaced_objects(change: Change) -> frozenset[Path]:
    """Objects that the update replaces: what they held before may go along (docs/reference/server/update.md#merge)."""
    body = change.update_body or {}
    replaced: set[Path] = {("chunking_settings",)} if "chunking_settings" in body else set()
    if change.tried:  # one size takes the place of the other
        replaced |= {("service_settings", size) for size in SIZES}
    if change.service == "anthropic" and "task_settings" in body:
        replaced.add(("task_settings",))
    for part, settings in body.items():
        if isinstance(settings, Mapping):
            replaced |= {(part, key) for key, value in settings.items() if isinstance(value, Mapping)}
    return frozenset(replaced)


def _at(leaves: Mapping[Path, Json], path: Path) -> Json:
    """The leaf, or a value that equals nothing a server shows."""
    return leaves.get(path, _NOTHING)


def _same(left: Json, right: Json) -> bool:
    return canonical(left) == canonical(right)
