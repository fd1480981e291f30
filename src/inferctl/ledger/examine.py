"""What of the ledger is damaged, left over or under way: `inferctl ledger check`. Pure but for the reading."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from inferctl.errors import LedgerError
from inferctl.fix import Fix, advice, command
from inferctl.ledger.contents import AS_WRITTEN, Contents, each_document
from inferctl.ledger.mappings import read_problems
from inferctl.ledger.records import SALT_ID, read_lock, read_run
from inferctl.model.ids import REGION_POLICY
from inferctl.planner.ownership import TRIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from inferctl.client.documents import StoredDocument
    from inferctl.client.sync import InferenceClient
    from inferctl.ledger.mappings import MappingProblems

_ALL: Mapping[str, object] = {"match_all": {}}
_APPLY = (command("inferctl apply"),)


class FindingKind(Enum):
    """What is found. Value: (word, whether somebody has to do something)."""

    DAMAGED = ("damaged", True)
    NEWER = ("newer", True)
    STRANGE = ("strange", True)
    MAPPING_MISSING = ("mapping missing", True)
    MAPPING_WRONG = ("mapping wrong", True)
    ORPHANED = ("orphaned", False)  # the next apply of the whole set forgets it
    INTENT = ("intent", False)  # the next apply settles it
    TRIAL = ("trial", False)  # the next apply removes it

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def needs_somebody(self) -> bool:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the document it is about ("" for the index), its scope where that is told, and what to do."""

    kind: FindingKind
    document: str
    scope: str
    text: str
    fixes: tuple[Fix, ...] = ()


@dataclass(slots=True)
class Examination:
    """What was found for `scope`. `records` counts the readable records by scope, `runs` those of all scopes."""

    scope: str
    findings: list[Finding] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)
    runs: int = 0

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody of this scope has to do something: what is another scope's is theirs to mend."""
        return any(f.kind.needs_somebody and f.scope in ("", self.scope) for f in self.findings)


def examine(client: InferenceClient, scope: str, there: Container[str] | None) -> Examination:
    """Read all of it. `there` are the endpoints of the cluster, None where they could not all be listed.

    Raises ApiError and TransportError.
    """
    found = Examination(scope)
    contents = Contents()
    for document in each_document(client, _ALL, AS_WRITTEN):
        if document.id.startswith("run:"):
            found.runs += 1
            _look(found, document, read_run, "", _repair(document.id))
        elif document.id.startswith("lock:"):
            _look(found, document, read_lock, document.id.removeprefix("lock:"), command("inferctl unlock"))
        else:
            contents.add(document)
    _add_contents(found, contents, there)
    _add_mappings(found, read_problems(client))
    found.findings.sort(key=lambda finding: (not finding.kind.needs_somebody, finding.kind.word, finding.document))
    return found


def _repair(document_id: str) -> Fix:
    """To be typed: an id that somebody else gave is one word for the shell, whatever is in it."""
    return command(f"inferctl ledger repair {shlex.quote(document_id)}")


def _look(found: Examination, document: StoredDocument, read: Callable[..., object], scope: str, fix: Fix) -> None:
    try:
        read(document.id, document.source)
    except LedgerError as error:
        told = document.source.get("scope")
        whose = scope or (told if isinstance(told, str) else "")
        found.findings.append(Finding(FindingKind.DAMAGED, document.id, whose, str(error), (fix,)))


def _add_contents(found: Examination, contents: Contents, there: Container[str] | None) -> None:
    for name, unreadable in contents.unreadable.items():
        kind = FindingKind.NEWER if unreadable.newer else FindingKind.DAMAGED
        fixes = (command(f"inferctl ledger repair {name}{' --newer' if unreadable.newer else ''}"),)
        found.findings.append(Finding(kind, name, unreadable.scope, unreadable.why, fixes))
    for document_id, why in contents.strange.items():
        fixes = (advice("it is of no endpoint: remove it"),)
        found.findings.append(Finding(FindingKind.STRANGE, document_id, "", why, fixes))
    if contents.salt_problem:
        fixes = (command(f"inferctl ledger repair {SALT_ID}"),)
        found.findings.append(Finding(FindingKind.DAMAGED, SALT_ID, "", contents.salt_problem, fixes))
    for name, record in contents.records.items():
        owned = record.owned
        found.records[owned.scope] = found.records.get(owned.scope, 0) + 1
        if owned.scope != found.scope:
            continue
        if owned.intent == TRIAL:
            text = "a run tried new settings under this id"
            found.findings.append(Finding(FindingKind.TRIAL, name, owned.scope, text, _APPLY))
        elif owned.intent:
            text = f"a run began to {owned.intent} it and did not note how that ended"
            found.findings.append(Finding(FindingKind.INTENT, name, owned.scope, text, _APPLY))
        elif there is not None and name not in there and name != REGION_POLICY:
            text = "it is ours, and there is no such endpoint"
            found.findings.append(Finding(FindingKind.ORPHANED, name, owned.scope, text, _APPLY))


def _add_mappings(found: Examination, problems: MappingProblems | None) -> None:
    if problems is None:
        return
    if problems.missing:
        text = f"the index does not know these fields: {', '.join(problems.missing)}"
        found.findings.append(Finding(FindingKind.MAPPING_MISSING, "", "", text, (command("inferctl ledger repair"),)))
    if problems.wrong:
        found.findings.append(Finding(FindingKind.MAPPING_WRONG, "", "", problems.wrong_text))
