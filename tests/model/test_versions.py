"""Versions with patches: what a fact that came with a patch release holds for."""

from __future__ import annotations

import pytest

from inferctl.model.versions import NEWEST, SERVERLESS, UNRELEASED, Version, since


@pytest.mark.parametrize(
    ("text", "patch", "shown", "effective"),
    [
        ("9.5", None, "9.5", "9.5"),
        ("9.5.0", 0, "9.5.0", "9.5"),
        ("9.5.2", 2, "9.5.2", "9.5"),
        ("9.6.0-SNAPSHOT", 0, "9.6.0", "9.5"),
        ("8.19.11", 11, "8.19.11", "8.19"),
        ("serverless", None, "serverless", "9.5"),
    ],
)
def test_a_version_keeps_its_patch(text: str, patch: int | None, shown: str, effective: str) -> None:
    version = Version.parse(text)
    assert (version.patch, str(version), str(version.effective())) == (patch, shown, effective)
    assert version.line == Version(version.major, version.minor, version.serverless)


def test_versions_sort_by_patch_and_a_line_comes_before_its_patches() -> None:
    texts = ["8.17", "8.17.4", "9.4.10", "9.5", "9.5.0", "9.5.2", "9.5.10", "9.6"]
    assert sorted(["9.6", *texts[:-1]], key=Version.parse) == texts
    assert NEWEST < SERVERLESS
    assert str(SERVERLESS) == "serverless"
    assert SERVERLESS.effective() == NEWEST
    assert SERVERLESS.line == SERVERLESS


@pytest.mark.parametrize(
    ("firsts", "text", "has", "has_not", "unknown"),
    [
        # of an unknown patch it is not said that it has what came with one, nor that it has not
        (["9.5.3"], "9.5.3", "9.5.3 9.5.4 9.6.0 serverless", "9.5.2 9.4.9 8.19.9", "9.5"),
        (["9.4.8", "9.5.5"], "9.4.8 / 9.5.5", "9.4.8 9.4.9 9.5.5 9.6 serverless", "9.4.7 9.5.0 9.5.4 9.3.9 8.19", "9.4 9.5"),
        (["8.19.11", "9.2.5", "9.3"], "8.19.11 / 9.2.5 / 9.3", "8.19.11 9.2.5 9.3 9.3.0 9.5.2", "8.19.3 9.0.9 9.1.9 9.2.4", "8.19 9.2"),
        (["9.6"], "9.6", "9.6 9.6.0 9.7.1 10.0.0 serverless", "9.5 9.5.9 8.19", ""),
        (["8.19", "9.1"], "8.19 / 9.1", "8.19 8.19.0 8.20 9.1 9.1.0 9.5", "8.18 8.18.9 9.0 9.0.9", ""),
        (["8.15"], "8.15 / 9.0", "8.17 8.17.4 9.0 9.5", "8.14.9", ""),
        (["9.3.0"], "9.3", "9.3 9.3.0 9.4", "9.2.9 9.2", ""),
    ],
)  # fmt: skip
def test_since(firsts: list[str], text: str, has: str, has_not: str, unknown: str) -> None:
    first = since(*firsts)
    assert first.text() == text
    versions = [*has.split(), *has_not.split(), *unknown.split()]
    assert [name for name in versions if first.includes(Version.parse(name))] == has.split()
    assert [name for name in versions if first.may_include(Version.parse(name))] == [*has.split(), *unknown.split()]


def test_what_is_in_no_release_is_in_none() -> None:
    assert UNRELEASED.text() == ""
    assert not any(UNRELEASED.may_include(Version.parse(name)) for name in ("8.17", "9.5.9", "9.9", "serverless"))


def test_a_patch_of_8_says_nothing_of_9() -> None:
    with pytest.raises(ValueError, match=r"8\.19\.11"):
        since("8.19.11")
