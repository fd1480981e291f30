"""ELSER (old service name): the `elser` service. Facts from catalog.yaml (elser); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="elser",
    title="ELSER (old service name)",
    since=since("8.11", "9.0"),
    task_types={"sparse_embedding": TaskFacts(since("8.11", "9.0"))},
    service_settings={
        "num_threads": Fact(
            "integer",
            description="Threads per allocation.",
            required=True,
            minimum=1,
            maximum=32,
            evidence="S,C",
        ),
        "num_allocations": Fact(
            "integer",
            description="Fixed number of allocations (the specification marks it required).",
            required="conditional: one of num_allocations or adaptive_allocations",
            minimum=1,
            filled=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "adaptive_allocations": Fact(
            "object",
            description="Same shape as in the elasticsearch service.",
            required="conditional: one of num_allocations or adaptive_allocations",
            since=since("8.15"),
            updatable_since=since("9.3"),
            uncertain=True,
            evidence="S,C",
        ),
        "model_id": Fact(
            "string",
            description="Chosen by the server for the platform when omitted.",
            enum=(".elser_model_2", ".elser_model_2_linux-x86_64"),
            default=".elser_model_2_linux-x86_64 on Linux x86-64, else .elser_model_2",
            filled=True,
            evidence="S",
        ),
    },
    task_settings={},
    observed_name="elasticsearch",
    notes=(
        "max_chunk_size may not exceed 300 for ELSER models",
        "service elser becomes elasticsearch in PUT response and GET (since 8.16; the sample response in the specification still shows elser)",
    ),
)
