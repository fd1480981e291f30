"""docs/reference/privileges.md shows the table that the roles are made from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inferctl.client.command_privileges import USES
from inferctl.client.privileges import CALLS, VERIFIED
from inferctl.model.open_questions.requests_and_answers import PRIVILEGES

from .generated import check_part
from .pages import DOCS, anchor_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.client.command_privileges import Need

PAGE = DOCS / "reference" / "privileges.md"


def listed(needs: Iterable[Need]) -> str:
    """Those of the cluster first, then index by index."""
    by_index: dict[str, list[str]] = {}
    for privilege in sorted((need.privilege for need in needs), key=lambda p: (p.on, p.name)):
        by_index.setdefault(privilege.on, []).append(f"`{privilege.name}`")
    return "; ".join(", ".join(names) + (f" on `{on}`" if on else "") for on, names in by_index.items())


def linked(source: str) -> str:
    """With links where it names pages of the documentation."""
    return re.sub(r"docs/reference/(\S+\w)", r"[\1](\1)", source)


def test_commands() -> None:
    lines = ["| Command | When | Needs | Says what it did not see without |", "| --- | --- | --- | --- |"]
    for use in USES:
        needs = use.needs()
        must, may = listed(n for n in needs if not n.optional), listed(n for n in needs if n.optional)
        lines.append(f"| `{use.command}` | {use.case or 'always'} | {must or 'nothing'} | {may} |")
    check_part(PAGE, "commands", "\n".join(lines))


def test_requests() -> None:
    lines = ["| Request | To | Smallest privilege | Action | Source of the action |", "| --- | --- | --- | --- | --- |"]
    for call in CALLS.values():
        requests = ", ".join(f"`{request}`" for request in call.requests)
        privilege = "none" if call.privilege is None else f"`{call.privilege.name}`"
        where = f" on `{call.privilege.on}`" if call.privilege and call.privilege.on else ""
        only = " (Serverless only)" if call.serverless else ""
        source = linked(call.source) or "**uncertain**"
        lines.append(f"| {requests} | {call.purpose} | {privilege}{where}{only} | {call.action} | {source} |")
    check_part(PAGE, "requests", "\n".join(lines))


def test_versions() -> None:
    lines = [f"The answers are the same on {', '.join(VERIFIED)}.", "", "Not proven:", ""]
    lines += [
        f"- {one.statement} ([what would settle it](server/open-questions.md#{anchor_of(one.id)}))"
        for one in PRIVILEGES
    ]
    check_part(PAGE, "versions", "\n".join(lines))
