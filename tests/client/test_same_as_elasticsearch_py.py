"""For the same call, our request equals elasticsearch-py's: method, raw path, ordered query, JSON body."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inferctl import AsyncInferenceClient, InferenceClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .recorder import Recorder

IDS = [
    "my-openai",
    "a/b",
    "a b",
    "ü-ñ-日本",
    "100%",
    "%2F",
    "a,b",
    "*",
    "_all",
    "~x'!()$&+=;:@",
    '"<>\\^`{|}',
    ".elser",
]
TASKS = [None, "", "text_embedding", "sparse_embedding", "chat completion", "rerank/x"]
BODIES: list[dict[str, Any]] = [
    {},
    {
        "service": "openai",
        "service_settings": {"api_key": "k", "n": 1, "f": 0.5, "deep": [{"ü": None}, True]},
    },
]


POLICIES: list[dict[str, Any]] = [
    {"region_policy": {"allowed_geos": ["eu", "ü"]}},
    {"region_policy": {}},
    {"body": {"region_policy": {"allowed_regions": [{"csp": "aws", "region": "eu-west-1"}]}}},
]
REGION_POLICY_VERBS = ["get_region_policy", "put_region_policy", "delete_region_policy"]
VERBS = ["get", "put", "update", "delete", "inference", *REGION_POLICY_VERBS]


def names(least: int, most: int) -> st.SearchStrategy[str]:
    """All but what no path can hold: that is refused."""
    text = st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=most)
    return text.filter(lambda name: name not in (".", ".."))


ids = st.one_of(st.sampled_from(IDS), names(1, 12))
tasks = st.one_of(st.sampled_from(TASKS), names(0, 8))
flags = st.sampled_from([None, True, False])
paths = st.one_of(st.none(), st.sampled_from(["endpoints.*", "error,status", "a&b=c d", ["a", "b/*", "-c"]]))
times = st.sampled_from([None, "30s", "1m", -1, 0])
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
json_bodies = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
    st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3, alphabet="abc"), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)

COMMON: dict[str, Any] = {"error_trace": flags, "filter_path": paths, "human": flags, "pretty": flags}


@pytest.fixture(scope="module")
def theirs(server: Recorder) -> Iterator[Elasticsearch]:
    with Elasticsearch(server.url, retry_on_timeout=False, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def ours(server: Recorder) -> Iterator[InferenceClient]:
    with InferenceClient(server.url) as client:
        yield client


def given_only(call: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in call.items() if value is not None}


def both(server: Recorder, theirs: Elasticsearch, ours: InferenceClient, verb: str, call: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        getattr(theirs.inference, verb)(**{k: dict(v) if isinstance(v, dict) else v for k, v in call.items()})
    expected = server.last()
    getattr(ours, verb)(**call)
    got = server.last()
    assert got is not expected
    assert got.essence()[2:] == expected.essence()[2:]
    assert (got.method, got.target) == (expected.method, one_name(expected.target))  # order and escapes included
    assert got.headers["accept"] == "application/json"
    assert got.headers.get("content-type") == ("application/json" if expected.body else None)


def one_name(target: str) -> str:
    """What we send for a path of theirs: what could name several things is escaped too."""
    path, mark, query = target.partition("?")
    return path.replace(",", "%2C").replace("*", "%2A") + mark + query


def verbs(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    verb = draw(st.sampled_from(VERBS))
    call: dict[str, Any] = {name: draw(strategy) for name, strategy in COMMON.items()}
    if verb in REGION_POLICY_VERBS:
        if verb == "put_region_policy":
            call["force"] = draw(flags)
            call |= draw(st.sampled_from(POLICIES))
        return verb, given_only(call)
    call["task_type"] = draw(tasks)
    call["inference_id"] = draw(ids)
    if verb == "get":
        call["inference_id"] = draw(st.one_of(st.none(), st.just(""), ids))
    if verb == "delete":
        call |= {"dry_run": draw(flags), "force": draw(flags)}
    if verb in {"put", "update"}:
        call |= {
            "timeout": draw(times),
            draw(st.sampled_from(["inference_config", "body"])): draw(json_bodies),
        }
    if verb == "inference":
        call["timeout"] = draw(times)
        fields = {
            "input": draw(st.one_of(st.text(max_size=5, alphabet="aü "), st.just(["a", "b"]), st.just([]))),
            "input_type": draw(st.sampled_from([None, "SEARCH", ""])),
            "query": draw(st.sampled_from([None, "q", ""])),
            "task_settings": draw(st.sampled_from([None, {}, {"a": {"b": 1}}])),
        }
        shape = draw(st.sampled_from(["fields", "body", "mixed"]))
        if shape == "fields":
            call |= fields
        elif shape == "body":
            call["body"] = draw(json_bodies)
        else:
            call |= {
                "body": {"input": fields["input"]},
                "query": fields["query"],
                "task_settings": fields["task_settings"],
            }
    return verb, given_only(call)


calls = st.composite(verbs)()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=calls)
def test_any_call(
    server: Recorder, theirs: Elasticsearch, ours: InferenceClient, call: tuple[str, dict[str, Any]]
) -> None:
    both(server, theirs, ours, *call)


@pytest.mark.parametrize("task_type", TASKS)
@pytest.mark.parametrize("inference_id", IDS)
@pytest.mark.parametrize("verb", ["get", "put", "update", "delete", "inference"])
def test_odd_ids(
    server: Recorder,
    theirs: Elasticsearch,
    ours: InferenceClient,
    verb: str,
    inference_id: str,
    task_type: str | None,
) -> None:
    call: dict[str, Any] = {"inference_id": inference_id, "task_type": task_type}
    if verb in {"put", "update"}:
        call["body"] = BODIES[1]
    if verb == "inference":
        call["input"] = "x"
    both(server, theirs, ours, verb, given_only(call))


def test_get_everything_and_one_task(server: Recorder, theirs: Elasticsearch, ours: InferenceClient) -> None:
    both(server, theirs, ours, "get", {})
    assert server.last().target == "/_inference"
    both(server, theirs, ours, "get", {"task_type": "rerank"})
    assert server.last().target == "/_inference/rerank/_all"


def test_update_is_a_put_never_a_post(server: Recorder, ours: InferenceClient) -> None:
    ours.update(inference_id="a", task_type="rerank", body={"service_settings": {}})
    assert server.last().essence()[:2] == ("PUT", "/_inference/rerank/a/_update")
    assert "POST" in (InferenceClient.update.__doc__ or "")


def test_a_path_in_the_url_is_a_prefix(server: Recorder) -> None:
    with InferenceClient(server.url + "/es/prod/") as client:
        client.get(inference_id="a/..")
    assert server.last().target == "/es/prod/_inference/a%2F.."


@pytest.mark.parametrize("verb", ["put", "update"])
@pytest.mark.parametrize(
    ("call", "error"),
    [
        ({"inference_id": "a"}, ValueError),
        ({"inference_id": "a", "inference_config": {}, "body": {}}, TypeError),
        ({"inference_id": "", "body": {}}, ValueError),
        ({"inference_id": "a", "body": {"x": float("nan")}}, ValueError),
        ({"inference_id": "a", "body": {"x": object()}}, TypeError),
        ({"inference_id": "a", "body": "text"}, TypeError),
        ({"body": {}}, TypeError),
    ],
)
def test_refused_before_anything_is_sent(
    server: Recorder, ours: InferenceClient, verb: str, call: dict[str, Any], error: type[Exception]
) -> None:
    before = len(server.seen)
    with pytest.raises(error):
        getattr(ours, verb)(**call)
    assert len(server.seen) == before


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ({}, ValueError),
        ({"region_policy": {}, "body": {}}, TypeError),
        ({"region_policy": {"x": float("nan")}}, ValueError),
    ],
)
def test_a_region_policy_is_refused_before_anything_is_sent(
    server: Recorder, ours: InferenceClient, call: dict[str, Any], error: type[Exception]
) -> None:
    before = len(server.seen)
    with pytest.raises(error):
        ours.put_region_policy(**call)
    assert len(server.seen) == before


@pytest.mark.parametrize(
    "call",
    [
        {"inference_id": "a"},
        {"inference_id": "", "input": "x"},
        {"inference_id": "a", "input": "x", "body": {"input": "y"}},
    ],
)
def test_inference_refuses(ours: InferenceClient, call: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ours.inference(**call)


def test_a_given_body_is_not_changed(ours: InferenceClient) -> None:
    body = {"input": "x"}
    ours.inference(inference_id="a", body=body, query="q")
    assert body == {"input": "x"}


@pytest.mark.parametrize("verb", VERBS)
def test_signatures_are_the_documented_ones(verb: str) -> None:
    documented = inspect.signature(getattr(Elasticsearch("http://localhost:9200").inference, verb)).parameters
    mine = dict(inspect.signature(getattr(InferenceClient, verb)).parameters)
    mine.pop("self")
    assert set(mine) == set(documented)
    for name, parameter in documented.items():
        assert (mine[name].kind, mine[name].default) == (parameter.kind, parameter.default), name


def test_whatever_the_async_client_offers_the_other_offers_too() -> None:
    """Same names, same signatures and documentation; only how it is closed has a name of its own."""

    def offered(owner: type) -> dict[str, tuple[object, str | None]]:
        methods = {name: getattr(owner, name) for name in dir(owner) if not name.startswith("_")}
        return {
            name: (inspect.signature(method).parameters, inspect.getdoc(method))
            for name, method in methods.items()
            if callable(method)
        }

    awaited = offered(AsyncInferenceClient)
    del awaited["aclose"]
    assert set(VERBS) <= set(awaited)
    assert awaited.items() <= offered(InferenceClient).items()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(calls, min_size=1, max_size=8))
def test_async_sends_the_same(server: Recorder, ours: InferenceClient, batch: list[tuple[str, dict[str, Any]]]) -> None:
    async def send() -> None:
        async with AsyncInferenceClient(server.url) as client:
            for verb, call in batch:
                await getattr(client, verb)(**call)

    start = len(server.seen)
    for verb, call in batch:
        getattr(ours, verb)(**call)
    middle = len(server.seen)
    asyncio.run(send())
    assert [seen.essence() for seen in server.seen[start:middle]] == [seen.essence() for seen in server.seen[middle:]]
    assert [seen.headers for seen in server.seen[start:middle]] == [seen.headers for seen in server.seen[middle:]]
