"""What is not proven about the server: one record for each fact in doubt, with the request that would settle it.

`inferctl explain --uncertain`, docs/reference/server/open-questions.md and scripts/verify-server are made from these.
A doubt about a service or a setting stands on its page as a mark, and `marks.py` makes the record of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from inferctl.json_types import object_of

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

ANY: Final = "(any value)"
_MISSING: Final = object()


class Request(NamedTuple):
    """One request. `ID` in the path stands for the endpoint of the question, which is made for it and removed again."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    body: Json = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + ("" if self.body is None else f" {json.dumps(self.body)}")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that the last request may get, and what it would mean.

    `status` None: whatever is no other answer of the question, nor about who asks. `shows`: what the body holds, by
    path with dots; of a list the value is one entry, and `ANY` is any value. `hides`: what is not in it. `reason`: a
    part of the text of the error.
    """

    means: str
    status: int | None = 200
    shows: Mapping[str, Json] = field(default_factory=dict)
    hides: tuple[str, ...] = ()
    reason: str = ""

    def fits(self, status: int, body: Json) -> bool:
        """Whether an answer of the server is this one."""
        if self.status is None:
            return status not in (401, 403, 429)  # who asks, not what is asked
        if status != self.status or self.reason not in json.dumps(body):
            return False
        inside = _endpoint_or_services(body)
        shown = all(_holds(_at(inside, path), value) for path, value in self.shows.items())
        return shown and all(_at(inside, path) is _MISSING for path in self.hides)

    def __str__(self) -> str:
        if self.status is None:
            return "any other answer"
        parts = [
            f"shows `{path}`" if value == ANY else f"`{path}` {_value(value)}" for path, value in self.shows.items()
        ]
        parts += [f"without `{path}`" for path in self.hides]
        parts += [f"with `{self.reason}`"] if self.reason else []
        return ", ".join([str(self.status), *parts])


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A fact that is not proven.

    `statement` is what inferctl takes to be so. `first` and `last` are the servers that could answer ("9.3", "9.5.2");
    empty: the oldest, the newest. `evidence` has the letters of docs/reference/server/README.md. `source` lists, with
    commas, pages of this repository (`docs/reference/server/update.md#merge`), `REPOSITORY:PATH` or pull requests
    (`#157214`).

    To settle it, `endpoint` is sent where there is one, which has to be taken, and `requests` one after the other, up
    to the first that is refused; the last answer is looked up in `answers`, the first that fits. Secrets are named, as
    in a file: `{"env": NAME}`. Without `requests`, `by_hand` says what else would settle it. `needs` says what not
    every cluster has.
    """

    id: str
    statement: str
    evidence: str
    source: str
    first: str = ""
    last: str = ""
    needs: str = ""
    endpoint: Request | None = None
    requests: tuple[Request, ...] = ()
    answers: tuple[Answer, ...] = ()
    by_hand: str = ""

    @property
    def versions(self) -> str:
        """`9.3 to 9.5`, `9.4`, `from 9.5`, `all`."""
        if self.first == self.last:
            return self.first or "all"
        if not self.last:
            return f"from {self.first}"
        return f"{self.first} to {self.last}" if self.first else f"up to {self.last}"

    @property
    def steps(self) -> tuple[Request, ...]:
        """All requests: that which makes the endpoint, where the question needs one, and those that ask."""
        return self.requests if self.endpoint is None else (self.endpoint, *self.requests)

    @property
    def writes(self) -> bool:
        """Whether a request changes something on the cluster."""
        return any(request.method != "GET" for request in self.steps)

    def is_about(self, service: str) -> bool:
        """Whether it concerns this service before others."""
        asked = {object_of(request.body).get("service") for request in self.steps}
        return service in asked or self.id.startswith(f"{service}.")

    def concerns(self, number: str, *, serverless: bool = False) -> bool:
        """Whether a server that calls itself `number` ("9.5.2") could answer. Serverless is newer than all."""
        first, last, asked = _numbers(self.first), _numbers(self.last), _numbers(number)
        if serverless:
            return not last
        return first <= asked[: len(first)] and (not last or asked[: len(last)] <= last)

    def meaning(self, status: int, body: Json) -> str:
        """What the last answer says about the statement; empty where it is none of the expected ones."""
        return next((answer.means for answer in self.answers if answer.fits(status, body)), "")


def _numbers(version: str) -> tuple[int, ...]:
    """A line is older than none of its patches, and newer than none: "9.5" is as far as it goes."""
    return tuple(map(int, re.findall(r"\d+", version.partition("-")[0])))


def shown_at(body: Json, path: str) -> Json:
    """What an answer holds at a path with dots; None where there is nothing."""
    found = _at(_endpoint_or_services(body), path)
    return None if found is _MISSING else found  # type: ignore[return-value]


def _endpoint_or_services(body: Json) -> Json:
    """The endpoint in the list that GET answers with; services by their names."""
    if isinstance(body, Mapping) and isinstance(listed := body.get("endpoints"), list) and len(listed) == 1:
        return listed[0]  # type: ignore[no-any-return]
    return services_by_name(body) if isinstance(body, list) else body


def services_by_name(listed: Sequence[Json]) -> dict[str, JsonObject]:
    """What `_services` lists; 8.17 names them and their task types in its own way."""
    services: dict[str, JsonObject] = {}
    for entry in map(object_of, listed):
        name, types = entry.get("service", entry.get("provider")), entry.get("task_types")
        plain = [object_of(one).get("task_type", one) for one in types] if isinstance(types, list) else types
        services[str(name)] = {**entry, "task_types": plain}
    return services


def _at(body: Json, path: str) -> object:
    inside: object = body
    for part in path.split("."):
        if not isinstance(inside, Mapping) or part not in inside:
            return _MISSING
        inside = inside[part]
    return inside


def _holds(found: object, value: Json) -> bool:
    if found is _MISSING or value == ANY:
        return found is not _MISSING
    return value in found if isinstance(found, list) else found == value


def _value(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
