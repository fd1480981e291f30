"""A run in an environment: what its reports call it, and what it says is to be typed."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.running import running_emulator

from inferctl.cli.question import is_confirmed
from inferctl.fix import advice, command, flag, in_environment
from inferctl.report.next_step import command_of, then
from inferctl.report.plan_view import NO_RUN

if TYPE_CHECKING:
    from tests.in_process import Finished

    from .conftest import Shell

SETTINGS = """\
scope: shop
endpoints: ["*.yaml"]
environments: {staging: {}, prod: {allow: [delete]}}
"""
ENDPOINT = """\
inference_id: a
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}
"""


@pytest.fixture
def shop(shell: Shell) -> Shell:
    (shell.folder / "inferctl.yaml").write_text(SETTINGS, encoding="utf-8")
    (shell.folder / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
    return shell


def document(finished: Finished) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(finished.out)
    return loaded


def test_a_command_to_type_names_the_environment_once() -> None:
    fixes = (command("inferctl unlock"), command("export A=…"), flag("--first"), advice("inferctl"))
    assert [fix.text for fix in in_environment(fixes, "prod")] == [
        "inferctl unlock --env prod", "export A=…", "--first", "inferctl"
    ]  # fmt: skip
    assert in_environment(in_environment(fixes, "prod"), "prod") == in_environment(fixes, "prod")
    assert in_environment(fixes, "") == fixes


def test_the_next_line_has_one_environment() -> None:
    again = command_of({**NO_RUN, "command": "plan", "environment": "staging"})
    assert again == "inferctl plan --env staging"
    assert then([{"kind": "flag", "text": "--env prod", "file": ""}], again) == "inferctl plan --env prod"


@pytest.mark.parametrize("chosen", ["flag", "variable"])
def test_a_run_that_failed_is_called_by_its_environment(shop: Shell, chosen: str) -> None:
    flags = ["--env", "prod"] if chosen == "flag" else []
    shop.environment.update({} if flags else {"INFERCTL_ENV": "prod"})
    shop.environment["ELASTICSEARCH_URL"] = "http://127.0.0.1:1"
    failed = document(shop("plan", *flags, "--format", "json"))
    assert {key: failed["run"][key] for key in ("environment", "label")} == {"environment": "prod", "label": "prod"}  # type: ignore[index]
    head = shop("apply", *flags, "--yes", "--format", "markdown").out.splitlines()
    assert head[0] == "<!-- inferctl:apply scope=shop label=prod -->"
    assert head[1] == "## inferctl apply on prod"
    wrong = shop("plan", *flags, "--bogus", "--format", "markdown").out.splitlines()
    assert wrong[0] == "<!-- inferctl:plan scope= label=prod -->"
    of_both = shop("plan", "--env", "staging,prod", "--bogus", "--format", "markdown").out.splitlines()
    assert of_both[0] == "<!-- inferctl:plan scope= label=staging%2C%20prod -->"
    shop.environment["INFERCTL_LABEL"] = "night"
    assert "label=night -->" in shop("plan", *flags, "--format", "markdown").out.splitlines()[0]


def test_what_is_typed_again_names_the_environment_that_a_variable_chose(shop: Shell) -> None:
    """Whoever reads the report of a job has none of its variables."""
    shop.environment["COHERE_API_KEY"] = "k"
    for flags, chosen in ((("--env", "staging"), ""), ((), "staging")):
        shop.environment["INFERCTL_ENV"] = chosen
        stopped = shop("apply", "--yes", "--max-changes", "0", *flags, "--emulator", "--format", "json")
        assert stopped.code == 3, stopped.err
        assert stopped.json()["next"].split().count("--env") == 1


def test_a_saved_plan_says_its_environment_wherever_it_is_shown(shop: Shell) -> None:
    assert shop("plan", "--env", "prod", "--emulator", "--out", "plan.json").code == 0
    shown = shop("show", "plan.json")
    assert shown.out.splitlines()[0] == "Environment prod"
    assert "not pinned" not in shown.out
    refused = shop("apply", "plan.json", "--env", "staging", "--emulator", "--yes", "--format", "json")
    assert (refused.code, refused.json()["error"]["code"]) == (5, "plan.stale")
    assert [fix["text"] for fix in refused.json()["error"]["fixes"]] == ["--env prod"]


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_a_saved_plan_says_which_environment_is_to_be_chosen(shop: Shell, name: str) -> None:
    shop.environment["COHERE_API_KEY"] = "k"
    assert shop("plan", "--emulator", "--env", "prod", "--out", "p.json").code == 0
    refused = shop(name, "p.json", "--emulator")
    assert (refused.code, "--env prod" in refused.err, "--env staging" in refused.err) == (1, True, False)


def test_a_failure_says_which_environment_and_which_address(shop: Shell) -> None:
    """Of an answer that is not from Elasticsearch no header is printed, and the words name a path alone."""
    with running_emulator("9.5") as cluster:
        shop.environment["INFERCTL_PROD_URL"] = f"{cluster.url}/nowhere"
        failed = shop("plan", "--env", "prod")
    assert failed.code == 1
    assert failed.err.startswith(f"Environment prod at {cluster.url}/nowhere (INFERCTL_PROD_URL)\nerror[")


def test_a_run_of_the_emulator_is_noted_as_reports_call_it(shop: Shell) -> None:
    reported = shop("apply", "--env", "prod", "--emulator", "--yes", "--format", "json").json()["run"]
    (noted,) = shop("history", "--env", "prod", "--emulator", "--format", "json").json()["runs"]
    assert noted["address"] == reported["address"] == "emulator"


def test_why_a_saved_plan_deletes_is_said_when_it_is_applied(shop: Shell) -> None:
    assert shop("apply", "--env", "prod", "--emulator", "--yes").code == 0
    overlays = SETTINGS.replace("allow: [delete]", "allow: [delete], overlays: [prod/*.yaml], limits: {max_deletes: 1}")
    (shop.folder / "inferctl.yaml").write_text(overlays, encoding="utf-8")
    (shop.folder / "b.yaml").write_text(ENDPOINT.replace("id: a", "id: b"), encoding="utf-8")
    (shop.folder / "prod").mkdir()
    (shop.folder / "prod" / "a.yaml").write_text("inference_id: a\nskip: true\n", encoding="utf-8")
    flags = ("--env", "prod", "--emulator")
    assert shop("plan", *flags, "--out", "saved.json").code == 0
    for line in (("plan", "saved.json"), ("apply", "saved.json", "--yes")):
        said = shop(*line, *flags).out
        assert "skip: true in prod/a.yaml:2:7 leaves it out" in said
        assert "no file declares it" not in said


def test_an_annotation_of_a_file_names_the_environment(shop: Shell) -> None:
    shop.environment["GITHUB_ACTIONS"] = "true"
    (shop.folder / "a.yaml").write_text(ENDPOINT.replace("rerank-v3.5", '"${model}"'), encoding="utf-8")
    titles = []
    for environment in ("staging", "prod"):
        err = shop("validate", "--env", environment).err
        titles += re.findall(r"title=([^:,]*)", err)
    assert titles == ["variable.unset (staging)", "variable.unset (prod)"]


def test_a_question_is_broken_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "First apply of scope shop to the cluster search-production (Zx1abcdefghijklmnopqrs) at https://prod.example"
    )
    monkeypatch.setattr("inferctl.cli.output._columns", lambda _stream: 60)
    monkeypatch.setattr("inferctl.cli.question._wait_for_a_line", lambda: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert is_confirmed(f"{words}. Is it the one that is meant?")
    asked = capsys.readouterr().err
    assert asked.endswith(" [y/N]: ")
    assert asked.split() == f"{words}. Is it the one that is meant? [y/N]:".split()
    assert max(map(len, asked.splitlines())) <= 60
