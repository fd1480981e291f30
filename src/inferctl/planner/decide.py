"""One endpoint: desired and observed -> a change. A total function; nothing is asked of anybody here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.planner.action import NOT_THERE, Action, Standing
from inferctl.planner.blocks import Judge, record_unreadable
from inferctl.planner.change import Change
from inferctl.planner.drift import differences
from inferctl.planner.health import SeenModel
from inferctl.planner.health_needs import seen_health, with_health
from inferctl.planner.normalise import normalise_desired, normalise_observed
from inferctl.planner.ownership import CREATE, Whose
from inferctl.planner.passthrough import remarks
from inferctl.planner.secret_state import (
    decide_rotation,
    is_as_created,
    secret_probe,
    secret_warnings,
    unknown_secrets,
)
from inferctl.planner.update_or_replace import Need, update_or_replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.json_types import JsonObject
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.planner.context import Context
    from inferctl.planner.ownership import Owned, UnreadableRecord

_CUT_SHORT = "a run that was cut short created it"


def decide_desired(desired: DesiredEndpoint, observed: ObservedEndpoint | None, context: Context) -> Change:
    """The change that brings one endpoint to what its file says."""
    name = desired.inference_id
    owner, last, health = context.whose(name), context.last(name), None
    shown = None if observed is None else normalise_observed(observed)
    if name in context.unreadable:
        need = Need(Action.REPLACE)
    elif observed is None or shown is None:
        need = _what_an_absent_one_needs(name, context)
    else:
        need = _what_it_needs(desired, observed, shown, owner, context)
        if owner is Whose.NOBODYS and need.action is not Action.ADOPT and _only_secrets_differ(need, last):
            owner = Whose.OURS  # a run of ours that was cut short made it, and its secrets have to be sent again
        need, health = with_health(need, desired, observed, owner, context), seen_health(observed, context)
    judge = Judge(name, context, desired, shown)
    judgement = judge.declared(need.action, owner, differs=bool(need.fields))
    differs = any(not field.sensitive for field in need.fields)
    claim = _claim(need.action, name, owner, context, exists=shown is not None, differs=differs)
    somebody_elses = shown is not None and (bool(claim) or need.action is Action.ADOPT)
    return Change(
        inference_id=name,
        action=need.action,
        standing=judgement.standing,
        reasons=(claim, *need.reasons) if claim else need.reasons,
        fields=need.fields,
        blocks=judgement.blocks,
        warnings=(*remarks(desired, context.terms.version, context.live), *need.warnings, *judgement.warnings),
        desired=desired,
        observed=shown,
        record=None if owner in (Whose.OUTSIDE, Whose.SERVERS) else last,
        references=context.references.get(name),
        secret_checks=context.secret_checks(name) or (unknown_secrets(desired) if somebody_elses else ()),
        secrets_asked=need.secrets_asked,
        claims=bool(claim),
        terms=context.terms,
        model=None if health is None else SeenModel(health, _may_replace(judge, need)),
    )


def _may_replace(judge: Judge, need: Need) -> bool:
    """Whether a repair that the server refuses may become a replace."""
    return need.action is Action.REPAIR and judge.step(Action.REPLACE).standing is Standing.READY


def _what_an_absent_one_needs(name: str, context: Context) -> Need:
    last = context.last(name)
    if last is None or last.is_meant:
        return Need(Action.CREATE, (NOT_THERE,))
    if last.is_replaced:
        return Need(Action.CREATE, ("a run deleted it for a replace, and did not get to create it again",))
    return Need(Action.CREATE, ("it was ours, and somebody removed it",))


def _only_secrets_differ(need: Need, last: Owned | None) -> bool:
    """Of what a run of ours was about to create when it was cut short."""
    meant = last is not None and last.intent == CREATE
    return meant and all(field.sensitive for field in need.fields)


def _what_it_needs(
    desired: DesiredEndpoint, observed: ObservedEndpoint, shown: JsonObject, owner: Whose, context: Context
) -> Need:
    name, version = desired.inference_id, context.terms.version
    checks, last = context.secret_checks(name), context.last(name)
    declared = normalise_desired(desired)
    fields, warnings = differences(desired, declared, shown, context)
    warnings = (*secret_warnings(checks), *warnings)
    rotation = decide_rotation(desired, observed, checks, version, asked_by=context.asks_for_secrets(name))
    if not fields and not rotation:
        return _what_an_equal_one_needs(desired, owner, warnings, context)
    if rotation:
        warnings += _untried(desired, context)
    need = update_or_replace(
        desired,
        observed,
        fields,
        rotation,
        version,
        last_declared=last.declared if last is not None else {},
        ignored=_ignored_before(desired, last, context),
    )
    if (
        need.action is Action.REPLACE
        and not rotation.asked
        and _only_secrets_differ(need, last)
        and is_as_created(checks)
    ):
        return _what_an_equal_one_needs(desired, owner, warnings, context)
    return replace(need, warnings=(*warnings, *need.warnings))


def _ignored_before(desired: DesiredEndpoint, last: Owned | None, context: Context) -> Callable[[str], str]:
    """Why an update of a setting is known to be of no use; empty where nothing is known."""
    if last is None or last.unwell is None:
        return lambda _setting: ""
    unwell = last.unwell
    return lambda setting: unwell.of_no_use(setting, desired.service, context.exact_version)


def _untried(desired: DesiredEndpoint, context: Context) -> tuple[str, ...]:
    """A secret that was sent is tried: by the probe, else by a call where that costs next to nothing."""
    tried = desired.probe is not None or secret_probe(desired.task_type, wanted=context.terms.check_secrets) is not None
    if tried or not desired.secrets:
        return ()
    return (f"no call tries the new secret: a {desired.task_type} endpoint without a probe",)


def _what_an_equal_one_needs(
    desired: DesiredEndpoint, owner: Whose, warnings: tuple[str, ...], context: Context
) -> Need:
    """Nothing. With a ledger, what is nobody's becomes ours."""
    last = context.last(desired.inference_id)
    if context.ledger is None or owner in (Whose.OUTSIDE, Whose.SERVERS) or (last is not None and not last.is_meant):
        return Need(Action.NOOP, warnings=warnings)
    if owner in (Whose.ANOTHERS, Whose.UNREADABLE):
        return Need(Action.ADOPT, warnings=warnings)
    if last is not None:
        reason = _CUT_SHORT
    elif context.other_scope(desired.inference_id) is not None:  # then the claim is the reason
        reason = "it is there, as the file says"
    else:
        reason = "it is there, as the file says, and nobody's"
    return Need(Action.ADOPT, (reason,), warnings=warnings)


