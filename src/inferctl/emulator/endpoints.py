"""PUT, GET and DELETE of endpoints in the order of the server's checks.

Source: create.md, read.md, delete.md, emulating.md#order-of-the-checks.
"""

import re
from typing import Any

from . import chunking, in_cluster, references, region_policy, task_types
from .cluster import Cluster, Endpoint
from .errors import (
    ApiError,
    already_exists,
    bad_request,
    endpoint_not_found,
    licence_error,
    request_validation,
    status_error,
    task_type_mismatch,
)
from .json_text import java_text, parse_map
from .provider import ProviderFailure, validation_failure, vector_length
from .services.engine import (
    fill_after_probe,
    fill_vector,
    leftovers,
    parse,
    shown_service_settings,
    shown_task_settings,
)
from .services.rules import Settings, wrong_type
from .services.schema import CHUNKING, DENSE, Service

JsonObject = dict[str, Any]

ID_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9_\-.]*[a-z0-9])?")


def check_id(inference_id: str) -> None:
    """The id pattern (create.md#the-id)."""
    if ID_PATTERN.fullmatch(inference_id) and inference_id != "_all":
        return
    text = (
        f"Invalid inference_id; '{inference_id}' can contain lowercase alphanumeric (a-z and 0-9), "
        "hyphens or underscores; must start and end with alphanumeric"
    )
    raise request_validation([text])


def shown(cluster: Cluster, endpoint: Endpoint) -> JsonObject:
    """An endpoint as PUT, GET and UPDATE show it (create.md#answer): key order fixed, secrets gone."""
    service = cluster.service_of(endpoint)
    settings = endpoint.service_settings
    if service.in_cluster:
        settings = in_cluster.live_settings(cluster, endpoint)
    if service.shows_dimensions_flag and endpoint.task_type in DENSE:
        settings = settings | {"dimensions_set_by_user": endpoint.dimensions_set_by_user}
    result: JsonObject = {
        "inference_id": endpoint.inference_id,
        "task_type": endpoint.task_type,
        "service": endpoint.service,
        "service_settings": shown_service_settings(service, endpoint.task_type, cluster.profile, settings),
    }
    task_settings = shown_task_settings(service, endpoint.task_settings)
    if task_settings:
        result["task_settings"] = task_settings
    if endpoint.task_type in CHUNKING:
        result["chunking_settings"] = endpoint.chunking or chunking.LOST
    metadata = region_policy.metadata(cluster, endpoint)
    return result | ({"metadata": metadata} if metadata else {})


def put(cluster: Cluster, task_type: str | None, inference_id: str, body: bytes, timeout: float) -> JsonObject:
    """Create an endpoint (create.md#steps)."""
    profile = cluster.profile
    source = _licensed_source(cluster, body)
    task = task_types.resolve(task_type, source.pop("task_type", None), profile, cluster.added_task_types())
    name = source.pop("service", None)
    if name is None:
        raise bad_request("Inference endpoint configuration is missing the [service] setting")
    service = cluster.service(name)
    if service is None or not profile.knows(service.since):
        raise bad_request(f"Unknown service [{java_text(name)}]")
    _check_unique(cluster, inference_id)
    endpoint, parsed = _parse(cluster, service, task, inference_id, source)
    probed = not cluster.skips_validation
    if probed:
        _probe(cluster, endpoint, parsed, timeout)
    if inference_id in cluster.endpoints:
        raise already_exists(inference_id)
    cluster.store(endpoint)
    if service.in_cluster and probed:
        in_cluster.start(cluster, endpoint, timeout)
    return shown(cluster, endpoint)


def _licensed_source(cluster: Cluster, body: bytes) -> JsonObject:
    """The body; a licence that does not allow it speaks before malformed JSON does.

    Source: create.md#steps, errors.md#licence.
    """
    profile = cluster.profile
    try:
        source = parse_map(
            body, non_object_is_500=profile.non_object_body_is_500, end_of_file_type=profile.end_of_file_type
        )
    except ApiError as malformed:
        raise malformed if cluster.licensed else licence_error() from None
    if not cluster.licensed and source.get("service") != "elastic":
        raise licence_error()
    return source


