"""Who may do what, and what is answered before that.

Source: requests.md#privileges, errors.md#security, emulating.md#order-of-the-checks.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from inferctl.emulator.adapter import ROUTES
from inferctl.emulator.security import GRANTS, User

from .api import Api, in_each, openai

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


# --- 401 (errors.md#security)

BAD_CREDENTIALS = [
    ({}, "missing authentication credentials for REST request [/_inference/ep]"),
    (basic("nobody"), "unable to authenticate user [nobody] for REST request [/_inference/ep]"),
    (basic("ci", "wrong"), "unable to authenticate user [ci] for REST request [/_inference/ep]"),
    ({"authorization": "ApiKey wrong"}, "unable to authenticate"),
    ({"authorization": "Bearer wrong"}, "unable to authenticate"),
    ({"authorization": "Basic !!!"}, "unable to authenticate"),
    ({"authorization": "Digest x"}, "unable to authenticate"),
]


@in_each()
@pytest.mark.parametrize(("headers", "reason"), BAD_CREDENTIALS)
def test_401(version: str, headers: dict[str, str], reason: str) -> None:
    """With WWW-Authenticate, also under error.header; without the product header.

    Source: errors.md#security, errors.md#product-header.
    """
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
    """errors.md#security: password, API key and token."""
    api = secured("9.5", User("ci", password=PASSWORD, api_key="aWQ6a2V5", token="t0ken"))
    assert api("GET", "/_inference/ep", None, headers).status == 200


@in_each()
def test_authentication_comes_first(every: Api) -> None:
    """emulating.md#order-of-the-checks: before the route, the media type and everything else."""
    every.cluster.users = ()
    for method, path in (("GET", "/_inference"), ("PATCH", "/_inference/ep"), ("PUT", "/_inference/nope/X?foo")):
        assert every(method, path, b"{" if method == "PUT" else None, {"content-type": "text/plain"}).status == 401


