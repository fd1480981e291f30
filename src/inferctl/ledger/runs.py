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

_PAGE = 200
_PRUNED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Keep:
    """How many runs of a scope stay in the ledger, and for how long."""

    runs: int = 500
    days: int = 365


def last_runs(
    client: InferenceClient,
    scope: str,
    inference_id: str | None,
    most: int,
    passed_over: Callable[[str], None],
) -> tuple[RunRecord, ...]:
    """Newest first; `passed_over` hears of each that cannot be read. Raises ApiError and TransportError."""
    size = most if inference_id is None else _PAGE
    found = each_document(client, _runs_of(scope), _by_start("desc"), size=size)

    def readable() -> Iterator[RunRecord]:
        for document in found:
            try:
                run = read_run(document.id, document.source)
            except LedgerError as error:
                passed_over(str(error))
                continue
            if inference_id is None or _touched(run, inference_id):
                yield run

    return tuple(islice(readable(), most))


def prune(client: InferenceClient, scope: str, keep: Keep, *, oldest_kept: str) -> int:
    """Remove runs above the number that is kept, and those that started before `oldest_kept` (ISO 8601, UTC).

    One page and one bulk, so a ledger that has much to lose loses it over several runs. Answers how many went. Raises
    ApiError and TransportError.
    """
    page = client.search_page(
        INDEX, query=_runs_of(scope), size=_PRUNED_AT_ONCE, sort=_by_start("asc"), fields=["started_at"]
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


def _touched(run: RunRecord, inference_id: str) -> bool:
    return inference_id in run.planned or any(step.inference_id == inference_id for step in run.results)


def _runs_of(scope: str) -> Mapping[str, object]:
    return {"bool": {"filter": [{"term": {"kind": "run"}}, {"term": {"scope": scope}}]}}


def _by_start(order: str) -> Sequence[object]:
    return ({"started_at": {"order": order, "unmapped_type": "date"}}, {"_seq_no": order})
