"""What `inferctl ledger check` and `inferctl history` print as JSON."""

from typing import Annotated, Literal, TypeAlias

from inferctl.ledger.examine import FindingKind
from inferctl.report.shape.base import Count, FixView, Head, View, one_of

FindingWord: TypeAlias = Annotated[str, one_of(kind.word for kind in FindingKind)]


class FindingView(View):
    """One thing that was found."""

    finding: FindingWord
    document: str
    """The id of the document, for an endpoint its own id; empty where it is about the index."""
    scope: str
    """Empty where the document does not say."""
    text: str
    fixes: list[FixView]
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


class RanStepView(View):
    """What a run did to one endpoint. Never a value of a setting."""

    inference_id: str
    action: str
    result: str
    detail: str


class RunView(View):
    """One run of the scope."""

    run: str
    scope: str
    command: str
    """`apply`, `destroy`, `rotate`, `adopt` or `forget`."""
    who: str
    """From the CI system, else user and host."""
    started_at: str
    """ISO 8601, UTC."""
    commit: str
    """Empty where unknown."""
    run_url: str
    """The job in the CI system; empty where unknown."""
    ended_at: str
    """ISO 8601, UTC; empty while it runs, and after it was killed."""
    exit_code: int | None
    """Null while it runs, and after it was killed."""
    planned: dict[str, str]
    """By id: action and standing, `create, ready`."""
    results: list[RanStepView]


class HistoryView(Head):
    """What `inferctl history --format json` prints: the last runs of the scope, newest first."""

    kind: Literal["history"]
    runs: list[RunView]
