"""The list of services, field capabilities of `semantic_text`, and mappings that name an endpoint."""

from __future__ import annotations

from tests.emulator.api import openai, semantic

from .rotations import WATSON, make
from .row import ABSENT, Ask, Row

SERVICES = Ask("GET", "/_inference/_services")
INDEX = Ask("PUT", "/i-1", {"mappings": semantic("ep")})
CAPS = Ask("GET", "/i-1/_field_caps?fields=text")
DENSE = Ask("PUT", "/_inference/text_embedding/ep", openai())
RERANK = {"alibabacloud-ai-search", "cohere", "elasticsearch", "googlevertexai", "jinaai"}
MAPPING = "i-1.mappings.properties.text"


def services(task_type: str) -> Ask:
    return Ask("GET", f"/_inference/_services/{task_type}")


ROWS = [
    Row(
        "services had a provider's name and a configuration",
        "services old",
        SERVICES,
        shows={"0.provider": "alibabacloud-ai-search", "0.service": ABSENT, "0.configurations": ABSENT},
        until="8.17",
        inferred="the keys besides provider",
    ),
    Row(
        "services have a name and configurations",
        "services",
        SERVICES,
        shows={"0.provider": ABSENT, "0.configuration": ABSENT},
        since="8.18",
        inferred="the keys besides service",
    ),
    Row(
        "services of 8.17 that rank again",
        "services old",
        services("rerank"),
        shows={"*.provider": {"alibabacloud-ai-search", "cohere", "elasticsearch", "googlevertexai"}},
        until="8.17",
    ),
    Row(
        "services of 8.17 that make vectors",
        "services old",
        services("text_embedding"),
        shows={
            "*.provider": {
                "alibabacloud-ai-search",
                "amazonbedrock",
                "azureaistudio",
                "azureopenai",
                "cohere",
                "elasticsearch",
                "googleaistudio",
                "googlevertexai",
                "hugging_face",
                "mistral",
                "openai",
                "watsonxai",
            }
        },
        until="8.17",
    ),
    Row(
        "a field of text",
        "field caps",
        CAPS,
        shows={"fields.text.text.searchable": True},
        inferred="from which release",
        since="8.18",
        first=(DENSE, INDEX),
    ),
    Row(
        "a field that was a type of its own",
        "field caps old",
        CAPS,
        shows={"fields.text.semantic_text.searchable": True},
        until="8.17",
        first=(DENSE, INDEX),
        inferred="until which release",
    ),
    Row(
        "a mapping names its endpoint",
        "field caps",
        Ask("GET", "/i-1/_mapping"),
        shows={f"{MAPPING}.type": "semantic_text", f"{MAPPING}.inference_id": "ep"},
        first=(INDEX,),
    ),
    Row(
        "good answers name the product",
        "crud",
        Ask("GET", "/_inference/_all"),
        headers={"X-elastic-product": "Elasticsearch"},
        inferred="that all do: the suite looks at streams",
    ),
    Row(
        "a refusal by the licence hides the product",
        "headers",
        Ask("PUT", "/_inference/text_embedding/ep", openai()),
        403,
        headers={"X-elastic-product": None},
        cluster={"licensed": False},
    ),
    Row(
        "a server of one's own says what it is",
        "root",
        Ask("GET", "/"),
        shows={"version.build_flavor": "default", "tagline": "You Know, for Search"},
        serverless=False,
        inferred="the flavour",
    ),
    Row(
        "Serverless says what it is",
        "root",
        Ask("GET", "/"),
        shows={"version.build_flavor": "serverless"},
        since="9.6",
        inferred="the flavour",
    ),
    Row(
        "watsonx was forgotten among the services that rank again",
        "watsonx before",
        services("rerank"),
        shows={"*.service": RERANK | {"hugging_face", "voyageai", "amazon_sagemaker"}},
        since="8.19/9.1",
        until="8.19/9.1",
        inferred="the release, and the last two, which came after that state",
    ),
    Row(
        "watsonx is among the services that rank again",
        "watsonx",
        services("rerank"),
        shows={
            "*.service": RERANK
            | {"hugging_face", "voyageai", "amazon_sagemaker", "azureaistudio", "contextualai", "watsonxai"}
        },
        since="9.2",
        until="9.2",
        inferred="the others, and that 9.2.8 has the back-port of January 2026 (#140420)",
    ),
    Row(
        "watsonx ranks again, listed or not",
        "watsonx",
        make("watsonxai", "rerank", WATSON),
        shows={"service": "watsonxai", "task_type": "rerank"},
        since="8.18",
        inferred="from which release: #117176 brought it, back-ported to 9.0 (#121389)",
    ),
    Row(
        "services that make tokens, without EIS",
        "services without EIS",
        services("sparse_embedding"),
        shows={"*.service": {"alibabacloud-ai-search", "amazon_sagemaker", "elasticsearch", "hugging_face"}},
        since="8.19/9.1",
        inferred="the others: the suite asks that elastic is missing, another one lists them",
    ),
    Row(
        "services that make tokens, before SageMaker and without EIS",
        "services without EIS",
        services("sparse_embedding"),
        shows={"*.service": {"alibabacloud-ai-search", "elasticsearch", "hugging_face"}},
        since="8.18/9.0",
        until="8.18/9.0",
        inferred="the others: the suite asks that elastic is missing, another one lists them",
    ),
]
