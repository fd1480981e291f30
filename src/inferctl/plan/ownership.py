"""What is ours, until there is a ledger: what the id globs of `--manage` or `manage:` match."""

from __future__ import annotations

from fnmatch import fnmatchcase

# A glob that matches all of these matches whatever anybody calls an endpoint.
_SAMPLES = ("a", "z9", "0", "product-search", "m.2_x", "q" * 64)


def matches(inference_id: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs matches. Case matters, as it does for ids."""
    return any(fnmatchcase(inference_id, glob) for glob in globs)


def is_reserved(inference_id: str) -> bool:
    """Ids with a leading dot are the server's own (inference-api 4.5)."""
    return inference_id.startswith(".")


def is_ours(inference_id: str, manage: tuple[str, ...]) -> bool:
    """Matched by `manage`, and not the server's."""
    return not is_reserved(inference_id) and matches(inference_id, manage)


def matches_everything(glob: str) -> bool:
    """Whether a glob leaves nothing out."""
    return all(fnmatchcase(sample, glob) for sample in _SAMPLES)
