"""Services whose settings an object parser reads: cohere, amazonbedrock, llama, ai21."""

from __future__ import annotations

from typing import Any

from .rotations import KEY, LLAMA, NEW_KEY, NEW_PAIR, PAIR, bedrock, change, make
from .row import Ask, Row

PARSE = "x_content_parse_exception"
TITAN = bedrock("amazon.titan-embed-text-v2:0", "amazontitan")
V2 = "The [service_settings.model_id] field is required for the Cohere V2 API."


def put(service: str, settings: dict[str, Any], task: str = "text_embedding") -> Ask:
    return Ask("PUT", f"/_inference/{task}/ep", {"service": service, "service_settings": settings})


ROWS = [
    Row(
        "amazonbedrock refuses what it does not know",
        "bedrock parser",
        put("amazonbedrock", {**TITAN, **PAIR, "extra_key": "value"}),
        400,
        PARSE,
        "[service_settings] unknown field [extra_key]",
        since="9.5",
        inferred="the release: merged before the branch of 9.5 was cut",
    ),
    Row(
        "amazonbedrock refuses a flag of its own",
        "bedrock parser",
        put("amazonbedrock", {**TITAN, **PAIR, "dimensions_set_by_user": True}),
        400,
        PARSE,
        "[service_settings] unknown field [dimensions_set_by_user]",
        since="9.5",
        inferred="the release",
    ),
    Row(
        "llama refuses what it does not know",
        "llama parser",
        put("llama", {**LLAMA, **KEY, "extra_key": "value"}),
        400,
        PARSE,
        "[service_settings] unknown field [extra_key]",
        since="9.5",
        inferred="the release: merged before the branch of 9.5 was cut",
    ),
    Row(
        "llama refuses an address in an update, with its place",
        "llama parser",
        change("text_embedding", {"url": "http://other"}),
        400,
        PARSE,
        "[1:2] [service_settings] unknown field [url]",
        since="9.5",
        first=(make("llama", "text_embedding", LLAMA),),
        inferred="the release",
    ),
    Row(
        "cohere needs a model",
        "cohere",
        put("cohere", {**KEY, "embedding_type": "float"}),
        400,
        "validation_exception",
        f"Validation Failed: 1: {V2};",
        since="8.19/9.1",
        until="9.4",
        inferred="the text and the release: V2 of the provider's API came with 8.19 and 9.1",
    ),
    Row(
        "cohere needs a model, said by its parser",
        "cohere parser",
        put("cohere", {**KEY, "embedding_type": "float"}),
        400,
        "illegal_argument_exception",
        V2,
        since="9.5",
        inferred="read in the source; the suite is of the time before",
    ),
    *(
        Row(
            f"{service} may refuse a new secret before it was mended",
            "rotation mended",
            change(task, secret),
            400,
            PARSE,
            "[service_settings] unknown field [",
            since="9.5",
            until="9.5.2",
            first=(make(service, task, settings),),
            inferred="which of the six services: no 9.5.2 was asked",
        )
        for service, task, settings, secret in (
            ("cohere", "rerank", {"model_id": "rerank-english-v3.0"}, NEW_KEY),
            ("llama", "completion", LLAMA, NEW_KEY),
            ("ai21", "completion", {"model_id": "jamba-1.5-mini"}, NEW_KEY),
            ("amazonbedrock", "text_embedding", TITAN, NEW_PAIR),
        )
    ),
    Row(
        "51 separators",
        "chunking separators",
        Ask(
            "PUT",
            "/_inference/text_embedding/ep",
            {
                "service": "openai",
                "service_settings": {"api_key": "k", "model_id": "m"},
                "chunking_settings": {
                    "strategy": "recursive",
                    "max_chunk_size": 100,
                    "separators": [f"{n}" for n in range(51)],
                },
            },
        ),
        400,
        "validation_exception",
        since="9.5.5",
    ),
]
