"""One endpoint: desired and observed -> a change. A total function; nothing is asked of anybody here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from inferctl.json_types import canonical, path_text
from inferctl.model.services import find
from inferctl.plan import comparable
from inferctl.plan.action import Action, BlockKind, Standing
from inferctl.plan.available import impossible
from inferctl.plan.bodies import update_body
from inferctl.plan.change import ABSENT, Block, Change, FieldChange
from inferctl.plan.compare import field_changes
from inferctl.plan.mutability import (
    Outcome,
    Verdict,
    accepts_timeout,
    may_reset_chunking,
    resets_chunking,
    verdict,
)
from inferctl.plan.ownership import Whose, is_reserved, matches, whose
from inferctl.plan.passed import remarks
from inferctl.plan.readback import is_size
from inferctl.plan.references import reference_text
from inferctl.plan.rotation import check_call, rotation_of, unchecked, unknown_warnings
from inferctl.plan.substeps import substeps
from inferctl.plan.threeway import removed_keys, who_moved

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject
    from inferctl.model.endpoint import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version
    from inferctl.plan.live import LiveCatalogue
    from inferctl.plan.ownership import LedgerView, Owned
    from inferctl.plan.plan import Permissions
    from inferctl.plan.references import References
    from inferctl.plan.rotation import Rotation

_RESERVED = Block(BlockKind.RESERVED, "ids with a leading dot belong to the server", "choose another id")


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision needs beside the endpoint itself.

    `references` holds the users found so far; `sharers` maps a deployment to the endpoints attached to it.
    `live` is the server's own list of services, where it was asked.
    `listed` is False where the list of endpoints could not be had: then nobody knows who shares what.
    `ledger` is None where nothing is kept: then `manage` says what is ours.
    """

    version: Version
    permissions: Permissions
    references: Mapping[str, References]
    sharers: Mapping[str, tuple[str, ...]]
    unreadable: Mapping[str, str]
    listed: bool = True
    live: LiveCatalogue | None = None
    ledger: LedgerView | None = None

    def whose(self, inference_id: str) -> Whose:
        """Whose it is, with what this run may adopt or take over counted as ours."""
        found = whose(inference_id, self.permissions.manage, self.ledger)
        if self.ledger is None:
            return found
        if found is Whose.NOBODYS and matches(inference_id, self.permissions.adopt):
            return Whose.OURS
        if found is Whose.ANOTHERS and matches(inference_id, self.permissions.take_over):
            return Whose.OURS
        return found

    def asks_for_secrets(self, inference_id: str) -> str:
        """What of the command line asks to send its secrets again; empty: nothing does."""
        if not matches(inference_id, self.permissions.send_secrets):
            return ""
        return "rotate" if self.permissions.only_rotates else "--send-secrets"

    def last(self, inference_id: str) -> Owned | None:
        """What our last apply noted of it."""
        return self.ledger.ours(inference_id) if self.ledger else None


def decide_desired(desired: DesiredEndpoint, observed: ObservedEndpoint | None, context: Context) -> Change:
    """The change that brings one endpoint to what its file says."""
    form = comparable.of_desired(desired)
    base = _with_secrets(_bare(desired, form, context), context)
    why = context.unreadable.get(desired.inference_id)
    if why is not None:
        block = Block(
            BlockKind.UNREADABLE,
            f"the server cannot read this endpoint: {why}",
            "delete it with its owner's help",
        )
        return replace(base, action=Action.REPLACE, standing=Standing.UNKNOWN, blocks=(block,))
    if observed is None:
        return _decide_absent(base, desired, context)
    seen = comparable.of_observed(observed)
    hidden = comparable.unseen(desired.service, desired.task_type, seen, form)
    if hidden:
        names = ", ".join(sorted(path_text(path) for path in hidden))
        text = f"{context.version} does not show {names}: a change of it cannot be noticed"
        base = replace(base, warnings=(*base.warnings, text))
    fields = field_changes(comparable.implied(seen, form, desired.inference_id), form)
    fields = tuple(field for field in fields if field.path not in hidden)
    last = context.last(desired.inference_id)
    if last is not None:
        fields = (*fields, *removed_keys(last.declared, form, seen, context.version))
    if context.version.serverless:
        base, fields = _sized_by_the_platform(base, fields)
    asked_by = context.asks_for_secrets(desired.inference_id)
    rotation = rotation_of(desired, observed, base.secret_checks, context.version, asked_by=asked_by)
    base = replace(base, fields=fields, observed=seen, rotates_secrets=bool(rotation))
    if rotation:
        base = _tried(base, context)
    owner = context.whose(desired.inference_id)
    if not fields and not rotation:
        return _nothing_to_write(base, owner, context)
    change = _update_or_replace(base, desired, observed, context, rotation)
    if last is not None:
        change = replace(change, fields=who_moved(change.fields, last.declared))
    if owner is not Whose.OURS:
        return _not_ours(change, owner, context)
    return _stand(_possible(_claimed(change, context), desired, context), context, desired)


