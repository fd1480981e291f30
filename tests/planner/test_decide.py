"""One table of cases for what becomes of one endpoint (docs/reference/server/reconciling.md)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.diagnostics import Span
from inferctl.model.versions import Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.make_plan import make_plan
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions
from inferctl.planner.references import References

from .worlds import RESET, plan_of

KEY = {"env": "K"}
ELSER: dict[str, Any] = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}


def one(*args: Any, **kwargs: Any) -> Any:
    (change,) = plan_of(*args, **kwargs).changes
    return change


# what changed | per version: the action of docs/reference/server/reconciling.md#plan-table for an endpoint without
# chunking
CHANGES = [
    ("model_id", {"settings": {"model_id": "n", "api_key": KEY}}, {"8.17": "R", "9.1": "R", "9.4": "R", "9.5": "R"}),
    (
        "rate_limit",
        {"settings": {"model_id": "m", "api_key": KEY, "rate_limit": {"requests_per_minute": 7}}},
        {"8.17": "R", "9.1": "R", "9.4": "R", "9.5": "U"},
    ),
    ("task setting", {"task": {"user": "u"}}, {"8.17": "U", "9.1": "U", "9.4": "U", "9.5": "U"}),
]


@pytest.mark.parametrize(
    ("what", "given", "version", "expected"),
    [(what, given, v, e) for what, given, per in CHANGES for v, e in per.items()],
)
def test_12_1_remote(what: str, given: dict[str, Any], version: str, expected: str) -> None:
    change = one([desired(**given)], [observed()], version, allow_replace=True)
    assert change.action is {"U": Action.UPDATE, "R": Action.REPLACE}[expected], what
    assert change.reasons
    assert change.span == desired().span  # a report points at the file
    if expected == "U":
        body = change.update_body
        assert "service" not in body
        # Until 9.4 any service setting needs the whole secret set beside it; from 9.5 only what changes is sent.
        if "service_settings" in body:
            assert ("api_key" in body["service_settings"]) is (version != "9.5")


@pytest.mark.parametrize(
    ("version", "expected"), [("8.17", Action.REPLACE), ("9.4", Action.REPLACE), ("9.5", Action.UPDATE)]
)
def test_12_1_chunking(version: str, expected: Action) -> None:
    wanted = desired(task_type="text_embedding", chunking={"strategy": "sentence", "max_chunk_size": 100})
    there = observed(
        task_type="text_embedding", chunking={"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
    )
    assert one([wanted], [there], version).action is expected


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.4", "9.5"])
def test_12_1_num_allocations_of_an_own_deployment(version: str) -> None:
    kind: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}
    change = one(
        [desired(**kind, settings={**ELSER, "num_allocations": 2})], [observed(**kind, settings=ELSER)], version
    )
    assert change.action is Action.UPDATE
    assert change.update_body == {"service_settings": {"num_allocations": 2}}


@pytest.mark.parametrize(
    ("version", "expected"), [("8.17", Action.REPLACE), ("9.2", Action.REPLACE), ("9.3", Action.UPDATE)]
)
def test_12_1_adaptive_bounds(version: str, expected: Action) -> None:
    def settings(most: int) -> dict[str, Any]:
        adaptive = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": most}
        return {"model_id": "x", "num_threads": 1, "adaptive_allocations": adaptive}

    kind: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}
    there = observed(**kind, settings={**settings(4), "num_allocations": 3})
    assert one([desired(**kind, settings=settings(8))], [there], version).action is expected
    # The live number of allocations is no difference (docs/reference/server/read.md#live-values).
    assert one([desired(**kind, settings=settings(4))], [there], version).action is Action.NOOP


def test_12_5_an_update_that_would_reset_chunking_becomes_a_replace() -> None:
    there = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
    wanted = desired(task_type="text_embedding", task={"user": "u"})
    change = one([wanted], [observed(task_type="text_embedding", chunking=there)], "9.1")
    assert change.action is Action.REPLACE
    assert "chunking" in change.reasons[0]
    assert one([wanted], [observed(task_type="text_embedding", chunking=RESET)], "9.1").action is Action.UPDATE
    warned = one([wanted], [observed(task_type="text_embedding", chunking=there)], "9.2")
    assert warned.action is Action.UPDATE
    assert "chunking" in warned.warnings[0]


def test_only_what_the_file_says_is_compared() -> None:
    there = observed(
        settings={"model_id": "m", "url": "https://x", "rate_limit": {"requests_per_minute": 500}}, task={"user": "x"}
    )
    assert one([desired()], [there]).action is Action.NOOP


def test_a_task_type_or_service_never_changes_in_place() -> None:
    assert one([desired()], [observed(task_type="chat_completion")]).action is Action.REPLACE
    assert one([desired()], [observed(service="mistral")]).action is Action.REPLACE


def test_elser_reads_as_elasticsearch() -> None:
    wanted = desired(service="elser", task_type="sparse_embedding", settings={"num_allocations": 1, "num_threads": 1})
    assert (
        one([wanted], [observed(service="elasticsearch", task_type="sparse_embedding", settings=ELSER)]).action
        is Action.NOOP
    )


@pytest.mark.parametrize(
    ("name", "wanted", "there", "options", "action", "standing", "block"),
    [
        ("absent", desired(), None, {}, Action.CREATE, Standing.READY, None),
        ("absent, no globs", desired(), None, {"manage": ()}, Action.CREATE, Standing.READY, None),
        ("absent, outside", desired("z"), None, {}, Action.CREATE, Standing.BLOCKED, BlockKind.OUTSIDE_MANAGE),
        ("equal, not ours", desired("z"), observed("z"), {}, Action.NOOP, Standing.READY, None),
        ("different, not ours", desired("z", task={"user": "u"}), observed("z"), {}, Action.UPDATE, Standing.BLOCKED, BlockKind.NOT_OURS),
        ("different, no globs", desired(task={"user": "u"}), observed(), {"manage": ()}, Action.UPDATE, Standing.BLOCKED, BlockKind.NOT_OURS),
        ("replace, not allowed", desired(settings={"model_id": "n"}), observed(), {}, Action.REPLACE, Standing.HELD, BlockKind.NEEDS_ALLOW_REPLACE),
        ("replace, allowed", desired(settings={"model_id": "n"}), observed(), {"allow_replace": True}, Action.REPLACE, Standing.READY, None),
        (
            "replace, referenced", desired(settings={"model_id": "n"}), observed(),
            {"allow_replace": True, "references": {"a": References(("p",), ())}}, Action.REPLACE, Standing.BLOCKED, BlockKind.REFERENCED,
        ),
        (
            "replace, referenced, forced", desired(settings={"model_id": "n"}), observed(),
            {"allow_replace": True, "references": {"a": References(("p",), ())}, "force_delete": frozenset({"a"})},
            Action.REPLACE, Standing.READY, None,
        ),
        ("replace, protected", desired(settings={"model_id": "n"}, protect=("replace",)), observed(), {"allow_replace": True}, Action.REPLACE, Standing.BLOCKED, BlockKind.PROTECTED),
        ("rotate, ours", desired(), observed(), {"send_secrets": ("*",)}, Action.UPDATE, Standing.READY, None),
        ("rotate, not ours", desired("z"), observed("z"), {"send_secrets": ("*",)}, Action.UPDATE, Standing.BLOCKED, BlockKind.NOT_OURS),
    ],
)  # fmt: skip
def test_standing(
    name: str,
    wanted: Any,
    there: Any,
    options: dict[str, Any],
    action: Action,
    standing: Standing,
    block: BlockKind | None,
) -> None:
    change = one([wanted], [there] if there else [], **options)
    assert (change.action, change.standing) == (action, standing), name
    assert [b.kind for b in change.blocks] == ([block] if block else [])


@pytest.mark.parametrize(
    ("options", "standing"),
    [
        ({}, Standing.HELD),
        ({"allow_delete": True}, Standing.READY),
        ({"allow_delete": True, "references": {"b": References((), ("index-1",))}}, Standing.BLOCKED),
    ],
)
def test_removal(options: dict[str, Any], standing: Standing) -> None:
    plan = plan_of([desired("a")], [observed("a"), observed("b"), observed("z"), observed(".default")], **options)
    change = {c.inference_id: c for c in plan.changes}["b"]
    assert (change.action, change.standing) == (Action.DELETE, standing)
    assert {c.inference_id for c in plan.changes} == {"a", "b"}  # z is not ours, .default is the server's


def test_a_shared_deployment_is_not_removed() -> None:
    sharer = observed(
        "z", service="elasticsearch", task_type="rerank", settings={"deployment_id": "b", "model_id": "x"}
    )
    owner = observed("b", service="elasticsearch", task_type="rerank", settings=ELSER)
    plan = plan_of([desired("a")], [observed("a"), owner, sharer], allow_delete=True)
    change = {c.inference_id: c for c in plan.changes}["b"]
    assert [b.kind for b in change.blocks] == [BlockKind.SHARED_DEPLOYMENT]
    assert "z" in change.blocks[0].text


def test_rotation_sends_the_full_set() -> None:
    pair = {"access_key": KEY, "secret_key": {"env": "S"}, "region": "r", "model": "m", "provider": "cohere"}
    there = observed(service="amazonbedrock", settings={"region": "r", "model": "m", "provider": "COHERE"})
    change = one([desired(service="amazonbedrock", settings=pair)], [there], send_secrets=("a",))
    assert change.update_body == {"service_settings": {"access_key": KEY, "secret_key": {"env": "S"}}}
    assert change.secrets == {("service_settings", "access_key"), ("service_settings", "secret_key")}


def test_a_deployment_at_azure_is_nobodys_deployment_here() -> None:
    owner = observed("a", service="elasticsearch", task_type="rerank", settings={"model_id": ".rerank-v1"})
    azure = observed("c", service="azureopenai", settings={"deployment_id": "a"})
    (change,) = (c for c in plan_of([desired("b")], [owner, azure], allow_delete=True).changes if c.inference_id == "a")
    assert (change.action, change.standing) == (Action.DELETE, Standing.READY)


def test_what_the_settings_ignore_is_no_change() -> None:
    wanted = desired(
        settings={"model_id": "m", "api_key": KEY, "rate_limit": {"requests_per_minute": 7}}, task={"user": "u"}
    )
    there = observed(task={"user": "u"})
    change = one([wanted], [there], ignore=("service_settings.rate_limit.*",))
    assert change.action is Action.NOOP
    assert "service_settings.rate_limit.requests_per_minute" in change.warnings[0]
    # Something else changes: the ignored leaf is neither sent nor expected afterwards.
    change = one([wanted], [observed(task={"user": "x"})], ignore=("service_settings.rate_limit.*",))
    assert change.update_body == {"task_settings": {"user": "u"}}
    assert ("service_settings", "rate_limit", "requests_per_minute") not in change.expected
    # A new endpoint is made as its file says.
    created = one([wanted], [], ignore=("*",))
    assert created.put_body["service_settings"]["rate_limit"] == {"requests_per_minute": 7}


def test_what_an_overlay_leaves_out_is_a_held_delete_that_says_where() -> None:
    there = {name: observed(name) for name in ("a", "b")}
    plan = make_plan(
        DesiredSet((desired("a"),), skipped={"b": Span("prod/b.yaml", 2, 7)}),
        Observation(there),
        Capabilities(version=Version.parse("9.5")),
        Permissions(manage=("*",)),
    )
    (gone,) = [change for change in plan.changes if change.inference_id == "b"]
    assert (gone.action, gone.standing) == (Action.DELETE, Standing.HELD)
    assert gone.reasons == ("skip: true in prod/b.yaml:2:7 leaves it out",)
    assert "an overlay leaves it out" in gone.blocks[0].fixes[1].text
