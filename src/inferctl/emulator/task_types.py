"""Task types in paths and bodies (requests.md#task-types)."""

from collections.abc import Collection
from typing import Any

from .errors import bad_request
from .profiles import Profile

SINCE = {
    "text_embedding": "",
    "sparse_embedding": "",
    "rerank": "",
    "completion": "",
    "chat_completion": "8.18",
    "embedding": "9.3",
    "any": "",
}


def parse(word: str, profile: Profile, added: Collection[str] = ()) -> str:
    """The canonical name; trimmed and read in any case (requests.md#task-types). `added`: those of made-up services."""
    name = word.strip().lower()
    if name not in added and (name not in SINCE or not profile.knows(SINCE[name])):
        raise bad_request(f"Unknown task_type [{word}]")
    return name


def resolve(path: str | None, body: Any, profile: Profile, added: Collection[str] = ()) -> str:
    """The task type of a PUT or an UPDATE out of path and body (create.md#steps 5, update.md#task-type)."""
    given = parse(body, profile, added) if isinstance(body, str) else None
    if given == "any":
        raise bad_request("task_type [any] is not valid type for inference")
    if path in {None, "any"}:
        if given is None:
            raise bad_request("model is missing required setting [task_type]")
        return given
    if given is not None and given != path:
        raise bad_request(
            f"Cannot resolve conflicting task_type parameter in the request URL [{path}] and the request body [{given}]"
        )
    return str(path)
