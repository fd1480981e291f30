"""A repository and a cluster, commands in it, and somebody who does what a fix says: no more, and nothing else."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml
from tests.in_process import Finished, run_here
from tests.running import Emulator, clean_environment, running_emulator
from tests.typed_fix import entry

from inferctl.errors import InferctlError
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from inferctl.fix import Fix

# What a person answers when the command asks; there is no terminal here.
_ASKING = ("apply", "rotate", "destroy", "unlock")
# What only the person at the keyboard knows.
_OWN = {"https://…": "", "…": "a-secret-of-mine"}


@dataclass(frozen=True)
class Complaint:
    """`code` of a diagnostic or an error, kind of a block, or a guard; `text` tells two of them apart."""

    code: str
    text: str
    fixes: tuple[tuple[str, str, str], ...] = field(compare=False)
    place: tuple[str, int, int, int] = field(default=("", 0, 0, 0), compare=False)


@dataclass
class Desk:
    """`environment` is what the shell has exported."""

    folder: Path
    emulator: Emulator
    environment: dict[str, str]
    stack: ExitStack

    def move(self) -> None:
        """Another cluster stands at the address that the shell knows."""
        self.emulator = self.stack.enter_context(running_emulator())
        self.environment["ELASTICSEARCH_URL"] = self.emulator.url

    def address_moves_into_the_file(self) -> None:
        """The shell knows it no more."""
        address = self.environment.pop("ELASTICSEARCH_URL")
        with (self.folder / "inferctl.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"connection: {{url: '{address}'}}\n")

    def run(self, line: list[str]) -> tuple[Finished, list[Complaint]]:
        """One command of ours, and all that it complains about."""
        errors: list[InferctlError] = []

        def heard(error: InferctlError, *fixes: Fix) -> InferctlError:
            errors.append(error)
            return told(error, *fixes)

        told = InferctlError.with_fixes
        with patch.object(InferctlError, "with_fixes", heard):
            finished = run_here(self.folder, {**clean_environment(), **self.environment}, *line)
        found = [one for one in errors if f"error[{one.code}]" in finished.err]
        complaints = [
            Complaint(one.code, str(one), tuple((fix.kind.value, fix.text, fix.file) for fix in one.fixes))
            for one in found[-1:]
        ]
        if finished.out.lstrip().startswith("{"):
            complaints += _in_document(json.loads(finished.out))
        return finished, complaints

    def shell(self, line: str) -> None:
        """A command of the shell; `export` lasts."""
        for word, mine in {**_OWN, "https://…": self.emulator.url}.items():
            line = line.replace(word, mine)
        if line.startswith("export "):
            self.environment.update(dict([part.split("=", 1) for part in shlex.split(line)[1:]]))
        elif line.startswith("inferctl "):
            line, _, after = line.partition(" && ")
            words = shlex.split(line)[1:]
            asks = words[0] in _ASKING or words[:2] == ["ledger", "repair"]
            finished, _ = self.run([*words, *(["--yes"] if asks else [])])
            assert finished.code in (0, 3), (line, finished.out, finished.err)
            if after:
                self.shell(after)
        else:
            subprocess.run(line, shell=True, cwd=self.folder, check=True)

    def edit(self, file: str, text: str, place: tuple[str, int, int, int], *, adds: bool, owner: str) -> None:
        """By the grammar of docs/reference/diagnostics.md."""
        target = self.folder / file
        text = text.replace("https://…", self.emulator.url)
        source = target.read_text(encoding="utf-8") if target.exists() else ""
        _, line, column, end = place
        moved = re.fullmatch(r"move (\S+) (up|into (\S+))", text)
        removed = re.fullmatch(r"remove (.+)", text)
        try:
            key, value = entry(f"{removed[1]}: 0" if removed else text) if not moved else (moved[1], None)
        except (AssertionError, ValueError):
            rows = source.split("\n")
            rows[line - 1] = rows[line - 1][: column - 1] + text + rows[line - 1][end - 1 :]
            target.write_text("\n".join(rows), encoding="utf-8")
            return
        documents = list(_Node.all(source)) or [_Node({}, {})]
        document, path = next(
            ((one, one.places[line, column]) for one in documents if (line, column) in one.places),
            (documents[0], ()),
        )
        if owner:
            document, path = next(
                (one, at) for one in documents for at in one.owners if one.at(at).get("inference_id") == owner
            )
            adds = True
        if not isinstance(document.value, dict | list):
            document.value = {}
        while path and not isinstance(path[-1], str) and not (adds and isinstance(document.at(path), dict)):
            path = path[:-1]
        if removed and not owner:
            assert path[-1] == key, (path, text)
            del document.at(path[:-1])[path[-1]]
        elif removed:
            del document.at(path)[key]
        elif moved:
            what = document.at(path[:-1]).pop(moved[1])
            (document.at(path[:-2]) if moved[2] == "up" else document.at(path[:-1])[moved[3]])[moved[1]] = what
        elif adds or not path:
            document.at(path if isinstance(document.at(path), dict) else path[:-1])[key] = value
        else:
            here = document.at(path[:-1])
            members = [(key, value) if old == path[-1] else (old, inner) for old, inner in here.items()]
            here.clear()
            here.update(members)
        target.write_text("---\n".join(json.dumps(one.value) + "\n" for one in documents), encoding="utf-8")

    def paste(self, file: str, text: str) -> None:
        """Lines for the settings file; below `permits:` where that is there already."""
        target = self.folder / file
        source = target.read_text(encoding="utf-8")
        if re.search(r"^permits:$", source, re.MULTILINE):
            head, lines = text.split("\n", 1)
            source = source.replace(f"{head}\n", f"{head}\n{lines}\n")
        else:
            source += f"{text}\n"
        target.write_text(source, encoding="utf-8")


@dataclass
class _Node:
    value: Any
    places: dict[tuple[int, int], tuple[str | int, ...]]
    owners: list[tuple[str | int, ...]] = field(default_factory=list)

    @classmethod
    def all(cls, source: str) -> Iterator[_Node]:
        parsed = {one.index: one.value for one in parse(Source("f", source)).documents}
        for index, root in enumerate(yaml.compose_all(source)):
            if index in parsed:
                made = cls(parsed[index], {})
                made.look(root, ())
                yield made

    def look(self, node: Any, path: tuple[str | int, ...]) -> None:
        self.places.setdefault((node.start_mark.line + 1, node.start_mark.column + 1), path)
        if isinstance(node, yaml.MappingNode):
            self.owners.append(path)
            for key, inner in node.value:
                self.places[key.start_mark.line + 1, key.start_mark.column + 1] = (*path, key.value)
                self.look(inner, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, inner in enumerate(node.value):
                self.look(inner, (*path, index))

    def at(self, path: tuple[str | int, ...]) -> Any:
        value = self.value
        for part in path:
            value = value[part]
        return value


@contextmanager
def desk(folder: Path, version: str) -> Iterator[Desk]:
    """A folder with nothing in it, and a cluster with nothing in it."""
    with ExitStack() as stack:
        emulator = stack.enter_context(running_emulator(version))
        yield Desk(folder, emulator, {"ELASTICSEARCH_URL": emulator.url}, stack)


def _in_document(document: dict[str, Any]) -> Iterator[Complaint]:
    for diagnostic in document.get("diagnostics", ()):
        span = diagnostic["span"]
        place = (span["file"], span["line"], span["column"], span["end_column"])
        yield Complaint(diagnostic["code"], diagnostic["what"], _fixes(diagnostic), place)
    for stop in document.get("stops", ()):
        yield Complaint(stop["guard"], "", _fixes(stop))
    steps = list(document.get("changes", ()))
    for name in ("failed", "unknown", "not_ready", "held", "blocked", "not_started"):
        steps += document.get(name, ())
    for step in steps:
        for block in step["blocks"]:
            place = (step["source"]["file"], 0, 0, 0) if step.get("source") else ("", 0, 0, 0)
            yield Complaint(block["kind"], step["id"], _fixes(block), place)
    for finding in document.get("findings", ()):
        yield Complaint(f"ledger {finding['finding']}", finding["document"], _fixes(finding))
    if "error" in document:
        error = document["error"]
        yield Complaint(error["code"], error["text"], _fixes(error))


def _fixes(view: Any) -> tuple[tuple[str, str, str], ...]:
    return tuple((fix["kind"], fix["text"], fix["file"]) for fix in view["fixes"])
