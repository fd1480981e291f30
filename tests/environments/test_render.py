"""`render` and `diff` of the repository with two clusters: offline, and what they show is what would be sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from .conftest import TwoClusters


def documents(two: TwoClusters, name: str) -> dict[str, Any]:
    done = two("render", "--env", name, "--format", "json")
    assert done.code == 0, done.err
    return {one["id"]: one["document"] for one in done.json()["endpoints"]}


def places(two: TwoClusters, *arguments: str) -> dict[str, str]:
    """Of each line with an origin: the key, and what stands behind the value."""
    done = two("render", "--env", "prod", "--origin", *arguments)
    assert done.code == 0, done.err
    return dict(re.findall(r"^ *([a-z_]+): .*?  # (.*)$", done.out, re.MULTILINE))


def test_no_cluster_is_asked_and_each_environment_has_its_own(two: TwoClusters) -> None:
    staging, prod = documents(two, "staging"), documents(two, "prod")
    assert (sorted(staging), sorted(prod)) == (["chat", "draft", "elser"], ["chat", "elser", "rank"])
    assert prod["chat"]["service_settings"] == {
        "model_id": "large", "api_key": {"env": "OPENAI_API_KEY"}, "url": "https://proxy.prod.example/v1/chat",
    }  # fmt: skip
    most = [one["elser"]["service_settings"]["adaptive_allocations"] for one in (staging, prod)]
    assert [one["max_number_of_allocations"] for one in most] == [2, 16]
    differing = two("diff", "--from", "staging", "--to", "prod", "--format", "json").json()
    found = [(one["id"], one["difference"]) for one in differing["endpoints"] if one["id"] != "elser"]
    assert found == [("chat", "changed"), ("draft", "removed"), ("rank", "added")]
    assert two.is_untouched()


def test_an_origin_names_the_line_of_the_base_of_the_overlay_and_of_the_variable(two: TwoClusters) -> None:
    chat = places(two, "chat")
    assert chat["service"] == "endpoints/chat.yaml:3:10"
    assert chat["model_id"] == "environments/prod/chat.yaml:3:13"
    assert chat["api_key"] == "endpoints/chat.yaml:6:12"
    # Of a variable: where it is used, and where its value stands.
    assert chat["url"] == "endpoints/chat.yaml:7:8, variable proxy at inferctl.yaml:11:24"
    elser = places(two, "elser")
    assert elser["max_number_of_allocations"] == "endpoints/elser.yaml:10:32, variable elser_max at inferctl.yaml:11:68"
    assert places(two, "rank")["task_type"] == "environments/prod/rank.yaml:2:12"


def test_what_is_rendered_plans_to_nothing_after_an_apply(two: TwoClusters) -> None:
    """As endpoint files of a repository without environments."""
    assert two("apply", "--env", "prod", "--yes").code == 0
    rendered = two("render", "--env", "prod")
    assert [one["inference_id"] for one in yaml.safe_load_all(rendered.out)] == ["chat", "elser", "rank"]
    two.write("alone/endpoints/all.yaml", rendered.out)
    two.write("alone/inferctl.yaml", "scope: search-team\nendpoints: [endpoints/*.yaml]\n")
    alone = two(
        "plan", "--detailed-exitcode", "--config", "alone/inferctl.yaml",
        ELASTICSEARCH_URL=two.prod.url, ELASTICSEARCH_API_KEY=two.prod.key,
    )  # fmt: skip
    assert alone.code == 0, alone.out + alone.err


def test_a_variable_in_an_overlay_and_in_the_midst_of_a_text(two: TwoClusters) -> None:
    two.write(
        "environments/prod/chat.yaml", "inference_id: chat\nservice_settings:\n  model_id: m-${elser_max}-$${x}\n"
    )
    assert documents(two, "prod")["chat"]["service_settings"]["model_id"] == "m-16-${x}"
    variable = "variable elser_max at inferctl.yaml:11:68"
    assert places(two, "chat")["model_id"] == f"environments/prod/chat.yaml:3:13, {variable}"
