"""Documents with sequence numbers, bulk and a small search: what a ledger with fencing needs."""

from typing import Any

from .document_bodies import bulk_action, bulk_source, check_search, whole
from .documents import Index, found, index_missing, receipt, write
from .errors import ApiError, illegal_argument, request_validation
from .index_routes import create, resolve
from .references import model_settings, unfixed_fields
from .route import Answer, Call, Route
from .search import Hit, search
from .security import authorize_creation, authorize_item, authorize_refresh

JsonObject = dict[str, Any]

_COUNTED = 10_000  # hits that a search counts unless it is told to count all
_WRITE = (
    "refresh",
    "if_seq_no",
    "if_primary_term",
    "op_type",
    "routing",
    "timeout",
    "wait_for_active_shards",
    "require_alias",
    "pipeline",
)


_INDEX, _DELETE = "indices:data/write/index", "indices:data/write/delete"
_ITEM = {
    "index": f"{_INDEX}:op_type/index",
    "create": f"{_INDEX}:op_type/create",
    "update": "indices:data/write/update",
    "delete": _DELETE,
}


def _writable(call: Call, name: str, verb: str) -> Index:
    """The index, made on the first write. Raises 403 where the caller may not, or writes are blocked."""
    if name not in call.cluster.indices:
        authorize_creation(call.user, name)
    authorize_item(call.user, _ITEM[verb], name)
    index = call.cluster.indices.get(name) or create(call.cluster, name, {})
    for block, status, text in (
        ("index.blocks.read_only", 403, "FORBIDDEN/5/index read-only (api)"),
        ("index.blocks.write", 403, "FORBIDDEN/8/index write (api)"),
    ):
        if str(index.settings.get(block, "")).lower() == "true":
            raise ApiError(status, "cluster_block_exception", f"index [{name}] blocked by: [{text}];")
    return index


def _fence(params: dict[str, str]) -> tuple[int | None, int | None]:
    seq_no, term = params.get("if_seq_no"), params.get("if_primary_term")
    if seq_no is None and term is not None:
        raise request_validation([f"ifSeqNo is unassigned, but primary term is [{term}]"])
    if term is None and seq_no is not None:
        raise request_validation(["ifSeqNo is set, but primary term is [0]"])
    if seq_no is None or term is None:
        return None, None
    return whole("if_seq_no", seq_no), whole("if_primary_term", term)


def _refreshed(call: Call, index: str) -> bool:
    """Whether the write was refreshed. Serverless alone asks for a privilege (elastic/kibana#266752)."""
    if call.params.get("refresh") not in {"", "true"}:
        return False
    if call.cluster.profile.serverless:
        authorize_refresh(call.user, index)
    return True


def _stored(call: Call, doc_id: str, *, only_create: bool) -> Answer:
    index = _writable(call, call.variables["index"], "create" if only_create else "index")
    seq_no, term = _fence(call.params)
    source = call.json()
    result, document = write(index, doc_id, source, create=only_create, if_seq_no=seq_no, if_primary_term=term)
    _fix_models(call, index, source)
    call.cluster.changes += 1
    answer = receipt(index, doc_id, result, document, refreshed=_refreshed(call, index.name))
    return Answer(answer, status=201 if result == "created" else 200)


def _put(call: Call) -> Answer:
    return _stored(call, call.variables["id"], only_create=call.params.get("op_type") == "create")


def _create(call: Call) -> Answer:
    return _stored(call, call.variables["id"], only_create=True)


def _post(call: Call) -> Answer:
    return _stored(call, call.cluster.ids()[:20], only_create=True)


def _index(call: Call) -> Index:
    name = call.variables["index"]
    held = call.cluster.indices.get(name)
    if held is None:
        raise index_missing(name)
    return held


def _get(call: Call) -> Answer:
    answer = found(_index(call), call.variables["id"])
    return Answer(answer, status=200 if answer["found"] else 404)


def _head(call: Call) -> Answer:
    held = call.cluster.indices.get(call.variables["index"])
    return Answer(None, status=200 if held and call.variables["id"] in held.documents else 404)


def _delete(call: Call) -> Answer:
    authorize_item(call.user, _DELETE, call.variables["index"])
    index = _index(call)
    seq_no, term = _fence(call.params)
    result, document = write(index, call.variables["id"], None, if_seq_no=seq_no, if_primary_term=term)
    call.cluster.changes += 1
    answer = receipt(index, call.variables["id"], result, document, refreshed=_refreshed(call, index.name))
    return Answer(answer, status=404 if result == "not_found" else 200)


def _refresh(call: Call) -> Answer:
    count = len(resolve(call, call.variables.get("index", "*")))
    return Answer({"_shards": {"total": 2 * count, "successful": count, "failed": 0}})


def _search(call: Call) -> Answer:
    """Every write is visible to a search at once, which a real index shows only after a refresh."""
    body = call.json()
    check_search({"size": call.whole("size") or 0, "from": call.whole("from") or 0, **body})
    indices = resolve(call, call.variables.get("index", "*"))
    size = body.get("size", call.whole("size"))
    total, hits = search(indices, body, 10 if size is None else int(size))
    counted = total if body.get("track_total_hits") is True else min(total, _COUNTED)
    return Answer(
        {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": len(indices), "successful": len(indices), "skipped": 0, "failed": 0},
            "hits": {
                "total": {"value": counted, "relation": "eq" if counted == total else "gte"},
                "max_score": None if body.get("sort") or not total else 1.0,
                "hits": [_hit(hit, body) for hit in hits],
            },
        }
    )


