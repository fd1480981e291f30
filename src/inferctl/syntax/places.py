"""Where the values of one document stand that was put together from several texts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.syntax.finding import Finding, locate, show_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inferctl.diagnostics import Diagnostic, Span
    from inferctl.json_types import Path
    from inferctl.syntax.locate import Locator, PointsAt
    from inferctl.syntax.source import Source


@dataclass(frozen=True, slots=True)
class Place:
    """A mapping in a text: the number of its document, and the path inside of that."""

    locator: Locator
    document: int
    base: Path

    @property
    def source(self) -> Source:
        return self.locator.source


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a mapping's values. Paths start at the mapping.

    `base` holds what no path of `over` says otherwise; a path there speaks for all below it. `texts` are all places
    that had a part in it. `related`: what a diagnostic at a path, or below it, points to beside its own place.
    """

    base: Place
    over: Mapping[Path, Place] = field(default_factory=dict)
    texts: tuple[Place, ...] = ()
    related: Mapping[Path, tuple[tuple[str, Span], ...]] = field(default_factory=dict)

    @property
    def files(self) -> frozenset[str]:
        """The files that had a part in it, as messages name them."""
        return frozenset(place.source.file for place in (self.base, *self.texts))

    def source_of(self, path: Path) -> Source:
        """The text that the value at a path comes from."""
        return self._place(path).source

    def span(self, path: Path, points_at: PointsAt = "value") -> Span:
        """The key or the value at a path; where the path ends early, the last part that is there."""
        place = self._place(path)
        return place.locator.span(place.document, (*place.base, *path), points_at)

    def locate(self, finding: Finding) -> Diagnostic:
        """The finding at its place, without its source line."""
        place = self._place(finding.path)
        diagnostic = locate(place.locator, place.document, place.base, finding)
        related = self.related_to(finding.path)
        return replace(diagnostic, related=related) if related else diagnostic

    def related_to(self, path: Path) -> tuple[tuple[str, Span], ...]:
        """What else the value at a path comes from, and where that stands."""
        if not self.related:
            return ()
        return tuple(one for size in range(len(path) + 1) for one in self.related.get(path[:size], ()))

    def show(self, findings: Iterable[Finding], hidden: Sequence[str] = ()) -> list[Diagnostic]:
        """The findings at their places, with their source lines; no `hidden` literal is left in any text."""
        located: dict[str, tuple[Source, list[Diagnostic]]] = {}
        for finding in findings:
            source = self.source_of(finding.path)
            located.setdefault(source.file, (source, []))[1].append(self.locate(finding))
        return [one for source, some in located.values() for one in show_lines(some, source, hidden)]

    def _place(self, path: Path) -> Place:
        if self.over:
            for size in range(len(path), -1, -1):
                if path[:size] in self.over:
                    return self.over[path[:size]]
        return self.base
