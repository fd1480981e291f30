"""DELETE: order, dry runs, references, the texts by version, side effects (delete.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from .api import Api, elser, in_each, known, openai, semantic

PIPELINE = {"processors": [{"inference": {"model_id": "ep"}}]}
DONE = {"acknowledged": True, "pipelines": [], "indexes": []}


def pipelines_text(*names: str) -> str:
    return (
        f"Inference endpoint ep is referenced by pipelines: [{', '.join(names)}]. Ensure that no pipelines are using "
        "this inference endpoint, or use force to ignore this warning and delete the inference endpoint."
    )


def indices_text(*names: str) -> str:
    return (
        f"Inference endpoint ep is being used in the mapping for indexes: [{', '.join(names)}]. Ensure that no index "
        "mappings are using this inference endpoint, or use force to ignore this warning and delete the inference "
        "endpoint."
    )


def referenced(api: Api, *, pipelines: tuple[str, ...] = (), indices: tuple[str, ...] = ()) -> None:
    api.put("text_embedding", "ep", openai())
    for name in pipelines:
        api.good("PUT", f"/_ingest/pipeline/{name}", PIPELINE)
    for name in indices:
        api.good("PUT", f"/{name}", {"mappings": semantic("ep")})


# --- answers (delete.md#answers)


@pytest.mark.parametrize("query", ["", "?force=true", "?force", "?dry_run=false", "?force=false"])
@in_each()
def test_plain_delete(every: Api, query: str) -> None:
    """delete.md#answers."""
    every.put("completion", "ep", openai())
    answer = every("DELETE", f"/_inference/completion/ep{query}")
    assert (answer.status, answer.body, list(answer.body)) == (200, DONE, list(DONE))
    assert every.gone("ep")


@in_each()
def test_delete_twice(every: Api) -> None:
    """delete.md#side-effects, emulating.md#conformance item 12: the second call is a 404."""
    every.put("completion", "ep", openai())
    every.good("DELETE", "/_inference/ep")
    for query in ("", "?force=true", "?dry_run=true"):
        reason = "Inference endpoint not found [ep]"
        assert every("DELETE", f"/_inference/ep{query}").brief() == (404, "resource_not_found_exception", reason)


@in_each()
def test_wrong_task_type(every: Api) -> None:
    """delete.md#steps: after the lookup, before a dry run."""
    every.put("completion", "ep", openai())
    reason = "Requested task type [rerank] does not match the inference endpoint's task type [completion]"
    for query in ("", "?force=true", "?dry_run=true"):
        assert every("DELETE", f"/_inference/rerank/ep{query}").brief() == (400, "status_exception", reason)
    assert every("DELETE", "/_inference/rerank/nope").status == 404
    assert not every.gone("ep")


REFERENCES = [
    ((), (), ""),
    (("p1",), (), pipelines_text("p1")),
    (("p1", "p2"), (), pipelines_text("p1", "p2")),
    ((), ("i1",), " " + indices_text("i1")),
    ((), ("i1", "i2"), " " + indices_text("i1", "i2")),
    (("p1",), ("i1",), pipelines_text("p1") + " " + indices_text("i1")),
]


@pytest.mark.parametrize(("pipelines", "indices", "text"), REFERENCES)
@pytest.mark.parametrize("force", ["", "&force=true"])
@in_each()
def test_dry_run(every: Api, pipelines: tuple[str, ...], indices: tuple[str, ...], text: str, force: str) -> None:
    """200 in all cases, whatever `force` says; nothing is deleted.

    Source: delete.md#answers, emulating.md#conformance item 9.
    """
    referenced(every, pipelines=pipelines, indices=indices)
    answer = every("DELETE", f"/_inference/ep?dry_run=true{force}")
    body = answer.body
    assert answer.status == 200
    assert list(body) == ["acknowledged", "pipelines", "indexes", "error_message"]
    assert body["acknowledged"] is False
    assert (sorted(body["pipelines"]), sorted(body["indexes"])) == (list(pipelines), list(indices))
    assert body["error_message"].strip() == text.strip()
    assert not every.gone("ep")


@pytest.mark.parametrize(("pipelines", "indices", "text"), REFERENCES[1:])
@in_each()
def test_the_409(every: Api, pipelines: tuple[str, ...], indices: tuple[str, ...], text: str) -> None:
    """delete.md#in-use, emulating.md#conformance item 10: exact text; with `force` 200 and empty lists."""
    referenced(every, pipelines=pipelines, indices=indices)
    answer = every("DELETE", "/_inference/text_embedding/ep")
    cause = {"type": "status_exception", "reason": answer.reason}
    assert answer.reason.strip() == text.strip()
    assert (answer.status, answer.body) == (409, {"error": {"root_cause": [cause], **cause}, "status": 409})
    assert not every.gone("ep")
    assert every.good("DELETE", "/_inference/ep?force=true") == DONE
    assert every.gone("ep")


# --- how references are found (delete.md#who-uses-it)

MODEL = {"inference": {"model_id": "ep"}}


