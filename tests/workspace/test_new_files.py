"""Files that a command makes: all or none, whole, and nothing of anybody else's is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferctl.errors import InputError
from inferctl.workspace import new_files
from inferctl.workspace.discovery import discover
from inferctl.workspace.new_files import NewFiles, endpoint_file_name, write_new

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"b.yaml": "b: 1\n", "a.yaml": "a: ü\n"}


def listing(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_a_folder_is_made_and_filled(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "er"
    assert write_new(target, FILES, force=False) == NewFiles(("a.yaml", "b.yaml"))
    assert listing(target) == FILES
    assert (target / "a.yaml").read_bytes() == "a: ü\n".encode()
    assert write_new(target, FILES, force=False) == NewFiles((), ("a.yaml", "b.yaml"))


def test_a_file_in_the_way_keeps_all_of_them_out(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("mine\n")
    with pytest.raises(InputError, match=r"nothing was written: b\.yaml .* would be overwritten"):
        write_new(tmp_path, FILES, force=False)
    assert listing(tmp_path) == {"b.yaml": "mine\n"}
    assert write_new(tmp_path, FILES, force=True) == NewFiles(("a.yaml", "b.yaml"))
    assert listing(tmp_path) == FILES


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs\n")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.yaml").symlink_to(elsewhere)
    (folder / "b.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"a\.yaml, b\.yaml"):
        write_new(folder, FILES, force=False)
    write_new(folder, FILES, force=True)
    assert elsewhere.read_text() == "theirs\n"
    assert not (folder / "a.yaml").is_symlink()
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_comes_up_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = new_files._write

    def slow(path: Path, octets: bytes) -> None:
        write(path, octets)
        (tmp_path / "a.yaml").write_text("mine\n")

    monkeypatch.setattr(new_files, "_write", slow)
    with pytest.raises(InputError, match="File exists"):
        write_new(tmp_path, FILES, force=False)
    assert listing(tmp_path) == {"a.yaml": "mine\n"}


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = new_files._write

    def full(path: Path, octets: bytes) -> None:
        if octets == b"b: 1\n":
            raise OSError(28, "No space left on device")
        write(path, octets)

    monkeypatch.setattr(new_files, "_write", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_new(tmp_path, FILES, force=False)
    assert listing(tmp_path) == {}


def test_without_links_a_rename_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    write_new(tmp_path, FILES, force=False)
    assert listing(tmp_path) == FILES


@pytest.mark.parametrize("in_the_way", ["file", "folder"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, in_the_way: str) -> None:
    if in_the_way == "file":
        (tmp_path / "out").write_text("x")
    else:
        (tmp_path / "out" / "a.yaml").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be written"):
        write_new(tmp_path / "out", FILES, force=True)


@pytest.mark.parametrize(
    ("inference_id", "name"),
    [("a.b_c-d", "a.b_c-d.yaml"), ("inferctl", "_inferctl.yaml"), ("con", "_con.yaml"), ("nul.x", "_nul.x.yaml"), ("console", "console.yaml")],
)  # fmt: skip
def test_names(inference_id: str, name: str) -> None:
    assert endpoint_file_name(inference_id) == name


def test_a_long_id_has_a_file_of_its_own() -> None:
    first, second = endpoint_file_name("x" * 999 + "a"), endpoint_file_name("x" * 999 + "b")
    assert first != second
    assert len(first) < 255


@given(
    st.sets(
        st.from_regex(r"[a-z0-9]([a-z0-9_\-.]{0,3}[a-z0-9])?", fullmatch=True)
        | st.sampled_from(["inferctl", "con", "aux.a"])
    )
)
def test_every_id_has_a_name_of_its_own(ids: set[str]) -> None:
    assert len({endpoint_file_name(i) for i in ids}) == len(ids)


def test_every_name_is_found_again(tmp_path: Path) -> None:
    files = {endpoint_file_name(i): "x\n" for i in ("a", "inferctl", "con", "x" * 500)}
    write_new(tmp_path, files, force=False)
    assert sorted(discover(["."], tmp_path).files) == sorted(files)
