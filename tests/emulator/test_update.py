"""UPDATE: verb, body, order, merging, probing, in-cluster rules (update.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from inferctl.emulator.provider import ProviderRule

from .api import KEY, Api, elser, in_each, known, openai, rerank, versions

NULL_IS_500 = {"9.0", "9.1", "9.2", "9.3"}
PROBE_FAILED = "Could not complete inference endpoint creation as validation call to service threw an exception."
LOST = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}


def made(version: str, task: str = "completion", body: Any = None, **more: Any) -> Api:
    api = Api(version, **more)
    api.put(task, "ep", openai({"user": "a"}) if body is None else body)
    return api


# --- verb and task type (update.md#verb, update.md#task-type)


@in_each()
def test_post_is_wrong(version: str) -> None:
    """update.md#verb: PUT in every version."""
    assert made(version)("POST", "/_inference/completion/ep/_update", {"task_settings": {"user": "b"}}).status == 405


TASKS = [
    ("completion/ep", None, None),
    ("completion/ep", "completion", None),
    ("completion/ep", "COMPLETION", None),
    ("ep", "completion", None),
    ("any/ep", "completion", None),
    ("ep", None, "model is missing required setting [task_type]"),
    (
        "rerank/ep",
        "completion",
        "Cannot resolve conflicting task_type parameter in the request URL [rerank] and the request body [completion]",
    ),
    ("ep", "any", "task_type [any] is not valid type for inference"),
    ("rerank/ep", None, "Task type must match the task type of the existing endpoint"),
    ("ep", "rerank", "Task type must match the task type of the existing endpoint"),
]


@in_each()
@pytest.mark.parametrize(("path", "given", "reason"), TASKS)
def test_task_type(version: str, path: str, given: str | None, reason: str | None) -> None:
    """update.md#task-type: the stored task type is no fallback; without it in the path 8.17 is broken."""
    api = made(version)
    body: dict[str, Any] = {"task_settings": {"user": "b"}}
    if given is not None:
        body["task_type"] = given
    answer = api("PUT", f"/_inference/{path}/_update", body)
    if path == "ep" and version == "8.17":
        reason = "Inference ID must be provided in the path"
    if reason is None:
        assert answer.status == 200
        assert answer.body["task_settings"] == {"user": "b"}
    else:
        assert answer.brief() == (400, "status_exception", reason)


# --- body (update.md#body)

ROWS: list[tuple[str, Any, Any]] = [
    ("empty", {}, (400, "Request body is empty")),
    (
        "service key",
        {"service": "openai"},
        (400, "Request contained fields which cannot be updated, remove these fields and try again [{service=openai}]"),
    ),
    (
        "several other keys",
        {"inference_id": "x", "task_settings": {"user": "b"}, "metadata": {"a": [1]}},
        (
            400,
            (
                "Request contained fields which cannot be updated, remove these fields and try again "
                "[{metadata={a=[1]}, inference_id=x}]"
            ),
        ),
    ),
    (
        "service_settings is a string",
        {"service_settings": "x"},
        (400, "Unable to parse service settings in the request [{service_settings=x}]"),
    ),
    (
        "service_settings is null",
        {"service_settings": None},
        (400, "Unable to parse service settings in the request [{service_settings=null}]"),
    ),
    (
        "task_settings is a list",
        {"task_settings": []},
        (400, "Unable to parse task settings in the request [{task_settings=[]}]"),
    ),
    (
        "task_settings is null",
        {"task_settings": None},
        (400, "Unable to parse task settings in the request [{task_settings=null}]"),
    ),
    (
        "the maps that were read are gone from the text",
        {"service_settings": {"api_key": KEY}, "task_settings": 3},
        (400, "Unable to parse task settings in the request [{task_settings=3}]"),
    ),
    ("task_type unknown", {"task_type": "nope", "task_settings": {"user": "b"}}, (400, "Unknown task_type [nope]")),
]


def new_words(version: str, reason: str) -> str:
    if known(version, "9.5"):
        return reason.replace("service settings in", "[service_settings] in").replace(
            "task settings in", "[task_settings] in"
        )
    return reason


@in_each()
@pytest.mark.parametrize(("body", "wanted"), [pytest.param(b, w, id=name) for name, b, w in ROWS])
@pytest.mark.parametrize("inference_id", ["ep", "unknown"])
def test_bad_body(version: str, body: Any, wanted: tuple[int, str], inference_id: str) -> None:
    """update.md#body: answered before the lookup, so an unknown id makes no difference (update.md#steps 2)."""
    api = made(version)
    before = api.read("ep")
    status, reason = wanted
    answer = api.update("completion", inference_id, body)
    assert answer.brief() == (status, "status_exception", new_words(version, reason))
    assert api.read("ep") == before


