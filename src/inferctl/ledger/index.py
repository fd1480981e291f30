"""The ledger as a hidden index of the target cluster: every runner of a fleet sees the same truth.

Absent is empty; forbidden, closed or red is an error, never empty. One damaged document is the problem of what it is
about, and of nothing else. Writes go 50 at a time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_hex
from typing import TYPE_CHECKING, TypeVar

from inferctl.client.privilege_check import LEDGER_WRITES, LEDGER_WRITES_SERVERLESS, require_privileges
from inferctl.errors import AlreadyExists, ApiError, Conflict, LedgerError, TransportError
from inferctl.ledger.contents import read_contents, salt_problem
from inferctl.ledger.fenced import naming_the_ledger, settled
from inferctl.ledger.mappings import mend, read_problems
from inferctl.ledger.record_writes import RecordWriter
from inferctl.ledger.records import INDEX, SALT_ID, index_body, read_salt, salt_document
from inferctl.ledger.runs import Wanted, last_runs, prune
from inferctl.planner.ownership import LedgerView
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from inferctl.client.sync import InferenceClient
    from inferctl.ledger.mappings import MappingProblems
    from inferctl.ledger.records import RunRecord
    from inferctl.ledger.runs import Keep
    from inferctl.planner.ownership import Owned

BATCH = 50
_NAMED = 10
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
    sleep: Callable[[float], None] = time.sleep
    on_warning: Callable[[str], None] = lambda _: None
    _salt_problem: str = ""
    _writer: RecordWriter = field(init=False)

    def __post_init__(self) -> None:
        self._writer = RecordWriter(self.client, self.scope, self.sleep)

    def prepare(self) -> None:
        """Create the index where it is absent, and put back mappings that it lacks: where that fails, a warning.

        Raises LedgerError, and Forbidden as `check_writable` does.
        """
        self.check_writable()
        with naming_the_ledger("cannot be created"):
            problems = read_problems(self.client)
            if problems is None:
                self._create()
        self._mend(problems)

    def _create(self) -> None:
        def write() -> bool:
            self.client.create_index(INDEX, index_body(serverless=self.serverless))
            return True

        try:
            settled(write, lambda: read_problems(self.client) is not None or None, self.client, self.sleep)
        except AlreadyExists:
            return  # another run was quicker

    def _mend(self, problems: MappingProblems | None) -> None:
        for left in mend(self.client, problems) if problems else ():
            self.on_warning(left)

    def look_at_mappings(self) -> None:
        """After a run: whether the index is still the one that was prepared. What is wrong is a warning."""
        try:
            self._mend(read_problems(self.client))
        except (ApiError, TransportError):
            return  # the next run looks before it begins

    def prune(self, keep: Keep, *, oldest_kept: str) -> None:
        """Remove runs that are more or older than `keep` says. Never raises: what fails is a warning."""
        try:
            prune(self.client, self.scope, keep, oldest_kept=oldest_kept)
        except (ApiError, TransportError) as error:
            self.on_warning(f"old runs were not removed from the ledger: {error}")

    def check_writable(self) -> None:
        """Raises Forbidden: a key that may take the lock and not remove it would leave it behind."""
        require_privileges(self.client, LEDGER_WRITES_SERVERLESS if self.serverless else LEDGER_WRITES)

    def view(self) -> LedgerView:
        """Every ownership record, all scopes. Raises LedgerError where they cannot be read at all."""
        with naming_the_ledger("cannot be read"):
            contents = read_contents(self.client)
        self.salt, self._salt_problem = contents.salt, contents.salt_problem
        self._writer.records = contents.records
        warnings = [*islice(contents.strange.values(), _NAMED)]
        if len(contents.strange) > _NAMED:
            warnings.append(f"{len(contents.strange) - _NAMED} more documents of {INDEX} belong to no endpoint")
        warnings += [contents.salt_problem] if contents.salt_problem else []
        return LedgerView(
            self.scope,
            {record.inference_id: record.owned for record in contents.records.values()},
            unreadable=contents.unreadable,
            warnings=tuple(warnings),
        )

    def make_salt(self) -> Secret:
        """The salt, made where there is none yet: of two runs one makes it, and both use that. Raises LedgerError."""
        if self._salt_problem:
            raise LedgerError(self._salt_problem)
        if self.salt is None:
            with naming_the_ledger("cannot be written"):
                self.salt = self._made_salt()
        return self.salt

    def _made_salt(self) -> Secret:
        salt = Secret(token_hex(32))

        def write() -> Secret:
            self.client.create_document(INDEX, SALT_ID, salt_document(salt), refresh=True)
            return salt

        try:
            return settled(write, self._kept_salt, self.client, self.sleep)
        except (AlreadyExists, Conflict):
            kept = self._kept_salt()
            if kept is None:
                raise
            return kept

    def _kept_salt(self) -> Secret | None:
        seen = self.client.get_document(INDEX, SALT_ID)
        try:
            return None if seen is None else read_salt(seen.id, seen.source)
        except LedgerError as error:
            raise LedgerError(salt_problem(error)) from None

    def start(self, run: RunRecord, intents: Mapping[str, Owned]) -> Mapping[str, str]:
        self.run = run.run
        first, *others = [*_batches(intents)] or [{}]
        problems = self._write(first, run)
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
        return problems | self._write(last, run)

    def _write(self, entries: Mapping[str, Owned | None], run: RunRecord | None = None) -> dict[str, str]:
        self._writer.run = self.run
        with naming_the_ledger("cannot be written"):
            return self._writer.write(entries, run)

    def history(
        self,
        inference_id: str | None = None,
        *,
        most: int = 50,
        since: str = "",
        every_scope: bool = False,
        with_empty: bool = True,
        passed_over: Callable[[str], None] = lambda _: None,
    ) -> Sequence[RunRecord]:
        """The last runs, newest first. `passed_over` hears of each that cannot be read; the rest: see `Wanted`."""
        wanted = Wanted(None if every_scope else self.scope, inference_id, since, with_empty=with_empty)
        with naming_the_ledger("cannot be read"):
            return last_runs(self.client, wanted, most, passed_over)


def _batches(entries: Mapping[str, _T]) -> Iterator[dict[str, _T]]:
    rest = iter(entries.items())
    while batch := dict(islice(rest, BATCH)):
        yield batch
