"""Sentences that more than one format says: the summary line, counts, what each result is called."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from inferctl.model.fact_words import first_of
from inferctl.model.ids import REGION_POLICY
from inferctl.planner.action import NOT_THERE, Standing
from inferctl.syntax.flow_style import scalar_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.shape.failure import FailureVerdictView
    from inferctl.report.shape.run import (
        ChangeView,
        ClusterView,
        OutcomeView,
        PlanView,
        ThisRunView,
        VerdictView,
    )

_UUID = re.compile(r"(?!_na_$)[A-Za-z0-9_\-]{1,100}")  # _na_: a node that is in no cluster yet
_MARKS = {standing.word: standing.symbol for standing in Standing}
_ALWAYS = ("create", "update", "replace", "delete")
_SOMETIMES = ("adopt", "forget", "repair", "verify")
_NOT_ENDS = ("ignored", "noop")  # counted among the failed; not a step
# action -> (doing, done, to do)
_VERBS = {
    "create": ("creating", "created", "create"),
    "update": ("updating", "updated", "update"),
    "replace": ("replacing", "replaced", "replace"),
    "delete": ("deleting", "deleted", "delete"),
    "adopt": ("adopting", "adopted", "adopt"),
    "forget": ("forgetting", "forgot", "forget"),
    "repair": ("repairing", "repaired", "repair"),
    "verify": ("verifying", "verified", "verify"),
}
_NO_VERB = ("checking", "checked", "check")


def doing(action: str) -> str:
    return _VERBS.get(action, _NO_VERB)[0]


def did(action: str) -> str:
    return _VERBS.get(action, _NO_VERB)[1]


def to_do(action: str) -> str:
    return _VERBS.get(action, _NO_VERB)[2]


def counted(number: int, noun: str) -> str:
    """`1 endpoint`, `2 endpoints`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def is_shown(change: ChangeView) -> bool:
    """Everything but the quiet no-ops, which are only counted."""
    return change["action"] != "no-op" or change["standing"] != "ready" or bool(change["warnings"])


def reasons_of(change: ChangeView) -> list[str]:
    """Why, without what the symbol of the step says already."""
    return [reason for reason in change["reasons"] if (change["action"], reason) != ("create", NOT_THERE)]


def secret_words(change: ChangeView, *, with_age: bool = True) -> str:
    """Secrets that stay as they are, and their age; those that change stand among the fields. Empty: none."""
    parts = []
    for secret in change["secrets"]:
        if secret["state"] in ("same", "accepted", "not checked"):
            name = secret["path"].removeprefix("service_settings.")
            why = f" ({secret['why']})" if secret["why"] else ""
            age_days = secret["age_days"] if with_age else None
            parts.append(f"{name} {secret['state']}{why}{_sent(age_days, secret['state'])}")
    return "; ".join(parts)


def _sent(age_days: int | None, state: str) -> str:
    if age_days is None:
        return ""
    day = f"{counted(age_days, 'day')} ago" if age_days else "today"
    return f" {day}, never sent by us" if state == "accepted" else f", sent {day}"


def plan_summary(view: PlanView) -> str:
    """`Plan: 3 to create, 1 to update, 1 to replace (held), 0 to delete. 1 blocked. 12 unchanged.`"""
    summary = view["summary"]
    steps = [c for c in view["changes"] if c["action"] != "no-op" or c["standing"] != "ready"]
    if not steps and not view["stops"]:
        if not view["complete"]:
            return f"Nothing to do for what could be read: {counted(summary['noop'], 'endpoint')}."
        if not summary["noop"]:
            return "No changes. There are no endpoints to look at."
        return f"No changes.{_matches(view)}"
    counts = dict(summary.items())
    held = Counter(change["action"] for change in steps if change["standing"] == "held")
    names = (*_ALWAYS, *(name for name in _SOMETIMES if counts[name]))
    text = "Plan: " + ", ".join(_planned(name, int(str(counts[name])), held[name]) for name in names) + "."
    extras = [f"{counts[name]} {name}" for name in ("blocked", "unknown") if counts[name]]
    if extras:
        text += " " + ", ".join(extras) + "."
    if summary["noop"]:
        text += f" {summary['noop']} unchanged."
    return text


