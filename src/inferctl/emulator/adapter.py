"""A request in, an answer out: the checks in the server's order around the routes. No socket, no HTTP library.

Source: emulating.md#order-of-the-checks.
"""

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import (
    cluster_routes,
    control_routes,
    document_routes,
    index_routes,
    inference_routes,
    ml_routes,
    region_policy,
    template_and_pipeline_routes,
)
from .cluster import Cluster, LoggedRequest
from .errors import ApiError, EmptyError, PlainError, StreamError, illegal_argument
from .faults import Fault
from .json_text import dumps
from .parameters import COMMON, filter_path, unrecognized
from .profiles import Profile
from .request_head import EVENTS, JSON, check_media_types, negotiate, parameters, segments
from .route import Answer, Call, Route
from .security import SUPERUSER, authenticate, authorize

_log = logging.getLogger("inferctl.emulator")

_SURROGATE = re.compile("[\ud800-\udfff]")
_BOOLEANS = {"", "true", "false"}

BROKEN = "emulator_exception"
"""The type of errors that no server has: the emulator itself failed."""

# The order in which the server prints the methods that a path allows.
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. `ending` is "", "cut" (no answer at all) or "truncated" (half of the body)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: str = ""


def _specificity(route: Route) -> tuple[bool, ...]:
    return tuple(part.startswith("{") for part in route.template.split("/"))


# Literal segments come before variables, as in the server's path tree.
ROUTES: tuple[Route, ...] = tuple(
    sorted(
        (
            *inference_routes.ROUTES,
            *region_policy.ROUTES,
            *cluster_routes.ROUTES,
            *template_and_pipeline_routes.ROUTES,
            *index_routes.ROUTES,
            *document_routes.ROUTES,
            *ml_routes.ROUTES,
            *control_routes.ROUTES,
        ),
        key=_specificity,
    )
)


def handle(
    cluster: Cluster, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = b""
) -> Reply:
    """Answer one request. `target` is path and query as sent; header names in any case.

    Scripted faults strike first. Never raises for what a request can contain.
    """
    octets = body or b""
    given = {name.lower(): value for name, value in (headers or {}).items()}
    path, _, query = target.partition("?")
    path = path or "/"
    if path.startswith(control_routes.PREFIX):
        return _answer(cluster, method, target, given, octets)
    with cluster.lock:
        fault = cluster.strike(method, path)
    if fault is not None and fault.kind == "delay":
        cluster.sleep(fault.seconds)
    forced = _instead(fault)
    reply = forced or _answer(cluster, method, target, given, octets)
    with cluster.lock:
        cluster.requests.append(LoggedRequest(method, path, query, reply.status))
    if fault is not None and fault.kind == "cut_after":
        return Reply(reply.status, ending="cut")
    if fault is not None and fault.kind == "truncate":
        return Reply(reply.status, reply.headers, reply.body, ending="truncated")
    return reply


