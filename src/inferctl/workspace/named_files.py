"""Which files a run reads: endpoint files, and the overlays of its environment. Which of them it only selects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice, edit
from inferctl.workspace.discovery import STDIN, Discovery, discover, identity
from inferctl.workspace.overlooked_files import unmatched_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from inferctl.workspace.settings import Settings


@dataclass(slots=True)
class NamedFiles:
    """File names, relative to the working directory. `selected`: those that paths select from the set; None is all.

    `named` is True where the settings file names the set.
    """

    endpoints: tuple[str, ...]
    overlays: tuple[str, ...] = ()
    stdin: bool = False
    named: bool = False
    selected: frozenset[str] | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)


def name_files(paths: Sequence[str], settings: Settings, working_directory: Path) -> NamedFiles:
    """The files of the run. Where the settings name `endpoints:`, those are all, and `paths` only select."""
    given = discover(paths, working_directory)
    endpoints = settings.values.endpoints
    whole = _below_settings(endpoints, settings, working_directory) if endpoints else given
    overlays = Discovery()
    if settings.values.overlays:
        overlays = _below_settings(settings.values.overlays, settings, working_directory)
    owners = _owners(overlays, settings, working_directory)
    named = NamedFiles(tuple(whole.files), tuple(overlays.files), given.stdin, whole is not given)
    named.diagnostics += (*whole.diagnostics, *map(_of_overlays, overlays.diagnostics))
    if owners:
        both = [name for name in whole.files if identity(name, working_directory) in owners]
        named.endpoints = tuple(name for name in whole.files if name not in both)
        if named.named:
            named.diagnostics += (_both(name, owners[identity(name, working_directory)]) for name in both)
    known = {*owners, *(identity(name, working_directory) for name in whole.files)} if owners else set()
    for key, found in (("endpoints", whole), ("overlays", overlays)):
        found.passed_over = [name for name in found.passed_over if identity(name, working_directory) not in known]
        named.diagnostics += unmatched_files(found, working_directory, key)
    if named.named:
        named.diagnostics += given.diagnostics
        named.diagnostics += _outside(given, whole, owners, settings, working_directory)
        if paths:
            named.selected = frozenset(identity(name, working_directory) for name in given.files)
    return named


def _below_settings(globs: Sequence[str], settings: Settings, working_directory: Path) -> Discovery:
    """What globs of the settings file mean: they are taken from its own folder."""
    folder = working_directory / settings.folder
    try:
        prefix = folder.relative_to(working_directory).as_posix()
    except ValueError:
        prefix = _upward(folder, working_directory)
    paths = [glob if prefix in (".", "") else f"{prefix}/{glob}" for glob in globs]
    # A file cannot mean stdin: it would be nothing, in the place of an error.
    return discover([f"./{path}" if path == STDIN else path for path in paths], working_directory, named_by=folder)


def _upward(folder: Path, working_directory: Path) -> str:
    """`../..` from the working directory to a folder above it; else the folder's full name."""
    for count, parent in enumerate(working_directory.parents, start=1):
        if parent == folder:
            return "/".join([".."] * count)
    return folder.as_posix()


def _owners(overlays: Discovery, settings: Settings, working_directory: Path) -> dict[str, str]:
    """The environment of each overlay file, by its identity; the chosen one's comes first.

    What is wrong with the globs of the others is told by a run of theirs.
    """
    owners = {identity(name, working_directory): settings.environment for name in overlays.files}
    for environment, globs in settings.overlays.items():
        if globs and environment != settings.environment:
            for name in _below_settings(globs, settings, working_directory).files:
                owners.setdefault(identity(name, working_directory), environment)
    return owners


def _of_overlays(diagnostic: Diagnostic) -> Diagnostic:
    if diagnostic.code != "file.no-match":
        return diagnostic
    return replace(diagnostic, why="without them the environment would be planned as if nothing were different there")


def _both(name: str, environment: str) -> Diagnostic:
    what = f"{name} is an overlay of {environment}, and endpoints: names it too"
    why = "an endpoint file declares for every environment, an overlay changes one"
    fixes = (advice("let only one of endpoints: and overlays: match it: keep overlays in a folder of their own"),)
    return Diagnostic(Severity.ERROR, "file.overlay", what, Span(name), why, fixes)


def _outside(
    given: Discovery, whole: Discovery, owners: Mapping[str, str], settings: Settings, working_directory: Path
) -> list[Diagnostic]:
    from inferctl.syntax.fixes import entry_line  # noqa: PLC0415  only for a fault

    known = {identity(name, working_directory) for name in whole.files}
    diagnostics = []
    for name in given.files:
        environment = owners.get(identity(name, working_directory))
        if environment is not None and environment != settings.environment:
            what = f"{name} is an overlay of {environment}: here it selects nothing"
            why = f"it says nothing of {settings.environment}" if settings.environment else "no environment was chosen"
            fixes = (advice(f"choose {environment} to see what it changes"),)
            diagnostics.append(Diagnostic(Severity.WARNING, "file.not-selected", what, Span(name), why, fixes))
        if environment is not None or identity(name, working_directory) in known:
            continue
        diagnostics.append(
            Diagnostic(
                Severity.ERROR,
                "file.not-selected",
                f"{name} is not one of the files that {settings.file or 'the settings file'} names",
                Span(name),
                why="with endpoints: in the settings file, paths only select from that set",
                fixes=(
                    edit(entry_line("endpoints", [*settings.values.endpoints, name]), settings.file)
                    if settings.folder == working_directory.as_posix()
                    else advice(f"add {name} to endpoints:"),
                    advice("give a path inside the set"),
                ),
            )
        )
    return diagnostics
