"""Pages by `search_after` on a real node: what the ledger's reading relies on, and the emulator plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

FIELDS = {"at": {"type": "date"}, "word": {"type": "keyword"}}


@pytest.fixture
def index(node: Node, prefix: str) -> str:
    name = f"{prefix}-pages"
    node.call("PUT", f"/{name}", {"mappings": {"dynamic": False, "properties": FIELDS}})
    for document, source in {
        "b": {"at": "2026-01-02T00:00:00Z", "word": "x"},
        "c": {"word": "y"},
        "a": {"at": "2026-01-01T00:00:00Z"},
        "d": {"at": "2026-01-03T00:00:00Z", "word": "a"},
        "e": {},
    }.items():
        node.call("PUT", f"/{name}/_doc/{document}", source)
    node.call("PUT", f"/{name}/_doc/b?refresh=true", {"at": "2026-01-02T00:00:00Z", "word": "x"})
    return name


def hits(node: Node, index: str, **body: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node.call("POST", f"/{index}/_search", body)["hits"]["hits"]
    return found


def pages(node: Node, index: str, sort: list[Any]) -> list[list[str]]:
    made: list[list[str]] = []
    after: dict[str, Any] = {}
    while page := hits(node, index, size=2, sort=sort, **after):
        made.append([hit["_id"] for hit in page])
        after = {"search_after": page[-1]["sort"]}
    return made


def test_pages_by_sequence_number_show_what_was_rewritten_at_their_end(node: Node, index: str) -> None:
    assert pages(node, index, ["_seq_no"]) == [["c", "a"], ["d", "e"], ["b"]]


def test_pages_by_a_date_end_with_what_has_none(node: Node, index: str) -> None:
    order = [{"at": {"order": "desc", "unmapped_type": "date"}}, {"_seq_no": "desc"}]
    assert pages(node, index, order) == [["d", "b"], ["a", "e"], ["c"]]


def test_the_values_of_a_sort(node: Node, index: str) -> None:
    (first,) = hits(node, index, size=1, sort=[{"at": "asc"}, "word"])
    assert first["sort"] == [1_767_225_600_000, None]
    (last,) = hits(node, index, size=1, sort=["at", "_seq_no"], **{"from": 4})
    assert last["sort"] == [2**63 - 1, 4]
