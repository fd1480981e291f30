"""docs/how-to/add-a-service.md: its tables list what the modules have, and the service it makes up works."""

from __future__ import annotations

import inspect
import json
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.agreement import emulator, pages
from tests.agreement.rows import VERSIONS, facts
from tests.model.strategies import page

import inferctl.model.services
from inferctl.emulator.profiles import PROFILES
from inferctl.emulator.services import SERVICES
from inferctl.model.services import conditions, find, marks
from inferctl.workspace.endpoint_file import read_file

from .generated import check_part
from .pages import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = DOCS / "how-to" / "add-a-service.md"
NAME = "acme"
SHOWN = {block.value: block.text for block in blocks(PAGE) if block.mark == "service"}


def built(path: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that the page shows, as if it stood at its place in the package."""
    package = f"inferctl.{path.rpartition('/')[0].replace('/', '.')}"
    module = ModuleType(f"{package}.{NAME}")
    module.__package__ = package
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(SHOWN[path], vars(module))
    return module


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue and an emulator with one service more."""
    built("model/services/acme.py", monkeypatch)
    names = (*inferctl.model.services.service_names(), NAME)
    monkeypatch.setattr(inferctl.model.services, "_NAMES", names)
    monkeypatch.setitem(SERVICES, NAME, built("emulator/services/acme.py", monkeypatch).ACME)
    yield
    find.cache_clear()


def errors(text: str) -> list[str]:
    return [found.code for found in read_file("acme.yaml", text.encode()).diagnostics]


@pytest.mark.usefixtures("added")
def test_the_page_reads_the_file() -> None:
    text = SHOWN["endpoint"]
    reading = read_file("acme.yaml", text.encode())
    assert reading.diagnostics == ()
    assert [declared.endpoint.service for declared in reading.declared] == [NAME]
    assert errors(text.replace("  project: search\n", "")) == ["rule.one-of"]
    assert errors(text.replace("truncate: end", "truncate: start")) == ["field.enum"]
    assert errors(re.sub(r"\{env.*\}", "sk-literal", text)) == ["secret.literal"]


@pytest.mark.usefixtures("added")
def test_page_and_emulator_agree() -> None:
    since = page(NAME).since
    ours = {profile: {NAME: pages._service(NAME, v)} for profile, v in VERSIONS.items() if since.includes(v)}
    theirs = {name: {NAME: emulator._service(SERVICES[NAME], PROFILES[name])} for name in ours}
    assert set(ours) == {name for name, profile in PROFILES.items() if profile.knows("8.19/9.1")}
    assert facts(ours) == facts(theirs)


@pytest.mark.usefixtures("added")
def test_the_emulator_takes_the_file() -> None:
    body = yaml.safe_load(SHOWN["endpoint"])
    inference_id, task_type = body.pop("inference_id"), body.pop("task_type")
    body["service_settings"]["api_key"] = "k"
    on = emulator.cluster("9.5")
    assert emulator.refuses(on, task_type, inference_id, body) == ""
    shown = json.loads(json.dumps(emulator.shown(on, inference_id)))
    assert shown["task_settings"] == body["task_settings"]
    del body["service_settings"]["project"]
    assert emulator.refuses(on, task_type, "other", body)


def signature(known: object) -> str:
    """As one writes it, without types."""
    assert callable(known)
    parameters = inspect.signature(known).parameters.values()
    return ", ".join(
        f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name if p.default is p.empty else f"{p.name}=…"
        for p in parameters
    )


def table(head: str, module: ModuleType, names: list[str]) -> str:
    lines = [f"| {head} | Meaning |", "| --- | --- |"]
    for name in names:
        known = getattr(module, name)
        lines.append(f"| `{name}({signature(known)})` | {' '.join((inspect.getdoc(known) or '').split())} |")
    return "\n".join(lines)


def names_in(module: ModuleType) -> list[str]:
    """Public classes and functions with a capital, in the order of the module."""
    return [
        name
        for name, value in vars(module).items()
        if name[0].isupper() and callable(value) and getattr(value, "__module__", "") == module.__name__
    ]


def test_marks() -> None:
    names = [name for name in names_in(marks) if name not in ("Mark", "By")]
    assert len(names) > 15
    check_part(PAGE, "marks", table("Mark", marks, [*names, "By"]))


def test_conditions() -> None:
    check_part(PAGE, "conditions", table("Condition", conditions, names_in(conditions)))
