"""What is not proven about which release brought or mended something, and about what is in no release."""

from __future__ import annotations

from inferctl.model.open_questions.record import Answer, OpenQuestion, Request

QUESTIONS = (
    OpenQuestion(
        id="jina-v3-and-rerank-defaults",
        statement="The default endpoints `.jina-embeddings-v3` and `.elastic-rerank-v1` came with 9.2 or with 9.3.",
        first="9.2",
        last="9.3",
        evidence="S",
        source="docs/reference/server/read.md",
        needs="the Elastic Inference Service",
        requests=(Request("GET", "/_inference/.jina-embeddings-v3"),),
        answers=(
            Answer("this version has it", shows={"service": "elastic"}),
            Answer("this version does not have it", 404),
        ),
    ),
)
