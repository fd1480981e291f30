"""What the reconciler reads beside the inference API: cluster, services, models, references, privileges.

Builders and readers are pure; `ClusterReads` joins them to a client. Every call here is a read and passes a
read-only client.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.client.exchange import unexpected_shape
from inferctl.client.payload import payload_of
from inferctl.client.request import Operation, Request, Response, escape, escape_one, parameters
from inferctl.errors import NotFound
from inferctl.json_types import object_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """Who answers. `version` is "9.1.0"; on Serverless it says nothing about features."""

    name: str
    uuid: str
    version: str
    build_flavor: str

    @property
    def is_serverless(self) -> bool:
        return self.build_flavor == "serverless"

    @property
    def major_minor(self) -> tuple[int, int]:
        """(9, 1). Raises ValueError for a version that is none."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


@dataclass(frozen=True, slots=True)
class ModelDeployment:
    """One deployment of a trained model. `state` is "" when there is none.

    Source: docs/reference/server/in-cluster.md#stats.
    """

    model_id: str
    deployment_id: str
    state: str
    reason: str
    allocation_state: str
    allocation_count: int
    target_allocation_count: int
    number_of_allocations: int | None
    adaptive: bool


@dataclass(frozen=True, slots=True)
class Privileges:
    """What the credentials may do. `missing` names what was asked for and is not there, sorted."""

    username: str
    has_all: bool
    missing: tuple[str, ...]


def _read(path: str, /, body: Mapping[str, object] | None = None, **query: object) -> Request:
    """A GET; with a body where the API takes one, so that it stays a read for every guard on the way."""
    data = None if body is None else payload_of(body).octets()
    return Request("GET", path, parameters(query), body=data, operation=Operation.READ)


