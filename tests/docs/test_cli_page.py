"""docs/reference/cli.md shows every command and every option, in the words of the program."""

from __future__ import annotations

import re

import click
import pytest

from inferctl.cli.app import _COMMANDS

from .generated import check_part
from .pages import DOCS
from .test_commands import COMMANDS

PAGE = DOCS / "reference" / "cli.md"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def option_row(option: click.Option, context: click.Context) -> str:
    shown = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = ""
    if not option.is_flag and not option.count:
        value = f" `{option.make_metavar(context)}`".replace("|", "\\|")
    said = cell(option.help or "")
    if option.envvar:
        said += f" Variable: `{option.envvar}`."
    if option.show_default and option.default is not None:
        said += f" Default: `{option.default}`."
    return f"| {shown}{value} | {said} |"


def section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    arguments = " ".join(p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))
    lines = [f"```text\ninferctl {name} [OPTIONS] {arguments}".rstrip(), "```", "", *paragraphs(command.help or "")]
    lines += ["", "| Option | Meaning |", "| --- | --- |"]
    lines += [option_row(p, context) for p in command.params if isinstance(p, click.Option)]
    return "\n".join([*lines, "| `-h`, `--help` | Show the help and exit. |"])


def paragraphs(text: str) -> list[str]:
    joined = ["\n".join(" ".join(part.split()).split("\n")) for part in text.split("\n\n")]
    return [cell(line) for part in joined for line in (part, "")][:-1]


def line_of(name: str, command: click.Command) -> str:
    return _COMMANDS[name][1] if name in _COMMANDS else command.get_short_help_str(limit=200)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command(name: str) -> None:
    check_part(PAGE, name, section(name, COMMANDS[name]))


def test_each_command_has_a_section_and_a_line() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## `inferctl ([a-z ]+)`$", text, re.MULTILINE) == [*COMMANDS]
    overview = "\n".join(
        f"| [`{name}`](#inferctl-{name.replace(' ', '-')}) | {line_of(name, command)} |"
        for name, command in COMMANDS.items()
    )
    check_part(PAGE, "overview", "| Command | |\n| --- | --- |\n" + overview)
