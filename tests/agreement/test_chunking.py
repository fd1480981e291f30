"""`chunking_settings` in both readings: strategies, bounds, defaults, by version and for ELSER."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tests.agreement import pages
from tests.agreement.rows import VERSIONS

from inferctl.emulator import chunking as theirs
from inferctl.emulator.errors import ApiError
from inferctl.emulator.profiles import PROFILES
from inferctl.emulator.task_types import SINCE
from inferctl.model import chunking as ours
from inferctl.model.task_types import TASK_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

# What only the page refuses -> why.
STRICTER = {
    "field.type chunking_settings.sentence_overlap": "null: the server reads it as absent",
    "field.unknown chunking_settings.max_chunk_size": "beside strategy none the server drops it without a word",
}
STRATEGIES = ("sentence", "word", "recursive", "none")
SIZES = (..., None, "x", 9, 10, 19, 20, 40, 300, 301)


def bodies() -> Iterator[dict[str, Any]]:
    for strategy, size in product((..., None, "no-such", *STRATEGIES), SIZES):
        yield {"strategy": strategy, "max_chunk_size": size}
    for size, overlap in product((10, 21, 300), (..., None, "x", 0, 1, 5, 6, 10, 11, 150, 151)):
        yield {"strategy": "word", "max_chunk_size": size, "overlap": overlap}
    for overlap in (None, "x", -1, 0, 1, 2):
        yield {"strategy": "sentence", "max_chunk_size": 40, "sentence_overlap": overlap}
    for group, separators in product(
        (..., "plaintext", "markdown", "x"), (..., [], ["a"], "a", ["a"] * 50, ["a"] * 51)
    ):
        yield {"strategy": "recursive", "max_chunk_size": 40, "separator_group": group, "separators": separators}
    for strategy, field in product(STRATEGIES, ("sentence_overlap", "overlap", "separators", "separator_group", "x")):
        yield {"strategy": strategy, "max_chunk_size": 40, "overlap": 1 if strategy == "word" else ..., field: 1}


def refused(body: dict[str, Any], profile: str, *, elser: bool) -> str:
    try:
        theirs.parse(body, PROFILES[profile], elser=elser)
    except ApiError as error:
        return error.reason
    return ""


def test_they_take_and_refuse_the_same() -> None:
    stricter = set()
    for body, (profile, version), elser in product(bodies(), VERSIONS.items(), (False, True)):
        settings = {name: value for name, value in body.items() if value is not ...}
        problems, answer = (
            pages.refuses_chunking(settings, version, elser=elser),
            refused(settings, profile, elser=elser),
        )
        assert problems or not answer, (profile, elser, settings, answer)
        if problems and not answer:
            stricter.add(problems[0])
    assert stricter == set(STRICTER)


def test_what_is_filled_in() -> None:
    assert dict(ours.DEFAULT) == theirs.DEFAULT
    assert dict(ours.AFTER_RESET) == theirs.LOST
    assert {name: list(texts) for name, texts in ours.GROUPS.items()} == theirs.SEPARATORS
    assert theirs.parse({"strategy": "recursive", "max_chunk_size": 40}, PROFILES["9.5"])["separators"] == list(
        ours.GROUPS[ours.DEFAULT_GROUP]
    )


def test_task_types() -> None:
    for profile, version in VERSIONS.items():
        known = {task for task, since in TASK_TYPES.items() if since.includes(version)}
        assert known == {task for task, since in SINCE.items() if PROFILES[profile].knows(since)} - {"any"}
