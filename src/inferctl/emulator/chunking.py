"""`chunking_settings`: strategies, limits, defaults (chunking.md)."""

from typing import Any

from .errors import ApiError, illegal_argument, validation
from .json_text import java_list, java_text
from .profiles import Profile

JsonObject = dict[str, Any]

DEFAULT: JsonObject = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
"""Filled in on PUT when the object is absent or empty."""

LOST: JsonObject = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}
"""What an endpoint without stored settings reads as: made before 8.16, or lost in an update.

Source: reconciling.md#known-faults.
"""

SEPARATORS = {
    "plaintext": ["(?<!\\n)\\n\\n(?!\\n)", "(?<!\\n)\\n(?!\\n)"],
    "markdown": [f"\n{'#' * level} " for level in range(1, 7)]
    + ["\n^(?!\\s*$).*\\n-{1,}\\n", "\n^(?!\\s*$).*\\n={1,}\\n"],
}
"""`separator_group` is stored expanded. The real lists are longer; only the expansion is certain (chunking.md)."""

_KEYS = {
    "sentence": ("max_chunk_size", "sentence_overlap"),
    "word": ("max_chunk_size", "overlap"),
    "recursive": ("max_chunk_size", "separators", "separator_group"),
}
_WORDS = {"sentence": "Sentence based", "word": "Word based", "recursive": "Recursive"}
_LEAST = {"sentence": 20, "word": 10, "recursive": 10}
_LIMIT = 300
_NO_STRATEGY = 'Cannot invoke "Object.toString()" because the return value of "java.util.Map.get(Object)" is null'
_MOST_SEPARATORS = 50
SCOPE = "chunking_settings"


def parse(settings: JsonObject | None, profile: Profile, *, elser: bool = False) -> JsonObject:
    """Validate the object of a PUT or of a 9.5 update and return it as stored."""
    if not settings:
        return dict(DEFAULT)
    if "strategy" not in settings:
        raise illegal_argument("Can't generate Chunker without ChunkingStrategy provided")
    if settings["strategy"] is None:
        raise ApiError(500, "null_pointer_exception", _NO_STRATEGY)
    strategy = java_text(settings["strategy"])
    known = {"sentence", "word"} | ({"none", "recursive"} if profile.knows("8.19/9.1") else set())
    if strategy not in known:
        raise illegal_argument(f"Invalid chunkingStrategy {strategy}")
    if strategy == "none":
        return {"strategy": "none"}
    strange = [key for key in settings if key not in {"strategy", *_KEYS[strategy]}]
    if strange:
        words = f"{_WORDS[strategy]} chunking settings can not have the following settings"
        raise validation([f"{words}: {java_list(strange)}"])
    problems: list[str] = []
    size = _size(settings, strategy, profile, problems, elser=elser)
    result: JsonObject = {"strategy": strategy, "max_chunk_size": size}
    if strategy == "sentence":
        result["sentence_overlap"] = _sentence_overlap(settings, problems)
    elif strategy == "word":
        result["overlap"] = _word_overlap(settings, size, profile, problems)
    else:
        result["separators"] = _separators(settings, profile, problems)
    if problems:
        raise validation(problems)
    return result


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _mistyped(name: str, value: Any, java_type: str) -> str:
    given = java_text(value)
    return f"field [{name}] is not of the expected type. The value [{given}] cannot be converted to a [{java_type}]"


def _beyond(name: str, value: int, word: str, bound: int, profile: Profile) -> str:
    words = f"must be {word}" if profile.knows("9.5") else f"must be a {word}"
    return f"[{SCOPE}] Invalid value [{float(value)}]. [{name}] {words} than or equal to [{float(bound)}]"


def _size(settings: JsonObject, strategy: str, profile: Profile, problems: list[str], *, elser: bool) -> int | None:
    size = settings.get("max_chunk_size")
    if size is None:
        problems.append(f"[{SCOPE}] does not contain the required setting [max_chunk_size]")
        return None
    if not _whole(size):
        problems.append(_mistyped("max_chunk_size", size, "Integer"))
        return None
    least = _LEAST[strategy]
    if size < least:
        problems.append(_beyond("max_chunk_size", size, "greater", least, profile))
    elif size > _LIMIT and (profile.chunk_limit or elser):
        problems.append(_beyond("max_chunk_size", size, "less", _LIMIT, profile))
    return int(size)


def _sentence_overlap(settings: JsonObject, problems: list[str]) -> Any:
    overlap = settings.get("sentence_overlap")
    if overlap is None:
        return 1
    if not _whole(overlap):
        problems.append(_mistyped("sentence_overlap", overlap, "Integer"))
    elif overlap not in {0, 1}:
        problems.append(f"sentence_overlap[{overlap}] must be either 0 or 1")
    return overlap


def _word_overlap(settings: JsonObject, size: int | None, profile: Profile, problems: list[str]) -> Any:
    overlap = settings.get("overlap")
    if overlap is None:
        problems.append(f"[{SCOPE}] does not contain the required setting [overlap]")
    elif not _whole(overlap):
        problems.append(_mistyped("overlap", overlap, "Integer"))
    elif overlap < 1:
        problems.append(f"[{SCOPE}] Invalid value [{overlap}]. [overlap] must be a positive integer")
    elif size is not None and overlap > size // 2:
        problems.append(_beyond("overlap", overlap, "less", size // 2, profile))
    return overlap


def _separators(settings: JsonObject, profile: Profile, problems: list[str]) -> Any:
    separators, group = settings.get("separators"), settings.get("separator_group")
    if separators is not None and group is not None:
        problems.append("Recursive chunking settings can not have both separators and separator_set")
    if separators is not None:
        if not isinstance(separators, list):
            problems.append(_mistyped("separators", separators, "List"))
        elif not separators:
            problems.append("Recursive chunking settings can not have an empty list of separators")
        elif len(separators) > _MOST_SEPARATORS and profile.knows("9.4.8/9.5.5"):  # #158589
            problems.append(f"Recursive chunking settings can not have more than {_MOST_SEPARATORS} separators")
        else:
            strange = [item for item in separators if not isinstance(item, str)]
            problems.extend(_mistyped("separators", item, "String") for item in strange)
        return separators
    if group is not None and not isinstance(group, str):
        problems.append(_mistyped("separator_group", group, "String"))
        return None
    if group is not None and group not in SEPARATORS:
        problems.append(
            f"[{SCOPE}] Invalid value [{group}] received. [separator_group] must be one of [markdown, plaintext]"
        )
        return None
    return list(SEPARATORS[group or "plaintext"])
