"""The routes of requests.md#routes: endpoints, inference, the catalogue."""

from . import catalogue, endpoints, inference, task_types
from .errors import body_required
from .route import Answer, Call, Handler, Route
from .update import update

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
        call.task_type = task_types.parse(word, call.cluster.profile)


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
    _timeout(call)
    return Answer(update(call.cluster, call.task_type, call.variables["id"], call.body))


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
    return Answer(None, raw=raw, content_type="text/event-stream")


def _services(call: Call) -> Answer:
    return Answer(catalogue.services(call.cluster.services(), call.cluster.profile, call.task_type))


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
                validate=_check_infer,
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
