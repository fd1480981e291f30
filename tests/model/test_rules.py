"""Rules between the settings of one endpoint: each is broken and kept, at its place and by version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.factories import without
from tests.model.strategies import page
from tests.typed_fix import endpoint_reader, left_over

from inferctl.model.fact_words import required_text
from inferctl.model.services import service_names
from inferctl.model.services.asked import Asked
from inferctl.model.versions import NEWEST, Version
from inferctl.report.diagnostics import render_all
from inferctl.workspace.endpoint_file import read_file

KEY = {"env": "SOME_KEY"}
Settings = dict[str, Any]

OPENAI: Settings = {"model_id": "m"}
OAUTH: Settings = {"client_secret": KEY, "client_id": "c", "scopes": ["s"]}
AZURE: Settings = {"resource_name": "r", "deployment_id": "d", "api_version": "v"}
BEDROCK: Settings = {"access_key": KEY, "secret_key": KEY, "region": "r", "model": "m", "provider": "cohere"}
STUDIO: Settings = {"api_key": KEY, "target": "https://t", "provider": "cohere", "endpoint_type": "token"}
VERTEX: Settings = {"service_account_json": KEY, "location": "l", "model_id": "m", "project_id": "p"}
GARDEN: Settings = {"service_account_json": KEY, "provider": "meta", "url": "https://u"}
SAGEMAKER: Settings = {"access_key": KEY, "secret_key": KEY, "endpoint_name": "e", "region": "r", "api": "openai"}
OWN: Settings = {"model_id": "own", "num_threads": 1, "num_allocations": 1}
ELASTIC: Settings = {"model_id": "m"}
CUSTOM: Settings = {"url": "https://u", "request": "{}", "response": {"json_parser": {"completion_result": "$.a"}}}
ADAPTIVE: Settings = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}


# service, task type, service_settings, task_settings, version, [(code, path of the key or value)]
CASES: list[tuple[str, str, Settings, Settings, str, list[tuple[str, str]]]] = [
    # exactly one secret, and what goes with it
    ("openai", "completion", OPENAI | {"api_key": KEY}, {}, "9.5", []),
    ("openai", "completion", OPENAI | OAUTH | {"token_url": "https://t"}, {}, "9.5", []),
    ("openai", "completion", OPENAI, {}, "9.5", [("rule.one-of", "service_settings")]),
    ("openai", "completion", OPENAI, {}, "9.4", [("field.missing", "service_settings")]),
    ("openai", "completion", OPENAI | OAUTH | {"api_key": KEY, "token_url": "https://t"}, {}, "9.5",
     [("rule.exclusive", "service_settings.api_key")]),
    ("openai", "completion", OPENAI | {"api_key": KEY, "client_secret": KEY}, {}, "9.4",
     [("field.version", "service_settings.client_secret")]),
    ("openai", "completion", OPENAI | OAUTH, {}, "9.5", [("field.missing", "service_settings")]),
    ("openai", "completion", OPENAI | {"api_key": KEY, "client_id": "c"}, {}, "9.5",
     [("field.missing", "service_settings.client_id")]),
    ("azureopenai", "completion", AZURE | {"api_key": KEY}, {}, "8.17", []),
    ("azureopenai", "completion", AZURE | {"entra_id": KEY}, {}, "8.17", []),
    ("azureopenai", "completion", AZURE | OAUTH | {"tenant_id": "t"}, {}, "9.4", []),
    ("azureopenai", "completion", AZURE, {}, "8.17", [("rule.one-of", "service_settings")]),
    ("azureopenai", "completion", AZURE | {"api_key": KEY, "entra_id": KEY}, {}, "8.17",
     [("rule.exclusive", "service_settings.entra_id")]),
    ("azureopenai", "completion", AZURE | OAUTH, {}, "9.5", [("field.missing", "service_settings")]),
    # AWS keys come in pairs
    ("amazonbedrock", "text_embedding", without(BEDROCK, "secret_key"), {}, "9.5", [("field.missing", "service_settings")]),
    ("amazon_sagemaker", "completion", without(SAGEMAKER, "access_key"), {}, "9.5", [("field.missing", "service_settings")]),
    # providers
    ("amazonbedrock", "text_embedding", BEDROCK, {"truncate": "end"}, "9.5", []),
    ("amazonbedrock", "text_embedding", BEDROCK | {"provider": "AmazonTitan"}, {"truncate": "end"}, "9.5",
     [("rule.combination", "task_settings.truncate")]),
    ("amazonbedrock", "text_embedding", BEDROCK | {"provider": "meta"}, {}, "9.5",
     [("rule.provider", "service_settings.provider=")]),
    ("amazonbedrock", "completion", BEDROCK | {"provider": "meta"}, {"top_k": 0.5}, "9.5",
     [("rule.combination", "task_settings.top_k")]),
    ("amazonbedrock", "completion", BEDROCK | {"provider": "mistral"}, {"top_k": 0.5}, "9.5", []),
    ("azureaistudio", "rerank", STUDIO, {}, "9.5", []),
    ("azureaistudio", "rerank", STUDIO | {"provider": "openai"}, {}, "9.5", [("rule.provider", "service_settings.provider=")]),
    ("azureaistudio", "completion", STUDIO | {"provider": "databricks"}, {}, "9.5",
     [("rule.provider", "service_settings.provider=")]),
    ("azureaistudio", "completion", STUDIO | {"provider": "databricks", "endpoint_type": "realtime"}, {}, "9.5", []),
    ("azureaistudio", "text_embedding", STUDIO | {"endpoint_type": "realtime"}, {}, "9.5",
     [("rule.provider", "service_settings.endpoint_type=")]),
    # Google: required settings by task type, provider and version
    ("googlevertexai", "text_embedding", VERTEX, {}, "8.17", []),
    ("googlevertexai", "text_embedding", without(VERTEX, "location"), {}, "9.4", [("field.missing", "service_settings")]),
    ("googlevertexai", "text_embedding", without(VERTEX, "location"), {}, "9.5", []),
    ("googlevertexai", "text_embedding", without(VERTEX, "model_id", "project_id"), {}, "9.5",
     [("field.missing", "service_settings")] * 2),
    ("googlevertexai", "rerank", without(VERTEX, "location", "model_id"), {}, "8.17", []),
    ("googlevertexai", "rerank", without(VERTEX, "project_id"), {}, "8.17", [("field.missing", "service_settings")]),
    ("googlevertexai", "completion", without(VERTEX, "project_id"), {}, "9.5", [("field.missing", "service_settings")]),
    ("googlevertexai", "completion", without(VERTEX, "location") | {"provider": "GOOGLE"}, {}, "9.4",
     [("field.missing", "service_settings")]),
    ("googlevertexai", "completion", VERTEX | {"url": "https://u"}, {}, "9.5",
     [("rule.combination", "service_settings.url")]),
    ("googlevertexai", "completion", GARDEN, {}, "9.5", []),
    ("googlevertexai", "completion", without(GARDEN, "url"), {}, "9.5", [("rule.one-of", "service_settings")]),
    ("googlevertexai", "completion", without(GARDEN, "url") | {"streaming_url": "https://u"}, {}, "9.5", []),
    ("googlevertexai", "completion", GARDEN, {"max_tokens": 7}, "9.5", [("rule.combination", "task_settings.max_tokens")]),
    ("googlevertexai", "completion", GARDEN | {"provider": "anthropic"}, {"max_tokens": 7}, "9.5", []),
    # SageMaker: what the dialect decides
    ("amazon_sagemaker", "text_embedding", SAGEMAKER, {"user": "u"}, "9.5", []),
    ("amazon_sagemaker", "text_embedding", SAGEMAKER | {"api": "elastic"}, {}, "9.5",
     [("field.missing", "service_settings")] * 2),
    ("amazon_sagemaker", "rerank", SAGEMAKER, {}, "9.5", [("rule.combination", "service_settings.api")]),
    ("amazon_sagemaker", "rerank", SAGEMAKER | {"api": "elastic"}, {}, "9.5", []),
    ("amazon_sagemaker", "completion", SAGEMAKER | {"api": "elastic"}, {"user": "u"}, "9.5",
     [("rule.combination", "task_settings.user")]),
    # models in the cluster
    ("elasticsearch", "text_embedding", OWN, {}, "8.17", []),
    ("elasticsearch", "text_embedding", {"deployment_id": "d"}, {}, "8.17", []),
    ("elasticsearch", "text_embedding", {}, {}, "8.17",
     [("field.missing", "service_settings")] * 2 + [("rule.one-of", "service_settings")]),
    ("elasticsearch", "text_embedding", without(OWN, "num_allocations"), {}, "8.17", [("rule.one-of", "service_settings")]),
    ("elasticsearch", "text_embedding", without(OWN, "num_allocations") | {"adaptive_allocations": ADAPTIVE}, {}, "8.17", []),
    ("elasticsearch", "text_embedding", OWN | {"adaptive_allocations": ADAPTIVE}, {}, "8.17",
     [("rule.exclusive", "service_settings.num_allocations")]),
    ("elasticsearch", "text_embedding", OWN | {"adaptive_allocations": {"enabled": False}}, {}, "8.17", []),
    ("elasticsearch", "text_embedding",
     without(OWN, "num_allocations") | {"adaptive_allocations": ADAPTIVE | {"min_number_of_allocations": 5}}, {}, "8.17",
     [("field.range", "service_settings.adaptive_allocations.min_number_of_allocations=")]),
    ("elasticsearch", "text_embedding", OWN | {"num_threads": 3}, {}, "8.17",
     [("field.range", "service_settings.num_threads=")]),
    ("elasticsearch", "text_embedding", OWN | {"num_threads": 16}, {}, "8.17", []),
    ("elasticsearch", "text_embedding", OWN | {"model_id": ".elser_model_2_linux-x86_64"}, {}, "8.17",
     [("rule.model-task", "service_settings.model_id=")]),
    ("elasticsearch", "rerank", OWN | {"model_id": ".rerank-v1"}, {}, "8.17", []),
    ("elasticsearch", "text_embedding", OWN | {"similarity": "cosine"}, {}, "8.17", []),
    ("elasticsearch", "text_embedding", OWN | {"model_id": ".multilingual-e5-small", "similarity": "cosine"}, {}, "8.17",
     [("rule.combination", "service_settings.similarity")]),
    ("elasticsearch", "text_embedding", {"deployment_id": "d", "similarity": "cosine"}, {}, "8.17",
     [("rule.combination", "service_settings.similarity")]),
    ("elasticsearch", "rerank", OWN | {"long_document_strategy": "chunk", "max_chunks_per_doc": 3}, {}, "9.2", []),
    ("elasticsearch", "rerank", OWN | {"max_chunks_per_doc": 3}, {}, "9.2",
     [("rule.combination", "service_settings.max_chunks_per_doc")]),
    ("elser", "sparse_embedding", {"num_threads": 1, "num_allocations": 1}, {}, "8.17", []),
    ("elser", "sparse_embedding", {"num_threads": 1}, {}, "8.17", [("rule.one-of", "service_settings")]),
    ("elser", "sparse_embedding", {"num_threads": 6, "num_allocations": 1}, {}, "8.17",
     [("field.range", "service_settings.num_threads=")]),
    ("elser", "sparse_embedding", {"num_threads": 1, "num_allocations": 1, "adaptive_allocations": ADAPTIVE}, {}, "8.17",
     [("rule.exclusive", "service_settings.num_allocations")]),
    # the rest
    ("anthropic", "completion", {"api_key": KEY, "model_id": "m"}, {"max_tokens": 1, "top_k": 1}, "9.5", []),
    ("anthropic", "completion", {"api_key": KEY, "model_id": "m"}, {"max_tokens": 1, "top_k": 1, "top_p": 0.5}, "9.5",
     [("rule.exclusive", "task_settings.top_k")]),
    ("anthropic", "completion", {"api_key": KEY, "model_id": "m"}, {}, "8.17", [("field.missing", "task_settings")]),
    ("elastic", "chat_completion", ELASTIC, {"reasoning": {"enabled": False, "effort": "none"}}, "9.5", []),
    ("elastic", "chat_completion", ELASTIC, {"reasoning": {"enabled": False}}, "9.5",
     [("field.missing", "task_settings.reasoning")]),
    ("elastic", "rerank", ELASTIC | {"rate_limit": {"requests_per_minute": 5}}, {}, "9.1", []),
    ("elastic", "rerank", ELASTIC | {"rate_limit": {"requests_per_minute": 5}}, {}, "9.2",
     [("field.removed", "service_settings.rate_limit")]),
    ("custom", "completion", CUSTOM | {"secret_parameters": {"a": KEY}}, {"parameters": {"b": 1}}, "9.5", []),
    ("custom", "completion", CUSTOM | {"secret_parameters": {"a": KEY}}, {"parameters": {"a": 1}}, "9.5",
     [("rule.exclusive", "task_settings.parameters.a")]),
    ("custom", "completion", CUSTOM | {"secret_parameters": {"a": KEY}, "url": "https://u/${a}"}, {}, "9.5",
     [("secret.in-url", "service_settings.url=")]),
    ("custom", "completion", CUSTOM | {"secret_parameters": {"a": KEY}, "query_parameters": [["q", "${a}"]]}, {}, "9.5",
     [("secret.in-url", "service_settings.query_parameters=")]),
    ("custom", "completion", CUSTOM | {"secret_parameters": {"a": KEY}, "url": "https://u/${b}"}, {}, "9.5", []),
    ("custom", "completion", CUSTOM | {"response": {"json_parser": {"text_embeddings": "$.a"}}}, {}, "9.5",
     [("field.task-type", "service_settings.response.json_parser.text_embeddings"),
      ("field.missing", "service_settings.response.json_parser")]),
    ("cohere", "rerank", {"api_key": KEY}, {}, "8.18", []),
    ("cohere", "rerank", {"api_key": KEY}, {}, "8.19", [("field.missing", "service_settings")]),
    ("cohere", "rerank", {"api_key": KEY}, {}, "9.0", []),
    ("cohere", "rerank", {"api_key": KEY, "model": "m"}, {}, "9.5", []),
    ("cohere", "rerank", {"api_key": KEY, "model": "m", "model_id": "m"}, {}, "9.5",
     [("rule.exclusive", "service_settings.model")]),
    ("cohere", "rerank", {"api_key": KEY, "model": 7}, {}, "9.5", [("field.type", "service_settings.model=")]),
    ("openai", "completion", {"api_key": KEY}, {"model": "m"}, "9.5", []),
    ("openai", "completion", {"api_key": KEY}, {"model_id": "m"}, "9.5", []),
    ("openai", "completion", {"api_key": KEY, "model_id": "m"}, {"model": "m"}, "9.5",
     [("rule.exclusive", "task_settings.model")]),
    ("hugging_face", "sparse_embedding", {"api_key": KEY, "url": "https://u", "max_input_tokens": 5}, {}, "9.5",
     [("field.not-accepted", "service_settings.max_input_tokens")]),
    ("hugging_face", "text_embedding", {"api_key": KEY, "url": "https://u", "max_input_tokens": 5}, {}, "9.5", []),
]  # fmt: skip


def written(service: str, task: str, settings: Settings, task_settings: Settings) -> str:
    """A file with a line for each leaf, so that the line says which one a diagnostic means."""
    return json.dumps(
        {"inference_id": "e", "task_type": task, "service": service, "service_settings": settings,
         "task_settings": task_settings}, indent=1,
    )  # fmt: skip


def place(text: str, path: str) -> tuple[int, int]:
    """Line and column of the key that a dotted path ends with; of its value where the path ends with "="."""
    lines, line = text.splitlines(), 0
    for depth, name in enumerate(path.rstrip("=").split("."), 1):
        line = next(i for i in range(line, len(lines)) if lines[i].startswith(f'{" " * depth}"{name}": '))
    key = lines[line].index('"')
    return line + 1, (key + len(path.rstrip("=").split(".")[-1]) + 4 if path.endswith("=") else key) + 1


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}-{c[1]}-{c[4]}-{i}" for i, c in enumerate(CASES)])
def test_rule(case: tuple[str, str, Settings, Settings, str, list[tuple[str, str]]]) -> None:
    service, task, settings, task_settings, version, expected = case
    text = written(service, task, settings, task_settings)
    found = read_file("f.yaml", text.encode(), Version.parse(version)).diagnostics
    got = sorted((d.code, d.span.line, d.span.column) for d in found)
    assert got == sorted((code, *place(text, path)) for code, path in expected), render_all(found)
    assert all(d.why and d.fixes for d in found)
    left = left_over(json.loads(text), *endpoint_reader(json.loads(text), Version.parse(version)))
    assert not any(left.values()), left


def test_every_rule_of_every_page_is_broken_above() -> None:
    silent = {(name, i) for name in service_names() for i in range(len(page(name).conditions))}
    for service, task, settings, task_settings, version, _ in CASES:
        named = page(service).named(task, settings, task_settings)
        given = {part: named.part(part) for part in ("service_settings", "task_settings")}
        known = {part: page(service).fields(part, task) for part in given}
        asked = Asked(service, task, known, given, Version.parse(version))
        silent -= {(service, i) for i, rule in enumerate(page(service).conditions) if rule(asked)}
    assert silent == set()


def test_every_rule_says_what_it_wants() -> None:
    texts = [str(rule) for name in service_names() for rule in page(name).conditions]
    assert all(len(text) > 15 and "None" not in text for text in texts)
    assert "exactly one of api_key, client_secret" in texts
    assert "location must be given for text_embedding, until 9.4" in texts
    assert (
        "model_id and project_id must be given for chat_completion and completion, where provider is google or unset"
        in texts
    )


def test_what_is_required_under_a_condition_says_when() -> None:
    openai = page("openai").service_settings
    assert required_text(openai["api_key"]) == "exactly one of api_key, client_secret"
    assert required_text(openai["token_url"]) == "with client_secret, client_id, scopes"
    assert required_text(page("elasticsearch").service_settings["num_threads"]) == "without deployment_id"


def test_what_is_required_from_a_version_on() -> None:
    cohere = page("cohere").service_settings["model_id"]
    assert [cohere.required_in(Version.parse(text)) for text in ("8.18", "8.19", "9.0", "9.1")] == [
        False,
        True,
        False,
        True,
    ]
    assert cohere.required_in(NEWEST)


def test_a_combination_that_a_newer_server_may_take_goes_through_on_request() -> None:
    studio = STUDIO | {"provider": "openai"}
    settings = SAGEMAKER | {"api": "elastic"}
    for case in (("azureaistudio", "rerank", studio, {}), ("amazon_sagemaker", "completion", settings, {"user": "u"})):
        document = json.loads(written(*case))
        assert read_file("f.yaml", json.dumps(document).encode()).failed
        assert not read_file("f.yaml", json.dumps({**document, "passthrough": True}).encode()).failed
