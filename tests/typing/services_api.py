"""What the types of `inferctl.services` promise; read by mypy, never run."""

from __future__ import annotations

from typing import assert_type

from inferctl import services
from inferctl.services import Endpoint, OpenAISettings, RateLimit, SecretRef


def classes() -> None:
    settings = OpenAISettings(
        model_id="m", api_key=SecretRef("env", "K"), rate_limit=RateLimit(requests_per_minute=5), similarity="cosine"
    )
    assert_type(settings.model_id, str)
    assert_type(settings.api_key, SecretRef | None)
    assert_type(settings.dimensions, int | None)
    OpenAISettings(model_id=1)  # type: ignore[arg-type]
    OpenAISettings(model_id="m", api_key="sk-literal")  # type: ignore[arg-type]
    OpenAISettings(modelid="m")  # type: ignore[call-arg]
    endpoint = Endpoint(inference_id="a", task_type="completion", service="openai", service_settings=settings)
    assert_type(endpoint.passthrough, bool)
    services.OpenAISetings  # type: ignore[attr-defined]  # noqa: B018
