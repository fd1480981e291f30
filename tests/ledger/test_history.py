"""Which runs are shown: the search finds them where the documents say what they are about, old ones are looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated
from tests.factories import run_record, step_record

from inferctl.emulator.documents import write
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.records import INDEX, read_run, run_document
from inferctl.report.history import history_text, history_view
from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.ledger.records import RunRecord

OLD = {"action": "update", "result": "done", "detail": ""}  # as an inferctl wrote it that kept no values


@pytest.fixture
def emulated() -> Emulated:
    return Emulated()


@pytest.fixture
def ledger(emulated: Emulated) -> IndexLedger:
    made = IndexLedger(emulated.client, "team")
    made.prepare()
    return made


@pytest.fixture
def put(emulated: Emulated, ledger: IndexLedger) -> Callable[..., None]:
    """Writes the run of a day, and what an older inferctl wrote without what it was about."""

    def put(day: int, *ids: str, scope: str = "team", old: bool = False, **more: Any) -> None:
        run = run_record(
            f"r{day}",
            scope=scope,
            started_at=f"2026-01-{day:02d}T12:00:00.000Z",
            exit_code=more.pop("exit_code", 0),
            results=tuple(step_record(name) for name in ids),
            **more,
        )
        document = run_document(run)
        if old:
            del document["inference_id"]
            document["results"] = dict.fromkeys(ids, OLD)
        write(emulated.cluster.indices[INDEX], f"run:{scope}:{run.run}", document)

    return put


def names(runs: Any) -> list[str]:
    shown: list[RunRecord] = list(runs)
    return [run.run for run in shown]


def test_the_search_finds_the_runs_of_an_id(emulated: Emulated, ledger: IndexLedger, put: Callable[..., None]) -> None:
    put(1, "a")
    put(2, "a", "b", exit_code=None)
    for day in range(3, 25):
        put(day, "b")
    emulated.sent.clear()
    assert names(ledger.history("a", most=2)) == ["r2", "r1"]
    assert len(emulated.sent) == 1
    assert json.loads(emulated.last_body)["size"] == 2


def test_a_run_says_its_environment_where_there_is_one() -> None:
    """And is the document that it was where there is none."""
    of_environment = {
        "environment": "prod",
        "address": "https://es.example",
        "address_from": "INFERCTL_PROD_URL",
        "cluster_name": "prod-eu",
        "cluster_uuid": "Zx1",
    }
    without, within = run_record(), run_record(**of_environment)
    documents = run_document(without), run_document(within)
    assert {key: documents[1][key] for key in documents[1].keys() - documents[0].keys()} == of_environment
    assert [read_run("run:mine:r1", document) for document in documents] == [without, within]
    lines = history_text(history_view([within, without]), None, PLAIN).splitlines()
    assert ["  apply as prod  " in line for line in lines] == [True, False]


def test_a_planned_step_counts_as_much_as_one_that_ended(ledger: IndexLedger, put: Callable[..., None]) -> None:
    put(1, planned={"a": "create, ready"}, exit_code=None)
    assert names(ledger.history("a")) == ["r1"]
    assert names(ledger.history("b")) == []


def test_runs_of_an_older_inferctl_are_looked_at(ledger: IndexLedger, put: Callable[..., None]) -> None:
    put(1, "a", old=True)
    put(2, "b", old=True)
    put(3, "a")
    shown = ledger.history("a")
    assert names(shown) == ["r3", "r1"]
    (step,) = shown[1].results
    assert (step.inference_id, step.action, step.fields, step.left_out) == ("a", "update", (), 0)


def test_since_is_asked_of_the_server(emulated: Emulated, ledger: IndexLedger, put: Callable[..., None]) -> None:
    for day in range(1, 6):
        put(day, "a")
    emulated.sent.clear()
    assert names(ledger.history(since="2026-01-04T12:00:00.000+00:00", most=5)) == ["r5", "r4"]
    assert len(emulated.sent) == 1
    assert names(ledger.history("a", since="2026-01-05T12:00:00.001+00:00")) == []


def test_other_scopes_are_shown_on_request(ledger: IndexLedger, put: Callable[..., None]) -> None:
    put(1, "a")
    put(2, "b", scope="wiki")
    assert names(ledger.history()) == ["r1"]
    assert [(run.run, run.scope) for run in ledger.history(every_scope=True)] == [("r2", "wiki"), ("r1", "team")]


def test_what_had_nothing_to_do_is_left_out(emulated: Emulated, ledger: IndexLedger, put: Callable[..., None]) -> None:
    """Only where it ended well: a run that was killed before its first step says something."""
    put(1, "a")
    put(2)
    put(3, exit_code=None)
    put(4, exit_code=7)
    for day in range(5, 25):
        put(day)
    emulated.sent.clear()
    assert names(ledger.history(with_empty=False, most=3)) == ["r4", "r3", "r1"]
    assert len(emulated.sent) == 2  # a page of three, and one of many
    assert len(ledger.history()) == 24


def test_the_last_run_that_did_something_takes_one_request(
    emulated: Emulated, ledger: IndexLedger, put: Callable[..., None]
) -> None:
    for day in range(1, 9):
        put(day, "a")
    emulated.sent.clear()
    assert names(ledger.history(with_empty=False, most=1)) == ["r8"]
    assert len(emulated.sent) == 1
    assert json.loads(emulated.last_body)["size"] == 1
