"""What holds whatever goes wrong: each law is a function over one story, and says in sentences how it is broken."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.model.ids import REGION_POLICY

from .scenarios import KEYS, TURNED, Scenario, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .commands import Ended
    from .proxy import Exchange

TRIAL = "inferctl-trial-"
WRITTEN_NOTHING = {1, 5, 7}
GONE = re.compile(r"gone|absent|not there|nobody can use|nothing is there|nothing there|no longer|not restored|does not exist|removed", re.IGNORECASE)  # fmt: skip


@dataclass
class Story:
    """A first run with a fault, a second one without, and a plan; the cluster before, between and after them.

    `may_be_unknown` are the ids of which a fault made it impossible to know what became of them.
    """

    scenario: Scenario
    kind: str
    before: Snapshot
    first: Ended
    middle: Snapshot
    second: Ended
    after: Snapshot
    plan: Ended
    first_log: Sequence[Exchange]
    second_log: Sequence[Exchange]
    killed: bool = False
    interrupted: bool = False
    repeated: bool = False  # the fault struck more than one request
    endless: bool = False
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)  # of the second run
    steps: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        report = self.first.report() or {}
        lists = ("done", "failed", "unknown", "not_ready", "held", "blocked", "not_started")
        self.steps = {step["id"]: {**step, "list": name} for name in lists for step in report.get(name, ())}

    @property
    def struck(self) -> list[Exchange]:
        return [exchange for exchange in self.first_log if exchange.struck]

    @property
    def may_leave_a_trial(self) -> bool:
        """Without a ledger the next run cannot tell a leftover from the trial of a run at work: it is named, and left."""
        return not self.scenario.scope and (self.killed or self.repeated)

    def keys_of(self, inference_id: str) -> Mapping[str, str]:
        """Nobody knows the key of an endpoint that was adopted, so nobody notices that it changed."""
        return KEYS if inference_id == "ours-adopted" else self.keys

    def is_touched(self, inference_id: str) -> bool:
        return self.before.endpoints.get(inference_id) != self.middle.endpoints.get(inference_id)

    def is_as_declared(self, inference_id: str) -> bool:
        return self.middle.is_as_declared(inference_id, self.scenario.new)

    def concerns(self, inference_id: str) -> bool:
        """A request that was spoiled wrote this endpoint; or so many in a row were that it could not be read."""
        return self.endless or any(
            (exchange.is_write or self.repeated)
            and (exchange.inference_id == inference_id or exchange.inference_id.startswith(TRIAL))
            for exchange in self.struck
        )


def ends(story: Story) -> Iterator[str]:
    """Every command ends, by itself, with an exit code, and without a traceback.

    A signal before the first request may end it at once.
    """
    for name, ended in (("first", story.first), ("second", story.second), ("plan", story.plan)):
        if not ended.in_time:
            yield f"the {name} command did not end"
        elif ended.code is None and not (name == "first" and (story.killed or not story.first_log)):
            yield f"the {name} command died without an exit code"
        if "Traceback" in ended.err:
            yield f"the {name} command shows a traceback"


def converges(story: Story) -> Iterator[str]:
    """The second run ends as one without faults, all is as declared, and the plan after it is empty."""
    if story.second.code != story.scenario.code:
        yield f"the second run ended with {story.second.code}: {_said(story.second)}"
    for name in sorted(story.scenario.managed - set(story.scenario.used)):
        if not story.after.is_as_declared(name, story.scenario.new, story.keys_of(name)):
            yield f"{name} is not as declared after the second run: {_seen(story.after, name)}"
    plan = story.plan.report()
    if plan is None:
        yield f"no plan after the second run: {story.plan.err[-300:]}"
        return
    again = {"ours-turned"} if "--send-secrets" in story.scenario.arguments else set()
    for change in plan["changes"]:
        if change["action"] != "no-op" and change["id"] not in {*story.scenario.used, *again}:
            yield f"the plan after the second run says {change['action']} {change['id']}: {change['reasons']}"
    for warning in plan["warnings"]:
        if not (story.may_leave_a_trial and TRIAL in warning):
            yield f"the plan after the second run warns: {warning}"


def leaves_others_alone(story: Story) -> Iterator[str]:
    """What is foreign has not changed, and what is in use is still there as it was."""
    for moment, now in (("first", story.middle), ("second", story.after)):
        for name in (*story.scenario.foreign, *story.scenario.used):
            if now.endpoints.get(name) != story.before.endpoints[name]:
                yield f"{name} is not ours to change, and is another after the {moment} run: {_seen(now, name)}"
        if now.rest != story.before.rest:
            yield f"indexes or pipelines are others after the {moment} run"
        theirs = {k: v for k, v in story.before.documents("ownership").items() if v["scope"] != story.scenario.scope}
        for name, record in theirs.items():
            if now.ledger.get(name) != record:
                yield f"the record of {name}, another scope's, is another after the {moment} run"


def loses_no_endpoint(story: Story) -> Iterator[str]:
    """What was there and is declared is still there after the first run, unless it was killed or never reached again."""
    only_the_lock = all("/lock%3A" in exchange.target for exchange in story.struck) and "refused" not in story.kind
    if story.killed or (story.endless and not only_the_lock):
        return
    for name in sorted(story.before.endpoints.keys() & story.scenario.new.keys() - story.middle.endpoints.keys()):
        yield f"{name} is gone: {story.steps.get(name, {}).get('detail', story.first.err[-300:])}"


def makes_nothing_twice(story: Story) -> Iterator[str]:
    """Over both runs an endpoint that is created is created once, one that is replaced as often as it was deleted.

    A region policy is put, twice is the same as once.
    """
    made: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for exchange in (*story.first_log, *story.second_log):
        is_update = exchange.target.partition("?")[0].endswith("/_update")
        if exchange.is_write and not is_update and exchange.inference_id != REGION_POLICY:
            counter = made if exchange.method == "PUT" else gone
            counter[exchange.inference_id] += sum(status < 300 for status in exchange.statuses)
    for name, count in made.items():
        if name in story.scenario.new and name not in story.scenario.old and (count > 1 or gone[name]):
            yield f"{name} was created {count} times and deleted {gone[name]} times"
        if name in story.scenario.old and count > gone[name]:
            yield f"{name} was created {count} times and deleted {gone[name]} times"
        if name in story.scenario.old and count > 3:
            yield f"{name} was created {count} times"


def leaves_nothing_behind(story: Story) -> Iterator[str]:
    """No throw-away endpoint, lock or intent after the second run; the records are those of our endpoints."""
    leftovers = sorted(name for name in story.after.endpoints if name.startswith(TRIAL))
    for name in leftovers:
        if not story.may_leave_a_trial or name not in story.plan.out:
            yield f"{name} is left after the second run"
    if not story.scenario.scope:
        return
    yield from (f"{name} is left after the second run" for name in story.after.documents("lock"))
    records = {k: v for k, v in story.after.documents("ownership").items() if v["scope"] == story.scenario.scope}
    yield from (f"the record of {name} has the intent {r['intent']}" for name, r in records.items() if r["intent"])
    owned = {*story.scenario.new, *story.scenario.used}
    if set(records) != owned:
        yield f"records without endpoints: {sorted(set(records) - owned)}, without records: {sorted(owned - set(records))}"
    ended = [run for run in story.after.documents("run").values() if run.get("exit_code") is not None]
    codes = [run["exit_code"] for run in ended if run["scope"] == story.scenario.scope]
    if story.second.code not in codes:
        yield f"no run document says that the second run ended with {story.second.code}"


def keeps_every_key(story: Story) -> Iterator[str]:
    """After the second run the cluster holds each key as the environment gives it."""
    for name, body in story.scenario.new.items():
        stored = story.after.endpoints.get(name)
        for field_name, value in body.get("service_settings", {}).items():
            if stored is None or not isinstance(value, dict):
                continue
            if stored.secrets.get(field_name) != story.keys_of(name)[value["env"]]:
                yield f"{name} still has another key after the second run"


def tells_the_truth(story: Story) -> Iterator[str]:
    """The first run's report says of each endpoint what is there."""
    if story.killed:
        return
    if story.first.report() is None:
        touched = sorted(name for name in {*story.before.endpoints, *story.middle.endpoints} if story.is_touched(name))
        if touched:
            yield f"no report, exit code {story.first.code}, and these were changed: {touched}"
        return
    for name in sorted(story.scenario.managed):
        step = story.steps.get(name)
        if step is None:
            if story.is_touched(name):
                yield f"{name} was changed, and the report does not say so"
            continue
        yield from (f"{name} ({step['action']}, {step['result']}): {fault}" for fault in _untrue(story, name, step))


