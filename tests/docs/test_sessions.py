"""Shell sessions in the pages are real: each command is run, in order, and prints what the page shows.

A page is one session in an empty folder, with an emulator at each of the two addresses that pages use. The commands of one
page are started as by a reader; those of the others are forks of a process that has loaded everything. Addresses, cluster
uuids, temporary ids, dates and times differ from run to run and are made alike; so is the order of lines that threads print.
INFERCTL_UPDATE_DOCS=1 writes what was printed into the pages.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.running import clean_environment

from .generated import UPDATE
from .pages import DOCS, ROOT, Block, blocks, name_of

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS, SECOND_ADDRESS = "http://127.0.0.1:9200", "http://127.0.0.1:9201"
END = "::end-of-command::"
SESSIONS = [
    page
    for page in sorted(DOCS.rglob("*.md"))
    if any(b.language == "console" and b.mark != "not run" for b in blocks(page))
]


def commands(text: str) -> list[str]:
    """The commands of a console block; a backslash or `> ` continues a line."""
    found: list[str] = []
    going_on = False
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif going_on:
            found[-1] += "\n" + line.removeprefix("> ")
        else:
            continue
        going_on = line.endswith("\\")
    return found


def script(page: Path) -> str:
    """The page as a shell script that says after each command where its output ends."""
    lines = []
    for block in blocks(page):
        if block.mark == "file":
            # Parents first, as a reader would; the text goes through a quoted here-document.
            lines.append(f'mkdir -p "$(dirname "{block.value}")"')
            lines.append(f"cat > '{block.value}' <<'END_OF_FILE'\n{block.text}END_OF_FILE")
        elif block.language == "console" and block.mark != "not run":
            for command in commands(block.text):
                lines.append(f"(exit $status)\n{command}\nstatus=$?\nprintf '%s\\n' '{END}'")
    return "status=0\n" + "\n".join(lines) + "\n"


def alike(text: str) -> list[str]:
    """The lines of an output without what differs from run to run, in an order of its own."""
    text = re.sub(r"uuid [\w-]+", "uuid …", text)
    text = re.sub(r"\b\d+\.\d s\b", "0.0 s", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", "(time)", text)
    text = re.sub(r"\b(since|until:) \d{4}-\d\d-\d\d", r"\1 (date)", text)
    text = re.sub(r"\binferctl-trial-[0-9a-f]+\b", "inferctl-trial-…", text)
    text = re.sub(r"\(secret [0-9a-f]{8}\)", "(secret …)", text)
    return sorted(line.rstrip() for line in text.splitlines())


def shown(text: str, outputs: list[str]) -> str:
    """The console block with these outputs below its commands."""
    parts = []
    for command, output in zip(commands(text), outputs, strict=True):
        first, *rest = command.split("\n")
        parts.append("\n".join([f"$ {first}", *(f"> {line}" for line in rest)]) + "\n" + output)
    return "".join(parts)


@pytest.mark.parametrize("page", SESSIONS, ids=name_of)
def test_session(
    page: Path,
    tmp_path: Path,
    inferctl: Path,
    fresh_inferctl: Path,
    curl: Path,
    emulator: str,
    second_emulator: str,
) -> None:
    program = fresh_inferctl if page.name == "existing-cluster.md" else inferctl
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = clean_environment()
    done = subprocess.run(
        ["sh"],
        input=script(page).replace(ADDRESS, emulator).replace(SECOND_ADDRESS, second_emulator),
        cwd=tmp_path,
        env={**environment, "PATH": f"{program.parent}:{curl.parent}:{environment['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    outputs = done.stdout.replace(emulator, ADDRESS).replace(second_emulator, SECOND_ADDRESS).split(END + "\n")
    assert outputs.pop() == "", done.stdout
    pairs: list[tuple[Block, str]] = []
    for block in blocks(page):
        if block.language == "console" and block.mark != "not run":
            count = len(commands(block.text))
            pairs.append((block, shown(block.text, outputs[:count])))
            del outputs[:count]
    assert outputs == []
    if UPDATE:
        update(page, pairs)
        return
    for block, expected in pairs:
        assert alike(block.text) == alike(expected), block.place


def update(page: Path, pairs: list[tuple[Block, str]]) -> None:
    text = page.read_text(encoding="utf-8")
    for block, expected in reversed(pairs):
        if alike(block.text) != alike(expected):
            text = text[: block.start] + expected + text[block.end :]
    page.write_text(text, encoding="utf-8", newline="\n")


def test_there_are_sessions() -> None:
    assert {"docs/tutorial/first-plan.md", "docs/how-to/remove-an-endpoint.md"} <= set(map(name_of, SESSIONS))