def nested(depth: int) -> dict[str, Any]:
    processor: dict[str, Any] = MODEL
    for _ in range(depth):
        processor = {"foreach": {"field": "a", "processor": processor}}
    return processor


PIPELINES = [
    ({"processors": [MODEL]}, True, "a plain processor"),
    ({"processors": [{"set": {"field": "a"}}, MODEL]}, True, "the second processor"),
    ({"processors": [{"foreach": {"field": "a", "processor": MODEL}}]}, True, "inside foreach"),
    ({"processors": [nested(2)]}, True, "foreach twice"),
    ({"processors": [{"set": {"field": "a", "on_failure": [MODEL]}}]}, True, "on_failure of an ordinary processor"),
    (
        {"processors": [{"set": {"on_failure": [{"set": {"on_failure": [MODEL]}}]}}]},
        True,
        "on_failure inside on_failure",
    ),
    ({"processors": [], "on_failure": [MODEL]}, False, "on_failure of the pipeline"),
    ({"processors": [{"inference": {"model_id": "x", "on_failure": [MODEL]}}]}, False, "on_failure of inference"),
    (
        {"processors": [{"foreach": {"processor": {"set": {}}, "on_failure": [MODEL]}}]},
        False,
        "on_failure of foreach",
    ),
    ({"processors": [{"inference": {"model_id": "ep2"}}]}, False, "another id"),
    ({"processors": [{"inference": {"model_id": "{{ep}}"}}]}, False, "a templated id"),
    ({"processors": [{"script": {"source": "ep", "params": {"model_id": "ep"}}}]}, False, "a script"),
    ({"processors": [nested(12)]}, False, "deeper than ten levels"),
]


@pytest.mark.parametrize(("pipeline", "seen"), [pytest.param(p, s, id=name) for p, s, name in PIPELINES])
def test_what_a_pipeline_reference_is(api: Api, pipeline: dict[str, Any], seen: bool) -> None:
    """delete.md#who-uses-it."""
    api.put("completion", "ep", openai())
    api.good("PUT", "/_ingest/pipeline/p", pipeline)
    assert api.good("DELETE", "/_inference/ep?dry_run=true")["pipelines"] == (["p"] if seen else [])


FIELD = {"type": "semantic_text", "inference_id": "ep"}
MAPPINGS = [
    (semantic("ep"), True, "inference_id"),
    (semantic("other", search_inference_id="ep"), True, "search_inference_id"),
    (semantic("other"), False, "another id"),
    ({"properties": {"a": {"properties": {"b": FIELD}}}}, True, "inside an object"),
    ({"properties": {"a": {"type": "text", "fields": {"b": FIELD}}}}, True, "a multi-field"),
    ({"properties": {"a": {"type": "keyword", "inference_id": "ep"}}}, False, "not a semantic_text"),
    (semantic(None), False, "no id: the default endpoint"),
]


@pytest.mark.parametrize(("mappings", "seen"), [pytest.param(m, s, id=name) for m, s, name in MAPPINGS])
def test_what_a_mapping_reference_is(api: Api, mappings: dict[str, Any], seen: bool) -> None:
    """delete.md#who-uses-it: concrete indexes."""
    api.put("completion", "ep", openai())
    api.good("PUT", "/docs", {"mappings": mappings})
    assert api.good("DELETE", "/_inference/ep?dry_run=true")["indexes"] == (["docs"] if seen else [])


@in_each()
def test_templates_are_not_seen(every: Api) -> None:
    """delete.md#who-uses-it: index and component templates do not count."""
    every.put("completion", "ep", openai())
    template = {"template": {"mappings": semantic("ep")}}
    every.good("PUT", "/_index_template/t", {"index_patterns": ["docs*"], **template})
    every.good("PUT", "/_component_template/c", template)
    assert every.good("DELETE", "/_inference/ep") == DONE


def test_a_field_without_id_counts_for_the_default(api: Api) -> None:
    """delete.md#who-uses-it."""
    api.good("PUT", "/docs", {"mappings": semantic(None)})
    assert api.good("DELETE", "/_inference/.elser-2-elasticsearch?dry_run=true")["indexes"] == ["docs"]


@in_each()
def test_a_removed_reference_frees_the_endpoint(every: Api) -> None:
    """delete.md#who-uses-it: only what is there now counts."""
    referenced(every, pipelines=("p1",), indices=("i1",))
    every.good("DELETE", "/_ingest/pipeline/p1")
    every.good("DELETE", "/i1")
    assert every.good("DELETE", "/_inference/ep") == DONE


# --- default endpoints (delete.md#steps, delete.md#side-effects)


@in_each()
def test_default_endpoint(every: Api) -> None:
    """delete.md#steps, emulating.md#conformance item 11: reserved from 8.18; it is back on the next GET."""
    name = ".elser-2-elasticsearch"
    answer = every("DELETE", f"/_inference/{name}")
    if known(every.version, "8.18"):
        reason = (
            f"[{name}] is a reserved inference endpoint. Use the force=true query parameter to delete the inference "
            "endpoint."
        )
        assert answer.brief() == (400, "status_exception", reason)
    else:
        assert answer.body == DONE
    assert every.good("DELETE", f"/_inference/{name}?force=true") == DONE
    assert every.read(name)["inference_id"] == name


