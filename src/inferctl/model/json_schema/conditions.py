"""Rules between settings -> conditions on an endpoint.

Rules that a page holds as data become conditions by themselves. For rules that are functions the condition stands
here, by name; `UNSAYABLE` names those that JSON Schema has no words for, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.chunking import LARGEST
from inferctl.model.json_schema.words import any_case, has, in_part, refused
from inferctl.model.services.conditions import (
    Asked,
    Condition,
    Needs,
    OneOf,
    Providers,
    Refuses,
    When,
    With,
)
from inferctl.model.services.in_cluster import BUILT_IN, ELSER
from inferctl.model.services.names import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inferctl.model.json_schema.words import Schema
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version

_PLATFORM = "_linux-x86_64"
UNSAYABLE = {
    "custom._one_name": "it compares the keys of two mappings",
    "custom._no_secret_in_url": "it looks for the keys of a mapping in texts",
    "in_cluster.allocations (bounds)": "it compares two numbers of the file",
}


def conditions(service: Service, task_type: str, version: Version) -> list[Schema]:
    """What the rules of a page ask of an endpoint of this task type on a server of this version."""
    asked = Asked(service.name, task_type, {part: service.fields(part, task_type) for part in PARTS}, {}, version)
    found = [*_aliases(service, task_type, version)]
    for condition in service.conditions:
        found += _condition(condition, asked)
    return found


def rule_name(rule: Condition) -> str:
    """`in_cluster.threads`, for a rule that is a function."""
    return f"{rule.__module__.rpartition('.')[2]}.{getattr(rule, '__name__', '')}"


def _condition(rule: Condition, asked: Asked) -> list[Schema]:
    match rule:
        case Needs():
            known = asked.there(rule.fields)
            then = in_part("service_settings", {"required": known}) if known else {}
            return _where(rule.when, asked, [then] if known else [])
        case With():
            known = asked.there((rule.leader, *rule.companions))
            pairs = {name: [other for other in known if other != name] for name in known}
            return [in_part("service_settings", {"dependencies": pairs})] if len(known) > 1 else []
        case OneOf():
            return _where(rule.when, asked, _one_of(asked.there(rule.fields), exclusive=rule.exclusive))
        case Refuses():
            names = [refused(rule.part, name, f"{name} cannot be set here: {rule.because}") for name in rule.fields]
            return _where(rule.when, asked, names)
        case Providers():
            return _providers(rule, asked)
        case _:
            return written(asked.task_type).get(rule_name(rule), [])


def _one_of(known: Sequence[str], *, exclusive: bool) -> list[Schema]:
    if not known:
        return []
    if len(known) == 1:
        return [in_part("service_settings", {"required": list(known)})]
    given: list[Schema] = [{"required": [name]} for name in known]
    count = "exactly" if exclusive else "at least"
    some = {"anyOf": given, "errorMessage": f"{count} one of {', '.join(known)} must be given"}
    found = [in_part("service_settings", some)]
    if exclusive:
        found += [
            in_part("service_settings", _not_both(first, other))
            for number, first in enumerate(known)
            for other in known[number + 1 :]
        ]
    return found


def _not_both(first: str, other: str) -> Schema:
    because = f"{other} cannot stand beside {first}"
    return {"if": {"required": [first]}, "then": {"properties": {other: False}, "errorMessage": because}}


def _where(when: When, asked: Asked, then: list[Schema]) -> list[Schema]:
    """`then` under the condition; what depends on task type and version is settled here."""
    if not then or (when.task_types and asked.task_type not in when.task_types):
        return []
    if when.since is not None and not when.since.includes(asked.version):
        return []
    if when.until is not None and asked.version > when.until:
        return []
    conditions = []
    if when.without:
        conditions.append(in_part("service_settings", {"not": {"required": [when.without]}}))
    if when.setting:
        conditions.append(_is_word(when.setting, when.values, unset=when.otherwise in when.values))
    if not conditions:
        return then
    return [{"if": _all(conditions), "then": _all(then)}]


def _all(schemas: Sequence[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"allOf": list(schemas)}


def _is_word(setting: str, words: Iterable[str], *, unset: bool = False) -> Schema:
    """The setting is one of these words, in any case; or is not given, where that means one of them."""
    pattern = {"properties": {setting: {"pattern": any_case(sorted(words))}}}
    return in_part("service_settings", pattern if unset else {"required": [setting], **pattern})


def _providers(rule: Providers, asked: Asked) -> list[Schema]:
    found = []
    for kind, names in rule.offers.get(asked.task_type, {}).items():
        where = f"{asked.task_type} with {rule.by} {kind}" if kind else asked.task_type
        because = f"providers for {where}: {', '.join(names) or 'none'}"
        provider: Schema = {"pattern": any_case(names), "errorMessage": because} if names else {"not": {}}
        then = in_part("service_settings", {"properties": {"provider": provider}})
        if kind:
            found.append({"if": _is_word(rule.by, [kind]), "then": then})
        elif rule.by:
            absent = in_part("service_settings", {"not": {"required": [rule.by]}})
            found.append({"if": absent, "then": then})
        elif not names:
            found.append(then)
    return found


def offered_words(service: Service, task_type: str, name: str) -> tuple[str, ...]:
    """The words of a setting that this task type leaves: the providers that offer it. Empty: all of the field."""
    for condition in service.conditions:
        if name == "provider" and isinstance(condition, Providers) and not condition.by:
            return condition.offers.get(task_type, {}).get("", ())
    return ()


def _aliases(service: Service, task_type: str, version: Version) -> list[Schema]:
    """A setting may stand under another name; then not under its own too, and one of the names must be there."""
    found: list[Schema] = []
    for part in PARTS:
        for name, fact in service.fields(part, task_type).items():
            if not fact.aliases or not fact.exists_in(version):
                continue
            places = [(part, name), *(_place(alias, part) for alias in fact.aliases)]
            if fact.required_in(version):
                because = f"{name} is missing"
                found.append({"anyOf": [{**has(*place), "errorMessage": because} for place in places]})
            for number, (home, first) in enumerate(places):
                found += [
                    {"if": has(home, first), "then": refused(away, other, f"{other} is another name of {first}")}
                    for away, other in places[number + 1 :]
                ]
    return found


def _place(alias: str, part: str) -> tuple[str, str]:
    home, dot, key = alias.partition(".")
    return (home, key) if dot else (part, alias)


def alias_places(service: Service, task_type: str, version: Version) -> dict[tuple[str, str], tuple[str, str]]:
    """Where a setting may stand under another name -> its own place."""
    return {
        _place(alias, part): (part, name)
        for part in PARTS
        for name, fact in service.fields(part, task_type).items()
        if fact.exists_in(version)
        for alias in fact.aliases
    }


def _models(names: Iterable[str]) -> Schema:
    """The model is one of these, with or without the name of the platform."""
    every = [model + end for model in names for end in ("", _PLATFORM)]
    return in_part("service_settings", {"required": ["model_id"], "properties": {"model_id": {"enum": every}}})


def _threads() -> list[Schema]:
    powers: Schema = {"enum": [1, 2, 4, 8, 16, 32], "errorMessage": "num_threads must be 1, 2, 4, 8, 16 or 32"}
    # Other kinds of values and those out of bounds are found by the field itself.
    return [in_part("service_settings", {"properties": {"num_threads": {"if": _WHOLE_TO_32, "then": powers}}})]


_WHOLE_TO_32: Schema = {"type": "integer", "minimum": 1, "maximum": 32}


def _allocations() -> list[Schema]:
    enabled = {
        "required": ["adaptive_allocations"],
        "properties": {
            "adaptive_allocations": {
                "type": "object",
                "required": ["enabled"],
                "properties": {"enabled": {"const": True}},
            }
        },
        "not": {"required": ["deployment_id"]},
    }
    because = "num_allocations cannot stand beside enabled adaptive_allocations"
    then = refused("service_settings", "num_allocations", because)
    return [{"if": in_part("service_settings", enabled), "then": then}]


def _model_of_the_task(task_type: str) -> list[Schema]:
    others = [model for model, task in BUILT_IN.items() if task != task_type]
    because = f"this model is not for {task_type}"
    names = [model + end for model in others for end in ("", _PLATFORM)]
    model: Schema = {"if": {"enum": names}, "then": {"maxLength": 0, "errorMessage": because}}
    return [in_part("service_settings", {"properties": {"model_id": model}})] if others else []


def _eland_only() -> list[Schema]:
    then = [
        refused("service_settings", name, f"{name} cannot be set for a built-in model")
        for name in ("similarity", "element_type")
    ]
    return [{"if": _models(BUILT_IN), "then": _all(then)}]


def _alone() -> list[Schema]:
    lost = ("similarity", "element_type", "long_document_strategy", "max_chunks_per_doc")
    then = [refused("service_settings", name, f"{name} is lost beside deployment_id") for name in lost]
    return [{"if": in_part("service_settings", {"required": ["deployment_id"]}), "then": _all(then)}]


def _effort() -> list[Schema]:
    off = {"type": "object", "required": ["enabled"], "properties": {"enabled": {"const": False}}}
    then = {"required": ["effort"], "errorMessage": "effort must be given where enabled is false"}
    return [in_part("task_settings", {"properties": {"reasoning": {"if": off, "then": then}}})]


def _one_of_top() -> list[Schema]:
    return [in_part("task_settings", _not_both("top_p", "top_k"))]


def written(task_type: str) -> dict[str, list[Schema]]:
    """The conditions of rules that are functions, by `rule_name`."""
    return {
        "in_cluster.threads": _threads(),
        "in_cluster.allocations": _allocations(),
        "in_cluster.model_of_the_task": _model_of_the_task(task_type),
        "in_cluster.eland_only": _eland_only(),
        "in_cluster.alone": _alone(),
        "elastic._effort": _effort(),
        "anthropic._one_of_top": _one_of_top(),
    }


def elser_chunks(service: Service, task_type: str) -> list[Schema]:
    """ELSER keeps the upper limit of max_chunk_size in every version (docs/reference/server/chunking.md)."""
    limit = in_part("chunking_settings", {"properties": {"max_chunk_size": {"maximum": LARGEST}}})
    if service.name == "elser":
        return [limit]
    if service.name != "elasticsearch" or task_type != BUILT_IN[ELSER]:
        return []
    model = {"enum": [ELSER, ELSER + _PLATFORM]}
    named = in_part("service_settings", {"required": ["model_id"], "properties": {"model_id": model}})
    return [{"if": {"required": ["service_settings"], **named}, "then": limit}]
