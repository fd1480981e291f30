"""`chunking_settings`: strategies, ranges and defaults by version, and one comparable form.

Source: inference-api 10; catalog.yaml chunking_settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from inferctl.model.services.facts import Problem
from inferctl.model.task_types import CHUNKED
from inferctl.model.versions import NEWEST, Version, since

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

DEFAULT: JsonObject = MappingProxyType({"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1})
# What an endpoint reads as when its chunking settings were lost by an update (inference-api 12.5).
AFTER_RESET: JsonObject = MappingProxyType({"strategy": "word", "max_chunk_size": 250, "overlap": 100})

_FIELDS = {
    "sentence": ("max_chunk_size", "sentence_overlap"),
    "word": ("max_chunk_size", "overlap"),
    "recursive": ("max_chunk_size", "separators", "separator_group"),
    "none": (),
}
_SINCE = {"sentence": since("8.16"), "word": since("8.16"), "recursive": since("8.19"), "none": since("8.19")}
_SMALLEST = {"sentence": 20, "word": 10, "recursive": 10}
_UPPER_LIMIT_GONE = Version(9, 2)


def validate_chunking(settings: Json, task_type: str | None, version: Version | None) -> list[Problem]:
    """All that is wrong with a chunking_settings mapping; paths start with `chunking_settings`."""
    server = (version or NEWEST).effective()
    if settings is None or not isinstance(settings, Mapping):
        return []
    if task_type is not None and task_type not in CHUNKED and settings:
        return [_problem((), "chunking.task-type", f"{task_type} has no chunking_settings",
                         "only embedding task types cut their input into chunks", "remove it", "key")]  # fmt: skip
    if not settings:
        return []
    strategy = settings.get("strategy")
    if not isinstance(strategy, str) or strategy not in _FIELDS:
        near = get_close_matches(str(strategy).lower(), list(_FIELDS), n=1)
        at = ("strategy",) if "strategy" in settings else ()
        return [_problem(at, "chunking.strategy", f"strategy must be one of {', '.join(_FIELDS)}",
                         "an object without a strategy is refused, and the word must be lower case",
                         f"strategy: {near[0] if near else 'sentence'}")]  # fmt: skip
    if not _SINCE[strategy].includes(server):
        return [_problem(("strategy",), "field.version", f"strategy {strategy} needs {_SINCE[strategy].text()}",
                         f"the server is {server}", "strategy: sentence")]  # fmt: skip
    return [
        *_unknown(strategy, settings),
        *_sizes(strategy, settings, server),
        *_overlaps(strategy, settings),
    ]


def _unknown(strategy: str, settings: JsonObject) -> list[Problem]:
    known = ("strategy", *_FIELDS[strategy])
    problems = []
    for name in settings:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            fix = f"did you mean {near[0]}?" if near else "remove it"
            problems.append(_problem((name,), "field.unknown", f"{name} is not a setting of the {strategy} strategy",
                                     f"known here: {', '.join(known)}", fix, "key"))  # fmt: skip
    if "separators" in settings and "separator_group" in settings:
        problems.append(_problem(("separator_group",), "rule.exclusive", "separators and separator_group exclude each other",
                                 "the server takes one of them", "remove one", "key"))  # fmt: skip
    return problems


def _sizes(strategy: str, settings: JsonObject, server: Version) -> list[Problem]:
    if strategy == "none":
        return []
    low, high = _SMALLEST[strategy], None if server >= _UPPER_LIMIT_GONE else 300
    size = settings.get("max_chunk_size")
    if "max_chunk_size" not in settings:
        return [_problem(("max_chunk_size",), "field.missing", "max_chunk_size is missing",
                         "a given object switches the defaults off", "max_chunk_size: 250", "key")]  # fmt: skip
    if not isinstance(size, int) or isinstance(size, bool):
        return [_problem(("max_chunk_size",), "field.type", "max_chunk_size must be a whole number", "words per chunk",
                         "max_chunk_size: 250")]  # fmt: skip
    if size < low or (high is not None and size > high):
        limit = f"at least {low}" + (f" and at most {high} before 9.2" if high else "")
        return [_problem(("max_chunk_size",), "field.range", f"max_chunk_size must be {limit}", "words per chunk",
                         f"max_chunk_size: {low if size < low else high}")]  # fmt: skip
    return []


def _overlaps(strategy: str, settings: JsonObject) -> list[Problem]:
    if strategy == "sentence" and settings.get("sentence_overlap", 1) not in (0, 1):
        return [_problem(("sentence_overlap",), "field.range", "sentence_overlap must be 0 or 1", "sentences",
                         "sentence_overlap: 1")]  # fmt: skip
    if strategy == "word":
        size, overlap = settings.get("max_chunk_size"), settings.get("overlap")
        if "overlap" not in settings:
            return [_problem(("overlap",), "field.missing", "overlap is missing", "the word strategy has no default for it",
                             "overlap: 100", "key")]  # fmt: skip
        if not isinstance(overlap, int) or isinstance(overlap, bool) or overlap < 1:
            return [_problem(("overlap",), "field.range", "overlap must be at least 1", "words", "overlap: 1")]
        if isinstance(size, int) and overlap > size // 2:
            return [_problem(("overlap",), "field.range", f"overlap must be at most {size // 2}",
                             "half of max_chunk_size", f"overlap: {size // 2}")]  # fmt: skip
    if strategy == "recursive":
        separators = settings.get("separators")
        if "separators" in settings and (
            not isinstance(separators, list | tuple)
            or not separators
            or not all(isinstance(s, str) for s in separators)
        ):
            return [_problem(("separators",), "field.type", "separators must be a list of strings, not empty",
                             "regular expressions are allowed", 'separators: ["\\n\\n", "\\n"]')]  # fmt: skip
        if settings.get("separator_group", "plaintext") not in ("plaintext", "markdown"):
            return [_problem(("separator_group",), "field.enum", "separator_group must be plaintext or markdown",
                             "the server knows these two lists", "separator_group: plaintext")]  # fmt: skip
    return []


def _problem(  # noqa: PLR0917  the order of a diagnostic's parts
    path: tuple[str, ...], code: str, what: str, why: str, fix: str, at: str = "value"
) -> Problem:
    return Problem(("chunking_settings", *path), code, what, why, fix, "key" if at == "key" else "value")


def comparable(settings: JsonObject | None) -> JsonObject | None:
    """One form for what is PUT and what GET shows.

    GET shows a separator group as its expanded list, whose content differs by version: for a recursive
    strategy without own separators only strategy and size are compared (inference-api 10).
    """
    if not settings:
        return None
    strategy = settings.get("strategy")
    kept = {name: settings[name] for name in ("strategy", *_FIELDS.get(str(strategy), ())) if name in settings}
    if strategy == "sentence":
        kept.setdefault("sentence_overlap", 1)
    kept.pop("separator_group", None)
    return kept
