"""Anthropic: `service: anthropic`."""

from typing import Annotated

from inferctl.model.services.asked import Asked, own
from inferctl.model.services.common import ApiKey, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, ShownAs, Updatable, UpdateNote
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Decimal, PositiveInt, Text, WholeNumber
from inferctl.model.versions import since
from inferctl.syntax.finding import Finding
from inferctl.syntax.schema_conditions import in_part, not_both


@own(lambda _asked: [in_part("task_settings", not_both("top_p", "top_k"))])
def _one_of_top(asked: Asked) -> list[Finding]:
    """No top_k beside top_p: the server shows both under the key top_p."""
    if not {"top_k", "top_p"} <= set(asked.task_settings):
        return []
    return [Finding(("task_settings", "top_k"), "rule.exclusive", "top_k cannot stand beside top_p",
                    "the server shows both under the key top_p, so neither could be read back", "remove top_k", "key")]  # fmt: skip


class AnthropicSettings(ServiceSettings, service="anthropic"):
    """Anthropic: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Claude model name.")]
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5", uncertain=True)] = None

    conditions = (_one_of_top,)


class AnthropicTaskSettings(TaskSettings, service="anthropic"):
    """Anthropic: `task_settings`."""

    max_tokens: Annotated[
        PositiveInt,
        Doc("Output token limit."),
        UpdateNote("an update must always repeat max_tokens; the other keys are then replaced, not merged"),
    ]
    temperature: Annotated[
        Decimal | None,
        Doc("Sampling temperature, not range-checked by Elasticsearch."),
        Note("must be a JSON floating-point number: an integer literal fails the type check"),
    ] = None
    top_p: Annotated[Decimal | None, Doc("Nucleus sampling."), Note("must be a floating-point literal")] = None
    top_k: Annotated[
        WholeNumber | None,
        Doc("Top-K sampling."),
        ShownAs("top_p"),
        Note("GET shows it under the key top_p (a bug of the server; it may break later reads)"),
    ] = None


SERVICE = Service(
    name="anthropic",
    title="Anthropic",
    since=since("8.15"),
    task_types={
        "completion": Offered(since("8.15"), rate_limit=50),
        "chat_completion": Offered(since("9.5"), rate_limit=50),
    },
    settings_class=AnthropicSettings,
    task_settings_class=AnthropicTaskSettings,
    host="api.anthropic.com",
    notes=(
        "specification says 8.16; source transport gate is 8.15",
        "task_settings.top_k comes back as task_settings.top_p (source bug; fix version unknown)",
    ),
    uncertain=True,
)
