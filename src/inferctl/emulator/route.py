"""One route: a template, a handler, what is checked before the handler runs, what it sees and may answer.

Source: emulating.md#order-of-the-checks.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .cluster import Cluster
from .errors import ApiError, illegal_argument
from .json_text import parse_value
from .profiles import Profile
from .security import User

_SECONDS = {"nanos": 1e-9, "micros": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer before it is filtered and serialised. `raw` is sent as it is."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = ""


@dataclass(slots=True)
class Call:
    """One request on its way through the checks of emulating.md#order-of-the-checks."""

    cluster: Cluster
    method: str
    path: str
    variables: dict[str, str]
    params: dict[str, str]
    body: bytes
    user: User
    task_type: str | None = None
    parsed: Any = None
    consumed: set[str] = field(default_factory=set)
    action: str = ""

    def sees(self, index: str) -> bool:
        """Whether the caller may do on this index what the route does."""
        return not self.action or self.user.may_on(self.action, index)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean parameter: true, false or empty (requests.md#parameters)."""
        value = self.params.get(name)
        if value is None:
            return default
        if value in {"", "true"}:
            return True
        if value == "false":
            return False
        raise illegal_argument(f"Failed to parse value [{value}] as only [true] or [false] are allowed.")

    def whole(self, name: str) -> int | None:
        """An integer parameter."""
        value = self.params.get(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d+", value):
            raise illegal_argument(f"Failed to parse int parameter [{name}] with value [{value}]")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        """A time value such as 30s."""
        value = self.params.get(name)
        if value is None:
            return default
        match = re.fullmatch(r"(-?\d+)(nanos|micros|ms|s|m|h|d)", value.strip().lower())
        if not match:
            raise illegal_argument(
                f"failed to parse setting [{name}] with value [{value}] as a time value: "
                "unit is missing or unrecognized"
            )
        return int(match[1]) * _SECONDS[match[2]]

    def json(self) -> dict[str, Any]:
        """The body as an object."""
        if not self.body.strip():
            return {}
        value = parse_value(self.body, end_of_file_type=self.cluster.profile.end_of_file_type)
        if not isinstance(value, dict):
            raise ApiError(400, "parsing_exception", "Expected an object")
        return value


Handler = Callable[[Call], Answer]
Check = Callable[[Call], None]


def _nothing(_: Call) -> None:
    pass


def _always(_: Profile) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """A route. `params` are known when `params_known` says so, `always` ones in every version."""

    method: str
    template: str
    run: Handler
    prepare: Check = _nothing
    validate: Check = _nothing
    body: bool = False
    params: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    params_known: Callable[[Profile], bool] = _always
    any_params: bool = False
    action: str = ""  # what a privilege has to grant; "" needs none
    action_817: str = ""  # its name up to 8.17, where that was another (requests.md#privileges)
    open: bool = False  # the control API: no authentication
    exists: Callable[[Profile], bool] = _always  # where it does not, its path is left to the other routes

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The path variables, if the path fits."""
        parts = self.template.strip("/").split("/") if self.template != "/" else []
        if len(parts) != len(segments):
            return None
        variables: dict[str, str] = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                # An index name never starts with an underscore, so API paths are not taken for indexes.
                if part == "{index}" and segment.startswith("_"):
                    return None
                variables[part[1:-1]] = segment
            elif part != segment:
                return None
        return variables

    def action_on(self, profile: Profile) -> str:
        """The transport action, as errors name it."""
        return self.action_817 if self.action_817 and profile.line <= (8, 17) else self.action

    def known_params(self, profile: Profile) -> set[str]:
        """Query parameters that the handler consumes."""
        return {*self.always, *(self.params if self.params_known(profile) else ())}