@in_each()
@pytest.mark.parametrize(("value", "text"), [(3, "3"), (None, "null"), (["rerank"], "[rerank]"), ({}, "{}")])
def test_task_type_that_is_no_string(version: str, value: Any, text: str) -> None:
    """update.md#body: 500 up to 9.4, 400 on 9.5; the text echoes the body."""
    answer = made(version).update("completion", "ep", {"service_settings": {"a": 1}, "task_type": value})
    reason = f"Failed to parse [task_type] in update request [{{service_settings={{a=1}}, task_type={text}}}]"
    assert answer.brief() == (400 if version == "9.5" else 500, "status_exception", reason)


@in_each()
@pytest.mark.parametrize("scope", ["service_settings", "task_settings"])
def test_null_value(version: str, scope: str) -> None:
    """update.md#body, emulating.md#conformance item 21: 500 on 9.0 to 9.3, passes the parser elsewhere."""
    api = made(version)
    settings: dict[str, Any] = {"api_key": KEY, "rate_limit": None} if scope == "service_settings" else {"user": None}
    answer = api.update("completion", "ep", {scope: settings})
    if version in NULL_IS_500:
        assert (answer.status, answer.type) == (500, "status_exception")
        assert answer.reason.startswith(f"Failed to parse update request [{{{scope}={{")
        assert "=null" in answer.reason
        assert (KEY in answer.reason) == (scope == "service_settings")
    else:
        assert answer.status == 200
    assert api.read("ep")["task_settings"] == {"user": "a"}


@in_each()
def test_null_deeper_inside_passes(version: str) -> None:
    """update.md#body: only a null directly inside a settings map is looked at."""
    api = made(version)
    body: dict[str, Any] = {
        "service_settings": {"api_key": KEY},
        "task_settings": {"user": "b", "headers": {"h": None}},
    }
    if not known(version, "9.2"):
        body["task_settings"] = {"user": "b"}
        body["service_settings"] = {"api_key": KEY, "rate_limit": {"requests_per_minute": None}}
    assert api.update("completion", "ep", body).status == 200


@in_each()
@pytest.mark.parametrize("text", [b"[]", b"null", b'"x"', b"[1, 2]"])
def test_bodies_that_are_no_object(version: str, text: bytes) -> None:
    """500 up to 9.1, read as an empty object from 9.2.

    Source: update.md#body, malformed.md#bodies, emulating.md#conformance item 23.
    """
    answer = made(version)("PUT", "/_inference/completion/ep/_update", text)
    if known(version, "9.2"):
        assert answer.brief() == (400, "status_exception", "Request body is empty")
    else:
        words = "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes"
        assert answer.brief() == (500, "not_x_content_exception", words)


@in_each()
@pytest.mark.parametrize(
    "body",
    [
        {"task_type": "completion"},
        {"service_settings": {}},
        {"task_settings": {}},
        {"service_settings": {}, "task_settings": {}},
    ],
)
def test_nothing_to_change(version: str, body: Any) -> None:
    """update.md#body: empty maps count as absent; nothing changes."""
    api = made(version)
    before = api.read("ep")
    assert api.update("completion", "ep", body).body == before
    assert api.read("ep") == before


@in_each()
def test_text_after_the_object_is_ignored(version: str) -> None:
    """update.md#body."""
    api = made(version)
    text = json.dumps({"task_settings": {"user": "b"}}).encode() + b"} garbage {"
    assert api("PUT", "/_inference/completion/ep/_update", text).body["task_settings"] == {"user": "b"}


@in_each()
@pytest.mark.parametrize(
    ("chunks", "java", "good"),
    [
        ({"strategy": "none"}, "{strategy=none}", True),
        ({}, "{}", True),
        ("x", "x", False),
        (None, "null", False),
        ([], "[]", False),
    ],
)
def test_chunking_settings(version: str, chunks: Any, java: str, good: bool) -> None:
    """400 up to 9.4; from 9.5 replaced as a whole, empty means kept.

    Source: update.md#body, update.md#merge, emulating.md#conformance item 22.
    """
    api = made(version, "text_embedding")
    before = api.read("ep")
    answer = api.update("text_embedding", "ep", {"chunking_settings": chunks})
    if not known(version, "9.5"):
        words = "Request contained fields which cannot be updated, remove these fields and try again"
        assert answer.brief() == (400, "status_exception", f"{words} [{{chunking_settings={java}}}]")
        assert api.read("ep") == before
    elif not good:
        reason = f"Unable to parse [chunking_settings] in the request [{{chunking_settings={java}}}]"
        assert answer.brief() == (400, "status_exception", reason)
    else:
        assert answer.body["chunking_settings"] == (chunks or before["chunking_settings"])


def test_chunking_is_replaced_not_merged() -> None:
    """update.md#merge: validated like on PUT."""
    api = made("9.5", "text_embedding")
    answer = api.update("text_embedding", "ep", {"chunking_settings": {"strategy": "word", "max_chunk_size": 50}})
    assert (answer.status, answer.type) == (400, "validation_exception")
    chunks = {"strategy": "word", "max_chunk_size": 50, "overlap": 10}
    assert api.update("text_embedding", "ep", {"chunking_settings": chunks}).body["chunking_settings"] == chunks
    answer = api.update("text_embedding", "ep", {"chunking_settings": {"max_chunk_size": 60}})
    assert answer.reason == "Can't generate Chunker without ChunkingStrategy provided"
    assert api.read("ep")["chunking_settings"] == chunks


