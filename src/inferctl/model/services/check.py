"""Settings against the facts of a service: unknown, missing, mistyped, out of range, too new. All at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from inferctl.model.services.facts import Fact, Problem
from inferctl.model.versions import NEWEST, Version

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.services.service import Service

_WORDS = {
    "string": "a string",
    "enum": "a word",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "object": "a mapping",
    "map": "a mapping",
}


def check_settings(
    service: Service,
    task_type: str,
    service_settings: JsonObject,
    task_settings: JsonObject,
    version: Version | None,
) -> list[Problem]:
    """Every problem of one endpoint's settings; paths start with the name of the part."""
    server = version or NEWEST
    offered = service.task_types.get(task_type)
    if offered is None:
        known = ", ".join(service.task_types)
        return [
            Problem(
                ("task_type",),
                "service.task-type",
                f"{service.name} does not offer {task_type}",
                f"it offers {known}",
                f"task_type: {next(iter(service.task_types))}",
            )
        ]
    problems = []
    if not service.since.includes(server):
        problems.append(_too_new(("service",), f"the service {service.name}", service.since.text(), server))
    elif not offered.since.includes(server):
        problems.append(_too_new(("task_type",), f"{task_type} of {service.name}", offered.since.text(), server))
    for part, settings in (("service_settings", service_settings), ("task_settings", task_settings)):
        problems += _check_part(service, part, task_type, settings, server)
    for rule in service.rules:
        problems += rule(service, task_type, service_settings, task_settings)
    return problems


def _too_new(path: Path, what: str, first: str, server: Version) -> Problem:
    return Problem(path, "field.version", f"{what} needs Elasticsearch {first}",
                   f"the server is {server}", "upgrade the cluster, or leave it out", "key")  # fmt: skip


def _check_part(service: Service, part: str, task_type: str, settings: JsonObject, server: Version) -> list[Problem]:
    facts = service.fields(part, task_type)
    problems = []
    # The server does not look at other settings beside deployment_id (inference-api 3.5).
    attached = service.runs_in_cluster and "deployment_id" in settings
    for name, value in settings.items():
        fact = facts.get(name)
        if fact is None:
            problems.append(_unknown(service, part, name, task_type, facts))
        else:
            problems += _check_field((part, name), fact, value, server)
    for name, fact in facts.items():
        if fact.required is True and name not in settings and fact.exists_in(server) and not attached:
            example = f"{name}: {{env: {name.upper()}}}" if fact.secret else f"{name}: …"
            problems.append(
                Problem(
                    (part, name),
                    "field.missing",
                    f"{name} is missing",
                    f"{service.name} needs it for {task_type}",
                    f"{part}: {{{example}}}",
                    "key",
                )
            )
    return problems


def _unknown(service: Service, part: str, name: str, task_type: str, facts: Mapping[str, Fact]) -> Problem:
    why = f"the server refuses unknown keys; known here: {', '.join(sorted(facts)) or 'none'}"
    every = service.service_settings if part == "service_settings" else service.task_settings
    other = "task_settings" if part == "service_settings" else "service_settings"
    if name in every:
        types = ", ".join(sorted(every[name].task_types))
        return Problem((part, name), "field.task-type", f"{name} is not a setting of {task_type}",
                       f"{service.name} takes it for {types}", "remove it", "key")  # fmt: skip
    fix = "remove it, or passthrough: true if the field is newer than this inferctl"
    near = get_close_matches(name, list(facts), n=1, cutoff=0.6)
    if near:
        fix = f"did you mean {near[0]}?"
    elif name in service.fields(other, task_type):
        fix = f"move it to {other}"
    return Problem((part, name), "field.unknown", f"{name} is not a setting of {service.name}", why, fix, "key")


def _check_field(path: Path, fact: Fact, value: Json, server: Version) -> list[Problem]:
    name = str(path[-1])
    if not fact.put_allowed:
        return [Problem(path, "field.not-accepted", f"{name} cannot be set", fact.note or "the server fills it in",
                        "remove it", "key")]  # fmt: skip
    if fact.until is not None and server.effective() > fact.until:
        return [Problem(path, "field.removed", f"{name} was removed after {fact.until}", f"the server is {server}",
                        "remove it", "key")]  # fmt: skip
    if fact.since is not None and not fact.since.includes(server):
        return [_too_new(path, name, fact.since.text(), server)]
    if fact.secret:
        return []  # references are checked where they are read
    if not _is(fact, value):
        return [Problem(path, "field.type", f"{name} must be {_WORDS[fact.type]}, not {_kind(value)}",
                        fact.description or "the server converts nothing", f"write {_WORDS[fact.type]}")]  # fmt: skip
    return [*_check_value(path, fact, value), *_check_inside(path, fact, value, server)]


def _check_value(path: Path, fact: Fact, value: Json) -> list[Problem]:
    name = str(path[-1])
    if isinstance(value, str) and not value:
        return [Problem(path, "field.type", f"{name} is empty", "the server refuses an empty string", "remove it")]
    if fact.enum:
        known = [str(word) for word in fact.enum]
        said = str(value).strip().lower()
        if said not in {word.lower() for word in known} | {word.lower() for word in fact.synonyms}:
            near = get_close_matches(said, known, n=1)
            return [Problem(path, "field.enum", f"{name} must be one of {', '.join(known)}", fact.description,
                            f"{name}: {near[0] if near else known[0]}")]  # fmt: skip
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = fact.minimum, fact.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = " and ".join(
                text
                for text in (
                    f"at least {low:g}" if low is not None else "",
                    f"at most {high:g}" if high is not None else "",
                )
                if text
            )
            return [Problem(path, "field.range", f"{name} must be {bounds}", fact.note or fact.description,
                            f"{name}: {low if low is not None and value < low else high:g}")]  # fmt: skip
    return []


def _check_inside(path: Path, fact: Fact, value: Json, server: Version) -> list[Problem]:
    if not fact.fields or not isinstance(value, Mapping):
        return []
    problems = []
    for name, inner in value.items():
        known = fact.fields.get(name)
        if known is None:
            near = get_close_matches(name, list(fact.fields), n=1, cutoff=0.6)
            fix = f"did you mean {near[0]}?" if near else "remove it"
            problems.append(Problem((*path, name), "field.unknown", f"{name} is not a field of {path[-1]}",
                                    f"known here: {', '.join(fact.fields)}", fix, "key"))  # fmt: skip
        else:
            problems += _check_field((*path, name), known, inner, server)
    problems += [
        Problem(
            (*path, name),
            "field.missing",
            f"{name} is missing in {path[-1]}",
            known.description,
            f"{path[-1]}: {{{name}: …}}",
            "key",
        )
        for name, known in fact.fields.items()
        if known.required is True and name not in value
    ]
    return problems


def _is(fact: Fact, value: Json) -> bool:
    match fact.type:
        case "string":
            return isinstance(value, str)
        case "enum":
            return isinstance(value, str | int) and not isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "list":
            return isinstance(value, Sequence) and not isinstance(value, str)
        case "object" | "map":
            return isinstance(value, Mapping)


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    for types, word in (
        (str, "a string"),
        (int, "a whole number"),
        (float, "a number"),
        (Mapping, "a mapping"),
    ):
        if isinstance(value, types):
            return word
    return "a list"
