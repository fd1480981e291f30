"""Files that somebody made to hang the reader, to crash it, or to make it show what it must not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inferctl.operator_bounds.bounds import OperatorBounds
from inferctl.operator_bounds.read import read_bounds
from inferctl.syntax.source import MAX_BYTES
from inferctl.workspace.desired import Loaded, load_workspace
from inferctl.workspace.endpoint_file import read_file
from inferctl.workspace.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 60_000
HEAD = "inference_id: a\ntask_type: text_embedding\nservice: openai\nservice_settings:\n"


def lines(form: str) -> str:
    return "".join(form.format(n) for n in range(SIZE // len(form)))


CUSTOM = (
    "inference_id: a\ntask_type: completion\nservice: custom\nservice_settings:\n  request: x\n"
    "  response: {json_parser: {completion_result: $.a}}\n  secret_parameters: {k: {env: K}}\n"
)
TEXTS = {
    "templates that nothing ends": CUSTOM + "  url: 'https://h/" + "${" * (2 * SIZE) + "'",
    "templates in each other": CUSTOM + "  url: 'https://h/" + "${" * SIZE + "}'",
    "templates one after the other": CUSTOM + "  url: 'https://h/${p0}'\ntask_settings:\n  parameters:\n"
    + "".join(f"    p{n}: ${{p{n + 1}}}\n" for n in range(SIZE // 10)) + f"    p{SIZE // 10}: ${{k}}\n",
    "keys in a query": CUSTOM + "  url: https://h\n  query_parameters:\n" + lines("  - [api_key, v{}]\n"),
    "references in a query": CUSTOM + "  url: https://h\n  query_parameters:\n" + lines("  - [a, {{env: A{}}}]\n"),
    "keys in a URL": CUSTOM + "  url: https://h?" + lines("&api_key=v{}"),
    "braces on one line": '"' + "{a" * (SIZE // 2) + '" x',
    "question marks in a URL": HEAD + '  url: "https://a/' + "?" * SIZE + '"',
    "question marks and names": HEAD + '  url: "https://a/' + "?a" * (SIZE // 2) + '"',
    "blanks before a colon": '"' + " " * SIZE + '" : x',
    "unknown keys": lines("k{}: 1\n"),
    "unknown settings": HEAD + lines("  k{}: 1\n"),
    "items of a wrong type": "manage:\n" + lines("- 1\n"),
    "permits with too much": "permits:\n" + lines("- {{delete: a{}, adopt: b}}\n"),
    "every key twice": lines("k{}: 1\n") + lines("k{}: 1\n"),
    "secrets in clear": HEAD + lines("  api_key{0}: abcdefgh{0}\n"),
    "aliases in every document": "- &a [x,x,x,x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b,*b,*b,*b]\n- [*c,*c,*c,*c,*c,*c,*c,*c]\n---\n" * (SIZE // 100),
    "documents": lines("a{}\n---\n"),
    "one id again and again": lines("inference_id: a\n---\n"),
    "warnings": HEAD + "  x:\n" + lines("  - yes\n"),
    "open brackets": "[" * SIZE,
    "nested lists": "- " * (SIZE // 2),
    "nested keys": "? " * (SIZE // 2),
    "open braces": "{a: " * (SIZE // 4),
    "a long key": "k" * SIZE + ": 1",
    "a long id": "inference_id: " + "a-" * (SIZE // 2),
    "deep indent": "".join(" " * n + f"k{n}:\n" for n in range(600)),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("read", [read_file, read_settings])
def test_no_file_takes_long(name: str, read: object) -> None:
    assert callable(read)
    began = time.process_time()
    read("a.yaml", TEXTS[name].encode())
    assert time.process_time() - began < 30  # seconds, more while lines are counted; quadratic would be minutes


@pytest.mark.parametrize(
    "manage",
    [
        lines("- 'search-*a{}*" + "?" * 19 + "*a???????????-search'\n") * 8,
        "- " + "?" * 400_000,
    ],
)
def test_no_globs_take_long_to_hold_against_the_bounds(manage: str) -> None:
    bounds = read_bounds({"INFERCTL_BOUNDS": '{manage: ["search-*", "*-shop-*", "a*b*c", "[a-f]*-??-x*"]}'})
    began = time.process_time()
    _, diagnostics = read_settings("inferctl.yaml", f"manage:\n{manage}\n".encode(), bounds)
    assert {one.code for one in diagnostics} == {"bounds.manage"}
    assert time.process_time() - began < 30


def test_a_file_that_is_wrong_everywhere_says_how_much_is_left_out() -> None:
    found = read_file("a.yaml", (HEAD + lines("  k{}: 1\n")).encode())
    last = found.diagnostics[-1]
    assert (last.code, last.is_error, len(found.diagnostics), found.failed) == ("file.too-many", True, 501, True)


def test_warnings_that_are_left_out_fail_nothing() -> None:
    text = "inference_id: a\ntask_type: completion\nservice: openai\nservice_settings: {model_id: m, api_key: {env: K}}\nprobe: {input: [" + "yes, " * 600 + "]}\n"  # fmt: skip
    found = read_file("a.yaml", text.encode())
    assert found.diagnostics[-1].code == "file.too-many"
    assert not found.failed


NAMES = SIZE // 30
ENVIRONMENT = "scope: a\nendpoints: [e.yaml]\nenvironments:\n  prod:\n"
MADE_OF_TWO = {
    "one long variable a thousand times": (
        f"    variables: {{x: {'x' * SIZE}}}\n", HEAD + f"  model_id: '{'${x}' * 1_000}'\n", "", "variable.size"
    ),
    "one long variable in each endpoint": (
        f"    variables: {{x: {'x' * SIZE}}}\n",
        "".join(f"- {{inference_id: a{n}, task_type: rerank, service: x, service_settings: {{a: '-${{x}}'}}}}\n"
                for n in range(NAMES)),
        "", "variable.size",
    ),
    "names that no variable has": (
        "    variables:\n" + "".join(f"      some_name_{n}: 1\n" for n in range(NAMES)),
        HEAD + "".join(f"  k{n}: '${{some_nmae_{n}}}'\n" for n in range(NAMES)), "", "variable.unset",
    ),
    "overlays for what is not there": (
        "    overlays: [o.yaml]\n", "".join(f"- inference_id: some-name-{n}\n" for n in range(NAMES)),
        "".join(f"- inference_id: some-nmae-{n}\n" for n in range(NAMES)), "overlay.no-base",
    ),
    "keys that are not there to remove": (
        "    overlays: [o.yaml]\n", HEAD + "".join(f"  some_name_{n}: 1\n" for n in range(NAMES)),
        "inference_id: a\nservice_settings:\n" + "".join(f"  some_nmae_{n}: null\n" for n in range(NAMES)),
        "overlay.removes-nothing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE_OF_TWO)
def test_what_files_make_together_fills_no_memory_and_takes_not_long(tmp_path: Path, name: str) -> None:
    settings_text, endpoints, overlays, code = MADE_OF_TWO[name]
    for file, text in (("inferctl.yaml", ENVIRONMENT + settings_text), ("e.yaml", endpoints), ("o.yaml", overlays)):
        (tmp_path / file).write_text(text, encoding="utf-8")
    began = time.process_time()
    loaded = load_workspace(
        (), config=None, environ={}, bounds=OperatorBounds(), working_directory=tmp_path, environment="prod"
    )
    assert code in {one.code for one in loaded.diagnostics}
    assert time.process_time() - began < 30
    assert sum(len(str(one.value)) for one in loaded.declared) < 11 * MAX_BYTES


def prod_of(folder: Path, settings_text: str, endpoints: str) -> Loaded:
    for file, text in (("inferctl.yaml", ENVIRONMENT + settings_text), ("e.yaml", endpoints)):
        (folder / file).write_text(text, encoding="utf-8")
    bounds = OperatorBounds()
    return load_workspace((), config=None, environ={}, bounds=bounds, working_directory=folder, environment="prod")


def test_a_secret_in_a_variable_is_shown_by_no_line_of_the_settings(tmp_path: Path) -> None:
    """Another finding quotes the line; only the value that takes the variable says that it is a secret."""
    loaded = prod_of(
        tmp_path, "    variables: {z: hunter2hunter2, w: '${q}'}\n", HEAD + "  api_key: ${z}\n  model_id: ${w}\n"
    )
    assert {"secret.literal", "variable.literal"} <= {one.code for one in loaded.diagnostics}
    assert "hunter2" not in repr(loaded.diagnostics)


def test_overlays_do_not_come_from_stdin(tmp_path: Path) -> None:
    """That would be none at all, in silence."""
    loaded = prod_of(tmp_path, "    overlays: ['-']\n", HEAD + "  api_key: {env: K}\n  model_id: m\n")
    assert [one.code for one in loaded.diagnostics] == ["file.not-found"]


def test_more_environments_than_a_run_goes_through() -> None:
    made = "".join(f"  e{n}: {{}}\n" for n in range(501))
    _, found = read_settings("inferctl.yaml", f"environments:\n{made}".encode(), environment="e1")
    assert [one.code for one in found] == ["settings.value"]


PIECES = st.sampled_from(
    ["inference_id: a\n", "task_type: rerank\n", "service: cohere\n", "service_settings:\n", "  api_key: ", "{env: K}", "- ", "? ", ": ",
     "{", "}", "[", "]", ",", "&a ", "*a", "!!str ", "!x ", "---\n", "...\n", "\n", "  ", "\t", '"', "'", "|\n", ">-\n", "#", "%YAML 1.1\n",
     "<<: ", "~", ".inf", "1e999", "0x1F", "9" * 500, "yes", "\ufeff", "\u202e", "\x1b[31m", "\x00", "\u2028", "\U0001f600", "é", "::error::x",
     "limits: {max_deletes: ", "permits:\n- {delete: ", "lock: {ttl_s: ", "until: ", "2026-01-01", "connection: {timeout_s: ", "scope: "]
)  # fmt: skip


@settings(max_examples=400, deadline=1_000)
@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=30).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_give_diagnostics_inside_the_file(octets: bytes) -> None:
    text = octets.decode("utf-8-sig", "replace")
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for found in (read_file("a.yaml", octets).diagnostics, read_settings("a.yaml", octets)[1]):
        for diagnostic in found:
            span = diagnostic.span
            assert span.file == "a.yaml"
            assert 0 <= span.line <= len(rows)
            assert span.column <= (len(rows[span.line - 1]) + 1 if span.line else 0)
            assert (span.line, span.column) <= (span.end_line, span.end_column)
