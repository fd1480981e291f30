"""Each law can be broken: a story without a fault breaks none, and one that was doctored breaks the one it should."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from .laws import Story, broken
from .scenarios import Snapshot
from .sweep import APPLY, finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from .commands import Commands
    from .scenarios import World


@pytest.fixture(scope="module")
def story(world: Callable[[str], World], commands: Commands) -> Story:
    scene = world("ledger")
    with scene.proxy() as proxy:
        before = Snapshot.of(proxy.cluster)
        first = commands.run(scene.folder, scene.environment(proxy.url), *APPLY)
        return finished(scene, proxy, commands, "none", before, first)


def without(snapshot: Snapshot, *names: str) -> Snapshot:
    return replace(snapshot, endpoints={k: v for k, v in snapshot.endpoints.items() if k not in names})


def with_key(snapshot: Snapshot, name: str, key: str) -> Snapshot:
    stored = replace(snapshot.endpoints[name], secrets={"api_key": key})
    return replace(snapshot, endpoints={**snapshot.endpoints, name: stored})


def with_document(snapshot: Snapshot, name: str, **fields: Any) -> Snapshot:
    return replace(snapshot, ledger={**snapshot.ledger, name: {**snapshot.ledger.get(name, {}), **fields}})


def told(story: Story, code: int, name: str, result: str, **more: Any) -> Story:
    """The first run's report says something else of one endpoint."""
    report = story.first.report()
    step = next(step for step in report["done"] if step["id"] == name)
    report["done"].remove(step)
    report[result.replace(" ", "_")].append({**step, "result": result, **more})
    report["verdict"]["exit_code"] = code
    return replace(story, first=replace(story.first, code=code, out=json.dumps(report)))


def laws_of(story: Story) -> set[str]:
    return {law for law, _ in broken(story)}


def test_none_is_broken_without_a_fault(story: Story) -> None:
    assert not broken(story)
    assert set(story.steps) == story.scenario.managed - {"ours-same"}


def test_each_can_be_broken(story: Story) -> None:
    after, middle = story.after, story.middle
    trial = replace(after, endpoints={**after.endpoints, "inferctl-trial-1": after.endpoints["ours-new"]})
    cases = {
        "ends": replace(story, first=replace(story.first, in_time=False)),
        "converges": replace(story, second=replace(story.second, code=4)),
        "leaves_others_alone": replace(story, after=without(after, "foreign-remote")),
        "loses_no_endpoint": replace(story, middle=without(middle, "ours-same")),
        "makes_nothing_twice": replace(story, second_log=story.first_log),
        "leaves_nothing_behind": replace(story, after=trial),
        "keeps_every_key": replace(story, after=with_key(after, "ours-turned", "another")),
        "tells_the_truth": replace(story, middle=with_key(middle, "ours-turned", "another")),
        "knows_what_is_ours": told(story, 4, "ours-new", "blocked", blocks=[{"kind": "not-ours"}]),
        "ends_with_the_right_code": replace(story, first=replace(story.first, code=1)),
        "tells_no_secret": replace(story, second=replace(story.second, err=next(iter(story.keys.values())))),
    }
    for law, doctored in cases.items():
        assert law in laws_of(doctored), law


@pytest.mark.parametrize(
    ("name", "result", "wrote"),
    [("ours-new", "not started", False), ("ours-new", "failed", False), ("ours-new", "failed", True),
     ("ours-removed", "failed", True), ("ours-updated", "unknown", True)],
)  # fmt: skip
def test_what_was_done_is_called_nothing_else(story: Story, name: str, result: str, wrote: bool) -> None:
    assert "tells_the_truth" in laws_of(told(story, 4, name, result, wrote=wrote))


def test_what_is_left_in_the_ledger_is_seen(story: Story) -> None:
    for name, fields in (("lock:ours", {"kind": "lock"}), ("ours-new", {"intent": "create"}),
                         ("ours-gone", {"kind": "ownership", "scope": "ours", "intent": ""})):  # fmt: skip
        assert "leaves_nothing_behind" in laws_of(replace(story, after=with_document(story.after, name, **fields)))
