"""Who uses an endpoint, as lines that every format shows: a label and a value, raw."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from inferctl.client.privileges import privilege_of
from inferctl.model.ids import REGION_POLICY
from inferctl.planner.references import Reference, References, UserKind
from inferctl.report.sentences import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inferctl.report.shape.run import ChangeView, ReferencesView, UseView

_HOWS = 3  # of one document


def references_view(references: References) -> ReferencesView:
    """Both views and what differs between them. Names come from either; `scan` says where it found them."""
    view = {
        **{_key(kind): list(references.names(kind)) for kind in UserKind},
        "server": {"pipelines": sorted(references.pipelines), "indexes": sorted(references.indexes)}
        if references.asked
        else None,
        "scan": None if references.scan is None else _uses(references.scan),
        "scan_only": _uses(references.scan_only),
        "server_only": _uses(references.server_only),
        "unseen": list(references.unseen),
    }
    return cast("ReferencesView", view)


def user_lines(found: ReferencesView) -> list[tuple[str, str]]:
    """`used by pipelines: a, b (on_failure)`, then where the two views differ, then what nobody could see."""
    lines = []
    by_key = cast("Mapping[str, list[str]]", found)
    for kind in UserKind:
        listed = by_key[_key(kind)]
        if listed:
            hows = _hows(found["scan"] or [], kind)
            lines.append((f"used by {kind.plural}", names([_with(name, hows.get(name, [])) for name in listed])))
    if not lines:
        lines.append(
            ("used by", "nothing that could be seen" if found["unseen"] or found["server"] is None else "nothing")
        )
    if found["server"] is None:
        lines.append(("references", f"own scan only (a dry run needs {privilege_of('dry run')})"))
    for label, uses in (
        ("seen by our scan only", found["scan_only"]),
        ("seen by the server only", found["server_only"]),
    ):
        if uses:
            lines.append((label, names([f"{use['kind']} {_with(use['name'], _places(use))}" for use in uses])))
    if found["unseen"]:
        lines.append(("not seen", "; ".join(found["unseen"])))
    return lines


def used_by(change: ChangeView) -> list[tuple[str, str]]:
    """The same of a change; that nobody asked is said where it matters."""
    if change["references"] is not None:
        return user_lines(change["references"])
    matters = change["action"] in ("delete", "replace") and change["standing"] in ("ready", "held")
    matters = matters and change["id"] != REGION_POLICY  # without it nothing is denied
    return [("used by", "not checked")] if matters else []


def _uses(uses: Sequence[Reference]) -> list[UseView]:
    return [{"kind": use.kind.word, "name": use.name, "how": use.how, "through": use.through} for use in uses]


def _key(kind: UserKind) -> str:
    """`index_templates`: the key of their names."""
    return kind.plural.replace(" ", "_")


def _hows(uses: Sequence[UseView], kind: UserKind) -> dict[str, list[str]]:
    by_label: dict[str, list[str]] = {}
    for use in uses:
        if use["kind"] == kind.word:
            by_label.setdefault(use["name"], []).extend(_places(use))
    return by_label


def _places(use: UseView) -> list[str]:
    through = f"through pipeline {use['through']}" if use["through"] else ""
    text = ", ".join(part for part in (use["how"], through) if part)
    return [text] if text else []


def _with(name: str, hows: Sequence[str]) -> str:
    if not hows:
        return name
    more = f"; {len(hows) - _HOWS} more" if len(hows) > _HOWS else ""
    return f"{name} ({'; '.join(hows[:_HOWS])}{more})"
