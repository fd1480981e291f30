"""Whether a step may be done: whose it is, what protects it, who uses it, what the operator allows.

Whatever the reason for a change, these blocks hold (docs/decisions/0003-ownership.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from inferctl.model.services.names import IN_CLUSTER
from inferctl.planner import normalise
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.change import Block
from inferctl.planner.ownership import Whose, is_reserved, matches
from inferctl.planner.references import reference_text
from inferctl.planner.version_support import impossible

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.context import Context
    from inferctl.planner.plan import Permissions

RESERVED = Block(BlockKind.RESERVED, "ids with a leading dot belong to the server", "choose another id")


def not_ours(change: Change, owner: Whose, context: Context) -> Change:
    """It exists, and nobody told us that it is ours: shown, never sent."""
    name = change.inference_id
    text = "it exists with other settings and is not ours" if change.fields else "it exists and is not ours"
    match owner:
        case Whose.SERVERS:
            block = RESERVED
        case Whose.ANOTHERS:
            other = context.ledger.other_scope(name) if context.ledger else ""
            block = Block(BlockKind.NOT_OURS, f"scope {other} owns it", f"--take-over {name}, if they agree")
        case Whose.OUTSIDE:
            text = f"its id is outside of manage ({', '.join(context.permissions.manage)})"
            block = Block(BlockKind.OUTSIDE_MANAGE, text, f"--manage {name}")
        case Whose.NOBODYS | Whose.OURS:
            flag = "--manage" if context.ledger is None else "--adopt"
            block = Block(BlockKind.NOT_OURS, text, f"{flag} {name}, if it is")
        case _:
            assert_never(owner)
    return replace(
        change, standing=Standing.BLOCKED, blocks=(block,), put_body=None, update_body=None, secrets=frozenset(),
        rotates_secrets=False, substeps=(),
    )  # fmt: skip


def possible(change: Change, desired: DesiredEndpoint, context: Context) -> Change:
    """Blocked where this version refuses what the file says; a warning where the catalogue is not sure."""
    refused, doubtful = impossible(desired, context.version)
    blocks = tuple(Block(BlockKind.IMPOSSIBLE, text, "upgrade the cluster, or change the file") for text in refused)
    return replace(
        change,
        blocks=(*change.blocks, *blocks),
        warnings=(*change.warnings, *(f"the server may refuse this: {text}" for text in doubtful)),
    )


def stand(change: Change, context: Context, desired: DesiredEndpoint | None = None) -> Change:
    """Blocks and permissions that hold whatever the reason for the change."""
    blocks, warnings = list(change.blocks), list(change.warnings)
    manage = context.permissions.manage
    if is_reserved(change.inference_id):
        blocks.append(RESERVED)
    elif change.action is Action.CREATE and manage and not matches(change.inference_id, manage):
        text = f"its id is outside of manage ({', '.join(manage)})"
        blocks.append(Block(BlockKind.OUTSIDE_MANAGE, text, f"--manage {change.inference_id}"))
    unknown = False
    if change.action.removes:
        blocks += _protecting(change, desired)
        blocks += _sharing(change, context)
        found, said = _referring(change, context)
        blocks += found
        warnings += said
        unknown = not context.listed and owns_deployment(change)
    if blocks:
        return replace(change, blocks=tuple(blocks), standing=Standing.BLOCKED, warnings=tuple(warnings))
    if unknown:
        block = Block(
            BlockKind.SHARED_DEPLOYMENT,
            "the list of endpoints failed: who shares its deployment cannot be seen",
            "mend the endpoint that breaks the list, then plan again",
        )
        return replace(change, blocks=(block,), standing=Standing.UNKNOWN, warnings=tuple(warnings))
    held = _permission(change, context.permissions)
    return replace(
        change,
        blocks=(held,) if held else (),
        standing=Standing.HELD if held else Standing.READY,
        warnings=tuple(warnings),
    )


def _protecting(change: Change, desired: DesiredEndpoint | None) -> list[Block]:
    """The file's own protection, or the one that the ledger kept when the file went."""
    word = change.action.word
    if desired is None and word in change.protect:
        fix = f"put its file back without {word} in lifecycle.protect, apply, then remove it"
        return [Block(BlockKind.PROTECTED, f"the ledger protects it from {word}", fix)]
    if desired is not None and word in desired.lifecycle.protect:
        fix = f"take {word} out of lifecycle.protect first"
        return [Block(BlockKind.PROTECTED, f"lifecycle.protect holds {word}", fix)]
    return []


def owns_deployment(change: Change) -> bool:
    """Whether the endpoint that is there now runs a model of its own in the cluster."""
    seen = change.observed or {}
    settings = seen.get("service_settings")
    return seen.get("service") in IN_CLUSTER and not (
        isinstance(settings, Mapping) and normalise.attached(change.inference_id, settings)
    )


def _sharing(change: Change, context: Context) -> list[Block]:
    """Deleting the owner of a deployment stops it under everybody who is attached.

    Source: docs/reference/server/delete.md#side-effects.
    """
    sharers = [s for s in context.sharers.get(change.inference_id, ()) if s != change.inference_id]
    if not sharers:
        return []
    text = f"its deployment is shared by {', '.join(sharers)}"
    return [Block(BlockKind.SHARED_DEPLOYMENT, text, "remove or repoint these first")]


def _referring(change: Change, context: Context) -> tuple[list[Block], list[str]]:
    """Blocks and warnings for those who use the endpoint (docs/reference/server/delete.md#in-use), whoever saw them."""
    found = change.references
    if found is None:
        return [], []
    said = [] if found.asked else ["references: own scan only (a dry run needs manage_inference); apply asks again"]
    if not found:
        return [], said
    text = reference_text(found)
    if change.inference_id in context.permissions.force_delete:
        return [], [*said, f"--force-delete: {text}; these will break"]
    fix = f"remove these references, or --force-delete {change.inference_id}"
    return [Block(BlockKind.REFERENCED, text, fix)], said


def _permission(change: Change, permissions: Permissions) -> Block | None:
    name = change.inference_id
    if change.left_behind:
        return None
    if change.action is Action.DELETE and not permissions.allow_delete and name not in permissions.delete_ids:
        return Block(BlockKind.NEEDS_ALLOW_DELETE, "deletes are off", "--allow-delete")
    if change.action is Action.REPLACE and not permissions.allow_replace and name not in permissions.replace_ids:
        return Block(BlockKind.NEEDS_ALLOW_REPLACE, "a replace deletes first, and replaces are off", "--allow-replace")
    return None
