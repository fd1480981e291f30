"""What a command did in several environments, as text and as one comment."""

from __future__ import annotations

from inferctl.api.render import render
from inferctl.exit_codes import Exit
from inferctl.report.environments import (
    Section,
    closing_text,
    environments_markdown,
    environments_text,
    environments_view,
    is_long,
)
from inferctl.report.failure import Failure, failure_view, not_started
from inferctl.report.markdown import LIMIT
from inferctl.report.plan_view import NO_RUN, plan_view
from inferctl.report.style import PLAIN, Style

from . import golden, samples

FAILED = Failure(
    Exit.FAILED, "transport.connection-failed", "GET /: cannot connect | *to* https://staging.example:9200"
)
VIEW = environments_view(
    "plan",
    "shop",
    [
        Section("staging", 1, failure_view(FAILED, NO_RUN)),
        Section("prod", 0, plan_view(samples.unchanged(), samples.IN_ENVIRONMENT, pinned=True)),
        Section("prod-eu", None, failure_view(not_started(), NO_RUN)),
    ],
)


def test_text_and_markdown() -> None:
    pages = {
        name: [
            render(FAILED, name),
            render(samples.unchanged(), name, run=samples.IN_ENVIRONMENT, pinned=True),
            render(not_started(), name),
        ]
        for name in ("text", "markdown")
    }
    golden.check("environments.txt", environments_text(VIEW, pages["text"], PLAIN))
    golden.check("environments.md", environments_markdown(VIEW, pages["markdown"], "all environments"))


def test_a_row_fits_the_terminal() -> None:
    assert max(map(len, closing_text(VIEW, Style(width=40)).splitlines())) <= 40


def test_one_comment_holds_what_fits_and_says_what_it_leaves_out() -> None:
    long = f"<!-- m -->\n## t\n\n{'x' * 40_000}\n"
    text = environments_markdown(VIEW, [long, "<!-- m -->\n## t\n\nshort\n", long], "all environments")
    assert len(text) < LIMIT
    assert "\nshort\n" in text
    assert "1 section left out" in text
    assert is_long(long, 2)
    assert not is_long(long, 1)
