"""Plans and runs: what `plan`, `apply`, `destroy` and `refs` print as JSON."""

from typing import Annotated, Literal, NotRequired, TypeAlias

from inferctl.applier.events import STATES, Result
from inferctl.exit_codes import Exit
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.plan import Guard
from inferctl.planner.references import UserKind
from inferctl.planner.secret_state import SecretState
from inferctl.report.shape.base import Count, FixView, Head, Says, Seconds, View, one_of
from inferctl.report.shape.setting import DeclaredView, FieldView, SentSecretView

Scope: TypeAlias = Annotated[str, Says({"description": "The owner's name in the ledger; empty without a ledger."})]
ActionWord: TypeAlias = Annotated[str, one_of(action.word for action in Action)]
ActionSymbol: TypeAlias = Annotated[str, one_of(action.symbol for action in Action)]
StandingWord: TypeAlias = Annotated[str, one_of(standing.word for standing in Standing)]
BlockWord: TypeAlias = Annotated[str, one_of(kind.value for kind in BlockKind)]
GuardWord: TypeAlias = Annotated[str, one_of(guard.value for guard in Guard)]
ResultWord: TypeAlias = Annotated[str, one_of(result.value for result in Result)]
ExitName: TypeAlias = Annotated[str, one_of(code.name for code in Exit)]
SecretWord: TypeAlias = Annotated[str, one_of(state.value for state in SecretState)]
UserWord: TypeAlias = Annotated[str, one_of(kind.word for kind in UserKind)]


class ClusterView(View):
    """The cluster that was looked at; empty texts where unknown."""

    uuid: str
    name: str
    version: str
    pinned: NotRequired[bool]
    """With an environment: whether the settings file names this cluster by its uuid."""


class ThisRunView(View):
    """The run that made the document. Texts are empty where nothing is known."""

    command: str
    """`plan`, `show`, `apply`, `rotate` or `destroy`."""
    at: str
    """When it began: ISO 8601, UTC."""
    commit: str
    run: str
    """Its id; an apply stands under it in `inferctl history`."""
    run_url: str
    """The job in the CI system."""
    address: str
    """Where the cluster was asked; `emulator` for the bundled one."""
    address_from: str
    """What named the address: a variable, the command line, the settings file."""
    unsafe: list[str]
    """What the connection does without, a sentence each: no check of the certificate, a key that is not encrypted."""
    label: str
    """What INFERCTL_LABEL says, such as staging; else the environment of the settings file."""
    environment: NotRequired[str]
    """The environment of the settings file; absent where the file has none."""
    settings_file: NotRequired[str]
    """The settings file; only with an environment."""


class VerdictView(View):
    """What the run ended with; of a plan: what an apply of it would end with, if each step that is ready is done."""

    exit_code: Count
    name: ExitName
    text: str
    """One sentence."""
    reasons: list[str]
    """What is not as declared, or needs a person, with ids; one fact each."""


class PlanSummary(View):
    """Counts. The actions leave out blocked and unknown steps and include held ones; `held` is among them."""

    create: Count
    update: Count
    replace: Count
    delete: Count
    adopt: Count
    forget: Count
    repair: Count
    verify: Count
    noop: Count
    held: Count
    blocked: Count
    unknown: Count


class BlockView(View):
    """Why a step is held or blocked, and what would lift it."""

    kind: BlockWord
    text: str
    fixes: list[FixView]


class UseView(View):
    """One place that uses an endpoint."""

    kind: UserWord
    name: str
    how: str
    """Where in the document; empty for the plain case."""
    through: str
    """The pipeline in between, or empty."""


class ServerReferencesView(View):
    """What a dry run answered."""

    pipelines: list[str]
    indexes: list[str]


class ReferencesView(View):
    """Names by kind from both views; each view on its own; what only one of them shows; what could not be seen."""

    pipelines: list[str]
    indexes: list[str]
    index_templates: list[str]
    component_templates: list[str]
    endpoints: list[str]
    """Endpoints that run on its deployment."""
    server: ServerReferencesView | None
    """What a dry run answered; null without the privilege for it."""
    scan: list[UseView] | None
    """What our own scan found; null where there was none."""
    scan_only: list[UseView]
    server_only: list[UseView]
    unseen: list[str]
    """What the credentials did not let us look at."""


class SourceView(View):
    """Where the file declares it; line 0 means the file as a whole."""

    file: str
    line: Count


class SecretView(View):
    """What is known of a secret."""

    path: str
    state: SecretWord
    since: str
    """The day on which it was sent, ISO 8601; empty where unknown."""
    age_days: Count | None
    why: str
    """What kept it from being checked."""


class DenialView(View):
    """An endpoint that a region policy would deny."""

    id: str
    declared: bool
    """Whether a file declares it."""
    already: bool
    """Whether the policy in force denies it too."""
    sure: bool
    """False where the server does not say where its model runs."""
    references: ReferencesView | None
    """Who uses it; null where nobody asked."""


