"""Rules between the settings of a service, and what single services do differently."""

from __future__ import annotations

from typing import Any

import pytest
from tests.agreement import pages
from tests.factories import without
from tests.tables import rows

from inferctl.model.versions import Version

from . import catalogue
from .api import KEY, VERSIONS, Api, in_each, known, versions

VALID, STATUS = "validation_exception", "status_exception"


def put(version: str, service: str, task: str, settings: dict[str, Any], task_settings: Any = None) -> Any:
    body = {"service": service, "service_settings": settings}
    if task_settings is not None:
        body["task_settings"] = task_settings
    return Api(version)("PUT", f"/_inference/{task}/ep", body)


# --- providers: the pages say who offers what


def words(service: str, task: str, name: str) -> tuple[str, ...]:
    return catalogue.fields(service, "service_settings", task, "9.5")[name].words


def page_takes(version: str, service: str, task: str, settings: dict[str, Any], task_settings: Any = None) -> bool:
    asked = {"service_settings": settings, "task_settings": task_settings or {}}
    return not pages.refuses(service, task, asked, Version.parse(version))


def bedrock(provider: str) -> dict[str, Any]:
    return {"access_key": "a", "secret_key": "s", "region": "r", "model": "m", "provider": provider}


@in_each()
@pytest.mark.parametrize("provider", words("amazonbedrock", "completion", "provider"))
@pytest.mark.parametrize("task", ["text_embedding", "completion", "chat_completion"])
def test_bedrock_providers(version: str, provider: str, task: str) -> None:
    """Which provider offers what; shown in upper case."""
    if task == "chat_completion" and not known(version, "9.4"):
        return
    answer = put(version, "amazonbedrock", task, bedrock(provider))
    if page_takes(version, "amazonbedrock", task, bedrock(provider)):
        assert answer.body["service_settings"]["provider"] == provider.upper()
    else:
        assert (answer.status, answer.type) == (400, STATUS)
        assert f"[{task}]" in answer.reason
        assert f"[{provider}]" in answer.reason


@pytest.mark.parametrize(
    ("task", "setting", "value", "since"),
    [("completion", "top_k", 0.5, ""), ("text_embedding", "truncate", "start", "8.19/9.1")],
)
@in_each()
def test_bedrock_settings_of_some_providers(every: Api, task: str, setting: str, value: Any, since: str) -> None:
    """create.md#refused-settings: top_k and truncate."""
    if not known(every.version, since):
        return
    for provider in words("amazonbedrock", task, "provider"):
        if not page_takes(every.version, "amazonbedrock", task, bedrock(provider)):
            continue
        answer = put(every.version, "amazonbedrock", task, bedrock(provider), {setting: value})
        if page_takes(every.version, "amazonbedrock", task, bedrock(provider), {setting: value}):
            assert answer.body["task_settings"] == {setting: value}
        else:
            assert (answer.status, answer.type) == (400, STATUS)
            assert f"[{setting}]" in answer.reason
            assert f"[{provider}]" in answer.reason


@rows(
    (version, task, kind, provider)
    for version in VERSIONS
    for task in ("text_embedding", "completion", "rerank")
    if task != "rerank" or known(version, "9.2")
    for kind in ("token", "realtime")
    for provider in words("azureaistudio", "completion", "provider")
)
def test_azureaistudio_providers(version: str, task: str, kind: str, provider: str) -> None:
    """By endpoint type."""
    settings = {"api_key": KEY, "target": "https://t", "provider": provider, "endpoint_type": kind}
    answer = put(version, "azureaistudio", task, settings)
    if page_takes(version, "azureaistudio", task, settings):
        assert answer.status == 200
    else:
        assert (answer.status, answer.type) == (400, STATUS)
        assert f"[{task}]" in answer.reason
        assert f"[{provider}]" in answer.reason


# --- amazon_sagemaker


def sagemaker(api: str, **more: Any) -> dict[str, Any]:
    return {"access_key": "a", "secret_key": "s", "endpoint_name": "e", "region": "r", "api": api, **more}


