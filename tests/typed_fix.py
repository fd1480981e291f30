"""A fix of a diagnostic typed into the value it is about, by the grammar of `inferctl.syntax.fixes`."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from inferctl.syntax.load import parse
from inferctl.syntax.source import Source

if TYPE_CHECKING:
    from inferctl.syntax.finding import Finding


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
