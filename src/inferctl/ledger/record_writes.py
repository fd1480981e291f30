"""Records and runs go out by `_bulk`, each line fenced: create-only for a new one, by sequence number for one that was
read. What an answer leaves unclear is looked at and sent again, until it is known what came of each line.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from inferctl.errors import ApiError, LedgerError, TransportError
from inferctl.ledger.fenced import TRIES, is_unsure_status, pause
from inferctl.ledger.records import (
    INDEX,
    Record,
    ownership_document,
    read_ownership,
    read_run,
    run_document,
    run_id_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from inferctl.client.documents import BulkItem
    from inferctl.client.sync import InferenceClient
    from inferctl.ledger.records import RunRecord
    from inferctl.planner.ownership import Owned


@dataclass(slots=True)
class RecordWriter:
    """Writes for one scope. `run` is stamped on every record; `records` are those that were read, with their fences."""

    client: InferenceClient
    scope: str
    sleep: Callable[[float], None]
    run: str = ""
    records: dict[str, Record] = field(default_factory=dict)
    _run_fence: tuple[int, int] | None = None

    def write(self, entries: Mapping[str, Owned | None], run: RunRecord | None = None) -> dict[str, str]:
        """One bulk. Returns what could not be noted (id -> sentence).

        Raises LedgerError for a line that the cluster refuses, ApiError and TransportError for all of it.
        """
        batch = _Batch(self, {i: owned for i, owned in entries.items() if owned is not None or i in self.records}, run)
        for attempt in range(1, TRIES + 1):
            if batch.is_done:
                break
            if batch.send():
                pause(self.client, attempt, self.sleep)
                batch.look()
        if not batch.is_done:
            raise batch.failure or LedgerError(f"{INDEX} could not be written")
        return batch.problems

    def lines(self, inference_id: str, owned: Owned | None) -> Iterator[Mapping[str, Any]]:
        """The line or two for one record."""
        known = self.records.get(inference_id)
        fence = {} if known is None else {"if_seq_no": known.seq_no, "if_primary_term": known.primary_term}
        if owned is None:
            yield {"delete": {"_id": inference_id, **fence}}
            return
        yield {"index" if known else "create": {"_id": inference_id, **fence}}
        # What an earlier run noted of a server, or somebody else wrote there, is not kept with a secret of ours in it.
        unwell = self.client.known_secrets.hide_in(owned.unwell)
        yield ownership_document(inference_id, replace(owned, unwell=unwell), run=self.run)

    def run_lines(self, run: RunRecord) -> Iterator[Mapping[str, Any]]:
        """The two lines for the run."""
        name = run_id_of(run.scope, run.run)
        if self._run_fence is None:
            yield {"create": {"_id": name}}
        else:
            yield {"index": {"_id": name, "if_seq_no": self._run_fence[0], "if_primary_term": self._run_fence[1]}}
        yield run_document(run)

    def remember(self, inference_id: str, owned: Owned | None, seq_no: int, primary_term: int) -> None:
        """What is there now."""
        if owned is None:
            self.records.pop(inference_id, None)
        else:
            self.records[inference_id] = Record(inference_id, owned, seq_no, primary_term)

    def remember_run(self, seq_no: int, primary_term: int) -> None:
        """The fence of the run's next write."""
        self._run_fence = (seq_no, primary_term)

    def current(self, inference_id: str) -> Record | None:
        """A realtime read. Raises LedgerError for a record that cannot be read."""
        seen = self.client.get_document(INDEX, inference_id)
        if seen is None:
            return None
        return read_ownership(seen.id, seen.source, seq_no=seen.seq_no, primary_term=seen.primary_term)

    def run_is_written(self, run: RunRecord) -> bool:
        """Whether the run stands there as it is; what stands there fences its next write."""
        seen = self.client.get_document(INDEX, run_id_of(run.scope, run.run))
        if seen is None:
            return False
        self.remember_run(seen.seq_no, seen.primary_term)
        try:
            return read_run(seen.id, seen.source) == run
        except LedgerError:
            return False


