"""docs/reference/python-api.md lists all that the package exports; the scripts in examples/python run."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.running import clean_environment

import inferctl
from inferctl.errors import InferctlError

from .generated import check_part
from .pages import DOCS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = sorted((ROOT / "examples" / "python").glob("*.py"))
NO_DOCSTRING = {
    "Event": "One of the things that `on_event` hears: `StageStarted`, `StepStarted`, `SubStep`, `StepWaiting`, "
    "`StepFinished`, `Interrupted`.",
    "__version__": "The version of this package.",
}


def meaning(name: str) -> str:
    """The first sentence of its documentation."""
    if name in NO_DOCSTRING:
        return NO_DOCSTRING[name]
    text = inspect.getdoc(getattr(inferctl, name)) or ""
    assert not text.startswith(f"{name}("), f"{name} has no docstring"
    first = " ".join(text.partition("\n\n")[0].split())
    return first.partition(". ")[0].rstrip(".") + "."


def is_error(name: str) -> bool:
    value = getattr(inferctl, name)
    return inspect.isclass(value) and issubclass(value, InferctlError)


def test_the_public_names() -> None:
    rows = [f"| `{name}` | {meaning(name)} |" for name in inferctl.__all__ if not is_error(name)]
    errors = [
        f"| `{name}` | `{getattr(inferctl, name).code}` | {meaning(name)} |"
        for name in inferctl.__all__
        if is_error(name)
    ]
    names = ["| Name | What it is |", "| --- | --- |", *rows]
    tables = [*names, "", "| Error | Code | When |", "| --- | --- | --- |", *errors]
    check_part(DOCS / "reference" / "python-api.md", "names", "\n".join(tables))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_script_runs(script: Path, tmp_path: Path) -> None:
    pytest_alone = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", script.parent)
    is_test = script.name.startswith("test_")
    done = subprocess.run(
        [sys.executable, *(pytest_alone if is_test else ()), script],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    expected = {
        "async_client.py": "a green coat: 1536 dimensions",
        "from_a_table.py": "1 to delete",
        "plan_and_apply.py": "create product-search\nAs declared now:",
        "test_no_drift.py": "1 passed",
    }
    assert expected[script.name] in done.stdout
    assert "no changes" in done.stdout or is_test or script.name == "async_client.py"
    assert list(tmp_path.iterdir()) == []


def test_the_first_script_fits_on_a_screen() -> None:
    assert len((ROOT / "examples" / "python" / "plan_and_apply.py").read_text(encoding="utf-8").splitlines()) <= 32
