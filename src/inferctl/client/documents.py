"""Documents and their index, for the ledger: realtime reads, create-only and fenced writes, bulk.

A fenced write names the `seq_no` and `primary_term` it has seen; the server answers 409 (Conflict) when the
document has moved on. After which answers a write is sent again stands in `client.answers`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.client.api_errors import missing_privilege_of_bulk_line
from inferctl.client.exchange import unexpected_shape
from inferctl.client.payload import payload_of
from inferctl.client.redact import redact
from inferctl.client.request import LARGE_ANSWER, Operation, Request, escape, escape_one, parameters
from inferctl.errors import NotFound
from inferctl.json_types import object_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from inferctl.client.known_secrets import KnownSecrets


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A stored document with the two numbers a fenced write needs."""

    id: str
    source: dict[str, Any] = field(repr=False)
    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits. `total` counts all that match, `after` are the sort values of the last one here."""

    documents: tuple[StoredDocument, ...] = ()
    total: int = 0
    after: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a document write did: `result` is "created", "updated", "deleted" or "noop"."""

    id: str
    result: str
    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One line of a bulk answer. `error` is the server's type and reason, "" where it went well."""

    operation: str
    id: str
    status: int
    error: str
    seq_no: int
    primary_term: int

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def _write(method: str, path: str, body: Mapping[str, object] | None, **query: object) -> Request:
    payload = payload_of(body) if body is not None else None
    return Request(
        method,
        path,
        parameters(query),
        body=payload.octets() if payload else None,
        operation=Operation.DOCUMENT,
        secrets=payload.secrets if payload else frozenset(),
    )