@in_each(versions("8.19/9.1"))
def test_sagemaker_elastic_embeddings(version: str) -> None:
    """With api elastic, element_type is required, and from 9.4 similarity."""
    answer = put(version, "amazon_sagemaker", "text_embedding", sagemaker("elastic", similarity="cosine"))
    assert (answer.status, answer.type) == (400, VALID)
    assert "[service_settings] does not contain the required setting [element_type]" in answer.reason
    answer = put(version, "amazon_sagemaker", "text_embedding", sagemaker("elastic", element_type="float"))
    if known(version, "9.4"):
        assert "[service_settings] does not contain the required setting [similarity]" in answer.reason
    settings = sagemaker("elastic", element_type="float", similarity="cosine")
    assert put(version, "amazon_sagemaker", "text_embedding", settings).status == 200
    assert put(version, "amazon_sagemaker", "completion", sagemaker("elastic")).status == 200


# --- azureopenai and openai: exactly one secret


def azureopenai(**secrets: Any) -> dict[str, Any]:
    return {"resource_name": "r", "deployment_id": "d", "api_version": "v", **secrets}


OAUTH = {"client_id": "i", "scopes": ["s"], "tenant_id": "t"}


@in_each()
@pytest.mark.parametrize(
    ("secrets", "good"),
    [({"api_key": "a"}, True), ({"entra_id": "e"}, True), ({}, False), ({"api_key": "a", "entra_id": "e"}, False)],
)
def test_azureopenai_secrets(version: str, secrets: dict[str, Any], good: bool) -> None:
    """Catalogue, secret_count: the received ones are named."""
    answer = put(version, "azureopenai", "completion", azureopenai(**secrets))
    if good:
        assert answer.status == 200
        return
    names = "api_key, entra_id, client_secret" if known(version, "9.4") else "api_key, entra_id"
    received = ", ".join(secrets)
    text = f"[secret_settings] must have exactly one of [{names}] field set, received: [{received}]"
    assert answer.brief() == (400, VALID, f"Validation Failed: 1: {text};")


@in_each(versions("9.4"))
@pytest.mark.parametrize("missing", [*OAUTH, None])
def test_azureopenai_oauth(version: str, missing: str | None) -> None:
    """Catalogue, oauth_incomplete: client_secret needs its companions, which are shown."""
    given = {name: value for name, value in OAUTH.items() if name != missing}
    answer = put(version, "azureopenai", "completion", azureopenai(client_secret="c", **given))
    if missing is None:
        assert OAUTH.items() <= answer.body["service_settings"].items()
        assert "client_secret" not in answer.body["service_settings"]
    else:
        assert (answer.status, answer.type) == (400, VALID)
        assert f"[{missing}]" in answer.reason


@pytest.mark.parametrize(
    ("secrets", "good"), [({"api_key": KEY}, True), ({}, False), ({"api_key": KEY, "client_secret": "c"}, False)]
)
def test_openai_secrets_on_9_5(secrets: dict[str, Any], good: bool) -> None:
    """From 9.5 one of api_key and client_secret."""
    assert put("9.5", "openai", "completion", {"model_id": "m", **secrets}).status == (200 if good else 400)


@pytest.mark.parametrize("missing", ["client_id", "scopes", "token_url", None])
def test_openai_oauth(missing: str | None) -> None:
    """The page of each service."""
    oauth = {"client_id": "i", "scopes": ["s"], "token_url": "https://t"}
    given = {name: value for name, value in oauth.items() if name != missing}
    answer = put("9.5", "openai", "completion", {"model_id": "m", "client_secret": "c", **given})
    assert answer.status == (200 if missing is None else 400)
    assert missing is None or f"[{missing}]" in answer.reason


@in_each()
@pytest.mark.parametrize("name", ["model", "model_id"])
def test_openai_model_in_task_settings(version: str, name: str) -> None:
    """Catalogue, renames: where 8.12 had it; it comes back under service_settings."""
    answer = put(version, "openai", "completion", {"api_key": KEY}, {name: "m", "user": "u"})
    assert answer.body["service_settings"]["model_id"] == "m"
    assert answer.body["task_settings"] == {"user": "u"}


