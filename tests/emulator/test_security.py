"""Who may do what, and what is answered before that (2.3, 11.7, 13.2)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from inferctl.emulator.security import User

from .api import VERSIONS, Api, openai

PASSWORD = "correct horse"


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def user(name: str, *privileges: str) -> User:
    return User(
        name, frozenset(privileges), password=PASSWORD, roles=(f"role-of-{name}",), index_privileges=frozenset()
    )


def secured(version: str, *users: User) -> Api:
    """A cluster with one completion endpoint and these users."""
    api = Api(version)
    api.put("completion", "ep", openai())
    api.cluster.users = users
    return api


# --- 401 (11.7)

BAD_CREDENTIALS = [
    ({}, "missing authentication credentials for REST request [/_inference/ep]"),
    (basic("nobody"), "unable to authenticate user [nobody] for REST request [/_inference/ep]"),
    (basic("ci", "wrong"), "unable to authenticate user [ci] for REST request [/_inference/ep]"),
    ({"authorization": "ApiKey wrong"}, "unable to authenticate"),
    ({"authorization": "Bearer wrong"}, "unable to authenticate"),
    ({"authorization": "Basic !!!"}, "unable to authenticate"),
    ({"authorization": "Digest x"}, "unable to authenticate"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("headers", "reason"), BAD_CREDENTIALS)
def test_401(version: str, headers: dict[str, str], reason: str) -> None:
    """11.7, 11.4: with WWW-Authenticate, also under error.header; without the product header."""
    answer = secured(version, user("ci", "all"))("GET", "/_inference/ep", None, headers)
    assert (answer.status, answer.type) == (401, "security_exception")
    assert answer.reason.startswith(reason)
    assert answer.header("X-elastic-product") is None
    assert answer.header("WWW-Authenticate")
    assert "WWW-Authenticate" in answer.error["header"]


@pytest.mark.parametrize(
    "headers",
    [
        basic("ci"),
        {"Authorization": basic("ci")["authorization"]},
        {"authorization": "ApiKey aWQ6a2V5"},
        {"authorization": "Bearer t0ken"},
    ],
)
def test_good_credentials(headers: dict[str, str]) -> None:
    """11.7: password, API key and token."""
    api = secured("9.5", User("ci", password=PASSWORD, api_key="aWQ6a2V5", token="t0ken"))
    assert api("GET", "/_inference/ep", None, headers).status == 200


def test_authentication_comes_first(every: Api) -> None:
    """13.2: before the route, the media type and everything else."""
    every.cluster.users = ()
    for method, path in (("GET", "/_inference"), ("PATCH", "/_inference/ep"), ("PUT", "/_inference/nope/X?foo")):
        assert every(method, path, b"{" if method == "PUT" else None, {"content-type": "text/plain"}).status == 401


# --- 403 (2.3)

CALLS: dict[str, tuple[str, str, Any, str]] = {
    "put": ("PUT", "/_inference/completion/new", openai(), "manage_inference"),
    "update": ("PUT", "/_inference/completion/ep/_update", {"task_settings": {"user": "b"}}, "manage_inference"),
    "delete": ("DELETE", "/_inference/ep", None, "manage_inference"),
    "dry run": ("DELETE", "/_inference/ep?dry_run=true", None, "manage_inference"),
    "get": ("GET", "/_inference/ep", None, "monitor_inference"),
    "list": ("GET", "/_inference", None, "monitor_inference"),
    "services": ("GET", "/_inference/_services", None, "monitor_inference"),
    "infer": ("POST", "/_inference/completion/ep", {"input": "a"}, "monitor_inference"),
    "stream": ("POST", "/_inference/completion/ep/_stream", {"input": "a"}, "monitor_inference"),
    "stats": ("GET", "/_ml/trained_models/_stats", None, "monitor_ml"),
}
GRANTS = {
    "all": {"manage_inference", "monitor_inference", "monitor_ml"},
    "manage": {"manage_inference", "monitor_inference", "monitor_ml"},
    "monitor": {"monitor_inference", "monitor_ml"},
    "manage_inference": {"manage_inference", "monitor_inference"},
    "monitor_inference": {"monitor_inference"},
    "monitor_ml": {"monitor_ml"},
    "": set(),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("privilege", GRANTS)
def test_privileges(name: str, privilege: str) -> None:
    """2.3: the smallest named privilege of each operation, and the wider ones."""
    method, path, body, needed = CALLS[name]
    api = secured("9.5", user("ci", *([privilege] if privilege else [])))
    answer = api(method, path, body, basic("ci"))
    if needed in GRANTS[privilege]:
        assert answer.status == 200, answer.raw
    else:
        assert (answer.status, answer.type) == (403, "security_exception")
        assert answer.header("X-elastic-product") is None


ACTIONS = {
    "put": "cluster:admin/xpack/inference/put",
    "update": "cluster:admin/xpack/inference/update",
    "delete": "cluster:admin/xpack/inference/delete",
    "get": "cluster:monitor/xpack/inference/get",
    "services": "cluster:monitor/xpack/inference/services/get",
    "infer": "cluster:monitor/xpack/inference",
}


@pytest.mark.parametrize("name", ACTIONS)
def test_text_of_the_403(every: Api, name: str) -> None:
    """11.7: action, user, roles and what would grant it."""
    every.put("completion", "ep", openai())
    every.cluster.users = (user("ci"),)
    method, path, body, needed = CALLS[name]
    answer = every(method, path, body, basic("ci"))
    action = ACTIONS[name]
    if name == "infer" and every.version != "8.17":
        action += "/post"
    start = f"action [{action}] is unauthorized for user [ci] with effective roles [role-of-ci], "
    assert answer.reason.startswith(start + "this action is granted by the cluster privileges [")
    assert needed in answer.reason
    assert answer.reason.endswith("all]")


def test_nothing_happens_on_403(every: Api) -> None:
    """13.2: the privilege comes before the operation."""
    every.put("completion", "ep", openai())
    before, calls = every.read("ep"), len(every.cluster.provider_calls)
    every.cluster.users = (user("ci"),)
    for method, path, body, _ in CALLS.values():
        every(method, path, body, basic("ci"))
    every.cluster.users = None
    assert every.read("ep") == before
    assert every.gone("new")
    assert len(every.cluster.provider_calls) == calls


# --- the order of 13.2


@pytest.mark.parametrize("version", VERSIONS)
def test_order(version: str) -> None:
    """13.2: authentication, route, media type, path, body, parameters, id, privilege, and the operation last."""
    api = secured(version, user("ci"), user("boss", "all"))
    text = {"content-type": "text/plain"}
    ci, boss = basic("ci"), basic("boss")
    answers = [
        api("PATCH", "/_inference/nope/X?foo=1", b"{", text),
        api("PATCH", "/_inference/nope/X?foo=1", b"{", text | ci),
        api("PUT", "/_inference/nope/X?foo=1", b"{", text | ci),
        api("PUT", "/_inference/nope/X?foo=1", b"{", ci),
        api("PUT", "/_inference/completion/X?foo=1", None, ci),
        api("PUT", "/_inference/completion/X?foo=1", b"{", ci),
        api("PUT", "/_inference/completion/X", b"{", ci),
        api("PUT", "/_inference/completion/x", b"{", ci),
        api("PUT", "/_inference/completion/x", b"{", boss),
        api("PUT", "/_inference/completion/x", openai(), boss),
    ]
    assert [answer.status for answer in answers] == [401, 405, 406, 400, 400, 400, 400, 403, 400, 200]
    assert answers[3].reason == "Unknown task_type [nope]"
    assert answers[4].type == "parse_exception"
    assert "unrecognized parameter: [foo]" in answers[5].reason
    assert answers[6].type == "action_request_validation_exception"
    assert answers[8].type.startswith("x_content_")


def test_delete_and_get_without_privilege(every: Api) -> None:
    """13.2: 400 for the request itself, 403 before any lookup."""
    every.cluster.users = (user("ci"),)
    assert every("DELETE", "/_inference/nope/x", None, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x?foo", None, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x?force=maybe", None, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x", {"a": 1}, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x", None, basic("ci")).status == 403
    assert every("GET", "/_inference/x", None, basic("ci")).status == 403


# --- asking (2.3)


def test_has_privileges(every: Api) -> None:
    """2.3: `_security/user/_has_privileges` tells what the calls above would do."""
    every.cluster.users = (user("ci", "manage_inference"),)
    asked = {"cluster": ["manage_inference", "monitor_inference", "monitor_ml"]}
    body = every("POST", "/_security/user/_has_privileges", asked, basic("ci")).body
    assert body["username"] == "ci"
    assert body["has_all_requested"] is False
    assert body["cluster"] == {"manage_inference": True, "monitor_inference": True, "monitor_ml": False}


def test_who_am_i(every: Api) -> None:
    """2.3."""
    every.cluster.users = (user("ci", "monitor"),)
    body = every("GET", "/_security/_authenticate", None, basic("ci")).body
    assert (body["username"], body["roles"]) == ("ci", ["role-of-ci"])
