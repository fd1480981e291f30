"""Settings as they are read, and the conditions between them, with the server's texts (create.md#refused-settings)."""

import re
from dataclasses import dataclass, field
from typing import Any

from inferctl.emulator.errors import bad_request
from inferctl.emulator.json_text import java_float, java_list, java_text
from inferctl.emulator.profiles import Profile

from .schema import (
    Field,
    Forbids,
    Needs,
    NeedsInner,
    NeedsOneOf,
    OneSecret,
    OnlyWith,
    ProviderTasks,
    Rule,
    Service,
    When,
    fields_for,
)

JsonObject = dict[str, Any]

JAVA_TYPES = {
    "string": "String",
    "uri": "String",
    "enum": "String",
    "integer": "Integer",
    "number": "Number",
    "float": "Double",
    "boolean": "Boolean",
    "list": "List",
    "object": "Map",
    "rate_limit": "Map",
}


@dataclass(slots=True)
class Settings:
    """Settings of one endpoint after parsing, secrets apart."""

    service_settings: JsonObject = field(default_factory=dict)
    secrets: JsonObject = field(default_factory=dict)
    task_settings: JsonObject = field(default_factory=dict)


def _fits(kind: str, value: Any) -> bool:
    if kind == "any":
        return True
    if kind in {"string", "uri", "enum"}:
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "list":
        return isinstance(value, list)
    if kind in {"object", "rate_limit"}:
        return isinstance(value, dict)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind == "integer":
        return isinstance(value, int) and -(2**31) <= value < 2**31
    # An integer literal is no Double for the services that ask for one (anthropic).
    return kind == "number" or isinstance(value, float)


def wrong_type(name: str, value: Any, java_type: str) -> str:
    """`field [x] is not of the expected type. ...`."""
    return (
        f"field [{name}] is not of the expected type. "
        f"The value [{java_text(value)}] cannot be converted to a [{java_type}]"
    )


def read(field: Field, value: Any, scope: str, problems: list[str]) -> Any:
    """The value as it is stored; what is wrong with it goes to `problems`."""
    if not _fits(field.kind, value):
        problems.append(wrong_type(field.name, value, JAVA_TYPES[field.kind]))
        return None
    if isinstance(value, str):
        return _read_word(field, value, scope, problems)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(field, value, scope, problems)
    return value


def _read_word(field: Field, value: str, scope: str, problems: list[str]) -> str:
    if not value:
        problems.append(f"[{scope}] Invalid value empty string. [{field.name}] must be a non-empty string")
    if field.kind == "uri" and (wrong := bad_uri(field.name, value, scope)):
        problems.append(wrong)
    if field.kind != "enum":
        return value
    word = value.strip()
    for allowed in field.enum:
        if allowed.lower() == word.lower():
            return allowed
    if value:
        words = ", ".join(sorted(word.lower() for word in field.enum))
        problems.append(f"[{scope}] Invalid value [{value}] received. [{field.name}] must be one of [{words}]")
    return value


