"""A saved plan meets the cluster as it is now: it holds, it is stale, or it lacks a permission. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import changed, desired, ledger_view, observed, owned

from inferctl.errors import PlanFileError, StalePlan
from inferctl.fix import Fix, FixKind
from inferctl.model.versions import SERVERLESS, Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.file.decode import loads
from inferctl.planner.file.encode import dumps
from inferctl.planner.file.plan_again import with_fixes_by_planning
from inferctl.planner.file.recheck import check_same_environment, check_target, desired_of, permissions_for, reconcile
from inferctl.planner.make_plan import make_plan
from inferctl.planner.normalise import leaves, normalise_desired, normalise_observed
from inferctl.planner.ownership import TRIAL
from inferctl.planner.plan import Capabilities, DesiredSet, Guard, Observation, Permissions, Plan
from inferctl.planner.references import References
from inferctl.planner.secret_state import SecretCheck, SecretState

from .test_laws import as_observed, sets

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.ownership import LedgerView

CLUSTER = Capabilities(version=Version(9, 5), cluster_uuid="u", cluster_name="c", number="9.5.0")
ALL = Permissions(manage=("a*", "b*"), allow_delete=True, allow_replace=True, max_deletes="100%")


def seen(there: list[ObservedEndpoint], references: dict[str, References] | None = None) -> Observation:
    return Observation({e.inference_id: e for e in there}, references=references or {})


def saved_plan(
    wanted: list[DesiredEndpoint],
    there: list[ObservedEndpoint],
    allowed: Permissions = ALL,
    ledger: LedgerView | None = None,
    references: dict[str, References] | None = None,
) -> Plan:
    """Made, written and read."""
    plan = make_plan(DesiredSet(tuple(wanted)), seen(there, references), CLUSTER, allowed, ledger)
    return loads(dumps(plan).encode(), "plan.json")


def met(
    saved: Plan,
    there: list[ObservedEndpoint],
    allowed: Permissions = ALL,
    ledger: LedgerView | None = None,
    references: dict[str, References] | None = None,
    *,
    skip: bool = False,
) -> Plan:
    """As `observe.cluster` does it, with a cluster that is given."""
    observation = seen(there, references)
    permissions = permissions_for(saved, allowed)
    fresh = make_plan(desired_of(saved), observation, CLUSTER, permissions, ledger)
    return reconcile(saved, fresh, observation, permissions, ledger, skip_stale=skip)


def step(plan: Plan, name: str) -> Change:
    return next(change for change in plan.changes if change.inference_id == name)


def why(plan: Plan, name: str) -> str:
    assert step(plan, name).is_stale, step(plan, name)
    return step(plan, name).blocks[0].text


WANTED = [desired("a-new"), desired("a-moved", task={"user": "y"}), desired("a-same")]
THERE = [observed("a-moved", task={"user": "x"}), observed("a-same"), observed("b-gone")]


@given(sets, sets)
@settings(max_examples=60)
def test_where_nothing_moved_the_plan_is_carried_out_as_it_was(wanted: list[Any], holds: list[Any]) -> None:
    there = [as_observed(endpoint) for endpoint in holds]
    plan = make_plan(DesiredSet(tuple(wanted)), seen(there), CLUSTER, ALL)
    again = met(loads(dumps(plan).encode(), "p"), there)
    assert again.stops == plan.stops
    assert [changed(c, desired=None) for c in again.changes] == [changed(c, desired=None) for c in plan.changes]


@given(sets, sets, st.data())
@settings(max_examples=60)
def test_what_somebody_changed_is_named_and_only_that(wanted: list[Any], holds: list[Any], data: st.DataObject) -> None:
    there = [as_observed(endpoint) for endpoint in holds]
    saved = saved_plan(wanted, there)
    if not there or saved.stops:
        return
    touched = data.draw(st.sampled_from(there))
    raw = {**touched.raw, "task_settings": {"user": "somebody else"}}
    now = [type(touched).from_json(raw) if e is touched else e for e in there]
    again = met(saved, now, skip=True)
    relied = [c.inference_id for c in saved.runnable if c.inference_id == touched.inference_id]
    assert [c.inference_id for c in again.changes if c.is_stale] == relied
    assert {c.inference_id for c in again.runnable} == {c.inference_id for c in saved.runnable} - set(relied)
    if relied:
        assert "task_settings.user changed" in why(again, touched.inference_id)
        assert met(saved, now).runnable == ()


@pytest.mark.parametrize(
    ("name", "now", "said"),
    [
        ("a-new", [*THERE, observed("a-new", settings={"model_id": "n"})],
         "stale: it is there now, with other settings"),
        ("a-moved", THERE[1:], "stale: it is gone"),
        ("a-moved", [observed("a-moved", task={"user": "z"}), *THERE[1:]], "stale: task_settings.user changed"),
        (
            "a-moved",
            [observed("a-moved", task={"user": "x"}, settings={"model_id": "m", "rate_limit": {"requests_per_minute": 7}}),
             *THERE[1:]],
            "stale: service_settings.rate_limit.requests_per_minute changed",
        ),
        ("b-gone", [*THERE[:2], observed("b-gone", settings={"model_id": "n"})],
         "stale: service_settings.model_id changed, service_settings.rate_limit.requests_per_minute changed"),
    ],
)  # fmt: skip
def test_what_moved(name: str, now: list[ObservedEndpoint], said: str) -> None:
    saved = saved_plan(WANTED, THERE)
    again = met(saved, now)
    assert why(again, name) == said
    (stop,) = again.stops
    assert stop.guard is Guard.STALE
    assert f"{name} ({said.removeprefix('stale: ')})" in stop.text
    assert again.runnable == ()
    others = {c.inference_id for c in met(saved, now, skip=True).runnable}
    assert others == {"a-new", "a-moved", "b-gone"} - {name}


def test_live_values_are_no_staleness() -> None:
    def model(allocations: int, **more: Any) -> ObservedEndpoint:
        given = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": allocations}
        adaptive = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 8}
        return observed("a", task_type="sparse_embedding", service="elasticsearch",
                        settings={**given, "adaptive_allocations": {**adaptive, **more}})  # fmt: skip

    wanted = desired("a", task_type="sparse_embedding", service="elasticsearch", settings={
        "model_id": ".elser_model_2", "num_threads": 1,
        "adaptive_allocations": {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 4},
    })  # fmt: skip
    saved = saved_plan([wanted], [model(1)])
    assert [c.action for c in saved.runnable] == [Action.UPDATE]
    assert [c.inference_id for c in met(saved, [model(5)]).runnable] == ["a"]
    moved = met(saved, [model(5, min_number_of_allocations=0)])
    assert why(moved, "a") == "stale: service_settings.adaptive_allocations.min_number_of_allocations changed"


def test_an_endpoint_that_needed_nothing_and_was_changed_is_left_alone_and_named() -> None:
    saved = saved_plan(WANTED, THERE)
    now = [THERE[0], observed("a-same", settings={"model_id": "n"}), THERE[2]]
    again = met(saved, now)
    assert [c.inference_id for c in again.runnable] == ["a-moved", "a-new", "b-gone"]
    assert step(again, "a-same").action is Action.NOOP
    assert any("a-same has changed since the plan was saved" in warning for warning in again.warnings)


@pytest.mark.parametrize(
    ("allowed", "standing", "kind"),
    [
        (changed(ALL, allow_delete=False), Standing.HELD, BlockKind.NEEDS_ALLOW_DELETE),
        (changed(ALL, manage=()), None, None),
    ],
)
def test_a_plan_file_permits_nothing(allowed: Permissions, standing: Standing | None, kind: BlockKind | None) -> None:
    """What the plan's operator could do, this one may have to grant anew."""
    again = met(saved_plan([desired("a-same")], THERE[1:]), THERE[1:], allowed)
    if standing is None:
        assert again.runnable == ()  # without manage it is not ours: not there for us to remove
    else:
        assert step(again, "b-gone").standing is standing
        assert [block.kind for block in step(again, "b-gone").blocks] == [kind]
        assert again.stops == ()


