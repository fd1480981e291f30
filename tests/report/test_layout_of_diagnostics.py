"""The text form of a diagnostic: carets under the right columns; where lines of a terminal are broken."""

from __future__ import annotations

import pytest

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import edit
from inferctl.report.diagnostics import diagnostics_text, render
from inferctl.report.style import Style
from inferctl.report.text_lines import wrapped


@pytest.mark.parametrize(
    ("line", "start", "end", "caret"),
    [
        ("a: bcd", 4, 7, "   ^^^"),
        ("\ta: b", 5, 6, "       ^"),
        ("日本: x", 5, 6, "      ^"),
        ("x: 日本", 4, 6, "   ^^^^"),
        ("e\u0301: x", 5, 6, "   ^"),
        ("a: ", 4, 5, "   ^"),
        ("a: (secret)", 30, 40, "           ^"),
    ],
)
def test_caret(line: str, start: int, end: int, caret: str) -> None:
    text = render(
        Diagnostic(Severity.ERROR, "c.d", "what", Span("f", 3, start, 3, end), "because", (edit("do"),), line)
    )
    lines = text.splitlines()
    assert lines[0] == f"f:3:{start}: error[c.d]: what"
    assert lines[1] == "3 | " + line.rstrip().replace("\t", "    ")
    assert lines[2] == "  | " + caret
    assert lines[3:] == ["  why: because", "  fix: do"]


def test_a_whole_file() -> None:
    assert render(Diagnostic(Severity.WARNING, "c.d", "what", Span("f"))) == "f: warning[c.d]: what"


def test_prose_is_broken_between_words_where_the_terminal_ends() -> None:
    """A line of the file keeps its caret below it, and what is typed stays whole."""
    line = "service_settings: " + "x" * 90
    fix = "mv endpoints/a-name-that-is-rather-long.yml endpoints/a-name-that-is-rather-long.yaml"
    finding = Diagnostic(Severity.ERROR, "c.d", "what " * 20 + "end", Span("f", 3, 1, 3, 17), "because " * 15 + "end",
                         (edit(fix),), line)  # fmt: skip
    lines = diagnostics_text([finding], Style(width=80)).splitlines()
    kept = [f"3 | {line}", "  | " + "^" * 16, f"  fix: {fix}"]
    assert [one for one in kept if one not in lines] == []
    prose = [one for one in lines if one not in kept]
    assert max(map(len, prose)) <= 80
    assert " ".join(prose).split() == f"f:3:1: error[c.d]: {finding.what} why: {finding.why} 1 error".split()


def test_a_command_that_comes_after_another_thing_begins_a_line() -> None:
    command = "inferctl apply --yes --allow-replace --replace-timeout 3"
    line = f"next: correct the settings in endpoints/shop-chat.yaml:1, then: {command}"
    assert wrapped([line], Style(width=80)) == [line.removesuffix(f" {command}"), f"    {command}"]
    assert wrapped([line], Style(width=200)) == [line]
    long = f"next: {command} {'--target shop-chat ' * 5}"
    assert wrapped([long], Style(width=80)) == [long]
