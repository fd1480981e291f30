"""In-cluster endpoints, deployments and their stats over a clock (in-cluster.md#create, in-cluster.md#stats)."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, elser, in_each, known, openai, versions

ADAPTIVE = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
VALID, STATUS, ILLEGAL = "validation_exception", "status_exception", "illegal_argument_exception"


def service(**settings: Any) -> dict[str, Any]:
    return {"service": "elasticsearch", "service_settings": settings}


def stats(api: Api, model: str = ".elser_model_2") -> list[dict[str, Any]]:
    body = api.good("GET", f"/_ml/trained_models/{model}/_stats")
    rows = body["trained_model_stats"]
    assert body["count"] == len(rows)
    return [row["deployment_stats"] for row in rows if "deployment_stats" in row]


# --- settings (in-cluster.md#create)

REFUSED: list[tuple[str, str, Any, tuple[int, str, str]]] = [
    (
        "no model",
        "sparse_embedding",
        service(num_threads=1, num_allocations=1),
        (400, ILLEGAL, "Error parsing service settings, model_id must be provided"),
    ),
    (
        "unknown model",
        "sparse_embedding",
        elser(model_id="nope"),
        (
            400,
            ILLEGAL,
            (
                "Error parsing request config, model id does not match any models available on this platform. "
                "Was [nope]. You may need to load it into the cluster using eland."
            ),
        ),
    ),
    (
        "neither allocation setting",
        "sparse_embedding",
        elser(num_allocations=None),
        (
            400,
            VALID,
            "[service_settings] does not contain one of the required settings [num_allocations, adaptive_allocations]",
        ),
    ),
    (
        "no threads",
        "sparse_embedding",
        elser(num_threads=None),
        (400, VALID, "[service_settings] does not contain the required setting [num_threads]"),
    ),
    (
        "zero allocations",
        "sparse_embedding",
        elser(num_allocations=0),
        (400, VALID, "[service_settings] Invalid value [0]. [num_allocations] must be a positive integer"),
    ),
    (
        "negative minimum",
        "sparse_embedding",
        elser(num_allocations=None, adaptive_allocations={**ADAPTIVE, "min_number_of_allocations": -1}),
        (400, "", "[min_number_of_allocations] must be a non-negative integer or null"),
    ),
    (
        "maximum of zero",
        "sparse_embedding",
        elser(num_allocations=None, adaptive_allocations={**ADAPTIVE, "max_number_of_allocations": 0}),
        (400, "", "[max_number_of_allocations] must be a positive integer or null"),
    ),
    (
        "minimum above maximum",
        "sparse_embedding",
        elser(num_allocations=None, adaptive_allocations={**ADAPTIVE, "min_number_of_allocations": 5}),
        (400, "", "[min_number_of_allocations] must not be larger than [max_number_of_allocations]"),
    ),
    (
        "unknown deployment",
        "sparse_embedding",
        service(deployment_id="d"),
        (404, STATUS, "Cannot find deployment [d]"),
    ),
    (
        "model of another task",
        "text_embedding",
        elser(),
        (400, STATUS, "Deployed model [.elser_model_2] with type [sparse_embedding] does not match"),
    ),
]


@in_each()
@pytest.mark.parametrize(("task", "body", "wanted"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_refused(version: str, task: str, body: Any, wanted: tuple[int, str, str]) -> None:
    """in-cluster.md#create: nothing is stored and nothing is deployed."""
    api = Api(version)
    answer = api("PUT", f"/_inference/{task}/ep", body)
    status, kind, words = wanted
    assert answer.status == status
    assert kind in answer.type
    assert words in answer.reason
    assert api.gone("ep")
    assert api.cluster.deployments == {}


@in_each()
@pytest.mark.parametrize("threads", [3, 64])
def test_threads_fail_at_the_start(version: str, threads: int) -> None:
    """in-cluster.md#create: not a power of two, or above 32; the endpoint stays behind (#137127)."""
    api = Api(version)
    answer = api("PUT", "/_inference/sparse_embedding/ep", elser(num_threads=threads))
    assert answer.status == 400
    assert "[threads_per_allocation] must be a power of 2 less than or equal to 32" in answer.reason
    assert api.read("ep")["service_settings"]["num_threads"] == threads
    assert api.cluster.deployments == {}


