"""What `inferctl ledger check` and `inferctl history` print as JSON."""

from typing import Annotated, Literal, NotRequired, TypeAlias

from inferctl.json_types import Json
from inferctl.ledger.examine import FindingKind
from inferctl.report.shape.base import Count, FixView, Head, Says, View, one_of
from inferctl.report.shape.run import ClusterView, ThisRunView
from inferctl.secrets.mask import MASK

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
    run: NotRequired[ThisRunView]
    """The run that looked; only with an environment, as `cluster`."""
    cluster: NotRequired[ClusterView]


class FingerprintView(View):
    """A secret by the beginning of its fingerprint: another value has another one."""

    fingerprint: Annotated[str, Says({"pattern": "^[0-9a-f]{8}$"})]


Unseen: TypeAlias = Annotated[Literal["(secret)"], Says({"const": MASK})] | FingerprintView


class RanPlainFieldView(View):
    """A setting that a step was to change. `before` or `after` is missing where the setting was not there.

    A long value is cut to a text that says how long it was; one that holds a credential is `(secret)`.
    """

    path: str
    before: NotRequired[Json]
    after: NotRequired[Json]
    sensitive: Literal[False]


class RanSecretFieldView(View):
    """A secret that a step sent or took away, by its fingerprint, or not at all where that is not known."""

    path: str
    before: NotRequired[Unseen]
    after: NotRequired[Unseen]
    sensitive: Literal[True]


RanFieldView: TypeAlias = RanPlainFieldView | RanSecretFieldView


class RanStepView(View):
    """What a run did to one endpoint."""

    inference_id: str
    action: str
    result: str
    detail: str
    fields: list[RanFieldView]
    """Empty where nothing was sent, and in runs of an inferctl that did not keep them."""
    fields_left_out: Count
    """How many more there were: a run keeps a bounded number of them."""


class RunView(View):
    """One run."""

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
    environment: NotRequired[str]
    """The environment of the settings file; absent where the file had none, as the keys below."""
    address: NotRequired[str]
    """Where the cluster was asked."""
    address_from: NotRequired[str]
    """What named the address."""
    cluster_name: NotRequired[str]
    cluster_uuid: NotRequired[str]
    planned: dict[str, str]
    """By id: action and standing, `create, ready`."""
    results: list[RanStepView]


class HistoryView(Head):
    """What `inferctl history --format json` prints: the last runs, newest first."""

    kind: Literal["history"]
    runs: list[RunView]
    run: NotRequired[ThisRunView]
    """The run that looked; only with an environment, as `cluster`."""
    cluster: NotRequired[ClusterView]
