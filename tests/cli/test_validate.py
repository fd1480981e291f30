"""`inferctl validate`: every mistake of a run at once, each where it is."""

from __future__ import annotations

from .conftest import EXAMPLES, Shell

SEVEN = """\
inference_id: Shop_Search
task_type: text_embeding
service: openai
service_settings:
  model_id: text-embedding-3-small
  api_key: sk-literal
  similarty: cosine
---
inference_id: shop-rerank
task_type: rerank
service: coherre
service_settings: {}
---
inference_id: shop-chat
inference_id: shop-chat-2
task_type: completion
service: openai
service_settings:
  model_id: 7
  api_key: {env: OPENAI_API_KEY}
"""


def test_seven_mistakes_give_seven_diagnostics(shell: Shell) -> None:
    (shell.folder / "seven.yaml").write_text(SEVEN, encoding="utf-8")
    finished = shell("validate", "seven.yaml")
    assert finished.code == 1
    heads = [line for line in finished.err.splitlines() if line.startswith("seven.yaml:") and ": error[" in line]
    places = [head.split(": error[")[0] for head in heads]
    assert places == [
        "seven.yaml:1:15",  # id in upper case
        "seven.yaml:2:12",  # unknown task type
        "seven.yaml:6:12",  # literal secret
        "seven.yaml:7:3",  # unknown field
        "seven.yaml:11:10",  # unknown service
        "seven.yaml:15:1",  # duplicate key
        "seven.yaml:19:13",  # wrong type
    ], finished.err
    assert "fix: similarity: cosine" in finished.err
    assert "fix: service: cohere" in finished.err
    assert "sk-literal" not in finished.err
    assert "Traceback" not in finished.err


def test_the_examples_are_valid(shell: Shell) -> None:
    finished = shell("validate", EXAMPLES)
    assert finished.code == 0, finished.err
    assert "valid" in finished.out


def test_files_from_stdin(shell: Shell) -> None:
    good = "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n"
    assert shell("validate", "-", stdin=good).code == 0
    assert shell("validate", "-", stdin="nope: 1\n").code == 1


def test_a_path_that_is_not_there(shell: Shell) -> None:
    finished = shell("validate", "nowhere")
    assert finished.code == 1
    assert "nowhere" in finished.err


def test_a_file_of_serverless_is_checked_for_serverless(shell: Shell) -> None:
    """`inferctl export` writes that word into what it takes from there."""
    newer = "inference_id: a\ntask_type: rerank\nservice: tencentcloud\nservice_settings: {model_id: m, api_key: {env: K}}\n"
    assert shell("validate", "-", "--target-version", "serverless", stdin=newer).code == 0
    assert shell("validate", "-", "--target-version", "9.5.9", stdin=newer).code == 1
    schemas = [shell("schema", "--version", version).out for version in ("serverless", "9.5")]
    assert ["tencentcloud" in schema for schema in schemas] == [True, False]


def test_findings_as_json(shell: Shell) -> None:
    (shell.folder / "seven.yaml").write_text(SEVEN, encoding="utf-8")
    finished = shell("validate", "seven.yaml", "--format", "json")
    assert finished.code == 1
    assert finished.err == ""
    told = finished.json()
    assert len(told["diagnostics"]) == 7
    assert told["diagnostics"][0]["code"] == "endpoint.id"
    assert "sk-literal" not in finished.out


def test_annotations_name_files_from_the_root_of_the_checkout(shell: Shell) -> None:
    """GitHub looks for them there, wherever in it the command runs."""
    (shell.folder / "seven.yaml").write_text(SEVEN, encoding="utf-8")
    for root, path in ((shell.folder.parent, f"{shell.folder.name}/seven.yaml"), (shell.folder / "x", "seven.yaml")):
        shell.environment |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(root)}
        lines = [line for line in shell("validate", "seven.yaml").err.splitlines() if line.startswith("::")]
        assert len(lines) == 7
        assert all(line.startswith(f"::error file={path},line=") for line in lines)


def test_the_settings_say_against_which_version(shell: Shell) -> None:
    """Each environment has its own; the flag goes before it."""
    (shell.folder / "e").mkdir()
    (shell.folder / "e" / "a.yaml").write_text(
        "inference_id: a\ntask_type: chat_completion\nservice: anthropic\n"
        "service_settings: {model_id: m, api_key: {env: K}}\ntask_settings: {max_tokens: 5}\n"
    )
    file = shell.folder / "inferctl.yaml"
    file.write_text('endpoints: ["e/*.yaml"]\ntarget_version: "9.0"\n')
    refused = shell("validate")
    assert (refused.code, "9.0" in refused.err) == (1, True), refused.err
    assert shell("validate", "--target-version", "9.5").code == 0
    file.write_text(
        'endpoints: ["e/*.yaml"]\ntarget_version: "9.0"\nenvironments: {old: {}, new: {target_version: "9.5"}}\n'
    )
    assert [shell("validate", "--env", name).code for name in ("old", "new")] == [1, 0]
    assert (shell("validate").code, "--env old" in shell("validate").err) == (1, True)
