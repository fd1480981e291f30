"""Secrets changed in place: services whose settings an object parser reads must not refuse their own secret."""

from __future__ import annotations

from typing import Any

from .row import Ask, Row

KEY = {"api_key": "initial-api-key"}
NEW_KEY = {"api_key": "rotated-api-key"}
PAIR = {"access_key": "initial-access-key", "secret_key": "initial-secret-key"}
NEW_PAIR = {"access_key": "rotated-access-key", "secret_key": "rotated-secret-key"}
ALIBABA = {"service_id": "ops-text-embedding-001", "host": "dashscope.aliyuncs.com", "workspace": "default"}
WATSON = {
    "url": "us-south.ml.cloud.ibm.com",
    "model_id": "ibm/granite-13b-instruct-v2",
    "project_id": "my-project-id",
    "api_version": "2024-03-14",
}
LLAMA = {"url": "http://localhost:11434", "model_id": "llama3.2"}


def bedrock(model: str, provider: str) -> dict[str, Any]:
    return {"region": "us-east-1", "model": model, "provider": provider}


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("cohere", "text_embedding", {"model_id": "embed-v4.0", "embedding_type": "float"}),
    ("cohere", "completion", {"model_id": "command-r-plus"}),
    ("cohere", "rerank", {"model_id": "rerank-english-v3.0"}),
    ("amazonbedrock", "text_embedding", bedrock("amazon.titan-embed-text-v2:0", "amazontitan")),
    ("amazonbedrock", "completion", bedrock("anthropic.claude-3-sonnet-20240229-v1:0", "anthropic")),
    ("amazonbedrock", "chat_completion", bedrock("amazon.nova-lite-v1:0", "amazontitan")),
    *(
        ("alibabacloud-ai-search", task, ALIBABA)
        for task in ("text_embedding", "sparse_embedding", "rerank", "completion")
    ),
    *(("watsonxai", task, WATSON) for task in ("text_embedding", "rerank", "completion", "chat_completion")),
    *(("ai21", task, {"model_id": "jamba-1.5-mini"}) for task in ("completion", "chat_completion")),
    *(("llama", task, LLAMA) for task in ("text_embedding", "completion", "chat_completion")),
]


def make(service: str, task: str, settings: dict[str, Any]) -> Ask:
    secret = PAIR if service == "amazonbedrock" else KEY
    return Ask("PUT", f"/_inference/{task}/ep", {"service": service, "service_settings": {**settings, **secret}})


def change(task: str, settings: dict[str, Any]) -> Ask:
    return Ask("PUT", f"/_inference/{task}/ep/_update", {"service_settings": settings})


ROWS = [
    row
    for service, task, settings in CASES
    for row in (
        Row(
            f"{service} changes its secret for {task}",
            "rotation",
            change(task, NEW_PAIR if service == "amazonbedrock" else NEW_KEY),
            shows={"service": service, "task_type": task},
            since="9.5.3",
            first=(make(service, task, settings),),
        ),
        Row(
            f"{service} refuses what it does not know for {task}",
            "rotation",
            change(task, {"this_field_absolutely_does_not_exist": "value"}),
            400,
            reason="this_field_absolutely_does_not_exist",
            since="9.5.3",
            first=(make(service, task, settings),),
            inferred="the status",
        ),
    )
]
