"""The pages as rows. All that the agreement test asks of them is asked here."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tests.agreement.rows import KINDS, PARTS, VERSIONS, Field, Reading, Service, Task
from tests.factories import desired
from tests.model.strategies import page

from inferctl.model import chunking
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.model.services import service_names
from inferctl.model.task_types import CHUNKED, TASK_TYPES
from inferctl.model.versions import LINES
from inferctl.planner.mutability import why_replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.model.versions import Version


NAMES = service_names()
LARGEST = 2**31 - 1  # of a whole number without a bound of its own
REFERENCE = {"env": "SOME_SECRET"}  # a file never holds the value


@cache
def reading() -> Reading:
    return {
        profile: {name: _service(name, version) for name in NAMES if page(name).since.includes(version)}
        for profile, version in VERSIONS.items()
    }


def task_types(name: str) -> tuple[str, ...]:
    """All that the page lists, in no release yet some of them."""
    return tuple(page(name).task_types)


def refuses(name: str, task: str, settings: dict[str, Any], version: Version) -> list[str]:
    """What is wrong with settings, in short; empty where a server of this version takes them."""
    given = dict(settings["service_settings"])
    for field in page(name).secret_fields(task):
        if field in given:
            given[field] = dict.fromkeys(given[field], REFERENCE) if isinstance(given[field], dict) else REFERENCE
    found = page(name).validate(task, given, settings.get("task_settings", {}), version)
    return [f"{problem.code} {'.'.join(map(str, problem.path))}" for problem in found]


def _service(name: str, version: Version) -> Service:
    service = page(name)
    return Service(
        title=service.title,
        name_in_get=service.observed_name or name,
        in_cluster=service.runs_in_cluster,
        deprecated=service.deprecated is not None and service.deprecated.includes(version),
        tasks={
            task: _task(service, task, version)
            for task, offered in service.task_types.items()
            if offered.since.includes(version) and TASK_TYPES[task].includes(version)
        },
    )


def _task(service: Any, task: str, version: Version) -> Task:
    return Task(
        chunked=task in CHUNKED,
        rate_limit=service.task_types[task].rate_limit_in(version),
        fields={
            (part, name): _field(service, part, name, task, version)
            for part in PARTS
            for name, fact in service.fields(part, task).items()
            if fact.exists_in(version)
        },
    )


def _field(service: Any, part: str, name: str, task: str, version: Version) -> Field:
    fact = service.fields(part, task)[name]
    put, words = fact.may_be_put(task), fact.words(version)
    row: dict[str, Any] = {
        "type": "enum" if words else fact.type,
        "secret": fact.secret,
        "put": put,
        "words": tuple(sorted(words)),
        "seen": "never" if fact.hidden or fact.secret else "sometimes" if task in fact.unseen else "always",
        "live": fact.live,
        "filled": _filled(service, fact, name, task),
        "inside_filled": {at: inner.default_for(task) for at, inner in _inside(fact, task, version) if inner.filled},
    }
    if put:
        row |= {
            "required": fact.required_in(version),
            "updatable": fact.updatable_since is not None and fact.updatable_since.includes(version),
            "least": fact.minimum,
            "most": LARGEST if fact.type == "integer" and fact.maximum is None else fact.maximum,
            "may_be_empty": fact.may_be_empty,
            "other_names": tuple(sorted(fact.aliases)),
            "in_get": {word: dict(service.fold(part, {name: word}, task)) for word in words or ("x",)}
            if words or fact.shown_as
            else {},
            "inside_required": tuple(
                sorted(at for at, inner in _inside(fact, task, version) if inner.required_in(version))
            ),
            "inside_bounds": {
                at: bounds for at, inner in _inside(fact, task, version) if (bounds := _bounds(inner)) != (None, None)
            },
        }
    return Field(**row)


def _filled(service: Any, fact: Any, name: str, task: str) -> dict[str, Any]:
    """A field without a default for any task type is filled with what the server measures."""
    given = {other: fact.default_for(other) for other in service.task_types}
    if not fact.filled or (given[task] is None and any(value is not None for value in given.values())):
        return {}
    kinds = KINDS if name == "similarity" else ("",)
    return {kind: fact.default_for(task, {"embedding_type": kind}) if kind else given[task] for kind in kinds}


def _bounds(fact: Any) -> tuple[float | None, float | None]:
    return fact.minimum, None if fact.maximum == LARGEST else fact.maximum


def _inside(fact: Any, task: str, version: Version, at: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in fact.fields.items():
        if inner.applies_to(task) and inner.exists_in(version):
            yield f"{at}{name}", inner
            yield from _inside(inner, task, version, f"{at}{name}.")


def changes_in_place(path: tuple[str, ...], wanted: Any, shown: dict[str, Any], version: Version) -> bool:
    """Whether a plan changes a leaf by an update: `wanted` is the PUT body with it, `shown` the endpoint in GET."""
    endpoint = desired(
        shown["inference_id"],
        task_type=shown["task_type"],
        service=wanted["service"],
        settings=wanted["service_settings"],
        task=wanted.get("task_settings"),
        chunking=wanted.get("chunking_settings"),
    )
    return not why_replace(path, endpoint, ObservedEndpoint.from_json(shown), version)


def refuses_chunking(settings: Any, version: Version, *, elser: bool) -> list[str]:
    """What is wrong with `chunking_settings`, in short."""
    _, found = chunking.read_chunking(settings, "sparse_embedding", version, elser=elser)
    return [f"{problem.code} {'.'.join(map(str, problem.path))}" for problem in found]


def too_early() -> Iterator[tuple[str, ...]]:
    """What says "since" a version of our time in which its service or its task types were not there yet."""
    for name in NAMES:
        service, offered = page(name), {}
        for task, facts in service.task_types.items():
            offered[task] = [v for v in LINES if facts.since.includes(v) and service.since.includes(v)]
            if _early(facts.since, [v for v in LINES if service.since.includes(v)]):
                yield name, task
        for part in PARTS:
            for task in offered:
                yield from (
                    (name, part, field, task)
                    for field, fact in service.fields(part, task).items()
                    if _early(fact.since, [v for other in offered if fact.applies_to(other) for v in offered[other]])
                )


def _early(since: Any, there: list[Version]) -> bool:
    said = [] if since is None else [first for first in (since.line8, since.line9) if first and first > LINES[0]]
    firsts = {major: min((v for v in there if v.major == major), default=None) for major in (8, 9)}
    return any(firsts[first.major] is not None and first < firsts[first.major] for first in said)


def undescribed() -> Iterator[tuple[str, ...]]:
    for name in NAMES:
        for part in PARTS:
            for task in task_types(name):
                fields = page(name).fields(part, task)
                yield from ((name, part, field) for field, fact in fields.items() if not fact.description)
