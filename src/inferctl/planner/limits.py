"""The limits that stop a whole run (docs/reference/report-formats.md). Always on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.errors import UsageError
from inferctl.fix import advice, flag
from inferctl.planner.action import Action, Standing
from inferctl.planner.id_globs import share_of_ids
from inferctl.planner.ownership import matches
from inferctl.planner.plan import Guard, Stop
from inferctl.planner.region_policy import PolicyChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.change import Change
    from inferctl.planner.plan import DesiredSet, Observation, Permissions

_DEFAULT_SHARE = "20%"
# Of all ids, as people write them. What a team calls its endpoints by is a small part of them.
_MOST_OF_ALL_IDS = 0.5
_NEXT_TO_ALL = 0.9995
_MOST_NAMED = 5


def check_guards(
    desired: DesiredSet,
    observation: Observation,
    permissions: Permissions,
    changes: Sequence[Change],
    *,
    ours: int,
    gone: int,
) -> tuple[Stop, ...]:
    """Every guard that fires. `ours` counts the observed endpoints that are ours, `gone` those no file names."""
    stops = []
    if not observation.complete:
        stops.append(
            Stop(
                Guard.INCOMPLETE_LIST,
                "the cluster's list of endpoints is cut at 10,000",
                (advice("manage fewer endpoints"),),
            )
        )
    if not desired.endpoints and gone and not desired.emptied and desired.removing is None:
        stops.append(Stop(Guard.EMPTY_SET, f"no file declares an endpoint, and {gone} of ours would go",
                          (advice("check the paths; remove endpoints one by one"),)))  # fmt: skip
    if not desired.complete:
        stops.append(Stop(Guard.INCOMPLETE_INPUT, "a file could not be read: what it declares is unknown",
                          (advice("mend the file"),)))  # fmt: skip
    if permissions.allow_delete and (text := _too_wide(permissions.manage)):
        stops.append(Stop(Guard.ALL_MATCHING_GLOB, text, (advice("a narrower glob"),)))
    endpoints = [c for c in changes if not isinstance(c, PolicyChange)]
    removed = [c for c in endpoints if c.action is Action.DELETE and c.standing is Standing.READY]
    deletes = sum(1 for c in removed if not c.left_behind)
    limit = delete_limit(permissions.max_deletes, ours)
    if deletes > limit:
        text = f"{deletes} deletes are planned, at most {limit} of our {ours} are allowed"
        stops.append(Stop(Guard.MAX_DELETES, text, (flag(f"--max-deletes {deletes}"),)))
    stops += _beyond_bounds(permissions.operator_bounds, changes, deletes, ours)
    steps = sum(1 for c in changes if c.will_run)
    if permissions.max_changes is not None and steps > permissions.max_changes:
        text = f"{steps} steps are planned, at most {permissions.max_changes} are allowed"
        stops.append(Stop(Guard.MAX_CHANGES, text, (flag(f"--max-changes {steps}"),)))
    return tuple(stops)


def _beyond_bounds(bounds: OperatorBounds, changes: Sequence[Change], deletes: int, ours: int) -> Iterator[Stop]:
    """What a plan would do and the operator lets nobody ask for. `workspace.run_bounds` judges what was asked for."""
    steps = [change for change in changes if change.will_run]

    def beyond(text: str, key: str) -> Stop:
        return Stop(Guard.OPERATOR_BOUNDS, text, (advice(f"the operator widens {bounds.named(key)}"),))

    if bounds.manage is not None:
        outside = [c.inference_id for c in steps if not (c.left_behind or matches(c.inference_id, bounds.manage))]
        if outside:
            yield beyond(f"{bounds.named('manage')} does not match {', '.join(outside[:_MOST_NAMED])}", "manage")
    for word, needing in _needing(steps).items():
        if bounds.allow is not None and needing and word not in bounds.allow:
            named = ", ".join(needing[:_MOST_NAMED])
            yield beyond(f"{bounds.named('allow')} does not name {word}, which {named} would need", "allow")
    most = None if bounds.max_deletes is None else delete_limit(bounds.max_deletes, ours)
    if most is not None and deletes > most:
        key = "limits.max_deletes"
        yield beyond(f"{deletes} deletes are planned, at most {most} of our {ours} are by {bounds.named(key)}", key)
    if bounds.max_changes is not None and len(steps) > bounds.max_changes:
        key = "limits.max_changes"
        yield beyond(f"{len(steps)} steps are planned, at most {bounds.max_changes} are by {bounds.named(key)}", key)


def _needing(steps: Sequence[Change]) -> dict[str, list[str]]:
    """The ids of the steps that an operator has to allow, by what for. What a run of ours began is ended too."""
    return {
        "delete": [c.inference_id for c in steps if c.action is Action.DELETE and not c.left_behind],
        "replace": [c.inference_id for c in steps if c.action is Action.REPLACE],
        "adopt": [
            c.inference_id
            for c in steps
            if c.action is Action.ADOPT and not (c.record is not None and c.record.is_meant)
        ],
    }


def _too_wide(globs: tuple[str, ...]) -> str:
    """What is wrong with globs that claim whatever anybody calls an endpoint, together too; "" for others."""
    share = share_of_ids(globs)
    if share <= _MOST_OF_ALL_IDS:
        return ""
    alone = next((glob for glob in globs if share_of_ids([glob]) > _MOST_OF_ALL_IDS), None)
    named = alone or ", ".join(globs[:_MOST_NAMED]) + (" and more" if len(globs) > _MOST_NAMED else "")
    how_many = "every id" if share > _NEXT_TO_ALL else f"{share:.0%} of the ids that endpoints can have"
    return f"--manage {named} matches {how_many}, and deletes are on"


def delete_limit(asked: str | None, ours: int) -> int:
    """A number, or a share of ours; by default 20 %, at least 1. Raises UsageError for anything else."""
    text = (asked if asked is not None else _DEFAULT_SHARE).strip()
    digits = text.removesuffix("%")
    if not digits.isdecimal() or not digits.isascii() or (text.endswith("%") and int(digits) > 100):
        raise UsageError(f"--max-deletes {text!r}: write a number or a percentage such as 20%")
    if not text.endswith("%"):
        return int(digits)
    share = ours * int(digits) // 100
    return max(1, share) if asked is None else share
