"""Services with object parsers: their errors word for word, with positions, and the secrets that 9.5.0 to 9.5.2 refuse.

Source: create.md#object-parsers, update.md#object-parsers.
"""

from __future__ import annotations

from typing import Any

import pytest

from .api import KEY, Api

PARSE = "x_content_parse_exception"
ILLEGAL = "illegal_argument_exception"
SIMILARITY = "org.elasticsearch.inference.SimilarityMeasure"
PROVIDER = "org.elasticsearch.xpack.inference.services.amazonbedrock.AmazonBedrockProvider"
NEEDED: dict[str, dict[str, Any]] = {
    "ai21": {"api_key": KEY, "model_id": "m"},
    "amazonbedrock": {
        "access_key": KEY,
        "secret_key": KEY,
        "region": "r",
        "model": "m",
        "provider": "amazontitan",
    },
    "cohere": {"api_key": KEY, "model_id": "m"},
    "llama": {"api_key": KEY, "model_id": "m", "url": "http://a"},
}
OTHERS = {
    "alibabacloud-ai-search": {"api_key": KEY, "host": "h", "service_id": "s", "workspace": "w"},
    "watsonxai": {"api_key": KEY, "url": "http://a", "api_version": "v", "model_id": "m", "project_id": "p"},
}


def put(service: str, changes: dict[str, Any], version: str = "9.5") -> Any:
    given = {**NEEDED[service], **changes}
    settings = {name: value for name, value in given.items() if value is not ...}
    task = "completion" if service == "ai21" else "text_embedding"
    return Api(version)("PUT", f"/_inference/{task}/ep", {"service": service, "service_settings": settings})


def made(service: str, version: str, **more: Any) -> Api:
    api = Api(version)
    api.put("completion", "ep", {"service": service, "service_settings": {**NEEDED, **OTHERS}[service] | more})
    return api


def causes(answer: Any) -> list[tuple[str, str]]:
    """Type and reason of the error and of what caused it, the outermost first."""
    chain, link = [], answer.error
    while link:
        chain.append((link["type"], link["reason"]))
        link = link.get("caused_by")
    return chain


