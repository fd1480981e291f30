"""An emulator, and folders with the programs that the pages call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.running import running_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Only what the pages ask of curl: -s, -X, -H, -d and an address. Not every machine has it.
_CURL = """\
import sys, urllib.request, urllib.error
words, method, headers, data, url = sys.argv[1:], None, {}, None, ""
while words:
    word = words.pop(0)
    if word == "-X": method = words.pop(0)
    elif word == "-H":
        name, value = words.pop(0).split(": ", 1)
        headers[name] = value
    elif word == "-d": data = words.pop(0).encode()
    elif word != "-s": url = word
try:
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as answer:
    print(answer.read().decode())
"""


@pytest.fixture
def emulator() -> Iterator[str]:
    """The address of one, whose uuid a page may pin."""
    with running_emulator(uuid="Zx1kQv0tQ3eH9ZxWc1d5sA") as running:
        yield running.url


@pytest.fixture
def second_emulator() -> Iterator[str]:
    """The address of another one, for pages about two clusters."""
    with running_emulator(uuid="3kFvQ0tZ9eHxWc1d5sAQ3e") as running:
        yield running.url


@pytest.fixture(scope="session")
def curl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small `curl` in a folder of its own."""
    program = tmp_path_factory.mktemp("curl") / "curl"
    program.write_text(f"#!{sys.executable} -IS\n{_CURL}", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture(scope="session")
def fresh_inferctl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of this checkout, as it is started by a shell."""
    program = tmp_path_factory.mktemp("fresh") / "inferctl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m inferctl "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program
