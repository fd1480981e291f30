"""The runs of a scope: the last ones, read a page at a time, and the end of the oldest ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from inferctl.errors import LedgerError
from inferctl.ledger.contents import each_document
from inferctl.ledger.records import INDEX, read_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from inferctl.client.sync import InferenceClient
    from inferctl.ledger.records import RunRecord

_PAGE = 50  # a run of a thousand steps is some 400 kB
_PRUNED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Keep:
    """How many runs of a scope stay in the ledger, and for how long."""

    runs: int = 500
    days: int = 365


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs: of `scope` (None: of every scope), about an endpoint, begun at or after `since` (ISO 8601, UTC).

    `with_empty`: also those that ended well and had nothing to do.
    """

    scope: str | None = None
    inference_id: str | None = None
    since: str = ""
    with_empty: bool = True

    @property
    def query(self) -> Mapping[str, object]:
        """As a search. Runs of an older inferctl do not say what they are about, so they all match."""
        clauses: list[object] = [{"term": {"kind": "run"}}]
        clauses += [] if self.scope is None else [{"term": {"scope": self.scope}}]
        clauses += [{"range": {"started_at": {"gte": self.since}}}] if self.since else []
        if self.inference_id is not None:
            says_nothing = {"bool": {"must_not": [{"exists": {"field": "inference_id"}}]}}
            clauses.append({"bool": {"should": [{"term": {"inference_id": self.inference_id}}, says_nothing]}})
        return {"bool": {"filter": clauses}}

    def takes(self, run: RunRecord) -> bool:
        """What the search could not see."""
        is_about = {*run.planned, *(step.inference_id for step in run.results)}
        if self.inference_id is not None and self.inference_id not in is_about:
            return False
        return self.with_empty or run.exit_code != 0 or bool(is_about)


def last_runs(
    client: InferenceClient, wanted: Wanted, most: int, passed_over: Callable[[str], None]
) -> tuple[RunRecord, ...]:
    """Newest first; `passed_over` hears of each that cannot be read. Raises ApiError and TransportError."""

    def readable() -> Iterator[RunRecord]:
        for document in each_document(client, wanted.query, _by_start("desc"), size=min(most, _PAGE), then=_PAGE):
            try:
                run = read_run(document.id, document.source)
            except LedgerError as error:
                passed_over(str(error))
                continue
            if wanted.takes(run):
                yield run

    return tuple(islice(readable(), most))


def prune(client: InferenceClient, scope: str, keep: Keep, *, oldest_kept: str) -> int:
    """Remove runs above the number that is kept, and those that started before `oldest_kept` (ISO 8601, UTC).

    One page and one bulk, so a ledger that has much to lose loses it over several runs. Answers how many went. Raises
    ApiError and TransportError.
    """
    page = client.search_page(
        INDEX, query=Wanted(scope).query, size=_PRUNED_AT_ONCE, sort=_by_start("asc"), fields=["started_at"]
    )
    above = max(0, page.total - keep.runs)
    lines = [
        {"delete": {"_id": document.id, "if_seq_no": document.seq_no, "if_primary_term": document.primary_term}}
        for place, document in enumerate(page.documents)
        if place < above or str(document.source.get("started_at", oldest_kept)) < oldest_kept
    ]
    if not lines:
        return 0
    return sum(item.is_success for item in client.bulk(lines, index=INDEX))


def _by_start(order: str) -> Sequence[object]:
    return ({"started_at": {"order": order, "unmapped_type": "date"}}, {"_seq_no": order})
