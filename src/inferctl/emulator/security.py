"""Authentication and privileges (requests.md#privileges, errors.md#security). Off until the cluster has users.

The order of the checks on indexes is that of `RBACEngine.authorizeIndexAction` (security plugin, source-read): who has
an action on no index at all is refused; wildcards then name only what the user may see; a plain name that the user may
not see is refused, or passed over where `ignore_unavailable` asks for that.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .errors import ApiError
from .grants import GRANTS, OPEN, is_index_action

Grant = tuple[tuple[str, ...], frozenset[str]]
"""Index patterns, and the privileges on each of them."""

CHALLENGES = 'Basic realm="security", charset="UTF-8", Bearer realm="security", ApiKey'


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may call: by password, API key (`id:key` in base64) or token.

    `index_privileges` count on every index. `indices`, where given, stands in their place: privileges by index pattern.
    """

    name: str
    privileges: frozenset[str] = frozenset({"all"})
    password: str | None = None
    api_key: str | None = None
    token: str | None = None
    roles: tuple[str, ...] = ()
    index_privileges: frozenset[str] = frozenset({"all"})
    indices: tuple[Grant, ...] | None = None

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Index privileges by pattern."""
        return ((("*",), self.index_privileges),) if self.indices is None else self.indices

    def may(self, action: str) -> bool:
        """Whether a cluster action is granted."""
        return action in OPEN or not self.privileges.isdisjoint(GRANTS[action])

    def may_on(self, action: str, index: str | None = None) -> bool:
        """Whether an index action is granted on this index (or pattern); without one, on any at all."""
        return any(
            not privileges.isdisjoint(GRANTS[action])
            and (index is None or any(fnmatchcase(index, pattern) for pattern in patterns))
            for patterns, privileges in self.grants
        )

    def holds(self, privilege: str) -> bool:
        """Whether a cluster privilege is granted, directly or by others that allow the same."""
        return privilege in self.privileges or _covered(privilege, self.may, on_indices=False)

    def holds_on(self, privilege: str, pattern: str) -> bool:
        """Whether an index privilege is granted on all that a pattern matches."""
        return _covered(privilege, lambda action: self.may_on(action, pattern), on_indices=True)

    @property
    def described(self) -> str:
        """As a 403 names who asked; a key has privileges of its own, no roles."""
        if self.api_key is None or self.password is not None or self.token is not None:
            return f"user [{self.name}] with effective roles [{','.join(sorted(self.roles))}]"
        try:
            key_id = base64.b64decode(self.api_key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key_id = self.name
        return f"API key id [{key_id}] of user [{self.name}]"


def _covered(privilege: str, may: Callable[[str], bool], *, on_indices: bool) -> bool:
    """Whether everything that a privilege allows is allowed, as far as this emulator has routes."""
    allowed = [a for a, names in GRANTS.items() if privilege in names and is_index_action(a) is on_indices]
    return bool(allowed) and all(map(may, allowed))


SUPERUSER = User("elastic", roles=("superuser",))


def authenticate(users: tuple[User, ...] | None, headers: Mapping[str, str], target: str) -> User:
    """Who calls, or 401 (errors.md#security)."""
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


def authorize(user: User, action: str, expression: str = "*", *, lenient: bool = False) -> None:
    """403 unless the user may; it comes after request validation. `expression` names the indexes, if any.

    Source: emulating.md#order-of-the-checks.

    A write is checked here by its action alone, and by its index when it is carried out (`authorize_item`).
    """
    if not action:
        return
    if not is_index_action(action):
        if not user.may(action):
            raise _denied(user, action)
        return
    if not user.may_on(action):
        raise _denied(user, action, expression)
    if lenient or action.startswith("indices:data/write/"):
        return
    plain = [part for part in expression.split(",") if "*" not in part and part not in {"", "_all"}]
    hidden = [name for name in plain if not user.may_on(action, name)]
    if hidden:
        raise _denied(user, action, ",".join(hidden))


def authorize_item(user: User, action: str, index: str) -> None:
    """One document of a write: first its shard's share of the bulk, then what is done with it. 403."""
    for checked, named in (("indices:data/write/bulk", "indices:data/write/bulk[s]"), (action, action)):
        if not user.may_on(checked, index):
            raise _denied(user, checked, index, named)


def authorize_creation(user: User, index: str) -> None:
    """A write to an index that is not there makes it, if the user may. 403."""
    if not user.may_on("indices:admin/auto_create", index):
        raise _denied(user, "indices:admin/auto_create", index)


def authorize_refresh(user: User, index: str) -> None:
    """After a write with `refresh`, where searches have shards of their own. 403, and the write was done."""
    if not user.may_on("indices:admin/refresh/unpromotable", index):
        raise _denied(user, "indices:admin/refresh/unpromotable", index)


def _denied(user: User, action: str, indices: str = "", named: str = "") -> ApiError:
    kind = "index" if is_index_action(action) else "cluster"
    where = f" on indices [{indices}]" if indices else ""
    return ApiError(
        403,
        "security_exception",
        f"action [{named or action}] is unauthorized for {user.described}{where}, "
        f"this action is granted by the {kind} privileges [{','.join(GRANTS[action])}]",
    )


def has_privileges(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer of `_security/user/_has_privileges`."""
    cluster = {name: user.holds(name) for name in asked.get("cluster", [])}
    index = {
        pattern: {name: user.holds_on(name, pattern) for name in block.get("privileges", [])}
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
