"""A saved plan (JSON) -> Plan. Pure, and strict: the file may come from a stranger.

Bounds (`strict_json`), the form (`models`), the digest, declarations that would pass as endpoint files, words that
belong to what they are said of. What cannot be checked here (whose an endpoint is, what is permitted) is decided anew
by `recheck`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from inferctl.diagnostics import Severity
from inferctl.errors import PlanFileError
from inferctl.fix import Fix
from inferctl.json_types import canonical, path_text
from inferctl.model.between_endpoints import check_together
from inferctl.model.ids import REGION_POLICY
from inferctl.planner.action import Block
from inferctl.planner.change import Change, Terms
from inferctl.planner.field_change import FieldChange
from inferctl.planner.file.declaration import read_declaration, read_policy
from inferctl.planner.file.models import FORMAT, KIND, ChangeWords, SavedPlan, digest
from inferctl.planner.file.plan_again import plan_again
from inferctl.planner.file.strict_json import Damaged, parse
from inferctl.planner.ownership import TRIAL, Owned
from inferctl.planner.plan import Capabilities, Plan, Stop
from inferctl.planner.references import Reference, References
from inferctl.planner.region_policy import Denial, PolicyChange
from inferctl.planner.secret_state import SecretCheck, SecretState

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from inferctl.json_types import Json
    from inferctl.model.versions import Version
    from inferctl.planner.file.models import ChangePart, DenialPart, ReferencesPart, Words

# What a change says twice, for whoever reads the file.
_FOLLOWS: Final = ("task_type", "service", "rotates_secrets", "unchecked_secrets", "left_behind")
_NO_WORDS: Final = ChangeWords.model_construct()


def loads(octets: bytes, name: str, typed_for_plan: str = "", typed_for_apply: str = "") -> Plan:
    """The plan in a file of this name, read by a command line with these options (see `Plan`).

    Raises PlanFileError: `NAME: what is wrong`, and what to do.
    """
    try:
        plan = decode(parse(octets))
    except Damaged as problem:
        raise PlanFileError(f"{name}: {problem}").with_fixes(plan_again(name, "", typed_for_plan)) from None
    return replace(plan, file=name, typed_for_plan=typed_for_plan, typed_for_apply=typed_for_apply)


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
    meaning, words = saved.plan, saved.texts
    if (meaning.cluster is None) != (words.cluster is None):
        raise Damaged(f"there is {'no' if meaning.cluster is None else 'a'} cluster", "texts.cluster")
    strange = sorted(words.changes.keys() - {change.id for change in meaning.changes})
    if strange:
        raise Damaged(f"there is no change of {strange[0][:60]!r}", "texts.changes")
    _check_count(words.stops, len(meaning.stops), "texts.stops")
    line = None if meaning.cluster is None else meaning.cluster.version
    changes = tuple(
        _change(part, words.changes.get(part.id, _NO_WORDS), f"plan.changes[{place}]", line)
        for place, part in enumerate(meaning.changes)
    )
    for clash in check_together([change.desired for change in changes if change.desired is not None]):
        if clash.finding.severity is Severity.ERROR:
            raise Damaged(clash.finding.what, "plan.changes")
    return Plan(
        changes=changes,
        stops=tuple(Stop(guard, on.text, _fixes(on)) for guard, on in zip(meaning.stops, words.stops, strict=True)),
        notes=words.notes,
        warnings=words.warnings,
        unfinished=words.unfinished,
        capabilities=None
        if meaning.cluster is None or words.cluster is None
        else Capabilities(
            meaning.cluster.version, meaning.cluster.uuid, words.cluster.name, words.cluster.number, words.cluster.notes
        ),
        scope=meaning.scope,
        environment=meaning.environment,
        unseen=meaning.unseen,
    )


def _change(part: ChangePart, words: ChangeWords, place: str, line: Version | None) -> Change:
    place_of_words = f"texts.changes.{part.id}"
    _check_count(words.blocks, len(part.blocks), f"{place_of_words}.blocks")
    if words.fields:
        _check_count(words.fields, len(part.fields), f"{place_of_words}.fields")
    kind: Callable[..., Change] = Change
    desired = None
    if part.id == REGION_POLICY:
        wanted = read_policy(part.desired, f"{place}.desired")
        kind = partial(PolicyChange, wanted=wanted, denials=tuple(map(_denial, part.denies)))
    elif part.desired is not None:
        desired = read_declaration(part.desired, f"{place}.desired", part.id, line)
    notes = words.fields or ("",) * len(part.fields)
    change = kind(
        part.id,
        part.action,
        part.standing,
        reasons=words.reasons,
        fields=tuple(FieldChange(**dict(field), note=note) for field, note in zip(part.fields, notes, strict=True)),
        blocks=tuple(Block(kind, on.text, _fixes(on)) for kind, on in zip(part.blocks, words.blocks, strict=True)),
        warnings=words.warnings,
        desired=desired,
        observed=part.observed,
        record=_record(part),
        references=_references(part.references),
        secret_checks=_secret_checks(part, words),
        secrets_asked=part.rotates_secrets and not any(field.sensitive for field in part.fields),
        claims=part.claims,
        terms=Terms() if line is None else Terms(line),
    )
    for name in _FOLLOWS:
        if getattr(change, name) != getattr(part, name):
            raise Damaged(f"{name} is not what follows from the rest", place)
    return change


def _fixes(words: Words) -> tuple[Fix, ...]:
    return tuple(Fix(fix.kind, fix.text, fix.file) for fix in words.fixes)


def _record(part: ChangePart) -> Owned | None:
    """What a step without a declaration rests on: the ledger's record, as far as the plan tells of it."""
    if part.desired is not None:
        return None
    declared = {"task_type": part.task_type, "service": part.service}
    return Owned("", declared, intent=TRIAL if part.left_behind else "")


def _secret_checks(part: ChangePart, words: ChangeWords) -> tuple[SecretCheck, ...]:
    """The words on each secret; without words only what was not checked is known."""
    if words.secrets:
        return tuple(SecretCheck(**dict(secret)) for secret in words.secrets)
    return tuple(SecretCheck(path, SecretState.NOT_CHECKED) for path in sorted(part.unchecked_secrets, key=canonical))


def _denial(part: DenialPart) -> Denial:
    told = {name: value for name, value in part if name not in ("id", "users")}
    return Denial(part.id, users=_references(part.users), **told)


def _references(part: ReferencesPart | None) -> References | None:
    if part is None:
        return None
    scan = None if part.scan is None else tuple(Reference(**dict(use)) for use in part.scan)
    return References(**{**dict(part), "scan": scan})


def _check_count(entries: Sized, count: int, place: str) -> None:
    """There are as many words as there is to be told, in the same order. Raises Damaged."""
    if len(entries) != count:
        raise Damaged(f"{count} entries are expected", place)
