"""ELSER (old service name): `service: elser`."""

from typing import Annotated, Literal

from inferctl.model.services.conditions import OneOf
from inferctl.model.services.in_cluster import AdaptiveAllocations, allocations, threads
from inferctl.model.services.marks import Doc, Filled, Live, Note, Since, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Between, PositiveInt, Word
from inferctl.model.versions import since


class ElserSettings(ServiceSettings, service="elser"):
    """ELSER (old service name): `service_settings`."""

    num_threads: Annotated[Annotated[int, Between(1, 32)], Doc("Threads per allocation.")]
    num_allocations: Annotated[
        PositiveInt | None,
        Doc("Fixed number of allocations (the specification marks it required)."),
        Filled(),
        Live(),
        Updatable("8.17", note="see elasticsearch"),
    ] = None
    adaptive_allocations: Annotated[
        AdaptiveAllocations | None,
        Doc("Same shape as in the elasticsearch service."),
        Since("8.15"),
        Updatable("9.3", note="see elasticsearch", uncertain=True),
    ] = None
    model_id: Annotated[
        Word[Literal[".elser_model_2", ".elser_model_2_linux-x86_64"]] | None,
        Doc("Chosen by the server for the platform when omitted."),
        Filled(),
        Note("the platform decides: .elser_model_2_linux-x86_64 on Linux x86-64, else .elser_model_2"),
    ] = None

    conditions = (
        OneOf(("num_allocations", "adaptive_allocations")),
        threads,
        allocations,
    )


class ElserTaskSettings(TaskSettings, service="elser"):
    """ELSER (old service name): `task_settings`."""


SERVICE = Service(
    name="elser",
    title="ELSER (old service name)",
    since=since("8.11"),
    task_types={
        "sparse_embedding": Offered(since("8.11")),
    },
    settings_class=ElserSettings,
    task_settings_class=ElserTaskSettings,
    shown_as="elasticsearch",
    notes=(
        "max_chunk_size may not exceed 300 for ELSER models",
        "service elser becomes elasticsearch in PUT response and GET (since 8.16; the sample response in the specification still shows elser)",
    ),
    deprecated=since("8.16"),
)
