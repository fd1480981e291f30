"""Files, a cluster, other people and bad connections, in any order: what must hold whatever happens.

`INFERCTL_LONG=1` runs many more and longer stories.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.applier.worlds import Patience
from tests.emulated import Emulated, is_write

from inferctl.api.render import render
from inferctl.applier.body_secrets import references_of
from inferctl.applier.events import Event, Result, StepFinished
from inferctl.applier.runner import Options, Run
from inferctl.applier.verdict import verdict_of_plan
from inferctl.emulator import in_cluster
from inferctl.emulator.provider import ProviderRule
from inferctl.json_types import canonical
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.model.ids import REGION_POLICY
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action, Standing
from inferctl.planner.normalise import normalise_observed
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.planner.readback import compare_after
from inferctl.planner.region_policy import DesiredPolicy, PolicyChange
from inferctl.planner.trial_endpoints import is_trial
from inferctl.report.style import PLAIN
from inferctl.secrets.secret import Secret

from . import files

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.applier.outcome import Outcome
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan

OURS, THEIRS = "canary-ours-A1b2C3", "canary-theirs-D4e5F6"
IDS = ("a1", "a2", "a3", "a4", "a5")
STRANGE = ("x1", "x2")
MANAGE = ("a*", REGION_POLICY)
POLICIES: tuple[Any, ...] = (None, {"allowed_geos": ["eu"]}, {"allowed_geos": ["eu", "us"]}, {"allowed_geos": ["us"]})
LONG = os.environ.get("INFERCTL_LONG") == "1"

ids = st.sampled_from(IDS)
anybody = st.sampled_from((*IDS, *STRANGE))
specs = st.one_of(files.REMOTE, files.REMOTE, files.LOCAL)
FAULTS = st.tuples(
    st.sampled_from(["cut_before", "cut_after", "truncate", "status", "throttle"]),
    st.sampled_from(["PUT", "DELETE", "GET", ".*"]),
    st.sampled_from([400, 403, 408, 500, 502, 503, 504]),
    st.integers(1, 3),
    st.integers(0, 6),
)
PROVIDER = st.tuples(st.sampled_from(["401", "429", "500", "timeout", "null"]), st.integers(1, 3))


class Killed(BaseException):
    """The process is gone, between one moment and the next."""


class Machine(RuleBasedStateMachine):
    """One repository of files and one cluster."""

    @initialize(
        version=st.sampled_from(["9.5", "9.5", "8.17", "9.1", "9.4", "9.5"]),
        wanted=st.dictionaries(ids, specs, min_size=2),
        strange=st.none() | st.none() | st.none() | files.REMOTE,
        start_s=st.sampled_from([0.0, 0.0, 200.0, 2000.0]),
        policy=st.sampled_from(POLICIES),
    )
    def begin(
        self, version: str, wanted: dict[str, files.Spec], strange: files.Spec | None, start_s: float, policy: Any
    ) -> None:
        """`start_s`: how long one allocation of a model takes, up to more than anybody waits."""
        self.emulated = Emulated(version)
        self.emulated.cluster.allocation_seconds = start_s
        self.cluster = self.emulated.cluster
        self.wanted = {**wanted, **({"x1": strange} if strange else {})}
        self.policy = policy  # what the settings file declares
        self.meddled: set[str] = set()  # ids that somebody else changed during a run
        self.meddled_at = -1  # before which request of the run

    # What people do to the files.

    @rule(inference_id=ids, spec=specs)
    def declare(self, inference_id: str, spec: files.Spec) -> None:
        self._write(inference_id, spec)

    @rule(policy=st.sampled_from(POLICIES))
    def declare_policy(self, policy: Any) -> None:
        self.policy = policy

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """The same service and task type with other settings, and a model that somebody shares or no longer."""
        for inference_id, old in list(self.wanted.items()):
            if files.owner_of(old) is None and data.draw(st.booleans()):
                self._write(inference_id, data.draw(files.family(old)))
        if data.draw(st.booleans()):
            self.policy = data.draw(st.sampled_from(POLICIES))

    @rule(data=st.data(), inference_id=ids)
    def share(self, data: st.DataObject, inference_id: str) -> None:
        """Attach to the deployment of another file's endpoint."""
        owners = [i for i, spec in self.wanted.items() if files.is_owner(spec) and i != inference_id]
        if owners:
            owner = data.draw(st.sampled_from(owners))
            self._write(inference_id, files.sharer(self.wanted[owner], owner))

    @rule(inference_id=ids)
    def remove(self, inference_id: str) -> None:
        self.wanted.pop(inference_id, None)
        self._without_owner(inference_id)

    def _write(self, inference_id: str, spec: files.Spec) -> None:
        old = self.wanted.get(inference_id)
        self.wanted[inference_id] = spec
        if not files.is_owner(spec) or (old is not None and old["task_type"] != spec["task_type"]):
            self._without_owner(inference_id)

    def _without_owner(self, owner: str) -> None:
        """Files that name a deployment which nobody makes are broken for ever: nobody keeps them."""
        self.wanted = {i: s for i, s in self.wanted.items() if files.owner_of(s) != owner}

    # What other people do to the cluster.

    @rule(inference_id=anybody, spec=specs)
    def somebody_makes(self, inference_id: str, spec: files.Spec) -> None:
        self._theirs("PUT", f"/_inference/{spec['task_type']}/{inference_id}", files.body(spec, THEIRS))

    @rule(inference_id=anybody)
    def somebody_deletes(self, inference_id: str) -> None:
        self._theirs("DELETE", f"/_inference/{inference_id}?force=true")

    @rule(policy=st.sampled_from(POLICIES))
    def somebody_sets_the_policy(self, policy: Any) -> None:
        if policy is None:
            self._theirs("DELETE", f"/_inference/{REGION_POLICY}")
        else:
            self._theirs("PUT", f"/_inference/{REGION_POLICY}", {"region_policy": policy})

    @rule(inference_id=ids)
    def somebody_attaches(self, inference_id: str) -> None:
        deployment = self.cluster.deployments.get(inference_id)
        if deployment is not None:
            settings = {"service": "elasticsearch", "service_settings": {"deployment_id": inference_id}}
            self._theirs("PUT", f"/_inference/{deployment.task_type}/x-{inference_id}", settings)

    @rule(inference_id=ids, name=st.sampled_from(["p1", "p2"]))
    def a_pipeline_refers(self, inference_id: str, name: str) -> None:
        self._theirs("PUT", f"/_ingest/pipeline/{name}", {"processors": [{"inference": {"model_id": inference_id}}]})

    @rule(
        inference_id=ids,
        name=st.sampled_from(["i1", "i2"]),
        field=st.sampled_from(["inference_id", "search_inference_id"]),
    )
    def an_index_refers(self, inference_id: str, name: str, field: str) -> None:
        mapping = {"type": "semantic_text", "inference_id": "x1", field: inference_id}
        self._theirs("DELETE", f"/{name}")
        self._theirs("PUT", f"/{name}", {"mappings": {"properties": {"t": mapping}}})

    @rule()
    def the_references_vanish(self) -> None:
        self.cluster.pipelines.clear()
        self.cluster.indices.clear()

    def _theirs(self, method: str, target: str, body: Any = None) -> None:
        """A request of somebody else; what the server refuses them is no matter of ours."""
        before = dict(self.cluster.endpoints)
        with suppress(AssertionError):
            self.emulated.call(method, target, body)
        after = self.cluster.endpoints  # also after an error: a create that was waited for too long has stored it
        self.meddled |= {i for i in {*before, *after} if before.get(i) != after.get(i)}

    # What we do.

    def desired(self, *, backwards: bool = False) -> DesiredSet:
        listed = [files.read(inference_id, spec) for inference_id, spec in self.wanted.items()]
        policy = None if self.policy is None else DesiredPolicy(self.policy)
        return DesiredSet(tuple(reversed(listed) if backwards else listed), region_policy=policy)

    def in_force(self) -> Any:
        """The policy of the cluster; None where there is none."""
        stored = self.cluster.region_policy
        return None if stored is None else stored["region_policy"]

    def plan(self, *, backwards: bool = False, **permissions: Any) -> Plan:
        """Plan, and check that planning only looked."""
        before = dict(self.cluster.endpoints), self.cluster.changes
        self.emulated.sent.clear()
        allowed = {"allow_delete": True, "allow_replace": True, "max_deletes": "100%", **permissions}
        client = self.emulated.client.read_only()
        plan = plan_cluster(client, self.desired(backwards=backwards), Permissions(manage=MANAGE, **allowed))
        assert not self.emulated.writes
        assert (dict(self.cluster.endpoints), self.cluster.changes) == before
        for style in ("text", "json", "markdown"):
            silent(render(plan, style, PLAIN))
        silent(repr(plan))
        for change in plan.changes:
            if change.inference_id in STRANGE:
                assert change.action is Action.NOOP or change.standing is Standing.BLOCKED
            if change.will_run and change.action.removes:
                assert change.inference_id in self.cluster.endpoints
                assert not self._referring(change.inference_id)
        return plan

    @rule(backwards=st.booleans(), allow=st.booleans())
    def look(self, backwards: bool, allow: bool) -> None:
        """The order of files changes nothing, nor does looking twice."""
        first = self.plan(allow_delete=allow, allow_replace=allow)
        assert self.plan(backwards=backwards, allow_delete=allow, allow_replace=allow) == first

    @precondition(lambda self: self.wanted)
    @rule(
        edited=st.booleans(),
        data=st.data(),
        faults=st.lists(FAULTS, max_size=2),
        provider=st.none() | st.none() | PROVIDER,
        trouble=st.none() | st.sampled_from(["signal", "kill before", "kill after", "meddle"]),
        when=st.integers(0, 8),
        meddling=st.sampled_from(["refer", "attach", "change"]),
        between=st.sampled_from([False, False, True]),
        victim=ids,
        spec=specs,
        allow_delete=st.sampled_from([True, True, False]),
        allow_replace=st.sampled_from([True, True, False]),
        rotate=st.booleans(),
        force=st.frozensets(ids, max_size=1),
    )
    def apply_in_bad_weather(
        self,
        edited: bool,
        data: st.DataObject,
        faults: list[tuple[str, str, int, int, int]],
        provider: tuple[str, int] | None,
        trouble: str | None,
        when: int,
        meddling: str,
        between: bool,
        victim: str,
        spec: files.Spec,
        allow_delete: bool,
        allow_replace: bool,
        rotate: bool,
        force: frozenset[str],
    ) -> None:
        """An edit now and then, a plan, and a run on which anything may fall."""
        if edited:
            self.edit(data)
        plan = self.plan_with_force(force, allow_delete=allow_delete, allow_replace=allow_replace,
                                    send_secrets=("a*",) if rotate else ())  # fmt: skip
        self.meddled.clear()

        def meddle() -> None:
            if meddling == "refer":
                self.a_pipeline_refers(victim, "p1")
            elif meddling == "attach":
                leaving = (c.inference_id for c in plan.runnable if c.action.removes)
                self.somebody_attaches(next((i for i in leaving if i in self.cluster.deployments), victim))
            else:
                self.somebody_deletes(victim)
                self.somebody_makes(victim, spec)

        if between or meddling == "attach":
            meddle()
        for kind, method, status, count, skip in faults:
            self.emulated.fault(kind, method, status=status, count=count, skip=skip)
        if provider:
            # A key that the run never held cannot be recognised in a provider's words.
            said = f"key {OURS}" if any(references_of(change) for change in plan.runnable) else "no"
            self.cluster.script_provider(ProviderRule(provider[0], count=provider[1], message=said))
        self.carried_out(plan, force, trouble=trouble, when=when, meddle=meddle)

    def plan_with_force(self, force: frozenset[str], **permissions: Any) -> Plan:
        """A referenced endpoint may go only when it is named."""
        plan = self.plan(**permissions)
        if not force:
            return plan
        allowed = {"allow_delete": True, "allow_replace": True, "max_deletes": "100%", **permissions}
        client = self.emulated.client.read_only()
        return plan_cluster(client, self.desired(), Permissions(manage=MANAGE, force_delete=force, **allowed))

    def carried_out(
        self,
        plan: Plan,
        force: frozenset[str] = frozenset(),
        *,
        trouble: str | None = None,
        when: int = 0,
        meddle: Callable[[], None] = lambda: None,
        parallelism: int = 1,
    ) -> Outcome | None:
        """Run the plan and check every law that holds whatever the weather; None when the process was killed."""
        before = {**self.cluster.endpoints, REGION_POLICY: self.in_force()}
        self.emulated.sent.clear()
        self.meddled_at = -1
        stop = Patience(self.emulated)
        seen = 0
        broken: list[AssertionError] = []  # the run must not catch them

        def watch(method: str, target: str) -> None:
            nonlocal seen
            try:
                self._lawful(f"{method} {target}", plan, force)
            except AssertionError as law:
                broken.append(law)
            seen += 1
            if seen == when + 1:
                if trouble == "signal":
                    stop.set("SIGTERM")
                elif trouble == "meddle":
                    self.meddled_at = len(self.emulated.sent) - 1
                    meddle()
                elif trouble == "kill before":
                    raise Killed

        def watch_after(_method: str, _target: str, answer: Any) -> Any:
            if trouble == "kill after" and seen == when + 1:
                raise Killed
            return answer

        self.emulated.override, self.emulated.after = watch, watch_after
        needed = frozenset().union(*(references_of(change) for change in plan.runnable))
        secrets = {reference: Secret(OURS) for reference in needed}
        events: list[Event] = []
        run = Run(plan, self.emulated.client, secrets, events.append, stop, Options(parallelism, force, stop.clock))
        try:
            outcome = run.carry_out()
        except Killed:
            return None
        finally:
            self.emulated.calm()
            silent(repr((events, run)))
            assert not broken, "; ".join(f"{type(law).__name__}: {law}" for law in broken)
        self._truthful(plan, outcome, before, interrupted=stop.is_set())
        for style in ("text", "json", "markdown"):
            silent(render(outcome, style, PLAIN))
        return outcome

    def _lawful(self, line: str, plan: Plan, force: frozenset[str]) -> None:
        """A write belongs to a step of the plan, and nothing that is in use is removed."""
        if not is_write(line):
            return
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        update = path.endswith("/_update")
        inference_id = path.removesuffix("/_update").rpartition("/")[2]
        if is_trial(inference_id):
            self._trial_is_lawful(line, path, plan)
            return
        change = {c.inference_id: c for c in plan.runnable}.get(inference_id)
        assert change is not None, line
        if inference_id == REGION_POLICY:
            assert (method, query) == ("PUT", ""), "it is removed by name only, and forced for nobody"
            return
        assert inference_id.startswith("a"), line
        verb = "update" if update else {"PUT": "create", "DELETE": "delete"}[method]
        assert (
            verb
            in {
                Action.CREATE: {"create"},
                Action.UPDATE: {"update"},
                Action.REPLACE: {"delete", "create"},
                Action.DELETE: {"delete"},
                Action.REPAIR: {"delete", "create"} if change.may_replace else set(),
            }[change.action]
        ), line
        if verb == "create":
            # Where the provider's limit kept it from being done, and in a replace, it is sent again; never when it was.
            is_there = inference_id in self.cluster.endpoints and inference_id not in self.meddled
            assert self.emulated.sent.count(line) == 1 or not is_there, "a create was sent again after it was done"
        if verb == "delete":
            assert ("force=true" in query) == (inference_id in force), line
            self._as_planned(change)
            stored = self.cluster.endpoints.get(inference_id)
            mine = (
                stored is not None
                and stored.service == "elasticsearch"
                and in_cluster.deployment_id(stored) == inference_id
            )
            if mine:
                assert not self._sharing(inference_id), line

    def _as_planned(self, change: Change) -> None:
        """What goes is what the plan saw, as far as anybody can tell: it was read after the last meddling."""
        sent = self.emulated.sent
        read = max((i for i, line in enumerate(sent) if line == f"GET /_inference/{change.inference_id}"), default=-1)
        assert read >= 0, "it was not looked at again"
        shown = self.emulated.shown(change.inference_id)
        if self.meddled_at <= read and shown is not None:
            seen = normalise_observed(ObservedEndpoint.from_json(shown))
            assert canonical(seen) == canonical(change.observed or {}), change

    def _trial_is_lawful(self, line: str, path: str, plan: Plan) -> None:
        """A throw-away endpoint belongs to a replace of the plan: made once, by this run, and removed by it, unforced."""
        task_type = path.split("/")[2]
        assert any(
            c.action is Action.REPLACE and not c.runs_in_cluster and c.task_type == task_type for c in plan.runnable
        ), line
        made = [sent for sent in self.emulated.sent if sent.partition("?")[0] == f"PUT {path}"]
        # Sent again only where the provider's limit kept it from being made: it is not there.
        again = line == made[-1] and len(made) > 1
        assert len(set(made)) == 1, f"{line}, after {made}"
        assert not again or path.rpartition("/")[2] not in self.cluster.endpoints, f"{line}, after {made}"
        assert line in (made[0], f"DELETE {path}")

    def _referring(self, inference_id: str) -> bool:
        answer = self.emulated.call("DELETE", f"/_inference/{inference_id}?dry_run=true")
        return bool(answer["pipelines"] or answer["indexes"])

    def _sharing(self, deployment: str) -> list[str]:
        return [
            e.inference_id
            for e in self.cluster.endpoints.values()
            if e.service == "elasticsearch" and e.service_settings.get("deployment_id") == deployment
        ]

    def _truthful(self, plan: Plan, outcome: Outcome, before: dict[str, Any], *, interrupted: bool) -> None:
        """What the report says of an endpoint is so, unless somebody else was at it."""
        planned = {change.inference_id: change for change in plan.changes}
        assert [r.inference_id for r in outcome.results] == [c.inference_id for c in plan.steps]
        assert (outcome.exit_code == 130) == interrupted
        assert not any("a defect in inferctl" in result.detail for result in outcome.results)
        if outcome.exit_code == 1:
            assert not any(result.wrote for result in outcome.results)
        if outcome.exit_code == 3:
            assert not any(r.result in (Result.FAILED, Result.IGNORED, Result.UNKNOWN) for r in outcome.results)
        ran = {change.inference_id for change in plan.runnable}
        if all(result.result is Result.DONE for result in outcome.results if result.inference_id in ran):
            assert interrupted or outcome.warnings or verdict_of_plan(plan).exit_code == outcome.exit_code
        if outcome.exit_code == 0:
            assert all(r.result in (Result.DONE, Result.HELD) for r in outcome.results)
        for inference_id, stored in before.items():
            if inference_id not in planned and inference_id not in self.meddled:
                now = self.in_force() if inference_id == REGION_POLICY else self.cluster.endpoints.get(inference_id)
                assert now == stored
        for inference_id in set(self.cluster.endpoints) - set(before):
            if is_trial(inference_id):
                assert any(inference_id in result.detail and result.wrote for result in outcome.results)
        for inference_id in self.cluster.endpoints:
            if is_trial(inference_id) and inference_id not in before:
                assert any(inference_id in result.detail for result in outcome.results), inference_id
        for result in outcome.results:
            if result.inference_id not in self.meddled:
                self._kept(planned[result.inference_id], result, before.get(result.inference_id))

    def _kept(self, change: Change, result: StepFinished, before: Any) -> None:
        is_policy = isinstance(change, PolicyChange)
        now = self.in_force() if is_policy else self.cluster.endpoints.get(change.inference_id)
        if not result.wrote:
            assert now == before, result
        if is_policy:
            assert result.result is not Result.DONE or now == self.policy, result
            return
        if result.result is Result.DONE and change.action is Action.DELETE:
            assert now is None, result
        elif result.result in (Result.DONE, Result.NOT_READY):
            shown = ObservedEndpoint.from_json(self.emulated.shown(change.inference_id))
            assert compare_after(change, None, shown).holds, result
            if change.secrets and result.wrote and change.action is not Action.UPDATE:
                assert now is not None
                assert set(now.secrets.values()) == {OURS}

    @precondition(lambda self: self.wanted)
    @rule(edited=st.booleans(), data=st.data())
    def apply_in_good_weather_converges(self, edited: bool, data: st.DataObject) -> None:
        """Whatever happened before: a few calm runs, and nothing but blocked steps is left."""
        if edited:
            self.edit(data)
        self.meddled.clear()
        for _ in range(4 if self.cluster.allocation_seconds <= 900 else 12):
            plan = self.plan()
            if not plan.runnable:
                break
            outcome = self.carried_out(plan, parallelism=3)
            assert outcome is not None
            slow = {Result.NOT_READY, Result.NOT_STARTED} if self.cluster.allocation_seconds > 900 else set()
            assert {r.result for r in outcome.results} <= {Result.DONE, Result.BLOCKED, *slow}, outcome
            assert self.plan() == self.plan()
            if not plan.blocked and outcome.exit_code == 0:
                assert self.plan().is_empty
        left = self.plan()
        blocked = {change.inference_id for change in left.blocked}
        for change in left.steps:
            assert change.standing is Standing.BLOCKED or change.shares_deployment in blocked, change

    @invariant()
    def the_servers_own_are_as_they_were(self) -> None:
        if hasattr(self, "cluster"):
            assert not any(inference_id.startswith(".") for inference_id in self.cluster.endpoints)


def silent(text: str) -> None:
    """No secret of anybody."""
    assert OURS not in text
    assert THEIRS not in text


Machine.TestCase.settings = settings(
    max_examples=2_000 if LONG else 120,
    stateful_step_count=50 if LONG else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestMachine = Machine.TestCase
