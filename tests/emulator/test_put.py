"""PUT: ids, order of the checks, texts, defaults and the answer (create.md)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inferctl.emulator.provider import ProviderRule

from .api import KEY, Api, elser, in_each, known, openai, rerank, semantic, versions

PROBE_FAILED = "Could not complete inference endpoint creation as validation call to service threw an exception."

# --- the id (create.md#the-id)

GOOD_IDS = ["ep-1", "ep_1", "ep.1", "e", "1", "a" * 300, "text_embedding", "rerank", "a--b..c__d", "0x"]
BAD_IDS = ["Ep-1", "-ep", "ep-", "_ep", ".ep", "ep ", "ep 1", "ep:1", "é", "x.", "x_", "_all", "FOO", "a*"]


@pytest.mark.parametrize("inference_id", GOOD_IDS)
@in_each()
def test_good_ids(every: Api, inference_id: str) -> None:
    """create.md#the-id."""
    assert every.put("completion", inference_id, openai())["inference_id"] == inference_id


@pytest.mark.parametrize("inference_id", BAD_IDS)
@in_each()
def test_bad_ids(every: Api, inference_id: str) -> None:
    """create.md#the-id, emulating.md#conformance item 13."""
    path = inference_id.encode().hex(" ").split()
    answer = every("PUT", "/_inference/completion/%" + "%".join(path), openai())
    assert answer.brief() == (400, "action_request_validation_exception", bad_id(inference_id))
    assert every.calls("put") == 0


def bad_id(inference_id: str) -> str:
    return (
        f"Validation Failed: 1: Invalid inference_id; '{inference_id}' can contain lowercase alphanumeric "
        "(a-z and 0-9), hyphens or underscores; must start and end with alphanumeric;"
    )


# --- order of the checks (create.md#steps, emulating.md#order-of-the-checks)


def broken(step: int, version: str) -> tuple[Api, Any]:
    """A cluster and a request whose first fault in the order of create.md#steps is the one at `step`."""
    names = (
        "licence",
        "json",
        "task type",
        "service missing",
        "service unknown",
        "deployment",
        "settings",
        "mapping",
        "provider",
        "exists",
        "good",
    )
    wrong = set(names[step:-1])
    api = Api(version)
    if "exists" in wrong:
        api.put("text_embedding", "ep", openai())
    if "deployment" in wrong:
        api.cluster.load_models([("ep", "text_embedding")])
    if "mapping" in wrong:
        fixed = {"task_type": "text_embedding", "dimensions": 3, "similarity": "cosine", "element_type": "float"}
        api.good("PUT", "/semantic", {"mappings": semantic("ep", model_settings=fixed)})
    if "provider" in wrong:
        api.cluster.script_provider(ProviderRule("401", message="Incorrect API key"))
    if "licence" in wrong:
        api.cluster.licensed = False
    body: dict[str, Any] = openai(dimensions=8)
    if "settings" in wrong:
        body["service_settings"]["foo"] = 1
    if "service unknown" in wrong:
        body["service"] = "nope"
    if "service missing" in wrong:
        del body["service"]
    if "task type" in wrong:
        body["task_type"] = "rerank"
    return api, b'{"a":1,' if "json" in wrong else body


LADDER = [
    (403, "security_exception", "current license is non-compliant for [inference]"),
    (400, "x_content_", ""),
    (400, "status_exception", "Cannot resolve conflicting task_type parameter"),
    (400, "status_exception", "Inference endpoint configuration is missing the [service] setting"),
    (400, "status_exception", "Unknown service [nope]"),
    (400, "status_exception", "IDs must be unique."),
    (400, "status_exception", "onfiguration contains settings [{foo=1}] unknown to the [openai] service"),
    (400, "status_exception", "because the inference_id is being used in mappings with incompatible settings"),
    (400, "status_exception", PROBE_FAILED),
    (400, "resource_already_exists_exception", "Inference endpoint [ep] already exists"),
    (200, "", ""),
]


@in_each()
@pytest.mark.parametrize("step", range(len(LADDER)))
def test_the_first_fault_speaks(version: str, step: int) -> None:
    """create.md#steps: a request with every fault from a step on is answered for the first of them."""
    if step == 7 and not known(version, "9.2"):
        step = 8  # the mapping guard came with 9.2.1
    api, body = broken(step, version)
    status, kind, reason = api("PUT", "/_inference/text_embedding/ep", body).brief()
    wanted_status, wanted_kind, wanted_reason = LADDER[step]
    assert (status, kind[: len(wanted_kind)]) == (wanted_status, wanted_kind)
    assert wanted_reason in reason


