"""The emulator's own controls under `/_emulator`: script the provider, faults and the clock; read the request log.

No real cluster has these. They need no credentials, since the server listens on the loopback interface only.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from . import faults
from .errors import illegal_argument
from .provider import ProviderRule
from .route import Answer, Call, Route
from .security import User
from .services import made

PREFIX = "/_emulator"

JsonObject = dict[str, Any]


def _requests(call: Call) -> Answer:
    rows = [{"method": r.method, "path": r.path, "query": r.query, "status": r.status} for r in call.cluster.requests]
    return Answer({"count": len(rows), "requests": rows})


def _forget_requests(call: Call) -> Answer:
    call.cluster.requests.clear()
    return _done(call)


def _done(_: Call) -> Answer:
    return Answer({"acknowledged": True})


def _read(kind: Callable[..., Any], source: JsonObject) -> Any:
    try:
        return kind(**source)
    except (TypeError, ValueError) as error:
        raise illegal_argument(str(error)) from None


def _script_provider(call: Call) -> Answer:
    """`{"outcome": "401", "service": "openai", ...}`: the fields of a provider rule; the newest match wins."""
    rule = _read(ProviderRule, call.json())
    if rule.outcome not in {"ok", "timeout", "null"} and not rule.outcome.isdigit():
        raise illegal_argument("outcome must be ok, timeout, null or an HTTP status")
    call.cluster.script_provider(rule)
    return _done(call)


def _forget_provider(call: Call) -> Answer:
    call.cluster.provider_rules.clear()
    call.cluster.provider_calls.clear()
    return _done(call)


def _provider_calls(call: Call) -> Answer:
    rows = [{"kind": c.kind, "inference_id": c.inference_id, "service": c.service} for c in call.cluster.provider_calls]
    return Answer({"count": len(rows), "calls": rows})


def _script_fault(call: Call) -> Answer:
    call.cluster.script_faults(_read(lambda **source: faults.read(source), call.json()))
    return _done(call)


def _forget_faults(call: Call) -> Answer:
    call.cluster.faults.clear()
    return _done(call)


def _clock(call: Call) -> Answer:
    seconds = call.json().get("advance_seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise illegal_argument("advance_seconds must be a number")
    call.cluster.advance(seconds)
    call.cluster.changes += 1
    return _done(call)


def _models(call: Call) -> Answer:
    """`{"my-model": "text_embedding"}`: load models as eland would."""
    call.cluster.load_models((name, str(task_type)) for name, task_type in call.json().items())
    return _done(call)


def _eis(call: Call) -> Answer:
    """`{".rerank": {"task_type": "rerank", "model_id": "r", "regions": [{"geo": "eu"}]}}`: what EIS offers."""
    offered = call.json()
    for inference_id, spec in offered.items():
        kinds = {key: type(value) for key, value in spec.items()} if isinstance(spec, dict) else {}
        if kinds != {"task_type": str, "model_id": str, "regions": list}:
            raise illegal_argument(f"[{inference_id}] has task_type, model_id and a list of regions")
        if not all(isinstance(region, dict) for region in spec["regions"]):
            raise illegal_argument(f"a region of [{inference_id}] has csp, region and geo")
    call.cluster.eis_endpoints.update(offered)
    call.cluster.changes += 1
    return _done(call)


def _service(call: Call) -> Answer:
    """`{"name": "newer", "task_types": ["rerank"], "service_settings": {"api_key": {"secret": true}}}`."""
    spec = call.json()
    table = _read(lambda **source: made(source), spec)
    call.cluster.added_services[table.name] = dict(spec)
    call.cluster.changes += 1
    return _done(call)


def _endpoint(call: Call) -> Answer:
    """`{"broken": true}` makes a stored endpoint unreadable; `{"updating": true}` holds its lock."""
    name, body = call.variables["id"], call.json()
    stored = call.cluster.endpoints.get(name)
    if stored is None:
        raise illegal_argument(f"no stored endpoint [{name}]")
    if "broken" in body:
        call.cluster.store(replace(stored, broken=bool(body["broken"])))
    if "updating" in body:
        (call.cluster.updating.add if body["updating"] else call.cluster.updating.discard)(name)
    return _done(call)


def _users(call: Call) -> Answer:
    """`{"users": [{"name": "ci", "api_key": "...", "privileges": ["monitor"]}]}`; null switches security off.

    `"role": {"cluster": [...], "indices": [...]}` gives both kinds of privileges as a role of the cluster does.
    """
    given = call.json().get("users")
    call.cluster.users = None if given is None else tuple(_user(source) for source in given)
    return _done(call)


def _user(source: JsonObject) -> User:
    sets = {"privileges", "index_privileges"}
    known = {"role", *(field.name for field in fields(User))}
    unknown = sorted(set(source) - known)
    if unknown:
        raise illegal_argument(f"unknown field [{unknown[0]}] of a user")
    made: JsonObject = {key: frozenset(value) if key in sets else value for key, value in source.items()}
    role = made.pop("role", None)
    if role is not None:
        made |= {"privileges": frozenset(role.get("cluster", ())), "indices": role.get("indices", [])}
    if "roles" in made:
        made["roles"] = tuple(made["roles"])
    if made.get("indices") is not None:
        made["indices"] = tuple((tuple(b["names"]), frozenset(b["privileges"])) for b in made["indices"])
    return User(**made)


def _cluster(call: Call) -> Answer:
    """`{"licensed": false, "allocation_seconds": 5, "put_waits": false, "start_fails": "no room"}`."""
    for name, value in call.json().items():
        if name not in {"licensed", "allocation_seconds", "put_waits", "start_fails", "no_room"}:
            raise illegal_argument(f"unknown field [{name}]")
        setattr(call.cluster, name, value)
    return _done(call)


def _control(method: str, path: str, run: Callable[[Call], Answer]) -> Route:
    def checked(call: Call) -> Answer:
        try:
            return run(call)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
            raise illegal_argument(f"this body is none for {path}: {type(error).__name__}") from None

    return Route(method, PREFIX + path, checked, body=method != "GET", open=True)


ROUTES = [
    _control("GET", "/requests", _requests),
    _control("DELETE", "/requests", _forget_requests),
    _control("GET", "/provider", _provider_calls),
    _control("POST", "/provider", _script_provider),
    _control("DELETE", "/provider", _forget_provider),
    _control("POST", "/faults", _script_fault),
    _control("DELETE", "/faults", _forget_faults),
    _control("POST", "/clock", _clock),
    _control("POST", "/models", _models),
    _control("POST", "/services", _service),
    _control("POST", "/eis", _eis),
    _control("POST", "/endpoints/{id}", _endpoint),
    _control("POST", "/users", _users),
    _control("POST", "/cluster", _cluster),
]
