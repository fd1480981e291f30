"""Conditions between the settings of a service (create.md#refused-settings)."""

from typing import Any

from inferctl.emulator.errors import bad_request
from inferctl.emulator.profiles import Profile

from .schema import (
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
from .values import Settings, missing, not_allowed

JsonObject = dict[str, Any]


def applies(when: When, task_type: str, profile: Profile, settings: JsonObject) -> bool:
    """Whether a condition of a rule holds."""
    if when.tasks and task_type not in when.tasks:
        return False
    if not profile.knows(when.since, when.until):
        return False
    return not when.key or settings.get(when.key, when.default) in when.values


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
