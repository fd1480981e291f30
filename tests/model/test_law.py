"""The law: any valid file, created, needs no step afterwards. On every version that knows its service.

The endpoints are drawn from the pages, the server is the emulator: two independent readings of the API. Where
they disagree, docs/reference/server decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulated import Emulated
from tests.model.strategies import ELAND, documents, every_case, known
from tests.running import ROOT

from inferctl.json_types import canonical
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.model.versions import LINES, Version
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action, Standing
from inferctl.planner.normalise import normalise_observed
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.planner.readback import compare_after
from inferctl.report.diagnostics import render_all
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.change import Change

PROFILES = [(str(line), line) for line in LINES] + [("serverless", Version.parse("serverless"))]
PARTS = ("service_settings", "task_settings")
CANARY = "canary-Q7w8"
EXAMPLES = sorted((ROOT / "examples").glob("*/*.yaml"), key=lambda file: file.stem)  # who owns a deployment first


def declared(document: Mapping[str, Any], version: Version) -> DesiredEndpoint:
    """The endpoint that a file with this document declares; a valid one has no diagnostic."""
    file = read_file("f.yaml", json.dumps(document).encode(), version)
    assert file.diagnostics == (), render_all(file.diagnostics)
    (found,) = file.declared
    return found.endpoint


def revealed(body: Any, paths: frozenset[Any], at: tuple[Any, ...] = ()) -> Any:
    if at in paths:
        return CANARY
    if isinstance(body, Mapping):
        return {key: revealed(inner, paths, (*at, key)) for key, inner in body.items()}
    return body


def the_change(emulated: Emulated, endpoint: DesiredEndpoint, send_secrets: tuple[str, ...] = ()) -> Change:
    permissions = Permissions(manage=(endpoint.inference_id,), allow_replace=True, send_secrets=send_secrets)
    (change,) = plan_cluster(emulated.client.read_only(), DesiredSet((endpoint,)), permissions).changes
    return change


@pytest.mark.parametrize(("name", "task"), [case for case in every_case() if any(known(*case, v) for _, v in PROFILES)])
@settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_was_created_needs_no_step(name: str, task: str, data: st.DataObject) -> None:
    for profile, version in PROFILES:
        if not known(name, task, version):
            continue
        document = data.draw(documents(name, task, version), profile)
        endpoint = declared(document, version)
        emulated = Emulated(profile)
        emulated.cluster.load_models([(ELAND, "text_embedding")])
        change = the_change(emulated, endpoint)
        assert (change.action, change.will_run) == (Action.CREATE, True), (profile, change.blocks)
        body = revealed(change.put_body, change.secrets)
        answer = emulated.client.put(task_type=task, inference_id=change.inference_id, inference_config=body)
        found = compare_after(change, None, ObservedEndpoint.from_json(answer), serverless=version.serverless)
        assert found.holds, (profile, found, answer)
        again = the_change(emulated, endpoint)
        assert (again.action, again.fields) == (Action.NOOP, ()), (profile, again.fields)
        assert CANARY not in repr(again)
        # apply reads the plan's own form of what is there again: it must stay as it is
        form = {"inference_id": endpoint.inference_id, **(again.observed or {})}
        assert canonical(normalise_observed(ObservedEndpoint.from_json(form))) == canonical(again.observed or {})
        rotated(emulated, endpoint, version)


def rotated(emulated: Emulated, endpoint: DesiredEndpoint, version: Version) -> None:
    """Its secrets are sent again, all of them, and the server takes them; only early chunking is in the way."""
    change = the_change(emulated, endpoint, send_secrets=("*",))
    if not endpoint.secrets:
        assert change.action is Action.NOOP
        return
    assert change.secrets == endpoint.secrets
    if change.action is Action.REPLACE:
        assert any("chunking" in reason for reason in change.reasons)
        assert version < Version(9, 2)
        return
    body = revealed(change.update_body, change.secrets)
    emulated.client.update(task_type=change.task_type, inference_id=change.inference_id, inference_config=body)
    assert the_change(emulated, endpoint).action is Action.NOOP


@pytest.mark.parametrize(("profile", "version"), PROFILES)
def test_an_example_is_taken_or_blocked_before_it_is_sent(profile: str, version: Version) -> None:
    """All of them in one cluster; together they need no step afterwards, which two requests tell."""
    emulated = Emulated(profile)
    emulated.cluster.load_models([(ELAND, "text_embedding")])
    there = []
    for file in EXAMPLES:
        for endpoint in (one.endpoint for one in read_file(file.name, file.read_bytes()).declared):
            change = the_change(emulated, endpoint)
            if change.will_run and not change.warnings:
                put(emulated, change)
                there.append(endpoint)
    assert len(there) > 30
    emulated.sent.clear()
    plan = plan_cluster(emulated.client.read_only(), DesiredSet(tuple(there)), Permissions())
    assert [(c.inference_id, c.fields) for c in plan.steps] == []
    # Who we are talking to, one list, and the deployments of those that run in the cluster: however many endpoints.
    assert len(emulated.sent) == 3


@pytest.mark.parametrize(("name", "task"), [case for case in every_case() if any(known(*case, v) for _, v in PROFILES)])
@settings(max_examples=2, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_was_changed_needs_no_step(name: str, task: str, data: st.DataObject) -> None:
    """From any valid file to any other of the same endpoint: what the plan says, done, is enough."""
    for profile, version in PROFILES:
        if not known(name, task, version):
            continue
        before, after = (data.draw(documents(name, task, version), profile) for _ in range(2))
        after = one_key_changed(before, after, data, version)
        emulated = Emulated(profile)
        emulated.cluster.load_models([(ELAND, "text_embedding")])
        put(emulated, the_change(emulated, declared(before | {"inference_id": "e"}, version)))
        endpoint = declared(after | {"inference_id": "e"}, version)
        change = the_change(emulated, endpoint)
        assert change.standing is Standing.READY, (profile, change.blocks)
        shown = ObservedEndpoint.from_json(emulated.shown("e"))
        if change.action is Action.UPDATE:
            body = revealed(change.update_body, change.secrets)
            answer = emulated.client.update(task_type=task, inference_id="e", inference_config=body)
            found = compare_after(change, shown, ObservedEndpoint.from_json(answer), serverless=version.serverless)
            assert found.holds, (profile, change.fields, found)
        elif change.action is Action.REPLACE:
            emulated.client.delete(task_type=task, inference_id="e")
            put(emulated, change)
        again = the_change(emulated, endpoint)
        assert (again.action, again.fields) == (Action.NOOP, ()), (profile, change.action, again.fields)


def one_key_changed(before: Any, other: Any, data: st.DataObject, version: Version) -> Any:
    """`before` with one key of another file, so that updates are met as well; that file, where this is not valid."""
    keys = [(part, key) for part in PARTS for key in other[part]] + [("chunking_settings", "")]
    part, key = data.draw(st.sampled_from(keys))
    mixed = dict(before)
    if key:
        mixed[part] = {**before[part], key: other[part][key]}
    elif part in other:
        mixed[part] = other[part]
    failed = read_file("f.yaml", json.dumps(mixed).encode(), version).failed
    return other if failed else mixed


def put(emulated: Emulated, change: Change) -> None:
    body = revealed(change.put_body, change.secrets)
    emulated.client.put(task_type=change.task_type, inference_id=change.inference_id, inference_config=body)
