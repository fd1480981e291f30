"""Services and settings that no release has: how a test plays a server newer than every table here.

A spec names a service. Fields are added to those of its table, where it has one. The spec is kept as JSON, so
that it survives with the rest of the state.
"""

from dataclasses import fields, replace
from typing import Any

from . import SERVICES
from .schema import Field, Service, Task

JsonObject = dict[str, Any]

_KNOWN = {"name", "task_types", "service_settings", "task_settings"}
_OF_FIELD = {item.name for item in fields(Field)} - {"name"}


def made(spec: JsonObject) -> Service:
    """The service that a spec describes. Raises ValueError for a spec that describes none."""
    unknown = sorted(set(spec) - _KNOWN)
    if unknown:
        raise ValueError(f"unknown field [{unknown[0]}] of a service")
    name = spec.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("a service has a name")
    base = SERVICES.get(name) or Service(name, name, "", {}, ())
    tasks = {str(task): Task() for task in spec.get("task_types", ())}
    settings = _fields(spec.get("service_settings", {}))
    result = replace(
        base,
        tasks={**base.tasks, **tasks},
        service_settings=(*base.service_settings, *settings),
        task_settings=(*base.task_settings, *_fields(spec.get("task_settings", {}))),
        shown=(*base.shown, *(item.name for item in settings if not item.secret)),
    )
    if not result.tasks:
        raise ValueError(f"the service [{name}] has no task type")
    return result


def _fields(source: Any) -> tuple[Field, ...]:
    if not isinstance(source, dict):
        raise ValueError("settings are a mapping from name to field")
    return tuple(_field(name, given) for name, given in source.items())


def _field(name: str, given: Any) -> Field:
    if not isinstance(given, dict) or set(given) - _OF_FIELD:
        raise ValueError(f"the field [{name}] has {', '.join(sorted(_OF_FIELD))}, and nothing else")
    more: JsonObject = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Field(name, **more)
