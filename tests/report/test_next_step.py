"""After a run: what waits for the same is told once; the line to type is for what the ending came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.factories import change

from inferctl.applier.outcome import outcome
from inferctl.fix import Fix, FixKind, flag
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.plan import Plan, SettingsName
from inferctl.report.fixes import one_fix
from inferctl.report.next_step import next_step
from inferctl.report.outcome_markdown import outcome_markdown
from inferctl.report.outcome_text import outcome_text
from inferctl.report.outcome_view import outcome_view
from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from inferctl.report.shape.base import FixView

AGAIN = "inferctl apply --yes"
HELD_REPLACE = {"action": "replace", "result": "held", "fixes": [{"kind": "flag", "text": "--allow-replace"}]}
HELD_DELETE = {"action": "delete", "result": "held", "fixes": [{"kind": "flag", "text": "--allow-delete"}]}
IN_USE = {"action": "delete", "result": "blocked", "fixes": []}
PLANNED_AGAIN = "inferctl plan --out p --allow-replace && inferctl apply p --allow-replace"
HELD_IN_A_SAVED_PLAN = {**HELD_REPLACE, "fixes": [{"kind": "command", "text": PLANNED_AGAIN}]}
NOT_STARTED = {"action": "create", "result": "not started", "fixes": []}
LIMIT = {"guard": "max-changes", "text": "", "fixes": [{"kind": "flag", "text": "--max-changes 2"}]}
LISTS = ("failed", "unknown", "not_ready", "held", "blocked", "not_started")


def _owned(name: str) -> dict[str, Any]:
    permit = f"permits:\n  - {{take_over: {name}, reason: r}}"
    fixes = [
        {"kind": "flag", "text": f"--take-over {name}"},
        {"kind": "permit", "text": permit, "file": "inferctl.yaml"},
    ]
    block = {"kind": "other-scope", "text": "", "fixes": fixes}
    return {"id": name, "action": "adopt", "result": "blocked", "fixes": [], "blocks": [block]}


@pytest.mark.parametrize(
    ("steps", "stops", "expected"),
    [
        ([HELD_DELETE], [], f"{AGAIN} --allow-delete"),
        ([HELD_DELETE, HELD_REPLACE], [], f"{AGAIN} --allow-replace"),
        ([HELD_DELETE, IN_USE], [], AGAIN),
        ([HELD_IN_A_SAVED_PLAN], [], PLANNED_AGAIN),
        ([HELD_REPLACE, NOT_STARTED], [], AGAIN),
        ([HELD_REPLACE, NOT_STARTED], [LIMIT], f"{AGAIN} --max-changes 2"),
        ([HELD_DELETE, _owned("a"), _owned("b"), IN_USE], [], f"{AGAIN} --take-over a --take-over b"),
        (
            [_owned(name) for name in "abcdef"],
            [],
            f"add the permits of these steps to inferctl.yaml, then: {AGAIN}",
        ),
        ([], [], ""),
    ],
)
def test_what_is_typed_next(steps: list[dict[str, Any]], stops: list[dict[str, Any]], expected: str) -> None:
    lists: dict[str, Any] = {name: [] for name in LISTS}
    for step in steps:
        lists[step["result"].replace(" ", "_")].append({"id": "x", "blocks": [], **step})
    assert next_step(lists, cast("Any", stops), [], AGAIN) == expected


def test_steps_that_wait_for_the_same_are_one_with_a_permit_that_has_a_line_for_each() -> None:
    names = [f"old-{number:03}" for number in range(300)]
    steps = [
        change(
            name, action=Action.DELETE, standing=Standing.HELD,
            blocks=(Block(BlockKind.NEEDS_ALLOW_DELETE, "deletes are off",
                          (flag("--allow-delete"), Fix(FixKind.PERMIT, f"permits:\n  - {{delete: {name}, reason: r}}"))),),
        )
        for name in names
    ]  # fmt: skip
    view = outcome_view(outcome(Plan(changes=tuple(steps)), ()))
    text = outcome_text(view, PLAIN)
    assert "300 to delete  held" in text
    assert (text.count("deletes are off"), text.count("--allow-delete")) == (1, 2)
    assert "{delete: old-000, " in text
    assert "{delete: old-019, " in text
    assert text.count("{delete: ") == 20
    assert "# 280 more" in text
    page = outcome_markdown(view)
    assert page.count("{delete: ") == 20
    assert "<details><summary>or: 22 lines</summary>" in page


@pytest.mark.parametrize(("length", "fits"), [(1, True), (64, False)])
def test_flags_for_many_are_left_out_where_they_would_be_cut(length: int, *, fits: bool) -> None:
    steps = [_owned(letter * length) for letter in "abcde"]
    merged = one_fix([step["blocks"][0]["fixes"][0] for step in steps], most=20)
    assert bool(merged["text"]) == fits


def test_permits_of_an_environment_are_one_as_well() -> None:
    """They stand below the same keys; the step says which file that is."""
    settings = SettingsName("ops/shop.yaml", "prod")
    fixes: list[FixView] = [
        {"kind": "permit", "text": settings.permits(f"{{delete: {name}, reason: r}}"), "file": settings.file}
        for name in "abcdef"
    ]
    assert one_fix(fixes, 2)["text"].splitlines() == [
        "environments:",
        "  prod:",
        "    permits:",
        "      - {delete: a, reason: r}",
        "      - {delete: b, reason: r}",
        "      # 4 more: --detail full",
    ]
    held = {"result": "held", "action": "replace", "blocks": [], "state": ""}
    lists: dict[str, Any] = {name: [] for name in LISTS}
    lists["held"] = [
        {**held, "id": name, "fixes": [{"kind": "flag", "text": f"--force-delete {name}", "file": ""}, fix]}
        for name, fix in zip("abcdef", fixes, strict=True)
    ]
    assert next_step(lists, [], [], AGAIN) == f"add the permits of these steps to ops/shop.yaml, then: {AGAIN}"
