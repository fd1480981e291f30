"""A stranger sends a pull request, and the job of docs/how-to/untrusted-pull-requests.md plans it.

The job is read out of the page as it stands there. No attack makes it, or the cluster, talk to an address that the
operator did not name: not a byte, not a handshake, not a question for a name. Nothing is written to the cluster.
"""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import trustme
import yaml
from tests.ci_kit.github import ACTION
from tests.docs.pages import DOCS, blocks
from tests.in_process import Finished, run_here
from tests.running import clean_environment

from inferctl.ci.job import NOT_PASSED_ON, Job, ReportFolder, without
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.server import running

from .prepared_repositories import PULL_REQUESTS, PullRequest
from .traps import Trap, trap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = DOCS / "how-to" / "untrusted-pull-requests.md"
KEY = "a2V5LW9mOnRoZS1jbHVzdGVy"
(WORKFLOW,) = [b.text for b in blocks(PAGE) if b.language == "yaml" and "pull_request_target" in b.text]


@dataclass(frozen=True)
class Operator:
    """The cluster at `host`, behind TLS, and what the page's workflow says with the operator's values filled in."""

    host: str
    cluster: Cluster
    certificates: str
    step: Any

    @property
    def environment(self) -> dict[str, str]:
        """What the step of the job has set, as a runner fills it in, with things that a runner has besides."""
        known = {"vars.ELASTICSEARCH_URL": f"https://{self.host}", "secrets.ELASTICSEARCH_PLAN_KEY": KEY}
        filled = {
            name: re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: known[found[1]], text)
            for name, text in self.step["env"].items()
        }
        job = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_TOKEN": "t" * 20, "ACTIONS_RUNTIME_TOKEN": "r" * 20}
        return without({**clean_environment(), **job, **filled, "SSL_CERT_FILE": self.certificates}, *NOT_PASSED_ON)

    def writes(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.cluster.requests if seen.method not in ("GET", "HEAD")]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    authority, folder = trustme.CA(), tmp_path_factory.mktemp("outside")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with running(Cluster.of("9.5")) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        host = server.url.removeprefix("http://")
        text = WORKFLOW.replace("search.example.com:9200", host).replace("37eb79dd87114f469d6852", server.cluster.uuid)
        assert text.count(host) == text.count(server.cluster.uuid) == 1
        (job,) = yaml.safe_load(text)["jobs"].values()
        step = job["steps"][-1]
        yield Operator(host, server.cluster, str(folder / "ca.pem"), step)


@contextmanager
def addresses() -> Iterator[set[str]]:
    """Every `host:port` that this process connects to, or asks a name for."""
    reached: set[str] = set()
    connect, ask = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            reached.add(f"{address[0]}:{address[1]}")
        connect(self, address)

    def asking(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        reached.add(f"{name}:{port}")
        return ask(host, port, *arguments, **options)

    with patch.object(socket.socket, "connect", connecting), patch.object(socket, "getaddrinfo", asking):
        yield reached


def planned(
    operator: Operator, request: PullRequest, folder: Path, attacker: Trap, environment: dict[str, str] | None = None
) -> Finished:
    inputs = operator.step["with"]
    request.write(folder / inputs["working-directory"], attacker.host)
    (folder / "reports").mkdir()
    words = Job(inputs["command"], args=inputs["args"], label=inputs["label"]).words(ReportFolder(folder / "reports"))
    return run_here(folder / inputs["working-directory"], environment or operator.environment, *words)


@pytest.mark.parametrize("request_", PULL_REQUESTS, ids=[request.wants for request in PULL_REQUESTS])
def test_nothing_goes_to_an_address_that_the_operator_did_not_name(
    operator: Operator, tmp_path: Path, request_: PullRequest
) -> None:
    before = len(operator.writes())
    with trap() as attacker, addresses() as reached:
        done = planned(operator, request_, tmp_path, attacker)
        if not request_.is_passed_over:  # merged all the same: the job of the main branch has the keys of the providers
            keys = {**operator.environment, "COHERE_API_KEY": "k", "AWS_SECRET_ACCESS_KEY": "k"}
            applied = run_here(tmp_path / operator.step["with"]["working-directory"], keys, "apply", "--yes", "--quiet")
            assert applied.code == 1, applied.err
    assert (attacker.visits, bytes(attacker.got)) == (0, b"")
    assert reached <= {operator.host}
    assert len(operator.writes()) == before
    assert KEY not in done.out + done.err
    if request_.is_passed_over:
        assert (done.code, reached) == (0, {operator.host}), done.err
    else:
        assert done.code == 1, (done.out, done.err)
        assert "error[" in done.err


OTHER_SERVICES = [one for one in PULL_REQUESTS if "service:" in one.endpoint and "service: cohere" not in one.endpoint]


@pytest.mark.parametrize("request_", OTHER_SERVICES, ids=[request.wants for request in OTHER_SERVICES])
def test_the_hosts_hold_where_every_service_is_allowed(
    operator: Operator, tmp_path: Path, request_: PullRequest
) -> None:
    """What the list of services keeps out, the hosts keep out too."""
    allowed = '"services": ["openai", "cohere", "elasticsearch"]'
    around = operator.environment
    assert allowed in around["INFERCTL_BOUNDS"]
    around["INFERCTL_BOUNDS"] = around["INFERCTL_BOUNDS"].replace(allowed, '"services": ["*"]')
    with trap() as attacker, addresses() as reached:
        done = planned(operator, request_, tmp_path, attacker, around)
    assert (done.code, attacker.visits) == (1, 0), done.out
    assert reached <= {operator.host}
    assert "bounds.service" not in done.err


def test_an_honest_pull_request_is_planned_and_nothing_is_left_open(operator: Operator, tmp_path: Path) -> None:
    with trap() as attacker:
        done = planned(operator, PullRequest("a review"), tmp_path, attacker)
    assert done.code == 0, done.err
    assert "+ search-a" in done.out
    assert "open for pull requests of strangers" not in done.err


def test_the_workflow_runs_nothing_of_the_tree() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    (job,) = workflow["jobs"].values()
    checkout, plan = job["steps"]
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert checkout["with"]["persist-credentials"] is False
    assert checkout["with"]["path"] == plan["with"]["working-directory"]
    assert set(plan["with"]) <= set(ACTION["inputs"])  # the steps of the action: tests/ci_kit/test_action.py
    assert not any("run" in step or step["uses"].startswith(".") for step in job["steps"])
    assert not any("github." in str(text) for text in [*plan["with"].values(), *plan["env"].values()])
