"""Plan and apply of each of two environments: what reaches which cluster, by whose key, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import TwoClusters


def test_what_is_asked_of_one_cluster_does_not_reach_the_other(two: TwoClusters) -> None:
    assert two("apply", "--env", "staging", "--yes").code == 0
    assert two.staging.changed() != []
    assert two.prod.sent() == []
    for command in ("plan", "verify", "refs chat", "history", "export"):
        assert two(*command.split(), "--env", "staging").code == 0, command
        assert two.staging.sent() != []
        assert two.prod.sent() == []


def test_each_cluster_gets_the_values_of_its_own_variables(two: TwoClusters) -> None:
    for name, url, most in (
        ("staging", "https://proxy.staging.example/v1", 2),
        ("prod", "https://proxy.prod.example/v1", 16),
    ):
        assert two("apply", "--env", name, "--yes").code == 0
        endpoints = {one.inference_id: one.service_settings for one in getattr(two, name).cluster.endpoints.values()}
        assert endpoints["chat"]["url"] == url
        assert endpoints["elser"]["adaptive_allocations"]["max_number_of_allocations"] == most


def test_a_variable_that_one_environment_lacks(two: TwoClusters) -> None:
    two.replace("inferctl.yaml", "elser_max: 16", "elser_mx: 16")
    for command in ("plan", "apply --yes", "validate"):
        ended = two(*command.split(), "--env", "prod")
        assert ended.code == 1
        assert "endpoints/elser.yaml:10:32: error[variable.unset]" in ended.err + ended.out
        assert two.is_untouched()
    assert two("plan", "--env", "staging").code == 0


def test_the_variable_chooses_too_and_the_flag_comes_first(two: TwoClusters) -> None:
    assert two("plan", INFERCTL_ENV="prod").code == 0
    assert (two.staging.sent(), bool(two.prod.sent())) == ([], True)
    assert two("plan", "--env", "staging", INFERCTL_ENV="prod").code == 0
    assert (bool(two.staging.sent()), two.prod.sent()) == (True, [])


def test_the_key_of_one_is_nothing_to_the_other(two: TwoClusters) -> None:
    wrong = two("plan", "--env", "prod", INFERCTL_PROD_API_KEY=two.staging.key)
    assert wrong.code == 6 or "401" in wrong.err, (wrong.code, wrong.err)
    assert two.staging.sent() == []
    two.prod.sent()
    # A key of the other environment alone, or of nobody's environment beside two addresses: nothing to send.
    alone = two("apply", "--env", "prod", "--yes", INFERCTL_PROD_API_KEY="")
    assert alone.code != 0
    assert two.prod.cluster.endpoints == {}
    assert two.staging.sent() == []


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
