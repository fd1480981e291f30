"""What a plan says of secrets, with them and without, and what apply does about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.planner import secret_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from .desk import Desk

OPENAI: dict[str, Any] = {
    "task_type": "text_embedding",
    "service": "openai",
    "service_settings": {"model_id": "m", "api_key": {"env": "OPENAI_KEY"}},
}
COHERE: dict[str, Any] = {
    "task_type": "rerank",
    "service": "cohere",
    "service_settings": {"model_id": "m", "api_key": {"env": "COHERE_KEY"}},
}
BEDROCK: dict[str, Any] = {
    "task_type": "completion",
    "service": "amazonbedrock",
    "service_settings": {
        "access_key": {"env": "AWS_ID"}, "secret_key": {"env": "AWS_SECRET"},
        "region": "us-east-1", "provider": "anthropic", "model": "m",
    },
}  # fmt: skip


def two(desk: Desk) -> None:
    """Two endpoints, applied with two keys."""
    desk.write("a", **OPENAI)
    desk.write("b", **COHERE)
    desk.set(OPENAI_KEY="first-openai", COHERE_KEY="first-cohere")
    assert desk("apply", "--yes").code == 0


def actions(desk: Desk) -> dict[str, str]:
    ran = desk("plan", "--format", "json")
    assert ran.code == 0, ran.said
    return {change["id"]: change["action"] for change in json.loads(ran.out)["changes"]}


def test_the_same_secrets_are_no_change(desk: Desk) -> None:
    two(desk)
    ran = desk("plan", "--detailed-exitcode")
    assert ran.code == 0
    assert "No changes. 2 endpoints match their files." in ran.out
    assert "not checked" not in ran.said


def test_a_changed_secret_is_sent_and_only_that_one(desk: Desk) -> None:
    two(desk)
    desk.set(OPENAI_KEY="second-openai")
    ran = desk("plan", "--detailed-exitcode")
    assert ran.code == 2
    since = desk.fingerprint("a")["since"]
    assert f"api_key changed since {since}, today" in ran.out
    assert "service_settings.api_key: {env: OPENAI_KEY}" in ran.out
    done = desk("apply", "--yes")
    assert done.code == 0, done.said
    assert [line for line in desk.emulated.writes if "/_inference" in line] == [
        "PUT /_inference/text_embedding/a/_update"
    ]
    assert desk.stored("a") == {"api_key": "second-openai"}
    assert desk("plan", "--detailed-exitcode").code == 0


def test_without_the_secrets_a_plan_is_the_same_but_for_what_was_not_checked(desk: Desk) -> None:
    two(desk)
    with_all = desk("plan").out
    desk.set(OPENAI_KEY=None, COHERE_KEY="")
    without = desk("plan", "--detailed-exitcode")
    assert without.code == 0
    marked = [line for line in without.out.splitlines() if "not checked" in line]
    assert marked == ["note: secrets of 2 endpoints not checked, they cannot be read here: a, b"]
    rest = [line for line in without.out.splitlines() if line and line not in marked]
    assert rest == [line for line in with_all.splitlines() if line]


def test_a_field_change_is_planned_without_the_secret(desk: Desk) -> None:
    two(desk)
    desk.write("a", **{**OPENAI, "task_settings": {"user": "u"}})
    with_all = actions(desk)
    desk.set(OPENAI_KEY=None, COHERE_KEY=None)
    assert actions(desk) == with_all == {"a": "update", "b": "no-op"}


def test_apply_works_without_the_secrets_of_what_stays_as_it_is(desk: Desk) -> None:
    two(desk)
    desk.set(OPENAI_KEY="second-openai", COHERE_KEY=None)
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "second-openai"}


def test_another_fingerprint_key_means_not_checked(desk: Desk) -> None:
    desk.set(INFERCTL_FINGERPRINT_KEY="the first key of the operator")
    two(desk)
    assert not any(name.startswith("salt") for name in desk.ledger())
    desk.set(INFERCTL_FINGERPRINT_KEY="the second key of the operator", OPENAI_KEY="second-openai")
    ran = desk("plan", "--detailed-exitcode")
    assert ran.code == 0
    assert (
        "secrets of 2 endpoints not checked, their fingerprints were made with another key, or for another cluster: a, b"
        in ran.out
    )
    desk.set(INFERCTL_FINGERPRINT_KEY="the first key of the operator")
    assert actions(desk) == {"a": "update", "b": "no-op"}


def test_the_salt_is_made_once(desk: Desk) -> None:
    two(desk)
    first = desk.ledger()["salt:fingerprints"]
    desk.set(OPENAI_KEY="second-openai")
    assert desk("apply", "--yes").code == 0
    assert desk.ledger()["salt:fingerprints"] == first
    assert desk.fingerprint("a")["key"] == desk.fingerprint("b")["key"]


def test_an_adopted_secret_is_unknown_until_it_rotates(desk: Desk) -> None:
    body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "somebody's"}}
    desk.emulated.call("PUT", "/_inference/text_embedding/a", body)
    desk.write("a", **OPENAI)
    desk.set(OPENAI_KEY="ours")
    assert desk("adopt", "a").code == 0
    ran = desk("plan", "--detailed-exitcode")
    assert ran.code == 0
    assert "secrets of 1 endpoint are unknown (adopted)" in ran.out
    assert desk("rotate", "a", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "ours"}
    assert "unknown" not in desk("plan").out
    desk.emulated.call("DELETE", "/_inference/text_embedding/a")
    assert "unknown" not in desk("plan").out


def test_a_create_sends_its_secret_whatever_was_known_of_it(desk: Desk) -> None:
    body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "somebody's"}}
    desk.emulated.call("PUT", "/_inference/text_embedding/a", body)
    desk.write("a", **OPENAI)
    desk.set(OPENAI_KEY="ours")
    assert desk("adopt", "a").code == 0
    desk.emulated.call("DELETE", "/_inference/text_embedding/a")
    ran = desk("plan")
    assert "1 to create" in ran.out
    assert "makes sure" not in ran.out


def test_one_part_of_a_pair_changes_and_both_are_sent(desk: Desk) -> None:
    desk.write("a", **BEDROCK)
    desk.set(AWS_ID="id", AWS_SECRET="old")
    assert desk("apply", "--yes").code == 0
    desk.set(AWS_SECRET="new")
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"access_key": "id", "secret_key": "new"}


def test_a_new_kind_of_secret_is_a_replace_from_9_5(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk("9.5")
    azure = {"resource_name": "r", "deployment_id": "d", "api_version": "v"}
    desk.write("a", task_type="completion", service="azureopenai", service_settings={**azure, "api_key": {"env": "K"}})
    desk.set(K="key", E="entra")
    assert desk("apply", "--yes").code == 0
    desk.write("a", task_type="completion", service="azureopenai", service_settings={**azure, "entra_id": {"env": "E"}})
    held = desk("apply", "--yes")
    assert held.code == 3
    assert "takes only the kind of secret that the endpoint has (api_key, not entra_id)" in held.out
    assert desk("apply", "--yes", "--allow-replace").code == 0
    assert desk.stored("a") == {"entra_id": "entra"}


@pytest.mark.parametrize("version", ["9.1", "9.5"])
def test_a_secret_for_an_endpoint_made_without_one_is_a_replace(make_desk: Callable[..., Desk], version: str) -> None:
    desk = make_desk(version)
    custom = {
        "url": "https://provider.example/v1", "request": "{}",
        "response": {"json_parser": {"completion_result": "$.a"}},
    }  # fmt: skip
    none = {**custom, "secret_parameters": {}}
    desk.write("a", task_type="completion", service="custom", service_settings=none)
    made = desk("apply", "--yes")
    if made.code != 0:
        none.pop("secret_parameters")
        desk.write("a", task_type="completion", service="custom", service_settings=none)
        made = desk("apply", "--yes")
    assert made.code == 0, made.said
    desk.write(
        "a",
        task_type="completion",
        service="custom",
        service_settings={**custom, "secret_parameters": {"k": {"env": "K"}}},
    )
    desk.set(K="key")
    held = desk("apply", "--yes")
    assert held.code == 3, held.said
    assert "an endpoint made without a secret cannot get one by an update, so replace" in held.out
    assert desk("apply", "--yes", "--allow-replace").code == 0


def test_a_lost_answer_is_sent_again_by_the_next_apply(desk: Desk) -> None:
    two(desk)
    desk.set(OPENAI_KEY="second-openai")
    desk.lose_updates()
    assert desk("apply", "--yes").code == 4
    desk.emulated.calm()
    assert desk.fingerprint("a")["unsure"] is True
    desk.set(OPENAI_KEY="first-openai")  # the old one again: the server may hold either
    assert "was sent by a run that got no confirmation" in desk("plan").out
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "first-openai"}
    assert "unsure" not in desk.fingerprint("a")


def test_a_refused_key_leaves_the_old_one_and_says_so(desk: Desk) -> None:
    two(desk)
    desk.emulated.call("POST", "/_emulator/provider", {"outcome": "401", "api_key": "wrong"})
    desk.set(OPENAI_KEY="wrong")
    before = desk.fingerprint("a")
    ran = desk("apply", "--yes")
    assert ran.code == 1
    assert "nothing was stored: the old secret is still in use" in ran.out
    assert desk.stored("a") == {"api_key": "first-openai"}
    assert desk.fingerprint("a") == before


def test_a_refused_key_on_an_older_server_is_stored_and_said(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk("9.2")
    two(desk)
    desk.emulated.call("POST", "/_emulator/provider", {"outcome": "401", "api_key": "wrong"})
    desk.set(COHERE_KEY="wrong")
    ran = desk("apply", "--yes")
    assert ran.code == 6, ran.said
    assert "the new secret was stored and the old one is gone" in ran.out
    assert desk.stored("b") == {"api_key": "wrong"}


def test_fingerprints_differ_by_endpoint_path_and_cluster(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.write("b", **COHERE)
    desk.set(COHERE_KEY="one")
    assert desk("apply", "--yes").code == 0
    assert desk.fingerprint("a")["digest"] != desk.fingerprint("b")["digest"]
    assert desk.fingerprint("a")["key"] == desk.fingerprint("b")["key"]


def test_a_completion_is_not_called_unless_asked() -> None:
    assert secret_state.secret_probe("completion", wanted=None) is None
    assert secret_state.secret_probe("completion", wanted=True) is not None
    assert secret_state.secret_probe("chat_completion", wanted=True) is None
    assert secret_state.secret_probe("rerank", wanted=False) is None


def test_a_plan_saved_without_secrets_rotates_exactly_what_changed(desk: Desk) -> None:
    two(desk)
    desk.set(OPENAI_KEY=None, COHERE_KEY=None)
    saved = desk("plan", "--out", "plan.json")
    assert saved.code == 0, saved.said
    desk.set(OPENAI_KEY="second-openai", COHERE_KEY="first-cohere")
    ran = desk("apply", "plan.json", "--yes")
    assert ran.code == 0, ran.said
    assert [line for line in desk.emulated.writes if "/_inference" in line] == [
        "PUT /_inference/text_embedding/a/_update"
    ]
    assert desk.stored("a") == {"api_key": "second-openai"}
    assert desk("plan", "--detailed-exitcode").code == 0


def test_a_run_that_dies_after_it_sent_a_secret(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server holds the second key, the file names the first one again: the next run makes sure."""
    two(desk)
    desk.set(OPENAI_KEY="second-openai")

    def die(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("inferctl.applier.ledger_notes.LedgerNotes.settle", die)
        assert desk("apply", "--yes").code == 130
    assert desk.stored("a") == {"api_key": "second-openai"}
    desk.set(OPENAI_KEY="first-openai")
    assert actions(desk) == {"a": "update", "b": "no-op"}
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "first-openai"}
    assert actions(desk) == {"a": "no-op", "b": "no-op"}


def test_a_run_that_sends_nothing_leaves_no_mark(desk: Desk) -> None:
    two(desk)
    before = desk.fingerprint("a")
    desk.set(OPENAI_KEY="second-openai")
    desk.emulated.fault("status", "PUT", ".*_update", status=403, error_type="security_exception")
    assert desk("apply", "--yes").code == 1
    assert desk.fingerprint("a") == before


def test_a_short_fingerprint_key_is_a_warning(desk: Desk) -> None:
    desk.set(INFERCTL_FINGERPRINT_KEY="short")
    two(desk)
    ran = desk("apply", "--yes")
    assert ran.err.count("warning: INFERCTL_FINGERPRINT_KEY can be guessed") == 1
