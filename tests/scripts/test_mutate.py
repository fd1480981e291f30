"""The mutation tool: each kind of change is made, what may not change stays, and the tree is left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = ROOT / "scripts"


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = spec_from_file_location("mutants", SCRIPTS / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["mutants"] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def changes(tool: Any, source: str) -> set[str]:
    """The lines that the mutants of a source have in the place of its last one."""
    mutants = tool.mutants_of("a.py", source.encode())
    assert all(mutant.mutated != source.encode() for mutant in mutants)
    *kept, _ = source.splitlines()
    made = [mutant.mutated.decode().splitlines() for mutant in mutants]
    assert all(lines[: len(kept)] == kept for lines in made)
    return {"\n".join(lines[len(kept) :]) for lines in made}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a not  in b", {"x = a in b"}),
        ("x = a is not b", {"x = a is b"}),
        ("x = a and b or c", {"x = a or b or c", "x = a and b and c"}),
        ("x = not a", {"x = a"}),
        ("x = a | b", {"x = a & b"}),
        ("x = 'ü' + b", {"x = 'ü' - b"}),
        ("x = True", {"x = False"}),
        ("x = 5", {"x = 5 + 1"}),
        ("x = {'a', 'b'}", {"x = {'b'}", "x = {'a'}"}),
        ("x = ('a', 'b', 'c')", {"x = ('b', 'c')", "x = ('a', 'c')", "x = ('a', 'b')"}),
        ("x = ('a', 'b')", set()),
        ("x = f(a, b=c)", {"x = f(a)"}),
        ("re.compile('(?:a?b|c)')", {"re.compile('(?:c)')", "re.compile('(?:a?b)')", "pass"}),
        ("x = b if a else c", {"x = b if True else c", "x = b if False else c"}),
        ("x = [b for b in c if a]", {"x = [b for b in c if True]", "x = [b for b in c if False]"}),
        ("a.b = c", {"pass"}),
        ("a += b", {"pass"}),
        ("a.b(c)", {"pass"}),
        ("if a: b", {"if True: b", "if False: b", "if a: pass"}),
        ("while a: b", {"while False: b", "while a: pass"}),
        ("raise E(f'{a == b}')", {"pass"}),
        ("assert a == 5", set()),
        ("x: Literal[5] | None = a", set()),
        ("__all__ = ['a', 'b']", set()),
        ("'a docstring'", set()),
        ("def f(a: int | None = 5) -> int | str: ...", {"def f(a: int | None = 5 + 1) -> int | str: ..."}),
        ("def f(): return a", {"def f(): return None"}),
    ],
)
def test_what_becomes_of_a_line(tool: Any, line: str, expected: set[str]) -> None:
    assert changes(tool, f"first = 'é'\n{line}\n") == expected


def test_each_type_of_a_handler_is_missed_in_turn(tool: Any) -> None:
    assert changes(tool, "try: pass\nexcept (B, C): pass\n") == {"except (C): pass", "except (B): pass"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package of one file, a test that sees half of it, and the tool."""
    for name, text in {
        "src/inferctl/__init__.py": "",
        "src/inferctl/sums/__init__.py": "",
        "src/inferctl/sums/less.py": "def less(a, b):\n    return a < b\n",
        "tests/sums/test_less.py": "from inferctl.sums.less import less\n\n\ndef test():\n    assert less(1, 2)\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "scripts").mkdir()
    for name in ("mutate", "mutants.py"):
        shutil.copy(SCRIPTS / name, tmp_path / "scripts")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def mutate(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/mutate", *arguments]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # a quick start
    environment.pop("PYTEST_ADDOPTS", None)  # meant for the pytest that runs us
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_survivors_are_shown_and_the_tree_is_left_alone(project: Path) -> None:
    source = project / "src/inferctl/sums/less.py"
    before = (source.read_bytes(), source.stat().st_mtime_ns)
    done = mutate(project, "src/inferctl/sums", "--jobs", "2")
    assert done.stdout.splitlines() == [
        "src/inferctl/sums/less.py:2",
        "    -    return a < b",
        "    +    return a <= b",
        "1 of 2 mutants killed (of 2 that there are)",
    ], done.stderr
    assert done.returncode == 1
    assert (source.read_bytes(), source.stat().st_mtime_ns) == before


def test_where_none_survives_all_is_well(project: Path) -> None:
    test = project / "tests/sums/test_less.py"
    test.write_text(test.read_text() + "    assert not less(1, 1)\n")
    done = mutate(project, "src/inferctl/sums/less.py", "--sample", "1", "--seed", "3")
    assert (done.returncode, done.stdout) == (0, "1 of 1 mutants killed (of 2 that there are)\n")


def test_tests_that_fail_anyway_prove_nothing(project: Path) -> None:
    (project / "tests/sums/test_less.py").write_text("def test():\n    assert False\n")
    done = mutate(project, "src/inferctl/sums")
    assert done.returncode == 1
    assert "without a mutant" in done.stderr
    assert "killed" not in done.stdout