def _hit(hit: Hit, body: JsonObject) -> JsonObject:
    result: JsonObject = {"_index": hit.index.name, "_id": hit.doc_id}
    if body.get("seq_no_primary_term"):
        result |= {"_seq_no": hit.document.seq_no, "_primary_term": 1}
    result["_score"] = None if body.get("sort") else 1.0
    fields = body.get("_source", True)
    if fields is not False:
        kept = None if fields is True else [fields] if isinstance(fields, str) else fields
        source = hit.document.source
        result["_source"] = source if kept is None else {name: source[name] for name in kept if name in source}
    if body.get("sort"):
        result["sort"] = list(hit.sort)
    return result


def _bulk(call: Call) -> Answer:
    lines = [line for line in call.body.split(b"\n") if line.strip()]
    if not call.body.endswith(b"\n"):
        raise illegal_argument("The bulk request must be terminated by a newline [\\n]")
    items: list[tuple[str, JsonObject, JsonObject | ApiError | None]] = []
    ends = call.cluster.profile.end_of_file_type
    position = 0
    while position < len(lines):
        verb, meta = bulk_action(lines[position], position + 1, end_of_file_type=ends)
        position += 1
        source = None
        if verb != "delete":
            if position == len(lines):
                break
            source = bulk_source(lines[position], verb, end_of_file_type=ends)
            position += 1
        items.append((verb, meta, source))
    if not items:
        raise request_validation(["no requests added"])
    rows = [{verb: _bulk_item(call, verb, meta, source)} for verb, meta, source in items]
    call.cluster.changes += 1
    failed = any("error" in next(iter(row.values())) for row in rows)
    return Answer({"errors": failed, "took": 1, "items": rows})


def _bulk_item(call: Call, verb: str, meta: JsonObject, source: JsonObject | ApiError | None) -> JsonObject:
    name = str(meta.get("_index") or call.variables.get("index") or "")
    doc_id = str(meta.get("_id") or call.cluster.ids()[:20])
    try:
        index = _writable(call, name, verb)
        if isinstance(source, ApiError):
            raise source
        if verb == "update":
            source = _updated(index, doc_id, source or {})
        result, document = write(
            index,
            doc_id,
            None if verb == "delete" else source,
            create=verb == "create",
            if_seq_no=meta.get("if_seq_no"),
            if_primary_term=meta.get("if_primary_term"),
        )
        if source is not None:
            _fix_models(call, index, source)
        refreshed = _refreshed(call, name)
    except ApiError as error:
        return {
            "_index": name,
            "_id": doc_id,
            "status": error.status,
            "error": {"type": error.kind, "reason": error.reason, **error.extra},
        }
    status = {"created": 201, "not_found": 404}.get(result, 200)
    return {**receipt(index, doc_id, result, document, refreshed=refreshed), "status": status}


def _updated(index: Index, doc_id: str, change: JsonObject) -> JsonObject:
    current = index.documents.get(doc_id)
    if current is None and change.get("doc_as_upsert"):
        return dict(change["doc"])
    if current is None and "upsert" in change:
        return dict(change["upsert"])
    if current is None:
        raise ApiError(404, "document_missing_exception", f"[{doc_id}]: document missing")
    return {**current.source, **change.get("doc", {})}


def _fix_models(call: Call, index: Index, source: JsonObject) -> None:
    """The first document of a semantic_text field fixes the settings of its model (create.md#steps 11)."""
    for body in unfixed_fields(index.mappings, source):
        endpoint = call.cluster.endpoint(str(body.get("inference_id")))
        if endpoint is not None:
            body["model_settings"] = model_settings(endpoint.service, endpoint.task_type, endpoint.service_settings)


_GET, _SEARCHES = "indices:data/read/get", "indices:data/read/search"


def _on_documents(method: str, path: str, run: Any, action: str, params: tuple[str, ...], *, body: bool) -> Route:
    return Route(method, path, run, params=params, body=body, action=action)


_READ = ("preference", "realtime", "refresh", "routing", "stored_fields", "_source", "_source_includes", "version")
_SEARCH = ("ignore_unavailable", "allow_no_indices", "expand_wildcards", "size", "from", "q", "sort", "preference")

ROUTES = [
    _on_documents("PUT", "/{index}/_doc/{id}", _put, _INDEX, _WRITE, body=True),
    _on_documents("POST", "/{index}/_doc/{id}", _put, _INDEX, _WRITE, body=True),
    _on_documents("POST", "/{index}/_doc", _post, _INDEX, _WRITE, body=True),
    _on_documents("PUT", "/{index}/_create/{id}", _create, _INDEX, _WRITE, body=True),
    _on_documents("POST", "/{index}/_create/{id}", _create, _INDEX, _WRITE, body=True),
    _on_documents("GET", "/{index}/_doc/{id}", _get, _GET, _READ, body=False),
    _on_documents("HEAD", "/{index}/_doc/{id}", _head, _GET, _READ, body=False),
    _on_documents("DELETE", "/{index}/_doc/{id}", _delete, _DELETE, _WRITE, body=False),
    *(
        _on_documents(method, path, _bulk, "indices:data/write/bulk", (*_WRITE, "list_executed_pipelines"), body=True)
        for method in ("POST", "PUT")
        for path in ("/_bulk", "/{index}/_bulk")
    ),
    *(
        _on_documents(method, path, _search, _SEARCHES, _SEARCH, body=True)
        for method in ("GET", "POST")
        for path in ("/_search", "/{index}/_search")
    ),
    *(
        _on_documents(method, path, _refresh, "indices:admin/refresh", _SEARCH, body=False)
        for method in ("GET", "POST")
        for path in ("/_refresh", "/{index}/_refresh")
    ),
]
