"""Endpoints drawn from the pages: for a service, a task type and a version, any endpoint that the page allows.

Settings come from the facts, combinations from the rules. What a rule says in code only (models in the
cluster) is mended after drawing, by leaving out what it complains of.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from inferctl.model.chunking import GROUPS, STRATEGIES, largest
from inferctl.model.services import find
from inferctl.model.services.asked import Asked
from inferctl.model.services.conditions import Needs, OneOf, Providers, Refuses, With
from inferctl.model.services.in_cluster import BUILT_IN, is_elser
from inferctl.model.services.marks import By
from inferctl.model.services.setting import Setting, settings_of
from inferctl.model.task_types import CHUNKED

if TYPE_CHECKING:
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version

ELAND = "sentence-transformers__all-minilm-l6-v2"
WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_. äß✓", min_size=1, max_size=12)
NAMES = st.text("bcdgmnqx", min_size=1, max_size=6)  # no word that sounds like a credential
NUMBERS = st.integers(-1000, 1000)


def cases(version: Version) -> list[tuple[str, str]]:
    """Every service and task type that a server of this version knows."""
    return [(name, task) for name, task in every_case() if known(name, task, version)]


def every_case() -> list[tuple[str, str]]:
    """Every service and task type of the catalogue."""
    from inferctl.model.services import service_names  # noqa: PLC0415

    return [(name, task) for name in service_names() for task in page(name).task_types]


def known(name: str, task: str, version: Version) -> bool:
    service = page(name)
    return service.since.includes(version) and service.task_types[task].since.includes(version)


def page(name: str) -> Service:
    found = find(name)
    assert found is not None
    return found


def documents(name: str, task: str, version: Version) -> st.SearchStrategy[dict[str, Any]]:
    """Whole endpoint files, as mappings."""
    return _documents(page(name), task, version)


@st.composite
def _documents(draw: st.DrawFn, service: Service, task: str, version: Version) -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = {
        part: draw(_settings(service, part, task, version)) for part in ("service_settings", "task_settings")
    }
    _follow_rules(draw, service, task, version, parts)
    document: dict[str, Any] = {
        "inference_id": draw(st.sampled_from(["e", "an-endpoint", "a.b_c-1"])),
        "task_type": task,
        "service": service.name,
        **parts,
    }
    if task in CHUNKED and draw(st.booleans()):
        document["chunking_settings"] = draw(chunking(version, elser=is_elser(document)))
    return document


def _allowed(fact: Setting, task: str, version: Version) -> bool:
    return fact.exists_in(version) and fact.may_be_put(task)


@st.composite
def _settings(draw: st.DrawFn, service: Service, part: str, task: str, version: Version) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name, fact in service.fields(part, task).items():
        if not _allowed(fact, task, version):
            continue
        if fact.required_in(version) or draw(st.booleans()):
            key = name
            if fact.aliases and "." not in fact.aliases[0] and draw(st.booleans()):
                key = fact.aliases[0]
            settings[key] = draw(value_of(service.name, part, name, task, version))
    return settings


@cache
def value_of(service: str, part: str, name: str, task: str, version: Version) -> st.SearchStrategy[Any]:
    """`value` of a setting of a service, made once: it is drawn from thousands of times."""
    return value(name, page(service).fields(part, task)[name], task, version)


def value(name: str, fact: Setting, task: str, version: Version) -> st.SearchStrategy[Any]:
    """Anything that the field may hold."""
    if fact.secret:
        reference = st.builds(lambda word: {"env": word.upper()}, NAMES)
        return st.dictionaries(NAMES, reference, max_size=2) if fact.type == "object" else reference
    if fact.enum:
        words = fact.words(version)
        return st.sampled_from([case(word) for word in words for case in (str.lower, str.upper, str.title)])
    low = fact.minimum
    high = fact.maximum if fact.maximum is not None else 2**31 - 1
    match fact.type:
        case "string" if fact.address == "url":
            return st.just("https://example.com/v1") | NAMES.map("HTTP://{}.example:8080/v1?a=b".format)
        case "string" if fact.pattern:
            return NAMES | NAMES.map("{}-1".format)
        case "string":
            return WORDS
        case "integer":
            return st.integers(int(low) if low is not None else -100, int(high))
        case "number":
            whole = st.sampled_from(range(int(low or 0), int(min(high, 2)) + 1))
            return whole | st.integers(int(low or 0) * 100, int(min(high, 2) * 100)).map(lambda n: n / 100)
        case "float":
            return st.integers(0, 200).map(lambda n: n / 100)
        case "boolean":
            return st.booleans()
        case "list":
            return st.lists(_item(fact.items or "string"), min_size=1, max_size=3)
        case "object":
            return _mapping(fact, task, version) if fact.fields else _free(fact)
        case _:
            raise AssertionError(fact.type)


def _item(kind: str) -> st.SearchStrategy[Any]:
    return st.lists(WORDS, min_size=2, max_size=2) if kind == "pair" else WORDS


def _free(fact: Setting) -> st.SearchStrategy[Any]:
    scalars = WORDS if fact.items == "string" else WORDS | NUMBERS | st.booleans()
    return st.dictionaries(NAMES, scalars, max_size=3)


@st.composite
def _mapping(draw: st.DrawFn, fact: Setting, task: str, version: Version) -> dict[str, Any]:
    return {
        name: draw(value(name, inner, task, version))
        for name, inner in fact.fields.items()
        if inner.applies_to(task) and inner.exists_in(version) and (inner.required_in(version) or draw(st.booleans()))
    }


def _follow_rules(
    draw: st.DrawFn, service: Service, task: str, version: Version, parts: dict[str, dict[str, Any]]
) -> None:
    settings, facts = parts["service_settings"], service.fields("service_settings", task)

    def add(name: str) -> None:
        if name in facts and name not in settings and _allowed(facts[name], task, version):
            settings[name] = draw(value_of(service.name, "service_settings", name, task, version))

    if service.runs_in_cluster:
        _in_cluster(draw, service, task, settings)
    known = {part: service.fields(part, task) for part in parts}
    asked = Asked(service.name, task, known, parts, version)
    for rule in service.conditions:
        if isinstance(rule, Providers) and task in rule.offers:
            kind, names = draw(st.sampled_from([row for row in rule.offers[task].items() if row[1]]))
            settings["provider"] = draw(st.sampled_from(names))
            settings.update({rule.by: kind} if rule.by else {})
        elif isinstance(rule, Refuses) and rule.fields == ("api",) and rule.when.holds(asked):
            settings["api"] = "elastic"
    for rule in service.conditions:
        if isinstance(rule, OneOf) and rule.when.holds(asked):
            given = [name for name in asked.there(rule.fields) if name in settings]
            if not given:
                add(draw(st.sampled_from(asked.there(rule.fields))))
            for name in given[1:] if rule.exclusive else ():
                del settings[name]
        elif isinstance(rule, With):
            for name in asked.there((rule.leader, *rule.companions)):
                if rule.leader in settings:
                    add(name)
                else:
                    settings.pop(name, None)
        elif isinstance(rule, Needs) and rule.when.holds(asked):
            for name in rule.fields:
                add(name)
        elif isinstance(rule, Refuses) and rule.when.holds(asked):
            for name in rule.fields:
                parts[rule.part].pop(name, None)
    _mend(service, task, version, parts)


def _in_cluster(draw: st.DrawFn, service: Service, task: str, settings: dict[str, Any]) -> None:
    built_in = [model for model, kind in BUILT_IN.items() if kind == task]
    models = [*built_in, *([ELAND] if task == "text_embedding" else [])]
    if service.name == "elasticsearch" or "model_id" in settings:
        settings["model_id"] = draw(st.sampled_from(models))
    settings["num_threads"] = draw(st.sampled_from([1, 2, 4, 8, 16, 32]))
    if "adaptive_allocations" not in settings or "num_allocations" in settings:
        settings["num_allocations"] = draw(st.integers(1, 8))
    if "adaptive_allocations" in settings:
        low, high = sorted(draw(st.tuples(st.integers(0, 4), st.integers(1, 8))))
        bounds = {"min_number_of_allocations": low, "max_number_of_allocations": max(high, 1)}
        settings["adaptive_allocations"] = {"enabled": draw(st.booleans()), **(bounds if draw(st.booleans()) else {})}
    settings.pop("deployment_id", None)


def _mend(service: Service, task: str, version: Version, parts: dict[str, dict[str, Any]]) -> None:
    """Leave out what the rules that are code complain of."""
    for _ in range(4):
        problems = service.validate(task, parts["service_settings"], parts["task_settings"], version)
        at = [
            p.path
            for p in problems
            if p.code in ("rule.exclusive", "rule.combination") or p.path[1:2] == ("reasoning",)
        ]
        for path in at:
            parts[str(path[0])].pop(str(path[1]), None)
        if not at:
            return


@st.composite
def chunking(draw: st.DrawFn, version: Version, *, elser: bool) -> dict[str, Any]:
    """Any `chunking_settings` that a server of this version takes."""
    strategy = draw(st.sampled_from([name for name, cls in STRATEGIES.items() if cls.since.includes(version)]))
    if strategy == "none":
        return {"strategy": "none"}
    size = draw(
        st.integers(
            int(settings_of(STRATEGIES[strategy])["max_chunk_size"].minimum or 0), largest(version, elser=elser) or 2000
        )
    )
    settings: dict[str, Any] = {"strategy": strategy, "max_chunk_size": size}
    if strategy == "word":
        settings["overlap"] = draw(st.integers(1, size // 2))
    elif strategy == "sentence" and draw(st.booleans()):
        settings["sentence_overlap"] = draw(st.sampled_from([0, 1]))
    elif strategy == "recursive":
        kind = draw(st.sampled_from(["separators", "separator_group", ""]))
        if kind:
            own = st.lists(WORDS | st.just("\n\n"), min_size=1, max_size=4)
            settings[kind] = draw(own if kind == "separators" else st.sampled_from(sorted(GROUPS)))
    return settings


def plain(default: Any, fact: Setting) -> bool:
    """Whether a default is one value, whatever the rest of the endpoint."""
    return default is not None and not isinstance(fact.default, By) and not isinstance(default, Mapping)
