"""UPDATE of endpoints (update.md), version by version."""

import copy
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from . import chunking, in_cluster, task_types
from .cluster import Cluster, Endpoint
from .endpoints import check_readable, probe, shown
from .errors import ApiError, Cause, bad_request, licence_error, status_error, validation
from .json_faults import TOO_BIG
from .json_text import java_text, parse_map
from .profiles import Profile
from .services.engine import (
    fill_after_probe,
    fill_inner,
    leftovers,
    parse_task_settings,
    rate_limit_default,
)
from .services.parsed_settings import parser_of, read_change, refused_secret
from .services.rules import Settings, check_parameters, check_rules, missing, read_rate_limit, take
from .services.schema import CHUNKING, Field, OneSecret, Service, fields_for

JsonObject = dict[str, Any]


def update(
    cluster: Cluster, path_task: str | None, inference_id: str, body: bytes, timeout: float = 30.0
) -> JsonObject:
    """Update an endpoint, steps as in update.md#steps."""
    profile = cluster.profile
    if profile.licence_before_lookup and not cluster.licensed:
        raise licence_error()
    try:
        source = parse_map(
            body, non_object_is_500=profile.non_object_body_is_500, end_of_file_type=profile.end_of_file_type
        )
    except ApiError as error:
        if error.kind == TOO_BIG:  # malformed.md#bodies
            cause = Cause(error.kind, error.reason, elastic=False)
            raise ApiError(400, "parse_exception", "Failed to parse content to type", cause=cause) from None
        raise
    added = cluster.added_task_types()
    body_task, maps = read_body(source, profile, added)
    if path_task is None and not profile.update_without_task_type:
        raise bad_request("Inference ID must be provided in the path")
    task = task_types.resolve(path_task, body_task, profile, added)
    endpoint = cluster.endpoint(inference_id)
    if endpoint is None:
        raise status_error(404, f"The inference endpoint [{inference_id}] does not exist and cannot be updated")
    service = cluster.service(endpoint.service)
    if service is None:
        raise status_error(500, f"Service [{endpoint.service}] not found")
    check_readable(cluster, endpoint)
    if not profile.update_checks_id_pattern and inference_id.startswith("."):
        raise bad_request(f"Default endpoint [{inference_id}] cannot be updated")
    if profile.update_checks_licence and not cluster.licensed:
        raise licence_error()
    if task != endpoint.task_type:
        raise bad_request("Task type must match the task type of the existing endpoint")
    return _change(cluster, endpoint, service, maps, timeout)


def _change(
    cluster: Cluster, endpoint: Endpoint, service: Service, maps: dict[str, JsonObject], timeout: float
) -> JsonObject:
    profile = cluster.profile
    if service.in_cluster:
        _check_in_cluster(profile, maps)
    merged = _merge(cluster, endpoint, service, maps)
    if profile.update_skips_when_equal and merged == endpoint:
        return shown(cluster, endpoint)
    if service.in_cluster:
        in_cluster.update(cluster, endpoint, merged.service_settings)
    elif profile.update_calls_provider:
        parsed = Settings(merged.service_settings, merged.secrets, merged.task_settings)
        probe(
            cluster, "update", endpoint.inference_id, service, task=endpoint.task_type, parsed=parsed, timeout=timeout
        )
        fill_after_probe(service, endpoint.task_type, parsed)
    if endpoint.inference_id in cluster.updating:
        raise status_error(
            409,
            f"Endpoint [{endpoint.inference_id}] is currently being updated. Try again once the update completes",
        )
    if profile.update_loses_chunking:
        merged = replace(merged, chunking=None)
    cluster.store(merged)
    return shown(cluster, merged)


def read_body(
    source: JsonObject, profile: Profile, added: Collection[str] = ()
) -> tuple[str | None, dict[str, JsonObject]]:
    """The shape of the body (update.md#body). Its errors quote what is left of the body, secrets included."""
    if not source:
        raise bad_request("Request body is empty")
    body_task = None
    if "task_type" in source:
        body_task = source["task_type"]
        if not isinstance(body_task, str):
            text = f"Failed to parse [task_type] in update request [{java_text(source)}]"
            raise status_error(profile.update_bad_task_type_status, text)
        task_types.parse(body_task, profile, added)
        del source["task_type"]
    names = ["service_settings", "task_settings"]
    if profile.update_chunking:
        names.append("chunking_settings")
    maps: dict[str, JsonObject] = {}
    for name in names:
        if name not in source:
            maps[name] = {}
            continue
        value = source[name]
        if not isinstance(value, dict):
            words = f"[{name}]" if profile.update_chunking else name.replace("_", " ")
            raise bad_request(f"Unable to parse {words} in the request [{java_text(source)}]")
        if profile.update_null_is_500 and None in value.values():
            raise status_error(500, f"Failed to parse update request [{java_text(source)}]")
        maps[name] = dict(value)
        del source[name]
    if source:
        raise bad_request(
            f"Request contained fields which cannot be updated, remove these fields and try again [{java_text(source)}]"
        )
    return body_task, maps