def test_the_limit_of_elser_holds_for_updates() -> None:
    """chunking.md, update.md#merge: validated like on PUT, by the model."""
    chunks = {"chunking_settings": {"strategy": "sentence", "max_chunk_size": 301}}
    api = made("9.5", "sparse_embedding", elser())
    assert api.update("sparse_embedding", "ep", chunks).type == "validation_exception"
    api.put("text_embedding", "e5", elser(model_id=".multilingual-e5-small"))
    assert api.update("text_embedding", "e5", chunks).status == 200


# --- order (update.md#steps, emulating.md#order-of-the-checks)


def faulty(step: int, version: str) -> tuple[Api, str, Any]:
    """An update whose first fault in the order of update.md#steps is the one at `step`."""
    wrong = set(("body", "task unknown", "lookup", "licence", "task", "merge", "provider", "lock")[step:])
    api = made(version)
    body: Any = {"service_settings": {"api_key": KEY}, "task_settings": {"user": "b"}}
    if "merge" in wrong:
        body["service_settings"] = {"api_key": ["x"]}
    if "provider" in wrong:
        api.cluster.script_provider(ProviderRule("401"))
    if "lock" in wrong:
        api.good("POST", "/_emulator/endpoints/ep", {"updating": True})
    if "licence" in wrong:
        api.cluster.licensed = False
    if "task unknown" in wrong:
        body["task_type"] = "nope"
    if "body" in wrong:
        body = {}
    path = f"/_inference/{'rerank' if 'task' in wrong else 'completion'}/{'nope' if 'lookup' in wrong else 'ep'}"
    return api, path + "/_update", body


ORDER = [
    (400, "Request body is empty"),
    (400, "Unknown task_type [nope]"),
    (404, "The inference endpoint [nope] does not exist and cannot be updated"),
    (403, "current license is non-compliant for [inference]"),
    (400, "Task type must match the task type of the existing endpoint"),
    (400, "field [api_key] is not of the expected type"),
    (400, PROBE_FAILED),
    (409, "Endpoint [ep] is currently being updated. Try again once the update completes"),
    (200, ""),
]


@in_each()
@pytest.mark.parametrize("step", range(len(ORDER)))
def test_the_first_fault_speaks(version: str, step: int) -> None:
    """update.md#steps: the probe is newer than the others, 8.17 has no licence. On 8.18 to 9.2 it speaks first."""
    api, path, body = faulty(step, version)
    if step < 3 and known(version, "8.18", "9.2"):
        step = 3
    if step == 3 and version == "8.17":
        step = 4
    if step == 6 and not known(version, "9.4"):
        step = 7
    status, reason = ORDER[step]
    answer = api("PUT", path, body)
    assert answer.status == status
    assert reason in answer.brief()[2]


@in_each()
def test_unknown_id(every: Api) -> None:
    """update.md#steps 3, emulating.md#conformance item 5: 404 with another type than GET's."""
    reason = "The inference endpoint [x] does not exist and cannot be updated"
    answer = every.update("completion", "x", {"task_settings": {"user": "b"}})
    assert answer.brief() == (404, "status_exception", reason)


@in_each()
@pytest.mark.parametrize("inference_id", [".elser-2-elasticsearch", ".x", "Foo", "_x", "x-"])
def test_malformed_and_default_ids(version: str, inference_id: str) -> None:
    """update.md#steps 1 and 4, emulating.md#conformance item 25: the id rule up to 9.4; 9.5 looks the id up first."""
    answer = Api(version).update("sparse_embedding", inference_id, {"task_settings": {"a": 1}})
    if not known(version, "9.5"):
        assert (answer.status, answer.type) == (400, "action_request_validation_exception")
        assert answer.reason.startswith(f"Validation Failed: 1: Invalid inference_id; '{inference_id}' can contain")
    elif inference_id == ".elser-2-elasticsearch":
        reason = "Default endpoint [.elser-2-elasticsearch] cannot be updated"
        assert answer.brief() == (400, "status_exception", reason)
    else:
        assert answer.status == 404


@in_each()
def test_unregistered_service(every: Api) -> None:
    """update.md#steps 4."""
    every.put("completion", "ep", openai())
    every.cluster.store(replace(every.cluster.endpoints["ep"], service="gone"))
    answer = every.update("completion", "ep", {"task_settings": {"user": "b"}})
    assert answer.brief() == (500, "status_exception", "Service [gone] not found")


# --- secrets (update.md#merge)


def works(api: Api) -> bool:
    """Whether the stored key is `new`: the provider refuses every other one."""
    api.cluster.provider_rules.clear()
    api.cluster.script_provider(ProviderRule("401"), ProviderRule("ok", api_key="new"))
    return api("POST", "/_inference/completion/ep", {"input": "x"}).status == 200


