"""A saved plan meets the cluster as it is now: what still holds, what has moved. Pure.

The plan is made again, from the declarations in the file and with the permissions of this run. A step is done where
it comes out as it was saved; so a plan file permits nothing by itself, and cannot hold a step that no file leads to.
What an earlier run of the plan did already is left as it is (`as_planned`).
"""

from __future__ import annotations

from dataclasses import replace
from glob import escape
from typing import TYPE_CHECKING

from inferctl.errors import PlanFileError, StalePlan
from inferctl.fix import Fix, advice, flag
from inferctl.json_types import canonical, path_text
from inferctl.model.fact_words import first_of
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.file.as_planned import left_to_do
from inferctl.planner.file.hide_credentials import hide_credentials, sides_to_save
from inferctl.planner.file.plan_again import plan_again, with_fixes_by_planning
from inferctl.planner.limits import check_guards
from inferctl.planner.make_plan import is_ours
from inferctl.planner.normalise import leaves
from inferctl.planner.plan import DesiredSet, Guard, Plan, Stop
from inferctl.planner.references import UserKind
from inferctl.planner.region_policy import DesiredPolicy, PolicyChange
from inferctl.planner.secret_state import SecretState
from inferctl.planner.unfinished_replaces import unfinished_replaces

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject, Path
    from inferctl.planner.change import Change
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import Capabilities, Observation, Permissions
    from inferctl.planner.references import References

_NAMED = 10
_GONE, _THERE = "it is gone", "it is there now"
_NOT_OURS = "it is not ours any more"
# What only the operator of this run can lift. It blocks a step; it does not make a plan stale.
_PERMISSION = frozenset(
    {
        BlockKind.NEEDS_ALLOW_DELETE,
        BlockKind.NEEDS_ALLOW_REPLACE,
        BlockKind.OUTSIDE_MANAGE,
        BlockKind.RESERVED,
        BlockKind.PROTECTED,
        BlockKind.IMPOSSIBLE,
        BlockKind.DENIES_USED,
    }
)


def check_same_environment(saved: Plan, environment: str) -> None:
    """Raises StalePlan for a plan that was made for another environment than `environment`; empty: for none."""
    if saved.environment == environment:
        return
    made_for = f"for the environment {saved.environment}" if saved.environment else "without an environment"
    this = f"for {environment}" if environment else "without one"
    stale = StalePlan(f"the plan was made {made_for}, and this run is {this}: nothing was sent")
    if not saved.environment:
        raise stale.with_fixes(plan_again(saved.file, environment, saved.typed_for_plan))
    if not environment:
        raise stale.with_fixes(advice("apply it with the settings file that it was made with"))
    raise stale.with_fixes(flag(f"--env {saved.environment}"))


def _again(saved: Plan) -> Fix:
    return plan_again(saved.file, saved.environment, saved.typed_for_plan)


def check_target(saved: Plan | None, capabilities: Capabilities, scope: str) -> None:
    """Raises StalePlan for another cluster or minor version, PlanFileError for another scope."""
    if saved is None:
        return
    planned_for = saved.capabilities
    if planned_for is None:
        raise PlanFileError("the plan does not say which cluster it is for").with_fixes(_again(saved))
    if planned_for.cluster_uuid != capabilities.cluster_uuid:
        raise StalePlan(
            f"the plan is for the cluster {planned_for.cluster_uuid} ({planned_for.cluster_name}), and this is "
            f"{capabilities.cluster_uuid} ({capabilities.cluster_name}): nothing was sent"
        ).with_fixes(_again(saved))
    if planned_for.version.line != capabilities.version.line:
        raise StalePlan(
            f"the plan is for Elasticsearch {planned_for.version}, and this cluster is {capabilities.version} by now: "
            "nothing was sent"
        ).with_fixes(_again(saved))
    if saved.scope != scope:
        raise PlanFileError(
            f"the plan was made under the scope {saved.scope or '(none)'}, and the settings say {scope or '(none)'}"
        ).with_fixes(advice("apply it with the settings file that it was made with"))


def desired_of(saved: Plan) -> DesiredSet:
    """What the plan's files declared. Nothing may go that the plan does not name."""
    policies = [change for change in saved.changes if isinstance(change, PolicyChange)]
    return DesiredSet(
        tuple(change.desired for change in saved.changes if change.desired is not None),
        removing=frozenset(change.inference_id for change in saved.changes if change.declared is None),
        region_policy=next((DesiredPolicy(p.wanted) for p in policies if p.wanted is not None), None),
    )


