"""The one comment of a pull request that tells of one scope in one environment: found by its marker, and replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from inferctl.report.markdown import marker

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 65_536  # characters of a comment on GitHub
_MARKER = re.compile(r"<!-- inferctl:(?P<command>[a-z]+) scope=(?P<scope>\S*) label=(?P<label>\S*) -->")


class When(StrEnum):
    """Which runs write a comment."""

    ALWAYS = "always"
    CHANGES_ONLY = "changes-only"
    NEVER = "never"


class Method(StrEnum):
    """What becomes of the earlier comment: it is changed, it goes, or it stays beside the new one."""

    UPDATE = "update"
    RECREATE = "recreate"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the forge shows it. `ours`: whoever wrote it may be we, as far as the forge lets us know."""

    number: int
    body: str
    ours: bool


class Forge(Protocol):
    """The comments of one pull request. Each method raises ForgeError."""

    def comments(self) -> Iterable[Comment]: ...

    def create(self, body: str) -> int: ...

    def update(self, number: int, body: str) -> None: ...

    def delete(self, number: int) -> None: ...


def body_of(markdown: str, note: str, limit: int = LIMIT) -> str:
    """The report, and below it the note, cut to what there is room for."""
    report = markdown.rstrip("\n")[:limit]
    room = limit - len(report) - 2
    return f"{report}\n\n{note.strip()[:room]}".rstrip() if note.strip() and room > 0 else report


def plain_markdown(command: str, scope: str, label: str, text: str) -> str:
    """The Markdown of a run that could not write its own. `text` is ours."""
    return f"{marker(command, scope, label)}\n## inferctl {command}\n\n**{text}**\n"


def earlier(comments: Iterable[Comment], body: str) -> Comment | None:
    """Our last comment with the marker that `body` begins with.

    A run that fails early does not know its scope: then, and for what it wrote, the marker may name none, and the
    comment is the right one if it is the only one with that label.
    """
    head = body.partition("\n")[0]
    ours = [comment for comment in comments if comment.ours]
    same = [comment for comment in ours if comment.body.startswith(head)]
    if same:
        return same[-1]
    wanted = _MARKER.match(head)
    maybe = [
        comment
        for comment in ours
        if wanted
        and (seen := _MARKER.match(comment.body))
        and seen["command"] == wanted["command"]
        and seen["label"] == wanted["label"]
        and not (seen["scope"] and wanted["scope"])
    ]
    return maybe[0] if len(maybe) == 1 else None


def post(forge: Forge, body: str, *, when: When, method: Method, news: bool) -> int | None:
    """The number of the comment that tells of this run; None where none was to be written. Raises ForgeError.

    With `changes-only` a run without news makes no comment, but an earlier one is not left telling of changes.
    """
    if when is When.NEVER:
        return None
    may_create = when is When.ALWAYS or news
    before = None if method is Method.NEW and may_create else earlier(forge.comments(), body)
    if before is None:
        return forge.create(body) if may_create else None
    if method is Method.RECREATE and may_create:
        number = forge.create(body)  # first: there is never none
        forge.delete(before.number)
        return number
    forge.update(before.number, body)
    return before.number
