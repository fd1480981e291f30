"""Server versions, and how "available since" is written when two release lines run side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?(?:-[\w.\-]+)?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A minor version line. Serverless counts as the newest, with its own limits."""

    major: int
    minor: int
    serverless: bool = False

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read "9.1", "9.1.0" or "9.6.0-SNAPSHOT". Raises ValueError."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"not a version: {text!r}")
        return cls(int(found[1]), int(found[2]))

    def effective(self) -> Version:
        """The version whose rules are used: what is newer than the newest known is treated as that."""
        return NEWEST if self.serverless or self > NEWEST else Version(self.major, self.minor)

    def __str__(self) -> str:
        return "serverless" if self.serverless else f"{self.major}.{self.minor}"


OLDEST = Version(8, 17)
NEWEST = Version(9, 5)
LINES = tuple(map(Version.parse, ("8.17", "8.18", "8.19", "9.0", "9.1", "9.2", "9.3", "9.4", "9.5")))


@dataclass(frozen=True, slots=True)
class Since:
    """The first version of each line that has something; None means that line never got it."""

    line8: Version | None
    line9: Version | None

    def includes(self, version: Version) -> bool:
        """Whether a server of this version has it."""
        effective = version.effective()
        first = self.line8 if effective.major <= 8 else self.line9
        return first is not None and effective >= first

    def text(self) -> str:
        """For people: "8.19 / 9.1", or "9.3"."""
        return " / ".join(str(first) for first in (self.line8, self.line9) if first is not None)


UNRELEASED = Since(None, None)


def since(first: str, line9: str | None = None) -> Since:
    """`since("8.12")`, `since("8.19", "9.1")`, `since("9.3")` (the 8.x line never got it).

    What came in 8.19 is in 9.1, what came in 8.18 in 9.0, anything older in every 9.x
    (docs/reference/server/README.md#versions).
    """
    version = Version.parse(first)
    if line9 is not None:
        return Since(version, Version.parse(line9))
    if version.major >= 9:
        return Since(None, version)
    return Since(version, Version(9, {18: 0, 19: 1}.get(version.minor, 0)))
