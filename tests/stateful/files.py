"""Endpoint files for the machine: small families, so that an edit is often an update and often a replace."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from tests.factories import revealed

from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

Spec = dict[str, Any]

LIMITS = st.fixed_dictionaries({"requests_per_minute": st.integers(1, 3)})
CHUNKING = st.sampled_from(
    [
        {"strategy": "sentence", "max_chunk_size": 100, "sentence_overlap": 1},
        {"strategy": "sentence", "max_chunk_size": 200, "sentence_overlap": 0},
        {"strategy": "word", "max_chunk_size": 120, "overlap": 20},
    ]
)
TWO = st.sampled_from(["one", "two"])
KEY = st.just({"env": "KEY"})


def _spec(
    task_type: str, service: str, settings: Any, task: Any = None, chunking: Any = None, *, required: bool = False
) -> Any:
    parts: dict[str, Any] = {
        "task_type": st.just(task_type),
        "service": st.just(service),
        "service_settings": settings,
    }
    probe = st.just({"input": "hello"}) if service == "openai" else None
    optional = {"task_settings": task, "chunking_settings": chunking, "probe": probe}
    if required:
        parts["task_settings"] = optional.pop("task_settings")
    return st.fixed_dictionaries(parts, optional={name: made for name, made in optional.items() if made is not None})


def _object(required: dict[str, Any], **optional: Any) -> Any:
    return st.fixed_dictionaries(required, optional=optional)


_REMOTE = (
    _spec(
        "completion",
        "openai",
        _object({"model_id": TWO, "api_key": KEY}, organization_id=TWO, rate_limit=LIMITS),
        _object({}, user=TWO),
    ),
    _spec(
        "text_embedding",
        "openai",
        _object({"model_id": TWO, "api_key": KEY}, rate_limit=LIMITS, max_input_tokens=st.integers(8, 9)),
        _object({}, user=TWO),
        CHUNKING,
    ),
    _spec(
        "rerank",
        "cohere",
        _object({"model_id": TWO, "api_key": KEY}, rate_limit=LIMITS),
        _object({}, top_n=st.integers(1, 3), return_documents=st.booleans()),
    ),
    _spec(
        "completion",
        "amazonbedrock",
        _object(
            {
                "region": TWO,
                "model": TWO,
                "provider": st.just("anthropic"),
                "access_key": st.just({"env": "ACCESS"}),
                "secret_key": st.just({"env": "SECRET"}),
            },
            rate_limit=LIMITS,
        ),
        _object({}, max_new_tokens=st.integers(64, 66)),
    ),
    _spec(
        "completion",
        "anthropic",
        _object({"model_id": TWO, "api_key": KEY}, rate_limit=LIMITS),
        _object({"max_tokens": st.integers(1, 3)}, top_k=st.integers(1, 2)),
        required=True,
    ),
    _spec(
        "completion",
        "azureopenai",
        _object(
            {"resource_name": TWO, "deployment_id": TWO, "api_version": st.just("v"), "api_key": KEY}, rate_limit=LIMITS
        ),
        _object({}, user=TWO),
    ),
    _spec("text_embedding", "mistral", _object({"model": TWO, "api_key": KEY}, rate_limit=LIMITS), None, CHUNKING),
    _spec(
        "text_embedding",
        "hugging_face",
        _object({"url": st.sampled_from(["https://one.invalid", "https://two.invalid"]), "api_key": KEY}),
        None,
        CHUNKING,
    ),
)
REMOTE = st.one_of(*_REMOTE)
ADAPTIVE = st.fixed_dictionaries(
    {
        "enabled": st.just(True),
        "min_number_of_allocations": st.integers(0, 1),
        "max_number_of_allocations": st.integers(2, 3),
    }
)
_LOCAL = (
    _spec(
        "sparse_embedding",
        "elasticsearch",
        st.one_of(
            st.fixed_dictionaries(
                {
                    "model_id": st.just(".elser_model_2"),
                    "num_threads": st.sampled_from([1, 2]),
                    "num_allocations": st.integers(1, 3),
                }
            ),
            st.fixed_dictionaries(
                {
                    "model_id": st.just(".elser_model_2"),
                    "num_threads": st.just(1),
                    "adaptive_allocations": ADAPTIVE,
                }
            ),
        ),
    ),
    _spec(
        "text_embedding",
        "elasticsearch",
        st.fixed_dictionaries(
            {
                "model_id": st.just(".multilingual-e5-small"),
                "num_threads": st.sampled_from([1, 2]),
                "num_allocations": st.integers(1, 2),
            }
        ),
        None,
        CHUNKING,
    ),
)
LOCAL = st.one_of(*_LOCAL)
FAMILIES = ("openai completion", "openai text_embedding", "cohere rerank", "amazonbedrock completion",
            "anthropic completion", "azureopenai completion", "mistral text_embedding", "hugging_face text_embedding",
            "elasticsearch sparse_embedding", "elasticsearch text_embedding")  # fmt: skip
_BY_NAME: dict[str, st.SearchStrategy[Spec]] = dict(zip(FAMILIES, (*_REMOTE, *_LOCAL), strict=True))


def family(spec: Spec) -> st.SearchStrategy[Spec]:
    """Other endpoints of the same service and task type."""
    return _BY_NAME[f"{spec['service']} {spec['task_type']}"]


def sharer(owner: Spec, deployment_id: str) -> Spec:
    """An endpoint on the deployment of another one."""
    return {
        "task_type": owner["task_type"],
        "service": "elasticsearch",
        "service_settings": {"deployment_id": deployment_id},
    }


def is_owner(spec: Spec | None) -> bool:
    """Whether it runs a model of its own in the cluster."""
    return spec is not None and spec["service"] == "elasticsearch" and "model_id" in spec["service_settings"]


def owner_of(spec: Spec) -> str | None:
    """The deployment it is attached to."""
    found = spec["service_settings"].get("deployment_id") if spec["service"] == "elasticsearch" else None
    return None if found is None else str(found)


def read(inference_id: str, spec: Spec) -> DesiredEndpoint:
    """As from a file: JSON is YAML."""
    return _read(json.dumps({"inference_id": inference_id, **spec}))


@cache
def _read(text: str) -> DesiredEndpoint:
    file = read_file("endpoint.yaml", text.encode())
    assert not file.failed, file.diagnostics
    (declared,) = file.declared
    return declared.endpoint


def body(spec: Spec, secret: str) -> Spec:
    """What somebody else would PUT: the same with a secret of theirs."""
    return {key: revealed(value, secret) for key, value in spec.items() if key not in ("task_type", "probe")}
