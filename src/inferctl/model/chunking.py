"""`chunking_settings`: strategies, ranges and defaults by version, and one comparable form.

Source: inference-api 10; catalog.yaml chunking_settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from inferctl.json_types import is_whole
from inferctl.model.services.facts import Problem
from inferctl.model.task_types import CHUNKED
from inferctl.model.versions import NEWEST, Version, since

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

DEFAULT: JsonObject = MappingProxyType({"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1})
# What an endpoint reads as when its chunking settings were lost by an update (inference-api 12.5).
AFTER_RESET: JsonObject = MappingProxyType({"strategy": "word", "max_chunk_size": 250, "overlap": 100})

FIELDS = {
    "sentence": ("max_chunk_size", "sentence_overlap"),
    "word": ("max_chunk_size", "overlap"),
    "recursive": ("max_chunk_size", "separators", "separator_group"),
    "none": (),
}
SINCE = {"sentence": since("8.16"), "word": since("8.16"), "recursive": since("8.19"), "none": since("8.19")}
SMALLEST = {"sentence": 20, "word": 10, "recursive": 10}
LARGEST = 300
LARGEST_UNTIL = Version(9, 1)  # for ELSER it stays
MOST_SEPARATORS = 50
MOST_SEPARATORS_SINCE = Version(9, 5)
# What the server stores in the place of a group; without both keys it takes plaintext.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "plaintext": ("(?<!\\n)\\n\\n(?!\\n)", "(?<!\\n)\\n(?!\\n)"),
        "markdown": (
            *(f"\n{'#' * level} " for level in range(1, 7)),
            "\n^(?!\\s*$).*\\n-{1,}\\n",
            "\n^(?!\\s*$).*\\n={1,}\\n",
        ),
    }
)
DEFAULT_GROUP = "plaintext"
_NO_NEIGHBOUR = re.compile(r"\(\?<?!\\?n\)|\(\?<?!\n\)")


def largest(version: Version, *, elser: bool) -> int | None:
    """The upper bound of `max_chunk_size`; None from 9.2, where only ELSER keeps one."""
    return LARGEST if elser or version.effective() <= LARGEST_UNTIL else None


def validate_chunking(
    settings: Json, task_type: str | None, version: Version | None, *, elser: bool = False
) -> list[Problem]:
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
    if not isinstance(strategy, str) or strategy not in FIELDS:
        near = get_close_matches(strategy.lower(), list(FIELDS), n=1) if isinstance(strategy, str) else []
        at = ("strategy",) if "strategy" in settings else ()
        return [_problem(at, "chunking.strategy", f"strategy must be one of {', '.join(FIELDS)}",
                         "an object without a strategy is refused, and the word must be lower case",
                         f"strategy: {near[0] if near else 'sentence'}")]  # fmt: skip
    if not SINCE[strategy].includes(server):
        return [_problem(("strategy",), "field.version", f"strategy {strategy} needs {SINCE[strategy].text()}",
                         f"the server is {server}", "strategy: sentence")]  # fmt: skip
    problems = _unknown(strategy, settings)
    if strategy != "none":
        problems += _size(strategy, settings, largest(server, elser=elser))
    match strategy:
        case "sentence":
            problems += _sentence_overlap(settings)
        case "word":
            problems += _word_overlap(settings)
        case "recursive":
            problems += _separators(settings, server)
        case _:  # none has no settings
            pass
    return problems


def _unknown(strategy: str, settings: JsonObject) -> list[Problem]:
    known = ("strategy", *FIELDS[strategy])
    problems = []
    for name in settings:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            fix = f"did you mean {near[0]}?" if near else "remove it"
            problems.append(_problem((name,), "field.unknown", f"{name} is not a setting of the {strategy} strategy",
                                     f"known here: {', '.join(known)}", fix, "key"))  # fmt: skip
    return problems


def _size(strategy: str, settings: JsonObject, high: int | None) -> list[Problem]:
    low, size = SMALLEST[strategy], settings.get("max_chunk_size")
    if "max_chunk_size" not in settings:
        return [_problem(("max_chunk_size",), "field.missing", "max_chunk_size is missing",
                         "a given object switches the defaults off", "max_chunk_size: 250", "key")]  # fmt: skip
    if not isinstance(size, int) or not is_whole(size):
        return [_problem(("max_chunk_size",), "field.type", "max_chunk_size must be a whole number", "words per chunk",
                         "max_chunk_size: 250")]  # fmt: skip
    if size < low or (high is not None and size > high):
        limit = f"at least {low}" + (f" and at most {high} (before 9.2, and for ELSER)" if high else "")
        return [_problem(("max_chunk_size",), "field.range", f"max_chunk_size must be {limit}", "words per chunk",
                         f"max_chunk_size: {low if size < low else high}")]  # fmt: skip
    return []


def _sentence_overlap(settings: JsonObject) -> list[Problem]:
    overlap = settings.get("sentence_overlap", 1)
    if not is_whole(overlap):
        return [_problem(("sentence_overlap",), "field.type", "sentence_overlap must be a whole number", "sentences",
                         "sentence_overlap: 1")]  # fmt: skip
    if overlap not in (0, 1):
        return [_problem(("sentence_overlap",), "field.range", "sentence_overlap must be 0 or 1", "sentences",
                         "sentence_overlap: 1")]  # fmt: skip
    return []


def _word_overlap(settings: JsonObject) -> list[Problem]:
    size, overlap = settings.get("max_chunk_size"), settings.get("overlap")
    if "overlap" not in settings:
        return [_problem(("overlap",), "field.missing", "overlap is missing",
                         "the word strategy has no default for it", "overlap: 100", "key")]  # fmt: skip
    if not isinstance(overlap, int) or not is_whole(overlap):
        return [_problem(("overlap",), "field.type", "overlap must be a whole number", "words", "overlap: 100")]
    if overlap < 1:
        return [_problem(("overlap",), "field.range", "overlap must be at least 1", "words", "overlap: 1")]
    if isinstance(size, int) and is_whole(size) and size >= SMALLEST["word"] and overlap > size // 2:
        return [_problem(("overlap",), "field.range", f"overlap must be at most {size // 2}",
                         "half of max_chunk_size", f"overlap: {size // 2}")]  # fmt: skip
    return []


def _separators(settings: JsonObject, server: Version) -> list[Problem]:
    problems = []
    if "separators" in settings and "separator_group" in settings:
        problems.append(_problem(("separator_group",), "rule.exclusive",
                                 "separators and separator_group exclude each other",
                                 "the server takes one of them", "remove one", "key"))  # fmt: skip
    separators, group = settings.get("separators"), settings.get("separator_group")
    if "separators" in settings:
        if (
            not isinstance(separators, Sequence)
            or isinstance(separators, str)
            or not separators
            or not all(isinstance(separator, str) for separator in separators)
        ):
            problems.append(_problem(("separators",), "field.type", "separators must be a list of strings, not empty",
                                     "regular expressions are allowed", 'separators: ["\\n\\n", "\\n"]'))  # fmt: skip
        elif len(separators) > MOST_SEPARATORS and server >= MOST_SEPARATORS_SINCE:
            problems.append(_problem(("separators",), "field.range",
                                     f"separators must be at most {MOST_SEPARATORS}",
                                     "each one costs a pass over the text", "keep the first ones"))  # fmt: skip
    if "separator_group" in settings and group not in GROUPS:
        problems.append(_problem(("separator_group",), "field.enum", "separator_group must be plaintext or markdown",
                                 "the server knows these two lists", "separator_group: plaintext"))  # fmt: skip
    return problems


def _problem(  # noqa: PLR0917  the order of a diagnostic's parts
    path: tuple[str, ...], code: str, what: str, why: str, fix: str, at: str = "value"
) -> Problem:
    return Problem(("chunking_settings", *path), code, what, why, fix, "key" if at == "key" else "value")


def comparable(settings: JsonObject | None) -> JsonObject | None:
    """One form for what is PUT and what GET shows.

    GET shows a separator group as its expanded list. So a list that is the expansion of a group carries the name
    of the group too, and who asks for a group compares the name; who gives a list of his own compares the list.
    """
    if not settings:
        return None
    strategy = settings.get("strategy")
    kept = {name: settings[name] for name in ("strategy", *FIELDS.get(str(strategy), ())) if name in settings}
    if strategy == "sentence":
        kept.setdefault("sentence_overlap", 1)
    if strategy == "recursive":
        separators = settings.get("separators")
        group = group_of(separators) if separators else settings.get("separator_group", DEFAULT_GROUP)
        kept.pop("separator_group", None)
        if group is not None:
            kept["separator_group"] = group
    return kept


def group_of(separators: Json) -> str | None:
    """The group whose expansion a list is, or None for a list of somebody's own.

    Servers spell the expressions a little differently, so the shape counts: all six levels of headings, or the
    two kinds of line breaks.
    """
    if not isinstance(separators, Sequence) or isinstance(separators, str):
        return None
    texts = [text for text in separators if isinstance(text, str)]
    if set(GROUPS["markdown"][:6]) <= {text.replace("\\n", "\n") for text in texts}:
        return "markdown"
    breaks = [_NO_NEIGHBOUR.sub("", text).replace("\\n", "\n") for text in texts]
    return "plaintext" if breaks == ["\n\n", "\n"] else None
