"""A desired endpoint (what a file says) and an observed one (what GET shows).

Both are plain frozen values without I/O. Desired settings keep secret references as they stand in the
file (`{"env": "OPENAI_API_KEY"}`), never a resolved secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.json_types import object_of
from inferctl.model.services import find
from inferctl.model.services.names import runs_in_cluster

if TYPE_CHECKING:
    from inferctl.diagnostics import Span
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.endpoint import Lifecycle, Probe
    from inferctl.model.services.service import Service


class _OfService:
    """What a service's page in the catalogue says of its endpoints."""

    __slots__ = ()
    service: str

    @property
    def page(self) -> Service | None:
        """The page; None for a service that this inferctl does not know."""
        return find(self.service)

    @property
    def runs_in_cluster(self) -> bool:
        """Whether its model runs on the cluster's own machine-learning nodes."""
        return runs_in_cluster(self.service)


@dataclass(frozen=True, slots=True)
class DesiredEndpoint(_OfService):
    """One endpoint as its file declares it. The settings hold what the file says and nothing else.

    `secrets` are the paths of the secret references inside `service_settings`
    (for example `("service_settings", "api_key")`).
    """

    inference_id: str
    task_type: str
    service: str
    service_settings: JsonObject
    task_settings: JsonObject
    chunking_settings: JsonObject | None
    span: Span
    lifecycle: Lifecycle
    secrets: frozenset[Path] = frozenset()
    probe: Probe | None = None
    passthrough: bool = False

    def body(self) -> dict[str, Json]:
        """The PUT body (references unresolved): keys the file does not give are left out."""
        body: dict[str, Json] = {"service": self.service, "service_settings": self.service_settings}
        if self.task_settings:
            body["task_settings"] = self.task_settings
        if self.chunking_settings:
            body["chunking_settings"] = self.chunking_settings
        return body


@dataclass(frozen=True, slots=True)
class ObservedEndpoint(_OfService):
    """One endpoint as GET shows it; tolerant: `raw` keeps what we do not know.

    A server shows some credentials in clear (headers of `custom`), so no `repr` shows the settings.
    """

    inference_id: str
    task_type: str
    service: str
    service_settings: JsonObject = field(repr=False)
    task_settings: JsonObject = field(repr=False)
    chunking_settings: JsonObject | None
    raw: JsonObject = field(repr=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> ObservedEndpoint:
        """Read one element of `endpoints` in a GET answer (or the answer of a PUT or an update).

        Raises ValueError when the three identifying strings are not there.
        """
        texts = [raw.get(key) for key in ("inference_id", "task_type", "service")]
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("an endpoint without inference_id, task_type or service")
        chunking = raw.get("chunking_settings")
        return cls(
            inference_id=str(texts[0]),
            task_type=str(texts[1]),
            service=str(texts[2]),
            service_settings=object_of(raw.get("service_settings")),
            task_settings=object_of(raw.get("task_settings")),
            chunking_settings=object_of(chunking) if isinstance(chunking, Mapping) else None,
            raw=raw,
        )

    @property
    def deployment_id(self) -> str:
        """Of the deployment that its model runs on in the cluster: its own, or the one that it is attached to."""
        attached = self.service_settings.get("deployment_id")
        return attached if isinstance(attached, str) else self.inference_id

    @property
    def metadata(self) -> JsonObject:
        """What the server tells of a model of the Elastic Inference Service; empty elsewhere, and before 9.4."""
        return object_of(self.raw.get("metadata"))

    @property
    def regions(self) -> tuple[EndpointRegion, ...]:
        """Where its model can run. Empty where the server does not say (docs/reference/server/region-policy.md)."""
        listed = self.metadata.get("regions")
        return tuple(map(EndpointRegion.from_json, listed)) if isinstance(listed, list) else ()

    @property
    def denied_by_region_policy(self) -> bool:
        """Whether the region policy of the cluster denies it, as the server says."""
        return self.metadata.get("denied_by_region_policy") is True


@dataclass(frozen=True, slots=True)
class EndpointRegion:
    """One place where a model can run. Any part may be "": the service does not always tell it."""

    csp: str = ""
    region: str = ""
    geo: str = ""

    @classmethod
    def from_json(cls, raw: Json) -> EndpointRegion:
        """Read one element of `metadata.regions`; what is no text counts as not told."""
        parts = map(object_of(raw).get, ("csp", "region", "geo"))
        return cls(*(part if isinstance(part, str) else "" for part in parts))


# What a region policy may hold, one of the two (docs/reference/server/region-policy.md#the-document).
ALLOWED_GEOS, ALLOWED_REGIONS = "allowed_geos", "allowed_regions"


@dataclass(frozen=True, slots=True)
class ObservedRegionPolicy:
    """The region policy as GET shows it. `policy` keeps what we do not know; times are the server's own text."""

    policy: JsonObject
    created_at: str = ""
    created_by: str = ""
    updated_at: str = ""
    updated_by: str = ""

    @classmethod
    def from_json(cls, raw: JsonObject) -> ObservedRegionPolicy:
        """Read an answer of `_inference/_region_policy`. Raises ValueError where it holds no policy."""
        policy = raw.get("region_policy")
        if not isinstance(policy, Mapping):
            raise ValueError("an answer without region_policy")
        keys = ("created_at", "created_by", "updated_at", "updated_by")
        return cls(policy, *("" if raw.get(key) is None else str(raw[key]) for key in keys))
