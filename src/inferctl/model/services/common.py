"""Settings that many services have, so that a page says only what is its own. Source: inference-api 8.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inferctl.model.services.facts import Fact
from inferctl.model.versions import since

if TYPE_CHECKING:
    from inferctl.json_types import Json
    from inferctl.model.services.facts import By
    from inferctl.model.versions import Since

DENSE = frozenset({"text_embedding", "embedding"})
CHAT = frozenset({"completion", "chat_completion"})
TEXT_EMBEDDING = frozenset({"text_embedding"})
RERANK = frozenset({"rerank"})
# _update exists since then, and took secrets and task settings from the start (inference-api 5.4).
FIRST_UPDATE = since("8.17")


def secret(description: str = "API key or token sent to the provider.", **more: Any) -> Fact:
    """A write-only text, required unless told otherwise. Every `_update` changes it."""
    return Fact("string", description, **{"required": True, "updatable_since": FIRST_UPDATE, **more}, secret=True)


def task_setting(kind: Any, description: str, **more: Any) -> Fact:
    """A task setting. `_update` merges them key by key, in every version."""
    return Fact(kind, description, **{"updatable_since": FIRST_UPDATE, **more})


def similarity(default: Json | By, task_types: frozenset[str] = TEXT_EMBEDDING, **more: Any) -> Fact:
    """Filled in beside the vector length."""
    return Fact(
        "enum",
        "Vector similarity that the endpoint advertises to semantic fields.",
        enum=("cosine", "dot_product", "l2_norm"),
        default=default,
        filled=True,
        fold="lower",
        task_types=task_types,
        **more,
    )


def dimensions(task_types: frozenset[str] = TEXT_EMBEDDING, **more: Any) -> Fact:
    """GET cannot tell a given number from a measured one."""
    return Fact(
        "integer",
        "Vector length. Filled from the probe call made at creation when it is not given.",
        minimum=1,
        filled=True,
        task_types=task_types,
        **more,
    )


def max_input_tokens(updatable_since: Since | None, task_types: frozenset[str] = TEXT_EMBEDDING, **more: Any) -> Fact:
    """Kept as given."""
    return Fact(
        "integer",
        "Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
        minimum=1,
        updatable_since=updatable_since,
        task_types=task_types,
        **more,
    )


def rate_limit(updatable_since: Since | None, **more: Any) -> Fact:
    """The number that is filled in stands with each task type of the page."""
    number = Fact(
        "integer",
        "Requests per minute.",
        minimum=1,
        maximum=2**63 - 1,
        note="stored as a 64-bit integer; an empty object means the default",
    )
    return Fact(
        "object",
        "Client-side request budget per node and minute.",
        filled=True,
        updatable_since=updatable_since,
        fields={"requests_per_minute": number},
        **more,
    )
