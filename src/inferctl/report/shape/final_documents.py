"""What `inferctl render` and `inferctl diff` print as JSON."""

from typing import Annotated, Literal, NotRequired, TypeAlias

from inferctl.json_types import Json
from inferctl.report.shape.base import Count, Head, View, one_of
from inferctl.report.shape.diagnostics import RelatedView, SpanView
from inferctl.report.shape.setting import FieldView

DIFFERENCES = ("changed", "added", "removed")
DifferenceWord: TypeAlias = Annotated[str, one_of(DIFFERENCES)]


class OriginView(View):
    """Where one value comes from."""

    path: str
    span: SpanView
    """In the endpoint file or the overlay that says it."""
    related: list[RelatedView]
    """What else it comes from: the variable that stands there."""


class RenderedView(View):
    """One endpoint."""

    id: str
    document: dict[str, Json]
    """As one endpoint file without overlays and variables would say it. Secrets are references."""
    origins: NotRequired[list[OriginView]]
    """Of each value; only with `--origin`."""


class RenderView(Head):
    """What `inferctl render --format json` prints: the final documents, in the order of ids."""

    kind: Literal["render"]
    environment: str
    """Empty where the settings file has none."""
    endpoints: list[RenderedView]


class DifferenceView(View):
    """An endpoint that is not the same in both environments."""

    id: str
    difference: DifferenceWord
    """`added`: only `to` has it; `removed`: only `from` has it."""
    fields: list[FieldView]
    """What differs: `before` is that of `from`. Empty where one side has no such endpoint."""


class DiffSummary(View):
    """Counts of endpoints."""

    changed: Count
    added: Count
    removed: Count
    same: Count


class DiffView(Head):
    """What `inferctl diff --format json` prints: how two environments differ, in the order of ids."""

    kind: Literal["diff"]
    from_environment: str
    to_environment: str
    summary: DiffSummary
    endpoints: list[DifferenceView]