def test_limits_hold_at_the_time_of_the_apply() -> None:
    there = [observed(f"b{i}") for i in range(4)]
    saved = saved_plan([desired("a-new")], there)
    assert len(saved.runnable) == 5
    again = met(saved, there, changed(ALL, max_deletes=None))
    assert [stop.guard for stop in again.stops] == [Guard.MAX_DELETES]
    assert [s.guard for s in met(saved, there, changed(ALL, max_changes=3)).stops] == [Guard.MAX_CHANGES]
    assert [s.guard for s in met(saved, there, changed(ALL, manage=("*",))).stops] == [Guard.ALL_MATCHING_GLOB]


def test_what_was_held_when_it_was_saved_stays_held() -> None:
    saved = saved_plan([desired("a-same")], THERE[1:], changed(ALL, allow_delete=False))
    assert step(saved, "b-gone").standing is Standing.HELD
    assert step(met(saved, THERE[1:]), "b-gone").standing is Standing.HELD


def test_a_stopped_plan_is_stopped_again() -> None:
    saved = saved_plan([], THERE)
    assert [stop.guard for stop in saved.stops] == [Guard.EMPTY_SET]
    again = met(saved, THERE)
    assert again.stops == saved.stops
    assert again.runnable == ()


def test_nothing_goes_that_the_plan_does_not_name() -> None:
    saved = saved_plan([desired("a-new")], [], ALL)
    again = met(saved, [observed("a-other"), observed("b-ours")])
    assert [c.inference_id for c in again.changes] == ["a-new"]


