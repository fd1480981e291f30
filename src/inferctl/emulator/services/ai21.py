"""AI21 Labs: in the server from 9.2.

- rate_limit is always present
"""

from .schema import Service, Task, rate_limit, secret, text

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
    parser_since="9.5",
)
