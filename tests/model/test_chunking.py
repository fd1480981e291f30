"""`chunking_settings` by version: strategies, ranges, defaults, and the comparable form.

Source: docs/reference/server/chunking.md.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulated import Emulated
from tests.model.strategies import chunking as drawn
from tests.typed_fix import endpoint_reader, left_over

from inferctl.emulator.adapter import handle
from inferctl.model import chunking
from inferctl.model.chunking import GROUPS, comparable, group_of
from inferctl.model.task_types import TASK_TYPES
from inferctl.model.versions import LINES, NEWEST, Version
from inferctl.report.diagnostics import render_all
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.diagnostics import Diagnostic

ELSER = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}


def read(
    chunks: Any, version: str = "9.5", task: str = "text_embedding", *, elser: bool = False
) -> Sequence[Diagnostic]:
    """A file whose fourth line is the chunking settings."""
    service, own = (
        ("elasticsearch", ELSER) if elser else ("hugging_face", {"url": "https://u", "api_key": {"env": "K"}})
    )
    head = f"inference_id: e\ntask_type: {'sparse_embedding' if elser else task}\nservice: {service}\n"
    text = f"{head}chunking_settings: {json.dumps(chunks)}\nservice_settings: {json.dumps(own)}\n"
    return read_file("f.yaml", text.encode(), Version.parse(version)).diagnostics


def sentence(size: Any, **more: Any) -> dict[str, Any]:
    return {"strategy": "sentence", "max_chunk_size": size, **more}


def word(size: Any, **more: Any) -> dict[str, Any]:
    return {"strategy": "word", "max_chunk_size": size, **more}


def recursive(size: Any = 100, **more: Any) -> dict[str, Any]:
    return {"strategy": "recursive", "max_chunk_size": size, **more}


# settings, version, code (None: good), the text that the caret stands under
CASES: list[tuple[dict[str, Any], str, str | None, str]] = [
    (sentence(20), "8.17", None, ""),
    (sentence(19), "8.17", "field.range", "19"),
    (sentence(300), "9.1", None, ""),
    (sentence(301), "9.1", "field.range", "301"),
    (sentence(301), "9.2", None, ""),
    (sentence(50, sentence_overlap=0), "8.17", None, ""),
    (sentence(50, sentence_overlap=2), "8.17", "field.range", "2}"),
    (sentence(50, sentence_overlap=True), "8.17", "field.type", "true"),
    (sentence(50, sentence_overlap=1.0), "8.17", "field.type", "1.0"),
    (sentence("50"), "8.17", "field.type", '"50"'),
    (sentence(True), "8.17", "field.type", "true"),
    (sentence(None), "8.17", "field.type", "null"),
    ({"strategy": "sentence"}, "8.17", "field.missing", "chunking_settings"),
    (sentence(50, overlap=1), "8.17", "field.unknown", '"overlap"'),
    (sentence(50, sentence_overlapp=1), "8.17", "field.unknown", '"sentence_overlapp"'),
    (word(10, overlap=5), "8.17", None, ""),
    (word(9, overlap=1), "8.17", "field.range", "9,"),
    (word(11, overlap=6), "8.17", "field.range", "6}"),
    (word(10, overlap=0), "8.17", "field.range", "0}"),
    (word(10, overlap="5"), "8.17", "field.type", '"5"'),
    (word(10), "8.17", "field.missing", "chunking_settings"),
    (word(301, overlap=5), "9.1", "field.range", "301"),
    (word(301, overlap=5), "9.2", None, ""),
    (word(50, overlap=5, sentence_overlap=1), "8.17", "field.unknown", '"sentence_overlap"'),
    (recursive(), "8.18", "field.version", '"recursive"'),
    (recursive(), "9.0", "field.version", '"recursive"'),
    (recursive(), "8.19", None, ""),
    (recursive(9), "9.5", "field.range", "9}"),
    (recursive(301), "9.1", "field.range", "301"),
    (recursive(separators=["\n\n"]), "9.1", None, ""),
    (recursive(separators=[]), "9.1", "field.type", "[]"),
    (recursive(separators=[1]), "9.1", "field.type", "1]"),
    (recursive(separators="x"), "9.1", "field.type", '"x"'),
    (recursive(separators=["x"] * 51), "9.3", None, ""),
    (recursive(separators=["x"] * 51), "9.4.7", None, ""),
    (recursive(separators=["x"] * 51), "9.5.4", None, ""),
    *(
        (recursive(separators=["x"] * 51), version, "field.range", '["x"')
        for version in ("9.4", "9.4.8", "9.5", "9.5.5")
    ),
    (recursive(separator_group="markdown"), "9.1", None, ""),
    (recursive(separator_group="html"), "9.1", "field.enum", '"html"'),
    (recursive(separator_group="markdown", separators=["x"]), "9.1", "rule.exclusive", '"separator_group"'),
    (recursive(overlap=1), "9.1", "field.unknown", '"overlap"'),
    ({"strategy": "none"}, "9.1", None, ""),
    ({"strategy": "none"}, "9.0", "field.version", '"none"'),
    ({"strategy": "none", "max_chunk_size": 50}, "9.1", "field.unknown", '"max_chunk_size"'),
    ({"strategy": "Sentence", "max_chunk_size": 50}, "9.5", "chunking.strategy", '"Sentence"'),
    ({"strategy": None, "max_chunk_size": 50}, "9.5", "chunking.strategy", "null"),
    ({"max_chunk_size": 50}, "9.5", "chunking.strategy", "{"),
    ({}, "8.17", None, ""),
]


@pytest.mark.parametrize(("chunks", "version", "code", "under"), CASES)
def test_by_version(chunks: dict[str, Any], version: str, code: str | None, under: str) -> None:
    found = read(chunks, version)
    assert [d.code for d in found] == ([code] if code else []), render_all(found)
    for diagnostic in found:
        assert diagnostic.span.line == 4
        assert diagnostic.source_line[diagnostic.span.column - 1 :].startswith(under), render_all(found)
        assert diagnostic.why
        assert diagnostic.fixes


# Fixes after which something is left to do: a strategy has settings of its own, and one line adds one of them.
NEXT = {"strategy: sentence": ["field.missing chunking_settings.max_chunk_size"]}


@pytest.mark.parametrize(("chunks", "version", "code", "under"), CASES)
def test_a_fix_mends_it(chunks: dict[str, Any], version: str, code: str | None, under: str) -> None:
    endpoint = {
        "inference_id": "e", "task_type": "text_embedding", "service": "hugging_face",
        "service_settings": {"url": "https://u", "api_key": {"env": "K"}}, "chunking_settings": chunks,
    }  # fmt: skip
    left = left_over(endpoint, *endpoint_reader(endpoint, Version.parse(version)))
    assert len(left) == (code is not None), under
    assert {fix: found for fix, found in left.items() if found} in ({}, NEXT)


def test_a_strategy_that_is_left_out_is_not_meant_to_be_none() -> None:
    for chunks in ({"max_chunk_size": 50}, {"strategy": None}):
        assert [d.fixes[0].text for d in read(chunks)] == ["strategy: sentence"]
    assert [d.fixes[0].text for d in read({"strategy": "recursiv"})] == ["strategy: recursive"]


def test_elser_keeps_its_upper_limit() -> None:
    assert [d.code for d in read(sentence(301), "9.5", elser=True)] == ["field.range"]
    assert read(sentence(300), "9.5", elser=True) == ()
    assert chunking.largest(NEWEST, elser=False) is None


def test_only_embeddings_are_chunked() -> None:
    for task in sorted(TASK_TYPES):
        codes = [d.code for d in read(sentence(50), task=task) if d.span.line == 4]
        assert codes == ([] if task.endswith("embedding") else ["chunking.task-type"]), task


def test_a_group_compares_with_what_the_server_makes_of_it() -> None:
    for group, expansion in GROUPS.items():
        asked = comparable(recursive(separator_group=group))
        shown = comparable(recursive(separators=list(expansion)))
        assert asked == {"strategy": "recursive", "max_chunk_size": 100, "separator_group": group}
        assert shown is not None
        assert {**asked, "separators": list(expansion)} == shown
    assert comparable(recursive()) == comparable(recursive(separator_group="plaintext"))


def test_another_list_is_no_group() -> None:
    shown = comparable(recursive(separators=["\n# ", "x"]))
    assert shown == recursive(separators=["\n# ", "x"])
    assert group_of(["\n\n", "\n"]) == "plaintext"
    assert group_of(["\n", "\n\n"]) is None
    assert group_of([*GROUPS["markdown"], "\n\n"]) == "markdown"
    assert group_of("x") is None


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_form_is_stable_and_the_emulator_agrees(data: st.DataObject) -> None:
    version = data.draw(st.sampled_from(LINES))
    chunks = data.draw(drawn(version, elser=False))
    asked = comparable(chunks)
    assert asked is not None
    assert comparable(asked) == asked
    emulated = Emulated(str(version))
    body = {
        "service": "hugging_face",
        "service_settings": {"url": "https://u", "api_key": "k"},
        "chunking_settings": chunks,
    }
    shown = comparable(emulated.call("PUT", "/_inference/text_embedding/e", body)["chunking_settings"])
    assert shown is not None
    assert {key: shown.get(key) for key in asked} == dict(asked)


@settings(max_examples=60, deadline=None)
@given(
    chunks=st.fixed_dictionaries(
        {"strategy": st.sampled_from(["sentence", "word", "recursive", "none"])},
        optional={
            "max_chunk_size": st.integers(5, 320) | st.sampled_from(["x", True]),
            "overlap": st.integers(-1, 200),
            "sentence_overlap": st.integers(-1, 3),
            "separators": st.lists(st.just("x"), max_size=2),
            "separator_group": st.sampled_from(["markdown", "plaintext", "html"]),
        },
    ),
    version=st.sampled_from(LINES),
)
def test_what_we_let_through_the_emulator_takes(chunks: dict[str, Any], version: Version) -> None:
    """And what we refuse it refuses too, but for keys beside `none`, which the server drops without a word."""
    body = {
        "service": "hugging_face",
        "service_settings": {"url": "https://u", "api_key": "k"},
        "chunking_settings": chunks,
    }
    emulated = Emulated(str(version))
    refused = bool(read(chunks, str(version)))
    answer = handle(
        emulated.cluster,
        "PUT",
        "/_inference/text_embedding/e",
        {"content-type": "application/json"},
        json.dumps(body).encode(),
    )
    if chunks["strategy"] == "none" and len(chunks) > 1:
        assert refused
    else:
        assert refused == (answer.status >= 400), chunks
