"""One endpoint: desired and observed -> a change. A total function; nothing is asked of anybody here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.json_types import canonical, path_text
from inferctl.model.services.names import IN_CLUSTER
from inferctl.planner import normalise
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.blocks import not_ours, possible, stand
from inferctl.planner.bodies import update_body
from inferctl.planner.change import ABSENT, Block, Change, FieldChange
from inferctl.planner.diff import field_changes
from inferctl.planner.drift import removed_keys, who_moved
from inferctl.planner.ownership import Whose, matches
from inferctl.planner.passthrough import remarks
from inferctl.planner.readback import is_size
from inferctl.planner.secret_state import SecretState, check_call, rotation_of, unchecked, unknown_warnings
from inferctl.planner.substeps import substeps
from inferctl.planner.update_or_replace import (
    Outcome,
    Verdict,
    accepts_timeout,
    may_reset_chunking,
    resets_chunking,
    verdict,
)

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version
    from inferctl.planner.context import Context
    from inferctl.planner.ownership import Owned
    from inferctl.planner.secret_state import Rotation, SecretCheck


def decide_desired(desired: DesiredEndpoint, observed: ObservedEndpoint | None, context: Context) -> Change:
    """The change that brings one endpoint to what its file says."""
    form = normalise.of_desired(desired)
    checks = context.ledger.secrets.get(desired.inference_id, ()) if context.ledger else ()
    why = context.unreadable.get(desired.inference_id)
    if why is not None:
        block = Block(
            BlockKind.UNREADABLE,
            f"the server cannot read this endpoint: {why}",
            "delete it with its owner's help",
        )
        base = _bare(desired, form, checks, context)
        return replace(base, action=Action.REPLACE, standing=Standing.UNKNOWN, blocks=(block,))
    if observed is None:
        return _decide_absent(_bare(desired, form, checks, context), desired, context)
    seen = normalise.of_observed(observed)
    fields, warnings = _differences(desired, form, seen, context)
    asked_by = context.asks_for_secrets(desired.inference_id)
    rotation = rotation_of(desired, observed, checks, context.version, asked_by=asked_by)
    owner = context.whose(desired.inference_id)
    # Built once: most endpoints of most runs need nothing, and copies of a value this wide are not free.
    base = _bare(
        desired, form, checks, context, fields=fields, seen=seen, warnings=warnings, rotates_secrets=bool(rotation)
    )
    if not fields and not rotation:
        return _nothing_to_write(base, owner, context)
    if rotation:
        base = _tried(base, context)
    change = _update_or_replace(base, desired, observed, context, rotation)
    last = context.last(desired.inference_id)
    if last is not None:
        change = replace(change, fields=who_moved(change.fields, last.declared))
    if owner is not Whose.OURS:
        return not_ours(change, owner, context)
    return stand(possible(_claimed(change, context), desired, context), context, desired)


def _differences(
    desired: DesiredEndpoint, form: JsonObject, seen: JsonObject, context: Context
) -> tuple[tuple[FieldChange, ...], tuple[str, ...]]:
    """The leaves that differ, and what has to be said of those that cannot be compared."""
    hidden = normalise.unseen(desired.service, desired.task_type, seen, form)
    fields = field_changes(normalise.implied(seen, form, desired.inference_id), form)
    fields = tuple(field for field in fields if field.path not in hidden)
    last = context.last(desired.inference_id)
    if last is not None:
        fields = (*fields, *removed_keys(last.declared, form, seen, context.version))
    warnings: list[str] = []
    ignored = [field for field in fields if _is_ignored(field.path, context)]
    if ignored:
        fields = tuple(field for field in fields if field not in ignored)
        names = ", ".join(path_text(field.path) for field in ignored)
        warnings.append(f"differs and is left alone, as the settings file says (ignore): {names}")
    if hidden:
        names = ", ".join(sorted(path_text(path) for path in hidden))
        warnings.append(f"{context.version} does not show {names}: a change of it cannot be noticed")
    if context.version.serverless and desired.service in IN_CLUSTER:
        kept = tuple(field for field in fields if not is_size(field.path))
        if kept != fields:
            # Serverless chooses the size of a model (docs/reference/server/errors.md#serverless): another one there is
            # no work for us.
            warnings.append("Serverless sizes the model itself: allocations differ from the file and are left alone")
        fields = kept
    return fields, tuple(warnings)


def _is_ignored(path: Path, context: Context) -> bool:
    return bool(context.permissions.ignore) and matches(path_text(path), context.permissions.ignore)


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
        return not_ours(change, owner, context)
    last = context.last(desired.inference_id)
    if last is not None and not last.intent:
        change = replace(change, reasons=("it was ours, and somebody removed it",))
    return stand(possible(_claimed(change, context), desired, context), context, desired)


def _nothing_to_write(base: Change, owner: Whose, context: Context) -> Change:
    """Equal already. With a ledger, what is nobody's becomes ours, and what is ours is noted as it is now."""
    if context.ledger is None or owner in (Whose.OUTSIDE, Whose.SERVERS):
        return base if base.noted else replace(base, noted=True)
    if owner is Whose.ANOTHERS:
        return not_ours(replace(base, action=Action.ADOPT), owner, context)
    last = context.last(base.inference_id)
    if last is not None and not last.intent:
        return base
    taken = context.ledger.other_scope(base.inference_id) is not None  # then the claim is the reason
    reason = "a run that was cut short created it" if last else "it is there, as the file says"
    reason += "" if last or taken else ", and nobody's"
    return _claimed(replace(base, action=Action.ADOPT, reasons=(reason,), warnings=_adopted(base)), context)


