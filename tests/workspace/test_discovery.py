"""Which files paths mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl.workspace.discovery import discover, glob_pattern

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "a.yaml",
        "b.yml",
        "c.txt",
        ".hidden.yaml",
        "inferctl.yaml",
        "sub/d.yaml",
        "sub/deep/e.yaml",
        ".git/f.yaml",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize(
    ("paths", "files"),
    [
        (["a.yaml"], ["a.yaml"]),
        (["./a.yaml", "a.yaml"], ["a.yaml"]),
        (["c.txt"], ["c.txt"]),
        (["sub"], ["sub/d.yaml", "sub/deep/e.yaml", "sub/loop/a.yaml", "sub/loop/b.yml"]),
        (["*.yaml"], ["a.yaml"]),
        (["sub/*"], ["sub/d.yaml"]),
        (["sub/**/e.yaml"], ["sub/deep/e.yaml"]),
        (["[ab].*"], ["a.yaml", "b.yml"]),
        (["inferctl.yaml", "b.yml"], ["b.yml"]),
    ],
)
def test_files(tree: Path, paths: list[str], files: list[str]) -> None:
    found = discover(paths, tree)
    assert found.files == files
    assert found.diagnostics == []


def test_a_whole_tree_with_a_loop(tree: Path) -> None:
    assert discover(["."], tree).files == ["a.yaml", "b.yml", "sub/d.yaml", "sub/deep/e.yaml"]


@pytest.mark.parametrize(("path", "code"), [("nowhere", "file.not-found"), ("x/*.yaml", "file.no-match"), ("*.json", "file.no-match")])  # fmt: skip
def test_faults(tree: Path, path: str, code: str) -> None:
    assert [d.code for d in discover([path], tree).diagnostics] == [code]


def test_stdin(tree: Path) -> None:
    assert discover(["-"], tree).stdin


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [("**/*.yaml", "a.yaml", True), ("**/*.yaml", "x/y/a.yaml", True), ("*.yaml", "x/a.yaml", False), ("a?.yaml", "ab.yaml", True),
     ("[!a].yaml", "b.yaml", True), ("[!a].yaml", "a.yaml", False), ("a.yaml", "abyaml", False), ("x/**", "x/y/z", True)],
)  # fmt: skip
def test_globs(glob: str, name: str, *, matches: bool) -> None:
    assert bool(glob_pattern(glob).fullmatch(name)) == matches
