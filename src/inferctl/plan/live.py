"""What a server says of its own services. Asked only for what this inferctl does not know.

It lags behind the server's real behaviour (docs/reference/server/services.md#list-of-services), so it confirms and
never forbids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


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
        found = (_service(item) for item in answer)
        return cls({service.name: service for service in found if service.name})


def _service(item: Mapping[str, object]) -> LiveService:
    name = item.get("service", item.get("provider"))
    settings = item.get("configurations", item.get("configuration"))
    fields = settings if isinstance(settings, Mapping) else {}
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
