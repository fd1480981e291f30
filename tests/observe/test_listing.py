"""All endpoints for an export: what cannot be read is named, and the rest is there."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Emulated, error

from inferctl.errors import Forbidden
from inferctl.model.versions import Version
from inferctl.observe.cluster import list_everything

OPENAI = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "k"}}
NEWEST = Version(9, 5)


def two_kinds() -> Emulated:
    emulated = Emulated()
    for inference_id, task_type in (("chat", "completion"), ("other", "completion"), ("vectors", "text_embedding")):
        emulated.call("PUT", f"/_inference/{task_type}/{inference_id}", OPENAI)
    return emulated


def ours(found: Any) -> list[str]:
    return sorted(i for i in found.endpoints if not i.startswith("."))


def test_one_list() -> None:
    emulated = two_kinds()
    found = list_everything(emulated.client, NEWEST, ("chat",))
    assert ours(found) == ["chat", "other", "vectors"]
    assert (found.unreadable, found.warnings) == ((), ())
    assert emulated.sent == ["GET /_inference/_all"]


def test_one_bad_endpoint_hides_its_task_type_only() -> None:
    emulated = two_kinds()
    emulated.call("POST", "/_emulator/endpoints/chat", {"broken": True})
    found = list_everything(emulated.client, NEWEST, ())
    assert ours(found) == ["vectors"]
    (unreadable,) = found.unreadable
    assert unreadable.startswith("all completion endpoints, because one cannot be read: ")
    assert "[chat]" in unreadable


def test_an_endpoint_of_an_unknown_task_type_that_breaks_the_list_is_missed() -> None:
    emulated = two_kinds()
    emulated.call("POST", "/_emulator/services", {"name": "newer", "task_types": ["scene_search"]})
    emulated.call("PUT", "/_inference/scene_search/scenes", {"service": "newer", "service_settings": {}})
    assert ours(list_everything(emulated.client, NEWEST, ())) == ["chat", "other", "scenes", "vectors"]
    emulated.call("POST", "/_emulator/endpoints/scenes", {"broken": True})
    found = list_everything(emulated.client, NEWEST, ())
    assert ours(found) == ["chat", "other", "vectors"]
    (unreadable,) = found.unreadable
    assert unreadable.startswith("endpoints of task types that this inferctl does not know: ")


def test_what_is_asked_for_by_name_is_read_all_the_same() -> None:
    emulated = two_kinds()
    emulated.call("POST", "/_emulator/endpoints/chat", {"broken": True})
    found = list_everything(emulated.client, NEWEST, ("chat", "other", "absent"))
    assert ours(found) == ["other", "vectors"]
    assert found.unreadable[1].startswith("chat: ")
    assert len(found.unreadable) == 2


def test_older_servers_are_asked_for_the_task_types_they_have() -> None:
    emulated = Emulated("8.17", override=lambda _m, target: error(500) if "_all" in target else None)
    list_everything(emulated.client, Version(8, 17), ())
    asked = {line for line in emulated.sent if line != "GET /_inference/_all"}
    assert asked == {
        f"GET /_inference/{t}/_all" for t in ("sparse_embedding", "text_embedding", "rerank", "completion")
    }


def test_8_17_may_hide_sharers() -> None:
    emulated = Emulated("8.17")
    assert list_everything(emulated.client, Version(8, 17), ()).warnings == ()
    own = {
        "service": "elasticsearch",
        "service_settings": {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1},
    }
    emulated.call("PUT", "/_inference/sparse_embedding/elser", own)
    (warning,) = list_everything(emulated.client, Version(8, 17), ()).warnings
    assert warning.startswith("8.17 does not list every endpoint that shares a deployment")


def test_a_missing_privilege_is_no_empty_cluster() -> None:
    emulated = Emulated(override=lambda _m, _t: error(403, "security_exception"))
    with pytest.raises(Forbidden):
        list_everything(emulated.client, NEWEST, ())
