"""The mappings of all files -> what is declared for the chosen environment. Without environments: the same mappings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity
from inferctl.fix import edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from inferctl.diagnostics import Span
    from inferctl.workspace.endpoint_file import RawEndpoint
    from inferctl.workspace.settings import Settings


@dataclass(frozen=True, slots=True)
class Composed:
    """The final mappings, and what is wrong with their parts: in endpoint files still without source lines.

    `skipped`: where an overlay leaves an endpoint out, by id. `covered`: what stands in the files under an overlay, and
    is not declared.
    """

    raws: Sequence[RawEndpoint]
    diagnostics: tuple[Diagnostic, ...] = ()
    skipped: Mapping[str, Span] = field(default_factory=dict)
    covered: Sequence[RawEndpoint] = ()


def compose(
    raws: Sequence[RawEndpoint], settings: Settings, overlays: Sequence[RawEndpoint] = (), *, whole: bool = True
) -> Composed:
    """The mappings as the chosen environment has them: overlays first, then variables.

    `whole` False: some of the texts could not be read.
    """
    if not settings.environment:
        return Composed(raws, tuple(_unexpanded(raws)))
    skipped: Mapping[str, Span] = {}
    covered: Sequence[RawEndpoint] = ()
    diagnostics: list[Diagnostic] = []
    written = (*raws, *overlays)
    if overlays:
        from inferctl.workspace.overlays import overlay_all  # noqa: PLC0415  most runs have none

        overlaid = overlay_all(raws, overlays, whole=whole)
        raws, skipped, covered = overlaid.raws, overlaid.skipped, overlaid.covered
        diagnostics += overlaid.diagnostics
    raws = _expanded(raws, settings, diagnostics)
    # A name that is not there is misspelled in one of two places: one finding is enough.
    if whole and settings.values.endpoints and all(one.code != "variable.unset" for one in diagnostics):
        diagnostics += _unused(written, settings)
    return Composed(raws, tuple(diagnostics), skipped, covered)


def _unexpanded(raws: Sequence[RawEndpoint]) -> Iterator[Diagnostic]:
    """A warning for each value that looks like a variable where there are none."""
    sources = {raw.places.base.source.file: raw.places.base.source for raw in raws}
    suspects = {name for name, source in sources.items() if "${" in source.text}
    if suspects:
        from inferctl.workspace.variables import unexpanded  # noqa: PLC0415  most files have none

        for raw in raws:
            if not raw.places.files.isdisjoint(suspects):
                yield from map(raw.places.locate, unexpanded(raw.value))


def _expanded(raws: Sequence[RawEndpoint], settings: Settings, diagnostics: list[Diagnostic]) -> Sequence[RawEndpoint]:
    """The mappings with values in the place of variables; a diagnostic at such a value points to the variable too."""
    from inferctl.workspace.variables import Room, expand  # noqa: PLC0415  only with environments

    composed: list[RawEndpoint] = []
    room = Room()
    for raw in raws:
        made = expand(
            raw.value,
            settings.values.variables,
            settings.environment,
            in_secret_names=settings.values.variables_in_secret_names,
            room=room,
        )
        diagnostics += map(raw.places.locate, made.findings)
        if made.value is not raw.value or made.unknown:
            related = {path: tuple(_set_at(name, settings) for name in names) for path, names in made.used.items()}
            places = replace(raw.places, related={**raw.places.related, **related})
            raw = replace(raw, value=made.value, places=places, unknown=made.unknown)  # noqa: PLW2901  the next state
        composed.append(raw)
    return composed


def _set_at(name: str, settings: Settings) -> tuple[str, Span]:
    return f"variable {name}", settings.place(("variables", name))


def _unused(raws: Sequence[RawEndpoint], settings: Settings) -> Iterator[Diagnostic]:
    """A warning for each variable that no file names, neither a base nor an overlay."""
    from inferctl.syntax.fixes import removal  # noqa: PLC0415  only with environments
    from inferctl.workspace.variables import unused  # noqa: PLC0415  as above

    for name in unused(settings.values.variables, [raw.value for raw in raws]):
        what = f"no value takes the variable {name} of environment {settings.environment}"
        why = "a misspelled name, or what is left of a value that is gone"
        span = settings.place(("variables", name))
        yield Diagnostic(Severity.WARNING, "variable.unused", what, span, why, (edit(removal(name)),))
