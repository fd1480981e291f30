"""Facts in words: one wording for what an editor shows and for `inferctl explain`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inferctl.model.versions import OLDEST, SECRETS_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inferctl.json_types import Json
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Since

_ITEMS = {"string": "strings", "scalar": "strings, numbers, true or false", "pair": "pairs of strings"}
_REFERENCE = "secret: {env: NAME} or {file: PATH}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    every = list(words)
    return f" {last} ".join([", ".join(every[:-1]), every[-1]]) if len(every) > 1 else "".join(every)


def first_of(words: Sequence[str], most: int = 10, between: str = ", ") -> str:
    """The first of them, and how many more there are: `a, b and 3 more`."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return between.join(words[:most]) + more


def since_text(first: Since) -> str:
    """`8.12`, `8.19 / 9.1`, `9.3`; empty for what is in no release. What 8.17 has, every 9.x has."""
    if first.line8 is not None and first.line8 <= OLDEST:
        return str(first.line8)
    return first.text()


def secrets_text() -> str:
    """Of a service that may refuse its own secrets."""
    return f"9.5 before {SECRETS_KNOWN.text()} may refuse its secrets in an update, as unknown fields (uncertain)"


def json_text(value: Json) -> str:
    """A value as a file would spell it; texts without quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def number_text(bound: float) -> str:
    """`32`, `0.5`."""
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def bounds_text(fact: Setting) -> str:
    """`1 or more`, `1 to 32`; empty without bounds that a person would meet."""
    low, high = fact.minimum, fact.maximum
    if high is not None and high >= 2**31 - 1:
        high = None  # the width of an integer is no bound that anyone plans with
    if low is not None and high is not None:
        return f"{number_text(low)} to {number_text(high)}"
    if low is not None:
        return f"{number_text(low)} or more"
    return f"at most {number_text(high)}" if high is not None else ""


def type_text(fact: Setting) -> str:
    """`integer, 1 or more`, `map of strings`, `secret: …`."""
    if fact.secret:
        return f"map of {_REFERENCE}" if fact.items else _REFERENCE
    if fact.type == "list":
        return f"list of {_ITEMS[fact.items]}" if fact.items else "list"
    if fact.type == "object":
        return f"map of {_ITEMS[fact.items]}" if fact.items and not fact.fields else "object"
    kind = "number with a decimal point" if fact.type == "float" else fact.type
    bounds = bounds_text(fact)
    return f"{kind}, {bounds}" if bounds else kind


def enum_text(fact: Setting) -> str:
    """The words, each with the version that brought it where that is later than the field."""
    return ", ".join(
        f"{word} (since {since_text(fact.enum_since[str(word)])})" if str(word) in fact.enum_since else str(word)
        for word in fact.enum
    )


def required_text(fact: Setting) -> str:
    """`yes`, `no`, `from 8.19 / 9.1`, or the condition."""
    if fact.required_since is not None:
        return f"from {since_text(fact.required_since)}"
    if fact.required_when:
        return "; ".join(fact.required_when)
    return "yes" if fact.required else "no"


def default_text(fact: Setting) -> str:
    """The default, with its condition; empty when there is none or the server works it out."""
    from inferctl.model.services.marks import By  # noqa: PLC0415  pydantic, for those who have a page

    if not isinstance(fact.default, By):
        return "" if fact.default is None else json_text(fact.default)
    by = fact.default
    groups: dict[str, list[str]] = {}
    for setting, value in by.values.items():
        groups.setdefault(json_text(value), []).append(setting)
    parts = [f"{value} where {by.name} is {listed(names, 'or')}" for value, names in groups.items()]
    if by.otherwise is not None:
        parts.append(f"else {json_text(by.otherwise)}")
    return ", ".join(parts)


def update_text(fact: Setting) -> str:
    """From which version `_update` changes the field."""
    if fact.updatable_since is None or not since_text(fact.updatable_since):
        return "never"
    return f"from {since_text(fact.updatable_since)}" + (" (uncertain)" if fact.updatable_uncertain else "")


def put_text(fact: Setting) -> str:
    """Who may set the field, where that is not everybody; else empty."""
    if fact.put_allowed is True:
        return ""
    if fact.put_allowed is False:
        return "cannot be set: the server fills it in"
    names = sorted(fact.put_allowed)
    return f"can be set for {listed(names)} only" if names else "cannot be set: the server fills it in"


def life_text(fact: Setting) -> str:
    """`since 9.2`, `until 9.1`; empty for a field that is as old as its service."""
    parts = []
    if fact.since is not None:
        parts.append(f"since {since_text(fact.since)}" if since_text(fact.since) else "in no release")
    if fact.until is not None:
        parts.append(f"until {fact.until}")
    return ", ".join(parts)


def shown_text(fact: Setting) -> str:
    """What GET makes of the field; empty when it shows what was put."""
    if fact.secret or fact.hidden:
        return "GET never shows it"
    parts = []
    if fact.filled:
        parts.append("GET shows it although nobody set it")
    if fact.live:
        parts.append("GET shows the live value")
    if fact.unseen:
        parts.append(f"some versions do not show it for {listed(sorted(fact.unseen))}")
    if fact.fold:
        parts.append(f"GET shows it in {fact.fold} case")
    if fact.shown_as:
        parts.append(f"GET calls it {fact.shown_as}")
    parts += [f"GET shows {shown} for {said}" for said, shown in fact.synonyms.items()]
    return "; ".join(parts)


def also_text(fact: Setting) -> str:
    """The other names that a PUT may use; empty without any."""
    return f"also written {listed(fact.aliases, 'or')}" if fact.aliases else ""


def hover_text(fact: Setting, moved: Setting | None) -> str:
    """The page of a field in Markdown, for a hover. `_update` takes a field inside another one with that: `moved`."""
    update = f"{update_text(moved)}{f': {fact.update_note}' if fact.update_note else ''}" if moved is not None else ""
    lines = {
        "required": "" if fact.is_optional else required_text(fact),
        "default": default_text(fact),
        "one of": enum_text(fact),
        "range": "" if fact.enum else bounds_text(fact),
        "life": life_text(fact),
        "put": put_text(fact),
        "shown": shown_text(fact),
        "also": also_text(fact),
        "`_update` changes it": update,
        "note": fact.note,
        "uncertain": "to be read back" if fact.uncertain else "",
    }
    bare = ("life", "put", "shown", "also")
    rows = (text if head in bare else f"{head}: {text}" for head, text in lines.items() if text)
    return "\n".join([field_text(fact), "", *(f"- {line}" for line in rows)])


def field_text(fact: Setting) -> str:
    """The first sentence about a field: its description, or what it holds."""
    return fact.description or f"{type_text(fact)[0].upper()}{type_text(fact)[1:]}."