@in_each()
def test_a_new_secret_is_stored(version: str) -> None:
    """update.md#merge: invisible in GET, visible in what works."""
    api = made(version)
    before = api.read("ep")
    assert not works(api)
    api.cluster.provider_rules.clear()
    answer = api.update("completion", "ep", {"service_settings": {"api_key": "new"}})
    assert (answer.status, answer.body) == (200, before)
    assert b"new" not in answer.raw
    assert works(api)


@in_each()
def test_a_bad_secret(version: str) -> None:
    """Stored without complaint before 9.4; from 9.4 a 400 and nothing is written.

    Source: update.md#steps 8, reconciling.md#known-faults.
    """
    api = made(version, body=openai(api_key="new"))
    api.cluster.script_provider(ProviderRule("401", api_key="bad"))
    answer = api.update("completion", "ep", {"service_settings": {"api_key": "bad"}})
    if known(version, "9.4"):
        assert answer.brief() == (400, "status_exception", PROBE_FAILED)
        assert answer.error["caused_by"]["reason"].startswith("Received an authentication error status code")
        assert api.calls("update") == 1
        assert works(api)
    else:
        assert answer.status == 200
        assert api.calls("update") == 0
        assert not works(api)


@in_each()
@pytest.mark.parametrize("secret", [{}, {"api_key": ""}])
def test_secret_left_out(version: str, secret: Any) -> None:
    """Demanded up to 9.4; 9.5 keeps the stored one, also for an empty value.

    Source: update.md#merge, reconciling.md#known-faults, emulating.md#conformance item 7.
    """
    api = made(version, body=openai(api_key="new"))
    settings = {"rate_limit": {"requests_per_minute": 7}, **secret}
    answer = api.update("completion", "ep", {"service_settings": settings})
    if known(version, "9.5"):
        assert answer.body["service_settings"]["rate_limit"] == {"requests_per_minute": 7}
        assert works(api)
        return
    assert (answer.status, answer.type) == (400, "validation_exception")
    if not secret:
        reason = "Validation Failed: 1: [service_settings] does not contain the required setting [api_key];"
        assert answer.reason == reason


@in_each()
def test_task_settings_alone_need_no_secret(version: str) -> None:
    """update.md#merge."""
    assert made(version).update("completion", "ep", {"task_settings": {"user": "b"}}).status == 200


BEDROCK = {
    "service": "amazonbedrock",
    "service_settings": {
        "access_key": "old-a",
        "secret_key": "old-s",
        "region": "r",
        "model": "m",
        "provider": "cohere",
    },
}


@in_each()
@pytest.mark.parametrize("half", ["access_key", "secret_key"])
def test_half_of_a_pair(version: str, half: str) -> None:
    """update.md#merge: AWS keys go together in every version."""
    api = made(version, body=BEDROCK)
    other = "secret_key" if half == "access_key" else "access_key"
    answer = api.update("completion", "ep", {"service_settings": {half: "new"}})
    assert (answer.status, answer.type) == (400, "validation_exception")
    assert f"[{other}]" in answer.reason
    assert api.update("completion", "ep", {"service_settings": {half: "new", other: "x"}}).status == 200
    assert works(api)


LLAMA = {"service": "llama", "service_settings": {"url": "http://x", "model_id": "m"}}


@in_each(versions("9.2"))
def test_secret_for_an_endpoint_made_without(version: str) -> None:
    """update.md#merge, reconciling.md#known-faults: the new value is dropped (#140888)."""
    api = made(version, body=LLAMA)
    assert api.update("completion", "ep", {"service_settings": {"api_key": "new"}}).status == 200
    assert not works(api)


CUSTOM = {
    "service": "custom",
    "service_settings": {
        "secret_parameters": {"k": "new"},
        "url": "http://x",
        "request": "r",
        "response": {"json_parser": {"completion_result": "$.a"}},
    },
}


@in_each(versions("8.19/9.1"))
def test_custom_wipes_secrets(version: str) -> None:
    """update.md#merge, reconciling.md#plan-table: up to 9.4 secret_parameters that are left out are gone, with 200."""
    api = made(version, body=CUSTOM)
    answer = api.update("completion", "ep", {"service_settings": {"batch_size": 3}})
    assert answer.status == 200
    stored = api.cluster.endpoints["ep"].secrets
    assert stored == ({"secret_parameters": {"k": "new"}} if known(version, "9.5") else {})


AZURE = {
    "service": "azureopenai",
    "service_settings": {"api_key": "old", "resource_name": "r", "deployment_id": "d", "api_version": "v"},
}


@in_each()
def test_another_kind_of_secret(version: str) -> None:
    """update.md#merge: applied until 9.3, refused on 9.5 with its own words."""
    answer = made(version, body=AZURE).update("completion", "ep", {"service_settings": {"entra_id": "new"}})
    if known(version, "9.5"):
        assert answer.status == 400
        assert "[service_settings] must have exactly one field of [api_key] set" in answer.reason
    elif not known(version, "9.4"):
        assert answer.status == 200
    else:
        assert answer.status in {200, 400}  # 9.4 is not established


