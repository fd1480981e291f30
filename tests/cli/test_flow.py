"""The main job, end to end, against an emulator behind a port; once as a process for each command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.running import Emulator, running_emulator

from .conftest import CANARY, EXAMPLES, Shell, example_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPENAI = """\
inference_id: shop-search
task_type: text_embedding
service: openai
service_settings:
  model_id: {model}
  api_key: {{env: OPENAI_API_KEY}}
task_settings:
  user: {user}
"""
COHERE = """\
inference_id: shop-rerank
task_type: rerank
service: cohere
service_settings:
  model_id: rerank-v3.5
  api_key: {env: COHERE_API_KEY}
task_settings:
  top_n: 5
"""
PIPELINE = {
    "processors": [
        {
            "inference": {
                "model_id": "shop-search",
                "input_output": [{"input_field": "a", "output_field": "b"}],
            }
        }
    ]
}


@pytest.fixture
def shop(tmp_path: Path, emulator: Emulator) -> Shell:
    return Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, "OPENAI_API_KEY": CANARY, "COHERE_API_KEY": CANARY})


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.5"])
def test_examples_converge(tmp_path: Path, version: str) -> None:
    with running_emulator(version) as emulator:
        shell = Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, **example_environment()})
        run = shell.process if version == "9.5" else shell
        paths: list[object] = [EXAMPLES]
        if version != "9.5":
            paths = [file for some in ("*cohere*", "*openai*text*", "*elser*") for file in sorted(EXAMPLES.glob(some))]
            assert len(paths) >= 3
        before = run("plan", *paths, "--detailed-exitcode")
        assert before.code == 2, before.err
        applied = run("apply", *paths, "--yes")
        assert applied.code == 0, applied.out + applied.err
        after = run("plan", *paths, "--detailed-exitcode")
        assert after.code == 0, after.out + after.err
        assert "No changes" in after.out
        for finished in (before, applied, after):
            assert CANARY not in finished.out + finished.err


def test_change_replace_and_guarded_removal(
    shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"search.yaml": OPENAI.format(model="text-embedding-3-small", user="a"), "rerank.yaml": COHERE})
    ours = ("--manage", "shop-*")
    assert shop("apply", files, *ours, "--yes").code == 0
    assert shop("plan", files, *ours, "--detailed-exitcode").code == 0

    # A task setting is updated in place.
    folder({"search.yaml": OPENAI.format(model="text-embedding-3-small", user="b")})
    plan = shop("plan", files, *ours, "--detailed-exitcode")
    assert plan.code == 2, plan.err
    assert "~ shop-search" in plan.out
    assert "task_settings.user" in plan.out
    assert shop("apply", files, *ours, "--yes").code == 0
    assert emulator.call("GET", "/_inference/shop-search")["endpoints"][0]["task_settings"] == {"user": "b"}
    assert shop("plan", files, *ours, "--detailed-exitcode").code == 0

    # A model is not: held back, then allowed.
    folder({"search.yaml": OPENAI.format(model="text-embedding-3-large", user="b")})
    plan = shop("plan", files, *ours, "--detailed-exitcode")
    assert plan.code == 2, plan.out
    assert "-/+ shop-search" in plan.out
    emulator.writes()
    held = shop("apply", files, *ours, "--yes")
    assert held.code == 3, held.out + held.err
    assert emulator.writes() == []
    allowed = shop("apply", files, *ours, "--yes", "--allow-replace")
    assert allowed.code == 0, allowed.out + allowed.err
    settings = emulator.call("GET", "/_inference/shop-search")["endpoints"][0]["service_settings"]
    assert settings["model_id"] == "text-embedding-3-large"

    # A removal that a pipeline stands against.
    emulator.call("PUT", "/_ingest/pipeline/shop-pipeline", PIPELINE)
    (files / "search.yaml").unlink()
    emulator.writes()
    plan = shop("plan", files, *ours, "--allow-delete", "--detailed-exitcode")
    assert plan.code == 2, plan.out
    assert "shop-pipeline" in plan.out
    blocked = shop("apply", files, *ours, "--allow-delete", "--yes")
    assert blocked.code == 3, blocked.out + blocked.err
    assert "shop-pipeline" in blocked.out + blocked.err
    assert emulator.writes() == []
    emulator.call("DELETE", "/_ingest/pipeline/shop-pipeline")
    removed = shop("apply", files, *ours, "--allow-delete", "--yes")
    assert removed.code == 0, removed.out + removed.err
    assert emulator.writes() == ["DELETE /_inference/text_embedding/shop-search"]
    assert shop("plan", files, *ours, "--allow-delete", "--detailed-exitcode").code == 0


def test_a_held_delete_is_only_a_warning(
    shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"search.yaml": OPENAI.format(model="m", user="a"), "rerank.yaml": COHERE})
    assert shop("apply", files, "--manage", "shop-*", "--yes").code == 0
    (files / "search.yaml").unlink()
    assert shop("plan", files, "--manage", "shop-*", "--detailed-exitcode").code == 2
    emulator.writes()
    assert shop("apply", files, "--manage", "shop-*", "--yes").code == 0
    assert emulator.writes() == []


def test_somebody_elses_endpoint_is_named_and_never_changed(
    shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    made_by_hand = {"service": "openai", "service_settings": {"model_id": "other", "api_key": "x"}}
    emulator.call("PUT", "/_inference/text_embedding/shop-search", made_by_hand)
    files = folder({"search.yaml": OPENAI.format(model="m", user="a"), "rerank.yaml": COHERE})
    emulator.writes()
    plan = shop("plan", files)
    assert plan.code == 3
    assert "shop-search" in plan.out
    applied = shop("apply", files, "--yes")
    assert applied.code == 3, applied.out + applied.err  # the other endpoint was created, this one is blocked
    assert emulator.writes() == ["PUT /_inference/rerank/shop-rerank"]
    settings = emulator.call("GET", "/_inference/shop-search")["endpoints"][0]["service_settings"]
    assert settings["model_id"] == "other"


def test_rotation_sends_the_secrets(shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]) -> None:
    files = folder({"search.yaml": OPENAI.format(model="m", user="a"), "rerank.yaml": COHERE})
    assert shop("apply", files, "--manage", "shop-*", "--yes").code == 0
    emulator.writes()
    rotated = shop("apply", files, "--manage", "shop-*", "--yes", "--send-secrets", "shop-search")
    assert rotated.code == 0, rotated.out + rotated.err
    assert emulator.writes() == [
        "PUT /_inference/text_embedding/shop-search/_update",
        "POST /_inference/text_embedding/shop-search",
    ]


def test_nothing_is_sent_when_one_secret_is_missing(
    shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"search.yaml": OPENAI.format(model="m", user="a"), "rerank.yaml": COHERE})
    del shop.environment["COHERE_API_KEY"]
    emulator.writes()
    applied = shop("apply", files, "--yes")
    assert applied.code == 1
    assert "COHERE_API_KEY" in applied.err
    assert emulator.writes() == []


def test_without_a_terminal_apply_wants_yes(
    shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"rerank.yaml": COHERE})
    emulator.writes()
    asked = shop("apply", files, stdin="")
    assert asked.code == 3
    assert "--yes" in asked.err
    assert emulator.writes() == []


def test_broken_and_empty_sets_delete_nothing(
    shop: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"search.yaml": OPENAI.format(model="m", user="a"), "rerank.yaml": COHERE})
    flags = ("--manage", "shop-*", "--allow-delete", "--yes")
    assert shop("apply", files, *flags).code == 0
    emulator.writes()
    (files / "search.yaml").write_text("inference_id: [", encoding="utf-8")
    assert shop("apply", files, *flags).code == 1
    (files / "search.yaml").unlink()
    (files / "rerank.yaml").unlink()
    assert shop("apply", files, *flags).code in (1, 3)
    assert emulator.writes() == []


def test_reports_are_written_beside_the_output(shop: Shell, folder: Callable[[dict[str, str]], Path]) -> None:
    files = folder({"rerank.yaml": COHERE})
    plan = shop("plan", files, "--format", "json", "--report", "markdown=plan.md", "--report", "text=plan.txt")
    assert plan.code == 0, plan.err
    assert plan.json()["changes"][0]["id"] == "shop-rerank"
    assert "shop-rerank" in (shop.folder / "plan.md").read_text(encoding="utf-8")
    assert "shop-rerank" in (shop.folder / "plan.txt").read_text(encoding="utf-8")


def test_the_emulator_flag_keeps_its_state_between_commands(
    shell: Shell, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"rerank.yaml": COHERE})
    assert shell("plan", "--emulator", files, "--detailed-exitcode").code == 2
    applied = shell("apply", "--emulator", files, "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert "COHERE_API_KEY" in applied.err  # the dummy is announced
    assert shell("plan", "--emulator", files, "--detailed-exitcode").code == 0


def test_the_emulator_flag_refuses_a_second_cluster(shell: Shell, folder: Callable[[dict[str, str]], Path]) -> None:
    files = folder({"rerank.yaml": COHERE})
    assert shell("plan", "--emulator", "--url", "http://127.0.0.1:9", files).code == 64
    shell.environment["ELASTICSEARCH_URL"] = "http://127.0.0.1:9"
    assert shell("plan", "--emulator", files).code == 64


def test_an_unset_secret_names_who_needs_it_before_anybody_is_asked(
    shell: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"rerank.yaml": COHERE})
    done = shell("apply", files, "--url", emulator.url)  # neither --yes nor a terminal
    assert done.code == 1
    assert "secret.unset" in done.err
    assert "needed by: shop-rerank (" in done.err
    assert "no terminal to ask on" not in done.err
