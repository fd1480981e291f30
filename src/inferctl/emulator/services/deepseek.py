"""DeepSeek: in the server from 8.19 and 9.1.

- no rate_limit: the field is unknown to this service and rejected
"""

from .schema import Service, Task, secret, text

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
        text("url"),
    ),
    shown=("model_id", "url"),
)
