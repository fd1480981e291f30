"""What is not proven: each mark of a page and each record is a question that a person with a cluster could settle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.docs.pages import anchors

from inferctl.json_types import object_of
from inferctl.model.open_questions import IN_PAGES, open_questions
from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion
from inferctl.model.page_lookup import every_field
from inferctl.model.services import find, service_names
from inferctl.model.versions import NEWEST, Version

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject

ROOT = Path(__file__).parents[2]
BY_TOPIC = open_questions()
QUESTIONS = [question for questions in BY_TOPIC.values() for question in questions]
LETTERS = set("SDTPIVWCR")


def test_each_mark_of_a_page_is_one_question() -> None:
    pages = [page for name in service_names() if (page := find(name))]
    marks = sum(page.uncertain + page.may_refuse_secrets for page in pages)
    marks += sum(offered.uncertain for page in pages for offered in page.task_types.values())
    marks += sum(named.fact.uncertain + named.fact.updatable_uncertain for page in pages for named in every_field(page))
    assert len(BY_TOPIC[IN_PAGES]) == marks > 50


def test_no_two_questions_have_one_id_and_no_id_is_a_service() -> None:
    ids = [question.id for question in QUESTIONS]
    assert sorted(set(ids)) == sorted(ids)
    assert not set(ids) & set(service_names())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_is_whole(question: OpenQuestion) -> None:
    assert question.statement.endswith((".", ".)"))
    assert question.evidence
    assert set(question.evidence.split(",")) <= LETTERS
    assert question.source
    # It can be asked, or somebody is told what else would settle it.
    assert bool(question.requests) != bool(question.by_hand)
    assert bool(question.requests) == (len(question.answers) > 1)
    if question.first and question.last:
        assert Version.parse(question.first) <= Version.parse(question.last)
    for source in question.source.split(", "):
        path, _, heading = source.partition("#")
        if path.startswith(("docs/", "src/")):
            assert (ROOT / path).is_file(), source
            assert not heading or heading in anchors(ROOT / path), source


def test_no_update_of_a_derived_question_is_empty() -> None:
    bodies = [step.body for q in BY_TOPIC[IN_PAGES] for step in q.steps if step.path.endswith("/_update")]
    settings = [dict(object_of(object_of(body).get("service_settings"))) for body in bodies]
    assert len(settings) > 15
    assert all(settings)


@pytest.mark.parametrize("question", [q for q in BY_TOPIC[IN_PAGES] if q.writes], ids=lambda question: question.id)
def test_the_endpoint_of_a_derived_question_is_a_good_one(question: OpenQuestion) -> None:
    """But for the secret whose absence is the question, and for what is not in the newest release."""
    body: Any = question.steps[0].body
    path = question.steps[0].path.split("/")
    page = find(body["service"])
    assert page is not None
    findings = page.validate(path[2], body["service_settings"], body.get("task_settings", {}), NEWEST)
    assert [f for f in findings if f.code not in ("field.version", "field.removed", "field.missing")] == []
    missing = [f.path[-1] for f in findings if f.code == "field.missing"]
    assert missing in ([], [question.id.split(".")[1]])


@pytest.mark.parametrize(
    ("first", "last", "text", "inside", "outside"),
    [
        ("", "", "all", ["8.17", "9.5"], []),
        ("9.3", "", "from 9.3", ["9.3", "9.6.0"], ["9.2"]),
        ("", "9.1", "up to 9.1", ["8.17", "9.1.4"], ["9.2"]),
        ("9.3", "9.4", "9.3 to 9.4", ["9.3", "9.4.8"], ["9.2", "9.5"]),
        ("9.4", "9.4", "9.4", ["9.4", "9.4.0-SNAPSHOT"], ["9.3", "9.5"]),
        ("9.5.0", "9.5.2", "9.5.0 to 9.5.2", ["9.5.0", "9.5.2"], ["9.4.8", "9.5.3"]),
        ("8.19", "", "from 8.19", ["8.19.4", "9.0.1", "10.0.0"], ["8.18.0"]),
    ],
)
def test_servers_that_could_answer(first: str, last: str, text: str, inside: list[str], outside: list[str]) -> None:
    question = OpenQuestion(id="x", statement="X.", evidence="I", source="x", first=first, last=last)
    assert question.versions == text
    assert [v for v in [*inside, *outside] if question.concerns(v)] == inside
    assert question.concerns("9.5.0", serverless=True) == (not last)


ENDPOINT: JsonObject = {"service": "openai", "service_settings": {"rate_limit": {"requests_per_minute": 77}}}
CATALOGUE: list[JsonObject] = [{"service": "openai", "task_types": ["completion"]}]
LIMIT = "service_settings.rate_limit.requests_per_minute"


@pytest.mark.parametrize(
    ("answer", "status", "body", "fits"),
    [
        (Answer("x", shows={LIMIT: 77}), 200, {"endpoints": [ENDPOINT]}, True),
        (Answer("x", shows={LIMIT: 77}), 200, ENDPOINT, True),
        (Answer("x", shows={LIMIT: 78}), 200, ENDPOINT, False),
        (Answer("x", shows={LIMIT: ANY}), 200, ENDPOINT, True),
        (Answer("x", shows={"service_settings.model_id": ANY}), 200, ENDPOINT, False),
        (Answer("x", hides=("service_settings.model_id",)), 200, ENDPOINT, True),
        (Answer("x", hides=(LIMIT,)), 200, ENDPOINT, False),
        (Answer("x", shows={"openai.task_types": "completion"}), 200, CATALOGUE, True),
        (Answer("x", shows={"openai.task_types": "rerank"}), 200, CATALOGUE, False),
        (Answer("x", hides=("custom",)), 200, CATALOGUE, True),
        (Answer("x", 400, reason="[top_k]"), 400, {"error": {"reason": "unknown [top_k]"}}, True),
        (Answer("x", 400, reason="[top_k]"), 400, {"error": {"reason": "unknown [top_p]"}}, False),
        (Answer("x", 400), 404, {}, False),
        (Answer("x", None), 503, {}, True),
    ],
)
def test_an_answer_is_recognised(answer: Answer, status: int, body: Any, fits: bool) -> None:
    assert answer.fits(status, body) == fits


def test_the_first_answer_that_fits_counts() -> None:
    known, other = Answer("known", shows={"a": 1}), Answer("other")
    question = OpenQuestion(id="x", statement="X.", evidence="I", source="x", answers=(known, other))
    assert [question.meaning(200, {"a": 1}), question.meaning(200, {}), question.meaning(500, {})] == [
        "known",
        "other",
        "",
    ]