def _check_in_cluster(profile: Profile, maps: dict[str, JsonObject]) -> None:
    """`num_allocations` must be in the body up to 9.1 (in-cluster.md#update)."""
    settings = maps["service_settings"]
    number = settings.get("num_allocations")
    good = isinstance(number, int) and not isinstance(number, bool)
    if profile.in_cluster_update_needs_allocations and number is None:
        body = {name: value for name, value in maps.items() if value}
        raise bad_request(f"Failed to parse [num_allocations] of update request [{java_text(body)}]")
    if number is not None and not good:
        status = 400 if profile.update_calls_provider else 500
        raise status_error(status, f"Failed to parse [num_allocations] of update request [{java_text(settings)}]")


def _merge(cluster: Cluster, endpoint: Endpoint, service: Service, maps: dict[str, JsonObject]) -> Endpoint:
    """The endpoint as it would be after the update (update.md#merge)."""
    profile, problems = cluster.profile, list[str]()
    result = Settings(
        copy.deepcopy(endpoint.service_settings), dict(endpoint.secrets), copy.deepcopy(endpoint.task_settings)
    )
    settings_map, task_map = maps["service_settings"], maps["task_settings"]
    had_settings = bool(settings_map)
    whole_map = dict(settings_map)
    _merge_secrets(service, endpoint, profile, settings_map, result=result, problems=problems)
    if had_settings:
        settings_map = _parsed(
            service, endpoint.task_type, profile, whole_map, without_secrets=settings_map, problems=problems
        )
    _merge_service_settings(service, endpoint.task_type, profile, settings_map, result=result, problems=problems)
    _merge_task_settings(service, endpoint.task_type, profile, task_map, result=result, problems=problems)
    if had_settings and profile.update_refuses_leftovers:
        check_rules(service, endpoint.task_type, profile, result, problems)
    check_parameters(service, profile, result, problems)
    if problems:
        raise validation(problems)
    if profile.update_refuses_leftovers:
        error = leftovers(service, profile, {"service_settings": settings_map, "task_settings": task_map})
        if error:
            raise error
    chunks = endpoint.chunking
    if maps.get("chunking_settings") and endpoint.task_type in CHUNKING:
        elser = service.in_cluster and in_cluster.is_elser(result.service_settings)
        chunks = chunking.parse(maps["chunking_settings"], profile, elser=elser)
    return replace(
        endpoint,
        service_settings=result.service_settings,
        secrets=result.secrets,
        task_settings=result.task_settings,
        chunking=chunks,
    )


def _parsed(
    service: Service,
    task_type: str,
    profile: Profile,
    whole_map: JsonObject,
    *,
    without_secrets: JsonObject,
    problems: list[str],
) -> JsonObject:
    """What is left to merge, after the object parser of the service had the whole map (update.md#object-parsers)."""
    parser = parser_of(service, profile)
    if parser is None:
        error = refused_secret(service, task_type, profile, whole_map)
        if error:
            raise error
        return without_secrets
    if problems:  # of the secrets, which are read first
        raise validation(problems)
    secrets = {f.name for f in service.service_settings if f.secret}
    taken = read_change(service, parser, task_type, profile, whole_map)
    return {name: value for name, value in taken.items() if name not in secrets}


def _merge_secrets(
    service: Service,
    endpoint: Endpoint,
    profile: Profile,
    settings_map: JsonObject,
    *,
    result: Settings,
    problems: list[str],
) -> None:
    fields = [f for f in fields_for(service.service_settings, endpoint.task_type, profile) if f.secret]
    if not fields or not settings_map:
        return
    given: JsonObject = {}
    for item in fields:
        if profile.update_keeps_secrets and settings_map.get(item.name) in ("", None):
            settings_map.pop(item.name, None)
            continue
        value = take(item, settings_map, "service_settings", problems)
        if value is not None:
            given[item.name] = value
    if given or not profile.update_keeps_secrets:
        # Parts of one secret go together; from 9.5 nothing given keeps what is stored.
        required = [f.name for f in fields if f.required]
        problems.extend(missing("service_settings", name) for name in required if name not in given)
    for rule in service.rules:
        if isinstance(rule, OneSecret):
            _check_one_secret(rule, endpoint, profile, given, problems)
    if not endpoint.secrets:
        return  # a secret cannot be added by update; the new value is dropped (update.md#merge)
    if (service.secrets_wiped and not profile.update_keeps_secrets) or given:
        result.secrets = given


