"""What a replace consists of, in words, in the order in which apply goes about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.services import find
from inferctl.planner.normalise import shown_name

if TYPE_CHECKING:
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change


def substeps(change: Change, old: ObservedEndpoint) -> tuple[str, ...]:
    """A model in the cluster cannot be tried: a second deployment would need the room of the first."""
    trial = () if change.runs_in_cluster else ("try the new settings under a temporary id",)
    return (*trial, "delete", "create", f"if that fails, {_way_back(change, old)}")


def _way_back(change: Change, old: ObservedEndpoint) -> str:
    """No server shows a secret: the old settings can go back only with those that the file names."""
    page = find(old.service)
    if old.service == shown_name(change.service) or (page is not None and not page.secret_fields(old.task_type)):
        return "restore the old settings"
    return f"nothing can be restored: the file has no secret of {old.service}"
