"""Files that a command makes: whole or not at all, and never over what somebody else wrote."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from inferctl.errors import InputError
from inferctl.workspace.discovery import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LONGEST = 200
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
    or where the folder cannot be written.
    """
    texts = {name: text.encode() for name, text in sorted(files.items())}
    shown = folder.as_posix()
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
    """A file gets all of `text` or stays as it was; a pipe or a device (/dev/stderr) is written to. Raises OSError."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding=encoding, newline="\n")
        return
    # A name that nobody can guess, and no file that is there: a link in its place would be written through.
    partial = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "w", encoding=encoding, newline="\n") as handle:
            handle.write(text)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
