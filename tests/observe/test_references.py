"""What is asked about the users of endpoints, how often, and what is said of that which nobody may see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.emulated import Emulated, error, reply
from tests.reference_scenes import INFERENCE, SCENES, Scene, look, play

from inferctl.errors import InferctlError, ServerError
from inferctl.model.versions import Version
from inferctl.observe.cluster import observe
from inferctl.observe.references import LateScan, find_references, scan_documents
from inferctl.planner.references import Reference, References, UserKind

SCAN = [
    "GET /*/_mapping",
    "GET /*/_settings/index.default_pipeline,index.final_pipeline",
    "GET /_component_template",
    "GET /_index_template",
    "GET /_ingest/pipeline",
    "GET /_security/user/_has_privileges",
]
SOURCES = {
    "/_ingest/pipeline": "pipelines: no privilege (read_pipeline)",
    "/_index_template": "index templates: no privilege (monitor)",
    "/_component_template": "component templates: no privilege (monitor)",
    "/*/_mapping": "mappings: no privilege (view_index_metadata)",
    "/*/_settings": "index settings: no privilege (view_index_metadata)",
}


def holding(*ids: str, version: str = "9.5") -> Emulated:
    emulated = Emulated(version)
    for inference_id in ids:
        body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "canary-1"}}
        emulated.call("PUT", f"/_inference/completion/{inference_id}", body)
    return emulated


def paths(sent: list[str]) -> list[str]:
    return sorted(line.split("?")[0] for line in sent)


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.5"])
@pytest.mark.parametrize("name", SCENES)
def test_scene(name: str, version: str) -> None:
    emulated = Emulated(version)
    play(SCENES[name], "s", emulated.client.read_only(), emulated.call)


def test_a_pipeline_that_calls_one_and_the_index_that_runs_it() -> None:
    """The real node of the tests has no `pipeline` processor."""
    put = (
        ("/_ingest/pipeline/{n}-inner", {"processors": [INFERENCE]}),
        ("/_ingest/pipeline/{n}-outer", {"processors": [{"pipeline": {"name": "{n}-inner"}}]}),
        ("/{n}-i", {"settings": {"index.default_pipeline": "{n}-outer"}}),
    )
    scan = (
        Reference(UserKind.PIPELINE, "{n}-inner"),
        Reference(UserKind.PIPELINE, "{n}-outer", "", "{n}-inner"),
        Reference(UserKind.INDEX, "{n}-i", "default_pipeline", "{n}-outer"),
    )
    emulated = Emulated()
    play(Scene(put, scan, (("{n}-inner",), ())), "s", emulated.client.read_only(), emulated.call)


def test_one_scan_however_many_candidates() -> None:
    ids = [f"a{n}" for n in range(30)]
    emulated = holding(*ids)
    found = find_references(emulated.client.read_only(), dict.fromkeys(ids, "completion"), observe_all(emulated))
    assert set(found) == set(ids)
    assert paths(emulated.sent[1:]) == sorted(
        [*(f"DELETE /_inference/completion/{inference_id}" for inference_id in ids), *SCAN]
    )


def observe_all(emulated: Emulated) -> Any:
    return observe(emulated.client.read_only(), (), version=Version(9, 5))


def test_answers_hold_only_what_names_an_endpoint_or_a_pipeline() -> None:
    emulated = holding("a")
    fields = {f"f{n}": {"type": "keyword"} for n in range(50)}
    emulated.call("PUT", "/i", {"mappings": {"properties": {**fields, "t": {"type": "semantic_text"}}}})
    emulated.call("PUT", "/_ingest/pipeline/p", {"processors": [{"set": {"field": "x", "value": "y" * 500}}]})
    emulated.call(
        "PUT", "/_index_template/t", {"index_patterns": ["t*"], "template": {"mappings": {"properties": fields}}}
    )
    sizes = {}

    def weigh(_method: str, target: str, answer: Any) -> Any:
        sizes[target.split("?", maxsplit=1)[0]] = len(answer[2])
        return answer

    emulated.after = weigh
    look(emulated.client.read_only(), "a")
    scanned = {path: size for path, size in sizes.items() if f"GET {path}" in SCAN}
    assert len(scanned) == len(SCAN)
    assert max(scanned.values()) < 200, scanned


@pytest.mark.parametrize("path", SOURCES)
def test_a_source_that_may_not_be_read_is_said(path: str) -> None:
    emulated = holding("a")
    emulated.override = lambda _, target: error(403, "security_exception") if target.startswith(path) else None
    found = look(emulated.client.read_only(), "a")
    assert found == References(scan=(), unseen=(SOURCES[path],))


def test_with_less_than_all_privileges_everything_missing_is_named() -> None:
    emulated = holding("a")
    emulated.override = lambda _, target: None if "/_inference/_all" in target else error(403, "security_exception")
    found = look(emulated.client.read_only(), "a")
    assert found.asked is False
    assert sorted(found.unseen) == sorted(SOURCES.values())


def test_indexes_that_the_server_hides_are_said() -> None:
    """A wildcard names only what the credentials may see; nothing in the answer tells."""
    emulated = holding("a")
    held = {"username": "u", "has_all_requested": False, "cluster": {}, "index": {"*": {"view_index_metadata": False}}}
    emulated.override = lambda _, target: reply(200, held) if "_has_privileges" in target else None
    (unseen,) = look(emulated.client.read_only(), "a").unseen
    assert unseen == "indexes: only those that these credentials may see (view_index_metadata on *)"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "no handler found for uri [/_security/user/_has_privileges] and method [GET]"),
        (405, "Incorrect HTTP method for uri [/_security/user/_has_privileges] and method [GET], allowed: [POST]"),
    ],
)
def test_a_cluster_without_security_hides_nothing(status: int, text: str) -> None:
    emulated = holding("a")
    emulated.override = lambda _, target: reply(status, {"error": text}) if "_has_privileges" in target else None
    assert look(emulated.client.read_only(), "a").unseen == ()


@pytest.mark.parametrize("path", [*SOURCES, "/_security"])
def test_a_source_that_fails_is_no_empty_source(path: str) -> None:
    emulated = holding("a")
    emulated.override = lambda _, target: error(500) if target.startswith(path) else None
    with pytest.raises(ServerError):
        look(emulated.client.read_only(), "a")


def test_endpoints_on_its_deployment() -> None:
    emulated = Emulated()
    settings = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
    emulated.call("PUT", "/_inference/sparse_embedding/a", {"service": "elasticsearch", "service_settings": settings})
    shared = {"service": "elasticsearch", "service_settings": {"deployment_id": "a"}}
    emulated.call("PUT", "/_inference/sparse_embedding/b", shared)
    found = look(emulated.client.read_only(), "a")
    assert found.scan == (Reference(UserKind.ENDPOINT, "b", "on its deployment"),)
    assert not found
    assert found.scan_only == ()


def test_a_late_scan_is_made_once_and_again_after_a_failure() -> None:
    emulated = holding("a")
    emulated.call("PUT", "/_ingest/pipeline/p", json.loads(json.dumps({"processors": [INFERENCE]}).replace("{e}", "a")))
    late = LateScan(emulated.client)
    assert emulated.sent == []
    emulated.override = lambda _, target: error(500) if "_component_template" in target else None
    with pytest.raises(InferctlError):
        late()
    emulated.calm()
    emulated.sent.clear()
    assert late() is late()
    assert paths(emulated.sent) == SCAN
    assert late().uses == scan_documents(emulated.client).uses == {"a": (Reference(UserKind.PIPELINE, "p"),)}
