"""ELSER (old service name): `service: elser`. Sources: catalog.yaml and inference-api 8.3, 3.8."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.in_cluster import ADAPTIVE_FIELDS, allocations, threads
from inferctl.model.services.rules import OneOf
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="elser",
    title="ELSER (old service name)",
    since=since("8.11"),
    task_types={
        "sparse_embedding": TaskFacts(since("8.11")),
    },
    service_settings={
        "num_threads": Fact("integer", "Threads per allocation.", required=True, minimum=1, maximum=32, evidence="S,C"),
        "num_allocations": Fact(
            "integer",
            "Fixed number of allocations (the specification marks it required).",
            required="conditional: one of num_allocations or adaptive_allocations",
            minimum=1,
            filled=True,
            live=True,
            updatable_since=since("8.17"),
            update_note="see elasticsearch",
            evidence="S,C",
        ),
        "adaptive_allocations": Fact(
            "object",
            "Same shape as in the elasticsearch service.",
            required="conditional: one of num_allocations or adaptive_allocations",
            since=since("8.15"),
            updatable_since=since("9.3"),
            updatable_uncertain=True,
            fields=ADAPTIVE_FIELDS,
            update_note="see elasticsearch",
            evidence="S,C",
        ),
        "model_id": Fact(
            "string",
            "Chosen by the server for the platform when omitted.",
            enum=(".elser_model_2", ".elser_model_2_linux-x86_64"),
            filled=True,
            note="the platform decides: .elser_model_2_linux-x86_64 on Linux x86-64, else .elser_model_2",
            evidence="S",
        ),
    },
    observed_name="elasticsearch",
    rules=(
        OneOf(("num_allocations", "adaptive_allocations")),
        threads,
        allocations,
    ),
    notes=(
        "max_chunk_size may not exceed 300 for ELSER models",
        "service elser becomes elasticsearch in PUT response and GET (since 8.16; the sample response in the specification still shows elser)",
    ),
    deprecated=since("8.16"),
)
