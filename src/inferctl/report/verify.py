"""How endpoints were found, as the source form and as text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from inferctl.applier.check_up import Verdict
from inferctl.report.escape import clean
from inferctl.report.plan_view import cluster_view
from inferctl.report.sentences import counted, kind_words, on_one_line
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.text_lines import cluster_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.applier.check_up import CheckUp
    from inferctl.planner.plan import Plan
    from inferctl.report.shape.run import ThisRunView
    from inferctl.report.shape.verify import VerifyView
    from inferctl.report.style import Colour, Style

_COLOURS: dict[str, Colour] = {"good": "green", "not good": "red", "not tried": "yellow"}


def verify_view(
    found: Sequence[CheckUp],
    exit_code: int,
    plan: Plan,
    *,
    run: ThisRunView | None = None,
    pinned: bool | None = None,
) -> VerifyView:
    """`schema/verify.json` describes it. `run`: where there is an environment; `pinned`: see `cluster_view`."""
    counts = Counter(one.verdict for one in found)
    view: VerifyView = {
        "format_version": FORMAT_VERSION,
        "kind": "verify",
        "cluster": cluster_view(plan.capabilities, pinned=pinned),
        "scope": plan.scope,
        "exit_code": int(exit_code),
        "summary": {
            "good": counts[Verdict.GOOD],
            "not_good": counts[Verdict.NOT_GOOD],
            "not_tried": counts[Verdict.NOT_TRIED],
        },
        "endpoints": [
            {
                "id": one.inference_id,
                "task_type": one.task_type,
                "service": one.service,
                "verdict": one.verdict.value,
                "state": one.state,
                "detail": one.detail,
            }
            for one in found
        ],
        "notes": list(plan.notes),
    }
    if run is not None:
        view["run"] = run
    return view


def verify_text(view: VerifyView, style: Style) -> str:
    """A line per endpoint, and what is wrong below it; then the counts. Ends in a newline."""
    lines = [*cluster_lines(view["cluster"], view.get("run"), style), ""]
    for one in view["endpoints"]:
        kind = kind_words(one["task_type"], one["service"])
        state = f"  ({one['state']})" if one["state"] else ""
        word = style.paint(one["verdict"], _COLOURS[one["verdict"]])
        lines.append(f"{_said(one['id'], style)}  {_said(kind, style)}  {word}{state}")
        if one["detail"]:
            lines.append(f"    {_said(on_one_line(one['detail']), style)}")
    lines += ["", *(f"note: {_said(note, style)}" for note in view["notes"])]
    summary = view["summary"]
    counts = [f"{counted(summary['good'], 'endpoint')} good"]
    counts += [f"{summary['not_good']} not good"] if summary["not_good"] else []
    counts += [f"{summary['not_tried']} not tried"] if summary["not_tried"] else []
    lines.append(style.paint(f"Verify: {', '.join(counts)}. Exit code {view['exit_code']}.", "bold"))
    return "\n".join(lines) + "\n"


def _said(text: str, style: Style) -> str:
    return clean(text, ascii_only=style.ascii)
