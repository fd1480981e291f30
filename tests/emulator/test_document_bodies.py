"""Bodies that no search, bulk, mapping or question can use (malformed.md#documents-searches-mappings)."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api

PARSING, ILLEGAL, XCONTENT = "parsing_exception", "illegal_argument_exception", "x_content_parse_exception"

# Answers of 9.1.0: the type, and how the reason starts.
SEARCHES = [
    ({"size": {}}, PARSING, "Unknown key for a START_OBJECT in [size]."),
    ({"size": "x"}, "number_format_exception", 'For input string: "x"'),
    ({"size": -1}, ILLEGAL, "[size] parameter cannot be negative, found [-1]"),
    ({"from": -1}, ILLEGAL, "[from] parameter cannot be negative but was [-1]"),
    ({"query": 3}, PARSING, "Unknown key for a VALUE_NUMBER in [query]."),
    ({"query": {}}, ILLEGAL, "query malformed, empty clause found at "),
    (
        {"query": {"match_all": {}, "term": {"a": 1}}},
        PARSING,
        "[match_all] malformed query, expected [END_OBJECT] but found [FIELD_NAME]",
    ),
    ({"query": {"term": 3}}, PARSING, "[term] query malformed, no start_object after query name"),
    ({"query": {"term": {}}}, ILLEGAL, "field name is null or empty"),
    ({"query": {"term": {"a": 1, "b": 2}}}, PARSING, "[term] query doesn't support multiple fields, found [a] and [b]"),
    ({"query": {"terms": {"a": 3}}}, PARSING, "[terms] query does not support [a]"),
    ({"query": {"range": {"n": 3}}}, PARSING, "[range] query does not support [n]"),
    ({"query": {"bool": 3}}, PARSING, "[bool] query malformed, no start_object after query name"),
    ({"query": {"bool": {"must": 3}}}, XCONTENT, "[bool] must doesn't support values of type: VALUE_NUMBER"),
    ({"query": {"bool": {"filter": [{}]}}}, ILLEGAL, "query malformed, empty clause found at "),
    ({"query": {"exists": {}}}, PARSING, "[exists] must be provided with a [field]"),
    ({"query": {"ids": {"values": 3}}}, PARSING, "[ids] values doesn't support values of type: VALUE_NUMBER"),
    ({"sort": 3}, "search_phase_execution_exception", "all shards failed"),
    (
        {"sort": [3]},
        ILLEGAL,
        "malformed sort format, within the sort array, an object, or an actual string are allowed",
    ),
    ({"_source": 3}, PARSING, "Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT] but found "),
    ({"search_after": 3}, PARSING, "Unknown key for a VALUE_NUMBER in [search_after]."),
]
START = "Malformed action/metadata line [1], "
BULKS = [
    (b"{}\n", ILLEGAL, START + "expected FIELD_NAME but found [END_OBJECT]"),
    (b"[]\n", ILLEGAL, START + "expected START_OBJECT but found [START_ARRAY]"),
    (b"x\n", XCONTENT, "[1:2] Unrecognized token 'x'"),
    (b'{"index":{}}\n', "action_request_validation_exception", "Validation Failed: 1: no requests added;"),
    (b"\n", "action_request_validation_exception", "Validation Failed: 1: no requests added;"),
    (b'{"index":3}\n{}\n', ILLEGAL, START + "expected START_OBJECT or END_OBJECT but found [VALUE_NUMBER]"),
    (b'{"index":{"_index":"i"},"delete":{}}\n{}\n', ILLEGAL, START + "expected END_OBJECT but found [FIELD_NAME]"),
    (
        b'{"index":{"_index":"i","_id":{}}}\n{}\n',
        ILLEGAL,
        START + "expected a simple value for field [_id] but found [START_OBJECT]",
    ),
    (b'{"index":{"_index":"i","if_seq_no":"x"}}\n{}\n', ILLEGAL, 'For input string: "x"'),
    (
        b'{"update":{"_index":"i","_id":"1"}}\n{}\n',
        "action_request_validation_exception",
        "Validation Failed: 1: script or doc is missing;",
    ),
    (b'{"update":{"_index":"i","_id":"1"}}\n{"doc":3}\n', XCONTENT, "[1:1] [UpdateRequest] doc doesn't support values"),
]
MAPPING = "mapper_parsing_exception"
OTHERS: list[tuple[str, str, Any, str, str]] = [
    ("PUT", "/new", {"settings": 3}, "parse_exception", "key [settings] must be an object"),
    ("PUT", "/new", {"mappings": 3}, "parse_exception", "key [mappings] must be an object"),
    ("PUT", "/new", {"aliases": 3}, "parse_exception", "key [aliases] must be an object"),
    ("PUT", "/new", {"mappings": {"properties": 3}}, MAPPING, "Failed to parse mapping: properties must be a map type"),
    (
        "PUT",
        "/new",
        {"mappings": {"properties": {"a": 3}}},
        MAPPING,
        "Failed to parse mapping: Expected map for property",
    ),
    ("PUT", "/i/_mapping", {"properties": 3}, MAPPING, "Failed to parse mapping: properties must be a map type"),
    (
        "PUT",
        "/_index_template/t",
        {"index_patterns": 3},
        XCONTENT,
        "[1:1] [index_template] index_patterns doesn't support",
    ),
    ("PUT", "/_component_template/t", {"template": 3}, XCONTENT, "[1:1] [component_template] template doesn't support"),
    (
        "PUT",
        "/i/_doc/1?if_seq_no=x&if_primary_term=1",
        {},
        ILLEGAL,
        "Failed to parse long parameter [if_seq_no] with value",
    ),
    ("POST", "/_security/user/_has_privileges", {"cluster": 3}, "parse_exception", "failed to parse privileges check."),
    ("POST", "/_security/user/_has_privileges", {"index": [3]}, "parse_exception", "failed to parse privileges check."),
    ("POST", "/_emulator/users", {"users": [3]}, ILLEGAL, "this body is none for /users"),
    ("POST", "/_emulator/provider", {"outcome": 3}, ILLEGAL, "this body is none for /provider"),
    ("POST", "/_emulator/faults", {"kind": "status", "status": "x"}, ILLEGAL, ""),
    ("POST", "/_emulator/faults", {"kind": "status", "path": 3}, ILLEGAL, ""),
]
ALL = [
    *(("POST", "/i/_search", *row) for row in SEARCHES),
    *(("POST", "/_bulk", *row) for row in BULKS),
    *OTHERS,
]


def test_they_are_refused() -> None:
    """Before anything is looked at or written."""
    api = Api("9.1")
    api.good("PUT", "/i", {})
    wrong = []
    for method, target, body, kind, start in ALL:
        answer = api(method, target, body)
        if answer.status != 400 or answer.type != kind or not answer.reason.startswith(start):
            wrong.append((method, target, body, answer.status, answer.type, answer.reason))
    assert wrong == []
    assert list(api.cluster.indices) == ["i"]
    assert api.cluster.indices["i"].documents == {}
    assert api.cluster.faults == []


@pytest.mark.parametrize("source", [b"3", b"xx", b"[]"])
def test_a_document_that_is_none_fails_its_item_alone(source: bytes) -> None:
    api = Api("9.1")
    lines = b'{"index":{"_index":"i","_id":"1"}}\n' + source + b'\n{"index":{"_index":3,"_id":"2"}}\n{}\n'
    answer = api.good("POST", "/_bulk", lines)
    assert [row["index"]["status"] for row in answer["items"]] == [500, 201]
    assert answer["items"][0]["index"]["error"]["type"] == "not_x_content_exception"
    assert list(api.cluster.indices["3"].documents) == ["2"]


def test_lists_in_lists_are_mapped() -> None:
    api = Api()
    assert api("PUT", "/i/_doc/1", {"a": [[1]], "b": [[]], "c": [None], "d": [[{"x": 1}]]}).status == 201
    assert api.good("GET", "/i/_mapping")["i"]["mappings"]["properties"]["a"] == {"type": "long"}
