"""What `passthrough: true` lets by: names, and combinations of settings, that a newer server may take.

Wrong values stay errors.
"""

from __future__ import annotations

LET_THROUGH = frozenset(
    {
        "field.unknown",
        "field.version",
        "field.task-type",
        "field.removed",
        "service.task-type",
        "chunking.strategy",
        "rule.combination",
        "rule.provider",
    }
)
