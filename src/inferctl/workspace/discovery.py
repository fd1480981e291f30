"""Which files the given paths mean: files, directories, globs, `-`. Sorted, hidden ones skipped."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STDIN = "-"
SETTINGS_FILE = "inferctl.yaml"
_SUFFIXES = (".yaml", ".yml")
_MAGIC = re.compile(r"[*?\[]")


@dataclass(slots=True)
class Discovery:
    """Files in the order in which they are read; names are relative to the working directory, with `/`."""

    files: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    stdin: bool = False


def discover(paths: Sequence[str], root: Path) -> Discovery:
    """All files that `paths` (relative to `root`) mean, each once, sorted by name."""
    found = Discovery()
    names: dict[str, str] = {}
    for path in paths:
        if path == STDIN:
            found.stdin = True
            continue
        for name in _expand(path, root, found):
            names.setdefault(identity(name, root), _short(name, root))
    found.files = sorted(names.values())
    return found


def identity(name: str, root: Path) -> str:
    """The same text for the same file, however it was named (links are not followed)."""
    return os.path.normpath(root / name)


def _short(name: str, root: Path) -> str:
    """A relative name without detours (`../e/a.yaml` inside `e` is `a.yaml`); absolute ones as they are."""
    if ".." not in name or Path(name).is_absolute():
        return name
    return Path(os.path.relpath(identity(name, root), root)).as_posix()


def _expand(path: str, root: Path, found: Discovery) -> list[str]:
    shown = path.replace(os.sep, "/")
    target = root / path
    try:
        if target.is_dir():
            return list(_walk(target, _directory(shown), found))
        if target.exists():
            return [] if _is_settings(shown) else [_plain(shown)]
    except OSError as error:
        found.diagnostics.append(unreadable(shown, error))
        return []
    if _MAGIC.search(path):
        matching = [name for name in _glob(shown, root, found) if not _is_settings(name)]
        if not matching:
            found.diagnostics.append(_no_match(shown))
        return matching
    found.diagnostics.append(_not_found(shown))
    return []


def _plain(name: str) -> str:
    while name.startswith("./"):
        name = name[2:]
    return name


def _directory(name: str) -> str:
    name = _plain(name).rstrip("/") if name != "/" else ""
    return "" if name in (".", "") and not name.startswith("/") else name + "/"


def _is_settings(name: str) -> bool:
    return name.rsplit("/", 1)[-1] == SETTINGS_FILE


def _walk(folder: Path, prefix: str, found: Discovery, *, every: bool = False) -> Iterator[str]:
    """Endpoint files below a folder; a folder reached twice through links is read once."""
    seen: set[tuple[int, int]] = set()
    stack = [(folder, prefix)]
    while stack:
        here, name = stack.pop()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in seen and status.st_ino:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(here), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            found.diagnostics.append(unreadable(name.rstrip("/") or ".", error))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                is_folder = entry.is_dir()
            except OSError as error:
                found.diagnostics.append(unreadable(name + entry.name, error))
                continue
            if is_folder:
                stack.append((here / entry.name, f"{name}{entry.name}/"))
            elif every or (entry.name.endswith(_SUFFIXES) and not _is_settings(entry.name)):
                yield name + entry.name


def _glob(pattern: str, root: Path, found: Discovery) -> list[str]:
    """Files that match a glob: `*` and `?` within a name, `**` over any number of folders, `[a-z]`."""
    pattern = _plain(pattern)
    magic = _MAGIC.search(pattern)
    before, slash, _ = pattern[: magic.start() if magic else len(pattern)].rpartition("/")
    prefix = before + slash
    folder = root / prefix
    if not folder.is_dir():
        return []
    quiet = Discovery()
    names = [name for name in _walk(folder, prefix, quiet, every=True) if glob_pattern(pattern).fullmatch(name)]
    found.diagnostics.extend(quiet.diagnostics)
    return names


@lru_cache(maxsize=64)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """The regular expression of a glob over `/` paths."""
    text, position = "", 0
    while position < len(glob):
        if glob.startswith("**/", position):
            text, position = text + "(?:[^/]+/)*", position + 3
        elif glob.startswith("**", position):
            text, position = text + ".*", position + 2
        elif glob[position] == "*":
            text, position = text + "[^/]*", position + 1
        elif glob[position] == "?":
            text, position = text + "[^/]", position + 1
        elif glob[position] == "[" and (end := glob.find("]", position + 2)) > 0:
            inner = glob[position + 1 : end].replace("\\", "\\\\")
            text, position = text + ("[^" + inner[1:] if inner[0] in "!^" else "[" + inner) + "]", end + 1
        else:
            text, position = text + re.escape(glob[position]), position + 1
    return re.compile(text)


def unreadable(name: str, error: OSError) -> Diagnostic:
    """The diagnostic for a file or folder that is there and cannot be read."""
    reason = error.strerror or type(error).__name__
    return Diagnostic(
        Severity.ERROR,
        "file.unreadable",
        f"{name} cannot be read: {reason}",
        Span(name),
        why="a file that is not read must never look like a removed endpoint, so nothing is sent",
        fix=f"ls -l {name}",
    )


def _not_found(name: str) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "file.not-found",
        f"there is no {name}",
        Span(name),
        why="a file that is not read must never look like a removed endpoint, so nothing is sent",
        fix="check the path; it is taken from the working directory",
    )


def _no_match(glob: str) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "file.no-match",
        f"no file matches {glob}",
        Span(glob),
        why="an empty match is more often a wrong path than a wish to remove everything",
        fix="** stands for folders, * for a part of a name; hidden files never match",
    )
