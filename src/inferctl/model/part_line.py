"""The line that mends a whole part: `service_settings: {…}` with all that its service asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inferctl.model.services.names import PARTS
from inferctl.syntax.fixes import entry_line
from inferctl.syntax.mask import holds_credential, is_reference, sounds_secret

if TYPE_CHECKING:
    from inferctl.json_types import Json
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version

_ASKED_FOR = frozenset({"field.missing", "rule.one-of"})


def part_line(service: Service, part: str, task_type: str, value: Mapping[str, Any], version: Version | None) -> str:
    """A line for a part of the endpoint `value`, with what stands in the wrong place where it cannot be a secret.

    Empty where nothing is asked for, or no line would do.
    """
    known = service.fields(part, task_type)
    other = PARTS[1 - PARTS.index(part)]
    beside = value.get(other)
    given: dict[str, Any] = {other: beside if isinstance(beside, Mapping) else {}}
    found = {**given[other], **value}
    settings = {name: found[name] for name in known if name in found and _may_be_shown(name, found[name])}
    for _ in range(len(known) + 1):
        given[part] = settings
        faults = service.validate(task_type, given["service_settings"], given["task_settings"], version)
        inside = [fault for fault in faults if fault.path[0] == part]
        asked = [str(fault.path[1]) for fault in inside if fault.code in _ASKED_FOR and len(fault.path) > 1]
        if not asked or asked[0] in settings:
            break
        settings = {**settings, asked[0]: known[asked[0]].example}
    return entry_line(part, settings) if settings and not inside else ""


def _may_be_shown(name: str, value: Json) -> bool:
    return is_reference(value) or not (sounds_secret(name) or holds_credential((name, name), value))