# --- googlevertexai

VERTEX = {"service_account_json": KEY, "project_id": "p", "location": "l", "model_id": "m"}
GARDEN = {"service_account_json": KEY, "provider": "anthropic"}


VERTEX_CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    # task, settings, first line that takes them, first line that refuses them, named in the refusal
    ("text_embedding", VERTEX, "", "", ""),
    ("text_embedding", without(VERTEX, "model_id"), "never", "", "model_id"),
    ("text_embedding", without(VERTEX, "project_id"), "never", "", "project_id"),
    ("text_embedding", without(VERTEX, "location"), "9.5", "", "location"),
    ("rerank", without(VERTEX, "location", "model_id"), "", "", ""),
    ("rerank", without(VERTEX, "project_id"), "never", "", "project_id"),
    ("completion", without(VERTEX, "location"), "9.5", "8.19/9.1", "location"),
    ("completion", without(VERTEX, "model_id"), "never", "8.19/9.1", "model_id"),
    ("completion", {**GARDEN, "url": "http://x"}, "9.2", "", ""),
    ("chat_completion", {**GARDEN, "streaming_url": "http://x"}, "9.2", "", ""),
    ("completion", GARDEN, "never", "9.2", "url"),
    ("completion", {**VERTEX, "url": "http://x"}, "never", "9.2", "url"),
    ("text_embedding", {**VERTEX, "location": ""}, "never", "", "location"),
]


@in_each()
@pytest.mark.parametrize(("task", "settings", "good_since", "bad_since", "name"), VERTEX_CASES)
def test_vertex(version: str, task: str, settings: Any, good_since: str, bad_since: str, name: str) -> None:
    """What is required by task type, provider and version."""
    if good_since != "never" and known(version, good_since):
        assert put(version, "googlevertexai", task, settings).status == 200
    elif known(version, bad_since):
        answer = put(version, "googlevertexai", task, settings)
        assert answer.status == 400
        assert name in answer.reason


@in_each(versions("8.19/9.1"))
def test_vertex_provider_is_filled(version: str) -> None:
    """create.md#defaults: GOOGLE on completion and chat_completion from 9.2."""
    shown = put(version, "googlevertexai", "completion", VERTEX).body["service_settings"]
    assert shown.get("provider") == ("GOOGLE" if known(version, "9.2") else None)


# --- similarity by embedding type (create.md#defaults)


@pytest.mark.parametrize(
    ("embedding_type", "similarity"), [("float", "dot_product"), ("bit", "l2_norm"), ("binary", "l2_norm")]
)
def test_jinaai_similarity(embedding_type: str, similarity: str) -> None:
    """create.md#defaults: l2_norm for bit and binary; the chosen word is kept."""
    settings = {"api_key": KEY, "model_id": "m", "embedding_type": embedding_type}
    shown = put("9.5", "jinaai", "text_embedding", settings).body["service_settings"]
    assert (shown["similarity"], shown["embedding_type"]) == (similarity, embedding_type)


@pytest.mark.parametrize("word", ["float", "int8", "byte", "bit", "binary"])
def test_voyageai_keeps_its_words(word: str) -> None:
    """Catalogue: GET repeats the chosen word; dot_product for all."""
    settings = {"api_key": KEY, "model_id": "m", "embedding_type": word}
    shown = put("9.5", "voyageai", "text_embedding", settings).body["service_settings"]
    assert (shown["similarity"], shown["embedding_type"]) == ("dot_product", word)


@in_each()
def test_cohere(version: str) -> None:
    """Catalogue: `model` is an alias; int8 becomes byte, binary bit; the url is hidden from about 9.5."""
    settings = {"api_key": KEY, "model": "m", "url": "http://x", "embedding_type": "INT8"}
    shown = put(version, "cohere", "text_embedding", settings).body["service_settings"]
    assert (shown["model_id"], shown["embedding_type"]) == ("m", "byte")
    assert "model" not in shown
    assert ("url" in shown) == (not known(version, "9.5"))
    assert shown["similarity"] in {"cosine", "dot_product"}


