"""What the `elasticsearch` service and its old name `elser` have in common.

Source: docs/reference/server/in-cluster.md#create.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

from inferctl.json_types import Json, is_whole
from inferctl.model.services.asked import Asked, own
from inferctl.model.services.marks import Default, Doc, Note
from inferctl.model.services.settings import Settings
from inferctl.model.services.types import Flag, NonNegativeInt, PositiveInt
from inferctl.syntax.finding import Finding
from inferctl.syntax.schema_conditions import Schema, in_part, refused

# Models that come with Elasticsearch, and the task they are for. Names may end in the platform.
ELSER = ".elser_model_2"
BUILT_IN = {ELSER: "sparse_embedding", ".multilingual-e5-small": "text_embedding", ".rerank-v1": "rerank"}
_PLATFORM = "_linux-x86_64"


def spelled(models: Iterable[str]) -> list[str]:
    """Models with and without the name of the platform."""
    return [model + end for model in models for end in ("", _PLATFORM)]


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
    return model.removesuffix(_PLATFORM) if isinstance(model, str) else ""


def is_elser(endpoint: Mapping[str, Json]) -> bool:
    """Whether the endpoint of a file names ELSER, whose chunks keep their upper limit.

    Source: docs/reference/server/chunking.md.
    """
    settings = endpoint.get("service_settings")
    named = isinstance(settings, Mapping) and plain_model(settings) == ELSER
    return endpoint.get("service") == "elser" or (endpoint.get("service") == "elasticsearch" and named)


def _enabled(_asked: Asked) -> list[Schema]:
    enabled: Schema = {"type": "object", "required": ["enabled"], "properties": {"enabled": {"const": True}}}
    adaptive: Schema = {"required": ["adaptive_allocations"], "properties": {"adaptive_allocations": enabled}}
    because = "num_allocations cannot stand beside enabled adaptive_allocations"
    return [
        {
            "if": in_part("service_settings", {**adaptive, "not": {"required": ["deployment_id"]}}),
            "then": refused("service_settings", "num_allocations", because),
        }
    ]


@own(_enabled, unsayable="the bounds: it compares two numbers of the file")
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
                    "the deployment then fails to start, and the endpoint stays behind", "remove num_allocations", "key")
        )  # fmt: skip
    low, high = adaptive.get("min_number_of_allocations"), adaptive.get("max_number_of_allocations")
    if isinstance(low, int) and isinstance(high, int) and is_whole(low) and is_whole(high) and low > high >= 1:
        problems.append(
            Finding(("service_settings", "adaptive_allocations", "min_number_of_allocations"), "field.range",
                    f"min_number_of_allocations must be at most {high}", "max_number_of_allocations is the upper bound",
                    f"min_number_of_allocations: {high}")
        )  # fmt: skip
    return problems


def _powers(_asked: Asked) -> list[Schema]:
    powers: Schema = {"enum": [1, 2, 4, 8, 16, 32], "errorMessage": "num_threads must be 1, 2, 4, 8, 16 or 32"}
    # Other kinds of values and those out of bounds are found by the field itself.
    fit: Schema = {"type": "integer", "minimum": 1, "maximum": 32}
    return [in_part("service_settings", {"properties": {"num_threads": {"if": fit, "then": powers}}})]


@own(_powers)
def threads(asked: Asked) -> list[Finding]:
    """num_threads is a power of two, at most 32."""
    given = asked.service_settings.get("num_threads")
    if not isinstance(given, int) or not is_whole(given) or not 1 <= given <= 32 or given & (given - 1) == 0:
        return []
    near = 1 << (given.bit_length() - 1)
    return [Finding(("service_settings", "num_threads"), "field.range", "num_threads must be 1, 2, 4, 8, 16 or 32",
                    "the deployment fails to start with any other number, and the endpoint stays behind",
                    f"num_threads: {near}")]  # fmt: skip


def _no_other_model(asked: Asked) -> list[Schema]:
    others = spelled(model for model, task in BUILT_IN.items() if task != asked.task_type)
    never: Schema = {"maxLength": 0, "errorMessage": f"this model is not for {asked.task_type}"}
    return [in_part("service_settings", {"properties": {"model_id": {"if": {"enum": others}, "then": never}}})]


@own(_no_other_model)
def model_of_the_task(asked: Asked) -> list[Finding]:
    """A model that comes with Elasticsearch serves one task type."""
    model = plain_model(asked.service_settings)
    task = BUILT_IN.get(model)
    other = next((name for name, kind in BUILT_IN.items() if kind == asked.task_type), None)
    if task is None or other is None or task == asked.task_type:
        return []
    return [Finding(("service_settings", "model_id"), "rule.model-task", f"{model} is a model for {task}",
                    f"the endpoint is one for {asked.task_type}", f"model_id: {other}")]  # fmt: skip