def _check_one_secret(
    rule: OneSecret, endpoint: Endpoint, profile: Profile, given: JsonObject, problems: list[str]
) -> None:
    choices = [name for name in rule.fields if name != rule.oauth or profile.update_calls_provider]
    if not profile.update_keeps_secrets and len(given) != 1:
        if "entra_id" in rule.fields:
            problems.append(
                f"[secret_settings] must have exactly one of [{', '.join(choices)}] field set, "
                f"received: [{', '.join(given)}]"
            )
        elif not given:
            problems.append(missing("service_settings", rule.fields[0]))
    elif profile.update_keeps_secrets and given and endpoint.secrets and set(given) != set(endpoint.secrets):
        stored = ", ".join(endpoint.secrets)
        problems.append(f"[service_settings] must have exactly one field of [{stored}] set")


def _merge_service_settings(
    service: Service,
    task_type: str,
    profile: Profile,
    settings_map: JsonObject,
    *,
    result: Settings,
    problems: list[str],
) -> None:
    without_oauth = _without_oauth(service, result.secrets)
    for item in fields_for(service.service_settings, task_type, profile):
        if item.secret or item.name not in settings_map or not _updatable(item, service, profile):
            continue
        if item.name in without_oauth:
            continue
        if settings_map[item.name] is None:
            del settings_map[item.name]
            _reset(item, service, task_type, profile, result)
            continue
        value = take(item, settings_map, "service_settings", problems)
        if item.kind == "rate_limit":
            default = rate_limit_default(service, task_type, profile)
            value = read_rate_limit(value, default or 0, problems)
        if value is not None:
            result.service_settings[item.name] = value
    fill_inner(service, task_type, profile, result.service_settings)


def _without_oauth(service: Service, secrets: JsonObject) -> set[str]:
    """OAuth settings, which an endpoint made with another kind of secret cannot get (catalogue, azureopenai)."""
    return {
        name
        for rule in service.rules
        if isinstance(rule, OneSecret) and rule.oauth not in secrets
        for name in rule.companions
    }


def _updatable(item: Field, service: Service, profile: Profile) -> bool:
    if service.in_cluster:
        adaptive = item.name == "adaptive_allocations" and profile.in_cluster_update_adaptive
        return item.name == "num_allocations" or adaptive
    return bool(item.updatable) and profile.knows(item.updatable)


def _reset(item: Field, service: Service, task_type: str, profile: Profile, result: Settings) -> None:
    """A null: tri-state parsers reset the key, map parsers ignore it (update.md#removing-a-setting)."""
    if not item.null_resets or not profile.knows(item.null_resets):
        return
    if item.kind == "rate_limit":
        default = rate_limit_default(service, task_type, profile)
        result.service_settings[item.name] = {"requests_per_minute": default}
    else:
        result.service_settings.pop(item.name, None)


def _merge_task_settings(
    service: Service,
    task_type: str,
    profile: Profile,
    task_map: JsonObject,
    *,
    result: Settings,
    problems: list[str],
) -> None:
    if not task_map:
        return
    if service.task_settings_replaced:
        fresh = Settings()
        parse_task_settings(service, task_type, profile, task_map, result=fresh, problems=problems)
        result.task_settings = fresh.task_settings
        return
    strict = parser_of(service, profile) is not None
    for item in fields_for(service.task_settings, task_type, profile):
        if item.name not in task_map:
            continue
        if task_map[item.name] is None and item.null_resets and profile.knows(item.null_resets):
            del task_map[item.name]
            result.task_settings.pop(item.name, None)
            continue
        value = take(item, task_map, "task_settings", problems, strict_null=strict)
        if value is None:
            continue
        stored = result.task_settings.get(item.name)
        if item.name == "parameters" and isinstance(stored, dict):
            value = stored | value  # free maps are merged key by key (catalogue: alibabacloud, custom)
        result.task_settings[item.name] = value
