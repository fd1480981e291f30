"""The mappings of all files -> what is declared for the chosen environment. Without environments: the same mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.diagnostics import Diagnostic
    from inferctl.workspace.endpoint_file import RawEndpoint
    from inferctl.workspace.settings import Settings


@dataclass(frozen=True, slots=True)
class Composed:
    """The final mappings, and what is wrong with their parts: in endpoint files still without source lines."""

    raws: Sequence[RawEndpoint]
    diagnostics: tuple[Diagnostic, ...] = ()


def compose(raws: Sequence[RawEndpoint], settings: Settings) -> Composed:
    """The mappings as the chosen environment has them."""
    del settings
    return Composed(raws)
