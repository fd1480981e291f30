"""An endpoint that is created under a new id while the old one cannot go yet: told as one thing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.json_types import canonical, object_of
from inferctl.nearest import nearest
from inferctl.planner.action import Action, BlockKind, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.json_types import JsonObject
    from inferctl.planner.change import Change

# The settings that say which model an endpoint stands for, as GET names them.
_MODEL = ("model_id", "model", "deployment_id")
_UNTIL = {
    BlockKind.NEEDS_ALLOW_DELETE: "deletes are allowed",
    BlockKind.REFERENCED: "nothing uses it",
    BlockKind.SHARED_DEPLOYMENT: "nothing else runs on its deployment",
    BlockKind.PROTECTED: "nothing protects it",
}


def renames(changes: Iterable[Change]) -> dict[str, str]:
    """By the old id: a sentence on each rename of which only the first half would be done.

    A removal of ours that is held or blocked, and a create with the same task type, service and model. Where several
    could be meant, the id that is most alike.
    """
    listed = tuple(changes)
    removals = [change for change in listed if _stays(change)]
    if not removals:
        return {}
    created: dict[str, list[str]] = {}
    for change in listed:
        if change.action is Action.CREATE and change.standing is Standing.READY:
            created.setdefault(_stands_for(change.declared or {}), []).append(change.inference_id)
    sentences = {}
    for change in removals:
        alike = created.get(_stands_for(change.observed or {}), [])
        name = nearest(change.inference_id, alike, likeness=0.0)
        if name:
            alike.remove(name)
            sentences[change.inference_id] = (
                f"rename: {name} takes the place of {change.inference_id}; the old one stays until {_until(change)}"
            )
    return sentences


def _stays(change: Change) -> bool:
    waits = change.standing in (Standing.HELD, Standing.BLOCKED)
    return change.action is Action.DELETE and waits and change.is_for_us and not change.left_behind


def _stands_for(shown: JsonObject) -> str:
    """Task type, service and model; without a model all that it is made of."""
    settings = object_of(shown.get("service_settings"))
    model = {key: settings[key] for key in _MODEL if key in settings}
    return canonical([shown.get("task_type"), shown.get("service"), model or settings])


def _until(change: Change) -> str:
    return next((_UNTIL[block.kind] for block in change.blocks if block.kind in _UNTIL), "what blocks it is settled")
