"""What a run asks for, held against the operator's bounds: by its settings file, its command line, its program.

Pure. What it asks for is refused before anything is resolved or sent, whoever asked. What only a plan shows (how many
deletes, which of them) is in `planner.limits`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.errors import RefusedByBounds
from inferctl.model.ids import REGION_POLICY
from inferctl.planner.id_globs import left_out
from inferctl.planner.ownership import matches
from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inferctl.json_types import Path
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.plan import Permissions, Plan
    from inferctl.workspace.settings_file import SettingsFile

COMMAND_LINE, PROGRAM = "the command line", "<python>"
_WHY = "a pull request can change what a run asks for; how much that may be, the operator says outside of it"
_MOST_GLOBS = 500
# What a step needs to be allowed, where it is no matter of course.
_IN_WORDS = {
    "delete": "deletes",
    "replace": "replaces",
    "adopt": "adoptions",
    "take_over": "take-overs",
    "forget": "forgotten endpoints",
    "force": "removals of what is referred to",
    "deny": "denials of what is in use",
}
_NEEDS = {"delete": "delete", "replace": "replace", "adopt": "adopt", "forget": "forget"}


def of_settings(values: SettingsFile, bounds: OperatorBounds) -> Iterator[Finding]:
    """Each key of the settings file that exceeds the bounds."""
    if values.ledger_scope is not None:
        yield from of_scope(values.ledger_scope, bounds)
    yield from _manage_of_file(values.manage, bounds)
    for word in sorted(values.allow):
        yield from _allow(word, bounds, ("allow",))
    if values.region_policy is not None:
        yield from of_id(REGION_POLICY, bounds, ("region_policy",))
    limits = values.limits
    if limits.max_deletes is not None:
        yield from _deletes(str(limits.max_deletes), bounds, ("limits", "max_deletes"))
    if limits.max_changes is not None:
        yield from _changes(limits.max_changes, bounds, ("limits", "max_changes"))
    for number, permit in enumerate(values.permits):
        place: Path = ("permits", number)
        yield from _allow(permit.verb, bounds, (*place, permit.verb))
        if permit.force:
            yield from _allow("force", bounds, (*place, "force"))
        yield from of_id(permit.inference_id, bounds, (*place, permit.verb))


def of_scope(scope: str | None, bounds: OperatorBounds) -> Iterator[Finding]:
    """Whether a run may go under this name, or under none."""
    globs = bounds.scopes
    if globs is None or (scope is not None and matches(scope, globs)):
        return
    where = bounds.named("scopes")
    if scope is None:
        what = f"the run has no scope, and {where} bounds under which it may go"
        yield Finding(("scope",), "bounds.scope", what, _WHY, advice="write a scope that the operator names")
    else:
        yield _exceeds(("scope",), "bounds.scope", f"the scope {scope} is", where, scope)


def of_environment(environment: str, bounds: OperatorBounds) -> Iterator[Finding]:
    """Whether a run may use this environment of the settings file; "": it names none."""
    globs = bounds.environments
    if globs is None or (environment and matches(environment, globs)):
        return
    where = bounds.named("environments")
    if environment:
        path: Path = ("environments", environment)
        what = f"the environment {environment} is"
        yield replace(_exceeds(path, "bounds.environment", what, where, environment), points_at="key")
    else:
        what = f"the run has no environment, and {where} bounds which it may use"
        yield Finding((), "bounds.environment", what, _WHY, advice="choose an environment that the operator names")


def of_id(inference_id: str, bounds: OperatorBounds, path: Path = ("inference_id",)) -> Iterator[Finding]:
    """Whether a run may touch the endpoint of this id, or the region policy, which goes by its own."""
    if bounds.manage is not None and not matches(inference_id, bounds.manage):
        yield _exceeds(path, "bounds.manage", f"the id {inference_id} is", bounds.named("manage"), inference_id)


def of_asked(asked: Permissions, bounds: OperatorBounds) -> Iterator[Finding]:
    """Each permission that exceeds the bounds. The path is the name of its field."""
    for glob in asked.manage:
        yield from _manage(glob, bounds, ("--manage",))
    wanted = {
        "delete": asked.allow_delete or asked.delete_ids,
        "replace": asked.allow_replace or asked.replace_ids,
        "adopt": asked.adopt or asked.adopt_ids,
        "take_over": asked.take_over or asked.take_over_ids,
        "forget": asked.forget,
        "force": asked.forced,
        "deny": asked.may_deny,
    }
    for word, is_wanted in wanted.items():
        if is_wanted:
            yield from _allow(word, bounds, ())
    if asked.max_deletes is not None:
        yield from _deletes(asked.max_deletes, bounds, ())
    if asked.max_changes is not None:
        yield from _changes(asked.max_changes, bounds, ())
    ids = asked.delete_ids | asked.replace_ids | asked.adopt_ids | asked.take_over_ids | asked.forget | asked.forced
    ids |= asked.may_deny
    for inference_id in sorted(ids):
        yield from of_id(inference_id, bounds)


def of_plan(plan: Plan, bounds: OperatorBounds) -> Iterator[Finding]:
    """Each step of a saved plan that the operator does not allow."""
    for change in plan.steps:
        if change.desired is None:  # of the others it is said where they are declared
            yield from of_id(change.inference_id, bounds)
        word = _NEEDS.get(change.action.word)
        if word is not None and not change.left_behind and change.will_run:
            for finding in _allow(word, bounds, ()):
                yield replace(finding, what=f"{change.inference_id}: {finding.what}")


def as_diagnostics(findings: Iterable[Finding], said_by: str) -> tuple[Diagnostic, ...]:
    """Of findings that have no place in a file."""
    made = (Diagnostic(Severity.ERROR, one.code, one.what, Span(said_by), one.why, one.fixes) for one in findings)
    return tuple(dict.fromkeys(made))


def refuse(found: Sequence[Diagnostic], so_far: str = "nothing was sent") -> None:
    """Raises RefusedByBounds where there is anything, naming all of it. `so_far` is what has happened by now."""
    if found:
        lines = "\n".join(f"{one.span}: error[{one.code}]: {one.what}" for one in found)
        what = f"refused by the operator's bounds: {so_far}\n{lines}"
        raise RefusedByBounds(what, tuple(found)).with_fixes(*dict.fromkeys(fix for one in found for fix in one.fixes))


def _manage_of_file(globs: Sequence[str], bounds: OperatorBounds) -> Iterator[Finding]:
    """Each glob takes a while: a pull request may not list so many that the job has no end."""
    if bounds.manage is not None and len(globs) > _MOST_GLOBS:
        what = (
            f"manage lists {len(globs):,} globs: more than {_MOST_GLOBS} are not held against {bounds.named('manage')}"
        )
        yield Finding(("manage",), "bounds.manage", what, _WHY, advice="list fewer, wider globs")
        return
    for number, glob in enumerate(globs):
        yield from _manage(glob, bounds, ("manage", number))


def _manage(glob: str, bounds: OperatorBounds, path: Path) -> Iterator[Finding]:
    example = None if bounds.manage is None else left_out(glob, bounds.manage)
    if example is not None:
        where = bounds.named("manage")
        what = f"manage: {glob} matches more than {where}" + (f", such as {example}" if example != glob else "")
        yield Finding(path, "bounds.manage", what, _WHY, advice=f"the operator adds {glob} to {where}")


def _allow(word: str, bounds: OperatorBounds, path: Path) -> Iterator[Finding]:
    if bounds.allow is not None and word not in bounds.allow:
        yield _exceeds(path, "bounds.allow", f"{_IN_WORDS[word]} are", bounds.named("allow"), word)


def _deletes(asked: str, bounds: OperatorBounds, path: Path) -> Iterator[Finding]:
    """A share and a count cannot be compared before a plan: there the smaller one counts."""
    most = bounds.max_deletes
    if most is None or asked.endswith("%") != most.endswith("%") or not asked.removesuffix("%").isdecimal():
        return
    if int(asked.removesuffix("%")) > int(most.removesuffix("%")):
        yield _limit(path, f"max_deletes: {asked}", bounds.named("limits.max_deletes"), most)


def _changes(asked: int, bounds: OperatorBounds, path: Path) -> Iterator[Finding]:
    most = bounds.max_changes
    if most is not None and asked > most:
        yield _limit(path, f"max_changes: {asked}", bounds.named("limits.max_changes"), str(most))


def _limit(path: Path, asked: str, where: str, most: str) -> Finding:
    what = f"{asked} is more than the {most} of {where}"
    return Finding(path, "bounds.limit", what, _WHY, advice=f"the operator raises {where}")


def _exceeds(path: Path, code: str, asked: str, where: str, entry: str) -> Finding:
    what = f"{asked} out of bounds: not among {where}"
    return Finding(path, code, what, _WHY, advice=f"the operator adds {entry} to {where}")
