"""Custom: `service: custom`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.model.services.common import (
    DENSE,
    RERANK,
    dimensions,
    max_input_tokens,
    rate_limit,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import Fact, Problem, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import UNRELEASED, since

if TYPE_CHECKING:
    from inferctl.json_types import Json
    from inferctl.model.services.rules import Asked

SPARSE = frozenset({"sparse_embedding"})
COMPLETION = frozenset({"completion"})
_PARSER = {
    "text_embeddings": Fact("string", "JSONPath of the vectors.", required=True, task_types=DENSE),
    "embedding_type": Fact(
        "enum",
        "Number type of the vectors.",
        enum=("float", "byte", "bit", "binary"),
        default="float",
        filled=True,
        fold="lower",
        since=since("9.2"),
        task_types=DENSE,
    ),
    "token_path": Fact("string", "JSONPath of the tokens.", required=True, task_types=SPARSE),
    "weight_path": Fact("string", "JSONPath of the weights.", required=True, task_types=SPARSE),
    "relevance_score": Fact("string", "JSONPath of the scores.", required=True, task_types=RERANK),
    "reranked_index": Fact("string", "JSONPath of the positions.", task_types=RERANK),
    "document_text": Fact("string", "JSONPath of the texts.", task_types=RERANK),
    "completion_result": Fact("string", "JSONPath of the answer.", required=True, task_types=COMPLETION),
}


def _one_name(asked: Asked) -> list[Problem]:
    """A name in secret_parameters is none in task_settings.parameters."""
    secrets, plain = asked.service_settings.get("secret_parameters"), asked.task_settings.get("parameters")
    if not isinstance(secrets, Mapping) or not isinstance(plain, Mapping):
        return []
    return [
        Problem(("task_settings", "parameters", name), "rule.exclusive", f"{name} is in secret_parameters too",
                "${" + name + "} could mean either", "give one of them another name", "key")
        for name in plain if name in secrets
    ]  # fmt: skip


def _no_secret_in_url(asked: Asked) -> list[Problem]:
    """The server fills the templates of the URL and the query in: what stands there ends up in logs."""
    secrets = asked.service_settings.get("secret_parameters")
    if not isinstance(secrets, Mapping):
        return []
    return [
        Problem(("service_settings", field), "secret.in-url", f"the secret {name} goes into {field}",
                "URLs end up in the logs of proxies and providers", 'headers: {Authorization: "Bearer ${' + name + '}"}')
        for field in ("url", "query_parameters") for name in secrets
        if any("${" + name + "}" in text for text in _texts(asked.service_settings.get(field)))
    ]  # fmt: skip


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)


SERVICE = Service(
    name="custom",
    title="Custom",
    since=since("8.19"),
    task_types={
        "text_embedding": TaskFacts(since("8.19"), rate_limit=10000),
        "sparse_embedding": TaskFacts(since("8.19"), rate_limit=10000),
        "rerank": TaskFacts(since("8.19"), rate_limit=10000),
        "completion": TaskFacts(since("8.19"), rate_limit=10000),
        "embedding": TaskFacts(
            UNRELEASED,
            rate_limit=10000,
            uncertain=True,
            note="the newest source has a dense-embedding parser; the specification does not list this task",
        ),
    },
    service_settings={
        "secret_parameters": Fact(
            "object",
            "Named secrets, usable as ${name} in url, headers, query and request.",
            required="required by the specification; optional in the source",
            secret=True,
            updatable_since=since("8.17"),
            items="string",
            note="keys must not clash with task_settings.parameters",
            update_note="replaced as a whole; in the version read an update whose service_settings omit it stores an empty map",
            evidence="S,C",
        ),
        "url": Fact(
            "string",
            "Request URL, may hold ${...} templates.",
            required=True,
            updatable_since=since("9.5"),
            note="optional in the specification, required in the source",
            evidence="S,P",
        ),
        "headers": Fact(
            "object",
            "HTTP headers, string to string; entries with null are dropped.",
            updatable_since=since("9.5"),
            items="string",
            note="left out of GET when empty",
            evidence="S,P",
        ),
        "query_parameters": Fact(
            "list",
            "List of [key, value] pairs; repeated keys allowed.",
            updatable_since=since("9.5"),
            items="pair",
            evidence="C,P",
        ),
        "request": Fact(
            "string",
            "Body template as one JSON-escaped string.",
            required=True,
            updatable_since=since("9.5"),
            note="the specification types it as an object with a content key, its own example and the source use a plain string",
            evidence="S,C,P",
        ),
        "response": Fact(
            "object",
            "How to read the response.",
            required=True,
            updatable_since=since("9.5"),
            fields={
                "json_parser": Fact(
                    "object", "Where the answer holds what, by task type.", required=True, fields=_PARSER
                )
            },
            update_note="json_parser can be replaced",
            evidence="S,C,P",
        ),
        "input_type": Fact(
            "object",
            "Maps the request input type to provider words.",
            default={"translation": {}, "default": ""},
            filled=True,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding", "sparse_embedding", "embedding"}),
            fields={
                "translation": Fact(
                    "object",
                    "Words by input type.",
                    items="string",
                    fields={
                        word: Fact("string", "The provider's word.")
                        for word in ("classification", "clustering", "ingest", "search")
                    },
                ),
                "default": Fact(
                    "string", "For any other input type; the server fills in an empty text.", may_be_empty=True
                ),
            },
            evidence="S,C,P",
        ),
        "batch_size": Fact(
            "integer",
            "Inputs per request during ingestion.",
            minimum=1,
            default=10,
            filled=True,
            updatable_since=since("9.5"),
            evidence="S,C,P",
        ),
        "similarity": similarity("dot_product", evidence="S"),
        "dimensions": dimensions(evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S,P"),
        "rate_limit": rate_limit(since("9.5"), note="absent in the specification", evidence="S,P"),
    },
    task_settings={
        "parameters": task_setting(
            "object", "Non-secret template values: strings, numbers, booleans.", items="scalar", evidence="C"
        ),
    },
    observed_name="custom",
    rules=(_one_name, _no_secret_in_url),
)
