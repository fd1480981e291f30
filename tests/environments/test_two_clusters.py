"""Plan and apply of each of two environments: what reaches which cluster, by whose key, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl.report.environments import closing_text
from inferctl.report.style import Style

from .conftest import UUIDS, plan_of

if TYPE_CHECKING:
    from .conftest import TwoClusters


def test_each_is_planned_and_applied_with_its_own_values(two: TwoClusters) -> None:
    for name, chosen in (("staging", {"elser", "chat", "draft"}), ("prod", {"elser", "chat", "rank"})):
        planned = two("plan", "--env", name, "--format", "json")
        assert planned.code == 0, planned.err
        assert plan_of(planned) == dict.fromkeys(chosen, "create")
        document = planned.json()
        site = getattr(two, name)
        assert document["run"]["environment"] == name
        assert document["run"]["address"] == site.url
        assert document["cluster"]["uuid"] == site.cluster.uuid
        assert document["cluster"]["pinned"] is True
        applied = two("apply", "--env", name, "--yes")
        assert applied.code == 0, applied.out + applied.err
        assert f"Environment {name} at {site.url} (INFERCTL_{name.upper()}_URL)" in applied.out
        assert f"Cluster {name}-search" in applied.out
        assert set(site.live()) == chosen
        again = two("plan", "--env", name, "--format", "json")
        assert set(plan_of(again).values()) <= {"no-op", "verify"}, again.out
    staging, prod = two.staging.live(), two.prod.live()
    # Variables: one that stands alone is a number, one within a text is a part of it.
    assert staging["elser"]["adaptive_allocations"]["max_number_of_allocations"] == 2
    assert prod["elser"]["adaptive_allocations"]["max_number_of_allocations"] == 16
    assert (staging["chat"]["url"], prod["chat"]["url"]) == (
        "https://proxy.staging.example/v1/chat",
        "https://proxy.prod.example/v1/chat",
    )
    # Overlays: a scalar is another one, null takes the key away (the server fills in its own), the rest stays.
    assert (staging["chat"]["model_id"], prod["chat"]["model_id"]) == ("small", "large")
    assert staging["chat"]["rate_limit"]["requests_per_minute"] == 60
    assert prod["chat"]["rate_limit"]["requests_per_minute"] != 60


def test_what_is_asked_of_one_cluster_does_not_reach_the_other(two: TwoClusters) -> None:
    assert two("apply", "--env", "staging", "--yes").code == 0
    assert two.staging.changed() != []
    assert two.prod.sent() == []
    for command in ("plan", "verify", "refs chat", "history", "export"):
        assert two(*command.split(), "--env", "staging").code == 0, command
        assert two.staging.sent() != []
        assert two.prod.sent() == []


def test_the_variable_chooses_too_and_the_flag_comes_first(two: TwoClusters) -> None:
    assert two("plan", INFERCTL_ENV="prod").code == 0
    assert (two.staging.sent(), bool(two.prod.sent())) == ([], True)
    assert two("plan", "--env", "staging", INFERCTL_ENV="prod").code == 0
    assert (bool(two.staging.sent()), two.prod.sent()) == (True, [])


def test_the_key_of_one_is_nothing_to_the_other(two: TwoClusters) -> None:
    wrong = two("plan", "--env", "prod", INFERCTL_PROD_API_KEY=two.staging.key)
    assert wrong.code == 1
    assert "401" in wrong.err
    assert two.staging.sent() == []
    two.prod.sent()
    # A key of the other environment alone, or of nobody's environment beside two addresses: nothing to send.
    alone = two("apply", "--env", "prod", "--yes", INFERCTL_PROD_API_KEY="")
    assert alone.code != 0
    assert two.prod.cluster.endpoints == {}
    assert two.staging.sent() == []


def test_both_in_one_run_each_with_its_own(two: TwoClusters) -> None:
    planned = two("plan", "--all-envs", "--format", "json")
    assert planned.code == 0, planned.err
    sections = planned.json()["environments"]
    assert [section["environment"] for section in sections] == ["staging", "prod"]
    assert [section["document"]["run"]["address"] for section in sections] == [two.staging.url, two.prod.url]
    applied = two("apply", "--env", "staging,prod", "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert set(two.staging.live()) == {"elser", "chat", "draft"}
    assert set(two.prod.live()) == {"elser", "chat", "rank"}


def test_what_became_of_each_fits_a_terminal(two: TwoClusters) -> None:
    two.replace("inferctl.yaml", f"    cluster_uuid: {UUIDS['prod']}\n", "")
    ended = two("apply", "--all-envs", "--yes", "--format", "json")
    assert ended.code == 3
    lines = closing_text(ended.json(), Style(width=60)).splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()) == " ".join(closing_text(ended.json(), Style()).split())


def test_what_one_version_lacks_is_told_of_its_environment(two: TwoClusters) -> None:
    two.write(
        "endpoints/text.yaml",
        "inference_id: text\ntask_type: text_embedding\nservice: openai\n"
        "service_settings: {model_id: small, api_key: {env: OPENAI_API_KEY}}\n"
        "chunking_settings: {strategy: recursive, max_chunk_size: 200}\n",
    )
    assert two("plan", "--env", "staging").code == 0
    (blocked,) = (c for c in two("plan", "--env", "prod", "--format", "json").json()["changes"] if c["id"] == "text")
    assert [block["kind"] for block in blocked["blocks"]] == ["impossible"]
    assert "the server is 9.0" in blocked["blocks"][0]["text"]
    # Offline the settings say which version is meant.
    two.staging.sent()
    two.prod.sent()
    for name, version in (("staging", "9.5"), ("prod", "9.0")):
        two.replace("inferctl.yaml", f"    cluster_uuid: {UUIDS[name]}\n", f"    target_version: '{version}'\n")
    checked = two("validate", "--all-envs")
    assert checked.code != 0
    assert "prod" in checked.out + checked.err
    assert two("validate", "--env", "staging").code == 0
    assert two("validate", "--env", "prod").code != 0
    assert two.is_untouched()


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_a_saved_plan_is_of_one_environment(two: TwoClusters, name: str) -> None:
    other = {"staging": "prod", "prod": "staging"}[name]
    assert two("plan", "--env", name, "--out", "plan.json").code == 0
    two.staging.sent()
    two.prod.sent()
    for command in ("apply", "plan"):
        refused = two(command, "plan.json", "--env", other, *(["--yes"] if command == "apply" else []))
        assert refused.code == 5, refused.err
        assert f"--env {name}" in refused.err
        assert two.is_untouched()
    assert two("apply", "plan.json", "--env", name, "--yes").code == 0
    assert getattr(two, name).changed() != []
