"""The source as a graph of files: no circle of imports, no file too long to read in one go, not too many of them."""

from __future__ import annotations

from pathlib import Path

import grimp

import inferctl

SOURCE = Path(inferctl.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 350
MOST_FILES = 400


def circles(graph: grimp.ImportGraph) -> set[frozenset[str]]:
    """The largest sets of files of which each leads to each."""
    upstream = {name: graph.find_upstream_modules(name) for name in graph.modules}
    return {
        frozenset({name, *back})
        for name, imported in upstream.items()
        if (back := {other for other in imported - {name} if name in upstream[other]})
    }


def test_circles_are_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in ("ab", "ba", "bc", "cb", "ca", "dc", "de", "ef", "fe"):
        graph.add_import(importer=importer, imported=imported)
    assert circles(graph) == {frozenset("abc"), frozenset("ef")}


def test_no_circle_of_imports() -> None:
    """File by file; what is imported for annotations only counts too."""
    graph = grimp.build_graph("inferctl", cache_dir=None)
    assert len(graph.modules) == len(FILES)
    assert circles(graph) == set()


def test_no_long_file() -> None:
    lines = {file.relative_to(SOURCE).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {file: count for file, count in lines.items() if count > MOST_LINES} == {}


def test_not_too_many_files() -> None:
    assert len(FILES) < MOST_FILES
