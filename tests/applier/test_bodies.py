"""References become secrets in a copy, at their places and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import change, changed, desired

from inferctl.applier.body_secrets import references_of, with_secrets
from inferctl.client.payload import payload_of
from inferctl.planner.action import Action
from inferctl.planner.field_change import FieldChange
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from inferctl.planner.change import Change

A, B = SecretRef("env", "A"), SecretRef("file", "b.txt")
SECRETS = {A: Secret("canary-a"), B: Secret("canary-b")}
BODY: dict[str, Any] = {
    "service": "custom",
    "service_settings": {
        "url": "https://x.invalid",
        "secret_parameters": {"one": {"env": "A"}, "two": {"file": "b.txt"}},
        "headers": [{"token": {"env": "A"}}, {"token": {"env": "A"}}],
        "request": {"env": "A"},
    },
}
PATHS = frozenset(
    {
        ("service_settings", "secret_parameters", "one"),
        ("service_settings", "secret_parameters", "two"),
        ("service_settings", "headers", 1, "token"),
    }
)


def step(action: Action, settings: dict[str, Any], *fields: tuple[str, ...]) -> Change:
    """What such a step finds differing: `fields`."""
    declaration = changed(desired(service="custom", settings=settings, task={"user": "x"}), secrets=PATHS)
    differing = tuple(FieldChange(path, before=None, after="x") for path in fields)
    return change(action=action, desired=declaration, fields=differing)


def test_secrets_stand_where_the_paths_say() -> None:
    filled = with_secrets(BODY, PATHS, SECRETS)
    sent = json.loads(payload_of(filled).octets())["service_settings"]
    assert sent["secret_parameters"] == {"one": "canary-a", "two": "canary-b"}
    assert sent["headers"] == [{"token": {"env": "A"}}, {"token": "canary-a"}]
    assert sent["request"] == {"env": "A"}  # not a secret's place: an object like any other
    assert "canary" not in repr(filled)
    assert BODY["service_settings"]["secret_parameters"]["one"] == {"env": "A"}


def test_an_unresolved_reference_is_never_sent() -> None:
    with pytest.raises(KeyError):
        with_secrets(BODY, PATHS, {A: Secret("x")})


HEADERS = {"headers": BODY["service_settings"]["headers"], "secret_parameters": {"two": {"file": "b.txt"}}}


@pytest.mark.parametrize(
    ("needed_by", "expected"),
    [
        (step(Action.CREATE, BODY["service_settings"]), {A, B}),
        (step(Action.UPDATE, HEADERS, ("service_settings", "secret_parameters", "two")), {B}),
        (step(Action.UPDATE, HEADERS, ("task_settings", "user")), set()),
        (step(Action.NOOP, BODY["service_settings"]), set()),
    ],
)
def test_what_a_step_needs(needed_by: Change, expected: set[SecretRef]) -> None:
    assert references_of(needed_by) == expected


def test_a_path_that_leads_nowhere_needs_nothing() -> None:
    assert references_of(step(Action.CREATE, {"headers": [{"token": {"env": "A"}}]})) == frozenset()
    assert references_of(step(Action.CREATE, {"headers": "text"})) == frozenset()
