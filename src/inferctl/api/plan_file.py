"""Plan files on disk: which file is one, read and written whole."""

from __future__ import annotations

import os
import re
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from inferctl.errors import PlanFileError, UsageError
from inferctl.fix import advice

if TYPE_CHECKING:
    from os import PathLike

    from inferctl.client.known_secrets import KnownSecrets
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan

_PATH = advice("check the path")
_HEAD = 4096  # the words stand in the first lines, whoever sorted or indented the file
_SAYS_SO = re.compile(rb'"kind"\s*:\s*"saved-plan"')


def plan_file_among(paths: tuple[str, ...]) -> str | None:
    """The one path that is a plan file, told by its content. Raises UsageError where others stand beside it."""
    plan_file = next((path for path in paths if _is_plan_file(Path(path))), None)
    if plan_file is not None and len(paths) > 1:
        raise UsageError(f"{plan_file} is a saved plan: it holds its own endpoints, so give it alone")
    return plan_file


def _is_plan_file(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as handle:
            head = handle.read(_HEAD)
    except (OSError, ValueError):
        return False
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and bool(_SAYS_SO.search(head))


def read_plan(file: str | PathLike[str]) -> Plan:
    """The plan that a file holds, checked. Raises PlanFileError."""
    return read_plan_with(file, "", "")


def read_plan_with(file: str | PathLike[str], typed_for_plan: str, typed_for_apply: str) -> Plan:
    """The same with the options of a command line, for the lines that plan again and apply that (see `Plan`)."""
    from inferctl.planner.file.decode import loads
    from inferctl.planner.file.strict_json import MAX_BYTES

    shown = _shown(file)
    try:
        if not S_ISREG(Path(file).stat().st_mode):  # a pipe would wait for somebody to write into it
            raise PlanFileError(f"{shown}: it is no regular file").with_fixes(advice("save the plan into a file"))
        with Path(file).open("rb") as handle:
            octets = handle.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PlanFileError(f"{shown}: it cannot be read: {_reason(error)}").with_fixes(_PATH) from None
    return loads(octets, shown, typed_for_plan, typed_for_apply)


def _shown(file: str | PathLike[str]) -> str:
    return Path(file).as_posix().replace("\0", "\\0")


def check_out(name: str | None) -> None:
    """Raises UsageError for a place that cannot be written, or should not be: before anything is sent."""
    from inferctl.workspace.new_files import why_not_there

    if name is None:
        return
    if not name or Path(name).is_dir() or not Path(name).parent.is_dir():
        raise UsageError(f"--out {name!r}: its folder does not exist, or it is a folder itself")
    problem = why_not_there("plan", Path(name), Path.cwd())
    if problem:
        raise UsageError(f"--out {name!r} {problem}")


def write_plan(file: str | PathLike[str], plan: Plan, *, known_secrets: KnownSecrets | None = None) -> None:
    """Save a plan, whole or not at all. Raises PlanFileError: a job that saves a plan must not go on without it.

    One in which the cluster shows a secret is not saved: one of `known_secrets`, those of a cluster's client. None
    takes those that this process finds in its variables.
    """
    from inferctl.client.known_secrets import KnownSecrets
    from inferctl.planner.file.encode import dumps
    from inferctl.planner.plan import Plan
    from inferctl.workspace.new_files import write_whole

    if not isinstance(plan, Plan):
        raise PlanFileError(f"a plan file holds a Plan, not {type(plan).__name__}")
    known = known_secrets or KnownSecrets.here(os.environ)
    shown, text = _shown(file), dumps(plan, known.hide_in)
    for change in plan.changes:
        _refuse_secrets(change, known)
    try:
        write_whole(Path(file), text, encoding="ascii")
    except (OSError, ValueError) as error:
        raise PlanFileError(f"{shown}: it cannot be written: {_reason(error)}").with_fixes(_PATH) from None


def _refuse_secrets(change: Change, known: KnownSecrets) -> None:
    """Raises PlanFileError where the cluster shows a secret in what the plan would hold of it.

    What the files say themselves is theirs, and in Git.
    """
    from inferctl.client.known_secrets import every_text

    declared = {*every_text((change.declared, change.inference_id if change.desired is not None else ""))}
    of_cluster = change.inference_id, change.observed, [field.before for field in change.fields], change.references
    seen = [text for text in every_text(of_cluster) if text not in declared]
    if known.hide_in(seen) != seen:
        what = f"{known.hide(change.inference_id)}: the cluster shows a secret in it that is set here"
        raise PlanFileError(f"{what}, so the plan cannot be saved").with_fixes(
            advice("plan without --out shows the step")
        )


def _reason(error: OSError | ValueError) -> str:
    """The system's words; a name that no file can have is a ValueError."""
    return getattr(error, "strerror", None) or "no file can have this name"
