"""Endpoints of the `elasticsearch` service: models, deployments, live values.

Source: in-cluster.md#create, read.md#live-values, delete.md#side-effects.
"""

import copy
from dataclasses import replace
from typing import Any

from .cluster import ELSER_MODELS, Cluster, Endpoint
from .deployments import NUMBER_BESIDE_ADAPTIVE, Deployment, check_adaptive, check_start
from .errors import ApiError, Cause, bad_request, illegal_argument, status_error, validation
from .provider import time_text
from .services import SERVICES
from .services.engine import leftovers, parse
from .services.rules import Settings

JsonObject = dict[str, Any]


def parse_settings(
    cluster: Cluster, name: str, task_type: str, service_map: JsonObject, task_map: JsonObject
) -> Settings:
    """Read the settings of a PUT (in-cluster.md#create)."""
    if service_map.get("deployment_id") is not None:
        return _attached(cluster, task_type, service_map, task_map)
    if name == "elser" and service_map.get("model_id") is None:
        service_map["model_id"] = ".elser_model_2_linux-x86_64"
    if service_map.get("model_id") is None:
        raise illegal_argument("Error parsing service settings, model_id must be provided")
    service = SERVICES[name]
    result = parse(service, task_type, cluster.profile, service_map, task_map)
    settings, problems = result.service_settings, []
    model_id = settings["model_id"]
    _check_known(cluster, model_id, task_type)
    if "num_threads" not in settings:
        problems.append("[service_settings] does not contain the required setting [num_threads]")
    if "num_allocations" not in settings and "adaptive_allocations" not in settings:
        problems.append(
            "[service_settings] does not contain one of the required settings [num_allocations, adaptive_allocations]"
        )
    problems.extend(check_adaptive(settings.get("adaptive_allocations")))
    if problems:
        raise validation(problems)
    maps = {"service_settings": service_map, "task_settings": task_map}
    error = leftovers(SERVICES["elasticsearch"], cluster.profile, maps)
    if error:
        raise error
    _check_model_task(cluster, model_id, task_type)
    if cluster.is_uploaded(model_id) and task_type == "text_embedding":
        settings.setdefault("similarity", "cosine")
        settings.setdefault("element_type", "float")
    return result


def _check_known(cluster: Cluster, model_id: str, task_type: str) -> None:
    if cluster.model_task(model_id) is not None:
        return
    if not _looks_uploaded(model_id):
        raise illegal_argument(
            "Error parsing request config, model id does not match any models available on this platform. "
            f"Was [{model_id}]. You may need to load it into the cluster using eland."
        )
    cluster.load_models([(model_id, task_type)])


def _check_model_task(cluster: Cluster, model_id: str, task_type: str) -> None:
    kind = cluster.model_task(model_id)
    if kind != task_type:
        raise bad_request(
            f"Deployed model [{model_id}] with type [{kind}] does not match the requested task type [{task_type}]"
        )


def _attached(cluster: Cluster, task_type: str, service_map: JsonObject, task_map: JsonObject) -> Settings:
    deployment_id = str(service_map["deployment_id"])
    deployment = cluster.deployments.get(deployment_id)
    if deployment is None:
        raise status_error(404, f"Cannot find deployment [{deployment_id}]")
    wanted = service_map.get("model_id")
    if wanted is not None and wanted != deployment.model_id:
        raise bad_request(
            f"Deployment [{deployment_id}] uses model [{deployment.model_id}] "
            f"which does not match the model [{wanted}] in the request."
        )
    _check_model_task(cluster, deployment.model_id, task_type)
    service_map.clear()
    result = parse(SERVICES["elasticsearch"], task_type, cluster.profile, {}, task_map)
    settings = result.service_settings
    settings["num_allocations"] = deployment.allocations
    settings["num_threads"] = deployment.threads
    settings["model_id"] = deployment.model_id
    if deployment.adaptive:
        settings["adaptive_allocations"] = copy.deepcopy(deployment.adaptive)
    settings["deployment_id"] = deployment_id
    return result


