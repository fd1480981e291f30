"""The emulated provider: what external services answer when the server asks them (create.md#validation-call)."""

from dataclasses import dataclass
from typing import Any

from .errors import Cause, bad_request

# Vector lengths of well-known models, as their providers document them, so that a probe answers plausibly.
VECTORS: dict[str, int] = {
    "all-minilm-l6-v2": 384,
    "amazon.titan-embed-text-v1": 1536,
    "amazon.titan-embed-text-v2:0": 1024,
    "embed-english-light-v3.0": 384,
    "embed-english-v3.0": 1024,
    "embed-multilingual-light-v3.0": 384,
    "embed-multilingual-v3.0": 1024,
    "embed-v4.0": 1536,
    "ibm/slate-125m-english-rtrvr": 768,
    "ibm/slate-30m-english-rtrvr": 384,
    "jina-embeddings-v3": 1024,
    "jina-embeddings-v4": 2048,
    "mistral-embed": 1024,
    "multilingual-e5-small": 384,
    "nomic-ai/nomic-embed-text-v1.5": 768,
    "sentence-transformers__all-minilm-l6-v2": 384,
    "text-embedding-004": 768,
    "text-embedding-005": 768,
    "text-embedding-3-large": 3072,
    "text-embedding-3-small": 1536,
    "text-embedding-ada-002": 1536,
    "voyage-3": 1024,
    "voyage-3-large": 1024,
    "voyage-3-lite": 512,
}

PREFIXES = {
    400: "Received a bad request status code",
    401: "Received an authentication error status code",
    403: "Received an authentication error status code",
    422: "Received an input validation error response",
    429: "Received a rate limit status code",
}


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """How the provider answers for one endpoint, service or API key.

    `outcome` is "ok", "timeout", "null" or an HTTP status as text; `dimensions` is the length of
    the vectors it returns. Empty selectors match everything; `count` limits how often it applies.
    With `per_minute` the provider takes so many calls of a service within a minute, and the rule is
    for those beyond: `ProviderRule("429", service="openai", per_minute=10)`.
    """

    outcome: str = "ok"
    inference_id: str = ""
    service: str = ""
    api_key: str = ""
    dimensions: int = 0
    message: str = ""
    count: int = -1
    per_minute: int = 0

    def matches(self, inference_id: str, service: str, secrets: dict[str, object]) -> bool:
        """Whether this rule speaks for the call."""
        return (
            self.inference_id in {"", inference_id}
            and self.service in {"", service}
            and (not self.api_key or self.api_key in secrets.values())
        )


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """One call to the provider, for tests that count them. Secrets are not kept."""

    kind: str  # "put", "update" or "inference"
    inference_id: str
    service: str
    at_s: float = 0.0
    taken: bool = True


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """A good answer: the vector length where it is scripted."""

    dimensions: int = 0


class ProviderFailure(Exception):  # noqa: N818 - an answer of the provider, not an error of ours
    """The provider refused or did not answer."""

    def __init__(self, status: int, cause: Cause, *, timed_out: bool = False, empty: bool = False) -> None:
        super().__init__(cause.reason)
        self.status = status
        self.cause = cause
        self.timed_out = timed_out
        self.empty = empty


def time_text(seconds: float) -> str:
    """A time as the server prints one: in the greatest unit that it fills, with one digit of the rest."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if seconds >= length:
            return f"{int(seconds * 10 / length) / 10:g}{unit}"
    return f"{round(seconds * 1_000)}ms"


def answer(rule: ProviderRule, inference_id: str, timeout_s: float = 30.0) -> ProviderAnswer:
    """Turn a rule into an answer or a failure with the server's text (create.md#validation-call)."""
    if rule.outcome == "ok":
        return ProviderAnswer(rule.dimensions)
    if rule.outcome == "null":
        raise ProviderFailure(400, Cause("status_exception", "null"), empty=True)
    if rule.outcome == "timeout":
        text = f"Request timed out after [{time_text(timeout_s)}]"
        raise ProviderFailure(408, Cause("status_exception", text), timed_out=True)
    status = int(rule.outcome)
    prefix = PREFIXES.get(status)
    if prefix is None:
        prefix = "Received a server error status code" if status >= 500 else "Received an unsuccessful status code"
    text = f"{prefix} for request from inference entity id [{inference_id}] status [{status}]"
    if rule.message:
        text += f". Error message: [{rule.message}]"
    raise ProviderFailure(status, Cause("status_exception", text))


def validation_failure(failure: ProviderFailure) -> Exception:
    """The 400 of PUT, and of UPDATE from 9.4 - which says "creation" too.

    Source: create.md#validation-call, update.md#steps.
    """
    words = "Could not complete inference endpoint creation as validation call to service"
    if failure.empty:
        return bad_request(f"{words} returned null response.")
    return bad_request(f"{words} threw an exception.", cause=failure.cause)


def vector_length(settings: dict[str, Any], fallback: int) -> int:
    """How long a vector of the endpoint's model is; `fallback` for a model that is not in the table."""
    name = str(settings.get("model_id") or settings.get("model") or "").lower()
    return VECTORS.get(name.removeprefix("."), fallback)
