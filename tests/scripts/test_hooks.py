"""The hooks for commits call what the project has: no tool and no version of their own."""

from __future__ import annotations

import shlex

import yaml
from tests.running import ROOT

CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
HOOKS = [hook for repository in CONFIG["repos"] for hook in repository["hooks"]]


def test_every_hook_is_local() -> None:
    assert [repository["repo"] for repository in CONFIG["repos"]] == ["local"]
    assert {hook["language"] for hook in HOOKS} == {"system"}
    assert not [hook["id"] for hook in HOOKS if "additional_dependencies" in hook]


def test_tools_are_those_of_the_checks_and_scripts_exist() -> None:
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for hook in HOOKS:
        program, *arguments = shlex.split(hook["entry"])
        if program.endswith("/python"):
            assert (ROOT / arguments[0]).is_file(), hook["entry"]
        else:
            assert f" {program} " in f"{checks} ".replace("\n", " "), hook["entry"]
    assert {path.name for path in (ROOT / "scripts").glob("generate-*")} == {
        f"generate-{hook['id']}" for hook in HOOKS if "generate-" in hook["entry"]
    }
