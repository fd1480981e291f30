"""Secrets of a file are taken out of texts."""

from __future__ import annotations

import pytest

from inferctl.secrets.literals import masked, pieces_of


@pytest.mark.parametrize(
    ("literals", "text", "shown"),
    [
        (["canary-1"], "it is canary-1, canary-1", "it is (secret), (secret)"),
        (["canary", "canary-long"], "canary-long and canary", "(secret) and (secret)"),
        (["secret", "canary"], "secret canary", "(secret) (secret)"),
        (["first line\n  second line\n\n"], "second line, first line", "(secret), (secret)"),
        (["a.b.c.d"], "a.b.c.d aXbXcXd", "(secret) aXbXcXd"),
        (["short"], "a short text", "a short text"),
        ([], "a text", "a text"),
    ],
)
def test_no_piece_is_left(literals: list[str], text: str, shown: str) -> None:
    assert masked(text, pieces_of(literals)) == shown


def test_a_shorter_piece_goes_where_a_whole_line_is_shown() -> None:
    assert masked("api: key", pieces_of(["key"]), shortest=3) == "api: (secret)"
