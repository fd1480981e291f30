"""Two scopes, hand-made endpoints, references and protections on one cluster, in any order: whose is whose.

Laws: what is not ours is never touched without being named; what something refers to, or what is protected, is never
deleted; a plan writes nothing; an apply that ends with 0 and holds nothing back leaves nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.applier.worlds import SECRETS, remote
from tests.emulated import Emulated, is_write
from tests.factories import run_record

from inferctl.applier.interrupt import StopSignal
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.runner import Run
from inferctl.ledger.index import IndexLedger
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.plan import DesiredSet, Permissions, Plan

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

IDS, SCOPES, MODELS = ("a", "b"), ("left", "right"), ("m", "n")
STEPS = st.one_of(
    st.tuples(
        st.just("file"), st.sampled_from(SCOPES), st.sampled_from(IDS), st.sampled_from((*MODELS, None)), st.booleans()
    ),
    st.tuples(st.just("stranger"), st.sampled_from(IDS), st.sampled_from((*MODELS, None))),
    st.tuples(st.just("pipeline"), st.sampled_from(IDS), st.booleans()),
    st.tuples(st.just("apply"), st.sampled_from(SCOPES), st.sampled_from(("", "adopt", "take_over"))),
    *[st.tuples(st.just("apply"), st.sampled_from(SCOPES), st.just(""))] * 3,
)


class World:
    """One cluster, two repositories."""

    def __init__(self) -> None:
        self.emulated = Emulated()
        self.files: dict[str, dict[str, DesiredEndpoint]] = {scope: {} for scope in SCOPES}
        self.runs = 0

    def ledger(self, scope: str) -> IndexLedger:
        return IndexLedger(self.emulated.client, scope)

    def plan(self, scope: str, named: str) -> Plan:
        desired = DesiredSet((*self.files[scope].values(), remote(f"own-{scope}")))
        every: dict[str, Any] = {named: ("*",)} if named else {}
        allowed = Permissions(allow_delete=True, allow_replace=True, max_deletes="100%", **every)
        self.emulated.sent.clear()
        ledger = self.ledger(scope)
        plan = plan_cluster(self.emulated.client.read_only(), desired, allowed, ledger=ledger.view())
        assert not [line for line in self.emulated.sent if is_write(line)]
        return plan

    def apply(self, scope: str, named: str) -> None:
        self.runs += 1
        ledger = self.ledger(scope)
        ledger.prepare()
        before, owned = self.emulated.live(), ledger.view().owned
        plan = self.plan(scope, named)
        ledger.view()
        run = run_record(f"r{self.runs}", scope=scope, started_at=f"2026-01-01T00:00:{self.runs % 60:02d}Z")
        notes = LedgerNotes(ledger, plan, run, lambda: "2026-01-01T00:01:00Z", before=owned)
        ended = Run(plan, self.emulated.client, SECRETS, lambda _: None, StopSignal(), notes=notes).carry_out()
        assert not notes.failure
        self.check(scope, named, before, owned)
        if ended.exit_code == 0 and not plan.blocked and not plan.held:
            assert not [c for c in self.plan(scope, named).steps if c.action is not Action.NOOP]

    def check(self, scope: str, named: str, before: dict[str, Any], owned: Any) -> None:
        after = self.emulated.live()
        for name, was in before.items():
            record = owned.get(name)
            ours = record is not None and record.scope == scope
            if not ours and not named:
                assert after.get(name) == was, f"{name} was not ours"
            if name not in after:
                assert ours
                assert f"p-{name}" not in self.emulated.cluster.pipelines
                assert "delete" not in record.protect or name in self.files[scope]
        records = self.ledger(scope).view().owned
        assert all(name in after for name, record in records.items() if record.scope == scope and not record.intent)


PROTECTED = [
    ("file", "left", "a", "m", True),
    ("apply", "left", ""),
    ("file", "left", "a", None, False),
    ("apply", "left", ""),
]
TAKEN = [
    ("file", "left", "a", "m", False),
    ("apply", "left", ""),
    ("file", "right", "a", "n", False),
    ("apply", "right", ""),
    ("apply", "right", "take_over"),
    ("file", "left", "a", None, False),
    ("apply", "left", ""),
]


@settings(max_examples=100)
@example(PROTECTED)
@example(TAKEN)
@given(st.lists(STEPS, min_size=4, max_size=16))
def test_whose_is_whose(steps: list[Any]) -> None:
    world = World()
    for kind, *rest in steps:
        match kind:
            case "file":
                scope, name, model, protect = rest
                world.files[scope].pop(name, None)
                if model is not None:
                    kept = ("delete",) if protect else ()
                    world.files[scope][name] = remote(name, model=model, protect=kept)
            case "stranger":
                name, model = rest
                body: dict[str, Any]
                if name in world.emulated.live():
                    world.emulated.call("DELETE", f"/_inference/{name}?force=true")
                if model is not None:
                    body = {"service": "openai", "service_settings": {"model_id": model, "api_key": "x"}}
                    world.emulated.call("PUT", f"/_inference/completion/{name}", body)
            case "pipeline":
                name, there = rest
                world.emulated.cluster.pipelines.pop(f"p-{name}", None)
                if there:
                    body = {"processors": [{"inference": {"model_id": name}}]}
                    world.emulated.call("PUT", f"/_ingest/pipeline/p-{name}", body)
            case _:
                world.apply(*rest)
