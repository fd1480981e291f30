"""The operator's bounds, read from variables of the shell and from the file that it names: at the edge, once per run.

Whatever of it cannot be read ends the run: a bound that nobody could read would be none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, in_order
from inferctl.errors import RefusedByBounds
from inferctl.fix import FixKind, advice
from inferctl.nearest import nearest
from inferctl.operator_bounds.bounds import BOUNDS_VARIABLE, OperatorBounds, bounds_of
from inferctl.operator_bounds.hosts import HOSTS_VARIABLE
from inferctl.secrets.resolve import ALLOW_VARIABLE, ROOT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.json_types import Json
    from inferctl.operator_bounds.document import BoundsDocument
    from inferctl.syntax.finding import Finding

_CODE = "bounds.document"
_PREFIX = "INFERCTL_"
_VARIABLES = (BOUNDS_VARIABLE, HOSTS_VARIABLE, ALLOW_VARIABLE, ROOT_VARIABLE)
# Where a CI system puts the checkout, with or without its `.git`.
_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def read_bounds(
    environ: Mapping[str, str], working_directory: Path | None = None, settings_file: str | None = None
) -> OperatorBounds:
    """The bounds of a run that works in this folder (None: the one of the process), with this settings file.

    The checkouts of both are places that a pull request can write to. Raises RefusedByBounds, with the place where the
    document says it.
    """
    _refuse_misspelled(environ)
    text = environ.get(BOUNDS_VARIABLE)
    if text is None:
        return bounds_of(environ)
    if text.lstrip().startswith("{"):
        return bounds_of(environ, _document(BOUNDS_VARIABLE, text.encode()), BOUNDS_VARIABLE)
    if not text.strip():
        raise RefusedByBounds(f"{BOUNDS_VARIABLE} is empty: it would bound nothing").with_fixes(
            advice(f"the operator writes the bounds into {BOUNDS_VARIABLE}, or unsets it")
        )
    folder = working_directory or Path.cwd()
    around = checkouts_of(folder, environ)
    around += checkouts((folder / settings_file).parent) if settings_file else ()
    return bounds_of(environ, _document(text, _octets(text, folder / text, around)), text)


def _refuse_misspelled(environ: Mapping[str, str]) -> None:
    """Raises RefusedByBounds for a variable that is nearly called like a bound: it would be none."""
    for name in environ:
        if name.startswith(_PREFIX) and name not in _VARIABLES:
            known = [variable.removeprefix(_PREFIX) for variable in _VARIABLES]
            meant = nearest(name.removeprefix(_PREFIX), known, likeness=0.8)
            if meant:
                why = f"{name} is read by nobody, and would bound nothing"
                raise RefusedByBounds(why).with_fixes(advice(f"the operator calls it {_PREFIX}{meant}"))


def _octets(name: str, path: Path, around: Sequence[Path]) -> bytes:
    """What the file holds; `around` are the checkouts that it may not stand in."""
    from inferctl.syntax.source import MAX_BYTES  # noqa: PLC0415  only where there is a document

    inside = checkout_of(path, around)
    if inside is not None:
        why = f"{BOUNDS_VARIABLE} names {name}, which is inside the checkout {inside}: a pull request could change it"
        raise RefusedByBounds(why).with_fixes(advice("the operator keeps it outside of the repository"))
    try:
        if not S_ISREG(path.stat().st_mode):  # a pipe would wait for somebody to write into it
            raise RefusedByBounds(f"{BOUNDS_VARIABLE} names {name}, which is no regular file")
        with path.open("rb") as handle:
            return handle.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RefusedByBounds(f"{BOUNDS_VARIABLE} names {name}, which cannot be read: {reason}").with_fixes(
            advice(f"the operator checks the path in {BOUNDS_VARIABLE}")
        ) from None


def checkout_of(path: Path, around: Sequence[Path]) -> str | None:
    """The checkout that the file, or a link on the way to it, stands in; None where it is outside of all."""
    named = Path(os.path.normpath(path))
    places = [Path(os.path.realpath(place)) for place in (named, *named.parents)] + [
        named,
        Path(os.path.realpath(path)),
    ]
    for checkout in around:
        if any(place.is_relative_to(checkout) for place in places):
            return checkout.as_posix()
    return None


def checkouts_of(folder: Path, environ: Mapping[str, str]) -> list[Path]:
    """The checkouts around a folder, and what the CI system calls the checkout."""
    return [*checkouts(folder), *named_checkouts(environ)]


def named_checkouts(environ: Mapping[str, str]) -> list[Path]:
    """What the CI system calls the checkout, all links resolved."""
    return [Path(os.path.realpath(environ[name])) for name in _CHECKOUTS if environ.get(name)]


def checkouts(folder: Path) -> list[Path]:
    """Every folder from here upward that holds `.git`, all links resolved, the nearest first; else the folder itself.

    The root of the file system is none by itself.
    """
    real = Path(os.path.realpath(folder))
    holding = [place for place in (real, *real.parents) if (place / ".git").exists()]
    return holding or [place for place in (real,) if place != place.parent]


def _document(name: str, octets: bytes) -> BoundsDocument:
    from inferctl.syntax.finding import Finding, locate, show_lines  # noqa: PLC0415  only where there is a document
    from inferctl.syntax.locate import Locator  # noqa: PLC0415
    from inferctl.syntax.parse import parse  # noqa: PLC0415
    from inferctl.syntax.source import decode  # noqa: PLC0415

    source = decode(name, octets)
    if isinstance(source, Diagnostic):
        raise _unusable((source,))
    parsed = parse(source)
    diagnostics = list(parsed.diagnostics)
    values: BoundsDocument | None = None
    findings: list[Finding] = []
    if len(parsed.documents) == 1:
        values, findings = _values(parsed.documents[0].value)
    elif not diagnostics:
        what = "the operator's bounds are one document"
        findings = [Finding((), _CODE, what, "there is one set of bounds", advice="write one mapping")]
    locator = Locator(source)
    index = parsed.documents[0].index if parsed.documents else 0
    diagnostics += (locate(locator, index, (), finding) for finding in findings)
    if values is None or any(diagnostic.is_error for diagnostic in diagnostics):
        raise _unusable(show_lines(diagnostics, source))
    return values


def _values(value: Json) -> tuple[BoundsDocument | None, list[Finding]]:
    from pydantic import ValidationError  # noqa: PLC0415  only where there is a document

    from inferctl.operator_bounds.document import BoundsDocument  # noqa: PLC0415
    from inferctl.syntax.finding import Finding  # noqa: PLC0415

    if not isinstance(value, Mapping):
        what = "the operator's bounds are no mapping"
        return None, [Finding((), _CODE, what, "bounds are keys and values", 'scopes: ["search-team"]')]
    try:
        return BoundsDocument.model_validate(value), []
    except ValidationError as error:
        from inferctl.syntax.model_findings import Wording, findings  # noqa: PLC0415

        wording = Wording(_CODE, _CODE, _CODE, _CODE, noun="bound", document="the operator's bounds")
        return None, findings(error, value, BoundsDocument, wording)


def _unusable(diagnostics: Sequence[Diagnostic]) -> RefusedByBounds:
    errors = [one for one in in_order(diagnostics) if one.is_error]
    lines = "\n".join(f"{one.span}: error[{one.code}]: {one.what}" for one in errors)
    what = f"the operator's bounds cannot be read: nothing was sent\n{lines}"
    edits = [fix.text for one in errors for fix in one.fixes if fix.kind is FixKind.EDIT]
    fixes = [advice(f"the operator writes {text}") for text in edits] or [advice("the operator mends them")]
    return RefusedByBounds(what, tuple(diagnostics)).with_fixes(*fixes)