TASK_TYPES = [
    ("/_inference/ep", {"task_type": "completion"}, 200, ""),
    ("/_inference/ep", {"task_type": " Completion "}, 200, ""),
    ("/_inference/completion/ep", {"task_type": "completion"}, 200, ""),
    ("/_inference/any/ep", {"task_type": "completion"}, 200, ""),
    ("/_inference/ep", {}, 400, "model is missing required setting [task_type]"),
    ("/_inference/ep", {"task_type": "any"}, 400, "task_type [any] is not valid type for inference"),
    ("/_inference/ep", {"task_type": "nope"}, 400, "Unknown task_type [nope]"),
    (
        "/_inference/text_embedding/ep",
        {"task_type": "completion"},
        400,
        (
            "Cannot resolve conflicting task_type parameter in the request URL [text_embedding] "
            "and the request body [completion]"
        ),
    ),
]


@pytest.mark.parametrize(("path", "more", "status", "reason"), TASK_TYPES)
@in_each()
def test_task_type_of_path_and_body(every: Api, path: str, more: dict[str, Any], status: int, reason: str) -> None:
    """create.md#steps 5."""
    answer = every("PUT", path, {**openai(), **more})
    assert (answer.status, answer.brief()[2]) == (status, reason)
    if status == 200:
        assert answer.body["task_type"] == "completion"


@in_each()
def test_one_task_type_does_not_rescue_a_missing_one(every: Api) -> None:
    """create.md#steps 5: not even for a service with a single task type."""
    body = {"service": "hugging_face_elser", "service_settings": {"api_key": KEY, "url": "http://x"}}
    assert every("PUT", "/_inference/ep", body).reason == "model is missing required setting [task_type]"


@in_each()
def test_service_names_are_exact(every: Api) -> None:
    """create.md#body: lower case only."""
    assert (
        every("PUT", "/_inference/completion/ep", {**openai(), "service": "OpenAI"}).reason
        == "Unknown service [OpenAI]"
    )


@in_each()
@pytest.mark.parametrize("kind", ["model", "deployment"])
def test_id_of_a_model_or_deployment(version: str, kind: str) -> None:
    """create.md#steps 9: new words from 9.1."""
    api = Api(version)
    if kind == "model":
        api.cluster.load_models([("mine", "text_embedding")])
    else:
        api.cluster.load_models([("other", "text_embedding")])
        api.good("POST", "/_ml/trained_models/other/deployment/_start?deployment_id=mine")
    new = (
        "Inference endpoint IDs must be unique. Requested inference endpoint ID [mine] "
        "matches existing trained model ID(s) but must not."
    )
    old = "Model IDs must be unique. Requested model ID [mine] matches existing model IDs but must not."
    answer = api("PUT", "/_inference/completion/mine", openai())
    assert answer.brief() == (400, "status_exception", new if known(version, "9.1") else old)


# --- semantic_text compatibility (create.md#steps 11)

FIXED = {"task_type": "text_embedding", "dimensions": 8, "similarity": "dot_product", "element_type": "float"}


@in_each()
@pytest.mark.parametrize(
    ("fixed", "compatible"),
    [
        (FIXED, True),
        ({**FIXED, "dimensions": 9}, False),
        ({**FIXED, "similarity": "l2_norm"}, False),
        ({"task_type": "sparse_embedding"}, False),
        (None, True),
    ],
)
def test_mapping_guard(version: str, fixed: Any, compatible: bool) -> None:
    """create.md#steps 11: only fixed model settings count, and only from 9.2."""
    api = Api(version)
    more = {} if fixed is None else {"model_settings": fixed}
    api.good("PUT", "/docs", {"mappings": semantic("ep", **more)})
    answer = api("PUT", "/_inference/text_embedding/ep", openai(dimensions=8, similarity="dot_product"))
    if compatible or not known(version, "9.2"):
        assert answer.status == 200
        return
    assert answer.brief() == (
        400,
        "status_exception",
        (
            "Inference endpoint [ep] could not be created because the inference_id is being used in mappings with "
            "incompatible settings for indices: [docs]. Please either use a different inference_id or update the index "
            "mappings to refer to a different inference_id."
        ),
    )
    assert api.calls("put") == 0


