"""A pull request, or what the last task left in the shell, leads a key or a write to another cluster than is meant.

The settings file is the attacker's: addresses, pins and names of environments. The shell, the command line and the
cluster that answers are not.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.in_process import Finished, run_here
from tests.secrets.desk import Desk

from .traps import trap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .traps import Trap

KEY = "canary-key-of-prod"
ENDPOINT = """\
inference_id: a
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: %s}}
"""
SETTINGS = """\
scope: team
endpoints: ["e/*.yaml"]
environments:
  staging: {connection: {url: "http://%s"}}
  prod: {connection: {url: "http://%s"}, cluster_uuid: Zx1}
"""
COMMANDS = (
    ("plan",), ("plan", "-v"), ("apply", "--yes"), ("apply", "--yes", "--first"), ("destroy", "--yes", "--first"),
    ("rotate", "a", "--yes"), ("adopt", "a"), ("forget", "a"), ("ledger", "repair", "a"), ("ledger", "check"),
    ("unlock", "--yes"), ("history",), ("verify",), ("refs", "a"), ("export",),
)  # fmt: skip


class Site:
    """A repository, the cluster of each environment, and an address of the attacker's."""

    def __init__(self, folder: Path, staging: Trap, prod: Trap, evil: Trap) -> None:
        self.folder, self.staging, self.prod, self.evil = folder, staging, prod, evil
        (folder / "e").mkdir()
        self.write(SETTINGS % (staging.host, prod.host))
        self.declare("COHERE_API_KEY")

    def write(self, settings: str) -> None:
        (self.folder / "inferctl.yaml").write_text(settings, encoding="utf-8")

    def declare(self, variable: str) -> None:
        (self.folder / "e/a.yaml").write_text(ENDPOINT % variable, encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> Finished:
        return run_here(self.folder, {"COHERE_API_KEY": "canary-key-of-cohere", **environment}, *arguments)

    def assert_refused(self, told: str, *arguments: str, **environment: str) -> None:
        """By every command, and nobody hears of it."""
        for command in COMMANDS:
            ran = self.run(*command, *arguments, **environment)
            assert ran.code == 1, (command, ran.out, ran.err)
            assert told in ran.err, (command, ran.err)
            assert KEY not in ran.out + ran.err
        assert [at.visits for at in (self.staging, self.prod, self.evil)] == [0, 0, 0]


@contextmanager
def site_in(folder: Path) -> Iterator[Site]:
    with trap() as staging, trap() as prod, trap() as evil:
        yield Site(folder, staging, prod, evil)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as made:
        yield made


def test_the_address_of_an_environment_is_changed(site: Site) -> None:
    """Whichever way the job says where production is."""
    real = f"http://{site.prod.host}"
    site.write(SETTINGS % (site.staging.host, site.evil.host))
    for named in ("INFERCTL_PROD_URL", "ELASTICSEARCH_URL"):
        site.assert_refused("two addresses", "--env", "prod", **{named: real, "INFERCTL_PROD_API_KEY": KEY})


def test_the_address_of_an_environment_is_changed_and_the_job_names_none(site: Site) -> None:
    site.write(SETTINGS % (site.staging.host, site.evil.host))
    for key in ("INFERCTL_PROD_API_KEY", "ELASTICSEARCH_API_KEY"):
        site.assert_refused(f"{key} is not sent to", "--env", "prod", **{key: KEY})


def test_two_environments_change_places(site: Site) -> None:
    """The key of one is for the address that its own variable names; a word of the file does not turn them round."""
    site.write(SETTINGS % (site.prod.host, site.staging.host))
    shell = {
        "INFERCTL_PROD_URL": f"http://{site.prod.host}", "INFERCTL_PROD_API_KEY": KEY,
        "INFERCTL_STAGING_URL": f"http://{site.staging.host}", "INFERCTL_STAGING_API_KEY": "canary-key-of-staging",
    }  # fmt: skip
    site.assert_refused("two addresses", "--env", "prod", **shell)
    site.assert_refused("two addresses", "--env", "staging", **shell)


def test_an_environment_is_renamed_or_added(site: Site) -> None:
    """The job names one; there is no other that would do instead."""
    shell = {"INFERCTL_PROD_API_KEY": KEY, "INFERCTL_PROD_URL": f"http://{site.prod.host}"}
    site.write((SETTINGS % (site.staging.host, site.evil.host)).replace("prod:", "production:"))
    site.assert_refused("prod", "--env", "prod", **shell)
    site.assert_refused("environment", **shell)
    site.assert_refused("INFERCTL_PRODUCTION_URL", "--env", "production", **shell, ELASTICSEARCH_API_KEY="k")


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes", "--first"), ("rotate", "a", "--yes"), ("verify",)])
def test_an_environment_is_added_to_a_run_of_all(site: Site, command: tuple[str, ...]) -> None:
    """It gets no key of another, and the secrets of no endpoint without one. The others go on."""
    prod = f"http://{site.prod.host}"
    his = f"  his: {{connection: {{url: 'http://{site.evil.host}'}}}}\n"
    site.write((SETTINGS % (site.staging.host, site.prod.host)).replace("  staging", his + "  staging"))
    own = {"INFERCTL_PROD_URL": prod, "INFERCTL_PROD_API_KEY": KEY}
    ran = site.run(*command, "--all-envs", **own)
    assert (ran.code, site.evil.visits, site.staging.visits, site.prod.visits > 0) == (1, 0, 0, True), ran.err
    assert KEY.encode() in site.prod.got
    before = site.prod.visits
    known = {"ELASTICSEARCH_URL": prod, "ELASTICSEARCH_API_KEY": KEY}
    ran = site.run(*command, "--env", "his,prod", **known)
    assert (ran.code, site.evil.visits, site.prod.visits) == (1, 0, before), ran.err
    assert "ELASTICSEARCH_API_KEY is of no environment" in ran.err
    ran = site.run(*command, "--all-envs", "--url", prod, INFERCTL_PROD_API_KEY=KEY)
    assert (site.evil.visits, site.prod.visits, "--url is for one cluster" in ran.err) == (0, before, True), ran.err


def test_environments_are_gone(site: Site) -> None:
    """A job that names one does not go on with what the file says instead."""
    site.write(f"scope: team\nendpoints: ['e/*.yaml']\nconnection: {{url: 'http://{site.evil.host}'}}\n")
    site.assert_refused("prod", "--env", "prod", INFERCTL_PROD_API_KEY=KEY)


def test_a_file_takes_the_key_of_an_environment_for_its_own_secret(site: Site) -> None:
    """So that the cluster of another environment, or a provider, gets it. Nothing is resolved."""
    site.declare("INFERCTL_PROD_API_KEY")
    shell = {"INFERCTL_PROD_API_KEY": KEY, "INFERCTL_STAGING_URL": f"http://{site.staging.host}"}
    ran = site.run("validate", "--env", "staging", **shell)
    assert (ran.code, "INFERCTL_PROD_API_KEY" in ran.err, KEY in ran.out + ran.err) == (1, True, False)
    assert site.run("apply", "--yes", "--first", "--env", "staging", **shell).code == 1
    assert KEY.encode() not in site.staging.got


def test_what_the_last_task_left_in_the_shell(site: Site) -> None:
    """A key and an address of staging; the one of production is named, and gets neither."""
    left_over = {"ELASTICSEARCH_URL": f"http://{site.staging.host}", "ELASTICSEARCH_API_KEY": KEY}
    site.assert_refused("two addresses", "--env", "prod", **left_over)
    own = {"INFERCTL_PROD_URL": f"http://{site.prod.host}"}
    site.assert_refused("ELASTICSEARCH_API_KEY is for the address of", "--env", "prod", **left_over, **own)


def test_a_check_that_the_last_task_switched_off(site: Site) -> None:
    """The key of production would go to whoever says that he is it."""
    left_over = {"ELASTICSEARCH_URL": "https://staging.example", "ELASTICSEARCH_INSECURE": "true"}
    own = {"INFERCTL_PROD_URL": f"http://{site.prod.host}", "INFERCTL_PROD_API_KEY": KEY}
    site.assert_refused("ELASTICSEARCH_INSECURE is for the address of", "--env", "prod", **left_over, **own)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A cluster that answers, with the uuid u."""
    made = Desk(tmp_path, monkeypatch, capsys)
    made.set(COHERE_API_KEY="k", INFERCTL_ENV="prod")
    (tmp_path / "e/a.yaml").write_text(ENDPOINT % "COHERE_API_KEY", encoding="utf-8")
    return made


def pin(desk: Desk, prod: str) -> None:
    (desk.folder / "inferctl.yaml").write_text(
        f"scope: team\nendpoints: ['e/*.yaml']\nenvironments:\n  staging: {{}}\n  prod: {prod}\n", encoding="utf-8"
    )


def test_the_pin_is_that_of_another_cluster(desk: Desk) -> None:
    """Or the address leads to one. No command goes on."""
    pin(desk, "{cluster_uuid: Zx1}")
    for command in COMMANDS:
        ran = desk(*command)
        assert ran.code == 1, ran.said
        assert "inferctl.yaml:5:24: error[settings.cluster-uuid]" in ran.err, ran.err
        assert "cluster_uuid: u" in ran.err
        assert desk.emulated.sent == ["GET /"]


def test_a_pin_without_environments(desk: Desk) -> None:
    desk.set(INFERCTL_ENV=None)
    settings = desk.folder / "inferctl.yaml"
    settings.write_text("scope: team\nendpoints: ['e/*.yaml']\ncluster_uuid: Zx1\n", encoding="utf-8")
    ran = desk("apply", "--yes")
    assert (ran.code, desk.emulated.sent, "the settings pin Zx1" in ran.err) == (1, ["GET /"], True), ran.err
    settings.write_text("scope: team\nendpoints: ['e/*.yaml']\ncluster_uuid: u\n", encoding="utf-8")
    assert desk("apply", "--yes").code == 0


def test_the_pin_is_taken_away(desk: Desk) -> None:
    """Where the cluster is another one, its ledger does not know the scope by this environment."""
    pin(desk, "{cluster_uuid: u}")
    assert desk("apply", "--yes").code == 0
    pin(desk, "{}")
    assert desk("apply", "--yes").code == 0  # it is known
    desk.set(INFERCTL_ENV="staging")
    for command in (("apply", "--yes"), ("apply", "--yes", "--first"), ("rotate", "a", "--yes"), ("destroy", "--yes"),
                    ("adopt", "a", "--first"), ("forget", "a")):  # fmt: skip
        before = desk.ledger()
        ran = desk(*command)
        assert (ran.code, "as staging, which was prod before" in ran.err) == (3, True), ran.said
        assert desk.ledger() == before
    pin(desk, "{production: true}")
    desk.set(INFERCTL_ENV="prod")
    for command in (*COMMANDS[2:9], ("unlock", "--yes")):
        if command != ("ledger", "check"):
            ran = desk(*command)
            assert (ran.code, "prod is for production, and environments.prod has no pin" in ran.err) == (3, True), (
                command,
                ran.said,
            )


def test_the_first_apply_to_a_cluster(desk: Desk) -> None:
    pin(desk, "{}")
    ran = desk("plan", "--check")
    assert (ran.code, "this is the first apply of scope team" in " ".join(ran.out.split())) == (3, True), ran.said
    ran = desk("apply", "--yes")
    assert (ran.code, desk.ledger()) == (3, {}), ran.said
    assert "--first" in ran.err
    assert "cluster_uuid: u" in ran.err
    assert desk("apply", "--yes", "--first").code == 0
    assert desk("plan", "--check").code == 0


def test_a_saved_plan_is_for_one_cluster(desk: Desk) -> None:
    pin(desk, "{}")
    assert desk("plan", "--out", "plan.json", "--check").code == 0
    assert desk("apply", "plan.json", "--yes").code == 0


def test_production_wants_the_lock_and_nobody_who_listens(site: Site) -> None:
    site.write("scope: team\nendpoints: ['e/*.yaml']\nenvironments:\n  prod: {cluster_uuid: u, production: true}\n")
    for flags in (("--insecure", "--url", "https://prod.example"), ("--url", "http://prod.example")):
        site.assert_refused("error[settings.production]: prod is for production", "--env", "prod", *flags)
    for command in ("plan", "apply"):
        ran = site.run(command, "--no-lock", "--env", "prod", "--url", f"http://{site.prod.host}")
        assert (ran.code, "--no-lock is not for prod" in ran.err, site.prod.visits) == (64, True, 0), ran.err


def test_the_emulator_is_nobodys_cluster(site: Site) -> None:
    """No pin, no doubt, no address; what one environment applied is not in the other."""
    site.write((SETTINGS % (site.staging.host, site.evil.host)).replace("Zx1", "Zx1, production: true"))
    ran = site.run("apply", "--yes", "--env", "prod", "--emulator")
    assert ran.code == 0, ran.err
    assert [path.name for path in (site.folder / ".inferctl").glob("*.json")] == ["emulator-prod-9.5.json"]
    ran = site.run("plan", "--env", "staging", "--emulator", "--detailed-exitcode")
    assert (ran.code, "1 to create" in ran.out) == (2, True), ran.out
    ran = site.run("plan", "--env", "prod", "--emulator", INFERCTL_PROD_URL="http://h")
    assert (ran.code, "--emulator together with INFERCTL_PROD_URL" in ran.err) == (64, True), ran.err
    assert site.evil.visits == 0