USED = References(pipelines=("p",))


def test_new_users_make_a_removal_stale_and_forced_ones_need_the_word_again() -> None:
    saved = saved_plan([desired("a-same")], THERE[1:], references={"b-gone": References()})
    assert why(met(saved, THERE[1:], references={"b-gone": USED}), "b-gone") == "stale: used by pipelines p"
    forced = changed(ALL, force_delete=frozenset({"b-gone"}))
    saved = saved_plan([desired("a-same")], THERE[1:], forced, references={"b-gone": USED})
    assert step(saved, "b-gone").will_run
    assert step(met(saved, THERE[1:], forced, references={"b-gone": USED}), "b-gone").will_run
    without = met(saved, THERE[1:], references={"b-gone": USED})
    assert [block.kind for block in step(without, "b-gone").blocks] == [BlockKind.REFERENCED]
    assert without.stops == ()


def test_a_plan_that_could_not_ask_the_server_is_not_stale_for_what_the_server_says() -> None:
    own_scan = {"b-gone": References(scan=(), asked=False)}
    saved = saved_plan([desired("a-same")], THERE[1:], references=own_scan)
    again = met(saved, THERE[1:], references={"b-gone": USED})
    assert [block.kind for block in step(again, "b-gone").blocks] == [BlockKind.REFERENCED]


@pytest.mark.parametrize(
    ("name", "forged", "said"),
    [
        ("b-gone", {"record": owned(intent=TRIAL)}, "what is planned does not follow from what is declared"),
        ("a-moved", {"action": Action.REPLACE}, "replace was planned, and now it would be update"),
        ("a-moved", {"fields": ()}, "task_settings.user is decided otherwise now"),
    ],
)
def test_a_step_that_no_declaration_leads_to_is_refused(name: str, forged: dict[str, Any], said: str) -> None:
    there = [THERE[0], THERE[2]]
    plan = saved_plan([desired("a-moved", task={"user": "y"})], there)
    forgery = changed(plan, changes=tuple(changed(c, **forged) if c.inference_id == name else c for c in plan.changes))
    again = met(loads(dumps(forgery).encode(), "p"), there)
    assert why(again, name) == f"stale: {said}"
    assert again.runnable == ()


def test_what_is_sent_and_looked_for_follows_from_the_declaration() -> None:
    wanted, there = [desired("a-moved", task={"user": "y"})], THERE[:1]
    saved = saved_plan(wanted, there)
    again = step(met(saved, there), "a-moved")
    assert saved.changes[0].update_body == again.update_body == {"task_settings": {"user": "y"}}
    assert saved.changes[0].expected == again.expected == dict(leaves(normalise_desired(wanted[0])))


def test_a_forged_delete_of_what_a_file_declares_or_nobody_owns() -> None:
    plan = saved_plan([desired("a-same")], THERE[1:])
    gone = step(plan, "b-gone")
    strange = observed("c-theirs")
    forgery = changed(gone, inference_id="c-theirs", observed=normalise_observed(strange))
    again = met(changed(plan, changes=(plan.changes[0], gone, forgery)), [*THERE[1:], strange], skip=True)
    assert [c.inference_id for c in again.runnable] == ["b-gone"]


def ledger(**scopes: str) -> LedgerView:
    named = {name.replace("_", "-"): scope for name, scope in scopes.items()}
    return ledger_view(
        "shop",
        owned={name: owned(scope, declared=normalise_desired(desired(name))) for name, scope in named.items()},
    )


def test_the_ledger_moved() -> None:
    wanted = [desired("a-moved", task={"user": "y"})]
    ours = ledger(a_moved="shop")
    allowed = changed(ALL, manage=())
    saved = saved_plan(wanted, THERE[:1], allowed, ours)
    assert step(met(saved, THERE[:1], allowed, ours), "a-moved").will_run
    assert why(met(saved, THERE[:1], allowed, ledger(a_moved="wiki")), "a-moved") == "stale: scope wiki owns it"
    forgotten = met(saved, THERE[:1], allowed, ledger())
    assert "it exists with other settings and is not ours" in why(forgotten, "a-moved")
    adopting = met(saved, THERE[:1], changed(allowed, adopt=("a-moved",)), ledger())
    assert why(adopting, "a-moved") == "stale: it is not ours any more"
    # An adoption that the plan's operator allowed needs this one's word as well.
    saved = saved_plan(wanted, THERE[:1], changed(allowed, adopt=("a-moved",)), ledger())
    again = met(saved, THERE[:1], allowed, ledger())
    assert [block.kind for block in step(again, "a-moved").blocks] == [BlockKind.NOT_OURS]


