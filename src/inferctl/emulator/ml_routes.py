"""Trained-model stats and the deployment API beside the inference API (in-cluster.md#stats)."""

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from .cluster import BUILT_IN_MODELS, Cluster
from .deployments import Deployment, check_start
from .errors import ApiError, status_error
from .in_cluster import deploy, deployment_id, resize, runs_here
from .route import Answer, Call, Route

JsonObject = dict[str, Any]

# No model is loaded here; the keys are always there on a server, with numbers of this order for ELSER.
_SIZE = {"model_size_bytes": 438_000_000, "required_native_memory_bytes": 2_100_000_000}


def _stats(call: Call) -> Answer:
    expression = call.variables.get("model_id", "_all")
    rows: list[JsonObject] = []
    for model_id in sorted(_models(call.cluster, expression)):
        deployed = sorted(
            (d for d in call.cluster.deployments.values() if d.model_id == model_id), key=lambda d: d.deployment_id
        )
        base: JsonObject = {"model_id": model_id, "model_size_stats": _SIZE, "pipeline_count": 0}
        rows += [
            {**base, "deployment_stats": d.stats(call.cluster.now(), call.cluster.profile.idle_seconds)}
            for d in deployed
        ] or [base]
    if not rows and "*" not in expression and expression != "_all":
        raise ApiError(404, "resource_not_found_exception", f"No known trained model with model_id [{expression}]")
    start, size = call.whole("from") or 0, call.whole("size")
    shown = rows[start : start + (100 if size is None else size)]
    return Answer({"count": len(rows), "trained_model_stats": shown})


def _models(cluster: Cluster, expression: str) -> set[str]:
    """Loaded models that a path names; a built-in model is loaded by its first deployment. Deployment ids count too."""
    known = set(cluster.models) | {d.model_id for d in cluster.deployments.values()}
    found = set()
    for part in expression.split(","):
        pattern = "*" if part in {"_all", ""} else part
        found |= {name for name in known if fnmatchcase(name, pattern)}
        found |= {d.model_id for d in cluster.deployments.values() if fnmatchcase(d.deployment_id, pattern)}
    return found


def _list(call: Call) -> Answer:
    found = sorted(_models(call.cluster, call.variables.get("model_id", "_all")))
    return Answer({"count": len(found), "trained_model_configs": [{"model_id": name} for name in found]})


def _start(call: Call) -> Answer:
    cluster, model_id = call.cluster, call.variables["model_id"]
    task_type = cluster.models.get(model_id) or BUILT_IN_MODELS.get(model_id)
    if task_type is None:
        raise ApiError(404, "resource_not_found_exception", f"No known trained model with model_id [{model_id}]")
    name = call.params.get("deployment_id", model_id)
    if name in cluster.deployments:
        raise status_error(
            409, f"Could not start model deployment because an existing deployment with the same id [{name}] exist"
        )
    adaptive = call.json().get("adaptive_allocations")
    allocations = call.whole("number_of_allocations")
    error = check_start(call.whole("threads_per_allocation") or 1, allocations, adaptive)
    if error:
        raise error
    now = cluster.now()
    deployment = Deployment(
        deployment_id=name,
        model_id=model_id,
        task_type=task_type,
        threads=call.whole("threads_per_allocation") or 1,
        allocations=allocations or 1,
        adaptive=adaptive,
        started_at=now,
        last_used=now,
        # Whose it is is told by its id alone (in-cluster.md#update).
        owner=name if name in {e.inference_id for e in cluster.all_endpoints() if runs_here(e)} else "",
    )
    deploy(cluster, deployment, call.seconds("timeout", 30.0))
    return Answer({"assignment": cluster.deployments[name].stats(cluster.now(), cluster.profile.idle_seconds)})


_MODEL_TASKS = {"text_embedding": "text_embedding", "text_expansion": "sparse_embedding", "text_similarity": "rerank"}


