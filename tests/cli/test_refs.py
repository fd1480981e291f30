"""`inferctl refs`: the same as a plan says, without a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.running import Emulator

    from .conftest import Shell

ENDPOINT = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "canary-r3F5"}}
FAILURE = {"processors": [], "on_failure": [{"inference": {"model_id": "shop-rerank"}}]}
TEMPLATE = {"index_patterns": ["shop-*"], "template": {"settings": {"index.final_pipeline": "rescue"}}}
FILE = """\
inference_id: shop-other
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}
"""


def used(emulator: Emulator, shell: Shell) -> None:
    """Two endpoints; one of them is used where only our scan looks."""
    shell.environment = {"ELASTICSEARCH_URL": emulator.url, "COHERE_API_KEY": "canary-r3F5"}
    for inference_id in ("shop-rerank", "shop-other"):
        emulator.call("PUT", f"/_inference/rerank/{inference_id}", ENDPOINT)
    emulator.call("PUT", "/_ingest/pipeline/rescue", FAILURE)
    emulator.call("PUT", "/_index_template/shop", TEMPLATE)
    emulator.writes()


def test_text_and_json(emulator: Emulator, shell: Shell) -> None:
    used(emulator, shell)
    done = shell("refs", "shop-rerank", "shop-other", "shop-rerank")
    assert (done.code, done.err) == (0, "")
    head, other, rerank = done.out.split("\n\n")
    assert head.startswith("Cluster emulator, Elasticsearch 9.5")
    assert other.splitlines() == ["shop-other  rerank/cohere", "    used by: nothing"]
    assert rerank.splitlines() == [
        "shop-rerank  rerank/cohere",
        "    used by pipelines: rescue (on_failure)",
        "    used by index templates: shop (final_pipeline, through pipeline rescue)",
        (
            "    seen by our scan only: pipeline rescue (on_failure), "
            "index template shop (final_pipeline, through pipeline rescue)"
        ),
    ]
    document = shell("refs", "shop-rerank", "--format", "json").json()
    assert (document["kind"], len(document["endpoints"])) == ("refs", 1)
    references = document["endpoints"][0]["references"]
    assert references["server"] == {"pipelines": [], "indexes": []}
    assert references["pipelines"] == ["rescue"]
    assert references["scan"] == references["scan_only"]
    assert emulator.writes() == []


def test_it_says_what_a_plan_says(emulator: Emulator, shell: Shell, folder: Callable[[dict[str, str]], Path]) -> None:
    used(emulator, shell)
    files = folder({"other.yaml": FILE})
    plan = shell("plan", files, "--manage", "shop-*", "--format", "json")
    (change,) = [change for change in plan.json()["changes"] if change["id"] == "shop-rerank"]
    assert change["standing"] == "blocked"
    assert change["references"] == shell("refs", "shop-rerank", "--format", "json").json()["endpoints"][0]["references"]


def test_an_unknown_id_is_an_error_with_the_nearest_name(emulator: Emulator, shell: Shell) -> None:
    used(emulator, shell)
    done = shell("refs", "shop-rerank", "shop-rerang", "x")
    assert (done.code, done.out) == (64, "")
    assert "shop-rerang: there is no such endpoint. Did you mean shop-rerank?" in done.err
    assert "x: there is no such endpoint" in done.err


def test_without_an_id_it_is_a_wrong_command_line(shell: Shell) -> None:
    assert shell("refs").code == 64


def test_the_servers_own_endpoints_may_be_asked_about(emulator: Emulator, shell: Shell) -> None:
    used(emulator, shell)
    emulator.call("PUT", "/manuals", {"mappings": {"properties": {"t": {"type": "semantic_text"}}}})
    done = shell("refs", ".elser-2-elasticsearch")
    assert done.code == 0
    # The field names no endpoint; the mapping shows the one that the server filled in.
    assert "used by indexes: manuals (field t)\n" in done.out
