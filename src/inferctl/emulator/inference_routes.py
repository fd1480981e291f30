"""The routes of requests.md#routes: endpoints, inference, the list of services (services.md#list-of-services)."""

from collections.abc import Iterable
from typing import Any

from . import endpoints, inference, task_types
from .errors import ApiError, body_required
from .profiles import Profile
from .request_head import EVENTS
from .route import Answer, Call, Handler, Route
from .services.schema import Field, Service, fields_for
from .update import update

JsonObject = dict[str, Any]

TYPES = {
    "string": "str",
    "uri": "str",
    "enum": "str",
    "integer": "int",
    "rate_limit": "int",
    "boolean": "bool",
    "list": "list",
    "object": "map",
    "number": "int",
    "float": "int",
}


def _listed_services(tables: Iterable[Service], profile: Profile, task_type: str | None) -> list[JsonObject]:
    """All services of a version, or those with one task type."""
    rows = []
    for service in tables:
        tasks = [
            name
            for name, task in service.tasks.items()
            if profile.knows(task.since) and profile.knows(task.listed_since)
        ]
        known = profile.knows(service.since) and not service.hidden and not service.alias_of
        if known and tasks and task_type in {None, "any", *tasks}:
            rows.append(_old(service, tasks, profile) if profile.services_old_shape else _new(service, tasks, profile))
    return rows


def _fields(service: Service, tasks: list[str], profile: Profile) -> dict[str, tuple[Field, list[str]]]:
    result: dict[str, tuple[Field, list[str]]] = {}
    for task in tasks:
        for item in fields_for(service.service_settings, task, profile):
            if not item.put_allowed:
                continue
            name = "rate_limit.requests_per_minute" if item.kind == "rate_limit" else item.name
            result.setdefault(name, (item, []))[1].append(task)
    return result


def _label(name: str) -> str:
    return " ".join(word.capitalize() for word in name.rsplit(".", maxsplit=1)[-1].split("_"))


def _new(service: Service, tasks: list[str], profile: Profile) -> JsonObject:
    configurations = {}
    for name, (item, supported) in sorted(_fields(service, tasks, profile).items()):
        entry: JsonObject = {
            "description": f"{_label(name)} of the {service.title} service.",
            "label": _label(name),
            "required": item.required,
            "sensitive": item.secret,
            "updatable": item.secret or item.name == "num_allocations",
            "type": TYPES[item.kind],
            "supported_task_types": supported,
        }
        configurations[name] = entry
    return {
        "service": service.name,
        "name": service.title,
        "task_types": tasks,
        "configurations": configurations,
    }


def _old(service: Service, tasks: list[str], profile: Profile) -> JsonObject:
    configuration: JsonObject = {}
    for order, (name, (item, _)) in enumerate(sorted(_fields(service, tasks, profile).items()), 1):
        configuration[name] = {
            "default_value": None,
            "depends_on": [],
            "display": "numeric" if item.kind == "integer" else "textbox",
            "label": _label(name),
            "order": order,
            "required": item.required,
            "sensitive": item.secret,
            "tooltip": "",
            "type": TYPES[item.kind],
            "ui_restrictions": [],
            "validations": [],
            "value": None,
        }
    return {
        "provider": service.name,
        "task_types": [{"task_type": task, "configuration": {}} for task in tasks],
        "configuration": configuration,
    }


ELSER_DEPRECATED = (
    "The [elser] service is deprecated and will be removed in a future release. Use the [elasticsearch] service "
    "instead, with [model_id] set to [.elser_model_2] in the [service_settings]"
)


def _path(call: Call) -> None:
    """Task type of the path; an unknown one is found before parameters are looked at.

    Source: emulating.md#order-of-the-checks.
    """
    word = call.variables.get("task_type")
    if word is not None:
        call.task_type = task_types.parse(word, call.cluster.profile, call.cluster.added_task_types())


def _path_and_body(call: Call) -> None:
    _path(call)
    if not call.body:
        raise body_required()


def _update_path(call: Call) -> None:
    _path_and_body(call)


def _infer_path(call: Call) -> None:
    _path_and_body(call)
    call.parsed = inference.read_request(call.cluster.profile, call.task_type, call.body)


def _check_put(call: Call) -> None:
    endpoints.check_id(call.variables["id"])


