"""References -> secrets. Everything it may look at comes in as an argument; only `{file:}` touches the disk.

All or nothing: one reference that cannot be resolved keeps all of them from being used, and every such
reference is named. A problem never quotes a value.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from inferctl.fix import Fix, advice, command
from inferctl.secrets.credential_names import is_of_the_runner, opens_cluster
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALLOW_VARIABLE = "INFERCTL_SECRETS_ALLOW"
ROOT_VARIABLE = "INFERCTL_SECRETS_ROOT"
MAX_BYTES = 65_536
DUMMY = "dummy-secret"
_FIRST_WORD = re.compile(r"(?:.*/)?[^A-Za-z0-9]*[A-Za-z0-9]*", re.DOTALL)
_WILDCARD = re.compile(r"[*?\[]")
_BELOW = advice("give a path below it, without .. and links out of it")


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why one reference has no value: a code of `diagnostic_pages`, what, and what to do."""

    reference: SecretRef
    code: str
    what: str
    fix: Fix

    def __str__(self) -> str:
        return f"error[{self.code}]: {self.what}"


@dataclass(frozen=True, slots=True)
class AllowedNames:
    """Globs over the names that files may refer to. `said_by` is what messages call them."""

    globs: tuple[str, ...]
    said_by: str

    def name(self, name: str, *, by_its_beginning: bool) -> bool:
        """Whether one of them names it; where `by_its_beginning`, with all of its first word before any wildcard."""
        first = _FIRST_WORD.match(name) if by_its_beginning else None
        spelled = first.end() if first else -1
        return name in self.globs or any(
            fnmatchcase(name, glob) and len(_WILDCARD.split(glob, maxsplit=1)[0]) > spelled for glob in self.globs
        )


@dataclass(frozen=True, slots=True)
class SecretBounds:
    """What files may refer to, said by the operator outside the repository.

    Each of `allow` must match a variable's name, or a file's path (without any: every name will do). What opens the
    cluster itself, and the variables of the runner, it must name by the first word at least: `ES_*`, not `*_KEY`.
    `root` is the folder that `{file:}` may read below (None: no file at all); where there is `within`, the file has to
    be below that too. `for_strangers`: the job is of a pull request. Where nobody said which names are allowed, nobody
    is told then whether one is set.
    """

    allow: tuple[AllowedNames, ...] = ()
    root: Path | None = None
    within: Path | None = None
    for_strangers: bool = False

    @property
    def may_tell(self) -> bool:
        """Whether a report may say which secrets are set here, and which are the same as before."""
        return bool(self.allow) or not self.for_strangers

    def permits(self, variable: str) -> bool:
        """Whether a file may refer to this variable."""
        return not self._unnamed_by(SecretRef("env", variable))

    def _unnamed_by(self, reference: SecretRef) -> str:
        """What of the bounds would have to name it."""
        strict = bool(_opened_by(reference))
        if not self.allow:
            return ALLOW_VARIABLE if strict else ""
        # `*_API_KEY` is meant for providers, and would match the key of the cluster.
        return next((one.said_by for one in self.allow if not one.name(reference.name, by_its_beginning=strict)), "")

    def denies(self, reference: SecretRef) -> Unresolved | None:
        """What can be said without a look at variables or the disk."""
        by = self._unnamed_by(reference)
        if by:
            own = _opened_by(reference)
            what = f"{reference} is not among the names that {by} allows"
            if own:
                what = f"{reference} {own}, and {by} does not name it" + (" by its first word" if self.allow else "")
            return Unresolved(reference, "secret.denied", what, advice(f"the operator adds {reference.name} to {by}"))
        if reference.kind == "env" and reference.name.upper().startswith("INFERCTL_"):
            what = f"{reference} names a variable of inferctl itself"
            return Unresolved(reference, "secret.denied", what, advice("give the secret a variable of its own"))
        if reference.kind == "file" and _leads_out(reference.name):
            what = f"{reference} leads out of the folder that {ROOT_VARIABLE} names"
            return Unresolved(reference, "secret.denied", what, _BELOW)
        return None


