"""A step of a saved plan whose work is there already: a run did it, and ended before all of the plan was done. Pure.

What proves it is the cluster and the ledger, never the step's name alone: the endpoint shows what the step meant and
nothing else has moved, it is ours, and the ledger knows the secrets that went with it. Without a ledger nobody can tell
who made an endpoint, or which secret it has: then what GET shows counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.json_types import path_text
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.planner.action import Action, Standing
from inferctl.planner.decide import decide_forgotten
from inferctl.planner.field_change import ABSENT
from inferctl.planner.file.hide_credentials import hide_credentials
from inferctl.planner.ownership import TRIAL
from inferctl.planner.readback import compare_after
from inferctl.planner.region_policy import PolicyChange, SeenPolicy
from inferctl.planner.secret_state import SecretState

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject
    from inferctl.planner.change import Change
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import Observation

_GONE = "it was to go, and it is gone"


def left_to_do(step: Change, current: Change | None, seen: Observation, ledger: LedgerView | None) -> Change | None:
    """What is left of a step that was done before, or in part.

    Nothing (a no-op), a record to settle, a look, a model to start, secrets to send once more, the create of a replace
    that got to its delete.

    `current` is what a plan decides for the endpoint now. None: the step is not as planned.
    """
    if isinstance(step, PolicyChange):
        return _of_the_policy(step, current, seen, ledger)
    if step.desired is None:
        return _of_a_removal(step, current, seen, ledger)
    if current is None or current.standing is not Standing.READY:
        return None
    if current.observed is None:
        return current if step.action is Action.REPLACE and _lacks_its_create(current) else None
    if ledger is not None and current.record is None:
        return None  # somebody else's, whatever it looks like
    if step.action in (Action.UPDATE, Action.ADOPT) and not _moved_as_meant(step, current):
        return None
    match current.action:
        case Action.NOOP | Action.ADOPT | Action.VERIFY:
            return current if ledger is None or _are_stored(step, current) else None
        case Action.UPDATE:
            return current if _only_sends_what_the_step_sent(step, current) else None
        case Action.REPAIR if step.action in (Action.CREATE, Action.REPLACE):
            # To start its model belongs to the step; to replace it for that does not.
            return current.without_replace()
        case _:
            return None


def _of_a_removal(step: Change, current: Change | None, seen: Observation, ledger: LedgerView | None) -> Change | None:
    name = step.inference_id
    record = ledger.ours(name) if ledger is not None else None
    if step.action is Action.FORGET:
        return _nothing(step) if ledger is not None and current is None and record is None else None
    if name in seen.endpoints or name in seen.unreadable or not seen.complete:
        return None
    if ledger is not None and ledger.other_scope(name) is not None:
        return None
    if record is None:
        return _nothing(step)
    # An intent that the plan knew nothing of: a later run was at work on this id.
    expected_intent = TRIAL if step.left_behind else ""
    return decide_forgotten(name, record, _GONE) if record.intent == expected_intent else None


def _of_the_policy(
    step: PolicyChange, current: Change | None, seen: Observation, ledger: LedgerView | None
) -> Change | None:
    """It is as the step meant it, and ours; or gone, as it was to go, with its record still to be settled."""
    if step.wanted is None:
        is_gone = seen.region_policy is not None and seen.region_policy == SeenPolicy()
        if current is None:
            return _nothing(step) if is_gone or step.action is Action.FORGET else None
        return current if is_gone and current.action is Action.FORGET else None
    if current is None or current.standing is not Standing.READY:
        return None
    is_ours = ledger is None or current.record is not None
    return current if is_ours and current.action in (Action.NOOP, Action.ADOPT) else None


def _nothing(step: Change) -> Change:
    reasons = (_GONE,) if step.action is Action.DELETE else ("its record was to go, and it is gone",)
    return replace(step, action=Action.NOOP, reasons=reasons, fields=(), warnings=(), references=None)


def _lacks_its_create(current: Change) -> bool:
    """Whether a replace of ours deleted the old one, and did not get to create the new one."""
    return current.action is Action.CREATE and current.record is not None and current.record.is_replaced


def _moved_as_meant(step: Change, current: Change) -> bool:
    """Whether what GET showed of it became what the step meant, and nothing else of it moved."""
    before, after = (_observed(step.inference_id, change.observed or {}) for change in (step, current))
    return compare_after(
        replace(step, terms=current.terms), before, after, serverless=current.terms.version.serverless
    ).holds


def _observed(inference_id: str, shown: JsonObject) -> ObservedEndpoint:
    """As a plan file holds it: a credential that the server shows in clear is hidden on both sides."""
    return ObservedEndpoint.from_json({"inference_id": inference_id, **hide_credentials(shown)})


def _are_stored(step: Change, current: Change) -> bool:
    """Whether the ledger says of each secret that went with the step that it is the one of today."""
    checks = {path_text(check.path): check for check in current.secret_checks}
    gone = {path_text(field.path) for field in step.fields if field.sensitive and field.after is ABSENT}
    sent = {path_text(path) for path in step.secrets}
    sent |= {path_text(field.path) for field in step.fields if field.sensitive} - gone
    # What was to be created and is there has the secrets that were sent with it.
    created = current.action is Action.ADOPT
    stored = {path for path, check in checks.items() if check.state is SecretState.SAME or (created and check.same)}
    return sent <= stored and not gone & checks.keys()


def _only_sends_what_the_step_sent(step: Change, current: Change) -> bool:
    """Whether nothing is left but secrets that belong to the step: nobody knows that they arrived."""
    sent = step.secrets | step.unchecked_secrets
    return current.rotates_secrets and all(field.sensitive and field.path in sent for field in current.fields)
