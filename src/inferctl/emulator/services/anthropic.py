"""Anthropic: in the server from 8.15.

- rate_limit
- task_settings.top_k comes back as task_settings.top_p (source bug; fix version unknown)
"""

from .schema import Field, Service, Task, integer, rate_limit, secret, text

ANTHROPIC = Service(
    name="anthropic",
    title="Anthropic",
    since="8.15",
    tasks={
        "completion": Task(rate_limit=50),
        "chat_completion": Task(rate_limit=50, since="9.5"),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        rate_limit("9.5"),
    ),
    task_settings=(
        integer("max_tokens", required=True),
        Field("temperature", "float"),
        Field("top_p", "float"),
        integer("top_k", shown_as="top_p", least=None),
    ),
    shown=("model_id", "rate_limit"),
    task_settings_replaced=True,
)