def permissions_for(saved: Plan, allowed: Permissions) -> Permissions:
    """Those of this run; and secrets are sent again where the plan says so."""
    asked = tuple(
        escape(change.inference_id)
        for change in saved.changes
        if change.rotates_secrets and not any(field.sensitive for field in change.fields)
    )
    return replace(allowed, send_secrets=asked)


def reconcile(
    saved: Plan,
    fresh: Plan,
    observation: Observation,
    permissions: Permissions,
    ledger: LedgerView | None,
    *,
    skip_stale: bool = False,
) -> Plan:
    """The saved plan with every step as it is decided now; steps that moved are blocked as stale.

    `fresh` is the plan made from `desired_of(saved)`. A stale step stops the whole run, unless `skip_stale`.
    What was held or blocked when it was saved stays so. What is as planned already is a no-op, and named in a note. The
    throw-away endpoints of earlier runs of ours go, whether the plan names them or not.
    """
    saved = with_fixes_by_planning(saved, to_apply=True)
    now = {change.inference_id: change for change in fresh.changes}
    named = {change.inference_id for change in saved.changes}
    changes = [change for change in fresh.changes if change.inference_id not in named and _is_of_a_trial(change)]
    done: list[str] = []
    warnings = list(fresh.warnings)
    for step in saved.changes:
        current = now.get(step.inference_id)
        if step.action is Action.NOOP:
            kept = _kept(step, current)
            if kept is None:
                warnings.append(f"{step.inference_id} has changed since the plan was saved; no step of it touches it")
            changes.append(kept or replace(step, reasons=("it has changed since the plan was saved",)))
        elif not step.will_run or saved.stops:
            changes.append(step)
        else:
            decided = _decided_now(step, current, observation, ledger)
            changes.append(decided)
            if decided.action is Action.NOOP:
                done.append(step.inference_id)
                if step.action is Action.CREATE and not is_ours(step.inference_id, permissions, ledger):
                    warnings.append(
                        f"{step.inference_id} is there as declared; without a scope nobody knows who made it"
                    )
    stops = [*saved.stops]
    desired = desired_of(saved)
    ours = sum(is_ours(i, permissions, ledger) for i in observation.endpoints)
    known = {stop.guard for stop in stops}
    fired = check_guards(desired, observation, permissions, changes, ours=ours, gone=0)
    stops += [stop for stop in fired if stop.guard not in known]
    changes = [_with_fix(change, _again(saved)) if change.is_stale else change for change in changes]
    stale = [change for change in changes if change.is_stale]
    if stale and not skip_stale:
        stops.append(_stale_stop(stale, _again(saved)))
    return replace(
        fresh,
        changes=tuple(sorted(changes, key=lambda change: change.inference_id)),
        stops=tuple(stops),
        notes=(*fresh.notes, *_done_notes(done)),
        warnings=tuple(warnings),
        unfinished=unfinished_replaces(ledger, changes),
        scope=saved.scope,
    )


def _is_of_a_trial(change: Change) -> bool:
    return change.desired is None and change.record is not None and change.record.is_trial


def _done_notes(done: list[str]) -> tuple[str, ...]:
    if not done:
        return ()
    more = ", …" if len(done) > _NAMED else ""
    return (f"as planned already, so nothing is sent for it: {', '.join(done[:_NAMED])}{more}",)


def _stale_stop(stale: list[Change], again: Fix) -> Stop:
    named = [f"{change.inference_id} ({change.blocks[0].text.removeprefix('stale: ')})" for change in stale]
    count = "1 step is" if len(stale) == 1 else f"{len(stale)} steps are"
    text = f"{count} not what was saved: {first_of(named, _NAMED, '; ')}"
    return Stop(Guard.STALE, text, (again, flag("--skip-stale")))


def _kept(step: Change, current: Change | None) -> Change | None:
    """What is to be done for an endpoint that needed nothing; None where somebody changed it."""
    if current is None:
        return None
    if current.action in (Action.NOOP, Action.VERIFY):  # a look writes nothing
        return current
    if _secrets_moved(step, current):
        if current.action is Action.UPDATE:
            return current
        return _stale(step, f"its secret changed, and only a {current.action.word} can send it")
    return None


def _secrets_moved(step: Change, current: Change) -> bool:
    """Whether all that is different is a secret that could not be checked when the plan was saved."""
    moved = {field.path for field in current.fields}
    return bool(moved) and all(f.sensitive for f in current.fields) and moved <= step.unchecked_secrets


def _decided_now(step: Change, current: Change | None, observation: Observation, ledger: LedgerView | None) -> Change:
    """The step as it is decided now, what is left of one that was done before, or blocked as stale."""
    moved = _moved(step, current, observation)
    if moved or current is None:
        return left_to_do(step, current, observation, ledger) or _stale(step, ", ".join(moved))
    if current.standing is Standing.READY or _is_permission(step, current, ledger):
        # Why something is no longer declared, its files said: the plan knows them, and this run does not.
        return replace(current, reasons=step.reasons) if step.desired is None else current
    return _stale(step, "; ".join(block.text for block in current.blocks))


