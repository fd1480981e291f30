"""Envelopes, plain errors, headers, licence (errors.md)."""

from __future__ import annotations

from typing import Any

from inferctl.emulator.provider import ProviderRule

from .api import KEY, Api, elser, in_each, known, openai

# --- the envelope (errors.md#envelope)


def failing(api: Api) -> list[tuple[str, Any]]:
    """One answer of every family of errors."""
    api.put("completion", "ep", openai())
    api.put("sparse_embedding", "in", elser())
    api.good("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "ep"}}]})
    api.cluster.script_provider(ProviderRule("500", inference_id="new"))
    return [
        ("404", api("GET", "/_inference/nobody")),
        ("400 status", api("GET", "/_inference/rerank/ep")),
        ("400 validation", api("PUT", "/_inference/completion/x", openai(model_id=""))),
        ("400 request validation", api("PUT", "/_inference/completion/X", openai())),
        ("400 exists", api("PUT", "/_inference/completion/ep", openai())),
        ("400 parse", api("PUT", "/_inference/completion/x")),
        ("400 illegal argument", api("GET", "/_inference?foo")),
        ("400 malformed", api("PUT", "/_inference/completion/x", b"{'")),
        ("400 provider", api("PUT", "/_inference/completion/new", openai())),
        ("409", api("DELETE", "/_inference/ep")),
        ("404 update", api.update("completion", "nobody", {"task_settings": {"user": "b"}})),
    ]


@in_each()
def test_envelope(every: Api) -> None:
    """errors.md#envelope: type and reason, root causes, the status inside as outside, product header on errors too."""
    for name, answer in failing(every):
        assert answer.status >= 400, name
        assert set(answer.body) == {"error", "status"}, name
        assert answer.body["status"] == answer.status, name
        assert {"type", "reason", "root_cause"} <= set(answer.error), name
        assert next(iter(answer.error)) == "root_cause", name
        for cause in answer.error["root_cause"]:
            assert set(cause) == {"type", "reason"}, name
        assert answer.header("X-elastic-product") == "Elasticsearch", name
        assert (answer.header("Content-Type") or "").startswith("application/json"), name


@in_each()
def test_root_cause_is_the_innermost(every: Api) -> None:
    """errors.md#envelope, create.md#validation-call."""
    every.cluster.script_provider(ProviderRule("429", message="slow down"))
    error = every("PUT", "/_inference/completion/ep", openai()).error
    assert error["root_cause"] == [error["caused_by"]]
    assert error["reason"] != error["root_cause"][0]["reason"]


@in_each()
def test_app_exception_header(version: str) -> None:
    """errors.md#envelope: on status 500 and above, from 9.2."""
    api = Api(version)
    api.put("completion", "bad", openai())
    api.good("POST", "/_emulator/endpoints/bad", {"broken": True})
    answer = api("GET", "/_inference/bad")
    assert answer.status == 500
    assert (answer.header("X-Elastic-App-Exception") is not None) == known(version, "9.2")
    assert api("GET", "/_inference/nobody").header("X-Elastic-App-Exception") is None


def test_stack_traces_never_on_401(api: Api) -> None:
    """errors.md#envelope."""
    api.good("POST", "/_emulator/users", {"users": []})
    assert "stack_trace" not in api("GET", "/_inference?error_trace=true").error


@in_each()
def test_no_secret_in_any_answer_but_those_that_quote_the_body(every: Api) -> None:
    """read.md#what-is-shown, malformed.md#bodies."""
    every.cluster.script_provider(ProviderRule("401", inference_id="new"))
    every.put("completion", "ep", openai())
    for answer in (
        every("PUT", "/_inference/completion/new", openai()),
        every("PUT", "/_inference/completion/ep", openai()),
        every("PUT", "/_inference/completion/x", openai(model_id="")),
        every.update("completion", "ep", {"service_settings": {"api_key": KEY}}),
        every("GET", "/_inference"),
        every("GET", "/_emulator/requests"),
        every("GET", "/_emulator/provider"),
    ):
        assert KEY.encode() not in answer.raw


# --- plain errors (errors.md#plain-strings)


@in_each()
def test_plain_errors_are_strings(every: Api) -> None:
    """errors.md#plain-strings."""
    unknown = every("GET", "/_inference/a/b/c/d")
    assert list(unknown.body) == ["error"]
    verb = every("PATCH", "/_inference/ep")
    assert isinstance(verb.body["error"], str)
    assert verb.header("X-elastic-product") == "Elasticsearch"
    media = every("PUT", "/_inference/completion/ep", openai(), {"content-type": "text/plain"})
    assert isinstance(media.body["error"], str)


# --- product header (errors.md#product-header)


@in_each()
def test_product_header(every: Api) -> None:
    """errors.md#product-header, emulating.md#conformance item 17: on every 2xx."""
    every.put("completion", "ep", openai())
    for method, path, body in (
        ("GET", "/", None),
        ("HEAD", "/", None),
        ("GET", "/_inference", None),
        ("GET", "/_inference/_services", None),
        ("POST", "/_inference/ep", {"input": "a"}),
        ("POST", "/_inference/completion/ep/_stream", {"input": "a"}),
        ("GET", "/_ml/trained_models/_stats", None),
        ("GET", "/_license", None),
        ("DELETE", "/_inference/ep", None),
    ):
        answer = every(method, path, body)
        assert answer.status == 200, path
        assert answer.header("X-elastic-product") == "Elasticsearch", path


# --- licence (errors.md#licence)


@in_each()
def test_licence(version: str) -> None:
    """errors.md#licence: PUT, inference and newer UPDATE check it; GET, `_services` and DELETE do not."""
    api = Api(version)
    api.put("completion", "ep", openai())
    api.good("POST", "/_emulator/cluster", {"licensed": False})
    update = api.update("completion", "ep", {"task_settings": {"user": "b"}})
    for answer in (api("PUT", "/_inference/completion/x", openai()), api("POST", "/_inference/ep", {"input": "a"})):
        assert answer.brief() == (403, "security_exception", "current license is non-compliant for [inference]")
        assert answer.error["license.expired.feature"] == "inference"
        assert answer.header("X-elastic-product") is None
    if known(version, "9.5") or known(version, "8.18", "9.2"):
        assert update.status == 403
    elif not known(version, "9.3"):
        assert update.status == 200
    assert api("GET", "/_inference/ep").status == 200
    assert api("GET", "/_inference/_services").status == 200
    assert api.good("GET", "/_license")["license"]["type"] == "basic"
    assert api("DELETE", "/_inference/ep").status == 200


@in_each(["9.3", "9.4", "9.5"])
def test_eis_needs_no_enterprise_licence(version: str) -> None:
    """errors.md#licence: the elastic service is exempt, or needs Basic only."""
    api = Api(version, licensed=False)
    body = {"service": "elastic", "service_settings": {"model_id": "m"}}
    assert api("PUT", "/_inference/chat_completion/ep", body).status == 200


# --- GET / (errors.md#the-root)


@in_each()
def test_root(version: str) -> None:
    """errors.md#the-root."""
    body = Api(version).good("GET", "/")
    assert list(body) == ["name", "cluster_name", "cluster_uuid", "version", "tagline"]
    assert set(body["version"]) == {
        "number",
        "build_flavor",
        "build_type",
        "build_hash",
        "build_date",
        "build_snapshot",
        "lucene_version",
        "minimum_wire_compatibility_version",
        "minimum_index_compatibility_version",
    }
    assert body["version"]["number"].startswith(version + ".")
    assert body["version"]["build_flavor"] == "default"
    assert body["tagline"] == "You Know, for Search"


def test_serverless_root() -> None:
    """errors.md#the-root, errors.md#serverless: only the flavor tells."""
    api = Api("serverless")
    assert api.good("GET", "/")["version"]["build_flavor"] == "serverless"
    assert api.good("GET", "/_inference", None)["endpoints"]


def test_an_unknown_header_is_ignored(api: Api) -> None:
    """errors.md#serverless: Elastic-Api-Version."""
    assert api("GET", "/_inference", None, {"Elastic-Api-Version": "2023-10-31"}).status == 200


@in_each()
def test_a_provider_with_a_limit(every: Api) -> None:
    """create.md#validation-call, reconciling.md#creating: its limit appears as 400, and nothing is stored."""
    now = every.cluster.now()
    every.cluster.clock = lambda: now
    every.cluster.script_provider(ProviderRule("429", service="openai", per_minute=2))

    def put(inference_id: str, body: Any) -> Any:
        return every("PUT", f"/_inference/completion/{inference_id}", body)

    answers = [put(f"ep{number}", openai()) for number in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 400, 400]
    assert "Received a rate limit status code" in answers[3].error["caused_by"]["reason"]
    assert every.gone("ep2")
    mistral = {"service": "mistral", "service_settings": {"model": "m", "api_key": KEY}}
    assert every("PUT", "/_inference/text_embedding/other", mistral).status == 200
    every.cluster.advance(61)
    assert put("ep2", openai()).status == 200