@pytest.mark.parametrize("name", ["client_id", "tenant_id", "scopes"])
def test_oauth_settings_of_an_endpoint_without_oauth(name: str) -> None:
    """Catalogue, azureopenai: updatable only if OAuth was configured at creation."""
    value = ["s2"] if name == "scopes" else "x"
    answer = made("9.5", body=AZURE).update("completion", "ep", {"service_settings": {name: value}})
    assert answer.status == 400
    assert name in answer.reason
    oauth = {"client_secret": "c", "client_id": "i", "tenant_id": "t", "scopes": ["s"]}
    settings = {key: item for key, item in AZURE["service_settings"].items() if key != "api_key"}  # type: ignore[attr-defined]
    api = made("9.5", body={"service": "azureopenai", "service_settings": {**settings, **oauth}})
    answer = api.update("completion", "ep", {"service_settings": {name: value}})
    assert answer.body["service_settings"][name] == value


# --- merging (update.md#merge, update.md#removing-a-setting)


def test_rules_between_settings_hold_for_updates() -> None:
    """update.md#merge: on 9.5 an updated `response` of custom needs its paths as on PUT."""
    api = made("9.5", body=CUSTOM)
    before = api.read("ep")
    answer = api.update("completion", "ep", {"service_settings": {"response": {"json_parser": {}}}})
    assert (answer.status, answer.type) == (400, "validation_exception")
    assert "[completion_result]" in answer.reason
    assert api.read("ep") == before


@in_each()
def test_task_settings_are_merged(version: str) -> None:
    """update.md#merge, emulating.md#conformance item 8: given keys override, the others stay."""
    body = {
        "service": "cohere",
        "service_settings": {"api_key": KEY, "model_id": "m"},
        "task_settings": {"top_n": 3, "return_documents": True},
    }
    api = made(version, "rerank", body)
    answer = api.update("rerank", "ep", {"task_settings": {"top_n": 5}})
    assert answer.body["task_settings"] == {"top_n": 5, "return_documents": True}
    assert api.read("ep") == answer.body


@in_each()
def test_a_bad_task_setting(version: str) -> None:
    """update.md#merge: known keys are validated as on PUT."""
    body = {"service": "cohere", "service_settings": {"api_key": KEY, "model_id": "m"}, "task_settings": {"top_n": 3}}
    api = made(version, "rerank", body)
    answer = api.update("rerank", "ep", {"task_settings": {"top_n": 0}})
    assert (answer.status, answer.type) == (400, "validation_exception")
    assert "[task_settings] Invalid value [0]. [top_n] must be a positive integer" in answer.reason
    assert api.read("ep")["task_settings"] == {"top_n": 3}


ANTHROPIC = {
    "service": "anthropic",
    "service_settings": {"api_key": KEY, "model_id": "m"},
    "task_settings": {"max_tokens": 5, "temperature": 0.5},
}


@in_each()
def test_anthropic_replaces_task_settings(version: str) -> None:
    """Catalogue, task_setting_changed: `max_tokens` must be repeated, the other keys are replaced."""
    api = made(version, body=ANTHROPIC)
    answer = api.update("completion", "ep", {"task_settings": {"temperature": 0.1}})
    reason = "Validation Failed: 1: [task_settings] does not contain the required setting [max_tokens];"
    assert answer.brief() == (400, "validation_exception", reason)
    answer = api.update("completion", "ep", {"task_settings": {"max_tokens": 6}})
    assert answer.body["task_settings"] == {"max_tokens": 6}


IGNORED = {
    "model_id": "other",
    "url": "http://other",
    "dimensions": 3,
    "similarity": "l2_norm",
}


@in_each()
@pytest.mark.parametrize("key", IGNORED)
def test_immutable_settings(version: str, key: str) -> None:
    """200 and no change up to 9.4; on 9.5 a 400, even for the old value.

    Source: update.md#merge, emulating.md#conformance item 7.
    """
    api = made(version, "text_embedding", openai(chunking_settings=None, url="http://a"))
    before = api.read("ep")
    for value in (IGNORED[key], before["service_settings"][key]):
        answer = api.update("text_embedding", "ep", {"service_settings": {"api_key": KEY, key: value}})
        if known(version, "9.5"):
            reason = f"Configuration contains settings [{{{key}={value}}}] unknown to the [openai] service"
            assert answer.brief() == (400, "status_exception", reason)
        else:
            assert answer.body["service_settings"] == before["service_settings"]
    assert api.read("ep")["service_settings"] == before["service_settings"]


