"""The ledger as a hidden index of the target cluster: every runner of a fleet sees the same truth.

Absent is empty; forbidden, closed, red or damaged is an error, never empty. Writes go by `_bulk`, 50 at a time, each
line fenced: create-only for a new record, by sequence number for one that was read.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

from inferctl.client.privilege_check import LEDGER_WRITES, LEDGER_WRITES_SERVERLESS, require_privileges
from inferctl.errors import AlreadyExists, ApiError, Conflict, LedgerError, TransportError, UnknownOutcome
from inferctl.ledger.records import (
    INDEX,
    SALT_ID,
    Record,
    RunRecord,
    index_body,
    ownership_document,
    read_ownership,
    read_run,
    read_salt,
    run_document,
    run_id_of,
    salt_document,
)
from inferctl.planner.ownership import LedgerView
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from inferctl.client.documents import BulkItem
    from inferctl.client.sync import InferenceClient
    from inferctl.planner.ownership import Owned

BATCH = 50
_PAGE = 10_000
_T = TypeVar("_T")


@dataclass(slots=True)
class IndexLedger:
    """The ledger of `scope` behind a client. `run` is stamped on every record that it writes.

    `salt` is the key of the fingerprints that the ledger keeps; None until `view` found it or `make_salt` made it.
    """

    client: InferenceClient
    scope: str
    run: str = ""
    serverless: bool = False
    salt: Secret | None = None
    _records: dict[str, Record] = field(default_factory=dict)
    _run_fence: tuple[int, int] | None = None

    def prepare(self) -> None:
        """Create the index where it is absent. Raises LedgerError, and Forbidden as `check_writable` does."""
        self.check_writable()
        with _told("cannot be created"):
            if self.client.field_caps(index=INDEX, fields="kind"):
                return  # asked this way because `read` is privilege enough
            try:
                self.client.create_index(INDEX, index_body(serverless=self.serverless))
            except AlreadyExists:
                return  # another run was quicker

    def check_writable(self) -> None:
        """Raises Forbidden: a key that may take the lock and not remove it would leave it behind."""
        require_privileges(self.client, LEDGER_WRITES_SERVERLESS if self.serverless else LEDGER_WRITES)

    def view(self) -> LedgerView:
        """Every ownership record, all scopes. Raises LedgerError."""
        with _told("cannot be read"):
            found = self.client.search(INDEX, query={"terms": {"kind": ["ownership", "salt"]}}, size=_PAGE)
            if len(found) >= _PAGE:
                raise LedgerError(f"{INDEX} holds {_PAGE} records or more: this inferctl cannot see all of them")
            self.salt = next((read_salt(d.id, d.source) for d in found if d.id == SALT_ID), None)
            records = [
                read_ownership(d.id, d.source, seq_no=d.seq_no, primary_term=d.primary_term)
                for d in found
                if d.id != SALT_ID
            ]
        self._records = {record.inference_id: record for record in records}
        return LedgerView(self.scope, {record.inference_id: record.owned for record in records})

    def make_salt(self) -> Secret:
        """The salt, made where there is none yet: of two runs one makes it, and both use that. Raises LedgerError."""
        if self.salt is None:
            with _told("cannot be written"):
                self.salt = self._made_salt()
        return self.salt

    def _made_salt(self) -> Secret:
        salt = Secret(token_hex(32))
        try:
            self.client.create_document(INDEX, SALT_ID, salt_document(salt), refresh=True)
        except (AlreadyExists, Conflict, UnknownOutcome):
            seen = self.client.get_document(INDEX, SALT_ID)
            if seen is None:
                raise
            return read_salt(seen.id, seen.source)
        return salt

    def start(self, run: RunRecord, intents: Mapping[str, Owned]) -> Mapping[str, str]:
        self.run = run.run
        first, *others = [*_batches(intents)] or [{}]
        problems = self._write(first, run=run)
        for batch in others:
            problems |= self._write(batch)
        return problems

    def note(self, entries: Mapping[str, Owned | None]) -> Mapping[str, str]:
        problems: dict[str, str] = {}
        for batch in _batches(entries):
            problems |= self._write(batch)
        return problems

    def finish(self, run: RunRecord, entries: Mapping[str, Owned | None]) -> Mapping[str, str]:
        *others, last = [*_batches(entries)] or [{}]
        problems: dict[str, str] = {}
        for batch in others:
            problems |= self._write(batch)
        return problems | self._write(last, run=run)

    def history(self, inference_id: str | None = None, *, most: int = 50) -> Sequence[RunRecord]:
        with _told("cannot be read"):
            query = {"bool": {"filter": [{"term": {"kind": "run"}}, {"term": {"scope": self.scope}}]}}
            found = self.client.search(INDEX, query=query, size=_PAGE, sort=[{"started_at": "desc"}])
            runs = [read_run(document.id, document.source) for document in found]
        touched = (
            run
            for run in runs
            if inference_id is None
            or inference_id in run.planned
            or any(step.inference_id == inference_id for step in run.results)
        )
        return tuple(islice(touched, most))

    def _write(
        self, entries: Mapping[str, Owned | None], *, run: RunRecord | None = None, again: bool = False
    ) -> dict[str, str]:
        """`again`: this is the second try, and there is no third."""
        lines: list[Mapping[str, Any]] = []
        if run is not None:
            lines += self._run_lines(run)
        for inference_id, owned in entries.items():
            lines += self._lines(inference_id, owned)
        if not lines:
            return {}
        with _told("cannot be written"):
            try:
                items = self.client.bulk(lines, index=INDEX, refresh=True)
            except UnknownOutcome:
                if again:
                    raise
                return self._after_lost_write(entries, run)
            if run is not None:
                self._remember_run(items[0])
                items = items[1:]
            return {
                inference_id: problem
                for (inference_id, owned), item in zip(entries.items(), items, strict=True)
                if (problem := self._outcome(inference_id, owned, item, again=again))
            }

    def _lines(self, inference_id: str, owned: Owned | None) -> Iterator[Mapping[str, Any]]:
        known = self._records.get(inference_id)
        fence = {} if known is None else {"if_seq_no": known.seq_no, "if_primary_term": known.primary_term}
        if owned is None:
            if known is not None:
                yield {"delete": {"_id": inference_id, **fence}}
            return
        yield {"index" if known else "create": {"_id": inference_id, **fence}}
        yield ownership_document(inference_id, owned, run=self.run)

    def _run_lines(self, run: RunRecord) -> Iterator[Mapping[str, Any]]:
        name = run_id_of(run.scope, run.run)
        if self._run_fence is None:
            yield {"create": {"_id": name}}
        else:
            yield {"index": {"_id": name, "if_seq_no": self._run_fence[0], "if_primary_term": self._run_fence[1]}}
        yield run_document(run)

    def _remember_run(self, item: BulkItem) -> None:
        if not item.is_success:
            raise LedgerError(f"the run could not be noted in {INDEX}: {item.error}")
        self._run_fence = (item.seq_no, item.primary_term)

    def _outcome(self, inference_id: str, owned: Owned | None, item: BulkItem, *, again: bool) -> str:
        """Empty where it is noted."""
        if item.is_success or (owned is None and item.status == 404):
            self._remember(inference_id, owned, item.seq_no, item.primary_term)
            return ""
        if item.status == 409:
            return self._who_was_quicker(inference_id, owned, again=again)
        raise LedgerError(f"the record of {inference_id} could not be written to {INDEX}: {item.error}")

    def _remember(self, inference_id: str, owned: Owned | None, seq_no: int, primary_term: int) -> None:
        if owned is None:
            self._records.pop(inference_id, None)
        else:
            self._records[inference_id] = Record(inference_id, owned, seq_no, primary_term)

    def _who_was_quicker(self, inference_id: str, owned: Owned | None, *, again: bool) -> str:
        """A record that was not there, or has moved on, since it was read. A realtime read says whose it is now."""
        current = self._current(inference_id)
        if current is None:
            self._records.pop(inference_id, None)
            return "" if owned is None else "its ledger record was removed meanwhile: plan again"
        self._records[inference_id] = current
        if current.owned.scope != self.scope:
            return f"scope {current.owned.scope} owns it now"
        if owned is not None and current.owned.intent and not again:
            # Left by a run of ours that died: the search that we planned from did not show it yet.
            return self._write({inference_id: owned}, again=True).get(inference_id, "")
        return "its ledger record was changed meanwhile: plan again"

    def _current(self, inference_id: str) -> Record | None:
        seen = self.client.get_document(INDEX, inference_id)
        if seen is None:
            return None
        return read_ownership(seen.id, seen.source, seq_no=seen.seq_no, primary_term=seen.primary_term)

    def _after_lost_write(self, entries: Mapping[str, Owned | None], run: RunRecord | None) -> dict[str, str]:
        """No answer came: what is there now decides. What was not written is written again, once."""
        missing: dict[str, Owned | None] = {}
        for inference_id, owned in entries.items():
            current = self._current(inference_id)
            there = None if current is None else ownership_document(inference_id, current.owned, run=self.run)
            wanted = None if owned is None else ownership_document(inference_id, owned, run=self.run)
            if there == wanted:
                if current is None:
                    self._records.pop(inference_id, None)
                else:
                    self._records[inference_id] = current
            else:
                missing[inference_id] = owned
        if run is not None:
            seen = self.client.get_document(INDEX, run_id_of(run.scope, run.run))
            if seen is not None:
                self._run_fence = (seen.seq_no, seen.primary_term)
            written = seen is not None and read_run(seen.id, seen.source) == run
            run = None if written else run
        return self._write(missing, run=run, again=True) if missing or run else {}


def _batches(entries: Mapping[str, _T]) -> Iterator[dict[str, _T]]:
    rest = iter(entries.items())
    while batch := dict(islice(rest, BATCH)):
        yield batch


@contextmanager
def _told(what: str) -> Iterator[None]:
    """The cluster's error with the ledger named in it."""
    try:
        yield
    except (ApiError, TransportError) as error:
        raise LedgerError(f"the ledger ({INDEX}) {what}: {error}") from None
