"""Contextual AI: in the server from 9.2.

- rate_limit
"""

from .schema import Service, Task, integer, rate_limit, secret, text

CONTEXTUALAI = Service(
    name="contextualai",
    title="Contextual AI",
    since="9.2",
    tasks={
        "rerank": Task(rate_limit=1000),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        text("url", until="9.4"),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("instruction"),
        integer("top_k"),
    ),
    shown=("model_id", "rate_limit", "url"),
)
