"""Documents that somebody else wrote into the ledger, and a cluster that answers each write with no."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from tests.emulated import Cut, Emulated, reply
from tests.factories import changed, holder, owned, run_record, step_record

from inferctl.emulator.documents import write
from inferctl.errors import LedgerError, LockHeld, UnexpectedAnswer
from inferctl.json_types import canonical
from inferctl.ledger.contents import PAGE
from inferctl.ledger.fenced import TRIES
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.lock import acquire
from inferctl.ledger.records import (
    INDEX,
    FieldRecord,
    lock_document,
    ownership_document,
    read_lock,
    read_ownership,
    read_run,
    read_salt,
    run_document,
    salt_document,
)
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

OWNED = owned(
    "team",
    declared={"service": "openai"},
    protect=("delete",),
    secrets={"service_settings.api_key": {}},
    intent="create",
)
HOLDER = holder("ci", run_url="https://ci/1", since="2026-01-01", beats=3)
RUN = run_record(
    scope="team",
    commit="c",
    run_url="u",
    ended_at="2026-01-02",
    exit_code=4,
    planned={"a": "create, ready"},
    results=(
        step_record(
            detail="d",
            fields=(FieldRecord("x.y", 1, [2]), FieldRecord("z", after=None), FieldRecord("k", "", secret=True)),
            left_out=3,
        ),
    ),
)
KINDS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], Any], Any]] = {
    "ownership": (
        ownership_document("a", OWNED, run="r1"), lambda found: read_ownership("a", found, seq_no=1, primary_term=1).owned, OWNED,
    ),
    "lock": (lock_document("team", HOLDER), lambda found: read_lock("lock:team", found), HOLDER),
    "run": (run_document(RUN), lambda found: read_run("run:team:r1", found), RUN),
    "salt": ({**salt_document(Secret("s")), "salt": "s"}, lambda found: read_salt("salt:fingerprints", found), Secret("s")),
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.sampled_from(["delete", 10**300, float("inf")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read(kind: str) -> None:
    document, read, value = KINDS[kind]
    assert read(document) == value


WRITERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "ownership": lambda found: ownership_document("a", found, run="r1"),
    "lock": lambda found: lock_document("team", found),
    "run": run_document,
    "salt": lambda found: {**salt_document(found), "salt": found.reveal()},
}
BESIDE = {("ownership", "run"), ("lock", "scope")}  # written for people and searches; nobody reads them


@st.composite
def changed_documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A document with one key gone, or with another value: mostly one of the kind of what stood there."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    document = KINDS[kind][0]
    name = draw(st.sampled_from(sorted(document)))
    if draw(st.integers(0, 9)) == 0:
        return kind, {key: value for key, value in document.items() if key != name}
    known = [value for other, _, _ in KINDS.values() for value in other.values()]
    alike = [value for value in known if type(value) is type(document[name])]
    numbers = st.sampled_from([True, "1", 1.0])
    same_kind = {str: st.text(max_size=5), int: st.integers(0, 9) | numbers, float: st.floats(0.5, 90_000) | numbers}
    values = st.one_of(st.sampled_from(alike), same_kind.get(type(document[name]), st.sampled_from(alike)), JSON)
    return kind, {**document, name: draw(values)}


@given(changed_documents())
def test_a_changed_document_is_damaged_or_means_what_it_says(changed: tuple[str, dict[str, Any]]) -> None:
    """What is read from it and written again is the same."""
    kind, document = changed
    try:
        found = KINDS[kind][1](document)
    except LedgerError:
        event("damaged")
        return
    event("read")
    written = WRITERS[kind](found)
    for name, value in document.items():
        if (kind, name) in BESIDE:
            continue
        if name == "protect":
            assert written[name] == sorted(set(value))
        elif name == "results":
            assert {step: {key: told[key] for key in value[step]} for step, told in written[name].items()} == value
        else:
            assert canonical(written[name]) == canonical(value)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [("ownership", "protect", "delete"), ("ownership", "protect", None), ("ownership", "scope", None), ("ownership", "intent", None),
     ("ownership", "kind", "run"), ("ownership", "inference_id", "b"), ("ownership", "format", -1), ("lock", "ttl_s", 0), ("lock", "ttl_s", -5),
     ("lock", "ttl_s", float("nan")), ("lock", "ttl_s", float("inf")), ("lock", "ttl_s", "60"), ("lock", "beats", float("inf")), ("run", "exit_code", float("inf")),
     ("run", "exit_code", True), ("run", "planned", {"a": 1}), ("run", "results", {"a": {}}), ("salt", "salt", ""), ("salt", "kind", "ownership")],
)  # fmt: skip
def test_no_damage_passes_for_a_value(kind: str, key: str, value: Any) -> None:
    document, read, _ = KINDS[kind]
    with pytest.raises(LedgerError, match=rf"no ledger document \(wrong or missing: {key}\)"):
        read({**document, key: value})


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_named_and_never_quoted(kind: str) -> None:
    document, read, value = KINDS[kind]
    assert read({**document, "later": "canary-5d1e"}) == value
    may_miss = {
        "lock": {"scope", "run_url", "since"},
        "run": {"commit", "run_url", "ended_at", "inference_id"},
        "ownership": {"run", "unwell"},
    }
    for key in document.keys() - may_miss.get(kind, set()):
        with pytest.raises(LedgerError, match=rf"wrong or missing: {key}\)"):
            read({name: kept for name, kept in document.items() if name != key})
        with pytest.raises(LedgerError, match=rf"wrong or missing: {key}\)") as caught:
            read({**document, key: [{"canary-5d1e": "canary-5d1e"}]})
        assert caught.value.__context__ is caught.value.__cause__ is None
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("kind", "key"), [("lock", "run_url"), ("lock", "since"), ("run", "commit"), ("run", "run_url"), ("run", "ended_at")])  # fmt: skip
def test_what_is_only_told_may_be_missing(kind: str, key: str) -> None:
    document, read, value = KINDS[kind]
    assert read({name: kept for name, kept in document.items() if name != key}) == changed(value, **{key: ""})


@pytest.mark.parametrize("name", [".elser", "*", "a,b", "a/b", "_all", "A", "", "a\n", "lock:team", "a\u202e"])
def test_a_record_of_what_is_no_endpoint_is_damaged(name: str) -> None:
    with pytest.raises(LedgerError):
        read_ownership(name, ownership_document(name, OWNED, run="r"), seq_no=1, primary_term=1)


def ledger_with(records: dict[str, Any] | None = None) -> tuple[Emulated, IndexLedger]:
    emulated = Emulated()
    ledger = IndexLedger(emulated.client, "team", "r1")
    ledger.prepare()
    for name, document in (records or {}).items():
        emulated.call("PUT", f"/{INDEX}/_doc/{name}?refresh=true", document)
    return emulated, ledger


def refused() -> Callable[[str, str], Any]:
    operations = iter(["create", "index", "index"])

    def answer(_method: str, target: str) -> Any:
        if "_bulk" not in target:
            return None
        return reply(
            200, {"items": [{next(operations): {"_id": "a", "status": 409, "error": {"type": "x", "reason": "y"}}}]}
        )

    return answer


def test_an_endless_conflict_ends() -> None:
    emulated, ledger = ledger_with({"a": ownership_document("a", OWNED, run="r0")})
    emulated.override = refused()
    first = ledger.note(
        {"a": changed(OWNED, declared={"service": "cohere"})}
    )  # the record is unknown to this ledger, so it is created, and refused
    assert "changed meanwhile" in first["a"]
    assert sum("_bulk" in line for line in emulated.sent) == 2


def test_answers_that_are_always_lost_end() -> None:
    emulated, ledger = ledger_with()

    def cut(_method: str, target: str) -> None:
        if "_bulk" in target:
            raise Cut

    emulated.override = cut
    with pytest.raises(LedgerError):
        ledger.note({"a": OWNED})
    assert sum("_bulk" in line for line in emulated.sent) == TRIES


@pytest.mark.parametrize("timeout_s", [0.0, 5.0])
def test_a_lock_that_is_taken_and_held_by_nobody_ends(timeout_s: float) -> None:
    emulated, _ = ledger_with()
    now = [0.0]

    def sleep(seconds: float) -> None:
        assert seconds > 0
        now[0] += seconds

    def answer(method: str, target: str) -> Any:
        if "_create" in target:
            return reply(409, {"error": {"type": "version_conflict_engine_exception", "reason": "no"}, "status": 409})
        return reply(404, {"_id": "lock:team", "found": False}) if method == "GET" else None

    emulated.override = answer
    with pytest.raises(LockHeld):
        acquire(emulated.client, "team", HOLDER, timeout_s=timeout_s, clock=lambda: now[0], sleep=sleep)
    assert len(emulated.sent) < 2_000


def test_a_damaged_lock_is_neither_held_nor_taken() -> None:
    emulated, _ = ledger_with({"lock:team": {**lock_document("team", HOLDER), "ttl_s": -1}})
    with pytest.raises(LedgerError, match="no ledger document"):
        acquire(emulated.client, "team", HOLDER, timeout_s=1, clock=lambda: 0.0, sleep=lambda _: None)
    shown = emulated.call("GET", f"/{INDEX}/_doc/lock:team")
    assert json.dumps(shown["_source"]["ttl_s"]) == "-1"


def test_a_ledger_of_many_pages_is_read_whole_while_it_is_written() -> None:
    """What is written between two pages is met again, in its newer form, and nothing is passed by."""
    emulated, ledger = ledger_with()
    names = [f"e{number:05d}" for number in range(2 * PAGE + 7)]
    index = emulated.cluster.indices[INDEX]
    for name in names:
        write(index, name, ownership_document(name, OWNED, run="r0"))
    moved = changed(OWNED, declared={"service": "cohere"})
    pages = [0]

    def rewrite(_method: str, target: str, answer: Any) -> Any:
        if "_search" in target:
            pages[0] += 1
            for name in (names[0], names[-1]) if pages[0] == 1 else ():
                write(index, name, ownership_document(name, moved, run="r9"))
        return answer

    emulated.after = rewrite
    seen = ledger.view()
    assert pages[0] == 3
    assert seen.owned.keys() == set(names)
    assert {name for name, record in seen.owned.items() if record == moved} == {names[0], names[-1]}


@pytest.mark.parametrize("part", ["_search", "_field_caps", "_doc/lock"])
def test_a_ledger_is_absent_only_where_the_cluster_says_so(part: str) -> None:
    """The 404 of a proxy would make all that is ours nobody's, and a held lock free."""
    emulated, ledger = ledger_with({"a": ownership_document("a", OWNED, run="r0")})
    lock = lock_document("team", HOLDER)
    emulated.call("PUT", f"/{INDEX}/_doc/lock:team", lock)
    page = (404, {"content-type": "text/html"}, b"<html>404 page not found</html>")
    emulated.override = lambda method, target: page if method == "GET" and part in target else None
    who = holder("two", run="two")
    ask: dict[str, Callable[[], object]] = {
        "_search": ledger.view,
        "_field_caps": ledger.prepare,
        "_doc/lock": lambda: acquire(
            emulated.client, "team", who, timeout_s=1, clock=lambda: 0.0, sleep=lambda _: None
        ),
    }
    with pytest.raises((LedgerError, UnexpectedAnswer)):
        ask[part]()
    emulated.calm()
    assert emulated.call("GET", f"/{INDEX}/_doc/lock:team")["_source"] == lock


