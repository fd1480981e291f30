"""The vocabulary of the service tables: fields, tasks and the few conditions between fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from inferctl.emulator.profiles import Profile

DENSE = ("text_embedding", "embedding")
CHUNKING = ("text_embedding", "sparse_embedding", "embedding")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a service. Versions are written as in `Profile.knows`."""

    name: str
    kind: str = "string"  # string, uri, integer, number, float, boolean, enum, list, object, any, rate_limit
    required: bool = False
    required_since: str = ""
    secret: bool = False
    enum: tuple[str, ...] = ()
    later_words: Mapping[str, str] = field(default_factory=dict)  # words of `enum` that came later, and when
    show: str = "lower"  # how GET prints an enum: lower or upper
    synonyms: Mapping[str, str] = field(default_factory=dict)  # GET prints the right-hand word
    least: float | None = None
    most: float | None = None
    default: Any = None  # filled in when absent; see default_tasks
    default_tasks: tuple[str, ...] = ()  # fill only for these task types
    after_probe: bool = False  # filled after a good validation call only (create.md#defaults)
    tasks: tuple[str, ...] = ()  # empty: all of the service
    since: str = ""
    until: str = ""
    updatable: str = ""  # first version in which _update changes it; empty: never
    put_allowed: bool = True
    aliases: tuple[str, ...] = ()
    hidden_since: str = ""  # GET does not show it from here on
    hidden_until: str = ""  # GET does not show it up to here ...
    hidden_tasks: tuple[str, ...] = ()  # ... for these task types
    shown_as: str = ""
    null_resets: str = ""  # first version in which a null in _update resets it (update.md#removing-a-setting)
    missing: str = ""  # the text for a required setting that is absent, where it is not the usual one


@dataclass(frozen=True, slots=True)
class Task:
    """A task type of a service with its default rate limit per minute."""

    rate_limit: int | None = None
    rate_limit_until: str = ""  # the service has a rate limit up to this version only
    since: str = ""
    listed_since: str = ""  # _services tells of it from here on, where that is later


@dataclass(frozen=True, slots=True)
class When:
    """A condition on the task type, another setting and the version."""

    tasks: tuple[str, ...] = ()
    key: str = ""
    values: tuple[str, ...] = ()  # the setting (or its default) is one of these
    default: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """These settings are required under a condition."""

    fields: tuple[str, ...]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class NeedsOneOf:
    """At least one of these settings is required under a condition."""

    fields: tuple[str, ...]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class Forbids:
    """These settings are refused under a condition."""

    fields: tuple[str, ...]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class OneSecret:
    """Exactly one secret of a list; the OAuth one needs companions (azureopenai, openai 9.5)."""

    fields: tuple[str, ...]
    oauth: str
    companions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderTasks:
    """Which providers of a service offer which task type (amazonbedrock, azureaistudio).

    `offers` maps a task type, and the value of the setting `by` where there is one, to providers.
    """

    offers: Mapping[tuple[str, str], tuple[str, ...]]
    by: str = ""


@dataclass(frozen=True, slots=True)
class OnlyWith:
    """A task setting that some providers do not have (amazonbedrock)."""

    task_setting: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedsInner:
    """Keys that must be inside an object setting, by task type (custom)."""

    path: tuple[str, str]
    keys: Mapping[str, tuple[str, ...]]


Rule = Needs | NeedsOneOf | Forbids | OneSecret | ProviderTasks | OnlyWith | NeedsInner


@dataclass(frozen=True, slots=True)
class InnerDefault:
    """A default inside an object setting (custom)."""

    path: tuple[str, ...]
    value: Any
    tasks: tuple[str, ...]
    since: str = ""


@dataclass(frozen=True, slots=True)
class Similarity:
    """The similarity that is filled in beside the vector length (create.md#defaults)."""

    default: str
    by_embedding_type: Mapping[str, str] = field(default_factory=dict)
    since: str = ""  # before this version `before` is the default
    before: str = ""


