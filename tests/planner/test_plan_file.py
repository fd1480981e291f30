"""Saved plans: what is written is read again, the digest is over the meaning alone, and nothing odd is let in."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.factories import attributes, changed, desired, observed, owned, probe

import inferctl.report
from inferctl.diagnostics import Span
from inferctl.errors import PlanFileError
from inferctl.fix import Fix, FixKind
from inferctl.json_types import canonical
from inferctl.model.versions import SERVERLESS, Version
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.change import Change, Terms
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.planner.file.decode import decode, loads
from inferctl.planner.file.encode import dumps, encode
from inferctl.planner.file.models import FORMAT, ChangePart, ChangeWords, digest
from inferctl.planner.file.strict_json import MAX_BYTES, Damaged, parse
from inferctl.planner.ownership import TRIAL, Owned
from inferctl.planner.plan import Capabilities, Guard, Plan, Stop
from inferctl.planner.references import Reference, References, UserKind
from inferctl.planner.region_policy import PolicyChange
from inferctl.planner.secret_state import SecretCheck, SecretState
from inferctl.secrets.credential_names import looks_secret

from .test_laws import as_observed, sets
from .worlds import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inferctl.model.desired_observed import DesiredEndpoint

SCHEMA = json.loads((Path(inferctl.report.__file__).parent / "schema" / "saved-plan.json").read_text(encoding="utf-8"))
KEY: Any = ("service_settings", "api_key")
TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\x1b\u202e\u2028\r\n`|<>@#*_[]:")), max_size=20)
KEYS = TEXT.filter(lambda key: not looks_secret(key))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64), st.floats(allow_nan=False, allow_infinity=False),
              TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
OBJECTS = st.dictionaries(KEYS, JSON, max_size=3)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
PATHS = st.lists(st.one_of(KEYS, st.integers(0, 9)), min_size=1, max_size=4).map(tuple)
REFERENCE = st.sampled_from([{"env": "NAME"}, {"file": "a/b"}, None])
SIDES = st.one_of(st.just(ABSENT), JSON)
FIELDS = st.one_of(
    st.builds(FieldChange, path=PATHS, before=SIDES, after=SIDES, sensitive=st.just(value=False), note=TEXT),
    st.builds(
        FieldChange, path=st.just(KEY), before=REFERENCE, after=REFERENCE, sensitive=st.just(value=True), note=TEXT
    ),
)
USES = st.lists(st.builds(Reference, st.sampled_from(UserKind), TEXT, TEXT, TEXT), max_size=3).map(tuple)
REFERENCES = st.builds(References, NAMES, NAMES, st.none() | USES, st.booleans(), NAMES)
CHECKS = st.builds(
    SecretCheck, path=PATHS, state=st.sampled_from(SecretState), since=TEXT, age_days=st.none(), why=TEXT
)
FIXES = st.lists(st.builds(Fix, kind=st.sampled_from(FixKind), text=TEXT), max_size=2).map(tuple)
KINDS = st.sampled_from([kind for kind in BlockKind if kind is not BlockKind.STALE])
GUARDS = st.sampled_from([guard for guard in Guard if guard is not Guard.STALE])


@st.composite
def declarations(draw: st.DrawFn, inference_id: str) -> DesiredEndpoint:
    """What a file may say, all of our own keys included."""
    task = draw(st.dictionaries(st.just("user"), st.sampled_from(["x", "ü"]), max_size=1))
    return desired(
        inference_id,
        task=task,
        span=Span(""),
        protect=draw(st.sets(st.sampled_from(["delete", "replace"]))),
        ready_timeout_s=float(draw(st.integers(1, 3_660_996_339))),
        probe=draw(st.none() | st.builds(probe, TEXT)),
        passthrough=draw(st.booleans()),
    )


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Wilder than any planner makes, and yet coherent."""
    name = draw(st.from_regex(r"[a-z0-9]([a-z0-9_.\-]{0,10}[a-z0-9])?", fullmatch=True))
    action = draw(st.sampled_from(Action))
    wanted = None if action in (Action.DELETE, Action.FORGET) else draw(declarations(name))
    standing = draw(st.sampled_from(Standing))
    blocks = (
        draw(st.lists(st.builds(Block, kind=KINDS, text=TEXT, fixes=FIXES), min_size=1, max_size=2))
        if standing.symbol
        else []
    )
    if standing is Standing.HELD:
        blocks = [Block(kind=BlockKind.NEEDS_ALLOW_DELETE, text=draw(TEXT))]
    return Change(
        inference_id=name,
        action=action,
        standing=standing,
        reasons=draw(NAMES),
        fields=tuple(draw(st.lists(FIELDS, max_size=4))),
        blocks=tuple(blocks),
        warnings=draw(NAMES),
        desired=wanted,
        observed=draw(st.none() | OBJECTS),
        record=owned(
            declared={"task_type": draw(TEXT), "service": draw(TEXT)},
            intent=draw(st.sampled_from(["", TRIAL, "create"])),
        ),
        references=draw(st.none() | REFERENCES),
        secret_checks=tuple(draw(st.lists(CHECKS, max_size=2))),
        secrets_asked=draw(st.booleans()),
        claims=draw(st.booleans()),
        terms=Terms(ignore=draw(NAMES), check_secrets=draw(st.none() | st.booleans())),
    )