# --- 403 (requests.md#privileges)

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
HELD = {
    "all": {"manage_inference", "monitor_inference", "monitor_ml"},
    "manage": {"manage_inference", "monitor_inference", "monitor_ml"},
    "monitor": {"monitor_inference", "monitor_ml"},
    "manage_inference": {"manage_inference", "monitor_inference"},
    "monitor_inference": {"monitor_inference"},
    "monitor_ml": {"monitor_ml"},
    "": set(),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("privilege", HELD)
def test_privileges(name: str, privilege: str) -> None:
    """requests.md#privileges: the smallest named privilege of each operation, and the wider ones."""
    method, path, body, needed = CALLS[name]
    api = secured("9.5", user("ci", *([privilege] if privilege else [])))
    answer = api(method, path, body, basic("ci"))
    if needed in HELD[privilege]:
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
@in_each()
def test_text_of_the_403(every: Api, name: str) -> None:
    """errors.md#security: action, user, roles and what would grant it."""
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


@in_each()
def test_nothing_happens_on_403(every: Api) -> None:
    """emulating.md#order-of-the-checks: the privilege comes before the operation."""
    every.put("completion", "ep", openai())
    before, calls = every.read("ep"), len(every.cluster.provider_calls)
    every.cluster.users = (user("ci"),)
    for method, path, body, _ in CALLS.values():
        every(method, path, body, basic("ci"))
    every.cluster.users = None
    assert every.read("ep") == before
    assert every.gone("new")
    assert len(every.cluster.provider_calls) == calls


# --- the order of the checks (emulating.md#order-of-the-checks)


@in_each()
def test_order(version: str) -> None:
    """Authentication, route, media type, path, body, parameters, id, privilege, and the operation last.

    Source: emulating.md#order-of-the-checks.
    """
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


@in_each()
def test_delete_and_get_without_privilege(every: Api) -> None:
    """emulating.md#order-of-the-checks: 400 for the request itself, 403 before any lookup."""
    every.cluster.users = (user("ci"),)
    assert every("DELETE", "/_inference/nope/x", None, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x?foo", None, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x?force=maybe", None, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x", {"a": 1}, basic("ci")).status == 400
    assert every("DELETE", "/_inference/x", None, basic("ci")).status == 403
    assert every("GET", "/_inference/x", None, basic("ci")).status == 403


# --- asking (requests.md#privileges)


@in_each()
def test_has_privileges(every: Api) -> None:
    """requests.md#privileges: `_security/user/_has_privileges` tells what the calls above would do."""
    every.cluster.users = (user("ci", "manage_inference"),)
    asked = {"cluster": ["manage_inference", "monitor_inference", "monitor_ml"]}
    body = every("POST", "/_security/user/_has_privileges", asked, basic("ci")).body
    assert body["username"] == "ci"
    assert body["has_all_requested"] is False
    assert body["cluster"] == {"manage_inference": True, "monitor_inference": True, "monitor_ml": False}


@in_each()
def test_who_am_i(every: Api) -> None:
    """requests.md#privileges."""
    every.cluster.users = (user("ci", "monitor"),)
    body = every("GET", "/_security/_authenticate", None, basic("ci")).body
    assert (body["username"], body["roles"]) == ("ci", ["role-of-ci"])


# --- what grants what


def test_grants_are_those_of_the_server() -> None:
    """The table is what the server's own classes answer (tests/privileges/granted)."""
    lines = (Path(__file__).parents[1] / "privileges" / "granted" / "granted-by.txt").read_text().splitlines()
    assert {action: tuple(names.split(",")) for action, names in map(str.split, lines)} == GRANTS


@in_each()
def test_every_route_has_an_action_that_something_grants(every: Api) -> None:
    """Only the control API and the questions about oneself go without."""
    free = {r.template for r in ROUTES if not r.action and not r.open}
    assert free == {"/_security/_authenticate", "/_security/user/_has_privileges"}
    assert {a for r in ROUTES if (a := r.action_on(every.cluster.profile))} <= set(GRANTS)


@pytest.mark.parametrize(
    ("path", "granting"),
    [
        ("/_ingest/pipeline", {"read_pipeline", "manage_pipeline", "manage_ingest_pipelines", "manage", "all"}),
        ("/_index_template", {"monitor", "manage_index_templates", "manage", "all"}),
        ("/_component_template", {"monitor", "manage_index_templates", "manage", "all"}),
        ("/", {"monitor", "manage", "all"}),
    ],
)
def test_reads_beside_the_inference_api(path: str, granting: set[str]) -> None:
    """`monitor` shows templates, and no pipelines."""
    names = {"monitor", "read_pipeline", "manage_pipeline", "manage_ingest_pipelines", "manage_index_templates"}
    for name in names | {"monitor_inference", "manage_inference", "monitor_ml", "manage_ml", "manage", "all"}:
        answer = secured("9.1", user("ci", name))("GET", path, None, basic("ci"))
        assert (answer.status == 200) is (name in granting), name


# --- index privileges


def on(name: str, *grants: tuple[str, str], privileges: tuple[str, ...] = ()) -> User:
    """A key with privileges by index pattern: ("logs-*", "read write")."""
    key = base64.b64encode(f"id-of-{name}:k".encode()).decode()
    blocks = tuple(((pattern,), frozenset(held.split())) for pattern, held in grants)
    return User(name, frozenset(privileges), api_key=key, indices=blocks)


def key(name: str) -> dict[str, str]:
    return {"authorization": "ApiKey " + base64.b64encode(f"id-of-{name}:k".encode()).decode()}


def with_indexes(api: Api, *users: User) -> Api:
    for name in ("logs-a", "logs-b", "other"):
        assert api("PUT", f"/{name}", {"mappings": {"properties": {"f": {"type": "keyword"}}}}).status == 200
        assert api("PUT", f"/{name}/_doc/1", {"f": name}).status == 201
    api.cluster.users = users
    return api


@in_each()
def test_an_index_that_the_key_may_not_read(every: Api) -> None:
    """errors.md#security: 403 with the index and what would grant it; for a name that is not there as well."""
    api = with_indexes(every, on("ci", ("logs-*", "read")))
    for name in ("other", "nowhere"):
        answer = api("GET", f"/{name}/_search", {}, key("ci"))
        assert answer.status == 403
        assert answer.reason == (
            f"action [indices:data/read/search] is unauthorized for API key id [id-of-ci] of user [ci] "
            f"on indices [{name}], this action is granted by the index privileges [read,all]"
        )
    assert api("GET", "/logs-a/_search", {}, key("ci")).status == 200
    assert api("GET", "/logs-a/_doc/1", None, key("ci")).status == 200
    assert api("GET", "/other/_doc/1", None, key("ci")).status == 403


@in_each()
def test_wildcards_name_what_the_key_may_see(every: Api) -> None:
    """Silently less with the privilege somewhere; 403 with the privilege nowhere."""
    api = with_indexes(every, on("ci", ("logs-*", "view_index_metadata")), on("none"))
    assert set(api("GET", "/*/_mapping", None, key("ci")).body) == {"logs-a", "logs-b"}
    assert set(api("GET", "/_mapping", None, key("ci")).body) == {"logs-a", "logs-b"}
    assert set(api("GET", "/logs-a,other/_mapping?ignore_unavailable=true", None, key("ci")).body) == {"logs-a"}
    assert api("GET", "/logs-a,other/_mapping", None, key("ci")).status == 403
    assert api("GET", "/*/_mapping", None, key("none")).status == 403
    assert api("GET", "/other/_mapping?ignore_unavailable=true", None, key("none")).status == 403


WRITES: dict[str, tuple[str, str, Any]] = {
    "index": ("PUT", "/logs-a/_doc/2", {"f": "x"}),
    "create": ("PUT", "/logs-a/_create/3", {"f": "x"}),
    "delete": ("DELETE", "/logs-a/_doc/1", None),
}
WRITERS = {
    "create_doc": {"create"},
    "create": {"index", "create"},
    "index": {"index", "create"},
    "delete": {"delete"},
    "write": {"index", "create", "delete"},
    "read": set(),
    "maintenance": set(),
    "manage": set(),
}


@pytest.mark.parametrize("privilege", WRITERS)
def test_writes_of_one_document(privilege: str) -> None:
    api = with_indexes(Api("9.1"), on("ci", ("logs-*", privilege)))
    for name, (method, path, body) in WRITES.items():
        answer = api(method, path, body, key("ci"))
        assert (answer.status < 300) is (name in WRITERS[privilege]), (name, answer.raw)
        assert answer.status < 300 or answer.status == 403


@pytest.mark.parametrize("privilege", WRITERS)
def test_lines_of_a_bulk(privilege: str) -> None:
    """Each line on its own, 200 around them; 403 for the whole where nothing may be written at all."""
    api = with_indexes(Api("9.1"), on("ci", ("logs-*", privilege)))
    lines = [{"index": {"_id": "2"}}, {"f": "x"}, {"create": {"_id": "3"}}, {"f": "x"}, {"delete": {"_id": "1"}}]
    octets = "".join(json.dumps(line) + "\n" for line in lines).encode()
    answer = api("POST", "/logs-a/_bulk", octets, {**key("ci"), "content-type": "application/x-ndjson"})
    if not WRITERS[privilege]:
        assert answer.status == 403
        return
    assert answer.status == 200
    for item in answer.body["items"]:
        ((verb, result),) = item.items()
        assert (result["status"] < 300) is (verb in WRITERS[privilege])
        if result["status"] >= 300:
            assert (result["status"], result["error"]["type"]) == (403, "security_exception")
            assert f"[{verb}," in result["error"]["reason"] or f",{verb}," in result["error"]["reason"]


def test_a_bulk_to_another_index() -> None:
    """The key may write somewhere, so the request is taken; its lines are refused by the shard's share of it."""
    api = with_indexes(Api("9.1"), on("ci", ("logs-*", "write")))
    octets = b'{"index": {"_id": "2"}}\n{"f": "x"}\n'
    answer = api("POST", "/other/_bulk", octets, {**key("ci"), "content-type": "application/x-ndjson"})
    error = answer.body["items"][0]["index"]["error"]
    assert error["reason"].startswith("action [indices:data/write/bulk[s]] is unauthorized for API key id [id-of-ci]")


def test_a_write_makes_an_index_only_with_the_privilege_for_it() -> None:
    api = with_indexes(Api("9.1"), on("ci", ("logs-*", "write")), on("maker", ("logs-*", "write create_index")))
    refused = api("PUT", "/logs-new/_doc/1", {"f": 1}, key("ci"))
    assert refused.status == 403
    assert "granted by the index privileges [auto_configure,create_index,manage,all]" in refused.reason
    assert "logs-new" not in api.cluster.indices
    assert api("PUT", "/logs-new", {}, key("ci")).status == 403
    assert api("PUT", "/logs-new/_doc/1", {"f": 1}, key("maker")).status == 201


def test_asking_about_index_privileges() -> None:
    """By pattern; wider privileges hold the narrower ones."""
    api = with_indexes(Api("9.1"), on("ci", ("logs-*", "write"), ("*", "view_index_metadata"), privileges=("monitor",)))
    asked = {
        "cluster": ["monitor", "monitor_inference", "manage_inference", "read_pipeline"],
        "index": [
            {"names": ["logs-a", "logs-*"], "privileges": ["delete", "index", "read"]},
            {"names": ["*"], "privileges": ["view_index_metadata", "delete"]},
        ],
    }
    body = api("POST", "/_security/user/_has_privileges", asked, key("ci")).body
    assert body["cluster"] == {
        "monitor": True, "monitor_inference": True, "manage_inference": False, "read_pipeline": False
    }  # fmt: skip
    held = {"delete": True, "index": True, "read": False}
    assert body["index"] == {
        "logs-a": held, "logs-*": held, "*": {"view_index_metadata": True, "delete": False}
    }  # fmt: skip


def test_a_user_with_a_role() -> None:
    """The control API takes a role as `PUT /_security/role` does."""
    api = with_indexes(Api("9.1"))
    role = {"cluster": ["monitor"], "indices": [{"names": ["logs-*"], "privileges": ["read"]}]}
    token = key("ci")["authorization"].removeprefix("ApiKey ")
    users = {"users": [{"name": "ci", "api_key": token, "role": role}]}
    assert api("POST", "/_emulator/users", users).status == 200
    assert api("GET", "/", None, key("ci")).status == 200
    assert api("GET", "/logs-a/_search", {}, key("ci")).status == 200
    assert api("GET", "/other/_search", {}, key("ci")).status == 403
    assert api("GET", "/_ingest/pipeline", None, key("ci")).status == 403
