"""The assertions of others' suites hold on the emulator, in every version that they name."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from inferctl.emulator.profiles import PROFILES

from .row import Row, check
from .sources import SOURCES
from .tables import ROWS

AT = re.compile(r"(before )?[0-9a-f]{40}|#\d+|(run|read): [89]\.[^,]*(, .*)?")


def verdicts(row: Row) -> dict[str, AssertionError | None]:
    """What each profile of a row makes of it; None: it holds."""
    result: dict[str, AssertionError | None] = {}
    for profile in row.profiles():
        try:
            check(row, profile)
            result[profile.name] = None
        except AssertionError as failure:
            failure.add_note(f"the profile: {profile.name}")
            result[profile.name] = failure
    return result


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_holds(row: Row) -> None:
    seen = verdicts(row)
    assert seen, "no profile is named"
    failures = [failure for failure in seen.values() if failure is not None]
    if row.on_purpose:
        assert len(failures) == len(seen), "wrong on purpose, and yet it holds"
    elif failures:
        raise ExceptionGroup(f"{len(failures)} of {len(seen)} versions", failures)


def test_rows_have_names_and_sources_of_their_own() -> None:
    assert [name for name, times in Counter(row.name for row in ROWS).items() if times > 1] == []
    assert {row.source for row in ROWS} == set(SOURCES)
    assert [name for name, source in SOURCES.items() if not (source.path and AT.fullmatch(source.at))] == []


def test_every_profile_is_asked() -> None:
    named = Counter(profile.name for row in ROWS for profile in row.profiles())
    assert [name for name in PROFILES if named[name] < 150] == []
