"""Vector lengths of well-known models, as their providers document them, so that a probe answers plausibly."""

from .cluster import JsonObject

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


def vector_length(settings: JsonObject, fallback: int) -> int:
    """How long a vector of the endpoint's model is; `fallback` for a model that is not in the table."""
    name = str(settings.get("model_id") or settings.get("model") or "").lower()
    return VECTORS.get(name.removeprefix("."), fallback)


def looks_uploaded(model_id: str) -> bool:
    """Whether a model counts as uploaded although nobody loaded it: Eland writes `owner/name` as `owner__name`.

    A convenience of the emulator: nobody uploads a model to it before a first try.
    """
    owner, separator, name = model_id.partition("__")
    return bool(owner and separator and name)
