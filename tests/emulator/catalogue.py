"""The pages as cases: which service, task type and field exists where, and bodies made of them."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.agreement import pages

from .api import VERSIONS, known

if TYPE_CHECKING:
    from tests.agreement.rows import Field

SERVICES = pages.NAMES
CHUNKING = {"text_embedding", "sparse_embedding", "embedding"}
DENSE = {"text_embedding", "embedding"}
IN_CLUSTER = {"elasticsearch", "elser"}
ELAND = "my-model"
JSON_PATHS = {
    "text_embedding": {"text_embeddings": "$.a"},
    "sparse_embedding": {"token_path": "$.a", "weight_path": "$.b"},
    "rerank": {"relevance_score": "$.a", "reranked_index": "$.b"},
    "completion": {"completion_result": "$.a"},
}


def exists(service: str, version: str) -> bool:
    return service in pages.reading()[version]


def offers(service: str, task: str, version: str) -> bool:
    """Whether a service offers a task type on a version line."""
    return exists(service, version) and task in pages.reading()[version][service].tasks


def cases(versions: tuple[str, ...] = VERSIONS) -> list[tuple[str, str, str]]:
    """Every service, task type and version line that go together."""
    return [
        (service, task, version)
        for service in SERVICES
        for task in pages.task_types(service)
        for version in versions
        if offers(service, task, version)
    ]


@cache
def fields(service: str, scope: str, task: str, version: str) -> dict[str, Field]:
    """The fields of `service_settings` or `task_settings`, GET-only ones included."""
    every = pages.reading()[version][service].tasks[task].fields
    return {name: field for (part, name), field in every.items() if part == scope}


@cache
def every_field(service: str, scope: str) -> dict[str, Field]:
    """The fields of all task types and lines."""
    found: dict[str, Field] = {}
    for name, task, version in cases():
        if name == service:
            found |= fields(service, scope, task, version)
    return found


def puttable(service: str, scope: str, task: str, version: str) -> dict[str, Field]:
    """The fields that a PUT may carry."""
    return {name: field for name, field in fields(service, scope, task, version).items() if field.put}


# What a condition of a page makes of a service, as the plainest choice.
LEAVE_OUT = {
    "openai": {"client_secret", "client_id", "scopes", "token_url"},
    "azureopenai": {"entra_id", "client_secret", "client_id", "tenant_id", "scopes"},
    "googlevertexai": {"url", "streaming_url"},
    "elasticsearch": {"deployment_id", "adaptive_allocations"},
    "elser": {"adaptive_allocations"},
    "anthropic": {"top_k"},  # comes back under another name
}
ALSO_REQUIRED = {
    "openai": {"api_key"},
    "azureopenai": {"api_key"},
    "cohere": {"model_id"},
    "googlevertexai": {"project_id"},
    "elasticsearch": {"model_id", "num_threads", "num_allocations"},
    "elser": {"num_allocations"},
}


def chosen(service: str, task: str, name: str) -> Any:
    """A value that a rule between fields asks for; None: any valid one."""
    if service == "elasticsearch" and name == "model_id":
        return {"sparse_embedding": ".elser_model_2", "rerank": ".rerank-v1"}.get(task, ELAND)
    if (service, name) == ("elasticsearch", "deployment_id"):
        return f"a-deployment_id-{task}"
    if service == "amazon_sagemaker" and name == "api":
        return "elastic" if task in {"sparse_embedding", "rerank"} else "openai"
    if service == "custom" and name == "response":
        return {"json_parser": dict(JSON_PATHS[task])}
    return {
        ("amazonbedrock", "provider"): "cohere",
        ("azureaistudio", "provider"): "cohere",
        ("azureaistudio", "endpoint_type"): "token",
        ("azureaistudio", "target"): "https://example.test/v1",
        ("azureopenai", "resource_name"): "a-resource",
        ("watsonxai", "url"): "example.test",
        ("elser", "model_id"): ".elser_model_2",
        ("elasticsearch", "adaptive_allocations"): {"enabled": True},
        ("elser", "adaptive_allocations"): {"enabled": True},
        ("elasticsearch", "num_threads"): 2,
        ("elser", "num_threads"): 2,
        ("elasticsearch", "long_document_strategy"): "chunk",
        ("googlevertexai", "provider"): "google",
        ("googlevertexai", "thinking_config"): {"thinking_budget": 5},
        ("custom", "query_parameters"): [["a", "b"]],
        ("custom", "secret_parameters"): {"token": "secret-secret_parameters"},
        ("custom", "input_type"): {"translation": {"ingest": "x"}, "default": "y"},
        ("elastic", "reasoning"): {"effort": "low"},
        ("cohere", "embedding_type"): "int8",
    }.get((service, name))


def value(service: str, task: str, name: str, field: Field) -> Any:
    """A valid value for a field."""
    special = chosen(service, task, name)
    if special is not None:
        return copy.deepcopy(special)
    if field.secret:
        return f"secret-{name}"
    if name == "rate_limit":
        return {"requests_per_minute": 77}
    if name == "url" or name.endswith("_url"):
        return "https://example.test/v1"
    match field.type:
        case "enum":
            return field.words[0]
        case "integer":
            return max(7, int(field.least or 1))
        case "number" | "float":
            return 0.5
        case "boolean":
            return False
        case "list":
            return ["a"]
        case "object":
            return {"k": "v"}
        case _:
            return f"a-{name}"


def another(service: str, task: str, name: str, field: Field) -> Any:
    """A second valid value."""
    first = value(service, task, name, field)
    if name == "rate_limit":
        return {"requests_per_minute": 78}
    if service == "custom" and name == "response":
        return {"json_parser": {key: path + "b" for key, path in JSON_PATHS[task].items()}}
    if (service, name) == ("custom", "input_type"):
        return {"translation": {"ingest": "z"}, "default": "y"}
    if (service, name) == ("elastic", "reasoning"):
        return {"effort": "high"}
    match field.type:
        case "enum":
            return next(word for word in field.words if word != first)
        case "integer":
            return first + 1
        case "number" | "float":
            return 0.25
        case "boolean":
            return not first
        case "list":
            return [["c", "d"]] if service == "custom" else ["b"]
        case "object":
            return {key: f"{item}-2" for key, item in first.items()}
        case _:
            return f"{first}-2"


def required(service: str, scope: str, task: str, version: str) -> set[str]:
    """The fields without which a PUT fails, or the plainest choice among them."""
    found = puttable(service, scope, task, version)
    names = {name for name, field in found.items() if field.required}
    if scope == "service_settings":
        names |= ALSO_REQUIRED.get(service, set())
        if service == "googlevertexai" and task != "rerank":
            names |= {"model_id", "location"}
    return names & set(found)


def body(service: str, task: str, version: str, *, full: bool = False) -> dict[str, Any]:
    """A PUT body with the required fields only, or with everything that goes together."""
    result: dict[str, Any] = {"service": service}
    for scope in ("service_settings", "task_settings"):
        found = puttable(service, scope, task, version)
        names = required(service, scope, task, version)
        if full:
            names = set(found) - LEAVE_OUT.get(service, set())
        chosen_fields = {name: value(service, task, name, field) for name, field in found.items() if name in names}
        if chosen_fields or scope == "service_settings":
            result[scope] = chosen_fields
    return result


def secrets(service: str, task: str, version: str) -> dict[str, Any]:
    """All parts of the secret that `body` gives."""
    given = body(service, task, version)["service_settings"]
    found = fields(service, "service_settings", task, version)
    names = {name for name, field in found.items() if field.secret}
    if service == "custom":
        given = body(service, task, version, full=True)["service_settings"]
    return {name: item for name, item in given.items() if name in names}


def shown(service: str, task: str, name: str, given: Any, version: str) -> Any:
    """The form in which GET shows a value, and defaults inside it."""
    if (service, task, name) == ("custom", "text_embedding", "response") and known(version, "9.2"):
        return {"json_parser": {**given["json_parser"], "embedding_type": "float"}}
    for scope in ("service_settings", "task_settings"):
        field = fields(service, scope, task, version).get(name)
        if field is not None and isinstance(given, str) and given in field.in_get:
            return field.in_get[given][name]
    return given


def keys_of_get(service: str, task: str, version: str) -> tuple[set[str], set[str]]:
    """Keys of `service_settings` that GET can show, and those that it always shows."""
    found = fields(service, "service_settings", task, version)
    seen = {name for name, field in found.items() if field.seen != "never"}
    always = {name for name in seen if found[name].seen == "always" and found[name].filled}
    return seen | {"dimensions_set_by_user"}, always - {"model_id"}  # filled beside a deployment_id alone


def rate_limit(service: str, task: str, version: str) -> int | None:
    """The default that GET shows."""
    return pages.reading()[version][service].tasks[task].rate_limit
