"""Files that a command makes: whole or not at all, and never over what somebody else wrote."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import ELOOP
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.errors import InputError
from inferctl.operator_bounds.read import named_checkouts
from inferctl.workspace.discovery import SETTINGS_FILE, SUFFIXES, is_below, repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = 200
_MOST_LINKS = 40  # as many as Linux follows
_OF_THE_SYSTEM = (Path("/dev"), Path("/proc"))
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Names of files, sorted: written anew, and those that held the same bytes already."""

    new: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


def endpoint_file_name(inference_id: str) -> str:
    """The file of an endpoint. An id has no `_` at its start, so a name with one is nobody else's.

    It is given to ids that would be the settings file or a device of Windows. Very long ids are cut.
    """
    name = inference_id
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}_{sha256(inference_id.encode()).hexdigest()[:16]}"
    if f"{name}.yaml" == SETTINGS_FILE or name.split(".")[0] in _DEVICES:
        name = f"_{name}"
    return f"{name}.yaml"


def write_new(folder: Path, files: Mapping[str, str], *, force: bool) -> NewFiles:
    """Writes all files, or none where one is in the way. Each appears whole: written beside, then put in place.

    A file that holds the same bytes is left alone. Raises InputError with the files in the way (without `force`),
    where the folder cannot be written, or where a link of the repository leads to it.
    """
    texts = {name: text.encode() for name, text in sorted(files.items())}
    shown = folder.as_posix()
    leads = through_a_link(folder, Path.cwd())
    if leads:
        raise InputError(f"nothing was written: {shown} {leads}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = {name: _read(folder / name) for name in texts}
    except OSError as error:
        raise InputError(f"{shown} cannot be written: {error.strerror}") from error
    same = tuple(name for name, octets in there.items() if octets == texts[name])
    taken = [name for name, octets in there.items() if octets is not None and name not in same]
    if taken and not force:
        raise InputError(f"nothing was written: {', '.join(taken)} in {shown} would be overwritten (--force does it)")
    new = [name for name in texts if name not in same]
    beside = {name: folder / f".{sha256(name.encode()).hexdigest()[:16]}.{os.getpid()}.part" for name in new}
    try:
        for name in new:
            _write(beside[name], texts[name])
        for name in new:
            _put_in_place(beside[name], folder / name, force=force)
    except OSError as error:
        raise InputError(f"{shown} cannot be written: {error.strerror}") from error
    finally:
        for part in beside.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return NewFiles(tuple(new), same)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None if not path.is_symlink() else b""  # a link to nowhere is in the way too


def _write(path: Path, octets: bytes) -> None:
    with path.open("xb") as handle:
        handle.write(octets)
        handle.flush()
        os.fsync(handle.fileno())


def _put_in_place(part: Path, target: Path, *, force: bool) -> None:
    """In one step. Without `force` a file that came up meanwhile stays: a link, unlike a rename, overwrites nothing."""
    if not force and hasattr(os, "link"):
        try:
            os.link(part, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if target.exists():
                raise FileExistsError(17, "File exists") from None
        else:
            return
    part.replace(target)


def write_whole(path: Path, text: str, *, encoding: str) -> None:
    """A file gets all of `text` or stays as it was. A link at its place is replaced, never followed. Raises OSError.

    A pipe or a device, and what the system's own links (/dev/stderr) lead to, is written to.
    """
    if is_stream(path):
        with path.open("a", encoding=encoding, newline="\n") as handle:
            handle.write(text)
        return
    # A name that nobody can guess, and no file that is there: a link in its place would be written through.
    partial = f".{path.name}.{os.urandom(8).hex()}.part"
    with _held(path.parent) as (folder, at):
        try:
            descriptor = os.open(folder / partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=at)
            with os.fdopen(descriptor, "w", encoding=encoding, newline="\n") as handle:
                handle.write(text)
            os.replace(folder / partial, folder / path.name, src_dir_fd=at, dst_dir_fd=at)
        except BaseException:  # Ctrl-C among them
            with suppress(OSError):
                os.unlink(folder / partial, dir_fd=at)
            raise


@contextmanager
def _held(folder: Path) -> Iterator[tuple[Path, int | None]]:
    """The folder as it is now: what is written below the descriptor goes there, whatever takes its place meanwhile.

    Looked at again after it is held: it was checked long ago, before a run. Raises OSError for one that leads through
    a link of the repository by now.
    """
    if os.open not in os.supports_dir_fd:  # Windows
        yield folder, None
        return
    # Who may write there need not be able to list it.
    descriptor = os.open(folder, getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY)
    try:
        if through_a_link(folder, Path.cwd()) or not os.path.samestat(os.fstat(descriptor), folder.stat()):
            raise OSError(ELOOP, "a link has taken the place of its folder")
        yield Path(), descriptor
    finally:
        os.close(descriptor)


def is_stream(path: Path) -> bool:
    """Whether what is written there goes on to somebody: a pipe, a device, one of the system's own links."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return any(path.parent.resolve().is_relative_to(folder) for folder in _OF_THE_SYSTEM)
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def why_not_there(what: str, path: Path, working_directory: Path) -> str:
    """Why no `what` (a report, a plan) is made at this place, as the end of a sentence; empty where it may be.

    A file with the ending of an endpoint file may be one, found by a glob, and would be lost.
    """
    leads = through_a_link(path.parent, working_directory)
    if leads:
        return leads
    if path.suffix.lower() in SUFFIXES:
        return f"has the ending of an endpoint file, and the {what} would replace it: give it another one"
    return ""


def through_a_link(folder: Path, working_directory: Path) -> str:
    """Why nothing is written below this folder, as the end of a sentence; empty where it may be.

    A pull request can bring a link, and it would lead what is written into `.git` or out of the checkout. A link that
    lies outside of the repository is the operator's. Each step is looked at as the system takes it: behind `..`, and
    behind a link that is followed.
    """
    link = _link_of_the_repository(folder, working_directory)
    return "" if link is None else f"leads through a link of the repository, {link}: name the folder itself"


def _link_of_the_repository(folder: Path, working_directory: Path) -> Path | None:
    tops = (repository(working_directory), *named_checkouts(os.environ))
    steps = [*(working_directory / folder).parts]
    here, followed = Path(steps.pop(0)), 0
    while steps and followed < _MOST_LINKS:
        step = steps.pop(0)
        there = here.parent if step == ".." else here / step
        if not there.is_symlink():
            here = there
            continue
        if is_below(here, tops):
            return there
        followed += 1
        target = there.readlink()
        here = Path(target.anchor) if target.is_absolute() else here
        steps = [*(target.relative_to(target.anchor) if target.is_absolute() else target).parts, *steps]
    return None
