"""`plan --check` ends as an apply would that begins right after it, and writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Repository, Shell, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.running import Emulator

LOCK = "/inferctl-ledger/_doc/lock:shop"
HOLDER = {
    "kind": "lock", "format": 1, "scope": "shop", "run": "other", "who": "bob@elsewhere", "run_url": "",
    "since": "2026-01-01T00:00:00Z", "ttl_s": 60.0, "beats": 0,
}  # fmt: skip
OTHER_MODEL = {"model_id": "rerank-v3.6", "api_key": {"env": "COHERE_API_KEY"}}
OTHER_KEY = {"model_id": "rerank-v3.5", "api_key": {"env": "ANOTHER_KEY"}}


def write(shell: Shell, name: str, **more: Any) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").write_text(endpoint(name, **more), encoding="utf-8")


def remove(shell: Shell, name: str) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").unlink()


def created(shop: Shell, _emulator: Emulator) -> None:
    write(shop, "new")


def held_delete(shop: Shell, _emulator: Emulator) -> None:
    remove(shop, "a")


def held_replace(shop: Shell, _emulator: Emulator) -> None:
    write(shop, "a", service_settings=OTHER_MODEL)


def held_replace_beside_a_create(shop: Shell, emulator: Emulator) -> None:
    held_replace(shop, emulator)
    created(shop, emulator)


def somebody_elses(shop: Shell, emulator: Emulator) -> None:
    body = {"service": "cohere", "service_settings": {"model_id": "other", "api_key": "x"}}
    emulator.call("PUT", "/_inference/rerank/theirs", body)
    write(shop, "theirs")


def missing_secret(shop: Shell, _emulator: Emulator) -> None:
    write(shop, "new", service_settings=OTHER_KEY)


def in_use(shop: Shell, emulator: Emulator) -> None:
    emulator.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "a"}}]})
    remove(shop, "a")


def nothing(_shop: Shell, _emulator: Emulator) -> None:
    """As it is."""


@pytest.mark.parametrize(
    ("happens", "flags", "code"),
    [
        (nothing, (), 0),
        (created, (), 0),
        (created, ("--max-changes", "0"), 3),
        (held_delete, (), 0),
        (held_replace, (), 3),
        (held_replace, ("--allow-replace",), 0),
        (held_replace_beside_a_create, (), 3),
        (somebody_elses, (), 3),
        (in_use, ("--allow-delete",), 3),
        (in_use, ("--allow-delete", "--force-delete", "a"), 0),
        (missing_secret, (), 1),
    ],
)
def test_it_ends_as_the_apply_after_it(
    repository: Repository,
    emulator: Emulator,
    happens: Callable[[Shell, Emulator], None],
    flags: tuple[str, ...],
    code: int,
) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    happens(shop, emulator)
    emulator.writes()
    checked = shop("plan", "--check", "--format", "json", *flags)
    assert emulator.writes() == []
    assert (checked.code, checked.json()["verdict"]["exit_code"]) == (code, code), checked.out + checked.err
    assert shop("apply", "--yes", *flags).code == code


def test_without_check_the_code_is_as_before(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    held_replace(shop, emulator)
    planned = shop("plan")
    assert planned.code == 0
    assert "Apply would end with 3: 1 replace is held back." in planned.out
    assert shop("plan", "--detailed-exitcode").code == 2


def test_a_job_without_keys_says_what_it_assumes(repository: Repository) -> None:
    shop = repository("shop", {})
    write(shop, "new", service_settings=OTHER_KEY)
    plain = shop("plan", "--format", "json")
    assert (plain.code, plain.json()["verdict"]["exit_code"]) == (0, 0)
    assert "ANOTHER_KEY" in plain.json()["verdict"]["text"]
    strict = shop("plan", "--check")
    assert strict.code == 1
    assert "Apply would end with 1: 1 secret cannot be had: ANOTHER_KEY." in strict.out
    assumed = shop("plan", "--check", "--assume-secrets")
    assert assumed.code == 0
    assert "(assumed to be set: ANOTHER_KEY)" in assumed.out
    shop.environment["INFERCTL_SECRETS_ALLOW"] = "COHERE_*"
    assert shop("plan", "--check", "--assume-secrets").code == shop("apply", "--yes").code == 1


def test_a_lock_that_stays_held_is_7(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    write(shop, "new")
    emulator.call("PUT", LOCK, HOLDER)
    emulator.writes()
    held = shop("plan", "--check", "--lock-timeout", "0.2", "--format", "json")
    assert held.code == 7
    assert "waiting for the lock, held by bob@elsewhere" in held.err
    verdict = held.json()["verdict"]
    assert (verdict["name"], verdict["text"]) == ("LOCKED", "apply would end with 7: another run holds the lock")
    assert "bob@elsewhere" in verdict["reasons"][0]
    assert [change["id"] for change in held.json()["changes"]] == ["a", "new"]
    assert emulator.call("GET", LOCK)["_source"] == HOLDER
    assert shop("plan", "--check", "--no-lock").code == 0
    assert shop("plan").code == 0
    emulator.call("DELETE", LOCK)
    assert shop("plan", "--check", "--lock-timeout", "0").code == 0


def test_the_lock_of_a_dead_run_is_no_obstacle(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a")})
    assert shop("apply", "--yes").code == 0
    emulator.call("PUT", LOCK, {**HOLDER, "ttl_s": 0.2})
    assert shop("plan", "--check", "--lock-timeout", "5").code == 0


def test_a_saved_plan_is_held_against_the_cluster_of_now(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    write(shop, "a", task_settings={"top_n": 5})
    write(shop, "b", task_settings={"top_n": 5})
    assert shop("plan", "--out", "plan.json").code == 0
    assert shop("plan", "plan.json", "--check").code == 0
    emulator.call("PUT", "/_inference/rerank/a/_update", {"task_settings": {"top_n": 9}})
    stale = shop("plan", "plan.json", "--check")
    assert stale.code == 5, stale.out + stale.err
    assert "Apply would end with 5: 1 step is stale." in stale.out
    assert shop("apply", "plan.json", "--yes").code == 5
    left_out = shop("plan", "plan.json", "--check", "--skip-stale")
    assert left_out.code == shop("apply", "plan.json", "--yes", "--skip-stale").code == 3


@pytest.mark.parametrize(
    "flags",
    [("--check", "--detailed-exitcode"), ("--assume-secrets",), ("--skip-stale",)],
)
def test_flags_that_do_not_go_together(repository: Repository, flags: tuple[str, ...]) -> None:
    assert repository("shop", {"a": endpoint("a")})("plan", *flags).code == 64


def test_a_rename_whose_first_half_is_held_is_told_as_one(repository: Repository, emulator: Emulator) -> None:
    shop = repository("shop", {"rank-1": endpoint("rank-1")})
    assert shop("apply", "--yes").code == 0
    remove(shop, "rank-1")
    write(shop, "rank-2")
    words = "rename: rank-2 takes the place of rank-1; the old one stays until deletes are allowed"
    checked = shop("plan", "--check")
    assert (checked.code, words in checked.out) == (0, True), checked.out
    applied = shop("apply", "--yes", "--format", "json")
    assert applied.code == 0
    assert words in applied.json()["verdict"]["reasons"]
    assert words in applied.json()["held"][0]["detail"]
    assert set(emulator.live()) == {"rank-1", "rank-2"}
    emulator.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "rank-1"}}]})
    write(shop, "rank-3")
    remove(shop, "rank-2")
    used = shop("plan", "--check", "--allow-delete", "--max-deletes", "5")
    assert used.code == 3
    assert "the old one stays until nothing uses it" in used.out


def test_the_line_to_type_next_removes_nothing_while_something_else_waits(
    repository: Repository, emulator: Emulator
) -> None:
    """A held delete is not why the run ended with 3."""
    shop = repository("shop", {"a": endpoint("a"), "b": endpoint("b")})
    assert shop("apply", "--yes").code == 0
    remove(shop, "a")
    write(shop, "b", service_settings=OTHER_MODEL)
    ended = shop("apply", "--yes")
    assert (ended.code, ended.out.splitlines()[-1]) == (3, "next: inferctl apply --yes --allow-replace")
    ended = shop("apply", "--yes", "--allow-replace")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "next: inferctl apply --yes --allow-replace --allow-delete")
    assert set(emulator.live()) == {"a", "b"}
