"""The text form of a diagnostic: carets under the right columns."""

from __future__ import annotations

import pytest

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import edit
from inferctl.report.diagnostics import render


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
