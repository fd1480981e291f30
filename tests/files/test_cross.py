"""Rules between endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl.workspace.desired import cross_diagnostics
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from inferctl.diagnostics import Diagnostic


def local(name: str, **settings: object) -> str:
    text = ", ".join(f"{key}: {value}" for key, value in settings.items())
    return f"- inference_id: {name}\n  task_type: sparse_embedding\n  service: elasticsearch\n  service_settings: {{{text}}}\n"


FIXED = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
OWN = {"model_id": "own", "num_threads": 1, "num_allocations": 1}


def check(*texts: str) -> tuple[Diagnostic, ...]:
    file = read_file("f.yaml", "".join(texts).encode())
    assert not file.failed, file.diagnostics
    return tuple(cross_diagnostics(file.declared))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([local("a", **FIXED), local("b", **OWN)], []),
        ([local("a", **FIXED), local("a", **OWN)], [("endpoint.duplicate-id", "5:17", "1:17")]),
        ([local("a", **FIXED), local("b", **FIXED)], [("endpoint.same-model", "8:32", "1:17")]),
        ([local("a", **FIXED), local("b", deployment_id="a")], []),
        ([local("own", **OWN)], [("endpoint.model-id", "1:17", "4:32")]),
        ([local("a", **FIXED), local("own", **FIXED | {"model_id": "other"}), local("c", **OWN)],
         [("endpoint.model-id", "5:17", "12:32")]),
        ([local("a", **FIXED), local("b", **FIXED | {"num_allocations": 2, "deployment_id": "a"})],
         [("endpoint.one-deployment", "8:81", "4:81")]),
        ([local("a", deployment_id="a")], [("endpoint.model-id", "1:17", "4:37")]),
    ],
)  # fmt: skip
def test_clashes(texts: list[str], expected: list[tuple[str, str, str]]) -> None:
    found = check(*texts)
    assert [
        (d.code, f"{d.span.line}:{d.span.column}", str(d.related[0][1]).removeprefix("f.yaml:")) for d in found
    ] == expected
    assert all(d.source_line and d.why and d.fixes for d in found)


def test_only_the_same_model_is_a_warning() -> None:
    (found,) = check(local("a", **FIXED), local("b", **FIXED))
    assert not found.is_error
    assert "deployment_id: a" in found.fixes[0].text
