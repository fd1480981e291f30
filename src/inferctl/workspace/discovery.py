"""Which files the given paths mean: files, directories, globs, `-`. Sorted, hidden ones skipped.

In globs `*` and `?` stay within a name, `**` goes over any number of folders; `[a-z]`, `[!a-z]`. A pull request brings
links too: what the repository names is read inside the repository only, a path that the operator typed may lead
anywhere.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, TypeAlias

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice
from inferctl.operator_bounds.read import checkouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


STDIN = "-"
SETTINGS_FILE = "inferctl.yaml"
OTHER_SETTINGS_NAMES = ("inferctl.yml", ".inferctl.yaml", ".inferctl.yml")  # what others call such a file
SUFFIXES = (".yaml", ".yml")
_NOT_READ = "a file that is not read must never look like a removed endpoint, so nothing is sent"


@dataclass(slots=True)
class Discovery:
    """Files in the order in which they are read; names are relative to the working directory, with `/`.

    `globs` are those among the paths, and `passed_over` the YAML files that they went by.
    """

    files: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    stdin: bool = False
    roots: tuple[Path, ...] = ()
    globs: list[Glob] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


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
        if not path:
            found.diagnostics.append(_empty_path())
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
    return name.rsplit("/", 1)[-1] in (SETTINGS_FILE, *OTHER_SETTINGS_NAMES)


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
                _pass_over(entry.name, name, prefix, found)
                continue
            if entry.is_symlink() and leads_out(here / entry.name, found.roots):
                found.diagnostics.append(outside(name + entry.name))
            elif is_folder:
                stack.append((here / entry.name, f"{name}{entry.name}/"))
            else:
                yield name + entry.name


def _pass_over(file: str, folder: str, prefix: str, found: Discovery) -> None:
    """From the top of a repository a glob goes by what has nothing to do with endpoints: that is not noted."""
    if _is_yaml(file) and (prefix.strip("./") or folder == prefix):
        found.passed_over.append(folder + file)


def _is_wanted(folder: str, name: str, wants: Glob | None) -> bool:
    if wants is not None:
        return wants.matches(folder + name)
    return _is_yaml(name)


def _is_yaml(name: str) -> bool:
    return name.endswith(SUFFIXES) and not _is_settings(name)


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
    found.globs.append(Glob(pattern))
    return list(_walk(folder, prefix, found, wants=found.globs[-1]))


def unreadable(name: str, error: OSError) -> Diagnostic:
    """The diagnostic for a file or folder that is there and cannot be read."""
    what = f"{name} cannot be read: {error.strerror or type(error).__name__}"
    return Diagnostic(
        Severity.ERROR,
        "file.unreadable",
        what,
        Span(name),
        _NOT_READ,
        (advice(f"look who may read it: ls -l {quote(name)}"),),
    )


def outside(name: str) -> Diagnostic:
    """The diagnostic for a file or folder that the repository may not name."""
    what = f"{name} leads out of the repository, or to a hidden file in it"
    why = "diagnostics quote what they read, and a pull request can bring a link to anything that this job may read"
    fixes = (advice("put the file itself there; a path outside can be given on the command line"),)
    return Diagnostic(Severity.ERROR, "file.outside", what, Span(name), why, fixes)


def _not_found(name: str) -> Diagnostic:
    fixes = (advice("check the path; it is taken from the working directory"),)
    return Diagnostic(Severity.ERROR, "file.not-found", f"there is no {name}", Span(name), _NOT_READ, fixes)


def _empty_path() -> Diagnostic:
    why = "an empty name is more often a variable that is not set than a wish for all files of the working directory"
    return Diagnostic(
        Severity.ERROR, "file.not-found", "an empty path", Span("."), why, (advice("give a path; . is this folder"),)
    )


def _no_match(glob: str) -> Diagnostic:
    why = "an empty match is more often a wrong path than a wish to remove everything"
    fixes = (advice("** stands for folders, * for a part of a name; hidden files never match"),)
    return Diagnostic(Severity.ERROR, "file.no-match", f"no file matches {glob}", Span(glob), why, fixes)


def repository(folder: Path) -> Path:
    """The nearest folder from here upward that holds `.git`, with all links resolved; else the folder itself."""
    return next(iter(checkouts(folder)), Path(os.path.realpath(folder)))


def is_below(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether a path, by its text alone, is one of the roots or below one."""
    return any(path.is_relative_to(root) for root in roots)


def leads_out(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether the file or folder is outside of `roots` (resolved folders), or hidden behind a link.

    A link to `/proc/self/environ` or to `.git/config` would put what stands there into the text of a diagnostic.

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


_MAGIC = re.compile(r"[*?\[]")
_STAR, _STARS, _FOLDERS = "*", "**", "**/"
_Part: TypeAlias = "str | Callable[[str], bool]"


def magic_at(glob: str) -> int | None:
    """Where the first wildcard stands; None in a plain path."""
    found = _MAGIC.search(glob)
    return None if found is None else found.start()


# All possibilities of a glob are followed at once, one character after the other: the time is the length of the glob
# times that of the name, whoever wrote the glob. (A regular expression for `**/**/**/x` takes years on a deep path.)
@dataclass(frozen=True)
class Glob:
    """One glob."""

    text: str

    def matches(self, name: str) -> bool:
        """Whether the whole name fits."""
        # A state is twice the number of tokens that are done; one more inside a folder's name of `**/`.
        states = self._with_empty({0})
        for character in name:
            if not states:
                return False
            states = self._with_empty({after for state in states for after in self._after(state, character)})
        return 2 * len(self._tokens) in states

    def _after(self, state: int, character: str) -> Iterator[int]:
        done, in_folder = divmod(state, 2)
        if in_folder:
            yield state - 1 if character == "/" else state
            return
        token = self._tokens[done] if done < len(self._tokens) else None
        if callable(token):
            if token(character):
                yield state + 2
        elif token == _STARS or (token == _STAR and character != "/"):
            yield state
        elif token == _FOLDERS and character != "/":
            yield state + 1

    def _with_empty(self, states: set[int]) -> set[int]:
        """And those that are reached where a wildcard stands for nothing."""
        reached = set(states)
        for state in states:
            done, in_folder = divmod(state, 2)
            while not in_folder and done < len(self._tokens) and not callable(self._tokens[done]):
                done += 1
                reached.add(2 * done)
        return reached

    @cached_property
    def _tokens(self) -> tuple[_Part, ...]:
        return tuple(_read(self.text))


def _read(glob: str) -> Iterator[_Part]:
    position = 0
    while position < len(glob):
        wildcard = next((w for w in (_FOLDERS, _STARS, _STAR) if glob.startswith(w, position)), None)
        if wildcard is not None:
            yield wildcard
            position += len(wildcard)
        elif glob[position] == "[" and (end := glob.find("]", position + 2)) > 0:
            yield _one_of(glob[position + 1 : end])
            position = end + 1
        else:
            yield (lambda c: c != "/") if glob[position] == "?" else glob[position].__eq__
            position += 1


def _one_of(inside: str) -> Callable[[str], bool]:
    """`a-z0_`, or `!a-z` for all but these; never a slash. A range that runs backwards holds nothing."""
    none_of = inside[0] in "!^"
    rest = inside[none_of:]
    ranges = []
    while rest:
        size = 3 if len(rest) > 2 and rest[1] == "-" else 1
        ranges.append((rest[0], rest[size - 1]))
        rest = rest[size:]
    return lambda c: c != "/" and none_of != any(first <= c <= last for first, last in ranges)
