"""The command on a region policy: by version, with permits, and in each format."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from tests.running import running_emulator

from inferctl.report.annotations import annotations_of_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Emulator

    from .conftest import Shell

PATH = "/_inference/_region_policy"
SETTINGS = "scope: shop\nendpoints: [e/*.yaml]\nregion_policy: {allowed_geos: [eu]}\n"
OFFERED = {".us": {"task_type": "rerank", "model_id": "m", "regions": [{"geo": "us"}]}}
USED = {"processors": [{"inference": {"model_id": ".us"}}]}
FILE = "inference_id: a\ntask_type: rerank\nservice: elastic\nservice_settings: {model_id: other}\n"


@pytest.fixture
def connected(shell: Shell, emulator: Emulator, tmp_path: Path) -> Emulator:
    """The cluster is connected to the service; a pipeline uses a model of it that runs in the US."""
    emulator.call("POST", "/_emulator/eis", OFFERED)
    emulator.call("PUT", "/_ingest/pipeline/p", USED)
    shell.environment["ELASTICSEARCH_URL"] = emulator.url
    (tmp_path / "e").mkdir()
    (tmp_path / "e/a.yaml").write_text(FILE)
    (tmp_path / "inferctl.yaml").write_text(SETTINGS)
    return emulator


def step(document: Any) -> Any:
    (found,) = [change for change in document["changes"] if change["id"] == "_region_policy"]
    return found


def test_a_permit_lets_one_endpoint_be_denied_and_is_spent_then(
    shell: Shell, connected: Emulator, tmp_path: Path
) -> None:
    planned = shell("plan", "--check", "--format", "json")
    document = planned.json()
    change = step(document)
    assert (planned.code, change["standing"], [b["kind"] for b in change["blocks"]]) == (3, "blocked", ["denies-used"])
    assert change["source"] == {"file": "inferctl.yaml", "line": 3}
    denied, own = change["denies"]
    assert (denied["id"], denied["declared"], denied["sure"]) == (".us", False, True)
    assert (own["id"], own["declared"], own["sure"]) == ("a", True, False)
    assert json.dumps(denied["references"]).count('"p"')
    (annotation,) = [one for one in annotations_of_run(document) if "_region_policy" in one.title]
    assert (annotation.file, annotation.line) == ("inferctl.yaml", 3)
    assert ".us" in annotation.text
    for output_format in ("text", "markdown"):
        assert ".us" in shell("plan", "--format", output_format).out
    (permit,) = [fix["text"] for fix in change["blocks"][0]["fixes"] if fix["kind"] == "permit"]
    (tmp_path / "inferctl.yaml").write_text(f"{SETTINGS}{permit}\n")
    assert shell("plan", "--check").code == 0
    applied = shell("apply", "--yes", "--format", "json")
    assert applied.code == 0, applied.err
    assert connected.call("GET", PATH)["region_policy"] == {"allowed_geos": ["eu"]}
    again = shell("plan", "--detailed-exitcode")
    assert again.code == 0
    assert "the permit for the deny of .us" in again.out
    assert "spent" in again.out
    recorded = shell("history", "_region_policy", "--format", "json").json()
    assert [field["path"] for field in recorded["runs"][0]["results"][0]["fields"]] == ["allowed_geos"]


def test_an_endpoint_that_is_not_there_cannot_be_named(shell: Shell, connected: Emulator) -> None:
    refused = shell("plan", "--allow-deny", ".uss")
    assert refused.code == 64
    assert "Did you mean .us?" in refused.err
    assert connected.writes() == []


def test_a_server_before_95_is_refused_with_the_version_and_not_asked(shell: Shell, connected: Emulator) -> None:
    with running_emulator("9.4") as old:
        shell.environment["ELASTICSEARCH_URL"] = old.url
        for line in (("plan",), ("apply", "--yes", "--target", "_region_policy")):
            refused = shell(*line, "--format", "json")
            assert refused.code == 3
        assert not any("_region_policy" in target for target in old.writes())
        change = step(shell("plan", "--format", "json").json())
    assert [block["kind"] for block in change["blocks"]] == ["impossible"]
    assert all(version in change["blocks"][0]["text"] for version in ("9.5", "9.4"))
    assert connected.url


def test_a_plan_of_the_policy_alone(shell: Shell, connected: Emulator) -> None:
    applied = shell("apply", "--yes", "--target", "_region_policy", "--allow-deny", ".us", "--format", "json")
    assert applied.code == 0, applied.err
    # Without force first, then with it.
    assert [line for line in connected.writes() if "/_inference/" in line] == [f"PUT {PATH}"] * 2
    assert json.loads(applied.out)["done"][0]["id"] == "_region_policy"
    # Given up, it is nobody's: the next plan adopts it again.
    assert shell("forget", "_region_policy").code == 0
    again = step(shell("plan", "--target", "_region_policy", "--format", "json").json())
    assert (again["action"], again["standing"]) == ("adopt", "ready")
    assert shell("ledger", "check").code == 0


def test_a_saved_plan_is_told_of_an_endpoint_that_began_to_be_used(shell: Shell, connected: Emulator) -> None:
    """The plan was made before: what its next line says to type has to be taken."""
    connected.call("DELETE", "/_ingest/pipeline/p")
    assert shell("plan", "--out", "p.json").code == 0
    connected.call("PUT", "/_ingest/pipeline/p", USED)
    assert shell("apply", "p.json", "--yes", "--allow-deny", ".uss").code == 64
    applied = shell("apply", "p.json", "--yes", "--allow-deny", ".us")
    assert applied.code == 0, applied.err
    assert connected.call("GET", PATH)["region_policy"] == {"allowed_geos": ["eu"]}


def test_the_next_line_names_whom_the_server_names_and_the_plan_did_not_see(
    shell: Shell, connected: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inferctl.planner.decide_region_policy.denials", lambda *_: ())
    refused = shell("apply", "--yes", "--target", "_region_policy", "--format", "json")
    document = refused.json()
    assert (refused.code, document["blocked"][0]["id"]) == (3, "_region_policy")
    typed = shlex.split(document["next"])
    assert typed[0] == "inferctl"
    applied = shell(*typed[1:])
    assert applied.code == 0, applied.err
    assert connected.call("GET", PATH)["region_policy"] == {"allowed_geos": ["eu"]}


def test_the_policy_of_another_scope_is_removed_as_its_block_says(
    shell: Shell, connected: Emulator, tmp_path: Path
) -> None:
    target = ("--target", "_region_policy")
    assert shell("apply", "--yes", *target, "--allow-deny", ".us").code == 0
    (tmp_path / "inferctl.yaml").write_text("scope: other\nendpoints: [e/*.yaml]\n")
    blocked = step(shell("plan", "--delete-region-policy", *target, "--format", "json").json())
    flag = next(fix["text"] for fix in blocked["blocks"][0]["fixes"] if fix["kind"] == "flag")
    removed = shell("apply", "--yes", "--delete-region-policy", *target, *flag.split())
    assert removed.code == 0, removed.err
    # Nothing else went with it, and what is no endpoint is told apart from what is not there.
    assert [line for line in connected.writes() if line.startswith("DELETE /_inf")] == [f"DELETE {PATH}"]
    connected.call("PUT", PATH, {"region_policy": {"allowed_geos": ["us"]}})
    exported = shell("export", "--target", "_region_policy")
    assert (exported.code, exported.out) == (64, ""), exported.err
    for line in (("plan", "--allow-deny"), ("plan", "--force-delete"), ("rotate",), ("adopt",)):
        refused = shell(*line, "_region_policy")
        assert (refused.code, "no endpoint" in refused.err) == (64, True), line


def test_no_report_says_that_a_policy_which_is_gone_or_left_out_is_as_declared(
    shell: Shell, connected: Emulator, tmp_path: Path
) -> None:
    assert shell("apply", "--yes", "--allow-deny", ".us").code == 0
    assert "The region policy matches" in shell("plan", "--target", "_region_policy").out
    assert "_region_policy" not in shell("verify").out
    (tmp_path / "inferctl.yaml").write_text("scope: shop\nendpoints: [e/*.yaml]\n")
    for output_format, shown in (("text", '- allowed_geos: ["eu"]'), ("markdown", '- allowed_geos: ["eu"]')):
        assert shown in shell("plan", "--delete-region-policy", "--format", output_format).out
    (field,) = step(shell("plan", "--delete-region-policy", "--format", "json").json())["fields"]
    assert (field["path"], field["before"], "after" in field) == ("allowed_geos", ["eu"], False)
    assert shell("plan", "--delete-region-policy", "--out", "p.json").code == 0
    # A plan of the same without the removal, that somebody makes untrue.
    (tmp_path / "inferctl.yaml").write_text(SETTINGS)
    assert shell("plan", "--out", "q.json").code == 0
    connected.call("DELETE", PATH)
    for line in (("q.json",), ("p.json", "--delete-region-policy"), ("p.json", "--delete-region-policy")):
        done = shell("apply", "--yes", *line)
        assert done.code == 0, done.err
        assert "region policy the settings file" not in done.out


def test_a_settings_file_may_be_for_the_policy_alone(shell: Shell, connected: Emulator, tmp_path: Path) -> None:
    """A team that owns the policy and no endpoint: until now no files meant an error. Endpoints of ours still stop it."""
    alone = "scope: region\nregion_policy: {allowed_geos: [eu]}\n"
    (tmp_path / "inferctl.yaml").write_text(alone)
    assert shell("validate").code == 0
    applied = shell("apply", "--yes", "--allow-deny", ".us")
    assert applied.code == 0, applied.err
    assert "The region policy matches the settings file." in shell("plan", "--check").out
    (tmp_path / "inferctl.yaml").write_text("scope: region\n")
    assert "file.empty-set" in shell("plan", "--delete-region-policy").err
    (tmp_path / "inferctl.yaml").write_text(
        "scope: region\npermits: [{delete: _region_policy, reason: it goes, until: 2099-01-01}]\n"
    )
    assert shell("apply", "--yes").code == 0
    assert [line for line in connected.writes() if line.startswith("DELETE /_inf")] == [f"DELETE {PATH}"]
    # With endpoints of ours, no file is taken for a file that was forgotten.
    (tmp_path / "inferctl.yaml").write_text(SETTINGS)
    assert shell("apply", "--yes", "--target", "a").code == 0
    (tmp_path / "inferctl.yaml").write_text(alone.replace("region\n", "shop\n", 1))
    stopped = shell("apply", "--yes", "--allow-delete", "--allow-deny", ".us", "--format", "json")
    assert stopped.code == 3
    assert [stop["guard"] for stop in stopped.json()["stops"]] == ["empty-set"]
