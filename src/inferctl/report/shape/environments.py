"""What a command prints as JSON that was carried out in several environments."""

from typing import Annotated, Any, Literal, TypeAlias

from inferctl.report.shape.base import Count, Head, Says, View
from inferctl.report.shape.failure import FailureVerdictView
from inferctl.report.shape.run import Scope

AnyDocument: TypeAlias = Annotated[dict[str, Any], Says({"required": ["format_version", "kind"]})]


class SectionView(View):
    """One environment."""

    environment: str
    exit_code: Count | None
    """What the command ended with there; null where it has not ended, or was not started."""
    document: AnyDocument
    """What the command would have printed for this environment alone: `kind` says which schema describes it."""


class EnvironmentsView(Head):
    """What `--env NAME,NAME` and `--all-envs` print: a document of each environment, in the order in which they ran."""

    kind: Literal["environments"]
    command: str
    scope: Scope
    verdict: FailureVerdictView
    """The worst verdict of all; each reason is that of one environment."""
    environments: list[SectionView]
