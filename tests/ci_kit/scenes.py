"""Twelve repositories as a pull request finds them, and the state of the cluster behind each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.ledger.records import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.running import Emulator

SETTINGS = "scope: shop\nendpoints: [endpoints/*.yaml]\n"
KEYS = {"COHERE_API_KEY": "canary-Z9x8Y7w6"}


def endpoint(name: str, top_n: int = 3, model: str = "rerank-v3.5") -> str:
    return (
        f"inference_id: {name}\ntask_type: rerank\nservice: cohere\n"
        f"service_settings:\n  model_id: {model}\n  api_key: {{env: COHERE_API_KEY}}\n"
        f"task_settings:\n  top_n: {top_n}\n"
    )


def write(folder: Path, files: Mapping[str, str], settings: str = SETTINGS) -> None:
    """A checkout with these endpoint files and no others."""
    (folder / "endpoints").mkdir(parents=True, exist_ok=True)
    for file in (folder / "endpoints").iterdir():
        file.unlink()
    for name, text in files.items():
        (folder / "endpoints" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "inferctl.yaml").write_text(settings, encoding="utf-8")


def nothing(_emulator: Emulator) -> None:
    """Nobody else does anything."""


@dataclass(frozen=True)
class Scene:
    """`before` was applied by an earlier run, `others` happened then; `files` is what the pull request brings.

    `code` is what both jobs end with. `saved`: both get a plan that was saved first; `later` happens after it.
    """

    code: int
    files: Mapping[str, str]
    before: Mapping[str, str] = field(default_factory=dict)
    others: Callable[[Emulator], None] = nothing
    later: Callable[[Emulator], None] = nothing
    settings: str = SETTINGS
    inputs: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    saved: bool = False


def _used(emulator: Emulator) -> None:
    emulator.call("PUT", "/_ingest/pipeline/products", {"processors": [{"inference": {"model_id": "shop-a"}}]})


def _locked(emulator: Emulator) -> None:
    lock: dict[str, Any] = {
        "kind": "lock", "format": 1, "scope": "shop", "run": "other", "who": "bob@elsewhere", "run_url": "",
        "since": "2026-01-01T00:00:00Z", "ttl_s": 60, "beats": 0,
    }  # fmt: skip
    emulator.call("PUT", f"/{INDEX}/_doc/lock:shop", lock)


def _changed_by_hand(emulator: Emulator) -> None:
    emulator.call("PUT", "/_inference/rerank/shop-a/_update", {"task_settings": {"top_n": 7}})


def _other_scope(emulator: Emulator) -> None:
    """What another repository applied."""
    body = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "theirs"}}
    emulator.call("PUT", "/_inference/rerank/shop-a", body)


def _guarded(emulator: Emulator) -> None:
    users = [{"name": "ci", "api_key": "right", "privileges": ["all"]}]
    emulator.call("POST", "/_emulator/users", {"users": users})


A, B = endpoint("shop-a"), endpoint("shop-b")
SCENES: Mapping[str, Scene] = {
    "creates": Scene(0, {"a": A, "b": B}),
    "update": Scene(0, {"a": endpoint("shop-a", top_n=5)}, {"a": A}),
    "held-replace": Scene(3, {"a": endpoint("shop-a", model="rerank-v4"), "b": B}, {"a": A}),
    "blocked-delete": Scene(3, {"b": B}, {"a": A, "b": B}, _used, settings=SETTINGS + "allow: [delete]\n"),
    "rename": Scene(0, {"a": endpoint("shop-a-new")}, {"a": A}),
    "other-scope": Scene(3, {"a": endpoint("shop-a", top_n=5)}, others=_other_scope),
    "bad-file": Scene(1, {"a": A.replace("model_id", "modle_id"), "b": B}),
    "no-cluster": Scene(1, {"a": A}, environment={"ELASTICSEARCH_URL": "http://127.0.0.1:9"}),
    "missing-secret": Scene(1, {"a": A}, without=("COHERE_API_KEY",)),
    "lock-held": Scene(7, {"a": A, "b": B}, {"a": A}, _locked, inputs={"args": "--lock-timeout 0"}),
    "stale-plan": Scene(5, {"a": endpoint("shop-a", top_n=5)}, {"a": A}, later=_changed_by_hand, saved=True),
    "refused-key": Scene(1, {"a": A}, others=_guarded, environment={"ELASTICSEARCH_API_KEY": "wrong"}),
}


def event(number: int = 7) -> dict[str, Any]:
    """What GitHub says of a pull request, as far as the action reads it."""
    made: dict[str, Any] = json.loads(f'{{"action": "opened", "pull_request": {{"number": {number}}}}}')
    return made