_URI = re.compile(
    r"(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_NOT_IN_URI = re.compile(r'[\x00-\x20\x7f"<>\\^`{|}]')


def bad_uri(name: str, value: str, scope: str) -> str:
    """What is said of an address with a character that java.net.URI does not take; empty: it takes it."""
    parts = _URI.fullmatch(value)
    wrong = [part for part, text in (parts.groupdict() if parts else {}).items() if text and _NOT_IN_URI.search(text)]
    if not wrong:
        return ""
    part = "scheme name" if wrong[0] == "scheme" else wrong[0]
    return (
        f"[{scope}] Invalid url [{value}] received for field [{name}]. "
        f"Error: unable to parse url [{value}]. Reason: Illegal character in {part}"
    )


def _check_range(field: Field, value: float, scope: str, problems: list[str]) -> None:
    prefix = f"[{scope}] Invalid value [{value if field.least == 1 else java_float(float(value))}]."
    if field.kind == "integer" and field.least == 1 and value < 1:
        problems.append(f"{prefix} [{field.name}] must be a positive integer")
    elif field.least is not None and value < field.least:
        bound = java_float(float(field.least))
        problems.append(f"{prefix} [{field.name}] must be a greater than or equal to [{bound}]")
    elif field.most is not None and value > field.most:
        bound = java_float(float(field.most))
        problems.append(f"{prefix} [{field.name}] must be a less than or equal to [{bound}]")


def missing(scope: str, name: str) -> str:
    """Text for a required setting that is absent."""
    return f"[{scope}] does not contain the required setting [{name}]"


def required(item: Field, profile: Profile) -> bool:
    """Whether a setting must be given on this version."""
    return item.required or bool(item.required_since and profile.knows(item.required_since))


def not_allowed(name: str) -> str:
    """Text for a setting that must not be given here."""
    return f"[service_settings] does not allow the setting [{name}]"


def take(item: Field, source: JsonObject, scope: str, problems: list[str], *, strict_null: bool = False) -> Any:
    """Remove a field (or one of its aliases) from the map and read it; None when absent or null."""
    for name in (item.name, *item.aliases):
        if name not in source:
            continue
        value = source.pop(name)
        for other in item.aliases:  # the newer name wins
            source.pop(other, None)
        if value is None:
            if strict_null:
                problems.append(f"[{scope}] [{name}] must not be null")
            return None
        if not item.put_allowed:
            problems.append(not_allowed(name))
            return None
        return read(item, value, scope, problems)
    return None


def read_rate_limit(value: Any, default: int, problems: list[str]) -> JsonObject:
    """`rate_limit`: absent or empty means the default (create.md#defaults)."""
    if not isinstance(value, dict):
        return {"requests_per_minute": default}
    rest = dict(value)
    number = rest.pop("requests_per_minute", None)
    if number is None:
        number = default
    elif isinstance(number, bool) or not isinstance(number, int) or number >= 2**63:  # stored with 64 bits
        problems.append(
            "field [requests_per_minute] is not of the expected type. "
            f"The value [{java_text(number)}] cannot be converted to a [Long]"
        )
    elif number < 1:
        problems.append(f"[rate_limit] Invalid value [{number}]. [requests_per_minute] must be a positive integer")
    if rest:
        raise bad_request(f"Rate limit settings contain unknown entries [{java_text(rest)}]")
    return {"requests_per_minute": number}


def applies(when: When, task_type: str, profile: Profile, settings: JsonObject) -> bool:
    """Whether a condition of a rule holds."""
    if when.tasks and task_type not in when.tasks:
        return False
    if not profile.knows(when.since, when.until):
        return False
    return not when.key or settings.get(when.key, when.default) in when.values


def check_parameters(service: Service, profile: Profile, result: Settings, problems: list[str]) -> None:
    """A task parameter with the name of a secret would take its place in requests (update.md#task-settings)."""
    parameters, secrets = result.task_settings.get("parameters"), result.secrets.get("secret_parameters")
    if not service.parameters_apart or not profile.knows(service.parameters_apart):
        return
    if isinstance(parameters, dict) and isinstance(secrets, dict):
        both = [name for name in parameters if name in secrets]
        if both:
            problems.append(
                f"[task_settings] [parameters] must not have the names of secret_parameters: {java_list(both)}"
            )


def check_rules(service: Service, task_type: str, profile: Profile, result: Settings, problems: list[str]) -> None:
    """What is wrong goes to `problems`."""
    known = {f.name for f in fields_for(service.service_settings, task_type, profile)}
    for rule in service.rules:
        _check_rule(rule, service, task_type, profile, result, problems=problems, known=known)


def _check_rule(
    rule: Rule,
    service: Service,
    task_type: str,
    profile: Profile,
    result: Settings,
    *,
    problems: list[str],
    known: set[str],
) -> None:
    settings = result.service_settings
    match rule:
        case Needs() | NeedsOneOf() | Forbids():
            if applies(rule.when, task_type, profile, settings):
                problems.extend(_unmet(rule, settings, known))
        case OneSecret():
            _check_secret(rule, result, problems, known)
        case NeedsInner(path, keys):
            _check_inner(path, keys.get(task_type, ()), settings, problems)
        case ProviderTasks() | OnlyWith():
            if not problems:
                _check_provider(rule, service, task_type, result)


def _unmet(rule: Needs | NeedsOneOf | Forbids, settings: JsonObject, known: set[str]) -> list[str]:
    """What a rule whose condition holds complains about."""
    if isinstance(rule, Needs):
        return [missing("service_settings", name) for name in rule.fields if name in known and name not in settings]
    if isinstance(rule, Forbids):
        return [not_allowed(name) for name in rule.fields if name in settings]
    if any(name in settings for name in rule.fields):
        return []
    return [f"[service_settings] does not contain one of the required settings [{', '.join(rule.fields)}]"]


def _check_provider(rule: ProviderTasks | OnlyWith, service: Service, task_type: str, result: Settings) -> None:
    """These errors are thrown at once instead of being collected."""
    settings = result.service_settings
    provider = settings.get("provider")
    if isinstance(rule, OnlyWith):
        if rule.task_setting in result.task_settings and provider not in rule.providers:
            raise bad_request(
                f"The [{rule.task_setting}] setting of task type [{task_type}] is not available "
                f"for provider [{provider}]"
            )
        return
    kind = str(settings.get(rule.by, ""))
    if provider not in rule.offers.get((task_type, kind), ()):
        words = f" with [{rule.by}] [{kind}]" if rule.by else ""
        raise bad_request(
            f"The [{task_type}] task type{words} for provider [{provider}] is not available "
            f"for service [{service.name}]"
        )


def _check_inner(path: tuple[str, str], keys: tuple[str, ...], settings: JsonObject, problems: list[str]) -> None:
    outer, inner = path
    if outer not in settings:
        return  # the field itself is missed already
    place = settings[outer].get(inner)
    if not isinstance(place, dict):
        problems.append(missing(outer, inner))
        return
    problems.extend(missing(inner, key) for key in keys if not place.get(key))


def _check_secret(rule: OneSecret, result: Settings, problems: list[str], known: set[str]) -> None:
    choices = [name for name in rule.fields if name in known]
    given = [name for name in choices if name in result.secrets]
    if len(choices) == 1:
        if not given:
            problems.append(missing("service_settings", choices[0]))
        return
    if len(given) != 1:
        received = ", ".join(given)
        problems.append(
            f"[secret_settings] must have exactly one of [{', '.join(choices)}] field set, received: [{received}]"
        )
    if rule.oauth in given:
        problems.extend(
            missing("service_settings", name) for name in rule.companions if name not in result.service_settings
        )
