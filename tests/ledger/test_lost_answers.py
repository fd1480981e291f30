"""A cluster whose answers to the ledger's writes are lost, cut short or partly no: nothing is taken for noted that is not,
and nothing that is there is given up.

An answer is lost in two ways: before the write happened, or after. Both are tried wherever something is written.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import AT_ONCE, Cut, Emulated, Reply, reply
from tests.factories import changed, holder, owned, run_record, step_record

from inferctl.errors import LedgerError, LockHeld, LockLost
from inferctl.ledger import lock
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.lock import Lease, acquire
from inferctl.ledger.records import INDEX, SALT_ID, lock_document, lock_id, ownership_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.request import Request, Response

OWNED = owned("team", declared={"service": "openai"})
MOVED = owned("team", declared={"service": "cohere"})
RUN = run_record(scope="team", planned={"a": "create"})
ENDED = changed(RUN, ended_at="2026-01-02", exit_code=0, results=(step_record(),))
# The index is there in each test.
pytestmark = pytest.mark.usefixtures("ledger")
HAPPENED = pytest.mark.parametrize("happened", [True, False], ids=["after it happened", "before it happened"])


@pytest.fixture
def emulated() -> Emulated:
    return Emulated()


@pytest.fixture
def ledger(emulated: Emulated) -> IndexLedger:
    made = IndexLedger(emulated.client, "team", "r1")
    made.prepare()
    emulated.sent.clear()
    return made


def lose(emulated: Emulated, part: str, *, happened: bool, times: int = 1) -> None:
    """The next answers to requests with `part` in "METHOD target" do not arrive."""
    left = [times]

    def lost(method: str, target: str) -> bool:
        hit = part in f"{method} {target}" and left[0] > 0
        left[0] -= hit
        return hit

    def before(method: str, target: str) -> None:
        if not happened and lost(method, target):
            raise Cut

    def after(method: str, target: str, answer: Reply) -> Reply:
        if happened and lost(method, target):
            raise Cut
        return answer

    emulated.override, emulated.after = before, after


def instead(emulated: Emulated, part: str, action: Callable[[], Reply | None]) -> None:
    """Before the next request with `part` in it, somebody else acts; what the action returns is the answer."""
    left = [1]

    def before(method: str, target: str) -> Reply | None:
        if part not in f"{method} {target}" or not left[0]:
            return None
        left[0] = 0
        return action()

    emulated.override = before


def bulks(emulated: Emulated) -> int:
    return sum("_bulk" in line for line in emulated.sent)


def put(emulated: Emulated, name: str, source: Any) -> None:
    emulated.call("PUT", f"/{INDEX}/_doc/{name}?refresh=true", source)


def seen(emulated: Emulated) -> dict[str, Any]:
    """The ownership that any other run would see."""
    return dict(IndexLedger(emulated.client, "team").view().owned)


@HAPPENED
def test_a_record_whose_answer_was_lost_is_there(emulated: Emulated, ledger: IndexLedger, *, happened: bool) -> None:
    lose(emulated, "_bulk", happened=happened)
    assert ledger.note({"a": OWNED}) == {}
    assert seen(emulated) == {"a": OWNED}
    assert bulks(emulated) == (1 if happened else 2)
    # What was learned by looking fences the next write.
    assert ledger.note({"a": MOVED}) == {}
    assert seen(emulated) == {"a": MOVED}


@HAPPENED
def test_a_removal_whose_answer_was_lost_is_done(emulated: Emulated, ledger: IndexLedger, *, happened: bool) -> None:
    ledger.note({"a": OWNED, "b": OWNED})
    emulated.sent.clear()
    lose(emulated, "_bulk", happened=happened)
    assert ledger.note({"a": None}) == {}
    assert seen(emulated) == {"b": OWNED}
    assert bulks(emulated) == (1 if happened else 2)
    # It is forgotten here too: the next record is a new one.
    assert ledger.note({"a": MOVED}) == {}
    assert seen(emulated) == {"a": MOVED, "b": OWNED}


@HAPPENED
def test_a_change_whose_answer_was_lost_is_done_once(
    emulated: Emulated, ledger: IndexLedger, *, happened: bool
) -> None:
    ledger.note({"a": OWNED})
    lose(emulated, "_bulk", happened=happened)
    assert ledger.note({"a": MOVED}) == {}
    assert seen(emulated) == {"a": MOVED}
    assert ledger.note({"a": OWNED}) == {}
    assert seen(emulated) == {"a": OWNED}


def test_of_a_lost_batch_only_what_is_missing_is_written_again(emulated: Emulated) -> None:
    def half() -> None:
        put(emulated, "a", ownership_document("a", OWNED, run="r1"))
        raise Cut

    instead(emulated, "_bulk", half)
    bodies: list[bytes] = []
    answer = emulated.answer

    def watched(method: str, target: str, headers: Any, body: bytes | None) -> Reply:
        if "_bulk" in target:
            bodies.append(body or b"")
        return answer(method, target, headers, body)

    client = type(emulated.client)("http://emulator.invalid", transport=watched, retry=AT_ONCE)
    ledger = IndexLedger(client, "team", "r1")
    assert ledger.note({"a": OWNED, "b": MOVED}) == {}
    assert seen(emulated) == {"a": OWNED, "b": MOVED}
    assert [next(iter(json.loads(body.splitlines()[0]).values()))["_id"] for body in bodies] == ["a", "b"]
    assert b'"_id":"a"' not in bodies[1]


def test_a_lost_record_that_somebody_else_has_by_now_is_not_ours(emulated: Emulated, ledger: IndexLedger) -> None:
    def taken() -> None:
        put(emulated, "a", ownership_document("a", changed(OWNED, scope="other"), run="r9"))
        raise Cut

    instead(emulated, "_bulk", taken)
    assert ledger.note({"a": OWNED, "b": OWNED}) == {"a": "scope other owns it now"}
    assert {name: record.scope for name, record in seen(emulated).items()} == {"a": "other", "b": "team"}


@HAPPENED
def test_a_run_whose_answer_was_lost_is_noted_and_can_end(
    emulated: Emulated, ledger: IndexLedger, *, happened: bool
) -> None:
    lose(emulated, "_bulk", happened=happened)
    assert ledger.start(RUN, {"a": changed(OWNED, intent="create")}) == {}
    assert ledger.history() == (RUN,)
    lose(emulated, "_bulk", happened=happened)
    assert ledger.finish(ENDED, {"a": OWNED}) == {}
    assert ledger.history() == (ENDED,)
    assert seen(emulated) == {"a": OWNED}
    assert bulks(emulated) == (2 if happened else 4)


@HAPPENED
def test_a_run_without_records_survives_a_lost_answer(
    emulated: Emulated, ledger: IndexLedger, *, happened: bool
) -> None:
    lose(emulated, "_bulk", happened=happened)
    ledger.start(RUN, {})
    lose(emulated, "_bulk", happened=happened)
    ledger.finish(ENDED, {})
    assert ledger.history() == (ENDED,)
    assert bulks(emulated) == (2 if happened else 4)


def refuse_line(emulated: Emulated, inference_id: str, status: int, *, happened: bool, times: int = 1) -> None:
    """The next bulks are answered so for this id. Where it happened, all lines are done; else none, and no other is
    refused.
    """
    left = [times]
    problem = {"_id": inference_id, "status": status, "error": {"type": "t", "reason": "disk is full"}}

    def struck(target: str) -> bool:
        hit = "_bulk" in target and left[0] > 0
        left[0] -= hit
        return hit

    def before(_method: str, target: str) -> Reply | None:
        if happened or not struck(target):
            return None
        lines = [json.loads(line) for line in emulated.last_body.splitlines()]
        actions = [next(iter(line.items())) for line in lines if next(iter(line)) in ("index", "create", "delete")]
        fine = {"status": 200, "_seq_no": 9, "_primary_term": 1}
        return reply(
            200,
            {
                "items": [
                    {operation: problem if meta["_id"] == inference_id else {"_id": meta["_id"], **fine}}
                    for operation, meta in actions
                ]
            },
        )

    def after(_method: str, target: str, answer: Reply) -> Reply:
        if not happened or not struck(target):
            return answer
        items = json.loads(answer[2])["items"]
        return reply(
            200,
            {
                "items": [
                    {operation: problem if item["_id"] == inference_id else item}
                    for entry in items
                    for operation, item in entry.items()
                ]
            },
        )

    emulated.override, emulated.after = before, after


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
@pytest.mark.parametrize("owned_now", [OWNED, None], ids=["written", "removed"])
def test_a_refused_line_of_a_batch_is_an_error(
    emulated: Emulated, ledger: IndexLedger, status: int, owned_now: Any
) -> None:
    """Also one that would pass as a rule, where it never does."""
    ledger.note({"a": MOVED, "b": MOVED})
    refuse_line(emulated, "b", status, happened=False, times=99)
    with pytest.raises(LedgerError, match=r"(?s)record of b .*disk is full"):
        ledger.note({"a": owned_now, "b": owned_now})


def test_a_record_that_is_gone_already_is_removed(emulated: Emulated, ledger: IndexLedger) -> None:
    ledger.note({"a": OWNED})
    emulated.call("DELETE", f"/{INDEX}/_doc/a?refresh=true")
    assert ledger.note({"a": None}) == {}
    assert ledger.note({"a": MOVED}) == {}
    assert seen(emulated) == {"a": MOVED}


def test_a_run_that_could_not_be_noted_is_an_error(emulated: Emulated, ledger: IndexLedger) -> None:
    bad = {"create": {"_id": "run:team:r1", "status": 503, "error": {"type": "t", "reason": "no shard"}}}
    emulated.override = lambda _, target: reply(200, {"items": [bad]}) if "_bulk" in target else None
    with pytest.raises(LedgerError, match=r"run .*no shard"):
        ledger.start(RUN, {})


@pytest.mark.parametrize("part", [{"timed_out": True}, {"_shards": {"total": 2, "successful": 1, "failed": 1}}])
def test_part_of_the_ledger_is_no_ledger(emulated: Emulated, ledger: IndexLedger, part: dict[str, Any]) -> None:
    """Records that were not found would be endpoints without an owner."""
    ledger.start(RUN, {"a": OWNED})

    def shortened(_method: str, target: str, answer: Reply) -> Reply:
        if "_search" not in target:
            return answer
        body = json.loads(answer[2])
        return reply(200, {**body, **part, "hits": {**body["hits"], "hits": []}})

    emulated.after = shortened
    with pytest.raises(LedgerError, match="cannot be read"):
        ledger.view()
    with pytest.raises(LedgerError, match="cannot be read"):
        ledger.history()
    emulated.calm()
    assert seen(emulated) == {"a": OWNED}


def test_a_salt_whose_answer_was_lost_is_the_one_that_is_kept(emulated: Emulated, ledger: IndexLedger) -> None:
    lose(emulated, "PUT", happened=True)
    salt = ledger.make_salt()
    later = IndexLedger(emulated.client, "other")
    later.view()
    assert later.salt == salt
    assert later.make_salt() == salt


def test_of_two_runs_that_make_a_salt_both_use_the_first(emulated: Emulated, ledger: IndexLedger) -> None:
    second = IndexLedger(emulated.client, "team", "r2")
    second.view()
    assert second.make_salt() == ledger.make_salt()


@HAPPENED
def test_a_salt_is_kept_or_there_is_none(emulated: Emulated, ledger: IndexLedger, *, happened: bool) -> None:
    """Fingerprints under a salt that nobody keeps could never be compared again."""
    lose(emulated, f"PUT /{INDEX}/_create/{SALT_ID.replace(':', '%3A')}", happened=happened)
    salt = ledger.make_salt()
    later = IndexLedger(emulated.client, "other")
    later.view()
    assert later.salt == salt


def test_a_salt_that_cannot_be_kept_is_none(emulated: Emulated, ledger: IndexLedger) -> None:
    lose(emulated, f"PUT /{INDEX}/_create/{SALT_ID.replace(':', '%3A')}", happened=False, times=99)
    with pytest.raises(LedgerError):
        ledger.make_salt()
    assert ledger.salt is None
    assert emulated.client.get_document(INDEX, SALT_ID) is None


class Clock:
    """Monotonic seconds that pass only while somebody sleeps. `each` acts at every look."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.each: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds
        assert self.now_s < 10_000, "waits for ever"
        self.each()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lease_of(emulated: Emulated, clock: Clock, who: str, *, timeout_s: float = 0.0, **more: Any) -> Lease:
    return acquire(
        emulated.client, "team", holder(who, run=who), timeout_s=timeout_s, clock=clock, sleep=clock.sleep, **more
    )


