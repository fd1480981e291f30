"""`passthrough: true`: what is let by, and what the server's own list says of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import changed, desired, observed

from inferctl.model.versions import Version
from inferctl.planner.action import Action
from inferctl.planner.passthrough import LiveCatalogue, LiveService, needs_catalogue, remarks

from .worlds import plan_of

NEWEST = Version(9, 5)
NEWER = LiveCatalogue({"newer": LiveService("newer", frozenset({"rerank"}), frozenset({"model_id", "api_key"}))})
OPENAI = LiveCatalogue({"openai": LiveService("openai", frozenset({"completion"}), frozenset({"brand_new"}))})
LAGGING = LiveCatalogue({})


def passing(**more: Any) -> Any:
    return desired(**more, passthrough=True)


UNKNOWN = passing(service="newer", task_type="rerank")
FIELD = passing(settings={"model_id": "m", "api_key": {"env": "K"}, "brand_new": 1})
IN_A_TASK = passing(task={"brand_new": 1})


@pytest.mark.parametrize(
    ("endpoint", "live", "said"),
    [
        (desired(), None, ()),
        (passing(), None, ("passthrough: true is not needed: nothing here is unknown to this inferctl",)),
        (UNKNOWN, None, ("passed through: the service newer is unknown to this inferctl",)),
        (UNKNOWN, NEWER, ("passed through: the service newer is unknown to this inferctl; the server lists it",)),
        (UNKNOWN, LAGGING, ("passed through: the service newer is unknown to this inferctl, and the server does not list it (its list may lag behind)",)),
        (changed(UNKNOWN, task_type="completion"), NEWER,
         ("passed through: the service newer is unknown to this inferctl; the server lists it, but not for completion",)),
        (passing(service="newer", task_type="rerank", settings={"model_id": "m", "zone": 1}), NEWER,
         ("passed through: the service newer is unknown to this inferctl; the server lists it, but without zone",)),
        (FIELD, None, ("passed through: 'brand_new' is not a setting of openai that this inferctl knows",)),
        (FIELD, OPENAI, ("passed through: 'brand_new' is not a setting of openai that this inferctl knows; the server lists it",)),
        (FIELD, LAGGING, ("passed through: 'brand_new' is not a setting of openai that this inferctl knows",)),
        (IN_A_TASK, OPENAI, ("passed through: 'brand_new' is not a setting of openai that this inferctl knows",)),
        (passing(task_type="rerank"), OPENAI,
         ("passed through: openai does not offer rerank; the server does not list it for openai",)),
        (passing(task_type="rerank"), None, ("passed through: openai does not offer rerank",)),
        (passing(task_type="scenes"), None, ("passed through: scenes is no task type that this inferctl knows",)),
        (passing(task_type="scenes"), LiveCatalogue({"openai": LiveService("openai", frozenset({"scenes"}))}),
         ("passed through: scenes is no task type that this inferctl knows; the server lists it for openai",)),
        (changed(UNKNOWN, task_type="scenes"), NEWER,
         ("passed through: the service newer is unknown to this inferctl; the server lists it, but not for scenes",
          "passed through: scenes is no task type that this inferctl knows")),
        (passing(task_type="text_embeding"), None,
         ("passed through: text_embeding is no task type that this inferctl knows (text_embedding is one)",)),
        (passing(task_type="text_embeding"), OPENAI,
         ("passed through: text_embeding is no task type that this inferctl knows (text_embedding is one); the server does not list it for openai",)),
        (passing(service="coher"), None,
         ("passed through: the service coher is unknown to this inferctl (cohere is known)",)),
        (passing(service="coher"), LiveCatalogue({"coher": LiveService("coher")}),
         ("passed through: the service coher is unknown to this inferctl; the server lists it",)),
    ],
)  # fmt: skip
def test_remarks(endpoint: Any, live: LiveCatalogue | None, said: tuple[str, ...]) -> None:
    assert remarks(endpoint, NEWEST, live) == said


def test_a_setting_of_a_newer_server_is_named_with_its_version() -> None:
    endpoint = passing(settings={"model_id": "m", "client_id": "c"})
    assert remarks(endpoint, Version(9, 1), None) == ("passed through: client_id needs Elasticsearch 9.5",)
    assert not needs_catalogue([endpoint], Version(9, 1)), "this inferctl knows it: nobody has to be asked"


def test_only_the_unknown_asks_the_server() -> None:
    for known in (desired(), passing(), desired(service="newer")):
        assert not needs_catalogue([known], NEWEST)
    for unknown in (UNKNOWN, FIELD, IN_A_TASK, passing(task_type="rerank")):
        assert needs_catalogue([desired(), unknown], NEWEST)


def test_an_unknown_service_is_created_compared_and_replaced() -> None:
    wanted = passing(service="newer", settings={"zone": "x", "key": {"env": "K"}})
    (change,) = plan_of([wanted], []).changes
    assert (change.action, change.put_body) == (Action.CREATE, wanted.body())
    assert change.warnings == ("passed through: the service newer is unknown to this inferctl",)
    same = observed("a", service="newer", settings={"zone": "x", "filled": 1})
    assert [c.action for c in plan_of([wanted], [same]).changes] == [Action.NOOP]
    other = observed("a", service="newer", settings={"zone": "y"})
    (change,) = plan_of([wanted], [other], allow_replace=True).changes
    assert (change.action, [f.path for f in change.fields]) == (Action.REPLACE, [("service_settings", "zone")])


@pytest.mark.parametrize(
    "answer",
    [
        [{"service": "a", "task_types": ["rerank"], "configurations": {"api_key": {"sensitive": True}, "rate_limit.requests_per_minute": {}}}],
        [{"provider": "a", "task_types": [{"task_type": "rerank"}], "configuration": {"api_key": {"sensitive": True}, "rate_limit.requests_per_minute": {}}}],
    ],
)  # fmt: skip
def test_both_shapes_of_the_list(answer: Any) -> None:
    fields = frozenset({"api_key", "rate_limit"})
    assert LiveCatalogue.read(answer).services == {
        "a": LiveService("a", frozenset({"rerank"}), fields, frozenset({"api_key"}))
    }


def test_an_odd_list_says_nothing() -> None:
    odd: Any = [{}, {"service": 7}, {"service": "a", "task_types": 3, "configurations": [1]}]
    assert LiveCatalogue.read(odd).services == {"a": LiveService("a")}
