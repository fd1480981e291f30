"""The JSON Schema of endpoint files: valid, complete, and of one mind with `validate`."""

from __future__ import annotations

import copy
import json
import os
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from inferctl.diagnostics import Severity, Span
from inferctl.json_types import path_text
from inferctl.model.endpoint import Endpoint, Expectation, Lifecycle, Probe
from inferctl.model.fact_words import life_text, update_text
from inferctl.model.json_schema import endpoint_schema
from inferctl.model.read_endpoint import read_endpoint
from inferctl.model.services import find, service_names
from inferctl.model.services.asked import Asked, Own
from inferctl.model.services.marks import By
from inferctl.model.versions import LINES, NEWEST, Version
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from inferctl.model.services.setting import Setting
    from inferctl.syntax.finding import Finding

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
PARTS = ("service_settings", "task_settings")
SERVICES = [page for name in service_names() if (page := find(name))]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def documents(name: str, octets: bytes) -> list[Any]:
    source = decode(name, octets)
    assert isinstance(source, Source)
    return [plain(document.value) for document in parse(source).documents]


EXAMPLES: dict[str, dict[str, Any]] = {
    file.stem: documents(file.name, file.read_bytes())[0]
    for file in sorted((ROOT / "examples" / "endpoints").glob("*.yaml"))
}


@cache
def schema_of(version: Version) -> dict[str, Any]:
    return endpoint_schema(version)


@cache
def validator(version: Version) -> Draft7Validator:
    return Draft7Validator(schema_of(version))


@cache
def branch(version: Version, service: str) -> Draft7Validator:
    """The same schema without the branches of other services, which hold for no endpoint of this one: quicker."""
    schema = schema_of(version)
    others = {f"#/definitions/{name}" for name in service_names() if name != service}
    endpoint = schema["definitions"]["endpoint"]
    rules = [rule for rule in endpoint["allOf"] if rule.get("then", {}).get("$ref") not in others]
    return Draft7Validator(
        {**schema, "definitions": {**schema["definitions"], "endpoint": {**endpoint, "allOf": rules}}}
    )


def errors(endpoint: Any, version: Version) -> list[Finding]:
    return [f for f in read_endpoint(endpoint, Span("x"), version).findings if f.severity is Severity.ERROR]


@pytest.mark.parametrize("version", LINES, ids=str)
def test_is_a_schema(version: Version) -> None:
    schema = schema_of(version)
    Draft7Validator.check_schema(schema)
    references = {item["$ref"] for item in every_mapping(schema) if "$ref" in item}
    assert references <= {f"#/definitions/{name}" for name in schema["definitions"]}
    assert not [item for item in every_mapping(schema) if item.get("enum") == []]


