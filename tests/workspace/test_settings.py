"""The settings file: where it is found, what it says, what is wrong with it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from inferctl.report.diagnostics import render_all
from inferctl.workspace.settings import Settings, find_settings, load_settings, read_settings

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
scope: search-team
manage: ["shop-*"]
endpoints: ["endpoints/**/*.yaml"]
allow: [delete]
limits: {max_deletes: "20%", max_changes: 50}
ignore: ["*-manual"]
ledger: index
permits:
  - {delete: old-elser, force: true, reason: moved, until: "2026-12-15"}
connection: {url: "https://es.example.com:9200", timeout_s: 30}
"""


def test_all_settings() -> None:
    read, found = read_settings("inferctl.yaml", GOOD.encode())
    settings = read.values
    assert found == ()
    assert (settings.scope, settings.manage, settings.allow, settings.ledger) == (
        "search-team",
        ("shop-*",),
        frozenset({"delete"}),
        "index",
    )
    assert (settings.limits.max_deletes, settings.limits.max_changes, settings.ignore) == ("20%", 50, ("*-manual",))
    (permit,) = settings.permits
    assert (permit.verb, permit.inference_id, permit.force, permit.until) == (
        "delete",
        "old-elser",
        True,
        date(2026, 12, 15),
    )
    assert str(read.place(("permits", 0))) == "inferctl.yaml:9:5"
    assert settings.connection.model_dump(exclude_unset=True) == {"url": "https://es.example.com:9200", "timeout_s": 30}


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("scope: search-team", None),
        ("region_policy: {allowed_geos: [us, eu]}", {"allowed_geos": ["us", "eu"]}),
        (
            "region_policy: {allowed_regions: [{region: eu-west-1, csp: aws}]}",
            {"allowed_regions": [{"csp": "aws", "region": "eu-west-1"}]},
        ),
    ],
)
def test_a_region_policy_is_kept_as_the_api_takes_it(text: str, document: object) -> None:
    settings, found = read_settings("inferctl.yaml", text.encode())
    policy = settings.values.region_policy
    assert (found, None if policy is None else policy.document()) == ((), document)


def test_the_last_day_of_a_permit_needs_no_quotes() -> None:
    permit = "permits: [{delete: old-elser, reason: %s, until: 2026-12-15}]"
    settings, found = read_settings("inferctl.yaml", (permit % "moved").encode())
    assert (settings.values.permits[0].until, found) == (date(2026, 12, 15), ())
    # Elsewhere a date is still doubtful.
    _, found = read_settings("inferctl.yaml", (permit % "2026-12-15").encode())
    assert [(d.code, str(d.span)) for d in found] == [("yaml.1-1", "inferctl.yaml:1:39")]


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("scope: search-team", "scop: x", "settings.unknown-field", "1:1"),
        ("search-team", "Search Team", "settings.value", "1:8"),
        ("search-team", "7", "settings.wrong-type", "1:8"),
        ("[delete]", "[remove]", "settings.value", "4:9"),
        ("[delete]", "delete", "settings.wrong-type", "4:8"),
        ('"20%"', '"200%"', "settings.value", "5:23"),
        ('"20%"', "lots", "settings.value", "5:23"),
        ("max_changes: 50", "max_change: 50", "settings.unknown-field", "5:30"),
        ("max_changes: 50", "max_changes: -1", "settings.value", "5:43"),
        ("ledger: index", "ledger: s3", "settings.value", "7:9"),
        ("ledger: index", "ledger: {keep: {runs: 0}}", "settings.value", "7:23"),
        ("ledger: index", "ledger: {keep: {day: 3}}", "settings.unknown-field", "7:17"),
        ("delete: old-elser, ", "", "settings.value", "9:5"),
        ("reason: moved, ", "", "settings.missing-field", "9:5"),
        ('"2026-12-15"', "soon", "settings.value", "9:60"),
        ("ledger: index", "region_policy: {}", "settings.value", "7:16"),
        ("ledger: index", "region_policy: {allowed_geos: []}", "settings.value", "7:31"),
        ("ledger: index", "region_policy: {allowed_geos: eu}", "settings.wrong-type", "7:31"),
        ("ledger: index", "region_policy: {allowed_geos: [' ']}", "settings.value", "7:32"),
        ("ledger: index", "region_policy: {allowed_geo: [eu]}", "settings.unknown-field", "7:17"),
        ("ledger: index", "region_policy: {allowed_regions: [{csp: aws}]}", "settings.missing-field", "7:35"),
        ("ledger: index", "region_policy: null", "settings.value", "7:16"),
        (
            "ledger: index",
            "region_policy: {allowed_geos: [eu], allowed_regions: [{csp: aws, region: r}]}",
            "settings.value",
            "7:37",
        ),
        ("timeout_s: 30", "api_key: canary-literal", "secret.literal", "10:59"),
        ("https://es", "https://u:canary-literal@es", "secret.literal", "10:19"),
    ],
)
def test_faults(old: str, new: str, code: str, place: str) -> None:
    assert old in GOOD
    _, found = read_settings("f.yaml", GOOD.replace(old, new, 1).encode())
    assert [(d.code, f"{d.span.line}:{d.span.column}") for d in found] == [(code, place)], render_all(found)
    assert found[0].fixes
    assert "canary" not in repr(found) + render_all(found)


