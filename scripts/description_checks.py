"""The checks of scripts/check-description that know where servers differ from their description; counts all answers.

schemathesis imports this module; nothing else does.
"""

import atexit
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import schemathesis
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance


@dataclass(frozen=True)
class Known:
    """A difference, with the page of docs/reference/server that says so, and words of the answers that show it."""

    section: str
    status: int
    words: str


KNOWN = (
    Known("chunking.md#refusals: no word for the strategy", 500, '"type":"null_pointer_exception"'),
    Known("malformed.md#bodies: no object, up to 9.1", 500, '"type":"not_x_content_exception"'),
    Known("inference.md#answers: a stream is text/event-stream", 200, "event: message\ndata:"),
    Known("region-policy.md: a policy that restricts nothing", 200, '"region_policy":{}'),
)

_statuses: Counter[str] = Counter()
_known: Counter[str] = Counter()
_lost: Counter[str] = Counter()
_turn: Counter[str] = Counter()


def _shows(response, difference: Known) -> bool:
    return response.status_code == difference.status and difference.words in response.text


def _is_known(response) -> bool:
    return any(_shows(response, difference) for difference in KNOWN)


@schemathesis.check
def server_answers(ctx, response, case) -> None:
    """No error of the server, but for those that it really has."""
    assert response.status_code < 500 or _is_known(response), f"{response.status_code}: {response.text[:300]}"


@schemathesis.check
def type_as_described(ctx, response, case) -> bool | None:
    """The content type of the answer."""
    return None if _is_known(response) else content_type_conformance(ctx, response, case)


@schemathesis.check
def body_as_described(ctx, response, case) -> bool | None:
    """The schema of the answer."""
    return None if _is_known(response) else response_schema_conformance(ctx, response, case)


# Endpoints that are there, by task type. Drawn ids name nothing, so every second request that reads, uses or updates
# one goes to these.
ENDPOINTS = json.loads(os.environ["INFERCTL_DESCRIPTION_ENDPOINTS"])


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Name an endpoint that is there."""
    uses = case.method in {"GET", "POST"} or case.path.endswith("/_update")
    if not uses or "inference_id" not in case.path_parameters:
        return
    _turn["uses"] += 1
    if _turn["uses"] % 2:
        named = [task for task in ENDPOINTS if f"/{task}/" in case.path]
        task = named[0] if named else list(ENDPOINTS)[_turn["uses"] // 2 % len(ENDPOINTS)]
        case.path_parameters["inference_id"] = ENDPOINTS[task]
        if "task_type" in case.path_parameters:
            case.path_parameters["task_type"] = task


@schemathesis.hook
def after_call(context, case, response) -> None:
    """Each answer by its status, and those that are known to differ."""
    _statuses[str(response.status_code)] += 1
    _known.update(difference.section for difference in KNOWN if _shows(response, difference))


@schemathesis.hook
def after_network_error(context, case, request) -> None:
    """A request without an answer."""
    _lost["requests"] += 1


@atexit.register
def _write() -> None:
    counts = {"statuses": _statuses, "lost": _lost["requests"], "known": _known}
    Path(os.environ["INFERCTL_DESCRIPTION_COUNTS"]).write_text(json.dumps(counts), encoding="utf-8")
