"""Azure OpenAI: `service: azureopenai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import dimensions, max_input_tokens, rate_limit, secret, similarity, task_setting
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.rules import OneOf, With
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="azureopenai",
    title="Azure OpenAI",
    since=since("8.14"),
    task_types={
        "text_embedding": TaskFacts(since("8.14"), rate_limit=1440),
        "completion": TaskFacts(since("8.14"), rate_limit=120),
        "chat_completion": TaskFacts(since("9.3"), rate_limit=120),
    },
    service_settings={
        "api_key": secret(
            "Azure API key.",
            required="conditional: exactly one of api_key, entra_id, client_secret",
            update_note="until 9.3 an update with service_settings must carry exactly one secret and may switch the kind; in the newest source it may be left out but not switch the kind",
            evidence="S,C",
        ),
        "entra_id": secret(
            "Microsoft Entra token.",
            required="conditional: exactly one of api_key, entra_id, client_secret",
            update_note="same-kind rule as api_key",
            evidence="S,C",
        ),
        "client_secret": secret(
            "OAuth 2.0 application secret.",
            required="conditional: exactly one of api_key, entra_id, client_secret; needs client_id, scopes, tenant_id",
            since=since("9.4"),
            updatable_since=since("9.4"),
            update_note="same-kind rule as api_key",
            evidence="S,C",
        ),
        "client_id": Fact(
            "string",
            "OAuth 2.0 application id.",
            required="conditional: with client_secret",
            since=since("9.4"),
            updatable_since=since("9.5"),
            updatable_uncertain=True,
            note="updatable only if OAuth was configured at creation",
            evidence="S,C",
        ),
        "tenant_id": Fact(
            "string",
            "OAuth 2.0 directory tenant.",
            required="conditional: with client_secret",
            since=since("9.4"),
            updatable_since=since("9.5"),
            updatable_uncertain=True,
            evidence="S,C",
        ),
        "scopes": Fact(
            "list",
            "OAuth 2.0 scopes.",
            required="conditional: with client_secret",
            since=since("9.4"),
            updatable_since=since("9.5"),
            updatable_uncertain=True,
            items="string",
            evidence="S,C",
        ),
        "resource_name": Fact("string", "Azure resource name.", required=True, evidence="S,C"),
        "deployment_id": Fact("string", "Name of the model deployment.", required=True, evidence="S,C"),
        "api_version": Fact("string", "Azure API version.", required=True, evidence="S,C"),
        "dimensions": dimensions(note="absent in the specification but accepted by the source", evidence="S"),
        "similarity": similarity("dot_product", evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), updatable_uncertain=True, evidence="S"),
        "rate_limit": rate_limit(since("9.5"), updatable_uncertain=True, evidence="S,C"),
    },
    task_settings={
        "user": task_setting("string", "End-user tag.", evidence="C"),
        "headers": task_setting(
            "object", "Extra HTTP headers (string to string).", since=since("9.4"), items="string", evidence="C"
        ),
    },
    observed_name="azureopenai",
    rules=(
        OneOf(("api_key", "entra_id", "client_secret"), exclusive=True),
        With("client_secret", ("client_id", "scopes", "tenant_id")),
    ),
)
