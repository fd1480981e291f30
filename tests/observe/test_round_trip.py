"""Planner and emulator are two readings of the same API: what one plans, the other must do.

Every example is created, compared, changed and compared again, on every version line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.emulated import Emulated
from tests.factories import changed, with_settings
from tests.tables import rows

from inferctl.errors import InvalidRequest
from inferctl.json_types import canonical
from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
from inferctl.model.services import find
from inferctl.model.versions import Version
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.normalise import normalise_observed
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.planner.readback import compare_after
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from inferctl.planner.change import Change

FILES = sorted((Path(__file__).parents[2] / "examples").glob("*/*.yaml"))
VERSIONS = ("8.17", "8.19", "9.1", "9.3", "9.4", "9.5")
CANARY = "canary-Q7w8"


def endpoints_of(file: Path) -> list[DesiredEndpoint]:
    return [declared.endpoint for declared in read_file(file.name, file.read_bytes()).declared]


EXAMPLES = {file.stem: endpoints for file in FILES if (endpoints := endpoints_of(file))}
EVERY = rows((name, version) for name in EXAMPLES for version in VERSIONS)


def only(endpoint: DesiredEndpoint) -> Permissions:
    return Permissions(manage=(endpoint.inference_id,), allow_replace=True)


def revealed(body: Any, paths: frozenset[Any], at: tuple[Any, ...] = ()) -> Any:
    """The body with a value in the place of each reference."""
    if at in paths:
        return CANARY
    if isinstance(body, Mapping):
        return {key: revealed(value, paths, (*at, key)) for key, value in body.items()}
    return body


def one(emulated: Emulated, endpoint: DesiredEndpoint) -> Change:
    plan = plan_cluster(emulated.client.read_only(), DesiredSet((endpoint,)), only(endpoint))
    (change,) = plan.changes
    assert CANARY not in repr(plan)
    return change


def created(emulated: Emulated, endpoint: DesiredEndpoint) -> bool:
    """Whether this version can have it. What it cannot have must be blocked before it is sent."""
    change = one(emulated, endpoint)
    assert change.action is Action.CREATE
    if not change.will_run or change.warnings:
        return False
    body = revealed(change.put_body, change.secrets)
    answer = emulated.client.put(task_type=change.task_type, inference_id=change.inference_id, inference_config=body)
    assert compare_after(change, None, ObservedEndpoint.from_json(answer)).holds
    return True


def prepared(version: str, name: str) -> tuple[Emulated, list[DesiredEndpoint]]:
    emulated = Emulated(version)
    emulated.cluster.load_models([("sentence-transformers__all-minilm-l6-v2", "text_embedding")])
    if name == "elser-shared":
        for owner in EXAMPLES["elser"]:
            created(emulated, owner)
    return emulated, [endpoint for endpoint in EXAMPLES[name] if created(emulated, endpoint)]


@EVERY
def test_what_was_created_needs_no_step(name: str, version: str) -> None:
    emulated, there = prepared(version, name)
    emulated.sent.clear()
    plan = plan_cluster(emulated.client.read_only(), DesiredSet(tuple(there)), Permissions())
    assert [(c.inference_id, c.fields) for c in plan.steps] == []
    for change in plan.changes:  # apply reads the plan's own form again: it must stay as it is
        again = ObservedEndpoint.from_json({"inference_id": change.inference_id, **(change.observed or {})})
        assert canonical(normalise_observed(again)) == canonical(change.observed or {})
    assert len(emulated.sent) == 2


def variants(endpoint: DesiredEndpoint) -> Iterator[tuple[str, DesiredEndpoint]]:
    """The endpoint with one number changed: each that it has, and those that most services take."""
    for part in ("service_settings", "task_settings"):
        settings = getattr(endpoint, part)
        for key, value in settings.items():
            if isinstance(value, int) and not isinstance(value, bool) and key != "num_threads":
                yield f"{part}.{key}", with_settings(endpoint, part, **{key: value + 1})
    adaptive = endpoint.service_settings.get("adaptive_allocations")
    if isinstance(adaptive, Mapping):
        bounds = {**adaptive, "max_number_of_allocations": 7}
        yield "adaptive", with_settings(endpoint, adaptive_allocations=bounds)
    elif endpoint.service not in ("elasticsearch", "elser", "elastic", "deepseek", "amazon_sagemaker"):
        yield "rate_limit", with_settings(endpoint, rate_limit={"requests_per_minute": 77})
    page = find(endpoint.service)
    known = page.fields("service_settings", endpoint.task_type) if page else {}
    few: tuple[tuple[str, Any], ...] = (
        ("organization_id", "other"),
        ("max_input_tokens", 321),
        ("max_batch_size", 3),
        ("batch_size", 3),
    )
    for key, value in few:
        if key in known and known[key].may_be_put(endpoint.task_type):
            yield key, with_settings(endpoint, **{key: value})
    if endpoint.chunking_settings is not None or endpoint.task_type == "text_embedding":
        yield "chunking", changed(endpoint, chunking_settings={"strategy": "word", "max_chunk_size": 30, "overlap": 10})


@EVERY
def test_every_planned_update_is_applied(name: str, version: str) -> None:
    _, there = prepared(version, name)
    for endpoint in there:
        for what, wanted in variants(endpoint):
            emulated, _ = prepared(version, name)
            change = one(emulated, wanted)
            if any("does not show" in warning for warning in change.warnings):
                assert (change.action, change.fields) == (Action.NOOP, ()), what
                continue
            assert change.action in (Action.UPDATE, Action.REPLACE), what
            assert change.fields, what
            if change.action is not Action.UPDATE or not change.will_run:
                continue
            before = ObservedEndpoint.from_json(emulated.client.get(inference_id=change.inference_id)["endpoints"][0])
            answer = emulated.client.update(
                task_type=change.task_type,
                inference_id=change.inference_id,
                inference_config=revealed(change.update_body, change.secrets),
            )
            found = compare_after(change, before, ObservedEndpoint.from_json(answer))
            assert found.holds, (what, found)
            assert one(emulated, wanted).action is Action.NOOP, what


@rows(
    (name, version)
    for name, found in EXAMPLES.items()
    if any(endpoint.task_settings for endpoint in found)
    for version in VERSIONS
)
def test_the_first_task_settings_are_applied(name: str, version: str) -> None:
    emulated, there = prepared(version, name)
    for endpoint in there:
        emulated.client.delete(inference_id=endpoint.inference_id, task_type=endpoint.task_type)
        try:
            created(emulated, changed(endpoint, task_settings={}))
        except InvalidRequest:
            continue  # they are required
        change = one(emulated, endpoint)
        if change.action is not Action.UPDATE:
            assert change.action is Action.NOOP or change.reasons
            continue
        emulated.client.update(
            task_type=change.task_type,
            inference_id=change.inference_id,
            inference_config=revealed(change.update_body, change.secrets),
        )
        assert one(emulated, endpoint).action is Action.NOOP


@EVERY
def test_every_rotation_is_accepted(name: str, version: str) -> None:
    emulated, there = prepared(version, name)
    for endpoint in there:
        sending = changed(only(endpoint), send_secrets=("*",))
        (change,) = plan_cluster(emulated.client.read_only(), DesiredSet((endpoint,)), sending).changes
        if not endpoint.secrets:
            assert change.action is Action.NOOP
            continue
        assert change.secrets == endpoint.secrets
        if change.action is Action.REPLACE:
            assert any("chunking" in reason for reason in change.reasons)
            assert Version.parse(version) < Version(9, 2)
            continue
        emulated.client.update(
            task_type=change.task_type,
            inference_id=change.inference_id,
            inference_config=revealed(change.update_body, change.secrets),
        )
        assert one(emulated, endpoint).action is Action.NOOP