@pytest.mark.parametrize(
    ("service", "changes", "reasons"),
    [
        # The settings are written again, in the order of a hash map, before they are parsed: {"api_key":"...","model_id":
        ("ai21", {"zzz": 1}, [(PARSE, "[1:44] [service_settings] unknown field [zzz]")]),
        ("ai21", {"model": "m"}, [(PARSE, "[1:29] [service_settings] unknown field [model] did you mean [model_id]?")]),
        ("ai21", {"model_id": 5}, [(PARSE, "[1:40] [service_settings] model_id doesn't support values of type: VALUE_NUMBER")]),
        ("ai21", {"model_id": None}, [(PARSE, "[1:40] [service_settings] model_id doesn't support values of type: VALUE_NULL")]),
        ("ai21", {"model_id": ...}, [(ILLEGAL, "[service_settings] does not contain the required setting [model_id]")]),
        ("ai21", {"model_id": ""}, [(ILLEGAL, "[service_settings] does not contain the required setting [model_id]")]),
        ("cohere", {"model_id": ...}, [(ILLEGAL, "The [service_settings.model_id] field is required for the Cohere V2 API.")]),
        ("cohere", {"api_version": "V1"}, [(PARSE, "unknown field [api_version]")]),
        ("cohere", {"similarity": "By_Size"}, [(PARSE, "failed to parse field [similarity]"), (ILLEGAL, f"No enum constant {SIMILARITY}.BY_SIZE")]),
        ("cohere", {"dimensions": 0}, [(PARSE, "failed to parse field [dimensions]"), (ILLEGAL, "dimensions must be a positive integer")]),
        ("cohere", {"dimensions": "x"}, [(PARSE, "failed to parse field [dimensions]"), ("number_format_exception", 'For input string: "x"')]),
        ("cohere", {"dimensions": "3e9"}, [(PARSE, "failed to parse field [dimensions]"), (ILLEGAL, "Value [3e9] is out of range for an integer")]),
        ("cohere", {"dimensions": True}, [(PARSE, "dimensions doesn't support values of type: VALUE_BOOLEAN")]),
        ("llama", {"similarity": "x"}, [(PARSE, "failed to parse field [similarity]"), (ILLEGAL, "Invalid value [x]; expected one of [cosine, dot_product, l2_norm]")]),
        ("llama", {"dimensions": 0}, [(ILLEGAL, "[dimensions] Invalid value [0]. [dimensions] must be a positive integer")]),
        ("llama", {"url": ""}, [(ILLEGAL, "[service_settings] does not contain the required setting [url]")]),
        ("amazonbedrock", {"provider": "zzz"}, [(ILLEGAL, f"No enum constant {PROVIDER}.ZZZ")]),
        ("amazonbedrock", {"max_input_tokens": -128}, [(PARSE, "failed to parse field [max_input_tokens]"), (ILLEGAL, "[service_settings] Invalid value [-128]. [max_input_tokens] must be a positive integer")]),
        ("amazonbedrock", {"dimensions": 8}, [(PARSE, "unknown field [dimensions]")]),
        ("amazonbedrock", {"dimensions_set_by_user": True}, [(PARSE, "unknown field [dimensions_set_by_user]")]),
        ("amazonbedrock", {"region": ...}, [(ILLEGAL, "[service_settings] does not contain the required setting [region]")]),
        ("amazonbedrock", {"secret_key": ...}, [("validation_exception", "Validation Failed: 1: [service_settings] does not contain the required setting [secret_key];")]),
        ("ai21", {"rate_limit": 5}, [(PARSE, "rate_limit doesn't support values of type: VALUE_NUMBER")]),
        ("ai21", {"rate_limit": {"x": 1}}, [(PARSE, "failed to parse field [rate_limit]"), (PARSE, "[rate_limit] unknown field [x]")]),
        (
            "ai21",
            {"rate_limit": {"requests_per_minute": 0}},
            [
                (PARSE, "failed to parse field [rate_limit]"),
                (PARSE, "[rate_limit] failed to parse field [requests_per_minute]"),
                (PARSE, "Failed to build [rate_limit] after last required field arrived"),
                (ILLEGAL, "requests per minute must be positive"),
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_refused(service: str, changes: dict[str, Any], reasons: list[tuple[str, str]]) -> None:
    answer = put(service, changes)
    found = causes(answer)
    assert answer.status == 400
    assert [kind for kind, _ in found] == [kind for kind, _ in reasons]
    for (_, said), (_, reason) in zip(found, reasons, strict=True):
        assert said == reason or (said.startswith("[1:") and said.endswith(f"] {reason}"))
    root = answer.error["root_cause"][0]
    assert (root["type"], root["reason"]) == [link for link in found if link[0] == found[0][0]][-1]
    before = put(service, changes, "9.4")
    assert PARSE not in before.raw.decode()


def test_positions() -> None:
    """The name of an unknown field; the value of one that fails, inside of objects too."""
    answer = put("llama", {"rate_limit": {"requests_per_minute": "x"}, "api_key": ...})
    sent = '{"rate_limit":{"requests_per_minute":"x"},"model_id":"m","url":"http://a"}'
    column = sent.index('"x"') + 1
    outer, inner = (
        f"[1:{column}] [{parser}] failed to parse field [{field}]"
        for parser, field in (("service_settings", "rate_limit"), ("rate_limit", "requests_per_minute"))
    )
    assert causes(answer) == [(PARSE, outer), (PARSE, inner), (ILLEGAL, 'For input string: "x"')]
    api = made("llama", "9.5")
    answer = api.update("completion", "ep", {"service_settings": {"model_id": "é", "url": "n"}})
    assert causes(answer) == [(PARSE, "[1:2] [service_settings] unknown field [model_id]")]


def test_a_number_too_large_is_quoted_with_its_source() -> None:
    answer = put("cohere", {"dimensions": 3_000_000_000, "api_key": ..., "model_id": ...})
    words = "Numeric value (3000000000) out of range of int (-2147483648 - 2147483647)"
    source = f'{words}\n at [Source: (byte[])"{{"dimensions":3000000000}}"; line: 1, column: 25]'
    assert causes(answer) == [
        (PARSE, "[1:15] [service_settings] failed to parse field [dimensions]"),
        (PARSE, f"[1:25] {source}"),
        ("input_coercion_exception", source),
    ]


@pytest.mark.parametrize(("given", "kept"), [("8", 8), ("8.9", 8), (8.9, 8)])
def test_what_is_read_as_a_number(given: Any, kept: int) -> None:
    assert put("cohere", {"dimensions": given}).body["service_settings"]["dimensions"] == kept
    assert put("cohere", {"dimensions": given}, "9.4").status == 400


def test_model_and_model_id() -> None:
    """create.md#object-parsers: the newer name wins, in every version."""
    for version in ("9.1", "9.5"):
        assert put("cohere", {"model": "old"}, version).body["service_settings"]["model_id"] == "m"
        assert put("cohere", {"model": "old", "model_id": ...}, version).body["service_settings"]["model_id"] == "old"


@pytest.mark.parametrize("service", [*NEEDED, *OTHERS])
def test_rotation(service: str) -> None:
    """update.md#object-parsers: 9.5.0 to 9.5.2 take the secret for an unknown field; nothing is stored."""
    names = [name for name in {**NEEDED, **OTHERS}[service] if name.endswith("_key")]
    change = {"service_settings": dict.fromkeys(names, "new")}
    for version in ("9.4", "9.5.3", "9.5.5", "serverless"):
        api = made(service, version)
        assert api.update("completion", "ep", change).status == 200, version
        assert set(api.cluster.endpoints["ep"].secrets.values()) == {"new"}, version
    api = made(service, "9.5.2")
    answer = api.update("completion", "ep", change)
    assert answer.brief()[:2] == (400, PARSE)
    assert answer.reason in [f"[1:2] [service_settings] unknown field [{name}]" for name in names]
    assert set(api.cluster.endpoints["ep"].secrets.values()) == {KEY}
    limit = {"service_settings": {"rate_limit": {"requests_per_minute": 9}}}
    assert api.update("completion", "ep", limit).status == 200


def test_other_services_rotate_on_every_patch() -> None:
    api = Api("9.5.2")
    api.put("completion", "ep", {"service": "openai", "service_settings": {"api_key": KEY, "model_id": "m"}})
    assert api.update("completion", "ep", {"service_settings": {"api_key": "new"}}).status == 200


def test_a_null_and_an_empty_rate_limit_in_an_update() -> None:
    """update.md#object-parsers: an empty object keeps what is there; a null is refused where it does not reset."""
    for service in NEEDED:
        api = made(service, "9.5", rate_limit={"requests_per_minute": 7})
        shown = api.update("completion", "ep", {"service_settings": {"rate_limit": {}}}).body["service_settings"]
        assert shown["rate_limit"] == {"requests_per_minute": 7}
    for service in ("llama", "amazonbedrock"):
        answer = made(service, "9.5").update("completion", "ep", {"service_settings": {"rate_limit": None}})
        assert answer.reason == "[1:15] [service_settings] rate_limit doesn't support values of type: VALUE_NULL"


@pytest.mark.parametrize(
    ("version", "most"), [("9.4", 51), ("9.4.8", 50), ("9.5", 51), ("9.5.5", 50), ("serverless", 50)]
)
def test_separators(version: str, most: int) -> None:
    """chunking.md: at most 50 from 9.4.8 and 9.5.5 on."""
    body: dict[str, Any] = {
        "service": "openai",
        "service_settings": {"api_key": KEY, "model_id": "m"},
        "chunking_settings": {"strategy": "recursive", "max_chunk_size": 40},
    }
    api = Api(version)
    for number in (50, 51):
        body["chunking_settings"]["separators"] = ["a"] * number
        answer = api("PUT", f"/_inference/text_embedding/ep-{number}", body)
        assert answer.status == (200 if number <= most else 400)
        assert number <= most or "not have more than 50 separators" in answer.reason
