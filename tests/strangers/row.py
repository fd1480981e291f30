"""The shape of a row: what somebody else's test sends, to which versions, and what it expects.

A row holds the fact alone, in our words; the server's own messages are the only sentences that are theirs. The services
that those tests bring along are none of a released server, so a row asks a real service for the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulator.api import Answer, Api

from inferctl.emulator.profiles import PROFILES, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.emulator.api import Body

Number = tuple[int, ...]

ABSENT = object()
"""Expected of a place where nothing may stand."""


@dataclass(frozen=True)
class Source:
    """Where others say so: a file at a commit, a pull request, or the released classes that were run."""

    repository: str
    path: str
    at: str  # a commit, a pull request or issue (#118618), or the releases that were run or read


@dataclass(frozen=True)
class Ask:
    """A request. `status` is what a step on the way must answer."""

    method: str
    target: str
    body: Body = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Row:
    """One assertion of somebody else's.

    `since` and `until` bound the versions: "9.2", "9.5.3", or "8.19/9.1" where 8 and 9 got or lost it side by side.
    `reason` is a part of the error's reason, or of a bare text. `shows` maps a place of the answer (`endpoints.0.service`,
    `endpoints.#` for a length) to its value. `inferred` says what the source leaves open; empty: all of it is asserted.
    `on_purpose` says why the emulator answers otherwise; then the row must fail.
    """

    name: str
    source: str
    ask: Ask
    status: int = 200
    type: str = ""
    reason: str = ""
    shows: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)  # of the answer; None: it is not there
    since: str = "8.17"
    until: str = ""
    first: tuple[Ask, ...] = ()
    cluster: Mapping[str, Any] = field(default_factory=dict)
    serverless: bool = True
    inferred: str = ""
    on_purpose: str = ""

    def profiles(self) -> Iterator[Profile]:
        """The profiles of the emulator that the row names."""
        for profile in PROFILES.values():
            if profile.serverless and not self.serverless:
                continue
            if holds(number(profile.number), self.since, self.until):
                yield profile


def number(text: str) -> Number:
    return tuple(int(part) for part in text.split("."))


def holds(version: Number, since: str, until: str) -> bool:
    """Whether a release lies between two others; an end without a patch means the line as a whole."""
    start = _of_line(version, since)
    if until:
        end = _of_line(version, until)
        if version[: len(end)] > end:
            return False
    return version[: len(start)] >= start


def _of_line(version: Number, bound: str) -> Number:
    old, _, new = bound.partition("/")
    return number(new if new and version[0] >= number(new)[0] else old)


def check(row: Row, profile: Profile) -> None:
    """Ask an emulated cluster of a profile. Raises AssertionError."""
    api = Api(profile.name, **row.cluster)
    api.cluster.profile = profile
    for step in row.first:
        answer = api(step.method, step.target, step.body, step.headers)
        assert answer.status == step.status, (step.method, step.target, answer.status, answer.raw)
    ask = row.ask
    answer = api(ask.method, ask.target, ask.body, ask.headers)
    assert answer.status == row.status, (row.status, answer.status, answer.raw)
    if row.type:
        assert answer.type == row.type, (row.type, answer.raw)
    if row.reason:
        assert row.reason in _text(answer), (row.reason, answer.raw)
    for name, text in row.headers.items():
        assert answer.header(name) == text, (name, text, answer.header(name))
    for place, value in row.shows.items():
        seen = look(answer.body, place)
        assert seen == value, (place, value, seen)


def _text(answer: Answer) -> str:
    """The reason of an error, or all that came where no error object did."""
    try:
        error = answer.body["error"]
    except (ValueError, TypeError, KeyError):
        return answer.raw.decode()
    return str(error["reason"] if isinstance(error, dict) and "reason" in error else error)


def look(body: Any, place: str) -> Any:
    """What stands at a place such as `endpoints.0.task_type`; `#` counts, `*` is the set of what all entries hold."""
    head, _, rest = place.partition(".")
    if head == "#":
        return len(body)
    if head == "*":
        return {_hashable(look(entry, rest) if rest else entry) for entry in body}
    try:
        inner = body[int(head)] if isinstance(body, list) else body[head]
    except (KeyError, IndexError, TypeError):
        return ABSENT
    return look(inner, rest) if rest else inner


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else repr(value)