def deployment_id(endpoint: Endpoint) -> str:
    """The deployment behind an endpoint: its own id unless it is attached."""
    return str(endpoint.service_settings.get("deployment_id") or endpoint.inference_id)


def runs_here(endpoint: Endpoint) -> bool:
    """Whether its model runs in the cluster."""
    return endpoint.service in {"elasticsearch", "elser"}


def is_elser(settings: JsonObject) -> bool:
    """Whether the model is ELSER, which keeps the chunk limit (chunking.md)."""
    return settings.get("model_id") in ELSER_MODELS


def start(cluster: Cluster, endpoint: Endpoint, timeout: float) -> None:
    """Start the deployment of a stored endpoint; the endpoint stays when that fails (in-cluster.md#create)."""
    settings = endpoint.service_settings
    name = deployment_id(endpoint)
    if name in cluster.deployments:
        return
    adaptive = settings.get("adaptive_allocations")
    error = check_start(int(settings["num_threads"]), settings.get("num_allocations"), adaptive)
    if error:
        raise error
    deploy(
        cluster,
        Deployment(
            deployment_id=name,
            model_id=settings["model_id"],
            task_type=endpoint.task_type,
            threads=int(settings["num_threads"]),
            allocations=int(settings.get("num_allocations") or _adaptive_start(adaptive)),
            adaptive=copy.deepcopy(adaptive),
            started_at=cluster.now(),
            owner=endpoint.inference_id,
            last_used=cluster.now(),
        ),
        timeout,
    )


def deploy(cluster: Cluster, deployment: Deployment, timeout: float) -> None:
    """Start a deployment and wait for its first allocation, as PUT and the ML API do (in-cluster.md#stats)."""
    cluster.models.setdefault(deployment.model_id, deployment.task_type)
    cluster.changes += 1
    if cluster.no_room and cluster.put_waits:
        raise ApiError(
            429,
            "status_exception",
            "Could not start deployment because no ML nodes with sufficient capacity were found",
            cause=Cause(
                "illegal_state_exception",
                "Could not start deployment because no suitable nodes were found, allocation explanation "
                f"[{cluster.no_room}]",
            ),
        )
    if cluster.start_fails and cluster.put_waits:  # who waits for it sees it fail, and it is taken away again
        raise status_error(
            500,
            "Could not start trained model deployment, the following nodes failed with errors "
            f"[{{node-0={cluster.start_fails}}}]",
        )
    waited = cluster.put_waits and cluster.allocation_seconds <= timeout
    cluster.deployments[deployment.deployment_id] = replace(
        deployment,
        # The answer comes when the first allocation is up, without this process really waiting for it.
        started_at=deployment.started_at - (cluster.allocation_seconds if waited else 0),
        seconds_per_allocation=cluster.allocation_seconds,
        failed=cluster.start_fails,
    )
    if cluster.put_waits and not waited:
        raise status_error(
            408,
            f"Timed out after [{time_text(timeout)}] waiting for model deployment to start. "
            "Use the trained model stats API to track the state of the deployment.",
        )


def _adaptive_start(adaptive: JsonObject | None) -> int:
    return max(int((adaptive or {}).get("min_number_of_allocations") or 0), 1)


def live_settings(cluster: Cluster, endpoint: Endpoint) -> JsonObject:
    """`service_settings` with the live number of allocations (read.md#live-values)."""
    settings = dict(endpoint.service_settings)
    deployment = cluster.deployments.get(deployment_id(endpoint))
    if deployment is not None:
        settings["num_allocations"] = deployment.target(cluster.now(), cluster.profile.idle_seconds)
        if deployment.adaptive:
            settings["adaptive_allocations"] = deployment.adaptive
    return settings


def stop(cluster: Cluster, endpoint: Endpoint) -> None:
    """What DELETE does to deployments: one's own is stopped with force, an attached one left.

    Source: delete.md#side-effects.
    """
    attached = "deployment_id" in endpoint.service_settings
    if attached and not cluster.profile.attached_delete_stops_namesake:
        return
    if cluster.deployments.pop(endpoint.inference_id, None):
        cluster.changes += 1