class ChangeView(View):
    """One endpoint, or the region policy of the cluster; what happens to it, and why."""

    id: str
    """Of the region policy `_region_policy`, which no endpoint can be called."""
    task_type: str
    """Empty of the region policy."""
    service: str
    action: ActionWord
    symbol: ActionSymbol
    standing: StandingWord
    """Whether apply does the step."""
    reasons: list[str]
    """Why this action, one fact each."""
    fields: list[FieldView]
    """What differs between the endpoint and its file."""
    declared: list[DeclaredView]
    """Every setting of an endpoint that the step creates, a replace included; empty for other actions."""
    sends: list[SentSecretView]
    """The secrets that the step sends."""
    blocks: list[BlockView]
    references: ReferencesView | None
    """Who uses the endpoint; null where nobody asked."""
    substeps: list[str]
    """What a replace or a repair consists of, in the order in which apply does it; empty for other actions."""
    secrets: list[SecretView]
    """What the fingerprints of the ledger say of each secret; empty without a ledger."""
    warnings: list[str]
    denies: NotRequired[list[DenialView]]
    """Of the region policy alone: the endpoints that the step would deny. In a saved plan: when it was made."""
    source: SourceView | None


class StopView(View):
    """A limit that stops the whole run."""

    guard: GuardWord
    text: str
    fixes: list[FixView]


class PlanView(Head):
    """What `inferctl plan --format json` prints: every endpoint of the files and of the cluster that is ours, by id."""

    kind: Literal["plan"]
    run: ThisRunView
    cluster: ClusterView
    scope: Scope
    verdict: VerdictView
    summary: PlanSummary
    complete: bool
    """False when a file could not be read, or the list of endpoints was cut or failed: more of ours may be there."""
    applicable: bool
    """True when apply would do at least one step."""
    stops: list[StopView]
    changes: list[ChangeView]
    unfinished: list[str]
    """What a run before left in the middle."""
    warnings: list[str]
    notes: list[str]


StateWord: TypeAlias = Annotated[str, one_of(STATES)]


class StepView(View):
    """How one step ended. `result` is finer than the list it stands in: "ignored" stands in `failed`."""

    id: str
    task_type: str
    service: str
    action: ActionWord
    symbol: ActionSymbol
    result: ResultWord
    state: StateWord
    """What is there now."""
    down_since: str
    """When this run deleted what is down: UTC, ISO 8601; empty where nothing is down, or somebody else did it."""
    detail: str
    """What happened, and the answer of the server as it is."""
    why: str
    """Who said no, in a sentence; empty where nobody did, or `detail` says it."""
    fixes: list[FixView]
    """What to do before the next run; empty where nothing is known."""
    leaves: list[str]
    """Settings that differ in the read-back; where nothing was written, those that the server refused."""
    wrote: bool
    """A write may have reached the server."""
    elapsed_s: Seconds
    blocks: list[BlockView]


class OutcomeSummary(View):
    """Counts. `ignored` is among `failed`; `noop` are the endpoints that needed nothing."""

    done: Count
    failed: Count
    ignored: Count
    unknown: Count
    not_ready: Count
    held: Count
    blocked: Count
    not_started: Count
    noop: Count


class OutcomeLists(View):
    """Every step of the plan that was not a no-op stands in one of these."""

    done: list[StepView]
    failed: list[StepView]
    unknown: list[StepView]
    not_ready: list[StepView]
    held: list[StepView]
    blocked: list[StepView]
    not_started: list[StepView]


class OutcomeHead(Head):
    """The run as a whole."""

    kind: Literal["apply"]
    run: ThisRunView
    cluster: ClusterView
    scope: Scope
    verdict: VerdictView
    summary: OutcomeSummary
    down: list[str]
    """Declared endpoints that were deleted and are not there again, or may be: nobody can use them."""
    live: list[str]
    """Declared endpoints that are as their files say, also those that needed no step."""
    not_live: list[str]
    """Declared endpoints that are not, or of which nobody knows; those that are down among them."""
    next: str
    """What to do, and to type, next: one line; empty where all is as declared."""
    stops: list[StopView]
    warnings: Annotated[list[str], Says({"description": "Of the run, such as a ledger that could not be written."})]


class OutcomeView(OutcomeHead, OutcomeLists):
    """What `inferctl apply --format json` prints: how every step of the plan ended, in one list each, sorted by id."""


class UsedEndpointView(View):
    """An endpoint and who uses it."""

    id: str
    task_type: str
    service: str
    references: ReferencesView


class RefsView(Head):
    """What `inferctl refs --format json` prints: who uses the endpoints that were named, in the order of their ids."""

    kind: Literal["refs"]
    cluster: ClusterView
    endpoints: list[UsedEndpointView]
    run: NotRequired[ThisRunView]
    """The run that made it; only with an environment."""
