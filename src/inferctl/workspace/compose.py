"""The mappings of all files -> what is declared for the chosen environment. Without environments: the same mappings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inferctl.diagnostics import Diagnostic, Span
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
    """The mappings as the chosen environment has them. `whole` False: some of `raws` could not be read."""
    del settings
    if not overlays:
        return Composed(raws)
    from inferctl.workspace.overlays import overlay_all  # noqa: PLC0415  most runs have none

    overlaid = overlay_all(raws, overlays, whole=whole)
    return Composed(overlaid.raws, overlaid.diagnostics, overlaid.skipped, overlaid.covered)
