"""Every service and task type of the pages on every version line: PUT, GET, refusals.

Source: create.md#refused-settings, create.md#defaults.
"""

from __future__ import annotations

from typing import Any

from tests.agreement import pages
from tests.tables import rows

from inferctl.emulator.services import SERVICES as EMULATED
from inferctl.emulator.task_types import SINCE

from . import catalogue
from .api import VERSIONS, Api, known
from .catalogue import CHUNKING, DENSE, ELAND, IN_CLUSTER, SERVICES, exists, offers

LINES = ("8.17", "9.1", "9.5")
# Uncertain on the page: the emulator had to choose.
GUESSED = {("cohere", "similarity")}
SCOPES = ("service_settings", "task_settings")
# Their own words are in test_object_parsers.py.
PARSED = {name for name, service in EMULATED.items() if service.parser}
OF_PARSERS = ("x_content_parse_exception", "illegal_argument_exception")
EVERY = rows(catalogue.cases())
SOME = rows(catalogue.cases(LINES))


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
    seen, always = catalogue.keys_of_get(service, task, version)
    assert always <= set(endpoint["service_settings"]) <= seen
    assert "secret-" not in answer.raw.decode()
    assert endpoint["service"] == ("elasticsearch" if service == "elser" else service)
    assert ("chunking_settings" in endpoint) == (task in CHUNKING)
    assert api.read("ep") == endpoint
    return dict(endpoint)


def reads(service: str, scope: str, field: Any, version: str) -> bool:
    """Whether an object parser reads the field; secrets are read apart."""
    return service in PARSED and scope == "service_settings" and known(version, "9.5") and not field.secret


def check_refusal(answer: Any, service: str, scope: str, version: str, name: str, text: str) -> None:
    """A refusal by a service that collects its problems; object parsers have words of their own."""
    assert answer.status == 400, name
    if service in PARSED and scope == "service_settings" and known(version, "9.5"):
        assert answer.type in OF_PARSERS, name
        assert name in answer.raw.decode().lower()
    else:
        assert answer.type == "validation_exception", name
        assert text in answer.reason


@EVERY
def test_minimal(service: str, task: str, version: str) -> None:
    """create.md#defaults: the required settings are enough; GET adds exactly what the page says it fills in."""
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
        filled = found[name].filled
        assert filled, name
        wanted = filled.get(str(settings.get("embedding_type")), filled[""])
        if wanted is not None and (service, name) not in GUESSED:
            assert settings[name] == catalogue.shown(service, task, name, wanted, version)
    if task in DENSE:
        assert settings["dimensions"] > 0
    filled = {
        name: field.filled[""]
        for name, field in catalogue.fields(service, "task_settings", task, version).items()
        if field.filled
    }
    assert endpoint.get("task_settings", {}) == {**filled, **body.get("task_settings", {})}


@EVERY
def test_full(service: str, task: str, version: str) -> None:
    """Everything that goes together is accepted, and comes back unless it is a secret or hidden."""
    api = cluster(version)
    body = catalogue.body(service, task, version, full=True)
    endpoint = check_shape(service, task, version, put(api, task, body), api)
    for name, given in body["service_settings"].items():
        field = catalogue.fields(service, "service_settings", task, version)[name]
        if field.seen == "always" or name in endpoint["service_settings"]:
            assert endpoint["service_settings"][name] == catalogue.shown(service, task, name, given, version), name
    assert endpoint.get("task_settings", {}) == body.get("task_settings", {})


@EVERY
def test_full_with_words_in_upper_case(service: str, task: str, version: str) -> None:
    """Enums are read in any case and shown in their own."""
    body = catalogue.body(service, task, version, full=True)
    plain = put(cluster(version), task, body).body
    for scope in SCOPES:
        for name, field in catalogue.fields(service, scope, task, version).items():
            if field.type == "enum" and name in body.get(scope, {}) and name != "model_id":
                body[scope][name] = body[scope][name].upper()
    assert put(cluster(version), task, body).body == plain


# --- refusals


@rows((*case, scope) for case in catalogue.cases(LINES) for scope in (*SCOPES, "top level"))
def test_unknown_key(service: str, task: str, version: str, scope: str) -> None:
    """create.md#refused-settings: unknown keys fail in every version and on every level."""
    body = catalogue.body(service, task, version)
    place = body if scope == "top level" else body.setdefault(scope, {})
    place["zzz_unknown"] = 1
    answer = put(cluster(version), task, body)
    assert answer.status == 400
    assert "zzz_unknown" in answer.reason
    assert "unknown" in answer.reason.replace("zzz_unknown", "")


@SOME
def test_required_missing(service: str, task: str, version: str) -> None:
    """create.md#refused-settings: each required setting on its own."""
    api = cluster(version)
    for scope in SCOPES:
        for name, field in catalogue.puttable(service, scope, task, version).items():
            if not field.required:
                continue
            body = catalogue.body(service, task, version)
            del body[scope][name]
            answer = put(api, task, body)
            wanted = f"[{scope}] does not contain the required setting [{name}]"
            if (service, name) == ("cohere", "model_id"):
                wanted = "The [service_settings.model_id] field is required for the Cohere V2 API."
            assert answer.status == 400, name
            assert answer.type == OF_PARSERS[1] if reads(service, scope, field, version) else "validation_exception"
            assert wanted in answer.reason
            assert api.gone("ep")


