"""One document of the ledger is damaged, or of a newer inferctl: it is named, and all else goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import endpoint

if TYPE_CHECKING:
    from tests.running import Emulator

    from .conftest import Repository, Shell

INDEX = "inferctl-ledger"
NEWER = {"kind": "ownership", "format": 99, "scope": "shop", "inference_id": "b"}
DAMAGED = {"kind": "ownership", "format": 1, "inference_id": "b", "protect": "canary-5d1e"}
HARM = pytest.mark.parametrize("document", [NEWER, DAMAGED, {"x": "canary-5d1e"}], ids=["newer", "damaged", "no kind"])


def put(emulator: Emulator, name: str, document: dict[str, Any]) -> None:
    emulator.call("PUT", f"/{INDEX}/_doc/{name}?refresh=true", document)


def write(shell: Shell, name: str, **more: Any) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").write_text(endpoint(name, **more), encoding="utf-8")


def top_n(emulator: Emulator, name: str) -> Any:
    (shown,) = emulator.call("GET", f"/_inference/{name}")["endpoints"]
    return shown["task_settings"]["top_n"]


@HARM
def test_one_damaged_record_blocks_one_endpoint(
    repository: Repository, emulator: Emulator, document: dict[str, Any]
) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    put(emulator, "b", document)
    write(shop, "a", task_settings={"top_n": 5})
    write(shop, "b", task_settings={"top_n": 5})
    planned = shop("plan", "--format", "json")
    assert planned.code == 3
    steps = {step["id"]: step for step in planned.json()["changes"]}
    assert steps["a"]["standing"] == "ready"
    assert (steps["b"]["standing"], [b["kind"] for b in steps["b"]["blocks"]]) == ("blocked", ["record-unreadable"])
    assert "canary" not in planned.out + planned.err
    applied = shop("apply", "--yes")
    assert applied.code == 3
    assert (top_n(emulator, "a"), top_n(emulator, "b")) == (5, 3)
    assert emulator.call("GET", f"/{INDEX}/_doc/b")["_source"] == document


@HARM
def test_other_scopes_go_on(repository: Repository, emulator: Emulator, document: dict[str, Any]) -> None:
    shop, wiki = repository("shop", {"b": endpoint("b")}), repository("wiki", {"w": endpoint("w")})
    assert shop("apply", "--yes").code == wiki("apply", "--yes").code == 0
    put(emulator, "b", document)
    assert wiki("plan", "--detailed-exitcode").code == 0
    write(wiki, "w", task_settings={"top_n": 5})
    assert wiki("apply", "--yes").code == 0
    assert wiki("history").code == wiki("adopt", "w").code == wiki("forget", "w").code == 0


@HARM
def test_what_cannot_be_read_is_neither_adopted_nor_forgotten_nor_removed(
    repository: Repository, emulator: Emulator, document: dict[str, Any]
) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    put(emulator, "b", document)
    assert shop("plan", "--adopt", "b", "--take-over", "b").code == 3
    for command in ("adopt", "forget"):
        refused = shop(command, "b")
        assert refused.code == 3
        assert "ledger repair b" in refused.err
    (shop.folder / "endpoints" / "b.yaml").unlink()
    removing = shop("plan", "--allow-delete", "--format", "json")
    assert "ledger repair b" in removing.out
    named_as_ours = document.get("scope") == "shop"
    assert removing.code == (3 if named_as_ours else 0)
    shop("apply", "--yes", "--allow-delete")
    shop("destroy", "--yes")
    assert set(emulator.call("GET", "/_inference/_all")["endpoints"][-1]["inference_id"]) == {"b"}
    assert emulator.call("GET", f"/{INDEX}/_doc/b")["_source"] == document


def test_a_record_of_nobodys_endpoint_is_a_warning(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    put(emulator, "Not-an-id", {"kind": "ownership", "format": 1})
    put(emulator, "note%3Ax", {"kind": "something else"})
    planned = shop("plan", "--detailed-exitcode", "--format", "json")
    assert planned.code == 0
    assert len([w for w in planned.json()["warnings"] if INDEX in w]) == 2


def test_a_damaged_run_is_named_and_passed_over(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    put(emulator, "run%3Ashop%3Ax", {"kind": "run", "scope": "shop", "started_at": "2099-01-01T00:00:00Z"})
    shown = shop("history", "--most", "1", "--format", "json")
    assert shown.code == 0
    assert [run["command"] for run in shown.json()["runs"]] == ["apply"]
    assert f"{INDEX}/run:shop:x" in shown.err


def test_without_its_salt_secrets_are_not_checked_and_nothing_else_stops(
    repository: Repository, emulator: Emulator
) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    put(emulator, "salt%3Afingerprints", {"kind": "salt", "format": 1, "salt": 5})
    planned = shop("plan", "--detailed-exitcode", "--format", "json")
    assert planned.code == 0
    assert any("ledger repair salt:fingerprints" in warning for warning in planned.json()["warnings"])
    (shop.folder / "endpoints" / "b.yaml").unlink()
    assert shop("apply", "--yes", "--allow-delete").code == 0
    write(shop, "c")
    refused = shop("apply", "--yes")
    assert refused.code == 1
    assert "ledger repair salt:fingerprints" in refused.err
    assert "c" not in [e["inference_id"] for e in emulator.call("GET", "/_inference/_all")["endpoints"]]


def test_a_damaged_lock_is_named_and_unlock_removes_it(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    put(emulator, "lock%3Ashop", {"kind": "lock", "format": 1, "who": "canary-5d1e"})
    refused = shop("apply", "--yes")
    assert refused.code == 1
    assert "inferctl unlock" in refused.err
    assert "canary" not in refused.err
    assert shop("plan").code == 0
    assert shop("unlock").code == 3
    assert shop("unlock", "--yes").code == 0
    assert shop("apply", "--yes").code == 0
