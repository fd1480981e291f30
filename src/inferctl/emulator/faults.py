"""Scripted faults: how a request can go wrong outside the API's own rules."""

import re
from dataclasses import dataclass
from typing import Any

KINDS = ("status", "throttle", "delay", "cut_before", "cut_after", "truncate")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, matched by method and path as regular expressions (full match).

    * `status`: answer with `status` and `reason` without doing anything;
    * `throttle`: answer 429 with `Retry-After`;
    * `delay`: wait `seconds` before the operation, then go on;
    * `cut_before`: close the connection before the operation;
    * `cut_after`: do the operation, then close the connection without an answer;
    * `truncate`: do the operation and send half of the body with the full Content-Length.

    `skip` requests pass before it applies, `count` limits how often it does (-1: always).
    """

    kind: str
    method: str = ".*"
    path: str = ".*"
    status: int = 503
    reason: str = "scripted fault"
    error_type: str = "status_exception"
    seconds: float = 0.0
    count: int = 1
    skip: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the fault speaks for this request."""
        return bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))


def read(source: dict[str, Any]) -> Fault:
    """A fault from the control API; unknown words are refused."""
    if source.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    for name in ("method", "path"):
        try:
            re.compile(str(source.get(name, "")))
        except re.error as error:
            raise ValueError(f"{name} is no regular expression: {error}") from None
    fault = Fault(**source)
    words, numbers = (fault.method, fault.path, fault.reason, fault.error_type), (fault.status, fault.count, fault.skip)
    if not all(isinstance(word, str) for word in words) or not all(isinstance(number, int) for number in numbers):
        raise TypeError("a word or a number is none")
    if not isinstance(fault.seconds, int | float):
        raise TypeError("seconds is no number")
    return fault
