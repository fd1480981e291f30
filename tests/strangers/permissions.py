"""Who may do what: somebody with `manage_inference`, somebody with `monitor_inference`, somebody with neither."""

from __future__ import annotations

from inferctl.emulator.security import User

from .endpoints import SPARSE
from .row import Ask, Row

PATH = "/_inference/sparse_embedding"
NAMES = {"admin": {"manage_inference"}, "user": {"monitor_inference"}, "nobody": set[str]()}
CLUSTER = {"users": tuple(User(name, frozenset(privileges), token=name) for name, privileges in NAMES.items())}


def by(name: str, method: str, target: str, body: object = None) -> Ask:
    return Ask(method, f"{PATH}/{target}", body, {"authorization": f"Bearer {name}"})  # type: ignore[arg-type]


ALLOWED = {"admin": {"PUT", "GET", "POST", "DELETE"}, "user": {"GET", "POST"}, "nobody": set[str]()}
CALLS = {
    "PUT": ("permissions_test", SPARSE),
    "GET": ("_all", None),
    "POST": ("to_test", {"input": ["foo", "bar"]}),
    "DELETE": ("to_test", None),
}

ROWS = [
    Row(
        f"{method} by {name}",
        "permissions",
        by(name, method, *CALLS[method]),
        200 if method in allowed else 403,
        "" if method in allowed else "security_exception",
        first=(by("admin", "PUT", "to_test", SPARSE),),
        cluster=CLUSTER,
        inferred="the type" if method not in allowed else "",
    )
    for name, allowed in ALLOWED.items()
    for method in CALLS
]
