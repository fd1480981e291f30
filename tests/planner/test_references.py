"""Two views of who uses an endpoint: what they say together, and where they differ."""

from __future__ import annotations

import pytest
from tests.factories import desired, observed

from inferctl.fix import flag
from inferctl.planner.action import BlockKind, Standing
from inferctl.planner.references import Reference, References, UserKind, reference_text

from .worlds import plan_of

P, I, T = UserKind.PIPELINE, UserKind.INDEX, UserKind.INDEX_TEMPLATE  # noqa: E741
SHARER = Reference(UserKind.ENDPOINT, "b1", "on its deployment")


@pytest.mark.parametrize(
    ("references", "text"),
    [
        (References(("p", "q"), ()), "used by pipelines p, q"),
        (References((), ("i",), ()), "used by indexes i"),
        (References(("p",), ("i",), (Reference(T, "t"),)), "used by pipelines p, indexes i and index templates t"),
        (References(scan=(Reference(P, "p", "on_failure"),)), "used by pipelines p (seen by our scan only)"),
        (References(scan=(Reference(P, "p", "on_failure"),), asked=False), "used by pipelines p"),
        (References(("p",), (), (Reference(P, "p"), SHARER)), "used by pipelines p"),
        (
            References(tuple(f"p{n:02}" for n in range(23))),
            f"used by pipelines {', '.join(f'p{n:02}' for n in range(20))} and 3 more",
        ),
    ],
)
def test_text(references: References, text: str) -> None:
    assert references
    assert reference_text(references) == text


@pytest.mark.parametrize(
    ("references", "scan_only", "server_only"),
    [
        (References(("p",), ("i",)), (), ()),  # nobody scanned, nothing to compare
        (References(("p",), ("i",), ()), (), (Reference(P, "p"), Reference(I, "i"))),
        (References(("p",), ("i",), (Reference(P, "p", "foreach"), Reference(I, "i", "field t"))), (), ()),
        (References(("p",), (), (Reference(P, "p"), Reference(P, "p", "on_failure"))), (), ()),
        (References((), (), (Reference(P, "p", "on_failure"),)), (Reference(P, "p", "on_failure"),), ()),
        (
            References(("x",), (), (Reference(I, "x", "field t"),)),
            (Reference(I, "x", "field t"),),
            (Reference(P, "x"),),
        ),
        (References(scan=(Reference(P, "p"),), asked=False), (), ()),
        (References(scan=(SHARER,)), (), ()),
    ],
)
def test_difference(
    references: References, scan_only: tuple[Reference, ...], server_only: tuple[Reference, ...]
) -> None:
    assert references.scan_only == scan_only
    assert references.server_only == server_only


@pytest.mark.parametrize(
    "references", [References(), References(scan=()), References(scan=(SHARER,)), References(asked=False)]
)
def test_nobody_to_break(references: References) -> None:
    assert not references


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "references",
    [References(("p",), ()), References(scan=(Reference(T, "p"),)), References(scan=(Reference(P, "p"),), asked=False)],
)
def test_whoever_saw_it_it_blocks(references: References, force: bool) -> None:
    forced = frozenset({"a"}) if force else frozenset()
    (change,) = plan_of(
        [desired("b")], [observed("a"), observed("b")], references={"a": references}, allow_delete=True,
        max_deletes="100%", force_delete=forced,
    ).steps  # fmt: skip
    if force:
        assert change.standing is Standing.READY
        assert any("these will break" in warning for warning in change.warnings)
    else:
        assert [block.kind for block in change.blocks] == [BlockKind.REFERENCED]
        assert change.blocks[0].fixes[0] == flag("--force-delete a")
