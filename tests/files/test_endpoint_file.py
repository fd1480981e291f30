"""Endpoint files: what they declare, and each fault at its place."""

from __future__ import annotations

import re

import pytest
from tests.typed_fix import GOOD, endpoint_reader, left_over

from inferctl.durations import duration_s
from inferctl.model.versions import Version
from inferctl.report.diagnostics import render_all
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source
from inferctl.workspace.endpoint_file import EndpointFile, read_file


def read(text: str, version: str | None = None) -> EndpointFile:
    return read_file("f.yaml", text.encode(), Version.parse(version) if version else None)


def test_a_whole_endpoint() -> None:
    file = read(GOOD)
    assert file.diagnostics == ()
    (declared,) = file.declared
    endpoint = declared.endpoint
    assert endpoint.body() == {
        "service": "openai",
        "service_settings": {"model_id": "text-embedding-3-small", "api_key": {"env": "OPENAI_API_KEY"}},
        "task_settings": {"user": "team"},
        "chunking_settings": {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1},
    }
    assert endpoint.secrets == {("service_settings", "api_key")}
    assert endpoint.lifecycle.protect == {"delete", "replace"}
    assert endpoint.lifecycle.ready_timeout_s == 5400
    assert endpoint.probe is not None
    assert (endpoint.probe.input, endpoint.probe.dimensions) == ("a red shoe", 1536)


def test_lists_documents_crlf_and_a_mark() -> None:
    one = "{inference_id: %s, task_type: rerank, service: cohere, service_settings: {model_id: m, api_key: {env: K}}}"
    text = "\ufeff- " + one % "a" + "\r\n- " + one % "b" + "\r\n---\r\n" + one % "c" + "\r\n"
    file = read(text)
    assert file.diagnostics == ()
    assert [(d.endpoint.inference_id, str(d.endpoint.span)) for d in file.declared] == [
        ("a", "f.yaml:1:3"),
        ("b", "f.yaml:2:3"),
        ("c", "f.yaml:4:1"),
    ]


# (text in GOOD, text in its place, code, line, column of the caret)
FAULTS = [
    ("product-search", "Product", "endpoint.id", 1, 15),
    ("product-search", ".product", "endpoint.id", 1, 15),
    ("product-search", "''", "endpoint.id", 1, 15),
    ("product-search", "12", "endpoint.wrong-type", 1, 15),
    ("inference_id: product-search\n", "", "endpoint.missing-field", 1, 1),
    ("text_embedding", "text-embedding", "endpoint.task-type", 2, 12),
    ("task_type: text_embedding", "tasktype: text_embedding", "endpoint.unknown-field", 2, 1),
    ("openai", "opnai", "endpoint.service", 3, 10),
    ("  model_id", "  model_ids", "field.unknown", 5, 3),
    ("text-embedding-3-small", "7", "field.type", 5, 13),
    ("{env: OPENAI_API_KEY}", "canary-literal", "secret.literal", 6, 12),
    ("{env: OPENAI_API_KEY}", "{enw: canary-literal}", "secret.reference", 6, 12),
    ("{env: OPENAI_API_KEY}", "{env: canary-literal}", "secret.reference", 6, 12),
    ("{env: OPENAI_API_KEY}", "{env: A, file: b}", "secret.reference", 6, 12),
    ("{env: OPENAI_API_KEY}", "", "secret.reference", 6, 11),
    ("{env: OPENAI_API_KEY}", "12345678", "secret.literal", 6, 12),
    ("{env: OPENAI_API_KEY}", "[canary-literal]", "secret.literal", 6, 12),
    ("model_id: text-embedding-3-small", "model_id: {env: M}", "secret.misplaced", 5, 13),
    ("{user: team}", "[]", "endpoint.wrong-type", 7, 16),
    ("{user: team}", "", "endpoint.wrong-type", 7, 15),
    ("user: team", "usr: team", "field.unknown", 7, 17),
    ("user: team", "headers: {Authorization: canary-literal}", "secret.misplaced", 7, 42),
    ("strategy: sentence", "strategy: sentense", "chunking.strategy", 8, 31),
    ("[delete, replace]", "[delete, update]", "lifecycle.protect", 10, 21),
    ("[delete, replace]", "delete", "endpoint.wrong-type", 10, 12),
    ("1h30m", "1 h", "lifecycle.ready-timeout", 11, 18),
    ("1h30m", "900", "endpoint.wrong-type", 11, 18),
    ("1h30m", "0s", "lifecycle.ready-timeout", 11, 18),
    ("dimensions: 1536", "dimension: 1536", "endpoint.unknown-field", 12, 39),
    ("dimensions: 1536", "dimensions: 0", "probe.mismatch", 12, 51),
    ('input: "a red shoe"', 'query: "a red shoe", input: x', "probe.mismatch", 12, 9),
    ('input: "a red shoe", ', "", "endpoint.missing-field", 12, 1),
    ("probe:", "metadata: {}\nprobe:", "endpoint.unknown-field", 12, 1),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "column"), FAULTS)