def _check_unique(cluster: Cluster, inference_id: str) -> None:
    # An endpoint's own deployment carries its id: for an existing endpoint the later check speaks.
    foreign = inference_id in cluster.deployments and inference_id not in cluster.endpoints
    if not foreign and inference_id not in cluster.models:
        return
    if cluster.profile.unique_id_words_new:
        raise bad_request(
            f"Inference endpoint IDs must be unique. Requested inference endpoint ID [{inference_id}] "
            "matches existing trained model ID(s) but must not."
        )
    raise bad_request(
        f"Model IDs must be unique. Requested model ID [{inference_id}] matches existing model IDs but must not."
    )


def _map(source: JsonObject, name: str, *, required: bool) -> JsonObject:
    value = source.pop(name, None)
    if value is None:
        if required:
            raise bad_request(f"Missing required field [{name}]")
        return {}
    if not isinstance(value, dict):
        raise bad_request(wrong_type(name, value, "Map"))
    return dict(value)


def _parse(
    cluster: Cluster, service: Service, task: str, inference_id: str, source: JsonObject
) -> tuple[Endpoint, Settings]:
    profile = cluster.profile
    service_map = _map(source, "service_settings", required=True)
    task_map = _map(source, "task_settings", required=False)
    offered = service.tasks.get(task)
    if offered is None or not profile.knows(offered.since):
        raise bad_request(f"The [{service.name}] service does not support task type [{task}]")
    chunks = _map(source, "chunking_settings", required=False) if task in CHUNKING else None
    model = service_map.get("model_id", ".elser_model_2")
    elser = service.in_cluster and isinstance(model, str) and model.startswith(".elser")
    stored_chunks = chunking.parse(chunks, profile, elser=elser) if task in CHUNKING else None
    set_by_user = service_map.get("dimensions") is not None
    if service.in_cluster:
        parsed = in_cluster.parse_settings(cluster, service.name, task, service_map, task_map)
    else:
        parsed = parse(service, task, profile, service_map, task_map)
    maps = {"body": source, "service_settings": service_map, "task_settings": task_map}
    error = leftovers(service, profile, maps)
    if error:
        raise error
    if profile.mapping_guard:
        _check_mappings(cluster, inference_id, task, parsed)
    endpoint = Endpoint(
        inference_id,
        task,
        service.alias_of or service.name,
        parsed.service_settings,
        parsed.task_settings,
        parsed.secrets,
        stored_chunks,
        set_by_user,
    )
    return endpoint, parsed


def _check_mappings(cluster: Cluster, inference_id: str, task: str, parsed: Settings) -> None:
    shape = {"task_type": task} | {
        key: parsed.service_settings.get(key) for key in ("dimensions", "similarity", "element_type")
    }
    names = references.incompatible_indices(cluster.indices, inference_id, shape)
    if names:
        raise bad_request(
            f"Inference endpoint [{inference_id}] could not be created because the inference_id is being used in "
            f"mappings with incompatible settings for indices: [{', '.join(names)}]. Please either use a different "
            "inference_id or update the index mappings to refer to a different inference_id."
        )


def _probe(cluster: Cluster, endpoint: Endpoint, parsed: Settings, timeout: float) -> None:
    """The validation call; in-cluster models are not called, only eland ones get a length.

    Source: create.md#validation-call.
    """
    service, task = cluster.service_of(endpoint), endpoint.task_type
    if service.in_cluster:
        settings = parsed.service_settings
        if cluster.is_uploaded(settings.get("model_id")) and task in DENSE:
            settings.setdefault("dimensions", vector_length(settings, service.vector))
        return
    probe(cluster, "put", endpoint.inference_id, service, task=task, parsed=parsed, timeout=timeout)
    fill_after_probe(service, task, parsed)


