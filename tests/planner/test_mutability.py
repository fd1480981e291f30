"""The plan table, row by row: U update in place, R replace, = no difference.

Source: docs/reference/server/reconciling.md#plan-table.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.planner.action import Action

from .worlds import RESET, plan_of

VERSIONS = ("8.17", "9.1", "9.3", "9.4", "9.5")
KEY = {"env": "K"}
ADAPTIVE = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
OWN = {"model_id": ".rerank-v1", "num_threads": 1}
RERANK: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}


def remote(service: str, before: dict[str, Any], after: dict[str, Any], task_type: str = "completion") -> Any:
    kind: dict[str, Any] = {"service": service, "task_type": task_type}
    return (
        desired(**kind, settings={"model_id": "m", "api_key": KEY, **after}),
        observed(**kind, settings={"model_id": "m", **before}),
    )


def limits(service: str) -> Any:
    return remote(service, {"rate_limit": {"requests_per_minute": 5}}, {"rate_limit": {"requests_per_minute": 7}})


def local(before: dict[str, Any], after: dict[str, Any]) -> Any:
    return desired(**RERANK, settings={**OWN, **after}), observed(**RERANK, settings={**OWN, **before})


ROWS = [
    ("task_type", (desired(), observed(task_type="chat_completion")), "RRRRR"),
    ("service", (desired(), observed(service="mistral")), "RRRRR"),
    ("task_settings: changed", (desired(task={"user": "u"}), observed(task={"user": "v"})), "UUUUU"),
    ("task_settings: added", (desired(task={"user": "u"}), observed()), "UUUUU"),
    ("task_settings of a model in the cluster",
     (desired(**RERANK, settings={**OWN, "num_allocations": 1}, task={"return_documents": False}),
      observed(**RERANK, settings={**OWN, "num_allocations": 1}, task={"return_documents": True})), "RRRUU"),
    ("chunking_settings",
     (desired(task_type="text_embedding", chunking={**RESET, "overlap": 50}), observed(task_type="text_embedding", chunking=RESET)),
     "RRRRU"),
    ("rate_limit of openai", limits("openai"), "RRRRU"),
    ("rate_limit of ai21", limits("ai21"), "RRRUU"),
    ("rate_limit of cohere: uncertain in 9.4, so the later version", limits("cohere"), "RRRRU"),
    ("rate_limit of anthropic: uncertain in 9.4, so the later version", limits("anthropic"), "RRRRU"),
    ("organization_id", remote("openai", {"organization_id": "a"}, {"organization_id": "b"}), "RRRRU"),
    ("task setting of azureopenai, whose deployment_id is none of the cluster's",
     (desired(service="azureopenai", settings={"deployment_id": "gpt", "api_key": KEY}, task={"user": "u"}),
      observed(service="azureopenai", settings={"deployment_id": "gpt"}, task={"user": "v"})), "UUUUU"),
    ("max_input_tokens", remote("openai", {"max_input_tokens": 1}, {"max_input_tokens": 2}, "text_embedding"), "RRRRU"),
    ("max_batch_size of googlevertexai",
     remote("googlevertexai", {"max_batch_size": 1}, {"max_batch_size": 2}, "text_embedding"), "RRUUU"),
    ("model_id", remote("openai", {}, {"model_id": "n"}), "RRRRR"),
    ("url", remote("openai", {"url": "https://a"}, {"url": "https://b"}), "RRRRR"),
    ("dimensions", remote("openai", {"dimensions": 1}, {"dimensions": 2}, "text_embedding"), "RRRRR"),
    ("num_allocations, own deployment", local({"num_allocations": 1}, {"num_allocations": 2}), "UUUUU"),
    ("num_allocations, attached deployment",
     local({"deployment_id": "d", "num_allocations": 1}, {"deployment_id": "d", "num_allocations": 2}), "====="),
    ("adaptive bounds",
     local({"adaptive_allocations": ADAPTIVE, "num_allocations": 2},
           {"adaptive_allocations": {**ADAPTIVE, "max_number_of_allocations": 9}}), "RRUUU"),
    ("fixed to adaptive", local({"num_allocations": 1}, {"adaptive_allocations": ADAPTIVE}), "RRUUU"),
    ("adaptive to fixed", local({"adaptive_allocations": ADAPTIVE, "num_allocations": 1}, {"num_allocations": 1}), "RRUUU"),
    ("num_threads", local({"num_allocations": 1}, {"num_allocations": 1, "num_threads": 2}), "RRRRR"),
    ("deployment_id", local({"deployment_id": "d"}, {"deployment_id": "e"}), "RRRRR"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "pair", "version", "expected"),
    [(row, pair, v, e) for row, pair, cells in ROWS for v, e in zip(VERSIONS, cells, strict=True)],
    ids=[f"{row}-{v}" for row, _, _ in ROWS for v in VERSIONS],
)
def test_12_1(row: str, pair: Any, version: str, expected: str) -> None:
    wanted, there = pair
    (change,) = plan_of([wanted], [there], version, allow_replace=True).changes
    assert change.action is {"U": Action.UPDATE, "R": Action.REPLACE, "=": Action.NOOP}[expected]
    if expected == "U":
        assert change.update_body
        given: Any = change.update_body.get("service_settings")
        if given and wanted.secrets:  # until 9.4 the whole set of secrets goes along
            assert ("api_key" in given) is (version != "9.5")
    if expected == "R":
        assert any("replace" in reason for reason in change.reasons)
        assert all(version in r or "never changes" in r for r in change.reasons), change.reasons


def test_12_1_secret_only() -> None:
    for version in VERSIONS:
        (change,) = plan_of([desired()], [observed()], version, send_secrets=("a",)).changes
        assert change.action is Action.UPDATE
        assert change.update_body == {"service_settings": {"api_key": KEY}}
        assert change.rotates_secrets
