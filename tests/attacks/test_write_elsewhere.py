"""A pull request brings a link, and wants what a job writes to end up in `.git`, or outside of the checkout.

The operator's own links, outside of the repository, are followed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.in_process import run_here

from inferctl.errors import InputError
from inferctl.workspace.new_files import through_a_link, why_not_there, write_new, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an attacker's links, and the operator's folders beside it."""
    repository, outside = tmp_path / "repo", tmp_path / "outside"
    (repository / ".git/hooks").mkdir(parents=True)
    (repository / "e").mkdir()
    outside.mkdir()
    (repository / "linked").symlink_to(".git/hooks")
    (repository / "out").symlink_to(outside)
    (repository / "e/deep").symlink_to("../linked")
    (tmp_path / "operators").symlink_to(outside)
    (tmp_path / "to-repo").symlink_to(repository)
    (tmp_path / "to-link").symlink_to(repository / "linked")
    monkeypatch.chdir(repository)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return repository


# Folders on the way to what is written, from inside of the checkout.
LINKED = [
    "linked",
    "out",
    "./linked",
    "linked/deeper",
    "e/deep",
    "e/../linked",
    "e/../out/..",  # the system goes to the parent of where the link leads
    "../to-repo/linked",  # the operator's link, and the attacker's behind it
    "../to-link",
    "../operators/../repo/linked",
]
OWN = ["e", "new/folder", "../outside", "../operators", "../to-repo/e", "."]


@pytest.mark.parametrize("folder", LINKED)
def test_nothing_is_written_through_a_link_of_the_repository(checkout: Path, folder: str) -> None:
    before = everything(checkout.parent)
    assert "a link of the repository" in through_a_link(Path(folder), checkout)
    assert "a link of the repository" in why_not_there("report", Path(folder) / "report.md", checkout)
    assert "a link of the repository" in through_a_link(checkout / folder, checkout)
    for force in (False, True):
        with pytest.raises(InputError, match="a link of the repository"):
            write_new(Path(folder), {"a.yaml": "x"}, force=force)
    with pytest.raises(OSError, match=r"a link|No such file"):
        write_whole(Path(folder) / "report.md", "x", encoding="utf-8")
    assert everything(checkout.parent) == before


@pytest.mark.parametrize("folder", OWN)
def test_the_folders_of_the_operator_are_written_to(checkout: Path, folder: str) -> None:
    assert through_a_link(Path(folder), checkout) == ""
    assert write_new(Path(folder), {"a.yaml": "x"}, force=False).new == ("a.yaml",)
    write_whole(Path(folder) / "report.md", "text", encoding="utf-8")
    assert (Path(folder) / "report.md").read_text(encoding="utf-8") == "text"


def test_a_linked_file_is_replaced_and_not_written_through(checkout: Path) -> None:
    precious = checkout.parent / "outside/precious"
    precious.write_text("keep", encoding="utf-8")
    for name in ("report.md", "a.yaml"):
        (checkout / "e" / name).symlink_to(precious)
    write_whole(checkout / "e/report.md", "text", encoding="utf-8")
    with pytest.raises(InputError, match="would be overwritten"):
        write_new(Path("e"), {"a.yaml": "text"}, force=False)
    write_new(Path("e"), {"a.yaml": "text"}, force=True)
    assert precious.read_text(encoding="utf-8") == "keep"
    assert not (checkout / "e/a.yaml").is_symlink()


def test_the_checkout_that_the_ci_names_is_one_too(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job works outside of it."""
    monkeypatch.chdir(checkout.parent / "outside")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(checkout))
    assert through_a_link(checkout / "linked", Path.cwd())
    assert not through_a_link(checkout / "e", Path.cwd())


def test_a_circle_of_links_ends(checkout: Path) -> None:
    (checkout.parent / "one").symlink_to("two")
    (checkout.parent / "two").symlink_to("one")
    assert through_a_link(Path("../one/x"), checkout) == ""


@pytest.mark.parametrize("moment", ["before it is held", "after it is held"])
def test_a_link_that_comes_during_the_run_is_not_followed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Something that the pull request started puts it there, between the check and the write."""
    reports = checkout / "reports"
    reports.mkdir()
    assert why_not_there("report", Path("reports/r.md"), checkout) == ""
    real: Callable[..., int] = os.open

    def swap() -> None:
        reports.rename(checkout / "moved")
        reports.symlink_to(".git/hooks")

    def opening(path: object, flags: int, *arguments: int, **more: int) -> int:
        if moment == "after it is held" and flags & os.O_DIRECTORY:
            descriptor = real(path, flags, *arguments, **more)
            swap()
            return descriptor
        return real(path, flags, *arguments, **more)

    if moment == "before it is held":
        swap()
    monkeypatch.setattr(os, "open", opening)
    monkeypatch.setattr(os, "supports_dir_fd", {opening})
    with pytest.raises(OSError, match="a link has taken the place"):
        write_whole(Path("reports/r.md"), "text", encoding="utf-8")
    assert list((checkout / ".git/hooks").iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "--emulator", "e", "--report", "markdown=linked/pre-commit"],
        ["plan", "--emulator", "e", "--out", "linked/pre-commit"],
        ["export", "--emulator", "--output", "linked"],
        ["emulate", "--port", "0", "--data", "linked/pre-commit"],
        ["plan", "--emulator", "e", "--report", "json=e/../out/r.json"],
    ],
)
def test_the_commands(checkout: Path, command: list[str]) -> None:
    body = (
        "inference_id: a\ntask_type: completion\nservice: openai\nservice_settings: {model_id: m, api_key: {env: K}}\n"
    )
    (checkout / "e/a.yaml").write_text(body, encoding="utf-8")
    if command[0] == "export":
        assert run_here(checkout, {"K": "k"}, "apply", "--emulator", "e/a.yaml", "--yes").code == 0
    ran = run_here(checkout, {"K": "k"}, *command)
    assert "a link of the repository" in ran.err
    assert ran.code != 0
    assert list((checkout / ".git/hooks").iterdir()) == []
    assert list((checkout.parent / "outside").iterdir()) == []


def everything(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))
