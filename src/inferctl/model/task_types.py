"""The task types, since when, and which of them cut their input into chunks.

Source: docs/reference/server/requests.md#task-types, chunking.md.
"""

from __future__ import annotations

from inferctl.model.versions import Since, since

TASK_TYPES: dict[str, Since] = {
    "sparse_embedding": since("8.11"),
    "text_embedding": since("8.12"),
    "rerank": since("8.14"),
    "completion": since("8.14"),
    "chat_completion": since("8.18", "9.0"),
    "embedding": since("9.3"),  # the name; the first services that offer it are of 9.4
}
CHUNKED = frozenset({"sparse_embedding", "text_embedding", "embedding"})
