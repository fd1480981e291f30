"""What a report of a plan says once: steps that differ in nothing but their endpoint, and secrets with one way.

`--detail auto` groups and, above a number of groups, folds what needs no look; `full` tells every step on its own;
`none` names the groups only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, get_args

from inferctl.report.fixes import of_anybody, one_fix
from inferctl.report.sentences import counted, is_shown, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inferctl.report.shape.run import BlockView, ChangeView, PlanView
    from inferctl.report.shape.setting import SentSecretView

Detail = Literal["auto", "full", "none"]
DETAILS: tuple[Detail, ...] = get_args(Detail)
# More groups than these are too many to read one by one.
MANY = 20
_OWN = ("id", "source", "secrets")
Group = list["ChangeView"]


def shown_groups(view: PlanView, detail: Detail) -> list[Group]:
    """The steps of a plan, by id of their first; in one group those that differ in nothing but their endpoint."""
    steps = [change for change in view["changes"] if is_shown(change)]
    if detail == "full":
        return [[change] for change in steps]
    alike: dict[str, Group] = {}
    for change in steps:
        alike.setdefault(_key(change), []).append(change)
    return list(alike.values())


def _key(change: ChangeView) -> str:
    """What makes no difference: the age of a secret, a fix that names its endpoint, what a replace leaves as it is."""
    rest = {key: value for key, value in change.items() if key not in _OWN}
    if change["action"] != "create":
        del rest["declared"]
    rest["blocks"] = [
        {**block, "fixes": [of_anybody(fix, change["id"]) for fix in block["fixes"]]} for block in change["blocks"]
    ]
    rest["secrets"] = [(secret["path"], secret["state"], secret["why"]) for secret in change["secrets"]]
    return json.dumps(rest, sort_keys=True)


def blocks_of(group: Group, detail: Detail) -> list[BlockView]:
    """What keeps a group from being done, with the fixes of all: a permit has a line for each, a flag stands for each.

    `auto`: of many, the permits that more lines are for, and no flags that name one.
    """
    if len(group) == 1:
        return group[0]["blocks"]
    most = MANY if detail == "auto" else len(group)
    merged: list[BlockView] = []
    for place, block in enumerate(group[0]["blocks"]):
        same = zip(*(change["blocks"][place]["fixes"] for change in group), strict=True)
        fixes = [fix for of_each in same if (fix := one_fix(of_each, most))["text"]]
        merged.append({**block, "fixes": fixes})
    return merged


def needs_a_look(group: Group) -> bool:
    """Whether somebody has to read it: it waits, it takes something away, or it has something to say."""
    change = group[0]
    return change["standing"] != "ready" or change["action"] in ("replace", "delete") or bool(change["warnings"])


def secret_name(sent: SentSecretView) -> str:
    """`OPENAI_API_KEY`, or the path of its file."""
    (name,) = sent["secret"].values()
    return str(name)


def whether_set(sent: SentSecretView) -> str:
    """`set`, `not set here`, or nothing where nobody looked."""
    return "" if sent["set"] is None else "set" if sent["set"] else "not set here"


def destination(sent: SentSecretView, service: str) -> str:
    """The hosts that get a secret, in words."""
    return " and ".join(sent["hosts"]) or f"the provider of {service}"


def ways_of_secrets(changes: Iterable[ChangeView]) -> list[tuple[SentSecretView, str, list[str]]]:
    """Each secret with where it goes, and the ids of the endpoints with whose steps it goes there. Fewest ids first."""
    ways: dict[str, tuple[SentSecretView, str, list[str]]] = {}
    for change in changes:
        for sent in change["sends"]:
            where = destination(sent, change["service"])
            key = json.dumps([sent["secret"], sent["set"], where])
            ways.setdefault(key, (sent, where, []))[2].append(change["id"])
    ordered = sorted(ways.values(), key=lambda way: (len(way[2]), secret_name(way[0]), way[1]))
    return [(sent, where, list(dict.fromkeys(ids))) for sent, where, ids in ordered]


def named(ids: Sequence[str], most: int) -> str:
    """The ids where they are few, else how many they are."""
    return names(list(ids)) if len(ids) <= most else counted(len(ids), "endpoint")
