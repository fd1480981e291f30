"""Plan, apply, change, blocked removal, removal: against Elasticsearch's own reference search.

Remote services only: no model runs in the cluster here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

CANARY = "canary-live-key"
SEARCH = """\
inference_id: {prefix}-search
task_type: text_embedding
service: openai
service_settings: {{model_id: {model}, api_key: {{env: OPENAI_API_KEY}}}}
chunking_settings: {{strategy: word, max_chunk_size: 250, overlap: 100}}
"""
RERANK = """\
inference_id: {prefix}-rerank
task_type: rerank
service: cohere
service_settings: {{model_id: rerank-v3.5, api_key: {{env: COHERE_API_KEY}}}}
task_settings: {{top_n: {top_n}}}
"""


@dataclass
class Repository:
    """A folder of endpoint files, and the command run on it."""

    folder: Path
    node: Node
    prefix: str

    def write(self, name: str, text: str, **values: object) -> None:
        (self.folder / name).write_text(text.format(prefix=self.prefix, **values), encoding="utf-8")

    def __call__(self, *arguments: str, ours: bool = True) -> tuple[int, str]:
        keys = {
            "OPENAI_API_KEY": os.environ.get("INFERCTL_LIVE_OPENAI_KEY", CANARY),
            "COHERE_API_KEY": os.environ.get("INFERCTL_LIVE_COHERE_KEY", CANARY),
            "ELASTICSEARCH_API_KEY": self.node.api_key,
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ELASTIC", "ES_", "INFERCTL", "CLOUD_ID"))}
        command = [sys.executable, "-m", "inferctl", *arguments, str(self.folder)]
        done = subprocess.run(
            command + (["--manage", f"{self.prefix}-*"] if ours else []),
            env={**kept, **keys, "ELASTICSEARCH_URL": self.node.url},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = done.stdout + done.stderr
        assert not [name for name, key in keys.items() if key and key in said]
        return done.returncode, said

    def expect(self, code: int, *arguments: str, ours: bool = True) -> str:
        """Runs the command; its output, if it ends with `code`."""
        ended, said = self(*arguments, ours=ours)
        assert ended == code, said
        return said

    def endpoint(self, name: str) -> Any:
        return self.node.call("GET", f"/_inference/{self.prefix}-{name}")["endpoints"][0]


@pytest.fixture
def repository(tmp_path: Path, node: Node, prefix: str) -> Repository:
    made = Repository(tmp_path, node, prefix)
    made.write("search.yaml", SEARCH, model="text-embedding-3-small")
    made.write("rerank.yaml", RERANK, top_n=3)
    return made


def test_the_main_flow(repository: Repository) -> None:
    repository.expect(2, "plan", "--detailed-exitcode")
    repository.expect(0, "apply", "--yes")
    repository.expect(0, "plan", "--detailed-exitcode")
    assert repository.endpoint("rerank")["task_settings"]["top_n"] == 3
    assert repository.endpoint("search")["chunking_settings"]["strategy"] == "word"

    repository.write("rerank.yaml", RERANK, top_n=5)
    said = repository.expect(2, "plan", "--detailed-exitcode")
    assert f"~ {repository.prefix}-rerank" in said
    assert "task_settings.top_n" in said
    repository.expect(0, "apply", "--yes")
    assert repository.endpoint("rerank")["task_settings"]["top_n"] == 5
    repository.expect(0, "plan", "--detailed-exitcode")


def test_another_model_is_a_replacement_that_waits_for_leave(repository: Repository) -> None:
    repository.expect(0, "apply", "--yes")
    repository.write("search.yaml", SEARCH, model="text-embedding-3-large")
    said = repository.expect(3, "apply", "--yes")
    assert f"-/+ {repository.prefix}-search" in said
    assert repository.endpoint("search")["service_settings"]["model_id"] == "text-embedding-3-small"
    repository.expect(0, "apply", "--yes", "--allow-replace")
    assert repository.endpoint("search")["service_settings"]["model_id"] == "text-embedding-3-large"
    repository.expect(0, "plan", "--detailed-exitcode")


USERS = {
    "pipeline on failure of the whole": (
        "/_ingest/pipeline/{name}",
        {"processors": [], "on_failure": [{"inference": {"model_id": "{id}"}}]},
    ),
    "index template": (
        "/_index_template/{name}",
        {
            "index_patterns": ["{name}-*"],
            "template": {"mappings": {"properties": {"t": {"type": "semantic_text", "inference_id": "{id}"}}}},
        },
    ),
    "pipeline": ("/_ingest/pipeline/{name}", {"processors": [{"inference": {"model_id": "{id}"}}]}),
    "pipeline in a loop": (
        "/_ingest/pipeline/{name}",
        {"processors": [{"foreach": {"field": "a", "processor": {"inference": {"model_id": "{id}"}}}}]},
    ),
    "pipeline on failure of a step": (
        "/_ingest/pipeline/{name}",
        {"processors": [{"set": {"field": "a", "value": 1, "on_failure": [{"inference": {"model_id": "{id}"}}]}}]},
    ),
    "mapping": ("/{name}", {"mappings": {"properties": {"t": {"type": "semantic_text", "inference_id": "{id}"}}}}),
    "mapping for searches": (
        "/{name}",
        {
            "mappings": {
                "properties": {"t": {"type": "semantic_text", "inference_id": "other", "search_inference_id": "{id}"}}
            }
        },
    ),
}


@pytest.mark.parametrize("kind", USERS)
def test_a_referenced_endpoint_stays(repository: Repository, node: Node, kind: str) -> None:
    name, target = f"{repository.prefix}-user", f"{repository.prefix}-search"
    path, body = USERS[kind]
    path = path.replace("{name}", name)
    repository.expect(0, "apply", "--yes")
    node.call("PUT", path, json.loads(json.dumps(body).replace("{id}", target).replace("{name}", name)))
    (repository.folder / "search.yaml").unlink()

    said = repository.expect(2, "plan", "--allow-delete", "--detailed-exitcode")
    assert name in said
    said = repository.expect(3, "apply", "--allow-delete", "--yes")
    assert name in said
    assert repository.endpoint("search")["inference_id"] == target

    node.call("DELETE", path)
    repository.expect(0, "apply", "--allow-delete", "--yes")
    repository.expect(0, "plan", "--allow-delete", "--detailed-exitcode")
    left = [entry["inference_id"] for entry in node.call("GET", "/_inference/_all")["endpoints"]]
    assert target not in left
    assert f"{repository.prefix}-rerank" in left


def test_somebody_elses_endpoint_is_left_alone(repository: Repository, node: Node) -> None:
    other = {"service": "cohere", "service_settings": {"model_id": "other", "api_key": "x"}}
    node.call("PUT", f"/_inference/rerank/{repository.prefix}-rerank", other)
    (repository.folder / "search.yaml").unlink()
    said = repository.expect(3, "apply", "--yes", ours=False)
    assert f"{repository.prefix}-rerank" in said
    assert repository.endpoint("rerank")["service_settings"]["model_id"] == "other"