def held_by(emulated: Emulated) -> str | None:
    document = emulated.client.get_document(INDEX, lock_id("team"))
    return None if document is None else document.source["run"]


def lock_as(emulated: Emulated, who: str, beats: int = 0) -> None:
    put(emulated, lock_id("team"), lock_document("team", holder(who, run=who, beats=beats)))


@HAPPENED
def test_a_lock_whose_answer_was_lost_is_held(emulated: Emulated, clock: Clock, *, happened: bool) -> None:
    lose(emulated, "_create", happened=happened)
    lease = lease_of(emulated, clock, "one", timeout_s=5)
    assert held_by(emulated) == "one"
    lease.check()
    with pytest.raises(LockHeld, match="held by one"):
        lease_of(emulated, clock, "two")
    lease.release()
    assert held_by(emulated) is None


def test_a_lost_answer_gives_nobody_elses_lock(emulated: Emulated, clock: Clock) -> None:
    lock_as(emulated, "other")
    lose(emulated, "_create", happened=False)
    with pytest.raises(LockHeld, match="held by other"):
        lease_of(emulated, clock, "one")
    assert held_by(emulated) == "other"


@HAPPENED
def test_a_take_over_whose_answer_was_lost_is_held(emulated: Emulated, clock: Clock, *, happened: bool) -> None:
    lock_as(emulated, "dead")
    lose(emulated, f"PUT /{INDEX}/_doc", happened=happened)
    lease = lease_of(emulated, clock, "heir", timeout_s=500)
    assert held_by(emulated) == "heir"
    assert clock.now_s >= 1_060
    lease.check()
    lease.release()
    assert held_by(emulated) is None