def every_mapping(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from every_mapping(inner)


def test_what_is_newer_than_the_newest_known_version_is_read_as_that_with_what_came_since() -> None:
    assert endpoint_schema(NEWEST) == endpoint_schema()
    known, newer, serverless = (
        endpoint_schema(version)["definitions"] for version in (NEWEST, Version(9, 7), Version.parse("serverless"))
    )
    assert newer == serverless
    assert {name.split(".")[0] for name in newer.keys() - known.keys()} == {"tencentcloud"}
    assert {name for name in known if newer[name] != known[name]} == {"endpoint"}


@pytest.mark.parametrize("version", LINES, ids=str)
def test_takes_the_examples_that_the_version_knows_and_no_others(version: Version) -> None:
    assert len(EXAMPLES) > 60
    for name, endpoint in EXAMPLES.items():
        assert validator(version).is_valid(endpoint) is (not errors(endpoint, version)), name
    if version == NEWEST:
        assert all(map(validator(version).is_valid, EXAMPLES.values()))


def test_a_document_may_be_a_list_of_endpoints() -> None:
    every = list(EXAMPLES.values())
    assert validator(NEWEST).is_valid(every)
    assert validator(NEWEST).is_valid([])
    assert not validator(NEWEST).is_valid([*every, {**every[0], "task_type": "rank"}])
    assert not validator(NEWEST).is_valid("openai")
    assert not validator(NEWEST).is_valid(None)


OPENAI = """
inference_id: product-search
task_type: text_embedding
service: openai
service_settings: {model_id: text-embedding-3-small, api_key: {env: OPENAI_API_KEY}}
"""
E5 = """
inference_id: e5
task_type: text_embedding
service: elasticsearch
service_settings: {model_id: .multilingual-e5-small, num_threads: 1, num_allocations: 1}
"""
# What is added to a good file (YAML, later keys win) -> the code of `validate`.
BROKEN = {
    "inference_id: Product": "endpoint.id",
    "inference_id: .product": "endpoint.id",
    "inference_id: 5": "endpoint.wrong-type",
    "task_type: text_embeding": "endpoint.task-type",
    "task_type: rerank": "service.task-type",
    "service: opennai": "endpoint.service",
    "service_settings: {api_key: {env: A}}": "field.missing",
    "service_settings: {model_id: a}": "rule.one-of",
    "service_settings: {model_id: a, api_key: sk-1}": "secret.literal",
    "service_settings: {model_id: a, api_key: {env: A-B}}": "secret.reference",
    "service_settings: {model_id: a, api_key: {env: A, file: b}}": "secret.reference",
    "service_settings: {model_id: a, api_key: {env: A}, client_secret: {env: B}}": "rule.exclusive",
    "service_settings: {model_id: a, client_secret: {env: B}}": "field.missing",
    "service_settings: {model_id: '', api_key: {env: A}}": "field.type",
    "service_settings: {model_id: 3, api_key: {env: A}}": "field.type",
    "service_settings: {model_id: a, api_key: {env: A}, dimension: 3}": "field.unknown",
    "service_settings: {model_id: a, api_key: {env: A}, dimensions: 0}": "field.range",
    "service_settings: {model_id: a, api_key: {env: A}, dimensions: 2147483648}": "field.range",
    "service_settings: {model_id: a, api_key: {env: A}, similarity: cosin}": "field.enum",
    "service_settings: {model_id: a, api_key: {env: A}, rate_limit: {requests: 1}}": "field.unknown",
    "service_settings: {model_id: a, api_key: {env: A}, rate_limit: {requests_per_minute: 0}}": "field.range",
    "service_settings: {model_id: a, api_key: {env: A}}\ntask_settings: {model: b}": "rule.exclusive",
    "task_settings: {headers: {a: 1}}": "field.type",
    "task_settings: null": "endpoint.wrong-type",
    "metadata: {}": "endpoint.unknown-field",
    "chunking_settings: {max_chunk_size: 100}": "chunking.strategy",
    "chunking_settings: {strategy: Sentence, max_chunk_size: 100}": "chunking.strategy",
    "chunking_settings: {strategy: sentence}": "field.missing",
    "chunking_settings: {strategy: sentence, max_chunk_size: 19}": "field.range",
    "chunking_settings: {strategy: sentence, max_chunk_size: 100, sentence_overlap: 2}": "field.range",
    "chunking_settings: {strategy: sentence, max_chunk_size: 100, overlap: 1}": "field.unknown",
    "chunking_settings: {strategy: word, max_chunk_size: 100}": "field.missing",
    "chunking_settings: {strategy: recursive, max_chunk_size: 9}": "field.range",
    "chunking_settings: {strategy: recursive, max_chunk_size: 99, separators: []}": "field.type",
    "chunking_settings: {strategy: recursive, max_chunk_size: 99, separator_group: html}": "field.enum",
    "chunking_settings: {strategy: recursive, max_chunk_size: 99, separators: [a], separator_group: markdown}": "rule.exclusive",
    "chunking_settings: {strategy: none, max_chunk_size: 99}": "field.unknown",
    "lifecycle: {protect: [destroy]}": "lifecycle.protect",
    "lifecycle: {ready_timeout: 15 minutes}": "lifecycle.ready-timeout",
    "lifecycle: {ready_timeout: 0s}": "lifecycle.ready-timeout",
    "lifecycle: {protected: []}": "endpoint.unknown-field",
    "probe: {}": "endpoint.missing-field",
    "probe: {input: a, query: b}": "probe.mismatch",
    "probe: {input: a, expect: {dimensions: 0}}": "probe.mismatch",
    "probe: {input: a, expects: {}}": "endpoint.unknown-field",
    "passthrough: yes": "endpoint.wrong-type",
}
BROKEN_E5 = {
    "service_settings: {model_id: .elser_model_2, num_threads: 1, num_allocations: 1}": "rule.model-task",
    "service_settings: {model_id: my-model, num_threads: 1}": "rule.one-of",
    "service_settings: {model_id: my-model, num_threads: 3, num_allocations: 1}": "field.range",
    "service_settings: {model_id: my-model, num_threads: 1, num_allocations: 1, dimensions: 3}": "field.not-accepted",
    "service_settings: {model_id: my-model, num_threads: 1, num_allocations: 1, adaptive_allocations: {enabled: true}}": "rule.exclusive",
    "service_settings: {deployment_id: shared, similarity: cosine}": "rule.combination",
    "service_settings: {model_id: .multilingual-e5-small, num_threads: 1, num_allocations: 1, similarity: cosine}": "rule.combination",
}


def changed(good: str, by: str) -> Any:
    [endpoint], [change] = documents("good", good.encode()), documents("change", by.encode())
    return {**endpoint, **change}


@pytest.mark.parametrize(
    ("good", "change", "code"),
    [(OPENAI, *row) for row in BROKEN.items()] + [(E5, *row) for row in BROKEN_E5.items()],
)
def test_a_broken_file_is_refused_by_both(good: str, change: str, code: str) -> None:
    assert validator(NEWEST).is_valid(changed(good, "{}"))
    endpoint = changed(good, change)
    assert code in {finding.code for finding in errors(endpoint, NEWEST)}
    assert not validator(NEWEST).is_valid(endpoint)


# Where the two part, and why. `validate` has the last word.
NULLABLE = {"lifecycle.ready_timeout", "probe", "probe.query", "probe.expect", "probe.expect.dimensions"}
STRICTER_SCHEMA = {
    "null": "null stands for an absent key in NULLABLE; an editor should not propose it",
    "new word": "passthrough lets the word of a newer server by; the schema of this server does not know it",
}
LAXER_SCHEMA = {
    "by sound": "whether a key or a text outside the secret fields is a secret goes by how it sounds",
    "whole": "draft-07 knows no difference between 1 and 1.0",
    "bounds": "one number of the file bounds another",
    "keys": "keys of two mappings are compared",
    "unknown page": "passthrough on a server that does not know the service, the task type or the field: the schema of "
    "that server has no page of it",
}


def parting(finding: Finding, endpoint: Any, version: Version) -> str | None:
    """The reason why the schema may miss a finding, if there is one."""
    service = find(str(endpoint.get("service")))
    key: Any
    task_type, path = str(endpoint.get("task_type")), finding.path
    value = endpoint
    for key in path:
        value = value.get(key) if isinstance(value, dict) else value[key] if isinstance(value, list) else None
    if endpoint.get("passthrough") is True and service is not None:
        facts = service.task_types.get(task_type)
        if facts is None or not service.since.includes(version) or not facts.since.includes(version):
            return "unknown page"
    fact = service.field(path, task_type) if service is not None else None
    if endpoint.get("passthrough") is True and fact is not None and not fact.exists_in(version):
        return "unknown page"
    if finding.code in ("secret.literal", "secret.misplaced", "secret.reference") and not (fact and fact.secret):
        return "by sound"
    if finding.code in ("field.type", "endpoint.wrong-type") and isinstance(value, float) and value.is_integer():
        return "whole"
    if finding.code == "field.type" and fact is not None and fact.type == "float" and isinstance(value, int):
        return "whole"
    if finding.code == "field.range" and path[-1] in ("overlap", "min_number_of_allocations"):
        return "bounds"
    if finding.code == "rule.exclusive" and path[:2] == ("task_settings", "parameters"):
        return "keys"
    return None


def disagree(endpoint: Any, version: Version, at: tuple[str, ...], checker: Draft7Validator) -> str | None:
    """How schema and `validate` differ about an endpoint, without the differences that have a reason."""
    found, valid = errors(endpoint, version), checker.is_valid(endpoint)
    if valid is not bool(found):
        return None
    if valid:
        missed = [f for f in found if parting(f, endpoint, version) is None]
        return f"the schema misses {[(f.code, f.what) for f in missed]}" if missed else None
    if stricter(endpoint, version, at):
        return None
    return f"only the schema refuses it: {[e.message[:200] for e in checker.iter_errors(endpoint)]}"


def stricter(endpoint: Any, version: Version, at: tuple[str, ...]) -> str | None:
    """The reason why only the schema refuses a file, if there is one."""
    if path_text(at) in NULLABLE:
        return "null"
    service = find(endpoint["service"])
    fact = service.field(at, endpoint["task_type"]) if service is not None else None
    word = str(endpoint[at[0]][at[1]]) if fact is not None else ""
    if endpoint.get("passthrough") is True and fact is not None and word in fact.enum_since:
        return None if fact.enum_since[word].includes(version) else "new word"
    return None


def paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, inner in value.items():
        yield (*path, key)
        if isinstance(inner, dict):
            yield from paths(inner, (*path, key))


def put(endpoint: Any, path: tuple[str, ...], value: Any) -> Any:
    whole = copy.deepcopy(endpoint)
    holder = whole
    for key in path[:-1]:
        holder = holder.setdefault(key, {})
    holder[path[-1]] = value
    return whole


def without(endpoint: Any, path: tuple[str, ...]) -> Any:
    whole = copy.deepcopy(endpoint)
    holder = whole
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return whole


VALUES: tuple[Any, ...] = ("", " COSINE ", "15m", 0, 3, 2**31, 1.0, True, None, ["a"], {}, {"env": "X"})


@cache
def values_of() -> dict[str, set[tuple[str, ...]]]:
    """Example -> the keys whose value is replaced there: a setting once a service, what all endpoints have once a task type."""
    chosen: dict[str, set[tuple[str, ...]]] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for name, endpoint in EXAMPLES.items():
        every = {
            (endpoint["service" if path[0] in (*PARTS, "task_type") else "task_type"], path) for path in paths(endpoint)
        }
        chosen[name] = {path for _, path in every - seen}
        seen |= every
    return chosen


def mutations(
    endpoint: Any, values: tuple[Any, ...], most: int, replaced: Container[tuple[str, ...]] | None = None
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each key left out, each value (or those at `replaced`) replaced, a foreign key in each mapping, each field of the service added."""
    for path in paths(endpoint) if values else ():
        yield path, without(endpoint, path)
        for value in values if replaced is None or path in replaced else ():
            yield path, put(endpoint, path, value)
    for owner in ((), ("service_settings",), ("task_settings",), ("chunking_settings",), ("lifecycle",), ("probe",)):
        yield (*owner, "nope"), put(endpoint, (*owner, "nope"), 1)
    service = find(endpoint["service"])
    assert service is not None
    for part in PARTS:
        for name, fact in getattr(service, part).items():
            for value in islice(samples(fact), most):
                yield (part, name), put(endpoint, (part, name), value)
        for name in ("model", "model_id"):
            yield (part, name), put(endpoint, (part, name), "m")


def samples(fact: Setting) -> Iterator[Any]:
    yield from fact.enum[:1] + fact.enum[-1:]
    yield from ("text", 1, {}, {"env": "X"}, ["a"])
    for name in fact.fields:
        yield from ({name: 1}, {name: "x"})


def all_differences(
    endpoint: Any,
    version: Version,
    values: tuple[Any, ...],
    *,
    most: int = 99,
    replaced: Container[tuple[str, ...]] | None = None,
    passthrough: bool = False,
) -> list[str]:
    more = {"passthrough": True} if passthrough else {}
    checker = branch(version, endpoint["service"])
    return [
        f"{version} {path_text(path)}: {difference}: {mutant}"
        for path, mutant in mutations(endpoint, values, most, replaced)
        if (difference := disagree({**mutant, **more}, version, path, checker)) is not None
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_agrees_with_validate_about_every_mutation(name: str) -> None:
    assert all_differences(EXAMPLES[name], NEWEST, VALUES, replaced=values_of()[name]) == []


@pytest.mark.parametrize("version", [LINES[0], *(v for v in LINES if Version(9, 0) <= v < NEWEST)], ids=str)
def test_agrees_with_validate_on_older_versions(version: Version) -> None:
    known = [endpoint for endpoint in EXAMPLES.values() if not errors(endpoint, version)]
    assert known
    assert [d for endpoint in known for d in all_differences(endpoint, version, (), most=1)] == []


@pytest.mark.parametrize("version", [LINES[0], NEWEST], ids=str)
def test_agrees_with_validate_where_something_is_let_through(version: Version) -> None:
    chosen = [endpoint for name, endpoint in EXAMPLES.items() if name[0] in "co"]
    assert [d for endpoint in chosen for d in all_differences(endpoint, version, ("text", 0), passthrough=True)] == []


def test_reasons_of_partings_are_given() -> None:
    assert all({**LAXER_SCHEMA, **STRICTER_SCHEMA}.values())


@pytest.mark.parametrize("service", SERVICES, ids=lambda page: page.name)
def test_each_rule_that_is_a_function_is_written_or_has_a_reason(service: Any) -> None:
    for task_type in service.task_types:
        facts = {part: service.fields(part, task_type) for part in PARTS}
        asked = Asked(service.name, task_type, facts, {}, NEWEST)
        functions = [rule for rule in service.conditions if isinstance(rule, Own)]
        assert not [str(rule) for rule in functions if not (rule.schema(asked) or rule.unsayable)]


def resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return definitions[reference.removeprefix("#/definitions/")] if reference else schema


@pytest.mark.parametrize("version", LINES, ids=str)
def test_each_field_of_each_page_stands_there_with_its_description(version: Version) -> None:
    definitions = schema_of(version)["definitions"]
    fields = 0
    for service in SERVICES:
        for task_type, facts in service.task_types.items():
            known = service.since.includes(version) and facts.since.includes(version)
            assert (f"{service.name}.{task_type}" in definitions) is known
            for part in PARTS if known else ():
                properties = definitions[f"{service.name}.{task_type}"]["properties"][part]["properties"]
                for name, fact in service.fields(part, task_type).items():
                    assert (name in properties) is fact.exists_in(version), (service.name, part, name)
                    if name in properties:
                        fields += 1
                        check_field(resolved(properties[name], definitions), fact, task_type, version)
    assert fields > 200


def check_field(schema: dict[str, Any], fact: Setting, task_type: str, version: Version) -> None:
    assert schema["description"].strip()
    assert schema["markdownDescription"].startswith(schema["description"])
    if fact.note:
        assert fact.note in schema["markdownDescription"]
    if fact.update_note:
        assert fact.update_note in schema["markdownDescription"]
    if not fact.may_be_put(task_type):
        assert schema["doNotSuggest"]
        return
    if fact.secret:
        assert schema["type"] == "object"
    elif fact.enum and fact.type != "integer":
        assert set(schema["anyOf"][0]["enum"]) <= set(fact.words(version))
    for name, inner in fact.fields.items():
        if inner.applies_to(task_type) and inner.exists_in(version) and inner.may_be_put(task_type):
            check_field(schema["properties"][name], inner, task_type, version)


def test_our_own_keys_stand_there_with_descriptions() -> None:
    endpoint = endpoint_schema()["definitions"]["endpoint"]["properties"]
    assert set(endpoint) == set(Endpoint.model_fields)
    assert set(endpoint["lifecycle"]["properties"]) == set(Lifecycle.model_fields)
    assert set(endpoint["probe"]["properties"]) == set(Probe.model_fields)
    assert set(endpoint["probe"]["properties"]["expect"]["properties"]) == set(Expectation.model_fields)
    assert all(
        schema["description"]
        for owner in (endpoint, endpoint["lifecycle"]["properties"], endpoint["probe"]["properties"])
        for schema in owner.values()
    )


def test_rate_limits_and_defaults_stand_with_their_task_type() -> None:
    definitions = endpoint_schema()["definitions"]

    def default(task_type: str) -> int:
        limit = definitions[f"openai.{task_type}"]["properties"]["service_settings"]["properties"]["rate_limit"]
        return int(resolved(limit, definitions)["properties"]["requests_per_minute"]["default"])

    assert (default("text_embedding"), default("completion")) == (3000, 500)


def test_a_task_type_of_a_newer_server_is_let_by_as_validate_does() -> None:
    for service in ("openai", "newer"):
        for task_type in ("scene_search", "rerank", "any", "Scene", "", "a/b"):
            endpoint = {
                **documents("f", OPENAI.encode())[0],
                "service": service,
                "task_type": task_type,
                "passthrough": True,
            }
            for written in (endpoint, {**endpoint, "passthrough": False}):
                assert validator(NEWEST).is_valid(written) is (not errors(written, NEWEST)), written


def test_a_small_service_in_full() -> None:
    definitions = endpoint_schema(Version(9, 1))["definitions"]
    chosen = {name: schema for name, schema in definitions.items() if name.partition(".")[0] == "deepseek"}
    text = json.dumps(chosen, indent=2) + "\n"
    path = GOLDEN / "schema-deepseek.json"
    if os.environ.get("INFERCTL_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("service", SERVICES, ids=lambda page: page.name)
def test_a_settings_class_alone_has_a_schema_with_what_marks_say(service: Any) -> None:
    for cls, settings in (
        (service.settings_class, service.service_settings),
        (service.task_settings_class, service.task_settings),
    ):
        schema = cls.model_json_schema()
        Draft202012Validator.check_schema(schema)
        assert set(schema["properties"]) == set(settings)
        for name, setting in settings.items():
            said = schema["properties"][name]
            assert said["markdownDescription"].startswith(said["description"])
            assert life_text(setting) in said["markdownDescription"]
            assert update_text(setting) in said["markdownDescription"]
            if setting.default is not None and not isinstance(setting.default, By):
                assert said["default"] == setting.default


def test_the_schema_of_the_endpoint_class_alone_takes_the_examples() -> None:
    schema = Endpoint.model_json_schema()
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator(schema)
    assert [name for name, endpoint in EXAMPLES.items() if not checker.is_valid(endpoint)] == []
    good = EXAMPLES["openai-text-embedding"]
    assert not checker.is_valid({**good, "metadata": {}})
    assert not checker.is_valid({**good, "inference_id": "A"})
    assert not checker.is_valid({**good, "chunking_settings": {"strategy": "none", "overlap": 1}})


def test_the_schema_of_a_class_alone_takes_references_to_secrets_only() -> None:
    page = find("openai")
    assert page is not None
    checker = Draft202012Validator(page.settings_class.model_json_schema())
    assert checker.is_valid({"model_id": "a", "api_key": {"env": "OPENAI_API_KEY"}, "similarity": "Cosine"})
    assert not checker.is_valid({"model_id": "a", "api_key": "sk-literal"})
    assert not checker.is_valid({"model_id": "a", "similarity": "cosin"})
    assert not checker.is_valid({"model_id": "a", "dimensions": 0})
    assert not checker.is_valid({"model_id": "a", "dimension": 1})


@pytest.mark.parametrize(
    ("version", "most", "batch"),
    [("9.2.4", None, False), ("9.2.5", None, True), ("9.5.4", None, True), ("9.5.5", 50, True), ("9.5", 50, True)],
)
def test_a_schema_knows_what_came_with_a_patch(version: str, most: int | None, *, batch: bool) -> None:
    definitions = endpoint_schema(Version.parse(version))["definitions"]
    text = json.dumps(definitions)
    assert ('"maxItems": 50' in text) is (most is not None)
    elastic = json.dumps(
        {name: part for name, part in definitions.items() if "elastic" in name and "search" not in name}
    )
    assert ("max_batch_size" in elastic) is batch
