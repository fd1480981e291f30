"""Files that were meant and are not read are named: beside the globs of the set, and in the place of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl.operator_bounds.bounds import bounds_of
from inferctl.workspace.desired import load_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from inferctl.diagnostics import Diagnostic

ENDPOINT = (
    "inference_id: {}\ntask_type: rerank\nservice: cohere\nservice_settings: {{model_id: m, api_key: {{env: K}}}}\n"
)


def diagnostics(root: Path, *paths: str, **environ: str) -> list[Diagnostic]:
    loaded = load_workspace(paths, config=None, environ=environ, bounds=bounds_of(environ), working_directory=root)
    return list(loaded.diagnostics)


def write(root: Path, *names: str, settings: str = "endpoints: ['e/*.yaml']\n") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(ENDPOINT.format(name.rpartition("/")[2].partition(".")[0]))
    if settings:
        (root / "inferctl.yaml").write_text(settings)


def named(found: list[Diagnostic]) -> list[tuple[str, str, bool]]:
    return [(one.span.file, one.code, one.is_error) for one in found]


def test_a_file_beside_the_globs_is_named(tmp_path: Path) -> None:
    write(tmp_path, "e/a.yaml", "e/b.yml", "e/sub/c.yaml", "elsewhere/d.yml")
    found = diagnostics(tmp_path)
    assert named(found) == [("e/b.yml", "file.unmatched", False), ("e/sub/c.yaml", "file.unmatched", False)]
    assert "mv e/b.yml e/b.yaml" in str(found[0])
    assert "mv" not in str(found[1])


def test_what_another_glob_matches_or_what_declares_nothing_is_not(tmp_path: Path) -> None:
    write(tmp_path, "e/a.yaml", "e/b.yml", "e/sub/c.yaml", settings="endpoints: ['e/**/*.yaml', 'e/*.yml']\n")
    (tmp_path / "e" / "sub" / "values.yml").write_text("# inference_id: x\nname: inference_id\n")
    (tmp_path / "e" / "sub" / "other.yml").write_text("x: {inference_id: y}\n")
    assert diagnostics(tmp_path) == []


def test_a_glob_at_the_top_is_not_held_against_the_whole_repository(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "b.yml", "charts/c.yml", settings="endpoints: ['*.yaml']\n")
    assert named(diagnostics(tmp_path)) == [("b.yml", "file.unmatched", False)]
    (tmp_path / "charts" / "deep").mkdir()
    below = diagnostics(tmp_path / "charts" / "deep")
    assert named(below) == [("../../b.yml", "file.unmatched", False)]
    assert "mv ../../b.yml ../../b.yaml" in str(below)


def test_paths_select_and_are_not_held_against_what_they_leave_out(tmp_path: Path) -> None:
    write(tmp_path, "e/a.yaml", "e/b.yaml")
    assert diagnostics(tmp_path, "e/a*.yaml") == []
    (tmp_path / "inferctl.yaml").unlink()
    assert named(diagnostics(tmp_path, "e/a*.yaml")) == [("e/b.yaml", "file.unmatched", False)]
    assert diagnostics(tmp_path, "e/a.yaml") == []


def test_a_link_out_of_the_repository_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text(ENDPOINT.format("x"))
    repository = tmp_path / "repository"
    write(repository, "e/a.yaml")
    (repository / "e" / "b.yml").symlink_to(tmp_path / "secret.yml")
    assert diagnostics(repository) == []


@pytest.mark.parametrize("name", ["inferctl.yml", ".inferctl.yaml", ".inferctl.yml"])
def test_settings_under_another_name_are_an_error(tmp_path: Path, name: str) -> None:
    write(tmp_path, "e/a.yaml", settings="")
    (tmp_path / name).write_text("scope: team\nendpoints: ['e/*.yaml']\n")
    (found,) = diagnostics(tmp_path)
    assert named([found]) == [(name, "settings.name", True)]
    assert f"mv {name} inferctl.yaml" in str(found)
    # From a folder below, and with files that are named: it is as much missing.
    assert named(diagnostics(tmp_path / "e", "a.yaml")) == [(f"../{name}", "settings.name", True)]
    assert named(diagnostics(tmp_path, ".")) == [(name, "settings.name", True)]
    # A settings file that is named is read, whatever its name; the operator said so.
    assert diagnostics(tmp_path, INFERCTL_CONFIG=name) == []


def test_beside_the_right_one_it_is_a_warning_and_above_it_nothing(tmp_path: Path) -> None:
    write(tmp_path / "repository", "e/a.yaml")
    (tmp_path / "inferctl.yml").write_text("scope: other\n")
    assert diagnostics(tmp_path / "repository") == []
    (tmp_path / "repository" / "inferctl.yml").write_text("scope: other\n")
    assert named(diagnostics(tmp_path / "repository")) == [("inferctl.yml", "settings.name", False)]
    (tmp_path / "repository" / "e" / "inferctl.yml").write_text("scope: other\n")
    assert ("inferctl.yml", "settings.name", True) in named(diagnostics(tmp_path / "repository" / "e"))
