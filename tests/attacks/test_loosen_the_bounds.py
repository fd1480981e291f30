"""The attacker wants the operator's bounds gone: to put them under his hand, or to have them misread."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from inferctl.cli.app import run
from inferctl.errors import RefusedByBounds
from inferctl.operator_bounds.bounds import bounds_of
from inferctl.operator_bounds.document import BoundsDocument
from inferctl.operator_bounds.read import read_bounds
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.resolve import resolve_all
from inferctl.syntax.editor_schema import editor_schema

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("repository/.git", "repository/team", "outside"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "outside/bounds.yaml").write_text("scopes: [search-team]\n", encoding="utf-8")
    return tmp_path / "repository"


def refusal(checkout: Path, name: str, **environ: str) -> str:
    with pytest.raises(RefusedByBounds) as refused:
        read_bounds({"INFERCTL_BOUNDS": name, **environ}, checkout / "team")
    return str(refused.value)


def test_what_is_outside_of_the_checkout_is_read(checkout: Path) -> None:
    for name in (str(checkout.parent / "outside/bounds.yaml"), "../../outside/bounds.yaml"):
        assert read_bounds({"INFERCTL_BOUNDS": name}, checkout / "team").scopes == ("search-team",)


@pytest.mark.parametrize(
    "name",
    [
        "bounds.yaml",
        "../bounds.yaml",
        "../link-out.yaml",
        "../../outside/link-in.yaml",
        "../../outside/../repository/bounds.yaml",
        "../../alias/link-out.yaml",
        "../../alias/folder-out/bounds.yaml",
    ],
)
def test_a_file_that_a_pull_request_could_change_is_refused(checkout: Path, name: str) -> None:
    for folder in (checkout, checkout / "team"):
        (folder / "bounds.yaml").write_text("{}", encoding="utf-8")
    (checkout.parent / "alias").symlink_to(checkout)
    (checkout / "folder-out").symlink_to(checkout.parent / "outside")
    (checkout / "link-out.yaml").symlink_to(checkout.parent / "outside/bounds.yaml")
    (checkout.parent / "outside/link-in.yaml").symlink_to(checkout / "bounds.yaml")
    assert "inside the checkout" in refusal(checkout, name)


def test_a_repository_inside_of_another_one_is_inside_of_both(checkout: Path) -> None:
    (checkout / "team/.git").mkdir()
    (checkout / "bounds.yaml").write_text("{}", encoding="utf-8")
    assert "inside the checkout" in refusal(checkout, "../bounds.yaml")


def test_the_checkout_of_the_settings_file_counts_too(checkout: Path) -> None:
    (checkout / "bounds.yaml").write_text("{}", encoding="utf-8")
    environ = {"INFERCTL_BOUNDS": str(checkout / "bounds.yaml")}
    with pytest.raises(RefusedByBounds, match="inside the checkout"):
        read_bounds(environ, checkout.parent / "outside", str(checkout / "team/inferctl.yaml"))


@pytest.mark.parametrize("by", ["--config", "INFERCTL_CONFIG"])
def test_so_does_that_of_the_settings_file_of_a_command(
    checkout: Path, by: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("bounds.yaml", "{}"), ("inferctl.yaml", "scope: a\n")):
        (checkout / name).write_text(text, encoding="utf-8")
    config = str(checkout / "inferctl.yaml")
    monkeypatch.chdir(checkout.parent / "outside")
    monkeypatch.setenv("INFERCTL_BOUNDS", str(checkout / "bounds.yaml"))
    if by == "INFERCTL_CONFIG":
        monkeypatch.setenv(by, config)
    assert run(["validate", *([by, config] if by == "--config" else [])]) == 1
    assert "inside the checkout" in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_a_checkout_without_git_is_one_all_the_same(checkout: Path, variable: str) -> None:
    (checkout / ".git").rmdir()
    (checkout / "bounds.yaml").write_text("{}", encoding="utf-8")
    assert "inside the checkout" in refusal(checkout, "../bounds.yaml", **{variable: str(checkout)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("../../outside/none.yaml", "cannot be read"),
        ("../../outside", "no regular file"),
        ("{scope: [search-team]}", "INFERCTL_BOUNDS:1:2: error[bounds.document]"),
        ("{scopes: search-team}", "INFERCTL_BOUNDS:1:10: error[bounds.document]"),
        ("{allow: [destroy]}", "error[bounds.document]"),
        ("{limits: {max_deletes: 120%}}", "error[bounds.document]"),
        ("{passthrough: 'no'}", "error[bounds.document]"),
        ("{hosts: [a], hosts: [b]}", "error[yaml.duplicate-key]"),
        ("{hosts: [a]", "error[yaml.syntax]"),
        ("{}\n---\n{}", "one document"),
    ],
)
def test_bounds_that_cannot_be_read_are_none_at_no_time(checkout: Path, text: str, said: str) -> None:
    assert said in refusal(checkout, text)


GOOD = [
    "{}",
    '{"scopes": []}',
    '{"limits": {}}',
    '{"limits": {"max_deletes": "5%", "max_changes": 0}}',
    '{"allow": ["force"]}',
]
BAD = [
    '{"scope": ["a"]}', '{"scopes": "a"}', '{"scopes": [1]}', '{"scopes": [null]}', '{"manage": {}}', '{"allow": ["all"]}',
    '{"allow": "delete"}', '{"limits": {"max_deletes": -1}}', '{"limits": {"max_deletes": "many"}}', '{"limits": null}',
    '{"limits": {"max_delete": 1}}', '{"limits": {"max_changes": "5"}}', '{"limits": {"max_changes": true}}',
    '{"hosts": {"a": 1}}', '{"schemes": ["ftp"]}', '{"secrets": "A"}', '{"secrets_root": ["/a"]}', '{"services": 1}',
    '{"passthrough": 0}', '{"passthrough": "yes"}', '{"cluster_uuids": "a"}', '{"clusters": ["a"]}', "[]",
]  # fmt: skip


def test_the_schema_and_the_reader_are_of_one_mind(checkout: Path) -> None:
    schema = editor_schema(BoundsDocument, "bounds")
    Draft7Validator.check_schema(schema)
    for text in [*GOOD, *BAD]:
        try:
            read_bounds({"INFERCTL_BOUNDS": text if text.startswith("{") else f"{{}} {text}"}, checkout)
        except RefusedByBounds:
            is_read = False
        else:
            is_read = True
        assert (is_read, Draft7Validator(schema).is_valid(json.loads(text))) == (text in GOOD, text in GOOD), text


@pytest.mark.parametrize(
    "name", ["INFERCTL_BOUND", "INFERCTL_TRUSTED_HOST", "INFERCTL_SECRET_ALLOW", "INFERCTL_SECRETS_ROOTS"]
)
def test_a_misspelled_variable_does_not_bound_nothing(name: str) -> None:
    with pytest.raises(RefusedByBounds, match=f"{name} is read by nobody"):
        read_bounds({name: "{}"})


def test_other_variables_of_inferctl_are_no_misspelled_bounds() -> None:
    others = ("LABEL", "CONFIG", "DEBUG", "COMMIT", "RUN_BY", "RUN_URL", "FINGERPRINT_KEY", "GITLAB_TOKEN")
    more = ("JOB_PATHS", "ACTION_COMMENT", "ACTION_ARGS", "UPDATE_DOCS", "SECRETS_FILE")
    assert read_bounds({f"INFERCTL_{name}": "x" for name in (*others, *more)}) == bounds_of({})


def test_a_misspelled_bound_says_what_the_operator_writes() -> None:
    with pytest.raises(RefusedByBounds) as refused:
        read_bounds({"INFERCTL_BOUNDS": '{"host": ["a.example"], "limits": {"max_delets": 3}}'})
    assert [fix.text.partition(" writes ")[2] for fix in refused.value.fixes] == [
        "hosts: [a.example]",
        "max_deletes: 3",
    ]


def test_a_variable_and_a_document_must_both_be_met(checkout: Path) -> None:
    text = '{"hosts": ["*.example"], "secrets": ["KEY_*"], "schemes": ["https"]}'
    bounds = read_bounds(
        {"INFERCTL_BOUNDS": text, "INFERCTL_TRUSTED_HOSTS": "*.example,b.test", "INFERCTL_SECRETS_ALLOW": "*_A"},
        checkout,
    )
    assert bounds.hosts.refuses_url("https://a.example") == ""
    assert "hosts in INFERCTL_BOUNDS" in bounds.hosts.refuses_url("https://b.test")
    assert "INFERCTL_TRUSTED_HOSTS" in bounds_of({"INFERCTL_TRUSTED_HOSTS": "x"}).hosts.refuses_url("https://a.example")
    assert [bounds.secrets.permits(name) for name in ("KEY_A", "KEY_B", "OTHER_A")] == [True, False, False]


def test_a_secret_file_has_to_be_below_both_folders(checkout: Path) -> None:
    secrets = checkout.parent / "secrets"
    (secrets / "mine").mkdir(parents=True)
    for name in ("mine/key", "others"):
        (secrets / name).write_text("value", encoding="utf-8")
    text = '{"secrets_root": "%s"}' % (secrets / "mine")
    bounds = read_bounds({"INFERCTL_BOUNDS": text, "INFERCTL_SECRETS_ROOT": str(secrets)}, checkout).secrets
    assert resolve_all([SecretRef("file", "mine/key")], {}, bounds).problems == ()
    assert [p.code for p in resolve_all([SecretRef("file", "others")], {}, bounds).problems] == ["secret.denied"]
