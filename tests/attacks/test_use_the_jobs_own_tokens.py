"""A stranger's pull request wants the tokens of the job that plans it, or to know which variables the job has.

An endpoint file that names a variable would have its value sent to the provider that the same file names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.secrets.desk import Desk
from tests.tables import rows

from inferctl.operator_bounds.bounds import bounds_of, is_of_a_pull_request
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.resolve import AllowedNames, SecretBounds

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = Path(__file__).parents[2] / "examples"
TOKENS = {
    "GitHub": "GITHUB_TOKEN GH_TOKEN GITHUB_PAT GH_ENTERPRISE_TOKEN ACTIONS_RUNTIME_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN "
    "ACTIONS_ID_TOKEN_REQUEST_URL INPUT_TOKEN",
    "GitLab": "CI_JOB_TOKEN CI_JOB_JWT CI_JOB_JWT_V2 CI_REGISTRY_PASSWORD CI_DEPLOY_PASSWORD CI_REPOSITORY_URL GITLAB_TOKEN",
    "other CIs": "BUILDKITE_AGENT_ACCESS_TOKEN CIRCLE_OIDC_TOKEN CIRCLE_TOKEN JENKINS_API_TOKEN SYSTEM_ACCESSTOKEN "
    "AZURE_DEVOPS_EXT_PAT BITBUCKET_STEP_OIDC_TOKEN DRONE_NETRC_PASSWORD TEAMCITY_AUTH_TOKEN",
    "registries": "NPM_TOKEN NODE_AUTH_TOKEN PYPI_TOKEN TWINE_PASSWORD UV_PUBLISH_TOKEN DOCKER_PASSWORD DOCKERHUB_TOKEN "
    "CARGO_REGISTRY_TOKEN",
    "machines": "SSH_PRIVATE_KEY SSH_AUTH_SOCK GPG_PRIVATE_KEY GIT_TOKEN KUBECONFIG VAULT_TOKEN TF_TOKEN_app_terraform_io",
    "the cloud account": "AWS_SESSION_TOKEN AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_AUTHORIZATION_TOKEN "
    "AZURE_FEDERATED_TOKEN AZURE_CLIENT_SECRET ARM_CLIENT_SECRET CLOUDSDK_AUTH_ACCESS_TOKEN",
    "the cluster": "ELASTICSEARCH_API_KEY ELASTIC_PASSWORD ES_PASSWORD INFERCTL_FINGERPRINT_KEY",
}


@rows([(whose, name) for whose, names in TOKENS.items() for name in names.split()])
def test_without_a_list_no_file_may_name_a_token_of_the_job(whose: str, name: str) -> None:
    for spelled in (name, name.lower(), name.title()):
        assert SecretBounds().denies(SecretRef("env", spelled)) is not None, (whose, spelled)


def test_what_endpoints_use_is_allowed_without_a_list() -> None:
    texts = [path.read_text(encoding="utf-8") for path in EXAMPLES.rglob("*.yaml")]
    names = {name for text in texts for name in re.findall(r"env: *(\w+)", text)}
    assert len(names) > 20
    for name in (*names, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MY_TOKEN"):
        assert SecretBounds().denies(SecretRef("env", name)) is None, name


def test_the_operator_may_name_one_all_the_same() -> None:
    bounds = SecretBounds((AllowedNames(("GITHUB_TOKEN",), "INFERCTL_SECRETS_ALLOW"),))
    assert bounds.denies(SecretRef("env", "GITHUB_TOKEN")) is None


@pytest.mark.parametrize("globs", [("*",), ("*_API_KEY", "*_TOKEN"), ("[A-Z]*",), ("GITHUB*", "E*")])
def test_a_glob_for_the_keys_of_providers_does_not_name_the_clusters_or_the_jobs(globs: tuple[str, ...]) -> None:
    """`*_API_KEY` let ELASTICSEARCH_API_KEY go to a provider, and `*_TOKEN` that of the job."""
    bounds = SecretBounds((AllowedNames(globs, "secrets in b.yaml"),), root=Path("/run/secrets"))
    for reference in (
        SecretRef("env", "ELASTICSEARCH_API_KEY"),
        SecretRef("env", "GITHUB_TOKEN"),
        SecretRef("file", "ELASTICSEARCH_API_KEY"),
        SecretRef("file", "a/es-password"),
    ):
        problem = bounds.denies(reference)
        assert problem is not None
        assert "secrets in b.yaml" in problem.what
    assert (bounds.denies(SecretRef("env", "HF_TOKEN")) is None) == (globs != ("GITHUB*", "E*"))


def test_a_glob_that_spells_their_first_word_does() -> None:
    bounds = SecretBounds((AllowedNames(("GITHUB_*", "a/es-*"), "INFERCTL_SECRETS_ALLOW"),), root=Path("/run/secrets"))
    for reference in (SecretRef("env", "GITHUB_TOKEN"), SecretRef("file", "a/es-password")):
        assert bounds.denies(reference) is None


def test_the_name_of_a_file_is_no_variable() -> None:
    bounds = SecretBounds(root=Path("/run/secrets"))
    assert bounds.denies(SecretRef("file", "ci_openai")) is None
    for name in (
        "elastic_password",
        "./ELASTICSEARCH_API_KEY",
        "a//es-password",
        "a/elastic.api.key",
        "ES_API_KEY.txt",
    ):
        assert bounds.denies(SecretRef("file", name)) is not None, name
    for name in ("openai-api-key", "es_api_key/openai", "elasticsearch"):
        assert bounds.denies(SecretRef("file", name)) is None, name


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


def declare(desk: Desk, name: str) -> None:
    settings = {"model_id": "m", "api_key": {"env": name}}
    desk.write("a", task_type="rerank", service="cohere", service_settings=settings)


def test_an_apply_sends_no_token_of_the_job(desk: Desk) -> None:
    declare(desk, "GITHUB_TOKEN")
    desk.set(GITHUB_TOKEN="ghs_canary", INFERCTL_SECRETS_ALLOW=None)
    for command in (["plan"], ["apply", "--yes"]):
        ran = desk(*command)
        assert (ran.code, desk.emulated.sent) == (1, [])
        assert "{env: GITHUB_TOKEN} is the runner's own" in ran.err
        assert "ghs_canary" not in ran.said


PULL_REQUESTS: list[Mapping[str, str]] = [
    {"GITHUB_EVENT_NAME": "pull_request"},
    {"GITHUB_EVENT_NAME": "pull_request_target"},
    {"CI_PIPELINE_SOURCE": "merge_request_event"},
    {"CI_MERGE_REQUEST_IID": "7"},
    {"BUILDKITE_PULL_REQUEST": "12"},
    {"CHANGE_ID": "3"},
]


def test_the_jobs_of_pull_requests_are_known() -> None:
    assert all(is_of_a_pull_request(environ) for environ in PULL_REQUESTS)
    others = [{}, {"GITHUB_EVENT_NAME": "push"}, {"CI_PIPELINE_SOURCE": "push"}, {"BUILDKITE_PULL_REQUEST": "false"}]
    assert not any(is_of_a_pull_request(environ) for environ in others)


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
@pytest.mark.parametrize("more", [[], ["--check"], ["--check", "--assume-secrets"]])
def test_a_plan_does_not_tell_a_stranger_which_variables_the_job_has(desk: Desk, output: str, more: list[str]) -> None:
    declare(desk, "SOME_KEY")
    desk.set(GITHUB_EVENT_NAME="pull_request", INFERCTL_SECRETS_ALLOW=None)
    arguments = ["plan", "--format", output, *more]
    told = []
    for value in (None, "canary-value"):
        desk.set(SOME_KEY=value)
        ran = desk(*arguments)
        told.append((ran.code, _without_time(ran.said)))
    assert told[0] == told[1]
    assert "SOME_KEY" in told[0][1]


def test_nor_whether_one_has_the_value_that_was_sent(desk: Desk) -> None:
    """The fingerprints of the ledger would say it: "the same", "another value", "no value here"."""
    declare(desk, "SOME_KEY")
    desk.set(SOME_KEY="canary-value", INFERCTL_SECRETS_ALLOW=None, GITHUB_EVENT_NAME=None)
    assert desk("apply", "--yes").code == 0
    desk.set(GITHUB_EVENT_NAME="pull_request")
    told = []
    for name, value in (
        ("SOME_KEY", "canary-value"),
        ("OTHER_KEY", "canary-value"),
        ("OTHER_KEY", "x"),
        ("OTHER_KEY", None),
    ):
        declare(desk, name)
        desk.set(OTHER_KEY=value)
        ran = desk("plan", "--format", "json")
        told.append((ran.code, _without_time(ran.said.replace(name, "KEY"))))
    assert len(set(told)) == 1


def test_what_the_operator_named_is_told(desk: Desk) -> None:
    declare(desk, "SOME_KEY")
    desk.set(GITHUB_EVENT_NAME="pull_request", INFERCTL_SECRETS_ALLOW="SOME_*", SOME_KEY=None)
    assert "not set here" in desk("plan").said
    assert bounds_of({"GITHUB_EVENT_NAME": "pull_request", "INFERCTL_SECRETS_ALLOW": "A"}).secrets.may_tell
    assert not bounds_of({"GITHUB_EVENT_NAME": "pull_request"}).secrets.may_tell


def _without_time(text: str) -> str:
    return re.sub(r"\d{4}-?\d\d-?\d\dT[\d:.]+Z?(-[0-9a-f]{6})?", "TIME", text)
