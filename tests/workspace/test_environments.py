"""Environments of the settings file: which one counts, what it changes, and where each key stands."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import inferctl
from inferctl.client.setting_sources import own_names
from inferctl.operator_bounds.bounds import OperatorBounds
from inferctl.report.diagnostics import render_all
from inferctl.report.sentences import pin_line, pin_words
from inferctl.workspace.settings import Settings, expired_permits, load_settings, read_settings
from inferctl.workspace.settings_file import OTHER_VARIABLES

if TYPE_CHECKING:
    from inferctl.json_types import Path as KeyPath

TEXT = """\
scope: search-team
allow: [delete]
limits: {max_deletes: 3, max_changes: 50}
ignore: ["a.*"]
permits: [{delete: old, reason: r}]
connection: {timeout_s: 30}
target_version: "9.1"
environments:
  staging: {}
  prod-eu:
    connection:
      url: https://prod.example
    cluster_uuid: Zx1
    allow: []
    limits: {max_deletes: 0}
    permits:
      - {replace: new, reason: r, until: 2099-01-01}
    variables: {elser_max: 16, is_on: true, text: x, share: 0.5}
    overlays: ["prod/*.yaml"]
    production: true
"""


def test_an_environment_counts_over_the_top() -> None:
    settings, found = read_settings("inferctl.yaml", TEXT.encode(), environment="prod-eu")
    values = settings.values
    assert (found, settings.environment, settings.environments) == ((), "prod-eu", ("staging", "prod-eu"))
    assert (values.scope, values.allow, values.ignore, values.target_version) == (
        "search-team",
        frozenset(),
        ("a.*",),
        "9.1",
    )
    assert (values.limits.max_deletes, values.limits.max_changes) == (0, 50)
    assert values.connection.model_dump(exclude_unset=True) == {"url": "https://prod.example", "timeout_s": 30}
    assert [permit.inference_id for permit in values.permits] == ["old", "new"]
    assert dict(values.variables) == {"elser_max": 16, "is_on": True, "text": "x", "share": 0.5}
    assert [type(value) for value in values.variables.values()] == [int, bool, str, float]
    assert (values.overlays, values.production, values.cluster_uuid) == (("prod/*.yaml",), True, "Zx1")
    assert values.environments == {}


def test_an_environment_that_says_nothing_has_what_the_top_says() -> None:
    settings, found = read_settings("inferctl.yaml", TEXT.encode(), environment="staging")
    alone, _ = read_settings("inferctl.yaml", TEXT.partition("environments:")[0].encode())
    assert (found, settings.values) == ((), alone.values)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("scope",), "1:8"),
        (("limits", "max_deletes"), "15:27"),
        (("limits", "max_changes"), "3:39"),
        (("permits", 0), "5:11"),
        (("permits", 1), "17:9"),
        (("permits", 1, "until"), "17:42"),
        (("connection", "url"), "12:12"),
        (("connection", "timeout_s"), "6:25"),
        (("cluster_uuid",), "13:19"),
        (("ignore",), "4:9"),
        (("allow",), "14:12"),
        (("variables", "elser_max"), "18:28"),
        (("overlays", 0), "19:16"),
        (("target_version",), "7:17"),
    ],
)
def test_a_key_stands_where_it_comes_from(path: KeyPath, place: str) -> None:
    settings, _ = read_settings("inferctl.yaml", TEXT.encode(), environment="prod-eu")
    assert str(settings.place(path)) == f"inferctl.yaml:{place}"


def test_two_environments_do_not_pin_one_cluster() -> None:
    pins = "scope: a\nenvironments:\n  staging: {cluster_uuid: u}\n  prod: {cluster_uuid: "
    settings, found = read_settings("inferctl.yaml", f"{pins}v}}\n".encode(), environment="prod")
    assert (found, settings.pinned_by_others) == ((), {"u": "staging"})
    _, found = read_settings("inferctl.yaml", f"{pins}u}}\n".encode(), environment="staging")
    assert [(str(d.span), d.code) for d in found] == [("inferctl.yaml:4:24", "settings.value")]


@pytest.mark.parametrize(
    ("text", "asked", "fixes"),
    [
        (TEXT, "", ["--env staging", "--env prod-eu"]),
        (TEXT, "prod-e", ["--env prod-eu"]),
        (TEXT, "xyz", ["--env staging", "--env prod-eu"]),
        ("scope: a\n", "prod", ["leave out --env, and unset INFERCTL_ENV"]),
        ("", "prod", ["leave out --env, and unset INFERCTL_ENV"]),
    ],
)
def test_which_one_is_meant_has_to_be_clear(text: str, asked: str, fixes: list[str]) -> None:
    settings, found = read_settings("inferctl.yaml", text.encode(), environment=asked)
    assert [d.code for d in found] == ["settings.environment"]
    assert [fix.text for fix in found[0].fixes] == fixes
    assert (settings.environment, settings.is_undecided) == ("", text == TEXT)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("environments: {}", "1:15"),
        ("environments: {Prod: {}}", "1:16"),
        ("environments: {a-b: {}, a.b: {}}", "1:25"),
        ("environments: {run: {}}", "1:16"),
        ("environments: {prod: {scope: a}}", "1:23"),
        ("environments: {prod: {limits: {max_deletes: -1}}}", "1:45"),
        ("environments: {prod: {variables: {a: [1]}}}", "1:38"),
        ("environments: {prod: {variables: {a-b: 1}}}", "1:35"),
        ("environments: {prod: {variables: {a: null}}}", "1:38"),
        ("environments: {prod: null}", "1:22"),
        ("environments: {prod: {cluster_uuid: a b}}", "1:37"),
        ("environments: {prod: {cluster_uuid: _na_}}", "1:37"),
        ("environments: {prod: {target_version: soon}}", "1:39"),
        ("target_version: '7.1'", "1:17"),
        ("cluster_uuid: abc\nenvironments: {prod: {}}", "1:1"),
        ("connection: {url: 'https://a'}\nenvironments: {prod: {}}", "1:14"),
        ("environments: {prod: {connection: {api_key: canary-literal}}}", "1:45"),
        ("environments: {prod: {connection: {url: 'https://u:canary-literal@es'}}}", "1:41"),
    ],
)
def test_faults(text: str, place: str) -> None:
    _, found = read_settings("f.yaml", text.encode(), environment="prod")
    assert [f"{d.span.line}:{d.span.column}" for d in found] == [place], render_all(found)
    assert "canary" not in repr(found) + render_all(found)


def test_only_a_permit_of_the_chosen_environment_can_be_over() -> None:
    text = TEXT.replace("2099", "2019")
    for name, places in (("staging", []), ("prod-eu", ["inferctl.yaml:17:9"])):
        settings, _ = read_settings("inferctl.yaml", text.encode(), environment=name)
        assert [str(one.span) for one in expired_permits(settings, date(2026, 12, 1))] == places


def test_a_credential_of_an_environment_comes_from_its_own_variable() -> None:
    text = "environments: {prod-eu: {connection: {api_key: canary-literal}}}"
    _, (found,) = read_settings("f.yaml", text.encode(), environment="prod-eu")
    assert (found.code, "INFERCTL_PROD_EU_API_KEY" in found.why) == ("secret.literal", True)
    text = "environments: {prod: {variables: {key: sk-canary-0123456789abcdefghij}}}"
    _, (found,) = read_settings("f.yaml", text.encode(), environment="prod")
    assert (found.code, "INFERCTL_PROD_API_KEY" in found.why) == ("secret.literal", False)
    assert "canary" not in repr(found)


def test_without_a_settings_file_there_is_no_environment(tmp_path: Path) -> None:
    settings, (found,) = load_settings(None, tmp_path, environment="prod")
    assert (found.code, settings) == ("settings.environment", Settings())


def test_no_variable_of_an_environment_means_something_else() -> None:
    endings = "|".join(name.removeprefix("INFERCTL_X_") for name in own_names("x").all)
    source = "".join(path.read_text(encoding="utf-8") for path in Path(inferctl.__file__).parent.rglob("*.py"))
    alike = set(re.findall(rf"\bINFERCTL_[A-Z_]+_(?:{endings})\b", source))
    examples = {name for name in alike if name.startswith(("INFERCTL_PROD_", "INFERCTL_STAGING_"))}
    assert alike - examples == set(OTHER_VARIABLES)


def test_what_exceeds_the_bounds_is_found_in_the_lines_of_the_chosen_environment() -> None:
    bounds = OperatorBounds(allow=frozenset({"delete"}))
    _, found = read_settings("inferctl.yaml", TEXT.encode(), bounds, environment="prod-eu")
    assert [(d.code, d.span.line) for d in found] == [("bounds.allow", 17)]
    _, found = read_settings("inferctl.yaml", TEXT.encode(), bounds, environment="staging")
    assert found == ()


@pytest.mark.parametrize("uuid", ["12345678901234567890", "7e12", "-a", "true", "Zx1-a_b", "0x1F", "1_000"])
def test_the_line_that_pins_a_cluster_is_read_as_it_was_meant(uuid: str) -> None:
    settings, found = read_settings("inferctl.yaml", pin_line(uuid).encode())
    assert (settings.values.cluster_uuid, found) == (uuid, ())
    shown, _ = pin_words(
        {"uuid": uuid, "pinned": False, "name": "c", "version": "9.5.0"},
        {"environment": "prod"},  # type: ignore[typeddict-item]
    )
    assert shown == pin_line(uuid)
