"""Indexes, mappings and settings: as far as references and a ledger need them (delete.md#who-uses-it)."""

import copy
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from .cluster import Cluster
from .cluster_routes import flatten, nest
from .document_bodies import check_mappings, check_parts
from .documents import Index, index_missing
from .errors import ApiError, illegal_argument
from .references import DEFAULT_ENDPOINT, name_defaults
from .route import Answer, Call, Route

JsonObject = dict[str, Any]

_BAD_NAME = re.compile(r'[A-Z\\/*?"<>| ,#:]')
_EXPAND = ("allow_no_indices", "expand_wildcards", "ignore_unavailable", "local", "master_timeout", "timeout")


def check_name(name: str) -> None:
    """The rules for index names."""
    reason = ""
    if name.startswith(("_", "-", "+")):
        reason = "must not start with '_', '-', or '+'"
    elif name != name.lower():
        reason = "must be lowercase"
    elif _BAD_NAME.search(name) or name in {".", ".."}:
        reason = "must not contain the following characters ['\\\\','/','*','?','\"','<','>','|',' ',',']"
    if reason:
        text = f"Invalid index name [{name}], {reason}"
        raise ApiError(400, "invalid_index_name_exception", text, extra={"index_uuid": "_na_", "index": name})


def is_hidden(index: Index) -> bool:
    """Whether wildcards pass it by: a leading dot or `index.hidden`."""
    return index.name.startswith(".") or str(index.settings.get("index.hidden", "")).lower() == "true"


def resolve(call: Call, expression: str) -> list[Index]:
    """The indexes an expression names and the caller may see, by name. 404 for a plain name that is not there."""
    cluster, params = call.cluster, call.params
    expand = params.get("expand_wildcards", "open").split(",")
    lenient = params.get("ignore_unavailable") in {"", "true"}
    found: dict[str, Index] = {}
    for part in expression.split(","):
        pattern = "*" if part in {"_all", ""} else part
        if "*" in pattern:
            hidden = "all" in expand or "hidden" in expand or pattern.startswith(".")
            found |= {
                name: index
                for name, index in cluster.indices.items()
                if fnmatchcase(name, pattern) and (hidden or not is_hidden(index))
            }
        elif pattern in cluster.indices:
            found[pattern] = cluster.indices[pattern]
        elif not lenient:
            raise index_missing(pattern)
    return [found[name] for name in sorted(found) if call.sees(name)]


def create(cluster: Cluster, name: str, body: JsonObject) -> Index:
    """Create an index from the matching template and the request."""
    check_name(name)
    if name in cluster.indices:
        index = cluster.indices[name]
        raise ApiError(
            400,
            "resource_already_exists_exception",
            f"index [{name}/{index.uuid}] already exists",
            extra={"index_uuid": index.uuid, "index": name},
        )
    unknown = sorted(set(body) - {"settings", "mappings", "aliases"})
    if unknown:
        raise ApiError(400, "parse_exception", f"unknown key [{unknown[0]}] for create index")
    check_parts(body)
    index = Index(name, uuid=cluster.ids()[:22])
    for layer in (*_templates_for(cluster, name), body):
        _merge(index.mappings, copy.deepcopy(layer.get("mappings") or {}))
        index.settings |= index_settings(layer.get("settings") or {})
        index.aliases |= copy.deepcopy(layer.get("aliases") or {})
    name_defaults(index.mappings, DEFAULT_ENDPOINT)
    cluster.indices[name] = index
    cluster.changes += 1
    return index


def _templates_for(cluster: Cluster, name: str) -> Iterator[JsonObject]:
    matching = [
        body
        for body in cluster.index_templates.values()
        if any(fnmatchcase(name, pattern) for pattern in body.get("index_patterns", []))
    ]
    if not matching:
        return
    best = max(matching, key=lambda body: int(body.get("priority") or 0))
    for component in best.get("composed_of", []):
        yield cluster.component_templates.get(component, {}).get("template") or {}
    yield best.get("template") or {}


def _merge(target: JsonObject, more: JsonObject) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = value


def index_settings(given: JsonObject) -> JsonObject:
    """Flat, each name with its `index.`, which a request may leave out."""
    return {name if name.startswith("index.") else f"index.{name}": value for name, value in flatten(given).items()}


def _put_index(call: Call) -> Answer:
    name = call.variables["index"]
    create(call.cluster, name, call.json())
    return Answer({"acknowledged": True, "shards_acknowledged": True, "index": name})


def _shown_settings(index: Index) -> JsonObject:
    base = {"index.uuid": index.uuid, "index.number_of_shards": "1", "index.number_of_replicas": "1"}
    return nest({**base, "index.provided_name": index.name, **index.settings})


def _get_index(call: Call) -> Answer:
    return Answer(
        {
            index.name: {
                "aliases": index.aliases,
                "mappings": index.mappings,
                "settings": _shown_settings(index),
            }
            for index in resolve(call, call.variables["index"])
        }
    )


def _head_index(call: Call) -> Answer:
    try:
        resolve(call, call.variables["index"])
    except ApiError:
        return Answer(None, status=404)
    return Answer(None)