def test_one_fault(old: str, new: str, code: str, line: int, column: int) -> None:
    assert old in GOOD
    file = read(GOOD.replace(old, new, 1))
    found = [d for d in file.diagnostics if d.code == code]
    assert [(d.span.line, d.span.column) for d in found] == [(line, column)], render_all(file.diagnostics)
    assert found[0].why
    assert found[0].fixes
    assert file.declared == []
    assert "canary" not in repr(file) + render_all(file.diagnostics)


@pytest.mark.parametrize(("old", "new", "code"), [fault[:3] for fault in FAULTS])
def test_the_fix_of_one_fault(old: str, new: str, code: str) -> None:
    (document,) = parse(Source("f.yaml", GOOD.replace(old, new, 1))).documents
    found, read = endpoint_reader(document.value)
    assert [finding.code for finding in found] == [code]
    left = left_over(document.value, found, read)
    assert not any(left.values()), left


def test_seven_mistakes_in_one_run() -> None:
    text = (
        GOOD.replace("product-search", "Product_Search")
        .replace("text_embedding", "text_embeding")
        .replace("  model_id:", "  modell_id:")
        .replace("{env: OPENAI_API_KEY}", "canary-literal")
        .replace("user: team", "no: 1")
        .replace("[delete, replace]", "[delte]")
        .replace("1h30m", "soon")
    )
    file = read(text)
    errors = sorted((d for d in file.diagnostics if d.is_error), key=lambda d: d.span)
    assert [(str(d.span), d.code) for d in errors] == [
        ("f.yaml:1:15", "endpoint.id"),
        ("f.yaml:2:12", "endpoint.task-type"),
        ("f.yaml:5:3", "field.unknown"),
        ("f.yaml:6:12", "secret.literal"),
        ("f.yaml:7:17", "field.unknown"),
        ("f.yaml:10:13", "lifecycle.protect"),
        ("f.yaml:11:18", "lifecycle.ready-timeout"),
    ], render_all(errors)
    assert render_all(errors[:2] + errors[3:4]) == GOLDEN
    assert "canary" not in render_all(file.diagnostics)


GOLDEN = """\
f.yaml:1:15: error[endpoint.id]: 'Product_Search' is not an id
1 | inference_id: Product_Search
  |               ^^^^^^^^^^^^^^
  why: an id has lower-case letters, digits, hyphens, underscores and dots, and starts and ends with a letter or digit \
(Elasticsearch checks it before anything else)
  fix: inference_id: product_search

f.yaml:2:12: error[endpoint.task-type]: 'text_embeding' is not a task type
2 | task_type: text_embeding
  |            ^^^^^^^^^^^^^
  why: known: chat_completion, completion, embedding, rerank, sparse_embedding, text_embedding
  fix: task_type: text_embedding

f.yaml:6:12: error[secret.literal]: api_key holds a secret as plain text
6 |   api_key: (secret)
  |            ^^^^^^^^
  why: files are in Git: a secret stands there as a reference and is read when it is needed
  fix: api_key: {env: OPENAI_API_KEY}"""


@pytest.mark.parametrize(
    "text",
    [
        "api_key: canary-literal",
        "auth: {token: canary-literal}",
        "headers: {X-Api-Key: canary-literal}",
        "url: https://user:canary-literal@host/path",
        "url: https://canary-literal@host/path",
        "password: |\n    canary-literal\n    more",
        "nodes: [{client_secret: canary-literal}]",
    ],
)
def test_literals_of_a_service_that_is_let_through(text: str) -> None:
    file = read(f"inference_id: a\ntask_type: rerank\nservice: newer\npassthrough: true\nservice_settings:\n  {text}\n")
    assert [d.code for d in file.diagnostics] == ["secret.literal"]
    assert "canary" not in repr(file) + render_all(file.diagnostics)


def test_an_anchor_does_not_carry_a_literal_into_another_line() -> None:
    text = "unknown: &k canary-literal\n" + GOOD.replace("{env: OPENAI_API_KEY}", "*k")
    file = read(text)
    assert {d.code for d in file.diagnostics} == {"endpoint.unknown-field", "secret.literal"}
    assert "canary" not in repr(file.diagnostics) + render_all(file.diagnostics)


