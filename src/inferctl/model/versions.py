"""Server versions, and how "available since" is written when several release lines run side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

_TEXT = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:-[\w.\-]+)?")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A release, or a minor line whose patch is not known (`patch` is None, as in `--target-version 9.5`).

    A line sorts before its releases. Serverless counts as newer than any release, and has no patch.
    """

    major: int
    minor: int
    serverless: bool = False
    patch: int | None = None

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read "9.1", "9.1.0", "9.6.0-SNAPSHOT" or "serverless". Raises ValueError."""
        if text.strip() == "serverless":
            return SERVERLESS
        read = _TEXT.fullmatch(text.strip())
        if read is None:
            raise ValueError(f"not a version: {text!r}")
        return cls(int(read[1]), int(read[2]), patch=int(read[3]) if read[3] else None)

    @property
    def line(self) -> Version:
        """The same without the patch: what a fact about a whole minor line is said of."""
        return Version(self.major, self.minor, self.serverless)

    def effective(self) -> Version:
        """The known line whose rules are used: what is newer than the newest known is treated as that.

        What came with a patch, or is to come after the newest, is not asked of this line but of the version itself
        (`Since.includes`).
        """
        return NEWEST if self.serverless or self.line > NEWEST else self.line

    def __lt__(self, other: Version) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, bool, int]:
        return self.major, self.minor, self.serverless, -1 if self.patch is None else self.patch

    def __str__(self) -> str:
        if self.serverless:
            return "serverless"
        return f"{self.major}.{self.minor}" if self.patch is None else f"{self.major}.{self.minor}.{self.patch}"


OLDEST = Version(8, 17)
NEWEST = Version(9, 5)
SERVERLESS = Version(9, 5, serverless=True)
LINES = tuple(map(Version.parse, ("8.17", "8.18", "8.19", "9.0", "9.1", "9.2", "9.3", "9.4", "9.5")))


@dataclass(frozen=True, slots=True)
class Since:
    """The first versions that have something, in order: one for each line that got it by itself.

    A line without one has it if an earlier line of its major has. A major without any never got it.
    """

    firsts: tuple[Version, ...] = ()

    def includes(self, version: Version) -> bool:
        """Whether a server of this version surely has it. Without a patch: whether every patch of the line has."""
        return self._has(version, 0)

    def may_include(self, version: Version) -> bool:
        """The same where the doubt counts the other way: without a patch, whether any patch of the line has it."""
        return self._has(version, _ANY_PATCH)

    def _has(self, version: Version, patch_if_unknown: int) -> bool:
        if version.serverless:
            return self.line9 is not None
        firsts = [first for first in self.firsts if (first.major <= 8) == (version.major <= 8)]
        deciding = [first for first in firsts if first.line <= version.line]
        if not deciding:
            return False
        first, patch = deciding[-1], patch_if_unknown if version.patch is None else version.patch
        return first.line < version.line or patch >= (first.patch or 0)

    @property
    def line8(self) -> Version | None:
        """The first 8.x that has it; None where 8.x never got it."""
        return next((first for first in self.firsts if first.major <= 8), None)

    @property
    def line9(self) -> Version | None:
        """The first 9.x that has it."""
        return next((first for first in self.firsts if first.major > 8), None)

    def text(self) -> str:
        """For people: "8.19 / 9.1", "9.3", "9.4.8 / 9.5.5"."""
        return " / ".join(map(str, self.firsts))


_ANY_PATCH = 10**6
UNRELEASED = Since()


def since(first: str, *more: str) -> Since:
    """`since("8.12")`, `since("8.19", "9.1")`, `since("9.3")` (8.x never got it), `since("9.4.8", "9.5.5")`.

    What came in 8.19 is in 9.1, what came in 8.18 in 9.0, anything older in every 9.x
    (docs/reference/server/README.md#versions). Raises ValueError where only a patch of 8.x is named: then nobody knows.
    """
    firsts = [_first(text) for text in (first, *more)]
    if all(version.major <= 8 for version in firsts):
        last = firsts[-1]
        if last.patch is not None:
            raise ValueError(f"the first 9.x has to be named beside {last}")
        firsts.append(Version(9, {18: 0, 19: 1}.get(last.minor, 0)))
    return Since(tuple(sorted(firsts)))


def _first(text: str) -> Version:
    version = Version.parse(text)
    return version.line if version.patch == 0 else version


REGION_POLICIES = since("9.5")


# Updates refuse what their parser does not know, and some parsers were not told of the secrets of their own service,
# until a patch mended it (docs/reference/server/versions.md#patch-releases).
STRICT_UPDATES = Version(9, 5)
SECRETS_KNOWN = since("9.5.3")


def may_refuse_secrets(version: Version) -> bool:
    """Whether an update of some services may take their own secret for an unknown field."""
    return version.line >= STRICT_UPDATES and not SECRETS_KNOWN.includes(version)
