"""Every service and task type of the reference catalogue on every version line: PUT, GET, refusals (3.5, 3.7, 8.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from . import catalogue
from .api import Api, known
from .catalogue import CHUNKING, DENSE, ELAND, IN_CLUSTER, NOT_RELEASED, SERVICES, TASK_TYPES, exists, offers

LINES = ("8.17", "9.1", "9.5")
SCOPES = ("service_settings", "task_settings")
EVERY = pytest.mark.parametrize(("service", "task", "version"), catalogue.cases())
SOME = pytest.mark.parametrize(("service", "task", "version"), catalogue.cases(LINES))


def cluster(version: str) -> Api:
    api = Api(version)
    api.cluster.load_models([(ELAND, "text_embedding")])
    return api


def put(api: Api, task: str, body: Any, inference_id: str = "ep") -> Any:
    return api("PUT", f"/_inference/{task}/{inference_id}", body)


def check_shape(service: str, task: str, version: str, answer: Any, api: Api) -> dict[str, Any]:
    """What holds for every good PUT; returns the endpoint."""
    assert answer.status == 200, answer.raw
    endpoint = answer.body
    order, always = catalogue.keys_of_get(service, task, version)
    keys = list(endpoint["service_settings"])
    assert set(keys) <= set(order)
    assert always <= set(keys)
    assert keys == sorted(keys, key=order.index)
    assert "secret-" not in answer.raw.decode()
    assert endpoint["service"] == ("elasticsearch" if service == "elser" else service)
    assert ("chunking_settings" in endpoint) == (task in CHUNKING)
    assert api.read("ep") == endpoint
    return dict(endpoint)


@EVERY
def test_minimal(service: str, task: str, version: str) -> None:
    """8.3, 3.7: the required settings are enough; GET adds exactly what the catalogue says it fills in."""
    api = cluster(version)
    body = catalogue.body(service, task, version)
    endpoint = check_shape(service, task, version, put(api, task, body), api)
    settings = dict(endpoint["service_settings"])
    for name, given in body["service_settings"].items():
        if name in settings:
            assert settings.pop(name) == catalogue.shown(service, task, name, given, version)
    limit = catalogue.rate_limit(service, task, version)
    if "rate_limit" in settings or limit is None:
        assert settings.pop("rate_limit", None) == (None if limit is None else {"requests_per_minute": limit})
    found = catalogue.fields(service, "service_settings", task, version)
    for name in set(settings) - {"dimensions_set_by_user"}:
        assert found[name].get("server_filled"), name
    if task in DENSE:
        assert settings["dimensions"] > 0
    if task in DENSE and service in {*catalogue.SIMILARITY} - {"cohere", "jinaai", "elasticsearch"}:
        assert settings["similarity"] == catalogue.SIMILARITY[service]
    filled = {
        name: facts["default"]
        for name, facts in catalogue.fields(service, "task_settings", task, version).items()
        if facts.get("server_filled")
    }
    assert endpoint.get("task_settings", {}) == {**filled, **body.get("task_settings", {})}


@EVERY
def test_full(service: str, task: str, version: str) -> None:
    """8.3: everything that goes together is accepted, and comes back unless it is a secret or hidden."""
    api = cluster(version)
    body = catalogue.body(service, task, version, full=True)
    endpoint = check_shape(service, task, version, put(api, task, body), api)
    order, _ = catalogue.keys_of_get(service, task, version)
    for name, given in body["service_settings"].items():
        facts = catalogue.fields(service, "service_settings", task, version)[name]
        visible = name in order and facts.get("get_visible") is not False
        if name == "rate_limit" and facts.get("get_visible"):
            visible = task != "text_embedding" or known(version, "9.5")
        if visible:
            assert endpoint["service_settings"][name] == catalogue.shown(service, task, name, given, version), name
    assert endpoint.get("task_settings", {}) == body.get("task_settings", {})


@EVERY
def test_full_with_words_in_upper_case(service: str, task: str, version: str) -> None:
    """Catalogue, enum_case: enums are read in any case and shown in their own."""
    body = catalogue.body(service, task, version, full=True)
    plain = put(cluster(version), task, body).body
    for scope in SCOPES:
        for name, facts in catalogue.fields(service, scope, task, version).items():
            if facts["type"] == "enum" and name in body.get(scope, {}) and name != "model_id":
                body[scope][name] = body[scope][name].upper()
    assert put(cluster(version), task, body).body == plain


# --- refusals


@SOME
@pytest.mark.parametrize("scope", ["service_settings", "task_settings", "top level"])
def test_unknown_key(service: str, task: str, version: str, scope: str) -> None:
    """3.5: unknown keys fail in every version and on every level."""
    body = catalogue.body(service, task, version)
    place = body if scope == "top level" else body.setdefault(scope, {})
    place["zzz_unknown"] = 1
    answer = put(cluster(version), task, body)
    assert answer.status == 400
    assert "zzz_unknown" in answer.reason
    assert "unknown" in answer.reason.replace("zzz_unknown", "")


@SOME
def test_required_missing(service: str, task: str, version: str) -> None:
    """3.5: each required setting on its own."""
    api = cluster(version)
    for scope in SCOPES:
        for name, facts in catalogue.puttable(service, scope, task, version).items():
            if facts["required"] is not True:
                continue
            body = catalogue.body(service, task, version)
            del body[scope][name]
            answer = put(api, task, body)
            assert (answer.status, answer.type) == (400, "validation_exception"), name
            assert f"[{scope}] does not contain the required setting [{name}]" in answer.reason
            assert api.gone("ep")


@SOME
def test_required_empty(service: str, task: str, version: str) -> None:
    """3.5: strings must not be empty."""
    api = cluster(version)
    for scope in SCOPES:
        for name, facts in catalogue.puttable(service, scope, task, version).items():
            if facts["type"] != "string" or (service in IN_CLUSTER and name == "model_id"):
                continue
            if name in catalogue.LEAVE_OUT.get(service, set()):
                continue
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = ""
            answer = put(api, task, body)
            assert (answer.status, answer.type) == (400, "validation_exception"), name
            assert f"[{scope}] Invalid value empty string. [{name}] must be a non-empty string" in answer.reason


@SOME
def test_enums(service: str, task: str, version: str) -> None:
    """3.5: a word outside the list; the list is sorted and in lower case."""
    api = cluster(version)
    for scope in SCOPES:
        for name, facts in catalogue.puttable(service, scope, task, version).items():
            if facts["type"] != "enum" or name == "model_id":
                continue
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = "zzz"
            answer = put(api, task, body)
            words = sorted(word.lower() for word in catalogue.enum_words(service, name, facts, version))
            text = f"[{scope}] Invalid value [zzz] received. [{name}] must be one of [{', '.join(words)}]"
            assert (answer.status, answer.type) == (400, "validation_exception"), name
            assert text in answer.reason


@SOME
def test_every_word_of_an_enum(service: str, task: str, version: str) -> None:
    """3.5: every listed word is accepted where no rule between fields speaks against it."""
    ruled = {("amazonbedrock", "provider"), ("azureaistudio", "provider"), ("azureaistudio", "endpoint_type")}
    ruled |= {("amazon_sagemaker", "api"), ("googlevertexai", "provider")}
    for scope in SCOPES:
        for name, facts in catalogue.puttable(service, scope, task, version).items():
            if facts["type"] != "enum" or name == "model_id" or (service, name) in ruled:
                continue
            for word in catalogue.enum_words(service, name, facts, version):
                body = catalogue.body(service, task, version, full=True)
                body[scope][name] = word
                if (service, name) == ("elasticsearch", "long_document_strategy") and word == "truncate":
                    body[scope].pop("max_chunks_per_doc")
                answer = put(cluster(version), task, body)
                assert answer.status == 200, (name, word, answer.raw)


@SOME
def test_ranges(service: str, task: str, version: str) -> None:
    """3.5: below the least and above the most; the bounds themselves pass."""
    for scope in SCOPES:
        for name, facts in catalogue.puttable(service, scope, task, version).items():
            least, most = facts.get("range", {}).get("min"), facts.get("range", {}).get("max")
            if least is None or (service in IN_CLUSTER and name == "num_threads"):
                continue
            body = catalogue.body(service, task, version, full=True)
            body[scope][name] = least
            assert put(cluster(version), task, body).status == 200, name
            body[scope][name] = least - 1
            answer = put(cluster(version), task, body)
            wanted = (
                "must be a positive integer" if facts["type"] == "integer" else "must be a greater than or equal to"
            )
            assert (answer.status, answer.type) == (400, "validation_exception"), name
            assert f"[{name}] {wanted}" in answer.reason
            if isinstance(most, float):
                body[scope][name] = most
                assert put(cluster(version), task, body).status == 200
                body[scope][name] = most + 0.5
                answer = put(cluster(version), task, body)
                assert (
                    f"[{scope}] Invalid value [{most + 0.5}]. [{name}] must be a less than or equal to" in answer.reason
                )


@SOME
def test_wrong_types(service: str, task: str, version: str) -> None:
    """3.5: a list where a scalar or an object is wanted, and the other way round."""
    api = cluster(version)
    for scope in SCOPES:
        for name, facts in catalogue.puttable(service, scope, task, version).items():
            if name in catalogue.LEAVE_OUT.get(service, set()) or (service in IN_CLUSTER and name == "model_id"):
                continue
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = {"a": 1} if facts["type"] == "list" else [1]
            answer = put(api, task, body)
            assert answer.status == 400, name
            assert f"field [{name}] is not of the expected type." in answer.reason


@SOME
def test_get_only_fields(service: str, task: str, version: str) -> None:
    """Catalogue, put_allowed false: shown or internal, but refused on PUT."""
    api = cluster(version)
    for name, facts in catalogue.fields(service, "service_settings", task, version).items():
        if facts.get("put_allowed") is not False:
            continue
        body = catalogue.body(service, task, version)
        body["service_settings"][name] = "V2" if facts["type"] == "enum" else 8
        answer = put(api, task, body)
        assert answer.status == 400, name
        assert f"[{name}]" in answer.reason or f"{name}=" in answer.reason


@SOME
def test_the_internal_flag(service: str, task: str, version: str) -> None:
    """Catalogue, internal_flag_in_request."""
    body = catalogue.body(service, task, version)
    body["service_settings"]["dimensions_set_by_user"] = True
    answer = put(cluster(version), task, body)
    assert answer.status == 400
    assert "dimensions_set_by_user" in answer.reason


@EVERY
def test_fields_of_other_versions_and_tasks(service: str, task: str, version: str) -> None:
    """3.5: a field that the line or the task type does not know is an unknown key."""
    api = cluster(version)
    for scope in SCOPES:
        here = catalogue.fields(service, scope, task, version)
        for name, facts in SERVICES[service][scope].items():
            if name in here or name == "*":
                continue
            if (service, name) == ("elastic", "rate_limit"):
                continue  # a message of its own (3.5)
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = catalogue.value(service, task, name, facts, version)
            answer = put(api, task, body)
            assert answer.status == 400, name
            assert "unknown" in answer.reason, name
            assert name in answer.reason


@pytest.mark.parametrize(
    ("service", "task"), [(name, task) for name, facts in SERVICES.items() for task in facts["task_types"]]
)
def test_what_is_not_offered(every: Api, service: str, task: str) -> None:
    """8.2, 8.3: before its first version a service is unknown, a task type not supported."""
    if offers(service, task, every.version):
        return
    answer = put(every, task, {"service": service, "service_settings": {}})
    if not exists(TASK_TYPES[task], every.version):
        reason = f"Unknown task_type [{task}]"
    elif not exists(SERVICES[service], every.version):
        reason = f"Unknown service [{service}]"
    else:
        reason = f"The [{service}] service does not support task type [{task}]"
    assert answer.brief() == (400, "status_exception", reason)


def test_not_released_tasks_are_named() -> None:
    """The one task type that the catalogue lists and calls not released."""
    assert {("mixedbread", "text_embedding")} == NOT_RELEASED
    assert "not released" in json.dumps(SERVICES["mixedbread"]["task_types"]["text_embedding"])
