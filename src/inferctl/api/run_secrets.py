"""Secrets of a run: those that can be read here are compared; all that a step sends are there, or none is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inferctl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inferctl.api.cluster import Cluster
    from inferctl.exit_codes import Verdict
    from inferctl.json_types import Path
    from inferctl.ledger.backend import Ledger
    from inferctl.ledger.fingerprints import Fingerprints
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.ownership import LedgerView, Owned
    from inferctl.planner.plan import DesiredSet, Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.resolve import Resolved, SecretBounds, Unresolved
    from inferctl.secrets.secret import Secret


def resolve_for(cluster: Cluster, plan: Plan) -> Mapping[SecretRef, Secret]:
    """What the runnable steps need. Raises InputError naming every reference that cannot be resolved."""
    from inferctl.secrets.resolve import resolve_all

    needed = _needed(plan)
    resolved = resolve_all(needed, cluster.environ, cluster.bounds.secrets, dummy=cluster.dummy_secrets)
    _refuse(resolved.problems, needed)
    if resolved.dummies:
        names = ", ".join(str(reference) for reference in resolved.dummies)
        cluster.on_message(f"warning: not set, so the emulator gets a dummy: {names}")
    return resolved.secrets


def verdict(
    plan: Plan,
    environ: Mapping[str, str],
    bounds: SecretBounds,
    *,
    assume_secrets: bool,
    dummy: bool = False,
    holder: str = "",
    doubt: str = "",
) -> Verdict:
    """What an apply of the plan would end with. `assume_secrets`: what is not set in `environ` is set where it runs.

    Where `bounds` let nobody be told what is set, all of them are taken as set there.
    `dummy`: it is an emulator that gets a dummy. `holder` is who keeps the lock for longer than an apply waits,
    and `doubt` says why it may be another cluster than is meant.
    """
    from inferctl.applier.verdict import verdict_of_plan

    refused, absent = _unresolved(plan, environ, bounds, dummy=dummy)
    if not bounds.may_tell:
        assume_secrets, absent = True, [*map(_name, _needed(plan))]
    missing, assumed = (
        (refused, [name for name in absent if name not in refused]) if assume_secrets else ([*refused, *absent], [])
    )
    return verdict_of_plan(plan, missing=missing, assumed=assumed, holder=holder, doubt=doubt)


def _unresolved(
    plan: Plan, environ: Mapping[str, str], bounds: SecretBounds, *, dummy: bool
) -> tuple[list[str], list[str]]:
    """The secrets that an apply of the plan needs and that cannot be had here.

    Those that no apply may have; and those that may be there where it runs: they are not set here, or cannot be read.
    """
    from inferctl.secrets.resolve import resolve_all

    refused: list[str] = []
    absent: list[str] = []
    for problem in resolve_all(_needed(plan), environ, bounds, dummy=dummy).problems:
        (absent if bounds.denies(problem.reference) is None else refused).append(_name(problem.reference))
    return refused, absent


def _name(reference: SecretRef) -> str:
    """A variable by its name, a file as its endpoint file says it."""
    return reference.name if reference.kind == "env" else str(reference)


def _needed(plan: Plan) -> dict[SecretRef, list[str]]:
    """The references in the bodies that the plan sends, and the endpoints that need each."""
    from inferctl.applier.body_secrets import references_of

    needed: dict[SecretRef, list[str]] = {}
    for change in plan.runnable:
        place = f"{change.inference_id} ({change.span.file}:{change.span.line})" if change.span else change.inference_id
        for reference in references_of(change):
            needed.setdefault(reference, []).append(place)
    return needed


def checked_view(cluster: Cluster, ledger: Ledger, desired: DesiredSet, cluster_uuid: str) -> LedgerView | None:
    """The ledger as it is now, with what can be said of each secret; None where nothing is kept.

    A secret that is not set here is not checked, which fails nothing. Raises InputError for one outside the bounds.
    """
    from inferctl.ledger.fingerprints import KEY_VARIABLE, SHORTEST_KEY, check_secrets

    view = ledger.view()
    if view is None:
        return None
    ours = [endpoint for endpoint in desired.endpoints if view.ours(endpoint.inference_id) is not None]
    resolved = _present(cluster, ours)
    _refuse(resolved.problems)
    if 0 < len(cluster.environ.get(KEY_VARIABLE, "").strip()) < SHORTEST_KEY:
        cluster.on_message(f"warning: {KEY_VARIABLE} can be guessed: give {SHORTEST_KEY} random characters")
    fingerprints = fingerprints_of(cluster.environ, ledger, cluster_uuid)
    values = resolved.secrets if cluster.bounds.secrets.may_tell else {}
    return replace(view, secrets=check_secrets(ours, view, fingerprints, values, datetime.now(UTC).date()))


def accept_secrets(
    cluster: Cluster, ledger: Ledger, cluster_uuid: str, endpoints: Iterable[tuple[DesiredEndpoint, Owned]]
) -> dict[str, Owned]:
    """The records in which a secret is unknown, with the fingerprint of what is set here; nothing is sent.

    That says nothing of what the server holds: the operator does. From now on a plan sees another value here. Raises
    InputError naming every secret that is not set.
    """
    from inferctl.json_types import path_text
    from inferctl.ledger.fingerprints import is_unknown
    from inferctl.secrets.reference import references_in
    from inferctl.secrets.resolve import resolve_all

    unknown: dict[str, tuple[Owned, dict[Path, SecretRef]]] = {}
    needed: dict[SecretRef, list[str]] = {}
    for endpoint, record in endpoints:
        paths = {
            p for p in endpoint.secrets if path_text(p) in record.secrets and is_unknown(record.secrets[path_text(p)])
        }
        if paths:
            references = references_in(endpoint.service_settings, frozenset(paths))
            unknown[endpoint.inference_id] = record, references
            for reference in references.values():
                needed.setdefault(reference, []).append(endpoint.inference_id)
    resolved = resolve_all(needed, cluster.environ, cluster.bounds.secrets)
    _refuse(resolved.problems, needed)
    fingerprints = fingerprints_of(cluster.environ, ledger, cluster_uuid, make=bool(unknown))
    if fingerprints is None:
        return {}
    today = datetime.now(UTC).date().isoformat()
    return {
        inference_id: replace(record, secrets={**record.secrets, **{
            path_text(path): fingerprints.accepted(inference_id, path, resolved.secrets[reference], today)
            for path, reference in references.items()
        }})
        for inference_id, (record, references) in unknown.items()
    }  # fmt: skip


def _present(cluster: Cluster, endpoints: Iterable[DesiredEndpoint]) -> Resolved:
    from inferctl.secrets.reference import references_in
    from inferctl.secrets.resolve import resolve_present

    needed = {r for e in endpoints for r in references_in(e.service_settings, e.secrets).values()}
    return resolve_present(needed, cluster.environ, cluster.bounds.secrets)


def fingerprints_of(
    environ: Mapping[str, str], ledger: Ledger, cluster_uuid: str, *, make: bool = False
) -> Fingerprints | None:
    """The fingerprints under the operator's key, else under the ledger's salt, which `make` makes where it is absent.

    None where there is neither.
    """
    from inferctl.ledger.fingerprints import KEY_VARIABLE, Fingerprints
    from inferctl.secrets.secret import Secret

    key = environ.get(KEY_VARIABLE, "").strip()
    if key:
        return Fingerprints(Secret(key), cluster_uuid)
    salt = ledger.make_salt() if make else ledger.salt
    return None if salt is None else Fingerprints(salt, cluster_uuid)


def _refuse(problems: Sequence[Unresolved], needed: Mapping[SecretRef, Sequence[str]] | None = None) -> None:
    if problems:
        from inferctl.report.sentences import counted, names

        by = {reference: f"\n  needed by: {names(list(places), 5)}" for reference, places in (needed or {}).items()}
        lines = "\n".join(f"{problem}{by.get(problem.reference, '')}" for problem in problems)
        what = f"{counted(len(problems), 'secret')} cannot be resolved: nothing was sent\n{lines}"
        raise InputError(what).with_fixes(*dict.fromkeys(problem.fix for problem in problems))
