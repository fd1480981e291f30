"""Commands and flags that the documentation names are those of the program."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from inferctl.cli.app import cli

from .pages import PAGES, ROOT, blocks, name_of, spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTEXT = click.Context(cli)
TOP = {name: command for name in cli.list_commands(CONTEXT) if (command := cli.get_command(CONTEXT, name))}
# Those of a group go by both words.
COMMANDS = {
    " ".join([name, *rest]): command
    for name, top in TOP.items()
    for rest, command in (
        [([inner], command) for inner, command in top.commands.items()] if isinstance(top, click.Group) else [([], top)]
    )
}
CALL = re.compile(r"(?:^|[\s(/])inferctl[ \t]+(?P<rest>[^\n#]*)")
STOP = re.compile(r"^(?:[|&;>)]|2>)")
# Flags of other programs that the pages use.
FOREIGN = {
    *("--no-cov", "--group", "--rm", "--fix", "--json", "--skip-checks", "--skip-audit", "--ignore-vuln"),
    *("--jobs", "--sample", "--seed", "--skip-covered", "--tests"),
    *re.findall(r'"(--[a-z][a-z-]*)"', (ROOT / "scripts" / "verify-server").read_text(encoding="utf-8")),
}


def flags_of(command: click.Command) -> set[str]:
    found = {"-h", "--help"}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            found.update(parameter.opts, parameter.secondary_opts)
    return found


ALL_FLAGS = set().union(*map(flags_of, (cli, *COMMANDS.values())))


def written(page: Path) -> Iterator[str]:
    """What a reader may type: inline code, and the lines of blocks that hold commands."""
    yield from spans(page)
    for block in blocks(page):
        text = block.text.replace("\\\n", " ")
        for line in text.splitlines():
            if block.language == "console":
                if line.startswith("$ "):
                    yield line[2:]
            elif block.language in ("sh", "yaml", "dockerfile"):
                yield line


def calls(page: Path) -> Iterator[list[str]]:
    for text in written(page):
        for call in CALL.finditer(text):
            words = []
            for word in shlex.split(call["rest"].replace("…", "").replace("`", " "), comments=True):
                if STOP.match(word):
                    break
                words.append(word)
            if words:
                yield words


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_their_flags_exist(page: Path) -> None:
    for words in calls(page):
        command: click.Command = cli
        if not words[0].startswith("-"):
            name = " ".join(words[:2]) if isinstance(TOP.get(words[0]), click.Group) else words[0]
            assert name in COMMANDS, f"inferctl {' '.join(words)}"
            command = COMMANDS[name]
        for word in words:
            if word.startswith("-") and word != "-":
                flag = word.partition("=")[0]
                known = flags_of(command)
                assert flag in known or flag == "-vv", f"inferctl {' '.join(words)}: {flag}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_flags_in_the_text_exist(page: Path) -> None:
    named = {flag for span in spans(page) for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span)}
    assert named - ALL_FLAGS - FOREIGN == set()


def test_calls_are_found() -> None:
    found = [words[0] for page in PAGES for words in calls(page)]
    assert {"plan", "apply", "validate", "emulate", "explain"} <= set(found)
    assert len(found) > 40
