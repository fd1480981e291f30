"""An emulator in another process, and a folder with the programs that the pages call."""

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
    """The address of one."""
    with running_emulator() as running:
        yield running.url


@pytest.fixture
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with `inferctl` (of this checkout) and a small `curl`."""
    folder = tmp_path_factory.mktemp("programs")
    curl = folder / "curl.py"
    curl.write_text(_CURL, encoding="utf-8")
    for name, call in (("inferctl", f'"{sys.executable}" -m inferctl'), ("curl", f'"{sys.executable}" "{curl}"')):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return folder
