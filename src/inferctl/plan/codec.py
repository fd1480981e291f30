"""Plan -> a saved plan (JSON). Pure; `report/schema/saved-plan.json` describes the form, `plan.decoding` reads it.

A saved plan has two parts. `plan` is what it means; the digest is over that part and nothing else: no times, no
version of this tool, no names of files. `texts` is what it says to people. Secrets stand in it as references. Where
files lie is left out, so that the same input gives the same bytes on any machine.

Each change holds its declaration: what apply sends is decided anew from that (`plan.saved`), never taken from here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from inferctl.json_types import canonical
from inferctl.plan.change import Absent, Change
from inferctl.plan.declaration import document_of, plain
from inferctl.plan.untrusted import Node
from inferctl.secrets.reference import parse_reference
from inferctl.syntax.mask import holds_credential

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.plan.change import FieldChange
    from inferctl.plan.plan import Capabilities, Plan
    from inferctl.plan.references import References

KIND: Final = "saved-plan"
FORMAT: Final = "1.0"
HIDDEN: Final = "(secret)"  # in the place of a credential that a server shows in clear


def dumps(plan: Plan) -> str:
    """The file's text: ASCII, keys sorted, a newline at the end. Raises PlanFileError for a literal credential."""
    text = json.dumps(encode(plan), sort_keys=True, indent=1, ensure_ascii=True, allow_nan=False)
    return text.replace("##[", "##\\u005b") + "\n"  # a CI runner would read a command in it; only texts can hold it


def encode(plan: Plan) -> dict[str, Json]:
    """The document. Raises PlanFileError where a declaration holds a credential in clear."""
    changes = sorted(plan.changes, key=lambda change: change.inference_id)
    meaning = meaning_of(plan)
    texts: dict[str, Json] = {
        "cluster": _cluster_texts(plan.capabilities),
        "stops": [{"text": stop.text, "fix": stop.fix} for stop in plan.stops],
        "notes": list(plan.notes),
        "warnings": list(plan.warnings),
        "changes": {c.inference_id: said for c in changes if (said := _texts_of(c))},
    }
    return {"format_version": FORMAT, "kind": KIND, "digest": digest(meaning), "plan": meaning, "texts": texts}


def digest(meaning: JsonObject) -> str:
    """SHA-256 over the canonical JSON of the meaning: keys sorted, no blanks, ASCII."""
    return f"sha256:{sha256(canonical(meaning).encode('ascii')).hexdigest()}"


def meaning_of(plan: Plan) -> dict[str, Json]:
    """What a plan means, without a word said about it."""
    changes = sorted(plan.changes, key=lambda change: change.inference_id)
    seen = plan.capabilities
    cluster: Json = None if seen is None else {"uuid": seen.cluster_uuid, "version": str(seen.version)}
    return {
        "cluster": cluster,
        "scope": plan.scope,
        "stops": [stop.guard.value for stop in plan.stops],
        "changes": [meaning_of_change(change) for change in changes],
    }


def meaning_of_change(change: Change) -> dict[str, Json]:
    """One change; what is as it usually is is left out."""
    found: dict[str, Json] = {
        "id": change.inference_id,
        "task_type": change.task_type,
        "service": change.service,
        "action": change.action.word,
        "standing": change.standing.word,
    }
    if change.desired is not None:
        found["desired"] = document_of(change.desired)
    if change.blocks:
        found["blocks"] = [block.kind.value for block in change.blocks]
    if change.fields:
        found["fields"] = [meaning_of_field(field) for field in change.fields]
    if change.observed is not None:
        seen = shown(change.observed)
        found |= {"observed": seen, "relies_on": digest(seen)}
    if change.references is not None:
        found["references"] = _references(change.references)
    for part in PARTS:
        value = getattr(change, part.attribute)
        if value != _DEFAULTS[part.attribute]:
            found[part.key] = part.write(value)
    return found


def shown(observed: JsonObject) -> dict[str, Json]:
    """The leaves without the credentials that some servers show in clear."""
    return {key: _hidden((key,), value) for key, value in observed.items()}


def _hidden(path: Path, value: Json) -> Json:
    if isinstance(value, Mapping) and value:
        return {key: _hidden((*path, key), inner) for key, inner in value.items()}
    return HIDDEN if holds_credential(path, value) else plain(value, path)


