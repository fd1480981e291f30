"""What an endpoint with `passthrough: true` lets by, and what the server's own list of services says of it.

That list is asked only for what this inferctl does not know. It lags behind the server's real behaviour
(docs/reference/server/services.md#list-of-services), so it confirms and never forbids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.json_types import object_of, path_text
from inferctl.model.services import service_names
from inferctl.model.services.names import LET_THROUGH
from inferctl.model.task_types import TASK_TYPES
from inferctl.nearest import nearest
from inferctl.planner.version_support import findings_of

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version
    from inferctl.syntax.finding import Finding

# What only a server newer than this inferctl can know; the rest is known to us, and not of this version.
_UNKNOWN = frozenset({"field.unknown", "service.task-type"})
# So like a known word, an unknown one is more often a slip than a newer server's; `nearest`.
_MISSPELLED = 0.8


@dataclass(frozen=True, slots=True)
class LiveService:
    """One service. `fields` are keys of `service_settings`; `sensitive` are the secrets among them.

    Task settings are not listed by any server.
    """

    name: str
    task_types: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LiveCatalogue:
    """All services that the server lists, by name; hidden ones may be missing."""

    services: Mapping[str, LiveService] = field(default_factory=dict)

    @classmethod
    def read(cls, answer: Iterable[Mapping[str, object]]) -> LiveCatalogue:
        """The answer of `GET _inference/_services`, in the shape of 8.17 or the later one. What is odd is left out."""
        services = (_service(item) for item in answer)
        return cls({service.name: service for service in services if service.name})


def _service(item: Mapping[str, object]) -> LiveService:
    name = item.get("service", item.get("provider"))
    settings = item.get("configurations", item.get("configuration"))
    fields = object_of(settings)
    return LiveService(
        name=name if isinstance(name, str) else "",
        task_types=frozenset(_task_types(item.get("task_types"))),
        # `rate_limit.requests_per_minute` is a leaf of the key rate_limit.
        fields=frozenset(str(key).split(".")[0] for key in fields),
        sensitive=frozenset(
            str(key).split(".")[0]
            for key, about in fields.items()
            if isinstance(about, Mapping) and about.get("sensitive") is True
        ),
    )


def _task_types(listed: object) -> Iterable[str]:
    for entry in listed if isinstance(listed, list | tuple) else ():
        name = entry.get("task_type") if isinstance(entry, Mapping) else entry
        if isinstance(name, str):
            yield name


def needs_catalogue(endpoints: Iterable[DesiredEndpoint], version: Version) -> bool:
    """Whether something in the files is unknown to us, so that the server's list has something to say."""
    return any(
        endpoint.passthrough
        and (endpoint.page is None or any(finding.code in _UNKNOWN for finding in findings_of(endpoint, version)))
        for endpoint in endpoints
    )


def remarks(desired: DesiredEndpoint, version: Version, live: LiveCatalogue | None) -> tuple[str, ...]:
    """One line for each thing that is let by. Empty without `passthrough: true`.

    `live` is None where the server was not, or could not be, asked.
    """
    if not desired.passthrough:
        return ()
    listed = live.services.get(desired.service) if live is not None else None
    findings = [p for p in findings_of(desired, version) if p.code in LET_THROUGH]
    lines = []
    if desired.page is None:
        lines.append(_unknown_service(desired, listed, asked=live is not None))
        if desired.task_type not in TASK_TYPES:
            lines.append(f"passed through: {_unknown_task_type(desired.task_type)}")
    lines += [f"passed through: {_what_is_let_by(finding, desired, listed)}" for finding in findings]
    return tuple(lines) or ("passthrough: true is not needed: nothing here is unknown to this inferctl",)


def _unknown_task_type(name: str) -> str:
    near = nearest(name, TASK_TYPES, likeness=_MISSPELLED)
    return f"{name} is no task type that this inferctl knows" + (f" ({near} is one)" if near else "")


def _unknown_service(desired: DesiredEndpoint, listed: LiveService | None, *, asked: bool) -> str:
    text = f"passed through: the service {desired.service} is unknown to this inferctl"
    if listed is None:
        near = nearest(desired.service, service_names(), likeness=_MISSPELLED)
        text += f" ({near} is known)" if near else ""
        return f"{text}, and the server does not list it (its list may lag behind)" if asked else text
    if listed.task_types and desired.task_type not in listed.task_types:
        return f"{text}; the server lists it, but not for {desired.task_type}"
    rest = sorted(key for key in desired.service_settings if listed.fields and key not in listed.fields)
    if rest:
        return f"{text}; the server lists it, but without {', '.join(rest)}"
    return f"{text}; the server lists it"


def _what_is_let_by(finding: Finding, desired: DesiredEndpoint, listed: LiveService | None) -> str:
    text = finding.what
    if finding.code == "service.task-type":
        if desired.task_type not in TASK_TYPES:
            text = _unknown_task_type(desired.task_type)
        if listed is None or not listed.task_types:
            return text
        lists = "lists" if desired.task_type in listed.task_types else "does not list"
        return f"{text}; the server {lists} it for {desired.service}"
    if finding.code == "field.unknown" and finding.path[0] == "service_settings" and listed is not None:
        name = path_text(finding.path[1:2])
        return f"{text} that this inferctl knows; the server {'lists' if name in listed.fields else 'does not list'} it"
    return f"{text} that this inferctl knows" if finding.code == "field.unknown" else text
