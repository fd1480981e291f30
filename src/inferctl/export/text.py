"""Plain values as YAML that reads like a page of the documentation. The same values give the same bytes.

Short mappings stand on one line. A string is quoted where YAML 1.2 or an older reader (1.1) would make something
else of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from inferctl.syntax.scalars import NotJsonError, meaning_in_1_1, read_plain

if TYPE_CHECKING:
    from inferctl.export.document import Document
    from inferctl.json_types import Json

_WIDTH = 100
# Without quotes: no space, nothing that starts or ends anything in YAML, inside or outside of brackets.
_PLAIN = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./@+=%$-]*(?::[A-Za-z0-9_./@+=%$-]+)*")
_ODD = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TOP_BLOCK = "service_settings"


def document_text(document: Document) -> str:
    """One YAML document with its comments, ending in a newline."""
    return "\n".join([*_comments(document), *_mapping(document.value, "")]) + "\n"


def stream_text(documents: Iterable[Document]) -> str:
    """All of them as one stream."""
    return "---\n".join(document_text(document) for document in documents)


def _comments(document: Document) -> Iterator[str]:
    said = []
    if document.variables:
        names = ", ".join(variable.name for variable in document.variables)
        said.append(f"Set before an apply: {names}.")
    said += [variable.note for variable in document.variables if variable.note]
    said += [*document.notes, *(f"{text}." for text in document.lost)]
    for text in said:
        lines = wrap(_ODD.sub("?", text), _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
        yield from (f"# {line}" for line in lines)


def _mapping(value: Mapping[str, Json], indent: str) -> Iterator[str]:
    for key, inner in value.items():
        name = f"{indent}{_scalar(key)}:"
        line = f"{name} {_flow(inner)}"
        if (len(line) <= _WIDTH and not (not indent and key == _TOP_BLOCK)) or _is_leaf(inner):
            yield line
        else:
            yield name
            yield from _block(inner, indent + "  ")


def _is_leaf(value: Json) -> bool:
    return not isinstance(value, Mapping | list | tuple) or not value


def _block(value: Json, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, indent)
    elif isinstance(value, list | tuple):
        for item in value:
            line = f"{indent}- {_flow(item)}"
            if len(line) <= _WIDTH or _is_leaf(item):
                yield line
            else:
                first, *rest = _block(item, indent + "  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest


def _flow(value: Json) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Json) -> str:
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
    if ('"' in text or "\\" in text) and "'" not in text and not _ODD.search(text):
        return f"'{text}'"
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
