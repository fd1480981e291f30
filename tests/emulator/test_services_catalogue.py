"""`_services`: names, shapes, filter (services.md)."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, in_each, known, versions

NAMES = {
    "ai21": "9.2",
    "alibabacloud-ai-search": "",
    "amazon_sagemaker": "8.19/9.1",
    "amazonbedrock": "",
    "anthropic": "",
    "azureaistudio": "",
    "azureopenai": "",
    "cohere": "",
    "contextualai": "9.2",
    "deepseek": "8.19/9.1",
    "elasticsearch": "",
    "fireworksai": "9.4",
    "googleaistudio": "",
    "googlevertexai": "",
    "groq": "9.3",
    "hugging_face": "",
    "jinaai": "8.18",
    "llama": "9.2",
    "mistral": "",
    "mixedbread": "9.4",
    "nvidia": "9.3",
    "openai": "",
    "openshift_ai": "9.3",
    "voyageai": "8.19/9.1",
    "watsonxai": "",
}


def rows(version: str, path: str = "") -> list[Any]:
    body = Api(version).good("GET", f"/_inference/_services{path}")
    assert isinstance(body, list)
    return body


@in_each()
def test_names(version: str) -> None:
    """services.md#names: every service with its first version; aliases and hidden services are not listed.

    `custom` hides itself, and `elastic` where EIS is not connected. Both take endpoints.
    """
    key = "provider" if version == "8.17" else "service"
    names = [row[key] for row in rows(version)]
    assert sorted(names) == sorted(name for name, since in NAMES.items() if known(version, since))
    assert len(names) == len(set(names))


@in_each(versions("8.18"))
def test_new_shape(version: str) -> None:
    """services.md#list-of-services: from 8.18 and 9.0."""
    for row in rows(version):
        assert list(row) == ["service", "name", "task_types", "configurations"]
        assert all(isinstance(task, str) for task in row["task_types"])
        for name, entry in row["configurations"].items():
            assert set(entry) - {"default_value", "description", "type"} == {
                "label",
                "required",
                "sensitive",
                "updatable",
                "supported_task_types",
            }
            assert entry["type"] in {"str", "int", "list", "bool", "map"}, name
            assert set(entry["supported_task_types"]) <= set(row["task_types"])
            assert entry["supported_task_types"]
            assert None not in entry.values()


def test_old_shape() -> None:
    """services.md#list-of-services: 8.17."""
    for row in rows("8.17"):
        assert set(row) == {"provider", "task_types", "configuration"}
        assert all(isinstance(task, dict) and "task_type" in task for task in row["task_types"])
        for entry in row["configuration"].values():
            assert {"label", "required", "sensitive", "type", "ui_restrictions", "validations", "value"} <= set(entry)
            assert "updatable" not in entry


@in_each(versions("8.18"))
def test_openai_row(version: str) -> None:
    """services.md#list-of-services: the sample."""
    (row,) = [row for row in rows(version) if row["service"] == "openai"]
    tasks = ["text_embedding", "completion", "chat_completion", *(["embedding"] if version == "9.5" else [])]
    key, limit = row["configurations"]["api_key"], row["configurations"]["rate_limit.requests_per_minute"]
    assert row["name"] == "OpenAI"
    assert sorted(row["task_types"]) == sorted(tasks)
    assert (key["sensitive"], key["updatable"], key["type"]) == (True, True, "str")
    assert sorted(key["supported_task_types"]) == sorted(tasks)
    assert (limit["sensitive"], limit["required"], limit["updatable"], limit["type"]) == (False, False, False, "int")


@in_each(versions("8.18"))
def test_sensitive_and_updatable(version: str) -> None:
    """services.md#list-of-services: secrets are sensitive; `updatable` only for secrets and num_allocations."""
    secrets = {"api_key", "entra_id", "client_secret", "access_key", "secret_key", "service_account_json"}
    secrets |= {"secret_parameters"}
    for row in rows(version):
        for name, entry in row["configurations"].items():
            assert entry["sensitive"] == (name in secrets), (row["service"], name)
            assert entry["updatable"] == (name in secrets or name == "num_allocations"), (row["service"], name)


@in_each(versions("8.18"))
def test_service_settings_only(version: str) -> None:
    """services.md#list-of-services: no task settings."""
    (row,) = [row for row in rows(version) if row["service"] == "anthropic"]
    assert sorted(row["configurations"]) == ["api_key", "model_id", "rate_limit.requests_per_minute"]


@in_each()
@pytest.mark.parametrize("task", ["text_embedding", "sparse_embedding", "rerank", "completion"])
def test_filter(version: str, task: str) -> None:
    """services.md#list-of-services: services without the task are dropped, the others are shown whole."""
    whole = rows(version)
    wanted = [
        row
        for row in whole
        if task in [entry if isinstance(entry, str) else entry["task_type"] for entry in row["task_types"]]
    ]
    assert wanted
    assert rows(version, f"/{task}") == wanted
    assert rows(version, f"/{task.upper()}") == wanted


@in_each()
def test_unknown_task_type(every: Api) -> None:
    """requests.md#routes."""
    answer = every("GET", "/_inference/_services/nope")
    assert answer.brief() == (400, "status_exception", "Unknown task_type [nope]")


@in_each()
def test_not_limited_by_licence(every: Api) -> None:
    """services.md#list-of-services, errors.md#licence: the catalogue, reads and deletes do not check it."""
    every.cluster.licensed = False
    assert every("GET", "/_inference/_services").status == 200
    assert every("GET", "/_inference").status == 200
    assert every("DELETE", "/_inference/nope").status == 404


@in_each()
def test_every_listed_service_is_known_to_put(version: str) -> None:
    """services.md#names against create.md#steps step 7."""
    api = Api(version)
    for name, since in NAMES.items():
        reason = api("PUT", "/_inference/completion/ep", {"service": name}).reason
        assert (reason == f"Unknown service [{name}]") == (not known(version, since))
