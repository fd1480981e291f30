"""One text -> the endpoints it declares and the diagnostics of that file. No file is touched here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice
from inferctl.model.read_endpoint import read_endpoint
from inferctl.syntax.finding import locate, show_lines
from inferctl.syntax.locate import Locator
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source, decode

if TYPE_CHECKING:
    from inferctl.json_types import Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version


@dataclass(frozen=True, slots=True)
class Declared:
    """An endpoint and where it stands: document number and path inside the document."""

    endpoint: DesiredEndpoint
    source: Source
    document: int
    base: Path


@dataclass(slots=True)
class EndpointFile:
    """What one text declares. `failed` when an error keeps us from knowing all of it."""

    file: str
    declared: list[Declared] = field(default_factory=list)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        return any(d.is_error for d in self.diagnostics)


def read_file(file: str, octets: bytes, version: Version | None = None) -> EndpointFile:
    """The endpoints of one text: a document each, or lists of them."""
    source = decode(file, octets)
    if isinstance(source, Diagnostic):
        return EndpointFile(file, diagnostics=(source,))
    parsed = parse(source)
    result = EndpointFile(file)
    found = list(parsed.diagnostics)
    hidden: list[str] = []
    locator = Locator(source)
    for document in parsed.documents:
        is_list = isinstance(document.value, list)
        items = document.value if isinstance(document.value, list) else [document.value]
        for index, (item, (line, column)) in enumerate(zip(items, document.starts, strict=True)):
            base: Path = (index,) if is_list else ()
            reading = read_endpoint(item, Span(file, line + 1, column + 1, line + 1, column + 2), version)
            if reading.findings:
                found += (locate(locator, document.index, base, finding) for finding in reading.findings)
                hidden += reading.literals
            if reading.endpoint is not None:
                result.declared.append(Declared(reading.endpoint, source, document.index, base))
    if parsed.failed:
        result.declared = []
    if not found and not parsed.documents:
        found.append(_empty(file))
    if found:
        result.diagnostics = show_lines(found, source, hidden)
    return result


def _empty(file: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "file.empty",
        "the file declares no endpoint",
        Span(file),
        why="it holds no document, or only comments",
        fixes=(advice("remove the file, or declare an endpoint in it"),),
    )
