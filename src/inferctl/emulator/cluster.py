"""The emulated cluster: its state, and the small transitions everything else is made of (emulating.md#state)."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .deployments import Deployment
from .documents import Index
from .faults import Fault
from .profiles import DEFAULT_PROFILE, PROFILES, Profile
from .provider import ProviderAnswer, ProviderCall, ProviderRule, answer
from .security import User
from .services import SERVICES, made
from .services.schema import CHUNKING, Service

JsonObject = dict[str, Any]

BUILT_IN_MODELS = {
    ".elser_model_2": "sparse_embedding",
    ".elser_model_2_linux-x86_64": "sparse_embedding",
    ".multilingual-e5-small": "text_embedding",
    ".multilingual-e5-small_linux-x86_64": "text_embedding",
    ".rerank-v1": "rerank",
}
ELSER_MODELS = (".elser_model_2", ".elser_model_2_linux-x86_64")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One stored endpoint: the config document and the secrets document in one value."""

    inference_id: str
    task_type: str
    service: str
    service_settings: JsonObject
    task_settings: JsonObject
    secrets: JsonObject
    chunking: JsonObject | None = None  # None on a chunking task type: lost or older than 8.16 (chunking.md)
    dimensions_set_by_user: bool = False
    broken: bool = False  # a stored config that its service cannot parse (read.md#one-bad-endpoint)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One line of the request log. Bodies are not kept: they carry secrets."""

    method: str
    path: str
    query: str
    status: int = 0


def default_endpoints(profile: Profile) -> dict[str, Endpoint]:
    """The preconfigured ML endpoints. Those of EIS come with the control API: no cluster here is connected to it.

    Source: read.md#preconfigured-endpoints.
    """
    rows = [
        (".elser-2-elasticsearch", "sparse_embedding", ".elser_model_2_linux-x86_64"),
        (".multilingual-e5-small-elasticsearch", "text_embedding", ".multilingual-e5-small_linux-x86_64"),
    ]
    if profile.rerank_default_endpoint:
        rows.append((".rerank-v1-elasticsearch", "rerank", ".rerank-v1"))
    adaptive = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 32}
    return {
        inference_id: Endpoint(
            inference_id,
            task_type,
            "elasticsearch",
            {"num_threads": 1, "model_id": model_id, "adaptive_allocations": dict(adaptive)},
            {"return_documents": True} if task_type == "rerank" else {},
            {},
            None if task_type == "rerank" else {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1},
        )
        for inference_id, task_type, model_id in rows
    }


def eis_endpoint(inference_id: str, spec: JsonObject) -> Endpoint:
    """A preconfigured endpoint of EIS. `spec` holds `task_type`, `model_id`, `regions` (region-policy.md#regions)."""
    task_type = spec["task_type"]
    chunks = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
    chunking = chunks if task_type in CHUNKING else None
    return Endpoint(inference_id, task_type, "elastic", {"model_id": spec["model_id"]}, {}, {}, chunking)