def test_a_page_that_comes_again_is_an_error() -> None:
    """Something in between keeps answers: a ledger that is never read to its end is none."""
    emulated, ledger = ledger_with()
    for number in range(PAGE):
        write(emulated.cluster.indices[INDEX], f"e{number}", ownership_document(f"e{number}", OWNED, run="r0"))
    kept: list[Any] = []

    def keep(_method: str, target: str, answer: Any) -> Any:
        if "_search" in target:
            kept.append(answer)
            return kept[0]
        return answer

    emulated.after = keep
    with pytest.raises(LedgerError, match="same page"):
        ledger.view()


def test_a_ledger_that_goes_between_two_pages_is_an_error() -> None:
    emulated, ledger = ledger_with()
    for number in range(PAGE):
        write(emulated.cluster.indices[INDEX], f"e{number}", ownership_document(f"e{number}", OWNED, run="r0"))

    def remove(_method: str, target: str, answer: Any) -> Any:
        if "_search" in target:
            emulated.cluster.indices.pop(INDEX, None)
        return answer

    emulated.after = remove
    with pytest.raises(LedgerError, match="cannot be read"):
        ledger.view()


def test_many_documents_of_no_endpoint_are_counted() -> None:
    emulated, ledger = ledger_with()
    for number in range(15):
        write(emulated.cluster.indices[INDEX], f"note:{number:02d}", {"kind": "note"})
    seen = ledger.view()
    assert (seen.owned, seen.unreadable) == ({}, {})
    assert len(seen.warnings) == 11
    assert "5 more" in seen.warnings[-1]


def test_the_last_run_takes_one_page_of_one() -> None:
    emulated, ledger = ledger_with()
    for number in range(30):
        run = changed(RUN, run=f"r{number:02d}", started_at=f"2026-01-{number + 1:02d}T00:00:00Z")
        write(emulated.cluster.indices[INDEX], f"run:team:r{number:02d}", run_document(run))
    emulated.sent.clear()
    assert [run.run for run in ledger.history(most=1)] == ["r29"]
    assert len(emulated.sent) == 1
    assert json.loads(emulated.last_body)["size"] == 1
    assert [run.run for run in ledger.history("a", most=2)] == ["r29", "r28"]


def test_damaged_runs_are_passed_over_page_by_page() -> None:
    emulated, ledger = ledger_with()
    index = emulated.cluster.indices[INDEX]
    for number in range(4):
        write(index, f"run:team:x{number}", {"kind": "run", "scope": "team", "started_at": "2099-01-01T00:00:00Z"})
    write(index, "run:team:r1", run_document(RUN))
    heard: list[str] = []
    assert ledger.history(most=1, passed_over=heard.append) == (RUN,)
    assert len(heard) == 4