def use(cluster: Cluster, endpoint: Endpoint) -> None:
    """Inference wakes a deployment, and deploys the model of a default endpoint first (inference.md)."""
    name = deployment_id(endpoint)
    deployment = cluster.deployments.get(name)
    if deployment is None or deployment.failed:
        if not cluster.is_default(endpoint.inference_id):
            raise status_error(404, f"Trained model deployment [{name}] is not allocated to any nodes")
        start(cluster, endpoint, 30.0)
        return
    now = cluster.now()
    if deployment.target(now, cluster.profile.idle_seconds) == 0:
        deployment = replace(deployment, started_at=now - deployment.seconds_per_allocation)
    cluster.deployments[name] = replace(deployment, last_used=now)


def resize(
    cluster: Cluster, deployment: Deployment, allocations: Any, adaptive: Any, *, by_inference_api: bool = False
) -> None:
    """Change a running deployment, as UPDATE and the ML API do (in-cluster.md#update, in-cluster.md#stats).

    What is left out stays, of `adaptive` key by key. `by_inference_api`: a number may stand beside enabled adaptive
    allocations.
    """
    merged = {**(deployment.adaptive or {}), **adaptive} if adaptive is not None else deployment.adaptive
    error = check_start(deployment.threads, None if by_inference_api else allocations, adaptive)
    if error:
        raise error
    if merged and merged.get("enabled") and allocations is not None and not by_inference_api:
        raise validation([NUMBER_BESIDE_ADAPTIVE])
    problems = check_adaptive(merged)
    if problems:
        raise validation(problems)
    now = cluster.now()
    running = deployment.running(now, cluster.profile.idle_seconds)
    wanted = int(allocations) if allocations is not None else deployment.allocations
    if merged and merged.get("enabled"):
        least = int(merged.get("min_number_of_allocations") or 0)
        most = int(merged.get("max_number_of_allocations") or wanted)
        wanted = max(min(wanted, most), least, 1)
    cluster.deployments[deployment.deployment_id] = replace(
        deployment,
        allocations=wanted,
        adaptive=copy.deepcopy(merged),
        started_at=now,
        ready=min(running, wanted),
    )
    cluster.changes += 1


def update(cluster: Cluster, endpoint: Endpoint, merged: JsonObject) -> None:
    """Change the deployment behind an endpoint before the endpoint itself (in-cluster.md#update)."""
    name = deployment_id(endpoint)
    profile = cluster.profile
    attached = "deployment_id" in endpoint.service_settings
    if attached and profile.attached_update == "409":
        raise _foreign(cluster, endpoint, name)
    if attached and profile.attached_update == "404":
        name = endpoint.inference_id
    deployment = cluster.deployments.get(name)
    if deployment is None:
        raise status_error(
            404,
            f"Requested model ID [{endpoint.inference_id}] does not have a matching trained model "
            "and thus cannot be updated.",
        )
    by_inference_api = profile.in_cluster_update_adaptive
    adaptive = merged.get("adaptive_allocations") if by_inference_api else None
    resize(cluster, deployment, merged.get("num_allocations"), adaptive, by_inference_api=by_inference_api)


def _foreign(cluster: Cluster, endpoint: Endpoint, name: str) -> ApiError:
    deployment = cluster.deployments.get(name)
    if deployment is not None and deployment.owner:
        return status_error(
            409,
            f"Cannot update inference endpoint [{endpoint.inference_id}] for model deployment [{name}] as it was "
            "created by another inference endpoint. "
            f"The model can only be updated using inference endpoint id [{name}].",
        )
    return status_error(
        409,
        f"Cannot update inference endpoint [{endpoint.inference_id}] using model deployment [{name}]. "
        "The model deployment must be updated through the trained models API.",
    )


def _looks_uploaded(model_id: str) -> bool:
    """Whether a model counts as uploaded although nobody loaded it: Eland writes `owner/name` as `owner__name`.

    A convenience of the emulator: nobody uploads a model to it before a first try.
    """
    owner, separator, name = model_id.partition("__")
    return bool(owner and separator and name)
