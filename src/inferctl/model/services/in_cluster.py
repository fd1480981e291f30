"""What the `elasticsearch` service and its old name `elser` have in common.

Source: docs/reference/server/in-cluster.md#create.
"""

from collections.abc import Mapping
from typing import Annotated

from inferctl.json_types import Json, is_whole
from inferctl.model.services.conditions import Asked
from inferctl.model.services.marks import Default, Doc, Note
from inferctl.model.services.settings import Settings
from inferctl.model.services.types import Flag, NonNegativeInt, PositiveInt
from inferctl.syntax.finding import Finding

# Models that come with Elasticsearch, and the task they are for. Names may end in the platform.
ELSER = ".elser_model_2"
BUILT_IN = {ELSER: "sparse_embedding", ".multilingual-e5-small": "text_embedding", ".rerank-v1": "rerank"}


class AdaptiveAllocations(Settings):
    """Autoscaling of allocations."""

    enabled: Annotated[Flag | None, Doc("Whether the number of allocations follows the load."), Default(False)] = None
    min_number_of_allocations: Annotated[NonNegativeInt | None, Doc("Never fewer; 0 lets the model sleep.")] = None
    max_number_of_allocations: Annotated[
        PositiveInt | None, Doc("Never more."), Note("not below min_number_of_allocations")
    ] = None


def plain_model(settings: Mapping[str, object]) -> str:
    """The model without its platform, or an empty text."""
    model = settings.get("model_id")
    return model.removesuffix("_linux-x86_64") if isinstance(model, str) else ""


def is_elser(endpoint: Mapping[str, Json]) -> bool:
    """Whether the endpoint of a file names ELSER, whose chunks keep their upper limit.

    Source: docs/reference/server/chunking.md.
    """
    settings = endpoint.get("service_settings")
    named = isinstance(settings, Mapping) and plain_model(settings) == ELSER
    return endpoint.get("service") == "elser" or (endpoint.get("service") == "elasticsearch" and named)


def allocations(asked: Asked) -> list[Finding]:
    """No num_allocations while adaptive allocations are enabled; their bounds in order."""
    settings = asked.service_settings
    adaptive = settings.get("adaptive_allocations")
    if not isinstance(adaptive, Mapping) or "deployment_id" in settings:
        return []
    problems = []
    if adaptive.get("enabled") is True and "num_allocations" in settings:
        problems.append(
            Finding(("service_settings", "num_allocations"), "rule.exclusive",
                    "num_allocations cannot stand beside enabled adaptive_allocations",
                    "the deployment then fails to start, and the endpoint stays behind", "remove one of them", "key")
        )  # fmt: skip
    low, high = adaptive.get("min_number_of_allocations"), adaptive.get("max_number_of_allocations")
    if isinstance(low, int) and isinstance(high, int) and is_whole(low) and is_whole(high) and low > high >= 1:
        problems.append(
            Finding(("service_settings", "adaptive_allocations", "min_number_of_allocations"), "field.range",
                    f"min_number_of_allocations must be at most {high}", "max_number_of_allocations is the upper bound",
                    f"min_number_of_allocations: {high}")
        )  # fmt: skip
    return problems


def threads(asked: Asked) -> list[Finding]:
    """num_threads is a power of two, at most 32."""
    given = asked.service_settings.get("num_threads")
    if not isinstance(given, int) or not is_whole(given) or not 1 <= given <= 32 or given & (given - 1) == 0:
        return []
    near = 1 << (given.bit_length() - 1)
    return [Finding(("service_settings", "num_threads"), "field.range", "num_threads must be 1, 2, 4, 8, 16 or 32",
                    "the deployment fails to start with any other number, and the endpoint stays behind",
                    f"num_threads: {near}")]  # fmt: skip


def model_of_the_task(asked: Asked) -> list[Finding]:
    """A model that comes with Elasticsearch serves one task type."""
    model = plain_model(asked.service_settings)
    task = BUILT_IN.get(model)
    if task is None or task == asked.task_type:
        return []
    other = next((name for name, kind in BUILT_IN.items() if kind == asked.task_type), "…")
    return [Finding(("service_settings", "model_id"), "rule.model-task", f"{model} is a model for {task}",
                    f"the endpoint is one for {asked.task_type}", f"model_id: {other}")]  # fmt: skip


def eland_only(asked: Asked) -> list[Finding]:
    """similarity and element_type are for models loaded with Eland, not for the built-in E5."""
    if plain_model(asked.service_settings) not in BUILT_IN:
        return []
    return [
        Finding(("service_settings", name), "rule.combination", f"{name} cannot be set for a built-in model",
                "only models that were loaded with Eland take it", "remove it", "key")
        for name in ("similarity", "element_type")
        if name in asked.service_settings
    ]  # fmt: skip


def alone(asked: Asked) -> list[Finding]:
    """Beside deployment_id the server looks at no other setting but model_id; sizes come from the deployment."""
    if "deployment_id" not in asked.service_settings:
        return []
    lost = ("similarity", "element_type", "long_document_strategy", "max_chunks_per_doc")
    return [
        Finding(("service_settings", name), "rule.combination", f"{name} is lost beside deployment_id",
                "the server then takes nothing else from service_settings", "remove it", "key")
        for name in lost
        if name in asked.service_settings
    ]  # fmt: skip