def _check_update(call: Call) -> None:
    if call.cluster.profile.update_checks_id_pattern:
        endpoints.check_id(call.variables["id"])


def _check_infer(call: Call) -> None:
    inference.validate(call.cluster.profile, call.task_type, call.parsed)


def _check_stream(call: Call) -> None:
    try:
        _check_infer(call)
    except ApiError as error:
        raise inference.refused_stream(None, error) from None


def _timeout(call: Call) -> float:
    long = call.cluster.profile.long_completion_timeout and call.task_type in {"completion", "chat_completion"}
    return call.seconds("timeout", 120.0 if long else 30.0)


def _put(call: Call) -> Answer:
    warning = {}
    body = endpoints.put(call.cluster, call.task_type, call.variables["id"], call.body, _timeout(call))
    if b'"elser"' in call.body and body["service"] == "elasticsearch":
        number = call.cluster.profile.number
        warning = {"Warning": f'299 Elasticsearch-{number}-emulated "{ELSER_DEPRECATED}"'}
    return Answer(body, headers=warning)


def _update(call: Call) -> Answer:
    return Answer(update(call.cluster, call.task_type, call.variables["id"], call.body, _timeout(call)))


def _get(call: Call) -> Answer:
    inference_id = call.variables.get("id", "_all")
    if inference_id in {"_all", "*"}:
        return Answer(endpoints.get_all(call.cluster, call.task_type))
    return Answer(endpoints.get(call.cluster, call.task_type, inference_id))


def _delete(call: Call) -> Answer:
    return Answer(
        endpoints.delete(
            call.cluster,
            call.task_type,
            call.variables["id"],
            dry_run=call.flag("dry_run"),
            force=call.flag("force"),
        )
    )


def _flags(call: Call) -> None:
    _path(call)
    call.flag("dry_run")
    call.flag("force")


def _infer(call: Call) -> Answer:
    call.seconds("timeout", 30.0)
    return Answer(inference.infer(call.cluster, call.task_type, call.variables["id"], call.parsed))


def _stream(call: Call) -> Answer:
    raw = inference.stream(call.cluster, call.task_type, call.variables["id"], call.parsed)
    return Answer(None, raw=raw, content_type=EVENTS)


def _services(call: Call) -> Answer:
    return Answer(_listed_services(call.cluster.services(), call.cluster.profile, call.task_type))


def _read(path: str, run: Handler, action: str) -> Route:
    return Route("GET", path, run, prepare=_path, action=f"cluster:monitor/xpack/inference/{action}")


def _routes() -> list[Route]:
    rows = [
        _read("/_inference", _get, "get"),
        _read("/_inference/_services", _services, "services/get"),
        _read("/_inference/_services/{task_type}", _services, "services/get"),
    ]
    for path in ("/_inference/{id}", "/_inference/{task_type}/{id}"):
        rows += [
            _read(path, _get, "get"),
            Route(
                "PUT",
                path,
                _put,
                prepare=_path_and_body,
                validate=_check_put,
                body=True,
                params=("timeout",),
                params_known=lambda profile: profile.put_timeout,
                action="cluster:admin/xpack/inference/put",
            ),
            Route(
                "DELETE",
                path,
                _delete,
                prepare=_flags,
                params=("dry_run", "force"),
                action="cluster:admin/xpack/inference/delete",
            ),
            Route(
                "POST",
                path,
                _infer,
                prepare=_infer_path,
                validate=_check_infer,
                body=True,
                params=("timeout",),
                action="cluster:monitor/xpack/inference/post",
                action_817="cluster:monitor/xpack/inference",
            ),
            Route(
                "POST",
                path + "/_stream",
                _stream,
                prepare=_infer_path,
                validate=_check_stream,
                body=True,
                params=("timeout",),
                action="cluster:monitor/xpack/inference/post",
                action_817="cluster:monitor/xpack/inference",
            ),
            Route(
                "PUT",
                path + "/_update",
                _update,
                prepare=_update_path,
                validate=_check_update,
                body=True,
                always=("master_timeout",),
                params=("timeout",),
                params_known=lambda profile: profile.update_timeout,
                action="cluster:admin/xpack/inference/update",
            ),
        ]
    return rows


ROUTES = _routes()
