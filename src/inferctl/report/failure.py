"""Why a command ended without a plan and without an outcome: for people and programs, in all three formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.diagnostics import bounded, in_order
from inferctl.fix import advice
from inferctl.report.escape import say, without_commands
from inferctl.report.fixes import fix_lines, fixes_view
from inferctl.report.next_step import command_of, then
from inferctl.report.plan_view import cluster_view
from inferctl.report.sentences import verdict_words
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.text_lines import origin_lines

if TYPE_CHECKING:
    from inferctl.diagnostics import Diagnostic
    from inferctl.exit_codes import Exit
    from inferctl.fix import Fix
    from inferctl.planner.plan import Capabilities
    from inferctl.report.shape.failure import FailureView
    from inferctl.report.shape.run import ThisRunView
    from inferctl.report.style import Style

NOT_ENDED = "run.not-ended"
NOT_STARTED = "run.not-started"
_OF_PLANS = ("plan", "show")
_WRITING = ("apply", "rotate", "destroy")
_ANY_TIME = ("interrupted", "internal", "output", NOT_ENDED)
_NOTHING_SENT = "This run wrote to no endpoint: what is live is as it was before it."


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed. `exit_code` is None while the run is under way. `seen`: the cluster, where it was reached.

    `pinned`: see `cluster_view`. `again`: what is to be typed to run it again, "" where nobody typed it.
    """

    exit_code: Exit | None
    code: str
    text: str
    fixes: tuple[Fix, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    scope: str = ""
    seen: Capabilities | None = None
    pinned: bool | None = None
    again: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", bounded(self.text))


def not_ended(scope: str = "") -> Failure:
    """What stands in a report until the run ends: a run that is killed leaves it behind, and nothing older."""
    return Failure(None, NOT_ENDED, "this run has not ended, or it was killed: what it did is not known", scope=scope)


def not_started(scope: str = "") -> Failure:
    """Of an environment whose turn did not come."""
    return Failure(None, NOT_STARTED, "this run was not started: the command was interrupted before", scope=scope)


def failure_view(failure: Failure, run: ThisRunView) -> FailureView:
    """`schema/failure.json` describes it."""
    from inferctl.report.json import diagnostics_view  # noqa: PLC0415  read where there is something to say

    ended = failure.exit_code
    command = run["command"] or "the command"
    return {
        "format_version": FORMAT_VERSION,
        "kind": "failure",
        "run": run,
        "scope": failure.scope,
        "cluster": cluster_view(failure.seen, pinned=failure.pinned),
        "verdict": {
            "exit_code": None if ended is None else int(ended),
            "name": "NOT_ENDED" if ended is None else ended.name,
            "text": _without_end(command, failure.code) if ended is None else f"exit code {int(ended)}",
            "reasons": failure.text.splitlines(),
        },
        "error": {
            "code": failure.code,
            "text": failure.text,
            "fixes": fixes_view(failure.fixes),
        },
        "live": _NOTHING_SENT if _is_before_writes(failure, run) else "",
        "next": _next(failure, run),
        "diagnostics": diagnostics_view(failure.diagnostics)["diagnostics"],
    }


def _without_end(command: str, code: str) -> str:
    return f"{command} {'was not started' if code == NOT_STARTED else 'has not ended'}"


def _is_before_writes(failure: Failure, run: ThisRunView) -> bool:
    """An apply that has begun to write ends with an outcome, but for a defect and the second signal."""
    return run["command"] in _WRITING and failure.exit_code is not None and failure.code not in _ANY_TIME


def _next(failure: Failure, run: ThisRunView) -> str:
    """What to do, and to type, after an apply that did not begin."""
    if not _is_before_writes(failure, run):
        return ""
    fixes = failure.fixes or ((advice("correct the files"),) if failure.diagnostics else ())
    typed = "" if failure.code == "usage" else failure.again  # then it is the typed line that was wrong
    return then(fixes_view(fixes), typed or command_of(run))


def failure_text(failure: Failure, run: ThisRunView, style: Style) -> str:
    """The cluster and the run, findings in files, what failed and what mends it, the verdict. Ends in a newline."""
    view = failure_view(failure, run)
    lines = [*origin_lines(view["cluster"], run, view["scope"], style), ""]
    if failure.diagnostics:
        from inferctl.report.diagnostics import diagnostics_text  # noqa: PLC0415  as above

        lines.append(diagnostics_text(failure.diagnostics, style))
    error = view["error"]
    head, *rest = error["text"].splitlines() or [""]
    lines.append(f"{style.paint('error[' + say(error['code'], style) + ']:', 'red')} {say(head, style)}")
    lines += [say(line, style) for line in rest]
    lines += fix_lines(error["fixes"], style)
    if view["live"]:
        lines += ["", view["live"]]
    lines += ["", style.paint(verdict_words(view["verdict"]), "bold")]
    if view["next"]:
        lines.append(f"next: {say(view['next'], style)}")
    return without_commands("\n".join(lines) + "\n")


def failure_markdown(failure: Failure, run: ThisRunView) -> str:
    """The same as a comment: under the marker that the plan, or the outcome, would have had. Ends in a newline."""
    from inferctl.report.markdown import Page, add_origin, code, fix_remarks, heading, prose  # noqa: PLC0415  as above

    view = failure_view(failure, run)
    error = view["error"]
    title = heading("plan" if run["command"] in _OF_PLANS else "apply", view["scope"], run)
    page = Page(f"{title}**{prose(verdict_words(view['verdict']))}**\n\n")
    head, *rest = error["text"].splitlines() or [""]
    page.add(f"{code(error['code'])}: {prose(head, 2_000)}\n\n")
    page.left_out("line", len(rest) - page.all_that_fit([f"- {prose(line, 500)}\n" for line in rest]))
    for remark in fix_remarks(error["fixes"]):
        page.add(f"{remark}\n")
    if rest or error["fixes"]:
        page.add("\n")
    if view["live"]:
        page.add(f"{view['live']}\n\n")
    if view["next"]:
        page.add(f"Next: {code(view['next'], 500)}\n\n")
    add_origin(page, view["cluster"], run, view["scope"])
    rows = [
        f"| {found.severity.value} | {code(str(found.span))} | {code(found.code)} | {prose(found.what, 500)} |\n"
        for found in in_order(failure.diagnostics)
    ]
    if rows:
        page.left_out("finding", len(rows) - page.table("| | Place | Code | What |", rows))
    return page.text()
