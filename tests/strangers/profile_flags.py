"""Which row sees a flag of a profile flipped. What a row never reads cannot make it fail, so it is not tried.

.venv/bin/python -m tests.strangers.profile_flags    # each flag, each profile, and the row that sees it
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from inferctl.emulator.profiles import PROFILES, Profile

from .row import Row, check
from .tables import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS = ("name", "number", "release")
FLAGS = tuple(field.name for field in fields(Profile) if field.name not in FACTS)

SAME = {
    # Where rerank has a request of its own, the requests of the others know no query at all.
    "query_only_for_rerank": "rerank_request",
    # Where the licence speaks first, nothing is left to say after the lookup.
    "update_checks_licence": "licence_before_lookup",
}
"""A flag that means nothing where the other one is set."""


class Watched(Profile):
    """A profile that knows which of its flags were read."""

    __slots__ = ()
    read: set[str] = set()  # noqa: RUF012  one row at a time

    def __getattribute__(self, name: str) -> Any:
        Watched.read.add(name)
        return super().__getattribute__(name)


def distinct() -> list[Profile]:
    """The profiles without those that differ from an earlier one in their number alone."""
    seen: dict[tuple[Any, ...], Profile] = {}
    for profile in PROFILES.values():
        seen.setdefault(tuple(getattr(profile, flag) for flag in FLAGS), profile)
    return list(seen.values())


def readers(profile: Profile) -> dict[str, list[Row]]:
    """The rows of a profile by the flags that they read: those about some versions first, then the short ones."""
    watched = Watched(**{field.name: getattr(profile, field.name) for field in fields(Profile)})
    result: dict[str, list[Row]] = {flag: [] for flag in FLAGS}
    for row in sorted(ROWS, key=lambda row: (row.since == "8.17" and not row.until, len(row.first))):
        if row.on_purpose or profile not in row.profiles():
            continue
        Watched.read.clear()
        check(row, watched)
        for flag in Watched.read.intersection(FLAGS):
            result[flag].append(row)
    return result


def others(profile: Profile, flag: str) -> list[Any]:
    """What a flag could be instead."""
    value = getattr(profile, flag)
    if flag in SAME and getattr(profile, SAME[flag]):
        return []
    if isinstance(value, bool):
        return [not value]
    return sorted({getattr(other, flag) for other in PROFILES.values()} - {value})


def catchers(profile: Profile) -> Iterator[tuple[str, str]]:
    """Each flag with another value, as text, and the name of the first row that sees it; empty: none does."""
    rows = readers(profile)
    for flag in FLAGS:
        for value in others(profile, flag):
            mutant = replace(profile, **{flag: value})
            yield f"{flag}={value}", next((row.name for row in rows[flag] if _sees(row, mutant)), "")


def _sees(row: Row, mutant: Profile) -> bool:
    try:
        check(row, mutant)
    except AssertionError:
        return True
    return False


if __name__ == "__main__":
    for each in distinct():
        for change, name in catchers(each):
            print(f"{each.name:12}{change:45}{name or 'NOBODY'}")
