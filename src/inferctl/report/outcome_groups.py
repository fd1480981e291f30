"""What text and Markdown both say of the end of a run: what is down, what became of each step, steps alike in one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inferctl.report.fixes import of_anybody, one_fix
from inferctl.report.next_step import BEGUN, DOWN, NOT_STARTED
from inferctl.report.sentences import did, names, on_one_line, to_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inferctl.report.shape.base import FixView
    from inferctl.report.shape.run import OutcomeView, StepView

_ALIKE = 3  # so many steps that ended alike are told one by one
_MOST_NAMES = 20
WHAT_NOW = "Nobody can use it until the next apply creates it, before anything else."
_WHAT = {
    "down": "deleted, not created again",
    "maybe down": "deleted or about to be, and whether it is there again is not known",
    "restored": "deleted, not created, and its old settings put back: it is there as before",
    "other settings": "it is there, and not as declared",
}
_KEPT = {"update": "not changed", "replace": "not replaced, nothing was removed", "delete": "not deleted"}


@dataclass(frozen=True, slots=True)
class Alike:
    """Steps that ended alike, for the same reason. `what` and `why` are sentences, `why` may be empty.

    `fixes` are what would lift it; `answer` the lines of the server's answer to the first, where `why` cuts it short.
    """

    steps: tuple[StepView, ...]
    what: str
    why: str
    fixes: tuple[FixView, ...]
    answer: tuple[str, ...] = ()


def begun(view: OutcomeView) -> list[Alike]:
    """What was begun and is not done, what is down first."""
    steps = [step for name in BEGUN for step in _list(view, name)]
    return _alike(sorted(steps, key=lambda step: step["state"] not in DOWN))


def waiting(view: OutcomeView) -> list[Alike]:
    """What was not started: held, blocked, or not reached."""
    return _alike(step for name in NOT_STARTED for step in _list(view, name))


def done(view: OutcomeView) -> list[Alike]:
    return _alike(view["done"])


def headlines(view: OutcomeView) -> list[str]:
    """One for what is down, one for what may be: `search-chat is DOWN since ...: deleted, not created again.`"""
    steps = [step for name in (*BEGUN, *NOT_STARTED) for step in _list(view, name)]
    lines = []
    for state in DOWN:
        down = [step for step in steps if step["state"] == state]
        if down:
            since = min((step["down_since"] for step in down if step["down_since"]), default="")
            are = "is" if len(down) == 1 else "are"
            begins = f" since {_time_of_day(since)}" if since else ""
            lines.append(f"{names([step['id'] for step in down])} {are} {state.upper()}{begins}: {_WHAT[state]}.")
    return lines


def _time_of_day(moment: str) -> str:
    """`2026-01-02 12:00:01 UTC` of an ISO 8601 text."""
    return f"{moment[:19].replace('T', ' ')} UTC"


def _list(view: OutcomeView, name: str) -> Sequence[StepView]:
    steps: Sequence[StepView] = view[name]  # type: ignore[literal-required]
    return steps


def _alike(steps: Iterable[StepView]) -> list[Alike]:
    groups: dict[object, list[Alike]] = {}
    for step in steps:
        told = _told(step)
        fixes = str([of_anybody(fix, step["id"]) for fix in told.fixes])
        groups.setdefault((step["action"], step["result"], told.what, told.why, fixes), []).append(told)
    found = []
    for group in groups.values():
        if len(group) <= _ALIKE:
            found += group
        else:
            of_each = zip(*(one.fixes for one in group), strict=True)
            of_all = [one_fix(same, _MOST_NAMES) for same in of_each]
            steps = tuple(one.steps[0] for one in group)
            found.append(replace(group[0], steps=steps, fixes=tuple(fix for fix in of_all if fix["text"])))
    return found


def _told(step: StepView) -> Alike:
    detail = [line for line in step["detail"].splitlines() if line.strip()]
    fixes = list(step["fixes"])
    if step["result"] in ("held", "blocked", "not started"):
        detail += [on_one_line(block["text"]) for block in step["blocks"] if block["text"] not in step["detail"]]
        fixes += [fix for block in step["blocks"] for fix in block["fixes"] if fix not in fixes]
    read_back = step["wrote"]  # nothing else finds differences
    differs = f"differs: {', '.join(step['leaves'])}" if step["leaves"] and read_back else ""
    if step["why"]:
        why, answer = "; ".join(filter(None, (step["why"], differs))), tuple(detail)
    else:
        why, answer = "; ".join(filter(None, (*detail, differs))), ()
    return Alike((step,), _what(step), why, tuple(fixes), answer)


def _what(step: StepView) -> str:
    """What became of the endpoint, in a few words; "" where heading and result say it."""
    result, state, action = step["result"], step["state"], step["action"]
    if result in ("held", "blocked", "not started") and state not in DOWN:
        return ""
    if result == "done":
        return ""
    if result == "ignored":
        return "the server said yes, and kept the old value"
    if state in _WHAT:
        return _WHAT[state]
    if result == "unknown":
        return f"whether it was {did(action)} is not known: the next run looks"
    if result == "not ready":
        return "it is there as declared, and it does not work yet"
    kept = _KEPT.get(action, f"not {did(action)}")
    return f"{kept}: it is as before" if state == "as before" else kept


def group_name(group: Alike) -> str:
    """`12 to delete`: what a group of steps is called."""
    first = group.steps[0]
    verb = did(first["action"]) if first["result"] == "done" else f"to {to_do(first['action'])}"
    return f"{len(group.steps)} {verb}"


def group_members(group: Alike) -> str:
    return names([step["id"] for step in group.steps], _MOST_NAMES)


def status_word(step: StepView) -> str:
    """The finer word behind a heading."""
    return step["state"].upper() if step["state"] in DOWN else step["result"]