@in_each()
def test_the_first_document_fixes_the_model_of_a_field(version: str) -> None:
    """create.md#steps 11: an endpoint of another kind cannot take the place of the one that filled a field."""
    api = Api(version)
    made = openai(dimensions=8, similarity="dot_product")
    api.put("text_embedding", "ep", made)
    api.good("PUT", "/docs", {"mappings": semantic("ep")})
    field = {"type": "semantic_text", "inference_id": "ep"}
    assert api.good("GET", "/docs/_mapping")["docs"]["mappings"]["properties"]["text"] == field
    lines = b'{"index": {"_index": "docs"}}\n{"other": 1}\n{"index": {"_index": "docs"}}\n{"text": "a"}\n'
    api.good("POST", "/_bulk", lines)
    fixed = {
        "service": "openai",
        "task_type": "text_embedding",
        "dimensions": 8,
        "similarity": "dot_product",
        "element_type": "float",
    }
    shown = api.good("GET", "/docs/_mapping")["docs"]["mappings"]["properties"]["text"]
    assert shown == {**field, "model_settings": fixed}
    api.good("DELETE", "/_inference/ep?force=true")
    guarded = known(version, "9.2")
    other = {"service": "hugging_face", "service_settings": {"api_key": KEY, "url": "http://x.invalid"}}
    sparse = api("PUT", "/_inference/sparse_embedding/ep", other)
    assert sparse.status == (400 if guarded else 200)
    if guarded:
        assert "being used in mappings with incompatible settings for indices: [docs]" in sparse.reason
        api.put("text_embedding", "ep", made)


# --- already exists (create.md#already-exists)


@in_each()
def test_already_exists(every: Api) -> None:
    """400, not 409, after one billed provider call; nothing is overwritten.

    Source: create.md#already-exists, emulating.md#conformance item 1.
    """
    before = every.put("text_embedding", "ep", openai({"user": "a"}))
    answer = every("PUT", "/_inference/text_embedding/ep", openai({"user": "b"}))
    reason = "Inference endpoint [ep] already exists"
    cause = {"type": "resource_already_exists_exception", "reason": reason}
    assert answer.status == 400
    assert answer.body == {"error": {"root_cause": [cause], **cause}, "status": 400}
    assert every.calls("put") == 2
    assert every.read("ep") == before


@in_each()
def test_a_bad_key_speaks_before_already_exists(every: Api) -> None:
    """create.md#steps: existence is found last."""
    every.put("completion", "ep", openai())
    every.cluster.script_provider(ProviderRule("401"))
    assert every("PUT", "/_inference/completion/ep", openai()).reason == PROBE_FAILED


@in_each()
def test_the_same_id_under_another_task_type(every: Api) -> None:
    """create.md#already-exists: an id is one endpoint."""
    every.put("completion", "ep", openai())
    assert every("PUT", "/_inference/text_embedding/ep", openai()).type == "resource_already_exists_exception"


# --- settings errors (create.md#refused-settings)

VALID, STATUS = "validation_exception", "status_exception"


def failed(*problems: str) -> str:
    return "Validation Failed: " + "".join(f"{n}: {text};" for n, text in enumerate(problems, 1))


def with_top(**more: Any) -> dict[str, Any]:
    return {**openai(), **more}