@in_each()
@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"service_settings": {"api_key": KEY, "foo": "bar"}}, "foo=bar"),
        ({"task_settings": {"foo": 1, "user": "b"}}, "foo=1"),
    ],
)
def test_unknown_keys(version: str, settings: Any, text: str) -> None:
    """update.md#merge: ignored up to 9.4, 400 on 9.5."""
    api = made(version)
    answer = api.update("completion", "ep", settings)
    if known(version, "9.5"):
        reason = f"Configuration contains settings [{{{text}}}] unknown to the [openai] service"
        assert answer.brief() == (400, "status_exception", reason)
        assert api.read("ep")["task_settings"] == {"user": "a"}
    else:
        assert answer.status == 200
        assert "foo" not in answer.body["service_settings"]
        assert "foo" not in answer.body["task_settings"]


COHERE = {"service": "cohere", "service_settings": {"api_key": KEY, "model_id": "m"}, "task_settings": {"top_n": 3}}


def test_unknown_keys_of_object_parsers() -> None:
    """update.md#merge: their own errors on 9.5."""
    api = made("9.5", "rerank", COHERE)
    answer = api.update("rerank", "ep", {"service_settings": {"model_id": "m"}})
    assert (answer.status, answer.type) == (400, "x_content_parse_exception")
    assert "unknown field [model_id]" in answer.reason
    answer = api.update("rerank", "ep", {"task_settings": {"k": 1}})
    assert (answer.status, answer.type) == (400, "x_content_parse_exception")
    assert "[task_settings] Configuration contains unknown settings [k]" in answer.reason


@pytest.mark.parametrize("service", ["cohere", "ai21"])
def test_null_resets_where_parsers_are_tri_state(service: str) -> None:
    """update.md#removing-a-setting: `rate_limit: null` on 9.5; ignored on 9.4."""
    body = {
        "service": service,
        "service_settings": {"api_key": KEY, "model_id": "m", "rate_limit": {"requests_per_minute": 7}},
    }
    default = {"cohere": 10000, "ai21": 200}[service]
    api = made("9.5", body=body)
    answer = api.update("completion", "ep", {"service_settings": {"rate_limit": None}})
    assert answer.body["service_settings"]["rate_limit"] == {"requests_per_minute": default}
    api = made("9.4", body=body)
    answer = api.update("completion", "ep", {"service_settings": {"api_key": KEY, "rate_limit": None}})
    assert answer.body["service_settings"]["rate_limit"] == {"requests_per_minute": 7}


def test_null_resets_reasoning_of_elastic() -> None:
    """update.md#removing-a-setting: #152230."""
    body = {
        "service": "elastic",
        "service_settings": {"model_id": "m"},
        "task_settings": {"reasoning": {"effort": "low"}},
    }
    api = made("9.5", "chat_completion", body)
    answer = api.update("chat_completion", "ep", {"task_settings": {"reasoning": None}})
    assert answer.status == 200
    assert "task_settings" not in answer.body


# --- probing and no-ops (update.md#steps 7 and 8)


@in_each()
def test_equal_is_a_no_op(version: str) -> None:
    """update.md#steps 7: from 9.4 nothing is called and nothing is written."""
    api = made(version)
    api.cluster.script_provider(ProviderRule("401"))
    writes = api.cluster.changes
    body = {"service_settings": {"api_key": KEY}, "task_settings": {"user": "a"}}
    assert api.update("completion", "ep", body).status == 200
    assert api.calls("update") == 0
    assert (api.cluster.changes == writes) == known(version, "9.4")


@in_each()
def test_the_provider_is_asked_once(version: str) -> None:
    """update.md#steps 8: from 9.4, with the merged settings."""
    api = made(version)
    api.update("completion", "ep", {"task_settings": {"user": "b"}})
    assert api.calls("update") == (1 if known(version, "9.4") else 0)


@in_each(versions("9.4"))
def test_update_does_not_honour_skip_validate_and_start(version: str) -> None:
    """create.md#validation-call: the call is always made."""
    api = made(version)
    api.skip_validation()
    api.cluster.script_provider(ProviderRule("401"))
    assert api.update("completion", "ep", {"task_settings": {"user": "b"}}).reason == PROBE_FAILED


@in_each(versions("9.4"))
def test_wrong_vector_length(version: str) -> None:
    """update.md#steps 8: the merged settings are compared with the provider's answer."""
    api = made(version, "text_embedding", openai(dimensions=8))
    api.cluster.script_provider(ProviderRule(dimensions=9))
    answer = api.update("text_embedding", "ep", {"task_settings": {"user": "b"}})
    assert answer.status == 400
    assert answer.reason.startswith("The retrieved embeddings size [9] does not match the size specified")


@in_each()
def test_update_may_lose_chunking(version: str) -> None:
    """reconciling.md#known-faults: any update on 8.17, 8.18, 9.0 and 9.1 (patches of the other lines have the fix)."""
    chunks = {"strategy": "sentence", "max_chunk_size": 100, "sentence_overlap": 0}
    api = made(version, "text_embedding", {**openai(), "chunking_settings": chunks})
    answer = api.update("text_embedding", "ep", {"task_settings": {"user": "b"}})
    if version in {"8.17", "8.18", "9.0", "9.1"}:
        assert answer.body["chunking_settings"] == LOST
    elif known(version, "9.4"):
        assert answer.body["chunking_settings"] == chunks
    else:
        assert answer.body["chunking_settings"] in (chunks, LOST)
    assert api.read("ep") == answer.body


