"""The region policy and what it denies (region-policy.md).

The texts are those that Elasticsearch's own tests ask for (the YAML tests of its inference plugin, and those of `TransportPutRegionPolicyAction`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.emulator.persist import load, save
from inferctl.emulator.security import User

from .api import Api, in_each, versions

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/_inference/_region_policy"
EU: dict[str, Any] = {"region_policy": {"allowed_geos": ["eu"]}}
US: dict[str, Any] = {"region_policy": {"allowed_geos": ["us"]}}
IRELAND: dict[str, Any] = {"region_policy": {"allowed_regions": [{"csp": "aws", "region": "eu-west-1"}]}}
NONE_YET = (404, "resource_not_found_exception", "No region policy is configured for this deployment")
RERANK = {
    "task_type": "rerank",
    "model_id": "elastic-rerank-v1",
    "regions": [{"csp": "aws", "region": "us-east-1", "geo": "us"}],
}
OWN = {"service": "elastic", "service_settings": {"model_id": "elastic-rerank-v1"}}


def connected(version: str = "9.5", **more: Any) -> Api:
    """A cluster to which EIS offers a model that runs in the US, with a pipeline that uses its endpoint."""
    api = Api(version, **more)
    api.good("POST", "/_emulator/eis", {".elastic-rerank-v1": RERANK})
    used = {"processors": [{"inference": {"model_id": ".elastic-rerank-v1"}}]}
    api.good("PUT", "/_ingest/pipeline/ranker", used)
    return api


@in_each(versions("9.5"))
def test_a_policy_is_put_read_replaced_and_deleted(every: Api) -> None:
    assert [every(method, PATH).brief() for method in ("GET", "DELETE")] == [NONE_YET, NONE_YET]
    made = every.good("PUT", PATH, EU)
    assert made == {**EU, "created_at": "2023-11-14T22:13:20.000Z"}
    every.cluster.advance(60)
    replaced = every.good("PUT", PATH, IRELAND)
    assert replaced == {**IRELAND, "created_at": made["created_at"], "updated_at": "2023-11-14T22:14:20.000Z"}
    assert every.good("GET", PATH) == replaced
    assert every.good("DELETE", PATH) == {"acknowledged": True}
    assert every("GET", PATH).brief() == NONE_YET


def test_serverless_has_it() -> None:
    assert Api("serverless")("GET", PATH).brief() == NONE_YET


@in_each(versions(until="9.4"))
def test_before_it_the_path_asks_for_an_endpoint(every: Api) -> None:
    missing = (404, "resource_not_found_exception", "Inference endpoint not found [_region_policy]")
    assert [every(method, PATH).brief() for method in ("GET", "DELETE")] == [missing, missing]
    status, kind, reason = every("PUT", PATH, EU).brief()
    assert (status, kind) == (400, "action_request_validation_exception")
    assert "Invalid inference_id; '_region_policy'" in reason


def test_post_still_asks_for_an_endpoint() -> None:
    assert Api()("POST", PATH, {"input": "x"}).brief()[2] == "Inference endpoint not found [_region_policy]"
    assert Api()("HEAD", PATH).header("Allow") == "GET,POST,PUT,DELETE"


@pytest.mark.parametrize(
    ("body", "kind", "reason", "cause"),
    [
        (None, "parse_exception", "body is required", ""),
        ({}, "illegal_argument_exception", "Required [region_policy]", ""),
        ([], "x_content_parse_exception", "START_ARRAY", ""),
        ({"allowed_geos": ["us"]}, "x_content_parse_exception", "unknown field [allowed_geos]", ""),
        ({"region_policy": []}, "x_content_parse_exception", "region_policy doesn't support values", ""),
        (
            {"region_policy": EU["region_policy"] | IRELAND["region_policy"]},
            "x_content_parse_exception",
            "failed to parse field [region_policy]",
            "not allowed together: [allowed_geos, allowed_regions] ",
        ),
        (
            {"region_policy": {"allowed_geos": []}},
            "action_request_validation_exception",
            "[region_policy.allowed_geos] must not be empty",
            "",
        ),
        (
            {"region_policy": {"allowed_regions": []}},
            "action_request_validation_exception",
            "[region_policy.allowed_regions] must not be empty",
            "",
        ),
        (
            {"region_policy": {"fallback_region": {"csp": "aws", "region": "x"}}},
            "x_content_parse_exception",
            "failed to parse field [region_policy]",
            "unknown field [fallback_region]",
        ),
        (
            {"region_policy": {"allowed_geos": [None]}},
            "x_content_parse_exception",
            "failed to parse field [region_policy]",
            "failed to parse field [allowed_geos]",
        ),
        (
            {"region_policy": {"allowed_geos": 7}},
            "x_content_parse_exception",
            "failed to parse field [region_policy]",
            "allowed_geos doesn't support values of type: VALUE_NUMBER",
        ),
        (
            {"region_policy": {"allowed_regions": ["eu-west-1"]}},
            "x_content_parse_exception",
            "failed to parse field [region_policy]",
            "failed to parse field [allowed_regions]",
        ),
    ],
)
def test_a_bad_policy_is_refused(body: Any, kind: str, reason: str, cause: str) -> None:
    api = Api()
    answer = api("PUT", PATH, body)
    assert (answer.status, answer.type) == (400, kind)
    assert reason in answer.reason
    assert cause in answer.error.get("caused_by", {}).get("reason", "")
    assert api("GET", PATH).status == 404


PARSERS = ("put_region_policy_request", "region_policy", "csp_region")
FAILED = "failed to parse field [region_policy]"
REGIONS = "failed to parse field [allowed_regions]"


@pytest.mark.parametrize(
    ("policy", "chain"),
    [
        # What PutRegionPolicyAction.Request of x-pack-core 9.5.3 says of `{"region_policy": …}`, without blanks.
        (None, [(18, "region_policy doesn't support values of type: VALUE_NULL")]),
        ("x", [(18, "region_policy doesn't support values of type: VALUE_STRING")]),
        ({"x": 1}, [(23, FAILED), (19, "unknown field [x]")]),
        (
            {"fallback_region": {"csp": "aws", "region": "r"}},
            [(37, FAILED), (19, "unknown field [fallback_region] did you mean [allowed_regions]?")],
        ),
        ({"allowed_geos": None}, [(34, FAILED), (34, "allowed_geos doesn't support values of type: VALUE_NULL")]),
        ({"allowed_geos": 7}, [(34, FAILED), (34, "allowed_geos doesn't support values of type: VALUE_NUMBER")]),
        (
            {"allowed_geos": [None]},
            [(35, FAILED), (35, "failed to parse field [allowed_geos]"), "Expected text at 1:35 but found VALUE_NULL"],
        ),
        (
            {"allowed_geos": [["us"]]},
            [(35, FAILED), (35, "failed to parse field [allowed_geos]"), "expected value but got [START_ARRAY]"],
        ),
        (
            {"allowed_geos": ["us"], "allowed_regions": [{"csp": "aws", "region": "r"}]},
            [(87, FAILED), "The following fields are not allowed together: [allowed_geos, allowed_regions] "],
        ),
        (
            {"allowed_geos": [], "allowed_regions": []},
            [(57, FAILED), "The following fields are not allowed together: [allowed_geos, allowed_regions] "],
        ),
        (
            {"allowed_regions": ["eu"]},
            [(42, FAILED), (42, REGIONS), (42, "Expected START_OBJECT but was: END_ARRAY")],
        ),
        (
            {"allowed_regions": ["eu", "us"]},
            [(43, FAILED), (43, REGIONS), (43, "Expected START_OBJECT but was: VALUE_STRING")],
        ),
        ({"allowed_regions": [[]]}, [(38, FAILED), (38, REGIONS), "expected value but got [START_ARRAY]"]),
        ({"allowed_regions": [{"region": "r"}]}, [(51, FAILED), (51, REGIONS), "Required [csp]"]),
        ({"allowed_regions": [{}]}, [(39, FAILED), (39, REGIONS), "Required [csp, region]"]),
        (
            {"allowed_regions": [{"csp": "aws", "region": "r", "geo": "eu"}]},
            [(70, FAILED), (70, REGIONS), (64, "unknown field [geo]")],
        ),
        (
            {"allowed_regions": [{"csp": ["aws"], "region": "r"}]},
            [(45, FAILED), (45, REGIONS), (45, "csp doesn't support values of type: START_ARRAY")],
        ),
    ],
)
def test_the_parser_says_where_and_why(policy: Any, chain: list[Any]) -> None:
    body = json.dumps({"region_policy": policy}, separators=(",", ":")).encode()
    link, said = Api()("PUT", PATH, body).error, []
    root = link["root_cause"][0]["reason"]
    while link is not None:
        said.append(link["reason"])
        link = link.get("caused_by")
    expected = [
        link if isinstance(link, str) else f"[1:{link[0]}] [{parser}] {link[1]}"
        for parser, link in zip(PARSERS, chain, strict=False)
    ]
    assert said == expected
    assert root == next(text for text in reversed(said) if text.startswith("["))


def test_lines_count_and_blanks_before_the_body_do_not_hide_it() -> None:
    answer = Api()("PUT", PATH, b'  \n {"region_policy":{"x":1}}')
    assert (answer.reason[:6], answer.error["caused_by"]["reason"][:6]) == ("[2:24]", "[2:20]")


@pytest.mark.parametrize(
    ("put", "stored"),
    [
        ({"allowed_geos": "eu"}, {"allowed_geos": ["eu"]}),
        ({"allowed_geos": [7, True, "eu", "eu", ""]}, {"allowed_geos": ["7", "true", "eu", "eu", ""]}),
        ({"allowed_geos": [1.5, 12345678901234567890]}, {"allowed_geos": ["1.5", "12345678901234567890"]}),
        ({"allowed_regions": {"region": "r", "csp": "aws"}}, {"allowed_regions": [{"csp": "aws", "region": "r"}]}),
        ({"allowed_regions": ["x", {"region": "r", "csp": "a"}]}, {"allowed_regions": [{"csp": "a", "region": "r"}]}),
    ],
)
def test_the_parser_takes_one_for_a_list_and_any_value_for_a_text(put: Any, stored: Any) -> None:
    assert Api().good("PUT", PATH, {"region_policy": put})["region_policy"] == stored


def test_a_policy_of_nothing_restricts_nothing() -> None:
    api = connected()
    assert api.good("PUT", PATH, {"region_policy": {}})["region_policy"] == {}
    assert "denied_by_region_policy" not in api.read(".elastic-rerank-v1")["metadata"]


@pytest.mark.parametrize("query", ["?force=maybe", "?timeout=1s"])
def test_it_takes_force_and_nothing_else(query: str) -> None:
    assert Api()("PUT", PATH + query, EU).brief()[:2] == (400, "illegal_argument_exception")


def test_endpoints_in_use_keep_a_policy_out_until_it_is_forced() -> None:
    api = connected()
    answer = api("PUT", PATH, EU)
    assert (answer.status, answer.type) == (409, "status_exception")
    assert "deny access to the following in-use inference endpoints: [.elastic-rerank-v1]." in answer.reason
    # A list of one is written as a text, an empty one not at all.
    named = {"denied_endpoint_ids": ".elastic-rerank-v1", "referencing_pipelines": ".elastic-rerank-v1:ranker"}
    assert answer.error.items() >= named.items()
    assert answer.error["root_cause"][0].items() >= named.items()
    assert "referencing_indexes" not in answer.error
    assert api("GET", PATH).status == 404

    api.good("PUT", "/_ingest/pipeline/second", api.cluster.pipelines["ranker"])
    field = {"type": "semantic_text", "inference_id": ".elastic-rerank-v1"}
    api.good("PUT", "/docs", {"mappings": {"properties": {"body": field}}})
    again = api("PUT", PATH + "?force=false", EU).error
    assert again["referencing_pipelines"] == [".elastic-rerank-v1:ranker", ".elastic-rerank-v1:second"]
    assert again["referencing_indexes"] == ".elastic-rerank-v1:docs"

    assert api.good("PUT", PATH + "?force", EU)["region_policy"] == EU["region_policy"]


def test_what_nobody_uses_is_denied_without_a_word() -> None:
    api = connected()
    api.good("DELETE", "/_ingest/pipeline/ranker")
    api.good("PUT", PATH, EU)
    assert api.read(".elastic-rerank-v1")["metadata"] == {"regions": RERANK["regions"], "denied_by_region_policy": True}


@pytest.mark.parametrize(
    ("policy", "is_denied"),
    [
        (US, False),
        (EU, True),
        (IRELAND, True),
        ({"region_policy": {"allowed_regions": [{"csp": "aws", "region": "us-east-1"}]}}, False),
        ({"region_policy": {"allowed_regions": [{"csp": "gcp", "region": "us-east-1"}]}}, True),
    ],
)
def test_a_denied_model_takes_no_calls_and_its_endpoint_says_so(policy: dict[str, Any], is_denied: bool) -> None:
    api = connected()
    api.put("rerank", "own", OWN)
    api.good("PUT", PATH + "?force=true", policy)
    assert api.read(".elastic-rerank-v1")["metadata"].get("denied_by_region_policy", False) is is_denied
    assert "metadata" not in api.read("own")  # told of preconfigured endpoints alone
    for inference_id in (".elastic-rerank-v1", "own"):
        answer = api("POST", f"/_inference/rerank/{inference_id}", {"query": "q", "input": ["a"]})
        assert answer.status == (403 if is_denied else 200)
        assert not is_denied or "not available in the allowed inference regions" in answer.reason
    # The call that validates a new endpoint is a call too.
    created = api("PUT", "/_inference/rerank/second", OWN)
    assert created.status == (400 if is_denied else 200)
    api.good("DELETE", PATH)
    assert api("POST", "/_inference/rerank/own", {"query": "q", "input": ["a"]}).status == 200


@in_each(versions("8.19", until="9.4"))
def test_before_it_nothing_is_told_of_regions(version: str) -> None:
    assert "metadata" not in connected(version).read(".elastic-rerank-v1")


def test_who_may_what_and_who_did_it() -> None:
    users = (
        User("reader", frozenset({"monitor_inference"}), password="r"),
        User("owner", frozenset({"manage_inference"}), password="o"),
    )
    api = Api(users=users)
    reader, owner = ({"authorization": f"Basic {word}"} for word in ("cmVhZGVyOnI=", "b3duZXI6bw=="))
    assert api("PUT", PATH, EU, reader).status == 403
    assert api("PUT", PATH, EU, owner).body["created_by"] == "owner"
    assert api("GET", PATH, None, reader).status == 200
    assert api("DELETE", PATH, None, reader).status == 403
    updated = api("PUT", PATH, US, owner).body
    assert (updated["created_by"], updated["updated_by"]) == ("owner", "owner")
    # Who may not is told so only when the policy is one: the request is checked first.
    assert api("PUT", PATH, {"region_policy": {"allowed_geos": []}}, reader).status == 400


@pytest.mark.parametrize("spec", [7, {}, {**RERANK, "regions": 3}, {**RERANK, "regions": ["us"]}, {**RERANK, "x": 1}])
def test_what_eis_offers_is_read_strictly(spec: Any) -> None:
    api = Api()
    assert api("POST", "/_emulator/eis", {".ok": RERANK, ".x": spec}).brief()[:2] == (400, "illegal_argument_exception")
    assert api.cluster.eis_endpoints == {}


def test_policy_and_regions_are_in_the_state_file(tmp_path: Path) -> None:
    api = connected()
    api.good("PUT", PATH + "?force=true", EU)
    file = tmp_path / "state.json"
    save(api.cluster, file)
    kept = load(file, "9.5")
    assert (kept.region_policy, kept.eis_endpoints) == (api.cluster.region_policy, {".elastic-rerank-v1": RERANK})
    # A file of an older inferctl holds neither.
    old = {k: v for k, v in json.loads(file.read_text()).items() if k not in ("region_policy", "eis_endpoints")}
    file.write_text(json.dumps(old))
    before = load(file, "9.5")
    assert (before.region_policy, before.eis_endpoints) == (None, {})
