"""Words of other tools, typed from habit: the answer is a usage error that names the word of inferctl."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest

from inferctl.cli.app import _COMMANDS, cli
from inferctl.cli.familiar_words import WORDS

if TYPE_CHECKING:
    from .conftest import Shell

TYPED = {
    ("init",): "inferctl export",
    ("drift",): "--detailed-exitcode",
    ("list",): "inferctl export",
    ("ls",): "inferctl export",
    ("diff", "endpoints/"): "inferctl plan",
    ("import", "search"): "inferctl adopt",
    ("fmt",): "inferctl validate",
    ("state", "list"): "inferctl history",
    ("plan", "--dry-run"): "inferctl plan",
    ("apply", "--dry-run=client"): "inferctl plan",
    ("apply", "--auto-approve"): "--yes",
    ("apply", "-auto-approve"): "--yes",
    ("adopt", "--yes"): "other commands never ask",
    ("plan", "-o", "json"): "--format json",
    ("plan", "-ojson"): "--format json",
    ("plan", "--output", "json"): "--format json",
    ("apply", "--prune"): "--allow-delete",
    ("apply", "--force"): "--force-delete",
    ("apply", "-target=search"): "--target",
    ("apply", "-f", "endpoints/"): "inferctl plan endpoints/",
    ("plan", "--api-key", "x"): "ELASTICSEARCH_API_KEY",
    ("--dry-run",): "inferctl plan",
    ("--env", "prod", "plan"): "inferctl plan --env",
    ("--all-envs", "apply", "--yes"): "inferctl apply --all-envs",
    ("workspace", "select", "prod"): "--env NAME",
    ("target", "prod"): "--env NAME",
    ("env", "list"): "--env NAME",
    ("plan", "--context", "prod"): "--env NAME",
    ("apply", "--cluster=prod"): "--env NAME",
    ("plan", "-w", "prod"): "--env NAME",
    ("kustomize", "build"): "inferctl render --env NAME",
    ("helm", "template"): "inferctl render --env NAME",
    ("patch",): "inferctl render --env NAME",
    ("plan", "--set-string", "a=b"): "variables stand in the settings file",
    ("plan", "-var-file=prod.tfvars"): "variables stand in the settings file",
    ("deck", "diff"): "inferctl plan",
    ("push",): "inferctl apply",
    ("apply", "--doit"): "--yes",
    ("plan", "--skip", "staging"): "--env A,B",
}


@pytest.mark.parametrize("typed", TYPED, ids=" ".join)
def test_a_word_of_another_tool_is_answered_with_ours(shell: Shell, typed: tuple[str, ...]) -> None:
    done = shell(*typed)
    assert (done.code, done.out) == (64, "")
    assert TYPED[typed] in " ".join(done.err.split())


def test_an_option_that_the_command_has_means_what_it_means(shell: Shell) -> None:
    assert "--force-delete" not in shell("export", "--force", "--emulator").err


def test_an_unknown_word_is_still_only_unknown(shell: Shell) -> None:
    assert "No such option" in shell("plan", "--nope").err
    assert "No such command 'nope'" in shell("nope").err


@pytest.mark.parametrize("word", WORDS)
def test_what_a_hint_names_can_be_typed(word: str) -> None:
    context = click.Context(cli)
    commands = {name: cli.get_command(context, name) for name in _COMMANDS}
    flags = {flag for one in commands.values() for p in (one.params if one else ()) for flag in (*p.opts, "--help")}
    flags.add("--version")
    for quoted in re.findall(r"`([^`]+)`", WORDS[word]):
        parts = quoted.split()
        if parts[0] == "inferctl" and not parts[1].startswith("-"):
            command = commands.get(parts[1])
            assert command is not None, quoted
            known = {flag for parameter in command.params for flag in parameter.opts}
            assert {part for part in parts[2:] if part.startswith("-")} <= known, quoted
        else:
            assert {part for part in parts if part.startswith("--")} <= flags, quoted


def test_no_hint_stands_in_the_way_of_a_command() -> None:
    assert not set(WORDS) & set(_COMMANDS)


@pytest.mark.parametrize("typed", [("plan", "-o", "json"), ("import",), ("plan", "--target", "x" * 30, "e.yaml")])
def test_on_a_terminal_it_breaks_between_words(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    (shell.folder / "e.yaml").write_text(
        "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n"
    )
    whole = shell(*typed, *(("--emulator",) if "--target" in typed else ())).err
    monkeypatch.setattr("inferctl.cli.output._columns", lambda _stream: 60)
    lines = shell(*typed, *(("--emulator",) if "--target" in typed else ())).err.splitlines()
    assert max(map(len, lines)) <= 60 < max(map(len, whole.splitlines()))
    assert " ".join(lines).split() == whole.split()