def _claim(action: Action, name: str, owner: Whose, context: Context, *, exists: bool, differs: bool) -> str:
    """Why it may be touched, where that is not the ledger as it stands; then it becomes ours with the step."""
    if context.ledger is None or owner is not Whose.OURS or action is Action.NOOP or name in context.unreadable:
        return ""
    other = context.other_scope(name)
    if other is not None:
        return f"taken over from scope {other}"
    last = context.last(name)
    if not exists or action is Action.ADOPT or not (last is None or last.is_meant):
        return ""
    return "adopted: it was nobody's" if last is None or differs else _CUT_SHORT


def decide_removed(observed: ObservedEndpoint, context: Context, reason: str = "") -> Change:
    """The change for an endpoint of ours that is not declared any more, or for a trial that a run left behind."""
    name = observed.inference_id
    record = context.last(name)
    shown = normalise_observed(observed)
    if record is not None and name in context.permissions.forget:
        given_up = decide_forgotten(name, record, "a permit asks to forget it: the endpoint stays, and is nobody's")
        return replace(given_up, observed=shown)
    judgement = Judge(name, context, shown=shown).step(Action.DELETE)
    return Change(
        inference_id=name,
        action=Action.DELETE,
        standing=judgement.standing,
        reasons=(reason or context.why_not_declared(name),),
        blocks=judgement.blocks,
        warnings=judgement.warnings,
        observed=shown,
        record=record,
        references=context.references.get(name),
        terms=context.terms,
    )


def decide_unreadable_removal(inference_id: str, context: Context, reason: str) -> Change:
    """The change for an endpoint of ours that no file names, and that the server cannot read: it is there."""
    judgement = Judge(inference_id, context).unreadable()
    return Change(
        inference_id=inference_id,
        action=Action.DELETE,
        standing=judgement.standing,
        reasons=(reason,),
        blocks=judgement.blocks,
        record=context.last(inference_id),
        terms=context.terms,
    )


def decide_unclear(observed: ObservedEndpoint, record: UnreadableRecord, reason: str) -> Change:
    """The removal that does not happen: no file declares it, and its record may say that it is ours."""
    return Change(
        inference_id=observed.inference_id,
        action=Action.DELETE,
        standing=Standing.BLOCKED,
        reasons=(reason,),
        blocks=(record_unreadable(observed.inference_id, record),),
        observed=normalise_observed(observed),
    )


def decide_forgotten(inference_id: str, record: Owned, reason: str) -> Change:
    """The change for a record of ours without endpoint and file: housekeeping."""
    return Change(inference_id=inference_id, action=Action.FORGET, reasons=(reason,), record=record)
