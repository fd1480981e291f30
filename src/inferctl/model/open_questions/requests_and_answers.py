"""What is not proven about requests, updates, and the status and text of answers."""

from __future__ import annotations

from inferctl.model.open_questions.record import Answer, OpenQuestion, Request

QUESTIONS = (
    OpenQuestion(
        id="rotation-before-9.5.3",
        statement="An update with the endpoint's own secret is refused as an unknown field by services with an object "
        "parser: cohere, amazonbedrock, alibabacloud-ai-search, watsonxai, ai21, llama are candidates.",
        first="9.5.0",
        last="9.5.2",
        evidence="P",
        source="docs/reference/server/versions.md#patch-releases, #157214",
        needs="a key of the service; the same with each candidate",
        endpoint={
            "service": "cohere",
            "service_settings": {"api_key": {"env": "COHERE_API_KEY"}, "model_id": "rerank-v3.5"},
        },
        requests=(
            Request(
                "PUT",
                "/_inference/rerank/ID/_update",
                {"service_settings": {"api_key": {"env": "COHERE_API_KEY"}}},
            ),
        ),
        answers=(
            Answer("the service is not hit: the warning can go"),
            Answer("the service is hit: upgrade to 9.5.3 or replace", 400, reason="api_key"),
        ),
    ),
    OpenQuestion(
        id="more-than-10000-endpoints",
        statement="What a list shows where there are more than 10,000 endpoints.",
        evidence="I",
        source="docs/reference/server/read.md",
        by_hand="`GET /_inference` on a cluster that has so many: how many does it show, and is there a warning?",
    ),
)
