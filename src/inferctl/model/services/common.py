"""Settings that many services have, so that a page says only what is its own. Source: docs/reference/server/."""

from typing import Annotated

from inferctl.model import task_types
from inferctl.model.services.marks import Doc, Filled, Note
from inferctl.model.services.settings import Settings
from inferctl.model.services.types import Between, PositiveInt
from inferctl.secrets.reference import SecretRef

TEXT_EMBEDDING = frozenset({"text_embedding"})
SPARSE = frozenset({"sparse_embedding"})
RERANK = frozenset({"rerank"})
COMPLETION = frozenset({"completion"})
CHAT_COMPLETION = frozenset({"chat_completion"})
DENSE = task_types.DENSE
CHUNKED = task_types.CHUNKED
CHAT = COMPLETION | CHAT_COMPLETION

ApiKey = Annotated[SecretRef, Doc("API key or token sent to the provider.")]
# GET cannot tell a given number from a measured one.
Dimensions = Annotated[
    PositiveInt, Doc("Vector length. Filled from the probe call made at creation when it is not given."), Filled()
]
MaxInputTokens = Annotated[
    PositiveInt,
    Doc("Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent."),
]


class RateLimit(Settings):
    """Client-side request budget per node and minute."""

    requests_per_minute: Annotated[
        Annotated[int, Between(1, 2**63 - 1)] | None,
        Doc("Requests per minute."),
        Note("stored as a 64-bit integer; an empty object means the default"),
    ] = None