@in_each()
def test_cohere_model_id(version: str) -> None:
    """create.md#defaults: required from 8.19 and 9.1 on."""
    answer = put(version, "cohere", "completion", {"api_key": KEY})
    if known(version, "8.19/9.1"):
        wanted = "The [service_settings.model_id] field is required for the Cohere V2 API."
        numbered = f"Validation Failed: 1: {wanted};"
        kind, reason = (
            ("illegal_argument_exception", wanted) if version == "9.5" else ("validation_exception", numbered)
        )
        assert answer.brief() == (400, kind, reason)
    else:
        assert answer.status == 200


def test_cohere_bits() -> None:
    """Catalogue: l2_norm for bit in the newest source."""
    settings = {"api_key": KEY, "model_id": "m", "embedding_type": "bit"}
    shown = put("9.5", "cohere", "text_embedding", settings).body["service_settings"]
    assert (shown["similarity"], shown["embedding_type"]) == ("l2_norm", "bit")


# --- anthropic


@in_each()
def test_anthropic_numbers(version: str) -> None:
    """Catalogue: an integer literal is no floating-point value there."""
    settings = {"api_key": KEY, "model_id": "m"}
    answer = put(version, "anthropic", "completion", settings, {"max_tokens": 1, "temperature": 1})
    assert answer.status == 400
    assert "field [temperature] is not of the expected type." in answer.reason
    good = put(version, "anthropic", "completion", settings, {"max_tokens": 1, "temperature": 1.0})
    assert good.body["task_settings"] == {"max_tokens": 1, "temperature": 1.0}
    assert b'"temperature":1.0' in good.raw


def test_anthropic_top_k() -> None:
    """Catalogue: comes back under top_p (a bug of the server)."""
    settings = {"api_key": KEY, "model_id": "m"}
    answer = put("9.5", "anthropic", "completion", settings, {"max_tokens": 1, "top_k": 5})
    assert answer.body["task_settings"] == {"max_tokens": 1, "top_p": 5}


# --- custom


@in_each(versions("8.19/9.1"))
@pytest.mark.parametrize("task", catalogue.JSON_PATHS)
def test_custom_paths(version: str, task: str) -> None:
    """Catalogue: each task type has its own required JSONPaths."""
    whole = catalogue.body("custom", task, version)
    for path in {"rerank": ["relevance_score"]}.get(task, list(catalogue.JSON_PATHS[task])):
        parser = without(catalogue.JSON_PATHS[task], path)
        settings = {**whole["service_settings"], "response": {"json_parser": parser}}
        answer = put(version, "custom", task, settings)
        assert answer.status == 400
        assert f"[{path}]" in answer.reason
    answer = put(version, "custom", task, {**whole["service_settings"], "response": {}})
    assert answer.status == 400
    assert "[json_parser]" in answer.reason


@in_each([*versions("8.19/9.1"), "9.4.8", "9.5.2"])
def test_a_parameter_with_the_name_of_a_secret(version: str) -> None:
    """update.md#task-settings: on PUT and on UPDATE, from the patches that have it; 9.4 here is 9.4.0."""
    whole = catalogue.body("custom", "completion", version)
    settings = {**whole["service_settings"], "secret_parameters": {"token": "x"}}
    body = {**whole, "service_settings": settings, "task_settings": {"parameters": {"token": "y", "other": 1}}}
    api = Api(version)
    refused = api("PUT", "/_inference/completion/ep", body)
    good = {**body, "task_settings": {"parameters": {"other": 1}}}
    assert api("PUT", "/_inference/completion/good", good).status == 200
    change = {
        "service_settings": {"secret_parameters": {"token": "z"}},
        "task_settings": {"parameters": {"token": "y"}},
    }
    changed = api.update("completion", "good", change)
    if version.startswith("9.5") or version == "9.4.8":
        for answer in (refused, changed):
            assert (answer.status, answer.type) == (400, "validation_exception")
            assert "[parameters] must not have the names of secret_parameters: [token]" in answer.reason
        assert api.update("completion", "good", {"task_settings": {"parameters": {"token": "y"}}}).status == 400
    else:
        assert (refused.status, changed.status) == (200, 200)


