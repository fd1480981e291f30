"""`plan -v` in a CI job names each thing that the job leaves open for pull requests of strangers, and no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.in_process import run_here
from tests.running import clean_environment

from inferctl.api.untrusted_job import NEEDS, JobFacts, is_ci_job, left_open, paths_of
from inferctl.operator_bounds.read import read_bounds

if TYPE_CHECKING:
    from collections.abc import Callable

BOUNDS = (
    '{"hosts": ["h"], "scopes": ["s"], "manage": ["s-*"], "allow": [], "limits": {"max_deletes": 0, "max_changes": 9}, '
    '"services": ["cohere"], "secrets": [], "passthrough": false, "cluster_uuids": ["u"]}'
)
GOOD = JobFacts(
    {
        "ELASTICSEARCH_URL": "https://h",
        "ELASTICSEARCH_API_KEY": "k",
        "INFERCTL_FINGERPRINT_KEY": "f",
        "PWD": "/w/change",
    },
    read_bounds({"INFERCTL_BOUNDS": BOUNDS}, Path("/w")),
    checkouts=(Path("/w/change"),),
    written=(Path("/tmp/plan.md"),),
    paths={"SSL_CERT_FILE": Path("/etc/ca.pem")},
)


def bound(**fields: Any) -> JobFacts:
    return replace(GOOD, bounds=replace(GOOD.bounds, **fields))


def with_variable(name: str) -> JobFacts:
    return replace(GOOD, environ={**GOOD.environ, name: "x"})


OPENED: dict[str, Callable[[], JobFacts]] = {
    "ELASTICSEARCH_URL": lambda: replace(GOOD, environ={}),
    "hosts": lambda: bound(hosts=replace(GOOD.bounds.hosts, parts=())),
    "scopes": lambda: bound(scopes=None),
    "manage": lambda: bound(manage=None),
    "allow": lambda: bound(allow=None),
    "limits": lambda: bound(max_changes=None),
    "services": lambda: bound(services=None),
    "passthrough": lambda: bound(passthrough=None),
    "secrets": lambda: bound(secrets=replace(GOOD.bounds.secrets, allow=())),
    "cluster_uuids": lambda: bound(cluster_uuids=None),
    "no keys": lambda: with_variable("GITHUB_TOKEN"),
    "reports": lambda: replace(GOOD, written=(Path("/w/change/plan.md"),)),
    "certificates": lambda: replace(GOOD, paths={"SSL_CERT_FILE": Path("/w/change/ca.pem")}),
    "a checked certificate": lambda: replace(GOOD, insecure=True),
}


def test_nothing_is_open_where_all_is_set() -> None:
    assert list(left_open(GOOD)) == []


def test_an_environment_has_variables_of_its_own() -> None:
    """Those of another one are keys that the job does not need."""
    own = {"INFERCTL_PROD_URL": "https://h", "INFERCTL_PROD_API_KEY": "k", "INFERCTL_STAGING_URL": "https://s"}
    job = replace(GOOD, environ=own, environment="prod")
    assert list(left_open(job)) == []
    for name, open_one in (
        ("INFERCTL_STAGING_API_KEY", "no keys"),
        ("INFERCTL_STAGING_PASSWORD", "no keys"),
        ("INFERCTL_PROD_INSECURE", "a checked certificate"),
    ):
        (found,) = left_open(replace(job, environ={**own, name: "true"}))
        assert found[0].what.startswith(open_one)
    (found,) = left_open(replace(job, environ={}))
    assert found[0].what == "`ELASTICSEARCH_URL`"
    assert paths_of({"INFERCTL_PROD_CA_CERTS": "ca.pem", "INFERCTL_STAGING_CA_CERTS": "x"}, "prod") == {
        "INFERCTL_PROD_CA_CERTS": "ca.pem"
    }


@pytest.mark.parametrize("name", OPENED)
def test_each_is_named_alone(name: str) -> None:
    (found,) = left_open(OPENED[name]())
    assert found[0].what.replace("`", "").startswith(name)


def test_each_need_is_tried() -> None:
    assert len(OPENED) == len(NEEDS)


@pytest.mark.parametrize(
    ("environ", "is_one"),
    [
        ({"CI": "true"}, True),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"GITLAB_CI": "1"}, True),
        ({"CI": "false"}, False),
        ({}, False),
    ],
)
def test_what_a_ci_job_is(environ: dict[str, str], is_one: bool) -> None:
    assert is_ci_job(environ) is is_one


def test_the_command_says_it_with_v_in_a_job_only(tmp_path: Path) -> None:
    around = {name: value for name, value in clean_environment().items() if name != "CI"}
    line = ("plan", "--emulator", "-v", "--out", "plan.json")
    said = run_here(tmp_path, {**around, "CI": "true", "COHERE_API_KEY": "k"}, *line).err
    assert said.count("inferctl.untrusted: - ") == len(NEEDS) - 2  # the others are fine
    assert "COHERE_API_KEY" in said
    assert str(tmp_path / "plan.json") in said
    assert "strangers" not in run_here(tmp_path, around, *line).err
    assert "strangers" not in run_here(tmp_path, {**around, "CI": "true"}, "plan", "--emulator").err
