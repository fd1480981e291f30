"""`chunking_settings` of a PUT."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import elser, openai

from .row import ABSENT, Ask, Row

VALIDATION = "validation_exception"
DEFAULT = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
RECURSIVE = {"strategy": "recursive", "max_chunk_size": 100}


def put(chunks: Any) -> Ask:
    return Ask("PUT", "/_inference/text_embedding/ep", {**openai(), "chunking_settings": chunks})


def sentence(**more: Any) -> dict[str, Any]:
    return {"strategy": "sentence", "max_chunk_size": 100, **more}


def word(**more: Any) -> dict[str, Any]:
    settings = {"strategy": "word", "max_chunk_size": 100, "overlap": 50, **more}
    return {key: value for key, value in settings.items() if value is not None}


ROWS = [
    Row("no chunking settings", "chunking", put({}), shows={"chunking_settings": DEFAULT}),
    Row(
        "no strategy",
        "chunking",
        put({"max_chunk_size": 100}),
        400,
        "illegal_argument_exception",
        "Can't generate Chunker without ChunkingStrategy provided",
        inferred="the text",
    ),
    Row("words", "chunking", put(word()), shows={"chunking_settings": word()}),
    Row("sentences", "chunking", put(sentence()), shows={"chunking_settings": sentence(sentence_overlap=1)}),
    Row(
        "sentences of no size",
        "chunking sentence",
        put({"strategy": "sentence"}),
        400,
        VALIDATION,
        "does not contain the required setting [max_chunk_size]",
        inferred="the text",
    ),
    Row(
        "an unknown setting of sentences",
        "chunking sentence",
        put(sentence(foo=1)),
        400,
        VALIDATION,
        "Sentence based chunking settings can not have the following settings: [foo]",
        inferred="the text",
    ),
    Row(
        "words of no size",
        "chunking word",
        put({"strategy": "word", "overlap": 5}),
        400,
        VALIDATION,
        "does not contain the required setting [max_chunk_size]",
        inferred="the text",
    ),
    Row(
        "words that say no overlap",
        "chunking word",
        put(word(overlap=None)),
        400,
        VALIDATION,
        "does not contain the required setting [overlap]",
        inferred="the text",
    ),
    Row(
        "an unknown setting of words",
        "chunking word",
        put(word(foo=1)),
        400,
        VALIDATION,
        "Word based chunking settings can not have the following settings: [foo]",
        inferred="the text",
    ),
    Row("words that overlap by more than half", "chunking word", put(word(overlap=51)), 400, VALIDATION),
    Row(
        "at most 300 words",
        "chunking limit",
        put(sentence(max_chunk_size=301)),
        400,
        VALIDATION,
        until="8.19/9.1",
        inferred="what was refused before the limit went",
    ),
    Row(
        "too few words of a sentence",
        "chunking classes",
        put(sentence(max_chunk_size=19)),
        400,
        VALIDATION,
        "[chunking_settings] Invalid value [19.0]. [max_chunk_size] must be greater than or equal to [20.0]",
        since="9.5",
    ),
    Row(
        "any number of words",
        "chunking limit",
        put(sentence(max_chunk_size=301)),
        shows={"chunking_settings.max_chunk_size": 301},
        since="9.2",
        inferred="the release",
    ),
    Row(
        "at most 300 words for ELSER",
        "chunking limit",
        Ask("PUT", "/_inference/sparse_embedding/ep", {**elser(), "chunking_settings": sentence(max_chunk_size=301)}),
        400,
        VALIDATION,
        inferred="that ELSER keeps its limit: the change log says that the upper one went",
    ),
    Row(
        "separators",
        "chunking recursive",
        put({**RECURSIVE, "separators": ["a", "b"]}),
        shows={"chunking_settings": {**RECURSIVE, "separators": ["a", "b"]}},
        since="8.19/9.1",
    ),
    Row(
        "a group of separators is shown as its members",
        "chunking recursive",
        put({**RECURSIVE, "separator_group": "plaintext"}),
        shows={
            "chunking_settings.separators": ["(?<!\\n)\\n\\n(?!\\n)", "(?<!\\n)\\n(?!\\n)"],
            "chunking_settings.separator_group": ABSENT,
        },
        since="8.19/9.1",
        inferred="the members before 9.5.3, whose classes hold them",
    ),
    Row(
        "too few words to go on",
        "chunking recursive",
        put({**RECURSIVE, "max_chunk_size": 9}),
        400,
        VALIDATION,
        since="8.19/9.1",
    ),
    Row(
        "too many words to go on",
        "chunking recursive before",
        put({**RECURSIVE, "max_chunk_size": 301}),
        400,
        VALIDATION,
        since="8.19/9.1",
        until="8.19/9.1",
        inferred="that the releases are of this state of the suite; the later one has no such limit",
    ),
    Row(
        "a group that is none",
        "chunking recursive",
        put({**RECURSIVE, "separator_group": "invalid"}),
        400,
        VALIDATION,
        since="8.19/9.1",
    ),
    Row(
        "an unknown setting beside separators",
        "chunking recursive",
        put({**RECURSIVE, "invalid_key": "x"}),
        400,
        VALIDATION,
        "Recursive chunking settings can not have the following settings: [invalid_key]",
        since="8.19/9.1",
        inferred="the text before 9.5.3, whose classes hold it",
    ),
    Row(
        "separators and a group",
        "chunking recursive",
        put({**RECURSIVE, "separators": ["\n"], "separator_group": "plaintext"}),
        400,
        VALIDATION,
        "Recursive chunking settings can not have both separators and separator_set",
        since="8.19/9.1",
        inferred="the text before 9.5.3, whose classes hold it",
    ),
    Row(
        "an empty list of separators",
        "chunking recursive",
        put({**RECURSIVE, "separators": []}),
        400,
        VALIDATION,
        "Recursive chunking settings can not have an empty list of separators",
        since="8.19/9.1",
        inferred="the text before 9.5.3, whose classes hold it",
    ),
    Row(
        "no chunks",
        "chunking none",
        put({"strategy": "none"}),
        shows={"chunking_settings": {"strategy": "none"}},
        since="8.19/9.1",
    ),
    Row(
        "no such strategies yet",
        "chunking none",
        put({"strategy": "none"}),
        400,
        "illegal_argument_exception",
        "Invalid chunkingStrategy none",
        until="8.18/9.0",
        inferred="the text",
    ),
    Row(
        "50 separators",
        "chunking separators",
        put({**RECURSIVE, "separators": [f"{n}" for n in range(50)]}),
        shows={"chunking_settings.separators.#": 50},
        since="8.19/9.1",
    ),
]
