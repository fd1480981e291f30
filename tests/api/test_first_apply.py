"""Nothing is written to a cluster before somebody said that it is the one that an environment means."""

from __future__ import annotations

import pickle
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated

from inferctl import Cluster, Endpoint, NotConfirmed, SettingsError, apply, load, plan
from inferctl.api.first_apply import Doubt
from inferctl.cli.question import confirming
from inferctl.report.plan_view import plan_view

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ELSER = {"num_allocations": 1, "num_threads": 1}
SPARSE = Endpoint.model_validate(
    {"inference_id": "a", "task_type": "sparse_embedding", "service": "elser", "service_settings": ELSER}
)


def cluster(emulated: Emulated, environment: str = "prod", **more: Any) -> Cluster:
    more = {"scope": "team", "environment": environment, "settings_file": "inferctl.yaml", **more}
    return Cluster(emulated.client, environ={}, **more)


def writes(emulated: Emulated) -> list[str]:
    """What was sent that changes something; a question for privileges does not."""
    asks = ("/_search", "/_security/user/_has_privileges", "/_mget")
    return [line for line in emulated.sent if not line.startswith(("GET", "HEAD")) and not any(a in line for a in asks)]


def test_the_first_apply_needs_a_word() -> None:
    emulated = Emulated()
    with pytest.raises(NotConfirmed) as refused:
        apply(cluster(emulated), [SPARSE])
    assert writes(emulated) == []
    assert all(word in str(refused.value) for word in ("first apply", "scope team", "c (u)", "as prod"))
    assert [(fix.kind.value, fix.text, fix.file) for fix in refused.value.fixes] == [
        ("flag", "--first", ""),
        ("edit", "cluster_uuid: u", "inferctl.yaml"),
    ]
    assert apply(cluster(emulated), [SPARSE], first=True).exit_code == 0
    assert apply(cluster(emulated), [SPARSE]).exit_code == 0  # the ledger knows it by now


def test_what_says_which_cluster_is_meant() -> None:
    """A pin; a ledger that an older inferctl, or no environment, wrote; a plan that was made for it."""
    assert apply(cluster(Emulated(), cluster_uuid="u"), [SPARSE]).exit_code == 0
    assert apply(cluster(emulated := Emulated(), ""), [SPARSE]).exit_code == 0
    assert apply(cluster(emulated), [SPARSE]).exit_code == 0
    made = plan(cluster(emulated := Emulated()), [SPARSE])
    assert apply(cluster(emulated), made).exit_code == 0


def test_nothing_is_asked_where_nothing_is_at_stake() -> None:
    """No environment, no ledger, no endpoints, an emulator."""
    for given, endpoints in (
        ({"environment": ""}, [SPARSE]),
        ({"scope": None}, [SPARSE]),
        ({"dummy_secrets": True}, [SPARSE]),
        ({}, []),
    ):
        assert apply(cluster(Emulated(), **given), endpoints).exit_code == 0, given


def test_a_cluster_of_another_environment_is_doubted() -> None:
    """The scope is the same in all of them: its ledger would take what is staging's for prod's."""
    emulated = Emulated()
    apply(cluster(emulated, "staging"), [SPARSE], first=True)
    (run,) = emulated.call("POST", "/inferctl-ledger/_search", {"query": {"term": {"kind": "run"}}})["hits"]["hits"]
    of_staging = {**run["_source"], "environment": "staging"}
    emulated.call("PUT", f"/inferctl-ledger/_doc/{run['_id']}?refresh=true", of_staging)
    before = writes(emulated)
    with pytest.raises(NotConfirmed, match="as prod, which was staging before"):
        apply(cluster(emulated), [SPARSE])
    with pytest.raises(NotConfirmed) as refused:  # what a job always says
        apply(cluster(emulated), [SPARSE], first=True)
    assert [fix.text for fix in refused.value.fixes] == ["cluster_uuid: u"]
    assert writes(emulated) == before
    apply(cluster(emulated, cluster_uuid="u"), [SPARSE])


