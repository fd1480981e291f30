"""Pages: what `inferctl explain --format json` prints. Empty texts and lists: nothing to say."""

from typing import Annotated, Literal, TypeAlias

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


ExplainView: TypeAlias = Annotated[
    OverviewPage | CodePage | ServicePage | FieldPage,
    Says({"description": "The page of a service, a field or a diagnostic code, or the list of services and codes."}),
]
