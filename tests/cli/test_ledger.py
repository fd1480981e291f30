"""Ownership through the installed command: scopes, adoption, removal, history, the lock."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from tests.running import Emulator, clean_environment

from inferctl.report.shape import FORMAT_VERSION

from .conftest import Repository, Shell, endpoint

INDEX = "inferctl-ledger"


def remove(shell: Shell, name: str) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").unlink()


def write(shell: Shell, name: str, text: str) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").write_text(text, encoding="utf-8")


def record_of(emulator: Emulator, name: str) -> Any:
    return emulator.call("GET", f"/{INDEX}/_doc/{name}")["_source"]


def test_two_scopes_on_one_cluster(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    wiki = repository("wiki", {"w": endpoint("w")})
    assert shop("apply", "--yes").code == 0
    assert wiki("apply", "--yes").code == 0
    # The other's endpoint in our files is blocked, equal or not, and is not removed by theirs.
    write(wiki, "a", endpoint("a"))
    planned = wiki("plan")
    assert planned.code == 3
    assert "scope shop owns it" in planned.out
    assert wiki("apply", "--yes").code == 3
    remove(wiki, "a")
    remove(shop, "b")
    applied = shop("apply", "--yes", "--allow-delete")
    assert applied.code == 0, applied.out
    assert set(emulator.live()) == {"a", "w"}
    # The same repository without its settings file owns nothing.
    (shop.folder / "inferctl.yaml").unlink()
    remove(shop, "a")
    write(shop, "new", endpoint("new"))
    emulator.writes()
    applied = shop("apply", "endpoints", "--yes", "--allow-delete")
    assert applied.code == 0, applied.out
    assert emulator.writes() == ["PUT /_inference/rerank/new"]
    taken = wiki("plan", "--take-over", "a", "--detailed-exitcode")
    assert taken.code == 64, taken.out  # nothing declares it there: nothing to take


def test_what_somebody_made_is_adopted_and_changed_only_when_asked(repository: Repository, emulator: Emulator) -> None:
    made = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "x"}}
    emulator.call("PUT", "/_inference/rerank/equal", {**made, "task_settings": {"top_n": 3}})
    emulator.call("PUT", "/_inference/rerank/other", {**made, "task_settings": {"top_n": 9}})
    shop = repository("shop", {"equal": endpoint("equal"), "other": endpoint("other")})
    emulator.writes()
    applied = shop("apply", "--yes")
    assert applied.code == 3, applied.out
    assert "> equal" in applied.out
    assert "--adopt other" in applied.out
    assert emulator.writes() == []
    applied = shop("apply", "--yes", "--adopt", "other")
    assert applied.code == 0, applied.out
    assert emulator.live()["other"]["task_settings"] == {"top_n": 3}
    assert shop("plan", "--detailed-exitcode").code == 0


def test_a_permit_grants_what_a_flag_would(repository: Repository, emulator: Emulator) -> None:
    made = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "x"}}
    emulator.call("PUT", "/_inference/rerank/other", {**made, "task_settings": {"top_n": 9}})
    permit = "permits: [{adopt: other, reason: ours since the move, until: 2999-01-01}]\n"
    shop = repository("shop", {"other": endpoint("other")}, permit)
    assert shop("apply", "--yes").code == 0
    spent = shop("plan", "--detailed-exitcode")
    assert spent.code == 0
    assert "is spent" in spent.out
    expired = repository("shop", {}, permit.replace("2999", "2020"))("plan")
    assert expired.code == 1
    assert "settings.permit-expired" in expired.err
    remove(shop, "other")
    write(shop, "stays", endpoint("stays"))
    repository("shop", {}, "permits: [{delete: other, reason: not used any more}]\n")
    applied = shop("apply", "--yes")
    assert applied.code == 0, applied.out
    assert set(emulator.live()) == {"stays"}


def test_protection_survives_the_removal_of_its_file(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a", lifecycle={"protect": ["delete"]}), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    remove(shop, "a")
    applied = shop("apply", "--yes", "--allow-delete")
    assert applied.code == 3, applied.out
    assert "protects it from delete" in applied.out
    write(shop, "a", endpoint("a"))
    assert shop("apply", "--yes").code == 0
    remove(shop, "a")
    assert shop("apply", "--yes", "--allow-delete").code == 0
    assert set(emulator.live()) == {"b"}


def test_a_key_that_left_the_file_is_noticed(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a", task_settings={"top_n": 3, "return_documents": True})})
    assert shop("apply", "--yes").code == 0
    write(shop, "a", endpoint("a"))
    planned = shop("plan", "--detailed-exitcode")
    assert planned.code == 2
    assert "-/+ a" in planned.out
    assert "task_settings.return_documents" in planned.out
    assert shop("apply", "--yes", "--allow-replace").code == 0
    assert emulator.live()["a"]["task_settings"] == {"top_n": 3}
    assert shop("plan", "--detailed-exitcode").code == 0


def test_selecting_never_removes_where_the_settings_name_the_set(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b"), "c": endpoint("c")})
    assert shop("apply", "--yes").code == 0
    remove(shop, "b")
    for selection, code in ((["--target", "b"], 64), (["--exclude", "a"], 0), (["endpoints/a.yaml"], 0)):
        planned = shop("plan", *selection, "--allow-delete", "--detailed-exitcode")
        assert planned.code == code, planned.out
        assert "delete" not in planned.out
    assert shop("plan", "--allow-delete", "--detailed-exitcode").code == 2


def test_a_lost_ledger_loses_no_endpoint(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    emulator.call("DELETE", f"/{INDEX}")
    write(shop, "b", endpoint("b", task_settings={"top_n": 5}))
    assert shop("plan").code == 3  # b differs, and nobody says that it is ours
    adopted = shop("adopt", "*")
    assert adopted.code == 0, adopted.err
    assert adopted.out.splitlines() == ["adopted a", "adopted b"]
    (run,) = json.loads(shop("history", "--format", "json").out)["runs"]
    assert (run["command"], run["exit_code"]) == ("adopt", 0)
    assert run["run"]
    # The index is made anew as it was, not as the cluster makes one for a first document.
    assert emulator.call("GET", f"/{INDEX}/_mapping")[INDEX]["mappings"]["dynamic"] in (False, "false")
    assert {record_of(emulator, name)["run"] for name in ("a", "b")} == {run["run"]}
    assert shop("apply", "--yes").code == 0
    assert emulator.live()["b"]["task_settings"] == {"top_n": 5}
    refused = shop("adopt", "nobody")
    assert refused.code == 64
    assert "no file declares it" in refused.err


def test_forgetting_leaves_the_endpoint(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    remove(shop, "a")
    assert shop("forget", "a").code == 0
    newest = json.loads(shop("history", "a", "--format", "json").out)["runs"][0]
    assert (newest["command"], newest["exit_code"]) == ("forget", 0)
    assert [(step["inference_id"], step["result"]) for step in newest["results"]] == [("a", "done")]
    assert shop("plan", "--allow-delete", "--detailed-exitcode").code == 0
    assert set(emulator.live()) == {"a", "b"}
    assert shop("forget", "a").code == 64


def test_destroy_takes_what_is_ours_and_nothing_else(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {name: endpoint(name) for name in ("a", "b", "c")})
    wiki = repository("wiki", {"w": endpoint("w")})
    assert shop("apply", "--yes").code == wiki("apply", "--yes").code == 0
    emulator.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "b"}}]})
    assert shop("destroy", "--yes").code == 3  # more than 20 %
    partly = shop("destroy", "--yes", "--max-deletes", "100%")
    assert partly.code == 3, partly.out
    assert "used by pipelines: p" in partly.out
    assert set(emulator.live()) == {"b", "w"}
    emulator.call("DELETE", "/_ingest/pipeline/p")
    assert shop("destroy", "--yes", "--max-deletes", "100%").code == 0
    assert set(emulator.live()) == {"w"}


def test_destroy_takes_no_permit_whose_day_is_over(repository: Repository, emulator: Emulator) -> None:
    permit = "permits: [{delete: a, force: true, reason: moved, until: %s}]\n"
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    emulator.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "a"}}]})
    repository("shop", {}, permit % "2020-01-31")
    refused = shop("destroy", "--yes")
    assert refused.code == 1, refused.out
    assert "settings.permit-expired" in refused.err
    assert set(emulator.live()) == {"a"}
    repository("shop", {}, permit % "2999-01-31")
    assert shop("destroy", "--yes").code == 0
    assert emulator.live() == {}


def test_history_tells_who_did_what(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    shop.environment |= {"GITHUB_ACTOR": "ann", "GITHUB_SHA": "0123456789abcdef", "INFERCTL_RUN_URL": "https://ci/1"}
    assert shop("apply", "--yes").code == 0
    emulator.call("POST", "/_emulator/provider", {"outcome": "401"})
    write(shop, "b", endpoint("b"))
    assert shop("apply", "--yes").code in (1, 4)
    view = json.loads(shop("history", "--format", "json").out)
    assert (view["format_version"], view["kind"]) == (FORMAT_VERSION, "history")
    runs = view["runs"]
    assert [run["exit_code"] for run in runs][1] == 0
    assert runs[0]["results"][0]["result"] == "failed"
    assert (runs[1]["who"], runs[1]["run_url"]) == ("ann", "https://ci/1")
    text = shop("history", "a").out
    assert "ann" in text
    assert "0123456789ab" in text
    assert "create a: done" in text
    assert "create b" not in text


def test_without_a_scope_there_is_no_ledger(shell: Shell, emulator: Emulator) -> None:
    shell.environment["ELASTICSEARCH_URL"] = emulator.url
    assert shell("history").code == 64
    assert shell("forget", "a").code == 64


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_ledger_that_cannot_be_read_is_not_empty(repository: Repository, emulator: Emulator, command: str) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    fault = {"kind": "status", "path": f"/{INDEX}/_search", "count": -1}
    for status, kind in ((403, "security_exception"), (503, "no_shard_available_action_exception")):
        emulator.call("POST", "/_emulator/faults", {**fault, "status": status, "error_type": kind})
        emulator.writes()
        flags = ["--yes"] if command == "apply" else []
        finished = shop(command, *flags)
        assert finished.code == 1, finished.out + finished.err
        assert "ledger" in finished.err
        assert emulator.writes() == []
        emulator.call("DELETE", "/_emulator/faults")


def test_a_ledger_that_goes_away_in_the_middle_is_told(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    # The first bulk is the claim, the second what came of it.
    emulator.call(
        "POST",
        "/_emulator/faults",
        {"kind": "status", "path": f"/{INDEX}/_bulk", "skip": 1, "count": -1, "status": 403},
    )
    applied = shop("apply", "--yes")
    assert applied.code == 4, applied.out + applied.err
    assert "the ledger" in applied.out
    emulator.call("DELETE", "/_emulator/faults")
    assert set(emulator.live()) == {"a"}
    # The next run knows from the claim that the endpoint is its own.
    again = shop("apply", "--yes")
    assert again.code == 0, again.out
    assert "a run that was cut short created it" in again.out
    assert shop("plan", "--detailed-exitcode").code == 0


def test_a_held_lock_is_exit_7(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    lock = {
        "kind": "lock", "format": 1, "scope": "shop", "run": "other", "who": "bob@elsewhere", "run_url": "",
        "since": "2026-01-01T00:00:00Z", "ttl_s": 60, "beats": 0,
    }  # fmt: skip
    emulator.call("PUT", f"/{INDEX}/_doc/lock:shop", lock)
    write(shop, "b", endpoint("b"))
    emulator.writes()
    waiting = shop("apply", "--yes", "--lock-timeout", "0.2")
    assert waiting.code == 7, waiting.err
    said, error, *fixes = waiting.err.splitlines()[-4:]  # whom it waits for, that it was in vain, what to do
    assert fixes == ["fix: --lock-timeout 120", "or: inferctl unlock"]
    assert "bob@elsewhere" in said
    assert "bob@elsewhere" in error
    assert "bob@elsewhere" not in shop("apply", "--yes", "--lock-timeout", "0").err.partition("error")[0]
    assert emulator.writes() == []
    assert shop("plan").code == 0  # planning needs no lock
    kept = shop("unlock")
    assert kept.code == 3
    assert "bob@elsewhere" in kept.out
    assert shop("unlock", "--yes").code == 0
    assert shop("apply", "--yes").code == 0


def test_a_reader_that_goes_away_does_not_change_how_an_apply_ends(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {f"e{n}": endpoint(f"e{n}") for n in range(3)})
    process = subprocess.Popen(
        [sys.executable, "-m", "inferctl", "apply", "--yes", "--format", "json"],
        cwd=shop.folder,
        env={**clean_environment(), **shop.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 0, process.stderr.read() if process.stderr else ""
    if process.stderr is not None:
        process.stderr.close()
    assert len(emulator.live()) == 3
