"""Endpoint files in two steps: texts -> mappings with their places; mappings -> what they declare.

No file is touched here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice
from inferctl.json_types import object_of
from inferctl.model.read_endpoint import read_endpoint
from inferctl.syntax.finding import show_lines
from inferctl.syntax.locate import Locator
from inferctl.syntax.parse import parse
from inferctl.syntax.places import Place, Places
from inferctl.syntax.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version
    from inferctl.syntax.finding import Finding


@dataclass(frozen=True, slots=True)
class RawEndpoint:
    """What a text, or several together, say of one endpoint, not checked yet. `span` is where it starts.

    `unknown`: where a value could not be made out. A diagnostic says so, and nothing else is to be said of it.
    """

    value: Json
    span: Span
    places: Places
    unknown: frozenset[Path] = frozenset()

    def without_unknown(self, findings: Iterable[Finding]) -> Iterable[Finding]:
        """The findings about values that could be made out."""
        return (
            one
            for one in findings
            if not self.unknown or all(one.path[:size] not in self.unknown for size in range(1, len(one.path) + 1))
        )


@dataclass(frozen=True, slots=True)
class Declared:
    """An endpoint, the mapping that declares it, and where its values stand."""

    endpoint: DesiredEndpoint
    value: JsonObject
    places: Places


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What stands in one text. `source` is None when it cannot be decoded; diagnostics have no source lines yet.

    `failed` when an error keeps us from knowing all of it.
    """

    file: str
    raws: tuple[RawEndpoint, ...] = ()
    source: Source | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        return any(d.is_error for d in self.diagnostics)


@dataclass(slots=True)
class EndpointFile:
    """What texts declare. `failed` when an error keeps us from knowing all of it."""

    declared: list[Declared] = field(default_factory=list)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        return any(d.is_error for d in self.diagnostics)


def parse_file(file: str, octets: bytes) -> ParsedFile:
    """The mappings of one text: a document each, or lists of them."""
    source = decode(file, octets)
    if isinstance(source, Diagnostic):
        return ParsedFile(file, diagnostics=(source,))
    parsed = parse(source)
    locator = Locator(source)
    raws: list[RawEndpoint] = []
    for document in parsed.documents:
        is_list = isinstance(document.value, list)
        items = document.value if isinstance(document.value, list) else [document.value]
        for index, (item, (line, column)) in enumerate(zip(items, document.starts, strict=True)):
            span = Span(file, line + 1, column + 1, line + 1, column + 2)
            raws.append(RawEndpoint(item, span, Places(Place(locator, document.index, (index,) if is_list else ()))))
    diagnostics = parsed.diagnostics
    if not diagnostics and not parsed.documents:
        diagnostics = (_empty(file),)
    return ParsedFile(file, tuple(raws), source, diagnostics)


def read_raws(
    raws: Iterable[RawEndpoint],
    files: Sequence[ParsedFile],
    version: Version | None = None,
    diagnostics: Iterable[Diagnostic] = (),
    covered: Iterable[RawEndpoint] = (),
) -> EndpointFile:
    """The endpoints that the mappings declare, and all that is wrong with `files`, which they come from.

    `diagnostics` were found between the two steps; they have no source lines yet. `covered` mappings declare nothing,
    but stand in the files: a secret in them is one in Git.
    """
    notes = {file.file: _Notes(file, [*file.diagnostics]) for file in files}
    broken = frozenset(file.file for file in files if file.failed)
    shown: list[Diagnostic] = []
    for diagnostic in diagnostics:
        note = notes.get(diagnostic.span.file)
        (shown if note is None else note.diagnostics).append(diagnostic)
    declared = []
    for raw in raws:
        reading = read_endpoint(raw.value, raw.span, version)
        if reading.findings:
            _note(notes, raw, raw.without_unknown(reading.findings), reading.literals)
        if reading.endpoint is not None and not raw.unknown and not (broken and raw.places.files & broken):
            declared.append(Declared(reading.endpoint, object_of(raw.value), raw.places))
    for raw in covered:
        reading = read_endpoint(raw.value, raw.span, version)
        literals = [one for one in reading.findings if one.code == "secret.literal"]
        known = {one for name in raw.places.files for one in notes[name].diagnostics}
        _note(notes, raw, [one for one in literals if raw.places.locate(one) not in known], reading.literals)
    return EndpointFile(declared, (*shown, *(one for note in notes.values() for one in note.shown())))


@dataclass(frozen=True, slots=True)
class _Notes:
    """What is wrong with a file, and the literals that must not be shown of it."""

    file: ParsedFile
    diagnostics: list[Diagnostic]
    hidden: list[str] = field(default_factory=list, repr=False)

    def shown(self) -> Sequence[Diagnostic]:
        if not self.diagnostics or self.file.source is None:
            return self.diagnostics
        return show_lines(self.diagnostics, self.file.source, self.hidden)


def _note(notes: Mapping[str, _Notes], raw: RawEndpoint, findings: Iterable[Finding], literals: Sequence[str]) -> None:
    for finding in findings:
        notes[raw.places.source_of(finding.path).file].diagnostics.append(raw.places.locate(finding))
    for name in raw.places.files:
        notes[name].hidden.extend(literals)


def read_file(file: str, octets: bytes, version: Version | None = None) -> EndpointFile:
    """The endpoints of one text by itself."""
    parsed = parse_file(file, octets)
    return read_raws(parsed.raws, [parsed], version)


def _empty(file: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "file.empty",
        "the file declares no endpoint",
        Span(file),
        why="it holds no document, or only comments",
        fixes=(advice("remove the file, or declare an endpoint in it"),),
    )