@pytest.mark.parametrize("said", ["cluster_uuid: Zx1", "production: true", "cluster_uuid: Zx1, production: true"])
def test_a_cluster_made_by_hand_undoes_nothing_that_a_file_says(tmp_path: Path, said: str) -> None:
    """Its pin, and that it is production: whatever settings are given beside the endpoints."""
    text = f"scope: team\nendpoints: ['e.yaml']\nenvironments: {{prod: {{{said}}}}}\n"
    (tmp_path / "inferctl.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "e.yaml").write_text(SPARSE.model_dump_json(exclude_none=True), encoding="utf-8")
    loaded = load(config=tmp_path / "inferctl.yaml", environment="prod")
    weaker = replace(loaded.settings, values=type(loaded.settings.values).model_construct())
    emulated = Emulated()
    for run in (plan, apply):
        for settings in (None, loaded.settings, weaker):
            for uuid in (None, "u"):
                with pytest.raises(SettingsError, match=r"Cluster\.from_environment"):
                    run(cluster(emulated, cluster_uuid=uuid), loaded, settings=settings)
    assert emulated.sent == []


def test_a_pin_without_environments_holds_for_a_cluster_made_by_hand(tmp_path: Path) -> None:
    (tmp_path / "inferctl.yaml").write_text("scope: team\nendpoints: ['e.yaml']\ncluster_uuid: Zx1\n", encoding="utf-8")
    (tmp_path / "e.yaml").write_text(SPARSE.model_dump_json(exclude_none=True), encoding="utf-8")
    loaded = load(config=tmp_path / "inferctl.yaml")
    emulated = Emulated()
    with pytest.raises(SettingsError, match="pins the cluster Zx1"):
        apply(cluster(emulated, ""), loaded)
    assert emulated.sent == []


def test_production_takes_the_lock() -> None:
    emulated = Emulated()
    with pytest.raises(SettingsError, match="lock_timeout_s"):
        apply(cluster(emulated, production=True, cluster_uuid="u", lock_timeout_s=None), [SPARSE])
    assert emulated.sent == []


@pytest.mark.parametrize("endpoints", [[SPARSE], []], ids=["something", "nothing"])
def test_production_is_written_to_with_a_pin_only(endpoints: Sequence[Endpoint]) -> None:
    emulated = Emulated()
    apply(cluster(emulated), [SPARSE], first=True)
    before = writes(emulated)
    with pytest.raises(NotConfirmed, match=r"prod is for production, and environments\.prod has no pin") as refused:
        apply(cluster(emulated, production=True), endpoints, first=True)
    assert [fix.text for fix in refused.value.fixes] == ["cluster_uuid: u"]
    assert refused.value.code == "settings.not-pinned"
    assert pickle.loads(pickle.dumps(refused.value)).code == "settings.not-pinned"
    assert writes(emulated) == before
    assert apply(cluster(emulated, production=True, cluster_uuid="u"), [SPARSE]).exit_code == 0


def test_files_of_one_environment_are_not_for_the_cluster_of_another(tmp_path: Path) -> None:
    text = "scope: team\nendpoints: ['e.yaml']\nenvironments: {staging: {cluster_uuid: u}, prod: {cluster_uuid: Zx1}}\n"
    (tmp_path / "inferctl.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "e.yaml").write_text(SPARSE.model_dump_json(exclude_none=True), encoding="utf-8")
    loaded = load(config=tmp_path / "inferctl.yaml", environment="staging")
    emulated = Emulated()
    for other in ("prod", ""):
        for run in (plan, apply):
            with pytest.raises(SettingsError, match="environment staging, and the cluster is of"):
                run(cluster(emulated, other), loaded)
    assert emulated.sent == []
    assert plan(cluster(emulated, "staging", cluster_uuid="u"), loaded).environment == "staging"
    named = Cluster.from_environment({"INFERCTL_STAGING_URL": "https://s.example"}, settings=loaded.settings)
    assert (named.client.settings.url, named.environment, named.cluster_uuid) == ("https://s.example", "staging", "u")
    assert plan(Cluster.emulator(scope="team", environ={}), loaded).steps


def test_a_plan_says_it_and_writes_nothing() -> None:
    emulated = Emulated()
    (told,) = plan_view(plan(cluster(emulated), [SPARSE]))["warnings"]
    assert all(word in told for word in ("first apply", "--first or cluster_uuid: u"))
    assert plan_view(plan(cluster(emulated, cluster_uuid="u"), [SPARSE]))["warnings"] == []
    assert writes(emulated) == []


@pytest.mark.parametrize(
    ("first", "may_ask", "is_terminal", "asked", "goes_on"),
    [
        (True, False, False, [], True),
        (False, False, True, [], False),  # --yes alone is no word
        (False, True, False, [], False),  # nobody there
        (False, True, True, ["is it the one?"], True),
    ],
)
def test_who_may_lift_a_doubt(
    monkeypatch: pytest.MonkeyPatch, first: bool, may_ask: bool, is_terminal: bool, asked: list[str], goes_on: bool
) -> None:
    questions: list[str] = []

    def yes(question: str) -> bool:
        questions.append(question)
        return True

    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: is_terminal))
    monkeypatch.setattr("inferctl.cli.question.is_confirmed", yes)
    doubt = Doubt("t", (), "is it the one?")
    assert (confirming(first=first, may_ask=may_ask)(doubt), questions) == (goes_on, asked)
    doubt = Doubt("t", (), "is it the one?", is_first=False)
    assert confirming(first=True, may_ask=False)(doubt) is False
