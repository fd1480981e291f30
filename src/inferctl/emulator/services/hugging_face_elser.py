"""Hugging Face ELSER (hidden): in the server from 8.12.

- rate_limit
- max_input_tokens 512
"""

from .schema import Service, Task, integer, rate_limit, secret, text

HUGGING_FACE_ELSER = Service(
    name="hugging_face_elser",
    title="Hugging Face ELSER (hidden)",
    since="8.12",
    tasks={
        "sparse_embedding": Task(rate_limit=3000),
    },
    service_settings=(
        secret("api_key"),
        text("url", required=True),
        integer("max_input_tokens", default=512, put_allowed=False, least=None),
        rate_limit("9.5"),
    ),
    shown=("url", "max_input_tokens", "rate_limit"),
    hidden=True,
)