def _with_secrets(base: Change, context: Context) -> Change:
    """With what the ledger's fingerprints say; nothing where there is no ledger."""
    checks = context.ledger.secrets.get(base.inference_id, ()) if context.ledger else ()
    said = unknown_warnings(checks, base.inference_id)
    return replace(
        base, secret_checks=checks, unchecked_secrets=unchecked(checks), warnings=(*base.warnings, *said)
    )  # fmt: skip


def _tried(base: Change, context: Context) -> Change:
    """A secret that was sent is tried: by the probe, else by a call where that costs next to nothing."""
    if base.probe is not None or not base.secret_fields:
        return base
    call = check_call(base.task_type, wanted=context.permissions.check_secrets)
    if call is not None:
        return replace(base, probe=call)
    text = f"no call tries the new secret: a {base.task_type} endpoint without a probe"
    return replace(base, warnings=(*base.warnings, text))


def _decide_absent(base: Change, desired: DesiredEndpoint, context: Context) -> Change:
    change = _create(base, desired)
    if context.permissions.only_rotates:
        text = "it does not exist, so it has no secret to send again"
        block = Block(BlockKind.IMPOSSIBLE, text, "inferctl apply creates it")
        return replace(change, standing=Standing.BLOCKED, blocks=(block,))
    owner = context.whose(desired.inference_id)
    if owner is Whose.ANOTHERS:
        return _not_ours(change, owner, context)
    last = context.last(desired.inference_id)
    if last is not None and not last.intent:
        change = replace(change, reasons=("it was ours, and somebody removed it",))
    return _stand(_possible(_claimed(change, context), desired, context), context, desired)


def _nothing_to_write(base: Change, owner: Whose, context: Context) -> Change:
    """Equal already. With a ledger, what is nobody's becomes ours, and what is ours is noted as it is now."""
    if context.ledger is None or owner in (Whose.OUTSIDE, Whose.SERVERS):
        return replace(base, noted=True)
    if owner is Whose.ANOTHERS:
        return _not_ours(replace(base, action=Action.ADOPT), owner, context)
    last = context.last(base.inference_id)
    if last is not None and not last.intent:
        return base
    taken = context.ledger.other_scope(base.inference_id) is not None  # then the claim is the reason
    reason = "a run that was cut short created it" if last else "it is there, as the file says"
    reason += "" if last or taken else ", and nobody's"
    return _claimed(replace(base, action=Action.ADOPT, reasons=(reason,), warnings=_adopted(base)), context)


def _adopted(base: Change) -> tuple[str, ...]:
    text = "its secret is not known to us: --send-secrets, or rotate, makes sure"
    return (*base.warnings, text) if base.secret_fields else base.warnings


def _claimed(change: Change, context: Context) -> Change:
    """With the reason why it may be touched, where that is not the ledger as it stands."""
    if context.ledger is None:
        return change
    other = context.ledger.other_scope(change.inference_id)
    if other is not None:
        reason = f"taken over from scope {other}"
    elif (
        context.last(change.inference_id) is None and change.observed is not None and change.action is not Action.ADOPT
    ):
        reason = "adopted: it was nobody's"
    else:
        return change
    return replace(change, reasons=(reason, *change.reasons), claims=True)


