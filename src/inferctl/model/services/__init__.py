"""The catalogue: a module per service, imported when the service is in use.

To add a service, add its module and its name here (docs/how-to/add-a-service.md).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.model.services.service import Service

# Names as the API has them (docs/reference/server/services.md#names); the module has `_` where the name has `-`.
_NAMES = (
    "ai21", "alibabacloud-ai-search", "amazon_sagemaker", "amazonbedrock", "anthropic", "azureaistudio",
    "azureopenai", "cohere", "contextualai", "custom", "deepseek", "elastic", "elasticsearch", "elser",
    "fireworksai", "googleaistudio", "googlevertexai", "groq", "hugging_face", "hugging_face_elser", "jinaai",
    "llama", "mistral", "mixedbread", "nvidia", "openai", "openshift_ai", "tencentcloud", "voyageai",
    "watsonxai",
)  # fmt: skip


def service_names() -> tuple[str, ...]:
    """All services known, sorted."""
    return _NAMES


@cache
def find(name: str) -> Service | None:
    """The page of a service, or None. Imports that service's module and no other."""
    if name not in _NAMES:
        return None
    from inferctl.model.services.service import Service  # noqa: PLC0415

    service = import_module(f"inferctl.model.services.{name.replace('-', '_')}").SERVICE
    assert isinstance(service, Service)
    return service
