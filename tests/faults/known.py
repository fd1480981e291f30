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


KNOWN: tuple[Known, ...] = (
    Known("^ends$", "^SIGTERM$", ".", "a signal while the run plans is not heard"),
    Known("truth|right_code", " after|late|sent again|until the end|for a while|thrice", ".", "lost answers of writes"),
    Known(
        "truth|right_code", "408|409|429|50[0-4] before|redirect|not JSON|empty", "_inference", "lost answers of writes"
    ),
    Known("loses_no_endpoint", ".", "(PUT|DELETE) ", "a replace that does not finish"),
    Known("nothing_behind|converges", ".", "inferctl-trial-", "lost answers about a throw-away endpoint"),
)