def _delete_index(call: Call) -> Answer:
    expression = call.variables["index"]
    if "*" in expression or expression == "_all":
        raise illegal_argument("Wildcard expressions or all indices are not allowed")
    for index in resolve(call, expression):
        del call.cluster.indices[index.name]
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


def _get_mapping(call: Call) -> Answer:
    found = resolve(call, call.variables.get("index", "*"))
    return Answer({index.name: {"mappings": index.mappings} for index in found})


def _put_mapping(call: Call) -> Answer:
    body = call.json()
    check_mappings(body)
    found = resolve(call, call.variables["index"])
    for index in found:
        _merge(index.mappings, copy.deepcopy(body))
        name_defaults(index.mappings, DEFAULT_ENDPOINT)
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


def _get_settings(call: Call) -> Answer:
    found = resolve(call, call.variables.get("index", "*"))
    name = call.variables.get("name", "*")
    result: JsonObject = {}
    for index in found:
        shown = flatten(_shown_settings(index))
        kept = {key: value for key, value in shown.items() if any(fnmatchcase(key, p) for p in name.split(","))}
        if kept:
            result[index.name] = {"settings": kept if call.flag("flat_settings") else nest(kept)}
    return Answer(result)


def _put_settings(call: Call) -> Answer:
    body = call.json()
    for index in resolve(call, call.variables["index"]):
        index.settings |= index_settings(body)
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


def _fields_of(properties: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(properties, dict):
        return
    for name, body in properties.items():
        if isinstance(body, dict):
            yield prefix + name, str(body.get("type", "object"))
            yield from _fields_of(body.get("properties"), f"{prefix}{name}.")
            yield from _fields_of(body.get("fields"), f"{prefix}{name}.")


def _field_caps(call: Call) -> Answer:
    """Fields by name and type. `indices` stands in an entry only where indexes disagree about the type.

    The server shows fields by the family of their type, and filters by it too. From 8.18 on semantic_text
    belongs to the family `text` (elastic/elasticsearch#119792), so `types=semantic_text` finds nothing there.
    """
    profile = call.cluster.profile
    found = resolve(call, call.variables.get("index", "*"))
    patterns = call.params.get("fields", "").split(",")
    if patterns == [""]:
        raise ApiError(400, "action_request_validation_exception", "Validation Failed: 1: no fields specified;")
    call.flag("include_empty_fields", default=True)  # empty ones are always there
    types = [word for word in call.params.get("types", "").split(",") if word]
    table: dict[str, dict[str, list[str]]] = {}
    for index in found:
        for name, real in _fields_of(index.mappings.get("properties")):
            kind = "text" if real == "semantic_text" and profile.semantic_text_is_text else real
            if any(fnmatchcase(name, p) for p in patterns) and (not types or kind in types):
                table.setdefault(name, {}).setdefault(kind, []).append(index.name)
    fields = {
        name: {
            kind: {
                "type": kind,
                "metadata_field": False,
                "searchable": kind != "object",
                "aggregatable": kind not in {"text", "semantic_text", "object"},
                **({"indices": names} if len(kinds) > 1 else {}),
            }
            for kind, names in kinds.items()
        }
        for name, kinds in sorted(table.items())
    }
    return Answer({"indices": [index.name for index in found], "fields": fields})


def _look(method: str, path: str, run: Any, action: str, *params: str, body: bool = False) -> Route:
    return Route(
        method,
        path,
        run,
        params=(*_EXPAND, *params),
        body=body,
        action=f"indices:{action}",
    )


ROUTES = [
    Route(
        "PUT",
        "/{index}",
        _put_index,
        body=True,
        params=("master_timeout", "timeout", "wait_for_active_shards"),
        action="indices:admin/create",
    ),
    _look("GET", "/{index}", _get_index, "admin/get", "features", "flat_settings", "include_defaults"),
    _look("HEAD", "/{index}", _head_index, "admin/get", "flat_settings", "include_defaults"),
    Route(
        "DELETE",
        "/{index}",
        _delete_index,
        params=_EXPAND,
        action="indices:admin/delete",
    ),
    _look("GET", "/_mapping", _get_mapping, "admin/mappings/get"),
    _look("GET", "/{index}/_mapping", _get_mapping, "admin/mappings/get"),
    Route(
        "PUT",
        "/{index}/_mapping",
        _put_mapping,
        body=True,
        params=(*_EXPAND, "write_index_only"),
        action="indices:admin/mapping/put",
    ),
    _look("GET", "/_settings", _get_settings, "monitor/settings/get", "flat_settings", "include_defaults"),
    _look("GET", "/{index}/_settings", _get_settings, "monitor/settings/get", "flat_settings", "include_defaults"),
    _look(
        "GET", "/{index}/_settings/{name}", _get_settings, "monitor/settings/get", "flat_settings", "include_defaults"
    ),
    Route(
        "PUT",
        "/{index}/_settings",
        _put_settings,
        body=True,
        params=(*_EXPAND, "flat_settings", "preserve_existing"),
        action="indices:admin/settings/update",
    ),
    *(
        _look(
            method,
            path,
            _field_caps,
            "data/read/field_caps",
            "fields",
            "types",
            "filters",
            "include_unmapped",
            "include_empty_fields",
            body=True,
        )
        for method in ("GET", "POST")
        for path in ("/_field_caps", "/{index}/_field_caps")
    ),
]
