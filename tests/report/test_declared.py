"""What a step would make, and what leaves with it: every leaf, every secret by its name, and the host it goes to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import change, changed, desired

from inferctl.planner.action import Action, Standing
from inferctl.planner.field_change import FieldChange
from inferctl.planner.plan import Plan
from inferctl.report.json import to_json
from inferctl.report.plan_view import plan_view

if TYPE_CHECKING:
    from inferctl.planner.change import Change
    from inferctl.secrets.reference import SecretRef

SETTINGS: dict[str, Any] = {
    "model_id": "small",
    "api_key": {"env": "OPENAI_API_KEY"},
    "url": "https://proxy.example/v1",
    "rate_limit": {"requests_per_minute": 7},
}


def shown(step: Change, is_set: bool | None = None) -> Any:
    asked: list[SecretRef] = []

    def look(reference: SecretRef) -> bool | None:
        asked.append(reference)
        return is_set

    (view,) = json.loads(to_json(plan_view(Plan(changes=(step,)), is_set=look)))["changes"]
    return view


def step(action: Action, **more: Any) -> Change:
    declared = desired(settings=SETTINGS, task={"user": "u"}, chunking={"strategy": "none"})
    return changed(change(action=action), desired=declared, **more)


def test_every_leaf_of_a_create_and_of_what_a_replace_makes() -> None:
    for action in (Action.CREATE, Action.REPLACE):
        leaves = {leaf["path"]: leaf["value"] for leaf in shown(step(action))["declared"]}
        assert leaves == {
            "chunking_settings.strategy": "none",
            "service_settings.api_key": {"env": "OPENAI_API_KEY"},
            "service_settings.model_id": "small",
            "service_settings.rate_limit.requests_per_minute": 7,
            "service_settings.url": "https://proxy.example/v1",
            "task_settings.user": "u",
        }


@pytest.mark.parametrize("action", [Action.UPDATE, Action.NOOP, Action.ADOPT, Action.VERIFY])
def test_what_is_there_already_is_not_listed(action: Action) -> None:
    assert shown(step(action))["declared"] == []


@pytest.mark.parametrize("is_set", [True, False, None])
@pytest.mark.parametrize("standing", [Standing.READY, Standing.HELD])
def test_where_a_secret_goes_and_whether_it_is_set(standing: Standing, is_set: bool | None) -> None:
    (sent,) = shown(step(Action.CREATE, standing=standing), is_set)["sends"]
    assert sent == {
        "path": "service_settings.api_key",
        "secret": {"env": "OPENAI_API_KEY"},
        "set": is_set,
        "hosts": ["proxy.example"],
    }


def test_an_update_sends_a_secret_only_where_it_says_so() -> None:
    plain = FieldChange(("task_settings", "user"), "a", "u")
    assert shown(step(Action.UPDATE, fields=(plain,)))["sends"] == []
    secret = FieldChange(("service_settings", "api_key"), {"env": "OLD"}, SETTINGS["api_key"], sensitive=True)
    assert [sent["hosts"] for sent in shown(step(Action.UPDATE, fields=(secret,)))["sends"]] == [["proxy.example"]]
    assert shown(step(Action.NOOP))["sends"] == []


def test_a_credential_in_clear_is_shown_nowhere() -> None:
    canary = "sk-canary-1234567890abcdef"
    settings = {"url": f"https://x.example/v1?api_key={canary}", "headers": {"X": canary}, "api_key": {"env": canary}}
    declared = desired(service="brand-new", settings=settings, passthrough=True)
    text = json.dumps(shown(changed(change(action=Action.CREATE), desired=declared)))
    assert canary not in text
    assert text.count("(secret)") >= 3
