"""The region policy in a plan: what it does to whom, whose it is, and what stops it. Tables, in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import desired, observed

from inferctl.fix import FixKind
from inferctl.model.desired_observed import EndpointRegion, ObservedEndpoint, ObservedRegionPolicy
from inferctl.model.ids import REGION_POLICY
from inferctl.model.versions import Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.file.decode import decode
from inferctl.planner.file.encode import encode
from inferctl.planner.file.models import digest
from inferctl.planner.file.strict_json import Damaged
from inferctl.planner.make_plan import candidates_for_removal, make_plan
from inferctl.planner.order import stages
from inferctl.planner.ownership import LedgerView, Owned
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions, Plan
from inferctl.planner.references import References
from inferctl.planner.region_policy import (
    Denies,
    DesiredPolicy,
    PolicyChange,
    Reach,
    SeenPolicy,
    compare_reach,
    judge,
    normalised,
)

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

EU: dict[str, Any] = {"allowed_geos": ["eu"]}
EU_US: dict[str, Any] = {"allowed_geos": ["eu", "us"]}
US: dict[str, Any] = {"allowed_geos": ["us"]}
IRELAND: dict[str, Any] = {"allowed_regions": [{"csp": "aws", "region": "eu-west-1"}]}
IN_US = {"csp": "aws", "region": "us-east-1", "geo": "us"}
IN_EU = {"csp": "aws", "region": "eu-west-1", "geo": "eu"}


def eis(inference_id: str, *regions: dict[str, Any], model: str = "m", denied: bool = False) -> ObservedEndpoint:
    """An endpoint of the Elastic Inference Service."""
    raw: dict[str, Any] = {
        **observed(inference_id, service="elastic", settings={"model_id": model}).raw,
        "metadata": {"regions": list(regions), **({"denied_by_region_policy": True} if denied else {})},
    }
    return ObservedEndpoint.from_json(raw)


def declared(inference_id: str = "a", model: str = "m") -> DesiredEndpoint:
    return desired(inference_id, service="elastic", settings={"model_id": model})


def plan_of(
    wanted: dict[str, Any] | None,
    there: dict[str, Any] | None,
    *endpoints: ObservedEndpoint,
    files: tuple[DesiredEndpoint, ...] = (),
    owner: str | None = "shop",
    version: str = "9.5",
    looked: bool = True,
    problem: str = "",
    references: dict[str, References] | None = None,
    no_ledger: bool = False,
    declared_last: dict[str, Any] | None = None,
    intent: str = "",
    more: dict[str, Any] | None = None,
    removing: frozenset[str] | None = None,
    selected: frozenset[str] | None = None,
    **permissions: Any,
) -> Plan:
    """The scope is `shop`; `owner` is whose the policy is in the ledger."""
    seen = SeenPolicy(None if there is None else ObservedRegionPolicy(there), problem) if looked else None
    last = Owned(owner or "", declared_last or wanted or there or {}, intent=intent)
    ledger = LedgerView("shop", {**(more or {}), **({REGION_POLICY: last} if owner else {})})
    return make_plan(
        DesiredSet(
            files, region_policy=None if wanted is None else DesiredPolicy(wanted), removing=removing, selected=selected
        ),
        Observation(
            {endpoint.inference_id: endpoint for endpoint in endpoints},
            region_policy=seen,
            references=references or {},
        ),
        Capabilities(version=Version.parse(version)),
        Permissions(**permissions),
        None if no_ledger else ledger,
    )


def policy_in(plan: Plan) -> PolicyChange:
    (change,) = [change for change in plan.changes if change.inference_id == REGION_POLICY]
    assert isinstance(change, PolicyChange)
    return change


JUDGED: list[tuple[dict[str, Any], list[EndpointRegion], Denies]] = [
    ({}, [], Denies.NOTHING),
    (EU, [EndpointRegion("aws", "eu-west-1", "eu")], Denies.NOTHING),
    (EU, [EndpointRegion(geo="us")], Denies.IT),
    (EU, [EndpointRegion(geo="us"), EndpointRegion(geo="eu")], Denies.NOTHING),
    (EU, [], Denies.MAYBE),
    (EU, [EndpointRegion("aws", "eu-west-1")], Denies.MAYBE),
    (EU, [EndpointRegion(geo="us"), EndpointRegion("aws", "eu-west-1")], Denies.MAYBE),
    (IRELAND, [EndpointRegion("aws", "eu-west-1", "eu")], Denies.NOTHING),
    (IRELAND, [EndpointRegion("gcp", "eu-west-1", "eu")], Denies.IT),
    (IRELAND, [EndpointRegion(geo="eu")], Denies.MAYBE),
    ({"allowed_geos": "eu"}, [EndpointRegion(geo="eu")], Denies.IT),
    ({"allowed_regions": ["eu"]}, [EndpointRegion("aws", "eu-west-1")], Denies.IT),
]


@pytest.mark.parametrize(("policy", "regions", "denies"), JUDGED)
def test_one_region_that_is_allowed_is_enough(
    policy: dict[str, Any], regions: list[EndpointRegion], denies: Denies
) -> None:
    assert judge(policy, regions) is denies


@pytest.mark.parametrize(
    ("before", "after", "reach"),
    [
        (EU, EU, Reach.SAME),
        ({}, EU, Reach.NARROWER),
        (EU, {}, Reach.WIDER),
        (EU, EU_US, Reach.WIDER),
        (EU_US, EU, Reach.NARROWER),
        (EU, US, Reach.OTHER),
        (EU, IRELAND, Reach.OTHER),
        ({"allowed_geos": ["us", "eu", "us"]}, EU_US, Reach.SAME),
        ({"allowed_geos": "eu"}, EU, Reach.SAME),
        ({"allowed_geos": 5}, EU, Reach.OTHER),
        ({"allowed_geos": True}, EU, Reach.OTHER),
        ({"allowed_geos": None, "new": 1}, EU, Reach.NARROWER),
    ],
)
def test_what_a_change_does_to_what_is_allowed(before: dict[str, Any], after: dict[str, Any], reach: Reach) -> None:
    assert compare_reach(before, after) is reach


geos = st.lists(st.sampled_from(["eu", "us", "apac"]), min_size=1, max_size=3)


@given(geos, geos)
def test_a_policy_that_only_takes_away_denies_all_that_the_other_denies(before: list[str], after: list[str]) -> None:
    was, now = {"allowed_geos": before}, {"allowed_geos": after}
    places = [EndpointRegion(geo=geo) for geo in ("eu", "us", "apac")]
    lost = [p for p in places if judge(was, [p]) is Denies.NOTHING and judge(now, [p]) is Denies.IT]
    won = [p for p in places if judge(was, [p]) is Denies.IT and judge(now, [p]) is Denies.NOTHING]
    kinds = {(False, False): Reach.SAME, (True, False): Reach.NARROWER, (False, True): Reach.WIDER}
    assert compare_reach(was, now) is kinds.get((bool(lost), bool(won)), Reach.OTHER)
    assert normalised(normalised(now)) == normalised(now)


# What is wanted, what is there, whose it is, and the step: its action, its standing, the kinds of its blocks.
DECIDED: list[tuple[dict[str, Any], Action, Standing, tuple[BlockKind, ...]]] = [
    ({"wanted": EU, "there": None, "owner": None}, Action.CREATE, Standing.READY, ()),
    ({"wanted": EU, "there": None}, Action.CREATE, Standing.READY, ()),
    ({"wanted": EU, "there": EU}, Action.NOOP, Standing.READY, ()),
    ({"wanted": EU, "there": US}, Action.UPDATE, Standing.READY, ()),
    ({"wanted": EU, "there": {"allowed_geos": ["eu", "eu"]}}, Action.NOOP, Standing.READY, ()),
    ({"wanted": EU, "there": EU, "owner": None}, Action.ADOPT, Standing.READY, ()),
    ({"wanted": EU, "there": EU, "intent": "create"}, Action.ADOPT, Standing.READY, ()),
    ({"wanted": EU, "there": US, "owner": None}, Action.UPDATE, Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": EU, "there": US, "owner": None, "adopt": (REGION_POLICY,)}, Action.UPDATE, Standing.READY, ()),
    ({"wanted": EU, "there": US, "owner": None, "adopt": ("*",)}, Action.UPDATE, Standing.BLOCKED,
     (BlockKind.NOT_OURS,)),
    ({"wanted": EU, "there": US, "manage": ("a*",)}, Action.UPDATE, Standing.READY, ()),
    ({"wanted": EU, "there": EU, "owner": "other"}, Action.ADOPT, Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": EU, "there": US, "owner": "other"}, Action.UPDATE, Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": EU, "there": None, "owner": "other"}, Action.CREATE, Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": EU, "there": US, "owner": "other", "take_over_ids": frozenset({REGION_POLICY})}, Action.UPDATE,
     Standing.READY, ()),
    ({"wanted": EU, "there": US, "no_ledger": True}, Action.UPDATE, Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": EU, "there": US, "no_ledger": True, "manage": (REGION_POLICY,)}, Action.UPDATE, Standing.READY, ()),
    ({"wanted": EU, "there": EU, "no_ledger": True}, Action.NOOP, Standing.READY, ()),
    ({"wanted": EU, "there": None, "no_ledger": True}, Action.CREATE, Standing.READY, ()),
    ({"wanted": EU, "there": None, "version": "9.4", "looked": False}, Action.CREATE, Standing.BLOCKED,
     (BlockKind.IMPOSSIBLE,)),
    ({"wanted": EU, "there": None, "problem": "no answer"}, Action.UPDATE, Standing.UNKNOWN, (BlockKind.UNREADABLE,)),
    ({"wanted": None, "there": EU, "delete_ids": frozenset({REGION_POLICY})}, Action.DELETE, Standing.READY, ()),
    ({"wanted": None, "there": EU, "owner": None, "delete_ids": frozenset({REGION_POLICY})}, Action.DELETE,
     Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": None, "there": EU, "owner": "other", "delete_ids": frozenset({REGION_POLICY})}, Action.DELETE,
     Standing.BLOCKED, (BlockKind.NOT_OURS,)),
    ({"wanted": None, "there": None, "delete_ids": frozenset({REGION_POLICY})}, Action.FORGET, Standing.READY, ()),
    ({"wanted": None, "there": EU, "forget": frozenset({REGION_POLICY})}, Action.FORGET, Standing.READY, ()),
    ({"wanted": None, "there": EU, "removing": frozenset({REGION_POLICY}), "allow_delete": True}, Action.DELETE,
     Standing.HELD, (BlockKind.NEEDS_ALLOW_DELETE,)),
]  # fmt: skip


@pytest.mark.parametrize(("case", "action", "standing", "kinds"), DECIDED)
def test_each_case_has_its_step(
    case: dict[str, Any], action: Action, standing: Standing, kinds: tuple[BlockKind, ...]
) -> None:
    change = policy_in(plan_of(**case))
    assert (change.action, change.standing) == (action, standing)
    assert tuple(block.kind for block in change.blocks) == kinds


@pytest.mark.parametrize("allowed", [{}, {"allow_delete": True}, {"manage": ("*",)}])
def test_what_left_the_settings_file_stays_until_somebody_names_it(allowed: dict[str, Any]) -> None:
    plan = plan_of(None, None, looked=False, declared_last=EU, **allowed)
    assert plan.is_empty
    assert any("--delete-region-policy" in note for note in plan.notes)


def test_nothing_is_said_where_nobody_speaks_of_a_policy() -> None:
    assert plan_of(None, None, owner=None, looked=False) == plan_of(None, None, owner="other", looked=False)
    assert plan_of(None, None, owner=None, looked=False).notes == ()


def test_destroy_leaves_the_policy() -> None:
    plan = make_plan(
        DesiredSet((), emptied=True, region_policy=DesiredPolicy(EU)),
        Observation({}),
        Capabilities(version=Version(9, 5)),
        Permissions(allow_delete=True),
        LedgerView("shop", {REGION_POLICY: Owned("shop", EU)}),
    )
    assert plan.is_empty
    # The settings file may well declare it.
    assert [("stays" in note, "no settings file" in note) for note in plan.notes] == [(True, False)]


@pytest.mark.parametrize("version", ["9.4", "9.5"])
def test_a_removal_of_what_is_not_there_is_no_silence(version: str) -> None:
    seen = version == "9.5"
    plan = plan_of(None, None, owner=None, version=version, looked=seen, delete_ids=frozenset({REGION_POLICY}))
    assert plan.is_empty
    (note,) = plan.notes
    assert "no region policy to remove" in note
    assert ("9.5" in note) is not seen


@pytest.mark.parametrize("asked", [{"only_rotates": True}, {"target": ("a*",)}, {"exclude": (REGION_POLICY,)}])
def test_what_is_not_selected_has_no_step(asked: dict[str, Any]) -> None:
    plan = plan_of(EU, US, **asked)
    assert plan.is_empty
    assert any(REGION_POLICY in note for note in plan.notes) is not bool(asked.get("only_rotates"))


def test_paths_select_endpoints_and_a_note_says_what_is_left_out() -> None:
    named: dict[str, Any] = {"delete_ids": frozenset({REGION_POLICY})}
    for wanted in (EU, None):
        plan = plan_of(wanted, US, selected=frozenset("a"), looked=False, **named)
        assert plan.is_empty
        assert any(f"not selected by --target, --exclude or the paths given: {REGION_POLICY}" in n for n in plan.notes)


def test_what_is_declared_stays_although_its_removal_was_asked_for() -> None:
    change = policy_in(plan_of(EU, EU, delete_ids=frozenset({REGION_POLICY})))
    assert change.action is Action.NOOP
    assert any("stays" in warning for warning in change.warnings)


def test_an_older_server_is_named_with_the_version_that_has_policies() -> None:
    (block,) = policy_in(plan_of(EU, None, version="9.4", looked=False)).blocks
    assert "9.5" in block.text
    assert "9.4" in block.text


USED = References(pipelines=("ingest",))


def test_whom_it_denies_is_said_and_who_is_used_blocks_it() -> None:
    endpoints = (
        eis("a", IN_US),
        eis(".b", IN_US, model="other"),
        eis("c", IN_EU, model="n"),
        eis("d", IN_US, denied=True),
    )
    plan = plan_of(EU, None, *endpoints, files=(declared("a"), declared("new")))
    change = policy_in(plan)
    assert change.standing is Standing.READY
    assert [d.inference_id for d in change.denials] == [".b", "a", "d", "new"]
    assert [d.inference_id for d in change.denials if d.is_declared] == ["a", "new"]
    assert [d.inference_id for d in change.denials if d.by_model] == ["new"]
    assert [d.inference_id for d in change.denials if d.already] == ["d"]
    said = " ".join(change.warnings)
    assert all(name in said for name in ("a, new", ".b", "d (already denied)"))
    assert " c" not in said
    # Who uses them is asked next; then one of them is in the way.
    assert candidates_for_removal(plan).keys() == {"a", ".b", "d"}
    again = plan_of(EU, None, *endpoints, files=(declared("a"), declared("new")), references={"a": USED})
    blocked = policy_in(again)
    assert blocked.standing is Standing.BLOCKED
    (block,) = blocked.blocks
    assert block.kind is BlockKind.DENIES_USED
    assert "ingest" in block.text
    assert next((fix.kind, fix.text) for fix in block.fixes) == (FixKind.FLAG, "--allow-deny a")
    assert block.fixes[1].kind is FixKind.PERMIT
    assert "{deny: a, reason:" in block.fixes[1].text


@pytest.mark.parametrize("named", [{"allow_deny": frozenset("a")}, {"deny_ids": frozenset("a")}])
def test_only_the_one_that_is_named_may_be_denied(named: dict[str, Any]) -> None:
    endpoints, users = (eis("a", IN_US), eis("b", IN_US)), {"a": USED, "b": USED}
    change = policy_in(plan_of(EU, None, *endpoints, references={"a": USED}, **named))
    assert change.standing is Standing.READY
    assert change.may_deny == {"a"}
    assert any("ingest" in warning for warning in change.warnings)
    (block,) = policy_in(plan_of(EU, None, *endpoints, references=users, **named)).blocks
    assert "deny b" in block.text


def test_what_goes_in_the_same_run_is_not_denied_by_what_only_takes_away() -> None:
    last = {"a": Owned("shop", {})}
    kept = plan_of(EU, None, eis("a", IN_US), more=last)
    assert [d.inference_id for d in policy_in(kept).denials] == ["a"]
    going = plan_of(EU, None, eis("a", IN_US), more=last, files=(desired("z"),), allow_delete=True)
    assert policy_in(going).denials == ()


def names_of(plan: Plan) -> list[list[str]]:
    return [[change.inference_id for change in stage.changes] for stage in stages(plan)]


def test_what_allows_more_is_first_and_what_takes_away_is_last() -> None:
    last, wanted = {"old": Owned("shop", {})}, (declared("new"),)
    allowed: dict[str, Any] = {"more": last, "files": wanted, "allow_delete": True}
    there = eis("old", IN_EU)
    first = [[REGION_POLICY], ["new"], ["old"]]
    assert names_of(plan_of(EU_US, EU, there, **allowed)) == first
    assert names_of(plan_of(US, EU, there, **allowed)) == first
    assert names_of(plan_of(EU, EU_US, there, **allowed)) == [["new"], ["old"], [REGION_POLICY]]


def test_a_region_that_the_server_does_not_tell_is_neither_denied_nor_passed_over() -> None:
    change = policy_in(plan_of(EU, None, eis("a"), references={"a": USED}))
    assert change.standing is Standing.READY
    assert any("a is not known" in warning for warning in change.warnings)


def test_a_declared_endpoint_that_the_policy_in_force_denies_is_named_each_time() -> None:
    change = policy_in(plan_of(EU, EU, eis("a", IN_US, denied=True), eis("b", IN_US, denied=True), files=(declared(),)))
    assert change.action is Action.NOOP
    assert [("a " in warning, "b" in warning.split("declares")[1]) for warning in change.warnings] == [(True, False)]


def test_a_saved_plan_keeps_whom_it_would_deny() -> None:
    made = plan_of(
        EU,
        EU_US,
        eis(".in-us", IN_US),
        eis(".nowhere", model="n"),
        files=(declared("a"),),
        references={".in-us": References(("p",))},
    )
    saved = decode(encode(made))
    assert [denial.inference_id for denial in policy_in(made).denials] == [".in-us", ".nowhere", "a"]
    assert policy_in(saved).denials == policy_in(made).denials
    document: Any = encode(made)
    (of_endpoint,) = [change for change in document["plan"]["changes"] if change["id"] == "a"]
    of_endpoint["denies"] = [{"id": "b", "task_type": "rerank"}]
    document["digest"] = digest(document["plan"])
    with pytest.raises(Damaged, match="only a region policy"):
        decode(document)


IN_FORCE: list[tuple[str, list[ObservedEndpoint], dict[str, Any], bool]] = [
    ("the endpoint itself is denied", [eis("a", IN_US, denied=True)], {}, True),
    ("one of the server's own with its model is", [eis(".own", IN_US, denied=True)], {}, True),
    ("both are", [eis("a"), eis(".own", IN_US, denied=True)], {}, True),
    ("one of another model is", [eis("a"), eis(".own", IN_US, model="n", denied=True)], {}, False),
    ("of two with its model one is", [eis(".own", IN_US, denied=True), eis(".too", IN_EU)], {}, False),
    ("none is", [eis("a", IN_US), eis(".own", IN_US)], {}, False),
    # Its step says whom the policy denies; what a step changes is not in force for long.
    ("the settings file declares one", [eis("a", IN_US, denied=True)], {"wanted": US, "there": EU}, False),
    ("and it is left out", [eis("a", IN_US, denied=True)], {"wanted": US, "there": EU, "exclude": ("_region*",)}, True),
    ("the step of another one is blocked", [eis("a", IN_US, denied=True)], {"wanted": US, "there": EU, "owner": "x"}, True),
    ("it is removed", [eis("a", IN_US, denied=True)], {"there": EU, "delete_ids": frozenset({REGION_POLICY})}, False),
    ("it may not be", [eis("a", IN_US, denied=True)], {"there": EU, "delete_ids": frozenset({REGION_POLICY}), "owner": "x"}, True),
]  # fmt: skip


def test_what_a_policy_in_force_denies_is_said_of_the_endpoint_where_no_step_of_the_policy_says_it() -> None:
    for name, there, more, is_said in IN_FORCE:
        policies = {"wanted": None, "there": None, **more}
        plan = plan_of(policies.pop("wanted"), policies.pop("there"), *there, files=(declared(),), **policies)
        (change,) = [change for change in plan.changes if change.inference_id == "a"]
        assert any("region policy" in warning for warning in change.warnings) == is_said, name
