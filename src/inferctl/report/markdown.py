"""A page of GitHub-flavoured Markdown, and foreign text in it.

A comment may have 65,536 characters. What does not fit is left out whole, and the end says how much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from inferctl.report.escape import clean, cut
from inferctl.report.fixes import labelled
from inferctl.report.sentences import cluster_words, counted, environment_words, on_one_line, pin_words, run_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.report.shape.base import FixView
    from inferctl.report.shape.run import ClusterView, StopView, ThisRunView

LIMIT = 65_000

_FOOT = 400  # kept free for the note about what was left out
# Each part may fill the page up to here, so that the next one finds room.
_STOPS_TO = 14_000
_WARNINGS_TO = 22_000
_TABLE_TO = 48_000
_SYNTAX = re.compile(r"[&<>|`*_\[\]#~\\$^]")
# What GitHub turns into links even as an entity: an empty character breaks the word.
_LINKS = re.compile(r"@|://|(?i:www)(?=\.)|&#35;(?=\d)|(?i:\bGH)-(?=\d)")
_BREAK = "&#8203;"


def marker(command: str, scope: str, label: str) -> str:
    """The first line of a report: nobody sees it, and a job finds its earlier comment by it."""
    # Two hyphens would end the comment of HTML.
    quoted = [quote(value, safe="/", errors="replace").replace("--", "-%2D") for value in (scope, label)]
    return f"<!-- inferctl:{command} scope={quoted[0]} label={quoted[1]} -->"


def heading(command: str, scope: str, run: ThisRunView) -> str:
    """The marker and the title. What `rotate` and `destroy` did stands under the marker of `apply`."""
    done = command if command == "plan" else run["command"] or command
    title = f"{done}{' on ' if run['label'] else ''}{prose(run['label'])}"
    return f"{marker(command, scope, run['label'])}\n## inferctl {title}\n\n"


class Page:
    """Text under the limit: a part fits as a whole or is left out."""

    def __init__(self, head: str) -> None:
        self._parts = [head]
        self._size = len(head)
        self._foot: list[str] = []

    def add(self, part: str, most: int = LIMIT - _FOOT) -> bool:
        if self._size + len(part) > most:
            return False
        self._parts.append(part)
        self._size += len(part)
        return True

    def all_that_fit(self, parts: Sequence[str], most: int = LIMIT - _FOOT, stand_for: Sequence[int] = ()) -> int:
        """How many of the parts were added; one that is too long does not keep out the next.

        `stand_for` says for how many things each part stands, where that is not one.
        """
        return sum(
            number for part, number in zip(parts, stand_for or [1] * len(parts), strict=True) if self.add(part, most)
        )

    def table(self, head: str, rows: Sequence[str], most: int = _TABLE_TO, stand_for: Sequence[int] = ()) -> int:
        rule = "|" + " --- |" * (head.count("|") - 1)
        self.add(f"{head}\n{rule}\n")
        added = self.all_that_fit(rows, min(most, LIMIT - _FOOT), stand_for)
        self.add("\n", LIMIT)
        return added

    def left_out(self, noun: str, number: int) -> None:
        if number:
            self._foot.append(f"{counted(number, noun)} left out: too long for one comment.")

    def text(self) -> str:
        foot = f"_{' '.join(self._foot)} The JSON report has all of them._\n" if self._foot else ""
        return "".join(self._parts).rstrip("\n") + "\n" + (f"\n{foot}" if foot else "")


def add_origin(page: Page, cluster: ClusterView, run: ThisRunView, scope: str) -> None:
    """Which environment, which cluster, and which run says so."""
    words, environment = run_words(run, scope), environment_words(run)
    pin, pins_it = pin_words(cluster, run)
    lines = [f"Environment: {prose(environment, 500)}"] if environment else []
    lines.append(f"Cluster: {prose(cluster_words(cluster))}{f' ({code(pin)} {prose(pins_it)})' if pin else ''}")
    lines += [f"Run: {prose(words, 500)}"] if words else []
    page.add("".join(f"{line}\n\n" for line in lines))
    add_remarks(page, "Warning", run["unsafe"])


def add_stops(page: Page, stops: Sequence[StopView]) -> None:
    if not stops:
        return
    page.add("> [!CAUTION]\n> **Stopped: nothing will be done.**\n")
    lines = []
    for stop in stops:
        remarks = "".join(f"{f'>   {remark}'.rstrip()}\n" for remark in fix_remarks(stop["fixes"]))
        lines.append(f"> - {prose(stop['guard'])}: {prose(stop['text'], 500)}\n{remarks}")
    page.left_out("stop", len(lines) - page.all_that_fit(lines, _STOPS_TO))
    page.add("\n", LIMIT)


def add_remarks(page: Page, word: str, texts: Sequence[str]) -> None:
    lines = [f"- {word}: {prose(text, 500)}\n" for text in texts]
    if lines:
        added = page.all_that_fit(lines[:20], _WARNINGS_TO if word == "Warning" else LIMIT - _FOOT)
        page.left_out(word.lower(), len(lines) - added)
        page.add("\n", LIMIT)


def fix_remarks(fixes: Sequence[FixView], indent: str = "") -> Iterator[str]:
    """Items of a list; what has several lines stands below its label as it is, to be copied."""
    for label, texts in labelled(fixes):
        if len(texts) == 1:
            yield f"{indent}- {prose(label)}: {code(texts[0], 500)}"
        else:
            lines = "\n".join(_SYNTAX.sub(_entity, clean(text)).replace("@", "&#64;") for text in texts)
            yield from (
                f"{indent}- {prose(label)}:",
                "",
                *(f"{indent}  {line}" for line in f"<pre>{lines}</pre>".split("\n")),
                "",
            )


def prose(text: str, limit: int = 200) -> str:
    """Foreign text between our words: no markup, no HTML, no mention, no link comes out of it."""
    shown = cut(clean(on_one_line(text)), limit)
    return _LINKS.sub(_unlink, _SYNTAX.sub(_entity, shown))


def code(text: str, limit: int = 200) -> str:
    """Foreign text as code, by a tag and entities: works in tables, HTML blocks, with any backticks."""
    return f"<code>{_SYNTAX.sub(_entity, cut(clean(text), limit)).replace('@', '&#64;')}</code>"


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _unlink(found: re.Match[str]) -> str:
    if found[0] == "@":
        return f"@{_BREAK}"
    return f":{_BREAK}//" if found[0] == "://" else f"{found[0]}{_BREAK}"
