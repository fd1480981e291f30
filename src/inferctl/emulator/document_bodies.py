"""What a search, a bulk or a mapping may look like: the refusals of bodies that no handler can use.

Source: malformed.md#documents-searches-mappings.
"""

import re
from typing import Any

from .errors import ApiError, Cause, illegal_argument, request_validation
from .json_text import parse_value
from .object_parser import token

JsonObject = dict[str, Any]

_ACTIONS = ("create", "delete", "index", "update")
_FIELD_QUERIES = ("term", "terms", "prefix", "match", "range")
_MAPS = ("doc", "upsert")


def _parsing(text: str) -> ApiError:
    return ApiError(400, "parsing_exception", text)


def check_search(body: JsonObject) -> None:
    """The parts of a search that this emulator reads."""
    for name in ("size", "from"):
        _check_number(name, body.get(name, 0))
    _check_window(body)
    after, sort, source = body.get("search_after"), body.get("sort"), body.get("_source", True)
    if after is not None and not isinstance(after, list):
        raise _parsing(f"Unknown key for a {token(after)} in [search_after].")
    if isinstance(sort, int | float):
        raise ApiError(400, "search_phase_execution_exception", "all shards failed")
    if any(not isinstance(clause, str | dict) or not clause for clause in (sort if isinstance(sort, list) else ())):
        raise illegal_argument(
            "malformed sort format, within the sort array, an object, or an actual string are allowed"
        )
    if source is None or (isinstance(source, int | float) and not isinstance(source, bool)):
        kinds = "VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT"
        raise _parsing(f"Expected one of [{kinds}] but found [{token(source)}]")
    if "query" in body:
        _check_query(body["query"])


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _parsing(f"Unknown key for a {token(value)} in [{name}].")
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value, re.ASCII):
        raise ApiError(400, "number_format_exception", f'For input string: "{value}"')


def _check_window(body: JsonObject) -> None:
    size, start = int(body.get("size", 0)), int(body.get("from", 0))
    if size < 0:
        raise illegal_argument(f"[size] parameter cannot be negative, found [{size}]")
    if start < 0:
        raise illegal_argument(f"[from] parameter cannot be negative but was [{start}]")


def _check_query(query: Any) -> None:
    if not isinstance(query, dict):
        raise _parsing(f"Unknown key for a {token(query)} in [query].")
    if not query:
        raise illegal_argument("query malformed, empty clause found at [1:1]")
    kind, body = next(iter(query.items()))
    if not isinstance(body, dict):
        raise _parsing(f"[{kind}] query malformed, no start_object after query name")
    if len(query) > 1:
        raise _parsing(f"[{kind}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]")
    if kind == "bool":
        _check_bool(body)
    elif kind in _FIELD_QUERIES:
        _check_field(kind, body)
    elif kind == "ids" and not isinstance(body.get("values", []), list | str):
        raise _parsing(f"[ids] values doesn't support values of type: {token(body['values'])}")
    elif kind == "exists" and not isinstance(body.get("field"), str):
        raise _parsing("[exists] must be provided with a [field]")


def _check_bool(body: JsonObject) -> None:
    for name, clauses in body.items():
        if name not in {"must", "filter", "must_not", "should"}:
            continue
        if not isinstance(clauses, dict | list):
            text = f"[bool] {name} doesn't support values of type: {token(clauses)}"
            raise ApiError(400, "x_content_parse_exception", text)
        for clause in clauses if isinstance(clauses, list) else [clauses]:
            _check_query(clause)


def _check_field(kind: str, body: JsonObject) -> None:
    if not body:
        raise illegal_argument("field name is null or empty")
    names = list(body)
    if len(names) > 1:
        raise _parsing(f"[{kind}] query doesn't support multiple fields, found [{names[0]}] and [{names[1]}]")
    wanted = body[names[0]]
    if (kind == "terms" and not isinstance(wanted, list)) or (kind == "range" and not isinstance(wanted, dict)):
        raise _parsing(f"[{kind}] query does not support [{names[0]}]")


