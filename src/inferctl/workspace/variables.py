"""Variables of an environment in the values of endpoint files: `${name}` -> what `variables:` says, typed.

There is nothing else in the braces: no default, no code, no variable of the shell. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Severity
from inferctl.json_types import object_of, texts_in, value_at
from inferctl.nearest import MOST_COMPARED, nearest
from inferctl.secrets.credential_names import looks_secret, sounds_secret
from inferctl.secrets.credentials import holds_credential
from inferctl.secrets.reference import KINDS
from inferctl.syntax.finding import Finding
from inferctl.syntax.fixes import changed, entry_line
from inferctl.syntax.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inferctl.json_types import Json, Path

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# `$${`, or `${` with what follows: a name and its brace where it is a use.
_USE = re.compile(r"\$(?:\$\{|\{([^{}$]*)(\}?))")
_OPEN = re.compile(r"\$\{([^{}$]*)")
_UNEXPANDED = re.compile(rf"(?<!\$)\$\{{({_NAME.pattern})\}}")
_LONGEST = 600
_MOST_ADDED = 10 * MAX_BYTES
_ID = "inference_id"
_WHY_LITERAL = "variables come from variables: of an environment in the settings file, and from nowhere else"
# What the server fills in by itself in the templates of `custom`, beside parameters and secret parameters.
# Source: `RequestParameters` and `RerankParameters` of the service, and its request.
_FILLED = frozenset({"input", "input_type", "query", "top_n", "return_documents"})
_TEMPLATES = tuple(("service_settings", key) for key in ("url", "headers", "query_parameters", "request"))
_PARAMETERS = ("task_settings", "parameters")


@dataclass(frozen=True, slots=True)
class Expanded:
    """A mapping with values in the place of variables.

    `used`: the variables in the value at a path. `unknown`: where no value could be made out; a finding says why.
    """

    value: Json
    findings: tuple[Finding, ...] = ()
    used: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    unknown: frozenset[Path] = frozenset()


@dataclass(slots=True)
class Room:
    """What the variables of a run may still cost: characters that they add, and names that others are held against.

    A few bytes of a file would fill the memory, or take hours: one long variable a thousand times, or thousands of
    names held against thousands of variables.
    """

    characters: int = _MOST_ADDED
    comparisons: int = MOST_COMPARED


def expand(
    endpoint: Json,
    variables: Mapping[str, Json],
    environment: str,
    *,
    in_secret_names: bool = False,
    room: Room | None = None,
) -> Expanded:
    """The mapping of one endpoint as the environment has it. `in_secret_names`: also in `{env: …}` and `{file: …}`.

    `room` is that of the run, where it has other endpoints too.
    """
    templates = _templates(endpoint)
    expander = _Expander(endpoint, variables, environment, templates, room or Room(), in_secret_names=in_secret_names)
    value = expander.visit((), endpoint)
    return Expanded(value, tuple(expander.findings), expander.used, frozenset(expander.unknown))


def escaped(endpoint: Mapping[str, Json]) -> dict[str, Json]:
    """The mapping as a file of a repository with environments has it, so that `expand` gives this one again."""
    templates = _templates(endpoint)
    value: Json = dict(endpoint)
    for path, text in _texts(endpoint):
        known = templates if is_template_field(path) else ()

        def plain(found: re.Match[str], known: Collection[str] = known) -> str:
            return found[0] if found[1].partition(":-")[0] in known else f"${found[0]}"

        value = changed(value, path, _OPEN.sub(plain, text))
    return dict(object_of(value))


def unexpanded(endpoint: Json) -> Iterator[Finding]:
    """A warning for each value of an endpoint that looks like a variable and is sent as it stands."""
    templates = _templates(endpoint)
    for path, text in _texts(endpoint):
        if path == (_ID,) or (len(path) <= 2 and looks_secret(str(path[-1] if path else ""))):
            continue  # an error already
        known = templates if is_template_field(path) else ()
        names = [name for name in _UNEXPANDED.findall(text) if name not in known]
        if names:
            yield _literal(path, names[0], "is sent as it stands", _WHY_LITERAL)


def unexpanded_settings(settings: Json) -> Iterator[Finding]:
    """The same of a settings file, in which nothing is expanded: neither elsewhere nor in a variable's own value."""
    for path, text in _texts(settings):
        for name in _UNEXPANDED.findall(text)[:1]:
            inside = len(path) == 4 and path[0] == "environments" and path[2] == "variables"
            why = "a variable's value is taken as it stands" if inside else "endpoint files take variables, this none"
            yield _literal(path, name, "stands for itself here", why)


