"""The written catalogue, tests/reference/catalog.yaml, read once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from inferctl.model.versions import LINES, Since, Version

FILE = Path(__file__).parents[1] / "reference" / "catalog.yaml"


@cache
def catalogue() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def services() -> dict[str, Any]:
    found: dict[str, Any] = catalogue()["services"]
    return found


def lines_of(entry: dict[str, Any], fallback: Since | None = None) -> frozenset[Version]:
    """The version lines that have something, from `available` or `since` ("8.19 / 9.1", "9.2", "after 9.5?")."""
    if "available" in entry:
        first = {8: entry["available"]["8.x"], 9: entry["available"]["9.x"]}
        return frozenset(
            line for line in LINES if (text := first[line.major]) is not None and line >= Version.parse(str(text))
        )
    text = str(entry.get("since", ""))
    if not text:
        return lines_that_have(fallback)
    if "after" in text:
        return frozenset()
    found = [Version.parse(part) for part in re.findall(r"\d+\.\d+", text)]
    if len(found) == 1 and found[0].major == 8:
        # What came in 8.19 is in 9.1; anything older is in every 9.x (version_lines).
        found.append(Version(9, 1) if found[0].minor == 19 else Version(9, 0))
    return frozenset(line for line in LINES for first in found if line.major == first.major and line >= first)


def lines_that_have(since: Since | None) -> frozenset[Version]:
    return frozenset(line for line in LINES if since is None or since.includes(line))
