"""What is wrong with an environment is told before anything is sent, to either cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import UUIDS

if TYPE_CHECKING:
    from .conftest import TwoClusters

OLD = "5tReQ0tZ9eHxWc1d5sAQ3e"
COMMANDS = (("plan",), ("apply", "--yes"), ("rotate", "chat", "--yes"), ("destroy", "--yes"), ("adopt", "chat"))
NEED_FILES = COMMANDS[:3]


def refused(two: TwoClusters, command: tuple[str, ...], *words: str, code: int = 1, **variables: str) -> str:
    """What the command says on stderr. It ends with `code`, and neither cluster got a request."""
    ended = two(*command, **variables)
    assert ended.code == code, (command, ended.out, ended.err)
    for word in words:
        assert word in ended.err, (command, word, ended.err)
    assert two.is_untouched(), command
    return ended.err


def test_none_chosen(two: TwoClusters) -> None:
    for command in (*COMMANDS, ("history",), ("refs", "chat"), ("export",), ("unlock",)):
        refused(two, command, "staging", "prod", "--env")


def test_a_name_that_the_file_does_not_have(two: TwoClusters) -> None:
    for command in COMMANDS:
        refused(two, (*command, "--env", "prodd"), "prodd", "prod")
    refused(two, ("plan",), "stagin", INFERCTL_ENV="stagin")


def test_an_environment_where_the_file_has_none(two: TwoClusters) -> None:
    two.write("inferctl.yaml", "scope: search-team\nendpoints: [endpoints/*.yaml]\n")
    refused(two, ("plan", "--env", "prod"), "prod", ELASTICSEARCH_URL=two.prod.url)


@pytest.mark.parametrize("command", COMMANDS)
def test_another_cluster_than_the_pinned_one_gets_one_question(two: TwoClusters, command: tuple[str, ...]) -> None:
    two.replace("inferctl.yaml", UUIDS["prod"], OLD)
    ended = two(*command, "--env", "prod")
    assert ended.code not in (0, 2)
    # Both uuids, where the pin stands, and what to paste if the cluster is another one now.
    for word in (OLD, "inferctl.yaml:10", f"cluster_uuid: {UUIDS['prod']}"):
        assert word in ended.err, ended.err
    assert two.prod.sent() == ["GET /"]
    assert two.staging.sent() == []


def test_an_address_of_another_cluster(two: TwoClusters) -> None:
    for command in COMMANDS:
        swapped = refused(two, (*command, "--env", "prod"), INFERCTL_PROD_URL=two.staging.url)
        assert two.staging.url in swapped
        assert two.prod.url in swapped
        refused(two, (*command, "--env", "prod", "--url", two.staging.url), two.staging.url, two.prod.url)
    del two.shell["INFERCTL_PROD_URL"]
    refused(two, ("plan", "--env", "prod"), "ELASTICSEARCH_URL", two.prod.url, ELASTICSEARCH_URL=two.staging.url)


def test_two_environments_that_swap_their_addresses(two: TwoClusters) -> None:
    """As a merge gone wrong: the file names each the other's address, and the shell knows better."""
    two.replace("inferctl.yaml", two.prod.url, "http://nowhere")
    two.replace("inferctl.yaml", two.staging.url, two.prod.url)
    two.replace("inferctl.yaml", "http://nowhere", two.staging.url)
    for name in ("staging", "prod"):
        refused(two, ("apply", "--yes", "--env", name))
    # Without a word of the shell no key goes to an address that a file alone names.
    for name in ("STAGING", "PROD"):
        del two.shell[f"INFERCTL_{name}_URL"]
    for name in ("staging", "prod"):
        refused(two, ("apply", "--yes", "--env", name), f"INFERCTL_{name.upper()}_URL")


def test_a_variable_that_the_environment_lacks(two: TwoClusters) -> None:
    two.replace("inferctl.yaml", ", elser_max: 16", ", elser_maxi: 16")
    for command in NEED_FILES:
        refused(two, (*command, "--env", "prod"), "endpoints/elser.yaml:10:32", "elser_max", "elser_maxi")
    assert two("plan", "--env", "staging").code == 0


def test_an_overlay_for_an_id_that_no_file_declares(two: TwoClusters) -> None:
    two.write("environments/prod/chatt.yaml", "inference_id: chatt\nservice_settings: {model_id: huge}\n")
    for command in NEED_FILES:
        refused(two, (*command, "--env", "prod"), "environments/prod/chatt.yaml:1", "chatt", "chat")
    assert two("plan", "--env", "staging").code == 0


def test_two_overlays_for_one_id(two: TwoClusters) -> None:
    two.write("environments/prod/more.yaml", "inference_id: chat\nservice_settings: {model_id: huge}\n")
    for command in NEED_FILES:
        refused(two, (*command, "--env", "prod"), "environments/prod/chat.yaml", "environments/prod/more.yaml")


def test_a_merged_value_is_wrong_where_it_stands(two: TwoClusters) -> None:
    two.replace("environments/prod/chat.yaml", "model_id: large", "model_id: [large]")
    refused(two, ("validate", "--env", "prod"), "environments/prod/chat.yaml:3:")
    two.replace("environments/prod/chat.yaml", "model_id: [large]", "model_id: large")
    two.replace("endpoints/chat.yaml", "url: ${proxy}/chat", "url: [x]")
    refused(two, ("validate", "--env", "prod"), "endpoints/chat.yaml:7:")


def test_a_secret_in_an_overlay_or_a_variable_is_refused_and_not_shown(two: TwoClusters) -> None:
    literal = "sk-proj-canaryA1b2C3d4E5f6G7h8"
    two.replace("environments/prod/chat.yaml", "model_id: large", f"api_key: {literal}")
    assert literal not in refused(two, ("plan", "--env", "prod"), "environments/prod/chat.yaml:3")
    two.replace("environments/prod/chat.yaml", f"api_key: {literal}", "api_key: ${openai_key}")
    two.replace("inferctl.yaml", "elser_max: 16", f"elser_max: 16, openai_key: {literal}")
    assert literal not in refused(two, ("plan", "--env", "prod"))


def test_a_permit_that_is_over_in_one_environment(two: TwoClusters) -> None:
    over = "    permits: [{delete: chat, reason: gone, until: 2020-01-31}]\n"
    overlays = "    overlays: [environments/prod/*.yaml]\n"
    two.replace("inferctl.yaml", overlays, overlays + over)
    for command in COMMANDS:
        refused(two, (*command, "--env", "prod"), "inferctl.yaml:13", "2020-01-31")
    assert two("plan", "--env", "staging").code == 0
    two.staging.sent()


def test_what_is_wrong_with_one_of_several_stops_that_one(two: TwoClusters) -> None:
    two.replace("inferctl.yaml", UUIDS["prod"], OLD)
    ended = two("apply", "--all-envs", "--yes")
    assert ended.code != 0
    assert OLD in ended.out + ended.err
    assert set(two.staging.live()) == {"elser", "chat", "draft"}
    assert two.prod.sent() == ["GET /"]


def test_no_key_of_nobody_in_a_run_of_several(two: TwoClusters) -> None:
    """ELASTICSEARCH_API_KEY would be tried on two clusters."""
    for name in ("STAGING", "PROD"):
        del two.shell[f"INFERCTL_{name}_API_KEY"]
    refused(
        two,
        ("apply", "--all-envs", "--yes"),
        "INFERCTL_STAGING_API_KEY",
        "INFERCTL_PROD_API_KEY",
        code=1,
        ELASTICSEARCH_API_KEY=two.prod.key,
    )
