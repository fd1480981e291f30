"""`inferctl explain` for people: a row per field, what else is to be said below it, as wide as the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from inferctl.json_types import printed
from inferctl.report.escape import clean
from inferctl.report.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.report.shape.explain import (
        CodePage,
        ExplainView,
        FieldPage,
        OverviewPage,
        QuestionView,
        ServicePage,
        SettingView,
        TaskTypeView,
        UncertainPage,
    )
    from inferctl.report.style import Style

_HEADS = ("field", "type", "required", "default", "_update changes it")
_NARROW = 14  # a default longer than this stands below the row


def explain_text(view: ExplainView, style: Style) -> str:
    """Any view of `explain_view`."""
    text = "\n".join(line.rstrip() for line in _lines(view, style))
    return f"{text}\n"


def _lines(view: ExplainView, style: Style) -> Iterator[str]:
    if view["kind"] == "code":
        return _code(view, style)
    if view["kind"] == "overview":
        return _overview(view, style)
    if view["kind"] == "service":
        return _service(view, style)
    if view["kind"] == "uncertain":
        return _uncertain(view, style)
    if view["kind"] == "question":
        return _question(view["question"], style)
    return _field_page(view, style)


def _code(view: CodePage, style: Style) -> Iterator[str]:
    yield from _wrapped(f"{view['code']}: {view['title']}", style, "", colour=True)
    yield ""
    yield from _wrapped(view["explanation"], style, "")
    if view["fix"]:
        yield ""
        yield f"fix: {clean(view['fix'], ascii_only=style.ascii)}"


def _overview(view: OverviewPage, style: Style) -> Iterator[str]:
    yield style.paint("Services", "bold")
    yield from _wrapped(", ".join(view["services"]), style, "  ")
    yield ""
    yield style.paint("Codes", "bold")
    width = max(len(row["code"]) for row in view["codes"])
    for row in view["codes"]:
        yield f"  {row['code']:<{width}}  {row['title']}"
    yield ""
    yield from _wrapped(
        "inferctl explain SERVICE, SERVICE.FIELD, FIELD or CODE shows the page of one: openai, openai.api_key, "
        "rate_limit, field.range. inferctl explain --uncertain lists what is not proven.",
        style,
        "",
    )


def _service(view: ServicePage, style: Style) -> Iterator[str]:
    yield from _wrapped(f"{view['service']}: {view['title']}", style, "", colour=True)
    facts = [f"since {view['since']}"]
    if view["deprecated_since"]:
        facts.append(f"deprecated since {view['deprecated_since']}")
    if view["shown_as"]:
        facts.append(f"GET calls it {view['shown_as']}")
    yield from _wrapped(", ".join(facts) + _doubt(uncertain=view["uncertain"]), style, "")
    yield ""
    yield style.paint("Task types", "bold")
    width = max(len(task["name"]) for task in view["task_types"])
    for task in view["task_types"]:
        hanging = " " * (width + 4)
        yield from _wrapped(f"{task['name']:<{width}}  {_task(task)}", style, "  ", hanging)
    for part, fields in (("service_settings", view["service_settings"]), ("task_settings", view["task_settings"])):
        if fields:
            yield ""
            yield style.paint(part, "bold")
            yield from _fields(fields, style)
    for head, texts in (("Rules", view["rules"]), ("Notes", view["notes"])):
        if texts:
            yield ""
            yield style.paint(head, "bold")
            for text in texts:
                yield from _wrapped(text, style, "- ", "  ")


def _task(task: TaskTypeView) -> str:
    parts = [f"since {task['since']}" if task["since"] else "in no release"]
    if task["rate_limit"] is not None:
        until = f" until {task['rate_limit_until']}" if task["rate_limit_until"] else ""
        parts.append(f"{task['rate_limit']} requests per minute{until}")
    return ", ".join(parts) + (f"; {task['note']}" if task["note"] else "") + _doubt(uncertain=task["uncertain"])


def _doubt(*, uncertain: bool) -> str:
    return " (uncertain)" if uncertain else ""


def _field_page(view: FieldPage, style: Style) -> Iterator[str]:
    for number, group in enumerate(view["pages"]):
        if number:
            yield ""
        yield from _wrapped(", ".join(group["services"]), style, "", colour=True)
        yield from _fields([group["field"]], style)


def _uncertain(view: UncertainPage, style: Style) -> Iterator[str]:
    for topic in view["topics"]:
        yield style.paint(topic["topic"], "bold")
        for question in topic["questions"]:
            yield f"  {question['id']}"
            yield from _wrapped(question["statement"], style, "      ")
            yield from _wrapped(_known_from(question), style, "      ")
        yield ""
    number = sum(len(topic["questions"]) for topic in view["topics"])
    yield from _wrapped(
        f"{counted(number, 'fact')} not proven. inferctl explain ID shows the requests that would settle one.",
        style,
        "",
    )


def _known_from(question: QuestionView) -> str:
    return f"servers: {question['versions']}; {', '.join(question['evidence'])}: {', '.join(question['sources'])}"


def _question(question: QuestionView, style: Style) -> Iterator[str]:
    yield style.paint(f"{question['id']}: not proven", "bold")
    yield ""
    yield from _wrapped(question["statement"], style, "")
    yield from _wrapped(_known_from(question), style, "")
    if question["by_hand"]:
        yield ""
        yield from _wrapped(f"To settle it: {question['by_hand']}", style, "")
        return
    yield ""
    yield style.paint("To settle it", "bold")
    if question["needs"]:
        yield from _wrapped(f"needs {question['needs']}", style, "  ")
    for number, request in enumerate(question["requests"], 1):
        yield f"  {number}. {request['method']} {request['path']}"
        if request["body"] is not None:
            yield from (f"     {line}" for line in printed(request["body"], indent=2).splitlines())
    yield ""
    yield style.paint("What the last answer means", "bold")
    for answer in question["answers"]:
        yield from _wrapped(f"{answer['answer']}: {answer['means']}", style, "- ", "  ")


def _fields(fields: list[SettingView], style: Style) -> Iterator[str]:
    rows = list(_flat(fields, ""))
    cells = [_cells(name, field) for name, field in rows]
    widths = [max(len(row[column]) for row in [_HEADS, *cells]) for column in range(len(_HEADS))]
    as_table = sum(widths) + 2 * len(widths) <= style.columns
    if as_table:
        yield style.paint(_row(_HEADS, widths), "dim")
    for (name, field), row in zip(rows, cells, strict=True):
        if as_table:
            yield _row(row, widths)
        else:
            yield f"  {name}"
            facts = [f"{head}: {cell}" for head, cell in zip(_HEADS[1:], row[1:], strict=True) if cell]
            yield from _wrapped("; ".join(facts), style, "      ")
        for line in _details(field):
            yield from _wrapped(line, style, "      ", "        ")


def _flat(fields: list[SettingView], owner: str) -> Iterator[tuple[str, SettingView]]:
    for field in fields:
        yield f"{owner}{field['name']}", field
        yield from _flat(field["fields"], f"{owner}{field['name']}.")


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(name: str, field: SettingView) -> tuple[str, ...]:
    kind = "secret" if field["secret"] else field["type"]
    required = field["required"] if field["required"] in ("yes", "no") else "depends"
    default = field["default"] if len(field["default"]) <= _NARROW else "below"
    update = f"from {field['update']['since']}" if field["update"]["since"] else "never"
    return name, kind, required, default, update + ("?" if field["update"]["uncertain"] else "")


def _details(field: SettingView) -> list[str]:
    """What does not fit a row, a line each."""
    words = [f"{v['value']} (since {v['since']})" if v["since"] else str(v["value"]) for v in field["values"]]
    life = [f"since {field['since']}" if field["since"] else "", f"until {field['until']}" if field["until"] else ""]
    lines = [
        ("", field["description"]),
        ("type: ", field["type"] if field["secret"] else ""),
        ("required: ", "" if field["required"] in ("yes", "no") else field["required"]),
        ("default: ", field["default"] if len(field["default"]) > _NARROW else ""),
        ("one of: ", ", ".join(words)),
        ("for: ", ", ".join(field["task_types"])),
        ("", ", ".join(filter(None, life))),
        ("", field["put"]),
        ("", field["shown"]),
        ("also written: ", ", ".join(field["aliases"])),
        ("_update: ", field["update"]["note"]),
        ("note: ", field["note"]),
        ("", "uncertain: read it back" if field["uncertain"] else ""),
    ]
    return [f"{head}{text}" for head, text in lines if text]


def _wrapped(text: str, style: Style, first: str, other: str | None = None, *, colour: bool = False) -> Iterator[str]:
    safe = clean(text, ascii_only=style.ascii)
    lines = textwrap.wrap(
        safe,
        width=style.columns,
        initial_indent=first,
        subsequent_indent=first if other is None else other,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        yield style.paint(line, "bold") if colour else line
