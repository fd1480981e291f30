"""Every write of the ledger meets every kind of lost or unclear answer, before and after the cluster did it.

Once: all comes out as without it, and nothing is done twice. Until the end: an error within bounds, which claims nothing
that is not so, and when the cluster is well again the next run goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Cut, Emulated, Reply, reply
from tests.factories import changed, holder, owned, run_record, step_record

from inferctl.errors import InferctlError, LockLost
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.lock import acquire
from inferctl.ledger.records import INDEX, SALT_ID, lock_document, lock_id, read_ownership
from inferctl.ledger.repair import carry_out, find_repair

if TYPE_CHECKING:
    from collections.abc import Callable

OWNED = owned("team", declared={"service": "openai"})
MOVED = owned("team", declared={"service": "cohere"})
RUN = run_record(scope="team", planned={"a": "create"})
ENDED = changed(RUN, ended_at="2026-01-02", exit_code=0, results=(step_record(),))
HTML = (404, {"content-type": "text/html"}, b"<html><body>404 page not found</body></html>")


def _status(status: int, **headers: str) -> Callable[[Reply], Reply]:
    body = json.dumps({"error": {"type": "status_exception", "reason": "no"}, "status": status}).encode()
    return lambda _answer: (status, {"X-elastic-product": "Elasticsearch", **headers}, body)


def _cut(_answer: Reply) -> Reply:
    raise Cut


def _instead(answer: Reply) -> Callable[[Reply], Reply]:
    return lambda _answer: answer


# What the client sees in the place of the answer.
KINDS: dict[str, Callable[[Reply], Reply]] = {
    "cut": _cut,
    "408": _status(408),
    "429": _status(429),
    "429 with Retry-After": _status(429, **{"retry-after": "1"}),
    "500": _status(500),
    "502": _status(502),
    "503": _status(503),
    "503 with Retry-After": _status(503, **{"retry-after": "1"}),
    "504": _status(504),
    "502 page": _instead((502, {"content-type": "text/html"}, b"<html>bad gateway</html>")),
    "404 page": _instead(HTML),
    "409 page": _instead((409, {"content-type": "text/html"}, b"<html>conflict</html>")),
    "redirect": _instead((302, {"location": "https://elsewhere.example/"}, b"")),
    "broken off": lambda answer: (answer[0], answer[1], answer[2][: len(answer[2]) // 2]),
    "not JSON": _instead((200, {"content-type": "text/plain"}, b"OK")),
    "empty": _instead((200, {}, b"")),
    "another shape": _instead(reply(200, {})),
    "a list": _instead(reply(200, [])),
    "another document": _instead(
        reply(200, {"_id": "other", "result": "created", "_seq_no": 1, "_primary_term": 1, "items": []})
    ),
}


class Clock:
    """Monotonic seconds that pass while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds
        assert self.now_s < 2_000, "waits for ever"


@dataclass
class World:
    """A cluster with a ledger, and a run of ours on it."""

    emulated: Emulated = field(default_factory=Emulated)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.ledger = self.other()
        self.ledger.prepare()

    def other(self) -> IndexLedger:
        return IndexLedger(self.emulated.client, "team", "r1", sleep=self.clock.sleep)

    def lease(self, who: str = "one", timeout_s: float = 0.0) -> Any:
        made = holder(who, run=who)
        return acquire(
            self.emulated.client, "team", made, timeout_s=timeout_s, clock=self.clock, sleep=self.clock.sleep
        )

    def document(self, name: str) -> Any:
        held = self.emulated.cluster.indices[INDEX].documents.get(name)
        return None if held is None else held.source

    def record(self, name: str) -> Any:
        source = self.document(name)
        return None if source is None else read_ownership(name, source, seq_no=0, primary_term=0).owned

    def runs(self) -> Any:
        return self.other().history()

    def holder(self) -> str | None:
        source = self.document(lock_id("team"))
        return None if source is None else source["run"]


@dataclass(frozen=True)
class Call:
    """`prepare` answers what is done while the answers go astray; `is_done` looks at the cluster."""

    part: str
    prepare: Callable[[World], Callable[[], object]]
    is_done: Callable[[World], bool]


def _claim(world: World) -> Callable[[], object]:
    return lambda: _none(world.ledger.start(RUN, {"a": changed(OWNED, intent="create"), "b": OWNED}))


def _settle(world: World) -> Callable[[], object]:
    world.ledger.note({"a": OWNED})
    return lambda: _none(world.ledger.note({"a": MOVED, "b": OWNED}))


def _remove(world: World) -> Callable[[], object]:
    world.ledger.note({"a": OWNED, "b": OWNED})
    return lambda: _none(world.ledger.note({"a": None}))


def _finish(world: World) -> Callable[[], object]:
    world.ledger.start(RUN, {"a": OWNED})
    return lambda: _none(world.ledger.finish(ENDED, {"a": MOVED}))


def _beat(world: World) -> Callable[[], object]:
    lease = world.lease()

    def beat() -> None:
        world.clock.now_s += 40
        lease.check()

    return beat


def _take_over(world: World) -> Callable[[], object]:
    dead = lock_document("team", holder("dead", run="dead"))
    world.emulated.call("PUT", f"/{INDEX}/_doc/{lock_id('team')}", dead)
    return lambda: world.lease("heir", 200.0)


def _repair(source: dict[str, Any]) -> Callable[[World], Callable[[], object]]:
    def prepare(world: World) -> Callable[[], object]:
        world.emulated.call("PUT", f"/{INDEX}/_doc/x", source)
        repair = find_repair(world.emulated.client, "x")
        assert repair is not None

        def act() -> None:
            assert carry_out(world.emulated.client, repair, "r1", world.clock.sleep)

        return act

    return prepare


