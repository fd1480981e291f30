"""`inferctl schema` and `inferctl explain` as commands: what they print, what they load, how they refuse."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft7Validator
from tests.in_process import Finished
from tests.running import clean_environment

from inferctl.model.services import service_names

from .conftest import EXAMPLES, Shell

if TYPE_CHECKING:
    from pathlib import Path


PAGES = {name.replace("-", "_") for name in service_names()}
HEAVY = {"httpx", "pydantic", "yaml", "deepdiff", "rich"}


def loaded_by(folder: Path, *arguments: str) -> tuple[Finished, set[str]]:
    """Run a command; which modules it loaded."""
    script = (
        "import sys; from inferctl.cli.app import run; code = run(sys.argv[1:]);"
        "print('LOADED', *sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    said, _, modules = done.stderr.partition("LOADED")
    return Finished(done.returncode, done.stdout, said), set(modules.split())


def pages_in(modules: set[str]) -> set[str]:
    return {name for name in PAGES if f"inferctl.model.services.{name}" in modules}


def test_schema_prints_one_that_takes_the_examples(shell: Shell) -> None:
    finished = shell("schema")
    assert (finished.code, finished.err) == (0, "")
    Draft7Validator.check_schema(finished.json())
    openai = yaml.safe_load((EXAMPLES / "openai-text-embedding.yaml").read_text(encoding="utf-8"))
    assert Draft7Validator(finished.json()).is_valid(openai)
    assert not Draft7Validator(finished.json()).is_valid({**openai, "service": "opnai"})


def test_schema_of_a_version_leaves_out_what_that_server_does_not_know(shell: Shell) -> None:
    old, new = shell("schema", "--version", "8.17").json(), shell("schema", "--version", "9.5").json()
    assert "deepseek.completion" in new["definitions"]
    assert "deepseek.completion" not in old["definitions"]
    assert new == shell("schema").json()


def test_schema_is_the_same_bytes_whatever_the_order_of_sets(shell: Shell) -> None:
    outputs = set()
    for seed in ("1", "2", "3"):
        shell.environment["PYTHONHASHSEED"] = seed
        outputs.add(shell.process("schema").out)
    assert len(outputs) == 1
    assert next(iter(outputs)).endswith("}\n")


def test_schema_of_the_settings_file(shell: Shell) -> None:
    schema = shell("schema", "--settings").json()
    Draft7Validator.check_schema(schema)
    assert Draft7Validator(schema).is_valid({"manage": ["search-*"], "allow": ["delete"]})
    assert not Draft7Validator(schema).is_valid({"manages": []})


def test_schemas_of_a_repository_with_environments(shell: Shell) -> None:
    elser = yaml.safe_load((EXAMPLES / "elser.yaml").read_text(encoding="utf-8"))
    settings = {**elser["service_settings"], "num_threads": "${threads}"}
    with_variables = Draft7Validator(shell("schema", "--variables", "--version", "9.1").json())
    assert with_variables.is_valid({**elser, "service_settings": settings})
    overlay = Draft7Validator(shell("schema", "--overlay").json())
    assert overlay.is_valid({"inference_id": "elser", "service_settings": {"num_threads": 2}})
    assert not overlay.is_valid({"service_settings": {"num_threads": 2}})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version", "8.16"],
        ["--version", "nine"],
        ["--settings", "--version", "9.1"],
        ["--settings", "--variables"],
        ["--bounds", "--overlay"],
        ["openai"],
    ],
)
def test_schema_refuses_what_it_cannot_do(shell: Shell, arguments: list[str]) -> None:
    finished = shell("schema", *arguments)
    assert finished.code == 64
    assert finished.out == ""


def test_explain_a_service_loads_its_page_and_no_other(tmp_path: Path) -> None:
    finished, modules = loaded_by(tmp_path, "explain", "openai")
    assert finished.code == 0
    assert finished.out.startswith("openai: OpenAI\n")
    assert pages_in(modules) == {"openai"}
    assert not (HEAVY - {"pydantic"}) & modules


def test_explain_a_field_of_a_service_loads_its_page_and_no_other(tmp_path: Path) -> None:
    finished, modules = loaded_by(tmp_path, "explain", "cohere.embedding_type")
    assert "int8" in finished.out
    assert pages_in(modules) == {"cohere"}


@pytest.mark.parametrize("arguments", [["explain"], ["explain", "field.range"], ["explain", "--help"]])
def test_explain_without_a_service_loads_no_page(tmp_path: Path, arguments: list[str]) -> None:
    finished, modules = loaded_by(tmp_path, *arguments)
    assert finished.code == 0
    assert pages_in(modules) == set()
    assert not HEAVY & modules


def test_schema_of_settings_loads_no_page_and_help_loads_nothing(tmp_path: Path) -> None:
    _, modules = loaded_by(tmp_path, "schema", "--settings")
    assert pages_in(modules) == set()
    _, modules = loaded_by(tmp_path, "schema", "--help")
    assert not HEAVY & modules
    assert "inferctl.model.json_schema" not in modules


def test_explain_alone_lists_services_and_codes(shell: Shell) -> None:
    out = shell("explain").out
    assert "alibabacloud-ai-search" in out
    assert "chunking.strategy" in out


def test_explain_a_field_names_the_services_that_have_it(shell: Shell) -> None:
    out = shell("explain", "num_allocations").out
    assert out.startswith("elasticsearch")
    assert "elser" in out


def test_explain_in_json(shell: Shell) -> None:
    service = shell("explain", "openai", "--format", "json").json()
    assert (service["kind"], service["service"], service["format_version"]) == ("service", "openai", "1.0")
    field = shell("explain", "openai.api_key", "--format", "json").json()
    assert (field["kind"], field["pages"][0]["field"]["secret"]) == ("field", True)
    assert shell("explain", "yaml.syntax", "--format", "json").json()["kind"] == "code"
    assert {row["code"] for row in shell("explain", "--format", "json").json()["codes"]} > {"yaml.syntax"}


def test_explain_uncertain_lists_what_is_not_proven_and_explain_shows_one(shell: Shell) -> None:
    every = shell("explain", "--uncertain", "--format", "json").json()
    listed = [question for topic in every["topics"] for question in topic["questions"]]
    assert {question["id"] for question in listed} > {"fixed-to-adaptive", "cohere.rate_limit.update"}
    assert all(question["sources"] for question in listed)
    assert "fixed-to-adaptive" in shell("explain", "--uncertain").out
    cohere = shell("explain", "--uncertain", "cohere").out
    assert "cohere.rate_limit.update" in cohere
    assert "openai" not in cohere
    one = shell("explain", "cohere.rate_limit.update", "--format", "json").json()["question"]
    assert one == next(question for question in listed if question["id"] == one["id"])
    assert one["requests"][0]["body"]["service_settings"]["api_key"] == {"env": "COHERE_API_KEY"}


def test_explain_uncertain_takes_a_service_and_nothing_else(shell: Shell) -> None:
    finished = shell("explain", "--uncertain", "coher")
    assert (finished.code, finished.out) == (64, "")
    assert "cohere" in finished.err


def test_explain_uses_colour_only_when_asked(shell: Shell) -> None:
    plain = shell("explain", "openai").out
    assert "\x1b" not in plain
    coloured = shell("explain", "openai", "--color", "always").out
    assert "\x1b[1mopenai: OpenAI\x1b[0m" in coloured
    shell.environment["FORCE_COLOR"] = "1"
    assert shell("explain", "openai").out == coloured
    shell.environment["NO_COLOR"] = "1"
    assert shell("explain", "openai").out == plain


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("opnai", "openai"),
        ("openai.api_kye", "openai.api_key"),
        ("field.rnge", "field.range"),
        ("pin", "inferctl plan --env NAME"),
        ("overlay", "inferctl render --env NAME"),
        ("overlay", "overlay.skip"),
    ],
)
def test_explain_an_unknown_word_suggests_the_nearest(shell: Shell, word: str, near: str) -> None:
    finished = shell("explain", word)
    assert finished.code == 64
    assert near in finished.err
    assert finished.out == ""


def test_explain_a_word_that_is_like_nothing(shell: Shell) -> None:
    finished = shell("explain", "qqqqqq")
    assert finished.code == 64
    assert "lists services and codes" in finished.err
