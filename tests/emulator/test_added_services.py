"""Services and settings that no table has: how a test plays a server newer than everything here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.emulator.persist import load, save

from .api import KEY, VERSIONS, Api, in_each, openai

if TYPE_CHECKING:
    from pathlib import Path

NEWER: dict[str, Any] = {
    "name": "newer",
    "task_types": ["rerank", "text_embedding"],
    "service_settings": {"zone": {"required": True}, "pin": {"secret": True, "required": True}, "size": {"kind": "integer", "default": 3}},
    "task_settings": {"top_n": {"kind": "integer"}},
}  # fmt: skip
BODY = {"service": "newer", "service_settings": {"zone": "z", "pin": KEY}, "task_settings": {"top_n": 2}}


def with_newer(version: str = "9.5") -> Api:
    api = Api(version)
    api.good("POST", "/_emulator/services", NEWER)
    return api


@in_each([*VERSIONS, "serverless"])
def test_an_added_service_is_one_like_all_others(version: str) -> None:
    assert Api(version)("PUT", "/_inference/rerank/a", BODY).status == 400
    api = with_newer(version)
    made = api.put("rerank", "a", BODY)
    assert made["service_settings"] == {"zone": "z", "size": 3}
    assert made["task_settings"] == {"top_n": 2}
    assert api.read("a") == made
    assert KEY not in json.dumps(made)
    assert api("PUT", "/_inference/rerank/b", {"service": "newer", "service_settings": {"pin": KEY}}).status == 400
    assert api.update("rerank", "a", {"task_settings": {"top_n": 5}}).body["task_settings"] == {"top_n": 5}
    assert api.good("POST", "/_inference/rerank/a", {"query": "q", "input": ["x"]})["rerank"]
    assert api.good("DELETE", "/_inference/rerank/a")["acknowledged"] is True


def test_it_is_on_the_list() -> None:
    listed = {s["service"]: s for s in with_newer().good("GET", "/_inference/_services")}
    assert listed["newer"]["task_types"] == ["rerank", "text_embedding"]
    assert listed["newer"]["configurations"]["pin"]["sensitive"] is True
    names = list(listed)
    assert names == sorted(names)


def test_a_known_service_gets_a_setting_more() -> None:
    api = Api()
    assert api("PUT", "/_inference/completion/a", openai(brand_new="x")).status == 400
    api.good("POST", "/_emulator/services", {"name": "openai", "service_settings": {"brand_new": {}}})
    assert api.put("completion", "a", openai(brand_new="x"))["service_settings"]["brand_new"] == "x"
    assert Api()("PUT", "/_inference/completion/a", openai(brand_new="x")).status == 400, "each cluster has its own"


def test_it_survives_with_the_state(tmp_path: Path) -> None:
    api = with_newer()
    made = api.put("rerank", "a", BODY)
    save(api.cluster, tmp_path / "state.json")
    again = Api()
    again.cluster = load(tmp_path / "state.json", "9.5")
    assert again.read("a") == made
    older = json.loads((tmp_path / "state.json").read_text())
    del older["added_services"], older["endpoints"][:]
    (tmp_path / "older.json").write_text(json.dumps(older))
    assert load(tmp_path / "older.json", "9.5").added_services == {}


@pytest.mark.parametrize(
    "spec",
    [{}, {"name": ""}, {"name": 7}, {"name": "n"}, {"name": "n", "tasks": []}, {"name": "n", "task_types": ["rerank"], "service_settings": [1]},
     {"name": "n", "task_types": ["rerank"], "service_settings": {"a": {"colour": 1}}}, {"name": "n", "task_types": ["rerank"], "service_settings": {"a": 1}}],
)  # fmt: skip
def test_a_spec_that_describes_no_service_is_refused(spec: dict[str, Any]) -> None:
    assert Api()("POST", "/_emulator/services", spec).status == 400