def _adopted(base: Change) -> tuple[str, ...]:
    text = "its secret is not known to us: --send-secrets, or rotate, makes sure"
    said = any(check.state is SecretState.UNKNOWN for check in base.secret_checks)
    return (*base.warnings, text) if base.secret_fields and not said else base.warnings


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
    change = _removal(observed, "left behind by a run that died while it tried new settings", context)
    return stand(replace(change, left_behind=True), context)


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
    change = _removal(observed, "no file declares it any more", context)
    return stand(replace(change, protect=last.protect) if last else change, context)


def _removal(observed: ObservedEndpoint, reason: str, context: Context) -> Change:
    return Change(
        inference_id=observed.inference_id,
        task_type=observed.task_type,
        service=observed.service,
        action=Action.DELETE,
        reasons=(reason,),
        observed=normalise.of_observed(observed),
        references=context.references.get(observed.inference_id),
        noted=False,
    )


def _bare(
    desired: DesiredEndpoint,
    form: JsonObject,
    checks: tuple[SecretCheck, ...],
    context: Context,
    *,
    fields: tuple[FieldChange, ...] = (),
    seen: JsonObject | None = None,
    warnings: tuple[str, ...] = (),
    rotates_secrets: bool = False,
) -> Change:
    """A no-op with all that does not depend on the decision."""
    in_cluster = desired.service in IN_CLUSTER
    deployment = desired.service_settings.get("deployment_id")
    probe = desired.probe
    said = remarks(desired, context.version, context.live)
    if seen is not None:  # a create sends its secrets, whatever was known of them
        said = (*said, *unknown_warnings(checks, desired.inference_id))
    return Change(
        inference_id=desired.inference_id,
        task_type=desired.task_type,
        service=desired.service,
        action=Action.NOOP,
        fields=fields,
        observed=seen,
        span=desired.span,
        references=context.references.get(desired.inference_id),
        expected={path: value for path, value in normalise.leaves(form) if not _is_ignored(path, context)},
        declared=form,
        protect=desired.lifecycle.protect,
        noted=_is_noted(desired, form, context),
        secret_fields=desired.secrets,
        secret_checks=checks,
        unchecked_secrets=unchecked(checks),
        rotates_secrets=rotates_secrets,
        desired=desired,
        runs_in_cluster=in_cluster,
        owns_deployment=desired.inference_id if in_cluster and deployment is None else None,
        shares_deployment=str(deployment) if in_cluster and deployment is not None else None,
        ready_timeout_s=desired.lifecycle.ready_timeout_s,
        timeout_parameter=accepts_timeout(context.version),
        probe=None if probe is None else {"input": probe.input, "query": probe.query, "dimensions": probe.dimensions},
        warnings=(*said, *warnings),
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
    """As the table says; a key that left the file cannot be unset in place.

    Source: docs/reference/server/update.md#removing-a-setting.
    """
    if field.after is ABSENT:
        return Verdict(Outcome.REPLACE, f"an update cannot unset {path_text(field.path)}, so replace")
    return verdict(field.path, desired, observed, version)
