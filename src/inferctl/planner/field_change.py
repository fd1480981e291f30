"""A setting that differs: its path, and its value on both sides. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from inferctl.secrets.credentials import may_not_be_shown

if TYPE_CHECKING:
    from inferctl.json_types import Json, Path


class Absent(Enum):
    """Tells "not there" from null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A leaf that differs. `before` and `after` are ABSENT where the leaf is not there.

    A sensitive leaf carries its reference (`{"env": "NAME"}`) or nothing, never a value.
    `note` says what the server makes of it ("9.1 ignores this in an update").
    """

    path: Path
    before: Json | Absent
    after: Json | Absent
    sensitive: bool = False
    note: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether no value of it may be shown: it is sensitive, or a server shows a credential there in clear.

        A header of `custom` may hold one, and so may a URL: they are no less secret here.
        """
        sides = (value for value in (self.before, self.after) if not isinstance(value, Absent))
        return self.sensitive or any(may_not_be_shown(self.path, value) for value in sides)
