"""Secrets in a plan: what is known of each, which have to be sent, and whether an update can send them. Pure.

The server shows no secret, so what is known comes from the ledger's fingerprints (`ledger.fingerprints`). Source of the
rules: docs/reference/server/update.md#merge, reconciling.md#plan-table, reconciling.md#known-faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from inferctl.json_types import path_text, value_at
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.planner.mutability import needs_all_secrets, why_replace

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version

# One short input costs a provider next to nothing for these; a completion costs what it costs, a chat only streams.
CHEAP = frozenset({"text_embedding", "embedding", "sparse_embedding", "rerank"})
ANSWERS = CHEAP | {"completion"}
_INPUT = "inferctl"
UNCONFIRMED = "was sent by a run that got no confirmation"
OTHER_KEY = "its fingerprint was made with another key, or for another cluster"


class SecretState(Enum):
    """What a plan can say of a secret. Value: the word shown."""

    SAME = "same"
    ACCEPTED = "accepted"  # the same as somebody said that the server holds; no run of ours has sent it
    CHANGED = "changed"
    ADDED = "added"  # the file names a secret that the last apply did not send
    REMOVED = "removed"  # the last apply sent one that the file no longer names
    UNCONFIRMED = "unconfirmed"  # it was sent, and nobody knows whether it was stored
    NOT_CHECKED = "not checked"
    UNKNOWN = "unknown"


_TO_SEND = frozenset({SecretState.CHANGED, SecretState.ADDED, SecretState.REMOVED, SecretState.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class SecretCheck:
    """One secret: its path, what is known, since when (ISO date; empty: unknown) and for how many days.

    `why` says what kept it from being checked. The path of a removed secret is the ledger's text for it, as one part.
    `unsure`: a run sent it and got no confirmation. `same`: of such a one, what was sent is what would be sent now.
    """

    path: Path
    state: SecretState
    since: str = ""
    age_days: int | None = None
    why: str = ""
    unsure: bool = False
    same: bool = False


@dataclass(frozen=True, slots=True)
class Rotation:
    """What an endpoint's secrets ask for; false where nothing has to be sent.

    `replace` are the reasons why an update cannot do it; `fields` and `reasons` are for the reader.
    """

    asked: bool = False
    fields: tuple[FieldChange, ...] = ()
    reasons: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.asked or bool(self.fields)


def decide_rotation(
    desired: DesiredEndpoint,
    observed: ObservedEndpoint,
    checks: tuple[SecretCheck, ...],
    version: Version,
    *,
    asked_by: str,
) -> Rotation:
    """`asked_by`: what the operator wants all of them sent by (`--send-secrets`, `rotate`); empty: nothing."""
    to_send = [check for check in checks if check.state in _TO_SEND]
    asked = bool(asked_by and desired.secrets)
    if not to_send and not asked:
        return Rotation()
    # A server takes secrets as a set: with one of them go all.
    reasons = [f"{asked_by} asks to send its secrets again"] if asked else []
    reasons += [f"{_name(check)} {_state_text(check)}" for check in to_send]
    replace = [
        *_kinds_that_differ(desired, checks, version),
        *_fixed_credentials(desired, observed, checks, version, asked=asked),
    ]
    fields = tuple(_field(check, desired) for check in to_send)
    return Rotation(asked, fields, tuple(reasons), tuple(dict.fromkeys(replace)))


def _kinds_that_differ(desired: DesiredEndpoint, checks: tuple[SecretCheck, ...], version: Version) -> list[str]:
    """Why the kinds of secrets that the endpoint has cannot become those of the file."""
    page = desired.page
    known = page.secret_fields(desired.task_type) if page is not None else None

    def kinds(*states: SecretState) -> set[str]:
        named = {_kind(check) for check in checks if check.state in states}
        return named if known is None else {kind for kind in named if kind in known}

    has = kinds(*(state for state in SecretState if state is not SecretState.ADDED))
    wanted = kinds(*(state for state in SecretState if state is not SecretState.REMOVED))
    if not has and wanted:
        return ["an endpoint made without a secret cannot get one by an update, so replace"]
    if has - wanted and not wanted - has:
        return [f"an update cannot take {', '.join(sorted(has - wanted))} away, so replace"]
    if has - wanted and not needs_all_secrets(version):
        was, will = ", ".join(sorted(has - wanted)), ", ".join(sorted(wanted - has))
        return [f"{version.line} takes only the kind of secret that the endpoint has ({was}, not {will}), so replace"]
    return []


def _fixed_credentials(
    desired: DesiredEndpoint,
    observed: ObservedEndpoint,
    checks: tuple[SecretCheck, ...],
    version: Version,
    *,
    asked: bool,
) -> list[str]:
    """A credential where an update changes nothing: in a header of `custom` before 9.5."""
    same = {check.path for check in checks if check.state is SecretState.SAME}
    to_send = {check.path for check in checks if check.state in _TO_SEND and check.state is not SecretState.REMOVED}
    paths = desired.secrets - same if asked else to_send
    reasons = [why_replace(path, desired, observed, version) for path in sorted(paths, key=path_text)]
    return [reason for reason in reasons if reason]


def _kind(check: SecretCheck) -> str:
    """The key of `service_settings` that holds it."""
    return path_text(check.path).split(".")[1] if check.state is SecretState.REMOVED else str(check.path[1])


def _name(check: SecretCheck) -> str:
    return path_text(check.path).removeprefix("service_settings.")


def _state_text(check: SecretCheck) -> str:
    match check.state:
        case SecretState.CHANGED:
            return f"changed since {check.since}{age_text(check)}"
        case SecretState.ADDED:
            return "is new in the file"
        case SecretState.REMOVED:
            return "is no longer in the file"
        case _:
            return UNCONFIRMED


def _field(check: SecretCheck, desired: DesiredEndpoint) -> FieldChange:
    reference = value_at(desired.service_settings, check.path[1:])
    note = _state_text(check)
    if check.state is SecretState.REMOVED:
        return FieldChange(check.path, before=None, after=ABSENT, sensitive=True, note=note)
    return FieldChange(check.path, before=reference, after=reference, sensitive=True, note=note)


def age_text(check: SecretCheck) -> str:
    """`, 31 days ago` or `, today`; empty where unknown."""
    if check.age_days is None:
        return ""
    if check.age_days == 0:
        return ", today"
    return f", {check.age_days} day{'' if check.age_days == 1 else 's'} ago"


def unchecked_paths(checks: tuple[SecretCheck, ...]) -> frozenset[Path]:
    """The paths of secrets that could not be compared."""
    return frozenset(check.path for check in checks if check.state is SecretState.NOT_CHECKED)


def secret_warnings(checks: tuple[SecretCheck, ...]) -> tuple[str, ...]:
    """A sentence where a secret cannot be sent again here. What is unknown is said once, of the whole plan."""
    lacking = [check for check in checks if check.unsure and check.state is SecretState.NOT_CHECKED]
    return tuple(f"{_name(c)} {UNCONFIRMED}, and is not sent again: {c.why}" for c in lacking)


def unknown_secrets(desired: DesiredEndpoint) -> tuple[SecretCheck, ...]:
    """What can be said of the secrets of an endpoint that somebody else made."""
    return tuple(SecretCheck(path, SecretState.UNKNOWN) for path in sorted(desired.secrets, key=path_text))


def unknown_paths(checks: tuple[SecretCheck, ...]) -> frozenset[Path]:
    """The paths of secrets that no run of ours has sent, and nobody has accepted."""
    return frozenset(check.path for check in checks if check.state is SecretState.UNKNOWN)


def is_as_created(checks: tuple[SecretCheck, ...]) -> bool:
    """Whether the only doubt is that nobody confirmed the create, which stores settings and secrets or nothing."""
    return all(check.same for check in checks if check.state in _TO_SEND)


def secret_probe(task_type: str, *, wanted: bool | None) -> JsonObject | None:
    """The inference call that tries a new secret where the file gives no probe; None: none is made.

    `wanted` None: only where it costs next to nothing. `dimensions` is not looked at. No call for chat_completion:
    it only streams.
    """
    if wanted is False or task_type not in (CHEAP if wanted is None else ANSWERS):
        return None
    return {"input": _INPUT, "query": _INPUT if task_type == "rerank" else None, "dimensions": None}
