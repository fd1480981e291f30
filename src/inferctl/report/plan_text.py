"""The view as text for a terminal or a CI log: what a tired engineer needs, in the order they need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import cut_short, say, without_commands
from inferctl.report.field_change import fields_of, leaf, leaf_lines, settings_words
from inferctl.report.fixes import fix_lines
from inferctl.report.plan_groups import (
    MANY,
    blocks_of,
    destination,
    named,
    needs_a_look,
    secret_name,
    shown_groups,
    ways_of_secrets,
    whether_set,
)
from inferctl.report.references import used_by, user_lines
from inferctl.report.sentences import (
    counted,
    is_plain,
    kind_words,
    names,
    plan_summary,
    reasons_of,
    secret_words,
    standing_symbol,
    verdict_words,
)
from inferctl.report.text_lines import COLOURS, cluster_lines, origin_lines, remark_lines, sentence, stop_lines, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.report.plan_groups import Detail, Group
    from inferctl.report.shape.run import BlockView, ChangeView, PlanView, RefsView
    from inferctl.report.shape.setting import SentSecretView
    from inferctl.report.style import Style


def plan_text(view: PlanView, style: Style, detail: Detail = "auto") -> str:
    """Cluster, stops, what is unfinished, steps, warnings, notes, the summary, the verdict. Ends in a newline."""
    lines = [*origin_lines(view["cluster"], view["run"], view["scope"], style), ""]
    lines += stop_lines(view["stops"], style)
    lines += remark_lines(view["unfinished"], (), style)
    lines += _steps(shown_groups(view, detail), style, detail)
    lines += remark_lines(view["warnings"], view["notes"], style)
    lines.append(style.paint(plan_summary(view), "bold"))
    if not view["complete"] and not view["stops"]:
        lines.append(style.paint("Incomplete: not everything could be read.", "red"))
    if not is_plain(view["verdict"]):
        lines.append(style.paint(verdict_words(view["verdict"]), "red" if view["verdict"]["exit_code"] else "yellow"))
    return without_commands("\n".join(wrapped(lines, style)) + "\n")


def _steps(groups: Sequence[Group], style: Style, detail: Detail) -> Iterator[str]:
    """A block for each; of many, a line for what needs no look, first."""
    many = detail == "auto" and len(groups) > MANY
    in_line = [group for group in groups if detail == "none" or (many and not needs_a_look(group))]
    yield from _table(in_line, style, with_settings=detail != "none")
    for group in groups:
        if group not in in_line:
            yield from _block(group, style, detail)
            yield ""
    folded = [change for group in in_line for change in group]
    if many and folded:
        yield from _ways(folded, style)
        yield f"note: {counted(len(folded), 'step')} in one line each; --detail full shows all of their settings"
        yield ""


def _table(groups: Sequence[Group], style: Style, *, with_settings: bool) -> Iterator[str]:
    """A line for each group, in columns."""
    if not groups:
        return
    heads = [(_symbols(group), _name(group, style), _kind(group[0], style)) for group in groups]
    symbols, ids, kinds = (min(max(map(len, column)), 40) for column in zip(*heads, strict=True))
    for (symbol, name, kind), group in zip(heads, groups, strict=True):
        standing = "" if group[0]["standing"] == "ready" else f"  ({group[0]['standing']})"
        rest = settings_words(group[0], style) if with_settings else ""
        room = max(style.columns - symbols - ids - kinds - len(standing) - 5, 20)
        padded = style.paint(name, "bold") + " " * (ids - len(name))
        head = f"{_painted(group, style)}{' ' * (symbols - len(symbol))} {padded}  {kind.ljust(kinds)}{standing}"
        yield f"{head}  {cut_short(rest, room, style.ellipsis)}".rstrip()
        yield from _ids(group, style)
    yield ""


def _ways(changes: Sequence[ChangeView], style: Style) -> Iterator[str]:
    """Where secrets go, a line for each way, the rare ones first."""
    ways = ways_of_secrets(changes)
    if not ways:
        return
    yield "Secrets:"
    for sent, where, ids in ways:
        yield f"    {_secret(sent, where, style)}: {say(named(ids, 3), style)}"
    yield ""


def refs_text(view: RefsView, style: Style) -> str:
    """The cluster, then a block per endpoint. Ends in a newline."""
    lines = cluster_lines(view["cluster"], view.get("run"), style)
    for endpoint in view["endpoints"]:
        kind = say(kind_words(endpoint["task_type"], endpoint["service"]), style)
        lines += ["", f"{style.paint(say(endpoint['id'], style), 'bold')}  {kind}"]
        lines += [f"    {label}: {say(value, style)}" for label, value in user_lines(endpoint["references"])]
    return "\n".join(lines) + "\n"


def _place(change: ChangeView, style: Style) -> str:
    source = change["source"]
    if not source:
        return ""
    line = f":{source['line']}" if source["line"] else ""
    return style.paint(f"at {say(source['file'], style)}{line}", "dim")


def _symbols(group: Group) -> str:
    return f"{standing_symbol(group[0])} {group[0]['symbol']}".strip()


def _painted(group: Group, style: Style) -> str:
    mark = standing_symbol(group[0])
    symbol = style.symbol(group[0]["symbol"])
    return f"{style.symbol(mark)} {symbol}" if mark else symbol


def _name(group: Group, style: Style) -> str:
    return say(group[0]["id"] if len(group) == 1 else counted(len(group), "endpoint"), style)


def _kind(change: ChangeView, style: Style) -> str:
    return say(kind_words(change["task_type"], change["service"]), style)


def _block(group: Group, style: Style, detail: Detail) -> Iterator[str]:
    change = group[0]
    standing = f"  ({change['standing']})" if change["standing"] != "ready" else ""
    yield f"{_painted(group, style)} {style.paint(_name(group, style), 'bold')}  {_kind(change, style)}{standing}"
    yield from _ids(group, style)
    for reason in reasons_of(change):
        yield f"    why: {sentence(reason, style)}"
    limit = style.columns if detail == "auto" else 1_000
    yield from leaf_lines([leaf(one, style, limit, change["reasons"]) for one in fields_of(change, detail)], style)
    for sent in change["sends"]:
        yield f"    secret: {_secret(sent, destination(sent, change['service']), style)}"
    secrets = secret_words(change, with_age=len(group) == 1)
    if secrets:
        yield f"    secrets: {say(secrets, style)}"
    if _will_do(change):
        yield f"    steps: {say('; '.join(change['substeps']), style)}"
    for label, value in used_by(change):
        yield f"    {label}: {say(value, style)}"
    for block in blocks_of(group, detail):
        yield from _why_not(block, change["standing"], style)
    for warning in change["warnings"]:
        yield f"    {style.paint('warning:', 'yellow')} {sentence(warning, style)}"
    if change["source"] and len(group) == 1:
        yield f"    {_place(change, style)}"


def _ids(group: Group, style: Style) -> Iterator[str]:
    if len(group) > 1:
        yield f"    ids: {say(names([change['id'] for change in group], 5), style)}"


def _secret(sent: SentSecretView, where: str, style: Style) -> str:
    state = whether_set(sent)
    return f"{say(secret_name(sent), style)}{f' ({state})' if state else ''} goes to {say(where, style)}"


def _will_do(change: ChangeView) -> bool:
    """Whether the parts of a replace matter: of a blocked one nothing is done."""
    return bool(change["substeps"]) and change["standing"] in ("ready", "held")


def _why_not(block: BlockView, standing: str, style: Style) -> Iterator[str]:
    word = standing if standing in ("held", "blocked", "unknown") else "note"
    yield f"    {style.paint(f'{word}:', COLOURS.get(word))} {sentence(block['text'], style)}"
    yield from fix_lines(block["fixes"], style, "    ")
