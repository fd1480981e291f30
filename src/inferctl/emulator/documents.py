"""Indexes and their documents with sequence numbers: enough for a ledger with fencing."""

import datetime as dt
import operator
import re
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError

JsonObject = dict[str, Any]

PRIMARY_TERM = 1
# What dynamic mapping takes for a date: strict_date_optional_time, as far as it is written here.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Document:
    """One document with what optimistic concurrency needs."""

    source: JsonObject
    seq_no: int
    version: int


@dataclass(slots=True)
class Index:
    """One index: mappings, settings, documents and the next sequence number."""

    name: str
    uuid: str = "_na_"
    mappings: JsonObject = field(default_factory=dict)
    settings: JsonObject = field(default_factory=dict)
    aliases: JsonObject = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    next_seq_no: int = 0
    deleted: dict[str, int] = field(default_factory=dict)  # last version of deleted documents


def index_missing(name: str) -> ApiError:
    """404 for an unknown index."""
    return ApiError(
        404,
        "index_not_found_exception",
        f"no such index [{name}]",
        extra={
            "resource.type": "index_or_alias",
            "resource.id": name,
            "index_uuid": "_na_",
            "index": name,
        },
    )


def conflict(index: Index, doc_id: str, text: str) -> ApiError:
    """409 `version_conflict_engine_exception`."""
    return ApiError(
        409,
        "version_conflict_engine_exception",
        f"[{doc_id}]: version conflict, {text}",
        extra={"index_uuid": index.uuid, "shard": "0", "index": index.name},
    )


def write(
    index: Index,
    doc_id: str,
    source: JsonObject | None,
    *,
    create: bool = False,
    if_seq_no: int | None = None,
    if_primary_term: int | None = None,
) -> tuple[str, Document]:
    """Index, create or (with `source` None) delete a document; returns the result word and the document."""
    current = index.documents.get(doc_id)
    if source is not None:
        _check_strict(index.mappings, source)
        if index.mappings.get("dynamic", True) in (True, "true"):
            _map_new_fields(index.mappings, source)
    if create and current is not None:
        raise conflict(index, doc_id, f"document already exists (current version [{current.version}])")
    if if_seq_no is not None:
        required = f"required seqNo [{if_seq_no}], primary term [{if_primary_term}]"
        if current is None:
            raise conflict(index, doc_id, f"{required}. but no document was found")
        if current.seq_no != if_seq_no or if_primary_term != PRIMARY_TERM:
            found = f"current document has seqNo [{current.seq_no}] and primary term [{PRIMARY_TERM}]"
            raise conflict(index, doc_id, f"{required}. {found}")
    last = current.version if current else index.deleted.get(doc_id, 0)
    document = Document(source or {}, index.next_seq_no, last + 1)
    index.next_seq_no += 1
    if source is None:
        index.documents.pop(doc_id, None)
        index.deleted[doc_id] = document.version
        return ("deleted" if current else "not_found"), document
    index.documents[doc_id] = document
    return ("updated" if current else "created"), document


def _check_strict(mappings: JsonObject, source: JsonObject, where: str = "") -> None:
    """Refuse fields that a mapping with `dynamic: strict` does not name; objects inside inherit the rule."""
    known = mappings.get("properties") or {}
    for name, value in source.items():
        head, _, rest = name.partition(".")
        inner = known.get(head)
        if inner is None:
            if mappings.get("dynamic") == "strict":
                place = where or "_doc"
                text = f"mapping set to strict, dynamic introduction of [{head}] within [{place}] is not allowed"
                raise ApiError(400, "strict_dynamic_mapping_exception", f"[1:2] {text}")
        elif inner.get("type", "object") == "object":
            below = {"dynamic": mappings.get("dynamic"), **inner}
            for part in [{rest: value}] if rest else value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    _check_strict(below, part, f"{where}.{head}" if where else head)


def _map_new_fields(mappings: JsonObject, source: JsonObject) -> None:
    """Dynamic mapping: what the server makes of a field that no mapping names."""
    for name, value in source.items():
        if "." in name:
            continue
        known = mappings.get("properties", {}).get(name)
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, dict):
            if known is None:
                known = mappings.setdefault("properties", {}).setdefault(name, {"properties": {}})
            if "properties" in known and known.get("dynamic", True) in (True, "true"):
                _map_new_fields(known, one)
        elif known is None and one is not None and one != []:
            mappings.setdefault("properties", {})[name] = _guessed(one)


