"""Every field of every service and task type, wrong in every way it can be: one finding, at its place, and its fix.

The fix is typed into the document, which is good then.

The table is built from the pages. The cases of one service, task type and version stand in one text, a
document each, and are read in one go.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.model.strategies import every_case, page
from tests.typed_fix import typed

from inferctl.diagnostics import Span
from inferctl.model.read_endpoint import read_endpoint
from inferctl.model.versions import LINES, NEWEST, Version
from inferctl.report.diagnostics import render_all
from inferctl.secrets.credential_names import looks_secret
from inferctl.syntax.finding import MOST_SHOWN, Finding
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.diagnostics import Diagnostic
    from inferctl.model.services.setting import Setting

EXAMPLES = Path(__file__).parents[2] / "examples"
At = tuple[Any, ...]
# Settings that a condition refuses for some task types, whatever stands beside them: no fix can name them.
NEVER_GOOD = {("amazon_sagemaker", "user")}
REFERENCE = {"env": "SOME_SECRET"}
# What must stand beside a setting for it to be good (None: what must not), where the example has something else.
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("amazon_sagemaker", "user"): {"api": "openai"},
    ("amazonbedrock", "truncate"): {"provider": "cohere"},
    ("amazonbedrock", "top_k"): {"provider": "anthropic"},
    ("azureaistudio", "provider"): {"endpoint_type": "token"},
    ("azureopenai", "entra_id"): {"api_key": None},
    **{
        ("azureopenai", name): {"api_key": None, "client_secret": REFERENCE}
        for name in ("client_secret", "client_id", "scopes", "tenant_id")
    },
    **{
        ("openai", name): {"api_key": None, "client_secret": REFERENCE}
        for name in ("client_secret", "client_id", "scopes", "token_url")
    },
    **{("googlevertexai", name): {"provider": "meta", "url": "https://u"} for name in ("url", "streaming_url")},
    ("googlevertexai", "max_tokens"): {"provider": "anthropic", "url": "https://u"},
    ("elasticsearch", "num_allocations"): {"adaptive_allocations": None},
    **{("elasticsearch", name): {"model_id": "own"} for name in ("similarity", "element_type")},
}


@dataclass(frozen=True)
class Case:
    """One document with one fault: where its diagnostic must stand, with which code and which hint."""

    what: str
    document: dict[str, Any]
    path: At
    code: str
    points_at: str = "value"
    hint: str = ""
    version: Version = NEWEST


TENCENT = {"inference_id": "e", "service_settings": {"model_id": "m", "api_key": {"env": "K"}}, "task_settings": {}}


def bases() -> dict[tuple[str, str], dict[str, Any]]:
    """A valid document for each service and task type: its example, or that of a neighbour in no release."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for file in sorted(EXAMPLES.glob("*/*.yaml")):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        kept = {key: document[key] for key in ("inference_id", "task_type", "service", "service_settings")}
        kept["task_settings"] = document.get("task_settings", {})
        if "deployment_id" not in kept["service_settings"] or kept["service"] == "azureopenai":
            found.setdefault((kept["service"], kept["task_type"]), kept)
    for name, task in every_case():
        if (name, task) not in found:
            assert not page(name).task_types[task].since.includes(NEWEST), (name, task)
            alike = found.get((name, "text_embedding" if name == "custom" else "rerank"), {**TENCENT, "service": name})
            found[name, task] = {**alike, "task_type": task}
    return found


BASES = bases()


def render(document: dict[str, Any]) -> list[str]:
    """Block style outside, JSON inside: a line for each setting."""
    lines = [f"{key}: {json.dumps(document[key])}" for key in ("inference_id", "task_type", "service")]
    for part in ("service_settings", "task_settings"):
        lines.append(f"{part}:" if document[part] else f"{part}: {{}}")
        lines += [f"  {key}: {json.dumps(value)}" for key, value in document[part].items()]
    return lines


def place(lines: list[str], path: At, points_at: str) -> tuple[int, int]:
    """Line and column, from 1, of a path; of the nearest key above it that is there."""
    if len(path) == 1 or path[0] in ("task_type", "service"):
        line = next(i for i, text in enumerate(lines) if text.startswith(f"{path[0]}:"))
        return line + 1, 1 if points_at == "key" else len(path[0]) + 3
    start = next(i for i, text in enumerate(lines) if text.startswith(f"{path[0]}:"))
    for line in range(start + 1, len(lines)):
        if not lines[line].startswith("  "):
            break
        if lines[line].startswith(f"  {path[1]}: "):
            break
    else:
        line = len(lines)
    if line == len(lines) or not lines[line].startswith("  "):
        return place(lines, path[:1], "key")
    key, end = 2, 2 + len(path[1])
    for inner in path[2:]:
        if isinstance(inner, int):  # the first item of a list
            return line + 1, end + 4
        found = lines[line].find(f'"{inner}": ', end)
        if found < 0:
            return line + 1, key + 1
        key, end = found, found + len(inner) + 2
    return line + 1, (key if points_at == "key" else end + 2) + 1


def test_the_bases_are_valid() -> None:
    for (name, task), base in BASES.items():
        found = read_file("f.yaml", "\n".join(render(base)).encode()).diagnostics
        expected = [] if page(name).task_types[task].since.includes(NEWEST) else ["field.version"]
        assert [d.code for d in found if d.code != "field.unknown"][:1] == expected[:1], (name, task, render_all(found))


WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, None, ["x"], {"a": 1}),
    "integer": ("7", 7.5, True, None),
    "number": ("7", False, None),
    "float": ("7", 1, None),
    "boolean": ("true", 1, None),
    "list": ("x", {"a": "b"}, None),
    "object": ("x", 1, ["x"], None),
}


def sample(fact: Setting, task: str = "") -> Any:
    """A good value."""
    if fact.secret:
        return {"word": REFERENCE} if fact.type == "object" else REFERENCE
    if fact.enum:
        return fact.enum[0]
    inside = {
        name: sample(inner, task)
        for name, inner in fact.fields.items()
        if inner.required_in(NEWEST) and (not task or inner.applies_to(task))
    }
    return {"string": "x", "integer": max(int(fact.minimum or 0), 1), "number": fact.minimum or 0.5, "float": 0.5,
            "boolean": True, "list": [["a", "b"]] if fact.items == "pair" else ["x"], "object": inside}[fact.type]  # fmt: skip


def with_value(base: dict[str, Any], path: At, value: Any) -> dict[str, Any]:
    """The base with a value at a path, of settings or inside them."""
    copy = json.loads(json.dumps(base))
    inside = copy
    for key in path[:-1]:
        inside = inside.setdefault(key, {}) if isinstance(inside.get(key, {}), dict) else inside
    inside[path[-1]] = value
    return dict(copy)


def without(base: dict[str, Any], path: At) -> dict[str, Any]:
    copy = json.loads(json.dumps(base))
    inside = copy
    for key in path[:-1]:
        inside = inside.get(key, {})
    inside.pop(path[-1], None)
    return dict(copy)


def fields(name: str, task: str) -> Iterator[tuple[At, Setting]]:
    """Every field with its path, the inner ones too."""
    service = page(name)

    def inside(path: At, fact: Setting) -> Iterator[tuple[At, Setting]]:
        yield path, fact
        for key, inner in fact.fields.items():
            if inner.applies_to(task):
                yield from inside((*path, key), inner)

    for part in ("service_settings", "task_settings"):
        for key, fact in service.fields(part, task).items():
            yield from inside((part, key), fact)


def last_version_of(name: str, task: str, path: At) -> Version:
    """The newest version that knows the field, or the one around it."""
    around = page(name).field(path[:2], task)
    return around.until if around and around.until else NEWEST


def is_offered(document: dict[str, Any], version: Version) -> bool:
    """Whether a server of this version has the service and the task type."""
    service = page(document["service"])
    return service.since.includes(version) and service.task_types[document["task_type"]].since.includes(version)


def problems(document: dict[str, Any], version: Version) -> list[Finding]:
    """What is wrong, but for a task type that is too new or in no release."""
    found = read_endpoint(document, Span("f.yaml"), version).findings
    return [one for one in found if is_offered(document, version) or one.path not in (("task_type",), ("service",))]


def settled(base: dict[str, Any], path: At, value: Any, version: Version) -> dict[str, Any]:
    """A good document with this setting and what must stand beside it."""
    document = with_value(base, path, value)
    for name, beside in BESIDE.get((base["service"], path[1]), {}).items():
        at = ("service_settings", name)
        document = without(document, at) if beside is None else with_value(document, at, beside)
    return mended(document, path, version)


def mended(document: dict[str, Any], path: At, version: Version) -> dict[str, Any]:
    """The document with all fixes typed in, but for one that removes what stands at the path."""
    for _ in range(8):
        found = sorted(problems(document, version), key=lambda one: one.path == path)
        if not found or (found[0].path == path and found[0].fix.startswith("remove")):
            break
        document = typed(document, found[0])
    return document


@cache
def cases(name: str, task: str) -> tuple[Case, ...]:
    return tuple(_cases(name, task))


def _cases(name: str, task: str) -> Iterator[Case]:
    base = BASES[name, task]
    for path, fact in fields(name, task):
        version = last_version_of(name, task, path)
        if fact.may_be_put(task):
            yield from of_field(settled(base, path, sample(fact, task), version), path, fact, task, version)
        yield from of_place(with_value(base, path, sample(fact, task)), path, fact, task)
    others = {key: (part, fact) for part in ("service_settings", "task_settings")
              for key, fact in getattr(page(name), part).items() if not fact.applies_to(task)}  # fmt: skip
    for key, (part, fact) in others.items():
        if key not in page(name).fields("task_settings" if part == "service_settings" else "service_settings", task):
            yield Case(
                "other task type", with_value(base, (part, key), sample(fact)), (part, key), "field.task-type", "key"
            )


def of_field(base: dict[str, Any], path: At, fact: Setting, task: str, version: Version) -> Iterator[Case]:
    if fact.secret:
        yield from of_secret(base, path, fact)
    else:
        for value in (7, None, ["x"]) if fact.enum else WRONG[fact.type]:
            secret = looks_secret(path[-1]) and not isinstance(value, bool | None)
            code = "secret.misplaced" if secret else "field.type"
            yield Case(f"{value!r}", with_value(base, path, value), path, code, version=version)
        yield from of_value(base, path, fact, version)
    if fact.required_in(NEWEST):
        yield Case("missing", without(base, path), path, "field.missing", "key")
    misspelled = (*path[:-1], path[-1] + path[-1][-1])
    document = with_value(without(base, path), misspelled, sample(fact, task))
    if looks_secret(misspelled[-1]) and isinstance(sample(fact), str):  # said first: it may be a credential
        yield Case("unknown and like a secret", document, misspelled, "secret.literal", version=version)
    else:
        hint = "" if (base["service"], path[-1]) in NEVER_GOOD else f"{path[-1]}: "
        yield Case("unknown neighbour", document, misspelled, "field.unknown", "key", hint, version)


def of_place(good: dict[str, Any], path: At, fact: Setting, task: str) -> Iterator[Case]:
    """A good value where the setting cannot stand."""
    if not fact.may_be_put(task):
        yield Case("filled by the server", good, path, "field.not-accepted", "key")
        return
    for line in LINES if fact.since is not None else ():
        if fact.since is not None and is_offered(good, line) and not fact.since.includes(line):
            yield Case("too new", mended(good, path, line), path, "field.version", "key", version=line)
    if fact.until is not None:
        yield Case("removed", good, path, "field.removed", "key")


def of_value(base: dict[str, Any], path: At, fact: Setting, version: Version) -> Iterator[Case]:
    if fact.type == "string" and not fact.may_be_empty and not fact.enum:
        yield Case("empty", with_value(base, path, ""), path, "field.type", version=version)
    if fact.enum:
        yield Case("bad enum", with_value(base, path, "no-such-word"), path, "field.enum", version=version)
        for word, first in fact.enum_since.items():
            for line in LINES:
                if not first.includes(line):
                    yield Case("word too new", with_value(base, path, word), path, "field.version", version=line)
    if fact.minimum is not None:
        below = fact.minimum - 1 if fact.type != "float" else fact.minimum - 0.5
        yield Case("too small", with_value(base, path, below), path, "field.range", version=version)
    most = fact.maximum if fact.maximum is not None else 2**31 - 1 if fact.type == "integer" else None
    if most is not None:
        yield Case("too large", with_value(base, path, most + 1), path, "field.range", version=version)
    if fact.items and fact.type == "list":
        yield Case("bad item", with_value(base, path, [7]), (*path, 0), "field.type", version=version)
    elif fact.items and not fact.fields:
        yield Case("bad item", with_value(base, path, {"k": ["x"]}), (*path, "k"), "field.type", version=version)


def of_secret(base: dict[str, Any], path: At, fact: Setting) -> Iterator[Case]:
    if fact.type == "object":
        yield Case("literal", with_value(base, path, {"k": "canary-Q7w8"}), (*path, "k"), "secret.literal")
        return
    yield Case("literal", with_value(base, path, "canary-Q7w8"), path, "secret.literal")
    yield Case("number", with_value(base, path, 77777777), path, "secret.literal")
    yield Case("two references", with_value(base, path, {"env": "A", "file": "b"}), path, "secret.reference")


@pytest.mark.parametrize(("name", "task"), every_case())
def test_every_fault_has_its_place(name: str, task: str) -> None:
    by_version: dict[Version, list[Case]] = defaultdict(list)
    for case in cases(name, task):
        by_version[case.version].append(case)
    for version, these in by_version.items():
        texts = [render(case.document) for case in these]
        text = "\n".join("\n".join(["---", *lines]) for lines in texts)
        found = read_file("f.yaml", text.encode(), version).diagnostics
        assert "canary" not in render_all(found)
        start = 1
        for case, lines in zip(these, texts, strict=True):
            line, column = place(lines, case.path, case.points_at)
            here = [d for d in found if start < d.span.line <= start + len(lines)]
            assert_at(case, here, start + line, column)
            assert_mended(case, here)
            start += len(lines) + 1


def assert_at(case: Case, here: list[Diagnostic], line: int, column: int) -> None:
    same = [d for d in here if d.code == case.code and (d.span.line, d.span.column) == (line, column)]
    assert same, (case.what, case.path, case.code, f"{line}:{column}", str(case.version), render_all(here))
    assert all(d.why and d.fixes for d in same), (case, render_all(same))
    assert any(case.hint in d.fixes[0].text for d in same), (case.what, case.path, render_all(same))


def assert_mended(case: Case, here: list[Diagnostic]) -> None:
    """One mistake, one finding; its fix, typed into the document, makes it good."""
    first, *more = [d for d in here if d.code == case.code] + [d for d in here if d.code != case.code]
    # That the task type is too new is another mistake.
    assert len(more) == (not is_offered(case.document, case.version)), (case, render_all(here))
    finding = Finding(case.path, first.code, first.what, first.why, first.fixes[0].text, case.points_at)  # type: ignore[arg-type]
    left = problems(typed(case.document, finding), case.version)
    assert not left, (case, first, left)


CANARY = "canary-Q7w8"
FORMS: tuple[Any, ...] = (
    CANARY, [CANARY], [[CANARY]], {"enw": CANARY}, {"env": CANARY}, {"env": "A", "file": CANARY}, {"env": [CANARY]},
    {"a": {"b": CANARY}}, {CANARY: 1}, f"https://user:{CANARY}@host/",
)  # fmt: skip


def misspelled(name: str) -> list[str]:
    return [name, name[:-1], name + name[-1], name[1] + name[0] + name[2:], name.replace("_", "-"), name.upper()]


@pytest.mark.parametrize(("name", "task"), every_case())
def test_no_value_of_a_secret_is_told(name: str, task: str) -> None:
    base = BASES[name, task]
    secrets = [path for path, fact in fields(name, task) if fact.secret]
    documents = [
        with_value(without(base, path), (*path[:-1], key), form)
        for path in secrets for number, key in enumerate(misspelled(path[-1]))
        for form in (FORMS if number == 0 else FORMS[number % 2 :: 2])
    ]  # fmt: skip
    documents += [with_canaries(case.document) for case in cases(name, task)[::20]]
    for start in range(0, len(documents), 100):  # of one file the first 500 findings are shown
        text = "\n".join("\n".join(["---", *render(document)]) for document in documents[start : start + 100])
        found = read_file("f.yaml", text.encode()).diagnostics
        assert 0 < len(found) < MOST_SHOWN
        assert "canary" not in render_all(found)


def with_canaries(value: Any) -> Any:
    """The document with a literal in the place of each reference."""
    if value == REFERENCE or (isinstance(value, dict) and set(value) == {"env"}):
        return CANARY
    if isinstance(value, dict):
        return {key: with_canaries(inner) for key, inner in value.items()}
    return value


def test_the_table_is_as_wide_as_the_catalogue() -> None:
    table = [case for pair in every_case() for case in cases(*pair)]
    assert {case.code for case in table} >= {
        "field.type", "field.missing", "field.range", "field.enum", "field.unknown", "field.version", "field.removed",
        "field.not-accepted", "field.task-type", "secret.literal", "secret.reference",
    }  # fmt: skip
    told = {(case.document["service"], *case.path[:2]) for case in table}
    assert told >= {
        (name, part, key)
        for name, task in every_case()
        for part in ("service_settings", "task_settings")
        for key in page(name).fields(part, task)
    }
    assert len(table) > 5000


@pytest.mark.parametrize(("name", "task"), every_case())
def test_a_service_and_a_task_type_that_are_too_new(name: str, task: str) -> None:
    service = page(name)
    text = "\n".join(render(BASES[name, task])).encode()
    for line in LINES:
        found = read_file("f.yaml", text, line).diagnostics
        wanted = None
        if not service.since.includes(line):
            wanted = (3, 1, service.since.text())
        elif not service.task_types[task].since.includes(line):
            wanted = (2, 1, service.task_types[task].since.text())
        at = [(d.span.line, d.span.column) for d in found if d.code == "field.version" and d.span.line < 4]
        assert at == ([wanted[:2]] if wanted else []), (str(line), render_all(found))
        if wanted:
            assert any(wanted[2] in d.what for d in found if d.span.line < 4)