class ClusterReads(ABC):
    """The reads as methods. The client brings the sending."""

    @abstractmethod
    def raw(self, request: Request) -> Response: ...

    @abstractmethod
    def _object(self, request: Request) -> dict[str, Any]: ...

    def info(self) -> ClusterInfo:
        """`GET /`: name, uuid, version. Raises UnexpectedAnswer when this is not an Elasticsearch."""
        request = _read("/")
        answer = self._object(request)
        version = object_of(answer.get("version"))
        number = version.get("number")
        if not isinstance(number, str):
            raise unexpected_shape(request, "it names no version: is this an Elasticsearch?")
        return ClusterInfo(
            name=str(answer.get("cluster_name", "")),
            uuid=str(answer.get("cluster_uuid", "")),
            version=number,
            build_flavor=str(version.get("build_flavor", "default")),
        )

    def services(self, task_type: str | None = None) -> tuple[dict[str, Any], ...]:
        """`GET /_inference/_services`, since 8.17: one object per service, as the server describes it."""
        request = _read("/_inference/_services" + (f"/{escape_one(task_type)}" if task_type else ""))
        response = self.raw(request)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if isinstance(answer, dict):  # 8.17 wraps or keys them by name
            inner = answer.get("services", answer)
            answer = [{"service": name, **value} for name, value in inner.items()] if isinstance(inner, dict) else inner
        if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
            raise unexpected_shape(request, "the body is no list of services")
        return tuple(answer)

    def trained_model_stats(self, model_id: str = "_all") -> tuple[ModelDeployment, ...]:
        """`GET /_ml/trained_models/{model_id}/_stats` (privilege `monitor_ml`): one entry per deployment.

        The path takes the model id; a model with several deployments gives several entries, one with none
        gives an entry whose `state` is "". An unknown model is an empty result.
        """
        request = _read(f"/_ml/trained_models/{escape_one(model_id)}/_stats", size=10_000)
        try:
            stats = self._object(request).get("trained_model_stats")
        except NotFound:
            return ()
        if not isinstance(stats, list):
            raise unexpected_shape(request, "it has no list of models")
        return tuple(map(_deployment, _objects(stats)))

    def pipelines(self, *, filter_path: str | None = None) -> dict[str, Any]:
        """`GET /_ingest/pipeline`: pipeline id to pipeline. None at all is an empty result."""
        return self._or_empty(_read("/_ingest/pipeline", filter_path=filter_path))

    def mappings(
        self,
        *,
        index: str | Sequence[str] = "*",
        filter_path: str | None = None,
        expand_wildcards: str | None = None,
    ) -> dict[str, Any]:
        """`GET /{index}/_mapping`: index name to `{"mappings": ...}`. No index is an empty result."""
        path = f"/{escape(index)}/_mapping"
        return self._or_empty(
            _read(path, expand_wildcards=expand_wildcards, filter_path=filter_path, ignore_unavailable=True)
        )

    def field_caps(
        self,
        *,
        index: str | Sequence[str] = "*",
        fields: str | Sequence[str] = "*",
        types: str | Sequence[str] | None = None,
        filter_path: str | None = None,
        expand_wildcards: str | None = None,
    ) -> dict[str, Any]:
        """`GET /{index}/_field_caps`: `{"indices": [...], "fields": {...}}`; `types` e.g. "dense_vector".

        It does not tell semantic_text fields: from 8.18 on they count as "text".
        """
        path = f"/{escape(index)}/_field_caps"
        request = _read(path, expand_wildcards=expand_wildcards, fields=fields, filter_path=filter_path, types=types)
        answer = self._or_empty(request)
        if answer and filter_path is None and not isinstance(answer.get("fields"), dict):
            raise unexpected_shape(request, "it has no fields")
        return answer

    def index_settings(
        self,
        names: str | Sequence[str] = "*",
        *,
        index: str | Sequence[str] = "*",
        expand_wildcards: str | None = None,
    ) -> dict[str, Any]:
        """`GET /{index}/_settings/{names}`: index name to `{"settings": {"index.default_pipeline": "p"}}`, flat.

        Indexes without any of these settings are left out; no index is an empty result.
        """
        path = f"/{escape(index)}/_settings/{escape(names)}"
        request = _read(path, expand_wildcards=expand_wildcards, flat_settings=True, ignore_unavailable=True)
        indexes = self._or_empty(request)
        return {name: index for name, index in indexes.items() if object_of(object_of(index).get("settings"))}

    def index_templates(self, *, filter_path: str | None = None) -> tuple[dict[str, Any], ...]:
        """`GET /_index_template`: `{"name", "index_template"}` each; none is an empty result."""
        request = _read("/_index_template", filter_path=filter_path)
        return _objects(self._or_empty(request).get("index_templates"))

    def component_templates(self, *, filter_path: str | None = None) -> tuple[dict[str, Any], ...]:
        """`GET /_component_template`: `{"name", "component_template"}` each; none is an empty result."""
        request = _read("/_component_template", filter_path=filter_path)
        return _objects(self._or_empty(request).get("component_templates"))

    def has_privileges(
        self,
        *,
        cluster: Sequence[str] = (),
        index: Mapping[str, Sequence[str]] | None = None,
    ) -> Privileges:
        """`GET /_security/user/_has_privileges`: `index` maps a pattern to the privileges wanted on it."""
        on_indexes = [{"names": [pattern], "privileges": list(names)} for pattern, names in (index or {}).items()]
        body: dict[str, object] = {"cluster": list(cluster), "index": on_indexes}
        answer = self._object(_read("/_security/user/_has_privileges", body=body))
        missing = [name for name, is_held in object_of(answer.get("cluster")).items() if is_held is not True]
        for pattern, names in object_of(answer.get("index")).items():
            missing += [f"{pattern}: {name}" for name, is_held in object_of(names).items() if is_held is not True]
        return Privileges(
            username=str(answer.get("username", "")),
            has_all=answer.get("has_all_requested") is True,
            missing=tuple(sorted(missing)),
        )

    def _or_empty(self, request: Request) -> dict[str, Any]:
        try:
            return self._object(request)
        except NotFound:
            return {}


def _objects(value: object) -> tuple[dict[str, Any], ...]:
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _deployment(item: dict[str, Any]) -> ModelDeployment:
    stats = object_of(item.get("deployment_stats"))
    status = object_of(stats.get("allocation_status"))
    number_of_allocations = stats.get("number_of_allocations")
    return ModelDeployment(
        model_id=str(item.get("model_id", "")),
        deployment_id=str(stats.get("deployment_id", "")),
        state=str(stats.get("state", "")),
        reason=str(stats.get("reason", "")),
        allocation_state=str(status.get("state", "")),
        allocation_count=_count(status.get("allocation_count")),
        target_allocation_count=_count(status.get("target_allocation_count")),
        number_of_allocations=number_of_allocations if isinstance(number_of_allocations, int) else None,
        adaptive=object_of(stats.get("adaptive_allocations")).get("enabled") is True,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
