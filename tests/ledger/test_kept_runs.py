"""Old runs go at the end of an apply: one page and one bulk, and nothing fails when that fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.emulated import Cut, Emulated, reply
from tests.factories import changed, owned, run_record

from inferctl.emulator.documents import write
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.records import INDEX, ownership_document, run_document
from inferctl.ledger.runs import Keep

if TYPE_CHECKING:
    from tests.emulated import Reply

NEVER = "0000"


@pytest.fixture
def emulated() -> Emulated:
    return Emulated()


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def ledger(emulated: Emulated, warnings: list[str]) -> IndexLedger:
    made = IndexLedger(emulated.client, "team", on_warning=warnings.append)
    made.prepare()
    return made


def put_runs(emulated: Emulated, count: int, scope: str = "team") -> None:
    for number in range(count):
        started = f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}T00:00:00.000Z"
        run = run_record(run=f"r{number:03d}", scope=scope, started_at=started)
        write(emulated.cluster.indices[INDEX], f"run:{scope}:r{number:03d}", run_document(run))


def left(ledger: IndexLedger) -> list[str]:
    return sorted(run.run for run in ledger.history(most=1000))


def test_the_newest_stay(emulated: Emulated, ledger: IndexLedger) -> None:
    put_runs(emulated, 30)
    put_runs(emulated, 5, scope="other")
    write(emulated.cluster.indices[INDEX], "a", ownership_document("a", owned("team"), run="r000"))
    ledger.prune(Keep(runs=10), oldest_kept=NEVER)
    assert left(ledger) == [f"r{number:03d}" for number in range(20, 30)]
    assert len(left(IndexLedger(emulated.client, "other"))) == 5
    assert set(ledger.view().owned) == {"a"}


def test_those_above_an_age_go(emulated: Emulated, ledger: IndexLedger) -> None:
    put_runs(emulated, 30)
    ledger.prune(Keep(runs=500), oldest_kept="2026-01-26T00:00:00+00:00")
    assert left(ledger) == [f"r{number:03d}" for number in range(25, 30)]


def test_it_is_one_page_and_one_bulk(emulated: Emulated, ledger: IndexLedger) -> None:
    put_runs(emulated, 250)
    emulated.sent.clear()
    ledger.prune(Keep(runs=20), oldest_kept=NEVER)
    assert sum("_search" in line for line in emulated.sent) == 1
    assert sum("_bulk" in line for line in emulated.sent) == 1
    assert len(left(ledger)) == 150
    for _ in range(2):
        ledger.prune(Keep(runs=20), oldest_kept=NEVER)
    assert left(ledger) == [f"r{number:03d}" for number in range(230, 250)]


def test_where_all_is_kept_nothing_is_written(emulated: Emulated, ledger: IndexLedger, warnings: list[str]) -> None:
    put_runs(emulated, 3)
    emulated.sent.clear()
    ledger.prune(Keep(runs=3), oldest_kept=NEVER)
    assert emulated.writes == []
    assert warnings == []


def test_a_run_that_was_written_again_meanwhile_stays(emulated: Emulated, ledger: IndexLedger) -> None:
    put_runs(emulated, 3)

    def rewrite(_method: str, target: str, answer: Reply) -> Reply:
        if "_search" in target:
            again = run_record(run="r000", scope="team", started_at="2026-01-01T00:00:00.000Z")
            write(emulated.cluster.indices[INDEX], "run:team:r000", run_document(changed(again, exit_code=0)))
        return answer

    emulated.after = rewrite
    ledger.prune(Keep(runs=1), oldest_kept=NEVER)
    emulated.calm()
    assert left(ledger) == ["r000", "r002"]


@pytest.mark.parametrize("part", ["_search", "_bulk"])
@pytest.mark.parametrize("status", [0, 403, 500, 503])
def test_what_fails_is_a_warning(
    emulated: Emulated, ledger: IndexLedger, warnings: list[str], part: str, status: int
) -> None:
    put_runs(emulated, 3)

    def fail(_method: str, target: str) -> Reply | None:
        if part not in target:
            return None
        if not status:
            raise Cut
        return reply(status, {"error": {"type": "security_exception", "reason": "no"}, "status": status})

    emulated.override = fail
    ledger.prune(Keep(runs=1), oldest_kept=NEVER)
    assert len(warnings) == 1
    emulated.calm()
    assert len(left(ledger)) == 3


def test_the_page_asks_for_no_more_than_it_needs(emulated: Emulated, ledger: IndexLedger) -> None:
    put_runs(emulated, 2)
    bodies: list[dict[str, object]] = []

    def note(_method: str, target: str) -> None:
        if "_search" in target:
            bodies.append(json.loads(emulated.last_body))

    emulated.override = note
    ledger.prune(Keep(), oldest_kept=NEVER)
    assert [body["_source"] for body in bodies] == [["started_at"]]
