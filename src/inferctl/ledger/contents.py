"""All that the ledger holds, read page by page; what cannot be read is named, and stops nothing else.

Pages go by `_seq_no`: each write gives a document the next number. So what is written while the pages are read is met
again at their end, in its newer form; nothing is passed by, and no field that a damaged document may lack is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.errors import LedgerError, UnexpectedAnswer
from inferctl.ledger.records import INDEX, SALT_ID, Record, can_own, is_newer, read_ownership, read_salt
from inferctl.model.ids import is_id
from inferctl.planner.ownership import UnreadableRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from inferctl.client.documents import StoredDocument
    from inferctl.client.sync import InferenceClient
    from inferctl.secrets.secret import Secret

PAGE = 1_000
_LONGEST_SCOPE = 100  # longer ones are believed where the rest of the record can be read
AS_WRITTEN: Sequence[object] = ("_seq_no",)
# A document of no kind at all is looked at too: it may be a damaged record.
_NO_RUNS = {"bool": {"must_not": [{"terms": {"kind": ["run", "lock"]}}]}}


@dataclass(slots=True)
class Contents:
    """The records, by endpoint id. `strange` says what is damaged and belongs to no endpoint, by document id.

    `salt` is the key of the fingerprints, None where there is none, or none that can be read: then `salt_problem` says
    why.
    """

    records: dict[str, Record] = field(default_factory=dict)
    unreadable: dict[str, UnreadableRecord] = field(default_factory=dict)
    strange: dict[str, str] = field(default_factory=dict)
    salt: Secret | None = None
    salt_problem: str = ""

    def add(self, document: StoredDocument) -> None:
        """What one document says. Of two with one id the later one counts."""
        if document.id.startswith(("run:", "lock:")):
            return
        if document.id == SALT_ID:
            self._add_salt(document)
            return
        self.records.pop(document.id, None)
        self.unreadable.pop(document.id, None)
        try:
            self.records[document.id] = read_ownership(
                document.id, document.source, seq_no=document.seq_no, primary_term=document.primary_term
            )
        except LedgerError as error:
            if can_own(document.id):
                self.unreadable[document.id] = unreadable(document.source, error)
            else:
                self.strange[document.id] = str(error)

    def _add_salt(self, document: StoredDocument) -> None:
        try:
            self.salt, self.salt_problem = read_salt(document.id, document.source), ""
        except LedgerError as error:
            self.salt, self.salt_problem = None, salt_problem(error)


def read_contents(client: InferenceClient) -> Contents:
    """Everybody's records, and the salt. Raises ApiError and TransportError."""
    contents = Contents()
    for document in each_document(client, _NO_RUNS, AS_WRITTEN):
        contents.add(document)
    return contents


def each_document(
    client: InferenceClient, query: Mapping[str, object], sort: Sequence[object], *, size: int = PAGE, then: int = PAGE
) -> Iterator[StoredDocument]:
    """All that match, a page at a time: only one page is held. Raises ApiError and TransportError.

    The first page is of `size`, for whoever may find there all that is wanted; each later one of `then`. Sorted
    `AS_WRITTEN`, whatever is written meanwhile, the pages hold no fewer documents than the last one counts.
    """
    after: tuple[object, ...] = ()
    seen = 0
    while True:
        page = client.search_page(INDEX, query=query, size=size, sort=sort, after=after)
        yield from page.documents
        seen += len(page.documents)
        if len(page.documents) < size:
            if sort is AS_WRITTEN and seen < page.total:
                raise _unexpected(f"the pages of the ledger hold {seen} of {page.total} documents")
            return
        if not page.after or page.after == after:
            raise _unexpected("the same page of the ledger comes again")
        after, size = page.after, then


def _unexpected(what: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"GET /{INDEX}/_search: unexpected answer, {what}", reason=what)


def unreadable(source: Mapping[str, object], error: LedgerError) -> UnreadableRecord:
    """What is kept of a record that cannot be read: why, and whose it says it is."""
    scope = source.get("scope")
    is_scope = isinstance(scope, str) and is_id(scope) and len(scope) <= _LONGEST_SCOPE  # the same letters as an id
    return UnreadableRecord(str(error), str(scope) if is_scope else "", newer=is_newer(source))


def salt_problem(error: LedgerError) -> str:
    """What a salt that cannot be read means, and what to do."""
    return (
        f"the key of the fingerprints cannot be read ({error}): secrets are not compared. "
        f"inferctl ledger repair {SALT_ID} removes it, and the next apply makes another"
    )
