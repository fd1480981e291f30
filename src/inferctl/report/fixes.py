"""Fixes as a view, and as lines of a text. In Markdown: `report.markdown`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inferctl.report.escape import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inferctl.fix import Fix
    from inferctl.report.shape.base import FixView
    from inferctl.report.style import Style

_TYPED = 300  # longer flags nobody types; the cell of a table would cut them


def fixes_view(fixes: Iterable[Fix]) -> list[FixView]:
    return [{"kind": fix.kind.value, "text": fix.text, "file": fix.file} for fix in fixes]


def labelled(fixes: Sequence[FixView]) -> Iterator[tuple[str, list[str]]]:
    """`fix` before the first that can be typed, `or` before the others, and its lines (only a permit has several)."""
    word = "fix"
    for fix in fixes:
        label = "advice" if fix["kind"] == "advice" else word
        texts = fix["text"].split("\n") if fix["kind"] == "permit" else [fix["text"]]
        yield f"{label} in {fix['file']}" if fix["file"] else label, texts
        word = word if fix["kind"] == "advice" else "or"


def fix_lines(fixes: Sequence[FixView], style: Style, indent: str = "") -> Iterator[str]:
    """`fix: --allow-delete`. What has several lines stands indented below its label."""
    for label, texts in labelled(fixes):
        if len(texts) == 1:
            yield f"{indent}{say(label, style)}: {say(texts[0], style)}"
            continue
        yield f"{indent}{say(label, style)}:"
        yield from (f"{indent}  {say(text, style)}" for text in texts)


def of_anybody(fix: FixView, inference_id: str) -> FixView:
    """The same without the id: what fixes of several endpoints have in common."""
    if fix["kind"] not in ("permit", "flag"):
        return fix
    return {**fix, "text": re.sub(rf"(?<![\w.-]){re.escape(inference_id)}(?![\w.-])", "", fix["text"])}


def one_fix(fixes: Sequence[FixView], most: int) -> FixView:
    """One that does what each of these does; an empty one where that would be too long to type."""
    kind, texts = fixes[0]["kind"], list(dict.fromkeys(fix["text"] for fix in fixes))
    if len(texts) == 1:
        return fixes[0]
    if kind == "permit":
        head = texts[0].rpartition("\n")[0]
        lines = [text.rpartition("\n")[2] for text in texts[:most]]
        indent = lines[0].partition("-")[0]
        more = [f"{indent}# {len(texts) - most} more: --detail full"] if len(texts) > most else []
        return {**fixes[0], "text": "\n".join([head, *lines, *more])}
    flags = " ".join(texts)
    return {**fixes[0], "text": flags if len(texts) <= most and len(flags) <= _TYPED else ""}
