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

# Which named privileges grant which action: least first, as the 403 of the server lists them. Read from its own classes
# (`ClusterPrivilegeResolver`, `IndexPrivilege` of x-pack-core), which answer the same on 8.17.0, 8.18.0, 8.19.0, 9.0.0,
# 9.1.0 and 9.5.2. Privileges on the failure store of data streams are left out.
_TABLE = {
    "cluster:admin/component_template/delete": "manage_index_templates manage all",
    "cluster:admin/component_template/get": "manage_index_templates monitor manage all",
    "cluster:admin/component_template/put": "manage_index_templates manage all",
    "cluster:admin/ingest/pipeline/delete": "manage_ingest_pipelines manage_pipeline manage all",
    "cluster:admin/ingest/pipeline/get": "read_pipeline manage_ingest_pipelines manage_pipeline manage all",
    "cluster:admin/ingest/pipeline/put": "manage_ingest_pipelines manage_pipeline manage all",
    "cluster:admin/settings/update": "manage all",
    "cluster:admin/xpack/inference/delete": "manage_inference manage all",
    "cluster:admin/xpack/inference/put": "manage_inference manage all",
    "cluster:admin/xpack/inference/region_policy/delete": "manage_inference manage all",
    "cluster:admin/xpack/inference/region_policy/put": "manage_inference manage all",
    "cluster:admin/xpack/inference/update": "manage_inference manage all",
    "cluster:admin/xpack/ml/inference/put": "manage_ml manage all",
    "cluster:admin/xpack/ml/trained_models/deployment/start": "manage_inference manage_ml manage all",
    "cluster:admin/xpack/ml/trained_models/deployment/stop": "manage_inference manage_ml manage all",
    "cluster:admin/xpack/ml/trained_models/deployment/update": "manage_ml manage all",
    "cluster:monitor/main": "monitor manage all",
    "cluster:monitor/settings": "monitor manage all",
    "cluster:monitor/state": "cross_cluster_replication read_ccr transport_client manage_ccr monitor manage all",
    "cluster:monitor/xpack/inference": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/inference/get": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/inference/post": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/inference/region_policy/get": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/inference/services/get": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/license/get": "monitor manage all",
    "cluster:monitor/xpack/ml/inference/get": "monitor_ml manage_ml monitor manage all",
    "cluster:monitor/xpack/ml/inference/stats/get": "monitor_ml manage_ml monitor manage all",
    "indices:admin/auto_create": "auto_configure create_index manage all",
    "indices:admin/create": "create_index manage all",
    "indices:admin/delete": "delete_index manage all",
    "indices:admin/get": "view_index_metadata manage all",
    "indices:admin/index_template/delete": "manage_index_templates manage all",
    "indices:admin/index_template/get": "manage_index_templates monitor manage all",
    "indices:admin/index_template/put": "manage_index_templates manage all",
    "indices:admin/mapping/auto_put": "auto_configure manage write all",
    "indices:admin/mapping/put": "manage all",
    "indices:admin/mappings/get": "view_index_metadata manage all",
    "indices:admin/refresh": "maintenance manage all",
    "indices:admin/refresh/unpromotable": "maintenance manage all",
    "indices:admin/settings/update": "manage all",
    "indices:data/read/field_caps": "view_index_metadata manage read all",
    "indices:data/read/get": "read all",
    "indices:data/read/search": "read all",
    "indices:data/write/bulk": "create_doc create delete index write all",
    "indices:data/write/delete": "delete write all",
    "indices:data/write/index": "create_doc create index write all",
    "indices:data/write/index:op_type/create": "create_doc create index write all",
    "indices:data/write/index:op_type/index": "create index write all",
    "indices:data/write/update": "index write all",
    "indices:monitor/settings/get": "monitor view_index_metadata manage all",
}

GRANTS: dict[str, tuple[str, ...]] = {action: tuple(names.split()) for action, names in _TABLE.items()}

OPEN = frozenset({"cluster:admin/xpack/security/user/authenticate", "cluster:admin/xpack/security/user/has_privileges"})
"""Everybody may ask about themselves (`RBACEngine.checkSameUserPermissions` of the security plugin)."""

Grant = tuple[tuple[str, ...], frozenset[str]]
"""Index patterns, and the privileges on each of them."""

CHALLENGES = 'Basic realm="security", charset="UTF-8", Bearer realm="security", ApiKey'


def is_index_action(action: str) -> bool:
    """Whether an index privilege grants it; templates belong to the cluster, whatever their actions are called."""
    return action.startswith("indices:") and not action.startswith("indices:admin/index_template/")


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


def _check_question(asked: dict[str, Any]) -> None:
    """400 for lists that are none."""
    blocks = asked.get("index", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise ApiError(400, "parse_exception", "failed to parse privileges check. expected an array of [index]")
    lists = [asked.get("cluster", []), *(block.get(name, []) for block in blocks for name in ("names", "privileges"))]
    for names in lists:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ApiError(400, "parse_exception", "failed to parse privileges check. expected an array of strings")


def has_privileges(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer of `_security/user/_has_privileges`."""
    _check_question(asked)
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
