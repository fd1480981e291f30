"""Each flag of each profile of the emulator is held by a row: with another value, that row fails."""

from __future__ import annotations

import pytest

from inferctl.emulator.profiles import PROFILES

from .profile_flags import catchers, distinct


@pytest.mark.parametrize("name", [profile.name for profile in distinct()])
def test_another_value_of_a_flag_is_seen(name: str) -> None:
    assert [change for change, row in catchers(PROFILES[name]) if not row] == []
