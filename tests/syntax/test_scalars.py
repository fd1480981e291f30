"""Plain scalars as YAML 1.2 reads them, and the warning where 1.1 differs."""

from __future__ import annotations

from typing import Any

import pytest

from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source

SAME = [
    ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("Null", None), ("", None),
    ("0", 0), ("-12", -12), ("+3", 3), ("3.5", 3.5), ("-0.25", -0.25), (".5", 0.5), ("1.", 1.0), ("1.5e+3", 1500.0),
    ("0x1F", 31), ("text", "text"), ("tRUE", "tRUE"), ("1.2.3", "1.2.3"), ("-", "-"), ("1_a", "1_a"),
    ("text-embedding-3-small", "text-embedding-3-small"), ("+", "+"), (".", "."), ("-.", "-."), ("2024", 2024),
    ("us-east-1", "us-east-1"), ("'no'", "no"), ('"017"', "017"), ("!!str 12", "12"), ("!!int '12'", "12"),
]  # fmt: skip
DIFFERENT = [
    ("no", "no"), ("Yes", "Yes"), ("ON", "ON"), ("off", "off"), ("n", "n"), ("017", 17), ("0o17", 15), ("1:30", "1:30"),
    ("2001-12-14", "2001-12-14"), ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"), ("1e3", 1000.0),
    ("1_000", "1_000"), ("0b11", "0b11"), ("1.5e3", 1500.0), ("=", "="), ("08", 8), ("190:20:30", "190:20:30"),
]  # fmt: skip


def read(text: str) -> tuple[object, list[str]]:
    parsed = parse(Source("f.yaml", f"- [{text}]\n" if text else "- [~]\n"))
    document: Any = parsed.documents[0].value
    return document[0][0], [d.code for d in parsed.diagnostics]


@pytest.mark.parametrize(("text", "value"), [s for s in SAME if not s[0].startswith("!!int")])
def test_read_alike_by_both(text: str, value: object) -> None:
    found, codes = read(text)
    assert (found, type(found), codes) == (value, type(value), [])


@pytest.mark.parametrize(("text", "value"), DIFFERENT)
def test_read_as_1_2_with_a_warning(text: str, value: object) -> None:
    found, codes = read(text)
    assert (found, type(found), codes) == (value, type(value), ["yaml.1-1"])


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 5000])
def test_no_json_form(text: str) -> None:
    assert read(text)[1] == ["yaml.number"]


@pytest.mark.parametrize("key", ["api_key", "password", "client_secret"])
def test_a_value_that_may_be_secret_is_not_quoted_in_a_warning(key: str) -> None:
    parsed = parse(Source("f.yaml", f"{key}: 0123456\nother: {{deep: {{{key}: 0123456}}}}\n"))
    assert "123456" not in repr(parsed.diagnostics)