def decide_left_behind(observed: ObservedEndpoint, context: Context) -> Change:
    """The removal of a throw-away endpoint of a run that died. Nobody has to allow it: nobody declared it either."""
    change = Change(
        inference_id=observed.inference_id,
        task_type=observed.task_type,
        service=observed.service,
        action=Action.DELETE,
        reasons=("left behind by a run that died while it tried new settings",),
        observed=comparable.of_observed(observed),
        references=context.references.get(observed.inference_id),
        noted=False,
        left_behind=True,
    )
    return _stand(change, context)


def decide_forgotten(inference_id: str, owned: Owned) -> Change:
    """The change for a record of ours whose endpoint is gone and that no file names: housekeeping."""
    return Change(
        inference_id=inference_id,
        task_type=str(owned.declared.get("task_type", "")),
        service=str(owned.declared.get("service", "")),
        action=Action.FORGET,
        reasons=("it is not in the cluster any more, and no file declares it",),
        noted=False,
    )


def decide_removed(observed: ObservedEndpoint, context: Context) -> Change:
    """The change for an endpoint of ours that no file names any more."""
    last = context.last(observed.inference_id)
    if last is not None and observed.inference_id in context.permissions.forget:
        forgotten = decide_forgotten(observed.inference_id, last)
        return replace(forgotten, reasons=("a permit asks to forget it: the endpoint stays, and is nobody's",))
    change = Change(
        inference_id=observed.inference_id,
        task_type=observed.task_type,
        service=observed.service,
        action=Action.DELETE,
        reasons=("no file declares it any more",),
        observed=comparable.of_observed(observed),
        references=context.references.get(observed.inference_id),
        protect=last.protect if last else frozenset(),
        noted=False,
    )
    return _stand(change, context)


def _sized_by_the_platform(base: Change, fields: tuple[FieldChange, ...]) -> tuple[Change, tuple[FieldChange, ...]]:
    """Serverless chooses the size of a model (inference-api 11.9): another one there is no work for us."""
    kept = tuple(field for field in fields if not (base.runs_in_cluster and is_size(field.path)))
    if kept == fields:
        return base, fields
    text = "Serverless sizes the model itself: allocations differ from the file and are left alone"
    return replace(base, warnings=(*base.warnings, text)), kept


def _not_ours(change: Change, owner: Whose, context: Context) -> Change:
    """It exists, and nobody told us that it is ours: shown, never sent."""
    name = change.inference_id
    text = "it exists with other settings and is not ours" if change.fields else "it exists and is not ours"
    match owner:
        case Whose.SERVERS:
            block = _RESERVED
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


def _bare(desired: DesiredEndpoint, form: JsonObject, context: Context) -> Change:
    """A no-op with all that does not depend on the decision."""
    service = find(desired.service)
    in_cluster = bool(service and service.runs_in_cluster)
    deployment = desired.service_settings.get("deployment_id")
    probe = desired.probe
    return Change(
        inference_id=desired.inference_id,
        task_type=desired.task_type,
        service=desired.service,
        action=Action.NOOP,
        span=desired.span,
        references=context.references.get(desired.inference_id),
        expected=dict(comparable.leaves(form)),
        declared=form,
        protect=desired.lifecycle.protect,
        noted=_is_noted(desired, form, context),
        secret_fields=desired.secrets,
        desired=desired,
        runs_in_cluster=in_cluster,
        owns_deployment=desired.inference_id if in_cluster and deployment is None else None,
        shares_deployment=str(deployment) if in_cluster and deployment is not None else None,
        ready_timeout_s=desired.lifecycle.ready_timeout_s,
        timeout_parameter=accepts_timeout(context.version),
        probe=None if probe is None else {"input": probe.input, "query": probe.query, "dimensions": probe.dimensions},
        warnings=remarks(desired, context.version, context.live),
    )


def _is_noted(desired: DesiredEndpoint, form: JsonObject, context: Context) -> bool:
    """Whether the ledger holds just what the file declares; without a ledger there is nothing to note."""
    if context.ledger is None:
        return True
    last = context.last(desired.inference_id)
    return (
        last is not None
        and not last.intent
        and last.protect == desired.lifecycle.protect
        and canonical(last.declared) == canonical(form)
    )