# --- the answer


@in_each()
def test_the_answer_is_the_endpoint(version: str) -> None:
    """update.md#steps 10: shape of create.md#answer."""
    api = made(version, "text_embedding")
    answer = api.update("text_embedding", "ep", {"task_settings": {"user": "b"}})
    order = ["inference_id", "task_type", "service", "service_settings", "task_settings", "chunking_settings"]
    assert list(answer.body) == order
    assert answer.body == api.read("ep")
    assert KEY.encode() not in answer.raw


# --- in-cluster (in-cluster.md#update)

ADAPTIVE = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 4}
ATTACHED = {"service": "elasticsearch", "service_settings": {"deployment_id": "dep"}}


@in_each()
def test_num_allocations(version: str) -> None:
    """in-cluster.md#update: in every version; the deployment changes with it, no provider is asked."""
    api = made(version, "sparse_embedding", elser())
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": 3}})
    assert answer.body["service_settings"]["num_allocations"] == 3
    (row,) = api.good("GET", "/_ml/trained_models/.elser_model_2/_stats")["trained_model_stats"]
    assert row["deployment_stats"]["number_of_allocations"] == 3
    assert api.cluster.provider_calls == []


@in_each()
@pytest.mark.parametrize(
    ("task", "body", "update"),
    [
        ("rerank", rerank(), {"task_settings": {"return_documents": False}}),
        ("sparse_embedding", elser(), {"service_settings": {"num_threads": 2}}),
        ("sparse_embedding", elser(), {"service_settings": {"foo": 2}}),
    ],
)
def test_a_body_without_num_allocations(version: str, task: str, body: Any, update: Any) -> None:
    """in-cluster.md#update, emulating.md#conformance item 7: 400 up to 9.1, with the body in the text."""
    answer = made(version, task, body).update(task, "ep", update)
    if not known(version, "9.2"):
        assert (answer.status, answer.type) == (400, "status_exception")
        assert answer.reason.startswith("Failed to parse [num_allocations] of update request [{")
    elif version == "9.2" or (version == "9.3" and "task_settings" in update):
        assert answer.status in {200, 400}  # not established
    else:
        assert answer.status == (400 if known(version, "9.5") and "service_settings" in update else 200)


@in_each(versions(until="9.1"))
def test_other_keys_beside_num_allocations_are_ignored(version: str) -> None:
    """in-cluster.md#update."""
    api = made(version, "sparse_embedding", elser())
    answer = api.update(
        "sparse_embedding", "ep", {"service_settings": {"num_allocations": 2, "num_threads": 8, "x": 1}}
    )
    assert answer.status == 200
    assert answer.body["service_settings"]["num_threads"] == 1


@in_each()
@pytest.mark.parametrize("value", ["two", 1.5, True, {}])
def test_num_allocations_that_is_no_integer(version: str, value: Any) -> None:
    """Catalogue, num_allocations_own: 500 on 8.17, 400 from 9.4; nothing changes."""
    api = made(version, "sparse_embedding", elser())
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": value}})
    wanted = {500} if version == "8.17" else {400} if known(version, "9.4") else {400, 500}
    assert answer.status in wanted
    assert api.read("ep")["service_settings"]["num_allocations"] == 1


@in_each()
def test_num_allocations_with_adaptive_on(version: str) -> None:
    """in-cluster.md#update: refused while adaptive allocations are enabled; from 9.3 they stay as they are."""
    api = made(version, "sparse_embedding", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": 2}})
    if known(version, "9.3"):
        assert answer.status == 200
    else:
        assert answer.brief() == (
            400,
            "validation_exception",
            "Validation Failed: 1: [number_of_allocations] cannot be set if adaptive allocations is enabled;",
        )
    assert api.read("ep")["service_settings"]["adaptive_allocations"] == ADAPTIVE
    assert api.cluster.deployments["ep"].adaptive == ADAPTIVE


@in_each()
def test_adaptive_bounds(version: str) -> None:
    """in-cluster.md#update, reconciling.md#plan-table: from 9.3 (9.2 not known)."""
    api = made(version, "sparse_embedding", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    wanted = {**ADAPTIVE, "max_number_of_allocations": 8}
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"adaptive_allocations": wanted}})
    if known(version, "9.3"):
        assert answer.body["service_settings"]["adaptive_allocations"] == wanted
        assert api.cluster.deployments["ep"].adaptive == wanted
    elif version != "9.2":
        assert answer.status == 400


def sizes(api: Api) -> tuple[Any, Any, Any, int]:
    """What GET shows of both sizes, and what the deployment has."""
    shown, deployment = api.read("ep")["service_settings"], api.cluster.deployments["ep"]
    return shown.get("num_allocations"), shown.get("adaptive_allocations"), deployment.adaptive, deployment.allocations


