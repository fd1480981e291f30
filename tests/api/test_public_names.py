"""What `inferctl` offers, and what importing it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import inferctl
from inferctl import errors


def test_the_list_is_sorted_and_true() -> None:
    assert inferctl.__all__ == sorted(inferctl.__all__)
    for name in inferctl.__all__:
        assert getattr(inferctl, name) is not None
    assert set(inferctl.__all__) <= set(dir(inferctl))
    with pytest.raises(AttributeError):
        _ = inferctl.nonsense  # type: ignore[attr-defined]


def test_every_error_is_public_and_in_the_tree() -> None:
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert len(classes) > 30
    assert classes <= set(inferctl.__all__)
    assert errors.__doc__ is not None
    assert [name for name in sorted(classes) if f"{name} " not in errors.__doc__.replace("\n", " ")] == []


@pytest.mark.parametrize(
    "use",
    [
        "",
        "inferctl.NotFound",
        "inferctl.Plan; inferctl.Change",
        "inferctl.InferenceClient; inferctl.AsyncInferenceClient",
    ],
)
def test_importing_loads_nothing_heavy(use: str) -> None:
    heavy = "{'httpx', 'httpcore', 'pydantic', 'yaml', 'deepdiff', 'rich', 'click'}"
    code = f"import sys, inferctl; {use}\nprint(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
