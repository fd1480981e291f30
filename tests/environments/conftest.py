"""One repository and two clusters: staging runs a newer version than prod, and each takes its own key only."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.in_process import Finished, run_here
from tests.running import clean_environment

from inferctl.emulator.cluster import Cluster
from inferctl.emulator.security import User
from inferctl.emulator.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSIONS = {"staging": "9.5", "prod": "9.0"}
UUIDS = {"staging": "3kFvQ0tZ9eHxWc1d5sAQ3e", "prod": "Zx1kQv0tQ3eH9ZxWc1d5sA"}
SETTINGS = """\
scope: search-team
endpoints: [endpoints/*.yaml]
environments:
  staging:
    connection: {{url: "{staging}"}}
    cluster_uuid: 3kFvQ0tZ9eHxWc1d5sAQ3e
    variables: {{proxy: "https://proxy.staging.example/v1", elser_max: 2}}
  prod:
    connection: {{url: "{prod}"}}
    cluster_uuid: Zx1kQv0tQ3eH9ZxWc1d5sA
    variables: {{proxy: "https://proxy.prod.example/v1", elser_max: 16}}
    overlays: [environments/prod/*.yaml]
"""
FILES = {
    "endpoints/elser.yaml": """\
inference_id: elser
task_type: sparse_embedding
service: elasticsearch
service_settings:
  model_id: .elser_model_2
  num_threads: 1
  adaptive_allocations:
    enabled: true
    min_number_of_allocations: 1
    max_number_of_allocations: ${elser_max}
""",
    "endpoints/chat.yaml": """\
inference_id: chat
task_type: completion
service: openai
service_settings:
  model_id: small
  api_key: {env: OPENAI_API_KEY}
  url: ${proxy}/chat
  rate_limit: {requests_per_minute: 60}
""",
    "endpoints/draft.yaml": """\
inference_id: draft
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}
""",
    "environments/prod/chat.yaml": """\
inference_id: chat
service_settings:
  model_id: large
  rate_limit: null
""",
    "environments/prod/draft.yaml": "inference_id: draft\nskip: true\n",
    "environments/prod/rank.yaml": """\
inference_id: rank
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}
""",
}


@dataclass
class Site:
    """A cluster that an environment names, and what came to it."""

    name: str
    cluster: Cluster
    url: str
    key: str

    def live(self) -> dict[str, dict[str, Any]]:
        """The service settings of each endpoint that somebody made."""
        return {name: endpoint.service_settings for name, endpoint in self.cluster.endpoints.items()}

    def sent(self) -> list[str]:
        """All requests since the last look, whatever they were answered with."""
        sent = [f"{request.method} {request.path}" for request in self.cluster.requests]
        self.cluster.requests.clear()
        return sent

    def changed(self) -> list[str]:
        """The same without reads."""
        return [line for line in self.sent() if not line.startswith(("GET ", "HEAD ", "POST /_security/"))]


@dataclass
class TwoClusters:
    """The repository, its clusters, and a shell with the variables of both. `shell` may be changed."""

    folder: Path
    staging: Site
    prod: Site
    shell: dict[str, str]

    def __call__(self, *arguments: str, **variables: str) -> Finished:
        environment = {**clean_environment(), **self.shell, **variables}
        return run_here(self.folder, {name: text for name, text in environment.items() if text}, *arguments)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, before: str, after: str) -> None:
        """Edit a file of the repository; `before` stands in it once."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, (before, text)
        self.write(name, text.replace(before, after))

    def is_untouched(self) -> bool:
        """Whether nothing at all was sent to either since the last look."""
        return [self.staging.sent(), self.prod.sent()] == [[], []]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoClusters]:
    keys = {name: base64.b64encode(f"{name}:key-of-{name}".encode()).decode() for name in VERSIONS}
    clusters = {
        name: Cluster.of(
            version,
            name=f"{name}-search",
            uuid=UUIDS[name],
            users=(User("ci", api_key=keys[name]),),
            sleep=lambda _seconds: None,
        )
        for name, version in VERSIONS.items()
    }
    with running(clusters["staging"]) as staging, running(clusters["prod"]) as prod:
        urls = {"staging": staging.url, "prod": prod.url}
        sites = {name: Site(name, clusters[name], urls[name], keys[name]) for name in VERSIONS}
        shell = {"OPENAI_API_KEY": "openai", "COHERE_API_KEY": "cohere"}
        for name in VERSIONS:
            shell[f"INFERCTL_{name.upper()}_URL"] = urls[name]
            shell[f"INFERCTL_{name.upper()}_API_KEY"] = keys[name]
        both = TwoClusters(tmp_path, sites["staging"], sites["prod"], shell)
        for name, text in {"inferctl.yaml": SETTINGS.format(**urls), **FILES}.items():
            both.write(name, text)
        yield both


def plan_of(finished: Finished) -> dict[str, str]:
    """What a plan in JSON does with each id."""
    return {change["id"]: change["action"] for change in json.loads(finished.out)["changes"]}