class Documents(ABC):
    """The document calls as methods. The client brings the sending, and knows what no error may show."""

    @property
    @abstractmethod
    def known_secrets(self) -> KnownSecrets: ...

    @abstractmethod
    def _object(self, request: Request) -> dict[str, Any]: ...

    def create_index(self, index: str, body: Mapping[str, object]) -> None:
        """`PUT /{index}` with settings and mappings. Raises AlreadyExists when it is there."""
        self._acknowledged(_write("PUT", f"/{escape(index)}", body))

    def put_mapping(self, index: str, mappings: Mapping[str, object]) -> None:
        """`PUT /{index}/_mapping`: adds fields. A field that is there with another type is a 400."""
        self._acknowledged(_write("PUT", f"/{escape(index)}/_mapping", mappings))

    def _acknowledged(self, request: Request) -> None:
        if self._object(request).get("acknowledged") is not True:
            error = unexpected_shape(request, "the cluster does not say that it is done")
            error.may_have_happened = True
            raise error

    def get_document(self, index: str, document_id: str) -> StoredDocument | None:
        """The document by a realtime read; None when it, or the index, is not there."""
        request = Request("GET", f"/{escape(index)}/_doc/{escape_one(document_id)}", operation=Operation.READ)
        try:
            answer = self._object(request)
        except NotFound:
            return None
        found = _document(request, answer)
        if found.id != document_id:
            raise unexpected_shape(request, "the answer is about another document")
        return found

    def create_document(
        self, index: str, document_id: str, source: Mapping[str, object], *, refresh: str | bool | None = None
    ) -> WriteResult:
        """Create-only. Raises Conflict when the id is taken."""
        path = f"/{escape(index)}/_create/{escape_one(document_id)}"
        return self._written(_write("PUT", path, source, refresh=refresh), document_id)

    def index_document(
        self,
        index: str,
        document_id: str,
        source: Mapping[str, object],
        *,
        if_seq_no: int | None = None,
        if_primary_term: int | None = None,
        refresh: str | bool | None = None,
    ) -> WriteResult:
        """Create or overwrite; with both numbers only if the document has not moved on, else Conflict."""
        path = f"/{escape(index)}/_doc/{escape_one(document_id)}"
        return self._written(
            _write("PUT", path, source, if_primary_term=if_primary_term, if_seq_no=if_seq_no, refresh=refresh),
            document_id,
        )

    def delete_document(
        self,
        index: str,
        document_id: str,
        *,
        if_seq_no: int | None = None,
        if_primary_term: int | None = None,
        refresh: str | bool | None = None,
    ) -> WriteResult | None:
        """Delete; None when there was nothing. Fenced as `index_document`."""
        path = f"/{escape(index)}/_doc/{escape_one(document_id)}"
        request = _write("DELETE", path, None, if_primary_term=if_primary_term, if_seq_no=if_seq_no, refresh=refresh)
        try:
            return self._written(request, document_id)
        except NotFound:
            return None

    def bulk(
        self,
        operations: Iterable[Mapping[str, object]],
        *,
        index: str | None = None,
        refresh: str | bool | None = None,
    ) -> tuple[BulkItem, ...]:
        """`POST /_bulk`: `operations` are the lines in the API's own order (action, source, action, ...).

        The answer is 200 even where lines fail: look at each item. An answer about other lines is an error.
        """
        operations = list(operations)
        lines = [payload_of(line) for line in operations]
        request = Request(
            "POST",
            f"/{escape(index)}/_bulk" if index else "/_bulk",
            parameters({"refresh": refresh}),
            body=b"".join(line.octets() + b"\n" for line in lines),
            operation=Operation.DOCUMENT,
            secrets=frozenset().union(*(line.secrets for line in lines)),
            ndjson=True,
        )
        answered = self._object(request).get("items")
        pairs = map(_only_pair, answered if isinstance(answered, list) else ())

        def clean(text: str) -> str:
            return redact(text, (*request.secrets, *self.known_secrets))

        items = [_bulk_item(*pair, clean) for pair in pairs if pair is not None]
        actions = [*_actions(operations)]
        if len(items) != len(actions) or any(
            item.operation != operation
            or (document_id is not None and item.id != document_id)
            or (item.is_success and not _is_fence(item.seq_no, item.primary_term))
            for item, (operation, document_id) in zip(items, actions, strict=True)
        ):
            error = unexpected_shape(request, "the bulk answer is not about the lines that were sent")
            error.may_have_happened = True
            raise error
        return tuple(items)

    def search(
        self,
        index: str | Sequence[str],
        *,
        query: Mapping[str, object] | None = None,
        size: int = 10_000,
        sort: Sequence[object] | None = None,
    ) -> tuple[StoredDocument, ...]:
        """The hits of one page: see `search_page`."""
        return self.search_page(index, query=query, size=size, sort=sort).documents

    def search_page(
        self,
        index: str | Sequence[str],
        *,
        query: Mapping[str, object] | None = None,
        size: int = 1_000,
        sort: Sequence[object] | None = None,
        after: Sequence[object] = (),
        fields: Sequence[str] | None = None,
    ) -> SearchPage:
        """`GET /{index}/_search`: one page of hits with their fencing numbers; a missing index gives none.

        `after` is what the page before ended with (`search_after`). `fields` names the fields of the documents that
        are wanted, None all. A closed index, a failed shard or a search that ran out of time is an error: part of the
        hits is no answer. So is an index that goes while its pages are read.
        """
        wanted = {"query": query, "sort": sort, "search_after": after or None, "_source": fields}
        body = {"size": size, "seq_no_primary_term": True, "track_total_hits": True}
        request = Request(
            "GET",
            f"/{escape(index)}/_search",
            body=payload_of({**body, **{name: value for name, value in wanted.items() if value is not None}}).octets(),
            operation=Operation.READ,
            largest_answer=LARGE_ANSWER,
        )
        try:
            answer = self._object(request)
        except NotFound:
            if after:
                raise
            return SearchPage()
        if (why := _why_incomplete(answer)) != "":
            raise unexpected_shape(request, f"{why}, so hits may be missing")
        found = object_of(answer.get("hits"))
        hits, total = found.get("hits"), _number(object_of(found.get("total")).get("value"))
        if not isinstance(hits, list) or total < len(hits):
            raise unexpected_shape(request, "the search answer has no hits")
        if not after and len(hits) != min(size, total):
            raise unexpected_shape(request, f"it counts {total} hits and shows {len(hits)}")
        last = hits[-1].get("sort") if hits and isinstance(hits[-1], dict) else None
        return SearchPage(
            tuple(_document(request, hit) for hit in hits),
            total,
            tuple(last) if isinstance(last, list) else (),
        )

    def _written(self, request: Request, document_id: str) -> WriteResult:
        """What the answer says. One about another document, or without what fences the next write, says nothing."""
        answer = self._object(request)
        written = WriteResult(
            id=str(answer.get("_id", "")),
            result=str(answer.get("result", "")),
            seq_no=_number(answer.get("_seq_no")),
            primary_term=_number(answer.get("_primary_term")),
        )
        if written.id != document_id or not _is_fence(written.seq_no, written.primary_term):
            error = unexpected_shape(request, "the answer is not about the document that was sent")
            error.may_have_happened = True
            raise error
        return written