def _none(problems: object) -> None:
    assert problems == {}


LOCK = f"PUT /{INDEX}/_doc/lock"
CALLS: dict[str, Call] = {
    "claim": Call(
        "_bulk",
        _claim,
        lambda w: w.runs() == (RUN,) and (w.record("a"), w.record("b")) == (changed(OWNED, intent="create"), OWNED),
    ),
    "bulk": Call("_bulk", _settle, lambda w: (w.record("a"), w.record("b")) == (MOVED, OWNED)),
    "removal": Call("_bulk", _remove, lambda w: (w.record("a"), w.record("b")) == (None, OWNED)),
    "run document": Call("_bulk", _finish, lambda w: w.runs() == (ENDED,) and w.record("a") == MOVED),
    "lock": Call(f"PUT /{INDEX}/_create/lock", lambda w: w.lease, lambda w: w.holder() == "one"),
    "take-over": Call(LOCK, _take_over, lambda w: w.holder() == "heir"),
    "heartbeat": Call(LOCK, _beat, lambda w: w.holder() == "one" and w.document(lock_id("team"))["beats"] == 1),
    "release": Call(f"DELETE /{INDEX}/_doc/lock", lambda w: w.lease().release, lambda w: w.holder() is None),
    "salt": Call(
        f"PUT /{INDEX}/_create/salt",
        lambda w: w.ledger.make_salt,
        lambda w: w.document(SALT_ID)["salt"] == w.ledger.make_salt().reveal(),
    ),
    "repair": Call(
        f"PUT /{INDEX}/_doc/x",
        _repair({"kind": "ownership", "format": 1, "scope": "team", "secrets": {}}),
        lambda w: w.record("x").intent == "create",
    ),
    "repair by removal": Call(f"DELETE /{INDEX}/_doc/x", _repair({"x": 1}), lambda w: w.document("x") is None),
    "index": Call(
        f"PUT /{INDEX}",
        lambda w: _without_index(w).prepare,
        lambda w: w.emulated.cluster.indices[INDEX].mappings["properties"]["kind"]["type"] == "keyword",
    ),
}


def _without_index(world: World) -> IndexLedger:
    world.emulated.call("DELETE", f"/{INDEX}")
    return world.ledger


def strike(emulated: Emulated, part: str, kind: str, *, happened: bool, times: int) -> None:
    """The next answers to requests that begin with, or hold, `part` are replaced."""
    left = [times]

    def struck(method: str, target: str) -> bool:
        hit = part in f"{method} {target}" and left[0] > 0
        left[0] -= hit
        return hit

    def before(method: str, target: str) -> Reply | None:
        return None if happened or not struck(method, target) else KINDS[kind](reply(200, {"ok": True}))

    def after(method: str, target: str, answer: Reply) -> Reply:
        return KINDS[kind](answer) if happened and struck(method, target) else answer

    emulated.override, emulated.after = before, after


@pytest.mark.parametrize("happened", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_one_lost_answer_makes_no_difference(name: str, kind: str, *, happened: bool) -> None:
    world, call = World(), CALLS[name]
    act = call.prepare(world)
    strike(world.emulated, call.part, kind, happened=happened, times=1)
    act()
    world.emulated.calm()
    assert call.is_done(world)
    # And once more without any fault: what was learned by looking fences the next write.
    if name in ("claim", "bulk", "run document"):
        _none(world.ledger.note({"a": OWNED, "b": MOVED}))
        assert (world.record("a"), world.record("b")) == (OWNED, MOVED)


@pytest.mark.parametrize("happened", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_answers_that_are_always_lost_end(name: str, kind: str, *, happened: bool) -> None:
    """With an error, or well: where the write was done, a look can say so."""
    world, call = World(), CALLS[name]
    act = call.prepare(world)
    world.emulated.sent.clear()
    strike(world.emulated, call.part, kind, happened=happened, times=10_000)
    try:
        act()
    except InferctlError:
        failed = True
    else:
        failed = False
    assert len(world.emulated.sent) < 300
    world.emulated.calm()
    if name == "release":
        assert not failed  # its time to live frees it
    elif happened:
        assert call.is_done(world)
    else:
        assert failed
    _none(world.other().start(changed(RUN, run="r2"), {"z": OWNED}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_heartbeat_that_is_never_done_is_none(kind: str) -> None:
    """A waiter watches the document: while it stands still, the lock is not known to be ours."""
    world = World()
    lease = world.lease()
    strike(world.emulated, LOCK, kind, happened=False, times=10_000)
    world.clock.now_s += 40
    with pytest.raises(LockLost):
        lease.check()
    world.emulated.calm()
    lease.check()
    assert world.document(lock_id("team"))["beats"] == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize("happened", [True, False], ids=["after", "before"])
def test_one_line_that_was_unclear_makes_no_difference(status: int, *, happened: bool) -> None:
    world = World()
    world.ledger.note({"a": OWNED})
    left = [1]

    def answer(_method: str, target: str, real: Reply) -> Reply:
        if "_bulk" not in target or not left[0]:
            return real
        left[0] = 0
        items = json.loads(real[2])["items"]
        items[0]["index"] = {"_id": "a", "status": status, "error": {"type": "t", "reason": "r"}}
        if not happened:
            world.emulated.call("PUT", f"/{INDEX}/_doc/a", before)
        return reply(200, {"items": items})

    before = world.document("a")
    world.emulated.after = answer
    problems = world.ledger.note({"a": MOVED, "b": OWNED})
    world.emulated.calm()
    assert world.record("b") == OWNED
    # The document was put back by a write, which moved it on: that is told, never overwritten.
    assert (problems, world.record("a")) == (({}, MOVED) if happened else (problems, OWNED))
    assert ("a" in problems) is not happened