@in_each(versions("9.3"))
def test_from_a_fixed_number_to_adaptive_allocations_and_back(version: str) -> None:
    """in-cluster.md#update: the deployment gets both of the merged settings, and a call of this API may have both."""
    api = made(version, "sparse_embedding", elser(num_allocations=2))
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"adaptive_allocations": ADAPTIVE}})
    assert answer.status == 200
    assert sizes(api) == (2, ADAPTIVE, ADAPTIVE, 2)
    off = {"num_allocations": 3, "adaptive_allocations": {"enabled": False}}
    answer = api.update("sparse_embedding", "ep", {"service_settings": off})
    assert answer.status == 200
    kept = {**ADAPTIVE, "enabled": False}  # the deployment keeps what an update leaves out
    assert sizes(api) == (3, kept, kept, 3)
    assert api.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": 1}}).status == 200
    assert sizes(api) == (1, kept, kept, 1)


@in_each(versions("9.3"))
def test_bounds_that_do_not_fit_those_that_stay(version: str) -> None:
    """in-cluster.md#update: what the deployment would have is checked, not what was sent alone."""
    api = made(version, "sparse_embedding", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    lower = {"adaptive_allocations": {"enabled": True, "min_number_of_allocations": 9}}
    answer = api.update("sparse_embedding", "ep", {"service_settings": lower})
    assert answer.status == 400
    assert "[min_number_of_allocations] must not be larger than [max_number_of_allocations]" in answer.reason
    assert api.read("ep")["service_settings"]["adaptive_allocations"] == ADAPTIVE


@in_each(versions(until="9.1"))
def test_no_switch_to_adaptive_allocations(version: str) -> None:
    """in-cluster.md#update: the key is not looked at, and a number has to be there."""
    api = made(version, "sparse_embedding", elser())
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"adaptive_allocations": ADAPTIVE}})
    assert answer.status == 400
    assert "adaptive_allocations" not in api.read("ep")["service_settings"]


@in_each()
def test_the_ml_api_takes_no_number_beside_adaptive_allocations(every: Api) -> None:
    """in-cluster.md#update: the pair is refused to callers of the ML API, in one request or one after the other."""
    start = "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=dep&number_of_allocations=1"
    every.good("POST", start)
    target = "/_ml/trained_models/dep/deployment/_update"
    both = every("POST", target, {"number_of_allocations": 2, "adaptive_allocations": ADAPTIVE})
    every.good("POST", target, {"adaptive_allocations": ADAPTIVE})
    later = every("POST", target, {"number_of_allocations": 2})
    reason = "Validation Failed: 1: [number_of_allocations] cannot be set if adaptive allocations is enabled;"
    assert both.brief() == (400, "action_request_validation_exception", reason)
    assert later.brief() == (400, "validation_exception", reason)
    assert every.good("POST", target, {"number_of_allocations": 2, "adaptive_allocations": None})
    assert (every.cluster.deployments["dep"].adaptive, every.cluster.deployments["dep"].allocations) == (None, 2)


@in_each()
def test_not_deployed(every: Api) -> None:
    """in-cluster.md#update: 404 when there is no such deployment."""
    every.skip_validation()
    every.put("sparse_embedding", "ep", elser())
    answer = every.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": 2}})
    reason = "Requested model ID [ep] does not have a matching trained model and thus cannot be updated."
    assert answer.brief() == (404, "status_exception", reason)


def attached(version: str, *, by_endpoint: bool) -> Api:
    api = Api(version)
    if by_endpoint:
        api.put("sparse_embedding", "dep", elser())
    else:
        api.good(
            "POST", "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=dep&number_of_allocations=1"
        )
    api.put("sparse_embedding", "ep", ATTACHED)
    return api


@in_each()
@pytest.mark.parametrize("by_endpoint", [True, False])
def test_attached_endpoint(version: str, by_endpoint: bool) -> None:
    """in-cluster.md#update: 404 on 8.17, changes somebody's deployment on 8.18 to 9.1, 409 from 9.2 with two texts."""
    api = attached(version, by_endpoint=by_endpoint)
    answer = api.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": 3}})
    number = api.cluster.deployments["dep"].allocations
    if version == "8.17":
        reason = "Requested model ID [ep] does not have a matching trained model and thus cannot be updated."
        assert (answer.brief(), number) == ((404, "status_exception", reason), 1)
    elif not known(version, "9.2"):
        assert (answer.status, number) == (200, 3)
    else:
        reason = (
            (
                "Cannot update inference endpoint [ep] for model deployment [dep] as it was created by another "
                "inference endpoint. The model can only be updated using inference endpoint id [dep]."
            )
            if by_endpoint
            else (
                "Cannot update inference endpoint [ep] using model deployment [dep]. The model deployment must be "
                "updated through the trained models API."
            )
        )
        assert (answer.brief(), number) == ((409, "status_exception", reason), 1)
