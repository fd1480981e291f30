"""The runs that the ledger holds, as a view and as text."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from inferctl.report.escape import clean
from inferctl.report.shape import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.ledger.records import RunRecord
    from inferctl.report.shape.ledger import HistoryView, RunView


def history_view(runs: Sequence[RunRecord]) -> HistoryView:
    """The runs as they are noted. `schema/history.json` describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "history",
        "runs": [cast("RunView", asdict(run)) for run in runs],
    }


def history_text(runs: Sequence[RunRecord], inference_id: str | None, *, ascii_only: bool) -> str:
    """A line per run, and below it its steps; with an id only those of that endpoint."""
    if not runs:
        return "No runs.\n"
    lines: list[str] = []
    for run in runs:
        ended = "did not end, or was killed" if run.exit_code is None else f"exit code {run.exit_code}"
        parts = [run.started_at, run.who, run.command, run.commit[:12], ended, run.run_url]
        lines.append("  ".join(part for part in parts if part))
        for step in run.results:
            if inference_id in (None, step.inference_id) and step.result != "no-op":
                detail = f": {' '.join(step.detail.split())}" if step.detail else ""
                lines.append(f"    {step.action} {step.inference_id}: {step.result}{detail}")
        if run.exit_code is None:
            lines += [
                f"    planned {name}: {what}"
                for name, what in sorted(run.planned.items())
                if inference_id in (None, name)
            ]
    return "".join(f"{clean(line, ascii_only=ascii_only)}\n" for line in lines)
