"""What a step would make, and what leaves with it: every leaf, every secret by its name, and the host it goes to."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import change, changed, desired, run_record, step_record

from inferctl.ledger.records import FieldRecord
from inferctl.planner.action import Action, Standing
from inferctl.planner.field_change import FieldChange
from inferctl.planner.plan import Plan
from inferctl.report.history import history_text, history_view
from inferctl.report.json import to_json
from inferctl.report.plan_view import plan_view
from inferctl.report.style import PLAIN
from inferctl.secrets.mask import MASK

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


BODY = '{"input": ${input}, "password": "hunter2hunter2"}'
TEMPLATE = '{"input": ${input}, "password": "${password}", "max_tokens": "7"}'


def test_a_credential_in_a_body_is_not_shown() -> None:
    """`custom` sends a text that is JSON; a file, or somebody by hand, may have put a password there."""
    made = changed(change(action=Action.CREATE), desired=desired(settings={"request": BODY}))
    assert shown(made)["declared"] == [{"path": "service_settings.request", "value": MASK, "sensitive": True}]
    moved = FieldChange(("service_settings", "request"), before=BODY, after=TEMPLATE)
    assert "hunter2" not in json.dumps(shown(changed(change(action=Action.UPDATE), fields=(moved,))))
    assert not FieldChange(("service_settings", "request"), before=TEMPLATE, after="{}").is_hidden


def test_a_history_of_somebody_else_shows_no_credential_and_steers_nothing() -> None:
    """Whoever wrote the ledger, an older inferctl or nobody of ours, did not know of each."""
    nasty = "\x1b]0;t\x07\u202e ##vso[x]y\n::error::z"
    fields = (
        FieldRecord("service_settings.api_key", "deadbeef", "plain-secret-1"),
        FieldRecord("service_settings.url", "https://user:plain-secret-2@h/x", "https://h/x?sig=plain-secret-3"),
        FieldRecord("service_settings.headers", {"Authorization": "plain-secret-4"}, BODY),
        FieldRecord("service_settings.secret", "plain-secret-5", {"fingerprint": "plain-secret-6"}, secret=True),
        FieldRecord("service_settings.model_id", "small", "l" * 300_000),
        FieldRecord(nasty, nasty, {nasty: nasty}),
    )
    steps = (step_record(nasty, action=nasty, result=nasty, detail=nasty, fields=fields),)
    about: dict[str, Any] = {"scope": nasty, "commit": nasty, "run_url": nasty, "planned": {nasty: nasty}}
    view = history_view([run_record(nasty, results=steps, **about)])
    text = history_text(view, None, PLAIN, with_scope=True)
    for output in (text, to_json(view)):
        assert not re.search(r"plain-secret|hunter2|deadbeef|\x1b|\x07|\u202e|##\w*\[", output)
        assert not re.search(r"^\s*::", output, re.MULTILINE)
    assert '"small"' in text
    assert max(map(len, text.splitlines())) < 1_000
