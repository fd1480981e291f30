"""One command line for several environments: a section each, one document, and what ends one of them ends no other."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.running import running_emulator

from inferctl.api.session import WritingSession
from inferctl.applier.interrupt import Cause, StopSignal
from inferctl.cli.reports import this_command
from inferctl.exit_codes import Exit, worst
from inferctl.report.environments import Section, environments_view

from .test_environment import ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.in_process import Finished
    from tests.running import Emulator

    from .conftest import Shell

SETTINGS = 'scope: shop\nendpoints: ["*.yaml"]\nenvironments: {staging: {}, prod: {}}\n'


class Shop:
    """A repository with two environments, and the cluster of each."""

    def __init__(self, shell: Shell, **clusters: Emulator) -> None:
        self.shell, self.clusters = shell, clusters
        self.settings(SETTINGS)
        (shell.folder / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
        shell.environment["COHERE_API_KEY"] = "k"
        for name, cluster in clusters.items():
            shell.environment[f"INFERCTL_{name.upper()}_URL"] = cluster.url

    def settings(self, text: str) -> None:
        (self.shell.folder / "inferctl.yaml").write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str) -> Finished:
        return self.shell(*arguments)

    def report(self, name: str) -> Any:
        text = (self.shell.folder / name).read_text(encoding="utf-8")
        return json.loads(text) if name.endswith(".json") else text


@pytest.fixture
def clusters() -> Iterator[dict[str, Emulator]]:
    with running_emulator("9.3") as staging, running_emulator("9.5") as prod:
        yield {"staging": staging, "prod": prod}


@pytest.fixture
def shop(shell: Shell, clusters: dict[str, Emulator]) -> Shop:
    return Shop(shell, **clusters)


def kinds(document: Any) -> dict[str, str]:
    return {section["environment"]: section["document"]["kind"] for section in document["environments"]}


def codes(document: Any) -> dict[str, int | None]:
    return {section["environment"]: section["exit_code"] for section in document.get("environments", ())}


def test_each_environment_is_planned_and_applied_on_its_own_cluster(shop: Shop) -> None:
    planned = shop("plan", "--all-envs", "--format", "json")
    assert (planned.code, planned.json()["kind"], kinds(planned.json())) == (
        0, "environments", {"staging": "plan", "prod": "plan"}
    )  # fmt: skip
    versions = [one["document"]["cluster"]["version"][:3] for one in planned.json()["environments"]]
    assert versions == ["9.3", "9.5"]
    applied = shop("apply", "--env", "prod,staging", "--yes", "--first", "--report", "json=all.json")
    assert applied.code == 0, applied.err
    assert codes(shop.report("all.json")) == {"prod": 0, "staging": 0}
    assert [sorted(cluster.live()) for cluster in shop.clusters.values()] == [["a"], ["a"]]
    heads = [line for line in applied.out.splitlines() if line.startswith("==>")]
    assert heads == ["==> prod (1 of 2)", "==> staging (2 of 2)", "==> 2 environments"]


def test_a_section_holds_what_the_run_alone_would_have_printed(shop: Shop) -> None:
    alone = shop("plan", "--env", "prod", "--format", "json").json()
    section = shop("plan", "--all-envs", "--format", "json").json()["environments"][1]["document"]
    for document in (alone, section):
        for key in ("at", "run"):
            document["run"][key] = ""
    assert section == alone


def test_one_that_fails_ends_no_other(shop: Shop) -> None:
    shop.shell.environment["INFERCTL_STAGING_URL"] = "http://127.0.0.1:1"
    done = shop("apply", "--all-envs", "--yes", "--first", "--format", "json", "--report", "markdown=all.md")
    document = done.json()
    assert (done.code, codes(document), kinds(document)) == (
        1, {"staging": 1, "prod": 0}, {"staging": "failure", "prod": "apply"}
    )  # fmt: skip
    assert (document["verdict"]["exit_code"], document["verdict"]["text"]) == (1, "exit code 1 in staging")
    assert list(shop.clusters["prod"].live()) == ["a"]
    head, *rest = shop.report("all.md").splitlines()
    assert head == "<!-- inferctl:apply scope=shop label=all%20environments -->"
    assert [line for line in rest if line.startswith("## ")] == [
        "## inferctl apply on all environments", "## staging", "## prod"
    ]  # fmt: skip
    assert not any("<!--" in line for line in rest)


def test_no_key_and_no_address_is_for_all(shop: Shop) -> None:
    """What names no environment could be of any of them."""
    del shop.shell.environment["INFERCTL_PROD_URL"]
    shop.shell.environment["ELASTICSEARCH_URL"] = shop.clusters["prod"].url
    done = shop("plan", "--all-envs", "--format", "json")
    assert codes(done.json()) == {"staging": 0, "prod": 1}
    done = shop("plan", "--all-envs", "--url", shop.clusters["prod"].url, "--format", "json")
    assert (done.code, codes(done.json())) == (64, {"staging": 64, "prod": 64})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["plan", "--env", "staging,prdo"], 1),
        (["plan", "--env", "staging,"], 64),
        (["plan", "--env", "staging", "--all-envs"], 64),
        (["apply", "--all-envs", "--env", "staging", "--yes"], 64),
        (["plan", "-", "--all-envs"], 64),
        (["plan", "--all-envs", "--out", "plan.json"], 64),
        (["plan", "--all-envs", "--out", "p-{env}", "--report", "json=p-prod"], 64),
        (["export", "--env", "staging,prod"], 64),
        (["history", "--all-envs"], 64),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(shop: Shop, arguments: list[str], code: int) -> None:
    for cluster in shop.clusters.values():
        cluster.call("DELETE", "/_emulator/requests")
    done = shop(*arguments)
    assert (done.code, done.out) == (code, "")
    assert [cluster.call("GET", "/_emulator/requests")["requests"] for cluster in shop.clusters.values()] == [[], []]


def test_a_file_without_environments_has_none_to_go_through(shop: Shop) -> None:
    shop.settings("scope: shop\n")
    assert shop("plan", "--all-envs").code == 64
    shop.settings("scope: [\n")
    broken = shop("plan", "--all-envs", "--report", "json=all.json")
    assert (broken.code, shop.report("all.json")["error"]["code"]) == (1, "yaml.syntax")


def test_each_environment_gets_a_saved_plan(shop: Shop) -> None:
    done = shop("plan", "--all-envs", "--out", "plan-{env}.json")
    assert done.code == 0, done.err
    assert shop.report("plan-staging.json")["plan"]["environment"] == "staging"
    assert shop.report("plan-prod.json")["plan"]["environment"] == "prod"
    refused = shop("apply", "plan-prod.json", "--all-envs", "--yes")
    assert (refused.code, refused.out) == (64, "")


def test_what_is_to_be_typed_names_the_environment_of_its_section(shop: Shop) -> None:
    stopped = shop("apply", "--env", "staging,prod", "--yes", "--first", "--max-changes", "0", "--format", "json")
    lines = [section["document"]["next"] for section in stopped.json()["environments"]]
    assert [line.split("--env ")[1:] for line in lines] == [["staging --max-changes 1"], ["prod --max-changes 1"]]


def test_validate_and_verify_go_through_all(shop: Shop) -> None:
    assert kinds(shop("validate", "--all-envs", "--format", "json").json()) == {
        "staging": "diagnostics", "prod": "diagnostics"
    }  # fmt: skip
    (shop.shell.folder / "b.yaml").write_text("inference_id: b\n", encoding="utf-8")
    wrong = shop("validate", "--env", "staging,prod")
    assert (wrong.code, wrong.out.splitlines()[-1]) == (1, "Exit code 1 in each environment.")
    assert "  prod       1  3 errors, 0 warnings." in wrong.out
    (shop.shell.folder / "b.yaml").unlink()
    assert shop("apply", "--all-envs", "--yes", "--first").code == 0
    shop.clusters["prod"].call("DELETE", "/_inference/a")
    verified = shop("verify", "--all-envs", "--format", "json")
    assert (verified.code, kinds(verified.json())) == (6, {"staging": "verify", "prod": "verify"})
    assert shop("rotate", "a", "--env", "staging,prod", "--yes").code == 3  # in prod it would have to be created


def test_what_ended_one_run_does_not_end_the_next() -> None:
    now = [0.0]
    stop = StopSignal(5, clock=lambda: now[0])
    now[0] = 6
    stop.patient = True
    stop.begin_ending()
    assert (stop.is_set(), stop.is_ending, set(stop.causes)) == (True, True, {Cause.DEADLINE})
    stop.begin_next()
    assert (stop.is_set(), stop.is_ending, stop.patient, stop.name, stop.rest_s()) == (False, False, False, "", None)
    stop.ends_within(5)
    assert stop.rest_s() == 5


@pytest.mark.parametrize("moment", ["over", "patient"])
def test_a_signal_at_the_end_of_one_run_begins_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """While the last things of a run are done a signal changes nothing about that run."""
    tidy = WritingSession.tidy

    def interrupted(self: WritingSession, *arguments: Any) -> None:
        this_command().stop.over = moment == "over"
        signal.raise_signal(signal.SIGINT)
        tidy(self, *arguments)

    monkeypatch.setattr(WritingSession, "tidy", interrupted)
    done = shop("apply", "--all-envs", "--yes", "--first", "--format", "json")
    assert (done.code, codes(done.json())) == (130, {"staging": 0, "prod": None}), done.err
    assert done.json()["verdict"]["exit_code"] == 130
    assert not shop.clusters["prod"].live()


def test_an_interruption_ends_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.settings(SETTINGS.replace("prod: {}", "prod: {}, after: {}"))
    plan = WritingSession.plan
    under_way = []

    def interrupted(self: WritingSession, *arguments: Any, **more: Any) -> Any:
        if this_command().environment == "prod":
            under_way.append(shop.report("all.json"))
            signal.raise_signal(signal.SIGINT)
        return plan(self, *arguments, **more)

    monkeypatch.setattr(WritingSession, "plan", interrupted)
    done = shop("apply", "--all-envs", "--yes", "--first", "--report", "json=all.json")
    (before,) = under_way
    assert (before["verdict"]["name"], codes(before)) == ("NOT_ENDED", {"staging": 0, "prod": None, "after": None})
    document = shop.report("all.json")
    assert (done.code, codes(document)) == (130, {"staging": 0, "prod": 130, "after": None}), done.err
    assert document["verdict"]["exit_code"] == 130
    assert document["environments"][2]["document"]["error"]["code"] == "run.not-started"
    assert not shop.clusters["prod"].live()
    assert "==> 3 environments" in done.out


def test_the_worst_code_is_the_one_that_needs_a_person_most() -> None:
    order = [130, 4, 1, 64, 7, 3, 5, 6, 2, 0]
    for number, code in enumerate(order):
        assert worst(order[number:]) == code
    assert set(order) == set(Exit)
    assert worst([]) == Exit.OK


def test_documents_keep_to_the_schema(shop: Shop) -> None:
    from tests.report.test_schemas import SCHEMAS  # noqa: PLC0415

    validator = Draft202012Validator(SCHEMAS["environments"])
    for arguments in (["plan"], ["validate"], ["verify"]):
        validator.validate(shop(*arguments, "--all-envs", "--format", "json").json())
    nothing = {"kind": "diagnostics", "format_version": "1.0", "summary": {"errors": 0, "warnings": 0}}
    validator.validate(environments_view("plan", "", [Section("a", None, nothing)]))
