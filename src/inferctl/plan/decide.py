"""One endpoint: desired and observed -> a change. A total function; nothing is asked of anybody here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inferctl.json_types import path_text
from inferctl.model.services import find
from inferctl.plan import comparable
from inferctl.plan.action import Action, BlockKind, Standing
from inferctl.plan.bodies import update_body
from inferctl.plan.change import Block, Change, References
from inferctl.plan.compare import field_changes
from inferctl.plan.mutability import Outcome, accepts_timeout, may_reset_chunking, resets_chunking, verdict
from inferctl.plan.ownership import is_ours, is_reserved, matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.model.endpoint import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version
    from inferctl.plan.plan import Permissions


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision needs beside the endpoint itself.

    `references` holds the dry-run answers so far; `sharers` maps a deployment to the endpoints attached to it.
    """

    version: Version
    permissions: Permissions
    references: Mapping[str, References | None]
    sharers: Mapping[str, tuple[str, ...]]
    unreadable: Mapping[str, str]


def decide_desired(desired: DesiredEndpoint, observed: ObservedEndpoint | None, context: Context) -> Change:
    """The change that brings one endpoint to what its file says."""
    why = context.unreadable.get(desired.inference_id)
    if why is not None:
        block = Block(
            BlockKind.UNREADABLE,
            f"the server cannot read this endpoint: {why}",
            "delete it with its owner's help",
        )
        change = replace(_bare(desired, Action.NOOP, context), action=Action.REPLACE, blocks=(block,))
        return replace(change, standing=Standing.UNKNOWN)
    if observed is None:
        return _stand(_create(desired, context), context)
    form, seen = comparable.of_desired(desired), comparable.of_observed(observed)
    fields = field_changes(comparable.restricted(seen, form), form)
    rotate = bool(desired.secrets) and matches(desired.inference_id, context.permissions.send_secrets)
    base = replace(_bare(desired, Action.NOOP, context), fields=fields, observed=seen, rotates_secrets=rotate)
    if not fields and not rotate:
        return base
    if not is_ours(desired.inference_id, context.permissions.manage):
        block = Block(
            BlockKind.NOT_OURS,
            "it exists with other settings and is not ours",
            f"--manage {desired.inference_id}, if it is",
        )
        return replace(base, action=Action.UPDATE, standing=Standing.BLOCKED, blocks=(block,))
    return _stand(_update_or_replace(base, desired, observed, context), context)


def decide_removed(observed: ObservedEndpoint, context: Context) -> Change:
    """The change for an endpoint of ours that no file names any more."""
    change = Change(
        inference_id=observed.inference_id,
        task_type=observed.task_type,
        service=observed.service,
        action=Action.DELETE,
        reasons=("no file declares it any more",),
        observed=comparable.of_observed(observed),
        references=context.references.get(observed.inference_id),
    )
    return _stand(change, context)


def _bare(desired: DesiredEndpoint, action: Action, context: Context) -> Change:
    service = find(desired.service)
    in_cluster = bool(service and service.runs_in_cluster)
    deployment = desired.service_settings.get("deployment_id")
    probe = desired.probe
    return Change(
        inference_id=desired.inference_id,
        task_type=desired.task_type,
        service=desired.service,
        action=action,
        span=desired.span,
        references=context.references.get(desired.inference_id),
        expected=dict(comparable.leaves(comparable.of_desired(desired))),
        runs_in_cluster=in_cluster,
        owns_deployment=desired.inference_id if in_cluster and deployment is None else None,
        shares_deployment=str(deployment) if in_cluster and deployment is not None else None,
        ready_timeout_s=desired.lifecycle.ready_timeout_s,
        timeout_parameter=accepts_timeout(context.version),
        probe=None if probe is None else {"input": probe.input, "query": probe.query, "dimensions": probe.dimensions},
        blocks=_protections(desired),
        warnings=("service or fields unknown to this inferctl: passed through",) if desired.passthrough else (),
    )


def _protections(desired: DesiredEndpoint) -> tuple[Block, ...]:
    return tuple(
        Block(
            BlockKind.PROTECTED,
            f"lifecycle.protect holds {what}",
            f"take {what} out of lifecycle.protect first",
        )
        for what in sorted(desired.lifecycle.protect)
    )


