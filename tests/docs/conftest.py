"""An emulator in another process, and a folder with the programs that the pages call."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from .pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POINTS_ELSEWHERE = ("ELASTIC", "ES_", "INFERCTL_", "NO_COLOR", "FORCE_COLOR", "GITHUB_", "CLOUD_ID")
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


def clean_environment() -> dict[str, str]:
    """The environment without anything that points inferctl at a cluster or colours its output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_POINTS_ELSEWHERE)}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "error"}


@contextmanager
def running_emulator(version: str = "9.5") -> Iterator[str]:
    """The address of an emulator that ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "inferctl", "emulate", "--port", "0", "--version", version],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, f"no address in the first line: {first!r}"
        yield found.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture
def emulator() -> Iterator[str]:
    with running_emulator() as url:
        yield url


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