@dataclass(slots=True)
class _Batch:
    """What is still to be written. `failure` is the last reason why it is not."""

    writer: RecordWriter
    entries: dict[str, Owned | None]
    run: RunRecord | None
    problems: dict[str, str] = field(default_factory=dict)
    failure: Exception | None = None
    _retaken: set[str] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        return not self.entries and self.run is None

    def send(self) -> bool:
        """Send all that is left. Answers whether something is unclear, so that it has to be looked at."""
        lines = [*self.writer.run_lines(self.run)] if self.run is not None else []
        for inference_id, owned in self.entries.items():
            lines += self.writer.lines(inference_id, owned)
        try:
            items = self.writer.client.bulk(lines, index=INDEX, refresh=True)
        except (ApiError, TransportError) as error:
            if not error.may_have_happened:
                raise
            self.failure = error
            return True
        refused: list[LedgerError] = []
        unclear = self._take_run(items, refused)
        sent, self.entries = self.entries, {}
        for (inference_id, owned), item in zip(sent.items(), items[len(items) - len(sent) :], strict=True):
            unclear |= self._take(inference_id, owned, item, refused)
        if refused:
            raise refused[0]
        return unclear

    def _take_run(self, items: tuple[BulkItem, ...], refused: list[LedgerError]) -> bool:
        if self.run is None:
            return False
        item = items[0]
        if item.is_success:
            self.writer.remember_run(item.seq_no, item.primary_term)
            self.run = None
            return False
        error = LedgerError(f"the run could not be noted in {INDEX}: {item.error}")
        if item.status != 409 and not is_unsure_status(item.status):
            refused.append(error)
        self.failure = error
        return True

    def _take(self, inference_id: str, owned: Owned | None, item: BulkItem, refused: list[LedgerError]) -> bool:
        if item.is_success or (owned is None and item.status == 404):
            self.writer.remember(inference_id, owned, item.seq_no, item.primary_term)
            return False
        if item.status == 409:
            self._settle_conflict(inference_id, owned)
            return False
        error = LedgerError(f"the record of {inference_id} could not be written to {INDEX}: {item.error}")
        if not is_unsure_status(item.status):
            refused.append(error)
            return False
        self.failure = error
        self.entries[inference_id] = owned
        return True

    def _settle_conflict(self, inference_id: str, owned: Owned | None) -> None:
        """A record that was not there, or has moved on, since it was read. A realtime read says whose it is now."""
        try:
            current = self.writer.current(inference_id)
        except LedgerError as error:
            self.problems[inference_id] = f"its ledger record cannot be read now ({error})"
            return
        if self._is_written(inference_id, owned, current):
            return
        if current is None:
            self.writer.records.pop(inference_id, None)
            self.problems[inference_id] = "its ledger record was removed meanwhile: plan again"
            return
        self.writer.records[inference_id] = current
        if current.owned.scope != self.writer.scope:
            self.problems[inference_id] = f"scope {current.owned.scope} owns it now"
        elif owned is not None and current.owned.intent and inference_id not in self._retaken:
            # Left by a run of ours that died: the search that we planned from did not show it yet.
            self._retaken.add(inference_id)
            self.entries[inference_id] = owned
        else:
            self.problems[inference_id] = "its ledger record was changed meanwhile: plan again"

    def look(self) -> None:
        """Strike out what was done although no answer said so."""
        for inference_id, owned in [*self.entries.items()]:
            try:
                current = self.writer.current(inference_id)
            except (ApiError, TransportError):
                return  # it is sent again: who cannot look learns from the fences
            except LedgerError:
                continue  # the fence meets it
            if self._is_written(inference_id, owned, current):
                del self.entries[inference_id]
        try:
            if self.run is not None and self.writer.run_is_written(self.run):
                self.run = None
        except (ApiError, TransportError):
            return

    def _is_written(self, inference_id: str, owned: Owned | None, current: Record | None) -> bool:
        if (None if current is None else current.owned) != owned:
            return False
        self.writer.remember(
            inference_id, owned, current.seq_no if current else -1, current.primary_term if current else -1
        )
        return True
