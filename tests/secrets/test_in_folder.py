"""Which files below the folder of secrets are known to every command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.secrets.in_folder import MOST_FILES, references_below

if TYPE_CHECKING:
    from pathlib import Path


def names(root: Path | None, working_directory: Path) -> list[str]:
    return [reference.name for reference in references_below(root, working_directory)]


def test_files_in_folders_and_not_what_is_public(tmp_path: Path) -> None:
    root = tmp_path / "secrets"
    for name in ("openai", "team/cohere", "team/namespace", "team/ca.crt", "team/..data/cohere", "..2026/openai"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    assert names(root, tmp_path) == ["openai", "team/cohere"]


def test_a_folder_around_the_repository_is_none_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("x", encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    assert names(tmp_path, work) == names(tmp_path, tmp_path) == []


def test_no_folder(tmp_path: Path) -> None:
    assert names(None, tmp_path) == names(tmp_path / "absent", tmp_path) == []


def test_of_many_the_first(tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for number in range(MOST_FILES + 1):
        (root / f"{number:04}").touch()
    assert names(root, tmp_path)[-1] == f"{MOST_FILES - 1:04}"
