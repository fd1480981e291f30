"""Which files the given paths mean: files, directories, globs, `-`. Sorted, hidden ones skipped."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.workspace.globs import Glob, magic_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


STDIN = "-"
SETTINGS_FILE = "inferctl.yaml"
_SUFFIXES = (".yaml", ".yml")
_NOT_READ = "a file that is not read must never look like a removed endpoint, so nothing is sent"


@dataclass(slots=True)
class Discovery:
    """Files in the order in which they are read; names are relative to the working directory, with `/`."""

    files: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    stdin: bool = False
    roots: tuple[Path, ...] = ()


def discover(paths: Sequence[str], root: Path, *, named_by: Path | None = None) -> Discovery:
    """All files that `paths` (relative to `root`) mean, each once, sorted by name.

    Links out of the repository are refused. `named_by` is the folder of the settings file that names the paths: then
    they may not lead out of it either. Without it the operator did, and may name any place.
    """
    repositories = (repository(root), *(() if named_by is None else (repository(named_by),)))
    found = Discovery(roots=repositories)
    names: dict[str, str] = {}
    for path in paths:
        if path == STDIN:
            found.stdin = True
            continue
        found.roots = repositories
        if named_by is None and not is_below(Path(identity(path, root)), (*repositories, root)):
            if (root / path).is_file():
                names.setdefault(identity(path, root), _short(_plain(path.replace(os.sep, "/")), root))
                continue
            at = magic_at(path)
            base = root / (path if at is None else path[:at].rpartition("/")[0] or "/")
            found.roots = (*repositories, Path(os.path.realpath(base)))
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
        if target.exists() and leads_out(target, found.roots):
            found.diagnostics.append(outside(shown))
            return []
        if target.is_dir():
            return list(_walk(target, _directory(shown), found))
        if target.exists():
            return [] if _is_settings(shown) else [_plain(shown)]
    except OSError as error:
        found.diagnostics.append(unreadable(shown, error))
        return []
    if magic_at(path) is not None:
        known = len(found.diagnostics)
        matching = [name for name in _glob(shown, root, found) if not _is_settings(name)]
        if not matching and len(found.diagnostics) == known:
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


def _walk(folder: Path, prefix: str, found: Discovery, *, wants: Glob | None = None) -> Iterator[str]:
    """Endpoint files below a folder, or what a glob wants; a folder reached twice through links is read once."""
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
            if not (is_folder or _is_wanted(name, entry.name, wants)):
                continue
            if entry.is_symlink() and leads_out(here / entry.name, found.roots):
                found.diagnostics.append(outside(name + entry.name))
            elif is_folder:
                stack.append((here / entry.name, f"{name}{entry.name}/"))
            else:
                yield name + entry.name


def _is_wanted(folder: str, name: str, wants: Glob | None) -> bool:
    if wants is not None:
        return wants.matches(folder + name)
    return name.endswith(_SUFFIXES) and not _is_settings(name)


def _glob(pattern: str, root: Path, found: Discovery) -> list[str]:
    """Files that match a glob: `*` and `?` within a name, `**` over any number of folders, `[a-z]`."""
    pattern = _plain(pattern)
    before, slash, _ = pattern[: magic_at(pattern)].rpartition("/")
    prefix = before + slash
    folder = root / prefix
    if not folder.is_dir():
        return []
    if leads_out(folder, found.roots):
        found.diagnostics.append(outside(pattern))
        return []
    return list(_walk(folder, prefix, found, wants=Glob(pattern)))


def unreadable(name: str, error: OSError) -> Diagnostic:
    """The diagnostic for a file or folder that is there and cannot be read."""
    what = f"{name} cannot be read: {error.strerror or type(error).__name__}"
    return Diagnostic(Severity.ERROR, "file.unreadable", what, Span(name), _NOT_READ, f"ls -l {name}")


def outside(name: str) -> Diagnostic:
    """The diagnostic for a file or folder that the repository may not name."""
    what = f"{name} leads out of the repository, or to a hidden file in it"
    why = "diagnostics quote what they read, and a pull request can bring a link to anything that this job may read"
    fix = "put the file itself there; a path outside can be given on the command line"
    return Diagnostic(Severity.ERROR, "file.outside", what, Span(name), why, fix)


def _not_found(name: str) -> Diagnostic:
    fix = "check the path; it is taken from the working directory"
    return Diagnostic(Severity.ERROR, "file.not-found", f"there is no {name}", Span(name), _NOT_READ, fix)


def _no_match(glob: str) -> Diagnostic:
    why = "an empty match is more often a wrong path than a wish to remove everything"
    fix = "** stands for folders, * for a part of a name; hidden files never match"
    return Diagnostic(Severity.ERROR, "file.no-match", f"no file matches {glob}", Span(glob), why, fix)


def repository(folder: Path) -> Path:
    """The nearest folder from here upward that holds `.git`, with all links resolved; else the folder itself."""
    real = Path(os.path.realpath(folder))
    return next((place for place in (real, *real.parents) if (place / ".git").exists()), real)


def is_below(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether a path, by its text alone, is one of the roots or below one."""
    return any(path.is_relative_to(root) for root in roots)


def leads_out(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether the file or folder is outside of `roots` (resolved folders), or hidden behind a link.

    `.git` and `.env` files are out of bounds by any name. What Kubernetes mounts (`a.yaml` -> `..data/a.yaml`) is
    not taken for hidden.
    """
    real = Path(os.path.realpath(path))
    root = next((root for root in roots if real.is_relative_to(root)), None)
    if root is None:
        return True
    hidden = {part for part in real.relative_to(root).parts if part.startswith(".") and not part.startswith("..")}
    return any(part.lower().startswith((".git", ".env")) and part != ".github" for part in hidden) or bool(
        hidden - set(path.parts)
    )
