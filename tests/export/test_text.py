"""Exported YAML: any JSON value comes back as it was, the same in every reader, and it reads like documentation."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inferctl.export.document import ExportedFile, Variable
from inferctl.export.text import document_text, stream_text
from inferctl.json_types import canonical
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source, decode

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ODD_WORDS = st.sampled_from(
    ["no", "Yes", "on", "null", "~", "true", "1", "1.5", "0x1f", "0o17", "017", "1e3", "12:30:45", "2024-10-21", "=", "<<",
     "-", "- a", "? a", ": a", "a: b", "a #b", "# a", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "{", "[", ",", "'", '"',
     "a\nb", " a", "a ", "\u2028", "\ufeff", "\x85", "\x00", ".inf", ".nan", ".5", "_", "...", "---", "a:", ":a", "$a", "1_000", "+1",
     "##[group]a", "##vso[task]", "::error::a", " ::error::a", "a\n::error::a", '"##[a]', "\\\\::a"]
)  # fmt: skip
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | ODD_WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | ODD_WORDS, inner, max_size=4),
    max_leaves=12,
)


def of(value: dict[str, Any], **more: Any) -> ExportedFile:
    return ExportedFile("a", "openai", value, **more)


@given(st.dictionaries(KEYS | ODD_WORDS, VALUES, min_size=1, max_size=5))
def test_any_value_comes_back(value: dict[str, Any]) -> None:
    text = document_text(of(value))
    source = decode("f.yaml", text.encode())
    assert isinstance(source, Source)
    parsed = parse(source)
    assert parsed.diagnostics == (), text  # no warning either: YAML 1.1 reads the same
    assert canonical(parsed.documents[0].value) == canonical(value)
    assert document_text(of(value)) == text


COMMANDS = ["##[group]a", "##vso[task]a", "::error::a", "  ::error::a", '"##[a]', "a\\##[b]", "\n::error::a"]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_a_command_of_a_ci_runner(command: str) -> None:
    value = {"a": command, command: {command: [command]}, "b": [["x" * 99, command]]}
    text = document_text(of(value, notes=(command,)))
    assert not re.search(r"##\w*\[|(?:^|[\s\"'])::", text)
    assert yaml.safe_load(text) == value


@given(st.dictionaries(KEYS, ODD_WORDS | NUMBERS | TEXTS, min_size=1, max_size=4))
def test_a_yaml_1_1_reader_sees_the_same(value: dict[str, Any]) -> None:
    assert canonical(yaml.safe_load(document_text(of(value)))) == canonical(value)


def test_the_looks_of_a_file() -> None:
    value = {
        "inference_id": "a",
        "task_type": "text_embedding",
        "service": "custom",
        "service_settings": {
            "url": "https://e.com/v1",
            "api_version": "2024-10-21",
            "limit": 1e-05,
            "request": '{"input": ${input}}',
            "headers": {"Authorization": "Bearer ${k}"},
            "query_parameters": [["a", "b"], ["c", "x" * 90]],
            "parser": {"one": "x" * 50, "two": "y" * 50},
            "secret_parameters": {"k": {"env": "A_K"}},
        },
        "task_settings": {"user": "no"},
    }
    variable = Variable("A_K", "a", "custom", ("service_settings", "secret_parameters", "k"), "It may\nhave none.")
    assert document_text(of(value, variables=(variable,), notes=("A note.",), lost=("x looks odd",))) == (
        "# Set before an apply: A_K.\n"
        "# It may?have none.\n"
        "# A note.\n"
        "# x looks odd.\n"
        "inference_id: a\n"
        "task_type: text_embedding\n"
        "service: custom\n"
        "service_settings:\n"
        "  url: https://e.com/v1\n"
        '  api_version: "2024-10-21"\n'
        "  limit: 1.0e-05\n"
        "  request: '{\"input\": ${input}}'\n"
        '  headers: {Authorization: "Bearer ${k}"}\n'
        "  query_parameters:\n"
        "    - [a, b]\n"
        "    - - c\n"
        f"      - {'x' * 90}\n"
        "  parser:\n"
        f"    one: {'x' * 50}\n"
        f"    two: {'y' * 50}\n"
        "  secret_parameters: {k: {env: A_K}}\n"
        'task_settings: {user: "no"}\n'
    )


def test_a_stream_has_a_line_between_documents() -> None:
    assert stream_text([of({"a": 1}), of({"b": 2})]) == "a: 1\n---\nb: 2\n"
    assert stream_text([]) == ""


@pytest.mark.parametrize("text", ["a\nb: injected", "a\r\nb: injected", "a\x85b: injected", "a\u2028b: injected"])
def test_a_comment_stays_a_comment(text: str) -> None:
    document = of({"a": 1}, notes=(text,))
    source = decode("f.yaml", document_text(document).encode())
    assert isinstance(source, Source)
    assert [d.value for d in parse(source).documents] == [{"a": 1}]
