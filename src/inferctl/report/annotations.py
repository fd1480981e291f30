"""Diagnostics as GitHub workflow commands: the runner shows each on its line of the pull request.

Without `from __future__ import annotations`, whose name the one public function bears.
"""

from typing import TYPE_CHECKING

from inferctl.diagnostics import in_order
from inferctl.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.diagnostics import Diagnostic


def annotations(diagnostics: "Iterable[Diagnostic]") -> list[str]:
    """One line each, sorted by place: `::error file=a.yaml,line=3,col=5,title=code::what`."""
    return [_line(d) for d in in_order(diagnostics)]


def _line(diagnostic: "Diagnostic") -> str:
    span = diagnostic.span
    properties = [f"file={_property(span.file)}"]
    if span.line:
        properties.append(f"line={span.line}")
        if span.column:
            properties.append(f"col={span.column}")
    properties.append(f"title={_property(diagnostic.code)}")
    texts = [diagnostic.what]
    texts += [f"why: {diagnostic.why}"] if diagnostic.why else []
    texts += [f"fix: {diagnostic.fix}"] if diagnostic.fix else []
    message = "%0A".join(_data(line) for text in texts for line in text.split("\n"))
    return f"::{diagnostic.severity.value} {','.join(properties)}::{message}"


def _data(text: str) -> str:
    """Clean leaves no line end in the text; `%` starts the runner's own escapes."""
    return clean(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
