"""The view as text for a terminal or a CI log: what a tired engineer needs, in the order they need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import say, without_commands
from inferctl.report.field_change import leaf
from inferctl.report.fixes import fix_lines
from inferctl.report.references import used_by, user_lines
from inferctl.report.sentences import (
    cluster_words,
    is_plain,
    is_plain_create,
    is_shown,
    kind_words,
    plan_summary,
    secret_words,
    standing_symbol,
    verdict_words,
)
from inferctl.report.text_lines import COLOURS, origin_lines, remark_lines, sentence, stop_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.report.field_change import Leaf
    from inferctl.report.shape.run import BlockView, ChangeView, PlanView, RefsView
    from inferctl.report.style import Style

_ALIGN = 60


def plan_text(view: PlanView, style: Style) -> str:
    """Cluster, stops, what is unfinished, a block per step, warnings and notes, the summary, the verdict.

    Ends in a newline.
    """
    lines = [*origin_lines(view["cluster"], view["run"], view["scope"], style), ""]
    lines += stop_lines(view["stops"], style)
    lines += remark_lines(view["unfinished"], (), style)
    in_list = False
    for change in filter(is_shown, view["changes"]):
        plain = is_plain_create(change)
        if in_list and not plain:
            lines.append("")
        lines += [_plain_create(change, style)] if plain else [*_change(change, style), ""]
        in_list = plain
    if in_list:
        lines.append("")
    lines += remark_lines(view["warnings"], view["notes"], style)
    lines.append(style.paint(plan_summary(view), "bold"))
    if not view["complete"] and not view["stops"]:
        lines.append(style.paint("Incomplete: not everything could be read.", "red"))
    if not is_plain(view["verdict"]):
        lines.append(style.paint(verdict_words(view["verdict"]), "red" if view["verdict"]["exit_code"] else "yellow"))
    return without_commands("\n".join(lines) + "\n")


def refs_text(view: RefsView, style: Style) -> str:
    """The cluster, then a block per endpoint. Ends in a newline."""
    lines = [style.paint(f"Cluster {say(cluster_words(view['cluster']), style)}", "bold")]
    for endpoint in view["endpoints"]:
        kind = say(kind_words(endpoint["task_type"], endpoint["service"]), style)
        lines += ["", f"{style.paint(say(endpoint['id'], style), 'bold')}  {kind}"]
        lines += [f"    {label}: {say(value, style)}" for label, value in user_lines(endpoint["references"])]
    return "\n".join(lines) + "\n"


def _plain_create(change: ChangeView, style: Style) -> str:
    name = style.paint(say(change["id"], style), "bold")
    kind = say(kind_words(change["task_type"], change["service"]), style)
    return f"{style.symbol(change['symbol'])} {name}  {kind}  {_place(change, style)}".rstrip()


def _place(change: ChangeView, style: Style) -> str:
    source = change["source"]
    if not source:
        return ""
    line = f":{source['line']}" if source["line"] else ""
    return style.paint(f"at {say(source['file'], style)}{line}", "dim")


def _change(change: ChangeView, style: Style) -> Iterator[str]:
    mark = standing_symbol(change)
    symbol = style.symbol(change["symbol"])
    head = f"{style.symbol(mark)} {symbol}" if mark else symbol
    name = style.paint(say(change["id"], style), "bold")
    kind = say(kind_words(change["task_type"], change["service"]), style)
    standing = f"  ({change['standing']})" if change["standing"] != "ready" else ""
    yield f"{head} {name}  {kind}{standing}"
    for reason in change["reasons"]:
        yield f"    why: {sentence(reason, style)}"
    yield from _fields([leaf(field, style, style.columns, change["reasons"]) for field in change["fields"]], style)
    secrets = secret_words(change)
    if secrets:
        yield f"    secrets: {say(secrets, style)}"
    if _will_do(change):
        yield f"    steps: {say('; '.join(change['substeps']), style)}"
    for label, value in used_by(change):
        yield f"    {label}: {say(value, style)}"
    for block in change["blocks"]:
        yield from _block(block, change["standing"], style)
    for warning in change["warnings"]:
        yield f"    {style.paint('warning:', 'yellow')} {sentence(warning, style)}"
    if change["source"]:
        yield f"    {_place(change, style)}"


def _will_do(change: ChangeView) -> bool:
    """Whether the parts of a replace matter: of a blocked one nothing is done."""
    return bool(change["substeps"]) and change["standing"] in ("ready", "held")


def _fields(leaves: Sequence[Leaf], style: Style) -> Iterator[str]:
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


def _block(block: BlockView, standing: str, style: Style) -> Iterator[str]:
    word = standing if standing in ("held", "blocked", "unknown") else "note"
    yield f"    {style.paint(f'{word}:', COLOURS.get(word))} {sentence(block['text'], style)}"
    yield from fix_lines(block["fixes"], style, "    ")