@in_each()
def test_dry_run_of_a_default_endpoint(every: Api) -> None:
    """delete.md#answers: the reserved rule is not applied."""
    body = every.good("DELETE", "/_inference/.elser-2-elasticsearch?dry_run=true")
    assert body == {"acknowledged": False, "pipelines": [], "indexes": [], "error_message": ""}


def test_references_speak_before_the_reserved_rule(api: Api) -> None:
    """delete.md#steps 4."""
    api.good("PUT", "/docs", {"mappings": semantic(None)})
    assert api("DELETE", "/_inference/.elser-2-elasticsearch").status == 409


# --- broken endpoints (delete.md#steps 5 and 6)


@in_each()
def test_unregistered_service(version: str) -> None:
    """delete.md#steps 5: 404; `force` beats it from 9.2 on."""
    api = Api(version)
    api.put("completion", "old", openai())
    api.cluster.store(replace(api.cluster.endpoints["old"], service="gone"))
    reason = "No service found for this inference endpoint old"
    assert api("DELETE", "/_inference/old").brief() == (404, "status_exception", reason)
    forced = api("DELETE", "/_inference/old?force=true")
    assert forced.status == (200 if known(version, "9.2") else 404)
    assert api.gone("old") == known(version, "9.2")


@in_each()
def test_unreadable_endpoint(version: str) -> None:
    """A bad endpoint cannot be deleted before 9.2, not even with force.

    Source: delete.md#steps 5, reconciling.md#known-faults.
    """
    api = Api(version)
    api.put("completion", "bad", openai())
    api.good("POST", "/_emulator/endpoints/bad", {"broken": True})
    answer = api("DELETE", "/_inference/bad")
    assert answer.status >= 400
    assert answer.reason == "Failed to parse model configuration for inference endpoint"
    assert (api("DELETE", "/_inference/bad?force=true").status == 200) == known(version, "9.2")


@in_each()
def test_dry_run_of_an_unreadable_endpoint(every: Api) -> None:
    """delete.md#steps: a dry run is answered before the settings are parsed."""
    every.put("completion", "bad", openai())
    every.good("POST", "/_emulator/endpoints/bad", {"broken": True})
    assert every("DELETE", "/_inference/bad?dry_run=true").status == 200


@pytest.mark.parametrize("query", ["", "?force=true"])
@in_each()
def test_update_in_progress(every: Api, query: str) -> None:
    """delete.md#steps 7: 409."""
    every.put("completion", "ep", openai())
    every.good("POST", "/_emulator/endpoints/ep", {"updating": True})
    reason = (
        "The inference endpoint(s) [ep] are currently being updated, please wait until after they are finished "
        "updating to delete."
    )
    assert every("DELETE", f"/_inference/ep{query}").brief() == (409, "status_exception", reason)
    every.good("POST", "/_emulator/endpoints/ep", {"updating": False})
    assert every.good("DELETE", f"/_inference/ep{query}") == DONE


# --- deployments (delete.md#side-effects)


@in_each()
def test_own_deployment_is_stopped(every: Api) -> None:
    """delete.md#side-effects: even if another endpoint is attached to it, which then breaks."""
    every.put("sparse_embedding", "owner", elser())
    attached = {"service": "elasticsearch", "service_settings": {"deployment_id": "owner"}}
    every.put("sparse_embedding", "guest", attached)
    every.good("DELETE", "/_inference/owner")
    assert every.cluster.deployments == {}
    assert every("POST", "/_inference/sparse_embedding/guest", {"input": "x"}).status >= 400


@in_each()
def test_attached_endpoint_leaves_the_deployment(every: Api) -> None:
    """delete.md#side-effects."""
    every.put("sparse_embedding", "owner", elser())
    attached = {"service": "elasticsearch", "service_settings": {"deployment_id": "owner"}}
    every.put("sparse_embedding", "guest", attached)
    every.good("DELETE", "/_inference/guest")
    assert list(every.cluster.deployments) == ["owner"]


@in_each()
def test_attached_delete_on_8_17_stops_the_namesake(version: str) -> None:
    """delete.md#side-effects: 8.15 to 8.17 always stopped the deployment named like the inference id."""
    api = Api(version)
    api.put("sparse_embedding", "owner", elser())
    api.put("sparse_embedding", "guest", {"service": "elasticsearch", "service_settings": {"deployment_id": "owner"}})
    api.good("POST", "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=guest")
    api.good("DELETE", "/_inference/guest")
    assert ("guest" in api.cluster.deployments) == (version != "8.17")


@in_each()
def test_deleted_and_created_again(every: Api) -> None:
    """delete.md: the id is free afterwards; nothing of the old endpoint is left."""
    every.put("text_embedding", "ep", openai({"user": "a"}))
    every.good("DELETE", "/_inference/ep")
    assert "task_settings" not in every.put("completion", "ep", openai())
