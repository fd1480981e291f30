"""Each code that is used has a page, and each page belongs to a code that is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from inferctl.complaint_pages import PAGES
from inferctl.diagnostic_pages import CODES
from inferctl.errors import InferctlError
from inferctl.planner.action import BlockKind
from inferctl.planner.plan import Guard
from inferctl.report.failure import NOT_ENDED, NOT_STARTED

SOURCE = Path(__file__).parents[2] / "src" / "inferctl"
CODE = re.compile(
    r"(yaml|file|endpoint|host|lifecycle|probe|secret|settings|service|field|rule|chunking|bounds|overlay|variable)\.[a-z0-9]+(-[a-z0-9]+)*"
)


def used() -> set[str]:
    found = set()
    for room in ("syntax", "workspace", "secrets", "model", "operator_bounds", "client", "api"):
        for file in sorted((SOURCE / room).rglob("*.py")):
            if file.name == "codes.py":
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    found.add(node.value)
    return found - {"probe.expect"}  # a path


def test_every_code_has_a_page() -> None:
    assert used() - set(CODES) == set()


def test_every_page_has_a_code() -> None:
    assert set(CODES) - used() == set()


def errors(kind: type[InferctlError]) -> set[str]:
    return {kind.code}.union(*map(errors, kind.__subclasses__()))


def test_what_is_printed_beside_diagnostics_has_a_page() -> None:
    """Errors, what ends a run from outside, limits that stop it, what holds a step."""
    ends = {"output", "internal", "interrupted"}
    assert ends <= set(re.findall(r'"([a-z.-]+)"', (SOURCE / "cli" / "failures.py").read_text()))
    ends |= {NOT_ENDED, NOT_STARTED}
    printed = errors(InferctlError) | ends | {kind.value for kind in (*BlockKind, *Guard)}
    assert printed | set(CODES) == set(PAGES)


def test_pages_are_complete() -> None:
    for code, page in PAGES.items():
        assert page.title, code
        assert page.explanation.endswith("."), code
