"""What nobody has seen, and follows from something else: the letter I on the pages of docs/reference/server.

Another such statement gets a record here, or its heading becomes a source of one that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.open_questions.in_cluster import NODE, READ, e5, update
from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion, Request

if TYPE_CHECKING:
    from inferctl.json_types import Json

_PAGES = "docs/reference/server"
_RERANK = "a machine-learning node with room for the reranker; a trial licence is enough"


def _to_nothing(body: Json) -> tuple[Request, ...]:
    """An update of an endpoint that does not exist: whether the body is refused before anybody looks."""
    return (Request("PUT", "/_inference/text_embedding/ID/_update", body),)


_REFUSED = (Answer("the body is refused", 400), Answer("the body passes: the endpoint is looked up", 404))

QUESTIONS = (
    OpenQuestion(
        id="chunking-in-an-update-of-9.3",
        statement="9.3 refuses `chunking_settings` in an update, as the versions before and after do.",
        first="9.3",
        last="9.3",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#chunking-settings",
        requests=_to_nothing({"chunking_settings": {"strategy": "word", "max_chunk_size": 100, "overlap": 10}}),
        answers=_REFUSED,
    ),
    OpenQuestion(
        id="service-in-an-update-of-9.3",
        statement="9.3 refuses `service` in an update, as the versions before and after do.",
        first="9.3",
        last="9.3",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#service-in-the-body",
        requests=_to_nothing({"service": "openai", "task_settings": {"user": "x"}}),
        answers=_REFUSED,
    ),
    OpenQuestion(
        id="empty-update-of-9.3",
        statement="9.3 refuses an update whose body is an empty object, as the versions before and after do.",
        first="9.3",
        last="9.3",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#empty-body",
        requests=_to_nothing({}),
        answers=_REFUSED,
    ),
    OpenQuestion(
        id="task-setting-in-the-cluster",
        statement="An update of a task setting of an in-cluster endpoint is refused up to 9.1, for want of "
        "`num_allocations`; 9.2 and 9.3 are not known.",
        first="8.18",
        last="9.3",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#task-setting-changed",
        needs=_RERANK,
        endpoint=Request(
            "PUT",
            "/_inference/rerank/ID",
            {
                "service": "elasticsearch",
                "service_settings": {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 1},
            },
        ),
        requests=(
            Request("PUT", "/_inference/rerank/ID/_update", {"task_settings": {"return_documents": False}}),
            Request("GET", "/_inference/rerank/ID"),
        ),
        answers=(
            Answer("this version changes it in place", shows={"task_settings.return_documents": False}),
            Answer("this version takes the update and changes nothing"),
            Answer("this version refuses it", 400),
        ),
    ),
    OpenQuestion(
        id="threads-in-an-update",
        statement="An update with `num_threads` alone is refused up to 9.1 and ignored by 9.3; 9.2 is not known.",
        first="8.18",
        last="9.3",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#threads",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(update(num_threads=2), READ),
        answers=(
            Answer("ignored", shows={"service_settings.num_threads": 1}),
            Answer("applied", shows={"service_settings.num_threads": 2}),
            Answer("refused", 400),
        ),
    ),
    OpenQuestion(
        id="allocations-that-are-no-integer",
        statement="An update with a `num_allocations` that is no integer is a 400 from 9.4 on.",
        first="9.4",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#allocations-of-its-own-deployment",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(update(num_allocations="x"),),
        answers=(Answer("as taken", 400), Answer("a 500, as on 8.17", 500), Answer("it is ignored")),
    ),
    OpenQuestion(
        id="allocations-of-another-deployment-on-9.3",
        statement="9.3 answers 409 to an update of an endpoint that is attached to somebody else's deployment.",
        first="9.3",
        last="9.3",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#allocations-of-another-deployment",
        by_hand="Start a deployment through the ML API, attach an endpoint with `deployment_id`, and update "
        "`num_allocations` of the endpoint: the status, and the number of the deployment afterwards.",
    ),
    OpenQuestion(
        id="update-of-an-endpoint-without-a-secret",
        statement="An update of an endpoint that was made without a secret, such as one of `llama`, asks for none.",
        last="9.4",
        evidence="I",
        source=f"{_PAGES}/update-outcomes.md#secret-left-out",
        needs="a host that serves Llama Stack",
        endpoint=Request(
            "PUT",
            "/_inference/completion/ID",
            {"service": "llama", "service_settings": {"url": "https://my-host/v1", "model_id": "my-model-id"}},
        ),
        requests=(
            Request(
                "PUT",
                "/_inference/completion/ID/_update",
                {"service_settings": {"rate_limit": {"requests_per_minute": 77}}},
            ),
        ),
        answers=(Answer("as taken"), Answer("it asks for one", 400, reason="api_key")),
    ),
    OpenQuestion(
        id="max-new-tokens-of-amazonbedrock",
        statement="A completion of `amazonbedrock` works with `max_new_tokens` 64 and does not store it.",
        evidence="I",
        source=f"{_PAGES}/create.md#defaults",
        needs="an account with Amazon Bedrock",
        requests=(
            Request(
                "PUT",
                "/_inference/completion/ID",
                {
                    "service": "amazonbedrock",
                    "service_settings": {
                        "access_key": {"env": "AMAZONBEDROCK_ACCESS_KEY"},
                        "secret_key": {"env": "AMAZONBEDROCK_SECRET_KEY"},
                        "region": "us-east-1",
                        "provider": "amazontitan",
                        "model": "my-model",
                    },
                },
            ),
            Request("GET", "/_inference/completion/ID"),
        ),
        answers=(
            Answer("it is stored and shown", shows={"task_settings.max_new_tokens": ANY}),
            Answer("as taken"),
        ),
    ),
    OpenQuestion(
        id="address-that-is-none",
        statement="`groq`, `deepseek`, `contextualai` and `hugging_face_elser` parse `url`, as the other services do.",
        evidence="I",
        source=f"{_PAGES}/create.md#refused-settings",
        requests=(
            Request(
                "PUT",
                "/_inference/completion/ID",
                {"service": "deepseek", "service_settings": {"api_key": "k", "model_id": "my-model", "url": "^^"}},
            ),
        ),
        answers=(
            Answer("as taken", 400, reason="Invalid url"),
            Answer("the address is kept as it is: the call of the provider fails", 400),
        ),
    ),
    OpenQuestion(
        id="inference-without-a-task-type",
        statement="An inference on the path without a task type looks the endpoint up before its body is read.",
        evidence="I",
        source=f"{_PAGES}/inference.md#requests",
        requests=(Request("POST", "/_inference/ID", {"not_a_key": 1}),),
        answers=(Answer("as taken", 404), Answer("the body is read first", 400)),
    ),
    OpenQuestion(
        id="stream-with-a-broken-body",
        statement="A stream whose body cannot be read is refused as everywhere, and not with an event.",
        evidence="I",
        source=f"{_PAGES}/inference.md#answers",
        requests=(Request("POST", "/_inference/completion/ID/_stream", []),),
        answers=(
            Answer("as taken", 400, shows={"error": ANY}),
            Answer("the endpoint is looked up first", 404),
            Answer("an event says it"),
        ),
    ),
    OpenQuestion(
        id="master-timeout",
        statement="`master_timeout` is an unknown parameter of every route of the inference API, in each version.",
        evidence="S,I",
        source=f"{_PAGES}/requests.md#parameters",
        requests=(Request("GET", "/_inference/.elser-2-elasticsearch?master_timeout=1s"),),
        answers=(Answer("as taken", 400, reason="master_timeout"), Answer("this version takes it")),
    ),
    OpenQuestion(
        id="filter-path-of-errors",
        statement="An error is sent whole, whatever `filter_path` says: seen on 9.1.0 only.",
        evidence="V,I",
        source=f"{_PAGES}/requests.md#parameters",
        requests=(Request("GET", "/_inference/inferctl-verify-none?filter_path=nothing"),),
        answers=(Answer("as taken", 404, shows={"error": ANY}), Answer("this version filters errors", 404)),
    ),
    OpenQuestion(
        id="header-of-a-timeout",
        statement="What the header `X-Timed-Out` says stands in the body too, under `error.header`.",
        first="9.0",
        evidence="I",
        source=f"{_PAGES}/errors.md#envelope",
        by_hand="Any answer of the server that ran out of time, with its headers: an inference with `timeout=1ms`.",
    ),
    OpenQuestion(
        id="serverless-without-a-route",
        statement="Parameters and paths that are not public answer 410 `api_not_available_exception` or 400.",
        evidence="S,I",
        source=f"{_PAGES}/errors.md#serverless",
        by_hand="`GET /_inference/.diagnostics` on a Serverless project: the status and the type.",
    ),
    OpenQuestion(
        id="depth-of-a-body",
        statement="Versions beside 9.1.0 refuse a body of more than 1000 levels, or a number of more than 1000 digits, "
        "with the texts of 9.1.0.",
        evidence="I",
        source=f"{_PAGES}/malformed.md#bodies",
        by_hand="A PUT of an endpoint whose body nests 1001 arrays, and an update alike: status, type and reason.",
    ),
    OpenQuestion(
        id="endpoint-of-a-failed-start",
        statement="An endpoint whose model found no room is stored by then; with autoscaling its start times out with "
        "408, and the assignment stays `starting`.",
        evidence="I",
        source=f"{_PAGES}/in-cluster.md#stats",
        by_hand="A PUT with more allocations than the nodes have room for: the status, and whether GET shows the "
        "endpoint afterwards.",
    ),
    OpenQuestion(
        id="default-of-semantic-text-in-use",
        statement="A `semantic_text` field without `inference_id` counts as a user of its default endpoint.",
        evidence="I",
        source=f"{_PAGES}/delete.md#who-uses-it",
        by_hand="`DELETE /_inference/.elser-2-elasticsearch?dry_run=true` with an index that has such a field: is the "
        "index named?",
    ),
    OpenQuestion(
        id="delete-while-inference-runs",
        statement="Deleting an endpoint does not wait for inference that is running.",
        evidence="I",
        source=f"{_PAGES}/reconciling.md#concurrency",
        by_hand="A DELETE while a long completion streams: does it answer at once, and does the stream go on?",
    ),
    OpenQuestion(
        id="snapshots-bring-endpoints-back",
        statement="Restoring a snapshot of system features can bring back old endpoints and secrets.",
        evidence="I",
        source=f"{_PAGES}/reconciling.md#concurrency",
        by_hand="A restore of a snapshot with its feature state, on a test cluster: which endpoints are there?",
    ),
    OpenQuestion(
        id="terraform-provider-on-9.5",
        statement="The acceptance tests of the Terraform provider fail on 9.5, which refuses the keys that it resends.",
        first="9.5",
        evidence="S,I",
        source=f"{_PAGES}/reconciling.md#the-terraform-provider",
        by_hand="The provider's acceptance tests of the inference endpoint against a 9.5 node.",
    ),
)