CLUSTERS = st.builds(
    Capabilities,
    version=st.sampled_from([Version(9, 1), Version(9, 5, patch=2), SERVERLESS]),
    cluster_uuid=TEXT,
    cluster_name=TEXT,
    number=TEXT,
    notes=NAMES,
)
PLANS = st.builds(
    Plan,
    changes=st.lists(changes(), max_size=4, unique_by=lambda change: change.inference_id).map(
        lambda found: tuple(sorted(found, key=lambda change: change.inference_id))
    ),
    stops=st.lists(st.builds(Stop, guard=GUARDS, text=TEXT, fixes=FIXES), max_size=2).map(tuple),
    notes=NAMES,
    warnings=NAMES,
    capabilities=st.none() | CLUSTERS,
    scope=TEXT,
    environment=st.sampled_from(["", "prod", "prod-eu"]),
)


def held(plan: Plan) -> Plan:
    """The plan as far as a plan file holds it: no places in files, no ledger, nothing of the settings of a run.

    Of an endpoint that needs nothing it holds no leaves.
    """
    line = Terms(plan.capabilities.version) if plan.capabilities else Terms()
    return changed(plan, changes=tuple(changed(held_change(change), terms=line) for change in plan.changes))


def held_change(change: Change) -> Change:
    declared = {"task_type": change.task_type, "service": change.service}
    return changed(
        change,
        desired=changed(change.desired, span=Span("")) if change.desired else None,
        observed=None if change.action is Action.NOOP else change.observed,
        record=None if change.desired else Owned("", declared, intent=TRIAL if change.left_behind else ""),
        secrets_asked=change.rotates_secrets and not any(field.sensitive for field in change.fields),
    )


@given(PLANS)
@settings(max_examples=80)
def test_what_is_read_is_what_was_written(plan: Plan) -> None:
    text = dumps(plan)
    assert text.isascii()
    assert decode(parse(text.encode())) == held(plan)
    assert dumps(decode(parse(text.encode()))) == text
    Draft202012Validator(SCHEMA).validate(json.loads(text))


@given(sets, sets, st.sampled_from(["8.17", "9.1", "9.5"]))
@settings(max_examples=60)
def test_a_plan_of_the_planner_too(wanted: list[Any], holds: list[Any], version: str) -> None:
    there = [as_observed(endpoint) for endpoint in holds]
    plan = plan_of(wanted, there, version, allow_delete=True, allow_replace=True)
    Draft202012Validator(SCHEMA).validate(json.loads(dumps(plan)))
    assert decode(encode(plan)) == held(plan)
    assert dumps(plan) == dumps(plan_of(wanted[::-1], there[::-1], version, allow_delete=True, allow_replace=True))


