"""What `inferctl` offers, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import inferctl


def test_the_list_is_sorted_and_true() -> None:
    assert inferctl.__all__ == sorted(inferctl.__all__)
    for name in inferctl.__all__:
        assert getattr(inferctl, name) is not None
    assert set(inferctl.__all__) <= set(dir(inferctl))
    with pytest.raises(AttributeError):
        _ = inferctl.nonsense  # type: ignore[attr-defined]


@pytest.mark.parametrize("use", ["", "inferctl.NotFound", "inferctl.InferenceClient; inferctl.AsyncInferenceClient"])
def test_importing_loads_nothing_heavy(use: str) -> None:
    heavy = "{'httpx', 'httpcore', 'pydantic', 'yaml', 'deepdiff', 'rich', 'click'}"
    code = f"import sys, inferctl; {use}\nprint(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
