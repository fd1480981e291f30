"""A saved plan (JSON) -> Plan. Pure, and strict: the file may come from a stranger.

Bounds (`strict_json`), the form (`models`), the digest, declarations that would pass as endpoint files, words that
belong to what they are said of. What cannot be checked here (whose an endpoint is, what is permitted) is decided anew
by `recheck`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from inferctl.diagnostics import Severity
from inferctl.errors import PlanFileError
from inferctl.json_types import canonical, path_text
from inferctl.model.between_endpoints import check_together
from inferctl.planner.action import Block
from inferctl.planner.change import Change, Terms
from inferctl.planner.field_change import FieldChange
from inferctl.planner.file.declaration import read_declaration
from inferctl.planner.file.models import FORMAT, KIND, ChangeWords, SavedPlan, digest
from inferctl.planner.file.strict_json import Damaged, parse
from inferctl.planner.ownership import TRIAL, Owned
from inferctl.planner.plan import Capabilities, Plan, Stop
from inferctl.planner.references import References, Use
from inferctl.planner.secret_state import SecretCheck, SecretState

if TYPE_CHECKING:
    from collections.abc import Sized

    from inferctl.json_types import Json
    from inferctl.model.versions import Version
    from inferctl.planner.file.models import ChangePart, ReferencesPart

_REMEDY: Final = "fix: inferctl plan --out FILE makes a new one"
# What a change says twice, for whoever reads the file.
_FOLLOWS: Final = ("task_type", "service", "rotates_secrets", "unchecked_secrets", "left_behind")
_NOTHING_SAID: Final = ChangeWords.model_construct()


def loads(octets: bytes, name: str) -> Plan:
    """The plan in a file of this name. Raises PlanFileError: `NAME: what is wrong`, and what to do."""
    try:
        return decode(parse(octets))
    except Damaged as problem:
        raise PlanFileError(f"{name}: {problem}\n{_REMEDY}") from None


def decode(document: Json) -> Plan:
    """The plan in a document; places in files are gone. Raises Damaged for anything that `encode` does not make."""
    if not isinstance(document, Mapping) or document.get("kind") != KIND:
        raise Damaged("it is no saved plan")
    version = document.get("format_version")
    if version != FORMAT:
        known = version if isinstance(version, str) and len(version) < 20 else "of no known kind"
        raise Damaged(f"its format is {known}, and this inferctl reads {FORMAT}", "format_version")
    if {"digest", "plan"} <= document.keys() and document["digest"] != digest(document["plan"]):
        raise Damaged("it does not fit the plan: the file was changed after it was made", "digest")
    try:
        saved = SavedPlan.model_validate(document)
    except ValidationError as error:
        raise _damage(error, document) from None
    return _plan(saved)


def _damage(error: ValidationError, document: Json) -> Damaged:
    from inferctl.syntax.model_findings import first_sentence  # noqa: PLC0415  a good file does without

    path, what = first_sentence(error, document, SavedPlan)
    place = path_text(path)
    return Damaged(what.removeprefix(f"{place} "), place)


def _plan(saved: SavedPlan) -> Plan:
    meant, said = saved.plan, saved.texts
    if (meant.cluster is None) != (said.cluster is None):
        raise Damaged(f"there is {'no' if meant.cluster is None else 'a'} cluster", "texts.cluster")
    strange = sorted(said.changes.keys() - {change.id for change in meant.changes})
    if strange:
        raise Damaged(f"there is no change of {strange[0][:60]!r}", "texts.changes")
    _check_count(said.stops, len(meant.stops), "texts.stops")
    line = None if meant.cluster is None else meant.cluster.version
    changes = tuple(
        _change(part, said.changes.get(part.id, _NOTHING_SAID), f"plan.changes[{place}]", line)
        for place, part in enumerate(meant.changes)
    )
    for clash in check_together([change.desired for change in changes if change.desired is not None]):
        if clash.finding.severity is Severity.ERROR:
            raise Damaged(clash.finding.what, "plan.changes")
    return Plan(
        changes=changes,
        stops=tuple(Stop(guard, on.text, on.fix) for guard, on in zip(meant.stops, said.stops, strict=True)),
        notes=said.notes,
        warnings=said.warnings,
        capabilities=None
        if meant.cluster is None or said.cluster is None
        else Capabilities(
            meant.cluster.version, meant.cluster.uuid, said.cluster.name, said.cluster.number, said.cluster.notes
        ),
        scope=meant.scope,
    )


def _change(part: ChangePart, said: ChangeWords, place: str, line: Version | None) -> Change:
    words = f"texts.changes.{part.id}"
    _check_count(said.blocks, len(part.blocks), f"{words}.blocks")
    if said.fields:
        _check_count(said.fields, len(part.fields), f"{words}.fields")
    desired = None if part.desired is None else read_declaration(part.desired, f"{place}.desired", part.id, line)
    notes = said.fields or ("",) * len(part.fields)
    change = Change(
        part.id,
        part.action,
        part.standing,
        reasons=said.reasons,
        fields=tuple(FieldChange(**dict(field), note=note) for field, note in zip(part.fields, notes, strict=True)),
        blocks=tuple(Block(kind, on.text, on.fix) for kind, on in zip(part.blocks, said.blocks, strict=True)),
        warnings=said.warnings,
        desired=desired,
        observed=part.observed,
        record=_record(part),
        references=None if part.references is None else _references(part.references),
        secret_checks=_secret_checks(part, said),
        secrets_asked=part.rotates_secrets and not any(field.sensitive for field in part.fields),
        claims=part.claims,
        terms=Terms() if line is None else Terms(line),
    )
    for name in _FOLLOWS:
        if getattr(change, name) != getattr(part, name):
            raise Damaged(f"{name} is not what follows from the rest", place)
    return change


def _record(part: ChangePart) -> Owned | None:
    """What a step without a declaration rests on: the ledger's record, as far as the plan tells of it."""
    if part.desired is not None:
        return None
    declared = {"task_type": part.task_type, "service": part.service}
    return Owned("", declared, intent=TRIAL if part.left_behind else "")


def _secret_checks(part: ChangePart, said: ChangeWords) -> tuple[SecretCheck, ...]:
    """The words on each secret; without words only what was not checked is known."""
    if said.secrets:
        return tuple(SecretCheck(**dict(secret)) for secret in said.secrets)
    return tuple(SecretCheck(path, SecretState.NOT_CHECKED) for path in sorted(part.unchecked_secrets, key=canonical))


def _references(part: ReferencesPart) -> References:
    scan = None if part.scan is None else tuple(Use(**dict(use)) for use in part.scan)
    return References(**{**dict(part), "scan": scan})


def _check_count(found: Sized, count: int, place: str) -> None:
    """Words belong to what they are said of, in its order. Raises Damaged."""
    if len(found) != count:
        raise Damaged(f"{count} entries are expected", place)
