"""The task types, since when, what for, and which of them cut their input into chunks or give dense vectors.

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
# What each is for, as an editor shows it.
USES: dict[str, str] = {
    "sparse_embedding": "Words and weights per text.",
    "text_embedding": "One dense vector per text.",
    "rerank": "Texts ordered by a query.",
    "completion": "Text for a text.",
    "chat_completion": "The next message of a conversation, as a stream.",
    "embedding": "One dense vector per input; texts and other kinds.",
}
CHUNKED = frozenset({"sparse_embedding", "text_embedding", "embedding"})
DENSE = frozenset({"text_embedding", "embedding"})
