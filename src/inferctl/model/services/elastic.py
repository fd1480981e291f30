"""Elastic Inference Service: `service: elastic`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from inferctl.model.services.asked import Asked, own
from inferctl.model.services.common import CHAT_COMPLETION, CHUNKED, DENSE, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Fold, Note, Only, Since, Uncertain, Until, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, Settings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Word
from inferctl.model.versions import Version, since
from inferctl.syntax.finding import Finding
from inferctl.syntax.schema_conditions import Schema, in_part


def _effort_where_off(_asked: Asked) -> list[Schema]:
    off: Schema = {"type": "object", "required": ["enabled"], "properties": {"enabled": {"const": False}}}
    then: Schema = {"required": ["effort"], "errorMessage": "effort must be given where enabled is false"}
    return [in_part("task_settings", {"properties": {"reasoning": {"if": off, "then": then}}})]


@own(_effort_where_off)
def _effort(asked: Asked) -> list[Finding]:
    """reasoning with enabled: false needs effort."""
    reasoning = asked.task_settings.get("reasoning")
    if not isinstance(reasoning, Mapping) or reasoning.get("enabled") is not False or "effort" in reasoning:
        return []
    return [Finding(("task_settings", "reasoning", "effort"), "field.missing", "effort is missing in reasoning",
                    "it must be given where enabled is false", "effort: none", "key")]  # fmt: skip


class ElasticSettings(ServiceSettings, service="elastic"):
    """Elastic Inference Service: `service_settings`."""

    model_id: Annotated[Text, Doc("Model name known to the service, e.g. elser_model_2.")]
    max_input_tokens: Annotated[MaxInputTokens | None, Only(CHUNKED)] = None
    max_batch_size: Annotated[
        PositiveInt | None,
        Doc("Inputs per request."),
        Since("8.19.11", "9.2.5", "9.3"),
        Only(CHUNKED),
        Updatable("9.5", uncertain=True),
        Note("there is a server-side upper bound, value not found"),
        Uncertain("S,P,W"),
    ] = None
    similarity: Annotated[Similarity | None, Only(DENSE), Filled("cosine")] = None
    dimensions: Annotated[Dimensions | None, Only(DENSE), Uncertain("S")] = None
    rate_limit: Annotated[
        RateLimit | None,
        Doc("Allowed and returned only until 9.1; from 9.2 a PUT that carries it is rejected and GET omits it."),
        Until("9.1"),
        Filled(),
    ] = None

    conditions = (_effort,)


class Reasoning(Settings):
    """Reasoning options for chat_completion."""

    effort: Annotated[
        Word[Literal["xhigh", "high", "medium", "low", "minimal", "none"]] | None,
        Doc("How long the model may think."),
        Fold("lower"),
    ] = None
    summary: Annotated[
        Word[Literal["auto", "concise", "detailed"]] | None, Doc("How much of the thinking is told."), Fold("lower")
    ] = None
    exclude: Annotated[Flag | None, Doc("Leave the thinking out of the answer.")] = None
    enabled: Annotated[
        Flag | None, Doc("Whether the model thinks first."), Note("when false, effort must be given")
    ] = None


class ElasticTaskSettings(TaskSettings, service="elastic"):
    """Elastic Inference Service: `task_settings`."""

    reasoning: Annotated[
        Reasoning | None,
        Doc("Reasoning options for chat_completion."),
        Since("9.5"),
        Only(CHAT_COMPLETION),
        Updatable("9.5", note="tri-state, an explicit null clears it, left out keeps it"),
        Note("layout from the pull request (#152230); with another task type the PUT fails"),
        Uncertain("P,W"),
    ] = None


SERVICE = Service(
    name="elastic",
    title="Elastic Inference Service",
    since=since("8.16"),
    task_types={
        "sparse_embedding": Offered(since("8.16"), rate_limit=1000, rate_limit_until=Version.parse("9.1")),
        "chat_completion": Offered(since("8.18"), rate_limit=240, rate_limit_until=Version.parse("9.1")),
        "completion": Offered(since("9.3"), uncertain=True),
        "text_embedding": Offered(since("8.19"), rate_limit=10000, rate_limit_until=Version.parse("9.1")),
        "rerank": Offered(since("8.19"), rate_limit=500, rate_limit_until=Version.parse("9.1")),
        "embedding": Offered(since("9.4")),
    },
    settings_class=ElasticSettings,
    task_settings_class=ElasticTaskSettings,
    notes=("usable by users from about 8.18 / 9.0; generally available in 9.2",),
    uncertain=True,
)
