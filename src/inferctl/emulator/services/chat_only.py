"""Services that complete and chat, and make no vectors: AI21, Anthropic, DeepSeek, Groq."""

from .schema import Field, Parser, Service, Task, integer, mapping, rate_limit, secret, text, uri

# AI21 Labs: in the server from 9.2.
# - rate_limit is always present
AI21 = Service(
    name="ai21",
    title="AI21 Labs",
    since="9.2",
    tasks={
        "completion": Task(rate_limit=200),
        "chat_completion": Task(rate_limit=200),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        rate_limit("9.4", null_resets="9.5"),
    ),
    shown=("model_id", "rate_limit"),
    parser=Parser("9.5"),
    update_refuses_secrets_until="9.5.2",
)

# Anthropic: in the server from 8.15.
# - rate_limit
# - task_settings.top_k comes back as task_settings.top_p (source bug; fix version unknown)
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

# DeepSeek: in the server from 8.19 and 9.1.
# - no rate_limit: the field is unknown to this service and rejected
DEEPSEEK = Service(
    name="deepseek",
    title="DeepSeek",
    since="8.19/9.1",
    tasks={
        "completion": Task(),
        "chat_completion": Task(),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        uri("url"),
    ),
    shown=("model_id", "url"),
)

# Groq: in the server from 9.3.
# - rate_limit
GROQ = Service(
    name="groq",
    title="Groq",
    since="9.3",
    tasks={
        "chat_completion": Task(rate_limit=1000),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        text("organization_id", updatable="9.5"),
        uri("url"),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("user"),
        mapping("headers"),
    ),
    shown=("model_id", "organization_id", "url", "rate_limit"),
)
