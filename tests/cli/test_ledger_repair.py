"""`inferctl ledger check` and `ledger repair`: what is damaged is named, shown, and mended without losing protection."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from .conftest import endpoint
from .test_damaged_ledger import INDEX, put

if TYPE_CHECKING:
    from tests.running import Emulator

    from .conftest import Repository, Shell

SALT = "salt:fingerprints"


def findings(shell: Shell) -> dict[str, str]:
    checked = shell("ledger", "check", "--format", "json")
    return {f["document"]: f["finding"] for f in checked.json()["findings"]}


def record_of(emulator: Emulator, name: str) -> Any:
    return emulator.call("GET", f"/{INDEX}/_doc/{name}")["_source"]


@pytest.fixture
def shop(repository: Repository) -> Shell:
    made = repository("shop", {"a": endpoint("a"), "b": endpoint("b", lifecycle={"protect": ["delete"]})})
    assert made("apply", "--yes").code == 0
    return made


def test_a_whole_ledger_is_clean(shop: Shell, repository: Repository) -> None:
    wiki = repository("wiki", {"w": endpoint("w")})
    assert wiki("apply", "--yes").code == 0
    checked = shop("ledger", "check", "--format", "json")
    assert checked.code == 0
    assert checked.json() | {"format_version": ""} == {
        "format_version": "", "kind": "ledger-check", "scope": "shop", "findings": [],
        "records": {"shop": 2, "wiki": 1}, "runs": 2,
    }  # fmt: skip


def test_a_name_that_somebody_gave_is_one_word_of_the_line_to_type(shop: Shell, emulator: Emulator) -> None:
    nasty = "run:shop:$(touch pwned);touch pwned #'"
    put(emulator, quote(nasty, safe=""), {"kind": "run", "scope": "shop"})
    (finding,) = shop("ledger", "check", "--format", "json").json()["findings"]
    (fix,) = finding["fixes"]
    assert shlex.split(fix["text"], comments=True) == ["inferctl", "ledger", "repair", nasty]
    assert fix["text"] in shop("ledger", "check").out
    assert shop(*shlex.split(fix["text"])[1:], "--yes").code == 0
    assert findings(shop) == {}


def test_everything_that_is_wrong_is_listed(shop: Shell, emulator: Emulator) -> None:
    whole = record_of(emulator, "a")
    put(emulator, "trial", {**whole, "inference_id": "trial", "intent": "trial"})
    put(emulator, "begun", {**whole, "inference_id": "begun", "intent": "create"})
    put(emulator, "gone", {**whole, "inference_id": "gone"})
    assert shop("ledger", "check").code == 0  # the next apply settles these
    put(emulator, "b", {**whole, "inference_id": "b", "protect": 5})
    put(emulator, "later", {**whole, "inference_id": "later", "format": 99})
    put(emulator, "note%3Ax", {"kind": "x"})
    put(emulator, "run%3Ashop%3Ax", {"kind": "run", "scope": "shop"})
    put(emulator, "lock%3Ashop", {"kind": "lock"})
    put(emulator, "salt%3Afingerprints", {"kind": "salt"})
    shown = shop("ledger", "check")
    assert shown.code == 3
    assert "inferctl ledger repair b" in shown.out
    assert findings(shop) == {
        "trial": "trial", "begun": "intent", "gone": "orphaned", "b": "damaged", "later": "newer", "note:x": "strange",
        "run:shop:x": "damaged", "lock:shop": "damaged", SALT: "damaged",
    }  # fmt: skip


def test_what_is_another_scopes_is_named_and_theirs_to_mend(
    shop: Shell, repository: Repository, emulator: Emulator
) -> None:
    wiki = repository("wiki", {"w": endpoint("w")})
    assert wiki("apply", "--yes").code == 0
    put(emulator, "b", {"kind": "ownership", "format": 1, "scope": "shop"})
    checked = wiki("ledger", "check")
    assert checked.code == 0
    assert "scope shop" in checked.out
    refused = wiki("ledger", "repair", "b", "--yes")
    assert refused.code == 3
    assert "scope shop" in refused.err
    assert shop("ledger", "check").code == 3


def test_a_damaged_record_keeps_what_can_be_read(shop: Shell, emulator: Emulator) -> None:
    whole = record_of(emulator, "b")
    put(emulator, "b", {**whole, "protect": "canary-5d1e"})
    asked = shop("ledger", "repair", "b")
    assert asked.code == 3
    assert "canary" not in asked.out + asked.err
    assert record_of(emulator, "b")["protect"] == "canary-5d1e"
    repaired = shop("ledger", "repair", "b", "--yes")
    assert repaired.code == 0
    assert "rerank cohere" in repaired.out
    now = record_of(emulator, "b")
    assert now | {"run": ""} == whole | {"run": "", "protect": ["delete", "replace"]}
    assert shop("ledger", "check").code == 0
    assert "repair b: done" in shop("history").out
    assert shop("apply", "--yes").code == 0


def test_what_cannot_be_read_is_set_to_what_does_least_harm(shop: Shell, emulator: Emulator) -> None:
    put(emulator, "b", {"kind": "ownership", "format": 1, "scope": "shop", "secrets": {}})
    assert shop("ledger", "repair", "b", "--yes").code == 0
    now = record_of(emulator, "b")
    assert (now["scope"], now["protect"], now["intent"]) == ("shop", ["delete", "replace"], "create")
    (shop.folder / "endpoints" / "b.yaml").unlink()
    shop("apply", "--yes", "--allow-delete")
    assert "b" in [e["inference_id"] for e in emulator.call("GET", "/_inference/_all")["endpoints"]]


@pytest.mark.parametrize("document", [{"x": 1}, {"kind": "ownership", "format": 1, "scope": "shop", "secrets": 5}])
def test_a_record_without_scope_or_secrets_goes(shop: Shell, emulator: Emulator, document: dict[str, Any]) -> None:
    """Its secrets are unknown from then on, which sends none of them."""
    put(emulator, "b", document)
    assert shop("ledger", "repair", "b", "--yes").code == 0
    assert "b" not in findings(shop)
    assert "b" in [e["inference_id"] for e in emulator.call("GET", "/_inference/_all")["endpoints"]]
    assert shop("apply", "--yes").code == 0  # it is as its file says
    assert record_of(emulator, "b")["protect"] == ["delete"]


def test_a_newer_record_is_left_to_the_newer_inferctl(shop: Shell, emulator: Emulator) -> None:
    put(emulator, "b", {**record_of(emulator, "b"), "format": 99})
    assert shop("ledger", "repair", "b", "--yes").code == 3
    assert record_of(emulator, "b")["format"] == 99
    assert shop("ledger", "repair", "b", "--yes", "--newer").code == 0
    assert record_of(emulator, "b")["format"] == 1


def test_the_salt_is_made_anew(shop: Shell, emulator: Emulator) -> None:
    put(emulator, "salt%3Afingerprints", {"kind": "salt", "salt": "canary-5d1e"})
    repaired = shop("ledger", "repair", SALT, "--yes")
    assert repaired.code == 0
    assert "canary" not in repaired.out
    (shop.folder / "endpoints" / "c.yaml").write_text(endpoint("c"), encoding="utf-8")
    assert shop("apply", "--yes").code == 0
    assert record_of(emulator, "salt%3Afingerprints")["format"] == 1


def test_what_is_whole_or_absent_needs_no_repair(shop: Shell, emulator: Emulator) -> None:
    whole = record_of(emulator, "a")
    for name in ("a", "nothing", SALT):
        assert shop("ledger", "repair", name, "--yes").code == 0
    assert record_of(emulator, "a") == whole


def test_a_damaged_run_goes_and_a_whole_one_stays(shop: Shell, emulator: Emulator) -> None:
    put(emulator, "run%3Ashop%3Ax", {"kind": "run", "scope": "shop"})
    assert findings(shop) == {"run:shop:x": "damaged"}
    assert shop("ledger", "repair", "run:shop:x", "--yes").code == 0
    assert findings(shop) == {}
    runs = [run["run"] for run in shop("history", "--format", "json").json()["runs"]]
    assert shop("ledger", "repair", f"run:shop:{runs[-1]}", "--yes").code == 0
    assert [run["run"] for run in shop("history", "--format", "json").json()["runs"]] == runs


def test_lost_mappings_are_put_back_by_the_next_apply(shop: Shell, emulator: Emulator) -> None:
    emulator.call("DELETE", f"/{INDEX}")
    emulator.call("PUT", f"/{INDEX}", {"settings": {"hidden": True}})
    assert findings(shop) == {"": "mapping missing"}
    assert shop("apply", "--yes", "--adopt", "*").code == 0
    assert shop("ledger", "check").code == 0


def test_mappings_that_a_write_guessed_are_told(shop: Shell, emulator: Emulator) -> None:
    """The index goes, and the next write makes it anew; only a new index would hold its fields as it should."""
    whole = record_of(emulator, "a")
    emulator.call("DELETE", f"/{INDEX}")
    put(emulator, "a", whole)
    checked = shop("ledger", "check", "--format", "json")
    assert checked.code == 3
    assert {f["finding"] for f in checked.json()["findings"]} == {"mapping wrong", "mapping missing"}
    assert "mend-the-ledger" in shop("apply", "--yes").err


def test_an_apply_keeps_as_many_runs_as_the_settings_say(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")}, "ledger: {keep: {runs: 2}}\n")
    for top_n in range(3, 7):
        (shop.folder / "endpoints" / "a.yaml").write_text(endpoint("a", task_settings={"top_n": top_n}))
        assert shop("apply", "--yes").code == 0
    assert len(shop("history", "--format", "json").json()["runs"]) == 2
    assert record_of(emulator, "a")["declared"]["task_settings"]["top_n"] == 6


def test_a_ledger_with_more_to_say_needs_a_scope_too(shell: Shell) -> None:
    (shell.folder / "inferctl.yaml").write_text("ledger: {keep: {runs: 2}}\n")
    (shell.folder / "a.yaml").write_text(endpoint("a"))
    refused = shell("plan", "a.yaml", "--emulator")
    assert refused.code == 64
    assert "scope" in refused.err
