"""Nothing that a server or a file says may steer a terminal, a page or a CI runner."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.factories import change, changed

from inferctl.applier.events import Interrupted, Result, StageStarted, StepFinished, StepWaiting, SubStep
from inferctl.applier.outcome import Outcome
from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.exit_codes import Exit
from inferctl.fix import edit
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.plan import Plan
from inferctl.report.annotations import annotations_in_files, workflow_command
from inferctl.report.diagnostics import diagnostics_text
from inferctl.report.escape import clean, cut, cut_pair, masked
from inferctl.report.failure import failure_markdown, failure_text
from inferctl.report.json import diagnostics_view, to_json
from inferctl.report.outcome_markdown import outcome_markdown
from inferctl.report.outcome_text import outcome_text
from inferctl.report.outcome_view import outcome_view
from inferctl.report.plan_markdown import plan_markdown
from inferctl.report.plan_text import plan_text
from inferctl.report.plan_view import plan_view
from inferctl.report.progress import event_line
from inferctl.report.style import PLAIN, Style

from . import samples
from .plans import plans
from .samples import plan_json

if TYPE_CHECKING:
    from inferctl.applier.events import Event
    from inferctl.report.shape.run import ThisRunView

ASCII = Style(ascii=True)
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x07\u202e\u2066\u2028\r\n\t`|<>@#*_[]:\u200b\ufeff\ud800"),
    )
)


def assert_harmless(text: str) -> None:
    for character in text:
        assert character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, ascii(
            character
        )
    assert not re.search(r"##\w*\[", text)
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))


@settings(max_examples=60)
@given(plans())
def test_plan_text_and_markdown_hold_no_hidden_character(plan: Plan) -> None:
    view = plan_view(plan)
    for text in (plan_text(view, PLAIN), plan_text(view, ASCII), plan_markdown(view), plan_json(plan)):
        assert_harmless(text)
        assert "\x1b" not in text
    assert plan_text(view, ASCII).isascii()
    assert plan_json(plan).isascii()


@settings(max_examples=60)
@given(plans())
def test_colour_adds_only_colour(plan: Plan) -> None:
    view = plan_view(plan)
    painted = plan_text(view, Style(colour=True))
    assert re.sub(r"\x1b\[[0-9]+m", "", painted) == plan_text(view, PLAIN)
    assert painted.count("\x1b[0m") * 2 == painted.count("\x1b")


def test_a_nasty_failure_steers_nothing() -> None:
    nasty = samples.NASTY
    run: ThisRunView = {**samples.RUN, "commit": nasty, "run_url": nasty, "address": nasty, "label": f"--> {nasty}"}
    assert_harmless(failure_text(samples.nasty_failure(), run, PLAIN))
    markdown = failure_markdown(samples.nasty_failure(), run)
    assert_harmless(markdown)
    tags = Tags()
    tags.feed(MarkdownIt("commonmark").enable("table").render(markdown))
    assert tags.seen <= OURS
    assert not tags.open
    assert markdown.partition("\n")[0].count("--") == 2
    assert "@team" not in markdown


def test_what_a_server_calls_itself_is_no_line_to_paste() -> None:
    nasty = changed(samples.unchanged(), capabilities=changed(samples.CLUSTER, cluster_uuid="u\ninsecure: true"))
    view = plan_view(nasty, samples.IN_ENVIRONMENT, pinned=False)
    for text in (plan_text(view, PLAIN), plan_markdown(view)):
        assert_harmless(text)
        assert "not pinned" in text
        assert "pins it" not in text


def test_nasty_texts_stay_on_their_line() -> None:
    text = plan_text(plan_view(samples.nasty()), PLAIN)
    assert sum(line.startswith("Plan: ") for line in text.splitlines()) == 1
    markdown = plan_markdown(plan_view(samples.nasty()))
    assert "<img" not in re.sub(r"(?ms)^````diff$.*?^````$", "", markdown)
    assert "@team" not in re.sub(r"(?ms)^````diff$.*?^````$", "", markdown)
    assert "**b**" not in re.sub(r"(?ms)^````diff$.*?^````$", "", markdown)
    assert markdown.count("<details>") == markdown.count("</details>") - markdown.count(
        "<img src=x> @team #12 </details>"
    )
    for row in markdown.splitlines():
        if row.startswith("| <code>"):
            assert row.count("|") == 5


def test_an_error_of_two_lines_in_a_remark_is_read_as_words() -> None:
    error = "the ledger cannot be written: 503\nthe server said: no shard"
    blocked = change(
        "a", action=Action.UPDATE, standing=Standing.UNKNOWN, blocks=(Block(kind=BlockKind.UNREADABLE, text=error),)
    )
    plan = Plan(changes=(replace(blocked, warnings=(error,)),), warnings=(error,))
    view, ended = plan_view(plan), outcome_view(Outcome((), Exit.PARTIAL, plan, (error,)))
    for text in (plan_text(view, PLAIN), plan_markdown(view), outcome_text(ended, PLAIN), outcome_markdown(ended)):
        assert "no shard" in text
        assert "\\n" not in text


@given(HOSTILE, HOSTILE)
def test_outcome_and_event_lines(inference_id: str, detail: str) -> None:
    finished = [
        StepFinished(inference_id, Action.UPDATE, result, detail, ((detail, 1),), wrote=True) for result in Result
    ]
    for result in finished:
        view = outcome_view(Outcome((result,), Exit.PARTIAL, Plan(changes=())))
        assert_harmless(outcome_text(view, PLAIN))
        assert_harmless(outcome_markdown(view))
    events: tuple[Event, ...] = (
        *finished,
        StageStarted(detail, (inference_id,)),
        SubStep(inference_id, detail),
        StepWaiting(inference_id, detail, 3.0),
        Interrupted(detail),
    )
    for event in events:
        line = event_line(event, PLAIN)
        assert line is not None
        assert "\n" not in line
        assert_harmless(line)


@given(HOSTILE, HOSTILE, st.integers(0, 300), st.integers(1, 50))
def test_diagnostics_and_annotations(text: str, source: str, column: int, length: int) -> None:
    span = Span(f"{text}.yaml", 3, max(column, 1), 3, max(column, 1) + length)
    found = Diagnostic(
        Severity.ERROR, f"c{text}", text, span, text, (edit(text),), source.replace("\n", ""), ((text, span),)
    )
    assert_harmless(diagnostics_text([found], PLAIN))
    assert diagnostics_text([found], ASCII).isascii()
    (line,) = map(workflow_command, annotations_in_files(diagnostics_view([found])["diagnostics"]))
    assert "\n" not in line
    assert "\r" not in line
    assert line.startswith("::error file=")
    assert re.fullmatch(r"::error file=[^:,]*,line=3,col=\d+,title=[^:,]*::.*", line)


def test_carets_stay_below_their_text() -> None:
    text = diagnostics_text([samples.nasty_diagnostic()], PLAIN)
    source, caret = text.split("\n")[1:3]
    assert source == "1 | id: \ufffd[2Jx\ufffd # end"
    assert caret == "  |     ^^^^"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Zürich 東京 🙂", "Zürich 東京 🙂"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u00a0b", "a\\xa0b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u3164", "\\u3164"),
        ("##[error]x", "##\\x5berror]x"),
        ("##VSO[x]", "##VSO\\x5bx]"),
        ("  ::error::x", "\\x3a:error::x"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert clean(shown) == shown


@given(HOSTILE)
def test_masked_keeps_positions(text: str) -> None:
    assert len(masked(text)) == len(text)
    assert masked(text, ascii_only=True).isascii()


@given(st.text(), st.integers(40, 100))
def test_cut_says_how_long_it_was(text: str, limit: int) -> None:
    assert cut(text, limit) == text if len(text) <= limit else f"({len(text)} characters)" in cut(text, limit)
    assert len(cut(text, limit)) <= limit


def test_cut_pair_shows_the_difference() -> None:
    before, after = cut_pair("x" * 500 + "old" + "y" * 500, "x" * 500 + "new" + "y" * 500, 80)
    assert "old" in before
    assert "new" in after
    assert len(before) <= 80


@pytest.mark.parametrize(
    "text",
    [
        "##[error]x",
        "###[error]x",
        "##vso[task.setvariable]x",
        "##VSO[x]",
        "::error::x",
        "  ::error::x",
        "a\n::error::x",
    ],
)
def test_json_breaks_runner_commands_and_stays_the_same_value(text: str) -> None:
    made = to_json({text: [text]})
    assert not re.search(r"##\w*\[", made)
    assert not re.search(r"(?:[\"\s]|\\n)::", made)
    assert json.loads(made) == {text: [text]}


def test_json_leaves_colons_in_a_text_alone() -> None:
    assert "arn:aws:iam::1:role/a" in to_json({"a": "arn:aws:iam::1:role/a"})


def test_no_secret_in_any_format() -> None:
    plan = samples.every_kind()
    view = plan_view(plan)
    outcome = outcome_view(Outcome(samples.results(), Exit.PARTIAL, plan))
    outputs = (plan_json(plan), plan_text(view, PLAIN), plan_markdown(view), outcome_text(outcome, PLAIN))
    for text in (*outputs, outcome_markdown(outcome), to_json(outcome)):
        assert samples.CANARY not in text
    assert "(secret)" in plan_text(view, PLAIN)
    assert "{env: OPENAI_API_KEY}" in plan_text(view, PLAIN)


class Tags(HTMLParser):
    """Which elements a page opens, and whether they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert all(name == "class" for name, _ in attrs)
        if tag != "br":  # which is never closed
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


OURS = {
    "h2",
    "p",
    "strong",
    "em",
    "code",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "pre",
    "ul",
    "li",
    "blockquote",
    "br",
}


@settings(max_examples=60)
@given(plans())
def test_rendered_markdown_has_only_our_elements(plan: Plan) -> None:
    for markdown in (plan_markdown(plan_view(plan)), outcome_markdown(outcome_view(Outcome((), Exit.BLOCKED, plan)))):
        tags = Tags()
        tags.feed(MarkdownIt("commonmark").enable("table").render(markdown))
        assert tags.seen <= OURS
        assert not tags.open


def test_a_rendered_nasty_plan_has_only_our_elements() -> None:
    tags = Tags()
    tags.feed(MarkdownIt("commonmark").enable("table").render(plan_markdown(plan_view(samples.nasty()))))
    assert tags.seen <= OURS
    assert not tags.open