def _untrue(story: Story, name: str, step: dict[str, Any]) -> Iterator[str]:
    is_declared, is_touched, detail = story.is_as_declared(name), story.is_touched(name), step["detail"]
    match step["list"]:
        case "done":
            if not is_declared:
                yield f"it is not as declared: {_seen(story.middle, name)}"
        case "not_started" | "held" | "blocked":
            if is_touched:
                yield f"it was changed: {_seen(story.middle, name)}"
        case "not_ready":
            if not is_declared and not is_touched:
                yield "it was not written"
        case "failed":
            if is_declared and is_touched:
                yield f"it is as declared: {detail}"
            if is_touched and not step["wrote"]:
                yield f"it was changed, and `wrote` is false: {detail}"
        case "unknown":
            if not story.concerns(name):
                yield f"no write of it was spoiled: {detail}"
        case _:
            raise AssertionError(f"a list that nobody has read about: {step['list']}")
    is_lost = name in story.before.endpoints and name not in story.middle.endpoints and step["action"] != "delete"
    if is_lost and step["list"] != "unknown" and not GONE.search(detail):
        yield f"it is gone, and the report does not say so: {detail}"


def knows_what_is_ours(story: Story) -> Iterator[str]:
    """No fault makes the first run take for strange what the ledger says is ours."""
    for name, step in story.steps.items():
        if any(block["kind"] in {"not-ours", "outside-manage", "reserved"} for block in step["blocks"]):
            yield f"{name} is ours, and the report says that it is not: {step['detail']}"
        if step["action"] in {"adopt", "forget"} and name != "ours-adopted":
            yield f"{name} is ours, and the report says {step['action']}"


