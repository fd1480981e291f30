"""Which privilege each request needs, with the source of every line. Data; `command_privileges` has the commands.

The names of the actions are constants of server and x-pack-core 9.1.0. Which privilege grants which action was asked of
the server's own classes (`ClusterPrivilegeResolver`, `IndexPrivilege`; tests/privileges/granted), release by release:
`VERIFIED`. What no source says is a question in `model/open_questions`.
"""

from __future__ import annotations

from dataclasses import dataclass

LEDGER_INDEX = "inferctl-ledger"

VERIFIED = ("8.17", "8.18", "8.19", "9.0", "9.1", "9.5")
"""Version lines on which the classes gave the same answer: 8.17.0, 8.18.0, 8.19.0, 9.0.0, 9.1.0 and 9.5.2."""


@dataclass(frozen=True, slots=True, order=True)
class Privilege:
    """A named privilege: of the cluster, or on the indexes that the pattern `on` matches."""

    name: str
    on: str = ""

    def __str__(self) -> str:
        return f"{self.name} on {self.on}" if self.on else self.name


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request. In `requests`, words in capitals stand for any one path segment.

    `privilege` is the smallest that is enough, None where everybody may. `purpose` goes on after "needed to". `source`
    tells where the action of the request is written down; empty means that no source says so. `serverless`: only there.
    """

    requests: tuple[str, ...]
    action: str
    privilege: Privilege | None
    purpose: str
    source: str
    serverless: bool = False


_INFERENCE = "docs/reference/server/requests.md#privileges"
_REGION_POLICY = "docs/reference/server/region-policy.md#privileges"
_CLASS = "x-pack-core 9.1.0, "
_SERVER = "server 9.1.0, "


def _on(path: str, *verbs: str) -> tuple[str, ...]:
    """With and without the task type."""
    return tuple(f"{verb} /_inference/{middle}{path}" for verb in verbs for middle in ("", "TYPE/"))


_MANAGE = Privilege("manage_inference")
_USE = Privilege("monitor_inference")
_MONITOR = Privilege("monitor")
_LOOK = Privilege("view_index_metadata", "*")
_READ, _CREATE, _DELETE = (Privilege(name, LEDGER_INDEX) for name in ("read", "create", "delete"))

CALLS: dict[str, Call] = {
    "info": Call(
        ("GET /",),
        "cluster:monitor/main",
        _MONITOR,
        "see which cluster and version this is",
        _CLASS + "ReservedRolesStore",
    ),
    "services": Call(
        ("GET /_inference/_services", "GET /_inference/_services/TYPE"),
        "cluster:monitor/xpack/inference/services/get",
        _USE,
        "list the services of the server",
        _INFERENCE,
    ),
    # Before those of endpoints: their ID would stand for this path as well.
    "read the region policy": Call(
        ("GET /_inference/_region_policy",),
        "cluster:monitor/xpack/inference/region_policy/get",
        _USE,
        "read the region policy",
        _REGION_POLICY,
    ),
    "set the region policy": Call(
        ("PUT /_inference/_region_policy",),
        "cluster:admin/xpack/inference/region_policy/put",
        _MANAGE,
        "set the region policy",
        _REGION_POLICY,
    ),
    "remove the region policy": Call(
        ("DELETE /_inference/_region_policy",),
        "cluster:admin/xpack/inference/region_policy/delete",
        _MANAGE,
        "remove the region policy",
        _REGION_POLICY,
    ),
    "read": Call(
        ("GET /_inference", *_on("ID", "GET")),
        "cluster:monitor/xpack/inference/get",
        _USE,
        "read endpoints",
        _INFERENCE,
    ),
    "update": Call(
        _on("ID/_update", "PUT"), "cluster:admin/xpack/inference/update", _MANAGE, "update endpoints", _INFERENCE
    ),
    "create": Call(_on("ID", "PUT"), "cluster:admin/xpack/inference/put", _MANAGE, "create endpoints", _INFERENCE),
    "dry run": Call(
        tuple(f"{request}?dry_run=true" for request in _on("ID", "DELETE")),
        "cluster:admin/xpack/inference/delete",
        _MANAGE,
        "ask the server who uses an endpoint",
        _INFERENCE,
    ),
    "delete": Call(
        _on("ID", "DELETE"), "cluster:admin/xpack/inference/delete", _MANAGE, "delete endpoints", _INFERENCE
    ),
    "infer": Call(
        _on("ID", "POST"),
        "cluster:monitor/xpack/inference/post (up to 8.17 without /post)",
        _USE,
        "try an endpoint with an inference call",
        _INFERENCE,
    ),
    "model stats": Call(
        ("GET /_ml/trained_models/ID/_stats",),
        "cluster:monitor/xpack/ml/inference/stats/get",
        Privilege("monitor_ml"),
        "see whether models run",
        f"{_INFERENCE}, docs/reference/server/in-cluster.md#stats",
    ),
    "start a model": Call(
        ("POST /_ml/trained_models/ID/deployment/_start", "POST /_ml/trained_models/ID/deployment/_stop"),
        "cluster:admin/xpack/ml/trained_models/deployment/start, …/stop",
        _MANAGE,
        "start a model again that does not run",
        "docs/reference/server/in-cluster.md#stats",
    ),
    "pipelines": Call(
        ("GET /_ingest/pipeline",),
        "cluster:admin/ingest/pipeline/get",
        Privilege("read_pipeline"),
        "find pipelines that use an endpoint",
        _SERVER + "GetPipelineAction",
    ),
    "index templates": Call(
        ("GET /_index_template",),
        "indices:admin/index_template/get",
        _MONITOR,
        "find index templates that use an endpoint",
        _SERVER + "GetComposableIndexTemplateAction",
    ),
    "component templates": Call(
        ("GET /_component_template",),
        "cluster:admin/component_template/get",
        _MONITOR,
        "find component templates that use an endpoint",
        _SERVER + "GetComponentTemplateAction",
    ),
    "mappings": Call(
        ("GET /*/_mapping",),
        "indices:admin/mappings/get",
        _LOOK,
        "find indexes that use an endpoint",
        _SERVER + "GetMappingsAction",
    ),
    "index settings": Call(
        ("GET /*/_settings/NAMES",),
        "indices:monitor/settings/get",
        _LOOK,
        "find indexes whose pipeline uses an endpoint",
        _SERVER + "GetSettingsAction",
    ),
    "privileges": Call(
        ("GET /_security/user/_has_privileges",),
        "cluster:admin/xpack/security/user/has_privileges",
        None,
        "ask what these credentials may do",
        "security plugin, RBACEngine.checkSameUserPermissions",
    ),
    "look for the ledger": Call(
        (f"GET /{LEDGER_INDEX}/_field_caps",),
        "indices:data/read/field_caps",
        _READ,
        "see whether there is a ledger",
        _SERVER + "TransportFieldCapabilitiesAction",
    ),
    "create the ledger": Call(
        (f"PUT /{LEDGER_INDEX}",),
        "indices:admin/create",
        Privilege("create_index", LEDGER_INDEX),
        "create the ledger",
        _SERVER + "TransportCreateIndexAction",
    ),
    "mend the ledger": Call(
        (f"PUT /{LEDGER_INDEX}/_mapping",),
        "indices:admin/mapping/put",
        Privilege("manage", LEDGER_INDEX),
        "put back mappings of the ledger",
        _SERVER + "TransportPutMappingAction; x-pack-core 9.1.0, IndexPrivilege",
    ),
    "read the ledger": Call(
        (f"GET /{LEDGER_INDEX}/_search",),
        "indices:data/read/search",
        _READ,
        "read the ledger",
        _SERVER + "TransportSearchAction",
    ),
    "read a record": Call(
        (f"GET /{LEDGER_INDEX}/_doc/ID",),
        "indices:data/read/get",
        _READ,
        "read a record of the ledger",
        _SERVER + "TransportGetAction",
    ),
    "take the lock": Call(
        (f"PUT /{LEDGER_INDEX}/_create/ID", f"PUT /{LEDGER_INDEX}/_doc/ID"),
        "indices:data/write/index",
        _CREATE,
        "take and renew the lock",
        _SERVER + "TransportIndexAction; x-pack-core 9.1.0, IndexPrivilege",
    ),
    "write records": Call(
        (f"POST /{LEDGER_INDEX}/_bulk",),
        "indices:data/write/bulk, for each line indices:data/write/index",
        _CREATE,
        "write the ledger",
        _SERVER + "TransportBulkAction; x-pack-core 9.1.0, IndexPrivilege",
    ),
    "refresh": Call(
        (f"POST /{LEDGER_INDEX}/_bulk?refresh=true",),
        "indices:admin/refresh/unpromotable",
        Privilege("maintenance", LEDGER_INDEX),
        "make what was written to the ledger visible",
        "elastic/kibana#266752; server 9.1.0, PostWriteRefresh: only where searches have shards of their own",
        serverless=True,
    ),
    "remove records": Call(
        (f"DELETE /{LEDGER_INDEX}/_doc/ID",),
        "indices:data/write/delete",
        _DELETE,
        "release the lock and remove records of the ledger",
        _SERVER + "TransportDeleteAction",
    ),
}

COVERS = {"monitor": ("monitor_inference", "monitor_ml"), "manage_inference": ("monitor_inference",)}
"""Cluster privileges that hold others: who has the one needs none of the others.

Source: docs/reference/server/requests.md#privileges.
"""


def privilege_of(call: str) -> str:
    """The name of the smallest privilege for `CALLS[call]`, without the indexes that it is needed on."""
    privilege = CALLS[call].privilege
    return "" if privilege is None else privilege.name


def call_of(method: str, path: str, *, dry_run: bool = False) -> Call | None:
    """What kind of request this is; `path` as it is sent. None for one that inferctl itself never makes."""
    asked = [method, *path.split("/")]
    for call in CALLS.values():
        for request in call.requests:
            plain, _, query = request.partition("?")
            if query == ("dry_run=true" if dry_run else "") and _fits(plain, asked):
                return call
    return None


def _fits(request: str, asked: list[str]) -> bool:
    verb, path = request.split(" ")
    words = [verb, *path.split("/")]
    return len(words) == len(asked) and all(
        word == given or (bool(given) and place > 0 and word.isalpha() and word.isupper())
        for place, (word, given) in enumerate(zip(words, asked, strict=True))
    )