@in_each()
def test_fixed_number_with_adaptive(version: str) -> None:
    """Stored, then the start fails; a retry says already exists; DELETE and PUT is the way out.

    Source: in-cluster.md#create, reconciling.md#known-faults.
    """
    api = Api(version)
    body = elser(num_allocations=1, adaptive_allocations=ADAPTIVE)
    answer = api("PUT", "/_inference/sparse_embedding/ep", body)
    reason = "Validation Failed: 1: [number_of_allocations] cannot be set if adaptive allocations is enabled;"
    assert answer.brief() == (400, "action_request_validation_exception", reason)
    assert api("PUT", "/_inference/sparse_embedding/ep", elser()).type == "resource_already_exists_exception"
    api.good("DELETE", "/_inference/ep")
    api.put("sparse_embedding", "ep", elser())


@in_each()
def test_fixed_number_with_adaptive_off(version: str) -> None:
    """in-cluster.md#create: allowed, since adaptive allocations are not enabled."""
    body = elser(num_allocations=2, adaptive_allocations={"enabled": False})
    shown = Api(version).put("sparse_embedding", "ep", body)
    assert shown["service_settings"]["num_allocations"] == 2


@in_each()
@pytest.mark.parametrize("key", ["long_document_strategy", "max_chunks_per_doc"])
def test_long_documents(version: str, key: str) -> None:
    """in-cluster.md#create: for rerank, from 9.2; a number of chunks needs the strategy chunk."""
    api = Api(version)
    settings = {"long_document_strategy": "chunk", "max_chunks_per_doc": 3}
    answer = api("PUT", "/_inference/rerank/ep", elser(model_id=".rerank-v1", **settings))
    assert answer.status == (200 if known(version, "9.2") else 400)
    if answer.status == 200:
        assert answer.body["service_settings"][key] == settings[key]
        alone = elser(model_id=".rerank-v1", max_chunks_per_doc=3)
        assert api("PUT", "/_inference/rerank/ep2", alone).type == VALID


@in_each()
def test_eland_model(version: str) -> None:
    """Only eland text-embedding models are called; similarity, element type and dimensions are filled.

    Source: create.md#defaults, in-cluster.md#create.
    """
    api = Api(version)
    api.cluster.load_models([("my-e5", "text_embedding")])
    settings = api.put("text_embedding", "ep", elser(model_id="my-e5"))["service_settings"]
    assert (settings["similarity"], settings["element_type"]) == ("cosine", "float")
    assert settings["dimensions"] > 0
    assert api.calls("put") == 0
    for name in ("e5", "e5-again"):
        plain = api.put("text_embedding", name, elser(model_id=".multilingual-e5-small"))["service_settings"]
        assert set(plain) == {"num_allocations", "num_threads", "model_id"}


@in_each()
@pytest.mark.parametrize("model", [3, ["x"], {"a": 1}, True])
def test_model_id_of_a_wrong_type(version: str, model: Any) -> None:
    """create.md#refused-settings: refused like any wrong scalar."""
    answer = Api(version)("PUT", "/_inference/sparse_embedding/ep", elser(model_id=model))
    assert answer.status == 400
    assert "field [model_id] is not of the expected type." in answer.reason


# --- a good PUT


@in_each()
def test_put_starts_the_deployment(every: Api) -> None:
    """in-cluster.md#create: its id is the inference id; no provider is asked."""
    shown = every.put("sparse_embedding", "my-elser", elser(num_allocations=2, num_threads=4))
    (deployment,) = stats(every)
    assert shown["service_settings"] == {"num_allocations": 2, "num_threads": 4, "model_id": ".elser_model_2"}
    assert list(shown["service_settings"]) == ["num_allocations", "num_threads", "model_id"]
    assert (deployment["deployment_id"], deployment["model_id"]) == ("my-elser", ".elser_model_2")
    assert (deployment["number_of_allocations"], deployment["threads_per_allocation"]) == (2, 4)
    assert every.cluster.provider_calls == []


@in_each()
def test_several_deployments_of_one_model(every: Api) -> None:
    """in-cluster.md#stats: one entry each."""
    every.put("sparse_embedding", "a", elser())
    every.put("sparse_embedding", "b", elser())
    assert sorted(row["deployment_id"] for row in stats(every)) == ["a", "b"]