@pytest.mark.parametrize(
    ("text", "place", "where"),
    [
        ("variables: {a: 1}\n", "1:1", "environments.NAME"),
        ("environments: {prod: {}}\noverlays: []\n", "2:1", "environments.prod"),
        ("environments: {prod: {scope: x}}\n", "1:23", "top of the file"),
        ("environments: {prod: {variables: {d-e: 1}}}\n", "1:35", "starts with no digit"),
        ("environments: {prod: {vars: {a: 1}}}\n", "1:23", "known here"),
    ],
)
def test_a_key_of_an_environment_has_its_place(text: str, place: str, where: str) -> None:
    (found,) = read_settings("f.yaml", text.encode())[1]
    assert f"{found.span.line}:{found.span.column}" == place
    assert where in found.why


@pytest.mark.parametrize("text", ["- 1\n", "a: 1\n---\nb: 2\n"])
def test_no_settings(text: str) -> None:
    assert [d.code for d in read_settings("f.yaml", text.encode())[1]] == ["settings.document"]


def test_an_empty_file_says_nothing() -> None:
    assert read_settings("f.yaml", b"# nothing\n")[1] == ()


def test_where_it_is_found(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "inferctl.yaml").write_text("scope: up\n")
    (tmp_path / "other.yaml").write_text("scope: other\n")
    assert find_settings(None, {}, below) == tmp_path / "inferctl.yaml"
    assert find_settings(None, {"INFERCTL_CONFIG": "../../other.yaml"}, below) == below / "../../other.yaml"
    assert find_settings("x.yaml", {"INFERCTL_CONFIG": "other.yaml"}, below) == below / "x.yaml"
    settings, _ = load_settings(tmp_path / "inferctl.yaml", below)
    assert (settings.values.scope, settings.folder) == ("up", tmp_path.as_posix())


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    _, found = load_settings(tmp_path / "x.yaml", tmp_path)
    assert [(d.code, str(d.span)) for d in found] == [("file.not-found", "x.yaml")]


def test_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2-hunter2")
    repository = tmp_path / "repository"
    (repository / "common").mkdir(parents=True)
    (repository / ".git").mkdir()
    (repository / "team").mkdir()
    (repository / "common" / "inferctl.yaml").write_text("scope: shared\n")
    link = repository / "team" / "inferctl.yaml"
    for target in ("../../secret", "/proc/self/environ", "../.git/config"):
        link.symlink_to(target)
        settings, found = load_settings(link, repository)
        assert (settings, [d.code for d in found]) == (Settings(), ["file.outside"])
        link.unlink()
    link.symlink_to("../common/inferctl.yaml")
    settings, found = load_settings(link, repository / "team")
    assert (settings.values.scope, found) == ("shared", ())


def test_only_a_removal_can_be_forced() -> None:
    text = "permits: [{adopt: a, force: true, reason: r}, {delete: b, force: true, reason: r}]\n"
    _, found = read_settings("inferctl.yaml", text.encode())
    assert [(d.code, d.span.line, d.span.column) for d in found] == [("settings.value", 1, 29)]


def test_all_that_is_wrong_comes_in_one_run() -> None:
    text = """\
scop: x
limits: {max_changes: many}
permits:
  - {delete: a, adopt: b, until: soon}
  - {adopt: a, force: true, reason: r, who: z}
  - {who: z, reason: r}
connection: {password: canary-1, url: "https://u:canary-2@es", timeout_s: 0}
"""
    _, found = read_settings("f.yaml", text.encode())
    assert sorted((d.span.line, d.code) for d in found) == [
        (1, "settings.unknown-field"),
        (2, "settings.wrong-type"),
        (4, "settings.missing-field"),
        (4, "settings.value"),
        (4, "settings.value"),
        (5, "settings.unknown-field"),
        (5, "settings.value"),
        (6, "settings.unknown-field"),
        (6, "settings.value"),
        (7, "secret.literal"),
        (7, "secret.literal"),
        (7, "settings.value"),
    ]
    assert "canary" not in repr(found) + render_all(found)


@pytest.mark.parametrize(
    "text",
    [
        "connection: KEY\n",
        "scope: [KEY]\n",
        "KEY: 1\n",
        "KEY: 1\nKEY: 2\n",
        "permits: [{delete: a, reason: KEY, KEY: x}]\n",
    ],
)
def test_a_key_is_hidden_wherever_it_stands(text: str) -> None:
    """By its form: the names say nothing."""
    _, found = read_settings("f.yaml", text.replace("KEY", "sk-canary-0123456789abcd").encode())
    assert found
    assert "canary" not in repr(found) + render_all(found)
