"""Settings against the facts of a service: unknown, missing, mistyped, out of range, too new. All at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from inferctl.json_types import is_whole
from inferctl.model.services.facts import Fact, Problem
from inferctl.model.services.rules import Asked
from inferctl.model.versions import NEWEST, Version
from inferctl.model.wording import number_text

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.services.names import Named
    from inferctl.model.services.service import Service

_WORDS = {
    "string": "a string",
    "enum": "a word",
    "integer": "a whole number",
    "number": "a number",
    "float": "a number with a decimal point",
    "boolean": "true or false",
    "list": "a list",
    "object": "a mapping",
    "map": "a mapping",
}
_ITEMS = {"string": "a string", "scalar": "a string, a number, true or false", "pair": "a list of two strings"}
_LARGEST = 2**31 - 1  # the server keeps whole numbers in 32 bits, where the page gives no other bound


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
    given = service.named(task_type, service_settings, task_settings)
    for part in ("service_settings", "task_settings"):
        problems += _check_part(service, part, task_type, given, server)
    for written, other in given.twice:
        what = f"{written[-1]} is another name of {other[-1]}, which is given too"
        problems.append(Problem(written, "rule.exclusive", what, "the server takes one of them", "remove it", "key"))
    asked = Asked(service, task_type, given.service_settings, given.task_settings, server)
    for rule in service.rules:
        problems += [replace(problem, path=given.as_written(problem.path)) for problem in rule(asked)]
    return problems


def _too_new(path: Path, what: str, first: str, server: Version) -> Problem:
    if not first:
        return Problem(path, "field.version", f"{what} is in no release",
                       "it was seen in unreleased source only", "leave it out", "key")  # fmt: skip
    return Problem(path, "field.version", f"{what} needs Elasticsearch {first}",
                   f"the server is {server}", "upgrade the cluster, or leave it out", "key")  # fmt: skip


def _check_part(service: Service, part: str, task_type: str, given: Named, server: Version) -> list[Problem]:
    facts, settings = service.fields(part, task_type), given.part(part)
    problems = []
    for name, value in settings.items():
        fact, path = facts.get(name), given.as_written((part, name))
        if fact is None:
            problems.append(_unknown(service, part, name, task_type, facts))
        else:
            problems += _check_field(path, fact, value, task_type, server)
    for name, fact in facts.items():
        if fact.required_in(server) and name not in settings and fact.exists_in(server):
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
    if name in service.fields(other, task_type):
        fix = f"move it to {other}"
    elif near:
        fix = f"did you mean {near[0]}?"
    return Problem((part, name), "field.unknown", f"{name} is not a setting of {service.name}", why, fix, "key")


def _check_field(path: Path, fact: Fact, value: Json, task_type: str, server: Version) -> list[Problem]:
    name = str(path[-1])
    if not fact.may_be_put(task_type):
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
                        fact.description or "the server converts nothing", _typed(fact, name, value))]  # fmt: skip
    return [
        *_check_value(path, fact, value, server),
        *_check_items(path, fact, value),
        *_check_inside(path, fact, value, task_type, server),
    ]


def _typed(fact: Fact, name: str, value: Json) -> str:
    if fact.type == "float" and is_whole(value):
        return f"{name}: {value}.0"
    return f"write {_WORDS[fact.type]}"


def _check_value(path: Path, fact: Fact, value: Json, server: Version) -> list[Problem]:
    name = str(path[-1])
    if isinstance(value, str) and not value and not fact.may_be_empty:
        return [Problem(path, "field.type", f"{name} is empty", "the server refuses an empty string", "remove it")]
    if fact.enum:
        return _check_word(path, fact, str(value).strip().lower(), server)
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = fact.minimum, fact.maximum
        if fact.type == "integer":
            high = _LARGEST if high is None else high
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = " and ".join(
                text
                for text in (
                    f"at least {number_text(low)}" if low is not None else "",
                    f"at most {number_text(high)}" if high is not None else "",
                )
                if text
            )
            near = low if low is not None and value < low else high
            fix = f"{name}: {number_text(near)}" if near is not None else ""
            return [Problem(path, "field.range", f"{name} must be {bounds}", fact.note or fact.description, fix)]
    return []


def _check_word(path: Path, fact: Fact, said: str, server: Version) -> list[Problem]:
    name, known = str(path[-1]), list(fact.words(server))
    if said in {word.lower() for word in known}:
        return []
    for word, first in fact.enum_since.items():
        if said == word.lower():
            return [replace(_too_new(path, f"{name} {word}", first.text(), server), points_at="value")]
    near = get_close_matches(said, known, n=1)
    return [Problem(path, "field.enum", f"{name} must be one of {', '.join(known)}", fact.description,
                    f"{name}: {near[0] if near else known[0]}")]  # fmt: skip


def _check_items(path: Path, fact: Fact, value: Json) -> list[Problem]:
    if not fact.items:
        return []
    inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, Sequence) else ()
    return [
        Problem((*path, key), "field.type", f"{key} in {path[-1]} must be {_ITEMS[fact.items]}, not {_kind(item)}"
                if isinstance(key, str) else f"{path[-1]} holds {_kind(item)} where it must be {_ITEMS[fact.items]}",
                fact.description, f"write {_ITEMS[fact.items]}")
        for key, item in inside
        if not _is_item(fact.items, item)
    ]  # fmt: skip


def _is_item(items: str, value: Json) -> bool:
    if items == "scalar":
        return isinstance(value, str | int | float)
    if items == "pair":
        return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(word, str) for word in value)
    return isinstance(value, str)


def _check_inside(path: Path, fact: Fact, value: Json, task_type: str, server: Version) -> list[Problem]:
    if not fact.fields or not isinstance(value, Mapping):
        return []
    facts = {name: known for name, known in fact.fields.items() if known.applies_to(task_type)}
    problems = []
    for name, inner in value.items():
        known = facts.get(name)
        if known is None:
            near = get_close_matches(name, list(facts), n=1, cutoff=0.6)
            fix = f"did you mean {near[0]}?" if near else "remove it"
            problems.append(Problem((*path, name), "field.unknown", f"{name} is not a field of {path[-1]}",
                                    f"known here: {', '.join(facts)}", fix, "key"))  # fmt: skip
        else:
            problems += _check_field((*path, name), known, inner, task_type, server)
    problems += [
        Problem(
            (*path, name),
            "field.missing",
            f"{name} is missing in {path[-1]}",
            known.description,
            f"{path[-1]}: {{{name}: …}}",
            "key",
        )
        for name, known in facts.items()
        if known.required is True and name not in value
    ]
    return problems


def _is(fact: Fact, value: Json) -> bool:
    match fact.type:
        case "string" | "enum":
            return isinstance(value, str)
        case "integer":
            return is_whole(value)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "float":
            return isinstance(value, float)
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