def as_function(
    cluster: Cluster,
) -> Callable[[str, str, Mapping[str, str], bytes | None], tuple[int, Mapping[str, str], bytes]]:
    """The cluster as a plain function for clients in this process. A lost answer raises ConnectionResetError."""

    def answer(
        method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        reply = handle(cluster, method, target, headers, body)
        if reply.ending:
            raise ConnectionResetError("connection reset")
        return reply.status, reply.headers, reply.body

    return answer


def _instead(fault: Fault | None) -> Reply | None:
    """The answer of a fault that keeps the request from the cluster."""
    if fault is None or fault.kind in {"delay", "cut_after", "truncate"}:
        return None
    if fault.kind == "cut_before":
        return Reply(0, ending="cut")
    status = 429 if fault.kind == "throttle" else fault.status
    error = ApiError(status, fault.error_type, fault.reason)
    headers = {"Content-Type": JSON, "X-elastic-product": "Elasticsearch"}
    if fault.kind == "throttle":
        headers["Retry-After"] = f"{fault.seconds:g}"
    return Reply(status, headers, dumps(error.body()).encode())


def broken(cluster: Cluster, what: str, error: Exception) -> Reply:
    """The answer to a request that the emulator itself failed on, which it logs: never a lost connection.

    The log says where, and not what the exception says: that may quote a body, and with it a secret.
    """
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("the emulator failed on %s: %s\n%s", what, type(error).__name__, where)
    reason = f"the emulator failed ({type(error).__name__}), not the request: its log says where"
    return refused(cluster, ApiError(500, BROKEN, reason))


def _answer(cluster: Cluster, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
    try:
        return _checked(cluster, method, target, headers, body)
    except Exception as error:  # noqa: BLE001  the last resort
        return broken(cluster, f"{method} {target.partition('?')[0]}", error)


def _checked(cluster: Cluster, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
    content_type = JSON
    path, _, query = target.partition("?")
    path = path or "/"
    params: dict[str, str] = {}
    try:
        params = parameters(query)
        check_media_types(headers)
        _check_looks(params)
        with cluster.lock:
            route, variables = _find(cluster.profile, method, path)
            user = SUPERUSER if route and route.open else authenticate(cluster.users, headers, target)
            if route is None:
                return _no_route(cluster, method, path, target)
            content_type = negotiate(cluster.profile, headers, has_body=bool(body))
            call = Call(cluster, method, path, variables, params, body, user)
            answer = _run(route, call)
    except ApiError as error:
        return _refusal(cluster, error, params, content_type)
    if answer.raw is not None:
        return Reply(answer.status, _headers(answer.status, answer.content_type, answer.headers), answer.raw)
    result = answer.body
    if params.get("filter_path"):  # errors are never filtered
        result = filter_path(result, params["filter_path"])
    return _reply(answer.status, result, params, _headers(answer.status, content_type, answer.headers))


def _check_looks(params: Mapping[str, str]) -> None:
    """How the answer should look is read before anything else, the route included."""
    for name in ("pretty", "human"):
        if params.get(name, "") not in _BOOLEANS:
            raise illegal_argument(_no_boolean(params[name]))


def _no_boolean(value: str) -> str:
    return f"Failed to parse value [{value}] as only [true] or [false] are allowed."


def _run(route: Route, call: Call) -> Answer:
    """Handler's own checks, parameters, body, validation, privilege, then the operation.

    Source: emulating.md#order-of-the-checks.
    """
    route.prepare(call)
    if not route.any_params:
        known = route.known_params(call.cluster.profile)
        unknown = sorted(name for name in call.params if name not in known and name not in COMMON)
        if unknown:
            raise unrecognized(call.path, unknown, known)
    if call.body and not route.body:
        raise illegal_argument(f"request [{call.method} {call.path}] does not support having a body")
    route.validate(call)
    call.action = route.action_on(call.cluster.profile)
    lenient = call.params.get("ignore_unavailable") in {"", "true"}
    authorize(call.user, call.action, call.variables.get("index", "*"), lenient=lenient)
    return route.run(call)


def _find(profile: Profile, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
    parts = segments(path)
    for route in ROUTES:
        if route.method == method and route.exists(profile):
            variables = route.match(parts)
            if variables is not None:
                return route, variables
    return None, {}


def _no_route(cluster: Cluster, method: str, path: str, target: str) -> Reply:
    """OPTIONS, a method that the path does not have, or a path that nobody has."""
    parts = segments(path)
    profile = cluster.profile
    methods = {route.method for route in ROUTES if route.exists(profile) and route.match(parts) is not None}
    allowed = [name for name in METHODS if name in methods]
    headers = {"Allow": ",".join(allowed)} if allowed else {}
    if method == "OPTIONS":
        return Reply(200, _headers(200, "text/plain; charset=UTF-8", headers))
    names = f", allowed: [{', '.join(allowed)}]" if allowed else ""
    if method not in {*METHODS, "TRACE", "CONNECT"}:
        return refused(cluster, PlainError(405, f"Unexpected http method: {method}{names}", headers=headers))
    text = f"uri [{target}] and method [{method}]"
    if not allowed:
        return refused(cluster, PlainError(400, f"no handler found for {text}", with_status=False))
    return refused(cluster, PlainError(405, f"Incorrect HTTP method for {text}{names}", headers=headers))


def refused(cluster: Cluster, error: ApiError) -> Reply:
    """The answer to what did not come as far as a route."""
    if isinstance(error, EmptyError):
        return Reply(error.status)
    return _refusal(cluster, error, {}, JSON)


def _refusal(cluster: Cluster, error: ApiError, params: Mapping[str, str], content_type: str) -> Reply:
    if params.get("error_trace", "") not in _BOOLEANS:
        return refused(cluster, PlainError(400, _no_boolean(params["error_trace"])))
    if isinstance(error, StreamError):
        content_type = EVENTS
    headers = _headers(error.status, content_type, error.headers)
    if error.status >= 500 and error.kind and cluster.profile.app_exception_header:
        headers["X-Elastic-App-Exception"] = _java_name(error.kind)
    if isinstance(error, StreamError):
        return Reply(error.status, headers, error.event)
    body = error.body()
    if params.get("error_trace") in {"", "true"} and error.status != 401 and isinstance(body.get("error"), dict):
        body["error"]["stack_trace"] = f"{_java_name(error.kind)}: {error.reason}\n\tat emulator\n"
    return _reply(error.status, body, params, headers)


def _java_name(kind: str) -> str:
    name = "".join(word.capitalize() for word in kind.split("_"))
    return f"Elasticsearch{name}" if kind in {"status_exception", "parse_exception", "security_exception"} else name


def _headers(status: int, content_type: str, more: Mapping[str, str]) -> dict[str, str]:
    headers = {"Content-Type": content_type, **more}
    if status not in {401, 403}:  # the server removes it there (errors.md#product-header)
        headers["X-elastic-product"] = "Elasticsearch"
    else:
        headers.pop("Warning", None)
    return headers


def _reply(status: int, body: Any, params: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
    text = "" if body is None else dumps(body, pretty=params.get("pretty") in {"", "true"})
    return Reply(status, headers, _SURROGATE.sub(_escaped, text).encode())


def _escaped(found: re.Match[str]) -> str:
    """Half of a pair is no UTF-8; JSON can escape it."""
    return f"\\u{ord(found[0]):04X}"