def test_the_schema_is_one_and_every_part_of_a_change_is_written_or_follows() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    names = {"id": "inference_id", "secrets": "secret_checks", "denies": "denials"}
    written = {names.get(name, name) for part in (ChangePart, ChangeWords) for name in part.model_fields}
    assert attributes(Change) - written == {"record", "secrets_asked", "terms", "model"}  # of the run that reads it
    follows = {"task_type", "service", "rotates_secrets", "unchecked_secrets", "left_behind", "substeps"}
    assert written - attributes(PolicyChange) == follows
    # Its declaration stands where those of endpoints do; what may be denied is said by the run that reads it.
    assert attributes(PolicyChange) - attributes(Change) - written == {"wanted", "place", "may_deny"}
    assert all(isinstance(getattr(Change, name), property) for name in follows)


def test_the_words_of_the_schema_are_those_of_the_program() -> None:
    parts = {name: part["properties"] for name, part in SCHEMA["$defs"].items()}
    change = parts["ChangePart"]
    assert change["action"]["enum"] == [action.word for action in Action]
    assert change["standing"]["enum"] == [standing.word for standing in Standing]
    assert change["blocks"]["items"]["enum"] == [kind.value for kind in BlockKind if kind is not BlockKind.STALE]
    guards = [guard.value for guard in Guard if guard is not Guard.STALE]
    assert parts["Meaning"]["stops"]["items"]["enum"] == guards
    assert parts["SecretWords"]["state"]["enum"] == [state.value for state in SecretState]
    assert parts["UsePart"]["kind"]["enum"] == [kind.word for kind in UserKind]


# Values that the form itself rules out, without a look at the rest: the schema says so too.
REFUSED_BY_SCHEMA = (
    "another kind", "another format", "no format", "an unknown key", "an unknown key inside", "a key is missing",
    "a wrong type", "an unknown action", "an id of the server's", "an id that is a path", "an unsaved state",
    "a stop of another time", "a version that is none", "a difference at no path", "what a plan file said once",
)  # fmt: skip


def example() -> Plan:
    """A create, an update, a held replace, a delete and an endpoint that needs nothing."""
    wanted = [
        desired("a-new", task={"user": "x"}, protect=("delete",)),
        desired("a-moved", task={"user": "y"}),
        desired("a-other", settings={"model_id": "n", "api_key": {"env": "K"}}),
        desired("a-same"),
    ]
    there = [observed("a-moved", task={"user": "x"}), observed("a-other"), observed("a-same"), observed("b-gone")]
    return changed(
        plan_of(wanted, there, "9.1", allow_delete=True, references={"b-gone": References()}),
        capabilities=Capabilities(version=Version(9, 1), cluster_uuid="uuid-1", cluster_name="c", number="9.1.3"),
    )


def test_the_digest_is_over_what_the_plan_means() -> None:
    plan = example()
    document, in_prod = encode(plan), encode(changed(plan, environment="prod"))
    assert "environment" not in document["plan"]  # type: ignore[operator]
    assert in_prod["digest"] != document["digest"]
    same = changed(
        plan,
        notes=("a note",),
        warnings=("a warning",),
        capabilities=Capabilities(version=Version(9, 1), cluster_uuid="uuid-1", cluster_name="renamed", number="9.1.4"),
        changes=tuple(
            changed(
                c, reasons=("other words",), desired=c.desired and changed(c.desired, span=Span("elsewhere.yaml", 3))
            )
            for c in plan.changes
        ),
    )
    assert encode(same)["digest"] == encode(plan)["digest"]
    for other in (
        changed(plan, scope="other"),
        changed(plan, capabilities=Capabilities(version=Version(9, 2), cluster_uuid="uuid-1")),
        changed(plan, capabilities=Capabilities(version=Version(9, 1), cluster_uuid="uuid-2")),
        changed(plan, changes=plan.changes[1:]),
        changed(plan, changes=(changed(plan.changes[0], action=Action.NOOP), *plan.changes[1:])),
        changed(plan, changes=(changed(plan.changes[0], observed={"task_type": "x"}), *plan.changes[1:])),
    ):
        assert encode(other)["digest"] != encode(plan)["digest"]


