"""Path of a value -> its place in the file. Composes the text again: only files with a finding pay for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from yaml.nodes import MappingNode, Node, SequenceNode

from inferctl.syntax.parse import compose_all, node_span

if TYPE_CHECKING:
    from inferctl.diagnostics import Span
    from inferctl.json_types import Path
    from inferctl.syntax.source import Source

PointsAt = Literal["key", "value"]


@dataclass(frozen=True)
class Locator:
    """Places inside one text that parsed without an error."""

    source: Source
    _members: dict[int, dict[str | int, tuple[Node, Node]]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _roots(self) -> list[Node]:
        return compose_all(self.source.text)

    def span(self, document: int, path: Path, points_at: PointsAt = "value") -> Span:
        """The key or the value at `path`; where the path ends early, the last part that exists (its key)."""
        node = self._roots[document]
        key: Node | None = None
        for part in path:
            inner = self._child(node, part)
            if inner is None:
                return node_span(self.source, key if key is not None else _first(node))
            key, node = inner
        if points_at == "key" and key is not None:
            return node_span(self.source, key)
        return node_span(self.source, node if not isinstance(node, MappingNode) or node.flow_style else _first(node))

    def _child(self, node: Node, part: str | int) -> tuple[Node | None, Node] | None:
        if isinstance(node, MappingNode):
            if id(node) not in self._members:
                # The first of two equal keys counts: so from the last to the first.
                self._members[id(node)] = {
                    key.value: (key, value) for key, value in reversed(node.value) if isinstance(key.value, str)
                }
            return self._members[id(node)].get(part)
        if isinstance(node, SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
            return None, node.value[part]
        return None


def _first(node: Node) -> Node:
    """The node to point at for a whole mapping: its first key, which is where it starts."""
    if isinstance(node, MappingNode) and node.value and not node.flow_style:
        first: Node = node.value[0][0]
        return first
    return node
