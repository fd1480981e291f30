"""One field change as text: `path: before -> after`. Text and markdown share it, so they cannot disagree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from inferctl.report.escape import clean, cut, cut_pair
from inferctl.secrets.mask import MASK
from inferctl.secrets.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.report.plan_groups import Detail
    from inferctl.report.shape.run import ChangeView
    from inferctl.report.shape.setting import FieldView
    from inferctl.report.style import Style

_PATH_LIMIT = 160
_ALIGN = 60


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field change ready to print: clean, cut to `limit`. `before` and `after` are None where not there."""

    symbol: str
    path: str
    before: str | None
    after: str | None
    note: str


def leaf(field: FieldView, style: Style, limit: int, reasons: Sequence[str] = ()) -> Leaf:
    """The symbol says what happens to the leaf: + appears, - goes, ~ changes, = stays.

    A note that stands among the `reasons` of the change is not said twice.
    """
    before = _side(field, "before", style)
    after = _side(field, "after", style)
    stays = before is not None and before == after
    if stays:
        before = None
    if before is not None and after is not None:
        before, after = cut_pair(before, after, limit, style.ellipsis)
    elif before is not None:
        before = cut(before, limit, style.ellipsis)
    elif after is not None:
        after = cut(after, limit, style.ellipsis)
    elif field["sensitive"]:
        after = MASK
    one_sided = "before" in field or "after" in field
    symbol = "~" if ("before" in field) == ("after" in field) or not one_sided else "+" if "after" in field else "-"
    if stays and not field["sensitive"]:  # a secret that is sent again is shown by its reference on both sides
        symbol = "="
    path = cut(clean(field["path"], ascii_only=style.ascii), _PATH_LIMIT, style.ellipsis)
    name = field["path"].rpartition(".")[2]
    note = "" if {field["note"], f"{name} {field['note']}"} & set(reasons) else field["note"]
    return Leaf(symbol, path, before, after, clean(note, ascii_only=style.ascii))


def leaf_lines(leaves: Sequence[Leaf], style: Style) -> Iterator[str]:
    """A line for each; three where both sides do not fit on one."""
    pad = max((len(one.path) for one in leaves if len(one.path) <= _ALIGN), default=0) + 1
    for one in leaves:
        head = f"    {style.symbol(one.symbol)} "
        key = f"{one.path}:".ljust(pad)
        note = f"  ({one.note})" if one.note else ""
        both = one.before is not None and one.after is not None
        value = f"{one.before} -> {one.after}" if both else one.after if one.before is None else one.before
        if both and 6 + len(key) + 1 + len(value or "") > style.columns:
            yield f"{head}{one.path}:{note}"
            yield f"        {style.symbol('-')} {one.before}"
            yield f"        {style.symbol('+')} {one.after}"
        else:
            yield f"{head}{key} {value or '(changes)'}{note}"


def fields_of(change: ChangeView, detail: Detail) -> list[FieldView]:
    """What differs; of a new endpoint everything that is declared. `full`: of a replace, what stays as well."""
    if change["action"] != "create" and detail != "full":
        return change["fields"]
    named = {field["path"] for field in change["fields"]}
    is_new = change["action"] == "create"
    made = []
    for one in change["declared"]:
        if one["path"] not in named and (is_new or not one["sensitive"]):
            sides = {"after": one["value"]} if is_new else {"before": one["value"], "after": one["value"]}
            view = {"path": one["path"], "sensitive": one["sensitive"], "note": "", **sides}
            made.append(cast("FieldView", view))
    return sorted([*change["fields"], *made], key=lambda field: field["path"])


def settings_words(change: ChangeView, style: Style) -> str:
    """The settings of a step in one line, without the secrets: `model_id "small", top_n 5 -> 10`."""
    words = []
    for field in sorted(fields_of(change, "auto"), key=_telling_first):
        if not field["sensitive"]:
            one = leaf(field, style, 80)
            sides = [side for side in (one.before, one.after) if side is not None]
            gone = " goes" if one.symbol == "-" else ""
            words.append(f"{short(one.path)} {' -> '.join(sides)}{gone}")
    return ", ".join(words)


def _telling_first(field: FieldView) -> int:
    """The model before anything else, how texts are cut last."""
    path = field["path"]
    return -1 if path == "service_settings.model_id" else int(path.startswith("chunking_settings"))


def short(path: str) -> str:
    """The path without the part that most settings are in."""
    return path.removeprefix("service_settings.").removeprefix("task_settings.")


def _side(field: FieldView, side: str, style: Style) -> str | None:
    if side == "before":
        return value_text(field["before"], field, style) if "before" in field else None
    return value_text(field["after"], field, style) if "after" in field else None


def value_text(value: object, field: FieldView, style: Style) -> str:
    """JSON on one line; a secret as its reference, `{env: NAME}`, by its fingerprint, or as `(secret)`."""
    if field["sensitive"]:
        if isinstance(value, Mapping) and value.keys() == {"fingerprint"}:
            return clean(f"(secret {value['fingerprint']})", ascii_only=style.ascii)
        reference = parse_reference(value)
        return MASK if reference is None else clean(str(reference), ascii_only=style.ascii)
    return clean(json.dumps(value, ensure_ascii=style.ascii), ascii_only=style.ascii)
