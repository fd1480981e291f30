"""What a command did in several environments: a section of each, and which of them is the worst. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from inferctl.exit_codes import Exit, worst
from inferctl.report.escape import say, without_commands
from inferctl.report.failure import NOT_STARTED
from inferctl.report.sentences import counted, names, outcome_summary, plan_summary, verdict_words
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.text_lines import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.report.annotations import Document
    from inferctl.report.shape.environments import EnvironmentsView, SectionView
    from inferctl.report.shape.failure import FailureVerdictView
    from inferctl.report.style import Colour, Style


_OWN = 3_000  # characters of a comment that are kept for what stands above the sections


@dataclass(frozen=True, slots=True)
class Section:
    """One environment: its document, and what the command ended with there; None where it has not ended."""

    environment: str
    exit_code: int | None
    document: Document


def environments_view(command: str, scope: str, sections: Sequence[Section]) -> EnvironmentsView:
    """`schema/environments.json` describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "environments",
        "command": command,
        "scope": scope,
        "verdict": _verdict(sections),
        "environments": [
            {
                "environment": section.environment,
                "exit_code": section.exit_code,
                "document": cast("dict[str, Any]", section.document),
            }
            for section in sections
        ],
    }


def _verdict(sections: Sequence[Section]) -> FailureVerdictView:
    verdicts = [verdict_of(section.document, section.exit_code) for section in sections]
    codes = [verdict["exit_code"] for verdict in verdicts]
    known = [code for code in codes if code is not None]
    interrupted = Exit.INTERRUPTED in (*known, *(section.exit_code for section in sections))
    interrupted = interrupted or any(_is_not_started(section.document) for section in sections)
    code = None if len(known) < len(codes) and not interrupted else Exit.INTERRUPTED if interrupted else worst(known)
    reasons = [f"{one.environment}: {verdict['text']}" for one, verdict in zip(sections, verdicts, strict=True)]
    if code is None:
        text = f"{counted(len(codes) - len(known), 'environment')} of {len(codes)} not ended"
        return {"exit_code": None, "name": "NOT_ENDED", "text": text, "reasons": reasons}
    with_it = [section for section, one in zip(sections, codes, strict=True) if one == code]
    would_end = any(section.document["kind"] == "plan" for section in with_it)
    text = f"apply would end with {int(code)}" if would_end else f"exit code {int(code)}"
    if with_it:
        where = [section.environment for section in with_it]
        text += f" in {'each environment' if len(where) == len(codes) else names(where)}"
    return {"exit_code": int(code), "name": code.name, "text": text, "reasons": reasons}


def _is_not_started(document: Document) -> bool:
    """It says so once all is over: something interrupted the command before."""
    return document["kind"] == "failure" and bool(document["error"]["code"] == NOT_STARTED)


def verdict_of(document: Document, exit_code: int | None) -> FailureVerdictView:
    """Of one environment; that of a document without one is its exit code."""
    if "verdict" in document:
        return cast("FailureVerdictView", document["verdict"])
    code = Exit(exit_code or 0)
    return {"exit_code": int(code), "name": code.name, "text": f"exit code {int(code)}", "reasons": []}


def section_head(environment: str, number: int, of: int, style: Style) -> str:
    """The line above a section of a text. `number` begins with 1."""
    return f"{style.paint(f'==> {say(environment, style)} ({number} of {of})', 'bold')}\n"


def closing_text(view: EnvironmentsView, style: Style) -> str:
    """What became of each environment, and the worst of it. Ends in a newline."""
    width = max(len(say(section["environment"], style)) for section in view["environments"])
    lines = [style.paint(f"==> {counted(len(view['environments']), 'environment')}", "bold")]
    for section in view["environments"]:
        code = section["exit_code"]
        name = say(section["environment"], style).ljust(width)
        ended = "-" if code is None else str(code)
        lines.append(f"  {name}  {style.paint(f'{ended:>3}', _colour(code))}  {say(_what(section), style)}")
    lines += ["", style.paint(verdict_words(view["verdict"]), "bold")]
    return without_commands("\n".join(wrapped(lines, style)) + "\n")


def _colour(code: int | None) -> Colour | None:
    return "yellow" if code is None or code == Exit.CHANGES else "red" if code else "green"


def _what(section: SectionView) -> str:
    """What came of one environment, in a line: raw."""
    document: Any = section["document"]
    kind = document["kind"]
    if kind == "plan":
        verdict = document["verdict"]
        return " ".join([plan_summary(document), *([verdict_words(verdict)] if verdict["exit_code"] else [])])
    if kind == "apply":
        return outcome_summary(document)
    if kind == "failure":
        return str(document["error"]["text"]).partition("\n")[0]
    summary = document["summary"]
    if kind == "diagnostics":
        return f"{counted(summary['errors'], 'error')}, {counted(summary['warnings'], 'warning')}."
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary.items()) + "."


def environments_text(view: EnvironmentsView, texts: Sequence[str], style: Style) -> str:
    """`texts` are those of the sections."""
    heads = (
        section_head(section["environment"], number, len(texts), style)
        for number, section in enumerate(view["environments"], 1)
    )
    return "".join(f"{head}{text}\n" for head, text in zip(heads, texts, strict=True)) + closing_text(view, style)


def environments_markdown(view: EnvironmentsView, pages: Sequence[str], label: str) -> str:
    """One comment: what became of each environment, and the page of each without its marker and title."""
    from inferctl.report.markdown import Page, marker, prose  # noqa: PLC0415  read where there is something

    kind = "plan" if view["command"] in ("plan", "show") else "apply"
    page = Page(f"{marker(kind, view['scope'], label)}\n## inferctl {view['command']} on {prose(label)}\n\n")
    page.add(f"**{prose(verdict_words(view['verdict']))}**\n\n")
    rows = [
        f"| {prose(section['environment'])} | {'' if section['exit_code'] is None else section['exit_code']} "
        f"| {prose(_what(section), 500)} |\n"
        for section in view["environments"]
    ]
    page.left_out("environment", len(rows) - page.table("| Environment | Exit code | What |", rows))
    parts = list(_page_parts(view, pages))
    page.left_out("section", len(parts) - page.all_that_fit(parts))
    return page.text()


def is_long(page: str, of: int) -> bool:
    """Whether one of so many pages would keep others out of the comment."""
    from inferctl.report.markdown import LIMIT  # noqa: PLC0415  as above

    return len(page) > (LIMIT - _OWN) // of


def _page_parts(view: EnvironmentsView, pages: Sequence[str]) -> Iterator[str]:
    from inferctl.report.markdown import prose  # noqa: PLC0415  as above

    for section, page in zip(view["environments"], pages, strict=True):
        yield f"## {prose(section['environment'])}\n\n{page.partition(chr(10) * 2)[2]}\n"
