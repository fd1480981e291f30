"""The desired set of a run: whole, selected, incomplete, empty."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferctl.operator_bounds.bounds import bounds_of
from inferctl.report.diagnostics import render
from inferctl.workspace.desired import Loaded, cross_diagnostics, load_workspace
from inferctl.workspace.endpoint_file import read_file

EXAMPLES = Path(__file__).parents[2] / "examples"


def endpoint(name: str) -> str:
    return f"inference_id: {name}\ntask_type: rerank\nservice: cohere\nservice_settings: {{model_id: m, api_key: {{env: K}}}}\n"


def load(root: Path, *paths: str, stdin: str = "", **environ: str) -> Loaded:
    return load_workspace(
        paths,
        config=None,
        environ=environ,
        bounds=bounds_of(environ),
        working_directory=root,
        stdin=io.BytesIO(stdin.encode()),
    )


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        file = root / name.replace("__", "/")
        file = file.with_name(file.name + ".yaml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def ids(loaded: Loaded) -> list[str]:
    return [e.inference_id for e in loaded.desired.endpoints]


def codes(loaded: Loaded) -> list[str]:
    return [d.code for d in loaded.diagnostics]


def test_paths_are_the_whole_set(tmp_path: Path) -> None:
    write(tmp_path, e__a=endpoint("a"), e__b=endpoint("b"), c=endpoint("c"))
    loaded = load(tmp_path, "e")
    assert (ids(loaded), codes(loaded), loaded.desired.complete, loaded.desired.selected) == (
        ["a", "b"],
        [],
        True,
        None,
    )
    assert loaded.desired.files == ("e/a.yaml", "e/b.yaml")


def test_with_endpoints_in_the_settings_paths_select(tmp_path: Path) -> None:
    write(
        tmp_path,
        inferctl="scope: team\nendpoints: ['e/**/*.yaml']\n",
        e__a=endpoint("a"),
        e__b=endpoint("b"),
        c=endpoint("c"),
    )
    assert (ids(load(tmp_path)), load(tmp_path).desired.selected) == (["a", "b"], None)
    loaded = load(tmp_path, "e/b.yaml")
    assert (ids(loaded), loaded.desired.selected, codes(loaded)) == (["a", "b"], frozenset("b"), [])
    assert codes(load(tmp_path, "c.yaml")) == ["file.not-selected"]
    below = load(tmp_path / "e", "b.yaml")
    assert (ids(below), below.desired.selected, below.desired.files) == (
        ["a", "b"],
        frozenset("b"),
        ("a.yaml", "b.yaml"),
    )


def test_a_broken_file_makes_the_set_incomplete(tmp_path: Path) -> None:
    write(tmp_path, e__a=endpoint("a"), e__b="x: [")
    loaded = load(tmp_path, "e")
    assert (ids(loaded), loaded.desired.complete) == (["a"], False)


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions do not bind root, so the refusal is played."""
    write(tmp_path, e__a=endpoint("a"))
    opened = Path.open

    def refused(path: Path, *arguments: Any, **keywords: Any) -> Any:
        if path.name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **keywords)

    monkeypatch.setattr(Path, "open", refused)
    assert codes(load(tmp_path, "e")) == ["file.unreadable"]


def test_a_link_to_nowhere(tmp_path: Path) -> None:
    write(tmp_path, e__a=endpoint("a"))
    (tmp_path / "e" / "b.yaml").symlink_to("gone.yaml")
    loaded = load(tmp_path, "e")
    assert (codes(loaded), loaded.desired.complete) == (["file.unreadable"], False)


@pytest.mark.parametrize(("paths", "code"), [(["e"], "file.empty-set"), ([], "file.empty-set"), (["nowhere"], "file.not-found"), (["*.yaml"], "file.no-match")])  # fmt: skip
def test_nothing_is_never_a_wish(tmp_path: Path, paths: list[str], code: str) -> None:
    (tmp_path / "e").mkdir()
    loaded = load(tmp_path, *paths)
    assert (codes(loaded), ids(loaded), loaded.desired.complete) == ([code], [], False)


def test_no_path_at_all_names_the_ways_to_give_one(tmp_path: Path) -> None:
    (found,) = load(tmp_path).diagnostics
    assert "inferctl plan endpoints/" in found.fixes[0].text
    assert render(found).startswith("error[file.empty-set]: no files are named\n")
    (tmp_path / "e").mkdir()
    (found,) = load(tmp_path, "e").diagnostics
    assert render(found).startswith("e: error[file.empty-set]: no endpoint in e\n")


def test_stdin(tmp_path: Path) -> None:
    loaded = load(tmp_path, "-", stdin=endpoint("a"))
    assert (ids(loaded), codes(loaded), loaded.desired.files) == (["a"], [], ("<stdin>",))


def test_one_id_in_two_files(tmp_path: Path) -> None:
    write(tmp_path, a=endpoint("x"), b="# note\n" + endpoint("x"))
    (found,) = load(tmp_path, ".").diagnostics
    assert (found.code, str(found.span), str(found.related[0][1])) == (
        "endpoint.duplicate-id",
        "b.yaml:2:15",
        "a.yaml:1:15",
    )


TEXTS = {
    "a": endpoint("x"),
    "b": endpoint("x"),
    "c": endpoint("y"),
    "d": endpoint("z").replace("model_id", "modl"),
    "e": "a: [",
}


@given(st.permutations(sorted(TEXTS)))
def test_the_order_of_files_does_not_matter(order: list[str]) -> None:
    def outcome(names: list[str]) -> object:
        files = [read_file(f"{name}.yaml", TEXTS[name].encode()) for name in names]
        declared = sorted((d for f in files for d in f.declared), key=lambda d: d.endpoint.span)
        return sorted([*(d for f in files for d in f.diagnostics), *cross_diagnostics(declared)], key=repr)

    assert outcome(list(order)) == outcome(sorted(TEXTS))


def test_the_examples_have_no_finding() -> None:
    loaded = load(EXAMPLES, "endpoints")
    assert loaded.diagnostics == ()
    assert len(loaded.desired.endpoints) > 80
    assert all(name.endswith("-example") for name in ids(loaded))
