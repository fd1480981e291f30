"""Templates and ingest pipelines: stored and listed, so that references can be found. Nothing is ingested.

Source: delete.md#who-uses-it.
"""

from fnmatch import fnmatchcase
from typing import Any

from .cluster import Cluster
from .cluster_routes import nest
from .document_bodies import check_template
from .errors import ApiError
from .index_routes import index_settings
from .route import Answer, Call, Route

JsonObject = dict[str, Any]


def _put_pipeline(call: Call) -> Answer:
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


def _get_pipelines(call: Call) -> Answer:
    expression = call.variables.get("id", "*")
    found = _matching(call.cluster, expression)
    if not found and "*" not in expression:
        return Answer({}, status=404)  # an empty object, no error envelope
    if call.flag("summary"):
        found = {name: {} for name in found}
    return Answer(found)


def _delete_pipelines(call: Call) -> Answer:
    expression = call.variables["id"]
    found = _matching(call.cluster, expression)
    if not found and "*" not in expression:
        raise ApiError(404, "resource_not_found_exception", f"pipeline [{expression}] is missing")
    for name in found:
        del call.cluster.pipelines[name]
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


def _settle(template: Any) -> None:
    """Settings of a template are kept nested, as text, whatever the form they came in."""
    if isinstance(template, dict) and isinstance(template.get("settings"), dict):
        template["settings"] = nest(index_settings(template["settings"]))


def _template_routes(kind: str, title: str, key: str) -> list[Route]:
    """Index templates and component templates differ in names only."""

    def held(call: Call) -> dict[str, JsonObject]:
        cluster = call.cluster
        return cluster.index_templates if kind == "_index_template" else cluster.component_templates

    def put(call: Call) -> Answer:
        body = call.json()
        if kind == "_index_template" and not body.get("index_patterns"):
            raise ApiError(
                400, "action_request_validation_exception", "Validation Failed: 1: index patterns are missing;"
            )
        if kind == "_index_template":
            body.setdefault("composed_of", [])
        check_template(kind.removeprefix("_"), body)
        _settle(body.get("template"))
        held(call)[call.variables["name"]] = body
        call.cluster.changes += 1
        return Answer({"acknowledged": True})

    def get(call: Call) -> Answer:
        pattern = call.variables.get("name", "*")
        found = {name: body for name, body in sorted(held(call).items()) if fnmatchcase(name, pattern)}
        if not found and "*" not in pattern:
            raise ApiError(404, "resource_not_found_exception", f"{title} matching [{pattern}] not found")
        return Answer({f"{key}s": [{"name": name, key: body} for name, body in found.items()]})

    def delete(call: Call) -> Answer:
        name = call.variables["name"]
        if held(call).pop(name, None) is None:
            if kind == "_index_template":
                raise ApiError(404, "index_template_missing_exception", f"index_template [{name}] missing")
            raise ApiError(404, "resource_not_found_exception", name)
        call.cluster.changes += 1
        return Answer({"acknowledged": True})

    # Both belong to the cluster; the older of the two kept the prefix of indexes.
    action = "indices:admin/index_template" if kind == "_index_template" else "cluster:admin/component_template"
    params = ("master_timeout", "timeout", "create", "local", "flat_settings", "include_defaults", "cause")
    return [
        Route("PUT", f"/{kind}/{{name}}", put, body=True, params=params, action=f"{action}/put"),
        Route("GET", f"/{kind}", get, params=params, action=f"{action}/get"),
        Route("GET", f"/{kind}/{{name}}", get, params=params, action=f"{action}/get"),
        Route("DELETE", f"/{kind}/{{name}}", delete, params=params, action=f"{action}/delete"),
    ]


ROUTES = [
    *_template_routes("_index_template", "index template", "index_template"),
    *_template_routes("_component_template", "component template", "component_template"),
    Route(
        "PUT",
        "/_ingest/pipeline/{id}",
        _put_pipeline,
        body=True,
        params=("master_timeout", "timeout", "if_version"),
        action="cluster:admin/ingest/pipeline/put",
    ),
    *(
        Route(
            "GET",
            path,
            _get_pipelines,
            params=("master_timeout", "summary"),
            action="cluster:admin/ingest/pipeline/get",
        )
        for path in ("/_ingest/pipeline", "/_ingest/pipeline/{id}")
    ),
    Route(
        "DELETE",
        "/_ingest/pipeline/{id}",
        _delete_pipelines,
        params=("master_timeout", "timeout"),
        action="cluster:admin/ingest/pipeline/delete",
    ),
]
