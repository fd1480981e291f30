"""Pages by `search_after` on a real node: what the ledger's reading relies on, and the emulator plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.search_pages import BY_DATE, BY_NUMBER, DOCUMENTS, FIELDS, QUERIES, REWRITTEN, VALUES, pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


@pytest.fixture
def hits(node: Node, prefix: str) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    index = f"{prefix}-pages"
    node.call("PUT", f"/{index}", {"mappings": {"dynamic": False, "properties": FIELDS}})
    for document, source in DOCUMENTS.items():
        node.call("PUT", f"/{index}/_doc/{document}", source)
    node.call("PUT", f"/{index}/_doc/{REWRITTEN}?refresh=true", DOCUMENTS[REWRITTEN])

    def found(body: dict[str, Any]) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = node.call("POST", f"/{index}/_search", body)["hits"]["hits"]
        return shown

    return found


@pytest.mark.parametrize(("sort", "expected"), [BY_NUMBER, BY_DATE])
def test_pages(hits: Callable[..., list[dict[str, Any]]], sort: list[Any], expected: list[list[str]]) -> None:
    """What was rewritten comes at the end; so does what has no date."""
    assert pages(hits, sort) == expected


@pytest.mark.parametrize(("body", "values"), VALUES)
def test_the_values_of_a_sort(
    hits: Callable[..., list[dict[str, Any]]], body: dict[str, Any], values: list[object]
) -> None:
    (hit,) = hits(body)
    assert hit["sort"] == values


@pytest.mark.parametrize(("query", "ids"), QUERIES)
def test_what_a_query_finds(hits: Callable[..., list[dict[str, Any]]], query: dict[str, Any], ids: set[str]) -> None:
    assert {hit["_id"] for hit in hits({"query": query})} == ids
