"""Authentication and privileges (2.3, 11.7). Off until the cluster has users."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ApiError

IMPLIED: dict[str, frozenset[str]] = {
    "manage_inference": frozenset({"monitor_inference"}),
    "manage_ml": frozenset({"monitor_ml"}),
    "monitor": frozenset({"monitor_inference", "monitor_ml", "read_pipeline"}),
    "manage_ingest_pipelines": frozenset({"read_pipeline"}),
    "manage_pipeline": frozenset({"manage_ingest_pipelines", "read_pipeline"}),
}
MANAGE = frozenset(
    {
        "manage",
        "monitor",
        "manage_inference",
        "monitor_inference",
        "manage_ml",
        "monitor_ml",
        "manage_pipeline",
        "manage_ingest_pipelines",
        "read_pipeline",
        "manage_index_templates",
    }
)
CHALLENGES = 'Basic realm="security", charset="UTF-8", Bearer realm="security", ApiKey'


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may call: by password, API key (`id:key` in base64) or token."""

    name: str
    privileges: frozenset[str] = frozenset({"all"})
    password: str | None = None
    api_key: str | None = None
    token: str | None = None
    roles: tuple[str, ...] = ()
    index_privileges: frozenset[str] = frozenset({"all"})

    def may(self, privilege: str) -> bool:
        """Whether a cluster privilege is granted, directly or by a wider one (2.3)."""
        if "all" in self.privileges or privilege in self.privileges:
            return True
        if "manage" in self.privileges and privilege in MANAGE:
            return True
        return any(privilege in IMPLIED.get(own, frozenset()) for own in self.privileges)

    def may_index(self, privilege: str) -> bool:
        """Whether an index privilege is granted, on any index."""
        return "all" in self.index_privileges or privilege in self.index_privileges


SUPERUSER = User("elastic", roles=("superuser",))


def authenticate(users: tuple[User, ...] | None, headers: Mapping[str, str], target: str) -> User:
    """Who calls, or 401 (11.7)."""
    if users is None:
        return SUPERUSER
    header = headers.get("authorization", "")
    if not header:
        raise _unauthorized(f"missing authentication credentials for REST request [{target}]")
    scheme, _, value = header.partition(" ")
    name, user = _lookup(users, scheme.lower(), value.strip())
    if user is None:
        who = f"user [{name}]" if name else "with provided credentials"
        raise _unauthorized(f"unable to authenticate {who} for REST request [{target}]")
    return user


def _lookup(users: tuple[User, ...], scheme: str, value: str) -> tuple[str, User | None]:
    if scheme == "basic":
        try:
            name, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", None
        return name, next((u for u in users if u.name == name and u.password == password), None)
    if scheme == "apikey":
        return "", next((u for u in users if u.api_key == value), None)
    if scheme == "bearer":
        return "", next((u for u in users if u.token == value), None)
    return "", None


def _unauthorized(reason: str) -> ApiError:
    return ApiError(401, "security_exception", reason, headers={"WWW-Authenticate": CHALLENGES})


def authorize(user: User, action: str, privilege: str) -> None:
    """403 unless the user has the privilege; it comes after request validation (13.2)."""
    if not privilege or user.may(privilege):
        return
    granted = {"manage_inference": "manage_inference,manage,all"}.get(
        privilege, f"{privilege},manage_inference,monitor,manage,all"
    )
    raise ApiError(
        403,
        "security_exception",
        f"action [{action}] is unauthorized for user [{user.name}] with effective roles "
        f"[{','.join(user.roles)}], this action is granted by the cluster privileges [{granted}]",
    )


def authorize_index(user: User, action: str, privilege: str, index: str) -> None:
    """403 unless the user has the index privilege (11.7). Index privileges are not told apart by index name."""
    if not privilege or user.may_index(privilege):
        return
    raise ApiError(
        403,
        "security_exception",
        f"action [{action}] is unauthorized for user [{user.name}] with effective roles "
        f"[{','.join(user.roles)}] on indices [{index}], this action is granted by the index privileges "
        f"[{privilege},all]",
    )


def has_privileges(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer of `_security/user/_has_privileges`."""
    cluster = {name: user.may(name) for name in asked.get("cluster", [])}
    index = {
        pattern: {name: user.may_index(name) for name in block.get("privileges", [])}
        for block in asked.get("index", [])
        for pattern in block.get("names", [])
    }
    every = all(cluster.values()) and all(all(block.values()) for block in index.values())
    return {
        "username": user.name,
        "has_all_requested": every,
        "cluster": cluster,
        "index": index,
        "application": {},
    }