@SOME
def test_required_empty(service: str, task: str, version: str) -> None:
    """create.md#refused-settings: strings must not be empty."""
    api = cluster(version)
    for scope in SCOPES:
        for name, field in catalogue.puttable(service, scope, task, version).items():
            if field.type != "string" or (service in IN_CLUSTER and name == "model_id"):
                continue
            if name in catalogue.LEAVE_OUT.get(service, set()):
                continue
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = ""
            answer = put(api, task, body)
            text = f"[{scope}] Invalid value empty string. [{name}] must be a non-empty string"
            if field.required and reads(service, scope, field, version):
                check_refusal(answer, service, scope, version, name, text)
            else:
                assert (answer.status, answer.type) == (400, "validation_exception"), name
                assert text in answer.reason


@SOME
def test_enums(service: str, task: str, version: str) -> None:
    """create.md#refused-settings: a word outside the list; the list is sorted and in lower case."""
    api = cluster(version)
    for scope in SCOPES:
        for name, field in catalogue.puttable(service, scope, task, version).items():
            if field.type != "enum" or name == "model_id":
                continue
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = "zzz"
            answer = put(api, task, body)
            words = sorted(word.lower() for word in field.words)
            text = f"[{scope}] Invalid value [zzz] received. [{name}] must be one of [{', '.join(words)}]"
            check_refusal(answer, service, scope, version, name, text)


@SOME
def test_every_word_of_an_enum(service: str, task: str, version: str) -> None:
    """create.md#refused-settings: every listed word is accepted where no rule between fields speaks against it."""
    ruled = {("amazonbedrock", "provider"), ("azureaistudio", "provider"), ("azureaistudio", "endpoint_type")}
    ruled |= {("amazon_sagemaker", "api"), ("googlevertexai", "provider")}
    for scope in SCOPES:
        for name, field in catalogue.puttable(service, scope, task, version).items():
            if field.type != "enum" or name == "model_id" or (service, name) in ruled:
                continue
            for word in field.words:
                body = catalogue.body(service, task, version, full=True)
                body[scope][name] = word
                if (service, name) == ("elasticsearch", "long_document_strategy") and word == "truncate":
                    body[scope].pop("max_chunks_per_doc")
                answer = put(cluster(version), task, body)
                assert answer.status == 200, (name, word, answer.raw)


@SOME
def test_ranges(service: str, task: str, version: str) -> None:
    """create.md#refused-settings: below the least and above the most; the bounds themselves pass."""
    for scope in SCOPES:
        for name, field in catalogue.puttable(service, scope, task, version).items():
            least, most = field.least, field.most
            if least is None or (service in IN_CLUSTER and name == "num_threads"):
                continue
            body = catalogue.body(service, task, version, full=True)
            body[scope][name] = least
            assert put(cluster(version), task, body).status == 200, name
            body[scope][name] = least - 1
            answer = put(cluster(version), task, body)
            wanted = "must be a positive integer" if field.type == "integer" else "must be a greater than or equal to"
            check_refusal(answer, service, scope, version, name, f"[{name}] {wanted}")
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
    """create.md#refused-settings: a list where a scalar or an object is wanted, and the other way round."""
    api = cluster(version)
    for scope in SCOPES:
        for name, field in catalogue.puttable(service, scope, task, version).items():
            if name in catalogue.LEAVE_OUT.get(service, set()) or (service in IN_CLUSTER and name == "model_id"):
                continue
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = {"a": 1} if field.type == "list" else [1]
            answer = put(api, task, body)
            assert answer.status == 400, name
            if service in PARSED and scope == "service_settings" and known(version, "9.5"):
                assert answer.reason.endswith(f"[{scope}] {name} doesn't support values of type: START_ARRAY")
            else:
                assert f"field [{name}] is not of the expected type." in answer.reason


@SOME
def test_get_only_fields(service: str, task: str, version: str) -> None:
    """Shown or internal, but refused on PUT."""
    api = cluster(version)
    for name, field in catalogue.fields(service, "service_settings", task, version).items():
        if field.put:
            continue
        body = catalogue.body(service, task, version)
        body["service_settings"][name] = "V2" if field.type == "enum" else 8
        answer = put(api, task, body)
        assert answer.status == 400, name
        assert f"[{name}]" in answer.reason or f"{name}=" in answer.reason


@SOME
def test_the_internal_flag(service: str, task: str, version: str) -> None:
    """A flag of the server's own is refused."""
    body = catalogue.body(service, task, version)
    body["service_settings"]["dimensions_set_by_user"] = True
    answer = put(cluster(version), task, body)
    assert answer.status == 400
    assert "dimensions_set_by_user" in answer.reason


@EVERY
def test_fields_of_other_versions_and_tasks(service: str, task: str, version: str) -> None:
    """create.md#refused-settings: a field that the line or the task type does not know is an unknown key."""
    api = cluster(version)
    for scope in SCOPES:
        here = catalogue.fields(service, scope, task, version)
        for name, field in catalogue.every_field(service, scope).items():
            if name in here:
                continue
            if (service, name) == ("elastic", "rate_limit"):
                continue  # a message of its own (create.md#refused-settings)
            body = catalogue.body(service, task, version)
            body.setdefault(scope, {})[name] = catalogue.value(service, task, name, field)
            answer = put(api, task, body)
            assert answer.status == 400, name
            assert "unknown" in answer.reason, name
            assert name in answer.reason


@rows(
    (service, task, version)
    for service in SERVICES
    for task in pages.task_types(service)
    for version in VERSIONS
    if not offers(service, task, version)
)
def test_what_is_not_offered(service: str, task: str, version: str) -> None:
    """services.md#names: before its first version a service is unknown, a task type not supported."""
    answer = put(Api(version), task, {"service": service, "service_settings": {}})
    if not known(version, SINCE[task]):
        reason = f"Unknown task_type [{task}]"
    elif not exists(service, version):
        reason = f"Unknown service [{service}]"
    else:
        reason = f"The [{service}] service does not support task type [{task}]"
    assert answer.brief() == (400, "status_exception", reason)
