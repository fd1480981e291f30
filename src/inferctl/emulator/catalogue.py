"""`GET /_inference/_services`: the service catalogue, old and new shape (services.md#list-of-services)."""

from collections.abc import Iterable
from typing import Any

from .profiles import Profile
from .services.schema import Field, Service, fields_for

JsonObject = dict[str, Any]

TYPES = {
    "string": "str",
    "enum": "str",
    "integer": "int",
    "rate_limit": "int",
    "boolean": "bool",
    "list": "list",
    "object": "map",
    "number": "int",
    "float": "int",
}


def services(tables: Iterable[Service], profile: Profile, task_type: str | None) -> list[JsonObject]:
    """All services of a version, or those with one task type."""
    rows = []
    for service in tables:
        tasks = [name for name, task in service.tasks.items() if profile.knows(task.since)]
        known = profile.knows(service.since) and not service.hidden and not service.alias_of
        if known and tasks and task_type in {None, "any", *tasks}:
            rows.append(_old(service, tasks, profile) if profile.services_old_shape else _new(service, tasks, profile))
    return rows


def _fields(service: Service, tasks: list[str], profile: Profile) -> dict[str, tuple[Field, list[str]]]:
    result: dict[str, tuple[Field, list[str]]] = {}
    for task in tasks:
        for item in fields_for(service.service_settings, task, profile):
            if not item.put_allowed:
                continue
            name = "rate_limit.requests_per_minute" if item.kind == "rate_limit" else item.name
            result.setdefault(name, (item, []))[1].append(task)
    return result


def _label(name: str) -> str:
    return " ".join(word.capitalize() for word in name.rsplit(".", maxsplit=1)[-1].split("_"))


def _new(service: Service, tasks: list[str], profile: Profile) -> JsonObject:
    configurations = {}
    for name, (item, supported) in sorted(_fields(service, tasks, profile).items()):
        entry: JsonObject = {
            "description": f"{_label(name)} of the {service.title} service.",
            "label": _label(name),
            "required": item.required,
            "sensitive": item.secret,
            "updatable": item.secret or item.name == "num_allocations",
            "type": TYPES[item.kind],
            "supported_task_types": supported,
        }
        configurations[name] = entry
    return {
        "service": service.name,
        "name": service.title,
        "task_types": tasks,
        "configurations": configurations,
    }


def _old(service: Service, tasks: list[str], profile: Profile) -> JsonObject:
    configuration: JsonObject = {}
    for order, (name, (item, _)) in enumerate(sorted(_fields(service, tasks, profile).items()), 1):
        configuration[name] = {
            "default_value": None,
            "depends_on": [],
            "display": "numeric" if item.kind == "integer" else "textbox",
            "label": _label(name),
            "order": order,
            "required": item.required,
            "sensitive": item.secret,
            "tooltip": "",
            "type": TYPES[item.kind],
            "ui_restrictions": [],
            "validations": [],
            "value": None,
        }
    return {
        "provider": service.name,
        "task_types": [{"task_type": task, "configuration": {}} for task in tasks],
        "configuration": configuration,
    }
