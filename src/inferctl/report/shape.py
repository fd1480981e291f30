"""The source form of every report, as types: what `--format json` prints and what text and markdown render.

`schema/plan.json`, `schema/apply.json` and `schema/refs.json` say the same to readers outside Python; tests hold them
together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NotRequired, TypedDict

if TYPE_CHECKING:
    from inferctl.json_types import Json

FORMAT_VERSION: Final = "1.0"


class ClusterView(TypedDict):
    uuid: str
    name: str
    version: str


class PlanSummary(TypedDict):
    """Counts. The actions leave out blocked and unknown steps and include held ones; `held` is among them."""

    create: int
    update: int
    replace: int
    delete: int
    adopt: int
    forget: int
    noop: int
    held: int
    blocked: int
    unknown: int


class FieldView(TypedDict):
    """A leaf that differs. `before` or `after` is missing where the leaf is not there."""

    path: str
    before: NotRequired[Json]
    after: NotRequired[Json]
    sensitive: bool
    note: str


class BlockView(TypedDict):
    kind: str
    text: str
    fix: str


class UseView(TypedDict):
    """One place that uses an endpoint; `through` is the pipeline in between, or empty."""

    kind: str
    name: str
    how: str
    through: str


class ServerReferencesView(TypedDict):
    pipelines: list[str]
    indexes: list[str]


class ReferencesView(TypedDict):
    """Names by kind from both views; each view on its own; what only one of them shows; what could not be seen.

    `server` is null without the privilege for a dry run, `scan` where we did not look ourselves.
    """

    pipelines: list[str]
    indexes: list[str]
    index_templates: list[str]
    component_templates: list[str]
    endpoints: list[str]
    server: ServerReferencesView | None
    scan: list[UseView] | None
    scan_only: list[UseView]
    server_only: list[UseView]
    unseen: list[str]


class SourceView(TypedDict):
    file: str
    line: int


class SecretView(TypedDict):
    """What is known of a secret: `state` is a word of `SecretState`, `since` the day it was sent (empty: unknown)."""

    path: str
    state: str
    since: str
    age_days: int | None
    why: str


class ChangeView(TypedDict):
    id: str
    task_type: str
    service: str
    action: str
    symbol: str
    standing: str
    reasons: list[str]
    fields: list[FieldView]
    blocks: list[BlockView]
    references: ReferencesView | None
    substeps: list[str]
    secrets: list[SecretView]
    warnings: list[str]
    source: SourceView | None


class StopView(TypedDict):
    guard: str
    text: str
    fix: str


class PlanView(TypedDict):
    format_version: str
    kind: str
    cluster: ClusterView
    scope: str
    summary: PlanSummary
    complete: bool
    applicable: bool
    stops: list[StopView]
    changes: list[ChangeView]
    warnings: list[str]
    notes: list[str]


class StepView(TypedDict):
    """How one step ended. `result` is finer than the list it stands in: "ignored" stands in `failed`."""

    id: str
    task_type: str
    service: str
    action: str
    symbol: str
    result: str
    detail: str
    leaves: list[str]
    wrote: bool
    elapsed_s: float
    blocks: list[BlockView]


class OutcomeSummary(TypedDict):
    """Counts. `ignored` is among `failed`; `noop` are the endpoints that needed nothing."""

    done: int
    failed: int
    ignored: int
    unknown: int
    not_ready: int
    held: int
    blocked: int
    not_started: int
    noop: int


class OutcomeView(TypedDict):
    format_version: str
    kind: str
    cluster: ClusterView
    scope: str
    exit_code: int
    summary: OutcomeSummary
    stops: list[StopView]
    warnings: list[str]
    done: list[StepView]
    failed: list[StepView]
    unknown: list[StepView]
    not_ready: list[StepView]
    held: list[StepView]
    blocked: list[StepView]
    not_started: list[StepView]


class UsedEndpointView(TypedDict):
    id: str
    task_type: str
    service: str
    references: ReferencesView


class RefsView(TypedDict):
    format_version: str
    kind: str
    cluster: ClusterView
    endpoints: list[UsedEndpointView]
