"""Durations as texts: as files write them (`1h30m`), and as the server takes them (`30s`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

# For what must follow the DELETE of a replace.
REPLACE_TIMEOUT_S = 300.0
DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_TIME_VALUE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(nanos|micros|ms|s|m|h|d)\s*", re.IGNORECASE)
_DAYS = re.compile(r"([0-9]{1,6})d")
_UNIT_S = {"nanos": 1e-9, "micros": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration_s(text: str) -> float | None:
    """Seconds of `15m`, `90s`, `1h30m`; None for anything else, and for nothing at all."""
    match = DURATION.fullmatch(text)
    if match is None:
        return None
    numbers = zip(match.groups(), ("h", "m", "s"), strict=True)
    return sum(int(number or 0) * _UNIT_S[unit] for number, unit in numbers) or None


def duration_text(duration: timedelta) -> str:
    """`1h30m`: each number of a duration has at most six digits."""
    left, text = int(duration.total_seconds()), ""
    for unit in ("h", "m", "s"):
        number = min(left // int(_UNIT_S[unit]), 999_999)
        left -= number * int(_UNIT_S[unit])
        text += f"{number}{unit}" if number else ""
    return text


def moment_since(text: str, now: datetime) -> datetime | None:
    """The moment that a date (`2026-11-30`, midnight in UTC; with a time too) or a duration before `now` names.

    A duration is as in `duration_s`, or whole days: `7d`. None for anything else.
    """
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  all commands read this file, one asks this

    days = _DAYS.fullmatch(text)
    seconds = float(days[1]) * _UNIT_S["d"] if days else duration_s(text)
    try:
        if seconds is not None:
            return now - timedelta(seconds=seconds)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None


def time_value_s(text: str) -> float | None:
    """Seconds of a time value of Elasticsearch: one number and one unit; None for anything else."""
    match = _TIME_VALUE.fullmatch(text)
    return None if match is None else float(match[1]) * _UNIT_S[match[2].lower()]