def test_a_take_over_is_refused_when_the_holder_lives_after_all(emulated: Emulated, clock: Clock) -> None:
    """It beats between the last look and the take-over, and never again: a whole time to live is waited once more."""
    lock_as(emulated, "slow")
    instead(emulated, f"PUT /{INDEX}/_doc", lambda: lock_as(emulated, "slow", beats=1))
    lease_of(emulated, clock, "heir", timeout_s=500)
    assert held_by(emulated) == "heir"
    assert clock.now_s >= 1_120


def test_a_release_does_not_wait_for_the_heartbeat_of_a_write(
    emulated: Emulated, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that nobody waited for: its call can hang for as long as it likes."""
    monkeypatch.setattr(lock, "_RELEASE_S", 0.01)
    lease = lease_of(emulated, clock, "one")
    under_way, let_go = threading.Event(), threading.Event()

    def guide(request: Request, send: Callable[[], Response]) -> Response:
        under_way.set()
        let_go.wait(10)
        return send()

    lease.client = lease.client.guided(guide)
    clock.now_s += lease.holder.ttl_s
    write = threading.Thread(target=lease.check)
    write.start()
    under_way.wait(10)
    try:
        assert lease.release() == "a heartbeat is still under way"
    finally:
        let_go.set()
        write.join()


def test_of_two_heirs_one_gets_the_lock(emulated: Emulated, clock: Clock) -> None:
    lock_as(emulated, "dead")
    instead(emulated, f"PUT /{INDEX}/_doc", lambda: lock_as(emulated, "quicker"))
    with pytest.raises(LockHeld, match="held by quicker"):
        lease_of(emulated, clock, "slower", timeout_s=90)
    assert held_by(emulated) == "quicker"


def test_a_holder_that_beats_is_waited_for_until_the_end(emulated: Emulated, clock: Clock) -> None:
    beats = [0]

    def beat() -> None:
        beats[0] += 1
        lock_as(emulated, "alive", beats=beats[0])

    beat()
    clock.each = beat
    with pytest.raises(LockHeld, match="held by alive"):
        lease_of(emulated, clock, "two", timeout_s=300)
    assert 1_300 <= clock.now_s <= 1_302


def test_a_waiter_is_told_once_for_whom_it_waits(emulated: Emulated, clock: Clock) -> None:
    lock_as(emulated, "one")
    heard: list[str] = []

    def freed() -> None:
        if clock.now_s > 1_010:
            emulated.call("DELETE", f"/{INDEX}/_doc/{lock_id('team')}")
            clock.each = lambda: None

    clock.each = freed
    lease_of(emulated, clock, "two", timeout_s=50, waiting=lambda other: heard.append(other.who))
    assert heard == ["one"]
    assert 1_010 < clock.now_s < 1_013  # it looks every two seconds


def test_who_does_not_wait_is_told_nothing(emulated: Emulated, clock: Clock) -> None:
    lock_as(emulated, "one")
    heard: list[str] = []
    with pytest.raises(LockHeld, match=r"held by one, run one\. .*more than 60 s"):
        lease_of(emulated, clock, "two", waiting=lambda other: heard.append(other.who))
    assert heard == []
    assert clock.now_s == 1_000


@HAPPENED
def test_a_heartbeat_whose_answer_was_lost_keeps_the_lock(emulated: Emulated, clock: Clock, *, happened: bool) -> None:
    lease = lease_of(emulated, clock, "one")
    lease.check()
    for _ in range(3):
        clock.now_s += 40
        lose(emulated, f"PUT /{INDEX}/_doc", happened=happened)
        lease.check()
    sent = len(emulated.sent)
    lease.check()  # known for less than half a time to live: nothing is asked
    assert len(emulated.sent) == sent
    lease.release()
    assert held_by(emulated) is None


def test_a_lock_that_was_just_taken_is_known_to_be_ours(emulated: Emulated, clock: Clock) -> None:
    lease = lease_of(emulated, clock, "one")
    lease.start()
    emulated.sent.clear()
    lease.check()
    clock.now_s += 29
    lease.check()
    assert emulated.sent == []
    clock.now_s += 1
    lease.check()
    assert [line.partition(" ")[0] for line in emulated.sent] == ["PUT"]
    lease.release()


@pytest.mark.parametrize("times", [1, 2])
def test_a_lock_is_as_old_as_the_write_that_took_it(emulated: Emulated, clock: Clock, times: int) -> None:
    """Its answer was long in coming, or never came: to a waiter the lock is that old, so nothing is sent without a look."""
    left = [times]

    def late(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT" and left[0]:
            left[0] -= 1
            clock.now_s += 31
            if left[0]:
                raise Cut
        return answer

    emulated.after = late
    lease = lease_of(emulated, clock, "one", timeout_s=500)
    lease.start()
    emulated.calm()
    emulated.sent.clear()
    lease.check()
    assert emulated.sent[:1] == [line for line in emulated.sent if line.startswith("PUT")][:1] != []
    lease.release()


def test_a_lost_heartbeat_shows_who_has_the_lock_now(emulated: Emulated, clock: Clock) -> None:
    lease = lease_of(emulated, clock, "one")
    heard: list[str] = []
    lease.lost = lambda: heard.append("lost")

    def stolen() -> None:
        lock_as(emulated, "thief")
        raise Cut

    clock.now_s += 40
    instead(emulated, f"PUT /{INDEX}/_doc", stolen)
    for _ in range(2):
        with pytest.raises(LockLost, match="another run may be at work"):
            lease.check()
    assert heard == ["lost"]
    lease.release()
    assert held_by(emulated) == "thief"


def test_a_lock_that_was_removed_is_lost(emulated: Emulated, clock: Clock) -> None:
    lease = lease_of(emulated, clock, "one")
    clock.now_s += 40
    emulated.call("DELETE", f"/{INDEX}/_doc/{lock_id('team')}")
    with pytest.raises(LockLost):
        lease.check()
    assert held_by(emulated) is None


@pytest.mark.parametrize("look", ["answered", "lost too"])
def test_a_heartbeat_that_fails_for_a_while_stops_the_run_and_not_the_lock(
    emulated: Emulated, clock: Clock, look: str
) -> None:
    """Nothing is sent while it is not known whose the lock is; when the cluster answers again it still is ours."""
    lease = lease_of(emulated, clock, "one")
    lease.lost = lambda: pytest.fail("it was not lost")
    lease.check()

    def failing(method: str, _target: str) -> Reply | None:
        if look == "lost too":
            raise Cut
        return reply(503, {"error": {"type": "t", "reason": "no"}, "status": 503}) if method == "PUT" else None

    emulated.override = failing
    clock.now_s += 29
    lease.check()
    clock.now_s += 1
    with pytest.raises(LockLost, match="could not be renewed in time"):
        lease.check()
    emulated.calm()
    lease.check()
    lease.release()
    assert held_by(emulated) is None


def test_a_lock_is_released_once_and_without_a_word(emulated: Emulated, clock: Clock) -> None:
    lease = lease_of(emulated, clock, "one")
    emulated.override = lambda method, _target: reply(500, {"error": "x"}) if method == "DELETE" else None
    lease.release()
    assert held_by(emulated) == "one"  # its time to live frees it
    emulated.calm()
    lease.release()
    assert held_by(emulated) == "one"
    with pytest.raises(LockLost):
        lease.check()


def test_without_a_fault_each_write_is_one_bulk(emulated: Emulated, ledger: IndexLedger) -> None:
    ledger.start(RUN, {"a": changed(OWNED, intent="create")})
    ledger.note({"a": OWNED})
    ledger.note({"a": None, "never noted": None})
    ledger.finish(ENDED, {"b": MOVED})
    assert [line.partition("?")[0] for line in emulated.writes] == [f"POST /{INDEX}/_bulk"] * 4
    assert seen(emulated) == {"b": MOVED}
    assert ledger.note({"never noted": None}) == {}
    assert bulks(emulated) == 4


def test_a_record_that_somebody_removed_is_told_once_and_can_be_made_again(
    emulated: Emulated, ledger: IndexLedger
) -> None:
    ledger.note({"a": OWNED})
    emulated.call("DELETE", f"/{INDEX}/_doc/a?refresh=true")
    assert "removed meanwhile" in ledger.note({"a": MOVED})["a"]
    assert ledger.note({"a": MOVED}) == {}
    assert seen(emulated) == {"a": MOVED}


def test_a_record_that_is_damaged_meanwhile_is_told_and_the_others_are_noted(
    emulated: Emulated, ledger: IndexLedger
) -> None:
    ledger.note({"a": OWNED, "b": OWNED})
    put(emulated, "a", {"kind": "ownership"})
    problems = ledger.note({"a": MOVED, "b": MOVED})
    assert list(problems) == ["a"]
    assert "cannot be read" in problems["a"]
    assert seen(emulated) == {"b": MOVED}
