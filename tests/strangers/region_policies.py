"""The region policy of the Elastic Inference Service, which came with 9.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inferctl.emulator.security import User

from .row import ABSENT, Ask, Row

if TYPE_CHECKING:
    from tests.emulator.api import Body

PATH = "/_inference/_region_policy"
GEOS = {"allowed_geos": ["us", "eu"]}
REGIONS = {"allowed_regions": [{"csp": "aws", "region": "us-east-1"}, {"csp": "aws", "region": "eu-west-1"}]}
ABSENT_POLICY = "No region policy is configured for this deployment"
PARSE = "x_content_parse_exception"
DENIED: Body = {
    "denied": {"task_type": "sparse_embedding", "model_id": "test-model", "regions": [{"geo": "us"}]},
}
EIS = Ask("POST", "/_emulator/eis", DENIED)
FIELD = {"mappings": {"properties": {"text": {"type": "semantic_text", "inference_id": "denied"}}}}
INDEX = Ask("PUT", "/index", FIELD)
USERS = {
    "users": (
        User("inference_user", frozenset({"monitor", "manage_inference"}), token="admin"),
        User("monitor_inference_user", frozenset({"monitor_inference"}), token="reader"),
    )
}


def put(policy: Body, query: str = "", by: str = "") -> Ask:
    return Ask("PUT", PATH + query, {"region_policy": policy}, _token(by))


def ask(method: str, by: str = "") -> Ask:
    return Ask(method, PATH, headers=_token(by))


def _token(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"} if name else {}


def pipeline(name: str) -> Ask:
    return Ask("PUT", f"/_ingest/pipeline/{name}", {"processors": [{"inference": {"model_id": "denied"}}]})


def row(name: str, source: str, asked: Ask, status: int = 200, kind: str = "", reason: str = "", **more: Any) -> Row:
    return Row(f"region policy: {name}", source, asked, status, kind, reason, since="9.5", **more)


NOBODY = {"created_by": ABSENT, "updated_at": ABSENT, "updated_by": ABSENT}

ROWS = [
    row("regions are put", "region policy", put(REGIONS), shows={"region_policy": REGIONS, **NOBODY}),
    row("geographies are put", "region policy", put(GEOS), shows={"region_policy": GEOS, **NOBODY}),
    row("it is read", "region policy", ask("GET"), shows={"region_policy": REGIONS, **NOBODY}, first=(put(REGIONS),)),
    row("it is deleted", "region policy", ask("DELETE"), shows={"acknowledged": True}, first=(put(GEOS),)),
    row(
        "a deleted one is gone",
        "region policy",
        ask("GET"),
        404,
        reason=ABSENT_POLICY,
        first=(put(GEOS), ask("DELETE")),
    ),
    row("none is read", "region policy", ask("GET"), 404, reason=ABSENT_POLICY),
    row("none is deleted", "region policy", ask("DELETE"), 404, reason=ABSENT_POLICY),
    row(
        "another takes its place",
        "region policy",
        ask("GET"),
        shows={"region_policy": {"allowed_regions": [{"csp": "azure", "region": "eastus"}]}, "updated_by": ABSENT},
        first=(put(GEOS), put({"allowed_regions": [{"csp": "azure", "region": "eastus"}]})),
    ),
    row(
        "a key of its own",
        "region policy",
        Ask("PUT", PATH, GEOS),
        400,
        reason="unknown field [allowed_geos]",
    ),
    row(
        "both kinds",
        "region policy",
        put({**GEOS, **REGIONS}),
        400,
        reason="failed to parse field [region_policy]",
    ),
    row("no geography", "region policy", put({"allowed_geos": []}), 400, reason="must not be empty"),
    row("no region", "region policy", put({"allowed_regions": []}), 400, reason="must not be empty"),
    row(
        "endpoints are listed all the same",
        "region policy",
        Ask("GET", "/_inference"),
        first=(put({"allowed_regions": [{"csp": "csp", "region": "region"}]}),),
    ),
    # With security.
    row(
        "a reader may not put it",
        "region policy with security",
        put(GEOS, by="reader"),
        403,
        "security_exception",
        cluster=USERS,
        inferred="the type",
    ),
    row(
        "who put it is told",
        "region policy with security",
        put(GEOS, by="admin"),
        shows={**NOBODY, "created_by": "inference_user"},
        cluster=USERS,
    ),
    row(
        "a reader may read it",
        "region policy with security",
        ask("GET", by="reader"),
        shows={"created_by": "inference_user"},
        first=(put(GEOS, by="admin"),),
        cluster=USERS,
    ),
    row(
        "who replaced it is told",
        "region policy with security",
        put(REGIONS, by="admin"),
        shows={"created_by": "inference_user", "updated_by": "inference_user"},
        first=(put(GEOS, by="admin"),),
        cluster=USERS,
    ),
    row(
        "a reader may not delete it",
        "region policy with security",
        ask("DELETE", by="reader"),
        403,
        first=(put(GEOS, by="admin"),),
        cluster=USERS,
    ),
    # What it would deny.
    row(
        "a pipeline uses what it denies",
        "region policy in use",
        put({"allowed_geos": ["eu"]}),
        409,
        shows={
            "error.denied_endpoint_ids": "denied",
            "error.referencing_pipelines": "denied:one",
            "error.referencing_indexes": ABSENT,
        },
        first=(EIS, pipeline("one")),
    ),
    row(
        "two pipelines use what it denies",
        "region policy in use",
        put({"allowed_geos": ["eu"]}),
        409,
        shows={"error.referencing_pipelines": ["denied:one", "denied:two"]},
        first=(EIS, pipeline("two"), pipeline("one")),
    ),
    row(
        "a field uses what it denies",
        "region policy in use",
        put({"allowed_geos": ["eu"]}),
        409,
        shows={"error.referencing_pipelines": ABSENT, "error.referencing_indexes": "denied:index"},
        first=(EIS, INDEX),
    ),
    row(
        "nobody uses what it denies",
        "region policy unit",
        put({"allowed_geos": ["eu"]}),
        first=(EIS,),
    ),
    row(
        "it is forced",
        "region policy unit",
        put({"allowed_geos": ["eu"]}, "?force=true"),
        shows={"region_policy.allowed_geos": ["eu"]},
        first=(EIS, pipeline("one")),
    ),
    # The released classes.
    *(
        row(f"stored as a list: {name}", "region policy classes", put(sent), shows={"region_policy": stored})
        for name, sent, stored in (
            ("a text", {"allowed_geos": "us"}, {"allowed_geos": ["us"]}),
            ("an object", {"allowed_regions": REGIONS["allowed_regions"][0]},
             {"allowed_regions": REGIONS["allowed_regions"][:1]}),
            ("a number and a boolean", {"allowed_geos": [7, True]}, {"allowed_geos": ["7", "true"]}),
            ("nothing", {}, {}),
        )
    ),
    *(
        row(name, "region policy classes", Ask("PUT", PATH, body), 400, kind, reason)
        for name, body, kind, reason in (
            ("an empty body", {}, "illegal_argument_exception", "Required [region_policy]"),
            ("a list", [], PARSE, "[1:1] [put_region_policy_request] Expected START_OBJECT but was: START_ARRAY"),
            ("null", {"region_policy": None}, PARSE, "region_policy doesn't support values of type: VALUE_NULL"),
            ("a key beside it", {"region_policy": GEOS, "x": 1}, PARSE, "unknown field [x]"),
            ("a null in it", {"region_policy": {"allowed_geos": None}}, PARSE, "failed to parse field [region_policy]"),
        )
    ),
    *(
        row(name, "region policy classes", put(policy), 400, PARSE, shows={f"error.{place}.type": kind})
        for name, policy, place, kind in (
            ("a null among geographies", {"allowed_geos": [None]}, "caused_by.caused_by", "illegal_argument_exception"),
            ("a list among geographies", {"allowed_geos": [["us"]]}, "caused_by.caused_by", "illegal_state_exception"),
            ("a region that is a text", {"allowed_regions": ["eu"]}, "caused_by.caused_by", PARSE),
            ("a region with a geography", {"allowed_regions": [{"csp": "a", "region": "r", "geo": "eu"}]},
             "caused_by.caused_by", PARSE),
            ("both kinds, with the cause", {**GEOS, **REGIONS}, "caused_by", "illegal_argument_exception"),
        )
    ),
    *(
        row(
            f"a region without {' and '.join(missing)}",
            "region policy classes",
            put({"allowed_regions": [{key: "x" for key in ("csp", "region") if key not in missing}]}),
            400,
            PARSE,
            shows={"error.caused_by.caused_by.reason": f"Required [{', '.join(missing)}]"},
        )
        for missing in (("csp",), ("region",), ("csp", "region"))
    ),
]  # fmt: skip