def checked(view: LedgerView, state: SecretState) -> LedgerView:
    return changed(
        view, secrets={"a": (SecretCheck(path=("service_settings", "api_key"), state=state, since="2026-01-01"),)}
    )


def test_a_secret_that_could_not_be_checked_is_rotated_if_it_changed() -> None:
    allowed = changed(ALL, manage=())
    ours = ledger(a="shop")
    saved = saved_plan([desired("a")], [observed("a")], allowed, checked(ours, SecretState.NOT_CHECKED))
    assert [c.action for c in saved.changes] == [Action.NOOP]
    assert saved.changes[0].unchecked_secrets
    again = met(saved, [observed("a")], allowed, checked(ours, SecretState.CHANGED))
    assert [c.action for c in again.runnable] == [Action.UPDATE]
    assert again.runnable[0].rotates_secrets
    assert met(saved, [observed("a")], allowed, checked(ours, SecretState.SAME)).is_empty
    # With a change of a setting as well, the secret makes no difference to what was reviewed.
    both = saved_plan(
        [desired("a", task={"user": "x"})], [observed("a")], allowed, checked(ours, SecretState.NOT_CHECKED)
    )
    for state in (SecretState.CHANGED, SecretState.SAME, SecretState.NOT_CHECKED):
        again = met(both, [observed("a")], allowed, checked(ours, state))
        assert [c.inference_id for c in again.runnable] == ["a"], state
    # A plan that knew the secret to be the same does not send it.
    known = saved_plan([desired("a")], [observed("a")], allowed, checked(ours, SecretState.SAME))
    assert met(known, [observed("a")], allowed, checked(ours, SecretState.CHANGED)).runnable == ()


def test_secrets_are_sent_again_where_the_plan_says_so() -> None:
    saved = saved_plan([desired("a1")], [observed("a1")], changed(ALL, send_secrets=("a*",)))
    assert [c.rotates_secrets for c in saved.runnable] == [True]
    again = met(saved, [observed("a1")], changed(ALL, send_secrets=("nothing",)))
    assert [c.rotates_secrets for c in again.runnable] == [True]


@pytest.mark.parametrize(
    ("made_for", "chosen", "fix"),
    [
        ("prod", "staging", Fix(FixKind.FLAG, "--env prod")),
        ("", "prod", Fix(FixKind.COMMAND, "inferctl plan --out p.json --env prod")),
        ("prod", "", Fix(FixKind.ADVICE, "apply it with the settings file that it was made with")),
    ],
)
def test_another_environment(made_for: str, chosen: str, fix: Fix) -> None:
    saved = changed(saved_plan(WANTED, THERE), environment=made_for, file="p.json")
    check_same_environment(saved, made_for)
    with pytest.raises(StalePlan, match="nothing was sent") as refused:
        check_same_environment(saved, chosen)
    assert refused.value.fixes == (fix,)


def test_what_is_typed_to_plan_again_names_the_environment() -> None:
    no_removals = changed(ALL, allow_delete=False, allow_replace=False)
    held = saved_plan([desired("a1", task={"user": "x"})], [observed("a1"), observed("b1")], no_removals)
    of_plan = with_fixes_by_planning(changed(held, environment="prod", file="p.json"), to_apply=True)
    fixes = [fix.text for change in of_plan.changes for block in change.blocks for fix in block.fixes]
    assert fixes
    for text in fixes:
        assert text.startswith("inferctl plan --out p.json --env prod ")
        assert "&& inferctl apply p.json --env prod " in text


def test_another_cluster_another_version_another_scope() -> None:
    saved = saved_plan(WANTED, THERE)
    check_target(saved, changed(CLUSTER, cluster_name="renamed", number="9.5.3"), "")
    check_target(None, CLUSTER, "x")
    # a step that another patch decides otherwise is stale by itself
    check_target(saved, changed(CLUSTER, version=Version(9, 5, patch=3)), "")
    with pytest.raises(StalePlan, match="for the cluster u "):
        check_target(saved, changed(CLUSTER, cluster_uuid="v"), "")
    for version in (Version(9, 4), SERVERLESS):
        with pytest.raises(StalePlan, match=r"for Elasticsearch 9\.5, and this cluster is"):
            check_target(saved, changed(CLUSTER, version=version), "")
    with pytest.raises(PlanFileError, match="under the scope"):
        check_target(saved, CLUSTER, "shop")
    with pytest.raises(PlanFileError, match="which cluster"):
        check_target(changed(saved, capabilities=None), CLUSTER, "")
