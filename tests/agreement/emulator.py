"""The emulator as rows: out of its tables, and where they cannot say it, by asking it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from tests.agreement.rows import KINDS, PARTS, Field, Reading, Service, Task

from inferctl.emulator import endpoints, task_types, update
from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import BUILT_IN_MODELS, Cluster
from inferctl.emulator.deployments import check_adaptive, check_start
from inferctl.emulator.errors import ApiError
from inferctl.emulator.profiles import PROFILES, Profile
from inferctl.emulator.services import SERVICES
from inferctl.emulator.services.engine import rate_limit_default, shown_service_settings, shown_task_settings
from inferctl.emulator.services.rules import read, read_rate_limit
from inferctl.emulator.services.schema import CHUNKING, DENSE, NeedsInner, fields_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from inferctl.emulator.services import schema

ELAND = "my-model"
MODELS = {"sparse_embedding": ".elser_model_2", "text_embedding": ELAND, "rerank": ".rerank-v1"}
_OF_THE_DEPLOYMENT = ("model_id", "num_allocations", "num_threads", "dimensions")  # filled in with what is there
_ADAPTIVE = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 4}


def cluster(profile: str) -> Cluster:
    """A cluster with a model that was loaded with eland."""
    made = Cluster.of(profile, clock=lambda: 1_700_000_000.0)
    made.load_models([(ELAND, "text_embedding")])
    return made


def call(
    on: Cluster, method: str, path: str, body: Mapping[str, Any] | None = None
) -> tuple[int, Any, Mapping[str, str]]:
    """Status, body and headers of the answer."""
    data, sent = (b"", {}) if body is None else (json.dumps(body).encode(), {"content-type": "application/json"})
    answer = handle(on, method, path, sent, data)
    return answer.status, json.loads(answer.body), answer.headers


def refuses(on: Cluster, task: str, inference_id: str, body: Mapping[str, Any]) -> str:
    """Why a PUT is refused; nothing where it is taken. Past the HTTP part, since it is asked very often."""
    try:
        endpoints.put(on, task, inference_id, json.dumps(body).encode(), 30.0)
    except ApiError as error:
        return error.reason
    return ""


def shown(on: Cluster, inference_id: str) -> dict[str, Any]:
    """The endpoint as GET shows it."""
    (endpoint,) = endpoints.get(on, None, inference_id)["endpoints"]
    found: dict[str, Any] = json.loads(json.dumps(endpoint))
    return found


def updated(on: Cluster, task: str, inference_id: str, body: Mapping[str, Any]) -> str:
    """Why an update is refused; nothing where the answer is 200."""
    try:
        update.update(on, task, inference_id, json.dumps(body).encode())
    except ApiError as error:
        return error.reason
    return ""


def put(on: Cluster, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
    """Status and body of the answer; `path` is TASK/ID, or TASK/ID/_update."""
    return call(on, "PUT", f"/_inference/{path}", body)[:2]


@dataclass(frozen=True)
class Asked:
    """What the emulator does with a model in the cluster, which its tables do not say."""

    filled: Mapping[str, Any]  # what GET shows although nobody gave it
    updatable: frozenset[str]  # what an update changes in place
    live: frozenset[str]  # what GET shows otherwise once the deployment was changed
    warned: bool


@cache
def reading() -> Reading:
    return {
        profile.name: {
            service.name: _service(service, profile) for service in SERVICES.values() if profile.knows(service.since)
        }
        for profile in PROFILES.values()
    }


def _service(service: schema.Service, profile: Profile) -> Service:
    return Service(
        title=service.title,
        name_in_get=service.alias_of or service.name,
        in_cluster=service.in_cluster,
        deprecated=service.in_cluster
        and all(_asked_in_cluster(service.name, t, profile.name).warned for t in service.tasks),
        tasks={
            task: _task(service, task, profile)
            for task, offered in service.tasks.items()
            if profile.knows(offered.since) and profile.knows(task_types.SINCE[task])
        },
    )


def _task(service: schema.Service, task: str, profile: Profile) -> Task:
    tables = zip(PARTS, (service.service_settings, service.task_settings), strict=True)
    return Task(
        chunked=task in CHUNKING,
        rate_limit=rate_limit_default(service, task, profile),
        fields={
            (part, field.name): _field(service, part, field, task, profile)
            for part, table in tables
            for field in fields_for(table, task, profile)
        },
    )


def _field(service: schema.Service, part: str, field: schema.Field, task: str, profile: Profile) -> Field:
    words = _words(service, field, task)
    row: dict[str, Any] = {
        "type": "enum" if words else {"rate_limit": "object", "uri": "string"}.get(field.kind, field.kind),
        "secret": field.secret,
        "put": field.put_allowed,
        "words": tuple(sorted(words)),
        "seen": _seen(service, part, field, task),
        "live": service.in_cluster and field.name in _asked_in_cluster(service.name, task, profile.name).live,
        "filled": _filled(service, part, field, task, profile),
        "inside_filled": {
            ".".join(inner.path[1:]): inner.value
            for inner in service.inner_defaults
            if inner.path[0] == field.name and task in inner.tasks and profile.knows(inner.since)
        },
    }
    if field.put_allowed:
        moved = service.moved_to_model_id if field.name == "model_id" else ()
        row |= {
            "required": field.required or bool(field.required_since and profile.knows(field.required_since)),
            "least": field.least,
            "most": _most(service, field),
            "other_names": tuple(sorted((*field.aliases, *(f"task_settings.{old}" for old in moved)))),
            "in_get": {word: _shown(service, part, field, word, task, profile) for word in words or ("x",)}
            if words or field.shown_as
            else {},
            "inside_required": _inside_required(service, field, task),
            "inside_bounds": _inside_bounds(field),
            "updatable": _updatable(service, part, field, task, profile),
        }
    return Field(**row)


def _updatable(service: schema.Service, part: str, field: schema.Field, task: str, profile: Profile) -> bool:
    if service.in_cluster:
        return field.name in _asked_in_cluster(service.name, task, profile.name).updatable
    if part == "task_settings":
        return True
    return bool(field.updatable) and profile.knows(field.updatable)


def _shown(
    service: schema.Service, part: str, field: schema.Field, value: Any, task: str, profile: Profile
) -> dict[str, Any]:
    if part == "task_settings":
        return shown_task_settings(service, {field.name: value})
    return shown_service_settings(service, task, profile, {field.name: value})


def _seen(service: schema.Service, part: str, field: schema.Field, task: str) -> str:
    if field.secret:
        return "never"
    since = (service.since, service.tasks[task].since, field.since)
    every = [p for p in PROFILES.values() if all(map(p.knows, since)) and p.knows("", field.until)]
    seen = {bool(_shown(service, part, field, "x", task, profile)) for profile in every}
    return "sometimes" if len(seen) > 1 else "always" if True in seen else "never"


def _filled(service: schema.Service, part: str, field: schema.Field, task: str, profile: Profile) -> dict[str, Any]:
    if service.in_cluster and part == "service_settings":
        filled: dict[str, Any] = _asked_in_cluster(service.name, task, profile.name).filled.get(field.name, {})
        return filled
    if field.kind == "rate_limit":
        return {"": None} if rate_limit_default(service, task, profile) is not None else {}
    if field.default is not None and (not field.default_tasks or task in field.default_tasks):
        return {"": field.default}
    if task in DENSE and field.name == "dimensions":
        return {"": None}
    if task in DENSE and field.name == "similarity" and service.similarity:
        rule = service.similarity
        early = bool(rule.since) and not profile.knows(rule.since)
        return {kind: rule.before if early else rule.by_embedding_type.get(kind, rule.default) for kind in KINDS}
    return {}


def _words(service: schema.Service, field: schema.Field, task: str) -> tuple[str, ...]:
    """The old name takes the models that come with the server, and no other."""
    if service.alias_of and field.name == "model_id":
        return tuple(model for model, kind in BUILT_IN_MODELS.items() if kind == task)
    return field.enum


def _most(service: schema.Service, field: schema.Field) -> float | None:
    """The bounds of threads are those of the deployment."""
    if service.in_cluster and field.name == "num_threads":
        return max(number for number in (1, 2, 4, 8, 16, 32, 64, 128) if check_start(number, 1, None) is None)
    if field.kind == "integer" and field.most is None:
        return next(bits for bits in (2**31 - 1, 2**63 - 1) if _reads(field, bits) and not _reads(field, bits + 1))
    return field.most


def _reads(field: schema.Field, value: int) -> bool:
    problems: list[str] = []
    read(field, value, "", problems)
    return not problems


def _inside_required(service: schema.Service, field: schema.Field, task: str) -> tuple[str, ...]:
    return tuple(
        sorted(
            at
            for rule in service.rules
            if isinstance(rule, NeedsInner) and rule.path[0] == field.name
            for at in (rule.path[1], *(f"{rule.path[1]}.{key}" for key in rule.keys.get(task, ())))
        )
    )


def _inside_bounds(field: schema.Field) -> dict[str, Any]:
    if field.kind == "rate_limit":
        return {"requests_per_minute": _bounds(_refuses_rate_limit, 2**63 - 1)}
    if field.name == "adaptive_allocations":
        names = ("min_number_of_allocations", "max_number_of_allocations")
        return {name: _bounds(partial(_refuses_adaptive, name), None) for name in names}
    return {}


def _refuses_adaptive(name: str, number: int) -> bool:
    return bool(check_adaptive({name: number}))


def _refuses_rate_limit(number: int) -> bool:
    problems: list[str] = []
    read_rate_limit({"requests_per_minute": number}, 1, problems)
    return bool(problems)


def _bounds(refuses: Callable[[int], bool], most: int | None) -> tuple[int, int | None]:
    """The least number that is taken, and `most` where that is taken and no more."""
    least = next(number for number in (-1, 0, 1, 2) if not refuses(number))
    bounded = most is not None and not refuses(most) and refuses(most + 1)
    return least, most if bounded else None


@cache
def _asked_in_cluster(name: str, task: str, profile: str) -> Asked:
    on, size = cluster(profile), {"num_threads": 1, "num_allocations": 1}
    own: dict[str, Any] = size if name == "elser" else {**size, "model_id": MODELS[task]}
    adaptive = {key: value for key, value in own.items() if key != "num_allocations"}
    bodies = {
        "own": own,
        "adaptive": {**adaptive, "adaptive_allocations": _ADAPTIVE},
        "attached": {"deployment_id": "own"},
    }
    filled: dict[str, Any] = {}
    warned = True
    for at, settings in bodies.items():
        body = {"service": name, "service_settings": settings}
        status, answer, headers = call(on, "PUT", f"/_inference/{task}/{at}", body)
        assert status == 200, answer
        warned = warned and "Warning" in headers
        for key, value in answer["service_settings"].items():
            if key not in settings:
                kinds = KINDS if key == "similarity" else ("",)
                filled[key] = dict.fromkeys(kinds, None if key in _OF_THE_DEPLOYMENT else value)
    return Asked(filled, frozenset(_changed(on, task)), frozenset(_moved(on, task)), warned)


def _changed(on: Cluster, task: str) -> Iterator[str]:
    wider = {**_ADAPTIVE, "max_number_of_allocations": 9}
    more = {"service_settings": {"num_allocations": 3}}  # early servers want it in each update
    changes: tuple[tuple[str, str, dict[str, dict[str, Any]]], ...] = (
        ("num_allocations", "own", more),
        ("num_threads", "own", {"service_settings": {"num_allocations": 3, "num_threads": 2}}),
        ("adaptive_allocations", "adaptive", {"service_settings": {"adaptive_allocations": wider}}),
        ("return_documents", "own", {**more, "task_settings": {"return_documents": False}}),
    )
    for field, at, change in changes:
        _, answer = put(on, f"{task}/{at}/_update", change)
        wanted = {name: value for settings in change.values() for name, value in settings.items()}
        if any(answer.get(part, {}).get(field, ...) == wanted[field] for part in PARTS):
            yield field


def _moved(on: Cluster, task: str) -> Iterator[str]:
    """In an endpoint that nobody touches, while the one that made the deployment changes."""
    before = _settings(on, f"{task}/attached")
    status, answer = put(on, f"{task}/own/_update", {"service_settings": {"num_allocations": 7}})
    assert status == 200, answer
    after = _settings(on, f"{task}/attached")
    yield from (name for name in after if after[name] != before.get(name))


def _settings(on: Cluster, path: str) -> dict[str, Any]:
    _, answer, _ = call(on, "GET", f"/_inference/{path}")
    settings: dict[str, Any] = answer["endpoints"][0]["service_settings"]
    return settings
