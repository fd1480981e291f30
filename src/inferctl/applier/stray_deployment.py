"""After a forced removal: does the model still run, with nobody left who would stop it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inferctl.errors import Forbidden, InferctlError
from inferctl.model.versions import Version
from inferctl.planner.blocks import owns_deployment

if TYPE_CHECKING:
    from inferctl.client.sync import InferenceClient
    from inferctl.planner.change import Change


def stray_deployment(client: InferenceClient, change: Change, version: Version) -> str:
    """What runs on without its endpoint, and how to stop it; empty where nothing does.

    From 9.2 on (some 8.19 and 9.1 too) `force` also passes over a deployment that could not be stopped
    (docs/reference/server/delete.md#steps; elastic/elasticsearch#129090). Older ones fail instead.
    """
    may_stay = version.effective() >= Version(9, 1) or version.effective() == Version(8, 19)
    if not may_stay or not owns_deployment(change):
        return ""
    settings = (change.observed or {}).get("service_settings")
    model = settings.get("model_id") if isinstance(settings, Mapping) else None
    try:
        deployments = client.trained_model_stats(model if isinstance(model, str) else "_all")
    except Forbidden:
        return "whether its deployment still runs could not be seen: no privilege (monitor_ml)"
    except InferctlError as error:
        return f"whether its deployment still runs could not be seen: {error}"
    left = [d for d in deployments if d.deployment_id == change.inference_id and d.state not in ("", "stopping")]
    if not left:
        return ""
    stop = f"POST /_ml/trained_models/{change.inference_id}/deployment/_stop?force=true"
    return f"its deployment was left behind and still runs ({left[0].state}); stop it: {stop}"
