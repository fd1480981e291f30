"""Groq: in the server from 9.3.

- rate_limit
"""

from .schema import Service, Task, mapping, rate_limit, secret, text

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
        text("url"),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("user"),
        mapping("headers"),
    ),
    shown=("model_id", "organization_id", "url", "rate_limit"),
)