def _why_incomplete(answer: Mapping[str, Any]) -> str:
    """Why a search may not have seen everything, "" where it has: each part of the answer says so by itself."""
    shards, total = object_of(answer.get("_shards")), object_of(object_of(answer.get("hits")).get("total"))
    if answer.get("timed_out") is not False:
        return "the search ran out of time"
    if shards.get("failed") != 0 or _number(shards.get("successful")) < max(1, _number(shards.get("total"))):
        return "some shards did not answer"
    if answer.get("terminated_early") or "_clusters" in answer:
        return "the search was cut short, or is of other clusters"
    return "" if total.get("relation") == "eq" else "not all hits were counted"


_LONGEST_ID = 512  # Elasticsearch takes no longer id of a document


def _is_fence(seq_no: int, primary_term: int) -> bool:
    return seq_no >= 0 and primary_term >= 1


def _document(request: Request, answer: object) -> StoredDocument:
    source = answer.get("_source") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(source, dict):
        raise unexpected_shape(request, "the answer holds no document")
    seq_no, primary_term = _number(answer.get("_seq_no")), _number(answer.get("_primary_term"))
    if not _is_fence(seq_no, primary_term):
        raise unexpected_shape(request, "the document comes without its sequence number")
    name = str(answer.get("_id", ""))
    return StoredDocument(name if len(name) <= _LONGEST_ID else f"{name[:_LONGEST_ID]}…", source, seq_no, primary_term)


def _actions(lines: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, object]]:
    """Operation and `_id` (None: the server makes one) of each action; a source follows all but a delete."""
    remaining = iter(lines)
    for line in remaining:
        operation, target = next(iter(line.items()))
        yield operation, object_of(target).get("_id")
        if operation != "delete":
            next(remaining, None)


def _only_pair(item: object) -> tuple[str, dict[str, Any]] | None:
    """The one operation in an item of a bulk answer."""
    pairs = [*item.items()] if isinstance(item, dict) else []
    if len(pairs) != 1 or not isinstance(pairs[0][1], dict):
        return None
    return pairs[0]


def _bulk_item(operation: str, entry: dict[str, Any], clean: Callable[[str], str]) -> BulkItem:
    error = entry.get("error")
    reason = f"{error.get('type', '')}: {error.get('reason', '')}" if isinstance(error, dict) else str(error or "")
    reason = clean(reason)
    if entry.get("status") == 403:
        missing = missing_privilege_of_bulk_line(operation, str(entry.get("_index", "")), reason)
        reason = f"{missing}\n{reason}" if missing is not None else reason
    return BulkItem(
        operation=operation,
        id=str(entry.get("_id", "")),
        status=_number(entry.get("status")),
        error=reason[:2_000],
        seq_no=_number(entry.get("_seq_no")),
        primary_term=_number(entry.get("_primary_term")),
    )


def _number(value: object) -> int:
    """-1 is what the server itself uses for "unassigned"."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
