"""A saved plan (JSON) -> Plan. Pure, and strict: the file may come from a stranger.

Bounds, no unknown keys, the digest, ids that could be ours, references only where the catalogue has secrets, bodies
that are what the change declares. What cannot be checked here (whose an endpoint is, what is permitted) is decided
anew by `plan.saved`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inferctl.diagnostics import Severity
from inferctl.errors import PlanFileError
from inferctl.json_types import canonical
from inferctl.model.cross import check_together
from inferctl.model.ids import is_id
from inferctl.model.versions import Version
from inferctl.plan.action import Action, BlockKind, Standing
from inferctl.plan.change import ABSENT, Absent, Block, Change, FieldChange
from inferctl.plan.codec import FORMAT, HIDDEN, KIND, PARTS, digest, shown
from inferctl.plan.declaration import read_declaration
from inferctl.plan.plan import Capabilities, Guard, Plan, Stop
from inferctl.plan.references import References, Use, UserKind
from inferctl.plan.rotation import SecretCheck, SecretState
from inferctl.plan.untrusted import Damaged, Node, parse
from inferctl.secrets.reference import parse_reference
from inferctl.syntax.mask import holds_credential

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

_ACTIONS = {action.word: action for action in Action}
_STANDINGS = {standing.word: standing for standing in Standing}
# Stale is what a plan becomes, not what it is when it is saved.
_BLOCKS = {kind.value: kind for kind in BlockKind if kind is not BlockKind.STALE}
_GUARDS = {guard.value: guard for guard in Guard if guard is not Guard.STALE}
_USERS = {kind.word: kind for kind in UserKind}
_STATES = {state.value: state for state in SecretState}
_MEANT = frozenset({"id", "task_type", "service", "action", "standing"})
_MAY_BE_MEANT = frozenset(
    {"desired", "blocks", "fields", "observed", "relies_on", "references", *(part.key for part in PARTS)}
)
_SAID = frozenset({"reasons", "warnings", "substeps", "blocks", "fields", "secrets"})
# What has no file: the rest is there because a file declares it.
_UNDECLARED = frozenset({Action.DELETE, Action.FORGET})


def loads(octets: bytes, name: str) -> Plan:
    """The plan in a file of this name. Raises PlanFileError: `NAME: what is wrong`, and what to do."""
    try:
        return decode(parse(octets))
    except Damaged as problem:
        raise PlanFileError(f"{name}: {problem}\nfix: inferctl plan --out FILE makes a new one") from None


def decode(document: Json) -> Plan:
    """The plan in a document; places in files are gone. Raises Damaged for anything that `encode` does not make."""
    if not isinstance(document, Mapping) or document.get("kind") != KIND:
        raise Damaged("it is no saved plan")
    version = document.get("format_version")
    if version != FORMAT:
        known = version if isinstance(version, str) and len(version) < 20 else "of no known kind"
        raise Damaged(f"its format is {known}, and this inferctl reads {FORMAT}", "format_version")
    root = Node(document).object(frozenset({"format_version", "kind", "digest", "plan", "texts"}))
    if root["digest"].text() != digest(root["plan"].mapping()):
        raise Damaged("it does not fit the plan: the file was changed after it was made", "digest")
    meaning = root["plan"].object(frozenset({"cluster", "scope", "stops", "changes"}))
    texts = root["texts"].object(frozenset({"cluster", "stops", "notes", "warnings", "changes"}))
    cluster = _decode_cluster(meaning["cluster"], texts["cluster"])
    said = texts["changes"].mapping()
    line = None if cluster is None else cluster.version
    changes = tuple(_decode_change(node, said, line) for node in meaning["changes"].items())
    ids = [change.inference_id for change in changes]
    if sorted(set(ids)) != ids:
        raise meaning["changes"].fail("the ids are not sorted, or one is there twice")
    for clash in check_together([change.desired for change in changes if change.desired is not None]):
        if clash.finding.severity is Severity.ERROR:
            raise meaning["changes"].fail(clash.finding.what)
    strange = sorted(said.keys() - set(ids))
    if strange:
        raise texts["changes"].fail(f"there is no change of {strange[0][:60]!r}")
    return Plan(
        changes=changes,
        stops=_decode_stops(meaning["stops"], texts["stops"]),
        notes=texts["notes"].texts(),
        warnings=texts["warnings"].texts(),
        capabilities=cluster,
        scope=meaning["scope"].text(),
    )


def _decode_cluster(meant: Node, said: Node) -> Capabilities | None:
    if meant.value is None:
        if said.value is not None:
            raise said.fail("there is no cluster")
        return None
    found = meant.object(frozenset({"uuid", "version"}))
    texts = said.object(frozenset({"name", "number", "notes"}))
    text = found["version"].text()
    try:
        version = Version(9, 5, serverless=True) if text == "serverless" else Version.parse(text)
    except ValueError:
        raise found["version"].fail("a version such as 9.1, or serverless, is expected") from None
    if str(version) != text:
        raise found["version"].fail("a version such as 9.1 is expected")
    return Capabilities(
        version, found["uuid"].text(), texts["name"].text(), texts["number"].text(), texts["notes"].texts()
    )


def _decode_stops(meant: Node, said: Node) -> tuple[Stop, ...]:
    guards = [item.one_of(_GUARDS) for item in meant.items()]
    return tuple(Stop(guard, *words) for guard, words in zip(guards, _words(said, len(guards)), strict=True))


def _words(said: Node, count: int) -> list[tuple[str, str]]:
    """The texts and fixes that belong to `count` stops or blocks."""
    found = [item.object(frozenset({"text", "fix"})) for item in said.items()]
    if len(found) != count:
        raise said.fail(f"{count} entries are expected")
    return [(entry["text"].text(), entry["fix"].text()) for entry in found]


def _decode_change(node: Node, said: Mapping[str, Json], line: Version | None) -> Change:
    meant = node.object(_MEANT, _MAY_BE_MEANT)
    inference_id = meant["id"].text()
    if not is_id(inference_id):
        raise meant["id"].fail("it is not the id of an endpoint that could be ours")
    action = meant["action"].one_of(_ACTIONS)
    words = Node(said.get(inference_id, {}), f"texts.changes.{inference_id}").object(frozenset(), _SAID)
    empty = Node([], node.where)
    change = Change(
        inference_id=inference_id,
        task_type=meant["task_type"].text(),
        service=meant["service"].text(),
        action=action,
        standing=meant["standing"].one_of(_STANDINGS),
        reasons=words.get("reasons", empty).texts(),
        warnings=words.get("warnings", empty).texts(),
        substeps=words.get("substeps", empty).texts(),
        fields=_decode_fields(meant.get("fields", empty), words.get("fields", empty)),
        blocks=_decode_blocks(meant.get("blocks", empty), words.get("blocks", empty)),
        secret_checks=tuple(_decode_check(item) for item in words.get("secrets", empty).items()),
        references=_decode_references(meant["references"]) if "references" in meant else None,
        observed=_decode_observed(node, meant),
        desired=read_declaration(meant["desired"], inference_id, line) if "desired" in meant else None,
        **{part.attribute: part.read(meant[part.key]) for part in PARTS if part.key in meant},
    )
    _check_coherent(change, node)
    return change


def _decode_fields(meant: Node, said: Node) -> tuple[FieldChange, ...]:
    found = []
    for item in meant.items():
        entry = item.object(frozenset({"path"}), frozenset({"before", "after", "sensitive"}))
        path = entry["path"].path()
        sensitive = entry["sensitive"].flag() if "sensitive" in entry else False
        sides = {side: entry[side].value if side in entry else ABSENT for side in ("before", "after")}
        for side, value in sides.items():
            if isinstance(value, Absent) or value is None or value == HIDDEN or parse_reference(value) is not None:
                continue
            if sensitive or holds_credential(path, value):
                raise entry[side].fail("it holds a credential in clear")
        found.append((path, sides["before"], sides["after"], sensitive))
    notes = said.texts() if said.items() else ("",) * len(found)
    if len(notes) != len(found):
        raise said.fail(f"{len(found)} notes are expected")
    return tuple(FieldChange(*field, note) for field, note in zip(found, notes, strict=True))


def _decode_blocks(meant: Node, said: Node) -> tuple[Block, ...]:
    kinds = [item.one_of(_BLOCKS) for item in meant.items()]
    return tuple(Block(kind, *words) for kind, words in zip(kinds, _words(said, len(kinds)), strict=True))


def _decode_check(node: Node) -> SecretCheck:
    found = node.object(frozenset({"path", "state", "since", "why"}))
    return SecretCheck(
        found["path"].path(), found["state"].one_of(_STATES), found["since"].text(), why=found["why"].text()
    )


def _decode_references(node: Node) -> References:
    found = node.object(frozenset({"asked", "pipelines", "indexes", "scan", "unseen"}))
    scan = found["scan"].optional(lambda listed: tuple(_decode_use(item) for item in listed.items()))
    return References(
        pipelines=found["pipelines"].texts(),
        indexes=found["indexes"].texts(),
        scan=scan,
        asked=found["asked"].flag(),
        unseen=found["unseen"].texts(),
    )


def _decode_use(node: Node) -> Use:
    found = node.object(frozenset({"kind", "name", "how", "through"}))
    return Use(found["kind"].one_of(_USERS), found["name"].text(), found["how"].text(), found["through"].text())


def _decode_observed(node: Node, meant: Mapping[str, Node]) -> JsonObject | None:
    if "observed" not in meant and "relies_on" not in meant:
        return None
    if "observed" not in meant or "relies_on" not in meant:
        raise node.fail("observed and relies_on belong together")
    seen = meant["observed"].mapping()
    if canonical(shown(seen)) != canonical(seen):
        raise meant["observed"].fail("it holds a credential in clear")
    if meant["relies_on"].text() != digest(seen):
        raise meant["relies_on"].fail("it is not the digest of observed")
    return seen


def _check_coherent(change: Change, node: Node) -> None:
    """What is shown of a change is what it declares. Raises Damaged."""
    desired = change.desired
    if (desired is None) != (change.action in _UNDECLARED):
        raise node.fail(f"a {change.action.word} {'has no' if desired else 'needs a'} declaration")
    if (change.standing is Standing.READY) == bool(change.blocks):
        raise node.fail(f"{change.standing.word}, and {'a' if change.blocks else 'no'} block")
    if desired is None:
        if change.put_body is not None or change.update_body is not None or change.secrets:
            raise node.fail(f"a {change.action.word} sends no body")
        return
    if (change.task_type, change.service) != (desired.task_type, desired.service):
        raise node.fail("task_type or service is not that of the declaration")
    if not change.secrets <= desired.secrets or change.secret_fields != desired.secrets:
        raise node.fail("the secrets are not those of the declaration")
    if change.put_body is not None and canonical(change.put_body) != canonical(desired.body()):
        raise node.fail("put is not what the declaration says")
    if change.update_body is not None and not _within(change.update_body, desired.body()):
        raise node.fail("update is not part of the declaration")


def _within(body: JsonObject, whole: JsonObject) -> bool:
    """Whether every setting of an update is one of the declaration."""
    for part, settings in body.items():
        declared = whole.get(part)
        if not isinstance(settings, Mapping) or not isinstance(declared, Mapping):
            return False
        if any(key not in declared or canonical(declared[key]) != canonical(value) for key, value in settings.items()):
            return False
    return True
