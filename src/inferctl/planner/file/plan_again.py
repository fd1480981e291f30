"""What frees the steps of a saved plan: another plan. A flag that it was made without goes to both commands."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.fix import Fix, FixKind, advice, command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan


def plan_again(file: str, environment: str = "", typed: str = "") -> Fix:
    """Plan again, into the same file. `typed`: options that were given with the command at hand."""
    options = _options(environment, typed)
    return command(f"inferctl plan --out {shlex.quote(file)}{options}") if file else advice("plan again")


def _options(environment: str, typed: str) -> str:
    """With a space before each, as they stand behind a command."""
    chosen = f" --env {shlex.quote(environment)}" if environment else ""
    return f"{chosen} {typed}" if typed else chosen


def with_fixes_by_planning(plan: Plan, *, to_apply: bool = False) -> Plan:
    """A plan that was read from a file: its flags go to `plan`, and `to_apply` to `apply` as well."""

    def mended(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
        return tuple(_by_planning(fix, plan, to_apply=to_apply) for fix in fixes if fix.kind is not FixKind.PERMIT)

    def lifted(change: Change) -> Change:
        blocks = tuple(replace(block, fixes=mended(block.fixes)) for block in change.blocks)
        return replace(change, blocks=blocks) if blocks else change

    stops = tuple(replace(stop, fixes=mended(stop.fixes)) for stop in plan.stops)
    return replace(plan, changes=tuple(map(lifted, plan.changes)), stops=stops)


def _by_planning(fix: Fix, plan: Plan, *, to_apply: bool) -> Fix:
    if not plan.file:
        return fix
    if not _may_be_typed(fix):
        return advice(fix.text)
    again = plan_again(plan.file, plan.environment, plan.typed_for_plan).text
    if fix.kind is FixKind.EDIT:
        return advice(f"in {fix.file}: {fix.text}; then {again}")
    if fix.kind is not FixKind.FLAG:
        return fix
    options = _options(plan.environment, plan.typed_for_apply)
    applied = f" && inferctl apply {shlex.quote(plan.file)}{options} {fix.text}" if to_apply else ""
    return command(f"{again} {fix.text}{applied}")


def _may_be_typed(fix: Fix) -> bool:
    """Whether a shell makes one command of inferctl of it: who wrote the file may hope that somebody types it."""
    if fix.kind not in (FixKind.COMMAND, FixKind.FLAG):
        return True
    try:
        words = shlex.split(fix.text)
    except ValueError:
        return False
    is_ours = words[:1] == ["inferctl"] if fix.kind is FixKind.COMMAND else "".join(words[:1]).startswith("--")
    return is_ours and shlex.join(words) == fix.text