def _create(call: Call) -> Answer:
    """A model as eland makes it, or a built-in one to be downloaded. Nothing is; its definition may follow."""
    model_id, body = call.variables["model_id"], call.json()
    if model_id in call.cluster.models:
        raise ApiError(
            400, "status_exception", f"Could not create model [{model_id}]: a model with this id already exists"
        )
    kinds = body.get("inference_config")
    task = next((_MODEL_TASKS[kind] for kind in kinds if kind in _MODEL_TASKS), "") if isinstance(kinds, dict) else ""
    if model_id not in BUILT_IN_MODELS:
        call.cluster.load_models([(model_id, task)])
    return Answer({"model_id": model_id, "model_type": "pytorch", "tags": [], "fully_defined": False, **body})


def _deployment(call: Call) -> Deployment:
    name = call.variables["model_id"]
    found = call.cluster.deployments.get(name)
    if found is None:
        raise ApiError(404, "resource_not_found_exception", f"No known model deployment with id [{name}]")
    return found


def _stop(call: Call) -> Answer:
    deployment = _deployment(call)
    name = deployment.deployment_id
    users = [e.inference_id for e in call.cluster.all_endpoints() if name == deployment_id(e)]
    if users and call.cluster.profile.deployment_stop_guard and not call.flag("force"):
        made = name in users  # by the endpoint of that id; others are attached to it
        how, first = ("was created", name) if made else ("is used", users[0])
        raise status_error(409, f"Cannot stop deployment [{name}] as it {how} by inference endpoint [{first}]")
    del call.cluster.deployments[name]
    call.cluster.changes += 1
    return Answer({"stopped": True})


def _update(call: Call) -> Answer:
    deployment, body = _deployment(call), call.json()
    if deployment.owner and call.cluster.profile.attached_update == "409":
        name = deployment.deployment_id
        raise status_error(
            409,
            f"Cannot update deployment [{name}] as it was created by inference endpoint [{deployment.owner}]. "
            "This model deployment must be updated through the inference API.",
        )
    if "adaptive_allocations" in body and body["adaptive_allocations"] is None:
        deployment = replace(deployment, adaptive=None)
    resize(call.cluster, deployment, body.get("number_of_allocations"), body.get("adaptive_allocations"))
    changed = call.cluster.deployments[deployment.deployment_id]
    return Answer({"assignment": changed.stats(call.cluster.now(), call.cluster.profile.idle_seconds)})


def _read(path: str, run: Any, action: str) -> Route:
    params = ("allow_no_match", "from", "size", "include", "tags", "decompress_definition", "exclude_generated")
    return Route("GET", path, run, params=params, action=f"cluster:monitor/xpack/ml/{action}")


def _write(path: str, run: Any, *params: str) -> Route:
    return Route(
        "POST",
        f"/_ml/trained_models/{{model_id}}/deployment/{path}",
        run,
        body=True,
        params=params,
        action=f"cluster:admin/xpack/ml/trained_models/deployment/{path.strip('_')}",
    )


ROUTES = [
    _read("/_ml/trained_models", _list, "inference/get"),
    _read("/_ml/trained_models/{model_id}", _list, "inference/get"),
    Route(
        "PUT",
        "/_ml/trained_models/{model_id}",
        _create,
        body=True,
        params=("defer_definition_decompression", "wait_for_completion"),
        action="cluster:admin/xpack/ml/inference/put",
    ),
    _read("/_ml/trained_models/_stats", _stats, "inference/stats/get"),
    _read("/_ml/trained_models/{model_id}/_stats", _stats, "inference/stats/get"),
    _write(
        "_start",
        _start,
        "deployment_id",
        "number_of_allocations",
        "threads_per_allocation",
        "wait_for",
        "timeout",
        "priority",
        "queue_capacity",
        "cache_size",
    ),
    _write("_stop", _stop, "force", "allow_no_match", "finish_pending_work"),
    _write("_update", _update, "timeout"),
]