@dataclass(slots=True)
class Cluster:
    """One emulated cluster. Use it through `adapter.handle`, which holds `lock`.

    `clock` returns seconds since the epoch, `ids` makes identifiers; both can be replaced in
    tests. `users` switches authentication on. `allocation_seconds` is how long one model
    allocation takes to start; with `put_waits` PUT behaves as if it had waited for the first. `start_fails` is why
    every start of a model fails, `no_room` why no node takes one; empty: none does.
    """

    profile: Profile = field(default_factory=lambda: PROFILES[DEFAULT_PROFILE])
    clock: Callable[[], float] = time.time
    ids: Callable[[], str] = lambda: uuid.uuid4().hex
    users: tuple[User, ...] | None = None
    sleep: Callable[[float], None] = time.sleep
    licensed: bool = True
    allocation_seconds: float = 0.0
    put_waits: bool = True
    start_fails: str = ""
    no_room: str = ""
    name: str = "emulator"
    uuid: str = ""
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)  # loaded trained models and their task types
    pipelines: dict[str, JsonObject] = field(default_factory=dict)
    indices: dict[str, Index] = field(default_factory=dict)
    index_templates: dict[str, JsonObject] = field(default_factory=dict)
    component_templates: dict[str, JsonObject] = field(default_factory=dict)
    settings: dict[str, JsonObject] = field(default_factory=lambda: {"persistent": {}, "transient": {}})
    provider_rules: list[ProviderRule] = field(default_factory=list)
    provider_calls: list[ProviderCall] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[LoggedRequest] = field(default_factory=list)
    added_services: dict[str, JsonObject] = field(default_factory=dict)  # specs by name, see `services.made`
    region_policy: JsonObject | None = None  # as GET shows it (region-policy.md)
    eis_endpoints: dict[str, JsonObject] = field(default_factory=dict)  # see `eis_endpoint`; none: not connected to EIS
    updating: set[str] = field(default_factory=set)  # ids whose update is in progress (update.md#steps)
    clock_offset: float = 0.0
    changes: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    sequence: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        if not self.uuid:
            self.uuid = self.ids()[:22]

    @classmethod
    def of(cls, version: str = DEFAULT_PROFILE, **more: Any) -> "Cluster":
        """A cluster of a version line, e.g. `Cluster.of("9.1")`."""
        return cls(PROFILES[version], **more)

    def now(self) -> float:
        """Seconds since the epoch, moved by the control API."""
        return self.clock() + self.clock_offset

    def advance(self, seconds: float) -> None:
        """Move the clock: deployments start, idle ones fall asleep."""
        self.clock_offset += seconds

    def endpoint(self, inference_id: str) -> Endpoint | None:
        """A stored endpoint or a preconfigured one, which cannot be gone for good (delete.md#side-effects)."""
        stored = self.endpoints.get(inference_id)
        return stored or self.preconfigured().get(inference_id)

    def all_endpoints(self) -> list[Endpoint]:
        """Everything a list shows, sorted by id (read.md#shapes)."""
        merged = self.preconfigured() | self.endpoints
        return [merged[key] for key in sorted(merged)]

    def is_default(self, inference_id: str) -> bool:
        """Whether an id belongs to a preconfigured endpoint."""
        return inference_id in self.preconfigured()

    def preconfigured(self) -> dict[str, Endpoint]:
        """The endpoints that come with the server, and those that EIS authorises."""
        return default_endpoints(self.profile) | {i: eis_endpoint(i, spec) for i, spec in self.eis_endpoints.items()}

    def service(self, name: object) -> Service | None:
        """The table of a service that this cluster has."""
        added = self.added_services.get(name) if isinstance(name, str) else None
        return made(added) if added else SERVICES.get(name) if isinstance(name, str) else None

    def services(self) -> list[Service]:
        """All tables, sorted by name."""
        tables = [self.service(name) for name in sorted({*SERVICES, *self.added_services})]
        return [table for table in tables if table is not None]

    def added_task_types(self) -> set[str]:
        """The task types of the services that were added to this cluster."""
        return {str(task) for spec in self.added_services.values() for task in spec.get("task_types", ())}

    def service_of(self, endpoint: Endpoint) -> Service:
        """The table of an endpoint's service. Raises LookupError for one that this cluster has not."""
        table = self.service(endpoint.service)
        if table is None:
            raise LookupError(endpoint.service)
        return table

    def store(self, endpoint: Endpoint) -> None:
        """Write an endpoint."""
        self.endpoints[endpoint.inference_id] = endpoint
        self.changes += 1

    def remove(self, inference_id: str) -> None:
        """Delete an endpoint."""
        self.endpoints.pop(inference_id, None)
        self.changes += 1

    def setting(self, name: str) -> Any:
        """A dynamic cluster setting; transient wins."""
        for scope in ("transient", "persistent"):
            if name in self.settings[scope]:
                return self.settings[scope][name]
        return None

    @property
    def skips_validation(self) -> bool:
        """`xpack.inference.skip_validate_and_start` (create.md#validation-call)."""
        return str(self.setting("xpack.inference.skip_validate_and_start")).lower() == "true"

    def ask_provider(
        self, kind: str, inference_id: str, service: str, secrets: dict[str, object], *, timeout_s: float
    ) -> ProviderAnswer:
        """Call the provider; the newest matching rule decides."""
        rule = self._provider_rule(inference_id, service, secrets)
        taken = rule.outcome == "ok"
        self.provider_calls.append(ProviderCall(kind, inference_id, service, self.now(), taken))
        return answer(rule, inference_id, timeout_s)

    def _provider_rule(self, inference_id: str, service: str, secrets: dict[str, object]) -> ProviderRule:
        a_minute_ago = self.now() - 60
        calls = sum(c.taken and c.service == service and c.at_s > a_minute_ago for c in self.provider_calls)
        for position in range(len(self.provider_rules) - 1, -1, -1):
            rule = self.provider_rules[position]
            beyond = not rule.per_minute or calls >= rule.per_minute
            if rule.count != 0 and beyond and rule.matches(inference_id, service, secrets):
                if rule.count > 0:
                    self.provider_rules[position] = replace(rule, count=rule.count - 1)
                return rule
        return ProviderRule()

    def script_provider(self, *rules: ProviderRule) -> None:
        """Add rules; later ones win."""
        self.provider_rules.extend(rules)

    def script_faults(self, *faults: Fault) -> None:
        """Add faults; the oldest matching one strikes first."""
        self.faults.extend(faults)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for a request, if any; its counters move."""
        for position, fault in enumerate(self.faults):
            if fault.count == 0 or not fault.matches(method, path):
                continue
            if fault.skip > 0:
                self.faults[position] = replace(fault, skip=fault.skip - 1)
                continue
            if fault.count > 0:
                self.faults[position] = replace(fault, count=fault.count - 1)
            return fault
        return None

    def model_task(self, model_id: str) -> str | None:
        """The task type of a model that this platform can run."""
        return self.models.get(model_id) or BUILT_IN_MODELS.get(model_id)

    def is_uploaded(self, model_id: Any) -> bool:
        """Whether somebody loaded this model; built-in ones come by their first deployment (in-cluster.md#create)."""
        return model_id in self.models and model_id not in BUILT_IN_MODELS

    def load_models(self, models: Iterable[tuple[str, str]]) -> None:
        """Load models as eland would: pairs of model id and task type."""
        self.models.update(models)
        self.changes += 1
