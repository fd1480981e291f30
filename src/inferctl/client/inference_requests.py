"""The five documented verbs as requests. Pure.

Paths, parameter names and their order are those of the published API description, as elasticsearch-py 9 sends
them (a differential test compares the two). Media types are plain `application/json`, which every version
takes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from inferctl.client.request import LARGE_ANSWER, SMALL_ANSWER, Operation, Request, escape_one, parameters
from inferctl.durations import time_value_s

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.client.payload import Payload

# The client waits longer than the server was told to, so that the server's answer, which says what happened,
# comes first. Without `timeout` the transport's defaults apply: 60 s for reads, 150 s for the rest. The
# server's own limit is 30 s for a create, 120 s for completions from 9.5 on
# (docs/reference/server/requests.md#parameters).
MARGIN_S = 15.0


def get(
    *,
    task_type: str | None = None,
    inference_id: str | None = None,
    query: Mapping[str, object],
) -> Request:
    """Read one endpoint, those of a task type, or all."""
    largest = LARGE_ANSWER
    if inference_id:
        path = _endpoint(task_type, inference_id)
        largest = LARGE_ANSWER if inference_id == "_all" else SMALL_ANSWER
    elif task_type:
        path = f"/_inference/{escape_one(task_type)}/_all"
    else:
        path = "/_inference"
    return Request("GET", path, parameters(query), operation=Operation.READ, largest_answer=largest)


def put(*, inference_id: str, payload: Payload, task_type: str | None, query: Mapping[str, object]) -> Request:
    """Create an endpoint. Never repeated once it may have been sent."""
    return Request(
        "PUT",
        _endpoint(task_type, inference_id),
        parameters(query),
        body=payload.octets(),
        timeout_s=answer_limit_s(query.get("timeout")),
        operation=Operation.CREATE,
        secrets=payload.secrets,
        echoes=True,
    )


def update(*, inference_id: str, payload: Payload, task_type: str | None, query: Mapping[str, object]) -> Request:
    """Change an endpoint in place. PUT in every server version (docs/reference/server/update.md#verb)."""
    return Request(
        "PUT",
        _endpoint(task_type, inference_id) + "/_update",
        parameters(query),
        body=payload.octets(),
        timeout_s=answer_limit_s(query.get("timeout")),
        operation=Operation.UPDATE,
        secrets=payload.secrets,
        echoes=True,
    )


def delete(*, inference_id: str, task_type: str | None, query: Mapping[str, object]) -> Request:
    """Remove an endpoint, or with `dry_run` ask what refers to it (a read)."""
    query_parameters = parameters(query)
    is_dry_run = ("dry_run", "true") in query_parameters
    return Request(
        "DELETE",
        _endpoint(task_type, inference_id),
        query_parameters,
        operation=Operation.READ if is_dry_run else Operation.DELETE,
    )


def inference(*, inference_id: str, payload: Payload, task_type: str | None, query: Mapping[str, object]) -> Request:
    """Run the model. May cost money, so it is repeated only where the server or the provider asks for it."""
    return Request(
        "POST",
        _endpoint(task_type, inference_id),
        parameters(query),
        body=payload.octets(),
        timeout_s=answer_limit_s(query.get("timeout")),
        operation=Operation.INFERENCE,
        secrets=payload.secrets,
        largest_answer=LARGE_ANSWER,
    )


def _endpoint(task_type: str | None, inference_id: str) -> str:
    if not inference_id:
        raise ValueError("'inference_id' must not be empty")
    name = escape_one(inference_id)
    return f"/_inference/{escape_one(task_type)}/{name}" if task_type else f"/_inference/{name}"


def answer_limit_s(timeout: object) -> float | None:
    """Seconds to wait for an answer when the server was told to take at most `timeout`; None for the default.

    `timeout` is the server's time value ("30s", "2m", -1 for no limit). What cannot be read is left to the
    server to refuse, and the default applies.
    """
    if timeout is None:
        return None
    if str(timeout).strip() == "-1":
        return math.inf
    server_s = time_value_s(str(timeout))
    return None if server_s is None else server_s + MARGIN_S
