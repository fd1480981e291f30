"""What GET shows, told back in the words of PUT: row by row what is left out, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from inferctl.export.document import ExportedFile, document_of
from inferctl.export.secrets import secret_fields, variable_names
from inferctl.export.text import document_text
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.model.versions import Version

LIMIT = {"requests_per_minute": 3000}
SENTENCE = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
ADAPTIVE = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
PARSER = {"json_parser": {"text_embeddings": "$.x", "embedding_type": "float"}}
CANARY = "canary-4f5g"


def exported(
    service: str,
    task_type: str,
    settings: dict[str, Any],
    task: dict[str, Any] | None = None,
    chunking: dict[str, Any] | None = None,
    version: str = "9.5",
    **more: Any,
) -> ExportedFile:
    raw: dict[str, Any] = {
        "inference_id": "a",
        "task_type": task_type,
        "service": service,
        "service_settings": settings,
    }
    if task is not None:
        raw["task_settings"] = task
    if chunking is not None:
        raw["chunking_settings"] = chunking
    observed = ObservedEndpoint.from_json({**raw, **more})
    secrets = secret_fields(observed, Version.parse(version), None)
    names = variable_names((observed.inference_id, field.path) for field in secrets)
    return document_of(observed, Version.parse(version), secrets, names)


def settings_of(*arguments: Any, **more: Any) -> Any:
    document = exported(*arguments, **more)
    assert document.problem == ""
    kept = document.value["service_settings"]
    assert isinstance(kept, dict)
    return {name: value for name, value in kept.items() if not (isinstance(value, dict) and "env" in value)}


ROWS = [
    ("a rate limit that is the default", "openai", "text_embedding", {"model_id": "m", "rate_limit": LIMIT}, {"model_id": "m"}),
    ("one that is not", "openai", "completion", {"model_id": "m", "rate_limit": LIMIT}, {"model_id": "m", "rate_limit": LIMIT}),
    ("a similarity that is the default", "openai", "text_embedding", {"model_id": "m", "similarity": "dot_product"}, {"model_id": "m"}),
    ("one that is not", "openai", "text_embedding", {"model_id": "m", "similarity": "cosine"}, {"model_id": "m", "similarity": "cosine"}),
    ("a default that nobody is sure of", "cohere", "text_embedding", {"model_id": "m", "similarity": "cosine"}, {"model_id": "m", "similarity": "cosine"}),
    ("dimensions that a PUT takes", "openai", "text_embedding", {"model_id": "m", "dimensions": 5}, {"model_id": "m", "dimensions": 5}),
    ("dimensions that it refuses", "nvidia", "text_embedding", {"model_id": "m", "dimensions": 5}, {"model_id": "m"}),
    ("dimensions that were measured", "openshift_ai", "text_embedding",
     {"url": "https://u", "dimensions": 5, "dimensions_set_by_user": False}, {"url": "https://u"}),
    ("dimensions that were given", "openshift_ai", "text_embedding",
     {"url": "https://u", "dimensions": 5, "dimensions_set_by_user": True}, {"url": "https://u", "dimensions": 5}),
    ("a word in upper case", "amazonbedrock", "completion", {"region": "r", "model": "m", "provider": "AI21LABS"},
     {"region": "r", "model": "m", "provider": "ai21labs"}),
    ("a provider that is the default", "googlevertexai", "chat_completion",
     {"location": "l", "model_id": "m", "project_id": "p", "provider": "GOOGLE"}, {"location": "l", "model_id": "m", "project_id": "p"}),
    ("a number that a PUT refuses", "hugging_face", "sparse_embedding", {"url": "https://u", "max_input_tokens": 512}, {"url": "https://u"}),
    ("nulls and empty objects", "openai", "completion", {"model_id": "m", "url": None, "rate_limit": {}}, {"model_id": "m"}),
    ("live allocations", "elasticsearch", "rerank",
     {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 3, "adaptive_allocations": ADAPTIVE},
     {"model_id": ".rerank-v1", "num_threads": 1, "adaptive_allocations": ADAPTIVE}),
    ("fixed allocations", "elasticsearch", "rerank", {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 3, "deployment_id": "a"},
     {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 3}),
    ("an attached deployment", "elasticsearch", "rerank",
     {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 3, "deployment_id": "d"}, {"deployment_id": "d"}),
    ("a deployment at a provider", "azureopenai", "completion", {"resource_name": "r", "deployment_id": "d", "api_version": "v"},
     {"resource_name": "r", "deployment_id": "d", "api_version": "v"}),
    ("what custom fills in", "custom", "text_embedding",
     {"url": "https://u", "request": "r", "response": PARSER, "batch_size": 10, "input_type": {"translation": {}, "default": ""}},
     {"url": "https://u", "request": "r", "response": {"json_parser": {"text_embeddings": "$.x"}}}),
    ("what custom fills in beside what was given", "custom", "text_embedding",
     {"url": "https://u", "request": "r", "response": PARSER, "batch_size": 9, "input_type": {"translation": {"search": "q"}, "default": ""}},
     {"url": "https://u", "request": "r", "response": {"json_parser": {"text_embeddings": "$.x"}}, "batch_size": 9, "input_type": {"translation": {"search": "q"}}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "task", "shown", "kept"), [row[1:] for row in ROWS], ids=[f"{r[0]}-{r[1]}" for r in ROWS]
)
def test_service_settings(service: str, task: str, shown: dict[str, Any], kept: dict[str, Any]) -> None:
    assert settings_of(service, task, shown) == kept


def test_a_rate_limit_is_judged_by_the_version() -> None:
    shown = {"model_id": "m", "rate_limit": {"requests_per_minute": 1000}}
    assert settings_of("elastic", "sparse_embedding", shown, version="8.18") == {"model_id": "m"}


@pytest.mark.parametrize(
    ("service", "task", "settings", "shown", "kept"),
    [
        ("elasticsearch", "rerank", {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 1}, {"return_documents": True}, None),
        ("elasticsearch", "rerank", {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 1}, {"return_documents": False}, {"return_documents": False}),
        ("anthropic", "completion", {"model_id": "m"}, {"max_tokens": 1, "top_p": 5}, {"max_tokens": 1, "top_k": 5}),
        ("anthropic", "completion", {"model_id": "m"}, {"max_tokens": 1, "top_p": 0.5}, {"max_tokens": 1, "top_p": 0.5}),
        ("cohere", "text_embedding", {"model_id": "m"}, {"truncate": "end"}, {"truncate": "end"}),
        ("openai", "completion", {"model_id": "m"}, {}, None),
    ],
)  # fmt: skip
def test_task_settings(service: str, task: str, settings: Any, shown: Any, kept: Any) -> None:
    document = exported(service, task, settings, shown)
    assert document.problem == ""
    assert document.value.get("task_settings") == kept


MARKDOWN = [
    "\n# ",
    "\n## ",
    "\n### ",
    "\n#### ",
    "\n##### ",
    "\n###### ",
    "\n^(?!\\s*$).*\\n-{1,}\\n",
    "\n^(?!\\s*$).*\\n={1,}\\n",
]


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        (None, None),
        (SENTENCE, None),
        ({**SENTENCE, "max_chunk_size": 100}, {**SENTENCE, "max_chunk_size": 100}),
        ({"strategy": "recursive", "max_chunk_size": 100, "separators": MARKDOWN},
         {"strategy": "recursive", "max_chunk_size": 100, "separator_group": "markdown"}),
        ({"strategy": "recursive", "max_chunk_size": 100, "separators": ["x"]}, {"strategy": "recursive", "max_chunk_size": 100, "separators": ["x"]}),
        ({"strategy": "none"}, {"strategy": "none"}),
    ],
)  # fmt: skip
def test_chunking_settings(shown: Any, kept: Any) -> None:
    document = exported("openai", "text_embedding", {"model_id": "m"}, chunking=shown)
    assert document.problem == ""
    assert document.value.get("chunking_settings") == kept


def test_chunking_that_was_lost_is_kept_and_explained() -> None:
    lost = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}
    document = exported("openai", "text_embedding", {"model_id": "m"}, chunking=lost)
    assert document.value["chunking_settings"] == lost
    assert any("an update lost" in note for note in document.notes)


def test_the_order_is_that_of_the_documentation() -> None:
    document = exported(
        "openai",
        "completion",
        {"rate_limit": {"requests_per_minute": 7}, "url": "https://u", "model_id": "m"},
        {"user": "u"},
    )
    assert list(document.value) == ["inference_id", "task_type", "service", "service_settings", "task_settings"]
    settings = document.value["service_settings"]
    assert isinstance(settings, dict)
    assert list(settings) == ["model_id", "url", "rate_limit", "api_key"]


def test_an_unknown_service_passes_through_with_a_note() -> None:
    document = exported("newer", "completion", {"zone": "z", "filled": None})
    assert document.problem == ""
    assert document.value["service_settings"] == {"zone": "z", "filled": None}
    assert document.value["passthrough"] is True
    assert "# passthrough: the service newer is unknown" in document_text(document)


def test_an_unknown_task_type_passes_through_with_a_note() -> None:
    document = exported("openai", "scene_search", {"model_id": "m"}, task_settings={"user": "u"})
    assert document.problem == ""
    assert document.value["passthrough"] is True
    assert document.value["task_settings"] == {"user": "u"}
    assert "passthrough: 'scene_search' is not a task type." in document.notes
    assert document.value["service_settings"]["api_key"]  # type: ignore[index, call-overload]


def test_an_unknown_field_of_a_known_service_passes_through_with_a_note() -> None:
    document = exported("openai", "completion", {"model_id": "m", "brand_new": 1})
    assert document.value["passthrough"] is True
    assert "passthrough: 'brand_new' is not a setting of openai." in document.notes


def test_unknown_keys_of_an_endpoint_are_named() -> None:
    document = exported("openai", "completion", {"model_id": "m"}, metadata={"x": 1}, brand_new=1)
    assert document.notes == ("The server also shows brand_new, which this inferctl does not know: left out.",)


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {CANARY}"}, {"X-Api-Key": CANARY, "X": "y"}])
def test_a_credential_in_a_task_setting_is_left_out_and_named(headers: dict[str, str]) -> None:
    document = exported("openai", "completion", {"model_id": "m"}, {"headers": headers})
    assert document.problem == ""
    assert CANARY not in repr(document) + document_text(document)
    (lost,) = document.lost
    assert lost.startswith("task_settings.headers.")


def test_a_credential_in_a_header_becomes_a_reference() -> None:
    shown = {"url": "https://u", "request": "r", "response": PARSER, "headers": {"Authorization": CANARY, "X": "y"}}
    document = exported("custom", "text_embedding", shown)
    assert document.problem == ""
    assert CANARY not in repr(document) + document_text(document)
    settings = document.value["service_settings"]
    assert isinstance(settings, dict)
    assert settings["headers"] == {"Authorization": {"env": "A_HEADERS_AUTHORIZATION"}, "X": "y"}


@pytest.mark.parametrize(
    ("service", "settings", "said"),
    [
        ("openai", {"model_id": "m", "url": f"https://me:{CANARY}@host/x"}, "the URL holds a user name or a password"),
        ("openai", {}, "model_id is missing"),
    ],
)  # fmt: skip
def test_what_no_file_can_say_has_a_problem(service: str, settings: Any, said: str) -> None:
    document = exported(service, "completion", settings)
    assert said in document.problem
    assert CANARY not in document.problem


def test_a_file_is_valid_for_the_server_it_came_from() -> None:
    """Cohere wants a model from 8.19 on, contextualai knows no url after 9.4: neither keeps an older endpoint out."""
    document = exported("cohere", "completion", {}, version="8.17")
    assert document.problem == ""
    assert document.notes[-1] == (
        "Valid for Elasticsearch 8.17 (--target-version 8.17), not for 9.5: service_settings.model_id: model_id is missing."
    )
    document = exported("contextualai", "rerank", {"model_id": "m", "url": "https://u"}, version="9.4")
    assert "passthrough" not in document.value
    assert "url was removed after 9.4" in document.notes[-1]
