"""Somebody deletes the index of the ledger while an apply is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated

from inferctl import Cluster, Endpoint, Exit, Permissions, apply, plan
from inferctl.ledger.mappings import read_problems
from inferctl.ledger.records import INDEX
from inferctl.services import CohereSettings, SecretRef

if TYPE_CHECKING:
    from tests.emulated import Reply

ENVIRONMENT = {"COHERE_API_KEY": "k"}


def endpoint(name: str) -> Endpoint:
    return Endpoint(
        inference_id=name,
        task_type="rerank",
        service="cohere",
        service_settings=CohereSettings(model_id="rerank-v3.5", api_key=SecretRef("env", "COHERE_API_KEY")),
    )


def cluster_on(emulated: Emulated, messages: list[str], **more: Any) -> Cluster:
    return Cluster(emulated.client, scope="team", environ=ENVIRONMENT, on_message=messages.append, **more)


@pytest.fixture
def emulated() -> Emulated:
    """Its ledger goes when the first endpoint was created."""
    made = Emulated()

    def delete(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT" and "/_inference/" in target and INDEX in made.cluster.indices:
            made.after = lambda _method, _target, same: same
            made.call("DELETE", f"/{INDEX}")
        return answer

    made.after = delete
    return made


def test_the_run_says_that_the_index_is_another_one(emulated: Emulated) -> None:
    messages: list[str] = []
    ended = apply(cluster_on(emulated, messages), [endpoint("a"), endpoint("b")], parallelism=1)
    assert ended.exit_code is Exit.PARTIAL
    assert read_problems(emulated.client)
    assert any("mend-the-ledger" in message for message in messages)


def test_the_next_run_says_so_too_and_takes_nothing_for_its_own(emulated: Emulated) -> None:
    messages: list[str] = []
    apply(cluster_on(emulated, messages), [endpoint("a"), endpoint("b")], parallelism=1)
    made = set(emulated.live())
    messages.clear()
    apply(cluster_on(emulated, messages), [endpoint("a"), endpoint("b")])
    assert set(emulated.live()) == {"a", "b"} >= made
    assert any("mend-the-ledger" in message for message in messages)
    assert plan(cluster_on(emulated, []), [endpoint("a"), endpoint("b")]).is_empty


def test_where_all_is_well_nobody_hears_of_mappings(emulated: Emulated) -> None:
    emulated.calm()
    messages: list[str] = []
    may = Permissions(allow_delete=True)
    assert apply(cluster_on(emulated, messages), [endpoint("a")], permissions=may).exit_code is Exit.OK
    assert messages == []