def _with_fix(change: Change, fix: Fix) -> Change:
    return replace(change, blocks=tuple(replace(block, fixes=(fix,)) for block in change.blocks))


def _stale(step: Change, why: str) -> Change:
    block = Block(BlockKind.STALE, f"stale: {why}")
    return replace(step, standing=Standing.BLOCKED, blocks=(block,))


def _moved(step: Change, current: Change | None, observation: Observation) -> tuple[str, ...]:
    """What the step relies on and is no longer so: leaves, or a word on the whole. Empty where it holds."""
    if current is None and step.inference_id in observation.endpoints:
        return (_NOT_OURS,)
    if current is None or (step.observed is not None and current.observed is None):
        return (_GONE,)
    if step.observed is None:
        if current.observed is not None:
            return (_there(current),)
    else:
        changed = _differing(hide_credentials(step.observed), hide_credentials(current.observed or {}))
        if changed:
            return changed
    if not current.is_for_us:
        return ()  # nothing is decided for it: the block says why
    if current.claims and not step.claims:
        return (_NOT_OURS,)
    return _decided_otherwise(step, current)


def _there(current: Change) -> str:
    """Of an endpoint that was to be created: what is there in its place."""
    if current.blocks:
        return f"{_THERE}: {'; '.join(block.text for block in current.blocks)}"
    if current.action is Action.ADOPT and current.record is None:
        return f"{_THERE}, and not ours"
    return f"{_THERE}, with other settings" if current.fields else _THERE


def _differing(before: JsonObject, after: JsonObject) -> tuple[str, ...]:
    was, now = dict(leaves(before)), dict(leaves(after))
    return tuple(
        sorted(
            f"{path_text(path)} changed"
            for path in was.keys() | now.keys()
            if path not in was or path not in now or canonical(was[path]) != canonical(now[path])
        )
    )


def _decided_otherwise(step: Change, current: Change) -> tuple[str, ...]:
    """The same endpoint, and yet another step: the ledger moved, or the file was not made by this inferctl."""
    if step.action is not current.action:
        return (f"{step.action.word} was planned, and now it would be {current.action.word}",)
    was, now = _differences(step), _differences(current)
    names = sorted(
        path_text(path)
        for path in was.keys() | now.keys()
        if was.get(path) != now.get(path) and not _goes_with_the_step(path, step, current)
    )
    if names:
        return tuple(f"{name} is decided otherwise now" for name in names)
    same = (step.task_type, step.service, step.left_behind) == (current.task_type, current.service, current.left_behind)
    if same and current.secrets <= step.secrets | step.unchecked_secrets:
        return ()
    return ("what is planned does not follow from what is declared",)


def _differences(change: Change) -> dict[Path, str]:
    """What differs and how, as a plan file may say it."""
    return {field.path: canonical({"sensitive": field.sensitive, **sides_to_save(field)}) for field in change.fields}


def _goes_with_the_step(path: Path, step: Change, current: Change) -> bool:
    """Whether it is a secret that may have to be sent, or not, and makes no other step of it.

    It could not be checked when the plan was saved; or it is in doubt since an earlier run of the plan (which sends it
    anyway) was cut short; or it is stored by now.
    """
    before, after = ({f.path: f.sensitive for f in change.fields} for change in (step, current))
    if not all(sides.get(path, True) for sides in (before, after)):
        return False
    if path in step.unchecked_secrets:
        return True
    if path not in before:
        return path in step.secrets
    stored = any(check.path == path and check.state is SecretState.SAME for check in current.secret_checks)
    return path not in after and (stored or step.action is Action.REPLACE)


def _is_permission(step: Change, current: Change, ledger: LedgerView | None) -> bool:
    """Whether the step only lacks what the operator of this run could grant, as the plan's operator did."""
    kinds = {block.kind for block in current.blocks} - _PERMISSION
    if BlockKind.NOT_OURS in kinds and (ledger is None or step.claims):
        kinds.discard(BlockKind.NOT_OURS)
    if BlockKind.REFERENCED in kinds and not _new_users(step.references, current.references):
        kinds.discard(BlockKind.REFERENCED)
    return not kinds


def _new_users(before: References | None, after: References | None) -> bool:
    """Whether somebody uses it who was not there, as far as that could be seen."""
    if before is None or after is None or not before.asked:
        return False
    return any(set(after.names(kind)) - set(before.names(kind)) for kind in UserKind if kind is not UserKind.ENDPOINT)
