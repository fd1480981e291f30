"""The region policy: declared and observed -> its step, and what that means for endpoints and their users. Pure.

Whose it is follows the rules for endpoints, by name: no glob claims it, and `manage`, which is about the ids of
endpoints, does not bound it where a ledger says whose it is (docs/decisions/0018-region-policy.md).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.fix import advice, flag
from inferctl.model.fact_words import first_of
from inferctl.model.ids import REGION_POLICY
from inferctl.model.versions import REGION_POLICIES
from inferctl.planner.action import NOT_THERE, Action, Block, BlockKind, Standing
from inferctl.planner.blocks import OWN_SCAN, Judge
from inferctl.planner.diff import field_changes
from inferctl.planner.ownership import Whose, matches
from inferctl.planner.references import reference_text
from inferctl.planner.region_policy import (
    PolicyChange,
    SeenPolicy,
    denials,
    denied_by_model,
    denied_in_force,
    normalised,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from inferctl.json_types import JsonObject
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version
    from inferctl.planner.change import Change
    from inferctl.planner.context import Context
    from inferctl.planner.plan import DesiredSet, Observation, Permissions
    from inferctl.planner.region_policy import Denial

_AS_DECLARED = frozenset({Action.NOOP, Action.ADOPT})
KEPT = (
    "the region policy is ours, and no settings file declares it: it stays. --delete-region-policy removes it, "
    f"inferctl forget {REGION_POLICY} gives it up"
)
KEPT_BY_DESTROY = (
    f"the region policy is ours, and it stays: only endpoints are removed. inferctl forget {REGION_POLICY} gives it up"
)
DECLARED = "its removal was asked for by name, and the settings file declares it: it stays"


def needs_policy(desired: DesiredSet, permissions: Permissions, version: Version) -> bool:
    """Whether a plan has to look at the policy: a file declares it, or somebody asks for its removal."""
    is_left_out = is_passed_over(desired, permissions) or not REGION_POLICIES.includes(version)
    return _is_spoken_of(desired, permissions) and not is_left_out


def decide_policy(
    desired: DesiredSet, observation: Observation, context: Context, changes: Iterable[Change]
) -> PolicyChange | None:
    """The step of the policy; None where there is nothing to say of it. `changes` are those of the endpoints."""
    if not _is_spoken_of(desired, context.permissions) or is_passed_over(desired, context.permissions):
        return None
    context = _context_of_policy(context)
    wanted = _wanted(desired)
    if wanted is None:
        return _undeclared(desired, observation, context)
    made = PolicyChange(
        REGION_POLICY,
        Action.CREATE,
        fields=field_changes({}, wanted),
        record=context.last(REGION_POLICY),
        terms=context.terms,
        wanted=wanted,
        place=desired.region_policy.place if desired.region_policy is not None else None,
    )
    if not REGION_POLICIES.includes(context.terms.version):
        first, version = REGION_POLICIES.text(), context.terms.version
        text = f"region policies came with Elasticsearch {first}, and this cluster is {version}"
        block = Block(BlockKind.IMPOSSIBLE, text, (advice("upgrade the cluster, or change the file"),))
        return replace(made, standing=Standing.BLOCKED, blocks=(block,))
    seen = observation.region_policy or SeenPolicy(problem="nobody looked")
    if seen.problem:
        return replace(
            made, action=Action.UPDATE, standing=Standing.UNKNOWN, fields=(), blocks=(_unread(seen.problem),)
        )
    observed = None if seen.policy is None else normalised(seen.policy.policy)
    made = _decided(made, wanted, observed, context)
    if made.action not in (Action.CREATE, Action.UPDATE):
        return _with_denied(made, desired, observation)
    return _judged_by_users(made, desired, observation, context, changes)


def with_denied_in_force(
    changes: Iterable[Change], policy: PolicyChange | None, observed: Mapping[str, ObservedEndpoint]
) -> Iterator[Change]:
    """The changes of endpoints; those that the policy in force denies, says the server, warn of it.

    Where a step of the policy is done, or finds it as declared, the step says whom it denies.
    """
    stays = policy is None or policy.action is Action.FORGET or not (policy.will_run or policy.action in _AS_DECLARED)
    told = denied_by_model(observed) if stays else {}
    for change in changes:
        by = () if change.desired is None else denied_in_force(change.desired, told)
        if by:
            others = "" if change.inference_id in by else f" of {', '.join(by)}, with the same model"
            text = f"the region policy in force denies it, by what the server says{others}: calls to it fail"
            yield replace(change, warnings=(*change.warnings, text))
        else:
            yield change


def policy_notes(
    desired: DesiredSet, observation: Observation, permissions: Permissions, context: Context
) -> tuple[str, ...]:
    """That a policy of ours stays, as it goes by name only; and that a name means nothing where there is none."""
    if permissions.only_rotates or not desired.complete or _wanted(desired) is not None:
        return ()
    record = context.last(REGION_POLICY)
    if is_to_go(desired, permissions):
        if not REGION_POLICIES.includes(context.terms.version):
            return (f"there is no region policy to remove: they came with Elasticsearch {REGION_POLICIES.text()}",)
        is_none = observation.region_policy == SeenPolicy() and record is None
        return ("there is no region policy to remove",) if is_none else ()
    if record is None or record.is_meant or REGION_POLICY in permissions.forget or desired.selected is not None:
        return ()
    return (KEPT_BY_DESTROY if desired.emptied else KEPT,)


def _is_spoken_of(desired: DesiredSet, permissions: Permissions) -> bool:
    if permissions.only_rotates:
        return False
    named = is_to_go(desired, permissions) or REGION_POLICY in permissions.forget
    return named or _wanted(desired) is not None


def is_passed_over(desired: DesiredSet, permissions: Permissions) -> bool:
    """Whether it would have a step, and paths, which select endpoints, or --target or --exclude leave it out."""
    left_out = (permissions.target and not matches(REGION_POLICY, permissions.target)) or matches(
        REGION_POLICY, permissions.exclude
    )
    return _is_spoken_of(desired, permissions) and (desired.selected is not None or bool(left_out))


def _wanted(desired: DesiredSet) -> JsonObject | None:
    """`destroy` removes endpoints, and leaves the policy as it is."""
    if desired.region_policy is None or desired.emptied:
        return None
    return normalised(desired.region_policy.document)


def is_to_go(desired: DesiredSet, permissions: Permissions) -> bool:
    """Whether its removal is asked for, by its name or by a saved plan."""
    return REGION_POLICY in permissions.delete_ids or REGION_POLICY in (desired.removing or ())


def _context_of_policy(context: Context) -> Context:
    """Whose it is and what may be done to it, said by its name alone."""
    allowed = context.permissions

    def named(ids: Iterable[str]) -> frozenset[str]:
        return frozenset({REGION_POLICY} & set(ids))

    permissions = replace(
        allowed,
        manage=allowed.manage if context.ledger is None else (),
        allow_delete=False,
        adopt=(),
        take_over=(),
        adopt_ids=named((*allowed.adopt, *allowed.adopt_ids)),
        take_over_ids=named((*allowed.take_over, *allowed.take_over_ids)),
    )
    return replace(context, permissions=permissions)


def _decided(made: PolicyChange, wanted: JsonObject, observed: JsonObject | None, context: Context) -> PolicyChange:
    """What brings the observed policy to the wanted one, and whether it may be done."""
    owner, last, other = context.whose(REGION_POLICY), made.record, context.other_scope(REGION_POLICY)
    is_ours = last is not None and not last.is_meant
    fields = field_changes(observed or {}, wanted)
    if observed is None:
        action, reason = Action.CREATE, "it was ours, and somebody removed it" if is_ours else NOT_THERE
    elif fields:
        action, reason = Action.UPDATE, _who_moved(observed, wanted, last.declared if last and is_ours else None)
    elif context.ledger is None or is_ours:
        action, reason = Action.NOOP, ""
    else:
        action, reason = Action.ADOPT, "it is there, as declared" + ("" if other else ", and nobody's")
    claims = context.ledger is not None and owner is Whose.OURS and not is_ours and observed is not None
    claim = f"taken over from scope {other}" if other else "adopted: it was nobody's"
    judgement = Judge(REGION_POLICY, context).declared(action, owner, differs=bool(fields))
    named = REGION_POLICY in context.permissions.delete_ids
    return replace(
        made,
        action=action,
        standing=judgement.standing,
        reasons=tuple(filter(None, (claim if claims and (other or fields) else "", reason))),
        fields=fields,
        blocks=judgement.blocks,
        warnings=(*judgement.warnings, *((DECLARED,) if named else ())),
        observed=observed,
        claims=claims,
    )


def _who_moved(observed: JsonObject, wanted: JsonObject, last: JsonObject | None) -> str:
    """Whether the settings file or somebody else moved, as far as a ledger tells."""
    if last is None:
        return "it differs"
    if last == wanted:
        return "somebody changed it"
    return "the settings file changed" if last == observed else "the settings file changed, and somebody changed it"


def _unread(problem: str) -> Block:
    text = f"the region policy of the cluster could not be read: {problem}"
    return Block(BlockKind.UNREADABLE, text, (advice("plan again"),))


def _undeclared(desired: DesiredSet, observation: Observation, context: Context) -> PolicyChange | None:
    """What no settings file declares goes, or is given up, where somebody names it; else it is left alone."""
    record, seen, permissions = context.last(REGION_POLICY), observation.region_policy, context.permissions
    forget = PolicyChange(REGION_POLICY, Action.FORGET, record=record, terms=context.terms)
    if REGION_POLICY in permissions.forget and record is not None:
        return replace(forget, reasons=("a permit asks to forget it: the policy stays, and is nobody's",))
    if not is_to_go(desired, permissions) or seen is None or not desired.complete:
        return None
    made = replace(forget, action=Action.DELETE, reasons=("its removal was asked for by name",))
    if seen.problem:
        return replace(made, standing=Standing.UNKNOWN, blocks=(_unread(seen.problem),))
    if seen.policy is None:
        gone = "it is not in the cluster any more, and its removal was asked for"
        return None if record is None else replace(forget, reasons=(gone,))
    judge, owner = Judge(REGION_POLICY, context), context.whose(REGION_POLICY)
    # Who may not change it may not remove it either, for the same reason.
    judgement = (
        judge.step(Action.DELETE) if owner is Whose.OURS else judge.declared(Action.UPDATE, owner, differs=False)
    )
    observed = normalised(seen.policy.policy)
    return replace(
        made,
        standing=judgement.standing,
        # Of an endpoint the id and the kind tell what goes; of a policy only its content does.
        fields=field_changes(observed, {}),
        blocks=judgement.blocks,
        warnings=judgement.warnings,
        observed=observed,
    )


# Whom it denies


def _denials(
    wanted: JsonObject, desired: DesiredSet, observation: Observation, gone: frozenset[str] = frozenset()
) -> tuple[Denial, ...]:
    declared: Mapping[str, DesiredEndpoint] = {one.inference_id: one for one in desired.endpoints}
    staying = {i: endpoint for i, endpoint in observation.endpoints.items() if i not in gone}
    return tuple(denials(wanted, staying, declared))


def _judged_by_users(
    made: PolicyChange, desired: DesiredSet, observation: Observation, context: Context, changes: Iterable[Change]
) -> PolicyChange:
    """The step with whom it would deny: who of them is used blocks it, unless the operator has named that one."""
    # What only takes away is done last: what goes in the same run is gone by then.
    gone = {c.inference_id for c in changes if c.action is Action.DELETE and c.will_run} if made.takes_away else set()
    denied = _denials(made.wanted or {}, desired, observation, frozenset(gone))
    named = context.permissions.may_deny
    blocks: list[Block] = []
    warnings: list[str] = []
    others: list[Denial] = []
    asked = True
    for denial in denied:
        users = None if denial.maybe else context.references.get(denial.inference_id)
        asked = asked and (users is None or users.asked)
        if not users:
            others.append(denial)
            continue
        text = (
            f"{denial.inference_id}{', which a file declares' if denial.is_declared else ''}, {reference_text(users)}"
        )
        if denial.inference_id in named:
            warnings.append(f"it denies {text}: allowed by name, and what uses it breaks")
        else:
            judge = Judge(denial.inference_id, context)
            fixes = (flag(f"--allow-deny {denial.inference_id}"), judge.permit("deny", "what uses it may break"))
            blocks.append(Block(BlockKind.DENIES_USED, f"it would deny {text}", fixes))
    warnings += _denial_warnings(others)
    if not asked:
        warnings.append(OWN_SCAN)
    standing = Standing.BLOCKED if blocks or made.standing is Standing.BLOCKED else made.standing
    return replace(
        made,
        standing=standing,
        blocks=(*made.blocks, *blocks),
        warnings=(*made.warnings, *warnings),
        denials=tuple(replace(one, users=context.references.get(one.inference_id)) for one in denied),
        may_deny=named,
    )


def _with_denied(made: PolicyChange, desired: DesiredSet, observation: Observation) -> PolicyChange:
    """Of a policy that stays: which endpoints of the files it denies."""
    declared = [one for one in _denials(made.wanted or {}, desired, observation) if one.is_declared and not one.maybe]
    return replace(made, warnings=(*made.warnings, *_denial_warnings(declared)))


def _denial_warnings(denied: Sequence[Denial]) -> list[str]:
    """Whom it denies: what files declare first, others, and those of which nobody can say."""
    groups = (
        ("it denies what a file declares: {}", [d for d in denied if d.is_declared and not d.maybe]),
        ("it denies {}", [d for d in denied if not d.is_declared and not d.maybe]),
        (
            "whether it denies {} is not known: the server does not say where their models run",
            [d for d in denied if d.maybe],
        ),
    )
    return [text.format(_names(listed)) for text, listed in groups if listed]


def _names(listed: Sequence[Denial]) -> str:
    return first_of([f"{d.inference_id} (already denied)" if d.already else d.inference_id for d in listed])
