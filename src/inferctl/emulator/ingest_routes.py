"""Ingest pipelines: stored and listed, so that references can be found. Nothing is ingested through them.

Source: delete.md#who-uses-it.
"""

from fnmatch import fnmatchcase

from .call import Answer, Call
from .cluster import Cluster
from .errors import ApiError
from .route import Route


def _put(call: Call) -> Answer:
    body = call.json()
    if not isinstance(body.get("processors"), list):
        raise ApiError(
            400,
            "parse_exception",
            "[processors] required property is missing",
            extra={"property_name": "processors"},
        )
    for processor in body["processors"]:
        if not isinstance(processor, dict):
            raise ApiError(
                400,
                "parse_exception",
                "[processors] property isn't a list of maps",
                extra={"property_name": "processors"},
            )
    call.cluster.pipelines[call.variables["id"]] = body
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


def _matching(cluster: Cluster, expression: str) -> dict[str, object]:
    patterns = ["*" if part in {"", "_all"} else part for part in expression.split(",")]
    return {
        name: body for name, body in sorted(cluster.pipelines.items()) if any(fnmatchcase(name, p) for p in patterns)
    }


def _get(call: Call) -> Answer:
    expression = call.variables.get("id", "*")
    found = _matching(call.cluster, expression)
    if not found and "*" not in expression:
        return Answer({}, status=404)  # an empty object, no error envelope
    if call.flag("summary"):
        found = {name: {} for name in found}
    return Answer(found)


def _delete(call: Call) -> Answer:
    expression = call.variables["id"]
    found = _matching(call.cluster, expression)
    if not found and "*" not in expression:
        raise ApiError(404, "resource_not_found_exception", f"pipeline [{expression}] is missing")
    for name in found:
        del call.cluster.pipelines[name]
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


ROUTES = [
    Route(
        "PUT",
        "/_ingest/pipeline/{id}",
        _put,
        body=True,
        params=("master_timeout", "timeout", "if_version"),
        action="cluster:admin/ingest/pipeline/put",
    ),
    *(
        Route(
            "GET",
            path,
            _get,
            params=("master_timeout", "summary"),
            action="cluster:admin/ingest/pipeline/get",
        )
        for path in ("/_ingest/pipeline", "/_ingest/pipeline/{id}")
    ),
    Route(
        "DELETE",
        "/_ingest/pipeline/{id}",
        _delete,
        params=("master_timeout", "timeout"),
        action="cluster:admin/ingest/pipeline/delete",
    ),
]
