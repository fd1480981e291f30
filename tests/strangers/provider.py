"""The acceptance tests of the Terraform provider, request by request.

It creates with PUT, reads back, sends all of `service_settings` again when anything changed, and deletes without force.
"""

from __future__ import annotations

from typing import Any

from .row import ABSENT, Ask, Row

SKIP = Ask("PUT", "/_cluster/settings", {"persistent": {"xpack.inference.skip_validate_and_start": True}})
MODEL = {"api_key": "test-openai-api-key", "model_id": "gpt-4o-mini"}
OPENAI: dict[str, Any] = {"service": "openai", "service_settings": MODEL}
VECTORS = {"api_key": "k", "model_id": "text-embedding-3-small", "dimensions": 128, "similarity": "cosine"}
CHUNKED: dict[str, Any] = {
    "service": "openai",
    "service_settings": VECTORS,
    "chunking_settings": {"strategy": "sentence", "max_chunk_size": 250},
}
STUDIO: dict[str, Any] = {
    "service": "azureaistudio",
    "service_settings": {
        "api_key": "test-api-key",
        "target": "https://example.com",
        "provider": "openai",
        "endpoint_type": "token",
    },
}
UPDATED = {"api_key": "test-openai-api-key-updated", "model_id": "gpt-4o-mini"}
USER = {"task_settings": {"user": "test-user"}}
RESENT = (
    "the provider sends model_id again, which 9.5 refuses like any setting that an update cannot change (pull request "
    "#149430): its own suite does not run there yet"
)


def make(body: dict[str, Any], task: str = "completion") -> Ask:
    return Ask("PUT", f"/_inference/{task}/test-inference", body)


def change(body: dict[str, Any], task: str = "completion") -> Ask:
    return Ask("PUT", f"/_inference/{task}/test-inference/_update", body)


READ = Ask("GET", "/_inference/test-inference")
DELETE = Ask("DELETE", "/_inference/test-inference")

ROWS = [
    Row(
        "the provider creates without a reachable service",
        "provider",
        make(OPENAI),
        shows={"inference_id": "test-inference", "task_type": "completion", "service": "openai"},
        since="8.18",
        first=(SKIP,),
    ),
    Row(
        "the provider rotates a key",
        "provider",
        change({"service_settings": UPDATED}),
        shows={"inference_id": "test-inference", "task_type": "completion", "service": "openai"},
        since="8.18",
        until="9.4",
        first=(SKIP, make(OPENAI)),
    ),
    Row(
        "the provider rotates a key on 9.5",
        "provider",
        change({"service_settings": UPDATED}),
        since="9.5",
        first=(SKIP, make(OPENAI)),
        on_purpose=RESENT,
    ),
    Row(
        "the provider reads what it updated",
        "provider",
        READ,
        shows={"endpoints.0.service_settings.model_id": "gpt-4o-mini", "endpoints.0.task_settings": ABSENT},
        since="8.18",
        until="9.4",
        first=(SKIP, make(OPENAI), change({"service_settings": UPDATED})),
    ),
    Row(
        "the provider replaces for another task type: first it deletes",
        "provider",
        DELETE,
        shows={"acknowledged": True},
        since="8.18",
        first=(SKIP, make(OPENAI)),
    ),
    Row(
        "the provider replaces for another task type: then it creates",
        "provider",
        make(OPENAI, "chat_completion"),
        shows={"inference_id": "test-inference", "task_type": "chat_completion", "service": "openai"},
        since="8.18",
        first=(SKIP, make(OPENAI), DELETE),
    ),
    Row(
        "the provider would not get there by an update",
        "provider",
        change({"service_settings": MODEL}, "chat_completion"),
        400,
        "status_exception",
        since="8.18",
        first=(SKIP, make(OPENAI)),
        inferred="that it has to replace, which is all that the suite asks for",
    ),
    Row(
        "the provider creates with task settings",
        "provider",
        make({**OPENAI, **USER}),
        shows={"task_settings": {"user": "test-user"}},
        since="8.18",
        first=(SKIP,),
    ),
    Row(
        "the provider reads task settings back",
        "provider",
        READ,
        shows={"endpoints.0.task_settings": {"user": "test-user"}},
        since="8.18",
        first=(SKIP, make({**OPENAI, **USER})),
    ),
    Row(
        "the provider takes task settings out",
        "provider",
        change({"service_settings": MODEL}),
        since="8.18",
        until="9.4",
        first=(SKIP, make({**OPENAI, **USER})),
    ),
    Row(
        "the provider takes task settings out on 9.5",
        "provider",
        change({"service_settings": MODEL}),
        since="9.5",
        first=(SKIP, make({**OPENAI, **USER})),
        on_purpose=RESENT,
    ),
    Row(
        "task settings that were left out are still there",
        "provider",
        READ,
        shows={"endpoints.0.task_settings": {"user": "test-user"}},
        since="8.18",
        until="9.4",
        first=(SKIP, make({**OPENAI, **USER}), change({"service_settings": MODEL})),
        inferred="the provider drops what it did not ask for, so its own suite cannot see it",
    ),
    Row(
        "the provider creates without task settings",
        "provider",
        make(STUDIO),
        shows={"service": "azureaistudio"},
        since="8.18",
        first=(SKIP,),
    ),
    Row(
        "the provider reads task settings that it set later",
        "provider",
        READ,
        shows={"endpoints.0.task_settings.max_new_tokens": 32},
        since="8.18",
        until="9.4",
        first=(
            SKIP,
            make(STUDIO),
            change({"service_settings": STUDIO["service_settings"], "task_settings": {"max_new_tokens": 32}}),
        ),
    ),
    Row(
        "the provider creates with chunking settings",
        "provider chunking",
        make(CHUNKED, "text_embedding"),
        shows={"chunking_settings": {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}},
        since="8.18",
        first=(SKIP,),
        inferred="the overlap: the provider fills it in before it compares",
    ),
    Row(
        "an endpoint without chunking settings reads with the defaults",
        "provider chunking",
        READ,
        shows={"endpoints.0.chunking_settings": {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}},
        since="8.18",
        first=(SKIP, make({"service": "openai", "service_settings": VECTORS}, "text_embedding")),
        inferred="the defaults: the suite asks for no drift",
    ),
    Row(
        "the provider finds its endpoint gone",
        "provider",
        READ,
        404,
        "resource_not_found_exception",
        since="8.18",
        first=(SKIP, make(OPENAI), DELETE),
    ),
    Row(
        "the provider resets the cluster setting",
        "provider",
        Ask("PUT", "/_cluster/settings", {"persistent": {"xpack.inference.skip_validate_and_start": None}}),
        since="8.18",
        first=(SKIP,),
    ),
]
