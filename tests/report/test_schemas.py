"""The published schemas: made from the views, and no wider than these."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.factories import changed, run_record, step_record

import inferctl.report
from inferctl.applier.outcome import Outcome
from inferctl.exit_codes import Exit
from inferctl.ledger.examine import Examination
from inferctl.ledger.records import FieldRecord
from inferctl.report.failure import failure_view
from inferctl.report.history import history_view
from inferctl.report.json import to_json
from inferctl.report.ledger_check import ledger_check_view
from inferctl.report.outcome_view import outcome_view
from inferctl.report.plan_view import cluster_view, plan_view, refs_view
from inferctl.report.verify import verify_view

from . import golden, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[2] / "scripts" / "generate-schemas"
SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(inferctl.report.__file__).parent / "schema").glob("*.json")
}
VIEWS = sorted(set(SCHEMAS) - {"saved-plan"})
SAMPLES = {
    "plan": "plan-every-kind.json",
    "apply": "apply.json",
    "failure": "failure.json",
    "diagnostics": "diagnostics.json",
    "explain": "explain-deepseek.json",
}
WORDS = {"format_version", "kind", "action", "symbol", "standing", "guard", "state", "result", "severity"}
FIELDS = (
    FieldRecord("task_settings.top_n", 5, [{"x": None}]),
    FieldRecord("task_settings.user", after="u"),
    FieldRecord("service_settings.api_key", "", "0123abcd", secret=True),
)
IN_ENVIRONMENT = {
    "environment": "prod",
    "address": "https://es.example:9243",
    "address_from": "INFERCTL_PROD_URL",
    "cluster_name": "prod-eu",
    "cluster_uuid": "uUiD-1",
}
CLUSTER = cluster_view(samples.CLUSTER, pinned=True)
RUN = run_record(scope="team", results=(step_record(detail="d", fields=FIELDS, left_out=2),))


def test_no_schema_is_stale() -> None:
    """`scripts/generate-schemas` mends it."""
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_runs_keep_to_the_schema() -> None:
    Draft202012Validator(SCHEMAS["history"]).validate(json.loads(to_json(history_view([RUN]))))
    validator = Draft202012Validator(SCHEMAS["history"])
    validator.validate(history_view([changed(RUN, **IN_ENVIRONMENT)], looked=(samples.IN_ENVIRONMENT, CLUSTER)))


def test_reports_that_name_an_environment_keep_to_the_schemas() -> None:
    run, plan = samples.IN_ENVIRONMENT, samples.unchanged()
    for view in (
        plan_view(plan, run, pinned=False),
        outcome_view(Outcome((), Exit.OK, plan), run, pinned=True),
        failure_view(changed(samples.failure(), pinned=True), run),
        refs_view(samples.CLUSTER, [], run=run, pinned=True),
        verify_view([], 0, plan, run=run, pinned=True),
        ledger_check_view(Examination("team"), looked=(run, CLUSTER)),
    ):
        document = json.loads(to_json(view))
        Draft202012Validator(SCHEMAS[document["kind"]]).validate(document)
        assert document["run"]["environment"] == "prod"
        assert document["cluster"]["pinned"] in (True, False)


@pytest.mark.parametrize("name", VIEWS)
def test_every_schema_says_what_it_is_and_closes_its_objects(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith(f"urn:inferctl:report:{name}:")
    assert schema["title"] == f"inferctl {name}"
    for found in objects(schema):
        if "properties" in found:
            assert found["additionalProperties"] is False
            assert found["description"]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_key_too_few_or_too_many_is_refused(name: str) -> None:
    document = json.loads((golden.FOLDER / SAMPLES[name]).read_text(encoding="utf-8"))
    validator = Draft202012Validator(SCHEMAS[name])
    validator.validate(document)
    seen = set()
    for place in places(document):
        keys = tuple(at(document, place))
        shape = (tuple(part for part in place if isinstance(part, str)), keys)
        if shape in seen or {"before", "after"} & {*place}:
            continue
        seen.add(shape)
        for key in ("other", *keys):
            mutant = copy.deepcopy(document)
            found = at(mutant, place)
            found.pop(key) if key in found else found.update({key: 1})
            assert validator.is_valid(mutant) == (key in ("before", "after")), (place, key)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_word_that_no_enumeration_has_is_refused(name: str) -> None:
    document = json.loads((golden.FOLDER / SAMPLES[name]).read_text(encoding="utf-8"))
    validator = Draft202012Validator(SCHEMAS[name])
    mutants = []
    for place in places(document):
        for key in WORDS & {*at(document, place)}:
            mutants.append(copy.deepcopy(document))
            at(mutants[-1], place)[key] = "other"
    assert len(mutants) >= 2
    assert not any(validator.is_valid(mutant) for mutant in mutants)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        schema = list(schema.values())
    for inner in schema if isinstance(schema, list) else ():
        yield from objects(inner)


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where objects stand."""
    if isinstance(value, dict):
        yield place
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*place, key))


def at(value: Any, place: tuple[str | int, ...]) -> Any:
    for part in place:
        value = value[part]
    return value
