"""What the sweep finds and is not mended yet: the sample of each run passes over it, the whole sweep does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sweep import Violation


@dataclass(frozen=True)
class Known:
    """Regular expressions for the law, the kind and the request ("PUT /_inference/…") of violations, and why."""

    law: str
    kind: str
    request: str
    why: str

    def is_it(self, violation: Violation) -> bool:
        parts = (self.law, violation.law), (self.kind, violation.pair.kind), (self.request, violation.request)
        return all(re.search(pattern, text) for pattern, text in parts)


KNOWN: tuple[Known, ...] = ()