def _guessed(value: Any) -> JsonObject:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "long"}
    if isinstance(value, float):
        return {"type": "float"}
    if isinstance(value, list):
        return _guessed(value[0]) if value else {"type": "object"}
    if isinstance(value, dict) or value is None:
        return {"type": "object"}
    if _DATE.fullmatch(value):
        return {"type": "date"}
    return {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}


def receipt(index: Index, doc_id: str, result: str, document: Document, *, refreshed: bool = False) -> JsonObject:
    """The answer to a write."""
    return {
        "_index": index.name,
        "_id": doc_id,
        "_version": document.version,
        "result": result,
        **({"forced_refresh": True} if refreshed else {}),
        "_shards": {"total": 2, "successful": 1, "failed": 0},
        "_seq_no": document.seq_no,
        "_primary_term": PRIMARY_TERM,
    }


def found(index: Index, doc_id: str) -> JsonObject:
    """The answer to GET /{index}/_doc/{id}."""
    document = index.documents.get(doc_id)
    if document is None:
        return {"_index": index.name, "_id": doc_id, "found": False}
    return {
        "_index": index.name,
        "_id": doc_id,
        "_version": document.version,
        "_seq_no": document.seq_no,
        "_primary_term": PRIMARY_TERM,
        "found": True,
        "_source": document.source,
    }


def matches(query: JsonObject | None, doc_id: str, source: JsonObject) -> bool:
    """`match_all`, `term`, `terms`, `ids`, `exists`, `range`, `prefix` and `bool` over plain field values."""
    if not query:
        return True
    ((kind, body),) = query.items()
    match kind:
        case "match_all":
            return True
        case "bool":
            return _matches_bool(body, doc_id, source)
        case "ids":
            return doc_id in body.get("values", [])
        case "exists":
            return bool(_values(source, body["field"]))
        case "range":
            return _matches_range(body, source)
        case "term" | "terms" | "prefix" | "match":
            return _matches_field(kind, body, doc_id, source)
        case _:
            raise ApiError(400, "parsing_exception", f"unknown query [{kind}]")


def _matches_field(kind: str, body: JsonObject, doc_id: str, source: JsonObject) -> bool:
    ((name, wanted),) = body.items()
    if isinstance(wanted, dict):
        wanted = wanted.get("value", wanted.get("query"))
    values = [doc_id] if name == "_id" else _values(source, name.removesuffix(".keyword"))
    if kind == "terms":
        return any(value in wanted for value in values)
    if kind == "prefix":
        return any(str(value).startswith(str(wanted)) for value in values)
    return wanted in values


def _matches_range(body: JsonObject, source: JsonObject) -> bool:
    """Bounds of dates."""
    ((name, bounds),) = body.items()
    holds = {"gte": operator.ge, "gt": operator.gt, "lte": operator.le, "lt": operator.lt}
    unknown = bounds.keys() - holds.keys()
    if unknown:
        raise ApiError(400, "parsing_exception", f"[range] query does not support [{min(unknown)}]")
    moments = [milliseconds(value) for value in _values(source, name)]
    return any(all(holds[key](moment, milliseconds(bound)) for key, bound in bounds.items()) for moment in moments)


def milliseconds(value: Any) -> Any:
    """Of a date: since the epoch, as a search compares and shows it."""
    if not isinstance(value, str):
        return value
    moment = dt.datetime.fromisoformat(value)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp() * 1000)


def _matches_bool(body: JsonObject, doc_id: str, source: JsonObject) -> bool:
    def each(name: str) -> list[bool]:
        clauses = body.get(name, [])
        return [matches(q, doc_id, source) for q in (clauses if isinstance(clauses, list) else [clauses])]

    should = each("should")
    return (
        all(each("must"))
        and all(each("filter"))
        and not any(each("must_not"))
        and (not should or any(should) or bool(body.get("must") or body.get("filter")))
    )


def _values(source: Any, path: str) -> list[Any]:
    head, _, rest = path.partition(".")
    if not isinstance(source, dict):
        return []
    if path in source:
        value = source[path]
    elif head in source and rest:
        return _values(source[head], rest)
    else:
        return []
    return value if isinstance(value, list) else [value]
