"""Where servers are known to differ from their description, and the place that says so.

Pages are those of docs/reference/server; "page" alone is the service's own, which `inferctl explain` prints, and which
follows the source where it and the description disagree. `where` and `what` are shell patterns over a Problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.spec.openapi import Problem

ALL = ("8.17", "8.18", "8.19", "9.0", "9.1", "9.2", "9.3", "9.4", "9.5")


@dataclass(frozen=True)
class Known:
    section: str
    where: str
    what: str
    versions: tuple[str, ...] = ALL

    def covers(self, version: str, problem: Problem) -> bool:
        where = problem.where.replace("[]", "")  # brackets mean something in a pattern
        return version in self.versions and fnmatchcase(where, self.where) and fnmatchcase(problem.what, self.what)


def _service(
    name: str, section: str, *what: str, at: str = "service_settings", versions: tuple[str, ...] = ALL
) -> list[Known]:
    return [Known(section, f"inference-put-{name} request:{at}", each, versions) for each in what]


BEFORE_95 = ALL[:-1]
TO_91 = ("8.17", "8.18", "8.19", "9.0", "9.1")

ROUTES = [
    Known(
        "requests.md#routes: PUT .../_update in every version; the files have POST for 8.17 and none before 9.5",
        "PUT .../_update",
        "no operation",
        BEFORE_95,
    ),
    Known("services.md: in no description", "GET .../_services*", "no operation"),
]

ANSWERS = [
    Known("delete.md#answers: the description knows pipelines only", "inference-delete answer:", "no key indexes"),
    Known("delete.md#answers", "inference-delete answer:", "no key error_message"),
    Known(
        "inference.md: written by every server",
        "inference-* answer:sparse_embedding",
        "no key is_truncated",
        ("8.17", "8.18", "9.0", "9.1"),
    ),
    Known(
        "page: hugging_face has sparse_embedding",
        "inference-put-hugging-face answer:task_type",
        "'sparse_embedding' is not one of its words",
    ),
    Known("page: from 8.19", "inference-put-hugging-face answer:task_type", "'*' is not one of its words", ("8.19",)),
    Known(
        "page: from 8.19", "inference-put-mistral answer:task_type", "'*completion' is not one of its words", ("8.19",)
    ),
    Known(
        "page: from 8.19/9.1",
        "inference-put-googlevertexai answer:task_type",
        "'*completion' is not one of its words",
        ("8.19", "9.1"),
    ),
    Known("page: from 8.18/9.0", "inference-put-watsonx answer:task_type", "'rerank' is not one of its words"),
    Known(
        "requests.md#routes, chunking.md: no separators in the 8.19 file",
        "inference-put* answer:chunking_settings",
        "no key separators",
        ("8.19",),
    ),
]

PATHS = [
    Known(
        "requests.md#task-types: read in any case, trimmed; `any` parses",
        "inference-* request/task_type:",
        "'[ A-Z]*' is not one of its words",
    ),
    Known("requests.md#task-types", "inference-* request/task_type:", "'any' is not one of its words"),
    Known(
        "requests.md#task-types: in the enum from 9.3.0, offered from 9.4",
        "inference-get request/task_type:",
        "'embedding' is not one of its words",
        ("9.3",),
    ),
    Known(
        "page: misspelled in the description",
        "inference-put-alibabacloud request/task_type:",
        "'sparse_embedding' is not one of its words",
        TO_91,
    ),
    Known("page", "inference-put-hugging-face request/task_type:", "'sparse_embedding' is not one of its words"),
    Known("page: from 8.18/9.0", "inference-put-watsonx request/task_type:", "'rerank' is not one of its words", TO_91),
    Known("requests.md#parameters: every PUT takes it", "inference-put-custom request:?", "no parameter timeout"),
    Known("requests.md#parameters", "inference-update request:?", "no parameter master_timeout", ("9.5",)),
]

REGION_POLICY = [
    Known("read.md#what-is-shown", "inference-get answer:endpoints", "no key metadata", ("9.5",)),
    Known(
        "region-policy.md#refused: an empty policy is taken",
        "inference-put-region-policy *:region_policy",
        "breaks minProperties",
        ("9.5",),
    ),
    Known(
        "region-policy.md#refused: one for a list, any plain value for a text",
        "inference-put-region-policy request:region_policy.allowed_*",
        "is *, not *",
        ("9.5",),
    ),
]

UPDATES = [
    Known(
        "update.md#verb, update.md#body: the description types a full endpoint; the server refuses `service`",
        "inference-update request:",
        "lacks service",
        ("9.5",),
    ),
    Known("update.md#body: each part is optional", "inference-update request:", "lacks service_settings", ("9.5",)),
    Known("update.md#body", "inference-update request:", "no key task_type", ("9.5",)),
]

INFERENCE = [
    Known("inference.md: at the root from 8.19/9.1", "inference-* request:", "no key input_type"),
    Known(
        "inference.md: at the root from 8.19/9.1",
        "inference-rerank request:",
        "no key return_documents",
        ("8.19", "9.1"),
    ),
    Known("inference.md: at the root from 8.19/9.1", "inference-rerank request:", "no key top_n", ("8.19", "9.1")),
    Known("inference.md: passes on every task up to 9.1", "inference-* request:", "no key query", TO_91),
    Known("inference.md: `timeout` in the body", "inference-* request:", "no key timeout"),
    Known(
        "malformed.md#inference-requests: a string is a list of one",
        "inference-rerank request:input",
        "is str, not array",
        ("9.3", "9.4"),
    ),
    Known(
        "malformed.md#inference-requests: a number in the list becomes a string",
        "inference-* request:input",
        "breaks anyOf",
    ),
    Known(
        "malformed.md#inference-requests: words for booleans and numbers",
        "inference-rerank request:return_documents",
        "is str, not boolean",
    ),
    Known("malformed.md#inference-requests", "inference-rerank request:top_n", "is str, not number"),
]

BODIES = [
    Known("create.md#body: an alternative to the path", "inference-put* request:", "no key task_type"),
    Known("create.md#refused-settings: a null is an absent key", "inference-put* request:*", "is NoneType, not *"),
    Known("chunking.md: `none` drops other keys", "inference-put* request:chunking_settings", "no key x"),
    Known(
        "requests.md#routes: absent from the 8.19 file",
        "inference-put* request:chunking_settings",
        "no key separator*",
        ("8.19",),
    ),
    Known("chunking.md: on every embedding task", "inference-put-watsonx request:", "no key chunking_settings", TO_91),
    Known(
        "malformed.md#inference-requests: read in any case",
        "inference-put-* request:service_settings.similarity",
        "'[ A-Z]*' is not one of its words",
    ),
    Known("services.md#common-settings", "inference-put-* request:service_settings", "no key similarity"),
    Known("services.md#common-settings", "inference-put-* request:service_settings", "no key dimensions"),
    Known("services.md#common-settings", "inference-put-* request:service_settings", "no key max_input_tokens"),
    Known(
        "page: embedding_type in any case",
        "inference-put-* request:service_settings.embedding_type",
        "'[A-Z]*' is not one of its words",
    ),
    Known(
        "page: truncate in any case, lower case out",
        "inference-put-* request:task_settings.truncate",
        "'[a-z]*' is not one of its words",
    ),
    Known(
        "page: input_type in any case",
        "inference-put-* request:task_settings.input_type",
        "'[A-Z]*' is not one of its words",
    ),
]

SERVICES = [
    *_service("alibabacloud", "page", "no key http_schema"),
    *_service("alibabacloud", "page: completion parameters", "no key parameters", at="task_settings"),
    *_service("amazonbedrock", "page", "no key truncate", at="task_settings"),
    *_service("amazonsagemaker", "page", "no key element_type"),
    *_service("amazonsagemaker", "page: in any case", "'[A-Z]*' is not one of its words", at="service_settings.*"),
    *_service("amazonsagemaker", "page", "no key user", at="task_settings"),
    *_service("azureaistudio", "page: a boolean", "is bool, not number", at="task_settings.do_sample"),
    *_service("cohere", "page: `model` reads as `model_id`", "lacks model_id", "no key model"),
    *_service("cohere", "page", "no key url"),
    *_service("cohere", "page: only anthropic has a required task setting", "lacks input_type", at="task_settings"),
    *_service("cohere", "page", "no key max_chunks_per_doc", at="task_settings"),
    *_service("contextualai", "page: until 9.4", "no key url"),
    *_service("custom", "page: required under a condition", "lacks secret_parameters"),
    *_service("custom", "page", "no key rate_limit"),
    *_service("custom", "page: {translation, default}", "is dict, not string", at="service_settings.input_type.translation"),
    *_service("custom", "page: a list of pairs", "is list, not object", at="service_settings.query_parameters", versions=("8.19", "9.1", "9.2", "9.3")),
    *_service("custom", "page: a plain string", "is str, not object", at="service_settings.request"),
    *_service("elasticsearch", "in-cluster.md#create: not with deployment_id", "lacks model_id", "lacks num_threads"),
    *_service("elasticsearch", "create.md#refused-settings: not looked at with deployment_id", "no key foo"),
    *_service("elasticsearch", "page", "no key element_type"),
    *_service("elser", "in-cluster.md#create: the alias takes a model_id", "no key model_id"),
    *_service("elser", "in-cluster.md#create: as elasticsearch, whose alias it is", "no key deployment_id", "lacks num_allocations", "lacks num_threads"),
    *_service("googlevertexai", "page: not for rerank", "lacks location", "lacks model_id"),
    *_service("googlevertexai", "page: from 9.3", "no key max_batch_size", versions=("9.3",)),
    *_service("googlevertexai", "page: in any case, upper case out", "'GOOGLE' is not one of its words", at="service_settings.provider"),
    *_service("googlevertexai", "page", "no key input_type", at="task_settings"),
    *_service("groq", "page", "no key task_settings", at=""),
    *_service("groq", "page", "no key organization_id", "no key url"),
    *_service("jinaai", "page: from 8.19/9.1", "no key embedding_type", versions=("9.1",)),
    *_service("jinaai", "page: `input_type`, where the description says `task` before 9.4", "no key input_type", at="task_settings", versions=ALL[:-2]),
    *_service("jinaai", "page: from 9.3", "no key late_chunking", at="task_settings", versions=("9.3",)),
    *_service("llama", "page: forgotten by the description", "no key api_key"),
    *_service("voyageai", "page: forgotten by the description", "no key api_key"),
    *_service("voyageai", "page: a word", "is str, not number", at="service_settings.embedding_type"),
    *_service("watsonx", "page: rerank has three", "no key task_settings", at=""),
]  # fmt: skip

FROM_818 = ALL[1:]
OPENAI_NAMES = [
    *_service("openai", "page: the model may stand in task_settings", "lacks model_id", versions=FROM_818),
    *_service(
        "openai",
        "page: the model may stand in task_settings",
        "no key model",
        "no key model_id",
        at="task_settings",
        versions=FROM_818,
    ),
    *_service(
        "openai",
        "services.md#list-of-services: a setting newer than the description (tests add one)",
        "no key brand_new",
        "no key zone",
        versions=("9.5",),
    ),
]
NEWER = [
    Known(
        "services.md#list-of-services: a task type newer than the description (tests add one)",
        f"inference-* {where}",
        "'scene_search' is not one of its words",
        ("9.5",),
    )
    for where in ("request/task_type:", "answer:task_type", "answer:endpoints.task_type")
]

KNOWN = [*ROUTES, *ANSWERS, *PATHS, *UPDATES, *REGION_POLICY, *INFERENCE, *BODIES, *SERVICES, *OPENAI_NAMES, *NEWER]