@in_each(["8.19", "9.1", "9.2", "9.5"])
def test_custom_defaults(version: str) -> None:
    """Catalogue: input_type, batch_size and (9.2) embedding_type are filled; empty headers vanish."""
    whole = catalogue.body("custom", "text_embedding", version)
    shown = put(version, "custom", "text_embedding", {**whole["service_settings"], "headers": {}}).body
    settings = shown["service_settings"]
    assert settings["input_type"] == {"translation": {}, "default": ""}
    assert settings["batch_size"] == 10
    assert "headers" not in settings
    assert settings["response"]["json_parser"].get("embedding_type") == ("float" if known(version, "9.2") else None)


# --- odds and ends


def test_openshift_shows_the_flag() -> None:
    """Catalogue: `dimensions_set_by_user` is shown there, and refused on PUT."""
    settings = {"api_key": KEY, "url": "http://x"}
    shown = put("9.5", "openshift_ai", "text_embedding", settings).body["service_settings"]
    given = put("9.5", "openshift_ai", "text_embedding", {**settings, "dimensions": 8}).body["service_settings"]
    assert (shown["dimensions_set_by_user"], given["dimensions_set_by_user"]) == (False, True)


@in_each()
def test_hugging_face_sparse(version: str) -> None:
    """Catalogue: max_input_tokens 512."""
    for service in ("hugging_face", "hugging_face_elser"):
        shown = put(version, service, "sparse_embedding", {"api_key": KEY, "url": "http://x"}).body
        assert shown["service_settings"]["max_input_tokens"] == 512


@in_each()
def test_googleaistudio_hides_a_rate_limit(version: str) -> None:
    """Catalogue: stored but not shown for text_embedding before about 9.5."""
    settings = {"api_key": KEY, "model_id": "m", "rate_limit": {"requests_per_minute": 7}}
    shown = put(version, "googleaistudio", "text_embedding", settings).body["service_settings"]
    assert ("rate_limit" in shown) == known(version, "9.5")


@in_each(versions("9.4"))
def test_fireworksai_url(version: str) -> None:
    """Catalogue: filled for text_embedding only."""
    settings = {"api_key": KEY, "model_id": "m"}
    shown = put(version, "fireworksai", "text_embedding", settings).body["service_settings"]
    assert shown["url"] == "https://api.fireworks.ai/inference/v1/embeddings"
    assert "url" not in put(version, "fireworksai", "completion", settings).body["service_settings"]


@in_each(versions("9.2"))
def test_contextualai_url(version: str) -> None:
    """Until 9.4; an unknown key from 9.5."""
    settings = {"api_key": KEY, "model_id": "m", "url": "http://x"}
    assert put(version, "contextualai", "rerank", settings).status == (400 if known(version, "9.5") else 200)


@in_each(versions("9.2"))
def test_llama_without_a_secret(version: str) -> None:
    """Works with and without."""
    settings = {"url": "http://x", "model_id": "m"}
    assert put(version, "llama", "completion", settings).status == 200
    assert put(version, "llama", "completion", {**settings, "api_key": KEY}).status == 200


@in_each(versions("8.19/9.1"))
def test_deepseek_has_no_rate_limit(version: str) -> None:
    """An unknown key."""
    settings = {"api_key": KEY, "model_id": "m"}
    assert "rate_limit" not in put(version, "deepseek", "completion", settings).body["service_settings"]
    answer = put(version, "deepseek", "completion", {**settings, "rate_limit": {"requests_per_minute": 1}})
    assert answer.status == 400
    assert "{rate_limit={requests_per_minute=1}}" in answer.reason
