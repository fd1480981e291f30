"""Which secrets an endpoint must have had, and the variables that stand for them. No server shows a secret.

Source: docs/reference/server/read.md#what-is-shown; the pages of the services say which fields are secret.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from inferctl.json_types import object_of, texts_in
from inferctl.model.services.conditions import OneOf, With
from inferctl.model.settings_secrets import find_secrets
from inferctl.secrets.credential_names import looks_secret
from inferctl.secrets.reference import variable_name
from inferctl.secrets.resolve import SecretBounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inferctl.json_types import Path
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version
    from inferctl.planner.passthrough import LiveCatalogue

_PART = "service_settings"
_TEMPLATE = re.compile(r"\$\{([^}\s]+)\}")
# What the server itself puts into a template of the `custom` service.
_FILLED_BY_THE_SERVER = frozenset({"input", "input_type", "query", "top_n", "return_documents"})


@dataclass(frozen=True, slots=True, order=True)
class SecretField:
    """A place in `service_settings` where a reference goes. `note` says what cannot be known."""

    path: Path
    note: str = ""


def secret_fields(observed: ObservedEndpoint, version: Version, live: LiveCatalogue | None) -> tuple[SecretField, ...]:
    """The references that the file of this endpoint needs, each place once."""
    service = observed.page
    fields = {field.path: field for field in (*_kept_in_clear(observed, service), *_hidden(observed, version, live))}
    return tuple(fields.values())


def kept_in_clear(observed: ObservedEndpoint) -> tuple[Path, ...]:
    """Task settings that sound like a credential: a file may not hold them, and no reference may stand there."""
    found = find_secrets("task_settings", observed.task_settings, (), observed.service, allowed=False)
    return tuple(finding.path for finding in found.findings)


def _kept_in_clear(observed: ObservedEndpoint, service: Service | None) -> Iterator[SecretField]:
    """Credentials that the server does show: a literal header of `custom`, or a secret that we do not know."""
    own = service.secret_fields(observed.task_type) if service else ()
    found = find_secrets(_PART, observed.service_settings, own, observed.service)
    for finding in found.findings:
        names = [part for part in finding.path if isinstance(part, str)]
        if names[-1] in own or looks_secret(names[-1]):
            yield SecretField(finding.path)


def _hidden(observed: ObservedEndpoint, version: Version, live: LiveCatalogue | None) -> Iterator[SecretField]:
    service = observed.page
    if service is None:
        listed = live.services.get(observed.service) if live is not None else None
        for name in sorted(listed.sensitive) if listed is not None else ():
            yield SecretField((_PART, name), _optional(name))
        return
    facts = service.fields(_PART, observed.task_type)
    names = [name for name in service.secret_fields(observed.task_type) if facts[name].exists_in(version)]
    either = _one_of(service, names, observed)
    for name in names:
        if facts[name].type == "object":
            yield from (SecretField((_PART, name, key)) for key in _template_names(observed))
        elif name in either:
            if either[name] is not None:
                yield SecretField((_PART, name), either[name] or "")
        else:
            yield SecretField((_PART, name), _optional(name) if facts[name].is_optional else "")


def _optional(name: str) -> str:
    return f"Remove {name} if the endpoint has none: it is optional, and no server shows it."


def _one_of(service: Service, names: Sequence[str], observed: ObservedEndpoint) -> dict[str, str | None]:
    """Of secrets that exclude each other, the one whose companions are shown, else the first. None: not this one."""
    companions = {
        condition.leader: condition.companions for condition in service.conditions if isinstance(condition, With)
    }
    chosen: dict[str, str | None] = {}
    for condition in service.conditions:
        group = (
            [name for name in condition.fields if name in names]
            if isinstance(condition, OneOf) and condition.exclusive
            else []
        )
        if not group:
            continue
        chosen |= dict.fromkeys(group)
        led = [n for n in group if any(c in observed.service_settings for c in companions.get(n, ()))]
        alone = [n for n in group if n not in companions]
        if led:
            chosen[led[0]] = ""
        elif alone:
            others = " or ".join(alone[1:])
            chosen[alone[0]] = f"It may have {others} instead of {alone[0]}: no server shows which." if others else ""
    return chosen


def _template_names(observed: ObservedEndpoint) -> list[str]:
    """The names in `${...}` that only `secret_parameters` can fill (the `custom` service)."""
    plain = observed.task_settings.get("parameters")
    known = _FILLED_BY_THE_SERVER | set(object_of(plain))
    placeholders = {name for text in texts_in(observed.service_settings) for name in _TEMPLATE.findall(text)}
    return sorted(placeholders - known)


def variable_names(fields: Iterable[tuple[str, Path]]) -> dict[tuple[str, Path], str]:
    """A variable for each secret (id and path): UPPER_SNAKE of id and field, unique, the same in every run.

    Two secrets that would share a name both get a digest of their own behind it. A name that a file may not
    refer to, or that starts with a digit, gets ENDPOINT_ before it.
    """
    wanted = {(inference_id, path): _plain_name(inference_id, path) for inference_id, path in fields}
    count = Counter(wanted.values())
    return {key: name if count[name] == 1 else f"{name}_{_digest(*key)}" for key, name in wanted.items()}


def _plain_name(inference_id: str, path: Path) -> str:
    parts = [part for part in path[1:] if part != "secret_parameters"] or list(path[1:])
    name = variable_name(inference_id, *map(str, parts))
    denied = name.startswith("INFERCTL_") or not SecretBounds().permits(name)
    return f"ENDPOINT_{name.lstrip('_')}" if denied or not name[:1].isalpha() else name


def _digest(inference_id: str, path: Path) -> str:
    return sha256("\0".join((inference_id, *map(str, path))).encode()).hexdigest()[:6].upper()
