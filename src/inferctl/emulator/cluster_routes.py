"""`GET /`, the licence, cluster settings, and who the caller is.

Source: errors.md#licence, errors.md#the-root, create.md#validation-call, requests.md#privileges.
"""

from typing import Any

from .errors import ApiError
from .route import Answer, Call, Route
from .security import has_privileges

JsonObject = dict[str, Any]


def _root(call: Call) -> Answer:
    cluster, profile = call.cluster, call.cluster.profile
    wire, index = ("8.19.0", "8.0.0") if profile.line[0] == 9 else ("7.17.0", "7.0.0")
    return Answer(
        {
            "name": f"{cluster.name}-0",
            "cluster_name": cluster.name,
            "cluster_uuid": cluster.uuid,
            "version": {
                "number": "8.11.0" if profile.serverless else profile.number,
                "build_flavor": "serverless" if profile.serverless else "default",
                "build_type": "docker",
                "build_hash": "00000000",
                "build_date": "2023-10-31" if profile.serverless else "2025-01-01T00:00:00.000000000Z",
                "build_snapshot": False,
                "lucene_version": "10.2.2" if profile.line[0] == 9 else "9.12.0",
                "minimum_wire_compatibility_version": wire,
                "minimum_index_compatibility_version": index,
            },
            "tagline": "You Know, for Search",
        }
    )


def _head(_: Call) -> Answer:
    return Answer(None)


def _license(call: Call) -> Answer:
    kind = "enterprise" if call.cluster.licensed else "basic"
    return Answer({"license": {"status": "active", "uid": call.cluster.uuid, "type": kind, "issued_to": "emulator"}})


def flatten(value: JsonObject, prefix: str = "") -> JsonObject:
    """Dotted names; null stays, it removes a setting."""
    result: JsonObject = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            result |= flatten(inner, f"{prefix}{key}.")
        else:
            result[prefix + key] = inner
    return result


def nest(flat: JsonObject) -> JsonObject:
    """The other way round, values as text, as the server shows settings."""
    result: JsonObject = {}
    for name, value in flat.items():
        *parents, last = name.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = [_text(item) for item in value] if isinstance(value, list) else _text(value)
    return result


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _get_settings(call: Call) -> Answer:
    flat = call.flag("flat_settings")
    return Answer({scope: dict(held) if flat else nest(held) for scope, held in call.cluster.settings.items()})


def _put_settings(call: Call) -> Answer:
    given = call.json()
    changed: JsonObject = {"persistent": {}, "transient": {}}
    for scope, values in given.items():
        if scope not in changed or not isinstance(values, dict):
            raise ApiError(400, "parsing_exception", f"[cluster_update_settings_request] unknown field [{scope}]")
        for name, value in flatten(values).items():
            if value is None:
                call.cluster.settings[scope].pop(name, None)
            else:
                call.cluster.settings[scope][name] = changed[scope][name] = value
    call.cluster.changes += 1
    return Answer({"acknowledged": True, **{scope: nest(values) for scope, values in changed.items()}})


def _authenticate(call: Call) -> Answer:
    user = call.user
    return Answer(
        {
            "username": user.name,
            "roles": list(user.roles),
            "full_name": None,
            "email": None,
            "metadata": {},
            "enabled": True,
            "authentication_type": "api_key" if user.api_key else "realm",
        }
    )


def _has_privileges(call: Call) -> Answer:
    return Answer(has_privileges(call.user, call.json()))


ROUTES = [
    Route("GET", "/", _root, action="cluster:monitor/main"),
    Route("HEAD", "/", _head, action="cluster:monitor/main"),
    Route(
        "GET",
        "/_license",
        _license,
        params=("local", "accept_enterprise", "master_timeout"),
        action="cluster:monitor/xpack/license/get",
    ),
    Route(
        "GET",
        "/_cluster/settings",
        _get_settings,
        params=("flat_settings", "include_defaults", "master_timeout", "timeout"),
        action="cluster:monitor/settings",
    ),
    Route(
        "PUT",
        "/_cluster/settings",
        _put_settings,
        body=True,
        params=("flat_settings", "master_timeout", "timeout"),
        action="cluster:admin/settings/update",
    ),
    Route("GET", "/_security/_authenticate", _authenticate),
    Route("GET", "/_security/user/_has_privileges", _has_privileges, body=True),
    Route("POST", "/_security/user/_has_privileges", _has_privileges, body=True),
]
