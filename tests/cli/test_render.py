"""`inferctl render` and `diff`: offline, and each of the environment that was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Shell

SETTINGS = """\
endpoints: [endpoints/*.yaml]
environments:
  staging: {}
  prod: {cluster_uuid: u1}
"""
FILE = """\
inference_id: {}
task_type: rerank
service: cohere
service_settings: {{model_id: rerank-v3.5, api_key: {{env: COHERE_API_KEY}}}}
"""


@pytest.fixture
def repository(shell: Shell) -> Shell:
    (shell.folder / "endpoints").mkdir()
    (shell.folder / "inferctl.yaml").write_text(SETTINGS)
    for name in ("shop-a", "shop-b", "other"):
        (shell.folder / "endpoints" / f"{name}.yaml").write_text(FILE.format(name))
    shell.environment = {"COHERE_API_KEY": "canary-r3F5"}
    return shell


def test_render_prints_the_documents_of_the_environment(repository: Shell) -> None:
    done = repository("render", "--env", "prod", "shop-*", "--origin")
    assert (done.code, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if line.startswith(("#", "inference_id"))] == [
        "# Environment prod.",
        "inference_id: shop-a              # endpoints/shop-a.yaml:1:15",
        "inference_id: shop-b              # endpoints/shop-b.yaml:1:15",
    ]
    document = repository("render", "--env", "staging", "--format", "json").json()
    assert (document["kind"], document["environment"]) == ("render", "staging")
    assert [one["id"] for one in document["endpoints"]] == ["other", "shop-a", "shop-b"]
    assert document["endpoints"][0]["document"]["service_settings"]["api_key"] == {"env": "COHERE_API_KEY"}


def test_a_repository_without_environments_is_rendered_too(repository: Shell) -> None:
    (repository.folder / "inferctl.yaml").write_text("endpoints: [endpoints/*.yaml]\n")
    done = repository("render", "other")
    assert (done.code, done.out, done.err) == (0, expected("other"), "")


def expected(name: str) -> str:
    text = f"inference_id: {name}\ntask_type: rerank\nservice: cohere\nservice_settings:\n"
    return f"{text}  model_id: rerank-v3.5\n  api_key: {{env: COHERE_API_KEY}}\n"


def test_diff_of_two_environments(repository: Shell) -> None:
    done = repository("diff", "--from", "staging", "--to", "prod")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "From staging to prod"
    document = repository("diff", "--from", "staging", "--to", "prod", "shop-a", "--format", "json").json()
    assert document["summary"] == {"changed": 0, "added": 0, "removed": 0, "same": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["render"], 1, ["settings.environment", "--env staging"]),
        (["render", "--env", "prdo"], 1, ["settings.environment", "--env prod"]),
        (["render", "--env", "prod", "shop-c"], 64, ["shop-c", "Did you mean shop-"]),
        (["diff", "--from", "stagin", "--to", "prod"], 64, ["--from stagin", "Did you mean staging"]),
        (["diff", "--env", "prod"], 64, ["--from A --to B"]),
        (["diff"], 64, ["--from NAME --to NAME", "inferctl plan"]),
        (["diff", "--from", "prod", "--to", "prod"], 64, ["name two environments"]),
        (["diff", "--from", "staging", "--to", "prod", "nothing-*"], 64, ["nothing-*"]),
    ],
)
def test_what_means_nothing_is_refused(repository: Shell, arguments: list[str], code: int, words: list[str]) -> None:
    done = repository(*arguments)
    assert (done.code, done.out) == (code, "")
    assert all(word in done.err for word in words), done.err


def test_findings_are_printed_once_for_both_environments(repository: Shell) -> None:
    (repository.folder / "endpoints" / "broken.yaml").write_text(FILE.format("UPPER"))
    done = repository("diff", "--from", "staging", "--to", "prod")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("error[endpoint.id]") == 1
