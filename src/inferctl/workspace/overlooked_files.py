"""Files that were probably meant and are not read: endpoint files that no glob matches, settings under another name."""

from __future__ import annotations

import os
import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice, command
from inferctl.workspace.discovery import OTHER_SETTINGS_NAMES, SETTINGS_FILE, Glob, leads_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.fix import Fix
    from inferctl.workspace.discovery import Discovery

# A glob may start in a folder that holds anything: so many files are looked into, so far.
_MOST_FILES = 1_000
_FIRST_BYTES = 65_536
_DECLARES_ENDPOINT = re.compile(rb"^[ \t-]*[\"']?inference_id[\"']?[ \t]*:", re.MULTILINE)


def unmatched_files(found: Discovery, root: Path, key: str = "endpoints") -> list[Diagnostic]:
    """A warning for each file beside those of the globs that names an endpoint and that none of them matches.

    `key` is the one of the settings file that holds the globs: endpoints or overlays.
    """
    read = set(found.files)
    names = [name for name in dict.fromkeys(found.passed_over) if name not in read]
    return [
        _unmatched(name, found.globs, key)
        for name in names[:_MOST_FILES]
        if _declares_endpoint(root / name, found.roots)
    ]


def _declares_endpoint(path: Path, roots: tuple[Path, ...]) -> bool:
    try:
        if leads_out(path, roots) or not path.is_file():
            return False
        with path.open("rb") as handle:
            return _DECLARES_ENDPOINT.search(handle.read(_FIRST_BYTES)) is not None
    except OSError:
        return False


_LOST = {
    "endpoints": "a file that is not read declares nothing: what it names counts as removed, or as never there",
    "overlays": "a file that is not read changes nothing",
}


def _unmatched(name: str, globs: Sequence[Glob], key: str) -> Diagnostic:
    stem, _, suffix = name.rpartition(".")
    renamed = f"{stem}.{'yaml' if suffix == 'yml' else 'yml'}"
    would_match = any(glob.matches(renamed) for glob in globs)
    fix = _rename(name, renamed) if would_match else advice(f"add it to {key}:, or move it out of these folders")
    return Diagnostic(
        Severity.WARNING,
        "file.unmatched",
        f"{name} looks like an {'endpoint file' if key == 'endpoints' else 'overlay'}, and no glob matches it",
        Span(name),
        _LOST[key],
        (fix,),
    )


def _rename(name: str, right: str) -> Fix:
    return command(f"mv {quote(name)} {quote(right)}")


def misnamed_settings(found: Path | None, working_directory: Path) -> list[Diagnostic]:
    """The settings file under a name that nobody reads, in the folders where `inferctl.yaml` was looked for.

    `found` is the settings file that is read: one under a wrong name beside it is a warning, a nearer one is an error.
    """
    diagnostics = []
    for folder in (working_directory, *working_directory.parents):
        beside = found is not None and found.parent == folder
        diagnostics += [
            _misnamed(Path(os.path.relpath(folder / name, working_directory)), beside=beside)
            for name in OTHER_SETTINGS_NAMES
            if (folder / name).is_file()
        ]
        if beside:
            break
    return diagnostics


def _misnamed(path: Path, *, beside: bool) -> Diagnostic:
    right = path.with_name(SETTINGS_FILE).as_posix()
    return Diagnostic(
        Severity.WARNING if beside else Severity.ERROR,
        "settings.name",
        f"{path.as_posix()} is not read: the settings file is called {SETTINGS_FILE}",
        Span(path.as_posix()),
        "settings hold limits and ownership; a run without them would differ",
        (command(f"rm {quote(path.as_posix())}") if beside else _rename(path.as_posix(), right),),
    )
