"""The pages of `inferctl explain`: whole texts, the published shape, any width."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from inferctl.diagnostic_pages import CODES
from inferctl.model.open_questions import open_questions
from inferctl.model.open_questions.record import Answer, OpenQuestion, Request
from inferctl.model.page_lookup import every_field, fields_named, fields_of, words_like
from inferctl.model.services import find, service_names
from inferctl.report.explain_text import explain_text
from inferctl.report.explain_view import (
    code_view,
    field_page_view,
    overview_view,
    question_view,
    service_view,
    uncertain_view,
)
from inferctl.report.json import to_json
from inferctl.report.style import PLAIN, Style

from . import golden

if TYPE_CHECKING:
    from inferctl.report.shape.explain import ExplainView

SERVICES = [page for name in service_names() if (page := find(name))]
SCHEMA: Any = json.loads((files("inferctl.report") / "schema" / "explain.json").read_text(encoding="utf-8"))


def all_views() -> list[ExplainView]:
    fields = sorted({named.path[-1] for page in SERVICES for named in every_field(page)})
    return [
        overview_view(service_names(), CODES),
        *(code_view(code, page) for code, page in CODES.items()),
        *(service_view(page) for page in SERVICES),
        *(field_page_view(word, fields_named(word)) for word in fields),
        *(question_view(question) for questions in open_questions().values() for question in questions),
        uncertain_view(open_questions()),
        uncertain_view(open_questions(), "groq"),
    ]


def test_the_page_of_a_service() -> None:
    page = find("deepseek")
    assert page is not None
    golden.check("explain-deepseek.txt", explain_text(service_view(page), PLAIN))
    golden.check("explain-deepseek-44.txt", explain_text(service_view(page), Style(width=44)))
    golden.check("explain-deepseek.json", to_json(service_view(page)))


def test_the_page_of_a_field() -> None:
    golden.check(
        "explain-field.txt", explain_text(field_page_view("max_new_tokens", fields_named("max_new_tokens")), PLAIN)
    )


def test_the_page_of_a_code() -> None:
    golden.check("explain-code.txt", explain_text(code_view("field.range", CODES["field.range"]), PLAIN))


ASKED = OpenQuestion(
    id="fixed-to-adaptive",
    statement="An update turns adaptive allocations on for an endpoint that was made with a fixed number.",
    first="9.3",
    evidence="S,V",
    source="docs/reference/server/in-cluster.md#update, #157214",
    needs="a machine-learning node",
    endpoint=Request("PUT", "/_inference/text_embedding/ID", {"service": "elasticsearch"}),
    requests=(
        Request("PUT", "/_inference/text_embedding/ID/_update", {"service_settings": {"num_allocations": 1}}),
        Request("GET", "/_inference/text_embedding/ID"),
    ),
    answers=(
        Answer("proven", shows={"service_settings.adaptive_allocations.enabled": True}),
        Answer("it is ignored", hides=("service_settings.adaptive_allocations",)),
        Answer("it is refused", 400, reason="number_of_allocations"),
    ),
)
BY_HAND = OpenQuestion(
    id="more-than-10000-endpoints",
    statement="A list ends at 10,000 endpoints, one page of search, without a word.",
    last="9.4",
    evidence="S",
    source="docs/reference/server/read.md",
    by_hand="`GET /_inference` on a cluster that has more: how many does it show, and is there a warning?",
)


def test_what_is_not_proven() -> None:
    view = uncertain_view({"Updates": [ASKED], "Lists": [BY_HAND]})
    golden.check("explain-uncertain.txt", explain_text(view, PLAIN))
    golden.check("explain-uncertain-44.txt", explain_text(view, Style(width=44)))
    golden.check("explain-uncertain.json", to_json(view))


def test_the_page_of_a_question() -> None:
    golden.check("explain-question.txt", explain_text(question_view(ASKED), PLAIN))
    golden.check("explain-question-by-hand.txt", explain_text(question_view(BY_HAND), Style(width=80)))


def test_every_question_is_listed_with_its_source_and_has_a_page() -> None:
    by_topic = open_questions()
    listed = " ".join(explain_text(uncertain_view(by_topic), PLAIN).split())
    for question in (one for questions in by_topic.values() for one in questions):
        assert f" {question.id} " in listed
        page = " ".join(explain_text(question_view(question), PLAIN).split())
        for text in (question.statement, question.source, question.versions):
            assert " ".join(text.split()) in listed
            assert " ".join(text.split()) in page
        for answer in question.answers:
            assert answer.means in page


def test_every_view_has_the_published_shape() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    views = all_views()
    assert len(views) > 150
    for view in views:
        validator.validate(json.loads(to_json(view)))


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_lines_are_no_wider_than_the_terminal(width: int) -> None:
    """Only a word that is longer, such as the name of a field inside a field, may reach over."""
    for view in all_views():
        if view["kind"] in ("service", "field", "uncertain"):
            for line in explain_text(view, Style(width=width)).splitlines():
                assert len(line) <= width or len(line.split()) <= 2, line


def test_colour_repeats_and_never_tells() -> None:
    for view in all_views():
        coloured = explain_text(view, Style(colour=True))
        assert re.sub(r"\x1b\[\d+m", "", coloured) == explain_text(view, PLAIN)
    assert "\x1b[1m" in coloured


def test_ascii_terminals_get_ascii() -> None:
    for view in all_views():
        assert explain_text(view, Style(ascii=True)).isascii() or view["kind"] == "code"


@pytest.mark.parametrize("service", SERVICES, ids=lambda page: page.name)
def test_the_page_of_each_service_tells_each_fact(service: Any) -> None:
    text = " ".join(explain_text(service_view(service), PLAIN).split())
    for named in every_field(service):
        assert ".".join(named.path[1:]) in text
        for said in (named.fact.description, named.fact.note, named.fact.update_note):
            assert " ".join(said.split()) in text
        for word in named.fact.enum:
            assert str(word) in text
    for note in service.notes:
        assert " ".join(note.split()) in text
    for name in service.task_types:
        assert name in text
    assert ("(uncertain)" in text or "read it back" in text) or not (
        service.uncertain
        or any(task.uncertain for task in service.task_types.values())
        or any(named.fact.uncertain for named in every_field(service))
    )


def test_a_field_inside_a_field_is_updated_with_it() -> None:
    [page] = [page for page in SERVICES if page.name == "openai"]
    [limit] = [field for field in service_view(page)["service_settings"] if field["name"] == "rate_limit"]
    assert limit["update"]["since"] == "9.5"
    assert limit["fields"][0]["update"]["since"] == "9.5"


def test_a_secret_that_an_update_may_refuse_says_so_on_its_own_page() -> None:
    pages = field_page_view("api_key", fields_named("api_key"))["pages"]
    warned = {name for page in pages if "9.5.3" in page["field"]["update"]["note"] for name in page["services"]}
    assert warned == {"ai21", "alibabacloud-ai-search", "cohere", "llama", "watsonxai"}


@pytest.mark.parametrize(
    ("word", "paths"),
    [
        ("api_key", ["service_settings.api_key"]),
        ("service_settings.api_key", ["service_settings.api_key"]),
        ("requests_per_minute", ["service_settings.rate_limit.requests_per_minute"]),
        ("rate_limit.requests_per_minute", ["service_settings.rate_limit.requests_per_minute"]),
        ("task_settings.model", ["service_settings.model_id"]),
        ("task_settings.api_key", []),
        ("api", []),
    ],
)
def test_words_and_the_fields_they_mean(word: str, paths: list[str]) -> None:
    page = find("openai")
    assert page is not None
    assert [".".join(named.path) for named in fields_of(page, word)] == paths


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("opnai", "openai"),
        ("openai.api_kye", "openai.api_key"),
        ("opnai.api_key", "openai.api_key"),
        ("rate_limits", "rate_limit"),
        ("field.rnge", "field.range"),
    ],
)
def test_the_nearest_word_comes_first(word: str, near: str) -> None:
    assert words_like(word, tuple(CODES))[0] == near


def test_no_word_means_two_things() -> None:
    """A code is looked up first, then a service, then a field: none may hide another."""
    fields = {named.path[-1] for page in SERVICES for named in every_field(page)}
    assert not set(CODES) & (set(service_names()) | fields)
    assert not set(service_names()) & fields
    assert not {code.partition(".")[0] for code in CODES} & set(service_names())
