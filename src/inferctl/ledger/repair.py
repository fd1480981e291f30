"""A damaged record is made readable again, or removed: `inferctl ledger repair`. The endpoint is never touched.

What of the record can be read is kept. What cannot is set to what does least harm: every protection, and an intent, so
that the endpoint has to be as its file says, or to be adopted, before it is changed. Without a scope, or without what
is known of the secrets, nothing is kept: an endpoint that is nobody's is adopted with unknown secrets, while a record
that knows none would have all of them sent.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from inferctl.errors import Conflict, LedgerError
from inferctl.ledger.contents import salt_problem, unreadable
from inferctl.ledger.fenced import naming_the_ledger, settled
from inferctl.ledger.records import (
    INDEX,
    SALT_ID,
    can_own,
    is_newer,
    ownership_document,
    read_lock,
    read_ownership,
    read_run,
    read_salt,
)
from inferctl.planner.ownership import CREATE, Owned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.client.documents import StoredDocument
    from inferctl.client.sync import InferenceClient

_PROTECTIONS = frozenset({"delete", "replace"})


@dataclass(frozen=True, slots=True)
class Repair:
    """What would be done to one document: `owned` is the record in its place, None removes it.

    `kept` names the fields that could be read, `scope` is what it says of its scope. None of it is a value of a secret.
    """

    document: StoredDocument
    why: str
    scope: str
    owned: Owned | None
    kept: tuple[str, ...]
    newer: bool


def find_repair(client: InferenceClient, document_id: str) -> Repair | None:
    """What is wrong with a document, the record of an endpoint as a rule; None where nothing is, or nothing is there.

    Raises LedgerError where the ledger cannot be read.
    """
    with naming_the_ledger("cannot be read"):
        seen = client.get_document(INDEX, document_id)
    if seen is None:
        return None
    try:
        _read(seen)
    except LedgerError as error:
        if document_id == SALT_ID:
            return Repair(seen, salt_problem(error), "", None, (), is_newer(seen.source))
        record = unreadable(seen.source, error)
        owned, kept = mended(document_id, seen.source, record.scope) if can_own(document_id) else (None, ())
        return Repair(seen, record.why, record.scope, owned, kept, record.newer)
    return None


def _read(seen: StoredDocument) -> object:
    if seen.id == SALT_ID:
        return read_salt(seen.id, seen.source)
    if seen.id.startswith("run:"):
        return read_run(seen.id, seen.source)
    if seen.id.startswith("lock:"):
        return read_lock(seen.id, seen.source)
    return read_ownership(seen.id, seen.source, seq_no=seen.seq_no, primary_term=seen.primary_term)


def mended(inference_id: str, source: Mapping[str, Any], scope: str) -> tuple[Owned | None, tuple[str, ...]]:
    """The record that can be made of a damaged one, and which of its fields were kept. Pure.

    None where it has to go.
    """
    if not scope:
        return None, ()
    document: dict[str, Any] = dict(
        ownership_document(inference_id, Owned(scope, {}, _PROTECTIONS, intent=CREATE), run="")
    )
    kept: list[str] = []
    for name in (field.name for field in fields(Owned)):
        if name in source:
            tried = {**document, name: source[name]}
            try:
                read_ownership(inference_id, tried, seq_no=0, primary_term=0)
            except LedgerError:
                continue
            document, kept = tried, [*kept, name]
    if "secrets" not in kept:
        return None, ()
    return read_ownership(inference_id, document, seq_no=0, primary_term=0).owned, tuple(kept)


def carry_out(client: InferenceClient, repair: Repair, run: str, sleep: Callable[[float], None]) -> bool:
    """Write or remove it, fenced by what was looked at. False where it has moved on meanwhile.

    Raises LedgerError where it cannot be written.
    """
    seen = repair.document
    owned = repair.owned
    document = None if owned is None else ownership_document(seen.id, owned, run=run)

    def write() -> bool:
        if document is None:
            client.delete_document(
                INDEX, seen.id, if_seq_no=seen.seq_no, if_primary_term=seen.primary_term, refresh=True
            )
        else:
            client.index_document(
                INDEX, seen.id, document, if_seq_no=seen.seq_no, if_primary_term=seen.primary_term, refresh=True
            )
        return True

    def look() -> bool | None:
        now = client.get_document(INDEX, seen.id)
        return True if (None if now is None else now.source) == document else None

    with naming_the_ledger("cannot be written"):
        try:
            return settled(write, look, client, sleep)
        except Conflict:
            return False
