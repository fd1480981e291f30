"""The services as tables, and the registry over them. What is alike, or of one vendor, stands in one file."""

from dataclasses import fields, replace
from typing import Any

from .all_tasks import ALIBABACLOUD_AI_SEARCH, COHERE, OPENAI
from .amazon import AMAZON_SAGEMAKER, AMAZONBEDROCK
from .azure import AZUREAISTUDIO, AZUREOPENAI
from .chat_and_vectors import FIREWORKSAI, LLAMA, MISTRAL, NVIDIA, OPENSHIFT_AI, TENCENTCLOUD, WATSONXAI
from .chat_only import AI21, ANTHROPIC, DEEPSEEK, GROQ
from .custom import CUSTOM
from .elastic import ELASTIC, ELASTICSEARCH, ELSER
from .google import GOOGLEAISTUDIO, GOOGLEVERTEXAI
from .hugging_face import HUGGING_FACE, HUGGING_FACE_ELSER
from .schema import Field, Service, Task
from .search_only import CONTEXTUALAI, JINAAI, MIXEDBREAD, VOYAGEAI

SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        AI21,
        ALIBABACLOUD_AI_SEARCH,
        AMAZON_SAGEMAKER,
        AMAZONBEDROCK,
        ANTHROPIC,
        AZUREAISTUDIO,
        AZUREOPENAI,
        COHERE,
        CONTEXTUALAI,
        CUSTOM,
        DEEPSEEK,
        ELASTIC,
        ELASTICSEARCH,
        ELSER,
        FIREWORKSAI,
        GOOGLEAISTUDIO,
        GOOGLEVERTEXAI,
        GROQ,
        HUGGING_FACE,
        HUGGING_FACE_ELSER,
        JINAAI,
        LLAMA,
        MISTRAL,
        MIXEDBREAD,
        NVIDIA,
        OPENAI,
        OPENSHIFT_AI,
        TENCENTCLOUD,
        VOYAGEAI,
        WATSONXAI,
    )
}

JsonObject = dict[str, Any]

_KNOWN = {"name", "task_types", "service_settings", "task_settings"}
_OF_FIELD = {item.name for item in fields(Field)} - {"name"}


def made(spec: JsonObject) -> Service:
    """The service that a spec describes. Raises ValueError for a spec that describes none."""
    unknown = sorted(set(spec) - _KNOWN)
    if unknown:
        raise ValueError(f"unknown field [{unknown[0]}] of a service")
    name = spec.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("a service has a name")
    base = SERVICES.get(name) or Service(name, name, "", {}, ())
    tasks = {str(task): Task() for task in spec.get("task_types", ())}
    settings = _fields(spec.get("service_settings", {}))
    result = replace(
        base,
        tasks={**base.tasks, **tasks},
        service_settings=(*base.service_settings, *settings),
        task_settings=(*base.task_settings, *_fields(spec.get("task_settings", {}))),
        shown=(*base.shown, *(item.name for item in settings if not item.secret)),
    )
    if not result.tasks:
        raise ValueError(f"the service [{name}] has no task type")
    return result


def _fields(source: Any) -> tuple[Field, ...]:
    if not isinstance(source, dict):
        raise ValueError("settings are a mapping from name to field")
    return tuple(_field(name, given) for name, given in source.items())


def _field(name: str, given: Any) -> Field:
    if not isinstance(given, dict) or set(given) - _OF_FIELD:
        raise ValueError(f"the field [{name}] has {', '.join(sorted(_OF_FIELD))}, and nothing else")
    more: JsonObject = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Field(name, **more)
