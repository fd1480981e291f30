"""Places of a document that several texts made together."""

from inferctl.diagnostics import Span
from inferctl.syntax.finding import Finding
from inferctl.syntax.locate import Locator
from inferctl.syntax.places import Place, Places
from inferctl.syntax.source import Source

BASE = Locator(Source("base.yaml", "a: 1\nb: {c: 2, d: 3}\nlist: [1, 2]\n"))
OVER = Locator(Source("prod.yaml", "- x: 0\n- b: {c: 9}\n  list: [7]\n"))
ONE = Place(BASE, 0, ())
OTHER = Place(OVER, 0, (1,))
PLACES = Places(ONE, {("b", "c"): OTHER, ("list",): OTHER}, (OTHER,), {("b",): (("said here", Span("x.yaml", 1, 1)),)})


def test_a_path_speaks_for_all_below_it() -> None:
    spans = {path: str(PLACES.span(path)) for path in [("a",), ("b", "c"), ("b", "d"), ("list",), ("list", 0)]}
    assert spans == {
        ("a",): "base.yaml:1:4",
        ("b", "c"): "prod.yaml:2:10",
        ("b", "d"): "base.yaml:2:14",
        ("list",): "prod.yaml:3:9",
        ("list", 0): "prod.yaml:3:10",
    }
    assert str(PLACES.span(("b", "c"), "key")) == "prod.yaml:2:7"
    assert (PLACES.files, PLACES.source_of(("list", 0)).file) == (frozenset(("base.yaml", "prod.yaml")), "prod.yaml")


def test_findings_are_shown_with_the_lines_of_their_own_texts() -> None:
    shown = PLACES.show([Finding(path, "x.y", "wrong") for path in [("a",), ("b", "c"), ("b", "d")]])
    assert [(str(one.span), one.source_line, len(one.related)) for one in shown] == [
        ("base.yaml:1:4", "a: 1", 0),
        ("base.yaml:2:14", "b: {c: 2, d: 3}", 1),
        ("prod.yaml:2:10", "- b: {c: 9}", 1),
    ]