def test_passthrough() -> None:
    unknown = GOOD.replace("openai", "newer").replace("  model_id", "  brand_new")
    assert [d.code for d in read(unknown).diagnostics] == ["endpoint.service"]
    (declared,) = read(unknown + "passthrough: true\n").declared
    assert declared.endpoint.passthrough
    assert declared.endpoint.secrets == {("service_settings", "api_key")}
    field = GOOD.replace("  model_id", "  brand_new: 1\n  model_id") + "passthrough: true\n"
    assert read(field).diagnostics == ()
    for service in ("openai", "newer"):
        secret = (
            GOOD.replace("openai", service).replace("  model_id", "  api_kye: canary-1\n  model_id")
            + "passthrough: true\n"
        )
        assert [d.code for d in read(secret).diagnostics] == ["secret.literal"]
    chunk = GOOD.replace("max_chunk_size", "max_chunk_siz") + "passthrough: true\n"
    assert [d.code for d in read(chunk).diagnostics] == ["field.missing"]


def test_a_task_type_that_is_let_through() -> None:
    """Of the service, or of all: the endpoint is declared, and what is known of the settings still holds."""
    for task_type in ("rerank", "scene_search"):
        other = GOOD.replace("text_embedding", task_type).partition("chunking_settings")[0]
        (found,) = read(other).diagnostics
        assert found.code == ("service.task-type" if task_type == "rerank" else "endpoint.task-type")
        loose = other + "passthrough: true\n"
        (declared,) = read(loose).declared
        assert declared.endpoint.task_type == task_type
        assert declared.endpoint.secrets == {("service_settings", "api_key")}
        for wrong, code in (
            ("dimensions: many", "field.type"),
            ("rate_limit: {requests_per_minute: 0}", "field.range"),
            ("api_kye: canary-1", "secret.literal"),
        ):
            assert [d.code for d in read(loose.replace("  model_id", f"  {wrong}\n  model_id")).diagnostics] == [code]
        assert read(loose.replace("  model_id: text-embedding-3-small\n", "")).diagnostics == ()
    scenes = "inference_id: a\ntask_type: scene_search\nservice: newer\nservice_settings: {key: {env: K}}\npassthrough: true\n"
    (declared,) = read(scenes + "chunking_settings: {strategy: new}\nprobe: {input: x, query: y}\n").declared
    assert declared.endpoint.secrets == {("service_settings", "key")}
    extraction = "inference_id: a\ntask_type: document_extraction\nservice: elastic\nservice_settings: {model_id: m}\ntask_settings: {output_format: x}\npassthrough: true\n"
    assert read(extraction).declared[0].endpoint.task_settings == {"output_format": "x"}
    for no_type in ("any", "Scene", "a/b", "a", '"a b"', "_all", '""'):
        assert [d.code for d in read(scenes.replace("scene_search", no_type)).diagnostics] == ["endpoint.task-type"]


def test_a_version_that_is_too_old() -> None:
    assert read(GOOD, "8.17").diagnostics == ()
    chat = GOOD.replace("text_embedding", "chat_completion").split("chunking")[0]
    assert [d.code for d in read(chat, "8.17").diagnostics] == ["field.version"]


@pytest.mark.parametrize(("text", "code"), [("- 1\n", "endpoint.document"), ("x\n", "endpoint.document"), ("# x\n", "file.empty"), ("", "file.empty")])  # fmt: skip
def test_no_endpoint(text: str, code: str) -> None:
    assert [d.code for d in read(text).diagnostics] == [code]


def test_another_kind_of_yaml_is_one_finding() -> None:
    (found,) = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n").diagnostics
    assert (found.code, found.span.line) == ("endpoint.document", 1)


def test_a_misspelt_field_is_not_missing_as_well() -> None:
    (found,) = read(GOOD.replace("task_type:", "task_typ:")).diagnostics
    assert (found.code, found.fixes[0].text) == ("endpoint.unknown-field", "task_type: text_embedding")
    both = read(GOOD.replace("task_type:", "wine:")).diagnostics
    assert sorted(d.code for d in both) == ["endpoint.missing-field", "endpoint.unknown-field"]


@pytest.mark.parametrize("value", ["{secret: canary-1}", "{ENV: OPENAI}", "api_key", "openai"])
def test_a_fix_that_is_worth_typing_although_the_literal_is_a_word_of_it(value: str) -> None:
    (found,) = read(GOOD.replace("{env: OPENAI_API_KEY}", value)).diagnostics
    assert found.fixes[0].text == "api_key: {env: OPENAI_API_KEY}"
    assert "***" not in found.what + found.why
    assert "canary" not in render_all([found])


_PART = """\
inference_id: a
task_type: %s
service: %s
%s
"""