@in_each()
def test_attached(every: Api) -> None:
    """in-cluster.md#create: values come from the deployment, whatever the request says; unknown keys pass."""
    every.put("sparse_embedding", "owner", elser(num_allocations=2, num_threads=4))
    shown = every.put("sparse_embedding", "guest", service(deployment_id="owner", num_threads=16, foo=1))
    assert shown["service_settings"] == {
        "num_allocations": 2,
        "num_threads": 4,
        "model_id": ".elser_model_2",
        "deployment_id": "owner",
    }
    assert list(every.cluster.deployments) == ["owner"]


@in_each()
def test_attached_to_the_wrong_model(every: Api) -> None:
    """in-cluster.md#create."""
    every.put("sparse_embedding", "owner", elser())
    answer = every("PUT", "/_inference/sparse_embedding/guest", service(deployment_id="owner", model_id="other"))
    reason = "Deployment [owner] uses model [.elser_model_2] which does not match the model [other] in the request."
    assert answer.brief() == (400, STATUS, reason)


@in_each()
def test_attached_to_another_task(every: Api) -> None:
    """in-cluster.md#create."""
    every.put("sparse_embedding", "owner", elser())
    answer = every("PUT", "/_inference/text_embedding/guest", service(deployment_id="owner"))
    reason = (
        "Deployed model [.elser_model_2] with type [sparse_embedding] does not match the requested task type "
        "[text_embedding]"
    )
    assert answer.brief() == (400, STATUS, reason)


# --- waiting (in-cluster.md#create)


@in_each()
def test_timeout_leaves_the_endpoint(version: str) -> None:
    """408, the endpoint exists and the deployment goes on in the background.

    Source: in-cluster.md#create, reconciling.md#creating.
    """
    api = Api(version, allocation_seconds=100.0)
    answer = api("PUT", "/_inference/sparse_embedding/ep", elser())
    assert (answer.status, answer.type) == (408, STATUS)
    assert answer.reason.startswith("Timed out after [30s] waiting for model deployment to start.")
    assert api.read("ep")["inference_id"] == "ep"
    assert stats(api)[0]["state"] == "starting"
    assert api("PUT", "/_inference/sparse_embedding/ep", elser()).type == "resource_already_exists_exception"
    api.cluster.advance(100)
    assert stats(api)[0]["state"] == "started"


# --- stats (in-cluster.md#stats)


@in_each()
def test_the_life_of_a_deployment(every: Api) -> None:
    """in-cluster.md#stats, emulating.md#conformance item 16: starting, started, fully_allocated, over the clock."""
    every.cluster.allocation_seconds, every.cluster.put_waits = 10.0, False
    every.put("sparse_embedding", "ep", elser(num_allocations=3))
    seen = []
    for _ in range(5):
        (row,) = stats(every)
        allocation = row["allocation_status"]
        seen.append((row["state"], allocation["state"], allocation["allocation_count"]))
        assert allocation["target_allocation_count"] == 3
        every.cluster.advance(10)
    assert seen == [
        ("starting", "starting", 0),
        ("started", "started", 1),
        ("started", "started", 2),
        ("started", "fully_allocated", 3),
        ("started", "fully_allocated", 3),
    ]


@in_each()
def test_put_waits_for_the_first_allocation_only(every: Api) -> None:
    """in-cluster.md#stats: `fully_allocated` may come later."""
    every.cluster.allocation_seconds = 10.0
    every.put("sparse_embedding", "ep", elser(num_allocations=3))
    (row,) = stats(every)
    assert row["allocation_status"] == {"allocation_count": 1, "target_allocation_count": 3, "state": "started"}


