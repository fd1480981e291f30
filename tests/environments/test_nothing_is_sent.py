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


def test_a_permit_that_is_over_in_one_environment(two: TwoClusters) -> None:
    over = "    permits: [{delete: chat, reason: gone, until: 2020-01-31}]\n"
    overlays = "    overlays: [environments/prod/*.yaml]\n"
    two.replace("inferctl.yaml", overlays, overlays + over)
    for command in COMMANDS:
        refused(two, (*command, "--env", "prod"), "inferctl.yaml:13", "2020-01-31")
    assert two("plan", "--env", "staging").code == 0
    two.staging.sent()
