"""A fix of a diagnostic typed into the value it is about, by the grammar of `inferctl.syntax.fixes`."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from inferctl.diagnostics import Span
from inferctl.json_types import path_text
from inferctl.model.read_endpoint import read_endpoint
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inferctl.model.versions import Version
    from inferctl.syntax.finding import Finding

# An endpoint file without a fault; each test of a fault spoils it.
GOOD = """\
inference_id: product-search
task_type: text_embedding
service: openai
service_settings:
  model_id: text-embedding-3-small
  api_key: {env: OPENAI_API_KEY}
task_settings: {user: team}
chunking_settings: {strategy: sentence, max_chunk_size: 250, sentence_overlap: 1}
lifecycle:
  protect: [delete, replace]
  ready_timeout: 1h30m
probe: {input: "a red shoe", expect: {dimensions: 1536}}
"""


def typed(value: Any, finding: Finding) -> Any:
    """A copy of the value with the fix in it. AssertionError for a fix that is no line to type."""
    changed = deepcopy(value)
    path = list(finding.path)
    while path and not isinstance(path[-1], str):
        path.pop()
    owner = _at(changed, path[:-1]) if path else changed
    name = path[-1] if path else None
    if finding.fix.startswith("remove ") and list(entry(finding.fix.removeprefix("remove ") + ": 1")) == [name, 1]:
        del owner[name]
        return changed
    if moved := re.fullmatch(r"move (\S+) (?:up|into (\S+))", finding.fix):
        home = owner[moved[2]] if moved[2] else _at(changed, path[:-2])
        home[moved[1]] = owner.pop(moved[1])
        return changed
    key, new = entry(finding.fix)
    here = _at(changed, finding.path)
    if key == name:
        owner[key] = new
    elif finding.points_at == "value" and isinstance(here, dict):
        here[key] = new
    else:
        assert name in owner, (name, finding.fix)
        # In the place of the line that is shown.
        members = [(key, new) if old == name else (old, inner) for old, inner in owner.items() if old != key]
        owner.clear()
        owner.update(members)
    return changed


def left_over(
    value: Any, findings: Sequence[Finding], read: Callable[[Any], Sequence[Finding]]
) -> dict[str, list[str]]:
    """For each fix: the findings, as code and path, that do not go with it or come with it."""
    left = {}
    before = [(finding.code, finding.path) for finding in findings]
    for finding in findings:
        others = [one for one in before if one != (finding.code, finding.path)]
        after = [(one.code, one.path) for one in read(typed(value, finding))]
        left[finding.fix] = [f"{code} {path_text(path)}" for code, path in after if (code, path) not in others]
    return left


def endpoint_reader(
    value: Any, version: Version | None = None
) -> tuple[Sequence[Finding], Callable[[Any], Sequence[Finding]]]:
    """The findings of an endpoint, and what reads it again."""

    def read(changed: Any) -> Sequence[Finding]:
        return read_endpoint(changed, Span("f.yaml"), version).findings

    return read(value), read


def entry(line: str) -> tuple[str, Any]:
    """The one key of a YAML line, and its value, as inferctl reads them."""
    parsed = parse(Source("fix", line + "\n"))
    assert not parsed.diagnostics, (line, parsed.diagnostics)
    (document,) = parsed.documents
    assert isinstance(document.value, dict), line
    ((key, value),) = document.value.items()
    return key, value


def _at(value: Any, path: Any) -> Any:
    for part in path:
        value = value[part] if not isinstance(value, dict) or part in value else None
    return value
