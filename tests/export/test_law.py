"""The law of export: what a cluster holds, exported, is valid and plans to no change. On every profile."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulated import Emulated
from tests.factories import revealed
from tests.model.strategies import ELAND, documents, every_case, known

from inferctl.cli.app import run
from inferctl.emulator.persist import save
from inferctl.errors import InvalidRequest
from inferctl.export.collect import Selection, documents_of
from inferctl.export.text import document_text, stream_text
from inferctl.model.versions import LINES, Version
from inferctl.observe.cluster import list_everything, plan_cluster, read_capabilities
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.emulator.cluster import Cluster
    from inferctl.export.document import ExportedFile

ROOT = Path(__file__).parents[2]
CANARY = "canary-Q7w8"
VERSIONS = {**{str(line): line for line in LINES}, "serverless": Version.parse("serverless")}


def create(emulated: Emulated, document: Mapping[str, Any]) -> bool:
    """Whether this version can have it."""
    body = {
        key: revealed(document[key], CANARY)
        for key in ("service", "service_settings", "task_settings", "chunking_settings")
        if key in document
    }
    try:
        emulated.client.put(
            task_type=document["task_type"], inference_id=document["inference_id"], inference_config=body
        )
    except InvalidRequest:
        return False
    return True


def examples() -> list[Any]:
    """Every example as the values of its file; owners of a deployment first."""
    found = []
    for path in sorted((ROOT / "examples" / "endpoints").glob("*.yaml")):
        for declared in read_file(path.name, path.read_bytes()).declared:
            e = declared.endpoint
            found.append({"inference_id": e.inference_id, "task_type": e.task_type, **e.body()})
    return sorted(
        found, key=lambda value: "deployment_id" in value["service_settings"] and value["service"] == "elasticsearch"
    )


def with_models(profile: str) -> Emulated:
    emulated = Emulated(profile)
    emulated.cluster.load_models([(ELAND, "text_embedding")])
    return emulated


def filled(profile: str) -> Emulated:
    emulated = with_models(profile)
    assert sum(create(emulated, document) for document in examples()) > 30
    return emulated


def export_of(emulated: Emulated, selection: Selection | None = None) -> tuple[ExportedFile, ...]:
    client = emulated.client.read_only()
    capabilities = read_capabilities(client)
    listing = list_everything(client, capabilities.version, ())
    assert listing.unreadable == ()
    return documents_of(listing.endpoints, selection or Selection(), capabilities)


def plan_again(emulated: Emulated, text: str) -> Any:
    file = read_file("export.yaml", text.encode(), VERSIONS[emulated.version])
    assert [d for d in file.diagnostics if d.is_error] == []
    desired = DesiredSet(tuple(d.endpoint for d in file.declared))
    return plan_cluster(emulated.client.read_only(), desired, Permissions(manage=("*",), allow_replace=True))


@pytest.mark.parametrize("profile", VERSIONS)
def test_every_example_on_every_profile(profile: str) -> None:
    emulated = filled(profile)
    documents = export_of(emulated)
    assert {d.inference_id: d.problem for d in documents if d.problem} == {}
    assert [d.inference_id for d in documents] == sorted(emulated.cluster.endpoints)
    assert not any("passthrough" in d.value for d in documents), "all of it is known"
    text = stream_text(documents)
    assert CANARY not in text + repr(documents)
    plan = plan_again(emulated, text)
    assert [(c.inference_id, c.fields) for c in plan.steps] == []
    assert len(plan.changes) == len(documents)
    assert stream_text(export_of(emulated)) == text


def test_what_it_writes_makes_the_same_cluster_again() -> None:
    """Nothing that was given is lost: an empty cluster, given the exported files, shows the same."""
    before = filled("9.5")
    after = with_models("9.5")
    exported: list[dict[str, Any]] = [dict(d.value) for d in export_of(before)]
    for value in sorted(
        exported, key=lambda v: v["service"] == "elasticsearch" and "deployment_id" in v["service_settings"]
    ):
        assert create(after, value), value
    for inference_id in before.cluster.endpoints:
        assert after.shown(inference_id) == before.shown(inference_id)


CASES = [case for case in every_case() if any(known(*case, version) for version in VERSIONS.values())]


@pytest.mark.parametrize(("name", "task"), CASES)
@settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_endpoint_of_any_page(name: str, task: str, data: st.DataObject) -> None:
    profile = data.draw(st.sampled_from([p for p, version in VERSIONS.items() if known(name, task, version)]))
    value = data.draw(documents(name, task, VERSIONS[profile]))
    emulated = with_models(profile)
    if not create(emulated, value):
        return
    (document,) = export_of(emulated)
    assert document.problem == ""
    text = document_text(document)
    assert CANARY not in text + repr(document)
    assert [c.fields for c in plan_again(emulated, text).steps] == [], text


@pytest.mark.parametrize("profile", VERSIONS)
def test_export_validate_plan_as_commands(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ELASTICSEARCH_URL", "ELASTIC_CLOUD_ID", "INFERCTL_CONFIG", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".inferctl").mkdir()
    cluster: Cluster = filled(profile).cluster
    save(cluster, tmp_path / ".inferctl" / f"emulator-{profile}.json")
    emulator = ("--emulator", "--emulator-version", profile)
    assert run(["export", *emulator, "--output", "out"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == sorted(f"{inference_id}.yaml" for inference_id in cluster.endpoints)
    assert run(["validate", "out"]) == 0
    assert run(["plan", "out", *emulator, "--manage", "*", "--detailed-exitcode", "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out.partition("\n{")[2].join(("{", "")))
    assert all(change["action"] == "no-op" for change in plan.get("changes", []))
    texts = said.err + "".join((tmp_path / "out" / name).read_text(encoding="utf-8") for name in files)
    assert CANARY not in texts
    listed = set(re.findall(r"^  ([A-Z0-9_]+)  ", said.err, re.MULTILINE))
    assert listed == set(re.findall(r"\{env: ([A-Z0-9_]+)\}", texts))
