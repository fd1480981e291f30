"""Text to plain values, with a diagnostic for everything that YAML 1.2 and JSON do not share.

The values are built straight from the nodes, which are then dropped; a position is worked out only where
something is wrong (`locate.Locator` composes the text again for that).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml
from yaml.nodes import Node, ScalarNode, SequenceNode

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import Fix, advice, edit
from inferctl.secrets.credential_names import looks_secret
from inferctl.syntax.scalars import NotJsonError, Scalar, meaning_in_1_1, read_plain
from inferctl.syntax.yaml_errors import syntax_fault

if TYPE_CHECKING:
    from inferctl.json_types import Json
    from inferctl.syntax.source import Source

STRING = "tag:yaml.org,2002:str"
# The stubs type the C loader as a stranger to the Python one; both share the interface used here.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 40
MAX_NODES = 100_000  # after aliases are expanded; a text without aliases has fewer values than characters
_TYPES: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:null": (type(None),),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (int, float),
}
_MAP, _SEQ = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """One YAML document as plain values. `starts` are the 0-based places of its list items, or of itself."""

    index: int
    value: Json
    starts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text holds. `failed` when a value in the documents is not what its author wrote."""

    documents: tuple[ParsedDocument, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        return any(d.is_error for d in self.diagnostics)


def parse(source: Source) -> Parsed:
    """All documents of a text; empty ones (only comments) are left out."""
    try:
        roots = compose_all(source.text)
    except RecursionError:
        return Parsed((), (_too_deep(Span(source.file)),))
    except yaml.YAMLError as error:
        return Parsed((), (syntax_fault(source, error),))
    builder = _Builder(source)
    documents = []
    builder.budget = max(MAX_NODES, len(source.text))
    for index, root in enumerate(roots):
        builder.open = []
        try:
            value = builder.value(root, 0)
        except _GiveUpError:
            continue
        if value is not None:
            documents.append(ParsedDocument(index, value, _starts(root)))
    return Parsed(tuple(documents), tuple(builder.found))


def _starts(root: Node) -> tuple[tuple[int, int], ...]:
    nodes = root.value if isinstance(root, SequenceNode) else [root]
    return tuple((node.start_mark.line, node.start_mark.column) for node in nodes)


class _GiveUpError(Exception):
    """The document cannot be expanded any further; the reason is among the diagnostics."""


@dataclass
class _Builder:
    """Nodes to values. Goes on after a fault, so that one run shows them all."""

    source: Source
    found: list[Diagnostic] = field(default_factory=list)
    budget: int = MAX_NODES
    open: list[Node] = field(default_factory=list)

    def value(self, node: Node, depth: int) -> Json:
        self.budget -= 1
        if self.budget < 0:
            self._fault(
                "yaml.alias-bomb",
                "aliases make the document too large",
                node,
                why="aliases (*name) of aliases grow without bound; each is written out before sending",
                fix=advice("write the repeated part once, without aliases inside aliases"),
            )
            raise _GiveUpError
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if any(node is outer for outer in self.open):
            self._fault(
                "yaml.alias-bomb",
                "an alias stands inside the value that it repeats",
                node,
                why="such a value has no end and no JSON form",
                fix=advice("remove the alias"),
            )
            raise _GiveUpError
        if depth >= MAX_DEPTH:
            self.found.append(_too_deep(self._span(node)))
            raise _GiveUpError
        self.open.append(node)
        try:
            if isinstance(node, SequenceNode):
                self._collection_tag(node, _SEQ)
                return [self.value(item, depth + 1) for item in node.value]
            return self._mapping(node, depth)
        finally:
            self.open.pop()

    def _mapping(self, node: Node, depth: int) -> Json:
        self._collection_tag(node, _MAP)
        result: dict[str, Json] = {}
        given: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in result:
                first = given[key]
                self._fault(
                    "yaml.duplicate-key",
                    f"the key {key!r} is given twice",
                    key_node,
                    why="of two equal keys one would be lost without a word (YAML 1.2 section 3.2.1.3)",
                    fix=advice(f"keep one of them; the first is in line {first.start_mark.line + 1}"),
                    related=(("first given here", self._span(first)),),
                )
                continue
            given[key] = key_node
            known = len(self.found)
            result[key] = self.value(value_node, depth + 1)
            if len(self.found) > known and looks_secret(key):
                self.found[known:] = [_quiet(d) for d in self.found[known:] if d.is_error]
        return result

    def _key(self, node: Node) -> str | None:
        tag: str | None = node.tag
        if isinstance(node, ScalarNode):
            if tag is None and node.value == "<<":
                self._fault(
                    "yaml.merge-key",
                    "the merge key << is not read",
                    node,
                    why="it belongs to YAML 1.1 and was never part of YAML 1.2",
                    fix=advice("write the keys out; an alias may stand for a whole value: service_settings: *common"),
                )
                return None
            key = self._scalar(node)
            if isinstance(key, str):
                return key
            what = f"a key must be a string, not {'null' if key is None else 'a ' + _name(key)}"
        else:
            what = "a key must be a string, not a list or a mapping"
        self._fault(
            "yaml.key",
            what,
            node,
            why="JSON objects, and so the bodies that are sent, have string keys only",
            fix=edit(f'"{node.value}"') if isinstance(node, ScalarNode) else advice("give it a text as its key"),
        )
        return None

    def _scalar(self, node: Node) -> Scalar:
        tag: str | None = node.tag
        text = str(node.value)
        if tag == STRING:
            return text
        if tag is not None and tag not in _TYPES:
            self._unknown_tag(node)
            return text
        try:
            value = read_plain(text)
        except NotJsonError:
            self._fault(
                "yaml.number",
                "the number is infinite, not a number, or beyond all bounds",
                node,
                why="JSON has no form for it (RFC 8259 section 6)",
                fix=edit(f'"{text}"'),
            )
            return 0
        if tag is not None:
            if not isinstance(value, _TYPES[tag]) or (isinstance(value, bool) and not tag.endswith("bool")):
                self._unknown_tag(node)
            return value
        if text and (old := meaning_in_1_1(text)):
            self._warn_1_1(node, text, value, old)
        return value

    def _collection_tag(self, node: Node, own: str) -> None:
        tag: str | None = node.tag
        if tag is not None and tag != own:
            self._unknown_tag(node)

    def _unknown_tag(self, node: Node) -> None:
        known = node.tag.startswith("tag:yaml.org,2002:") and node.tag.rsplit(":", 1)[-1] in (
            *("str", "int", "float", "bool", "null", "map", "seq"),
        )
        what = "the value does not fit its tag" if known else "a tag that is not known"
        self._fault(
            "yaml.tag",
            what,
            node,
            why="only the YAML 1.2 core schema (section 10.3) is read; other tags may run code elsewhere",
            fix=advice("remove the tag (the word that starts with !)"),
        )

    def _warn_1_1(self, node: Node, text: str, value: Scalar, old: str) -> None:
        kind = f"the {_name(value)} {value!r}" if isinstance(value, str) else f"the {_name(value)} {value}"
        self._fault(
            "yaml.1-1",
            f"{text} is read as {kind}; YAML 1.1 reads {old}",
            node,
            why="YAML 1.2 core schema, section 10.3.2; other tools for the same file may still follow 1.1",
            fix=edit(f'"{text}"'),
            severity=Severity.WARNING,
        )

    def _span(self, node: Node) -> Span:
        return node_span(self.source, node)

    def _fault(
        self,
        code: str,
        what: str,
        node: Node,
        *,
        why: str,
        fix: Fix,
        related: tuple[tuple[str, Span], ...] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        span = self._span(node)
        self.found.append(Diagnostic(severity, code, what, span, why, (fix,), "", related))


def _quiet(diagnostic: Diagnostic) -> Diagnostic:
    """The same without quoting the file: the fault is inside a value that may be a secret."""
    if diagnostic.code != "yaml.duplicate-key":
        return diagnostic
    return replace(diagnostic, what="a key is given twice")


def _too_deep(span: Span) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "yaml.depth",
        f"values are nested deeper than {MAX_DEPTH} levels",
        span,
        why="no setting of the inference API is nested deeper than a handful of levels",
        fixes=(advice("check the brackets and the indentation"),),
    )


def _name(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


class _Loader(_Base):  # type: ignore[misc]
    """PyYAML's composer without its YAML 1.1 resolver: quoted scalars are strings, plain ones stay open."""

    def resolve(self, kind: type[Node], _value: object, implicit: Any) -> str | None:
        return STRING if kind is ScalarNode and not implicit[0] else None

    def descend_resolver(self, _current: object, _index: object) -> None:
        return None

    def ascend_resolver(self) -> None:
        return None


def compose_all(text: str) -> list[Node]:
    """The root node of each document. Raises yaml.YAMLError, or RecursionError where libyaml is missing."""
    loader = _Loader(text)
    roots = []
    try:
        while loader.check_node():
            roots.append(loader.get_node())
    finally:
        loader.dispose()
    return roots


def node_span(source: Source, node: Node) -> Span:
    """Where a node stands, cut at the end of its first line."""
    start, end = node.start_mark, node.end_mark
    return source.span(start.line, start.column, end.line, end.column)
