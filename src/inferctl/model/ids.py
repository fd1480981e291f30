"""The names that an endpoint goes by: its id and its task type, and the rules of both."""

from __future__ import annotations

import re

from inferctl.model import task_types
from inferctl.nearest import nearest

# Elasticsearch: PutInferenceModelAction, MlStrings; `.` inside is legal, no length limit (8.17 to 9.5).
_ID = re.compile(r"[a-z0-9](?:[a-z0-9_\-.]*[a-z0-9])?")
_TASK_TYPE = re.compile(r"[a-z][a-z0-9_]{0,98}[a-z0-9]")
_SEVERAL_TASK_TYPES = ("any", "all")
TASK_TYPE_PATTERN = rf"^(?!(?:{'|'.join(_SEVERAL_TASK_TYPES)})$){_TASK_TYPE.pattern}$"
_LEADS_ELSEWHERE = re.compile(r"[*,/\\%?#]")
_LONGEST_NAMED = 1_000
ID_PATTERN = f"^(?=.{{1,{_LONGEST_NAMED}}}$){_ID.pattern}$"
ID_FORM = (
    "an id has lower-case letters, digits, hyphens, underscores and dots, and starts and ends with a letter or digit"
)
ID_RULE = f"{ID_FORM} (Elasticsearch checks it before anything else)"
REGION_POLICY = "_region_policy"
"""Where an id is shown, the one region policy of a cluster is named by its route. No endpoint can be called so."""
TASK_TYPES = tuple(sorted(task_types.TASK_TYPES))


def is_id(text: str) -> bool:
    """Whether Elasticsearch takes this as the id of an endpoint, and a request can name it."""
    return len(text) <= _LONGEST_NAMED and _ID.fullmatch(text) is not None


def can_be_named(text: str) -> bool:
    """Whether a request may name an endpoint by this id, which a server has shown.

    Older servers took ids that `is_id` refuses. None took what would lead a request elsewhere (several endpoints,
    another path) or what cannot be sent or shown. A longer id than this fits into no request line.
    """
    is_plain = text.isprintable() and not _LEADS_ELSEWHERE.search(text)
    return is_plain and text not in ("", ".", "..", "_all") and len(text) <= _LONGEST_NAMED


def id_problem(text: str) -> tuple[str, str, str] | None:
    """What is wrong with an id, why, and an id that would do; None for a good one."""
    if is_id(text):
        return None
    if len(text) > _LONGEST_NAMED:
        why = f"one of more than {_LONGEST_NAMED:,} characters fits into no request line"
        return f"the id has {len(text):,} characters", why, f"inference_id: {proposed_id(text[:60])}"
    fix = f"inference_id: {proposed_id(text)}"
    if not text:
        return "the id is empty", ID_RULE, "inference_id: my-endpoint"
    if text.startswith("."):
        why = "ids with a leading dot are the server's own endpoints and can be neither made nor changed"
        return f"{text!r} starts with a dot", why, fix
    return f"{text!r} is not an id", ID_RULE, fix


def proposed_id(text: str) -> str:
    """The nearest good id: lower case, other characters as hyphens."""
    return re.sub(r"[^a-z0-9_.]+", "-", text.lower()).strip("-_.") or "my-endpoint"


def is_task_type_form(text: str) -> bool:
    """Whether a text could be a task type of a newer server: a word as all of them are, and none that means several."""
    return _TASK_TYPE.fullmatch(text) is not None and text not in _SEVERAL_TASK_TYPES


def nearest_task_type(text: str) -> str | None:
    """The task type that was probably meant."""
    plain = text.strip().lower().replace("-", "_")
    return nearest(plain, TASK_TYPES, likeness=0.5) or None
