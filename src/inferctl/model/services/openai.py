"""OpenAI: `service: openai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    DENSE,
    dimensions,
    max_input_tokens,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.rules import OneOf, With
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="openai",
    title="OpenAI",
    since=since("8.12"),
    task_types={
        "text_embedding": TaskFacts(since("8.12"), rate_limit=3000),
        "completion": TaskFacts(since("8.14"), rate_limit=500, uncertain=True),
        "chat_completion": TaskFacts(since("8.18"), rate_limit=500),
        "embedding": TaskFacts(since("9.5"), rate_limit=3000),
    },
    service_settings={
        "api_key": secret(
            "API key.", required="true until 9.4; from 9.5 exactly one of api_key, client_secret", evidence="S,C"
        ),
        "client_secret": secret(
            "OAuth 2.0 client secret.",
            required="conditional: instead of api_key, with client_id, scopes, token_url",
            since=since("9.5"),
            updatable_since=since("9.5"),
            evidence="S,C",
        ),
        "client_id": Fact(
            "string",
            "OAuth 2.0 client id.",
            required="conditional: with client_secret",
            since=since("9.5"),
            updatable_since=since("9.5"),
            update_note="only if OAuth was configured at creation",
            evidence="S,C",
        ),
        "scopes": Fact(
            "list",
            "OAuth 2.0 scopes.",
            required="conditional: with client_secret",
            since=since("9.5"),
            updatable_since=since("9.5"),
            items="string",
            update_note="only if OAuth was configured at creation",
            evidence="S,C",
        ),
        "token_url": Fact(
            "string",
            "OAuth 2.0 token endpoint.",
            required="conditional: with client_secret",
            since=since("9.5"),
            updatable_since=since("9.5"),
            note="early source drafts called it auth_url",
            update_note="only if OAuth was configured at creation",
            evidence="S,C",
        ),
        "model_id": Fact(
            "string",
            "Model name.",
            required=True,
            aliases=("task_settings.model", "task_settings.model_id"),
            evidence="S,C",
        ),
        "organization_id": Fact("string", "OpenAI organisation.", updatable_since=since("9.5"), evidence="S,C,P"),
        "url": Fact("string", "Overrides the provider URL; not filled when omitted.", evidence="S,C"),
        "dimensions": dimensions(DENSE, evidence="S,C"),
        "similarity": similarity("dot_product", DENSE, evidence="S,C"),
        "max_input_tokens": max_input_tokens(
            since("9.5"),
            frozenset({"text_embedding", "embedding", "completion", "chat_completion"}),
            note="absent in the specification",
            evidence="S,P",
        ),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C,P"),
    },
    task_settings={
        "user": task_setting("string", "End-user tag.", evidence="S,C"),
        "headers": task_setting(
            "object", "Extra HTTP headers (string to string).", since=since("9.2"), items="string", evidence="S,C"
        ),
    },
    observed_name="openai",
    rules=(
        OneOf(("api_key", "client_secret"), exclusive=True),
        With("client_secret", ("client_id", "scopes", "token_url")),
    ),
    notes=(
        "after 9.5 (a pull request still open in August 2026, #156735) an explicit null clears user or headers on update",
        "task_settings.model or task_settings.model_id moves to service_settings.model_id",
    ),
)
