"""The fifteen differences between PUT and GET that look like drift and are none (docs/reference/server/false-drift.md).

One test for each, under its number there: what a file says against what GET shows plans no step, or the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import desired, observed

from inferctl.model.chunking import GROUPS
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.model.services import find, service_names
from inferctl.planner.action import Action
from inferctl.report.diagnostics import render_all
from inferctl.workspace.endpoint_file import read_file

from .worlds import RESET, plan_of

if TYPE_CHECKING:
    from inferctl.planner.change import Change

KEY = {"env": "K"}
SENTENCE = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
LIMIT = {"requests_per_minute": 500}
EMBEDDING = {"task_type": "text_embedding"}
IN_CLUSTER = {"task_type": "sparse_embedding", "service": "elasticsearch"}
ELSER = {"model_id": ".elser_model_2", "num_threads": 1}


def change_of(wanted: dict[str, Any], shown: dict[str, Any], version: str = "9.5") -> Change:
    """The step for an endpoint that says `wanted` and that GET shows as `shown`."""
    (change,) = plan_of([desired(**wanted)], [observed(**shown)], version, allow_replace=True).changes
    return change


def changed(wanted: dict[str, Any], shown: dict[str, Any], version: str = "9.5") -> list[str]:
    """The fields that the plan would change."""
    change = change_of(wanted, shown, version)
    assert (change.action is Action.NOOP) == (not change.fields)
    return [".".join(map(str, field.path)) for field in change.fields]


def test_01_secrets_never_come_back() -> None:
    for name in service_names():
        service = find(name)
        assert service is not None
        for task in service.task_types:
            secrets = service.secret_fields(task)
            settings: dict[str, Any] = dict.fromkeys(secrets, KEY)
            wanted = {"service": name, "task_type": task, "settings": settings}
            shown = {"service": service.observed_name, "task_type": task, "settings": {"model_id": "m"}}
            assert changed(wanted, shown) == []
    bedrock = {"access_key": KEY, "secret_key": KEY, "model": "m"}
    bedrock_shown = {"service": "amazonbedrock", "settings": {"model": "m"}}
    change = change_of({"service": "amazonbedrock", "settings": bedrock}, bedrock_shown)
    assert "K" not in repr(change.fields)


@pytest.mark.parametrize(
    ("version", "action"), [("9.3", Action.REPLACE), ("9.4", Action.REPLACE), ("9.5", Action.UPDATE)]
)
def test_02_an_update_that_is_ignored_is_a_replacement(version: str, action: Action) -> None:
    wanted = {"settings": {"model_id": "m", "api_key": KEY, "rate_limit": {"requests_per_minute": 7}}}
    change = change_of(wanted, {}, version)
    assert change.action is action
    ai21 = {"service": "ai21", "settings": {"model_id": "m", "api_key": KEY, "rate_limit": {"requests_per_minute": 7}}}
    early = change_of(ai21, {"service": "ai21"}, version)
    assert early.action is (Action.REPLACE if version == "9.3" else Action.UPDATE)
    if action is Action.REPLACE:
        assert "in place from 9.5" in change.reasons[0]
    if version == "9.4":  # the secret must be there again
        body: Any = early.update_body
        assert set(body["service_settings"]) == {"api_key", "rate_limit"}


def test_03_rate_limits_are_filled_in_and_sometimes_hidden() -> None:
    for name in service_names():
        service = find(name)
        assert service is not None
        for task, facts in service.task_types.items():
            shown: dict[str, Any] = {"model_id": "m"}
            if facts.rate_limit:
                shown["rate_limit"] = {"requests_per_minute": facts.rate_limit}
            wanted = {"service": name, "task_type": task, "settings": {"model_id": "m"}}
            assert changed(wanted, {"service": service.observed_name, "task_type": task, "settings": shown}) == []
    google = {"service": "googleaistudio", **EMBEDDING}
    limited = {**google, "settings": {"model_id": "m", "api_key": KEY, "rate_limit": LIMIT}}
    hidden = change_of(limited, {**google, "settings": {"model_id": "m"}}, "9.1")
    assert hidden.action is Action.NOOP
    assert "does not show service_settings.rate_limit" in " ".join(hidden.warnings)
    seen = {**google, "settings": {"model_id": "m", "rate_limit": {"requests_per_minute": 360}}}
    assert changed(limited, seen) == ["service_settings.rate_limit.requests_per_minute"]


def test_04_similarity_and_dimensions_come_from_the_probe() -> None:
    shown: dict[str, Any] = {
        **EMBEDDING,
        "settings": {"model_id": "m", "similarity": "dot_product", "dimensions": 1536, "rate_limit": LIMIT},
    }
    assert changed({**EMBEDDING}, shown) == []
    named = {**EMBEDDING, "settings": {"model_id": "m", "similarity": "Dot_Product", "dimensions": 1536}}
    assert changed(named, shown) == []
    other = {**EMBEDDING, "settings": {"model_id": "m", "dimensions": 512}}
    assert changed(other, shown) == ["service_settings.dimensions"]
    flag = {**shown, "service": "openshift_ai", "settings": {**shown["settings"], "dimensions_set_by_user": False}}
    assert changed({**named, "service": "openshift_ai"}, flag) == []


def test_05_chunking_is_filled_in() -> None:
    for filled in (SENTENCE, RESET):  # the second on endpoints made before 8.16
        assert changed({**EMBEDDING}, {**EMBEDDING, "chunking": filled}) == []
    short = {"strategy": "sentence", "max_chunk_size": 250}
    assert changed({**EMBEDDING, "chunking": short}, {**EMBEDDING, "chunking": SENTENCE}) == []
    assert change_of({**EMBEDDING, "chunking": short}, {**EMBEDDING, "chunking": RESET}, "9.5").action is Action.UPDATE


def test_06_a_separator_group_comes_back_expanded() -> None:
    def recursive(**more: Any) -> dict[str, Any]:
        return {**EMBEDDING, "chunking": {"strategy": "recursive", "max_chunk_size": 100, **more}}

    markdown, plaintext = (recursive(separators=list(GROUPS[name])) for name in ("markdown", "plaintext"))
    assert changed(recursive(separator_group="markdown"), markdown) == []
    assert changed(recursive(separator_group="plaintext"), plaintext) == []
    assert changed(recursive(), plaintext) == []
    assert changed(recursive(separator_group="markdown"), plaintext) == ["chunking_settings.separator_group"]
    assert changed(recursive(), recursive(separators=["x"])) == ["chunking_settings.separator_group"]
    assert changed(recursive(separators=["x"]), recursive(separators=["x"])) == []
    assert changed(recursive(separators=["x"]), markdown) == ["chunking_settings.separators"]


@pytest.mark.parametrize(
    ("version", "action", "warned"),
    [("8.17", Action.REPLACE, False), ("8.18", Action.REPLACE, False), ("9.0", Action.REPLACE, False),
     ("9.1", Action.REPLACE, False), ("8.19", Action.UPDATE, True), ("9.2", Action.UPDATE, True),
     ("9.3", Action.UPDATE, True), ("9.4", Action.UPDATE, False), ("9.5", Action.UPDATE, False)],
)  # fmt: skip
def test_07_any_update_may_reset_chunking(version: str, action: Action, *, warned: bool) -> None:
    change = change_of({**EMBEDDING, "task": {"user": "u"}}, {**EMBEDDING, "chunking": SENTENCE}, version)
    assert change.action is action
    assert any("reset chunking_settings" in text for text in change.warnings) is warned
    assert (action is Action.UPDATE) or any("resets chunking_settings" in text for text in change.reasons)
    bare = change_of({**EMBEDDING, "task": {"user": "u"}}, {**EMBEDDING, "chunking": RESET}, version)
    assert bare.action is Action.UPDATE  # nothing to lose


@pytest.mark.parametrize("model", [".elser_model_2", ".elser_model_2_linux-x86_64"])
def test_08_elser_comes_back_as_elasticsearch(model: str) -> None:
    wanted: dict[str, Any] = {
        "task_type": "sparse_embedding",
        "service": "elser",
        "settings": {"num_threads": 1, "num_allocations": 1},
    }
    shown = {**IN_CLUSTER, "settings": {"model_id": model, "num_threads": 1, "num_allocations": 1}}
    assert changed(wanted, shown) == []
    named = {**wanted, "settings": {**wanted["settings"], "model_id": ".elser_model_2"}}
    assert changed(named, shown) == ([] if model == ".elser_model_2" else ["service_settings.model_id"])


def test_09_allocations_are_live_and_belong_to_the_deployment() -> None:
    adaptive = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
    scaling = {**IN_CLUSTER, "settings": {**ELSER, "adaptive_allocations": adaptive}}
    for number in (0, 1, 4):
        shown = {**IN_CLUSTER, "settings": {**ELSER, "num_allocations": number, "adaptive_allocations": adaptive}}
        assert changed(scaling, shown) == []
    fixed = {**IN_CLUSTER, "settings": {**ELSER, "num_allocations": 2}}
    assert changed(fixed, {**IN_CLUSTER, "settings": {**ELSER, "num_allocations": 1}}) == [
        "service_settings.num_allocations"
    ]
    attached = {**ELSER, "num_allocations": 7, "deployment_id": "d", "adaptive_allocations": adaptive}
    assert changed({**IN_CLUSTER, "settings": {"deployment_id": "d"}}, {**IN_CLUSTER, "settings": attached}) == []
    sized = {**IN_CLUSTER, "settings": {"deployment_id": "d", "num_allocations": 1, "num_threads": 4}}
    assert changed(sized, {**IN_CLUSTER, "settings": attached}) == []


def test_10_task_settings_grow_vanish_and_move() -> None:
    rerank = {"task_type": "rerank", "service": "elasticsearch", "settings": {**ELSER, "num_allocations": 1}}
    assert changed(rerank, {**rerank, "task": {"return_documents": True}}) == []
    azure = {"service": "azureaistudio", "settings": {"target": "https://t"}}
    assert changed(azure, {**azure, "task": {"max_new_tokens": 64}}) == []
    assert changed({"task": {"headers": {}}}, {}) == []
    assert changed({}, {"task": {}}) == []
    claude = {"service": "anthropic", "settings": {"model_id": "m"}}
    wanted = {**claude, "settings": {"model_id": "m", "api_key": KEY}, "task": {"max_tokens": 5, "top_k": 7}}
    assert changed(wanted, {**claude, "task": {"max_tokens": 5, "top_p": 7}}) == []
    assert changed(wanted, {**claude, "task": {"max_tokens": 5, "top_k": 7}}) == []  # where the bug is mended
    step = change_of(wanted, {**claude, "task": {"max_tokens": 5, "top_p": 8}})
    assert step.action is Action.UPDATE
    assert step.update_body == {"task_settings": {"max_tokens": 5, "top_k": 7}}


def test_11_words_come_back_in_another_case() -> None:
    bedrock = {"service": "amazonbedrock", "settings": {"model": "m", "provider": "amazontitan"}}
    assert changed(bedrock, {"service": "amazonbedrock", "settings": {"model": "m", "provider": "AMAZONTITAN"}}) == []
    google = {"service": "googlevertexai", "settings": {"model_id": "m"}}
    shown = {"service": "googlevertexai", "settings": {"model_id": "m", "provider": "GOOGLE"}}
    assert changed(google, shown) == []
    assert changed({**google, "settings": {"model_id": "m", "provider": "google"}}, shown) == []
    assert changed({**google, "settings": {"model_id": "m", "provider": "meta"}}, shown) == [
        "service_settings.provider"
    ]
    for service in ("cohere", "nvidia", "amazonbedrock"):
        said, seen = ({"service": service, **EMBEDDING, "task": {"truncate": word}} for word in ("START", "start"))
        assert changed(said, seen) == []
    studio = {"service": "azureaistudio", "settings": {"provider": "OpenAI", "endpoint_type": "Token"}}
    lower = {"service": "azureaistudio", "settings": {"provider": "openai", "endpoint_type": "token"}}
    assert changed(studio, lower) == []


def test_12_other_words_for_the_same() -> None:
    for said, seen in (("int8", "byte"), ("binary", "bit"), ("INT8", "byte"), ("byte", "byte"), ("float", "float")):
        wanted = {"service": "cohere", **EMBEDDING, "settings": {"model_id": "m", "embedding_type": said}}
        shown = {"service": "cohere", **EMBEDDING, "settings": {"model_id": "m", "embedding_type": seen}}
        assert changed(wanted, shown) == []
    assert changed({"service": "cohere", "settings": {"model": "m"}}, {"service": "cohere"}) == []
    assert changed({"service": "cohere", "settings": {"model": "n"}}, {"service": "cohere"}) == [
        "service_settings.model_id"
    ]
    for name in ("model", "model_id"):
        assert changed({"settings": {"api_key": KEY}, "task": {name: "m"}}, {}) == []
        assert changed({"settings": {"api_key": KEY}, "task": {name: "n"}}, {}) == ["service_settings.model_id"]
    for service in ("jinaai", "voyageai"):  # these keep the chosen word
        wanted = {"service": service, **EMBEDDING, "settings": {"embedding_type": "binary"}}
        assert changed(wanted, wanted) == []
        other = {**wanted, "settings": {"embedding_type": "bit"}}
        assert changed(wanted, other) == ["service_settings.embedding_type"]
    for service in ("mistral", "amazonbedrock"):  # here the key is model on both sides
        assert (
            changed({"service": service, "settings": {"model": "m"}}, {"service": service, "settings": {"model": "m"}})
            == []
        )


def test_13_custom_is_filled_inside() -> None:
    own = {"url": "https://u", "request": "{}", "response": {"json_parser": {"text_embeddings": "$.a"}}}
    filled = {
        "url": "https://u", "request": "{}", "batch_size": 10, "rate_limit": {"requests_per_minute": 10000},
        "response": {"json_parser": {"text_embeddings": "$.a", "embedding_type": "float"}},
        "input_type": {"translation": {}, "default": ""},
    }  # fmt: skip
    wanted = {"service": "custom", **EMBEDDING, "settings": {**own, "headers": {}, "secret_parameters": {"k": KEY}}}
    shown = {"service": "custom", **EMBEDDING, "settings": filled}
    assert changed(wanted, shown) == []
    upper = {"json_parser": {"text_embeddings": "$.a", "embedding_type": "FLOAT"}}
    assert changed({**wanted, "settings": {**own, "response": upper}}, shown) == []
    other = {**wanted, "settings": {**own, "input_type": {"translation": {"search": "query"}}}}
    assert changed(other, shown) == ["service_settings.input_type.translation.search"]


def test_14_filled_or_hidden_in_places() -> None:
    places: dict[tuple[str, str], dict[str, Any]] = {
        ("fireworksai", "text_embedding"): {"url": "https://api.fireworks.ai/inference/v1/embeddings"},
        ("hugging_face", "sparse_embedding"): {"max_input_tokens": 512},
        ("hugging_face_elser", "sparse_embedding"): {"max_input_tokens": 512},
        ("jinaai", "text_embedding"): {"embedding_type": "float"},
        ("jinaai", "embedding"): {"embedding_type": "float", "multimodal_model": True},
        ("voyageai", "text_embedding"): {"embedding_type": "float"},
        ("mixedbread", "rerank"): {"url": "https://filled.example"},
    }
    for (service, task), filled in places.items():
        bare = {"service": service, "task_type": task, "settings": {"model_id": "m"}}
        assert changed(bare, {**bare, "settings": {"model_id": "m", **filled}}) == []
        assert all(find(service).service_settings[key].filled for key in filled)  # type: ignore[union-attr]
    cohere = {"service": "cohere", "settings": {"model_id": "m", "url": "https://u"}}
    hidden = change_of(cohere, {"service": "cohere", "settings": {"model_id": "m"}})
    assert hidden.action is Action.NOOP
    assert "service_settings.url" in " ".join(hidden.warnings)
    assert changed(cohere, {"service": "cohere", "settings": {"model_id": "m", "url": "https://v"}}) == [
        "service_settings.url"
    ]
    for service in ("openai", "deepseek", "nvidia", "groq"):  # not filled: what is asked for must be there
        said = {"service": service, "task_type": "chat_completion", "settings": {"model_id": "m", "url": "https://u"}}
        assert changed(said, {**said, "settings": {"model_id": "m"}}) == ["service_settings.url"]


def test_15_what_get_shows_is_no_file() -> None:
    shown = (
        "inference_id: a\ntask_type: text_embedding\nservice: amazonbedrock\nmetadata: {}\n"
        "service_settings: {region: r, model: m, provider: COHERE, dimensions: 1024, dimensions_set_by_user: true,\n"
        "  access_key: {env: K}, secret_key: {env: K}}\n"
    )
    found = read_file("f.yaml", shown.encode()).diagnostics
    assert sorted(d.code for d in found) == ["endpoint.unknown-field", "field.not-accepted", "field.unknown"], (
        render_all(found)
    )
    assert "refuses it in a PUT" in next(d.why for d in found if d.code == "endpoint.unknown-field")
    preconfigured = ObservedEndpoint.from_json(
        {
            "inference_id": ".elser-2-elastic",
            "task_type": "sparse_embedding",
            "service": "elastic",
            "metadata": {"x": 1},
        }
    )
    plan = plan_of([], [preconfigured], manage=("*",), allow_delete=True)
    assert [change for change in plan.changes if change.will_run] == []
    alike: dict[str, Any] = {"service": "elastic", "settings": {"model_id": "m"}}
    raw = {
        "inference_id": "a",
        "task_type": "completion",
        **alike,
        "service_settings": {"model_id": "m"},
        "metadata": {"x": 1},
    }
    (change,) = plan_of([desired(**alike)], [ObservedEndpoint.from_json(raw)]).changes
    assert change.action is Action.NOOP
