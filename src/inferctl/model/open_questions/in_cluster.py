"""What is not proven about models on the cluster's own machine-learning nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion, Request

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

_NODE = "a machine-learning node with room for E5 small; a trial licence is enough"
_ADAPTIVE: JsonObject = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 2}
_BASE: JsonObject = {"model_id": ".multilingual-e5-small", "num_threads": 1}
_FIXED: JsonObject = {
    "service": "elasticsearch",
    "service_settings": {**_BASE, "num_allocations": 1},
}
_BY_ITSELF: JsonObject = {
    "service": "elasticsearch",
    "service_settings": {**_BASE, "adaptive_allocations": _ADAPTIVE},
}
_READ = Request("GET", "/_inference/text_embedding/ID")


def _update(**settings: Json) -> Request:
    return Request("PUT", "/_inference/text_embedding/ID/_update", {"service_settings": settings})


QUESTIONS = (
    OpenQuestion(
        id="fixed-to-adaptive",
        statement="An update turns adaptive allocations on for an endpoint that was made with a fixed number.",
        first="9.3",
        evidence="S,V",
        source="docs/reference/server/in-cluster.md#update",
        needs=_NODE,
        endpoint=_FIXED,
        requests=(_update(adaptive_allocations=_ADAPTIVE), _READ),
        answers=(
            Answer("proven: the update in place stands", shows={"service_settings.adaptive_allocations.enabled": True}),
            Answer("the update is ignored: replace on this version", hides=("service_settings.adaptive_allocations",)),
            Answer("refused: replace on this version", 400, reason="number_of_allocations"),
        ),
    ),
    OpenQuestion(
        id="adaptive-to-fixed",
        statement="An update gives an endpoint with adaptive allocations a fixed number.",
        first="9.3",
        evidence="S,V",
        source="docs/reference/server/in-cluster.md#update",
        needs=_NODE,
        endpoint=_BY_ITSELF,
        requests=(_update(num_allocations=1, adaptive_allocations={"enabled": False}), _READ),
        answers=(
            Answer("ignored: replace on this version", shows={"service_settings.adaptive_allocations.enabled": True}),
            Answer("proven: the update in place stands", shows={"service_settings.num_allocations": 1}),
            Answer("refused: replace on this version", 400, reason="number_of_allocations"),
        ),
    ),
    OpenQuestion(
        id="num-allocations-must-be-there",
        statement="An in-cluster update without `num_allocations` is refused up to 9.1; 9.2 is not known.",
        first="8.18",
        last="9.2",
        evidence="I",
        source="docs/reference/server/in-cluster.md#update",
        needs=_NODE,
        endpoint=_BY_ITSELF,
        requests=(_update(adaptive_allocations={**_ADAPTIVE, "max_number_of_allocations": 3}), _READ),
        answers=(
            Answer("`num_allocations` has to be in the body", 400, reason="num_allocations"),
            Answer(
                "`adaptive_allocations` can be updated on this version",
                shows={"service_settings.adaptive_allocations.max_number_of_allocations": 3},
            ),
            Answer(
                "the update is taken and changes nothing",
                shows={"service_settings.adaptive_allocations.max_number_of_allocations": ANY},
            ),
        ),
    ),
)
