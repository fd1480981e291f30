"""Query parameters that nobody consumed, and the near miss that the server offers (requests.md#parameters)."""

from collections.abc import Iterable

from .errors import ApiError, illegal_argument

COMMON = frozenset({"pretty", "human", "error_trace", "filter_path", "format"})
"""Taken on every route. `human` and `format` change nothing here: answers are JSON."""

_SIMILAR = 0.5


def unrecognized(path: str, unknown: list[str], known: Iterable[str]) -> ApiError:
    """`request [/x] contains unrecognized parameter: [foo] -> did you mean [for]?`."""
    plural = "s" if len(unknown) > 1 else ""
    words = ", ".join(f"[{name}]{_suggestion(name, known)}" for name in unknown)
    return illegal_argument(f"request [{path}] contains unrecognized parameter{plural}: {words}")


def _suggestion(name: str, known: Iterable[str]) -> str:
    scored = sorted((-_similarity(name, candidate), candidate) for candidate in {*known, *COMMON})
    near = [candidate for score, candidate in scored if -score > _SIMILAR]
    if not near:
        return ""
    if len(near) == 1:
        return f" -> did you mean [{near[0]}]?"
    return f" -> did you mean any of [{', '.join(near)}]?"


def _similarity(left: str, right: str) -> float:
    """1 minus the edit distance over the longer length."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return 1 - row[-1] / max(len(left), len(right), 1)