@in_each()
def test_fields_of_the_stats(every: Api) -> None:
    """in-cluster.md#stats: the sample."""
    every.put("sparse_embedding", "ep", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    (row,) = stats(every)
    assert row["adaptive_allocations"] == ADAPTIVE
    assert row["queue_capacity"] == 10000
    assert row["priority"] == "normal"
    assert row["start_time"] == 1_700_000_000_000
    assert {"cache_size", "peak_throughput_per_minute", "nodes"} <= set(row)


@in_each()
def test_asleep_is_fully_allocated(every: Api) -> None:
    """in-cluster.md#stats: 0 of 0, until inference wakes it."""
    every.put("sparse_embedding", "ep", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    every.cluster.advance(2 * 24 * 3600)
    (row,) = stats(every)
    assert row["state"] == "started"
    assert row["allocation_status"] == {
        "allocation_count": 0,
        "target_allocation_count": 0,
        "state": "fully_allocated",
    }
    assert every("POST", "/_inference/ep", {"input": "a"}).status == 200
    assert stats(every)[0]["allocation_status"]["allocation_count"] == 1


@in_each(versions("9.1"))
def test_sleep_after_a_day(version: str) -> None:
    """in-cluster.md#stats: 24 hours by default from 9.1 on (#128914)."""
    api = Api(version)
    api.put("sparse_embedding", "ep", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    api.cluster.advance(24 * 3600 - 1)
    assert stats(api)[0]["allocation_status"]["allocation_count"] == 1
    api.cluster.advance(1)
    assert stats(api)[0]["allocation_status"]["allocation_count"] == 0


@in_each()
def test_a_minimum_above_zero_never_sleeps(every: Api) -> None:
    """in-cluster.md#stats."""
    adaptive = {**ADAPTIVE, "min_number_of_allocations": 1}
    every.put("sparse_embedding", "ep", elser(num_allocations=None, adaptive_allocations=adaptive))
    every.cluster.advance(30 * 24 * 3600)
    assert stats(every)[0]["allocation_status"]["allocation_count"] == 1


@in_each()
def test_an_update_grows_in_steps(every: Api) -> None:
    """in-cluster.md#update: UPDATE does not wait for the allocations."""
    every.cluster.allocation_seconds = 10.0
    every.put("sparse_embedding", "ep", elser())
    every.update("sparse_embedding", "ep", {"service_settings": {"num_allocations": 3}})
    counts = []
    for _ in range(3):
        counts.append(stats(every)[0]["allocation_status"]["allocation_count"])
        every.cluster.advance(10)
    assert counts == [1, 2, 3]


@in_each()
def test_no_deployment_no_stats(every: Api) -> None:
    """in-cluster.md#stats: a model without a deployment has no `deployment_stats`."""
    every.cluster.load_models([("mine", "text_embedding")])
    (row,) = every.good("GET", "/_ml/trained_models/mine/_stats")["trained_model_stats"]
    assert row["model_id"] == "mine"
    assert "deployment_stats" not in row


@in_each()
def test_unknown_model(every: Api) -> None:
    """in-cluster.md#stats."""
    answer = every("GET", "/_ml/trained_models/nope/_stats")
    assert (answer.status, answer.type) == (404, "resource_not_found_exception")


@in_each()
def test_stats_of_everything(every: Api) -> None:
    """in-cluster.md#stats: `_all`, and several deployments."""
    every.put("sparse_embedding", "a", elser())
    every.put("rerank", "b", elser(model_id=".rerank-v1"))
    for path in ("/_ml/trained_models/_stats", "/_ml/trained_models/_all/_stats"):
        rows = every.good("GET", path)["trained_model_stats"]
        assert {row["deployment_stats"]["deployment_id"] for row in rows} == {"a", "b"}


@in_each()
def test_stopping_a_used_deployment(version: str) -> None:
    """409 unless forced, from 8.19 and 9.1 (and patches of 8.18 and 9.0); before, a stop broke the endpoint.

    Source: in-cluster.md#stats.
    """
    api = Api(version)
    api.put("sparse_embedding", "ep", elser())
    answer = api("POST", "/_ml/trained_models/ep/deployment/_stop")
    if known(version, "8.19/9.1"):
        text = "Cannot stop deployment [ep] as it was created by inference endpoint [ep]"
        assert answer.brief() == (409, STATUS, text)
        assert api("POST", "/_ml/trained_models/ep/deployment/_stop?force=true").status == 200
    else:
        assert answer.status in {200, 409}
    if not api.cluster.deployments:
        assert api("POST", "/_inference/ep", {"input": "a"}).status == 404
        api.good("POST", "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=ep")
        assert api("POST", "/_inference/ep", {"input": "a"}).status == 200


@in_each(versions("9.2"))
def test_the_ml_api_may_update_its_own_deployments(version: str) -> None:
    """in-cluster.md#update: only those of endpoints are guarded."""
    api = Api(version)
    api.good("POST", "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=dep")
    api.good("POST", "/_ml/trained_models/dep/deployment/_update", {"number_of_allocations": 4})
    assert stats(api)[0]["number_of_allocations"] == 4


@in_each()
def test_external_endpoints_deploy_nothing(every: Api) -> None:
    """in-cluster.md#create."""
    every.put("text_embedding", "ep", openai())
    assert every.cluster.deployments == {}


# --- deployments that do not run (in-cluster.md#stats)

START = "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=e&number_of_allocations=1"


def refused(api: Api, expected: tuple[int, str, str], method: str, target: str, body: Any = None) -> None:
    status, kind, reason = api(method, target, body).brief()
    assert (status, kind) == expected[:2]
    assert expected[2] in reason


def test_a_start_that_fails_leaves_the_endpoint_and_no_deployment() -> None:
    api = Api()
    api.cluster.start_fails = "no room"
    reason = (500, STATUS, "the following nodes failed with errors [{node-0=no room}]")
    refused(api, reason, "PUT", "/_inference/sparse_embedding/e", elser())
    assert api.good("GET", "/_inference/e")["endpoints"]
    assert stats(api, "_all") == []
    refused(api, reason, "POST", START)
    assert stats(api, "_all") == []
    api.cluster.start_fails = ""
    api.good("POST", START)
    assert [row["state"] for row in stats(api, "_all")] == ["started"]


def test_no_node_takes_the_model_and_the_endpoint_stays() -> None:
    api = Api()
    api.cluster.no_room = "not enough memory"
    reason = (429, STATUS, "no ML nodes with sufficient capacity were found")
    refused(api, reason, "PUT", "/_inference/sparse_embedding/e", elser())
    assert api.good("GET", "/_inference/e")["endpoints"]
    assert stats(api, "_all") == []


def test_a_start_that_nobody_waits_for_stays_failed() -> None:
    api = Api()
    api.cluster.start_fails, api.cluster.put_waits = "no room", False
    api.good("PUT", "/_inference/sparse_embedding/e", elser())
    (row,) = stats(api)
    assert (row["state"], row["reason"], row["allocation_status"]["allocation_count"]) == ("failed", "no room", 0)
    refused(api, (404, STATUS, "is not allocated to any nodes"), "POST", "/_inference/e", {"input": "x"})
    api.cluster.start_fails = ""
    refused(api, (409, STATUS, "existing deployment with the same id [e] exist"), "POST", START)
    api.good("POST", "/_ml/trained_models/e/deployment/_stop?force=true")
    api.good("POST", START)
    assert [row["state"] for row in stats(api)] == ["started"]


def test_whose_a_deployment_is_is_told_by_its_id() -> None:
    api = Api("9.5")
    api.good("PUT", "/_inference/sparse_embedding/e", elser())
    api.good("POST", "/_ml/trained_models/e/deployment/_stop?force=true")
    api.good("POST", START)
    expected = (409, STATUS, "was created by inference endpoint [e]")
    refused(api, expected, "POST", "/_ml/trained_models/e/deployment/_update", {"number_of_allocations": 2})
    update = {"service_settings": {"num_allocations": 2}}
    assert api.good("PUT", "/_inference/sparse_embedding/e/_update", update)["service_settings"]["num_allocations"] == 2


MODELS = [("text_embedding", "text_embedding"), ("text_expansion", "sparse_embedding"), ("text_similarity", "rerank")]


@pytest.mark.parametrize(("kind", "task"), MODELS)
def test_a_model_that_is_put_can_be_deployed(api: Api, kind: str, task: str) -> None:
    """in-cluster.md#create: as eland does; its definition is not waited for."""
    config = {"input": {"field_names": ["text_field"]}, "inference_config": {kind: {}}}
    target = "/_ml/trained_models/mine?defer_definition_decompression=true"
    assert api.good("PUT", target, config)["model_id"] == "mine"
    assert api("PUT", target, config).status == 400
    api.put(task, "ep", elser(model_id="mine"))


def test_a_built_in_model_may_be_asked_for(api: Api) -> None:
    """Its download is what a real server begins."""
    for _ in range(2):
        assert api("PUT", "/_ml/trained_models/.elser_model_2", {"input": {"field_names": ["t"]}}).status == 200
    api.put("sparse_embedding", "ep", elser())