def probe(
    cluster: Cluster, kind: str, inference_id: str, service: Service, *, task: str, parsed: Settings, timeout: float
) -> None:
    """Ask the provider and take the vector length from its answer (create.md#validation-call)."""
    settings = parsed.service_settings
    try:
        region_policy.check(cluster, inference_id, service.name, settings)
        answer = cluster.ask_provider(kind, inference_id, service.name, parsed.secrets, timeout_s=timeout)
    except ProviderFailure as failure:
        raise validation_failure(failure) from None
    length = answer.dimensions or settings.get("dimensions") or vector_length(settings, service.vector)
    if task in DENSE and settings.get("dimensions") not in {None, length}:
        raise bad_request(
            f"The retrieved embeddings size [{length}] does not match the size specified in the settings "
            f"[{settings['dimensions']}]. Please recreate the [{inference_id}] configuration "
            "with the correct dimensions"
        )
    fill_vector(service, task, cluster.profile, parsed, length)


def get(cluster: Cluster, task_type: str | None, inference_id: str) -> JsonObject:
    """Read one endpoint, as a list of one (read.md#shapes)."""
    endpoint = lookup(cluster, task_type, inference_id)
    check_readable(cluster, endpoint)
    return {"endpoints": [shown(cluster, endpoint)]}


def get_all(cluster: Cluster, task_type: str | None) -> JsonObject:
    """List endpoints; one broken endpoint breaks the list (read.md#one-bad-endpoint)."""
    wanted = [e for e in cluster.all_endpoints() if task_type in {None, "any", e.task_type}]
    for endpoint in wanted:
        check_readable(cluster, endpoint)
    return {"endpoints": [shown(cluster, endpoint) for endpoint in wanted]}


def check_readable(cluster: Cluster, endpoint: Endpoint) -> None:
    """500 for an endpoint that its service cannot read (read.md#one-bad-endpoint)."""
    if endpoint.broken:
        raise status_error(
            500, f"Failed to load inference endpoint [{endpoint.inference_id}], error: [cannot be parsed]"
        )
    if cluster.service(endpoint.service) is None:
        raise status_error(
            500, f"Unknown service [{endpoint.service}] for inference endpoint [{endpoint.inference_id}]."
        )


def lookup(cluster: Cluster, task_type: str | None, inference_id: str) -> Endpoint:
    """Existence first, then the task type (read.md#shapes, delete.md#steps)."""
    endpoint = cluster.endpoint(inference_id)
    if endpoint is None:
        raise endpoint_not_found(inference_id)
    if task_type not in {None, "any", endpoint.task_type}:
        raise task_type_mismatch(str(task_type), endpoint.task_type)
    return endpoint


def delete(cluster: Cluster, task_type: str | None, inference_id: str, *, dry_run: bool, force: bool) -> JsonObject:
    """Delete an endpoint, or tell what refers to it (delete.md#steps)."""
    profile = cluster.profile
    endpoint = lookup(cluster, task_type, inference_id)
    pipelines = references.pipelines_using(cluster.pipelines, inference_id)
    indices = references.indices_using(cluster.indices, inference_id, references.DEFAULT_ENDPOINT)
    text = references.in_use_text(inference_id, pipelines, indices)
    if dry_run:
        return {"acknowledged": False, "pipelines": pipelines, "indexes": indices, "error_message": text}
    if not force:
        if text:
            raise status_error(409, text)
        if profile.delete_checks_reserved and cluster.is_default(inference_id):
            raise bad_request(
                f"[{inference_id}] is a reserved inference endpoint. "
                "Use the force=true query parameter to delete the inference endpoint."
            )
    if not (force and profile.force_beats_broken):
        if cluster.service(endpoint.service) is None:
            raise status_error(404, f"No service found for this inference endpoint {inference_id}")
        if endpoint.broken:
            raise status_error(500, "Failed to parse model configuration for inference endpoint")
    if inference_id in cluster.updating:
        raise status_error(
            409,
            f"The inference endpoint(s) [{inference_id}] are currently being updated, "
            "please wait until after they are finished updating to delete.",
        )
    table = cluster.service(endpoint.service)
    if table is not None and table.in_cluster:
        in_cluster.stop(cluster, endpoint)
    cluster.remove(inference_id)
    return {"acknowledged": True, "pipelines": [], "indexes": []}
