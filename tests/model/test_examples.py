"""The examples hold every service and task type that a release has, each valid; `deprecated` its old names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.model.strategies import every_case, page

from inferctl.model.services import find
from inferctl.model.versions import LINES, NEWEST, Version
from inferctl.report.diagnostics import render_all
from inferctl.workspace.desired import cross_diagnostics
from inferctl.workspace.endpoint_file import Declared, read_file

FILES = sorted((Path(__file__).parents[2] / "examples").glob("*/*.yaml"))


def declared(file: Path, version: Version | None = None) -> list[Declared]:
    found = read_file(file.name, file.read_bytes(), version)
    assert found.diagnostics == (), render_all(found.diagnostics)
    return found.declared


def test_every_service_and_task_type_has_an_example() -> None:
    have = {(d.endpoint.service, d.endpoint.task_type) for file in FILES for d in declared(file)}
    # Two were seen in unreleased source only (catalogue: "treat as not released", "after 9.5?").
    unreleased = {(name, task) for name, task in every_case() if not page(name).task_types[task].since.includes(NEWEST)}
    assert unreleased == {
        ("custom", "embedding"),
        ("mixedbread", "text_embedding"),
        *(("tencentcloud", task) for task in page("tencentcloud").task_types),
    }
    assert have == set(every_case()) - unreleased


def test_together_they_have_no_finding() -> None:
    together = [file for file in FILES if file.parent.name == "endpoints"]
    assert cross_diagnostics([d for file in together for d in declared(file)]) == []


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_comment_names_the_oldest_server(file: Path) -> None:
    said = re.search(r"^# Servers: (.+) and later\.$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert said
    oldest = [line for line in LINES if not read_file(file.name, file.read_bytes(), line).failed]
    firsts = [min(group) for major in (8, 9) if (group := [line for line in oldest if line.major == major])]
    text = str(firsts[0]) if firsts[0] == LINES[0] or len(firsts) == 1 else " or ".join(map(str, firsts))
    if len(firsts) == 2 and firsts[0] == Version(8, 18):
        text = "8.18"  # 9.0 is as new as 8.18
    assert said[1] == text


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_no_example_is_a_real_account(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for entry in declared(file):
        service = find(entry.endpoint.service)
        assert service is not None
        assert entry.endpoint.inference_id.endswith("-example")
        assert {path[1] for path in entry.endpoint.secrets} <= set(service.secret_fields(entry.endpoint.task_type))
    assert not re.search(r"sk-[A-Za-z0-9]{8}|AKIA[A-Z0-9]{12}", text)
