"""Which named privileges grant which action: least first, as the server's 403 lists them (errors.md#security).

Read from the server's own classes (`ClusterPrivilegeResolver`, `IndexPrivilege` of x-pack-core), which answer the same
on 8.17.0, 8.18.0, 8.19.0, 9.0.0, 9.1.0 and 9.5.2. Privileges on the failure store of data streams are left out.
"""

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
    "cluster:admin/xpack/inference/update": "manage_inference manage all",
    "cluster:admin/xpack/ml/trained_models/deployment/start": "manage_inference manage_ml manage all",
    "cluster:admin/xpack/ml/trained_models/deployment/stop": "manage_inference manage_ml manage all",
    "cluster:admin/xpack/ml/trained_models/deployment/update": "manage_ml manage all",
    "cluster:monitor/main": "monitor manage all",
    "cluster:monitor/settings": "monitor manage all",
    "cluster:monitor/state": "cross_cluster_replication read_ccr transport_client manage_ccr monitor manage all",
    "cluster:monitor/xpack/inference": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/inference/get": "monitor_inference manage_inference monitor manage all",
    "cluster:monitor/xpack/inference/post": "monitor_inference manage_inference monitor manage all",
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


def is_index_action(action: str) -> bool:
    """Whether an index privilege grants it; templates belong to the cluster, whatever their actions are called."""
    return action.startswith("indices:") and not action.startswith("indices:admin/index_template/")
