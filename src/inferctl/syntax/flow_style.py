"""A value as YAML on one line: the flow style, quoted only where a reader would make something else of a text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from inferctl.json_types import escaped_commands
from inferctl.syntax.scalars import PRINTABLE, NotJsonError, meaning_in_1_1, read_plain

if TYPE_CHECKING:
    from inferctl.json_types import Json

# Without quotes: no space, nothing that starts or ends anything in YAML, inside or outside of brackets.
_PLAIN = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./@+=%$-]*(?::[A-Za-z0-9_./@+=%$-]+)*")
UNPRINTABLE = re.compile(f"[^{PRINTABLE}]|\ufeff")


def flow_text(value: Json) -> str:
    """`{max_chunk_size: 250, strategy: sentence}`, `[a, b]`, `"20"`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar_text(key)}: {flow_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    return scalar_text(value)


def scalar_text(value: Json) -> str:
    """A text, a number, true, false or null; a text is quoted where YAML 1.2 or 1.1 would read something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    assert isinstance(value, str)
    return value if _is_plain(value) else _quoted(value)


def _number(value: float) -> str:
    """With a point before the exponent: a YAML 1.1 reader takes 1e-05 for a string."""
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}.0e{power}" if exponent and "." not in mantissa else text


def _is_plain(text: str) -> bool:
    if _PLAIN.fullmatch(text) is None or meaning_in_1_1(text) is not None:
        return False
    try:
        return isinstance(read_plain(text), str)
    except NotJsonError:
        return False


def _quoted(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)
    quoted = escaped_commands(UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped))
    if ('"' in text or "\\" in text) and "'" not in text and not UNPRINTABLE.search(text) and quoted == escaped:
        return f"'{text}'"
    return quoted
