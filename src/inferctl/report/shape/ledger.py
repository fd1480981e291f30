"""What `inferctl ledger check --format json` prints."""

from typing import Annotated, Literal, TypeAlias

from inferctl.ledger.examine import FindingKind
from inferctl.report.shape.base import Count, Head, View, one_of

FindingWord: TypeAlias = Annotated[str, one_of(kind.word for kind in FindingKind)]


class FindingView(View):
    """One thing that was found."""

    finding: FindingWord
    document: str
    """The id of the document, for an endpoint its own id; empty where it is about the index."""
    scope: str
    """Empty where the document does not say."""
    text: str
    fix: str
    """What to type; `apply` where the next apply settles it; empty where neither helps."""
    needs_somebody: bool
    """Whether somebody has to do something. What the next apply settles needs nobody."""


class LedgerCheckView(Head):
    """What `inferctl ledger check --format json` prints."""

    kind: Literal["ledger-check"]
    scope: str
    findings: list[FindingView]
    records: dict[str, Count]
    """How many records of each scope can be read."""
    runs: Count
    """Of all scopes."""