SETTINGS = {
    "absent": ({"service": "openai"}, STATUS, "Missing required field [service_settings]"),
    "not a map": (
        with_top(service_settings="x"),
        STATUS,
        "field [service_settings] is not of the expected type. The value [x] cannot be converted to a [Map]",
    ),
    "task settings not a map": (
        with_top(task_settings=[1, "b"]),
        STATUS,
        "field [task_settings] is not of the expected type. The value [[1, b]] cannot be converted to a [Map]",
    ),
    "required missing": (
        {"service": "hugging_face", "service_settings": {"api_key": KEY}},
        VALID,
        failed("[service_settings] does not contain the required setting [url]"),
    ),
    "empty string": (
        openai(model_id=""),
        VALID,
        failed("[service_settings] Invalid value empty string. [model_id] must be a non-empty string"),
    ),
    "bad enum": (
        openai(similarity="x"),
        VALID,
        failed(
            "[service_settings] Invalid value [x] received. [similarity] must be one of [cosine, dot_product, l2_norm]"
        ),
    ),
    "zero": (
        openai(dimensions=0),
        VALID,
        failed("[service_settings] Invalid value [0]. [dimensions] must be a positive integer"),
    ),
    "negative": (
        openai(dimensions=-7),
        VALID,
        failed("[service_settings] Invalid value [-7]. [dimensions] must be a positive integer"),
    ),
    "internal flag": (
        openai(dimensions_set_by_user=True),
        VALID,
        failed("[service_settings] does not allow the setting [dimensions_set_by_user]"),
    ),
    "wrong scalar": (
        openai(model_id=[1]),
        VALID,
        failed("field [model_id] is not of the expected type. The value [[1]] cannot be converted to a [String]"),
    ),
    "fraction": (
        openai(dimensions=1.5),
        VALID,
        failed("field [dimensions] is not of the expected type. The value [1.5] cannot be converted to a [Integer]"),
    ),
    "rate limit unknown": (
        openai(rate_limit={"requests_per_minute": 1, "foo": 1}),
        STATUS,
        "Rate limit settings contain unknown entries [{foo=1}]",
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
@in_each()
def test_settings_error(every: Api, name: str) -> None:
    """create.md#refused-settings, row by row."""
    body, kind, reason = SETTINGS[name]
    answer = every("PUT", "/_inference/text_embedding/ep", body)
    if name == "wrong scalar":
        # A wrong type takes the value out, so the required key may be missed as well: the first problem counts.
        assert (answer.status, answer.type) == (400, kind)
        assert answer.reason.startswith(reason[:-1])
    else:
        assert answer.brief() == (400, kind, reason)
    assert every.calls("put") == 0
    assert every.gone("ep")


@in_each()
def test_several_problems_are_numbered(every: Api) -> None:
    """create.md#refused-settings: the order follows the service, so only the set counts."""
    reason = every("PUT", "/_inference/text_embedding/ep", openai(model_id="", dimensions=0)).reason
    assert reason.startswith("Validation Failed: 1: ")
    assert ";2: " in reason
    assert "[model_id]" in reason
    assert "[dimensions]" in reason


@in_each()
def test_unsupported_task_type(version: str) -> None:
    """create.md#refused-settings."""
    answer = Api(version)("PUT", "/_inference/rerank/ep", openai())
    assert answer.brief() == (400, STATUS, "The [openai] service does not support task type [rerank]")


@in_each()
@pytest.mark.parametrize(
    ("body", "rest"),
    [
        (with_top(foo="bar"), "{foo=bar}"),
        (openai(foo="bar"), "{foo=bar}"),
        (openai({"foo": {"b": 1}, "c": ["x"]}), "{c=[x], foo={b=1}}"),
        ({**openai({"three": 1}, two=1), "one": None}, "{one=null}"),
        (openai({"two": 1}, one=True), "{one=true}"),
        (openai({"user": "a", "n": 1.0}), "{n=1.0}"),
    ],
)
def test_unknown_keys(version: str, body: Any, rest: str) -> None:
    """create.md#refused-settings: per map, the first map with left-overs wins, as Java map text; new words from 9.2."""
    words = "Configuration" if known(version, "9.2") else "Model configuration"
    answer = Api(version)("PUT", "/_inference/completion/ep", body)
    assert answer.brief() == (400, STATUS, f"{words} contains settings [{rest}] unknown to the [openai] service")


@pytest.mark.parametrize("service", ["cohere", "ai21"])
def test_unknown_keys_of_object_parsers(service: str) -> None:
    """create.md#refused-settings: services with object parsers on 9.5."""
    body = {"service": service, "service_settings": {"api_key": KEY, "model_id": "m", "foo": 1}}
    answer = Api("9.5")("PUT", "/_inference/completion/ep", body)
    assert (answer.status, answer.type) == (400, "x_content_parse_exception")
    assert answer.reason.endswith("] [service_settings] unknown field [foo]")


@in_each()
def test_null_is_absent_for_map_parsers(version: str) -> None:
    """create.md#refused-settings: a null under a known key; under an unknown key it stays an unknown key."""
    api = Api(version)
    body = openai({"user": None}, url=None)
    body["service_settings"]["organization_id"] = None
    shown = api.put("completion", "ep", body)
    assert "task_settings" not in shown
    assert "organization_id" not in shown["service_settings"]
    body["service_settings"]["foo"] = None
    assert "[{foo=null}]" in api("PUT", "/_inference/completion/ep2", body).reason


def test_null_is_refused_by_object_parsers() -> None:
    """create.md#refused-settings: cohere on 9.5 refuses an explicit null on PUT, on 9.4 it is absent."""
    settings: dict[str, Any] = {"api_key": KEY, "model_id": "m", "rate_limit": None}
    body = {"service": "cohere", "service_settings": settings}
    assert Api("9.5")("PUT", "/_inference/completion/ep", body).status == 400
    assert Api("9.4")("PUT", "/_inference/completion/ep", body).status == 200


@in_each()
def test_rate_limit_of_elastic(version: str) -> None:
    """create.md#refused-settings, create.md#defaults: refused from 9.2, shown before."""
    api = Api(version)
    body = {
        "service": "elastic",
        "service_settings": {"model_id": "elser-2", "rate_limit": {"requests_per_minute": 7}},
    }
    answer = api("PUT", "/_inference/sparse_embedding/ep", body)
    if known(version, "9.2"):
        text = (
            "[service_settings] rate limit settings are not permitted for service [elastic] "
            "and task type [sparse_embedding]"
        )
        assert answer.brief() == (400, VALID, failed(text))
    else:
        assert answer.body["service_settings"]["rate_limit"] == {"requests_per_minute": 7}


@in_each()
def test_chunking_elsewhere_is_an_unknown_key(version: str) -> None:
    """chunking.md: `chunking_settings` on completion."""
    body = {**openai(), "chunking_settings": {"strategy": "none"}}
    answer = Api(version)("PUT", "/_inference/completion/ep", body)
    assert answer.status == 400
    assert answer.reason.endswith(
        "contains settings [{chunking_settings={strategy=none}}] unknown to the [openai] service"
    )


# --- the validation call (create.md#validation-call)

PROVIDER = [
    ("400", "Received a bad request status code"),
    ("401", "Received an authentication error status code"),
    ("403", "Received an authentication error status code"),
    ("418", "Received an unsuccessful status code"),
    ("422", "Received an input validation error response"),
    ("429", "Received a rate limit status code"),
    ("500", "Received a server error status code"),
    ("503", "Received a server error status code"),
]


@pytest.mark.parametrize("message", ["", "no such key"])
@pytest.mark.parametrize(("outcome", "prefix"), PROVIDER)
@in_each()
def test_provider_failure(every: Api, outcome: str, prefix: str, message: str) -> None:
    """400 with the provider's words as the cause; `root_cause` is the inner error.

    Source: create.md#validation-call, emulating.md#conformance item 2.
    """
    every.cluster.script_provider(ProviderRule(outcome, message=message))
    answer = every("PUT", "/_inference/text_embedding/ep", openai())
    text = f"{prefix} for request from inference entity id [ep] status [{outcome}]"
    if message:
        text += f". Error message: [{message}]"
    inner = {"type": "status_exception", "reason": text}
    assert answer.status == 400
    assert answer.error == {
        "root_cause": [inner],
        "type": "status_exception",
        "reason": PROBE_FAILED,
        "caused_by": inner,
    }
    assert every.gone("ep")


@in_each()
def test_provider_says_nothing(every: Api) -> None:
    """create.md#validation-call: a null answer."""
    every.cluster.script_provider(ProviderRule("null"))
    answer = every("PUT", "/_inference/completion/ep", openai())
    words = "Could not complete inference endpoint creation as validation call to service returned null response."
    assert answer.brief() == (400, "status_exception", words)


@in_each()
def test_provider_timeout(every: Api) -> None:
    """create.md#validation-call: a network error is a 400 as well, and nothing is stored."""
    every.cluster.script_provider(ProviderRule("timeout"))
    answer = every("PUT", "/_inference/completion/ep", openai())
    assert (answer.status, answer.reason) == (400, PROBE_FAILED)
    assert every.gone("ep")


@in_each()
def test_wrong_vector_length(every: Api) -> None:
    """create.md#validation-call."""
    every.cluster.script_provider(ProviderRule(dimensions=1536))
    answer = every("PUT", "/_inference/text_embedding/ep", openai(dimensions=3))
    assert answer.brief() == (
        400,
        "status_exception",
        (
            "The retrieved embeddings size [1536] does not match the size specified in the settings [3]. "
            "Please recreate the [ep] configuration with the correct dimensions"
        ),
    )
    assert every.gone("ep")


@in_each()
def test_the_call_fills_dimensions_and_similarity(every: Api) -> None:
    """create.md#validation-call: the vector length fills `dimensions`, `similarity` gets the default unless given."""
    every.cluster.script_provider(ProviderRule(dimensions=77))
    settings = every.put("text_embedding", "a", openai())["service_settings"]
    assert (settings["dimensions"], settings["similarity"]) == (77, "dot_product")
    assert every.put("text_embedding", "b", openai(similarity="COSINE"))["service_settings"]["similarity"] == "cosine"


@pytest.mark.parametrize("task", ["text_embedding", "completion", "chat_completion"])
def test_one_call_per_put(task: str) -> None:
    """create.md#validation-call: every external task type is called."""
    api = Api()
    api.put(task, "ep", openai())
    assert api.calls("put") == 1


@in_each()
def test_skip_validate_and_start(every: Api) -> None:
    """create.md#validation-call: no call, no start, and neither dimensions nor similarity are filled in."""
    every.good("PUT", "/_cluster/settings", {"persistent": {"xpack.inference.skip_validate_and_start": True}})
    every.cluster.script_provider(ProviderRule("401"))
    settings = every.put("text_embedding", "ep", openai())["service_settings"]
    assert set(settings) == {"model_id", "rate_limit"}
    every.put("sparse_embedding", "in", elser())
    assert (every.calls("put"), every.cluster.deployments) == (0, {})
    every.good("PUT", "/_cluster/settings", {"persistent": {"xpack.inference.skip_validate_and_start": None}})
    assert every("PUT", "/_inference/completion/ep2", openai()).reason == PROBE_FAILED


# --- defaults (create.md#defaults)


@in_each()
def test_openai_defaults(every: Api) -> None:
    """create.md#defaults: rate limits by task type; no similarity on completion; chunking on embeddings only."""
    embedding = every.put("text_embedding", "a", openai())
    completion = every.put("completion", "b", openai())
    assert embedding["service_settings"]["rate_limit"] == {"requests_per_minute": 3000}
    assert embedding["chunking_settings"] == {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
    assert completion["service_settings"] == {
        "model_id": "text-embedding-3-small",
        "rate_limit": {"requests_per_minute": 500},
    }
    assert "chunking_settings" not in completion


@in_each()
def test_an_empty_rate_limit_means_the_default(every: Api) -> None:
    """create.md#defaults."""
    shown = every.put("completion", "ep", openai(rate_limit={}))
    assert shown["service_settings"]["rate_limit"] == {"requests_per_minute": 500}


@in_each()
def test_azureaistudio_max_new_tokens(every: Api) -> None:
    """create.md#defaults: filled after a good validation call, so not under skip_validate_and_start."""
    settings = {"api_key": KEY, "target": "https://t", "provider": "openai", "endpoint_type": "token"}
    body = {"service": "azureaistudio", "service_settings": settings}
    assert every.put("completion", "a", body)["task_settings"] == {"max_new_tokens": 64}
    every.skip_validation()
    assert "task_settings" not in every.put("completion", "b", body)


@in_each()
def test_rerank_return_documents(every: Api) -> None:
    """create.md#defaults: in-cluster rerank gets `return_documents: true`, also with the call skipped."""
    assert every.put("rerank", "a", rerank())["task_settings"] == {"return_documents": True}
    shown = every.put("rerank", "b", rerank({"return_documents": False}))
    assert shown["task_settings"] == {"return_documents": False}


@in_each()
def test_dimensions_set_by_user_is_not_shown(every: Api) -> None:
    """create.md#defaults."""
    shown = every.put("text_embedding", "ep", openai(dimensions=8))
    assert "dimensions_set_by_user" not in shown["service_settings"]


# --- the answer (create.md#answer)


@in_each()
def test_the_answer(every: Api) -> None:
    """One bare object, status 200, fixed order of keys, no secrets.

    Source: create.md#answer, emulating.md#conformance items 1 and 18.
    """
    body = {
        **openai({"user": "team-a"}, rate_limit={"requests_per_minute": 500}, url="https://x", organization_id="o"),
        "chunking_settings": {"sentence_overlap": 0, "max_chunk_size": 100, "strategy": "sentence"},
    }
    answer = every("PUT", "/_inference/TEXT_EMBEDDING/my-openai", body)
    assert answer.status == 200
    assert answer.body == {
        "inference_id": "my-openai",
        "task_type": "text_embedding",
        "service": "openai",
        "service_settings": {
            "model_id": "text-embedding-3-small",
            "url": "https://x",
            "organization_id": "o",
            "similarity": "dot_product",
            "dimensions": 1536,
            "rate_limit": {"requests_per_minute": 500},
        },
        "task_settings": {"user": "team-a"},
        "chunking_settings": {"strategy": "sentence", "max_chunk_size": 100, "sentence_overlap": 0},
    }
    order = ["inference_id", "task_type", "service", "service_settings", "task_settings", "chunking_settings"]
    assert list(answer.body) == order
    settings = ["model_id", "url", "organization_id", "similarity", "dimensions", "rate_limit"]
    assert list(answer.body["service_settings"]) == settings
    assert list(answer.body["chunking_settings"]) == ["strategy", "max_chunk_size", "sentence_overlap"]
    assert KEY.encode() not in answer.raw
    assert every.read("my-openai") == answer.body


@in_each()
def test_order_of_jinaai(every: Api) -> None:
    """create.md#answer: the order inside `service_settings` is the service's own."""
    if every.version == "8.17":
        return_unknown = {"service": "jinaai", "service_settings": {"api_key": KEY, "model_id": "m"}}
        assert every("PUT", "/_inference/rerank/ep", return_unknown).reason == "Unknown service [jinaai]"
        return
    body = {"service": "jinaai", "service_settings": {"api_key": KEY, "model_id": "m", "dimensions": 4}}
    keys = list(every.put("text_embedding", "ep", body)["service_settings"])
    expected = ["model_id", "rate_limit", "dimensions", "embedding_type", "similarity"]
    assert keys == [key for key in expected if key != "embedding_type" or known(every.version, "8.19/9.1")]


@pytest.mark.parametrize("given", [None, {}])
@in_each()
def test_empty_task_settings_are_left_out(every: Api, given: Any) -> None:
    """create.md#answer, emulating.md#conformance item 18."""
    body = openai() if given is None else openai(given)
    assert "task_settings" not in every.put("completion", "ep", body)


@in_each()
def test_the_elser_alias(every: Api) -> None:
    """Stored and returned as elasticsearch, with a deprecation warning.

    Source: create.md#body, in-cluster.md#create, errors.md#warnings.
    """
    body = {"service": "elser", "service_settings": {"num_threads": 1, "num_allocations": 1}}
    answer = every("PUT", "/_inference/sparse_embedding/ep", body)
    assert answer.body["service"] == "elasticsearch"
    assert answer.body["service_settings"]["model_id"].startswith(".elser_model_2")
    warning = answer.header("Warning") or ""
    assert warning.startswith("299 Elasticsearch-")
    assert "[elser]" in warning
    assert every("PUT", "/_inference/sparse_embedding/ep2", elser()).header("Warning") is None


def test_bodies_as_text(api: Api) -> None:
    """create.md#answer: the raw answer has no blanks outside strings, as the server prints it."""
    raw = api("PUT", "/_inference/completion/ep", openai()).raw.decode()
    assert raw == json.dumps(json.loads(raw), separators=(",", ":"))


# --- timeout (requests.md#parameters, in-cluster.md#create)


@in_each(versions("8.19/9.1"))
def test_timeout_of_put(version: str) -> None:
    """in-cluster.md#create: the start of a deployment is waited for as long as `timeout` says."""
    api = Api(version, allocation_seconds=45.0)
    answer = api("PUT", "/_inference/sparse_embedding/slow", elser())
    assert answer.brief() == (
        408,
        "status_exception",
        (
            "Timed out after [30s] waiting for model deployment to start. "
            "Use the trained model stats API to track the state of the deployment."
        ),
    )
    assert api.read("slow")["inference_id"] == "slow"
    assert api("PUT", "/_inference/sparse_embedding/fast?timeout=1m", elser()).status == 200
