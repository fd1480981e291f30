"""What is not proven about the region policy of the Elastic Inference Service, and what it denies."""

from __future__ import annotations

from inferctl.model.ids import REGION_POLICY
from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion, Request

_PAGE = "docs/reference/server/region-policy.md"
_EIS = "the Elastic Inference Service"
_PATH = f"/_inference/{REGION_POLICY}"

QUESTIONS = (
    OpenQuestion(
        id="region-policy-before-9.5",
        statement="Before 9.5 the path of the region policy is taken for an endpoint that is not there.",
        last="9.4",
        evidence="I",
        source=f"{_PAGE}#requests",
        requests=(Request("GET", _PATH),),
        answers=(
            Answer("as taken: nothing is said about a policy", 404, reason="Inference endpoint not found"),
            Answer("this version knows region policies", 404, reason="No region policy"),
            Answer("this version knows region policies", shows={"region_policy": ANY}),
        ),
    ),
    OpenQuestion(
        id="region-policy-own-endpoints",
        statement="An endpoint that somebody created with `service: elastic` shows no `metadata.regions`: they are "
        "those of a preconfigured endpoint with its `model_id`.",
        first="9.5",
        evidence="I",
        source=f"{_PAGE}#regions",
        needs=_EIS,
        endpoint=Request(
            "PUT",
            "/_inference/rerank/ID",
            {"service": "elastic", "service_settings": {"model_id": "elastic-rerank-v1"}},
        ),
        requests=(Request("GET", "/_inference/rerank/ID"),),
        answers=(
            Answer("endpoints that somebody created tell their regions too", shows={"metadata.regions": ANY}),
            Answer("as taken", hides=("metadata.regions",)),
        ),
    ),
    OpenQuestion(
        id="region-policy-in-use",
        statement="A policy that would deny an endpoint in use is refused for preconfigured endpoints only. One that "
        "somebody created with `service: elastic` is denied without a word.",
        first="9.5",
        evidence="S",
        source=f"{_PAGE}#refused",
        needs=f"{_EIS}, and a cluster whose policy may be changed for a moment",
        by_hand=f"Let a pipeline use an endpoint of your own with `service: elastic`. Then `PUT {_PATH}` with a place "
        "where its model does not run: is it a 409, and whom does it name?",
    ),
    OpenQuestion(
        id="region-policy-one-of-several",
        statement="A model that runs in several places is denied when none of them is allowed; one is enough.",
        first="9.5",
        evidence="I",
        source=f"{_PAGE}#enforced",
        needs=f"{_EIS}, and a cluster whose policy may be changed for a moment",
        by_hand=f"`PUT {_PATH}` with one of the several `metadata.regions` of a preconfigured endpoint. Does it show "
        "`denied_by_region_policy`?",
    ),
    OpenQuestion(
        id="region-policy-spelling",
        statement="Geographies, providers and regions are compared as they are written: `EU` allows nothing.",
        first="9.5",
        evidence="I",
        source=f"{_PAGE}#the-document",
        needs=f"{_EIS}, and a cluster whose policy may be changed for a moment",
        by_hand=f"`PUT {_PATH}` with `allowed_geos: [EU]`: which endpoints show `denied_by_region_policy` then?",
    ),
    OpenQuestion(
        id="region-policy-denied-create",
        statement="An endpoint with a denied model cannot be created: the call that validates it is refused.",
        first="9.5",
        evidence="I",
        source=f"{_PAGE}#enforced",
        needs=f"{_EIS}, and a cluster whose policy may be changed for a moment",
        by_hand=f"`PUT {_PATH}` with a place where a model does not run, then create an endpoint with that model: 400 "
        "with the 403 of the service as its cause, or 200?",
    ),
    OpenQuestion(
        id="region-policy-read-back",
        statement="When a PUT of the policy is answered, `metadata` of the endpoints shows what it denies.",
        first="9.5",
        evidence="S",
        source=f"{_PAGE}#enforced, #152968",
        needs=f"{_EIS}, and a cluster whose policy may be changed for a moment",
        by_hand=f"`PUT {_PATH}` with a place where a model does not run, and at once `GET /_inference`: does its "
        "endpoint show `denied_by_region_policy`?",
    ),
)
