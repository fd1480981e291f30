"""What `passthrough: true` lets by: names that a newer server may know. Wrong values stay errors."""

from __future__ import annotations

LET_THROUGH = frozenset(
    {
        "field.unknown",
        "field.version",
        "field.task-type",
        "field.removed",
        "service.task-type",
        "chunking.strategy",
    }
)
