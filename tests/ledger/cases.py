"""What a ledger must do on any cluster: the emulator (tests/ledger) and a real node (tests/live) run these."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import changed, holder, owned, run_record, step_record

from inferctl.errors import Conflict, LedgerError, LockHeld, LockLost
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.lock import Lease, acquire
from inferctl.ledger.mappings import read_problems
from inferctl.ledger.records import INDEX, lock_id
from inferctl.ledger.runs import Keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.sync import InferenceClient


@dataclass
class Site:
    """A cluster without a ledger, a client for it, and a way to call it as somebody else."""

    client: InferenceClient
    call: Callable[..., Any]

    def ledger(self, scope: str = "search", run: str = "r1") -> IndexLedger:
        made = IndexLedger(self.client, scope, run)
        made.prepare()
        return made

    def lease(self, who: str, *, ttl_s: float = 60.0, timeout_s: float = 0.0, scope: str = "search") -> Lease:
        made = holder(who, run=who, ttl_s=ttl_s)
        return acquire(self.client, scope, made, timeout_s=timeout_s, clock=time.monotonic, sleep=time.sleep)


RUN = run_record(scope="search", started_at="2026-11-25T10:00:00Z", commit="abc", planned={"a": "create"})
OWNED = owned("search", declared={"service": "openai", "task_settings": {"user": "u"}}, protect=("delete",))


def test_an_absent_ledger_is_empty(site: Site) -> None:
    assert IndexLedger(site.client, "search").view().owned == {}
    assert IndexLedger(site.client, "search").history() == ()


def test_the_index_is_hidden_and_made_once(site: Site) -> None:
    site.ledger()
    site.ledger()
    settings = site.call("GET", f"/{INDEX}/_settings")[INDEX]["settings"]["index"]
    assert settings["hidden"] in (True, "true")
    assert INDEX not in site.call("GET", "/*/_mapping")


def test_what_is_searched_and_sorted_by_is_mapped(site: Site) -> None:
    """A field that nobody mapped would be found by no search, and sorted by in none; the rest is only kept."""
    site.ledger()
    mappings = site.call("GET", f"/{INDEX}/_mapping")[INDEX]["mappings"]
    types = {name: field["type"] for name, field in mappings["properties"].items()}
    assert types.items() >= {"kind": "keyword", "scope": "keyword", "started_at": "date", "declared": "object"}.items()
    assert mappings["dynamic"] in (False, "false")


def test_records_come_back_as_they_went(site: Site) -> None:
    ledger = site.ledger()
    assert ledger.start(RUN, {"a": changed(OWNED, intent="create")}) == {}
    assert ledger.view().ours("a") == changed(OWNED, intent="create")
    assert ledger.note({"a": OWNED, "b": OWNED}) == {}
    seen = site.ledger("other").view()
    assert seen.owned == {"a": OWNED, "b": OWNED}
    assert seen.ours("a") is None
    assert seen.other_scope("a") == "search"
    assert ledger.note({"a": None}) == {}
    assert set(ledger.view().owned) == {"b"}


def test_two_scopes_never_own_one_endpoint(site: Site) -> None:
    ours, theirs = site.ledger(), site.ledger("other", "r2")
    ours.view(), theirs.view()
    assert theirs.note({"a": changed(OWNED, scope="other")}) == {}
    problems = ours.start(RUN, {"a": OWNED, "b": OWNED})
    assert problems == {"a": "scope other owns it now"}
    assert ours.view().owned["a"].scope == "other"
    assert ours.view().owned["b"] == OWNED


def test_a_record_that_moved_on_is_not_overwritten(site: Site) -> None:
    first, second = site.ledger(), site.ledger(run="r2")
    first.note({"a": OWNED})
    second.view()
    moved = changed(OWNED, declared={"service": "cohere"})
    first.note({"a": moved})
    assert "changed meanwhile" in second.note({"a": OWNED})["a"]
    assert second.view().ours("a") == moved


def test_what_a_dead_run_was_about_to_create_is_ours(site: Site) -> None:
    """Its intent may not be in the search yet: the create-only write meets it, and takes it."""
    dead, next_run = site.ledger(), site.ledger(run="r2")
    next_run.view()
    dead.start(RUN, {"a": changed(OWNED, intent="create")})
    assert next_run.start(changed(RUN, run="r2"), {"a": changed(OWNED, intent="create")}) == {}


def test_many_records_go_fifty_at_a_time(site: Site) -> None:
    ledger = site.ledger()
    entries = {f"e{number:03d}": OWNED for number in range(120)}
    assert ledger.start(RUN, entries) == {}
    assert ledger.finish(changed(RUN, exit_code=0), dict.fromkeys(entries)) == {}
    assert ledger.view().owned == {}


def test_runs_are_remembered(site: Site) -> None:
    ledger = site.ledger()
    ledger.start(RUN, {})
    (open_run,) = ledger.history()
    assert open_run == RUN
    failed = step_record(result="failed", detail="no")
    ended = changed(RUN, ended_at="2026-11-25T10:01:00Z", exit_code=4, results=(failed,))
    ledger.finish(ended, {})
    later = site.ledger(run="r2")
    later.start(changed(RUN, run="r2", started_at="2026-11-25T11:00:00Z", planned={"b": "create"}), {})
    assert [run.run for run in ledger.history()] == ["r2", "r1"]
    assert ledger.history("a") == (ended,)
    assert site.ledger("other").history() == ()


def test_old_runs_go_and_the_newest_stay(site: Site) -> None:
    ledger = site.ledger()
    for number in range(5):
        writer = site.ledger(run=f"r{number}")
        writer.start(changed(RUN, run=f"r{number}", started_at=f"2026-11-{10 + number}T10:00:00.000Z"), {})
    assert [run.run for run in ledger.history(most=1)] == ["r4"]
    assert [run.run for run in ledger.history("a", most=2)] == ["r4", "r3"]
    ledger.prune(Keep(runs=3), oldest_kept="2026-11-13T00:00:00+00:00")
    site.call("POST", f"/{INDEX}/_refresh")
    assert [run.run for run in ledger.history()] == ["r4", "r3"]


def test_the_mappings_of_a_new_index_are_whole(site: Site) -> None:
    assert read_problems(site.client) is None
    site.ledger().note({"a": OWNED})
    assert not read_problems(site.client)


def test_mappings_that_are_missing_are_put_back(site: Site) -> None:
    site.call("PUT", f"/{INDEX}", {"mappings": {"dynamic": False, "properties": {"kind": {"type": "keyword"}}}})
    problems = read_problems(site.client)
    assert problems
    assert "scope" in problems.missing
    assert problems.wrong == ()
    warnings: list[str] = []
    IndexLedger(site.client, "search", on_warning=warnings.append).prepare()
    assert not read_problems(site.client)
    assert warnings == []


def test_an_index_that_a_heartbeat_made_is_told(site: Site) -> None:
    """Somebody deleted it; the write fails, its lock is lost, and yet it leaves an index with guessed mappings."""
    site.ledger()
    lease = site.lease("one", ttl_s=0.3)
    site.call("DELETE", f"/{INDEX}")
    time.sleep(0.2)
    with pytest.raises(LockLost):
        lease.check()
    problems = read_problems(site.client)
    assert problems
    assert {"kind", "scope"} <= set(problems.wrong)
    warnings: list[str] = []
    IndexLedger(site.client, "search", on_warning=warnings.append).look_at_mappings()
    assert any("mend-the-ledger" in warning for warning in warnings)


def test_a_damaged_or_newer_document_is_the_problem_of_one_endpoint(site: Site) -> None:
    ledger = site.ledger()
    ledger.note({"a": OWNED, "b": OWNED})
    for source, scope in (
        ({"kind": "ownership"}, ""),
        ({"kind": "ownership", "format": 99, "scope": "search"}, "search"),
        ({}, ""),
    ):
        site.call("PUT", f"/{INDEX}/_doc/a?refresh=true", source)
        seen = ledger.view()
        assert seen.owned == {"b": OWNED}
        assert {name: record.scope for name, record in seen.unreadable.items()} == {"a": scope}
        assert f"{INDEX}/a" in seen.unreadable["a"].why


def test_a_ledger_deleted_in_the_middle_is_noticed(site: Site) -> None:
    ledger = site.ledger()
    ledger.start(RUN, {"a": OWNED})
    site.call("DELETE", f"/{INDEX}")
    problems = ledger.note({"a": OWNED})
    assert "removed meanwhile" in problems["a"]


def test_a_read_only_ledger_is_an_error(site: Site) -> None:
    ledger = site.ledger()
    site.call("PUT", f"/{INDEX}/_settings", {"index": {"blocks": {"write": True}}})
    try:
        with pytest.raises(LedgerError, match=INDEX):
            ledger.note({"a": OWNED})
        assert ledger.view().owned == {}
    finally:
        site.call("PUT", f"/{INDEX}/_settings", {"index": {"blocks": {"write": False}}})


def test_one_works_the_other_waits_or_leaves(site: Site) -> None:
    site.ledger()
    lease = site.lease("one")
    lease.start()
    with pytest.raises(LockHeld, match="held by one"):
        site.lease("two")
    lease.check()
    lease.release()
    site.lease("two").release()
    assert site.client.get_document(INDEX, lock_id("search")) is None


def test_a_lock_is_given_back_although_its_heartbeat_never_began(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal can come at any moment of the start of a thread."""
    site.ledger()
    lease = site.lease("one")

    def interrupted(_thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lease.start()
    assert lease.release() == ""
    assert site.client.get_document(INDEX, lock_id("search")) is None


def test_scopes_do_not_wait_for_each_other(site: Site) -> None:
    site.ledger()
    first, second = site.lease("one"), site.lease("two", scope="other")
    first.release()
    second.release()


def test_a_waiter_gets_the_lock_when_it_is_free(site: Site) -> None:
    site.ledger()
    lease = site.lease("one", ttl_s=5)
    lease.start()
    timer = threading.Timer(0.3, lease.release)
    timer.start()
    site.lease("two", ttl_s=5, timeout_s=20).release()
    timer.join()


def test_a_dead_holder_is_replaced_after_its_time_to_live(site: Site) -> None:
    site.ledger()
    dead = site.lease("dead", ttl_s=0.6)  # never started: no heartbeat
    begun_s = time.monotonic()
    heir = site.lease("heir", ttl_s=60, timeout_s=20)
    assert time.monotonic() - begun_s >= 0.6
    with pytest.raises(LockLost):
        dead.check()
    dead.release()
    heir.check()
    heir.release()


def test_a_living_holder_is_never_replaced(site: Site) -> None:
    site.ledger()
    lease = site.lease("one", ttl_s=0.9)
    lease.start()
    with pytest.raises(LockHeld):
        site.lease("two", timeout_s=2.5)
    lease.check()
    lease.release()


def test_a_holder_notices_that_it_was_replaced(site: Site) -> None:
    site.ledger()
    lease = site.lease("one", ttl_s=0.3)
    heard = threading.Event()
    lease.lost = heard.set
    document = site.client.get_document(INDEX, lock_id("search"))
    assert document is not None
    site.client.index_document(
        INDEX, document.id, {**document.source, "run": "thief"}, if_seq_no=document.seq_no,
        if_primary_term=document.primary_term,
    )  # fmt: skip
    lease.start()
    assert heard.wait(5)
    with pytest.raises(LockLost):
        lease.check()
    lease.release()
    assert site.client.get_document(INDEX, document.id) is not None  # the thief's lock stays
    site.call("DELETE", f"/{INDEX}/_doc/{document.id}")


def test_a_stale_sequence_number_is_refused_by_the_cluster(site: Site) -> None:
    site.ledger()
    written = site.client.create_document(INDEX, "x", {"kind": "none"})
    fence: dict[str, Any] = {"if_seq_no": written.seq_no, "if_primary_term": written.primary_term}
    site.client.index_document(INDEX, "x", {"kind": "none"}, **fence)
    with pytest.raises(Conflict):
        site.client.index_document(INDEX, "x", {"kind": "none"}, **fence)
