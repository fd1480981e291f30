"""What an update sends: changed keys, the secrets that a version wants beside them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.model.versions import Version
from inferctl.planner.change import update_body

from .worlds import plan_of

KEY = {"env": "K"}
LIMIT = {"requests_per_minute": 7}
FULL = {"model_id": "m", "api_key": KEY, "rate_limit": LIMIT, "organization_id": "o"}
RATE = ("service_settings", "rate_limit", "requests_per_minute")
USER = ("task_settings", "user")
WORD = {"strategy": "word", "max_chunk_size": 40, "overlap": 10}


@pytest.mark.parametrize(
    ("version", "paths", "rotate", "body", "secrets"),
    [
        ("9.5", [RATE], False, {"service_settings": {"rate_limit": LIMIT}}, 0),
        ("9.4", [RATE], False, {"service_settings": {"rate_limit": LIMIT, "api_key": KEY}}, 1),
        ("9.5", [RATE], True, {"service_settings": {"rate_limit": LIMIT, "api_key": KEY}}, 1),
        ("8.17", [USER], False, {"task_settings": {"user": "u"}}, 0),
        ("8.17", [USER], True, {"task_settings": {"user": "u"}, "service_settings": {"api_key": KEY}}, 1),
        ("9.5", [], True, {"service_settings": {"api_key": KEY}}, 1),
        ("9.5", [("chunking_settings", "overlap")], False, {"chunking_settings": WORD}, 0),
    ],
)
def test_update_body(version: str, paths: Any, rotate: bool, body: Any, secrets: int) -> None:
    wanted = desired(task_type="text_embedding", settings=FULL, task={"user": "u", "other": 1}, chunking=WORD)
    made, used = update_body(wanted, paths, Version.parse(version), secrets=rotate)
    assert made == body
    assert len(used) == secrets
    assert "service" not in made


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.4", "9.5"])
def test_the_first_task_setting_is_sent(version: str) -> None:
    (change,) = plan_of([desired(task={"user": "u"})], [observed()], version).changes
    assert [field.path for field in change.fields] == [USER]
    assert change.update_body == {"task_settings": {"user": "u"}}


def test_anthropic_repeats_the_whole_object() -> None:
    wanted = desired(service="anthropic", task={"max_tokens": 10, "temperature": 0.5})
    made, _ = update_body(wanted, [("task_settings", "temperature")], Version(9, 3), secrets=False)
    assert made == {"task_settings": {"max_tokens": 10, "temperature": 0.5}}


def test_a_secret_in_a_nested_object_is_sent_with_the_object() -> None:
    settings = {"url": "https://x", "secret_parameters": {"api_key": KEY, "other": {"env": "O"}}}
    wanted = desired(service="custom", settings=settings)
    paths = frozenset(("service_settings", "secret_parameters", name) for name in ("api_key", "other"))
    object.__setattr__(wanted, "secrets", paths)
    made, used = update_body(wanted, [], Version(9, 1), secrets=True)
    assert made == {"service_settings": {"secret_parameters": settings["secret_parameters"]}}
    assert used == paths


def test_a_put_body_is_what_the_file_says() -> None:
    (change,) = plan_of([desired(settings=FULL)], []).changes
    assert change.put_body == {"service": "openai", "service_settings": FULL}
    assert change.secrets == {("service_settings", "api_key")}
    assert change.update_body is None


@pytest.mark.parametrize(
    ("version", "known"),
    [("8.17", False), ("8.18", False), ("8.19", True), ("9.0", False), ("9.1", True), ("9.5", True)],
)
def test_the_timeout_parameter(version: str, known: bool) -> None:
    (change,) = plan_of([desired()], [], version).changes
    assert change.timeout_parameter is known


def test_a_blocked_step_has_nothing_to_send() -> None:
    (change,) = plan_of([desired("z", settings={"model_id": "n", "api_key": KEY})], [observed("z")]).changes
    assert (change.put_body, change.update_body, change.secrets) == (None, None, frozenset())
