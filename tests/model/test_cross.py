"""Rules between endpoints of the cluster's own models: who may share, who may not, what is offered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.workspace.desired import cross_diagnostics
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from inferctl.diagnostics import Diagnostic

ELSER = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
E5 = {"model_id": ".multilingual-e5-small", "num_threads": 1, "num_allocations": 1}
OWN = {"model_id": "own", "num_threads": 1, "num_allocations": 1}


def local(
    name: str, settings: dict[str, Any], *, service: str = "elasticsearch", task: str = "sparse_embedding"
) -> Any:
    return {"inference_id": name, "task_type": task, "service": service, "service_settings": settings}


def remote(name: str) -> Any:
    settings = {"model_id": "m", "api_key": {"env": "KEY"}}
    return {"inference_id": name, "task_type": "completion", "service": "openai", "service_settings": settings}


def check(*endpoints: Any) -> list[Diagnostic]:
    """One endpoint in each line, so that a line says which."""
    text = "".join(f"- {json.dumps(endpoint)}\n" for endpoint in endpoints)
    file = read_file("f.yaml", text.encode())
    assert file.diagnostics == ()
    return list(cross_diagnostics(file.declared))


def places(found: list[Diagnostic]) -> list[tuple[str, int, int]]:
    """Code, line of the endpoint at fault, line of the other one."""
    return [(d.code, d.span.line, d.related[0][1].line) for d in found]


def test_one_id_twice_whatever_the_task_type_and_service() -> None:
    found = check(remote("a"), remote("b"), local("a", OWN))
    assert places(found) == [("endpoint.duplicate-id", 3, 1)]
    assert found[0].is_error


@pytest.mark.parametrize("endpoint", [remote("own"), local("own", ELSER)])
def test_an_id_that_is_a_model_id(endpoint: Any) -> None:
    assert places(check(endpoint, local("b", OWN))) == [("endpoint.model-id", 1, 2)]


def test_an_id_that_is_somebody_elses_deployment() -> None:
    assert places(check(remote("d"), local("b", {"deployment_id": "d"}))) == [("endpoint.model-id", 1, 2)]
    assert check(remote("a"), local("b", {"deployment_id": "d"})) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (local("a", ELSER), local("b", ELSER)),
        (local("a", ELSER), local("b", ELSER | {"model_id": ".elser_model_2_linux-x86_64"})),
        (local("a", ELSER), local("b", {"num_threads": 1, "num_allocations": 1}, service="elser")),
        (local("a", ELSER, service="elser"), local("b", ELSER, service="elser")),
        (local("a", OWN, task="text_embedding"), local("b", OWN | {"num_allocations": 4}, task="text_embedding")),
    ],
)
def test_a_model_started_twice_is_told_and_the_shared_form_offered(first: Any, second: Any) -> None:
    (found,) = check(first, second)
    assert places([found]) == [("endpoint.same-model", 2, 1)]
    assert not found.is_error
    assert "deployment_id: a" in found.fixes[0].text


def test_a_shared_deployment_is_no_second_start() -> None:
    assert check(local("a", ELSER), local("b", {"deployment_id": "a"}), local("c", {"deployment_id": "a"})) == []
    assert check(local("a", ELSER), local("b", OWN), local("c", E5, task="text_embedding")) == []


ADAPTIVE = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}


@pytest.mark.parametrize(
    ("owner", "sharer", "column_of"),
    [
        (ELSER, {"deployment_id": "a", "num_allocations": 2}, "num_allocations"),
        (ELSER, {"deployment_id": "a", "num_threads": 2}, "num_threads"),
        (ELSER, {"deployment_id": "a", "model_id": "own"}, "model_id"),
        (
            {"model_id": ".elser_model_2", "num_threads": 1, "adaptive_allocations": ADAPTIVE},
            {"deployment_id": "a", "adaptive_allocations": ADAPTIVE | {"max_number_of_allocations": 8}},
            "adaptive_allocations",
        ),
    ],
)  # fmt: skip
def test_one_deployment_with_two_sizes(owner: Any, sharer: Any, column_of: str) -> None:
    (found,) = check(local("a", owner), local("b", sharer))
    assert places([found]) == [("endpoint.one-deployment", 2, 1)]
    assert found.is_error
    assert column_of in found.what
    assert check(local("a", owner), local("b", {"deployment_id": "a"})) == []
    same = {key: value for key, value in owner.items() if key in sharer}
    assert check(local("a", owner), local("b", {"deployment_id": "a", **same})) == []


def test_sharers_of_a_deployment_that_no_file_owns() -> None:
    two, three = {"deployment_id": "d", "num_allocations": 2}, {"deployment_id": "d", "num_allocations": 3}
    assert places(check(local("a", two), local("b", two), local("c", three))) == [("endpoint.one-deployment", 3, 1)]


def test_one_deployment_for_two_task_types() -> None:
    (found,) = check(local("a", ELSER), local("b", {"deployment_id": "a"}, task="text_embedding"))
    assert places([found]) == [("endpoint.one-deployment", 2, 1)]
    assert "task_type: sparse_embedding" in found.fixes[0].text
