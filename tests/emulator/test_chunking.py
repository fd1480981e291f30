"""`chunking_settings`: strategies, limits, defaults, texts (chunking.md)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from .api import Api, elser, in_each, known, openai

DEFAULT = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
LOST = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}


def sentence(**more: Any) -> dict[str, Any]:
    return {"strategy": "sentence", "max_chunk_size": 100, **more}


def word(**more: Any) -> dict[str, Any]:
    return {"strategy": "word", "max_chunk_size": 100, "overlap": 10, **more}


def recursive(**more: Any) -> dict[str, Any]:
    return {"strategy": "recursive", "max_chunk_size": 100, **more}


def bound(version: str, words: str) -> str:
    """A bound as a version words it: from 9.5 on without an article (chunking.md#refusals)."""
    return re.sub(r"be a (greater|less)", r"be \1", words) if known(version, "9.5") else words


def put(version: str, chunks: Any, body: Any = None, task: str = "text_embedding") -> Any:
    whole = {**(body or openai()), "chunking_settings": chunks}
    return Api(version)("PUT", f"/_inference/{task}/ep", whole)


GOOD: list[tuple[str, Any, Any, str]] = [
    ("empty", {}, DEFAULT, ""),
    ("null", None, DEFAULT, ""),
    ("sentence", sentence(), sentence(sentence_overlap=1), ""),
    ("sentence without overlap", sentence(sentence_overlap=0), sentence(sentence_overlap=0), ""),
    ("sentence at its least", sentence(max_chunk_size=20), sentence(max_chunk_size=20, sentence_overlap=1), ""),
    ("300", sentence(max_chunk_size=300), sentence(max_chunk_size=300, sentence_overlap=1), ""),
    ("word", word(), word(), ""),
    ("word at its least", word(max_chunk_size=10, overlap=5), word(max_chunk_size=10, overlap=5), ""),
    ("word with half", word(max_chunk_size=101, overlap=50), word(max_chunk_size=101, overlap=50), ""),
    ("none", {"strategy": "none"}, {"strategy": "none"}, "8.19/9.1"),
    ("none drops other keys", {"strategy": "none", "max_chunk_size": 5, "x": 1}, {"strategy": "none"}, "8.19/9.1"),
    ("separators", recursive(separators=["\n", "."]), recursive(separators=["\n", "."]), "8.19/9.1"),
    (
        "recursive at its least",
        recursive(max_chunk_size=10, separators=["a"]),
        recursive(max_chunk_size=10, separators=["a"]),
        "8.19/9.1",
    ),
]


@in_each()
@pytest.mark.parametrize(("chunks", "stored", "since"), [pytest.param(*row[1:], id=row[0]) for row in GOOD])
def test_accepted(version: str, chunks: Any, stored: Any, since: str) -> None:
    """chunking.md: what is stored and returned."""
    answer = put(version, chunks)
    if known(version, since):
        assert answer.body["chunking_settings"] == stored
    else:
        reason = f"Invalid chunkingStrategy {chunks['strategy']}"
        assert answer.brief() == (400, "illegal_argument_exception", reason)


VALID, ILLEGAL, STATUS = "validation_exception", "illegal_argument_exception", "status_exception"
BAD: list[tuple[str, Any, str, str]] = [
    ("no strategy", {"max_chunk_size": 100}, ILLEGAL, "Can't generate Chunker without ChunkingStrategy provided"),
    ("unknown strategy", {"strategy": "foo"}, ILLEGAL, "Invalid chunkingStrategy foo"),
    ("an object as strategy", {"strategy": {}}, ILLEGAL, "Invalid chunkingStrategy {}"),
    ("a list as strategy", {"strategy": ["sentence"]}, ILLEGAL, "Invalid chunkingStrategy [sentence]"),
    ("a boolean as strategy", {"strategy": True}, ILLEGAL, "Invalid chunkingStrategy true"),
    ("a number as strategy", {"strategy": 3}, ILLEGAL, "Invalid chunkingStrategy 3"),
    ("upper case", sentence(strategy="Sentence"), ILLEGAL, "Invalid chunkingStrategy Sentence"),
    (
        "key of word in sentence",
        sentence(overlap=3),
        VALID,
        "Validation Failed: 1: Sentence based chunking settings can not have the following settings: [overlap];",
    ),
    (
        "key of sentence in word",
        word(sentence_overlap=1),
        VALID,
        "Validation Failed: 1: Word based chunking settings can not have the following settings: [sentence_overlap];",
    ),
    (
        "unknown key",
        sentence(foo=1),
        VALID,
        "Validation Failed: 1: Sentence based chunking settings can not have the following settings: [foo];",
    ),
    ("overlap of two", sentence(sentence_overlap=2), VALID, "sentence_overlap[2] must be either 0 or 1"),
    (
        "no size",
        {"strategy": "sentence"},
        VALID,
        "[chunking_settings] does not contain the required setting [max_chunk_size]",
    ),
    (
        "word without overlap",
        {"strategy": "word", "max_chunk_size": 100},
        VALID,
        "[chunking_settings] does not contain the required setting [overlap]",
    ),
    (
        "too small a sentence",
        sentence(max_chunk_size=19),
        VALID,
        "[chunking_settings] Invalid value [19.0]. [max_chunk_size] must be a greater than or equal to [20.0]",
    ),
    (
        "too small a word",
        word(max_chunk_size=9, overlap=1),
        VALID,
        "[chunking_settings] Invalid value [9.0]. [max_chunk_size] must be a greater than or equal to [10.0]",
    ),
    (
        "overlap of zero",
        word(overlap=0),
        VALID,
        "[chunking_settings] Invalid value [0]. [overlap] must be a positive integer",
    ),
    (
        "overlap above half",
        word(max_chunk_size=101, overlap=51),
        VALID,
        "[chunking_settings] Invalid value [51.0]. [overlap] must be a less than or equal to [50.0]",
    ),
    (
        "size is a word",
        sentence(max_chunk_size="big"),
        VALID,
        "field [max_chunk_size] is not of the expected type. The value [big] cannot be converted to a [Integer]",
    ),
    (
        "overlap is a list",
        sentence(sentence_overlap=[]),
        VALID,
        "field [sentence_overlap] is not of the expected type. The value [[]] cannot be converted to a [Integer]",
    ),
    (
        "overlap is an object",
        word(overlap={}),
        VALID,
        "field [overlap] is not of the expected type. The value [{}] cannot be converted to a [Integer]",
    ),
]


@in_each()
@pytest.mark.parametrize(("chunks", "kind", "reason"), [pytest.param(*row[1:], id=row[0]) for row in BAD])
def test_refused(version: str, chunks: Any, kind: str, reason: str) -> None:
    """chunking.md."""
    answer = put(version, chunks)
    assert (answer.status, answer.type) == (400, kind)
    assert bound(version, reason) in answer.reason


@in_each()
def test_no_word_for_the_strategy(version: str) -> None:
    """chunking.md#refusals: the server itself fails on a null."""
    answer = put(version, {"strategy": None})
    assert (answer.status, answer.type) == (500, "null_pointer_exception")
    assert 'the return value of "java.util.Map.get(Object)" is null' in answer.reason


RECURSIVE_BAD = [
    (recursive(separators=["a"], separator_group="markdown"), "both"),
    (recursive(separators=[]), "empty"),
    (
        recursive(separators={}),
        "field [separators] is not of the expected type. The value [{}] cannot be converted to a [List]",
    ),
    (recursive(separators=["a", 1]), "The value [1] cannot be converted to a [String]"),
    (recursive(separator_group="html"), "one of [markdown, plaintext]"),
    (recursive(separator_group=[]), "field [separator_group] is not of the expected type."),
    (recursive(max_chunk_size=9), "must be a greater than or equal to [10.0]"),
    (recursive(overlap=1), "Recursive chunking settings can not have the following settings: [overlap]"),
]


@in_each(["8.19", "9.1", "9.2", "9.5"])
@pytest.mark.parametrize(("chunks", "words"), RECURSIVE_BAD)
def test_refused_recursive(version: str, chunks: Any, words: str) -> None:
    """chunking.md: at most one of separators and separator_group."""
    answer = put(version, chunks)
    assert (answer.status, answer.type) == (400, VALID)
    assert bound(version, words) in answer.reason


@in_each(["8.19", "9.1", "9.5"])
def test_separator_group_is_expanded(version: str) -> None:
    """chunking.md: stored and returned as `separators`; the plain text list without both."""
    plain = put(version, recursive()).body["chunking_settings"]
    named = put(version, recursive(separator_group="plaintext")).body["chunking_settings"]
    markdown = put(version, recursive(separator_group="markdown")).body["chunking_settings"]
    assert plain == named
    assert set(plain) == {"strategy", "max_chunk_size", "separators"}
    assert len(plain["separators"]) > 0
    assert plain["separators"] != markdown["separators"]
    assert all(isinstance(item, str) for item in markdown["separators"])


@in_each()
@pytest.mark.parametrize("chunks", [sentence(max_chunk_size=301), word(max_chunk_size=5000, overlap=1)])
def test_upper_limit(version: str, chunks: Any) -> None:
    """chunking.md: 300 up to 9.1; none from 9.2 on."""
    answer = put(version, chunks)
    if known(version, "9.2"):
        assert answer.body["chunking_settings"]["max_chunk_size"] == chunks["max_chunk_size"]
    else:
        size = float(chunks["max_chunk_size"])
        words = f"[chunking_settings] Invalid value [{size}]. [max_chunk_size] must be a less than or equal to [300.0]"
        assert words in answer.reason


@in_each()
@pytest.mark.parametrize(
    "body",
    [
        elser(),
        elser(model_id=".elser_model_2_linux-x86_64"),
        {"service": "elser", "service_settings": {"num_threads": 1, "num_allocations": 1}},
    ],
)
def test_elser_keeps_the_limit(version: str, body: Any) -> None:
    """chunking.md: ELSER models in every version."""
    answer = put(version, sentence(max_chunk_size=301), body, "sparse_embedding")
    assert (answer.status, answer.type) == (400, VALID)
    assert put(version, sentence(max_chunk_size=300), body, "sparse_embedding").status == 200


@in_each()
@pytest.mark.parametrize("model", [".multilingual-e5-small"])
def test_other_in_cluster_models_follow_the_general_rule(version: str, model: str) -> None:
    """chunking.md."""
    answer = put(version, sentence(max_chunk_size=301), elser(model_id=model), "text_embedding")
    assert answer.status == (200 if known(version, "9.2") else 400)


@pytest.mark.parametrize("task", ["completion", "rerank"])
@in_each()
def test_unknown_elsewhere(every: Api, task: str) -> None:
    """chunking.md: an unknown setting on other task types, even empty."""
    service = "openai" if task == "completion" else "cohere"
    body = {**openai(), "service": service, "chunking_settings": sentence()}
    assert every("PUT", f"/_inference/{task}/ep", body).status == 400


@in_each()
def test_endpoint_without_stored_chunking(every: Api) -> None:
    """chunking.md, reconciling.md#known-faults: made before 8.16, or lost: word, 250, 100."""
    every.put("text_embedding", "ep", openai())
    every.cluster.store(replace(every.cluster.endpoints["ep"], chunking=None))
    assert every.read("ep")["chunking_settings"] == LOST


@pytest.mark.parametrize("value", ["x", [], 3])
@in_each()
def test_not_an_object(every: Api, value: Any) -> None:
    """chunking.md, create.md#refused-settings."""
    answer = every("PUT", "/_inference/text_embedding/ep", {**openai(), "chunking_settings": value})
    assert answer.status == 400
    assert answer.reason.startswith("field [chunking_settings] is not of the expected type.")


@in_each()
def test_null_strategy_is_an_error(every: Api) -> None:
    """chunking.md: a server error in the source; certain is only that it is refused."""
    answer = every("PUT", "/_inference/text_embedding/ep", {**openai(), "chunking_settings": {"strategy": None}})
    assert answer.status >= 400
    assert every.gone("ep")
