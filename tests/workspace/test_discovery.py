"""Which files paths mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl.workspace.discovery import Glob, discover

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
     ("[!a].yaml", "b.yaml", True), ("[!a].yaml", "a.yaml", False), ("a.yaml", "abyaml", False), ("x/**", "x/y/z", True),
     ("**/**/a", "a", True), ("**/**/a", "x/y/z/a", True), ("x/**/a", "xa", False), ("**/a", "/a", False), ("*a*b", "xaxb", True),
     ("[z-a]", "m", False), ("[!z-a]", "m", True), ("a[^b]c", "a/c", False), ("[]-]", "]", True), ("[\\]", "\\", True), ("[a", "[a", True),
     ("*", "", True), ("", "", True), ("?", "/", False), ("a*", "a", True), ("**", "a/b", True)],
)  # fmt: skip
def test_globs(glob: str, name: str, *, matches: bool) -> None:
    assert Glob(glob).matches(name) == matches


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("glob", "name"),
    [("**/" * 20 + "x", "a/" * 200 + "y"), ("*a" * 40 + "b", "a" * 255), ("**a" * 40 + "b", "a/" * 500)],
)
def test_no_glob_takes_long(glob: str, name: str) -> None:
    assert not Glob(glob).matches(name)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository beside a secret."""
    (tmp_path / "secret").write_text("hunter2-hunter2")
    repository = tmp_path / "repository"
    for name in (".git/config", ".env", "shared/a.yaml", "team/b.yaml", "..data/c.yaml"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text("")
    return repository


@pytest.mark.parametrize(
    "target", ["/proc/self/environ", "../../secret", "../.git/config", "../.env", "/etc", "../.git", "/"]
)
@pytest.mark.parametrize("path", ["team", "team/*.yaml", "**/*.yaml", "team/x.yaml", "."])
def test_a_link_out_of_the_repository_is_refused(checkout: Path, path: str, target: str) -> None:
    (checkout / "team" / "x.yaml").symlink_to(target)
    found = discover([path], checkout)
    assert [(d.code, d.is_error) for d in found.diagnostics] == [("file.outside", True)]
    assert set(found.files) <= {"team/b.yaml", "shared/a.yaml"}


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "/proc/self/environ",
        "/etc/*",
        "../**/secret",
        ".git/config",
        ".git/*",
        ".env",
        "team/../../secret",
        "team/../.git/config",
    ],
)
def test_a_settings_file_names_nothing_outside(checkout: Path, path: str) -> None:
    found = discover([path], checkout, named_by=checkout)
    assert (found.files, [d.code for d in found.diagnostics]) == ([], ["file.outside"])


def test_links_inside_the_repository_are_followed(checkout: Path) -> None:
    (checkout / "team" / "shared").symlink_to("../shared", target_is_directory=True)
    (checkout / "team" / "c.yaml").symlink_to("../..data/c.yaml")
    for root in (checkout, checkout / "team"):
        found = discover(["team" if root == checkout else "."], root)
        assert found.diagnostics == []
        assert [name.removeprefix("team/") for name in found.files] == ["b.yaml", "c.yaml", "shared/a.yaml"]


def test_the_operator_may_name_any_place(checkout: Path) -> None:
    (checkout.parent / "link.yaml").symlink_to("secret")
    for path in ("../secret", "../link.yaml", str(checkout.parent / "secret")):
        assert discover([path], checkout).diagnostics == []
    found = discover(["../*.yaml"], checkout)
    assert (found.files, found.diagnostics) == (["../link.yaml"], [])


def test_an_empty_name_is_not_the_working_directory(tree: Path) -> None:
    found = discover(["", "b.yml"], tree)
    assert (found.files, [one.code for one in found.diagnostics]) == (["b.yml"], ["file.not-found"])