def _create(base: Change, desired: DesiredEndpoint) -> Change:
    return replace(
        base, action=Action.CREATE, put_body=desired.body(), secrets=desired.secrets, reasons=("it does not exist",),
        unchecked_secrets=frozenset(),
    )  # fmt: skip


def _possible(change: Change, desired: DesiredEndpoint, context: Context) -> Change:
    """Blocked where this version refuses what the file says; a warning where the catalogue is not sure."""
    refused, doubtful = impossible(desired, context.version)
    blocks = tuple(Block(BlockKind.IMPOSSIBLE, text, "upgrade the cluster, or change the file") for text in refused)
    return replace(
        change,
        blocks=(*change.blocks, *blocks),
        warnings=(*change.warnings, *(f"the server may refuse this: {text}" for text in doubtful)),
    )


def _update_or_replace(
    base: Change, desired: DesiredEndpoint, observed: ObservedEndpoint, context: Context, rotation: Rotation
) -> Change:
    verdicts = [(field, _verdict(field, desired, observed, context.version)) for field in base.fields]
    fields = tuple(replace(field, note=found.reason) for field, found in verdicts)
    reasons = [found.reason for _, found in verdicts if found.outcome is Outcome.REPLACE]
    reasons += rotation.replace
    warnings = list(base.warnings)
    if not reasons and resets_chunking(observed, context.version):
        reasons.append(f"an update on {context.version} resets chunking_settings to word/250/100, so replace")
    if reasons:
        return replace(
            base, action=Action.REPLACE, fields=(*fields, *rotation.fields),
            reasons=tuple(dict.fromkeys((*rotation.reasons, *reasons))),
            put_body=desired.body(), secrets=desired.secrets, warnings=tuple(warnings),
            substeps=substeps(base, observed), unchecked_secrets=frozenset(),
        )  # fmt: skip
    if may_reset_chunking(observed, context.version):
        warnings.append(
            f"early patches of {context.version} reset chunking_settings with any update: the read-back will tell"
        )
    body, secrets = update_body(
        desired, [field.path for field in fields], context.version, secrets=base.rotates_secrets
    )
    said = [path_text(field.path) + " changes in place" for field in fields]
    return replace(
        base, action=Action.UPDATE, fields=(*fields, *rotation.fields), reasons=(*said, *rotation.reasons),
        update_body=body, secrets=secrets, warnings=tuple(warnings),
        unchecked_secrets=base.unchecked_secrets - secrets,
    )  # fmt: skip


def _verdict(field: FieldChange, desired: DesiredEndpoint, observed: ObservedEndpoint, version: Version) -> Verdict:
    """As the table says; a key that left the file cannot be unset in place (inference-api 5.5)."""
    if field.after is ABSENT:
        return Verdict(Outcome.REPLACE, f"an update cannot unset {path_text(field.path)}, so replace")
    return verdict(field.path, desired, observed, version)


def _stand(change: Change, context: Context, desired: DesiredEndpoint | None = None) -> Change:
    """Blocks and permissions that hold whatever the reason for the change."""
    blocks, warnings = list(change.blocks), list(change.warnings)
    manage = context.permissions.manage
    if is_reserved(change.inference_id):
        blocks.append(_RESERVED)
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
    return seen.get("service") in ("elasticsearch", "elser") and not (
        isinstance(settings, Mapping) and comparable.attached(change.inference_id, settings)
    )


def _sharing(change: Change, context: Context) -> list[Block]:
    """Deleting the owner of a deployment stops it under everybody who is attached (inference-api 6.5)."""
    sharers = [s for s in context.sharers.get(change.inference_id, ()) if s != change.inference_id]
    if not sharers:
        return []
    text = f"its deployment is shared by {', '.join(sharers)}"
    return [Block(BlockKind.SHARED_DEPLOYMENT, text, "remove or repoint these first")]


def _referring(change: Change, context: Context) -> tuple[list[Block], list[str]]:
    """Blocks and warnings for those who use the endpoint (inference-api 6.3), whoever saw them."""
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
