"""The action beside its scenes: inputs, outputs that nothing can inject into, a hostile checkout, signals."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.report.samples import unchanged
from tests.running import ROOT, clean_environment, running_emulator

from inferctl.ci.document import has_news, no_report, outputs, without_report
from inferctl.ci.github import emit, summary_line
from inferctl.ci.job import Job, ReportFolder
from inferctl.report.annotations import (
    Annotation,
    annotations_of_run,
    first_of_each_level,
    repository_path,
    workflow_command,
)
from inferctl.report.environments import Section, environments_view
from inferctl.report.failure import NOT_ENDED, failure_view, not_ended
from inferctl.report.plan_view import NO_RUN, plan_view

from .github import ACTION, Runner, outputs_of
from .scenes import KEYS, A, event, write

if TYPE_CHECKING:
    from .github import Api

STEPS = ACTION["runs"]["steps"]
PAGE = (ROOT / "docs" / "how-to" / "ci.md").read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path, programs: Path, api: Api) -> Runner:
    """On a checkout with one endpoint and a cluster that is not there."""
    write(tmp_path / "checkout", {"a": A})
    environment = {**clean_environment(), **KEYS, "ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    return Runner(tmp_path / "checkout", tmp_path / "temp", programs, api.url, environment)


def test_no_value_is_part_of_a_script() -> None:
    """An expression inside of `run` is pasted into the script before the shell reads it."""
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_each_input_is_used_and_each_output_made() -> None:
    used = re.findall(r"inputs\.([\w-]+)", " ".join(text for step in STEPS for text in step["env"].values()))
    assert set(used) == set(ACTION["inputs"])
    assert all(f"steps.tell.outputs.{name}" in about["value"] for name, about in ACTION["outputs"].items())


@pytest.mark.parametrize("name", [*ACTION["inputs"], *ACTION["outputs"]])
def test_each_input_and_output_is_told(name: str) -> None:
    assert re.search(rf"^\| `{name}`", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"command": "destroy"}, "'destroy' is none of plan, apply"),
        ({"comment": "sometimes"}, "'sometimes' is none of always, changes-only, never"),
        ({"expect-no-changes": "yes"}, "neither true nor false"),
        ({"args": "'open"}, "args: No closing quotation"),
        ({"plan-file": "p.json", "paths": "a"}, "leave paths out"),
        ({"command": "apply", "expect-no-changes": "true"}, "only a plan"),
        ({"working-directory": "nowhere"}, "No such file"),
    ],
)
def test_an_input_that_cannot_be_used(runner: Runner, api: Api, inputs: dict[str, str], said: str) -> None:
    ended = runner.use("pull_request", event(), inputs)
    assert ended.code == 64
    assert said in ended.log
    assert ended.outputs["failure-reason"] == "no-report"
    assert bool(api.comments) is (inputs.get("comment", "always") == "always")


@pytest.mark.parametrize("name", ["pull_request_target", "schedule", "issue_comment"])
def test_other_events_name_a_command(runner: Runner, name: str) -> None:
    assert runner.use(name, event(), {}).code == 64


def test_words_are_split_and_nothing_is_run(tmp_path: Path) -> None:
    job = Job("plan", paths="'a b.yaml' $(touch x)", args="--target `id`\n--allow-delete")
    words = job.words(ReportFolder(tmp_path))
    assert words[:4] == ["plan", "a b.yaml", "$(touch", "x)"]
    assert words[words.index("--target") :][:3] == ["--target", "`id`", "--allow-delete"]
    for command in ("plan", "apply"):
        of_plan = Job(command, plan_file="p.json").words(ReportFolder(tmp_path))
        assert of_plan[:2] == [command, "p.json"]
        assert "--out" not in of_plan
        in_environment = Job(command, "a.yaml", environment="prod").words(ReportFolder(tmp_path))
        assert in_environment[:4] == [command, "a.yaml", "--env", "prod"]


def test_no_output_begins_another_one(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    hostile = "x\nEOF\nexit-code=0\nverdict<<EOF\nall is well\nEOF"
    emit({"GITHUB_OUTPUT": str(tmp_path / "out")}, {"verdict": hostile, "exit-code": "4"})
    assert outputs_of((tmp_path / "out").read_text(encoding="utf-8")) == {"verdict": hostile, "exit-code": "4"}
    document = {**no_report("plan", 1), "error": {"code": "a\nexit-code=0", "text": "", "fixes": []}}
    assert not any("\n" in value for value in outputs(document, 1).values())


def test_an_annotation_is_one_command() -> None:
    text = workflow_command(Annotation("error", "a,b::c", "1%\n::add-mask::x\r##[group]", "d,e:f.yaml", 3, 4))
    assert text == (
        "::error file=d%2Ce%3Af.yaml,line=3,col=4,title=a%2Cb%3A%3Ac::1%25%0A\\x3a:add-mask::x\\r##\\x5bgroup]"
    )


def test_no_more_annotations_than_are_shown_and_places_are_those_of_the_repository() -> None:
    errors = [Annotation("error", f"e{n}", "", "endpoints/a.yaml", n) for n in range(12)]
    shown = list(first_of_each_level([*errors, Annotation("warning", "w", "")]))
    assert "file=search/prod/endpoints/a.yaml," in workflow_command(shown[0], "search/prod")
    assert [f.text for f in shown if f.title == "more"] == ["3 more: see the summary of the job"]
    assert [f.level for f in shown] == ["error"] * 10 + ["warning"]
    assert repository_path("search", "../shared/a.yaml") == "shared/a.yaml"


def test_the_summary_is_plain_text() -> None:
    markdown = "<!-- inferctl:plan scope= label= -->\n## inferctl plan\n\n**1 to create: a&#95;b**\n\nCluster: x\n"
    assert summary_line(markdown) == "1 to create: a_b"
    assert summary_line("") == ""


def test_a_run_that_left_nothing_is_told_as_that() -> None:
    document = no_report("apply", None)
    assert "was stopped from outside" in annotations_of_run(document)[0].text
    assert outputs(document, None)["exit-code"] == ""


def test_a_failed_step_says_its_cause_and_what_mends_it_before_the_whole_answer() -> None:
    step: dict[str, Any] = {"id": "a", "action": "replace", "result": "failed", "state": "down", "blocks": []}
    step |= {"why": "cohere refuses the key", "fixes": [{"kind": "command", "text": "export K=…", "file": ""}]}
    step |= {"detail": "PUT /_inference/a: 400"}
    lists = ("failed", "unknown", "not_ready", "held", "blocked", "not_started", "done")
    document: dict[str, Any] = {"kind": "apply", "stops": [], "warnings": [], "verdict": {"exit_code": 4}}
    document |= {name: [] for name in lists} | {"failed": [step], "run": {"environment": "prod"}}
    (of_prod,) = annotations_of_run(document)
    assert of_prod.title == "replace down: a (prod)"
    (told,) = annotations_of_run({**document, "run": {}})
    assert told.title == "replace down: a"
    assert told.text.splitlines() == ["why: cohere refuses the key", "fix: export K=…", "PUT /_inference/a: 400"]


def test_findings_point_into_the_repository(runner: Runner) -> None:
    """The command runs in a folder of it. Each finding is one annotation."""
    write(runner.workspace / "search", {"a": A.replace("model_id", "modle_id")})
    ended = runner.use("pull_request", event(), {"working-directory": "search"})
    assert ended.code == 1
    (line,) = ended.annotations
    assert line.startswith("::error file=search/endpoints/a.yaml,line=5,col=3,title=field.unknown::")


def test_a_link_in_the_place_of_the_folder_leads_nowhere(runner: Runner, tmp_path: Path) -> None:
    """A pull request could have had the files of another job planned, and shown."""
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", {"a": A.replace("model_id", "modle_id")})
    (runner.workspace / "search").symlink_to(tmp_path / "other")
    ended = runner.use("pull_request", event(), {"working-directory": "search"})
    assert ended.code == 64
    assert "leads out of the checkout" in ended.log
    assert "modle_id" not in ended.log


def test_a_report_in_the_checkout_is_nobodys(runner: Runner, api: Api, tmp_path: Path) -> None:
    """A pull request brings a report of its own and links where one could be written."""
    secret = tmp_path / "secret"
    secret.write_text("kept", encoding="utf-8")
    for name in ("plan.md", "report.md", "report.json"):
        (runner.workspace / name).symlink_to(secret)
    (runner.workspace / "inferctl").mkdir()
    (runner.workspace / "inferctl" / "__init__.py").write_text("raise SystemExit('theirs')", encoding="utf-8")
    ended = runner.use("pull_request", event(), {})
    assert ended.code == 1
    assert "theirs" not in ended.log
    assert secret.read_text(encoding="utf-8") == "kept"
    assert all((runner.workspace / name).is_symlink() for name in ("plan.md", "report.md", "report.json"))
    assert "kept" not in str(api.comments) + ended.summary + str(ended.outputs)


# Where Python looks for modules (a job may have PYTHONPATH=. for its own tests), and tokens that runners set.
NOT_PASSED_ON = (
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "GITHUB_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "CI_JOB_TOKEN",
    "CI_REGISTRY_PASSWORD",
    "CI_REPOSITORY_URL",
)


def test_the_command_sees_no_token_and_no_file_of_the_runner(runner: Runner, programs: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(programs / "python")
    (folder / "inferctl").write_text(f"#!/bin/sh\nenv > {seen}\nexit 0\n", encoding="utf-8")
    (folder / "inferctl").chmod(0o755)
    Runner(runner.workspace, runner.temp, folder, runner.api_url, runner.environment).use(
        "pull_request", event(), {"label": "staging"}, **dict.fromkeys(NOT_PASSED_ON, "x")
    )
    names = {line.partition("=")[0] for line in seen.read_text(encoding="utf-8").splitlines()}
    assert not [n for n in names if n.startswith(("INFERCTL_ACTION", "GITHUB_OUTPUT", "GITHUB_STEP", "GITHUB_TOKEN"))]
    assert names.isdisjoint(NOT_PASSED_ON)
    assert "INFERCTL_LABEL=staging" in seen.read_text(encoding="utf-8")
    assert "job-token" not in seen.read_text(encoding="utf-8")


def test_a_comment_that_cannot_be_written_fails_no_job(runner: Runner, api: Api) -> None:
    api.read_only = True
    ended = runner.use("pull_request", event(), {})
    assert ended.code == 1
    assert ended.annotations[-1].startswith("::warning title=no comment::")
    assert ended.outputs["comment-id"] == ""


def test_what_comes_below_and_what_is_left_out(runner: Runner, api: Api) -> None:
    ended = runner.use("pull_request", event(), {"comment-note": "Ask **ann**.", "summary": "false", "label": "prod"})
    assert ended.summary == ""
    assert api.comments[7][0]["body"].endswith("\n\nAsk **ann**.")
    assert api.comments[7][0]["body"].startswith("<!-- inferctl:plan scope=")
    assert " label=prod -->" in api.comments[7][0]["body"].partition("\n")[0]
    silent = runner.use("pull_request", event(), {"comment": "never"})
    assert (len(api.comments[7]), silent.outputs["comment-id"]) == (1, "")


def test_each_environment_has_a_comment_of_its_own(runner: Runner, api: Api) -> None:
    (runner.workspace / "inferctl.yaml").write_text("scope: shop\nenvironments: {staging: {}, prod: {}}\n", "utf-8")
    for environment in ("staging", "prod", "prod"):
        runner.use("pull_request", event(), {"environment": environment})
    heads = [comment["body"].splitlines()[:2] for comment in api.comments[7]]
    assert heads == [
        [f"<!-- inferctl:plan scope=shop label={name} -->", f"## inferctl plan on {name}"]
        for name in ("staging", "prod")
    ]


@pytest.mark.parametrize("inputs", [{"environment": "staging,prod"}, {"args": "--all-envs --assume-secrets"}])
def test_several_environments_have_one_comment(runner: Runner, api: Api, inputs: dict[str, str]) -> None:
    """One of the clusters does not answer: what is known of the other one is told all the same."""
    settings = "scope: shop\nendpoints: ['**/a.yaml']\nenvironments: {staging: {}, prod: {}}\n"
    (runner.workspace / "inferctl.yaml").write_text(settings, "utf-8")
    with running_emulator() as emulator:
        urls = {"INFERCTL_STAGING_URL": "http://127.0.0.1:9", "INFERCTL_PROD_URL": emulator.url}
        done = runner.use("pull_request", event(), inputs, **urls)
        broken = runner.use("pull_request", event(), {**inputs, "paths": "-"}, **urls)
    label = "all%20environments" if "args" in inputs else "staging%2C%20prod"
    assert len(api.comments[7]) == 1
    assert api.comments[7][0]["body"].splitlines()[0].endswith(f" label={label} -->")
    wanted = {"changes": "true", "to-create": "1", "verdict": "exit code 1 in staging", "exit-code": "1"}
    assert {name: done.outputs[name] for name in wanted} == wanted
    assert done.outputs["failure-reason"] == "transport.connection-failed"
    assert [path.name for path in Path(done.outputs["json-path"]).parent.glob("plan-*.json")] == ["plan-prod.json"]
    assert (broken.outputs["failure-reason"], broken.outputs["to-create"]) == ("usage", "")


def test_a_killed_run_of_several_is_told_as_far_as_it_came() -> None:
    sections = [
        Section("staging", 0, plan_view(unchanged(), NO_RUN)),
        Section("prod", None, failure_view(not_ended(), NO_RUN)),
    ]
    document = environments_view("plan", "shop", sections)
    assert [one["kind"] for one in without_report(document)] == ["failure"]
    assert has_news(document)
    assert outputs(document, None)["failure-reason"] == NOT_ENDED
    assert outputs(document, None)["changes"] == "false"


def test_a_signal_reaches_the_command(tmp_path: Path, programs: Path) -> None:
    """The runner signals the process that it started, and no other one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(programs / "python")
    script = "#!/bin/bash\ntrap 'echo heard; exit 130' INT\necho ready\nwhile true; do sleep 0.02; done\n"
    (folder / "inferctl").write_text(script, encoding="utf-8")
    (folder / "inferctl").chmod(0o755)
    code = (
        "import sys, os, signal, threading\n"
        "from pathlib import Path\n"
        "from inferctl.ci.job import Job, ReportFolder, run_job\n"
        f"sys.executable = {str(folder / 'python')!r}\n"
        f"print(run_job(Job('plan'), ReportFolder(Path({str(tmp_path)!r})), Path({str(tmp_path)!r}), os.environ))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=clean_environment()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().splitlines() == ["heard", "130"]


def test_expect_no_changes(runner: Runner, programs: Path, tmp_path: Path) -> None:
    """Exit code 2 tells of a plan with steps; one that failed keeps its own."""
    quiet: dict[str, Any] = {
        "kind": "plan", "run": {"command": "plan"}, "changes": [], "stops": [], "complete": True, "warnings": [],
        "scope": "",
        "verdict": {"exit_code": 0, "text": "apply would end with 0"},
        "summary": dict.fromkeys(
            ("create", "update", "replace", "delete", "adopt", "forget", "repair", "verify", "held", "blocked", "unknown"), 0
        ),
    }  # fmt: skip
    loud = {**quiet, "changes": [{"id": "a", "action": "create", "standing": "ready"}]}
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(programs / "python")
    for document, code in ((quiet, 0), (loud, 2)):
        (tmp_path / "made.json").write_text(json.dumps(document), encoding="utf-8")
        script = (
            f'#!/bin/sh\nfor word; do case $word in json=*) cp {tmp_path}/made.json "${{word#json=}}";; esac; done\n'
        )
        (folder / "inferctl").write_text(script, encoding="utf-8")
        (folder / "inferctl").chmod(0o755)
        one = Runner(runner.workspace, runner.temp, folder, runner.api_url, runner.environment)
        ended = one.use("pull_request", event(), {"expect-no-changes": "true"})
        assert ended.code == code, ended.log
        assert ended.outputs["exit-code"] == str(code)
