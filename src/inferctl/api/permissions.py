"""What a run may do: what was asked for, and what the settings file allows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.errors import UsageError
from inferctl.model.ids import REGION_POLICY
from inferctl.workspace.run_bounds import PROGRAM, as_diagnostics, of_asked, of_environment, of_settings, refuse

if TYPE_CHECKING:
    from inferctl.diagnostics import Diagnostic
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.plan import DesiredSet, Permissions, Plan
    from inferctl.workspace.settings import Settings

# The actions that a permit's verb can be meant for.
_STEPS_OF = {
    "delete": ("delete", "replace"),
    "replace": ("replace", "repair"),
    "adopt": ("adopt", "update", "replace"),
    "take_over": ("adopt", "create", "update", "replace"),
    "forget": ("forget",),
    "deny": (),  # of no endpoint: of the region policy that denies it
}


def permitted(
    asked: Permissions, settings: Settings, bounds: OperatorBounds, beside: tuple[Diagnostic, ...] = ()
) -> Permissions:
    """What is asked for adds to what the settings file allows; limits that are asked for replace those of the file.

    Raises UsageError where the file wants a ledger and does not say whose; RefusedByBounds for more than the operator
    lets anybody ask for, naming what was found out of bounds `beside` it too.
    """
    from inferctl.planner.plan import SettingsName

    values = settings.values
    refuse(
        (
            *as_diagnostics(of_settings(values, bounds), settings.file or PROGRAM),
            *as_diagnostics(of_environment(settings.environment, bounds), settings.file or PROGRAM),
            *as_diagnostics(of_asked(asked, bounds), PROGRAM),
            *beside,
        )
    )
    if values.ledger not in (None, "none") and values.scope is None:
        raise UsageError("ledger: needs a scope: the name under which this repository owns endpoints")
    permits = {verb: [p.inference_id for p in values.permits if p.verb == verb] for verb in _STEPS_OF}
    in_file = values.limits.max_deletes
    return replace(
        asked,
        manage=asked.manage or values.manage,
        allow_delete=asked.allow_delete or "delete" in values.allow,
        allow_replace=asked.allow_replace or "replace" in values.allow,
        max_deletes=asked.max_deletes if asked.max_deletes is not None else None if in_file is None else str(in_file),
        max_changes=asked.max_changes if asked.max_changes is not None else values.limits.max_changes,
        force_ids=asked.force_ids.union(
            p.inference_id for p in values.permits if p.force and p.verb in ("delete", "replace")
        ),
        # An id is no glob in a permit: a review grants one endpoint at a time.
        adopt_ids=asked.adopt_ids.union(permits["adopt"]),
        take_over_ids=asked.take_over_ids.union(permits["take_over"]),
        delete_ids=asked.delete_ids.union(permits["delete"]),
        replace_ids=asked.replace_ids.union(permits["replace"]),
        forget=asked.forget.union(permits["forget"]),
        deny_ids=asked.deny_ids.union(permits["deny"]),
        ignore=(*asked.ignore, *values.ignore),
        settings=SettingsName(settings.file or SettingsName().file, settings.environment),
    )


def with_permit_warnings(plan: Plan, settings: Settings, work: DesiredSet | Plan, allowed: Permissions) -> Plan:
    """Says which permits a plan of this `work` has no use for: spent, or never needed.

    What the plan leaves out (--target, --exclude, paths, a saved plan) has its permit for another run.
    """
    from inferctl.planner.plan import Plan
    from inferctl.planner.region_policy import PolicyChange

    seen = {change.inference_id for change in plan.changes}
    partial = isinstance(work, Plan) or work.selected is not None or bool(allowed.target or allowed.exclude)
    steps = {change.inference_id: change for change in plan.steps}
    denied = {d.inference_id for change in plan.steps if isinstance(change, PolicyChange) for d in change.denials}
    warnings = []
    for number, permit in enumerate(settings.values.permits):
        if partial and permit.inference_id not in seen:
            continue
        if permit.verb == "deny" and (permit.inference_id in denied or (partial and REGION_POLICY not in seen)):
            continue
        change = steps.get(permit.inference_id)
        if change is None or change.action.word not in _STEPS_OF[permit.verb]:
            at = settings.place(("permits", number))
            what = f"{permit.verb.replace('_', '-')} of {permit.inference_id}"
            warnings.append(f"the permit for the {what} ({at.file}:{at.line}) is spent, or nothing needs it: remove it")
    return replace(plan, permit_warnings=tuple(warnings))
