"""What `inferctl verify --format json` prints."""

from typing import Annotated, Literal, NotRequired, TypeAlias

from inferctl.applier.check_up import Verdict
from inferctl.planner.health import Health
from inferctl.report.shape.base import Count, Head, View, one_of
from inferctl.report.shape.run import ClusterView, Scope, ThisRunView

VerdictWord: TypeAlias = Annotated[str, one_of(verdict.value for verdict in Verdict)]
HealthWord: TypeAlias = Annotated[str, one_of(("", *(health.value for health in Health)))]


class VerifiedView(View):
    """How one endpoint was found."""

    id: str
    task_type: str
    service: str
    verdict: VerdictWord
    state: HealthWord
    """Of its model in the cluster; empty where it has none, or none was seen."""
    detail: str


class VerifySummary(View):
    """Counts of each verdict."""

    good: Count
    not_good: Count
    not_tried: Count


class VerifyView(Head):
    """What `inferctl verify --format json` prints: how each declared endpoint was found, in the order of ids."""

    kind: Literal["verify"]
    cluster: ClusterView
    scope: Scope
    exit_code: Count
    summary: VerifySummary
    endpoints: list[VerifiedView]
    notes: list[str]
    """What could not be seen."""
    run: NotRequired[ThisRunView]
    """The run that made it; only with an environment."""
