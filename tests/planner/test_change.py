"""A change holds the decision and its evidence; all the rest follows from them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import attributes, change, changed, desired, observed, owned, probe

from inferctl.diagnostics import Span
from inferctl.json_types import canonical
from inferctl.model.versions import Version
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.change import Change, Terms
from inferctl.planner.field_change import FieldChange
from inferctl.planner.normalise import leaves, normalise_desired, normalise_observed
from inferctl.planner.secret_state import SecretCheck, SecretState

from .test_laws import as_observed, sets
from .worlds import plan_of

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

KEY = ("service_settings", "api_key")
FOR_NOBODY = Block(BlockKind.NOT_OURS, "it exists and is not ours")
USER = FieldChange(("task_settings", "user"), "x", "y")
NEW_KEY = FieldChange(KEY, {"env": "K"}, {"env": "K"}, sensitive=True)
NOT_CHECKED = SecretCheck(KEY, SecretState.NOT_CHECKED)


def test_few_fields_and_none_that_follows_from_the_others() -> None:
    derived = {name for name, value in vars(Change).items() if isinstance(value, property)}
    assert len(dataclasses.fields(Change)) <= 16
    assert derived.isdisjoint(attributes(Change))
    assert {"put_body", "secrets", "expected", "probe", "shares_deployment", "ready_timeout_s", "substeps"} <= derived


def step(action: Action = Action.UPDATE, wanted: DesiredEndpoint | None = None, **more: Any) -> Change:
    return change(action=action, desired=wanted or desired(task={"user": "y"}), **more)


endpoints = sets.map(
    lambda found: [
        *found,
        desired(
            "b-local",
            task_type="sparse_embedding",
            service="elasticsearch",
            settings={"model_id": "m", "num_allocations": 1, "num_threads": 1},
        ),
    ]
)


@given(endpoints, sets, st.sampled_from(["8.17", "9.1", "9.5"]), st.booleans())
@settings(deadline=None)
def test_what_is_sent_and_expected_is_what_the_file_says(
    wanted: list[Any], there: list[Any], version: str, ours: bool
) -> None:
    declared = {endpoint.inference_id: endpoint for endpoint in wanted}
    manage = ("a*", "b*") if ours else ("a1", "b*")
    plan = plan_of(wanted, [as_observed(e) for e in there], version, manage=manage, send_secrets=("a1",))
    for found in plan.changes:
        file = declared.get(found.inference_id)
        writes = found.action in {Action.CREATE, Action.UPDATE, Action.REPLACE} and found.is_for_us
        puts = writes and found.action is not Action.UPDATE
        assert found.put_body == (declared[found.inference_id].body() if puts else None)
        assert (found.update_body is not None) == (writes and not puts)
        assert found.secrets == (
            declared[found.inference_id].secrets if puts else found.secrets if writes else frozenset()
        )
        body = found.put_body or found.update_body or {}
        assert canonical(body).count('{"env":"K"}') == len(found.secrets)
        assert bool(found.substeps) == (writes and found.action is Action.REPLACE)
        if file is None:
            assert (found.declared, found.span, found.probe, dict(found.expected)) == (None, None, None, {})
            continue
        assert found.declared == normalise_desired(file)
        assert found.expected == dict(leaves(normalise_desired(file)))
        assert (found.task_type, found.service, found.span) == (file.task_type, file.service, file.span)
        assert found.runs_in_cluster is (file.service == "elasticsearch")
        assert found.ready_timeout_s == file.lifecycle.ready_timeout_s


def test_a_step_that_is_not_for_us_sends_nothing() -> None:
    for action in (Action.CREATE, Action.UPDATE, Action.REPLACE):
        found = step(action, fields=(USER, NEW_KEY), standing=Standing.BLOCKED, blocks=(FOR_NOBODY,), observed={"a": 1})
        assert (found.put_body, found.update_body, found.secrets, found.substeps) == (None, None, frozenset(), ())
        assert not found.rotates_secrets


def test_secrets_are_sent_for_their_own_sake_when_one_changed_or_when_asked() -> None:
    assert not step(fields=(USER,)).rotates_secrets
    for found in (step(fields=(USER, NEW_KEY)), step(fields=(USER,), secrets_asked=True)):
        assert found.rotates_secrets
        assert found.update_body == {"task_settings": {"user": "y"}, "service_settings": {"api_key": {"env": "K"}}}


def test_what_could_not_be_compared_is_unchecked_until_it_is_sent() -> None:
    assert step(fields=(USER,), secret_checks=(NOT_CHECKED,)).unchecked_secrets == {KEY}
    assert step(Action.NOOP, secret_checks=(NOT_CHECKED,)).unchecked_secrets == {KEY}
    assert step(fields=(USER,), secrets_asked=True, secret_checks=(NOT_CHECKED,)).unchecked_secrets == frozenset()
    assert step(Action.REPLACE, secret_checks=(NOT_CHECKED,)).unchecked_secrets == frozenset()


def test_the_probe_is_the_files_else_a_call_that_tries_a_new_secret() -> None:
    asked = desired(probe=probe("x", dimensions=3))
    embedding = desired(task_type="text_embedding")
    assert step(wanted=asked).probe == {"input": "x", "query": None, "dimensions": 3}
    assert step(wanted=embedding, fields=(USER,)).probe is None
    tried = step(wanted=embedding, fields=(NEW_KEY,)).probe
    assert tried is not None
    assert tried["dimensions"] is None
    assert step(wanted=embedding, fields=(NEW_KEY,), terms=Terms(check_secrets=False)).probe is None
    assert step(fields=(NEW_KEY,)).probe is None  # a completion costs what it costs
    assert step(fields=(NEW_KEY,), terms=Terms(check_secrets=True)).probe is not None


def test_what_the_settings_file_ignores_is_not_expected() -> None:
    assert ("task_settings", "user") in step().expected
    assert ("task_settings", "user") not in step(terms=Terms(ignore=("task_settings.*",))).expected


def test_the_timeout_parameter_is_the_servers() -> None:
    assert step(terms=Terms(Version(9, 1))).timeout_parameter
    assert not step(terms=Terms(Version(9, 0))).timeout_parameter


def test_a_record_is_renewed_where_it_holds_another_declaration() -> None:
    file = desired(protect=("delete",))
    same = owned(declared=normalise_desired(file), protect=("delete",))
    assert not step(Action.NOOP, file).renews_record  # nothing is kept
    assert not step(Action.NOOP, file, record=same).renews_record
    for other in (changed(same, protect=frozenset()), changed(same, declared={})):
        assert step(Action.NOOP, file, record=other).renews_record
        assert not step(Action.UPDATE, file, record=other).renews_record  # the write notes it


def test_an_endpoint_without_a_file_is_known_by_what_is_there_else_by_its_record() -> None:
    record = owned(declared={"task_type": "rerank", "service": "cohere"}, intent="trial")
    gone = change(action=Action.FORGET, record=record)
    assert (gone.task_type, gone.service, gone.left_behind) == ("rerank", "cohere", False)
    seen = normalise_observed(observed())
    there = change(action=Action.DELETE, record=record, observed=seen)
    assert (there.task_type, there.service, there.left_behind) == ("completion", "openai", True)
    assert not change(action=Action.DELETE, observed=seen).left_behind


def test_places_of_a_plan_that_was_read_are_gone() -> None:
    assert step(wanted=desired(span=Span("a.yaml", 2))).span == Span("a.yaml", 2)
    assert step(wanted=desired(span=Span(""))).span is None


def test_whose_deployment_it_is() -> None:
    local = {"model_id": "m", "num_allocations": 1, "num_threads": 1}
    for deployment, shares, owns in ((None, None, True), ("a", "a", True), ("b", "b", False)):
        placed = local if deployment is None else {**local, "deployment_id": deployment}
        file = desired(task_type="sparse_embedding", service="elasticsearch", settings=placed)
        seen = {"service": "elasticsearch", "service_settings": placed}
        found = step(wanted=file, observed=seen)
        assert (found.runs_in_cluster, found.shares_deployment, found.owns_deployment) == (True, shares, owns)
    remote = step(
        wanted=desired(service="azureopenai", settings={"deployment_id": "d"}), observed={"service": "azureopenai"}
    )
    assert (remote.runs_in_cluster, remote.shares_deployment, remote.owns_deployment) == (False, None, False)
