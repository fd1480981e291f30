"""Faults of YAML: code and exact place; and the two laws of reading."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferctl.diagnostics import Diagnostic, Severity
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source, decode

# (text, code, line, column, end column)
FAULTS = [
    ("a: 1\nb: 2\na: 3\n", "yaml.duplicate-key", 3, 1, 2),
    ("x:\n  a: 1\n  'a': 3\n", "yaml.duplicate-key", 3, 3, 6),
    ("a: !foo 1\n", "yaml.tag", 1, 4, 10),
    ("a: !!python/object:os.system x\n", "yaml.tag", 1, 4, 31),
    ("a: !!int word\n", "yaml.tag", 1, 4, 14),
    ("a: !!set {b}\n", "yaml.tag", 1, 4, 13),
    ("b: &x [*x]\n", "yaml.alias-bomb", 1, 4, 11),
    ("b: &x {a: *x}\n", "yaml.alias-bomb", 1, 4, 14),
    ("c: {<<: {a: 1}}\n", "yaml.merge-key", 1, 5, 7),
    ("1: a\n", "yaml.key", 1, 1, 2),
    ("? [a]\n: 1\n", "yaml.key", 1, 3, 6),
    ("~: a\n", "yaml.key", 1, 1, 2),
    ("a: .nan\n", "yaml.number", 1, 4, 8),
    ("a: [1\nb: 2\n", "yaml.syntax", 2, 2, 3),
    ("a:\n\tb: 1\n", "yaml.syntax", 2, 1, 2),
    ("a: b: c\n", "yaml.syntax", 1, 5, 6),
    ("a: *b\n", "yaml.syntax", 1, 4, 5),
    ("a: @b\n", "yaml.syntax", 1, 4, 5),
    ("a: 'b\n", "yaml.syntax", 2, 1, 2),
    ("é: 'ü'\nà: b: c\n", "yaml.syntax", 2, 5, 6),
    ("a: 1\r\nb: no\r\n", "yaml.1-1", 2, 4, 6),
    ("\ufeffa: no\n", "yaml.1-1", 1, 4, 6),
    ("a: 1\n---\nb: no\n", "yaml.1-1", 3, 4, 6),
]


def read(octets: bytes) -> tuple[Diagnostic, ...]:
    source = decode("f.yaml", octets)
    return (source,) if isinstance(source, Diagnostic) else parse(source).diagnostics


@pytest.mark.parametrize(("text", "code", "line", "column", "end"), FAULTS)
def test_fault_and_place(text: str, code: str, line: int, column: int, end: int) -> None:
    (found,) = read(text.encode())
    assert (found.code, found.span.line, found.span.column, found.span.end_column) == (code, line, column, end)
    assert found.why
    assert found.fixes


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        ("a: 1".encode("utf-16"), "file.encoding"),
        ("a: é".encode("latin-1"), "file.encoding"),
        ("a: word".encode("utf-16-le"), "file.encoding"),
        (b"a: \x00", "yaml.character"),
        (b"a: b\x07c", "yaml.character"),
        ("a: b\u2028c".encode(), "yaml.character"),
        (b"a: " + b"x" * 1_000_001, "file.too-large"),
        (b"[" * 900 + b"]" * 900, "yaml.depth"),
        (b"[" * 50_000, "yaml.depth"),
        (b"- " * 50_000, "yaml.depth"),
    ],
)
def test_texts_that_are_refused(octets: bytes, code: str) -> None:
    assert [d.code for d in read(octets)] == [code]


def test_the_first_of_two_keys_is_named() -> None:
    (found,) = read(b"a: 1\nb: 2\na: 3\n")
    ((label, place),) = found.related
    assert (label, str(place)) == ("first given here", "f.yaml:1:1")


def test_one_document_that_fails_hides_no_other() -> None:
    assert [d.span.line for d in read(b"a: &a [*a]\n---\nb: .inf\n---\nc: .nan\n")] == [1, 3, 5]


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    start = time.perf_counter()
    (found,) = read("\n".join(lines).encode())
    assert found.code == "yaml.alias-bomb"
    assert time.perf_counter() - start < 5


def test_an_alias_is_a_value() -> None:
    parsed = parse(Source("f.yaml", "a: &x {k: [1]}\nb: *x\n"))
    assert parsed.documents[0].value == {"a": {"k": [1]}, "b": {"k": [1]}}
    assert not parsed.diagnostics


def test_documents_and_comments() -> None:
    parsed = parse(Source("f.yaml", "# one\n---\na: 1\n---\n# nothing\n---\n- b: 2\n- c: 3\n"))
    assert [d.value for d in parsed.documents] == [{"a": 1}, [{"b": 2}, {"c": 3}]]
    assert parsed.documents[1].starts == ((6, 2), (7, 2))


# Raw, these are refused (yaml.character); JSON allows them inside strings.
_REFUSED = "\x7f\x85\u2028\u2029\ufeff\ufffe\uffff" + "".join(map(chr, range(0x80, 0xA0)))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters=_REFUSED), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 2]))
def test_json_is_yaml(value: object, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    parsed = parse(Source("f.yaml", text))
    assert not [d for d in parsed.diagnostics if d.severity is Severity.ERROR]
    if (expected := json.loads(text)) is not None:
        assert repr(parsed.documents[0].value) == repr(expected)


@given(st.text(alphabet="ab: -[]{}'\"\n\t#&*!|>%@é1.<,?\r\\", max_size=60))
def test_every_span_lies_inside_its_file(text: str) -> None:
    source = decode("f.yaml", text.encode())
    assert isinstance(source, Source)
    for found in parse(source).diagnostics:
        assert 1 <= found.span.line <= len(source.lines)
        assert 1 <= found.span.column <= len(source.line(found.span.line)) + 1
        assert found.span.end_column > found.span.column
