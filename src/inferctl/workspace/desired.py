"""Paths and settings -> the desired set, with every diagnostic of the run. The one place that reads endpoint files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO

from inferctl.diagnostics import Diagnostic, Severity, Span, in_order
from inferctl.errors import InputError
from inferctl.fix import advice
from inferctl.json_types import value_at
from inferctl.model.between_endpoints import Clash, check_together
from inferctl.model.desired_observed import DesiredEndpoint
from inferctl.model.endpoint import Endpoint
from inferctl.planner.plan import DesiredSet, Plan
from inferctl.syntax.finding import without_literals
from inferctl.syntax.source import MAX_BYTES
from inferctl.workspace.compose import Composed, compose
from inferctl.workspace.discovery import identity, unreadable
from inferctl.workspace.endpoint_bounds import out_of_bounds
from inferctl.workspace.endpoint_file import Declared, ParsedFile, parse_file, read_raws
from inferctl.workspace.named_files import name_files
from inferctl.workspace.overlooked_files import misnamed_settings
from inferctl.workspace.settings import CONFIG_VARIABLE, Settings, expired_permits, find_settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from inferctl.model.versions import Version
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.syntax.places import Places

STDIN_NAME = "<stdin>"


@dataclass(frozen=True, slots=True)
class Loaded:
    """All endpoints, all diagnostics (sorted by place), and the settings of the run.

    `added` are endpoints written in Python beside those of the files: they are read for the cluster that they are
    planned for. `declared` are those of the files with their places, in the order of these.
    """

    desired: DesiredSet
    diagnostics: tuple[Diagnostic, ...]
    settings: Settings
    added: tuple[Endpoint, ...] = ()
    declared: tuple[Declared, ...] = field(default=(), compare=False, repr=False)

    def adding(self, endpoints: Iterable[Endpoint]) -> Loaded:
        """The same set with these endpoints as well. Settings, scope, limits and the selected files stay.

        Raises InputError for what is no iterable of Endpoint, and for an id that is there already.
        """
        added = (*self.added, *checked_endpoints(endpoints))
        ids = [declared.inference_id for declared in self.desired.endpoints]
        ids += [one.inference_id for one in added if "inference_id" in one.model_fields_set]
        twice = sorted({inference_id for inference_id in ids if ids.count(inference_id) > 1})
        if twice:
            fix = advice("declare each id once, in a file or in Python")
            raise InputError(f"declared twice: {', '.join(twice)}").with_fixes(fix)
        return replace(self, added=added)


def checked_endpoints(endpoints: object) -> tuple[Endpoint, ...]:
    """Endpoints written in Python. Raises InputError for anything but an iterable of Endpoint; no value is in it."""
    fix = ""
    if isinstance(endpoints, Endpoint):
        fix = "an Endpoint alone is no set: give [endpoint]"
    elif isinstance(endpoints, str | bytes | PathLike):
        fix = "read files with load(path)"
    elif isinstance(endpoints, Plan):
        fix = "a Plan is carried out by apply(cluster, plan)"
    elif isinstance(endpoints, Loaded | DesiredSet):
        fix = _GIVE_LOADED
    elif isinstance(endpoints, Mapping) or not isinstance(endpoints, Iterable):
        fix = f"this is a {type(endpoints).__name__}"
    if fix:
        raise InputError(_WANTED).with_fixes(advice(fix))
    checked = []
    for endpoint in endpoints:  # type: ignore[attr-defined]  # what is no iterable was refused
        if not isinstance(endpoint, Endpoint):
            what = f"{_WANTED}; among these is a {type(endpoint).__name__}"
            raise InputError(what).with_fixes(advice(_fix_of_one(endpoint)))
        checked.append(endpoint)
    return tuple(checked)


_WANTED = "the endpoints are what load(...) reads, or an iterable of Endpoint"
_GIVE_LOADED = "give what load(...) answered as it is; loaded.adding([Endpoint(...)]) puts more beside it"


def _fix_of_one(endpoint: object) -> str:
    if isinstance(endpoint, DesiredEndpoint | DesiredSet | Loaded):
        return _GIVE_LOADED
    if isinstance(endpoint, Mapping):
        return "make an endpoint of a mapping with Endpoint.model_validate(mapping)"
    return "give Endpoint objects"


def load_workspace(
    paths: Sequence[str],
    *,
    config: str | None,
    environ: Mapping[str, str],
    bounds: OperatorBounds,
    working_directory: Path,
    stdin: BinaryIO | None = None,
    version: Version | None = None,
    today: date | None = None,
    environment: str = "",
    at_target: bool = False,
) -> Loaded:
    """Settings file and endpoint files of a run. Raises nothing: what is wrong is among the diagnostics.

    `config` names the settings file; None: the one that is found upward from the working directory. `environment` is
    one of those that it names. `at_target`: without a `version` the `target_version` of the settings is meant. What
    exceeds the operator's `bounds` is wrong too.
    """
    settings_file, misnamed = look_for_settings(config, environ, working_directory)
    return load_with_settings(
        paths,
        settings_file,
        bounds=bounds,
        working_directory=working_directory,
        stdin=stdin,
        version=version,
        today=today,
        misnamed=misnamed,
        environment=environment,
        at_target=at_target,
    )


def look_for_settings(
    config: str | None, environ: Mapping[str, str], working_directory: Path
) -> tuple[Path | None, tuple[Diagnostic, ...]]:
    """The settings file of this run, and a diagnostic for each that nobody reads because of its name."""
    path = find_settings(config, environ, working_directory)
    named = config or environ.get(CONFIG_VARIABLE)
    return path, () if named else tuple(misnamed_settings(path, working_directory))


def load_with_settings(
    paths: Sequence[str],
    settings_file: Path | None,
    *,
    bounds: OperatorBounds,
    working_directory: Path,
    stdin: BinaryIO | None = None,
    version: Version | None = None,
    today: date | None = None,
    misnamed: tuple[Diagnostic, ...] = (),
    environment: str = "",
    at_target: bool = False,
) -> Loaded:
    """The same with one settings file, or without any. `misnamed` is what was found in the place of one."""
    settings, diagnostics = load_settings(settings_file, working_directory, bounds, environment=environment)
    diagnostics = (*misnamed, *diagnostics)
    if settings.is_undecided or (not paths and any(diagnostic.is_error for diagnostic in misnamed)):
        return Loaded(DesiredSet((), complete=False), diagnostics, settings)
    if today is not None:
        diagnostics = (*diagnostics, *expired_permits(settings, today))
    if version is None and at_target:
        version = settings.target_version
    loaded = load_desired(
        paths, settings, working_directory=working_directory, stdin=stdin, version=version, bounds=bounds
    )
    broken = any(d.is_error for d in diagnostics)
    complete = loaded.desired.complete and not broken
    desired = replace(loaded.desired, complete=complete, region_policy=settings.region_policy)
    # Which files are meant stands in the settings file: while that cannot be read, nobody knows whether there are any.
    found = [d for d in loaded.diagnostics if not broken or d.code != "file.empty-set"]
    shown = without_literals((*diagnostics, *found), _secret_variables(settings, found))
    return replace(loaded, desired=desired, diagnostics=tuple(in_order(shown)))


def _secret_variables(settings: Settings, diagnostics: Sequence[Diagnostic]) -> list[str]:
    """What variables hold that give a secret as plain text: lines of the settings file, too, are shown without it."""
    places = {span for one in diagnostics if one.code == "secret.literal" for _, span in one.related}
    variables = settings.values.variables.items() if places else ()
    return [str(value) for name, value in variables if settings.place(("variables", name)) in places]


def load_desired(
    paths: Sequence[str],
    settings: Settings,
    *,
    working_directory: Path,
    stdin: BinaryIO | None = None,
    version: Version | None = None,
    bounds: OperatorBounds | None = None,
) -> Loaded:
    """The desired set. Where the settings name `endpoints:`, those are all of it and `paths` only select.

    `bounds` None: nobody is to be kept within any.
    """
    named = name_files(paths, settings, working_directory)
    diagnostics: list[Diagnostic] = [*named.diagnostics]
    files = [_read(name, working_directory) for name in named.endpoints]
    if named.stdin:
        octets = stdin.read(MAX_BYTES + 1) if stdin is not None else b""
        files.append(parse_file(STDIN_NAME, octets))
    raws = [raw for file in files for raw in file.raws]
    overlays = [_read(name, working_directory) for name in named.overlays]
    files += overlays
    whole = not any(d.is_error for d in diagnostics) and not any(file.failed for file in files)
    composed = compose(raws, settings, [raw for file in overlays for raw in file.raws], whole=whole)
    read = read_raws(composed.raws, files, version, composed.diagnostics, composed.covered)
    diagnostics += read.diagnostics
    declared = sorted(read.declared, key=lambda d: d.endpoint.span)
    diagnostics += cross_diagnostics(declared)
    if bounds is not None:
        diagnostics += out_of_bounds(declared, bounds)
    is_for_the_policy = not paths and not settings.values.endpoints and settings.speaks_of_region_policy
    if not declared and not is_for_the_policy and not any(d.is_error for d in diagnostics):
        diagnostics.append(_nothing(paths, settings, composed.skipped))
    if named.selected is not None:
        diagnostics += _selected_and_skipped(composed, named.selected, working_directory)
    desired = DesiredSet(
        tuple(d.endpoint for d in sorted(declared, key=lambda d: (d.endpoint.inference_id, d.endpoint.span))),
        complete=not any(d.is_error for d in diagnostics),
        files=tuple(file.file for file in files),
        selected=_selected(declared, named.selected, working_directory),
        named=named.named,
        skipped=composed.skipped,
    )
    return Loaded(desired, tuple(in_order(diagnostics)), settings, declared=tuple(declared))


def _read(name: str, working_directory: Path) -> ParsedFile:
    try:
        with (working_directory / name).open("rb") as handle:
            octets = handle.read(MAX_BYTES + 1)
    except OSError as error:
        return ParsedFile(name, diagnostics=(unreadable(name, error),))
    return parse_file(name, octets)


def _selected(
    declared: Sequence[Declared], files: frozenset[str] | None, working_directory: Path
) -> frozenset[str] | None:
    """The ids that the selected files declare, and those from stdin; None selects all."""
    if files is None:
        return None
    return frozenset(d.endpoint.inference_id for d in declared if _is_of(d.places, files, working_directory))


def _is_of(places: Places, files: frozenset[str], working_directory: Path) -> bool:
    """Whether one of the files, or stdin, had a part in it."""
    return any(name == STDIN_NAME or identity(name, working_directory) in files for name in places.files)


def _selected_and_skipped(composed: Composed, files: frozenset[str], working_directory: Path) -> Iterator[Diagnostic]:
    """A warning for each endpoint of the selected files that an overlay leaves out."""
    for inference_id, place in composed.skipped.items():
        if any(
            value_at(raw.value, ("inference_id",)) == inference_id and _is_of(raw.places, files, working_directory)
            for raw in composed.covered
        ):
            what = f"{inference_id} is left out by skip: true, so nothing of it is selected"
            why = "paths select from what is declared, and a selection removes nothing"
            fixes = (advice("run without paths to see whether it is to go"),)
            yield Diagnostic(Severity.WARNING, "file.not-selected", what, place, why, fixes)


def cross_diagnostics(declared: Sequence[Declared]) -> list[Diagnostic]:
    """The clashes between endpoints, each at its place."""
    return [_clash(declared, clash) for clash in check_together([d.endpoint for d in declared])]


def _clash(declared: Sequence[Declared], clash: Clash) -> Diagnostic:
    here, other = declared[clash.index], declared[clash.other]
    (diagnostic,) = here.places.show([clash.finding])
    related = (*diagnostic.related, (clash.other_label, other.places.span(clash.other_path)))
    return replace(diagnostic, related=related)


def _nothing(paths: Sequence[str], settings: Settings, skipped: Mapping[str, Span]) -> Diagnostic:
    named = list(paths) or list(settings.values.endpoints)
    what = f"no endpoint in {', '.join(named)}" if named else "no files are named"
    what += f" is left: overlays of {settings.environment} skip them all" if skipped else ""
    fix = (
        "check the path; hidden files and inferctl.yaml are skipped"
        if named
        else "name them (inferctl plan endpoints/), or write endpoints: into inferctl.yaml"
    )
    why = "an empty set would mean: remove everything. It is never taken as a wish"
    return Diagnostic(
        Severity.ERROR, "file.empty-set", what, Span(settings.file or (named[0] if named else ".")), why, (advice(fix),)
    )
