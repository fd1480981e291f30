"""Whose an endpoint is, with a ledger: one table of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import desired, ledger_view, observed, owned, probe

from inferctl.model.versions import Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.make_plan import make_plan
from inferctl.planner.normalise import normalise_desired
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions, Plan
from inferctl.planner.secret_state import SecretCheck, SecretState

if TYPE_CHECKING:
    from inferctl.planner.ownership import Owned

SAME = desired(task={"user": "u"})
LIVE = observed(task={"user": "u"})
MOVED = observed(task={"user": "other"})
FORM = normalise_desired(SAME)
MINE = owned(declared=FORM)
BEGUN = owned(declared=FORM, intent="create")
LOST = owned(declared=FORM, intent="replace")
THEIRS = owned("theirs", declared=FORM)


def plan_of(
    wanted: Any,
    there: Any,
    ledger: dict[str, Owned],
    *,
    version: str = "9.5",
    files: int = 1,
    checks: tuple[SecretCheck, ...] = (),
    **permissions: Any,
) -> Plan:
    """`files` other endpoints stand beside, so that the set of files is never empty."""
    beside = tuple(desired(f"z{n}") for n in range(files))
    listed = ([there] if there else []) + [observed(f"z{n}") for n in range(files)]
    noted = {f"z{n}": owned(declared=normalise_desired(one)) for n, one in enumerate(beside)}
    return make_plan(
        DesiredSet((*((wanted,) if wanted else ()), *beside)),
        Observation({e.inference_id: e for e in listed}),
        Capabilities(version=Version.parse(version)),
        Permissions(**permissions),
        ledger_view(owned={**noted, **ledger}, secrets={"a": checks} if checks else {}),
    )


def one(*arguments: Any, **keywords: Any) -> Any:
    changes = [c for c in plan_of(*arguments, **keywords).changes if c.inference_id == "a"]
    return changes[0] if changes else None


NOT_OURS, OUTSIDE = BlockKind.NOT_OURS, BlockKind.OUTSIDE_MANAGE
CASES: list[tuple[str, Any, Any, dict[str, Owned], dict[str, Any], Action | None, BlockKind | None]] = [
    # what              file   live   ledger         permissions           action           block
    ("new", SAME, None, {}, {}, Action.CREATE, None),
    ("new, outside", SAME, None, {}, {"manage": ("z*",)}, Action.CREATE, OUTSIDE),
    ("new, theirs", SAME, None, {"a": THEIRS}, {}, Action.CREATE, NOT_OURS),
    ("new, taken over", SAME, None, {"a": THEIRS}, {"take_over": ("a",)}, Action.CREATE, None),
    ("ours and equal", SAME, LIVE, {"a": MINE}, {}, Action.NOOP, None),
    ("ours and moved", SAME, MOVED, {"a": MINE}, {}, Action.UPDATE, None),
    ("ours and removed by somebody", SAME, None, {"a": MINE}, {}, Action.CREATE, None),
    ("ours, outside", SAME, MOVED, {"a": MINE}, {"manage": ("z*",)}, Action.UPDATE, OUTSIDE),
    ("nobody's and equal", SAME, LIVE, {}, {}, Action.ADOPT, None),
    ("nobody's and equal, outside", SAME, LIVE, {}, {"manage": ("z*",)}, Action.NOOP, None),
    ("nobody's and other", SAME, MOVED, {}, {}, Action.UPDATE, NOT_OURS),
    ("nobody's, adopted", SAME, MOVED, {}, {"adopt": ("a*",)}, Action.UPDATE, None),
    ("manage alone adopts nothing", SAME, MOVED, {}, {"manage": ("a", "z*")}, Action.UPDATE, NOT_OURS),
    ("take-over is no adoption", SAME, MOVED, {}, {"take_over": ("a",)}, Action.UPDATE, NOT_OURS),
    ("adopt is no take-over", SAME, MOVED, {"a": THEIRS}, {"adopt": ("a",)}, Action.UPDATE, NOT_OURS),
    ("theirs and equal", SAME, LIVE, {"a": THEIRS}, {}, Action.ADOPT, NOT_OURS),
    ("theirs and equal, taken over", SAME, LIVE, {"a": THEIRS}, {"take_over": ("a",)}, Action.ADOPT, None),
    ("theirs, taken over", SAME, MOVED, {"a": THEIRS}, {"take_over": ("a",)}, Action.UPDATE, None),
    ("begun and equal", SAME, LIVE, {"a": BEGUN}, {}, Action.ADOPT, None),
    ("begun and other", SAME, MOVED, {"a": BEGUN}, {}, Action.UPDATE, NOT_OURS),
    ("begun and not there", SAME, None, {"a": BEGUN}, {}, Action.CREATE, None),
    ("half replaced and equal", SAME, LIVE, {"a": LOST}, {}, Action.NOOP, None),
    ("half replaced and other", SAME, MOVED, {"a": LOST}, {}, Action.UPDATE, None),
    ("half replaced and not there", SAME, None, {"a": LOST}, {}, Action.CREATE, None),
    ("no file, half replaced", None, LIVE, {"a": LOST}, {"allow_delete": True}, Action.DELETE, None),
    ("no file, half replaced, held", None, LIVE, {"a": LOST}, {}, Action.DELETE, BlockKind.NEEDS_ALLOW_DELETE),
    ("no file, half replaced, gone", None, None, {"a": LOST}, {}, Action.FORGET, None),
    ("no file, ours", None, LIVE, {"a": MINE}, {"allow_delete": True}, Action.DELETE, None),
    ("no file, ours, held", None, LIVE, {"a": MINE}, {}, Action.DELETE, BlockKind.NEEDS_ALLOW_DELETE),
    ("no file, permit", None, LIVE, {"a": MINE}, {"delete_ids": frozenset("a")}, Action.DELETE, None),
    ("no file, permit to forget", None, LIVE, {"a": MINE}, {"forget": frozenset("a")}, Action.FORGET, None),
    ("no file, theirs, permit to forget", None, LIVE, {"a": THEIRS}, {"forget": frozenset("a")}, None, None),
    ("file, permit to forget", SAME, LIVE, {"a": MINE}, {"forget": frozenset("a")}, Action.NOOP, None),
    ("no file, theirs", None, LIVE, {"a": THEIRS}, {"allow_delete": True}, None, None),
    ("no file, nobody's", None, LIVE, {}, {"allow_delete": True, "manage": ("a*", "z*")}, None, None),
    ("no file, begun", None, LIVE, {"a": BEGUN}, {"allow_delete": True}, None, None),
    ("no file, gone", None, None, {"a": MINE}, {}, Action.FORGET, None),
    ("no file, theirs, gone", None, None, {"a": THEIRS}, {}, None, None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_whose(case: tuple[Any, ...]) -> None:
    _, wanted, there, ledger, permissions, action, block = case
    change = one(wanted, there, ledger, files=9, **permissions)
    if action is None:
        assert change is None
        return
    assert change.action is action
    assert [b.kind for b in change.blocks] == ([block] if block else [])
    expected = Standing.HELD if block is BlockKind.NEEDS_ALLOW_DELETE else Standing.BLOCKED if block else Standing.READY
    assert change.standing is expected
    if block is NOT_OURS:
        assert change.put_body is None
        assert change.update_body is None


def test_the_reason_says_why_it_may_be_touched() -> None:
    assert "taken over from scope theirs" in one(SAME, MOVED, {"a": THEIRS}, take_over=("a",)).reasons
    taken = one(SAME, LIVE, {"a": THEIRS}, take_over=("a",)).reasons
    assert taken == ("taken over from scope theirs", "it is there, as the file says")
    assert one(SAME, LIVE, {}).reasons == ("it is there, as the file says, and nobody's",)
    assert any("adopted" in reason for reason in one(SAME, MOVED, {}, adopt=("a",)).reasons)
    assert "somebody removed it" in one(SAME, None, {"a": MINE}).reasons[0]
    forgotten = one(None, None, {"a": MINE})
    assert "not in the cluster any more" in forgotten.reasons[0]
    assert (forgotten.task_type, forgotten.service) == ("completion", "openai")  # as it was declared
    assert "scope theirs owns it" in one(SAME, MOVED, {"a": THEIRS}).blocks[0].text
    assert "--adopt a" in one(SAME, MOVED, {}).blocks[0].fixes[0].text


@pytest.mark.parametrize(
    ("ledger", "unknown"), [({}, True), ({"a": THEIRS}, True), ({"a": BEGUN}, True), ({"a": MINE}, False)]
)
def test_the_secret_of_what_is_adopted_is_not_known(ledger: dict[str, Owned], *, unknown: bool) -> None:
    """The file names a key; which one the server holds, nobody here has seen."""
    path = ("service_settings", "api_key")
    change = one(SAME, LIVE, ledger, take_over=("a",))
    assert (change.unknown_secrets == {path}, change.warnings) == (unknown, ())
    # What the ledger knows goes first.
    for state in (SecretState.UNKNOWN, SecretState.SAME, SecretState.ACCEPTED):
        change = one(SAME, LIVE, ledger, take_over=("a",), checks=(SecretCheck(path, state),))
        assert bool(change.unknown_secrets) is (state is SecretState.UNKNOWN)
    local = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
    kind: dict[str, Any] = {"service": "elasticsearch", "task_type": "sparse_embedding", "settings": local}
    assert one(desired(**kind), observed(**kind), {}).secret_checks == ()


@pytest.mark.parametrize(
    ("file", "live", "last", "said"),
    [
        ("u", "x", "u", "changed by somebody else in the cluster"),
        ("v", "u", "u", ""),
        ("v", "x", "u", "changed in the file, and by somebody else in the cluster"),
    ],
)
def test_who_moved(file: str, live: str, last: str, said: str) -> None:
    ledger = {"a": owned(declared=normalise_desired(desired(task={"user": last})))}
    (field,) = one(desired(task={"user": file}), observed(task={"user": live}), ledger).fields
    assert field.note.removeprefix("; ") == said


def test_a_key_that_left_the_file_is_a_change() -> None:
    change = one(desired(), LIVE, {"a": MINE}, allow_replace=True)
    assert change.action is Action.REPLACE
    assert [field.path for field in change.fields] == [("task_settings", "user")]
    assert "cannot unset task_settings.user" in change.reasons[0]
    assert "task_settings" not in change.put_body


def test_a_key_that_left_the_file_and_the_cluster_is_none() -> None:
    assert one(desired(), observed(), {"a": MINE}).action is Action.NOOP


@pytest.mark.parametrize(("version", "live", "action"), [("9.5", 500, Action.NOOP), ("9.5", 499, Action.REPLACE)])
def test_a_key_that_left_the_file_with_the_servers_default_is_none(version: str, live: int, action: Action) -> None:
    settings = {"model_id": "m", "api_key": {"env": "K"}, "rate_limit": {"requests_per_minute": live}}
    ledger = {"a": owned(declared=normalise_desired(desired(settings=settings)))}
    there = observed(settings={"model_id": "m", "rate_limit": {"requests_per_minute": live}})
    assert one(desired(), there, ledger, version=version).action is action


@pytest.mark.parametrize(
    ("chunks", "action"),
    [
        ({"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}, Action.NOOP),
        ({"strategy": "sentence", "max_chunk_size": 100, "sentence_overlap": 1}, Action.REPLACE),
    ],
)
def test_chunking_that_left_the_file(chunks: dict[str, Any], action: Action) -> None:
    kind: dict[str, Any] = {"task_type": "text_embedding", "chunking": chunks}
    ledger = {"a": owned(declared=normalise_desired(desired(**kind)))}
    assert one(desired(task_type="text_embedding"), observed(**kind), ledger).action is action


def test_protection_outlives_its_file() -> None:
    protected = owned(declared=FORM, protect=("delete",))
    change = one(None, LIVE, {"a": protected}, allow_delete=True, files=9)
    assert [block.kind for block in change.blocks] == [BlockKind.PROTECTED]
    assert change.standing is Standing.BLOCKED


def test_what_the_ledger_should_hold_and_does_not_is_to_be_noted() -> None:
    assert not one(SAME, LIVE, {"a": MINE}).renews_record
    assert one(desired(), LIVE, {"a": owned()}).renews_record
    assert one(desired(task={"user": "u"}, protect=("delete",)), LIVE, {"a": MINE}).renews_record
    outside = one(desired(), LIVE, {"a": owned()}, manage=("z*",))  # it is none of ours to note
    assert (outside.action, outside.renews_record) == (Action.NOOP, False)


def test_a_missing_settings_file_takes_nothing_of_the_scope_for_ours() -> None:
    """Without a scope there is no ledger: `manage` alone says what is ours, and an empty one says nothing."""
    plan = make_plan(
        DesiredSet((desired("z"),)),
        Observation({"a": LIVE}),
        Capabilities(version=Version.parse("9.5")),
        Permissions(allow_delete=True),
    )
    assert [c.inference_id for c in plan.changes] == ["z"]


def test_a_rotation_creates_nothing() -> None:
    (block,) = one(SAME, None, {"a": MINE}, only_rotates=True).blocks
    assert block.kind is BlockKind.IMPOSSIBLE
    assert one(SAME, None, {"a": MINE}).blocks == ()


@pytest.mark.parametrize(
    ("wanted", "warned"),
    [
        (SAME, True),
        (desired(task={"user": "u"}, probe=probe()), False),
        (desired(task_type="text_embedding"), False),  # a call costs next to nothing there, and is made
    ],
)
def test_that_nothing_tries_a_new_secret_is_told(wanted: Any, *, warned: bool) -> None:
    there = observed(task_type=wanted.task_type, task=dict(wanted.task_settings))
    ledger = {"a": owned(declared=normalise_desired(wanted))}
    change = one(wanted, there, ledger, send_secrets=("a",))
    assert change.action is Action.UPDATE
    assert any("no call tries" in warning for warning in change.warnings) is warned
    assert not any("no call tries" in warning for warning in one(wanted, there, ledger).warnings)


def test_nothing_is_claimed_that_nobody_allowed() -> None:
    broken = make_plan(
        DesiredSet((SAME,)),
        Observation({}, unreadable={"a": "its settings cannot be parsed"}),
        Capabilities(version=Version(9, 5)),
        Permissions(),
        ledger_view(owned={"a": THEIRS}),
    ).changes[0]
    assert (broken.standing, broken.claims, broken.reasons) == (Standing.UNKNOWN, False, ())
    for permissions in ({"only_rotates": True}, {}):
        absent = one(SAME, None, {"a": THEIRS}, **permissions)
        assert (absent.standing, absent.claims, absent.reasons) == (Standing.BLOCKED, False, ("it does not exist",))