def bulk_action(line: bytes, number: int, *, end_of_file_type: bool) -> tuple[str, JsonObject]:
    """Verb and metadata of an action line."""
    start, action = f"Malformed action/metadata line [{number}], ", parse_value(line, end_of_file_type=end_of_file_type)
    if not isinstance(action, dict):
        raise illegal_argument(f"{start}expected START_OBJECT but found [{token(action)}]")
    if not action:
        raise illegal_argument(f"{start}expected FIELD_NAME but found [END_OBJECT]")
    verb, meta = next(iter(action.items()))
    if verb not in _ACTIONS:
        wanted = "expected field [create], [delete], [index] or [update]"
        raise illegal_argument(f"{start}{wanted} but found [{verb}]")
    if not isinstance(meta, dict):
        raise illegal_argument(f"{start}expected START_OBJECT or END_OBJECT but found [{token(meta)}]")
    if len(action) > 1:
        raise illegal_argument(f"{start}expected END_OBJECT but found [FIELD_NAME]")
    for name, value in meta.items():
        if isinstance(value, dict | list):
            raise illegal_argument(f"{start}expected a simple value for field [{name}] but found [{token(value)}]")
    for name in ("if_seq_no", "if_primary_term"):
        if isinstance(meta.get(name), str):
            meta[name] = whole("", meta[name], text=f'For input string: "{meta[name]}"')
    return verb, meta


def bulk_source(line: bytes, verb: str, *, end_of_file_type: bool) -> JsonObject | ApiError:
    """The document of an action line. What is none fails its item, and for an update the whole request."""
    if not line.lstrip().startswith(b"{"):
        words = "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes"
        return ApiError(500, "not_x_content_exception", words)
    try:
        source = parse_value(line, end_of_file_type=end_of_file_type)
    except ApiError as error:
        return error
    if verb == "update":
        for name in _MAPS:
            if name in source and not isinstance(source[name], dict):
                text = f"[1:1] [UpdateRequest] {name} doesn't support values of type: {token(source[name])}"
                raise ApiError(400, "x_content_parse_exception", text)
        if "doc" not in source and "script" not in source:
            raise request_validation(["script or doc is missing"])
    return dict(source)


def whole(name: str, value: str, *, text: str = "") -> int:
    """A number that has 64 bits."""
    if re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        return int(value)
    cause = Cause("number_format_exception", f'For input string: "{value}"', elastic=False)
    reason = text or f"Failed to parse long parameter [{name}] with value [{value}]"
    raise ApiError(400, "illegal_argument_exception", reason, cause=cause)


def check_parts(body: JsonObject) -> None:
    """Settings, mappings and aliases of a new index."""
    for name in ("settings", "mappings", "aliases"):
        if name in body and not isinstance(body[name], dict):
            raise ApiError(400, "parse_exception", f"key [{name}] must be an object")
    check_mappings(body.get("mappings", {}))


def check_mappings(mappings: Any) -> None:
    """Properties all the way down."""
    if not isinstance(mappings, dict):
        raise _bad_mapping("mappings must be a map type")
    _check_properties(mappings)


def _check_properties(holder: JsonObject) -> None:
    properties = holder.get("properties", {})
    if not isinstance(properties, dict):
        raise _bad_mapping("properties must be a map type")
    for name, field in properties.items():
        if not isinstance(field, dict):
            raise _bad_mapping(f"Expected map for property [fields] on field [{name}] but got a class java.lang.String")
        if not isinstance(field.get("type", "object"), str):
            raise _bad_mapping(f"The mapper type [{field['type']}] declared on field [{name}] does not exist.")
        if not isinstance(field.get("fields", {}), dict):
            raise _bad_mapping(f"Expected map for property [fields] on field [{name}]")
        _check_properties(field)


def _bad_mapping(text: str) -> ApiError:
    cause = Cause("mapper_parsing_exception", text)
    return ApiError(400, "mapper_parsing_exception", f"Failed to parse mapping: {text}", cause=cause)


def check_template(parser: str, body: JsonObject) -> None:
    """An index template or a component template."""

    def refuse(name: str, value: Any) -> ApiError:
        text = f"[1:1] [{parser}] {name} doesn't support values of type: {token(value)}"
        return ApiError(400, "x_content_parse_exception", text)

    for name in ("index_patterns", "composed_of"):
        value = body.get(name, [])
        if not isinstance(value, list | str):
            raise refuse(name, value)
    template = body.get("template", {})
    if not isinstance(template, dict):
        raise refuse("template", template)
    for name in ("settings", "mappings", "aliases"):
        if not isinstance(template.get(name, {}), dict):
            raise refuse("template", template[name])
    priority = body.get("priority", 0)
    if not isinstance(priority, int | str) or not re.fullmatch(r"\d{1,18}", str(priority), re.ASCII):
        text = f"[1:1] [{parser}] failed to parse field [priority]"
        raise ApiError(400, "x_content_parse_exception", text)
    check_mappings(template.get("mappings", {}))