@dataclass(frozen=True, slots=True)
class Parser:
    """An object parser for `service_settings`, and the words of its own (create.md#object-parsers)."""

    since: str
    java_enums: Mapping[str, str] = field(default_factory=dict)  # by setting: the enum that an unknown word is not in
    positive: str = "[service_settings] Invalid value [{value}]. [{name}] must be a positive integer"
    at_end: tuple[str, ...] = ()  # checked when all is read: the reason stands alone, without a position


@dataclass(frozen=True, slots=True)
class Service:
    """One inference service as a table."""

    name: str
    title: str
    since: str
    tasks: Mapping[str, Task]
    service_settings: tuple[Field, ...]
    task_settings: tuple[Field, ...] = ()
    shown: tuple[str, ...] = ()  # order of service_settings in answers (create.md#answer)
    rules: tuple[Rule, ...] = ()
    inner_defaults: tuple[InnerDefault, ...] = ()
    similarity: Similarity | None = None
    vector: int = 1024  # vector length of the emulated provider
    parser: Parser | None = None
    update_refuses_secrets_until: str = ""  # from 9.5.0 to here _update knows no secrets (update.md#object-parsers)
    moved_to_model_id: tuple[str, ...] = ()  # task settings of old that mean service_settings.model_id (openai)
    task_settings_replaced: bool = False  # _update replaces instead of merging (anthropic)
    parameters_apart: str = ""  # since when no task parameter may have the name of a secret (custom)
    secrets_wiped: bool = False  # up to 9.4 _update drops secrets that are left out (custom)
    shows_dimensions_flag: bool = False  # openshift_ai shows dimensions_set_by_user
    refuses_rate_limit: str = ""  # elastic, from 9.2: a message of its own
    in_cluster: bool = False
    alias_of: str = ""
    hidden: bool = False  # not in the list of services
    streams: tuple[str, ...] = ("completion", "chat_completion")


def fields_for(fields: tuple[Field, ...], task_type: str, profile: Profile) -> list[Field]:
    """The fields a service knows for this task type on this version."""
    return [
        _as_of(f, profile) for f in fields if (not f.tasks or task_type in f.tasks) and profile.knows(f.since, f.until)
    ]


def _as_of(item: Field, profile: Profile) -> Field:
    """The field without the words that came later."""
    if not item.later_words:
        return item
    return replace(item, enum=tuple(word for word in item.enum if profile.knows(item.later_words.get(word, ""))))


def secret(name: str = "api_key", *, required: bool = True, since: str = "", kind: str = "string") -> Field:
    """A secret: stored apart, never returned, changed by _update in every version."""
    return Field(name, kind, required=required, secret=True, since=since, updatable="8.17")


def text(name: str, *, required: bool = False, **more: Any) -> Field:
    """A non-empty string."""
    return Field(name, required=required, **more)


def uri(name: str, *, required: bool = False, **more: Any) -> Field:
    """An address that the server parses."""
    return Field(name, "uri", required=required, **more)


def enum(name: str, *words: str, **more: Any) -> Field:
    """A word out of a list, in any case."""
    return Field(name, "enum", enum=words, **more)


def integer(name: str, *, least: float | None = 1, **more: Any) -> Field:
    """A whole number, positive unless told otherwise."""
    return Field(name, "integer", least=least, **more)


def boolean(name: str, **more: Any) -> Field:
    """true or false."""
    return Field(name, "boolean", **more)


def mapping(name: str, **more: Any) -> Field:
    """A JSON object."""
    return Field(name, "object", **more)


def rate_limit(updatable: str = "9.5", **more: Any) -> Field:
    """`rate_limit.requests_per_minute`, filled with the default of the task type."""
    return Field("rate_limit", "rate_limit", updatable=updatable, **more)


def embedding_fields(
    *, tasks: tuple[str, ...] = ("text_embedding",), updatable: str = "9.5", dimensions: bool = True
) -> tuple[Field, ...]:
    """`similarity`, `dimensions` and `max_input_tokens`, as most embedding services have them."""
    return (
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=tasks),
        integer("dimensions", tasks=tasks, put_allowed=dimensions),
        integer("max_input_tokens", tasks=tasks, updatable=updatable),
    )
