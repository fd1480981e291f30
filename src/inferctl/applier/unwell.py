"""What a run remembers of an endpoint: how it was found, where that was not good. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from inferctl.applier.events import Result
from inferctl.json_types import path_text
from inferctl.planner.health import Unwell, few_words

if TYPE_CHECKING:
    from inferctl.applier.result import WriteResult
    from inferctl.planner.change import Change
    from inferctl.planner.health import Ailment


def unwell_after(
    change: Change, written: WriteResult, last: Unwell | None, *, run: str, now: str, version: str
) -> Unwell | None:
    """How its endpoint is to be remembered; None where all is well. `last` is what was remembered before.

    `now` is ISO 8601, `version` the server's with its patch. What lasts keeps the day on which it began.
    """
    ailment = _ailment(written)
    if ailment is None:
        return None if written.result is Result.DONE else last
    found = Unwell(ailment, now, run, few_words(written.detail))
    if found.of_update:
        leaves = tuple(sorted(path_text(path) for path in written.leaves))
        found = replace(
            found, what=few_words(", ".join(leaves)), leaves=leaves, service=change.service, version=version
        )
    if last is not None and last.state == ailment:
        return replace(found, since=last.since, run=last.run)
    return found


def _ailment(written: WriteResult) -> Ailment | None:
    match written.result:
        case Result.NOT_READY:
            return written.unwell or "not ready"
        case Result.IGNORED:
            return "ignored"
        case Result.UNKNOWN:
            return "unknown"
        case Result.FAILED:
            return "refused" if written.unwell == "refused" else None
        case Result.DONE | Result.HELD | Result.BLOCKED | Result.NOT_STARTED:
            return None
        case _:
            assert_never(written.result)
