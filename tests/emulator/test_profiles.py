"""Versions with patches: what a profile knows, and the profiles of single patches."""

import json

import pytest

from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.profiles import PROFILES

ALL = list(PROFILES)


@pytest.mark.parametrize(
    ("since", "until", "known"),
    [
        ("", "", ALL),
        ("8.17", "", ALL),
        ("8.19", "", ALL[2:]),
        ("8.19/9.1", "", [name for name in ALL[2:] if name != "9.0"]),
        ("9.3", "", ["9.3", "9.4", "9.4.8", "9.5", "9.5.2", "9.5.3", "9.5.5", "serverless"]),
        ("9.5", "", ["9.5", "9.5.2", "9.5.3", "9.5.5", "serverless"]),
        ("9.5.0", "", ["9.5", "9.5.2", "9.5.3", "9.5.5", "serverless"]),
        ("9.5.3", "", ["9.5", "9.5.3", "9.5.5", "serverless"]),
        ("9.4.8/9.5.5", "", ["9.4.8", "9.5.5", "serverless"]),
        ("8.18.1/9.3.1", "", ["8.19", "9.4", "9.4.8", "9.5", "9.5.2", "9.5.3", "9.5.5", "serverless"]),
        ("9.6", "", ["serverless"]),
        ("", "9.4", [*ALL[:6], "9.3", "9.4", "9.4.8"]),
        ("", "9.5", ALL[:-1]),
        ("", "9.5.2", [*ALL[:6], "9.3", "9.4", "9.4.8", "9.5.2"]),
        ("9.5", "9.5.2", ["9.5.2"]),
    ],
)
def test_what_a_profile_knows(since: str, until: str, known: list[str]) -> None:
    assert [name for name, profile in PROFILES.items() if profile.knows(since, until)] == known


@pytest.mark.parametrize(
    ("name", "number"), [("9.4.8", "9.4.8"), ("9.5", "9.5.3"), ("9.5.2", "9.5.2"), ("9.5.5", "9.5.5")]
)
def test_the_number_that_a_server_shows(name: str, number: str) -> None:
    answer = handle(Cluster.of(name), "GET", "/", {}, b"")
    assert json.loads(answer.body)["version"]["number"] == number
