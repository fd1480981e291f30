"""What an endpoint needs beyond its settings: its model started again, or another look at it. Pure.

A GET shows an endpoint whose model is dead like any other, and says nothing of a key that no provider takes. So the
stats of the deployments and what earlier runs remembered decide with (docs/explanation/ledger.md#what-was-not-well).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.planner.action import Action
from inferctl.planner.health import Health, few_words, health_of
from inferctl.planner.ownership import Whose

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.planner.context import Context
    from inferctl.planner.health import Unwell
    from inferctl.planner.update_or_replace import Need


def seen_health(observed: ObservedEndpoint, context: Context) -> Health | None:
    """How the deployment is that it runs on; None where there is none, or nobody looked."""
    if not observed.runs_in_cluster or context.deployments is None:
        return None
    return health_of(context.deployments.get(observed.deployment_id))


def with_health(
    need: Need, desired: DesiredEndpoint, observed: ObservedEndpoint, owner: Whose, context: Context
) -> Need:
    """The need of an endpoint that is there, where its settings say one thing and its health another."""
    health = seen_health(observed, context)
    is_dead = health is not None and health.is_dead
    dead = _why_dead(observed, health, context) if health is not None and is_dead else ""
    unwell = _remembered(desired, health, context)
    if need.action is not Action.NOOP:
        if dead and need.action is Action.UPDATE:
            return replace(need, reasons=(*need.reasons, f"{dead}, so it is started first"))
        told = dead or ("" if unwell is None else str(unwell))
        return replace(need, warnings=(*need.warnings, told)) if told else need
    if dead and observed.deployment_id == observed.inference_id:
        return replace(need, action=Action.REPAIR, reasons=(dead,))
    why = dead or ("its model is starting" if health is Health.STARTING else "")
    why = why or ("" if unwell is None else str(unwell))
    if not why:
        return need
    if owner is not Whose.OURS:
        return replace(need, warnings=(*need.warnings, why))
    return replace(need, action=Action.VERIFY, reasons=(why,))


def _why_dead(observed: ObservedEndpoint, health: Health, context: Context) -> str:
    name = observed.deployment_id
    whose = "its deployment" if name == observed.inference_id else f"the deployment {name}, which is not its own,"
    if health is Health.MISSING:
        return f"{whose} is missing"
    found = (context.deployments or {}).get(name)
    reason = few_words(found.reason) if found is not None else ""
    return f"{whose} failed{': ' if reason else ''}{reason}"


def _remembered(desired: DesiredEndpoint, health: Health | None, context: Context) -> Unwell | None:
    """What an earlier run saw, and nothing has shown to be over. What an update did is judged by the settings."""
    last = context.last(desired.inference_id)
    if last is None or last.is_meant or last.unwell is None or last.unwell.of_update:
        return None
    seen_good = health is not None and health.is_good and desired.probe is None
    return None if seen_good else last.unwell
