"""A small search: matching, sorting with the values that the server answers, pages by `search_after`.

Source: emulating.md#state. A sort value is what the next page names: epoch milliseconds for a date, the number for
`_seq_no`, the text for a keyword. What lacks the field comes last, with null for a keyword and the largest or the
smallest long for a number (tests/live asks a real node).
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from .documents import Document, Index, matches, milliseconds
from .errors import ApiError, illegal_argument

JsonObject = dict[str, Any]

_WINDOW = 10_000
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)
_NUMBERS = {"date", "long", "integer", "double", "float", "boolean"}


@dataclass(frozen=True, slots=True)
class Hit:
    """One matching document, and its sort values."""

    index: Index
    doc_id: str
    document: Document
    sort: tuple[Any, ...] = ()


class _Clause(NamedTuple):
    name: str
    descending: bool
    unmapped: str | None


def search(indices: Iterable[Index], body: JsonObject, size: int) -> tuple[int, list[Hit]]:
    """How many match, and the page that was asked for."""
    clauses = [_clause(clause) for clause in _listed(body.get("sort"))]
    start, after = int(body.get("from") or 0), body.get("search_after")
    _check(start, size, after, clauses)
    hits = [
        Hit(index, doc_id, document, tuple(_value(index, doc_id, document, clause) for clause in clauses))
        for index in indices
        for doc_id, document in index.documents.items()
        if matches(body.get("query"), doc_id, document.source)
    ]
    if clauses:
        hits.sort(key=functools.cmp_to_key(lambda one, other: _compared(one.sort, other.sort, clauses)))
    total = len(hits)
    if after is not None:
        hits = [hit for hit in hits if _compared(hit.sort, tuple(after), clauses) > 0]
    return total, hits[start : start + size]


def _listed(sort: Any) -> list[Any]:
    return sort if isinstance(sort, list) else [] if sort is None else [sort]


def _clause(clause: Any) -> _Clause:
    name, options = (clause, {}) if isinstance(clause, str) else next(iter(clause.items()))
    options = {"order": options} if isinstance(options, str) else options
    return _Clause(name, options.get("order", "asc") == "desc", options.get("unmapped_type"))


def _check(start: int, size: int, after: Any, clauses: list[_Clause]) -> None:
    if start + size > _WINDOW:
        raise illegal_argument(
            f"Result window is too large, from + size must be less than or equal to: [{_WINDOW}] but was "
            f"[{start + size}]. See the scroll api for a more efficient way to request large data sets. This limit "
            "can be set by changing the [index.max_result_window] index level setting."
        )
    if after is None:
        return
    if not clauses:
        raise illegal_argument("Sort must contain at least one field.")
    if len(after) != len(clauses):
        raise illegal_argument(f"search_after has {len(after)} value(s) but sort has {len(clauses)}.")
    if start > 0:
        raise illegal_argument("`from` parameter must be set to 0 when `search_after` is used")


def _value(index: Index, doc_id: str, document: Document, clause: _Clause) -> Any:
    name = clause.name
    if name == "_id":
        return doc_id
    if name in {"_seq_no", "_doc"}:
        return document.seq_no
    kind = _type_of(index, name) or clause.unmapped
    if kind is None:
        raise ApiError(400, "query_shard_exception", f"No mapping found for [{name}] in order to sort on")
    if kind == "text":
        raise illegal_argument(f"Fielddata is disabled on [{name}] in [{index.name}]. Text fields are not optimised")
    held = document.source.get(name.removesuffix(".keyword"))
    if kind not in _NUMBERS:
        return held if isinstance(held, str) else None
    if held is None:
        return _SMALLEST if clause.descending else _LARGEST
    return milliseconds(held) if kind == "date" else held


def _type_of(index: Index, name: str) -> str | None:
    field, _, inner = name.partition(".")
    held = index.mappings.get("properties", {}).get(field)
    if held is None:
        return None
    if inner:
        held = (held.get("fields") or held.get("properties") or {}).get(inner, {})
    kind = held.get("type")
    return kind if isinstance(kind, str) else None


def _compared(one: tuple[Any, ...], other: tuple[Any, ...], clauses: list[_Clause]) -> int:
    for a, b, clause in zip(one, other, clauses, strict=True):
        if a == b:
            continue
        if a is None or b is None:
            return 1 if a is None else -1
        return (1 if a > b else -1) * (-1 if clause.descending else 1)
    return 0
