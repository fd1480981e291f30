"""The engine that reads the service tables: what PUT accepts, fills in and refuses.

Source: create.md#refused-settings, create.md#defaults.
"""

import copy
from typing import Any

from inferctl.emulator.errors import ApiError, bad_request, validation
from inferctl.emulator.json_text import java_text
from inferctl.emulator.profiles import Profile

from .parsed_settings import parser_of, read_new
from .rules import Settings, check_parameters, check_rules, missing, not_allowed, read_rate_limit, required, take
from .schema import DENSE, Field, Service, fields_for

JsonObject = dict[str, Any]


def rate_limit_default(service: Service, task_type: str, profile: Profile) -> int | None:
    """Requests per minute filled in when the user gives none; None: no such setting here."""
    task = service.tasks[task_type]
    return task.rate_limit if profile.knows("", task.rate_limit_until) else None


def parse(
    service: Service, task_type: str, profile: Profile, service_map: JsonObject, task_map: JsonObject
) -> Settings:
    """Read the settings of a PUT; the maps lose the keys that were read (create.md#refused-settings)."""
    problems: list[str] = []
    result = Settings()
    parser = parser_of(service, profile)
    if parser:
        taken = read_new(service, parser, task_type, profile, service_map)
        service_map.clear()
        service_map.update(taken)
    _move_to_model_id(service, service_map, task_map)
    if service.refuses_rate_limit and profile.knows(service.refuses_rate_limit) and "rate_limit" in service_map:
        service_map.pop("rate_limit")
        problems.append(
            "[service_settings] rate limit settings are not permitted for service "
            f"[{service.name}] and task type [{task_type}]"
        )
    fields = fields_for(service.service_settings, task_type, profile)
    for item in fields:
        value = take(item, service_map, "service_settings", problems)
        if item.kind == "rate_limit":
            default = rate_limit_default(service, task_type, profile)
            if default is not None:
                result.service_settings[item.name] = read_rate_limit(value, default, problems)
        elif value is not None:
            target = result.secrets if item.secret else result.service_settings
            target[item.name] = value
        elif required(item, profile) and item.name not in service_map:
            problems.append(item.missing or missing("service_settings", item.name))
    if "dimensions_set_by_user" in service_map and any(f.name == "dimensions" for f in fields):
        service_map.pop("dimensions_set_by_user")
        problems.append(not_allowed("dimensions_set_by_user"))
    parse_task_settings(service, task_type, profile, task_map, result=result, problems=problems)
    check_rules(service, task_type, profile, result, problems)
    check_parameters(service, profile, result, problems)
    if problems:
        raise validation(problems)
    fill(service, task_type, profile, result)
    return result


def _move_to_model_id(service: Service, service_map: JsonObject, task_map: JsonObject) -> None:
    """Bodies of 8.12 gave the model in `task_settings`; it is still taken from there (catalogue, renames)."""
    for old in service.moved_to_model_id:
        if "model_id" not in service_map and old in task_map:
            service_map["model_id"] = task_map.pop(old)


def parse_task_settings(
    service: Service,
    task_type: str,
    profile: Profile,
    task_map: JsonObject,
    *,
    result: Settings,
    problems: list[str],
) -> None:
    """Read `task_settings` into `result`."""
    for item in fields_for(service.task_settings, task_type, profile):
        value = take(item, task_map, "task_settings", problems)
        if value is not None:
            result.task_settings[item.name] = value
        elif item.required:
            problems.append(missing("task_settings", item.name))


def fill(service: Service, task_type: str, profile: Profile, result: Settings) -> None:
    """Defaults that do not depend on the validation call (create.md#defaults)."""
    for fields, target in (
        (service.service_settings, result.service_settings),
        (service.task_settings, result.task_settings),
    ):
        for item in fields_for(fields, task_type, profile):
            if item.default is None or item.after_probe or item.name in target:
                continue
            if not item.default_tasks or task_type in item.default_tasks:
                target[item.name] = copy.deepcopy(item.default)
    fill_inner(service, task_type, profile, result.service_settings)


def fill_inner(service: Service, task_type: str, profile: Profile, settings: JsonObject) -> None:
    """Defaults inside object settings (create.md#defaults)."""
    for item in service.inner_defaults:
        if task_type not in item.tasks or not profile.knows(item.since):
            continue
        place: Any = settings
        for step in item.path[:-1]:
            place = place.get(step) if isinstance(place, dict) else None
        if isinstance(place, dict):
            place.setdefault(item.path[-1], item.value)


def fill_after_probe(service: Service, task_type: str, result: Settings) -> None:
    """Defaults set after a good validation call, so not under skip_validate_and_start (create.md#defaults)."""
    for item in service.task_settings:
        if item.after_probe and task_type in item.tasks:
            result.task_settings.setdefault(item.name, item.default)


def fill_vector(service: Service, task_type: str, profile: Profile, result: Settings, length: int) -> None:
    """`dimensions` and `similarity` after the validation call (create.md#validation-call)."""
    if task_type not in DENSE:
        return
    settings, similarity = result.service_settings, service.similarity
    settings.setdefault("dimensions", length)
    if similarity is not None and "similarity" not in settings:
        word = similarity.before
        if not similarity.since or profile.knows(similarity.since):
            kind = str(settings.get("embedding_type", ""))
            word = similarity.by_embedding_type.get(kind, similarity.default)
        settings["similarity"] = word


def leftovers(service: Service, profile: Profile, maps: dict[str, JsonObject]) -> ApiError | None:
    """The error for keys nobody read; the first map with left-overs wins (create.md#refused-settings)."""
    for scope, rest in maps.items():
        if not rest:
            continue
        if parser_of(service, profile) and scope == "task_settings":
            name = next(iter(rest))
            return ApiError(
                400,
                "x_content_parse_exception",
                f"[task_settings] Configuration contains unknown settings [{name}]",
            )
        words = "Model configuration" if profile.model_configuration_words else "Configuration"
        return bad_request(f"{words} contains settings [{java_text(rest)}] unknown to the [{service.name}] service")
    return None


def shown_service_settings(service: Service, task_type: str, profile: Profile, settings: JsonObject) -> JsonObject:
    """`service_settings` as PUT, GET and UPDATE show them: ordered, rewritten, narrowed.

    Source: create.md#answer, read.md#what-is-shown.
    """
    fields = {f.name: f for f in service.service_settings}
    result: JsonObject = {}
    for name in service.shown:
        item = fields.get(name)
        if name not in settings or (item and _hidden(item, task_type, profile)):
            continue
        value = settings[name]
        if item and isinstance(value, str) and item.kind == "enum":
            value = item.synonyms.get(value, value)
            value = value.upper() if item.show == "upper" else value
        if value == {} and name == "headers":
            continue
        result[name] = value
    return result


def _hidden(item: Field, task_type: str, profile: Profile) -> bool:
    if item.hidden_since and profile.knows(item.hidden_since):
        return True
    return bool(item.hidden_until) and profile.knows("", item.hidden_until) and task_type in item.hidden_tasks


def shown_task_settings(service: Service, settings: JsonObject) -> JsonObject:
    """`task_settings` as they are shown; empty objects vanish in the envelope (create.md#answer)."""
    names = {f.name: f.shown_as or f.name for f in service.task_settings}
    return {names.get(name, name): value for name, value in settings.items()}
