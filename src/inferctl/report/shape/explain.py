"""Pages: what `inferctl explain --format json` prints. Empty texts and lists: nothing to say."""

from typing import Annotated, Any, Literal, TypeAlias

from inferctl.report.shape.base import Head, Says, View


class CodeTitle(View):
    """A diagnostic code and what it is about."""

    code: str
    title: str


class OverviewPage(Head):
    """All words that have a page, fields left out."""

    kind: Literal["overview"]
    services: list[str]
    codes: list[CodeTitle]


class CodePage(Head):
    """The page of a diagnostic code."""

    kind: Literal["code"]
    code: str
    title: str
    explanation: str
    fix: str


class ValueView(View):
    """A word that a setting may hold; `since` is empty where it is as old as the setting."""

    value: str | int
    since: str


class UpdateView(View):
    """What `_update` makes of a setting."""

    since: str
    """The first version whose _update changes the field; empty: never."""
    uncertain: bool
    note: str


class SettingView(View):
    """All that is known of a setting."""

    name: str
    """The key; inside another field, or on the page of a field, the path."""
    type: str
    """In words, with its range."""
    description: str
    task_types: list[str]
    """Empty: all task types of the service."""
    required: str
    """yes, no, or the condition."""
    default: str
    """As a file would spell it; empty: none, or worked out by the server."""
    values: list[ValueView]
    minimum: float | None
    maximum: float | None
    secret: bool
    filled: bool
    """GET shows it although nobody set it."""
    hidden: bool
    """GET never shows it."""
    live: bool
    """GET shows a value that moves by itself."""
    put: str
    """Who may set it, where that is not everybody."""
    shown: str
    """What GET makes of it."""
    aliases: list[str]
    """Other names that a PUT may use."""
    since: str
    """Empty: as old as the service."""
    until: str
    """The last version that has it."""
    update: UpdateView
    note: str
    uncertain: bool
    fields: list["SettingView"]


class TaskTypeView(View):
    """A task type of a service."""

    name: str
    since: str
    """Empty: in no release."""
    rate_limit: int | None
    """Requests per minute that the server fills in."""
    rate_limit_until: str
    note: str
    uncertain: bool


class ServicePage(Head):
    """The page of a service."""

    kind: Literal["service"]
    service: str
    title: str
    since: str
    deprecated_since: str
    shown_as: str
    """What GET calls it, where that is another name."""
    uncertain: bool
    task_types: list[TaskTypeView]
    service_settings: list[SettingView]
    task_settings: list[SettingView]
    rules: list[str]
    notes: list[str]


class SharedSetting(View):
    """A setting, and the services that say the same of it."""

    services: list[str]
    field: SettingView


class FieldPage(Head):
    """The page of a setting, of one service or of several."""

    kind: Literal["field"]
    field: str
    pages: list[SharedSetting]


class RequestView(View):
    """A request that would help to settle a question. ID in the path is an endpoint made for it."""

    method: str
    path: str
    body: Any
    """JSON; null: none is sent. Secrets are named, as in a file: {"env": NAME}."""


class AnswerView(View):
    """An answer that the last request may get."""

    answer: str
    means: str


class QuestionView(View):
    """A fact that is not proven."""

    id: str
    statement: str
    """What inferctl takes to be so."""
    versions: str
    """The servers that could answer."""
    evidence: list[str]
    """Letters of docs/reference/server/README.md."""
    sources: list[str]
    needs: str
    """What not every cluster has."""
    writes: bool
    """Whether a request changes something on the cluster."""
    requests: list[RequestView]
    """One after the other, up to the first that is refused. Empty: by_hand says what else would settle it."""
    answers: list[AnswerView]
    """What the last answer means; the first that fits counts."""
    by_hand: str


class QuestionPage(Head):
    """The page of a fact that is not proven."""

    kind: Literal["question"]
    question: QuestionView


class TopicView(View):
    """Facts that are not proven, of one topic."""

    topic: str
    questions: list[QuestionView]


class UncertainPage(Head):
    """All facts that are not proven, or those of a service."""

    kind: Literal["uncertain"]
    service: str
    """Empty: all."""
    topics: list[TopicView]


ExplainView: TypeAlias = Annotated[
    OverviewPage | CodePage | ServicePage | FieldPage | QuestionPage | UncertainPage,
    Says({"description": "The page of a service, a field, a diagnostic code or a fact that is not proven, or a list."}),
]