def _create(desired: DesiredEndpoint, context: Context) -> Change:
    change = replace(
        _bare(desired, Action.CREATE, context),
        put_body=desired.body(),
        secrets=desired.secrets,
        reasons=("it does not exist",),
    )
    if context.permissions.manage and not matches(desired.inference_id, context.permissions.manage):
        globs = ", ".join(context.permissions.manage)
        block = Block(
            BlockKind.OUTSIDE_MANAGE,
            f"its id is outside of manage ({globs})",
            f"--manage {desired.inference_id}",
        )
        return replace(change, blocks=(*change.blocks, block))
    return change


def _update_or_replace(base: Change, desired: DesiredEndpoint, observed: ObservedEndpoint, context: Context) -> Change:
    verdicts = [(field, verdict(field.path, desired, observed, context.version)) for field in base.fields]
    fields = tuple(replace(field, note=found.reason) for field, found in verdicts)
    reasons = [found.reason for _, found in verdicts if found.outcome is Outcome.REPLACE]
    warnings = list(base.warnings)
    if not reasons and resets_chunking(observed, context.version):
        reasons.append(f"an update on {context.version} resets chunking_settings to word/250/100, so replace")
    if reasons:
        return replace(
            base, action=Action.REPLACE, fields=fields, reasons=tuple(dict.fromkeys(reasons)),
            put_body=desired.body(), secrets=desired.secrets, warnings=tuple(warnings),
        )  # fmt: skip
    if may_reset_chunking(observed, context.version):
        warnings.append(
            f"early patches of {context.version} reset chunking_settings with any update: the read-back will tell"
        )
    body, secrets = update_body(
        desired, [field.path for field in fields], context.version, secrets=base.rotates_secrets
    )
    said = [path_text(field.path) + " changes in place" for field in fields]
    if base.rotates_secrets:
        said.append("--send-secrets asks to send its secrets again")
    return replace(
        base, action=Action.UPDATE, fields=fields, reasons=tuple(said), update_body=body, secrets=secrets,
        warnings=tuple(warnings),
    )  # fmt: skip


def _stand(change: Change, context: Context) -> Change:
    """Blocks and permissions that hold whatever the reason for the change."""
    blocks = [block for block in change.blocks if block.kind is not BlockKind.PROTECTED]
    warnings = list(change.warnings)
    if is_reserved(change.inference_id):
        blocks.append(Block(BlockKind.RESERVED, "ids with a leading dot belong to the server", "choose another id"))
    if change.action.removes:
        blocks += [b for b in change.blocks if b.kind is BlockKind.PROTECTED and change.action.word in b.text]
        sharers = tuple(s for s in context.sharers.get(change.inference_id, ()) if s != change.inference_id)
        if sharers:
            blocks.append(
                Block(
                    BlockKind.SHARED_DEPLOYMENT,
                    f"its deployment is shared by {', '.join(sharers)}",
                    "remove or repoint these first",
                )
            )
        if change.references:
            text = reference_text(change.references)
            if change.inference_id in context.permissions.force_delete:
                warnings.append(f"--force-delete: {text}; these will break")
            else:
                blocks.append(
                    Block(
                        BlockKind.REFERENCED,
                        text,
                        f"remove these references, or --force-delete {change.inference_id}",
                    )
                )
        elif change.inference_id in context.references and change.references is None:
            warnings.append("references could not be asked for: apply asks again before it removes anything")
    if blocks:
        return replace(change, blocks=tuple(blocks), standing=Standing.BLOCKED, warnings=tuple(warnings))
    held: Block | None = None
    if change.action is Action.DELETE and not context.permissions.allow_delete:
        held = Block(BlockKind.NEEDS_ALLOW_DELETE, "deletes are off", "--allow-delete")
    if change.action is Action.REPLACE and not context.permissions.allow_replace:
        held = Block(BlockKind.NEEDS_ALLOW_REPLACE, "a replace deletes first, and replaces are off", "--allow-replace")
    return replace(
        change,
        blocks=(held,) if held else (),
        standing=Standing.HELD if held else Standing.READY,
        warnings=tuple(warnings),
    )


def reference_text(references: References) -> str:
    """Who uses it, in words."""
    parts = []
    if references.pipelines:
        parts.append(f"pipelines {', '.join(references.pipelines)}")
    if references.indexes:
        parts.append(f"indexes {', '.join(references.indexes)}")
    return "used by " + " and ".join(parts)