def ends_with_the_right_code(story: Story) -> Iterator[str]:
    """1, 5 and 7: nothing was written. 3: nothing failed. 0: all is as declared. The report names the same code."""
    code = story.first.code
    if story.killed or code is None:
        return
    document = story.first.document()
    if document is None or document["verdict"]["exit_code"] != code:
        yield f"the document does not say {code}: {document and document['verdict']}"
    both = {*story.before.endpoints, *story.middle.endpoints}
    touched = sorted(name for name in both if story.is_touched(name))
    if code in WRITTEN_NOTHING and touched:
        yield f"exit code {code}, and these were changed: {touched}"
    wanted = story.scenario.managed - set(story.scenario.used)
    undone = sorted(name for name in wanted if not story.is_as_declared(name))
    if code in {0, 6} and undone:
        yield f"exit code {code}, and these are not as declared: {undone}"
    if code == 0 and any(step["list"] not in {"done", "held"} for step in story.steps.values()):
        yield f"exit code 0, and not all is done: {[(s['id'], s['result']) for s in story.steps.values()]}"
    went_wrong = [(s["id"], s["result"]) for s in story.steps.values() if s["list"] in {"failed", "unknown"}]
    if code == 3 and went_wrong:
        yield f"exit code 3, and this went wrong: {went_wrong}"
    if code == 130 and not story.interrupted:
        yield "exit code 130, and nobody interrupted it"


def tells_no_secret(story: Story) -> Iterator[str]:
    """No stream holds a key."""
    for ended in (story.first, story.second, story.plan):
        yield from (
            f"{name} is printed" for name, key in (*KEYS.items(), *TURNED.items()) if key in ended.out + ended.err
        )


LAWS = (
    ends,
    converges,
    leaves_others_alone,
    loses_no_endpoint,
    makes_nothing_twice,
    leaves_nothing_behind,
    keeps_every_key,
    tells_the_truth,
    knows_what_is_ours,
    ends_with_the_right_code,
    tells_no_secret,
)


def broken(story: Story) -> list[tuple[str, str]]:
    """Which law is broken, and how."""
    return [(law.__name__, sentence) for law in LAWS for sentence in law(story)]


def _said(ended: Ended) -> str:
    report = ended.report() or {}
    told = [f"{s['id']} {s['result']} {s['detail']}" for name in ("failed", "unknown", "not_started", "not_ready") for s in report.get(name, ())]  # fmt: skip
    return f"{told} {report.get('warnings', '')} {ended.err[-400:] if not report else ''}"


def _seen(snapshot: Snapshot, name: str) -> str:
    stored = snapshot.endpoints.get(name)
    if stored is None or name == REGION_POLICY:
        return "absent" if stored is None else str(stored)
    return f"{stored.service_settings} {stored.task_settings}"
