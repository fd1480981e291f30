"""Selectors that select nothing: what each may mean, and which id was probably meant. Pure.

A flag that names what is not there is more often misspelt than meant, and a run that then does nothing looks like one
that had nothing to do. `manage` is no selector: it bounds what is ours, whether anything is there yet or not. Only of
`destroy` it says what goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inferctl.errors import UsageError
from inferctl.model.ids import REGION_POLICY
from inferctl.nearest import nearest
from inferctl.planner.decide_region_policy import is_to_go
from inferctl.planner.ownership import matches
from inferctl.planner.plan import skipped_at
from inferctl.planner.secret_state import unknown_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import DesiredSet, Permissions

_MAGIC = frozenset("*?[")
_NOT_DECLARED = "no file declares it"
_NO_ENDPOINT = "it is the region policy, no endpoint: the settings file declares it, or nobody does"
_SECRETLESS = "its file names no secret"


@dataclass(frozen=True, slots=True)
class Seen:
    """The ids in the cluster and in the ledger, and those of them that are `ours`.

    `whole` is False where the list of endpoints could not be had: then nobody can say what is not there.
    """

    ids: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    whole: bool = True


NOTHING_SEEN = Seen()


def is_glob(pattern: str) -> bool:
    """Whether it stands for more than one id."""
    return not _MAGIC.isdisjoint(pattern)


def undecided(asked: Permissions, desired: DesiredSet) -> tuple[str, ...]:
    """The selectors that match nothing in the files: what they mean, if anything, only the cluster can tell."""
    patterns = [pattern for selector in _selectors(asked, desired, NOTHING_SEEN) for pattern in selector.unmatched]
    if not patterns and _leaves_nothing(asked, desired, NOTHING_SEEN):
        return (*asked.target, *asked.exclude)
    return tuple(dict.fromkeys(patterns))


def check(asked: Permissions, desired: DesiredSet, seen: Seen) -> None:
    """Raises UsageError naming every selector that matches nothing of what it may mean."""
    problems = [
        unmatched_text(f"{selector.flag} {pattern}", pattern, selector.why(pattern), selector.known)
        for selector in _selectors(asked, desired, seen)
        if seen.whole or not selector.in_cluster
        for pattern in selector.unmatched
    ]
    if not problems and seen.whole and _leaves_nothing(asked, desired, seen):
        problems = ["--target, --exclude and the paths together leave no endpoint"]
    refuse(problems)


def refuse(problems: Collection[str]) -> None:
    """Raises UsageError where there is one."""
    if problems:
        raise UsageError("this matches nothing, so nothing was sent:\n" + "\n".join(f"  {text}" for text in problems))


def unmatched(patterns: Iterable[str], ids: Collection[str]) -> list[str]:
    """The patterns that match none of the ids."""
    return [pattern for pattern in dict.fromkeys(patterns) if not any(matches(i, (pattern,)) for i in ids)]


def refuse_undeclared(
    patterns: Iterable[str], desired: DesiredSet, *, with_secrets: bool = False, why: str = ""
) -> None:
    """Raises UsageError for ids and globs that mean no declared endpoint; `with_secrets`: none that has one."""
    declared = [endpoint.inference_id for endpoint in desired.endpoints]
    known = [endpoint.inference_id for endpoint in desired.endpoints if endpoint.secrets or not with_secrets]
    refuse([
        unmatched_text(pattern, pattern,
                       _why_undeclared(pattern, declared, why or not_declared(pattern, desired)), known)
        for pattern in unmatched(patterns, known)
    ])  # fmt: skip


def not_declared(pattern: str, desired: DesiredSet) -> str:
    """Why an id, or a glob, is none of the declared endpoints."""
    place = desired.skipped.get(pattern)
    return _NOT_DECLARED if place is None else skipped_at(place)


def _why_undeclared(pattern: str, declared: Collection[str], why: str) -> str:
    if pattern == REGION_POLICY:
        return _NO_ENDPOINT
    return why if unmatched([pattern], declared) else _SECRETLESS


def unmatched_text(shown: str, pattern: str, why: str, ids: Collection[str]) -> str:
    """One line: the selector as it was typed, why it selects nothing, and the nearest that would."""
    near = _nearest(pattern, ids)
    return f"{shown}: {why}" + (f". Did you mean {near}?" if near else "")


def _nearest(pattern: str, ids: Collection[str]) -> str:
    """The nearest id; of `shpo-*` the nearest beginning, `shop-*`."""
    stem = pattern.rstrip("*")
    if stem != pattern and not is_glob(stem):
        near = nearest(stem, sorted({i[: len(stem)] for i in ids}))
        return f"{near}*" if near else ""
    near = nearest("".join(letter for letter in pattern if letter not in "*?[]"), sorted(ids))
    return near if near != pattern else ""


def select_unknown(desired: DesiredSet, ledger: LedgerView | None) -> DesiredSet:
    """Only those of ours with a secret that no run of ours has sent. Raises UsageError where nothing is kept."""
    if ledger is None:
        raise UsageError("--unknown needs a scope: without a ledger no secret is known")
    ids = frozenset(i for i, checks in ledger.secrets.items() if unknown_paths(checks))
    return replace(desired, selected=ids if desired.selected is None else ids & desired.selected)


@dataclass(frozen=True, slots=True)
class _Selector:
    """A flag with its patterns, and the ids that it may mean. `in_cluster`: some of them only the cluster knows."""

    flag: str
    patterns: Collection[str]
    known: frozenset[str]
    why: Callable[[str], str]
    in_cluster: bool = False

    @property
    def unmatched(self) -> list[str]:
        if self.flag in ("--force-delete", "--allow-deny"):  # they take ids, no globs
            return sorted(set(self.patterns) - self.known)
        return unmatched(self.patterns, self.known)


def _selectors(asked: Permissions, desired: DesiredSet, seen: Seen) -> list[_Selector]:
    declared = _declared(asked, desired)
    with_secrets = frozenset(endpoint.inference_id for endpoint in desired.endpoints if endpoint.secrets)
    ours = seen.ours | (desired.removing or frozenset())

    def not_in_files(pattern: str) -> str:
        if pattern == REGION_POLICY:
            return _NO_ENDPOINT
        if is_glob(pattern) or pattern not in seen.ids or pattern in desired.skipped:
            return not_declared(pattern, desired)
        return f"{_NOT_DECLARED} (it is in the cluster: inferctl export --target {pattern} writes one)"

    def no_secret(pattern: str) -> str:
        return not_in_files(pattern) if unmatched([pattern], declared) else _SECRETLESS

    def not_to_touch(pattern: str) -> str:
        if pattern == REGION_POLICY:
            return _NO_ENDPOINT
        if _only_selects(desired) and any(matches(i, (pattern,)) for i in ours):
            return f"{not_declared(pattern, desired)}, and a selection removes nothing: leave --target out"
        if desired.emptied:
            return "nothing of ours has this id"
        return f"{not_declared(pattern, desired)}, and it is not ours" + (
            "" if is_glob(pattern) or pattern not in seen.ids else ", although it is in the cluster"
        )

    def nowhere(pattern: str) -> str:
        return _NO_ENDPOINT if pattern == REGION_POLICY else "it is neither in the files nor in the cluster"

    return [
        _Selector("--manage", desired.emptied_within, ours | seen.ids,
                  lambda _: "nothing in the cluster has such an id", in_cluster=True),
        _Selector("--target", asked.target, declared if _only_selects(desired) else declared | ours, not_to_touch,
                  in_cluster=True),
        _Selector("--exclude", asked.exclude, declared | ours | seen.ids, nowhere, in_cluster=True),
        _Selector("--send-secrets", asked.send_secrets, with_secrets, no_secret),
        _Selector("--adopt", asked.adopt, declared, not_in_files),
        _Selector("--take-over", asked.take_over, declared, not_in_files),
        _Selector("--force-delete", asked.force_delete, (declared | ours) - {REGION_POLICY}, not_to_touch,
                  in_cluster=True),
        _Selector("--allow-deny", asked.allow_deny, (declared | ours | seen.ids) - {REGION_POLICY}, nowhere,
                  in_cluster=True),
    ]  # fmt: skip


def _declared(asked: Permissions, desired: DesiredSet) -> frozenset[str]:
    """The ids that files declare; the region policy goes by its own, also where its removal is asked for."""
    policy = (REGION_POLICY,) if desired.region_policy is not None or is_to_go(desired, asked) else ()
    return frozenset((*policy, *(endpoint.inference_id for endpoint in desired.endpoints)))


def _only_selects(desired: DesiredSet) -> bool:
    """Whether a selection among the files removes nothing, as the settings file names the whole set."""
    return desired.named


def _leaves_nothing(asked: Permissions, desired: DesiredSet, seen: Seen) -> bool:
    """Whether selectors that each match something leave nothing together."""
    if not (asked.target or asked.exclude):
        return False
    ids = _declared(asked, desired)
    selected = ids if desired.selected is None else ids & desired.selected
    if not desired.named and desired.selected is None:
        selected |= seen.ours
    return bool(ids | seen.ours) and not any(
        (not asked.target or matches(i, asked.target)) and not matches(i, asked.exclude) for i in selected
    )
