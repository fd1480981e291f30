"""Indexes and templates as they are shown: types by family, settings nested and as text."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Emulated

FIELDS = {"t": {"type": "semantic_text", "inference_id": "e"}, "k": {"type": "keyword"}, "x": {"type": "text"}}


@pytest.mark.parametrize(
    ("version", "semantic", "text"),
    [("8.17", ["t"], ["x"]), ("8.18", [], ["t", "x"]), ("9.1", [], ["t", "x"]), ("9.5", [], ["t", "x"])],
)
def test_semantic_text_counts_as_text_from_8_18_on(version: str, semantic: list[str], text: list[str]) -> None:
    emulated = Emulated(version)
    emulated.call("PUT", "/i", {"mappings": {"properties": FIELDS}})

    def named(kind: str) -> list[str]:
        return list(emulated.call("GET", f"/i/_field_caps?fields=*&types={kind}")["fields"])

    assert (named("semantic_text"), named("text")) == (semantic, text)
    assert list(emulated.call("GET", "/i/_field_caps?fields=t")["fields"]["t"]) == [
        "semantic_text" if semantic else "text"
    ]


def test_semantic_text_shows_the_endpoint_that_it_was_not_given() -> None:
    """delete.md#who-uses-it: the default one, wherever the mapping came from."""
    emulated = Emulated()
    mappings = {"properties": {"t": {"type": "semantic_text"}}}
    emulated.call("PUT", "/_index_template/t", {"index_patterns": ["t*"], "template": {"mappings": mappings}})
    emulated.call("PUT", "/t1", {})
    emulated.call("PUT", "/i", {})
    emulated.call("PUT", "/i/_mapping", mappings)
    for index in ("t1", "i"):
        shown = emulated.call("GET", f"/{index}/_mapping")[index]["mappings"]["properties"]["t"]
        assert shown == {"type": "semantic_text", "inference_id": ".elser-2-elasticsearch"}


def test_field_caps_take_include_empty_fields() -> None:
    emulated = Emulated()
    emulated.call("PUT", "/i", {"mappings": {"properties": FIELDS}})
    for word in ("true", "false", ""):
        assert "t" in emulated.call("GET", f"/i/_field_caps?fields=*&include_empty_fields={word}")["fields"]


@pytest.mark.parametrize(
    "given",
    [
        {"default_pipeline": "p", "number_of_shards": 1},
        {"index.default_pipeline": "p", "index.number_of_shards": 1},
        {"index": {"default_pipeline": "p", "number_of_shards": 1}},
    ],
)
@pytest.mark.parametrize(("kind", "more"), [("index_template", {"index_patterns": ["t*"]}), ("component_template", {})])
def test_templates_show_settings_in_one_form(given: dict[str, Any], kind: str, more: dict[str, Any]) -> None:
    emulated = Emulated()
    emulated.call("PUT", f"/_{kind}/t", {**more, "template": {"settings": given}})
    (shown,) = emulated.call("GET", f"/_{kind}/t")[f"{kind}s"]
    assert shown[kind]["template"]["settings"] == {"index": {"default_pipeline": "p", "number_of_shards": "1"}}


def test_an_index_takes_its_settings_from_the_template() -> None:
    emulated = Emulated()
    settings = {"default_pipeline": "p", "query": {"default_field": ["a", "b"]}}
    emulated.call("PUT", "/_index_template/t", {"index_patterns": ["t*"], "template": {"settings": settings}})
    emulated.call("PUT", "/t1", {})
    shown = emulated.call("GET", "/t1/_settings")["t1"]["settings"]["index"]
    assert shown["default_pipeline"] == "p"
    assert shown["query"]["default_field"] == ["a", "b"]
