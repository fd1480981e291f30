"""Whether a step may be done: whose it is, what protects it, who uses it, what the operator allows.

Whatever the reason for a change, these blocks hold (docs/decisions/0003-ownership.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, assert_never

from inferctl.fix import PERMITTED_FOR, Fix, FixKind, advice, command, edit, flag
from inferctl.planner.action import WRITING, Action, Block, BlockKind, Standing
from inferctl.planner.context import LEFT_OUT
from inferctl.planner.normalise import owns_deployment
from inferctl.planner.ownership import Whose, is_reserved, matches
from inferctl.planner.references import reference_text
from inferctl.planner.version_support import refused_by_version
from inferctl.syntax.flow_style import scalar_text

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.context import Context
    from inferctl.planner.ownership import UnreadableRecord

OWN_SCAN = "references: own scan only (a dry run needs manage_inference); apply asks again"
RESERVED = Block(BlockKind.RESERVED, "ids with a leading dot belong to the server", (advice("choose another id"),))
_LIST_FAILED = Block(
    BlockKind.SHARED_DEPLOYMENT,
    "the list of endpoints failed: who shares its deployment cannot be shown",
    (advice("mend the endpoint that breaks the list, then plan again"),),
)


def record_unreadable(inference_id: str, record: UnreadableRecord | None) -> Block:
    """Whose it is stands in a record that cannot be read: nobody touches it until that is mended."""
    text = f"its ledger record cannot be read ({record})"
    newer = " --newer" if record is not None and record.newer else ""
    return Block(BlockKind.RECORD_UNREADABLE, text, (command(f"inferctl ledger repair {inference_id}{newer}"),))


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a step stands, what stands in its way, and what its operator should know."""

    standing: Standing = Standing.READY
    blocks: tuple[Block, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """Says whether a step of one endpoint may be done. `shown` is what GET shows of it, normalised."""

    inference_id: str
    context: Context
    desired: DesiredEndpoint | None = None
    shown: JsonObject | None = None

    def declared(self, action: Action, owner: Whose, *, differs: bool) -> Judgement:
        """The step of an endpoint that a file declares."""
        if self.inference_id in self.context.unreadable:
            return self.unreadable()
        if action is Action.CREATE and self.context.permissions.only_rotates:
            text = "it does not exist, so it has no secret to send again"
            return Judgement(Standing.BLOCKED, (Block(BlockKind.IMPOSSIBLE, text, (command("inferctl apply"),)),))
        changes_it = action in (Action.UPDATE, Action.REPLACE, Action.REPAIR)
        if owner in (Whose.ANOTHERS, Whose.UNREADABLE) or (owner is not Whose.OURS and changes_it):
            return Judgement(Standing.BLOCKED, (self._not_ours(owner, differs=differs),))
        return self.step(action) if action in WRITING else Judgement()

    def unreadable(self) -> Judgement:
        """Any step of an endpoint that is there, and that the server fails to show."""
        why = self.context.unreadable[self.inference_id]
        text, fix = f"the server cannot read this endpoint: {why}", advice("delete it with its owner's help")
        return Judgement(Standing.UNKNOWN, (Block(BlockKind.UNREADABLE, text, (fix,)),))

    def step(self, action: Action) -> Judgement:
        """Blocks and permissions that hold whatever the reason for the step."""
        refused, doubtful = refused_by_version(self.desired, self.context.terms.version) if self.desired else ((), ())
        blocks = [
            Block(BlockKind.IMPOSSIBLE, text, (advice("upgrade the cluster, or change the file"),)) for text in refused
        ]
        warnings = [f"the server may refuse this: {text}" for text in doubtful]
        blocks += self._out_of_bounds(action)
        deployment_unseen = False
        if action.removes:
            blocks += [*self._protected(action), *self._shared(), *self._referenced(action)]
            warnings += self._reference_warnings()
            owns = self.shown is not None and owns_deployment(self.inference_id, self.shown)
            deployment_unseen = owns and not self.context.listed
        if blocks:
            return Judgement(Standing.BLOCKED, tuple(blocks), tuple(warnings))
        if deployment_unseen:
            return Judgement(Standing.UNKNOWN, (_LIST_FAILED,), tuple(warnings))
        held = self._held(action)
        return Judgement(Standing.HELD if held else Standing.READY, held, tuple(warnings))

    def _not_ours(self, owner: Whose, *, differs: bool) -> Block:
        """It exists, and nobody told us that it is ours: shown, never sent."""
        match owner:
            case Whose.SERVERS:
                return RESERVED
            case Whose.ANOTHERS:
                other = self.context.other_scope(self.inference_id)
                fixes = (
                    flag(f"--take-over {self.inference_id}"),
                    self.permit("take_over", f"scope {other} gives it to us"),
                )
                return Block(BlockKind.NOT_OURS, f"scope {other} owns it", fixes)
            case Whose.OUTSIDE:
                return self._outside()
            case Whose.UNREADABLE:
                return record_unreadable(self.inference_id, self.context.unreadable_record(self.inference_id))
            case Whose.NOBODYS | Whose.OURS:
                text = "it exists with other settings and is not ours" if differs else "it exists and is not ours"
                if self.context.ledger is None:
                    return Block(BlockKind.NOT_OURS, text, (self._manage(),))
                fixes = (flag(f"--adopt {self.inference_id}"), self.permit("adopt", "it is ours"))
                return Block(BlockKind.NOT_OURS, text, fixes)
            case _:
                assert_never(owner)

    def _outside(self) -> Block:
        text = f"its id is outside of manage ({', '.join(self.context.permissions.manage)})"
        return Block(BlockKind.OUTSIDE_MANAGE, text, (self._manage(),))

    def _out_of_bounds(self, action: Action) -> list[Block]:
        manage = self.context.permissions.manage
        if is_reserved(self.inference_id):
            return [RESERVED]
        return (
            [self._outside()] if action is Action.CREATE and manage and not matches(self.inference_id, manage) else []
        )

    def _protected(self, action: Action) -> list[Block]:
        """The file's own protection, or the one that the ledger kept when the file went."""
        word, last = action.word, self.context.last(self.inference_id)
        if self.desired is None:
            if last is None or word not in last.protect:
                return []
            fix = advice(f"put its file back without {word} in lifecycle.protect, apply, then remove it")
            return [Block(BlockKind.PROTECTED, f"the ledger protects it from {word}", (fix,))]
        if word not in self.desired.lifecycle.protect:
            return []
        return [Block(BlockKind.PROTECTED, f"lifecycle.protect holds {word}", (self._unprotected(self.desired, word),))]

    def _shared(self) -> list[Block]:
        """Deleting the owner of a deployment stops it under everybody who is attached.

        Source: docs/reference/server/delete.md#side-effects.
        """
        sharers = [s for s in self.context.sharers.get(self.inference_id, ()) if s != self.inference_id]
        if not sharers:
            return []
        text = f"its deployment is shared by {', '.join(sharers)}"
        return [Block(BlockKind.SHARED_DEPLOYMENT, text, (advice("remove or repoint these first"),))]

    @property
    def _forced(self) -> bool:
        return self.inference_id in self.context.permissions.forced

    def _referenced(self, action: Action) -> list[Block]:
        """Those who use the endpoint (docs/reference/server/delete.md#in-use), whoever saw them."""
        references = self.context.references.get(self.inference_id)
        if not references or self._forced:
            return []
        # What would hold the step next is said at once.
        others = [fix.text for block in self._held(action) for fix in block.fixes if fix.kind is FixKind.FLAG]
        fixes = (
            flag(" ".join([f"--force-delete {self.inference_id}", *others])),
            self.permit(action.word, "what refers to it may break", force=True),
            advice("remove these references"),
        )
        return [Block(BlockKind.REFERENCED, reference_text(references), fixes)]

    def _reference_warnings(self) -> list[str]:
        references = self.context.references.get(self.inference_id)
        if references is None:
            return []
        warnings = []
        if not references.asked:
            warnings.append(OWN_SCAN)
        if references and self._forced:
            warnings.append(f"--force-delete: {reference_text(references)}; these will break")
        return warnings

    def _held(self, action: Action) -> tuple[Block, ...]:
        """What the operator has to permit. Nobody has to permit that a trial goes: nobody declared it either."""
        name, permissions, last = self.inference_id, self.context.permissions, self.context.last(self.inference_id)
        may_delete = permissions.allow_delete or name in permissions.delete_ids or (last is not None and last.is_trial)
        if action is Action.DELETE and not may_delete:
            why = LEFT_OUT if name in self.context.skipped else "no file declares it any more"
            fixes = (flag("--allow-delete"), self.permit("delete", why))
            return (Block(BlockKind.NEEDS_ALLOW_DELETE, "deletes are off", fixes),)
        if action is Action.REPLACE and not permissions.allow_replace and name not in permissions.replace_ids:
            text = "a replace deletes first, and replaces are off"
            fixes = (flag("--allow-replace"), self.permit("replace", "an update cannot change it"))
            return (Block(BlockKind.NEEDS_ALLOW_REPLACE, text, fixes),)
        return ()

    def permit(self, verb: str, reason: str, *, force: bool = False) -> Fix:
        """The lines for the settings file that permit one step of this endpoint, for two weeks from today."""
        forced = "force: true, " if force else ""
        today = self.context.today
        until = f", until: {today + PERMITTED_FOR}" if today is not None else ""
        named = f"{verb}: {scalar_text(self.inference_id)}"
        plain = re.fullmatch("[a-z][A-Za-z0-9 ._-]*", reason) is not None
        line = f"{{{named}, {forced}reason: {reason if plain else scalar_text(reason)}{until}}}"
        settings = self.context.permissions.settings
        return Fix(FixKind.PERMIT, settings.permits(line), settings.file)

    def _manage(self) -> Fix:
        """The flag takes the place of what the settings file says, so it says all of it."""
        globs = (*self.context.permissions.manage, self.inference_id)
        return flag(" ".join(f"--manage {quote(glob)}" for glob in globs))

    def _unprotected(self, desired: DesiredEndpoint, word: str) -> Fix:
        from inferctl.syntax.fixes import entry_line, removal  # noqa: PLC0415  only where something is protected

        lifecycle = desired.lifecycle.model_dump(mode="json", exclude_defaults=True)
        left = {**lifecycle, "protect": sorted(desired.lifecycle.protect - {word})}
        kept = {key: value for key, value in left.items() if value != []}
        return edit(entry_line("lifecycle", kept) if kept else removal("lifecycle"), desired.span.file)
