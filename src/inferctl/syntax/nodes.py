"""Text to YAML nodes, by libyaml where it is there. Tags of plain scalars are left open (None)."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "compose_all"]

STRING = "tag:yaml.org,2002:str"
# The stubs type the C loader as a stranger to the Python one; both share the interface used here.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
