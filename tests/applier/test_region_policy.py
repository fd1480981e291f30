"""The region policy, planned and carried out on an emulated cluster: what is sent, read back, kept, and told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Cut, Emulated, Reply, error, reply
from tests.factories import desired, run_record

from inferctl.applier.events import Left, Result
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.runner import Options, Run
from inferctl.fix import FixKind, flag
from inferctl.ledger.index import IndexLedger
from inferctl.model.ids import REGION_POLICY
from inferctl.observe.cluster import plan_cluster, plan_saved, read_capabilities
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.file.decode import decode
from inferctl.planner.file.encode import dumps
from inferctl.planner.file.models import digest
from inferctl.planner.file.strict_json import Damaged
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.planner.region_policy import DesiredPolicy

from .worlds import Patience, Ran, without_scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.plan import Plan

PATH = "/_inference/_region_policy"
GET, PUT, DELETE = (f"{method} {PATH}" for method in ("GET", "PUT", "DELETE"))
EU: dict[str, Any] = {"allowed_geos": ["eu"]}
US: dict[str, Any] = {"allowed_geos": ["us"]}
EU_US: dict[str, Any] = {"allowed_geos": ["eu", "us"]}
RERANK = {"task_type": "rerank", "model_id": "r", "regions": [{"csp": "aws", "region": "us-east-1", "geo": "us"}]}
DENIED = "Cannot put the region policy because it would deny access to the following in-use inference endpoints"
NAMED: frozenset[str] = frozenset({REGION_POLICY})


def cluster(policy: dict[str, Any] | None = None, version: str = "9.5") -> Emulated:
    """Connected to a service that offers `.rerank` in the US; a policy that somebody else has set."""
    emulated = Emulated(version)
    in_eu = {**RERANK, "model_id": "e", "regions": [{"geo": "eu"}]}
    emulated.call("POST", "/_emulator/eis", {".rerank": RERANK, ".rerank-eu": in_eu})
    if policy is not None:
        emulated.call("PUT", PATH, {"region_policy": policy})
    return emulated


def used(emulated: Emulated) -> Emulated:
    emulated.call("PUT", "/_ingest/pipeline/ranker", {"processors": [{"inference": {"model_id": ".rerank"}}]})
    return emulated


def rerank(inference_id: str = "a", model: str = "r") -> DesiredEndpoint:
    return desired(inference_id, task_type="rerank", service="elastic", settings={"model_id": model})


def plan(
    emulated: Emulated, policy: dict[str, Any] | None, *endpoints: DesiredEndpoint, scope: str = "mine", **allowed: Any
) -> Plan:
    ledger = IndexLedger(emulated.client, scope)
    ledger.prepare()
    work = DesiredSet(endpoints, region_policy=None if policy is None else DesiredPolicy(policy), named=True)
    made = plan_cluster(emulated.client.read_only(), work, Permissions(**allowed), ledger=ledger.view())
    emulated.sent.clear()
    return made


def run(emulated: Emulated, made: Plan) -> Ran:
    ledger = IndexLedger(emulated.client, made.scope)
    view = ledger.view()
    stop = Patience(emulated)
    notes = LedgerNotes(ledger, made, run_record("r", scope=made.scope), lambda: "2026-01-01T00:00:01Z", view.owned)
    emulated.sent.clear()
    ended = Run(made, emulated.client, {}, lambda _event: None, stop, Options(clock=stop.clock), notes).carry_out()
    return Ran(ended)


def apply(emulated: Emulated, policy: dict[str, Any] | None, *endpoints: DesiredEndpoint, **allowed: Any) -> Ran:
    return run(emulated, plan(emulated, policy, *endpoints, **allowed))


def stored(emulated: Emulated) -> Any:
    calm = Emulated()
    calm.cluster = emulated.cluster
    seen = calm.cluster.region_policy
    return None if seen is None else seen["region_policy"]


def record(emulated: Emulated, scope: str = "mine") -> Any:
    return IndexLedger(emulated.client, scope).view().owned.get(REGION_POLICY)


def of_policy(emulated: Emulated) -> list[str]:
    return [line for line in emulated.sent if PATH in line]


def test_it_is_set_read_back_kept_as_ours_and_then_as_declared() -> None:
    emulated = cluster()
    ran = apply(emulated, EU)
    assert (ran.code, ran[REGION_POLICY].result, ran[REGION_POLICY].wrote) == (0, Result.DONE, True)
    # Looked at, put without force, read back.
    assert of_policy(emulated) == [GET, PUT, GET]
    assert stored(emulated) == EU
    assert (record(emulated).scope, record(emulated).declared, record(emulated).intent) == ("mine", EU, "")
    assert plan(emulated, EU).is_empty
    (change,) = plan(emulated, EU_US).steps
    assert (change.action, [(f.before, f.after) for f in change.fields]) == (Action.UPDATE, [(["eu"], ["eu", "us"])])
    assert apply(emulated, EU_US).code == 0
    assert stored(emulated) == EU_US


def test_nobody_asks_for_a_policy_of_which_nobody_speaks() -> None:
    emulated = cluster(EU)
    ledger = IndexLedger(emulated.client, "mine")
    plan_cluster(emulated.client.read_only(), DesiredSet((desired(),)), Permissions(), ledger=ledger.view())
    assert not of_policy(emulated)
    apply(emulated, EU)
    # Ours, and its key has left the file: the ledger's own read tells.
    emulated.sent.clear()
    made = plan_cluster(
        emulated.client.read_only(), DesiredSet((), named=True), Permissions(allow_delete=True), ledger=ledger.view()
    )
    assert made.is_empty
    assert any("inferctl forget _region_policy" in note for note in made.notes)
    assert not of_policy(emulated)


def test_an_older_server_is_not_asked() -> None:
    emulated = Emulated("9.4")
    (change,) = plan(emulated, EU).steps
    assert [block.kind for block in change.blocks] == [BlockKind.IMPOSSIBLE]
    ran = apply(emulated, EU)
    assert ran.code == 3
    assert not of_policy(emulated)


def lost(line: str, *, done: bool) -> Callable[[Emulated], None]:
    """The answer to this write never comes, whether it was done or not."""

    def strike(emulated: Emulated) -> None:
        def cut(method: str, target: str, *_answer: Reply) -> Any:
            if f"{method} {target}".startswith(line):
                raise Cut
            return _answer[0] if _answer else None

        if done:
            emulated.after = cut
        else:
            emulated.override = cut

    return strike


def answers(line: str, answer: Reply) -> Callable[[Emulated], None]:
    def strike(emulated: Emulated) -> None:
        emulated.override = lambda method, target: answer if f"{method} {target}".startswith(line) else None

    return strike


def answered(line: str, answer: Reply) -> Callable[[Emulated], None]:
    """It is done, and somebody else answers."""

    def strike(emulated: Emulated) -> None:
        emulated.after = lambda m, t, genuine: answer if f"{m} {t}".startswith(line) else genuine

    return strike


SHOWS_US = reply(200, {"region_policy": US, "created_at": "x"})
# What happens to a PUT of EU where US was in force, how the step ends, whether something may have been written.
FAULTS: list[tuple[str, Callable[[Emulated], None], Result, bool]] = [
    ("the answer is lost, and it was done", lost(PUT, done=True), Result.DONE, True),
    ("the answer is lost, and it was not done", lost(PUT, done=False), Result.UNKNOWN, True),
    ("a proxy says 503 after it was done", answered(PUT, error(503)), Result.DONE, True),
    ("the server refuses it", answers(PUT, error(400)), Result.FAILED, False),
    ("a change came first", answers(PUT, error(409, reason="concurrent update conflict")), Result.FAILED, False),
    ("the answer is no policy, and it was done", answered(PUT, reply(200, {"acknowledged": True})), Result.DONE, True),
    ("the answer is another policy", answers(PUT, SHOWS_US), Result.IGNORED, True),
    ("it cannot be read before", answers(GET, error(500)), Result.FAILED, False),
]


@pytest.mark.parametrize(("strike", "result", "wrote"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_what_is_told_of_a_put_is_true(strike: Callable[[Emulated], None], result: Result, wrote: bool) -> None:
    emulated = cluster()
    assert apply(emulated, US).code == 0
    made = plan(emulated, EU)
    strike(emulated)
    ran = run(emulated, made)
    assert (ran[REGION_POLICY].result, ran[REGION_POLICY].wrote) == (result, wrote)
    assert stored(emulated) == (EU if result is Result.DONE else US)
    assert record(emulated).unwell is None  # it is no endpoint that could be looked at
    emulated.calm()
    assert apply(emulated, EU).code == 0
    assert stored(emulated) == EU


def test_a_read_back_that_says_otherwise_is_no_success() -> None:
    emulated = cluster(US)
    made = plan(emulated, EU, adopt=(REGION_POLICY,))
    emulated.after = lambda method, target, answer: (
        SHOWS_US if (method, target) == ("GET", PATH) and PUT in emulated.sent else answer
    )
    ran = run(emulated, made)
    assert (ran.code, ran[REGION_POLICY].result, ran[REGION_POLICY].left) == (4, Result.IGNORED, Left.OTHER)


def test_what_somebody_changed_since_the_plan_is_left_alone() -> None:
    emulated = cluster()
    apply(emulated, US)
    made = plan(emulated, EU)
    emulated.call("PUT", PATH, {"region_policy": EU_US})
    ran = run(emulated, made)
    assert (ran.code, ran[REGION_POLICY].result, of_policy(emulated)) == (1, Result.FAILED, [GET])


def test_a_run_that_died_at_the_put_leaves_its_claim() -> None:
    emulated = cluster()
    made = plan(emulated, EU)
    lost(PUT, done=False)(emulated)
    assert run(emulated, made)[REGION_POLICY].result is Result.UNKNOWN
    emulated.calm()
    assert record(emulated).intent == "create"
    assert apply(emulated, EU).code == 0
    assert record(emulated).intent == ""


def test_force_goes_only_for_the_endpoints_that_are_named() -> None:
    emulated = used(cluster())
    made = plan(emulated, EU)
    (change,) = made.steps
    assert change.standing is Standing.BLOCKED
    assert ".rerank" in change.blocks[0].text
    assert run(emulated, made).code == 3
    assert of_policy(emulated) == []
    ran = apply(emulated, EU, allow_deny=frozenset({".rerank"}))
    assert (ran.code, of_policy(emulated)) == (0, [GET, PUT, f"{PUT}?force=true", GET])
    assert stored(emulated) == EU


def test_what_the_server_alone_knows_to_be_in_use_blocks_the_step() -> None:
    """The plan saw nobody: the pipeline came after it. Another one that was named does not help."""
    emulated = cluster()
    made = plan(emulated, EU, allow_deny=frozenset({"other"}))
    used(emulated)
    ran = run(emulated, made)
    step = ran[REGION_POLICY]
    assert (ran.code, step.result, step.wrote) == (3, Result.BLOCKED, False)
    assert ".rerank" in step.detail
    assert step.cause is not None
    assert step.cause.fixes[0] == flag("--allow-deny .rerank")
    assert of_policy(emulated) == [GET, PUT]
    assert stored(emulated) is None


def test_a_policy_in_force_that_denies_a_declared_model_is_widened_before_its_endpoint_is_created() -> None:
    emulated = cluster()
    assert apply(emulated, EU).code == 0
    assert apply(emulated, EU, rerank()).code == 1  # a denied model cannot be created
    ran = apply(emulated, EU_US, rerank())
    assert ran.code == 0
    assert [line for line in emulated.writes if "/_inference/" in line] == [PUT, "PUT /_inference/rerank/a?timeout=60s"]


def test_what_only_takes_away_waits_for_the_deletes_and_is_not_begun_after_a_failure() -> None:
    emulated = cluster()
    emulated.call("PUT", "/_inference/rerank/a", {"service": "elastic", "service_settings": {"model_id": "r"}})
    assert apply(emulated, None, rerank()).code == 0
    refused = apply(emulated, EU, desired("z", settings={"model_id": "no key"}), allow_delete=True)
    assert refused[REGION_POLICY].result is Result.NOT_STARTED
    assert (refused.code, of_policy(emulated)) == (1, [])
    both = apply(emulated, EU, rerank("z", "e"), allow_delete=True)
    sent = [line.split("?")[0] for line in emulated.writes if "/_inference/" in line]
    assert (both.code, sent) == (0, ["PUT /_inference/rerank/z", "DELETE /_inference/rerank/a", PUT])


def test_it_goes_when_it_is_named_and_only_then() -> None:
    emulated = cluster()
    apply(emulated, EU)
    assert plan(emulated, None, allow_delete=True).is_empty
    ran = apply(emulated, None, delete_ids=NAMED)
    assert (ran.code, of_policy(emulated)) == (0, [GET, DELETE, GET])
    assert (stored(emulated), record(emulated)) == (None, None)


@pytest.mark.parametrize(
    ("strike", "result"),
    [
        (lost(DELETE, done=True), Result.DONE),
        (lost(DELETE, done=False), Result.UNKNOWN),
        (answers(DELETE, reply(200, {"acknowledged": False})), Result.UNKNOWN),
        (answers(DELETE, reply(200, {"acknowledged": True})), Result.FAILED),
        (answers(DELETE, error(403, "security_exception")), Result.FAILED),
    ],
)
def test_what_is_told_of_a_removal_is_true(strike: Callable[[Emulated], None], result: Result) -> None:
    emulated = cluster()
    apply(emulated, EU)
    made = plan(emulated, None, delete_ids=NAMED)
    strike(emulated)
    assert run(emulated, made)[REGION_POLICY].result is result
    assert (stored(emulated) is None, record(emulated) is None) == (result is Result.DONE, result is Result.DONE)


def test_what_was_read_after_a_lost_answer_is_told_as_it_is() -> None:
    emulated = cluster()
    apply(emulated, EU)
    made = plan(emulated, US)
    # Somebody else sets a third one while our answer is lost.
    lost(PUT, done=False)(emulated)
    third = reply(200, {"region_policy": EU_US, "created_at": "x"})
    emulated.after = lambda m, t, genuine: third if f"{m} {t}" == GET and PUT in emulated.sent else genuine
    ran = run(emulated, made)
    assert ran[REGION_POLICY].result is Result.UNKNOWN
    assert "neither as it was nor as declared" in ran[REGION_POLICY].detail
    emulated.calm()
    made = plan(emulated, None, delete_ids=NAMED)
    lost(DELETE, done=True)(emulated)
    ran = run(emulated, made)
    assert ran[REGION_POLICY].result is Result.DONE
    assert "declared" not in ran[REGION_POLICY].detail


@pytest.mark.parametrize(
    ("named", "flags", "shown", "hidden"),
    [
        (["--yes; rm -rf ~"], ["--allow-deny '--yes; rm -rf ~'"], "--yes; rm -rf ~", "--allow-deny"),
        (["late", ".rerank", "x"], ["--allow-deny late --allow-deny x"], "late, x", ".rerank"),
        ([f"e{number:03}" for number in range(500)], [], "e009 and 490 more", "e010"),
        (["x", "*"], [], "*, x", "--allow-deny"),
    ],
)
def test_what_the_server_names_is_a_fix_and_no_command_and_no_flood(
    named: list[str], flags: list[str], shown: str, hidden: str
) -> None:
    emulated = cluster()
    made = plan(emulated, EU, allow_deny=frozenset({".rerank"}))
    refusal = {"type": "status_exception", "reason": DENIED, "denied_endpoint_ids": named}
    answers(PUT, reply(409, {"error": refusal, "status": 409}))(emulated)
    step = run(emulated, made)[REGION_POLICY]
    assert (step.result, step.wrote) == (Result.BLOCKED, False)
    assert step.cause is not None
    assert [fix.text for fix in step.cause.fixes if fix.kind is FixKind.FLAG] == flags
    assert shown in step.detail
    assert hidden not in step.detail + step.cause.text


def test_what_another_scope_owns_is_theirs_until_it_is_taken_over() -> None:
    emulated = cluster()
    apply(emulated, EU)
    assert apply(emulated, US, scope="other").code == 3
    assert apply(emulated, None, scope="other", delete_ids=NAMED).code == 3
    assert stored(emulated) == EU
    assert apply(emulated, US, scope="other", take_over=(REGION_POLICY,)).code == 0
    assert (stored(emulated), record(emulated).scope) == (US, "other")


def test_what_is_there_as_declared_becomes_ours_without_a_write() -> None:
    emulated = cluster(EU)
    assert apply(emulated, EU).code == 0
    assert (of_policy(emulated), record(emulated).scope) == ([], "mine")
    assert apply(emulated, None, forget=NAMED).code == 0
    assert (stored(emulated), record(emulated)) == (EU, None)


def saved_and_applied(emulated: Emulated, made: Plan, meanwhile: Callable[[], object], **allowed: Any) -> Ran:
    """The plan goes through a file, and is carried out from there."""
    text = dumps(made)
    saved = decode(json.loads(text))
    assert dumps(saved) == text
    meanwhile()
    ledger = IndexLedger(emulated.client, "mine")
    again = plan_saved(
        emulated.client.read_only(),
        saved,
        Permissions(**allowed),
        read_capabilities(emulated.client),
        ledger.view(),
        skip_stale=False,
    )
    return run(emulated, again)


def test_a_saved_plan_is_done_as_it_was_or_not_at_all() -> None:
    emulated = cluster()
    capabilities = read_capabilities(emulated.client)

    def made(policy: dict[str, Any] | None, **allowed: Any) -> Plan:
        return replace(plan(emulated, policy, **allowed), capabilities=capabilities)

    def nothing() -> None:
        return

    def moved() -> None:
        emulated.call("PUT", PATH, {"region_policy": EU_US})

    assert saved_and_applied(emulated, made(US), nothing).code == 0
    change_to_eu = made(EU)
    assert saved_and_applied(emulated, change_to_eu, moved).code == 5
    assert stored(emulated) == EU_US
    emulated.call("PUT", PATH, {"region_policy": US})
    assert saved_and_applied(emulated, change_to_eu, nothing).code == 0
    assert stored(emulated) == EU
    done_again = saved_and_applied(emulated, change_to_eu, nothing)
    assert (done_again.code, of_policy(emulated)) == (0, [])
    # The file asks for the removal; whoever applies it allows it, by name.
    going = made(None, delete_ids=NAMED)
    saved_and_applied(emulated, going, nothing, allow_delete=True)
    assert stored(emulated) == EU
    assert saved_and_applied(emulated, going, nothing, delete_ids=NAMED).code == 0
    assert stored(emulated) is None
    assert saved_and_applied(emulated, going, nothing, delete_ids=NAMED).code == 0


def test_a_plan_file_holds_no_policy_that_no_settings_file_could() -> None:
    document = json.loads(dumps(plan(cluster(), EU)))
    document["plan"]["changes"][0]["desired"] = {"allowed_geos": [], "more": 1}
    document["digest"] = digest(document["plan"])
    with pytest.raises(Damaged, match="region policy"):
        decode(document)


def test_who_uses_what_it_denies_is_asked_in_one_scan() -> None:
    emulated = used(cluster())
    ledger = IndexLedger(emulated.client, "mine")
    work = DesiredSet((), region_policy=DesiredPolicy(EU), named=True)
    view = ledger.view()
    emulated.sent.clear()
    plan_cluster(emulated.client.read_only(), work, Permissions(), ledger=view)
    assert without_scan(emulated.sent) == [
        "GET /",
        "GET /_inference/_all",
        GET,
        "DELETE /_inference/rerank/.rerank?dry_run=true",
    ]
