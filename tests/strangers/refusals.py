"""What a PUT refuses, and with what words."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import elser, openai, semantic

from .endpoints import SPARSE
from .row import Ask, Row

STATUS = "status_exception"
VALIDATION = "validation_exception"
MODEL = Ask("POST", "/_emulator/models", {"my-model": "sparse_embedding"})
SLOW = Ask("POST", "/_emulator/provider", {"outcome": "timeout"})
FAILS = Ask("POST", "/_emulator/provider", {"outcome": "401"})
PROBE = "Could not complete inference endpoint creation as validation call to service threw an exception."
COMPRESSOR = "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes"
ID_WORDS = (
    "can contain lowercase alphanumeric (a-z and 0-9), hyphens or underscores; must start and end with alphanumeric"
)
UNRUN = "9.3 and 9.4, which could not be run"


def put(body: Any, task: str = "text_embedding", inference_id: str = "ep", query: str = "") -> Ask:
    return Ask("PUT", f"/_inference/{task}/{inference_id}{query}", body)


def problem(text: str) -> str:
    return f"Validation Failed: 1: {text};"


OLD = "Model configuration contains settings [{extra_key=value}] unknown to the [openai] service"
NEW = "Configuration contains settings [{extra_key=value}] unknown to the [openai] service"
PLACES = {
    "the body": {**openai(), "extra_key": "value"},
    "service_settings": openai(extra_key="value"),
    "task_settings": openai({"user": "a", "extra_key": "value"}),
}
FIXED = {"task_type": "text_embedding", "dimensions": 1536, "similarity": "dot_product", "element_type": "float"}


def fixed(**settings: Any) -> tuple[Ask, ...]:
    """An index that maps a field to the endpoint, with the shape of its vectors fixed."""
    return (Ask("PUT", "/i-1", {"mappings": semantic("ep", model_settings={**FIXED, **settings})}),)


ROWS = [
    *(
        Row(f"an unknown key in {place}", "openai", put(body), 400, STATUS, OLD, until="8.19/9.1")
        for place, body in PLACES.items()
    ),
    *(
        Row(
            f"an unknown key in {place}, in newer words",
            "words",
            put(body),
            400,
            STATUS,
            NEW,
            since="9.2",
            inferred="which release says so first",
        )
        for place, body in PLACES.items()
    ),
    Row(
        "a task type that the service has not",
        "openai",
        put(openai(), "sparse_embedding"),
        400,
        STATUS,
        "The [openai] service does not support task type [sparse_embedding]",
    ),
    Row(
        "a required setting is missing",
        "utils",
        put(openai(api_key=None)),
        400,
        VALIDATION,
        problem("[service_settings] does not contain the required setting [api_key]"),
        until="9.3",
        inferred="that it is about api_key: the suite asks with names of its own",
    ),
    Row(
        "an empty text",
        "utils",
        put(openai(model_id="")),
        400,
        VALIDATION,
        "[service_settings] Invalid value empty string. [model_id] must be a non-empty string",
        inferred="that it is about model_id",
    ),
    Row(
        "a word of no list",
        "utils",
        put(openai(similarity="x")),
        400,
        VALIDATION,
        "[service_settings] Invalid value [x] received. [similarity] must be one of [cosine, dot_product, l2_norm]",
        inferred="that it is about similarity, and its words",
    ),
    Row(
        "a number where a text belongs",
        "utils",
        put(openai(model_id=5)),
        400,
        reason="field [model_id] is not of the expected type. The value [5] cannot be converted to a [String]",
        inferred="that it is about model_id",
    ),
    Row(
        "a text where a number belongs",
        "utils",
        put(openai(dimensions="many")),
        400,
        reason="field [dimensions] is not of the expected type. The value [many] cannot be converted to a [Integer]",
        inferred="that it is about dimensions",
    ),
    Row(
        "a fraction where a number belongs",
        "utils",
        put(openai(dimensions=5.0)),
        400,
        reason="field [dimensions] is not of the expected type. The value [5.0] cannot be converted to a [Integer]",
        inferred="that it is about dimensions",
    ),
    Row(
        "an address that is none",
        "utils",
        put(openai(url="^^")),
        400,
        VALIDATION,
        "[service_settings] Invalid url [^^] received for field [url]",
        inferred="that it is about url",
    ),
    Row(
        "no task type",
        "create",
        Ask("PUT", "/_inference/ep", openai()),
        400,
        STATUS,
        "model is missing required setting [task_type]",
    ),
    Row(
        "any as the task type of the body",
        "create",
        Ask("PUT", "/_inference/ep", {**openai(), "task_type": "any"}),
        400,
        STATUS,
        "task_type [any] is not valid type for inference",
    ),
    Row(
        "two task types",
        "create",
        put({**SPARSE, "task_type": "text_embedding"}, "sparse_embedding"),
        400,
        STATUS,
        "Cannot resolve conflicting task_type parameter in the request URL [sparse_embedding] and the request body "
        "[text_embedding]",
    ),
    Row("an id with an underscore and a digit", "create request", put(openai(), inference_id="abc_-0")),
    *(
        Row(
            f"the id {inference_id}",
            "create request",
            put(openai(), inference_id=inference_id),
            400,
            "action_request_validation_exception",
            ID_WORDS,
            inferred="which characters: the suite draws one of many",
        )
        for inference_id in ("a%20b", "a*", "A", "a%23", "a_")
    ),
    Row(
        "an id that names a model, in older words",
        "unique",
        put(elser(model_id="my-model"), "sparse_embedding", "my-model"),
        400,
        STATUS,
        "Model IDs must be unique. Requested model ID [my-model] matches existing model IDs but must not.",
        until="8.19/9.0",
        first=(MODEL,),
        inferred="which releases still say so",
    ),
    Row(
        "an id that is taken",
        "exists",
        put(openai()),
        400,
        "resource_already_exists_exception",
        "Inference endpoint [ep] already exists",
        first=(put(openai()),),
    ),
    Row(
        "a taken id is found after the call to the provider",
        "exists",
        put(openai()),
        400,
        STATUS,
        PROBE,
        first=(put(openai()), FAILS),
        inferred="the order, read in the source beside the suite",
    ),
    Row(
        "a provider that refuses the key of a new endpoint",
        "update",
        put(openai()),
        400,
        STATUS,
        PROBE,
        first=(FAILS,),
        inferred="asserted of updates, whose text speaks of a creation",
    ),
    Row(
        "a provider that is too slow for a new endpoint",
        "long timeout",
        put(openai(model_id="gpt-4o-mini"), "completion"),
        400,
        STATUS,
        PROBE,
        shows={"error.caused_by.reason": "Request timed out after [30s]"},
        until="9.4",
        first=(SLOW,),
        inferred="the cause's words",
    ),
    Row(
        "completion has more time from 9.5 on",
        "long timeout",
        put(openai(model_id="gpt-4o-mini"), "completion"),
        400,
        STATUS,
        PROBE,
        shows={"error.caused_by.reason": "Request timed out after [2m]"},
        since="9.5",
        first=(SLOW,),
        inferred="the cause's words",
    ),
    Row(
        "vectors have no more time",
        "long timeout",
        put(openai()),
        400,
        STATUS,
        PROBE,
        shows={"error.caused_by.reason": "Request timed out after [30s]"},
        since="9.5",
        first=(SLOW,),
        inferred="the cause's words",
    ),
    Row(
        "a PUT has a timeout",
        "put timeout",
        put(openai(), query="?timeout=5s"),
        since="8.19/9.1",
        inferred="the release",
    ),
    Row(
        "a PUT had no timeout",
        "put timeout",
        put(openai(), query="?timeout=5s"),
        400,
        "illegal_argument_exception",
        "request [/_inference/text_embedding/ep] contains unrecognized parameter: [timeout]",
        until="8.18/9.0",
    ),
    Row(
        "a cut body",
        "put classes",
        put(b'{"a": 1'),
        400,
        "x_content_parse_exception",
        until="8.19/9.1",
    ),
    Row(
        "a cut body has a type of its own",
        "put classes",
        put(b'{"a": 1'),
        400,
        "x_content_e_o_f_exception",
        "Unexpected end of file",
        since="9.2",
        inferred=UNRUN,
    ),
    Row(
        "a key twice", "put classes", put(b'{"a": 1, "a": 2}'), 400, "x_content_parse_exception", "Duplicate field 'a'"
    ),
    Row("a list as a body", "put classes", put(b"[]"), 500, "not_x_content_exception", COMPRESSOR, until="8.19/9.1"),
    Row(
        "a list as a body reads as empty",
        "put classes",
        put(b"[]"),
        400,
        STATUS,
        "Inference endpoint configuration is missing the [service] setting",
        since="9.2",
        inferred=UNRUN,
    ),
    Row("no body", "put classes", put(None), 400, "parse_exception", "request body is required"),
    Row(
        "another shape than the vectors that are there",
        "mappings",
        put(openai(similarity="cosine")),
        400,
        STATUS,
        "Inference endpoint [ep] could not be created because the inference_id is being used in mappings with "
        "incompatible settings for indices: [i-1]. Please either use a different inference_id or update the index "
        "mappings to refer to a different inference_id.",
        since="9.2",
        first=fixed(),
        inferred="9.2.1 is the first patch; 8.19 and 9.1 got it in patches that no profile plays",
    ),
    Row(
        "another shape was no matter",
        "mappings",
        put(openai(similarity="cosine")),
        until="8.19/9.1",
        first=fixed(),
        inferred="for the first releases of 8.19 and 9.1",
    ),
    Row("a deployment needs a model", "e5", put(elser(model_id=None), "sparse_embedding"), 400, reason="model_id"),
    Row(
        "a licence that does not allow machine learning",
        "licence ml",
        put({"service": "elser", "service_settings": {"num_allocations": 1, "num_threads": 1}}, "sparse_embedding"),
        403,
        "security_exception",
        cluster={"licensed": False},
        inferred="the feature that is named: [ml] in that suite, [inference] in later ones",
    ),
]
