"""Resolving: all or nothing, inside the operator's bounds, never quoting a value."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from inferctl.model.settings_secrets import find_secrets
from inferctl.operator_bounds.bounds import bounds_of
from inferctl.secrets.credential_names import API_KEY_NAMES, BASIC_NAMES, BEARER_NAMES
from inferctl.secrets.reference import SecretRef, parse_reference, variable_name
from inferctl.secrets.resolve import DUMMY, AllowedNames, SecretBounds, is_set, resolve_all, resolve_present

if TYPE_CHECKING:
    from pathlib import Path

    from inferctl.json_types import Json, JsonObject

A, B = SecretRef("env", "KEY_A"), SecretRef("env", "KEY_B")


@pytest.mark.parametrize(
    ("value", "reference"),
    [
        ({"env": "KEY_A"}, A),
        ({"file": "x/y"}, SecretRef("file", "x/y")),
        ({"env": "1A"}, None),
        ({"env": ""}, None),
        ({"env": "A-B"}, None),
        ({"env": 1}, None),
        ({"file": " "}, None),
        ({"vault": "x"}, None),
        ({"env": "A", "file": "b"}, None),
        ("A", None),
        (None, None),
        ({}, None),
    ],
)
def test_references(value: object, reference: SecretRef | None) -> None:
    assert parse_reference(value) == reference


def test_all_are_resolved() -> None:
    answer = resolve_all([A, B, A], {"KEY_A": "one", "KEY_B": "two "}, SecretBounds())
    assert {str(r): s.reveal() for r, s in answer.secrets.items()} == {"{env: KEY_A}": "one", "{env: KEY_B}": "two "}
    assert "one" not in repr(answer)


def test_one_that_fails_keeps_all_back_and_all_are_named() -> None:
    answer = resolve_all([A, B, SecretRef("env", "KEY_C")], {"KEY_A": "canary", "KEY_B": " \n"}, SecretBounds())
    assert answer.secrets == {}
    assert [(p.code, p.reference.name) for p in answer.problems] == [
        ("secret.empty", "KEY_B"),
        ("secret.unset", "KEY_C"),
    ]
    assert "canary" not in repr(answer)


@pytest.mark.parametrize(
    ("allow", "name", "allowed"),
    [
        (None, "ANY", True),
        (None, "ELASTICSEARCH_API_KEY", False),
        ("ELASTICSEARCH_*", "ELASTICSEARCH_API_KEY", True),
        ("KEY_*", "KEY_A", True),
        ("OTHER,KEY_?", "KEY_A", True),
        ("key_*", "KEY_A", False),
        ("", "KEY_A", False),
        ("*", "INFERCTL_FINGERPRINT_KEY", False),
    ],
)
def test_what_a_file_may_name(allow: str | None, name: str, *, allowed: bool) -> None:
    environ = {name: "x"} | ({} if allow is None else {"INFERCTL_SECRETS_ALLOW": allow})
    answer = resolve_all([SecretRef("env", name)], environ, bounds_of(environ).secrets)
    assert [p.code for p in answer.problems] == ([] if allowed else ["secret.denied"])


def test_dummies_for_the_emulator() -> None:
    answer = resolve_all([A, B], {"KEY_A": "one"}, SecretBounds(), dummy=True)
    assert answer.dummies == (B,)
    assert answer.secrets[B].reveal() == DUMMY
    assert (
        resolve_all([A], {}, SecretBounds((AllowedNames(("X",), "a variable"),)), dummy=True).problems[0].code
        == "secret.denied"
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [("good", None), ("crlf", None), ("deep/key", None), ("none", "secret.unset"), ("empty", "secret.empty"),
     ("../outside", "secret.denied"), ("link", "secret.denied"), ("binary", "secret.unreadable"), ("deep", "secret.unreadable"),
     (".", "secret.denied"), ("large", "secret.unreadable"), ("loop", "secret.unreadable"), ("pipe", "secret.unreadable")],
)  # fmt: skip
def test_files(tmp_path: Path, name: str, code: str | None) -> None:
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    (tmp_path / "outside").write_text("canary")
    for file, octets in {
        "good": b"key\n",
        "crlf": b"key\r\n",
        "deep/key": b"key",
        "empty": b"\n",
        "binary": b"\xff",
        "large": b"x" * 70_000,
    }.items():
        (root / file).write_bytes(octets)
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(root / "loop")
    os.mkfifo(root / "pipe")
    answer = resolve_all([SecretRef("file", name)], {}, SecretBounds(root=root))
    if code is None:
        assert [s.reveal() for s in answer.secrets.values()] == ["key"]
    else:
        assert [p.code for p in answer.problems if code != "secret.unreadable" or p.code.startswith("secret.")] != []
        assert answer.problems[0].code in (code, "secret.empty" if name == "pipe" else code)
    assert "canary" not in repr(answer)


def test_no_root_no_file() -> None:
    assert resolve_all([SecretRef("file", "x")], {}, SecretBounds()).problems[0].code == "secret.denied"


@pytest.mark.parametrize("value", [True, None, {}, {"deep": {"env": "KEY"}}, "Bearer ${other}", "sk-1", 5])
def test_a_named_secret_of_custom_is_a_reference_and_nothing_else(value: Json) -> None:
    found = find_secrets(
        "service_settings", {"secret_parameters": {"api_key": value}}, ("secret_parameters",), "custom"
    )
    assert [finding.path for finding in found.findings] == [("service_settings", "secret_parameters", "api_key")]
    assert not found.references


QUERY = "https://host/x?v=1&{name}={value}"


@pytest.mark.parametrize("name", ["key", "sig", "KEY", "api_key", "access_token", "code_secret", "password"])
def test_a_credential_in_an_address_is_found_hidden_and_taken_out(name: str) -> None:
    found = find_secrets("service_settings", {"url": QUERY.format(name=name, value="canary")}, (), "custom")
    (finding,) = found.findings
    assert (finding.code, finding.path) == ("secret.literal", ("service_settings", "url"))
    assert name in finding.what
    assert finding.fixes[0].text == 'url: "https://host/x?v=1"'
    assert found.literals == ["canary"]


@pytest.mark.parametrize("name", ["v", "signature_version", "keyword", "deployment", "token_type", "design"])
def test_other_parameters_of_an_address_may_stay(name: str) -> None:
    found = find_secrets("service_settings", {"url": QUERY.format(name=name, value="shown")}, (), "custom")
    assert (found.findings, found.literals) == ([], [])


@pytest.mark.parametrize("user_info", ["me:canary", "canary", "me%40corp:canary", ":canary"])
def test_a_user_in_an_address_is_found_hidden_and_taken_out(user_info: str) -> None:
    found = find_secrets("service_settings", {"url": f"https://{user_info}@host/x"}, (), "custom")
    (finding,) = found.findings
    assert (finding.code, finding.fix) == ("secret.literal", "url: https://host/x")
    assert found.literals == [user_info]


@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"X-Thing": "sk-canary-0123456789"}},
        {"url": "https://host/sk-canary-0123456789"},
        {"stop": ["a", "sk-canary-0123456789"]},
    ],
)
def test_a_key_under_an_innocent_name_is_found(settings: JsonObject) -> None:
    found = find_secrets("service_settings", settings, (), "custom")
    assert [finding.code for finding in found.findings] == ["secret.literal"]
    assert found.literals == ["sk-canary-0123456789"]
    assert "canary" not in str(found.findings)


def test_a_variable_is_not_named_after_a_key() -> None:
    assert variable_name("custom", "sk-canary-0123456789") == "CUSTOM"


def test_a_template_in_a_header_is_no_secret() -> None:
    settings: JsonObject = {"headers": {"Authorization": "Bearer ${api_key}"}}
    assert find_secrets("service_settings", settings, ("secret_parameters",), "custom").findings == []


def test_what_is_there_is_resolved_for_comparing_and_the_rest_left_out(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("three\n")
    file, missing = SecretRef("file", "key"), SecretRef("file", "none")
    wanted = [A, B, SecretRef("env", "KEY_C"), file, missing]
    answer = resolve_present(wanted, {"KEY_A": "one", "KEY_B": " "}, SecretBounds(root=tmp_path))
    assert {reference: secret.reveal() for reference, secret in answer.secrets.items()} == {A: "one", file: "three"}
    assert (answer.problems, answer.dummies) == ((), ())
    # Without a folder for files they count as not there: to compare is no reason to fail.
    answer = resolve_present(wanted, {"KEY_A": "one"}, SecretBounds())
    assert ([*answer.secrets], answer.problems) == ([A], ())


@pytest.mark.parametrize("name", ["../key", "link"])
def test_nothing_is_compared_where_one_reference_is_denied(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "key").write_text("canary")
    (root / "link").symlink_to(tmp_path / "key")
    answer = resolve_present([A, SecretRef("file", name)], {"KEY_A": "one"}, SecretBounds(root=root))
    assert answer.secrets == {}
    assert [(p.code, p.reference.name) for p in answer.problems] == [("secret.denied", name)]
    bounds = SecretBounds((AllowedNames(("KEY_A",), "a variable"),))
    answer = resolve_present([A, B], {"KEY_A": "one", "KEY_B": "two"}, bounds)
    assert answer.secrets == {}
    assert [(p.code, p.reference.name) for p in answer.problems] == [("secret.denied", "KEY_B")]


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("canary", ["canary"]),
        (12345, ["12345"]),
        (1.5, ["1.5"]),
        (["canary", ["more"]], ["canary", "more"]),
        ({"value": "canary"}, ["value", "canary"]),
        ({"canary": {"deep": "more"}}, ["canary", "deep", "more"]),
        ({"env": "no-name", "file": "x"}, ["no-name", "x"]),
        (True, []),
        (None, []),
        # Words of our own sentences: to take them out would hide nothing and spoil the sentence.
        ("openai", []),
        ("Secret", []),
        ("api_key", []),
    ],
)
def test_what_stands_in_the_place_of_a_reference_is_hidden_whole(value: Json, hidden: list[str]) -> None:
    found = find_secrets("service_settings", {"api_key": value}, ("api_key",), "openai")
    (finding,) = found.findings
    assert finding.fix == "api_key: {env: OPENAI_API_KEY}"
    assert found.literals == hidden
    assert "canary" not in repr(found)
    assert found.settings == {"api_key": {"env": "SECRET"}}


def test_the_name_of_an_unknown_service_may_be_the_secret_itself() -> None:
    found = find_secrets("service_settings", {"api_key": "canary"}, (), "canary", anywhere=True)
    assert found.literals == ["canary"]


CLUSTERS_OWN = [
    f"{prefix}_{name}"
    for prefix in ("ELASTICSEARCH", "ELASTIC", "ES")
    for name in ("API_KEY", "PASSWORD", "BEARER_TOKEN")
]


@pytest.mark.parametrize("name", CLUSTERS_OWN)
def test_no_file_sends_what_opens_the_cluster_to_a_provider(name: str) -> None:
    answer = resolve_all([SecretRef("env", name)], {name: "canary"}, SecretBounds())
    assert [(p.code, p.reference.name) for p in answer.problems] == [("secret.denied", name)]
    assert answer.secrets == {}


def test_what_opens_the_cluster_is_all_that_the_client_reads() -> None:
    read = {*API_KEY_NAMES, *BEARER_NAMES, *(password for _, password in BASIC_NAMES)}
    assert read <= {*CLUSTERS_OWN}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "secret.reference"),
        (None, "secret.reference"),
        ({}, "secret.reference"),
        ({"env": "1A"}, "secret.reference"),
        ("canary", "secret.literal"),
        (0, "secret.literal"),
    ],
)
def test_what_is_empty_or_malformed_is_told_apart_from_a_literal(value: Json, code: str) -> None:
    (finding,) = find_secrets("service_settings", {"api_key": value}, ("api_key",), "openai").findings
    assert finding.code == code


def test_a_credential_in_a_list_of_parameters_is_found_at_its_place() -> None:
    settings: JsonObject = {"query_parameters": [["q", "1"], ["access_key", "canary"]]}
    found = find_secrets("service_settings", settings, ("secret_parameters",), "custom")
    (finding,) = found.findings
    assert finding.path == ("service_settings", "query_parameters", 1, 1)
    assert finding.fix == 'query_parameters: [[q, "1"]]'
    assert found.literals == ["canary"]


def test_whether_a_reference_has_a_value_is_said_within_the_bounds_only(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("one", encoding="utf-8")
    key, missing, outside = (SecretRef("file", name) for name in ("key", "other", "../key"))

    def has_value(reference: SecretRef, environ: dict[str, str]) -> bool | None:
        return is_set(reference, environ, bounds_of(environ).secrets)

    assert [has_value(A, {"KEY_A": "one"}), has_value(A, {"KEY_A": " "}), has_value(A, {})] == [True, False, False]
    assert has_value(A, {"KEY_A": "one", "INFERCTL_SECRETS_ALLOW": "KEY_B"}) is None
    assert has_value(SecretRef("env", "ELASTICSEARCH_API_KEY"), {"ELASTICSEARCH_API_KEY": "one"}) is None
    root = {"INFERCTL_SECRETS_ROOT": str(tmp_path)}
    assert [has_value(one, root) for one in (key, missing, outside)] == [True, False, None]
    assert has_value(key, {}) is None
