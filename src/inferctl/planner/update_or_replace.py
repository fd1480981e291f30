"""Here it is decided that an endpoint that differs is updated in place, or replaced, and said why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.json_types import path_text
from inferctl.model.fact_words import listed
from inferctl.model.versions import SECRETS_KNOWN, may_refuse_secrets
from inferctl.planner.action import Action
from inferctl.planner.drift import who_moved
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.planner.mutability import Kind, kind_of, may_reset_chunking, not_proven, resets_chunking, why_replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.json_types import JsonObject
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version
    from inferctl.planner.secret_state import Rotation


@dataclass(frozen=True, slots=True)
class Need:
    """What an endpoint needs to become what its file says, whoever may do it."""

    action: Action
    reasons: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    warnings: tuple[str, ...] = ()
    secrets_asked: bool = False


def update_or_replace(
    desired: DesiredEndpoint,
    observed: ObservedEndpoint,
    fields: tuple[FieldChange, ...],
    rotation: Rotation,
    version: Version,
    *,
    last_declared: JsonObject,
    ignored: Callable[[str], str] = lambda _setting: "",
) -> Need:
    """Replace, where one leaf or one secret cannot be changed in place on this version; else update.

    `last_declared` is what the last apply declared, as far as somebody kept that. `ignored` says of a setting why an
    update of it is of no use, where one was tried before.
    """
    whys = [_why_replace(field, desired, observed, version) or ignored(path_text(field.path)) for field in fields]
    movers = who_moved(fields, last_declared)
    noted = tuple(
        FieldChange(field.path, field.before, field.after, note="; ".join(filter(None, (why, mover))))
        for field, why, mover in zip(fields, whys, movers, strict=True)
    )
    refused = [ignored(path_text(path)) for path in sorted(desired.secrets, key=path_text)] if rotation else []
    reasons = [*filter(None, whys), *rotation.replace, *filter(None, refused)]
    if not reasons and resets_chunking(observed, version):
        reasons.append(f"an update on {version.line} resets chunking_settings to word/250/100, so replace")
    differing = (*noted, *rotation.fields)
    if reasons:
        reasons = list(dict.fromkeys((*rotation.reasons, *reasons)))
        return Need(Action.REPLACE, tuple(reasons), differing, secrets_asked=rotation.asked)
    reasons = [*(f"{path_text(field.path)} {_in_place(field)}" for field in fields), *rotation.reasons]
    tried = dict.fromkeys(filter(None, (not_proven(field.path, desired, observed, version) for field in fields)))
    of_secrets = _secret_warnings(desired, version) if rotation else ()
    warnings = (*tried, *of_secrets, *_chunking_warnings(observed, version))
    return Need(Action.UPDATE, tuple(reasons), differing, warnings, secrets_asked=rotation.asked)


def _in_place(field: FieldChange) -> str:
    """What an update does to a leaf. A size that left the file is the only one that it takes away (`_why_replace`)."""
    return "goes with the switch" if field.after is ABSENT else "changes in place"


def _why_replace(field: FieldChange, desired: DesiredEndpoint, observed: ObservedEndpoint, version: Version) -> str:
    """As the table says; a key that left the file cannot be unset in place.

    Source: docs/reference/server/update.md#removing-a-setting.
    """
    switched = kind_of(field.path, desired, observed) is Kind.ADAPTIVE_SWITCH  # then the other size goes by itself
    if field.after is ABSENT and not switched:
        return f"an update cannot unset {path_text(field.path)}, so replace"
    return why_replace(field.path, desired, observed, version)


def _secret_warnings(desired: DesiredEndpoint, version: Version) -> tuple[str, ...]:
    """Source: docs/reference/server/versions.md#patch-releases."""
    if desired.page is None or not desired.page.may_refuse_secrets or not may_refuse_secrets(version):
        return ()
    keys = listed(sorted({str(path[1]) for path in desired.secrets}))
    what = f"{version} may refuse {keys} of {desired.service} in an update, as an unknown field, which is not proven"
    return (
        f"{what}: upgrade to {SECRETS_KNOWN.text()} first, or try; a refusal changes nothing, and says how to replace",
    )


def _chunking_warnings(observed: ObservedEndpoint, version: Version) -> tuple[str, ...]:
    if not may_reset_chunking(observed, version):
        return ()
    return (f"early patches of {version.line} reset chunking_settings with any update: the read-back will tell",)
