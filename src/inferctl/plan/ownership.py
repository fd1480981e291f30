"""What is ours, until there is a ledger: what the id globs of `--manage` or `manage:` match."""

from __future__ import annotations

from fnmatch import fnmatchcase

# Globs that match all of these, alone or together, match whatever anybody calls an endpoint.
_STARTS = "abcdefghijklmnopqrstuvwxyz0123456789"
_SAMPLES = tuple(start + rest for start in _STARTS for rest in ("xq7", "duct-search", ".2_xk", "q" * 63))


def matches(inference_id: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs matches. Case matters, as it does for ids."""
    return any(fnmatchcase(inference_id, glob) for glob in globs)


def is_reserved(inference_id: str) -> bool:
    """Ids with a leading dot are the server's own (inference-api 4.5)."""
    return inference_id.startswith(".")


def is_ours(inference_id: str, manage: tuple[str, ...]) -> bool:
    """Matched by `manage`, and not the server's."""
    return not is_reserved(inference_id) and matches(inference_id, manage)


def matches_everything(*globs: str) -> bool:
    """Whether the globs together leave nothing out: `*`, `??*`, or `[a-m]*` beside `[!a-m]*`."""
    return all(matches(sample, globs) for sample in _SAMPLES)