def meaning_of_field(field: FieldChange) -> dict[str, Json]:
    """One difference, without the word on it; nothing of a secret but its reference."""
    found: dict[str, Json] = {"path": list(field.path)}
    for side, value in (("before", field.before), ("after", field.after)):
        if not isinstance(value, Absent):
            found[side] = _field_value(field, value)
    if field.sensitive:
        found["sensitive"] = True
    return found


def _field_value(field: FieldChange, value: Json) -> Json:
    if parse_reference(value) is not None or value is None:
        return value
    return HIDDEN if field.sensitive or holds_credential(field.path, value) else plain(value, field.path)


def _references(references: References) -> dict[str, Json]:
    scan: Json = None
    if references.scan is not None:
        scan = [{"kind": u.kind.word, "name": u.name, "how": u.how, "through": u.through} for u in references.scan]
    return {
        "asked": references.asked,
        "pipelines": list(references.pipelines),
        "indexes": list(references.indexes),
        "scan": scan,
        "unseen": list(references.unseen),
    }


def _cluster_texts(seen: Capabilities | None) -> Json:
    if seen is None:
        return None
    return {"name": seen.cluster_name, "number": seen.number, "notes": list(seen.notes)}


def _texts_of(change: Change) -> dict[str, Json]:
    """What is said of one change; parts without a word are left out. The age of a secret is no part of it."""
    found: dict[str, Json] = {
        "reasons": list(change.reasons),
        "warnings": list(change.warnings),
        "substeps": list(change.substeps),
        "blocks": [{"text": block.text, "fix": block.fix} for block in change.blocks],
        "fields": [field.note for field in change.fields],
        "secrets": [
            {"path": list(check.path), "state": check.state.value, "since": check.since, "why": check.why}
            for check in change.secret_checks
        ],
    }
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Part:
    """One attribute of a change that is written as it stands, unless it has its default."""

    key: str
    attribute: str
    write: Callable[[Any], Json]
    read: Callable[[Node], Any]


def _write_paths(paths: frozenset[Path]) -> Json:
    return sorted((list(path) for path in paths), key=canonical)


def _write_leaves(found: Mapping[Path, Json]) -> Json:
    pairs: list[list[Json]] = [[list(path), plain(value, path)] for path, value in found.items()]
    return sorted(pairs, key=lambda pair: canonical(pair[0]))


def _read_leaves(node: Node) -> dict[Path, Json]:
    found: dict[Path, Json] = {}
    for item in node.items():
        pair = item.items()
        if len(pair) != 2:
            raise item.fail("a path and a value are expected")
        found[pair[0].path()] = pair[1].value
    return found


def _same(value: Any) -> Json:
    kept: Json = value
    return kept


_OBJECT = (plain, Node.mapping)
_FLAG = (_same, Node.flag)
_TEXT = (_same, Node.text)
_PATHS = (_write_paths, Node.paths)
PARTS: tuple[Part, ...] = tuple(
    Part(key, attribute, *codec)
    for key, attribute, codec in (
        ("put", "put_body", _OBJECT),
        ("update", "update_body", _OBJECT),
        ("secrets", "secrets", _PATHS),
        ("expected", "expected", (_write_leaves, _read_leaves)),
        ("declared", "declared", _OBJECT),
        ("secret_fields", "secret_fields", _PATHS),
        ("unchecked_secrets", "unchecked_secrets", _PATHS),
        ("rotates_secrets", "rotates_secrets", _FLAG),
        ("protect", "protect", (sorted, lambda node: frozenset(node.texts()))),
        ("noted", "noted", _FLAG),
        ("claims", "claims", _FLAG),
        ("left_behind", "left_behind", _FLAG),
        ("runs_in_cluster", "runs_in_cluster", _FLAG),
        ("owns_deployment", "owns_deployment", _TEXT),
        ("shares_deployment", "shares_deployment", _TEXT),
        ("ready_timeout_s", "ready_timeout_s", (_same, Node.number)),
        ("timeout_parameter", "timeout_parameter", _FLAG),
        ("probe", "probe", _OBJECT),
    )
)
_DEFAULTS: dict[str, Any] = {
    f.name: f.default_factory() if callable(f.default_factory) else f.default
    for f in fields(Change)
    if f.default is not MISSING or f.default_factory is not MISSING
}
