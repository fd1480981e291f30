"""References become secrets in a copy, at their places and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inferctl.applier.body_secrets import references_of, with_secrets
from inferctl.client.payload import payload_of
from inferctl.planner.action import Action
from inferctl.planner.change import Change
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.secret import Secret

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


def change(**more: Any) -> Change:
    return Change(
        inference_id="a", task_type="completion", service="custom", action=Action.CREATE, secrets=PATHS, **more
    )


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


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ({"put_body": BODY}, {A, B}),
        ({"update_body": {"service_settings": {"secret_parameters": {"two": {"file": "b.txt"}}}}}, {B}),
        ({"update_body": {"task_settings": {"user": "x"}}}, set()),
        ({}, set()),
    ],
)
def test_what_a_step_needs(bodies: dict[str, Any], expected: set[SecretRef]) -> None:
    assert references_of(change(**bodies)) == expected


def test_a_path_that_leads_nowhere_needs_nothing() -> None:
    assert references_of(change(put_body={"service_settings": {"headers": [{"token": {"env": "A"}}]}})) == frozenset()
    assert references_of(change(put_body={"service_settings": {"headers": "text"}})) == frozenset()
