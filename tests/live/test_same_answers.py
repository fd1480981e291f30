"""The same requests to the real node and to the emulator's profile of its version: the same answers.

Compared are status, media type, product header and body. What the node doubles (services, storage, merging of
updates) is not asked here; what is asked is the real code of Elasticsearch (realnode/README.md).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster

from .conftest import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

JSON = {"Content-Type": "application/json"}
NINE = "application/vnd.elasticsearch+json;compatible-with=9"
EIGHT = "application/vnd.elasticsearch+json; compatible-with=8"
Sent: TypeAlias = "tuple[str, str] | tuple[str, str, object] | tuple[str, str, object, Mapping[str, str]]"

# With everything that a server fills in: the node's services are doubles and fill in nothing.
ENDPOINT = {
    "service": "openai",
    "service_settings": {"model_id": "m", "api_key": "k", "rate_limit": {"requests_per_minute": 500}},
}
RERANK = {
    "service": "cohere",
    "service_settings": {"model_id": "m", "api_key": "k", "rate_limit": {"requests_per_minute": 10_000}},
}
MADE: list[Sent] = [("PUT", "/_inference/completion/{p}-e", ENDPOINT)]
E1 = "/_inference/completion/{p}-e"
DRY = ("DELETE", "/_inference/{p}-e?dry_run=true")


def _uses(**by: object) -> dict[str, object]:
    return {"inference": {"model_id": "{p}-e", **by}}


def _set(*then: object) -> dict[str, object]:
    return {"set": {"field": "a", "value": 1, **({"on_failure": list(then)} if then else {})}}


def _loop(processor: object, **by: object) -> dict[str, object]:
    return {"foreach": {"field": "a", "processor": processor, **by}}


def _nested(depth: int) -> dict[str, object]:
    return _loop(_nested(depth - 1)) if depth else _uses()


def _pipeline(name: str, *processors: object, **by: object) -> Sent:
    return ("PUT", f"/_ingest/pipeline/{{p}}-{name}", {"processors": list(processors), **by})


def _index(name: str, **properties: object) -> Sent:
    return ("PUT", f"/{{p}}-{name}", {"mappings": {"properties": properties}})


def _semantic(inference_id: str = "{p}-e", **more: str) -> dict[str, object]:
    return {"type": "semantic_text", "inference_id": inference_id, **more}


REFERENCES: dict[str, list[Sent]] = {
    "none": [DRY],
    "a pipeline": [_pipeline("a", _uses()), DRY],
    "two pipelines and an index": [
        _pipeline("a", _uses()), _pipeline("b", _set(), _uses()), _index("i", t=_semantic()), DRY,
    ],
    "an index": [_index("i", t=_semantic()), DRY],
    "two indexes": [_index("i", t=_semantic()), _index("j", t=_semantic()), DRY],
    "another id": [_pipeline("a", {"inference": {"model_id": "{p}-e2"}}), DRY],
    "foreach": [_pipeline("a", _loop(_uses())), DRY],
    "foreach in foreach": [_pipeline("a", _loop(_loop(_uses()))), DRY],
    "on_failure of a step": [_pipeline("a", _set(_uses())), DRY],
    "on_failure in on_failure": [_pipeline("a", _set(_set(_uses()))), DRY],
    "on_failure of the pipeline": [_pipeline("a", _set(), on_failure=[_uses()]), DRY],
    "on_failure of an inference step": [
        _pipeline("a", {"inference": {"model_id": "other", "on_failure": [_uses()]}}), DRY,
    ],
    "on_failure of a foreach": [_pipeline("a", _loop(_set(), on_failure=[_uses()])), DRY],
    "on_failure inside a foreach": [_pipeline("a", _loop(_set(_uses()))), DRY],
    "foreach in on_failure": [_pipeline("a", _set(_loop(_uses()))), DRY],
    **{f"{depth} levels": [_pipeline("a", _nested(depth)), DRY] for depth in (8, 9, 10, 11, 12)},
    "search_inference_id": [_index("i", t=_semantic("other", search_inference_id="{p}-e")), DRY],
    "a field in an object": [_index("i", o={"properties": {"t": _semantic()}}), DRY],
    "a multi-field": [_index("i", t={"type": "text", "fields": {"s": _semantic()}}), DRY],
    "a mapping put later": [
        _index("i"), ("PUT", "/{p}-i/_mapping", {"properties": {"t": _semantic()}}), DRY,
    ],
    "a hidden index": [
        ("PUT", "/{p}-i", {"settings": {"hidden": True}, "mappings": {"properties": {"t": _semantic()}}}), DRY,
    ],
    "an index template": [
        ("PUT", "/_index_template/{p}-t", {
            "index_patterns": ["{p}-x*"], "template": {"mappings": {"properties": {"t": _semantic()}}},
        }),
        DRY,
        ("PUT", "/{p}-x1", {}),
        DRY,
        ("DELETE", "/_index_template/{p}-t"),
    ],
    "refused, then forced": [
        _pipeline("a", _uses()),
        _index("i", t=_semantic()),
        ("DELETE", E1),
        ("GET", E1),
        ("DELETE", E1 + "?force=true"),
        ("DELETE", E1 + "?force=true"),
    ],
    "refused by a pipeline": [_pipeline("a", _uses()), ("DELETE", E1)],
    "refused by an index": [_index("i", t=_semantic()), ("DELETE", "/_inference/{p}-e")],
    "gone with the user": [
        _pipeline("a", _uses()), ("DELETE", "/_ingest/pipeline/{p}-a"), ("DELETE", E1), ("DELETE", E1),
    ],
    "both flags": [_pipeline("a", _uses()), ("DELETE", E1 + "?dry_run=true&force=true"), ("GET", E1)],
    "empty flags": [_pipeline("a", _uses()), ("DELETE", E1 + "?dry_run"), ("DELETE", E1 + "?force=")],
    "a flag that is none": [("DELETE", E1 + "?dry_run=maybe"), ("DELETE", E1 + "?force=1")],
}  # fmt: skip

MEDIA: dict[str, list[Sent]] = {
    "both with version 9": [("PUT", E1, ENDPOINT, {"Content-Type": NINE, "Accept": NINE})],
    "both with version 8": [("PUT", E1, ENDPOINT, {"Content-Type": EIGHT, "Accept": EIGHT})],
    "9 and 8": [("PUT", E1, ENDPOINT, {"Content-Type": NINE, "Accept": EIGHT})],
    "only the content": [("PUT", E1, ENDPOINT, {"Content-Type": NINE})],
    "only accept": [("PUT", E1, ENDPOINT, {**JSON, "Accept": NINE})],
    "version 7": [("PUT", E1, ENDPOINT, {**JSON, "Accept": NINE.replace("9", "7")})],
    "version 10": [("PUT", E1, ENDPOINT, {**JSON, "Accept": NINE.replace("9", "10")})],
    "a read with version 9": [("GET", "/_inference/{p}-none", None, {"Accept": NINE})],
    "a read with version 7": [("GET", "/_inference/{p}-none", None, {"Accept": NINE.replace("9", "7")})],
    "a read with a content type": [("GET", "/_inference/{p}-none", None, {"Accept": NINE, "Content-Type": NINE})],
    "a read of anything": [("GET", "/_inference/{p}-none", None, {"Accept": "*/*"})],
    "a read of text": [("GET", "/_inference/{p}-none", None, {"Accept": "text/plain"})],
    "a read of nonsense": [("GET", "/_inference/{p}-none", None, {"Accept": "application/nonsense"})],
    "text": [("PUT", E1, ENDPOINT, {"Content-Type": "text/plain"})],
    "a form": [("PUT", E1, ENDPOINT, {"Content-Type": "application/x-www-form-urlencoded"})],
    "none": [("PUT", E1, ENDPOINT, {})],
    "with a charset": [("PUT", E1, ENDPOINT, {"Content-Type": "application/json; charset=UTF-8"})],
    "with another charset": [("PUT", E1, ENDPOINT, {"Content-Type": "application/json; charset=latin1"})],
    "in capitals": [("PUT", E1, ENDPOINT, {"Content-Type": "Application/JSON"})],
    "pretty": [("GET", "/_inference/{p}-none?pretty")],
    "filtered": [*MADE, ("GET", E1 + "?filter_path=endpoints.service,endpoints.task_type")],
    "filtered error": [("GET", "/_inference/{p}-none?filter_path=error.type,status")],
}

ROUTER: dict[str, list[Sent]] = {
    "wrong method": [("PATCH", E1, ENDPOINT)],
    "wrong method, list": [("POST", "/_inference", ENDPOINT)],
    "update is PUT": [("POST", E1 + "/_update", ENDPOINT)],
    "no such path": [("GET", "/_nothing/here")],
    "unknown parameter": [*MADE, ("GET", E1 + "?foo=1")],
    "unknown parameters": [*MADE, ("GET", E1 + "?foo=1&bar=2")],
    "near parameter": [("PUT", E1 + "?timeot=3s", ENDPOINT)],
    "near parameters": [*MADE, ("DELETE", E1 + "?dryrun=true&forced=true")],
    "master_timeout": [("PUT", E1 + "?master_timeout=3s", ENDPOINT)],
    "a time without a unit": [("PUT", E1 + "?timeout=3", ENDPOINT)],
    "a body on GET": [*MADE, ("GET", E1, {})],
    "a body on DELETE": [*MADE, ("DELETE", E1, {})],
    "unknown task type": [("GET", "/_inference/nope/{p}-e")],
    "unknown task type and parameter": [("GET", "/_inference/nope/{p}-e?foo=1")],
    "task type in capitals": [*MADE, ("GET", "/_inference/COMPLETION/{p}-e")],
    "task type with blanks": [*MADE, ("GET", "/_inference/%20Completion%20/{p}-e")],
    "any": [*MADE, ("GET", "/_inference/any/{p}-e")],
    "another task type": [*MADE, ("GET", "/_inference/rerank/{p}-e"), ("DELETE", "/_inference/rerank/{p}-e")],
    "unknown id, another task type": [("GET", "/_inference/rerank/{p}-none")],
    "no prefix search": [*MADE, ("GET", "/_inference/{p}*")],
    "empty list": [("GET", "/_inference/chat_completion/_all")],
    "twice": [*MADE, ("PUT", E1, ENDPOINT)],
    "deleted twice": [*MADE, ("DELETE", E1), ("DELETE", E1)],
    "a flag that is none": [*MADE, ("GET", E1 + "?pretty=maybe"), ("GET", "/_nothing/here?human=maybe")],
}

IDS = ["{p}-E", "-{p}", "{p}-", "_{p}", ".{p}", "{p}%20x", "{p}%2Fx", "{p}:1", "{p}%C3%A9", "{p}.1", "{p}_1", "_all"]
NAMES: dict[str, list[Sent]] = {
    **{f"put {name}": [("PUT", f"/_inference/completion/{name}", ENDPOINT)] for name in IDS},
    **{f"update {name}": [("PUT", f"/_inference/completion/{name}/_update", {"task_settings": {"user": "u"}})] for name in IDS},
    **{f"get {name}": [("GET", f"/_inference/completion/{name}")] for name in IDS if name != "_all"},
    "put without a task type": [("PUT", "/_inference/{p}-E", ENDPOINT)],
}  # fmt: skip

BYTES = [
    "", "{}", "{} /* c */", "{ // c\n}", "[]", "null", '"x"', "3", "/* c */ {}", '{"a":1', '{"a":1,"a":2}', '{"x":{"a":1,"a":2}}', '{"a":NaN}',
    '{"a":01}', '{"a":1,}', "{'a':1}", "{a:1}", "nope", '{"task_type":"completion"} trailing', "\ufeff{}", "  {}",
    '{"service":"nope"}', '{"a":"\t"}', '{"a":1e400}', '{"a":nope}', '{"a":"/* c */"}',
]  # fmt: skip
INFER_BYTES = [
    "", "{}", "[]", "null", '"x"', "3", "true", "/* c */ {}", '{"input":"a"', '{"input":"a","input":"b"}', "nope",
    '{"input":NaN}', '{"input":01}', '{"input":[],}', "{'input':1}", '{"input":[]} more',
]  # fmt: skip
UPDATES: list[object] = [
    {"service": "openai"}, {"service_settings": {"a": None}}, {"service_settings": {"a": {"b": None}}},
    {"task_settings": None}, {"service_settings": None}, {"service_settings": 3}, {"task_settings": []},
    {"task_type": 3}, {"task_type": None}, {"task_type": "nope"},
    {"service_settings": {}}, {"chunking_settings": {"strategy": "none"}},
    {"service": "openai", "task_settings": {"user": "u"}},
]  # fmt: skip
BODIES: dict[str, list[Sent]] = {
    **{f"put {text}": [("PUT", E1, text.encode())] for text in BYTES},
    **{f"update {text}": [("PUT", E1 + "/_update", text.encode())] for text in BYTES},
    **{f"infer {text}": [*MADE, ("POST", E1, text.encode())] for text in INFER_BYTES},
    **{f"update {json.dumps(body)}": [("PUT", E1 + "/_update", body)] for body in UPDATES},
    "update of an unknown id": [("PUT", E1 + "/_update", {"task_settings": {"user": "u"}})],
    "no service": [("PUT", E1, {"service_settings": {}})],
    "no task type": [("PUT", "/_inference/{p}-e", ENDPOINT)],
    "task type in the body": [("PUT", "/_inference/{p}-e", {**ENDPOINT, "task_type": "completion"})],
    "unknown task type in the body": [("PUT", "/_inference/{p}-e", {**ENDPOINT, "task_type": "nope"})],
}

QUESTIONS: list[object] = [
    {}, {"input": None}, {"input": 3}, {"input": []}, {"input": ["a", None]}, {"input": {"a": 1}}, {"foo": 1},
    {"input": "a", "foo": 1}, {"input": "a", "input_type": "nope"}, {"input": "a", "input_type": "internal_search"},
    {"input": "a", "input_type": None}, {"input": "a", "top_n": 3}, {"input": "a", "return_documents": True},
    {"input": "a", "return_documents": 1}, {"input": "a", "task_settings": "x"}, {"input": "a", "input_type": "search"},
    {"input": ["a", ["b"]]}, {"input": "a", "top_n": "x"}, {"input": "a", "query": 3}, {"input": "a", "timeout": 5}, {"input": "a", "timeout": "5"},
]  # fmt: skip
RERANKS: list[object] = [{"input": ["a"]}, {"input": ["a"], "query": ""}, {"input": [], "query": "q"}, {"query": "q"}]
INFERENCE: dict[str, list[Sent]] = {
    **{f"complete {json.dumps(body)}": [*MADE, ("POST", E1, body)] for body in QUESTIONS},
    **{
        f"rank {json.dumps(body)}": [
            ("PUT", "/_inference/rerank/{p}-r", RERANK), ("POST", "/_inference/rerank/{p}-r", body),
        ]
        for body in RERANKS
    },
    "unknown id": [("POST", "/_inference/completion/{p}-none", {"input": "a"})],
}  # fmt: skip

DOC = "/{p}-d/_doc/a"
STRICT: Sent = ("PUT", "/{p}-d", {"mappings": {"dynamic": "strict", "properties": {"n": {"type": "long"}}}})
BULK = b"""\
{"create":{"_id":"a"}}
{"n":1}
{"create":{"_id":"a"}}
{"n":1}
{"index":{"_id":"a","if_seq_no":7,"if_primary_term":1}}
{"n":2}
{"index":{"_id":"b"}}
{"m":2}
{"delete":{"_id":"c"}}
"""
DOCUMENTS: dict[str, list[Sent]] = {
    "read nothing": [("GET", DOC), STRICT, ("GET", DOC)],
    "delete nothing": [STRICT, ("DELETE", DOC)],
    "delete from nothing": [("DELETE", DOC)],
    "create": [STRICT, ("PUT", "/{p}-d/_create/a", {"n": 1}), ("PUT", "/{p}-d/_create/a", {"n": 2}), ("GET", DOC)],
    "op_type": [STRICT, ("PUT", DOC + "?op_type=create", {"n": 1}), ("PUT", DOC + "?op_type=create", {"n": 1})],
    "overwrite": [STRICT, ("PUT", DOC, {"n": 1}), ("PUT", DOC, {"n": 2}), ("DELETE", DOC), ("PUT", DOC, {"n": 3})],
    "fenced": [
        STRICT,
        ("PUT", DOC, {"n": 1}),
        ("PUT", DOC + "?if_seq_no=0&if_primary_term=1", {"n": 2}),
        ("PUT", DOC + "?if_seq_no=0&if_primary_term=1", {"n": 3}),
        ("DELETE", DOC + "?if_seq_no=0&if_primary_term=1"),
        ("DELETE", DOC + "?if_seq_no=1&if_primary_term=2"),
        ("DELETE", DOC + "?if_seq_no=1&if_primary_term=1"),
        ("PUT", DOC + "?if_seq_no=2&if_primary_term=1", {"n": 4}),
        ("GET", DOC),
    ],
    "fenced, never there": [STRICT, ("PUT", DOC + "?if_seq_no=0&if_primary_term=1", {"n": 2})],
    "half a fence": [STRICT, ("PUT", DOC + "?if_seq_no=0", {"n": 2}), ("PUT", DOC + "?if_primary_term=1", {"n": 2})],
    "an unknown field": [STRICT, ("PUT", DOC, {"m": 1})],
    "an index twice": [STRICT, STRICT],
    "a bad name": [("PUT", "/{p}-D", {})],
    "mappings": [STRICT, ("GET", "/{p}-d/_mapping"), ("GET", "/{p}-none/_mapping"), ("GET", "/{p}-none*/_mapping")],
    # A node that never had a pipeline acknowledges the removal of one.
    "no pipeline": [_pipeline("a", _uses()), ("GET", "/_ingest/pipeline/{p}-none"), ("DELETE", "/_ingest/pipeline/{p}-none")],
    "a pipeline": [_pipeline("a", _uses()), ("GET", "/_ingest/pipeline/{p}-a")],
    "an odd pipeline": [("PUT", "/_ingest/pipeline/{p}-a", {})],
    "templates": [
        ("PUT", "/_index_template/{p}-t", {"index_patterns": ["{p}-x*"]}),
        ("GET", "/_index_template/{p}-t"),
        ("DELETE", "/_index_template/{p}-t"),
        ("GET", "/_index_template/{p}-t"),
        ("DELETE", "/_index_template/{p}-t"),
        ("PUT", "/_component_template/{p}-c", {"template": {}}),
        ("GET", "/_component_template/{p}-c"),
        ("DELETE", "/_component_template/{p}-c"),
        ("GET", "/_component_template/{p}-c"),
    ],
    "bulk": [
        STRICT,
        ("POST", "/{p}-d/_bulk?refresh=true", BULK, {"Content-Type": "application/x-ndjson"}),
        ("POST", "/{p}-d/_search", {"seq_no_primary_term": True, "sort": [{"n": "asc"}]}),
        ("GET", "/{p}-d/_search", {"query": {"term": {"n": 1}}, "_source": False}),
    ],
}  # fmt: skip

SCENES = {
    f"{group}: {name}": scene
    for group, scenes in (
        ("references", REFERENCES),
        ("media types", MEDIA),
        ("router", ROUTER),
        ("ids", NAMES),
        ("bodies", BODIES),
        ("inference", INFERENCE),
        ("documents", DOCUMENTS),
    )
    for name, scene in scenes.items()
}


def _sent(step: Sent, prefix: str) -> tuple[str, str, Mapping[str, str], bytes | None]:
    """Method, target, headers and body, with the names of this run."""
    method, target, *rest = step
    body = rest[0] if rest else None
    octets = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers: Any = rest[1] if len(rest) > 1 else JSON if octets is not None else {}
    fill = prefix.encode()
    return method, target.replace("{p}", prefix), headers, octets and octets.replace(b"{p}", fill)


_POSITION = re.compile(r"^\[\d+:\d+\]|(?<= at )\d+:\d+(?= but )")
_QUOTED = re.compile(r"\(start marker at .*|\n at \[Source: .*", re.DOTALL)
_NAMES = re.compile(r"(?<=: \[)[^\[\]=]+(?=\]\. Ensure)|(?<= on headers \[)[^\[\]]+(?=\])")
_UUID = re.compile(r"(?<=/)[\w-]{20,22}(?=\] already exists)")


def _told(text: str) -> str:
    """A reason without what may differ: positions in the body, quoted bytes, the order of a set, index uuids."""
    text = _UUID.sub("uuid", _QUOTED.sub("", _POSITION.sub("[l:c]", text)))
    return _NAMES.sub(lambda found: ", ".join(sorted(found[0].split(", "))), text)


def _comparable(value: Any, key: str = "") -> Any:
    if key == "took" or (key == "index_uuid" and value != "_na_"):
        return None
    if isinstance(value, dict):
        # The order inside a service's settings is the double's.
        names = sorted(value) if key == "service_settings" else list(value)
        return [[name, _comparable(value[name], name)] for name in names]
    if isinstance(value, list):
        items = [_comparable(item) for item in value]
        return sorted(items) if key in {"pipelines", "indexes"} else items
    return _told(value) if isinstance(value, str) else value


def _read(answer: Answer) -> dict[str, object]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    try:
        body = _comparable(json.loads(answer.body))
    except ValueError:
        body = answer.body
    allowed = sorted(headers.get("allow", "").split(","))
    return {
        "status": answer.status,
        "type": headers.get("content-type", ""),
        "product": headers.get("x-elastic-product", ""),
        "allowed": allowed,
        "body": body,
        "ends with a newline": answer.body.endswith(b"\n"),
    }


@pytest.mark.parametrize("name", SCENES)
def test_the_emulator_says_what_the_node_says(node: Node, prefix: str, name: str) -> None:
    emulated = Cluster.of(node.version)
    steps = SCENES[name] if not name.startswith("references") else [*MADE, *SCENES[name]]
    for step in steps:
        request = _sent(step, prefix)
        reply = handle(emulated, *request)
        assert _read(Answer(reply.status, reply.headers, reply.body)) == _read(node.send(*request)), request[:2]


def test_the_scenes_reach_what_they_are_about(node: Node, prefix: str) -> None:
    """That both agree says little if all are refused alike: the counts of statuses over all scenes."""
    seen: dict[int, int] = {}
    emulated = Cluster.of(node.version)
    for scene in REFERENCES.values():
        for step in [*MADE, *scene]:
            status = handle(emulated, *_sent(step, prefix)).status
            seen[status] = seen.get(status, 0) + 1
    assert seen.keys() >= {200, 400, 404, 409}
