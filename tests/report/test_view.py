"""The source form: it keeps to its schema, and every format tells the same."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.factories import change, changed

import inferctl.report
from inferctl.applier.events import Result, StepFinished
from inferctl.applier.outcome import Outcome
from inferctl.exit_codes import Exit
from inferctl.fix import flag
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.field_change import FieldChange
from inferctl.planner.plan import Guard, Plan, Stop
from inferctl.planner.references import UserKind
from inferctl.report.json import diagnostics_view, to_json
from inferctl.report.markdown import LIMIT
from inferctl.report.outcome_markdown import outcome_markdown
from inferctl.report.outcome_text import outcome_text
from inferctl.report.outcome_view import outcome_view
from inferctl.report.plan_markdown import plan_markdown
from inferctl.report.plan_text import plan_text, refs_text
from inferctl.report.plan_view import plan_view, refs_view
from inferctl.report.references import user_lines
from inferctl.report.sentences import is_shown, plan_summary
from inferctl.report.style import PLAIN

from . import samples
from .plans import REFERENCES, plans
from .samples import outcome_json, plan_json

if TYPE_CHECKING:
    import random

    from inferctl.planner.references import References

SCHEMAS = Path(inferctl.report.__file__).parent / "schema"


def validate(name: str, text: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    document = json.loads(text)
    Draft202012Validator(schema).validate(document)
    return document


@settings(max_examples=40)
@given(plans())
def test_plans_keep_to_the_schema(plan: Plan) -> None:
    validate("plan", plan_json(plan))


@settings(max_examples=40)
@given(plans(), st.randoms())
def test_outcomes_keep_to_the_schema_and_forget_nothing(plan: Plan, choice: random.Random) -> None:
    results = [
        StepFinished(change.inference_id, change.action, choice.choice(list(Result)), "x", (("a", 1),), True, 1.5)
        for change in plan.changes
        if choice.random() < 0.5
    ]
    document = validate("apply", outcome_json(results, 4, plan))
    lists = ("done", "failed", "unknown", "not_ready", "held", "blocked", "not_started")
    found = [step["id"] for name in lists for step in document[name]]
    assert len(found) + document["summary"]["noop"] == len(plan.changes)
    assert len(set(found)) == len(found)
    for name in lists:
        assert document["summary"][name] == len(document[name])


@settings(max_examples=40)
@given(REFERENCES)
def test_references_keep_to_the_schema_and_stay_on_their_lines(references: References) -> None:
    endpoint = ObservedEndpoint.from_json({"inference_id": "a", "task_type": "rerank", "service": "cohere"})
    view = refs_view(samples.CLUSTER, [(endpoint, references)])
    (shown,) = validate("refs", to_json(view))["endpoints"]
    for kind, key in ((UserKind.PIPELINE, "pipelines"), (UserKind.COMPONENT_TEMPLATE, "component_templates")):
        assert len(shown["references"][key]) == len(references.names(kind))
    lines = refs_text(view, PLAIN).split("\n")
    assert len(lines) == 4 + len(user_lines(view["endpoints"][0]["references"]))
    assert all(line.isprintable() for line in lines)


def test_diagnostics_keep_to_the_schema() -> None:
    document = validate("diagnostics", to_json(diagnostics_view([*samples.diagnostics(), samples.nasty_diagnostic()])))
    assert document["summary"] == {"errors": 3, "warnings": 1}


def test_a_schema_refuses_a_secret() -> None:
    document = json.loads(plan_json(samples.every_kind()))
    schema = json.loads((SCHEMAS / "plan.json").read_text(encoding="utf-8"))
    sensitive = next(f for c in document["changes"] for f in c["fields"] if f["sensitive"] and "after" in f)
    sensitive["after"] = "sk-123"
    assert list(Draft202012Validator(schema).iter_errors(document))


def test_order_of_input_does_not_matter() -> None:
    plan = samples.every_kind()
    backwards = changed(plan, changes=plan.changes[::-1])
    assert plan_json(plan) == plan_json(backwards)
    assert outcome_json(samples.results(), 4, plan) == outcome_json(samples.results()[::-1], 4, backwards)


@st.composite
def plain_plans(draw: st.DrawFn) -> Plan:
    """Random plans with ids as the server takes them, so that they can be read back out of a text."""
    plan = draw(plans(kinds=("t", "s")))
    return changed(plan, changes=tuple(changed(step, inference_id=f"id-{n}") for n, step in enumerate(plan.changes)))


@settings(max_examples=60)
@given(plain_plans())
def test_all_formats_show_the_same_steps(plan: Plan) -> None:
    view = plan_view(plan)
    mark = {"blocked": "! ", "unknown": "? "}
    expected = {(mark.get(c["standing"], "") + c["symbol"], c["id"]) for c in view["changes"] if is_shown(c)}
    symbols = "|".join(sorted((re.escape(action.symbol) for action in Action), key=len, reverse=True))
    whole = plan_text(view, PLAIN, "full")
    text = set(re.findall(rf"^((?:[!?] )?(?:{symbols})) (id-\d+)  t/s", whole, re.MULTILINE))
    assert text == expected
    rows = re.findall(
        r"^\| <code>([^|]*)</code> \| <code>(id-\d+)</code> \|", plan_markdown(view, "full"), re.MULTILINE
    )
    assert {(html.unescape(symbol).replace("\u00a0", " "), found) for symbol, found in rows} == expected
    assert len(rows) == len(expected)
    assert plan_summary(view) in plan_text(view, PLAIN)
    assert plan_summary(view) in plan_markdown(view)


def test_all_formats_show_the_same_results() -> None:
    view = outcome_view(Outcome(samples.results(), Exit.PARTIAL, samples.every_kind()))
    ids = {"product-search", "shop-rerank", "unused", "made-by-hand", "stray", "cannot-read", "old-elser", "docs-embed"}
    for text in (outcome_text(view, PLAIN), outcome_markdown(view)):
        assert all(inference_id in text for inference_id in ids)
        assert "same-1" not in text


def test_the_last_word_on_an_endpoint_counts() -> None:
    plan = Plan(changes=(change(inference_id="a", task_type="t", service="s", action=Action.CREATE),))
    told = tuple(StepFinished("a", Action.CREATE, result, wrote=True) for result in (Result.DONE, Result.NOT_READY))
    view = outcome_view(Outcome(told, Exit.NOT_READY, plan))
    assert [step["id"] for step in view["not_ready"]] == ["a"]
    assert not view["done"]


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ((), "No changes. There are no endpoints to look at."),
        ((Action.NOOP,), "No changes. 1 endpoint matches its file."),
        ((Action.NOOP, Action.NOOP), "No changes. 2 endpoints match their files."),
        ((Action.CREATE, Action.NOOP), "Plan: 1 to create, 0 to update, 0 to replace, 0 to delete. 1 unchanged."),
    ],
)
def test_summary(changes: tuple[Action, ...], summary: str) -> None:
    plan = Plan(
        changes=tuple(
            change(inference_id=str(n), task_type="t", service="s", action=action) for n, action in enumerate(changes)
        )
    )
    assert plan_summary(plan_view(plan)) == summary


def test_summary_tells_held_from_ready() -> None:
    changes = [
        change(inference_id=str(n), task_type="t", service="s", action=Action.REPLACE, standing=standing)
        for n, standing in enumerate(Standing)
    ]
    changes.append(change(inference_id="d", task_type="t", service="s", action=Action.DELETE, standing=Standing.HELD))
    expected = "Plan: 0 to create, 0 to update, 2 to replace (1 held), 1 to delete (held). 1 blocked, 1 unknown."
    assert plan_summary(plan_view(Plan(changes=tuple(changes)))) == expected


def test_a_limit_makes_a_plan_inapplicable() -> None:
    view = plan_view(samples.stopped())
    assert not view["applicable"]
    assert not view["complete"]
    assert plan_view(samples.every_kind())["applicable"]
    limited = changed(samples.every_kind(), stops=(Stop(guard=Guard.MAX_CHANGES, text="7 changes"),))
    assert plan_view(limited)["complete"]
    assert not plan_view(limited)["applicable"]


@pytest.mark.parametrize("filler", ["plain ", "@|<&`*", "\x1b\u202e", "🙂東"])
@pytest.mark.parametrize("number", [1, 60])
def test_markdown_stays_under_the_limit(filler: str, number: int) -> None:
    long = filler * 400
    changes = tuple(
        change(
            inference_id=f"{n:05}-{long}",
            task_type=long,
            service=long,
            action=Action.UPDATE,
            standing=Standing.BLOCKED if n == number - 1 else Standing.READY,
            reasons=(long, f"{n}{long}"),
            fields=tuple(
                FieldChange(path=(long, f), before=long, after=long + "x") for f in range(100 if n < 2 else 1)
            ),
            blocks=(Block(kind=BlockKind.PROTECTED, text=long, fixes=(flag(long),)),),
            warnings=(long,),
        )
        for n in range(number)
    )
    stops = (Stop(guard=Guard.MAX_CHANGES, text=long, fixes=(flag(long),)),) * 30
    plan = Plan(changes=changes, stops=stops, notes=(long,) * 30, warnings=(long,) * 30)
    text = plan_markdown(plan_view(plan))
    assert len(text) < LIMIT
    assert text.startswith("<!-- inferctl:plan scope= label= -->\n")
    assert text.count("<details>") == text.count("</details>")
    assert f"{number - 1:05}-" in text  # the blocked one comes first
    if number > 1:
        rows = len(re.findall(r"^\| <code>", text, re.MULTILINE))
        assert 0 < rows < number
        assert f"{number - rows} step" in text
    results = tuple(StepFinished(c.inference_id, c.action, Result.FAILED, long) for c in changes)
    assert len(outcome_markdown(outcome_view(Outcome(results, Exit.PARTIAL, plan)))) < LIMIT


def test_a_credential_that_the_server_shows_is_not_shown_on() -> None:
    """A header of `custom` and a URL stand in clear in GET: a plan hides them all the same, in every format."""
    canary = "canary-8h7g"
    fields = (
        FieldChange(
            path=("service_settings", "headers", "Authorization"), before=f"Bearer {canary}", after="Bearer ${token}"
        ),
        FieldChange(path=("service_settings", "url"), before=f"https://me:{canary}@host/x", after="https://host/x"),
        FieldChange(path=("service_settings", "query_parameters"), before=[["api_key", canary]], after=[["q", "1"]]),
    )
    plan = Plan(changes=(change(inference_id="a", service="custom", action=Action.REPLACE, fields=fields),))
    for text in (plan_json(plan), plan_text(plan_view(plan), PLAIN), plan_markdown(plan_view(plan))):
        assert canary not in text
        assert "Authorization" in text
    assert [field["sensitive"] for field in plan_view(plan)["changes"][0]["fields"]] == [True, True, True]
