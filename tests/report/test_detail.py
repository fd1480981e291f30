"""What is alike is said once, what is long is folded, and nothing is forgotten: `--detail auto|full|none`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import change, desired

from inferctl import render
from inferctl.fix import Fix, FixKind
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.field_change import FieldChange
from inferctl.planner.plan import Plan
from inferctl.planner.secret_state import SecretCheck, SecretState
from inferctl.report.plan_groups import MANY
from inferctl.report.plan_markdown import plan_markdown
from inferctl.report.plan_text import plan_text
from inferctl.report.plan_view import plan_view
from inferctl.report.style import PLAIN, Style

if TYPE_CHECKING:
    from inferctl.planner.change import Change
    from inferctl.report.shape.run import PlanView

TOP_N = ("task_settings", "top_n")


def raised(name: str, to: int = 10, **more: Any) -> Change:
    """An update of one leaf, 5 -> `to`."""
    fields = (FieldChange(TOP_N, 5, to),)
    return change(name, action=Action.UPDATE, task_type="rerank", service="cohere", fields=fields, **more)


def created(name: str, model: str = "small", host: str | None = None) -> Change:
    settings = {"model_id": model, "api_key": {"env": "KEY"}} | ({"url": f"https://{host}/v1"} if host else {})
    return change(name, action=Action.CREATE, desired=desired(name, settings=settings))


def view(*steps: Change) -> PlanView:
    return plan_view(Plan(changes=steps))


def test_the_same_change_of_599_endpoints_is_one_row_that_folds_their_names() -> None:
    shown = view(*(raised(f"r-{n:03}") for n in range(599)), raised("other", to=11))
    text = plan_text(shown, PLAIN)
    assert "~ 599 endpoints  rerank/cohere" in text
    assert "ids: r-000, r-001, r-002, r-003, r-004 and 594 more" in text
    assert text.count("5 -> 10") == 1
    assert text.count("\n") < 20
    page = plan_markdown(shown)
    (row,) = re.findall(r"^\| .*599 endpoints.*$", page, re.MULTILINE)
    assert "<details><summary>599 endpoints</summary>" in row
    assert "r-000" in row
    assert "r-598" in row
    assert "<code>top&#95;n</code> <code>5</code> → <code>10</code>" in row
    assert page.count("r-300") == 1


def test_full_tells_each_on_its_own_and_none_only_names_them() -> None:
    shown = view(*(raised(f"r-{n}") for n in range(3)), created("new"))
    full = plan_text(shown, PLAIN, "full")
    assert full.count("5 -> 10") == 3
    none = plan_text(shown, PLAIN, "none")
    assert "3 endpoints" in none
    assert "new" in none
    assert "top_n" not in none
    assert "small" not in none
    assert plan_markdown(shown, "full").count("<details>") == 4
    assert "```" not in plan_markdown(shown, "none")


def test_json_is_whole_whatever_the_detail() -> None:
    plan = Plan(changes=tuple(raised(f"r-{n}") for n in range(3)))
    assert render(plan, "json", detail="none") == render(plan, "json", detail="full")
    assert render(plan, "json", detail="none").count('"after": 10') == 3
    with pytest.raises(ValueError, match="auto, full, none"):
        render(plan, detail="some")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        raised("b", standing=Standing.HELD),
        raised("b", to=11),
        raised("b", warnings=("mind the gap",)),
        raised("b", blocks=(Block(BlockKind.PROTECTED, "it is protected"),), standing=Standing.BLOCKED),
        change("b", action=Action.UPDATE, task_type="rerank", service="other", fields=(FieldChange(TOP_N, 5, 10),)),
    ],
)
def test_what_differs_in_anything_is_not_one_group(other: Change) -> None:
    shown = view(raised("a"), other)
    assert "2 endpoints" not in plan_text(shown, PLAIN)
    assert "2 endpoints" not in plan_markdown(shown)


def held(name: str) -> Change:
    fixes = (Fix(FixKind.FLAG, "--allow-replace"), Fix(FixKind.PERMIT, f"permits:\n  - {{replace: {name}}}"))
    return raised(
        name, standing=Standing.HELD, blocks=(Block(BlockKind.NEEDS_ALLOW_REPLACE, "replaces are off", fixes),)
    )


def test_held_steps_that_are_alike_share_a_permit_with_a_line_for_each() -> None:
    shown = view(held("a"), held("b"), held("a-b"))
    for text in (plan_text(shown, PLAIN), plan_markdown(shown)):
        assert "3 endpoints" in text
        assert text.count("--allow-replace") == 1
        assert text.count("permits:") == 1
        assert re.findall(r"- \{replace: (.*)\}", text) == ["a", "a-b", "b"]


def test_replaces_that_change_the_same_are_alike_whatever_else_they_declare() -> None:
    def replaced(name: str, top_n: int) -> Change:
        declared = desired(name, task_type="rerank", service="cohere", task={"top_n": top_n})
        fields = (FieldChange(("service_settings", "model_id"), "m", "m2"),)
        return change(name, action=Action.REPLACE, desired=declared, fields=fields)

    shown = view(replaced("a", 5), replaced("b", 6))
    assert "-/+ 2 endpoints" in plan_text(shown, PLAIN)
    assert "= task_settings.top_n: " not in plan_text(shown, PLAIN)
    full = plan_text(shown, PLAIN, "full")
    assert re.findall(r"= task_settings.top_n: +(\d)", full) == ["5", "6"]


def test_a_permit_for_more_than_many_says_where_the_rest_is() -> None:
    shown = view(*(held(f"h-{n:02}") for n in range(MANY + 5)))
    text = plan_text(shown, PLAIN)
    assert text.count("replace: h-") == MANY
    assert "# 5 more: --detail full" in text
    assert plan_text(shown, PLAIN, "full").count("replace: h-") == MANY + 5


def test_flags_that_name_an_endpoint_stand_for_each() -> None:
    def blocked(name: str) -> Change:
        fixes = (Fix(FixKind.FLAG, f"--adopt {name}"),)
        return raised(name, standing=Standing.BLOCKED, blocks=(Block(BlockKind.NOT_OURS, "it is nobody's", fixes),))

    assert "fix: --adopt a --adopt b\n" in plan_text(view(blocked("a"), blocked("b")), PLAIN)
    many = plan_text(view(*(blocked(f"n-{n}") for n in range(MANY + 1))), PLAIN)
    assert "--adopt" not in many


def test_the_age_of_a_secret_parts_nobody() -> None:
    def aged(days: int) -> tuple[SecretCheck, ...]:
        return (SecretCheck(("service_settings", "api_key"), SecretState.SAME, "2026-01-01", days),)

    text = plan_text(view(raised("a", secret_checks=aged(1)), raised("b", secret_checks=aged(9))), PLAIN)
    assert "2 endpoints" in text
    assert "api_key same\n" in text


def test_of_many_what_needs_a_look_is_told_whole_and_last() -> None:
    steps = [created(f"c-{n:02}", f"model-{n}") for n in range(MANY)]
    gone = change("a-goes", action=Action.DELETE, reasons=("no file declares it any more",))
    text = plan_text(view(*steps, gone, created("forged", host="evil.example")), PLAIN)
    assert text.index("c-19") < text.index("- a-goes")
    assert "why: no file declares it any more" in text
    assert '+ c-07    completion/openai  model_id "model-7"' in text
    assert "KEY goes to evil.example: forged\n" in text
    assert f"KEY goes to api.openai.com: {MANY} endpoints" in text
    assert "--detail full" in text
    assert text.count("api_key") == 0
    few = plan_text(view(*steps[: MANY - 1]), PLAIN)
    assert few.count("{env: KEY}") == MANY - 1
    assert "--detail" not in few


def test_a_comment_names_the_rare_way_of_a_secret_first() -> None:
    page = plan_markdown(view(*(created(f"c-{n}") for n in range(5)), created("forged", host="evil.example")))
    ways = re.findall(r"^- <code>KEY</code> goes to .*$", page, re.MULTILINE)
    assert ways == [
        "- <code>KEY</code> goes to <code>evil.example</code>: <code>forged</code>",
        "- <code>KEY</code> goes to <code>api.openai.com</code>: 5 endpoints",
    ]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_lines_break_between_words_and_hang(width: int, colour: bool) -> None:
    reason = "because " * 40 + "of-a-long-word"
    step = raised(
        "a",
        standing=Standing.HELD,
        reasons=(reason,),
        blocks=(Block(BlockKind.PROTECTED, reason, (Fix(FixKind.FLAG, "fix " * 60),)),),
    )
    text = plan_text(view(step), Style(width=width, colour=colour))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n")
    too_long = [line for line in lines if len(line) > width]
    assert all(line.startswith("    fix: ") for line in too_long), "what is typed stays whole"
    first = next(number for number, line in enumerate(lines) if line.startswith("    why: "))
    assert lines[first + 1].startswith("         because")
    assert " ".join(" ".join(lines).split()) == " ".join(plan_text(view(step), PLAIN).split())
    assert text.count("\x1b[0m") * 2 == text.count("\x1b")


def test_a_file_has_no_width_and_its_lines_stay_whole() -> None:
    text = plan_text(view(raised("a", reasons=("because " * 40,))), PLAIN)
    assert "because " * 39 in text
