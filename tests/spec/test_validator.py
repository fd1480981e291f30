"""The validator itself, on a description made up here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.spec.openapi import Description, Problem

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {
    "type": "object",
    "properties": {"model": {"type": "string"}, "n": {"type": "number"}},
    "required": ["model"],
}
ENDPOINT = {
    "type": "object",
    "properties": {
        "service": {"allOf": [{"$ref": "#/components/schemas/Word"}]},
        "settings": {"allOf": [{"$ref": "#/components/schemas/Settings"}]},
        "free": {"type": "object"},
        "tags": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}}]},
        "user": {"type": "string", "nullable": True},
    },
    "required": ["service", "settings"],
}
SHOWN = {
    "allOf": [{"$ref": "#/components/schemas/Endpoint"}, {"type": "object", "properties": {"id": {"type": "string"}}}]
}


def _json(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _put(name: str, body: str) -> dict[str, Any]:
    return {
        "operationId": f"put-{name}-1",
        "parameters": [
            {"$ref": "#/components/parameters/timeout"},
            {"name": "task", "in": "path", "schema": {"type": "string", "enum": ["rerank"]}},
        ],
        "requestBody": {"required": True, **_json({"$ref": f"#/components/schemas/{body}"})},
        "responses": {"200": _json({"$ref": "#/components/schemas/Shown"})},
    }


DOCUMENT = {
    "paths": {
        "/x/{task}/{id}": {"put": _put("any", "Loose"), "get": {"operationId": "get-1", "responses": {"200": {}}}},
        "/x/{task}/{a_id}": {"put": _put("a", "Endpoint")},
        "/x/{task}/_list": {"get": {"operationId": "list-1", "responses": {"200": {}}}},
    },
    "components": {
        "parameters": {"timeout": {"name": "timeout", "in": "query", "schema": {"type": "string"}}},
        "schemas": {
            "Word": {"type": "string", "enum": ["a"]},
            "Settings": SETTINGS,
            "Tag": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Endpoint": ENDPOINT,
            "Loose": {"type": "object", "properties": {"service": {"type": "string"}, "settings": {"type": "object"}}},
            "Shown": SHOWN,
        },
    },
}
GOOD = {
    "service": "a",
    "settings": {"model": "m", "n": 1.5},
    "free": {"any": {"thing": 1}},
    "tags": [{"name": "t"}],
    "user": None,
}


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Description:
    file: Path = tmp_path_factory.mktemp("description") / "openapi.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return Description(file)


def _told(description: Description, body: Any, target: str = "/x/rerank/e") -> list[tuple[str, str]]:
    (operation,) = [each for each in description.operations("PUT", target, "a") if each.service == "a"]
    return [(problem.where, problem.what) for problem in description.request_problems(operation, target, body)]


def test_the_operations_of_a_path(description: Description) -> None:
    named = [[each.name for each in description.operations("PUT", "/x/rerank/e", service)] for service in ("a", "b")]
    assert named == [["put-any", "put-a"], ["put-any"]]
    assert [each.name for each in description.operations("GET", "/x/rerank/_list?y=1")] == ["list"]
    assert [each.name for each in description.operations("GET", "/x/rerank/e")] == ["get"]
    assert description.operations("GET", "/x/rerank/_update") == []
    assert description.operations("POST", "/x/rerank/e") == []


def test_what_is_described_passes(description: Description) -> None:
    assert _told(description, GOOD, "/x/rerank/e?timeout=3s&pretty") == []
    assert _told(description, {**GOOD, "tags": "t"}) == []


@pytest.mark.parametrize(
    ("body", "where", "what"),
    [
        ({**GOOD, "more": 1}, "", "no key more"),
        ({**GOOD, "settings": {"model": "m", "more": 1}}, "settings", "no key more"),
        ({**GOOD, "settings": {"n": 1}}, "settings", "lacks model"),
        ({**GOOD, "settings": {"model": 1}}, "settings.model", "is int, not string"),
        ({**GOOD, "service": "b"}, "service", "'b' is not one of its words"),
        ({**GOOD, "tags": [{"name": "t"}, {"more": 1}]}, "tags[]", "no key more"),
        ({**GOOD, "tags": 3}, "tags", "breaks anyOf"),
        ({**GOOD, "free": 3}, "free", "is int, not object"),
        ({"service": "a"}, "", "lacks settings"),
    ],
)
def test_what_is_not_described_is_told(description: Description, body: Any, where: str, what: str) -> None:
    assert _told(description, body) == [(f"put-a request:{where}", what)]


def test_parameters_and_missing_bodies(description: Description) -> None:
    assert _told(description, GOOD, "/x/rerank/e?other=1") == [("put-a request:?", "no parameter other")]
    assert _told(description, GOOD, "/x/RERANK/e") == [("put-a request/task:", "'RERANK' is not one of its words")]
    assert _told(description, None) == [("put-a request:", "lacks a body")]
    (get,) = description.operations("GET", "/x/rerank/e")
    assert description.request_problems(get, "/x/rerank/e", {}) == [Problem("get request:", "no body")]


def test_answers(description: Description) -> None:
    operation = description.operations("PUT", "/x/rerank/e", "a")[0]
    assert description.answer_problems(operation, 200, {**GOOD, "id": "e"}) == []
    assert description.answer_problems(operation, 200, {**GOOD, "idea": "e"}) == [
        Problem("put-any answer:", "no key idea")
    ]
    assert description.answer_problems(operation, 201, GOOD) == [Problem("put-any answer:", "no status 201")]
