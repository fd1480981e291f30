"""The pages and the emulator are two readings of one API: they say the same, field by field and version by version.

`DIFFERENCES` says where they differ on purpose. A row that no longer differs fails.
"""

from __future__ import annotations

from typing import Any

from tests.agreement import emulator, pages
from tests.agreement.rows import VERSIONS, facts

from inferctl.emulator.profiles import PROFILES

# Service, part, field and fact (any task type) -> why.
DIFFERENCES = {
    ("cohere", "service_settings", "similarity", "filled"): (
        "early releases filled in dot_product; which one changed is not known, so the page says uncertain"
    ),
    ("contextualai", "service_settings", "url", "seen"): (
        "whether GET showed it is not known: the page leaves it open, the emulator has to choose"
    ),
    ("mixedbread", "service_settings", "url", "filled"): (
        "the default is not known: the page says that there is one, the emulator has to choose"
    ),
    ("elasticsearch", "service_settings", "num_threads", "filled"): (
        "filled in beside deployment_id alone, where the page says that it is not required"
    ),
    ("elser", "service_settings", "num_threads", "filled"): "the same",
}


def differences() -> dict[tuple[str, ...], dict[str, tuple[Any, Any]]]:
    """Place -> profile -> what the page says, what the emulator says; ... where one of them knows no such thing."""
    ours, theirs = facts(pages.reading()), facts(emulator.reading())
    found = {}
    for place in ours.keys() | theirs.keys():
        left, right = ours.get(place, {}), theirs.get(place, {})
        pairs = {profile: (left.get(profile, ...), right.get(profile, ...)) for profile in VERSIONS}
        if differing := {profile: pair for profile, pair in pairs.items() if pair[0] != pair[1]}:
            found[place] = differing
    return found


def without_task_type(place: tuple[str, ...]) -> tuple[str, ...]:
    return (place[0], *place[2:])


def test_they_agree() -> None:
    assert {place: pairs for place, pairs in differences().items() if without_task_type(place) not in DIFFERENCES} == {}


def test_each_difference_is_one() -> None:
    assert set(DIFFERENCES) <= {without_task_type(place) for place in differences()}


def test_the_readings_are_not_empty() -> None:
    for reading in (pages.reading(), emulator.reading()):
        assert len(reading) == len(PROFILES)
        assert len(reading["9.5"]) == 29
        assert len(facts(reading)) > 10_000


def test_no_page_names_a_version_before_its_time() -> None:
    """No server could show that such a fact is wrong, but people read it."""
    assert list(pages.too_early()) == []


def test_every_field_is_described() -> None:
    assert list(pages.undescribed()) == []