def _opened_by(reference: SecretRef) -> str:
    """What a secret would give away that is no provider's; nothing for any other."""
    if opens_cluster(reference.name, is_file=reference.kind == "file"):
        return "opens the cluster itself"
    return "is the runner's own" if reference.kind == "env" and is_of_the_runner(reference.name) else ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The secrets by reference (empty with any problem), and the references that got a dummy instead."""

    secrets: Mapping[SecretRef, Secret]
    problems: tuple[Unresolved, ...] = ()
    dummies: tuple[SecretRef, ...] = ()


def resolve_all(
    references: Iterable[SecretRef],
    environ: Mapping[str, str],
    bounds: SecretBounds,
    *,
    dummy: bool = False,
) -> Resolved:
    """Every reference once. With `dummy` (the emulator) what is not set becomes a dummy and is listed.

    A reference outside the operator's `bounds` is a problem, with `dummy` too.
    """
    secrets: dict[SecretRef, Secret] = {}
    problems: list[Unresolved] = []
    dummies: list[SecretRef] = []
    for reference in sorted(set(references)):
        answer = _resolve(reference, environ, bounds)
        if isinstance(answer, Secret):
            secrets[reference] = answer
        elif dummy and answer.code != "secret.denied":
            secrets[reference] = Secret(DUMMY)
            dummies.append(reference)
        else:
            problems.append(answer)
    return Resolved({} if problems else secrets, tuple(problems), tuple(dummies))


def resolve_present(references: Iterable[SecretRef], environ: Mapping[str, str], bounds: SecretBounds) -> Resolved:
    """Those that have a value here, for comparing: what is not set is left out. Problems are denied references only.

    Nothing is resolved when any reference is denied.
    """
    wanted = sorted({r for r in references if r.kind == "env" or bounds.root is not None})
    problems = [problem for problem in (bounds.denies(reference) for reference in wanted) if problem is not None]
    if problems:
        return Resolved({}, tuple(problems))
    answers = {reference: _resolve(reference, environ, bounds) for reference in wanted}
    denied = [a for a in answers.values() if isinstance(a, Unresolved) and a.code == "secret.denied"]
    found = {reference: answer for reference, answer in answers.items() if isinstance(answer, Secret)}
    return Resolved({} if denied else found, tuple(denied))


def is_set(reference: SecretRef, environ: Mapping[str, str], bounds: SecretBounds) -> bool | None:
    """Whether a reference has a value here. None where that may not be told: out of bounds, or to a stranger."""
    if not bounds.may_tell:
        return None
    answer = _resolve(reference, environ, bounds)
    return isinstance(answer, Secret) or (None if answer.code == "secret.denied" else False)


def _leads_out(name: str) -> bool:
    """By its text alone; links are looked at when the file is read."""
    return PurePath(name).is_absolute() or ".." in PurePath(name).parts


def _resolve(reference: SecretRef, environ: Mapping[str, str], bounds: SecretBounds) -> Secret | Unresolved:
    denied = bounds.denies(reference)
    if denied is not None:
        return denied
    if reference.kind == "env":
        return _from_environ(reference, environ)
    return _from_file(reference, bounds.root, bounds.within)


def _from_environ(reference: SecretRef, environ: Mapping[str, str]) -> Secret | Unresolved:
    name = reference.name
    text = environ.get(name)
    if text is None:
        return Unresolved(reference, "secret.unset", f"the variable {name} is not set", command(f"export {name}=…"))
    return _checked(reference, text, f"the variable {name}", command(f"export {name}=…"))


def _from_file(reference: SecretRef, root: Path | None, within: Path | None) -> Secret | Unresolved:
    if root is None:
        what = f"{reference} needs a folder that files may be read from, and none is given"
        return Unresolved(reference, "secret.denied", what, command(f"export {ROOT_VARIABLE}=/run/secrets"))
    try:
        base = root.resolve(strict=True)
        target = (base / reference.name).resolve(strict=True)
        if not target.is_relative_to(base) or target == base:
            what = f"{reference} leads out of the folder that {ROOT_VARIABLE} names"
            return Unresolved(reference, "secret.denied", what, _BELOW)
        if within is not None and not target.is_relative_to(within.resolve(strict=True)):
            what = f"{reference} leads out of the folder that the operator's bounds name"
            return Unresolved(reference, "secret.denied", what, _BELOW)
        octets = _read(target)
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        what = f"the file of {reference} is not UTF-8"
        return Unresolved(reference, "secret.unreadable", what, advice("write it as text"))
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        code = "secret.unset" if isinstance(error, FileNotFoundError) else "secret.unreadable"
        what = f"the file of {reference} cannot be read: {reason}"
        return Unresolved(reference, code, what, advice(f"check {reference.name} below {ROOT_VARIABLE}"))
    if len(octets) > MAX_BYTES:
        return Unresolved(
            reference,
            "secret.unreadable",
            f"the file of {reference} is larger than 64 KiB",
            advice("is it the right file?"),
        )
    text = text.removesuffix("\n").removesuffix("\r")
    return _checked(reference, text, f"the file of {reference}", advice(f"write the secret into {reference.name}"))


def _read(target: Path) -> bytes:
    """At most one byte more than allowed; a pipe without a writer does not block."""
    descriptor = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as handle:
        return handle.read(MAX_BYTES + 1) or b""


def _checked(reference: SecretRef, text: str, name: str, fix: Fix) -> Secret | Unresolved:
    if not text.strip():
        return Unresolved(reference, "secret.empty", f"{name} is empty", fix)
    return Secret(text)