def test_the_digest_can_be_checked_by_anybody() -> None:
    """As docs/reference/plan-file.md says: canonical JSON, SHA-256."""
    document = json.loads(dumps(example()))
    text = json.dumps(document["plan"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert document["digest"] == f"sha256:{sha256(text.encode()).hexdigest()}"


_SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.planner.test_plan_file import example
from inferctl.planner.file.encode import dumps
sys.stdout.write(dumps(example()))
"""


def test_the_same_bytes_for_every_hash_seed_locale_and_folder(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    texts = set()
    for seed, locale in (("0", "C"), ("4711", "tr_TR.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONPATH": str(root / "src")}
        folder = tmp_path / seed
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(root)], cwd=folder, env=environment, capture_output=True, check=True
        )
        texts.add(done.stdout)
    assert texts == {dumps(example()).encode()}


def test_what_a_server_shows_in_clear_is_not_kept() -> None:
    shown = observed(settings={"model_id": "m", "url": "https://h/?api_key=canary-1", "token": "canary-2"})
    plan = plan_of([desired(settings={"model_id": "n", "url": "https://h/", "api_key": {"env": "K"}})], [shown])
    assert "canary" in str(plan.changes[0].observed)
    text = dumps(plan)
    assert "canary" not in text
    assert loads(text.encode(), "p").changes[0].observed is not None


def test_a_declaration_with_a_credential_in_clear_is_not_saved() -> None:
    plan = plan_of([desired(settings={"model_id": "m", "url": "https://h/?api_key=canary"})], [])
    with pytest.raises(PlanFileError, match=r"service_settings\.url holds a credential") as caught:
        dumps(plan)
    assert "canary" not in str(caught.value)


def test_half_a_character_is_kept() -> None:
    """JSON can spell what UTF-8 cannot, and a server may answer with it."""
    there = {"task_type": "\ud800", "\ud800": "\ud800"}
    gone = Change("a", Action.DELETE, observed=there, fields=(FieldChange(("\ud800",), there, ABSENT),))
    plan = Plan((gone,), notes=("\ud800",))
    assert decode(parse(dumps(plan).encode())) == held(plan)


def test_nothing_is_saved_that_could_not_be_read() -> None:
    """An id that the server keeps to itself can stand in a ledger that somebody else wrote."""
    strange = Change(inference_id=".elser", action=Action.FORGET)
    with pytest.raises(
        PlanFileError, match=r"\.elser: it is not the id of an endpoint that could be ours, so the plan"
    ):
        dumps(Plan(changes=(strange,)))


def change_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = next(c for c in document["plan"]["changes"] if c["id"] == name)
    assert isinstance(found, dict)
    return found


def put(name: str, key: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: change_of(document, name).__setitem__(key, value)


def declared(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: change_of(document, name)["desired"].update(service_settings=value)


DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another kind": (lambda d: d.update(kind="plan"), "it is no saved plan"),
    "another format": (
        lambda d: d.update(format_version="1.0"),
        "format_version: its format is 1.0, and this inferctl reads 2.0",
    ),
    "no format": (lambda d: d.pop("format_version"), "format_version: its format is of no known kind"),
    "no name of an environment": (lambda d: d["plan"].update(environment="--yes"), r"plan\.environment"),
    "an unknown key": (lambda d: d.update(more=1), "more: 'more' is not a field of the document"),
    "an unknown key inside": (put("a-new", "script", "x"), r"plan\.changes\[1\]\.script: 'script' is not a field"),
    "a key is missing": (lambda d: d["plan"].pop("scope"), "plan.scope: scope is missing"),
    "a wrong type": (put("a-new", "standing", 1), r"standing: one of ready, held, blocked, unknown"),
    "an unknown action": (put("a-new", "action", "drop"), "action: one of create"),
    "an id of the server's": (put("a-new", "id", ".elser"), "not the id of an endpoint that could be ours"),
    "an id that is a path": (put("a-new", "id", "a/../_all"), "not the id of an endpoint that could be ours"),
    "an id twice": (lambda d: d["plan"]["changes"].append(d["plan"]["changes"][0]), "one is there twice"),
    "another order": (lambda d: d["plan"]["changes"].reverse(), "the ids are not sorted"),
    "words on nothing": (lambda d: d["texts"]["changes"].update(zz={}), "there is no change of 'zz'"),
    "too few words": (lambda d: d["texts"]["changes"]["a-other"].update(blocks=[]), "1 entries are expected"),
    "an unsaved state": (put("a-other", "blocks", ["stale"]), "one of not-ours"),
    "a stop of another time": (lambda d: d["plan"].update(stops=["stale"]), "one of empty-set"),
    "a version that is none": (lambda d: d["plan"]["cluster"].update(version="9.1.x"), "a version such as 9.1"),
    "ready in spite of a block": (put("a-other", "standing", "ready"), "ready, and a block"),
    "blocked without a block": (put("a-new", "standing", "blocked"), "blocked, and no block"),
    "what a plan file said once": (put("a-new", "put", {"service": "evil"}), r"plan\.changes\[1\]\.put: 'put' is not a field"),
    "another task type": (put("a-new", "task_type", "rerank"), "task_type is not what follows from the rest"),
    "another service": (put("b-gone", "service", "cohere"), "service is not what follows from the rest"),
    "secrets sent for no reason": (put("a-same", "rotates_secrets", True), "rotates_secrets is not what follows from"),
    "a secret unchecked and said to be the same": (
        lambda d: (
            d["texts"]["changes"].setdefault("a-same", {}).update(
                secrets=[{"path": list(KEY), "state": "same", "since": "", "why": ""}]
            ),
            put("a-same", "unchecked_secrets", [list(KEY)])(d),
        ),
        "unchecked_secrets is not what follows from the rest",
    ),
    "a trial that is none": (put("a-moved", "left_behind", True), "left_behind is not what follows from the rest"),
    "a literal secret": (
        declared("a-new", {"model_id": "m", "api_key": "canary"}), r"desired\.service_settings\.api_key: api_key holds",
    ),
    "a reference in a plain field": (
        declared("a-new", {"model_id": "m", "api_key": {"env": "K"}, "url": {"env": "HOME"}}),
        r"desired\.service_settings\.url: url is not a secret field",
    ),
    "a credential in a URL": (
        declared("a-new", {"model_id": "m", "api_key": {"env": "K"}, "url": "https://h/?api_key=canary"}),
        r"desired\.service_settings\.url: ",
    ),
    "a field that no file may have": (
        declared("a-new", {"model_id": "m", "api_key": {"env": "K"}, "modle": 1}), "'modle' is not a setting of openai",
    ),
    "an id in the declaration": (
        lambda d: change_of(d, "a-new")["desired"].update(inference_id="b"), "unknown key 'inference_id'",
    ),
    "an update without a declaration": (
        lambda d: change_of(d, "a-moved").pop("desired"), "a update needs a declaration",
    ),
    "a credential in the leaves": (
        lambda d: change_of(d, "b-gone")["observed"]["service_settings"].update(token="canary"), "it holds a credential in clear",
    ),
    "a credential in a difference": (
        lambda d: change_of(d, "a-moved")["fields"][0].update(sensitive=True), "it holds a credential in clear",
    ),
    "a difference at no path": (lambda d: change_of(d, "a-moved")["fields"][0].update(path=[]), "path: must be at least 1 item long"),
    "a list in the place of an object": (put("b-gone", "observed", []), r"observed: must be a mapping, not a list"),
    "an object in the place of a list": (put("a-moved", "fields", {}), r"fields: must be a list, not a mapping"),
    "a text in the place of a flag": (put("a-moved", "claims", "canary"), r"claims: must be true or false, not a string"),
    "a number in the place of a text": (lambda d: d["texts"].update(notes=[1]), r"texts\.notes\[0\]: must be a string, not a number"),
    "a flag in a path": (
        lambda d: change_of(d, "a-moved")["fields"][0].update(path=["a", True]), r"path\[1\]: must be a string or a whole number, not a boolean",
    ),
    "a key that steers a terminal": (
        lambda d: d["texts"]["changes"].update({"\x1b[31m\n##[error]": 1}), r"'texts\.changes\.\\x1b\[31m\\n##\[error\]': must be a mapping",
    ),
    "words on no cluster": (lambda d: d["plan"].update(cluster=None), r"texts\.cluster: there is no cluster"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_refused_with_its_place(name: str) -> None:
    """The digest is made anew: it tells damage, and keeps nobody from writing another plan."""
    spoil, expected = DAMAGE[name]
    document = json.loads(dumps(example()))
    spoil(document)
    document["digest"] = digest(document["plan"])
    with pytest.raises(PlanFileError, match=expected) as caught:
        loads(json.dumps(document).encode(), "dir/plan.json")
    assert str(caught.value).startswith("dir/plan.json: ")
    assert caught.value.fixes
    assert "canary" not in str(caught.value)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("name", DAMAGE)
def test_the_schema_refuses_what_the_form_rules_out(name: str) -> None:
    spoil, _ = DAMAGE[name]
    document = json.loads(dumps(example()))
    assert Draft202012Validator(SCHEMA).is_valid(document)
    spoil(document)
    if name in REFUSED_BY_SCHEMA or " in the place of " in name or name == "a flag in a path":
        assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_the_example_itself_is_read() -> None:
    assert [c.action.word for c in loads(dumps(example()).encode(), "p").changes] == [
        "update", "create", "replace", "no-op", "delete",
    ]  # fmt: skip


def test_any_change_of_the_meaning_shows_in_the_digest() -> None:
    document = json.loads(dumps(example()))
    change_of(document, "a-new")["desired"]["lifecycle"]["ready_timeout"] = "901s"
    with pytest.raises(PlanFileError, match="digest: it does not fit the plan"):
        loads(json.dumps(document).encode(), "plan.json")


def parts_of(value: Any) -> Iterator[Any]:
    """The value and all that stands in it."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(inner)


@given(st.data())
@settings(max_examples=150)
def test_no_value_in_the_place_of_another_gets_through_unnoticed(data: st.DataObject) -> None:
    """Whatever stands wherever: it is refused, or it is a plan that would be written just so.

    Most values come from the plan itself and are of the kind of what stood there, or few would get through.
    """
    document = json.loads(dumps(example()))
    everything = list(parts_of(document["plan"]))
    place: Any = document["plan"]
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 3)):
            place = place[key]
            continue
        alike = [part for part in everything if type(part) is type(place[key]) and part != place[key]]
        place[key] = copy.deepcopy(data.draw(st.one_of(JSON, *[st.sampled_from(alike)] * 2) if alike else JSON))
        break
    document["digest"] = digest(document["plan"])
    try:
        found = decode(json.loads(json.dumps(document)))
    except Damaged:
        event("refused")
        return
    event("let through")
    again: Any = encode(found)
    assert decode(copy.deepcopy(again)) == found
    assert all(c.standing is not Standing.READY or not c.blocks for c in found.changes)
    assert canonical(again["plan"]) == canonical(document["plan"])


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", "no JSON"),
        (dumps(Plan(changes=())).encode()[:-40], "is it cut off"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"kind": "saved-plan", "kind": "saved-plan"}', "a key twice"),
        (b'{"kind": "saved-plan", "a": NaN}', "no JSON number"),
        (b'{"kind": "saved-plan", "a": 1e999}', "too large"),
        (b'{"kind": "saved-plan", "a": ' + b"9" * 5000 + b"}", "too large"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 50 + b"]" * 50, "nested too deeply"),
        (json.dumps(dict.fromkeys(map(str, range(100_001)))).encode(), "more than 100000 keys"),
        (b"[]", "it is no saved plan"),
        (b'"saved-plan"', "it is no saved plan"),
        (b" " * (MAX_BYTES + 1), "larger than 64 MiB"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_no_plan_file_at_all(octets: bytes, expected: str) -> None:
    with pytest.raises(PlanFileError, match=expected):
        loads(octets, "plan.json")


def test_a_file_that_is_wrong_everywhere_is_refused_at_its_first_fault() -> None:
    document = json.loads(dumps(example()))
    document["texts"]["notes"] = [1] * 300_000
    with pytest.raises(PlanFileError, match=r"texts\.notes\[0\]: must be a string") as caught:
        loads(json.dumps(document).encode(), "plan.json")
    assert len(str(caught.value)) < 200


def test_the_format_is_part_of_the_documentation() -> None:
    assert SCHEMA["properties"]["format_version"]["const"] == FORMAT
    assert parse(b"\xef\xbb\xbf{}") == {}