def _matches(view: PlanView) -> str:
    """What is as declared. A no-op with a reason is not: it is gone as a saved plan wanted it, or it moved since."""
    alike = [change["id"] for change in view["changes"] if not change["reasons"]]
    endpoints = len(alike) - alike.count(REGION_POLICY)
    match = "matches its file" if endpoints == 1 else "match their files"
    if REGION_POLICY not in alike:
        return f" {counted(endpoints, 'endpoint')} {match}." if alike else ""
    if not endpoints:
        return " The region policy matches the settings file."
    return f" {counted(endpoints, 'endpoint')} {match}, and the region policy the settings file."


def _planned(action: str, number: int, held: int) -> str:
    text = f"{number} to {action}"
    if not held:
        return text
    return f"{text} (held)" if held == number else f"{text} ({held} held)"


def outcome_summary(view: OutcomeView) -> str:
    """`Apply: 2 done, 1 failed. 12 unchanged. Exit code 4: 1 step failed.`"""
    summary = view["summary"]
    counts = ((key.replace("_", " "), count) for key, count in summary.items() if key not in _NOT_ENDS)
    parts = [f"{count} {words}" for words, count in counts if count]
    text = f"Apply: {', '.join(parts)}." if parts else "Apply: nothing to do."
    if summary["noop"]:
        text += f" {summary['noop']} unchanged."
    return f"{text} {verdict_words(view['verdict'])}"


def verdict_words(verdict: VerdictView | FailureVerdictView) -> str:
    """`Apply would end with 3: 1 replace is held back.`"""
    return f"{verdict['text'][:1].upper()}{verdict['text'][1:]}."


def is_plain(verdict: VerdictView) -> bool:
    """Whether there is nothing to say of it: a plan does without the sentence then."""
    return not verdict["exit_code"] and not verdict["reasons"]


def cluster_words(cluster: ClusterView) -> str:
    """`prod-eu, Elasticsearch 9.1.2, uuid AbC`: raw, to be escaped by whoever prints it."""
    if not any((cluster["name"], cluster["version"], cluster["uuid"])):
        return "not known"
    parts = [cluster["name"] or "(unnamed)"]
    if cluster["version"]:
        parts.append(f"Elasticsearch {cluster['version']}")
    if cluster["uuid"]:
        parts.append(f"uuid {cluster['uuid']}")
    if "pinned" in cluster:
        parts.append("pinned" if cluster["pinned"] else "not pinned")
    return ", ".join(parts)


def environment_words(run: ThisRunView) -> str:
    """`prod at https://es:9243 (INFERCTL_PROD_URL)`: raw. Empty: the settings file has no environments."""
    name = run.get("environment", "")
    at = f" at {run['address']}" if run["address"] else ""
    named_by = f" ({run['address_from']})" if at and run["address_from"] else ""
    return f"{name}{at}{named_by}" if name else ""


def pin_words(cluster: ClusterView, run: ThisRunView) -> tuple[str, str]:
    """The line that pins the cluster, and what to say after it: raw. Empty where it is pinned, or no pin is wanted."""
    line = pin_line(cluster["uuid"])
    if cluster.get("pinned", True) or not line:
        return "", ""
    file = run.get("settings_file", "")
    place = f"under environments.{run.get('environment', '')}{f' in {file}' if file else ''}"
    return line, f"{place} pins it"


def pin_line(uuid: str) -> str:
    """The line of a settings file that pins the cluster; empty where what a server calls itself is no uuid."""
    return f"cluster_uuid: {scalar_text(uuid)}" if _UUID.fullmatch(uuid) else ""


def run_words(run: ThisRunView, scope: str) -> str:
    """`apply at 2026-11-30T16:10:56Z, scope shop, https://es:9243, commit 0123456789ab, <job>`: raw. Empty: no run.

    The address stands with the environment where there is one.
    """
    if not run["command"]:
        return ""
    moment = f" at {run['at'][:19]}Z" if run["at"] else ""
    commit = f"commit {run['commit'][:12]}" if run["commit"] else ""
    address = "" if run.get("environment") else run["address"]
    parts = [f"{run['command']}{moment}", f"scope {scope}" if scope else "", address, commit, run["run_url"]]
    return ", ".join(part for part in parts if part)


def kind_words(task_type: str, service: str) -> str:
    return "/".join(part for part in (task_type, service) if part)


def standing_symbol(change: ChangeView) -> str:
    """The mark before the action's symbol: `!` blocked, `?` unknown."""
    return _MARKS[change["standing"]]


def names(found: Sequence[str], most: int = 20) -> str:
    """As many names as a report shows, and how many more there are."""
    return first_of(found, most)


def on_one_line(text: str) -> str:
    """The lines of a server's answer joined: a log line is one line."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
