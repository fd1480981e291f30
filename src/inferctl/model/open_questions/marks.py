"""The doubts that stand as marks on the pages of services, as records; what would settle each is derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.json_types import object_of
from inferctl.model.fact_words import default_text, life_text, listed, shown_text, type_text
from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion, Request
from inferctl.model.page_lookup import every_field
from inferctl.model.services import find, service_names
from inferctl.model.services.names import PARTS
from inferctl.model.versions import LINES, NEWEST, OLDEST, SECRETS_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inferctl.json_types import Json, JsonObject
    from inferctl.model.page_lookup import PageField
    from inferctl.model.services.service import Offered, Service
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Since

_UPDATES = {
    False: "docs/reference/server/update.md#other-service-settings",
    True: "docs/reference/server/in-cluster.md#update",
}
_CATALOGUE = Request("GET", "/_inference/_services")
# Two values that a provider takes: the one that an endpoint is made with, and the one that an update brings.
_VALUES: dict[str, tuple[Json, Json]] = {
    "adaptive_allocations": (
        {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 1},
        {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 2},
    ),
    "dimensions": (256, 512),
    "max_batch_size": (8, 16),
    "max_input_tokens": (512, 256),
    "rate_limit": ({"requests_per_minute": 61}, {"requests_per_minute": 77}),
    "scopes": (["my-scope"], ["my-other-scope"]),
}
# What has to stand beside a setting ("": in every endpoint of the service), where it is not required by itself.
_OAUTH: dict[str, Json] = dict.fromkeys(("client_secret", "client_id", "scopes", "tenant_id"))
_BESIDE: dict[tuple[str, str], dict[str, Json]] = {
    **{("azureopenai", name): _OAUTH for name in _OAUTH},
    ("azureopenai", ""): {"api_key": None},
    ("openai", ""): {"api_key": None},
    ("amazonbedrock", "top_k"): {"provider": "anthropic"},
    ("elasticsearch", ""): {"model_id": ".multilingual-e5-small", "num_threads": 1},
    ("googlevertexai", ""): {"location": None, "project_id": None, "model_id": None},
}


def questions_of_pages() -> tuple[OpenQuestion, ...]:
    """In the order of the services. Imports all pages."""
    return tuple(question for name in service_names() if (page := find(name)) for question in questions_of(page))


def questions_of(page: Service) -> Iterator[OpenQuestion]:
    """What one page says with a mark that it is not proven."""
    if page.uncertain:
        yield _service(page)
    if page.may_refuse_secrets:
        yield _secrets(page)
    for task_type, offered in page.task_types.items():
        if offered.uncertain:
            yield _task_type(page, task_type, offered)
    for named in every_field(page):
        if named.fact.uncertain:
            yield _required(page, named) if named.fact.secret else _setting(page, named)
        if named.fact.updatable_uncertain:
            yield _updatable(page, named)


def _service(page: Service) -> OpenQuestion:
    return OpenQuestion(
        id=f"{page.name}.since",
        statement=_with_note(f"`{page.name}` is offered from {page.since.text()} on", "; ".join(page.notes)),
        evidence="S,P",
        source=_source(page),
        requests=(_CATALOGUE,),
        answers=(
            Answer("this version offers the service", shows={page.name: ANY}),
            Answer("this version does not list the service", hides=(page.name,)),
        ),
    )


def _secrets(page: Service) -> OpenQuestion:
    task_type = next(name for name, offered in page.task_types.items() if offered.since.includes(NEWEST))
    own = page.secret_fields(task_type)
    put = _put(page, task_type, "", {})
    if not object_of(object_of(put.body).get("service_settings")).keys() & set(own):  # optional ones alone
        path = ("service_settings", own[0])
        put = _put(page, task_type, "", {path: _values(page.service_settings[own[0]])[0]})
    settings = object_of(object_of(put.body).get("service_settings"))
    secrets = {name: value for name, value in settings.items() if name in own}
    names = [f"`{name}`" for name in secrets]
    return OpenQuestion(
        id=f"{page.name}.secrets.update",
        statement=f"Before {SECRETS_KNOWN.text()} an update refuses {listed(names)} of `{page.name}` as unknown.",
        evidence="P",
        source=f"{_source(page)}, docs/reference/server/versions.md#patch-releases, #157214",
        first="9.5.0",
        last="9.5.2",
        needs=_needs(page),
        endpoint=put,
        requests=(Request("PUT", f"/_inference/{task_type}/ID/_update", {"service_settings": secrets}),),
        answers=(
            Answer("the service is not hit: the mark on its page can go"),
            Answer("the service is hit: upgrade, or replace", 400, reason="unknown field"),
        ),
    )


def _task_type(page: Service, task_type: str, offered: Offered) -> OpenQuestion:
    when = f"from {offered.since.text()} on" if offered.since.text() else "in no release"
    limit = f", with {offered.rate_limit} requests a minute" if offered.rate_limit else ""
    return OpenQuestion(
        id=f"{page.name}.{task_type}.since",
        statement=_with_note(f"`{page.name}` offers {task_type} {when}{limit}", offered.note),
        evidence="S,P",
        source=_source(page),
        needs=_needs(page) if limit else "",
        requests=(_put(page, task_type, "", {}), Request("GET", f"/_inference/{task_type}/ID"))
        if limit
        else (_CATALOGUE,),
        answers=_with_limit(offered.rate_limit)
        if limit
        else (
            Answer("this version offers the task type", shows={f"{page.name}.task_types": task_type}),
            Answer("this version does not list the task type"),
        ),
    )


def _with_limit(requests_per_minute: int | None) -> tuple[Answer, ...]:
    path = "service_settings.rate_limit.requests_per_minute"
    return (
        Answer("this version offers the task type, with this limit", shows={path: requests_per_minute}),
        Answer("this version offers the task type, with another limit"),
        Answer("this version does not offer the task type", 400, reason="task type"),
        Answer("this version does not know the service", 400, reason="Unknown service"),
    )


def _setting(page: Service, named: PageField) -> OpenQuestion:
    """Whether the server takes it; of one that the server fills in, what it fills in."""
    fact, task_type = named.fact, _task_type_of(page, named.fact)
    path, value = ".".join(named.path), None if named.fact.filled else _values(named.fact)[0]
    put = _put(page, task_type, named.path[-1], {named.path: value})
    settings = object_of(object_of(put.body).get(named.path[0]))
    default = fact.default_for(task_type, settings)
    if fact.name == "rate_limit":
        default = {"requests_per_minute": page.task_types[task_type].rate_limit}
    shown = value if value is not None else default
    if shown is None or fact.address:  # what the server works out, or where a person's own gateway is
        shown = ANY
    return OpenQuestion(
        id=f"{page.name}.{named.path[-1]}.known",
        statement=_with_note(f"`{page.name}` takes `{path}`: {_words(fact)}", fact.note),
        evidence=fact.evidence,
        source=_source(page),
        first=_line(fact.since or page.task_types[task_type].since),
        needs=_needs(page),
        requests=(put, Request("GET", f"/_inference/{task_type}/ID")),
        answers=(
            Answer("as the page says", shows=_leaves(path, shown)),
            *([] if shown == ANY else [Answer("the server shows another value", shows={path: ANY})]),
            Answer("the server does not show it"),
            Answer("the server does not know it, or not the value", 400, reason=named.path[-1]),
        ),
    )


def _required(page: Service, named: PageField) -> OpenQuestion:
    """Of a secret only one thing can be in doubt: whether it has to be there."""
    fact, task_type = named.fact, _task_type_of(page, named.fact)
    word = "required" if fact.required else "optional"
    return OpenQuestion(
        id=f"{page.name}.{named.path[-1]}.required",
        statement=_with_note(f"`{'.'.join(named.path)}` of `{page.name}` is {word}", fact.note),
        evidence=fact.evidence,
        source=f"{_source(page)}, docs/reference/server/services.md#oddities",
        first=_line(page.task_types[task_type].since),
        needs="" if fact.required else _needs(page),
        requests=(_put(page, task_type, named.path[-1], {named.path: None}),),
        answers=(
            Answer("it is optional"),
            Answer("it is required", 400, reason=f"does not contain the required setting [{named.path[-1]}]"),
            Answer("it is required", 400, reason=f"Required [{named.path[-1]}]"),
        ),
    )


def _updatable(page: Service, named: PageField) -> OpenQuestion:
    fact, task_type = named.fact, _task_type_of(page, named.fact)
    first, path = fact.updatable_since, ".".join(named.path)
    assert first is not None
    assert first.line9 is not None
    before = LINES[LINES.index(first.line9) - 1]
    old, new = _values(fact)
    made = _put(page, task_type, named.path[-1], {named.path: old})
    return OpenQuestion(
        id=f"{page.name}.{named.path[-1]}.update",
        statement=_with_note(
            f"An update changes `{path}` of `{page.name}` from {first.text()} on, or from {before} on", fact.update_note
        ),
        evidence="S",
        source=f"{_source(page)}, {_UPDATES[page.runs_in_cluster]}",
        first=str(before),
        last=str(before),
        needs=_needs(page),
        endpoint=made,
        requests=(
            Request("PUT", f"/_inference/{task_type}/ID/_update", _update(made, named.path, new)),
            Request("GET", f"/_inference/{task_type}/ID"),
        ),
        answers=(
            Answer("this version changes it in place", shows=_leaves(path, new)),
            Answer("this version takes the update and changes nothing", shows=_leaves(path, old)),
            Answer("this version refuses it", 400, reason=named.path[-1]),
        ),
    )


def _source(page: Service) -> str:
    return f"src/inferctl/model/services/{page.name.replace('-', '_')}.py"


def _with_note(statement: str, note: str) -> str:
    return f"{statement} ({note})." if note else f"{statement}."


def _words(fact: Setting) -> str:
    """What the page says of a setting."""
    default = f"default {default_text(fact)}" if default_text(fact) else ""
    return "; ".join(filter(None, (type_text(fact), default, life_text(fact), shown_text(fact))))


def _line(first: Since) -> str:
    """The oldest server that can answer; empty for all."""
    if first.line8 is not None and first.line8 <= OLDEST:
        return ""
    oldest = first.line8 or first.line9
    return str(oldest) if oldest else "9.6"  # in no release: what comes after the newest


def _needs(page: Service) -> str:
    if page.runs_in_cluster:
        return "a machine-learning node with room for the model; a trial licence is enough"
    return "the Elastic Inference Service" if page.name == "elastic" else f"an account with {page.title}"


def _task_type_of(page: Service, fact: Setting) -> str:
    """The one that came first, of those that have the setting."""
    known = [name for name in page.task_types if fact.applies_to(name)]
    return next((name for name in known if page.task_types[name].since.includes(NEWEST)), known[0])


def _put(page: Service, task_type: str, asked: str, values: Mapping[tuple[str, ...], Json]) -> Request:
    return Request("PUT", f"/_inference/{task_type}/ID", _endpoint(page, task_type, asked, values))


def _endpoint(page: Service, task_type: str, asked: str, values: Mapping[tuple[str, ...], Json]) -> JsonObject:
    """The smallest body of a PUT that has these values; None: it has not. Secrets are named, as in a file."""
    beside = _BESIDE.get((page.name, asked), _BESIDE.get((page.name, ""), {}))
    parts: dict[str, dict[str, Json]] = {
        part: {
            name: beside.get(name) or _values(fact)[0]
            for name, fact in page.fields(part, task_type).items()
            if fact.required or fact.required_since or name in beside
        }
        for part in PARTS
    }
    for (part, name), value in values.items():
        parts[part][name] = value
    return {
        "service": page.name,
        **{
            part: {name: value for name, value in settings.items() if value is not None}
            for part, settings in parts.items()
            if settings
        },
    }


def _values(fact: Setting) -> tuple[Json, Json]:
    if fact.name in _VALUES:
        return _VALUES[fact.name]
    example = fact.example
    return example, f"{example}-2" if isinstance(example, str) and not fact.enum else example


def _update(made: Request, path: tuple[str, ...], value: Json) -> JsonObject:
    """The update of one setting, with the endpoint's secrets: up to 9.4 it must repeat them."""
    for name in reversed(path[2:]):
        value = {name: value}
    settings = object_of(object_of(made.body).get("service_settings"))
    secrets = {name: held for name, held in settings.items() if set(object_of(held)) == {"env"}}
    return {"service_settings": {**secrets, path[1]: value}}


def _leaves(path: str, value: Json) -> JsonObject:
    """The plain values inside, by path with dots."""
    if not isinstance(value, dict):
        return {path: value}
    return {leaf: inner for name, held in value.items() for leaf, inner in _leaves(f"{path}.{name}", held).items()}