@pytest.mark.parametrize(
    ("task", "service", "rest", "expected"),
    [
        ("completion", "openai", "", [(1, "service_settings: {model_id: my-model-id, api_key: {env: OPENAI_API_KEY}}")]),
        ("completion", "openai", "service_settings:", [(4, "service_settings: {model_id: my-model-id, api_key: {env: OPENAI_API_KEY}}")]),
        ("completion", "openai", "service_settings: sk", [(4, "service_settings: {model_id: my-model-id, api_key: {env: OPENAI_API_KEY}}")]),
        ("completion", "openai", "service_settings:\nmodel_id: m\napi_key: {env: A}",
         [(4, "service_settings: {api_key: {env: A}, model_id: m}"), (5, "remove model_id"), (6, "remove api_key")]),
        ("completion", "openai", "service_settings:\nmodel_id: m\napi_key: canary-1",
         [(4, "service_settings: {model_id: m, api_key: {env: OPENAI_API_KEY}}"), (5, "remove model_id"), (6, "remove api_key")]),
        ("completion", "openai", "service_settings: {model_id: m, api_key: {env: A}, probe: {input: x}}", [(4, "move probe up")]),
        ("completion", "anthropic", "service_settings: {model_id: m, api_key: {env: A}, max_tokens: 99}",
         [(1, "task_settings: {max_tokens: 99}"), (4, "remove max_tokens")]),
        ("completion", "anthropic", "service_settings: {model_id: m, api_key: {env: A}}\ntask_settings: [max_tokens, 99]",
         [(5, "task_settings: {max_tokens: 1}")]),
        ("completion", "openai", "service_settings: {model_id: m, api_key: {env: A}}\ntask_settings: 7",
         [(5, "remove task_settings")]),
    ],
)  # fmt: skip
def test_a_part_that_is_none_is_one_finding_with_all_that_it_needs(
    task: str, service: str, rest: str, expected: list[tuple[int, str]]
) -> None:
    file = read(_PART % (task, service, rest))
    assert [(d.span.line, d.fixes[0].text) for d in sorted(file.diagnostics, key=lambda d: d.span)] == expected
    assert "canary" not in render_all(file.diagnostics)
    # All the lines, typed.
    gone = {fix.removeprefix("remove ") for _, fix in expected if fix.startswith("remove ")}
    added = {fix.partition(":")[0]: fix for _, fix in expected if not fix.startswith(("remove ", "move "))}
    text = _PART % (task, service, rest)
    for moved in (fix.split()[1] for _, fix in expected if fix.startswith("move ")):
        text = re.sub(rf"^(.*), ({moved}: \{{.*?\}})(.*)$", r"\1\3\n\2", text, flags=re.MULTILINE)
    for name in gone:
        text = re.sub(rf", {name}: (\{{.*?\}}|\w+)", "", text)
    lines = [line for line in text.splitlines() if line.partition(":")[0] not in {*gone, *added}]
    typed = "\n".join([*lines, *added.values()])
    assert read(typed).diagnostics == (), typed


def test_an_empty_line_is_not_shown_as_if_it_hid_something() -> None:
    text = "inference_id: a\nservice_settings: {model_id: x, api_key: {env: KEY}\n"
    (found,) = read(text).diagnostics
    assert (found.code, found.span.line, found.source_line) == ("yaml.syntax", 3, "")


@pytest.mark.parametrize(
    ("text", "seconds"), [("15m", 900), ("90s", 90), ("1h30m", 5400), ("2h", 7200), ("", None), ("m", None), ("5", None), ("30m1h", None), ("-5m", None)]
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    assert duration_s(text) == seconds


def test_in_an_unknown_service_every_reference_is_a_secret() -> None:
    text = "inference_id: a\ntask_type: rerank\nservice: newer\npassthrough: true\nservice_settings: {code: {env: CODE}, deep: {pin: {file: pin}}}\n"
    (declared,) = read(text).declared
    assert declared.endpoint.secrets == {("service_settings", "code"), ("service_settings", "deep", "pin")}


def test_a_header_that_is_a_credential_takes_a_reference() -> None:
    text = (
        "inference_id: a\ntask_type: completion\nservice: custom\nservice_settings:\n  url: https://u\n  request: r\n"
        "  response: {json_parser: {completion_result: x}}\n  headers: {Authorization: %s, Accept: %s}\n"
    )
    (declared,) = read(text % ("{env: HEADER}", "text/plain")).declared
    assert declared.endpoint.secrets == {("service_settings", "headers", "Authorization")}
    assert [d.code for d in read(text % ("canary", "x")).diagnostics] == ["secret.literal"]
    assert [d.code for d in read(text % ("{env: HEADER}", "{env: HEADER}")).diagnostics] == ["secret.misplaced"]


def test_keys_of_an_unknown_service_may_have_any_name() -> None:
    names = ("_fields_set", "self", "cls", "model_config", "__class__", "values")
    keys = ", ".join(f"{name}: {number}" for number, name in enumerate(names))
    text = f"inference_id: a\ntask_type: rerank\nservice: newer\npassthrough: true\nservice_settings: {{{keys}}}\n"
    (declared,) = read(text).declared
    assert list(declared.endpoint.service_settings) == list(names)
