"""Hugging Face ELSER (hidden): `service: hugging_face_elser`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import rate_limit, secret
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="hugging_face_elser",
    title="Hugging Face ELSER (hidden)",
    since=since("8.12"),
    task_types={
        "sparse_embedding": TaskFacts(since("8.12"), rate_limit=3000),
    },
    service_settings={
        "api_key": secret(evidence="S"),
        "url": Fact("string", "Endpoint URL.", required=True, evidence="S"),
        "max_input_tokens": Fact(
            "integer", "Fixed value shown by GET.", default=512, filled=True, put_allowed=False, evidence="S"
        ),
        "rate_limit": rate_limit(since("9.5"), evidence="S"),
    },
    observed_name="hugging_face_elser",
    notes=("an internal service of the plugin; not meant for users, listed for completeness",),
    internal=True,
    uncertain=True,
)
