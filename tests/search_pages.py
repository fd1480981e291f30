"""Documents, and the pages in which a search shows them: the emulator and a real node are held against the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = {"at": {"type": "date"}, "word": {"type": "keyword"}}
DOCUMENTS: dict[str, dict[str, str]] = {
    "b": {"at": "2026-01-02T00:00:00Z", "word": "x"},
    "c": {"word": "y"},
    "a": {"at": "2026-01-01T00:00:00Z"},
    "d": {"at": "2026-01-03T00:00:00Z", "word": "a"},
    "e": {},
}
REWRITTEN = "b"  # so it has the highest sequence number

BY_NUMBER = (["_seq_no"], [["c", "a"], ["d", "e"], ["b"]])
BY_DATE = ([{"at": {"order": "desc", "unmapped_type": "date"}}, {"_seq_no": "desc"}], [["d", "b"], ["a", "e"], ["c"]])
# A body, and the sort values of its only hit: milliseconds of a date, a number, a text; what lacks it is last.
VALUES: tuple[tuple[dict[str, Any], list[object]], ...] = (
    ({"size": 1, "sort": [{"at": "asc"}, "word"]}, [1_767_225_600_000, None]),
    ({"size": 1, "from": 4, "sort": ["at", "_seq_no"]}, [2**63 - 1, 4]),
)

# A query, and the ids of its hits.
QUERIES: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"range": {"at": {"gte": "2026-01-02T00:00:00.000Z"}}}, {"b", "d"}),
    ({"range": {"at": {"gt": "2026-01-01T00:00:00+00:00", "lt": "2026-01-03"}}}, {"b"}),
    ({"bool": {"filter": [{"bool": {"must_not": [{"exists": {"field": "word"}}]}}]}}, {"a", "e"}),
    (
        {"bool": {"should": [{"term": {"word": "x"}}, {"bool": {"must_not": [{"exists": {"field": "word"}}]}}]}},
        {"a", "b", "e"},
    ),
)


def pages(hits: Callable[[dict[str, Any]], list[dict[str, Any]]], sort: list[Any]) -> list[list[str]]:
    """The ids of each page of two; `hits` are those that a search with this body shows."""
    made: list[list[str]] = []
    body: dict[str, Any] = {"size": 2, "sort": sort}
    while page := hits(body):
        made.append([hit["_id"] for hit in page])
        body["search_after"] = page[-1]["sort"]
    return made
