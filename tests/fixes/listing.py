"""All fixes that the source makes, and all that the scenes provoke."""

from __future__ import annotations

import ast
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import inferctl

from .scenes import IN_FILES, IN_PLANS
from .typist import desk

SOURCE = Path(inferctl.__file__).parent
KINDS = ("command", "flag", "edit", "advice")
SCENES = [*IN_FILES, *IN_PLANS]


@dataclass(frozen=True)
class Made:
    """A place in the source that makes a fix: `text` with {} for what is worked out; all of it in <> where none is plain."""

    kind: str
    file: str
    text: str

    @property
    def is_worked_out(self) -> bool:
        return self.text.startswith("<") and self.text.endswith(">")

    def matches(self, kind: str, text: str) -> bool:
        form = ".*".join(map(re.escape, self.text.split("{}")))
        return kind == self.kind and re.fullmatch(form, text, re.DOTALL) is not None


@cache
def made() -> tuple[Made, ...]:
    """By the calls of `command`, `flag`, `edit` and `advice`, and by `advice=` of a finding."""
    found: dict[Made, None] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        source, name = file.read_text(encoding="utf-8"), file.relative_to(SOURCE).as_posix()
        if name == "fix.py" or ("inferctl.fix" not in source and "advice=" not in source):
            continue
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in KINDS:
                found.update(dict.fromkeys(Made(node.func.id, name, text) for text in _texts(node.args[0])))
            for keyword in node.keywords:
                if keyword.arg == "advice":
                    found.update(dict.fromkeys(Made("advice", name, text) for text in _texts(keyword.value)))
    return tuple(found)


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return [f"<{ast.unparse(node)}>"]


@cache
def provoked() -> tuple[tuple[str, str, str], ...]:
    """Complaint, kind and text of each fix that a scene shows, sorted; dates and addresses are made alike."""
    found = set()
    with tempfile.TemporaryDirectory(prefix="inferctl-fixes-") as name:
        for number, scene in enumerate(SCENES):
            folder = Path(name) / str(number)
            folder.mkdir()
            with desk(folder, scene.version) as here:
                scene.open(here)
                _, complaints = here.run(list(scene.line))
            for complaint in complaints:
                if complaint.code == scene.complaint:
                    found |= {(complaint.code, kind, alike(text)) for kind, text, _ in complaint.fixes}
    return tuple(sorted(found))


def alike(text: str) -> str:
    text = re.sub(r"http://127\.0\.0\.1:\d+", "https://search.example.com:9200", text)
    return re.sub(r"\b20\d\d-\d\d-\d\d\b", "2030-01-31", text)
