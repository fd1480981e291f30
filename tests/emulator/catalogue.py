"""The reference catalogue as cases: which service, task type and field exists where, and bodies made of them."""

from __future__ import annotations

import copy
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .api import VERSIONS, known

CATALOGUE = yaml.safe_load((Path(__file__).parent.parent / "reference" / "catalog.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = CATALOGUE["services"]
RATE_LIMITS: dict[str, Any] = CATALOGUE["common_normalisation"]["rate_limit"]["table"]
SIMILARITY: dict[str, Any] = CATALOGUE["common_normalisation"]["similarity_default"]
TASK_TYPES: dict[str, Any] = CATALOGUE["task_types"]
CHUNKING = set(CATALOGUE["chunking_settings"]["applies_to"])
DENSE = {"text_embedding", "embedding"}
IN_CLUSTER = {"elasticsearch", "elser"}
NEVER = {"after 9.5?"}
NOT_RELEASED = {("mixedbread", "text_embedding")}  # its note: treat as not released
ELAND = "my-model"
JSON_PATHS = {
    "text_embedding": {"text_embeddings": "$.a"},
    "sparse_embedding": {"token_path": "$.a", "weight_path": "$.b"},
    "rerank": {"relevance_score": "$.a", "reranked_index": "$.b"},
    "completion": {"completion_result": "$.a"},
}


def exists(facts: dict[str, Any], version: str) -> bool:
    """Whether something with `since`, `available` and `until` is in a version line."""
    if facts.get("until") and not known(version, until=str(facts["until"])):
        return False
    if "available" in facts:
        first = facts["available"]["8.x" if version.startswith("8") else "9.x"]
        return first is not None and known(version, str(first))
    since = facts.get("since")
    return since not in NEVER and known(version, str(since or "").replace(" ", ""))


def offers(service: str, task: str, version: str) -> bool:
    """Whether a service offers a task type on a version line."""
    facts = SERVICES[service]
    return (
        exists(facts, version)
        and exists(facts["task_types"][task], version)
        and exists(TASK_TYPES[task], version)
        and (service, task) not in NOT_RELEASED
    )


def cases(versions: tuple[str, ...] = VERSIONS) -> list[tuple[str, str, str]]:
    """Every service, task type and version line that go together."""
    return [
        (service, task, version)
        for service, facts in SERVICES.items()
        for task in facts["task_types"]
        for version in versions
        if offers(service, task, version)
    ]


@cache
def fields(service: str, scope: str, task: str, version: str) -> dict[str, Any]:
    """The fields of `service_settings` or `task_settings`, GET-only ones included."""
    return {
        name: facts
        for name, facts in SERVICES[service][scope].items()
        if name != "*" and task in facts.get("task_types", [task]) and exists(facts, version)
    }


def puttable(service: str, scope: str, task: str, version: str) -> dict[str, Any]:
    """The fields that a PUT may carry."""
    found = fields(service, scope, task, version)
    return {name: facts for name, facts in found.items() if facts.get("put_allowed") is not False}


def enum_words(service: str, name: str, facts: dict[str, Any], version: str) -> list[str]:
    """The words of an enum on a version line."""
    words = [str(word) for word in facts["enum"]]
    if (service, name) == ("cohere", "embedding_type") and not known(version, "8.19/9.1"):
        words = [word for word in words if word not in {"binary", "bit"}]  # its note
    return words


# What a condition of the catalogue makes of a service, as the plainest choice.
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
    if service == "amazon_sagemaker" and name == "api":
        return "elastic" if task in {"sparse_embedding", "rerank"} else "openai"
    if service == "custom" and name == "response":
        return {"json_parser": dict(JSON_PATHS[task])}
    return {
        ("amazonbedrock", "provider"): "cohere",
        ("azureaistudio", "provider"): "cohere",
        ("azureaistudio", "endpoint_type"): "token",
        ("elser", "model_id"): ".elser_model_2",
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


def value(service: str, task: str, name: str, facts: dict[str, Any], version: str) -> Any:
    """A valid value for a field."""
    special = chosen(service, task, name)
    if special is not None:
        return copy.deepcopy(special)
    if facts.get("secret"):
        return f"secret-{name}"
    if name == "rate_limit":
        return {"requests_per_minute": 77}
    if name == "url":
        return "https://example.test/v1"
    match facts["type"]:
        case "enum":
            return enum_words(service, name, facts, version)[0]
        case "integer":
            return max(7, int(facts.get("range", {}).get("min", 1)))
        case "number":
            return 0.5
        case "boolean":
            return False
        case "list":
            return ["a"]
        case "object":
            return {"k": "v"}
        case _:
            return f"a-{name}"


def another(service: str, task: str, name: str, facts: dict[str, Any], version: str) -> Any:
    """A second valid value."""
    first = value(service, task, name, facts, version)
    if name == "rate_limit":
        return {"requests_per_minute": 78}
    if service == "custom" and name == "response":
        return {"json_parser": {key: path + "b" for key, path in JSON_PATHS[task].items()}}
    if (service, name) == ("custom", "input_type"):
        return {"translation": {"ingest": "z"}, "default": "y"}
    if (service, name) == ("elastic", "reasoning"):
        return {"effort": "high"}
    match facts["type"]:
        case "enum":
            return next(word for word in enum_words(service, name, facts, version) if word != first)
        case "integer":
            return first + 1
        case "number":
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
    names = {name for name, facts in found.items() if facts["required"] is True}
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
        chosen_fields = {
            name: value(service, task, name, facts, version) for name, facts in found.items() if name in names
        }
        if chosen_fields or scope == "service_settings":
            result[scope] = chosen_fields
    return result


def secrets(service: str, task: str, version: str) -> dict[str, Any]:
    """All parts of the secret that `body` gives."""
    given = body(service, task, version)["service_settings"]
    found = fields(service, "service_settings", task, version)
    names = {name for name, facts in found.items() if facts.get("secret")}
    if service == "custom":
        given = body(service, task, version, full=True)["service_settings"]
    return {name: item for name, item in given.items() if name in names}


def shown(service: str, task: str, name: str, given: Any, version: str) -> Any:
    """The form in which GET shows a value: `normalised` of the catalogue, and defaults inside it."""
    if (service, task, name) == ("custom", "text_embedding", "response") and known(version, "9.2"):
        return {"json_parser": {**given["json_parser"], "embedding_type": "float"}}
    if isinstance(given, str) and name == "provider" and service in {"amazonbedrock", "googlevertexai"}:
        return given.upper()
    if (service, name) == ("cohere", "embedding_type"):
        return {"int8": "byte", "binary": "bit"}.get(given, given)
    return given


def keys_of_get(service: str, task: str, version: str) -> tuple[list[str], set[str]]:
    """Keys of `service_settings` that GET can show, in order, and those that it always shows."""
    order: list[str] = []
    always: set[str] = set()
    for text in SERVICES[service]["get"]["service_settings_keys"]:
        match = re.fullmatch(r"([^(]+?)\s*(?:\((.*)\))?", text)
        assert match, text
        names, condition = match[1].split(), match[2] or ""
        order += [name.rstrip("?") for name in names]
        for name in names:
            if not name.endswith("?") and (not condition or _holds(condition, task, version)):
                always.add(name)
    known_here = {*fields(service, "service_settings", task, version), "dimensions_set_by_user"}
    return order, always & known_here


def _holds(condition: str, task: str, version: str) -> bool:
    """Conditions such as `completion, chat_completion from 9.2` and `completion; text_embedding from 9.5`."""
    for part in condition.split(";"):
        words, _, since = part.partition(" from ")
        if task in [word.strip() for word in words.split(",")]:
            return known(version, since.strip())
    return False


def rate_limit(service: str, task: str, version: str) -> int | None:
    """The default that GET shows."""
    found = RATE_LIMITS[service][task]
    if isinstance(found, dict):
        found = found["until 9.1"] if known(version, until="9.1") else found["from 9.2"]
    return None if found is None else int(found)
