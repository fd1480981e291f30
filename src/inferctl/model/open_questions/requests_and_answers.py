"""What is not proven about requests, updates, and the status and text of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.open_questions.record import Answer, OpenQuestion, Request

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject

_LIMIT = "service_settings.rate_limit.requests_per_minute"
_OPENAI: JsonObject = {"api_key": {"env": "OPENAI_API_KEY"}, "model_id": "text-embedding-3-small"}
_AZURE: JsonObject = {
    "api_key": {"env": "AZUREOPENAI_API_KEY"},
    "resource_name": "my-resource",
    "deployment_id": "my-deployment",
    "api_version": "2024-10-21",
}
# A wrong type is refused before the provider is asked, so no key is needed.
_PARSERS: dict[str, tuple[str, JsonObject]] = {
    "cohere": ("rerank", {"api_key": "not-a-key", "model_id": "none"}),
    "ai21": ("completion", {"api_key": "not-a-key", "model_id": "none"}),
    "llama": ("completion", {"url": "https://host.invalid", "model_id": "none"}),
    "jinaai": ("rerank", {"api_key": "not-a-key", "model_id": "none"}),
    "groq": ("chat_completion", {"api_key": "not-a-key", "model_id": "none"}),
    "hugging_face": ("rerank", {"api_key": "not-a-key", "url": "https://host.invalid"}),
    "amazonbedrock": (
        "completion",
        {
            "access_key": "not-a-key",
            "secret_key": "not-a-key",
            "region": "none",
            "model": "none",
            "provider": "amazontitan",
        },
    ),
}


def _parser(service: str, task_type: str, settings: JsonObject) -> OpenQuestion:
    body: JsonObject = {"service": service, "service_settings": {**settings, "rate_limit": "not a mapping"}}
    return OpenQuestion(
        id=f"{service}.parser",
        statement=f"Which releases read the settings of `{service}` with an object parser is inferred from the order "
        "of changes.",
        first="9.4",
        evidence="S,P",
        source="docs/reference/server/services.md#parsers, docs/reference/server/create.md#object-parsers, #149471, "
        "#151225, #151881",
        requests=(Request("PUT", f"/_inference/{task_type}/ID", body),),
        answers=(
            Answer("an object parser on this version", 400, reason="x_content_parse_exception"),
            Answer("a map parser on this version", 400),
        ),
    )


PRIVILEGES = (
    OpenQuestion(
        id="privileges-of-9.2-to-9.4",
        statement="9.2, 9.3 and 9.4 have the privileges of the versions before and after, which agree: their classes "
        "could not be run.",
        first="9.2",
        last="9.4",
        evidence="I",
        source="docs/reference/server/requests.md#privileges",
        by_hand="An API key with the role that `inferctl roles plan` prints runs `inferctl plan`, and one with that of "
        "`inferctl roles apply` runs `inferctl apply`: is there a 403?",
    ),
    OpenQuestion(
        id="privileges-of-serverless",
        statement="Serverless has the same names of privileges, and needs one more for the ledger: nothing was "
        "checked on a project.",
        evidence="I",
        source="docs/reference/server/requests.md#privileges",
        by_hand="The same on a Serverless project, with `inferctl roles --serverless`.",
    ),
)

QUESTIONS = (
    OpenQuestion(
        id="secrets-are-optional-in-updates",
        statement="An update of service settings need not repeat the secret.",
        first="9.5",
        evidence="S,P",
        source="docs/reference/server/update.md, #149723, #152179",
        needs="an account with OpenAI",
        endpoint=Request("PUT", "/_inference/text_embedding/ID", {"service": "openai", "service_settings": _OPENAI}),
        requests=(
            Request(
                "PUT",
                "/_inference/text_embedding/ID/_update",
                {"service_settings": {"rate_limit": {"requests_per_minute": 77}}},
            ),
            Request("GET", "/_inference/text_embedding/ID"),
        ),
        answers=(
            Answer("proven", shows={_LIMIT: 77}),
            Answer("taken, and nothing changes"),
            Answer("this version behaves like 9.4: send the secret", 400, reason="api_key"),
        ),
    ),
    OpenQuestion(
        id="another-kind-of-secret",
        statement="Whether 9.4 still lets an update of `azureopenai` bring another kind of secret is not known.",
        first="9.4",
        last="9.4",
        evidence="S",
        source="docs/reference/server/update-outcomes.md",
        needs="an account with Azure OpenAI, and a Microsoft Entra token",
        endpoint=Request(
            "PUT", "/_inference/text_embedding/ID", {"service": "azureopenai", "service_settings": _AZURE}
        ),
        requests=(
            Request(
                "PUT",
                "/_inference/text_embedding/ID/_update",
                {"service_settings": {"entra_id": {"env": "AZUREOPENAI_ENTRA_ID"}}},
            ),
        ),
        answers=(Answer("applied, as on 9.3"), Answer("refused, as on 9.5", 400)),
    ),
    OpenQuestion(
        id="update-of-a-reserved-id",
        statement="An update of an endpoint whose id starts with `.` is refused with a 400.",
        first="9.5",
        evidence="S",
        source="docs/reference/server/update.md#steps",
        by_hand="`PUT /_inference/.elser-2-elasticsearch/_update` with `service_settings.num_allocations`, on a "
        "cluster whose preconfigured endpoint may change: 400 or 200?",
    ),
    OpenQuestion(
        id="null-in-an-update",
        statement="A null below a key of `service_settings` in an update is a 500 on 9.3, as before; 9.4 takes it.",
        first="9.3",
        last="9.4",
        evidence="I",
        source="docs/reference/server/update.md#body, docs/reference/server/update-outcomes.md#null-value",
        requests=(Request("PUT", "/_inference/text_embedding/ID/_update", {"service_settings": {"rate_limit": None}}),),
        answers=(
            Answer("a 500 on this version", 500),
            Answer("refused on this version", 400),
            Answer("it passes on this version: the endpoint is looked up", 404),
        ),
    ),
    OpenQuestion(
        id="update-that-is-no-object",
        statement="A body of an update that is no object is a 400 on 9.3 and 9.4, as on 9.2.",
        first="9.3",
        last="9.4",
        evidence="I",
        source="docs/reference/server/update.md#body, docs/reference/server/update-outcomes.md#empty-body",
        requests=(Request("PUT", "/_inference/text_embedding/ID/_update", []),),
        answers=(Answer("proven", 400), Answer("a 500 on this version", 500)),
    ),
    *(_parser(service, *facts) for service, facts in _PARSERS.items()),
    OpenQuestion(
        id="return-minimal-config",
        statement="What the query parameter `return_minimal_config` does is not known: a constant was seen.",
        first="9.4",
        evidence="S",
        source="docs/reference/server/requests.md#routes",
        requests=(Request("GET", "/_inference/.elser-2-elasticsearch?return_minimal_config=true"),),
        answers=(
            Answer("this version does not know it", 400),
            Answer("it leaves settings out", hides=("service_settings",)),
            Answer("it is taken and does nothing here"),
        ),
    ),
    OpenQuestion(
        id="words-about-51-separators",
        statement='More than 50 separators are refused with "can not have more than 50 separators".',
        first="9.5.5",
        evidence="I",
        source="docs/reference/server/chunking.md, #158589",
        requests=(
            Request(
                "PUT",
                "/_inference/text_embedding/ID",
                {
                    "service": "llama",
                    "service_settings": {"url": "http://localhost", "model_id": "m"},
                    "chunking_settings": {"strategy": "recursive", "max_chunk_size": 40, "separators": ["a"] * 51},
                },
            ),
        ),
        answers=(
            Answer("the words are those", 400, reason="can not have more than 50 separators"),
            Answer("the words are others: mend the emulator", 400, reason="separators"),
        ),
    ),
    OpenQuestion(
        id="more-than-10000-endpoints",
        statement="A list ends at 10,000 endpoints, one page of search, without a word.",
        evidence="S",
        source="docs/reference/server/read.md",
        by_hand="`GET /_inference` on a cluster that has more: how many does it show, and is there a warning?",
    ),
    OpenQuestion(
        id="text-of-a-403",
        statement="The text of a 403 for want of a privilege is not known for each version.",
        evidence="I",
        source="docs/reference/server/errors.md#security",
        by_hand="`GET /_inference` with an API key whose role has no cluster privilege: the status and the text.",
    ),
    OpenQuestion(
        id="delete-of-what-cannot-be-parsed",
        statement="The status of `Failed to parse model configuration for inference endpoint` on DELETE is not known.",
        evidence="S",
        source="docs/reference/server/delete.md",
        by_hand="DELETE of an endpoint that its service cannot parse. There is no safe way to make one: only somebody "
        "who has met it can say.",
    ),
    *PRIVILEGES,
)
