"""AlibabaCloud AI Search: `service: alibabacloud-ai-search`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import dimensions, max_input_tokens, rate_limit, secret, similarity, task_setting
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="alibabacloud-ai-search",
    title="AlibabaCloud AI Search",
    since=since("8.16"),
    task_types={
        "text_embedding": TaskFacts(since("8.16"), rate_limit=1000),
        "sparse_embedding": TaskFacts(since("8.16"), rate_limit=1000),
        "rerank": TaskFacts(since("8.16"), rate_limit=1000),
        "completion": TaskFacts(since("8.16"), rate_limit=1000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "host": Fact(
            "string", "Host name of the AI Search service instance (without scheme).", required=True, evidence="S,C"
        ),
        "service_id": Fact(
            "string",
            "Provider-side service identifier; plays the part of the model name.",
            required=True,
            note="internally reported as the model id, but the key stays service_id in PUT and GET",
            evidence="S,C",
        ),
        "workspace": Fact("string", "Workspace name.", required=True, evidence="S,C"),
        "http_schema": Fact(
            "enum",
            "Scheme used with host. Absent in the specification.",
            enum=("https", "http"),
            fold="lower",
            updatable_since=since("9.4"),
            note="not filled by GET when omitted; https is then used",
            update_note="in the 9.4.0 change list (#142738; that it covers this key too is read from the newest source); null resets it to unset in the newest source",
            evidence="S",
        ),
        "similarity": similarity("dot_product", evidence="S,R"),
        "dimensions": dimensions(evidence="S,R"),
        "max_input_tokens": max_input_tokens(
            since("9.4"),
            update_note="in the 9.4.0 change list (#142738; that it covers this key too is read from the newest source)",
            evidence="S,R",
        ),
        "rate_limit": rate_limit(since("9.4"), update_note="in the 9.4.0 change list (#142738)", evidence="S,C"),
    },
    task_settings={
        "input_type": task_setting(
            "enum",
            "Purpose of the text: stored document or query.",
            enum=("ingest", "search"),
            fold="lower",
            task_types=frozenset({"text_embedding", "sparse_embedding"}),
            evidence="C,R",
        ),
        "return_token": task_setting(
            "boolean",
            "Return token text besides the token id.",
            task_types=frozenset({"sparse_embedding"}),
            note="documented default false, but not filled by GET",
            evidence="C,R",
        ),
        "parameters": task_setting(
            "object",
            "Free map of generation parameters. Absent in the specification.",
            task_types=frozenset({"completion"}),
            update_note="maps are merged key by key",
            evidence="S",
        ),
    },
    observed_name="alibabacloud-ai-search",
)
