"""`inferctl history`: what each run changed, which runs are shown, and no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.running import ROOT

from .conftest import endpoint

if TYPE_CHECKING:
    from .conftest import Repository, Shell

SCHEMA = json.loads((ROOT / "src/inferctl/report/schema/history.json").read_text(encoding="utf-8"))


def applied(shell: Shell, name: str, **more: Any) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").write_text(endpoint(name, **more), encoding="utf-8")
    done = shell("apply", "--yes")
    assert done.code == 0, done.out


def runs(shell: Shell, *arguments: str) -> list[dict[str, Any]]:
    shown = shell("history", "--format", "json", *arguments)
    assert shown.code == 0, shown.err
    view = json.loads(shown.out)
    Draft202012Validator(SCHEMA).validate(view)
    listed: list[dict[str, Any]] = view["runs"]
    return listed


@pytest.fixture
def shop(repository: Repository) -> Shell:
    """An endpoint that was made, changed twice, given another key, and removed."""
    shell = repository("shop", {})
    applied(shell, "a")
    applied(shell, "a", task_settings={"top_n": 5})
    shell.environment["COHERE_API_KEY"] = "another"
    applied(shell, "a", task_settings={"top_n": 5})
    (shell.folder / "endpoints" / "a.yaml").unlink()
    (shell.folder / "endpoints" / "b.yaml").write_text(endpoint("b"), encoding="utf-8")
    assert shell("apply", "--yes", "--allow-delete").code == 0
    return shell


def fields(run: dict[str, Any], name: str = "a") -> dict[str, dict[str, Any]]:
    (step,) = [step for step in run["results"] if step["inference_id"] == name]
    return {field["path"]: field for field in step["fields"]}


def test_it_shows_what_each_run_changed(shop: Shell) -> None:
    gone, rotated, moved, made = runs(shop)
    top_n, key = "task_settings.top_n", "service_settings.api_key"
    assert fields(made)[top_n] == {"path": top_n, "after": 3, "sensitive": False}
    assert list(fields(moved).values()) == [{"path": top_n, "before": 3, "after": 5, "sensitive": False}]
    first = fields(made)[key]["after"]["fingerprint"]
    (secret,) = fields(rotated).values()
    assert (secret["path"], secret["before"], secret["sensitive"]) == (key, {"fingerprint": first}, True)
    second = secret["after"]["fingerprint"]
    assert second != first
    assert fields(gone)[top_n] == {"path": top_n, "before": 5, "sensitive": False}
    assert fields(gone)[key]["before"] == {"fingerprint": second}
    assert fields(gone, "b")[top_n]["after"] == 3
    text = shop("history", "a").out
    assert f"~ {top_n}: 3 -> 5" in text
    assert f"~ {key}: (secret {first}) -> (secret {second})" in text
    assert f"- {top_n}: 5" in text
    assert "another" not in text


def test_a_value_that_is_too_wide_gets_lines_of_its_own(repository: Repository) -> None:
    shell = repository("shop", {})
    applied(shell, "a", service_settings={"model_id": "m" * 70, "api_key": {"env": "COHERE_API_KEY"}})
    applied_again = {"model_id": "n" * 70, "api_key": {"env": "COHERE_API_KEY"}}
    (shell.folder / "endpoints" / "a.yaml").write_text(endpoint("a", service_settings=applied_again), encoding="utf-8")
    assert shell("apply", "--yes", "--allow-replace").code == 0
    lines = [line.strip() for line in shell("history", "--most", "1").out.splitlines()]
    assert f'- "{"m" * 70}"' in lines
    assert f'+ "{"n" * 70}"' in lines


def test_applies_with_nothing_to_do_are_left_out(shop: Shell) -> None:
    assert shop("apply", "--yes").code == 0
    assert len(runs(shop)) == 4
    assert len(runs(shop, "--empty")) == 5
    assert runs(shop, "--empty", "--most", "1")[0]["results"] == []


def test_since(shop: Shell) -> None:
    newest = runs(shop)[0]["started_at"]
    assert len(runs(shop, "--since", "7d")) == len(runs(shop, "--since", "2020-01-31")) == 4
    assert [run["started_at"] for run in runs(shop, "--since", newest)] == [newest]
    assert runs(shop, "--since", "2999-01-01") == []
    assert shop("history", "--since", "2999-01-01T00:00:00+02:00").out == "No runs.\n"
    for wrong in ("yesterday", "7", "99999999d", "2026-13-01"):
        refused = shop("history", "--since", wrong)
        assert refused.code == 64
        assert "2026-11-30, 7d, 12h" in refused.err


def test_all_scopes(shop: Shell, repository: Repository) -> None:
    wiki = repository("wiki", {})
    applied(wiki, "w")
    assert {run["scope"] for run in runs(wiki)} == {"wiki"}
    assert [run["scope"] for run in runs(wiki, "--all-scopes")] == ["wiki", *["shop"] * 4]
    assert "  scope shop  " in wiki("history", "--all-scopes").out
    assert "scope shop" not in shop("history").out
    (wiki.folder / "inferctl.yaml").unlink()
    assert wiki("history").code == 64
    assert len(runs(wiki, "--all-scopes", "a")) == 4


def test_steps_that_are_alike_are_told_once(repository: Repository) -> None:
    """With an id it is told with the fingerprint of its secret, which no two endpoints share."""
    shell = repository("shop", {name: endpoint(name) for name in "abcde"})
    assert shell("apply", "--yes").code == 0
    shown = shell("history").out
    assert "    create 5 endpoints: done\n        a, b, c, d, e\n        + " in shown
    assert shown.count("top_n: 3") == 1
    assert "api_key: (secret)\n" in shown
    shown = shell("history", "a").out
    assert "    create a: done" in shown
    assert "api_key: (secret)\n" not in shown