def unused(variables: Iterable[str], endpoints: Iterable[Json]) -> list[str]:
    """The variables that no value of these mappings names."""
    left = dict.fromkeys(variables)
    for endpoint in endpoints:
        for text in texts_in(endpoint) if left else ():
            for found in _USE.finditer(text) if "${" in text else ():
                left.pop(found[1], None)
    return list(left)


def is_template_field(path: Path) -> bool:
    """Whether the server fills templates in at a path, or in what it fills in: of the `custom` service alone."""
    return path[:2] in _TEMPLATES or path[:2] == _PARAMETERS


def _templates(endpoint: Json) -> frozenset[str]:
    """The words of the server's templates in this endpoint."""
    if value_at(endpoint, ("service",)) != "custom":
        return frozenset()
    own = (object_of(value_at(endpoint, path)) for path in (("service_settings", "secret_parameters"), _PARAMETERS))
    return _FILLED.union(*own)


def _texts(value: Json, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        if "${" in value:
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _literal(path: Path, name: str, words: str, why: str) -> Finding:
    return Finding(path, "variable.literal", f"${{{name}}} {words}", why, severity=Severity.WARNING,
                   advice="write the value itself")  # fmt: skip


@dataclass(slots=True)
class _Expander:
    root: Json
    variables: Mapping[str, Json]
    environment: str
    templates: Collection[str]
    room: Room
    in_secret_names: bool = field(kw_only=True)
    findings: list[Finding] = field(default_factory=list)
    used: dict[Path, tuple[str, ...]] = field(default_factory=dict)
    unknown: set[Path] = field(default_factory=set)

    def visit(self, path: Path, value: Json) -> Json:
        """The value with variables expanded; the same object where there are none."""
        if isinstance(value, str):
            return self._text(path, value) if "${" in value else value
        if isinstance(value, Mapping):
            for key in value:
                if _UNEXPANDED.search(key):
                    literal = _literal(
                        (*path, key),
                        _UNEXPANDED.findall(key)[0],
                        "stands in a key",
                        "values take variables, keys do not",
                    )
                    self.findings.append(replace(literal, points_at="key", advice="write the key itself"))
            inner = {key: self.visit((*path, key), one) for key, one in value.items()}
            return inner if any(inner[key] is not one for key, one in value.items()) else value
        if isinstance(value, Sequence):
            items = [self.visit((*path, index), one) for index, one in enumerate(value)]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def _text(self, path: Path, text: str) -> Json:
        if self._takes_none(path, text):
            return text
        templates = self.templates if is_template_field(path) else ()
        parts: list[Json] = []
        names: list[str] = []
        end = 0
        for found in _USE.finditer(text):
            parts.append(text[end : found.start()])
            end = found.end()
            word, closed = found[1], found[2]
            if word is None:
                parts.append("${")
            elif word.partition(":-")[0] in templates:
                if closed and word in self.variables:
                    self._fail(path, _both(path, word))
                parts.append(found[0])
            elif closed and word in self.variables:
                if not self._has_room(path, word):
                    return text
                names.append(word)
                parts.append(self.variables[word])
            else:
                self._fail(path, self._misfit(path, text, found))
                return text
        if names:
            self.used[path] = tuple(dict.fromkeys(names))
            if text == f"${{{names[0]}}}":
                return self.variables[names[0]]
        return "".join(part if isinstance(part, str) else json.dumps(part) for part in (*parts, text[end:]))

    def _has_room(self, path: Path, word: str) -> bool:
        """Whether the value of the variable fits into the run; the first that does not has a finding."""
        is_first = self.room.characters >= 0
        self.room.characters -= len(str(self.variables[word]))
        if self.room.characters >= 0:
            return True
        self.unknown.add(path)
        if is_first:
            what = "variables make the endpoints too large"
            why = f"they add more than {_MOST_ADDED:,} characters: a small file must not fill the memory"
            self.findings.append(Finding(path, "variable.size", what, why, advice=f"make {word} shorter"))
        return False

    def _fail(self, path: Path, finding: Finding) -> None:
        self.findings.append(finding)
        # A reference to a secret is one value: what else is wrong with it is said of the whole.
        self.unknown.add(path[:-1] if self._is_in_reference(path) else path)

    def _is_in_reference(self, path: Path) -> bool:
        """Whether the value at a path is the name in a reference to a secret."""
        beside = value_at(self.root, path[:-1]) if path and path[-1] in KINDS else None
        return isinstance(beside, Mapping) and len(beside) == 1

    def _takes_none(self, path: Path, text: str) -> bool:
        """Whether no variable may stand here; then a finding says so."""
        if path == (_ID,):
            why = "the id names the endpoint in overlays, in permits and in the ledger: it is the same everywhere"
            advice = "an endpoint of one environment alone can stand in its overlays"
            self._fail(path, Finding(path, "variable.place", "an id takes no variable", why, advice=advice))
            return True
        if self.in_secret_names or not self._is_in_reference(path):
            return False
        if is_template_field(path) and all(name in self.templates for name in _UNEXPANDED.findall(text)):
            return False
        why = "which secret an endpoint gets is not for a variable to say, unless the settings file allows it"
        fix = "variables_in_secret_names: true in the settings file allows it"
        self._fail(
            path, Finding(path[:-1], "variable.place", "the name of a secret takes no variable", why, advice=fix)
        )
        return True

    def _misfit(self, path: Path, text: str, use: re.Match[str]) -> Finding:
        """What is wrong with a use that is none."""
        word, start, end = use[1], text[: use.start()], text[use.end() :]
        escape = "write $${ for a ${ that is meant as it stands"
        if not use[2] or not _NAME.fullmatch(word):
            fix = self._line(path, f"{start}${use[0]}{end}")
            what = "${ without the name of a variable in braces"
            why = "it is ${name}: letters, digits and _, no default and no code; $${ stands for ${"
            return Finding(path, "variable.form", what, why, fix, advice=escape)
        self.room.comparisons -= len(self.variables)
        near = nearest(word, self.variables) if self.room.comparisons >= 0 else ""
        fix = self._line(path, f"{start}${{{near}}}{end}") if near else ""
        there = f"; there is {near}" if near else ""
        what = f"there is no variable {word} in environment {self.environment}{there}"
        advice = f"add {word} to variables: under environments.{self.environment}, or {escape}"
        return Finding(path, "variable.unset", what, _WHY_LITERAL, fix, advice=advice)

    def _line(self, path: Path, text: str) -> str:
        """The line with another text at the path; empty where it may not be shown."""
        entry = path
        while entry and not isinstance(entry[-1], str):
            entry = entry[:-1]
        if not entry:
            return ""
        name = str(entry[-1])
        value = changed(value_at(self.root, entry), path[len(entry) :], text)
        line = entry_line(name, value)
        hidden = any(sounds_secret(str(part)) for part in path) or holds_credential((path[0], name), value)
        return "" if hidden or len(line) > _LONGEST else line


def _both(path: Path, word: str) -> Finding:
    return Finding(path, "variable.template", f"${{{word}}} could be a variable, or a template of the server",
                   "custom has templates of its own, which the server fills in",
                   advice=f"give the variable {word} another name")  # fmt: skip
