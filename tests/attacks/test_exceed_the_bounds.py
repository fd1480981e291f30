"""The attacker wants a run to do more than its operator allows: other scopes, ids, permissions, limits, clusters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.secrets.desk import Desk

from inferctl import Cluster, Endpoint, Permissions, RefusedByBounds, SecretRef, apply, plan
from inferctl.services import CohereSettings

if TYPE_CHECKING:
    from pathlib import Path

BOUNDS: dict[str, Any] = {
    "scopes": ["shop", "shop-*"],
    "manage": ["shop-*"],
    "allow": ["replace", "adopt"],
    "limits": {"max_deletes": "20%", "max_changes": 5},
    "services": ["cohere"],
    "passthrough": False,
}
GOOD = "scope: shop\nmanage: [shop-*]\nendpoints: ['e/*.yaml']\n"
ALL = {**BOUNDS, "allow": ["delete", "replace", "adopt", "forget", "take_over", "force"]}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path, monkeypatch, capsys)
    made.set(INFERCTL_BOUNDS=json.dumps(BOUNDS), COHERE_API_KEY="canary-key-1")
    settings(made, GOOD)
    declare(made, "shop-a")
    return made


def settings(desk: Desk, text: str) -> None:
    (desk.folder / "inferctl.yaml").write_text(text, encoding="utf-8")


def declare(desk: Desk, name: str, **more: Any) -> None:
    secret = {"api_key": {"env": "COHERE_API_KEY"}}
    endpoint = {"task_type": "rerank", "service": "cohere", "service_settings": {"model_id": "rerank-v3.5", **secret}}
    desk.write(name, **{**endpoint, **more})


def test_what_is_within_the_bounds_is_done(desk: Desk) -> None:
    ran = desk("apply", "--yes", "--allow-replace", "--max-changes", "5", "--max-deletes", "10%", "--manage", "shop-a*")
    assert (ran.code, desk.emulated.cluster.endpoints.keys() & {"shop-a"}) == (0, {"shop-a"}), ran.said


def test_a_pull_request_that_goes_under_the_scope_of_another_team_to_delete_what_is_theirs(desk: Desk) -> None:
    desk.set(INFERCTL_BOUNDS=None)
    for number in range(7):
        declare(desk, f"wiki-{number}")
    settings(desk, GOOD.replace("shop", "wiki"))
    assert desk("apply", "--yes", "--target", "wiki-*").code == 0
    for number in range(1, 7):
        (desk.folder / f"e/wiki-{number}.yaml").unlink()
    (desk.folder / "e/shop-a.yaml").unlink()
    settings(desk, "scope: wiki\nendpoints: ['e/*.yaml']\nallow: [delete]\nlimits: {max_deletes: 100%}\n")
    assert "6 to delete" in desk("plan").out
    desk.set(INFERCTL_BOUNDS=json.dumps(BOUNDS))
    ran = desk("plan")
    assert (ran.code, desk.emulated.sent) == (1, [])
    codes = ("bounds.scope", "bounds.allow", "bounds.limit", "bounds.manage")
    assert [code for code in codes if f"error[{code}]" not in ran.err] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("scope: wiki", "inferctl.yaml:1:8: error[bounds.scope]: the scope wiki"),
        ("scope: shopper", "error[bounds.scope]"),
        ("ledger: none", "error[bounds.scope]: the run has no scope"),
        ("manage: ['*']", "inferctl.yaml:3:10: error[bounds.manage]: manage: * matches more"),
        ("manage: ['[a-r]*', '[t-z0-9]*', 's[a-gi-z0-9]*']", "error[bounds.manage]"),
        ("manage: ['shop*']", "such as shop"),
        ("allow: [delete]", "inferctl.yaml:4:8: error[bounds.allow]: deletes are"),
        ("limits: {max_deletes: 100%}", "inferctl.yaml:4:23: error[bounds.limit]: max_deletes: 100%"),
        ("limits: {max_changes: 6}", "error[bounds.limit]: max_changes: 6"),
        ("permits: [{delete: shop-x, reason: r}]", "inferctl.yaml:4:20: error[bounds.allow]: deletes are"),
        (
            "permits: [{replace: shop-x, force: true, reason: r}]",
            "error[bounds.allow]: removals of what is referred to",
        ),
        ("permits: [{forget: shop-x, reason: r}]", "error[bounds.allow]: forgotten endpoints"),
        ("permits: [{take_over: shop-x, reason: r}]", "error[bounds.allow]: take-overs"),
        ("permits: [{adopt: wiki-x, reason: r}]", "inferctl.yaml:4:19: error[bounds.manage]: the id wiki-x"),
        ("region_policy: {allowed_geos: [us]}", "inferctl.yaml:4:16: error[bounds.manage]: the id _region_policy"),
    ],
)
def test_a_settings_file_that_asks_for_more(desk: Desk, line: str, told: str) -> None:
    key = line.partition(":")[0]
    others = [part for part in GOOD.splitlines() if not part.startswith(f"{key}:")]
    settings(desk, "\n".join([line, *others] if key == "scope" else [*others, line]) + "\n")
    for command in COMMANDS:
        ran = desk(*command)
        assert ran.code == 1, ran.said
        assert told in ran.err
        assert desk.emulated.sent == []


@pytest.mark.parametrize(
    ("line", "chosen", "told"),
    [
        ("environments: {staging: {}, prod: {}}", "prod", "inferctl.yaml:4:29: error[bounds.environment]"),
        ("environments: {prod: {}}", "prod", "the environment prod is out of bounds"),
        ("environments: {staging2: {}}", "staging2", "error[bounds.environment]"),
        ("ignore: []", None, "error[bounds.environment]: the run has no environment"),
        ("environments: {staging: {}, prod: {}}", None, "error[settings.environment]"),
        ("environments: {staging: {allow: [delete]}}", "staging", "inferctl.yaml:4:33: error[bounds.allow]"),
        (
            "environments: {staging: {limits: {max_deletes: 3%, max_changes: 6}}}",
            "staging",
            "inferctl.yaml:4:65: error",
        ),
        ("environments: {staging: {permits: [{adopt: wiki-x, reason: r}]}}", "staging", "4:44: error[bounds.manage]"),
        ("environments: {staging: {region_policy: {allowed_geos: [eu]}}}", "staging", "4:41: error[bounds.manage]"),
    ],
)
def test_an_environment_that_is_of_another_job_or_asks_for_more(
    desk: Desk, line: str, chosen: str | None, told: str
) -> None:
    desk.set(INFERCTL_BOUNDS=json.dumps({**BOUNDS, "environments": ["staging"]}), INFERCTL_ENV=chosen)
    settings(desk, f"{GOOD}{line}\n")
    for command in COMMANDS:
        ran = desk(*command)
        assert (ran.code, desk.emulated.sent) == (1, []), ran.said
        assert told in ran.err


def test_another_environment_may_ask_for_more(desk: Desk) -> None:
    """It is bound where it is used."""
    desk.set(INFERCTL_BOUNDS=json.dumps({**BOUNDS, "environments": ["staging"]}), INFERCTL_ENV="staging")
    settings(desk, f"{GOOD}environments: {{staging: {{}}, prod: {{allow: [delete]}}}}\n")
    assert desk("plan").code == 0


COMMANDS = (
    ("plan",), ("apply", "--yes"), ("destroy", "--yes"), ("rotate", "shop-a", "--yes"), ("adopt", "shop-a"),
    ("forget", "shop-a"), ("ledger", "repair", "shop-a"), ("ledger", "check"), ("unlock", "--yes"), ("history",),
    ("verify",), ("refs", "shop-a"), ("export",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("plan", "--allow-delete"), "deletes are out of bounds"),
        (("destroy", "--yes"), "deletes are out of bounds"),
        (("plan", "--force-delete", "shop-a"), "removals of what is referred to are"),
        (("apply", "--yes", "--take-over", "*"), "take-overs are"),
        (("adopt", "--take-over", "shop-a"), "take-overs are"),
        (("forget", "shop-a"), "forgotten endpoints are"),
        (("plan", "--max-deletes", "21%"), "max_deletes: 21%"),
        (("plan", "--max-changes", "6"), "max_changes: 6"),
        (("plan", "--manage", "*-*", "--manage", "[a-z]*"), "manage: *-* matches more"),
        (("rotate", "shop-a", "--yes", "--manage", "*"), "manage: * matches more"),
        (("ledger", "repair", "wiki-a", "--yes"), "the id wiki-a"),
        (("plan", "--delete-region-policy"), "error[bounds.manage]: the id _region_policy"),
        (("plan", "--allow-deny", "wiki-x"), "error[bounds.allow]: denials of what is in use"),
    ],
)
def test_a_command_line_that_asks_for_more(desk: Desk, command: tuple[str, ...], told: str) -> None:
    ran = desk(*command)
    assert ran.code == 1, ran.said
    assert "the command line: error[bounds." in ran.err
    assert told in ran.err
    assert desk.emulated.sent == []


@pytest.mark.parametrize(
    ("name", "endpoint", "told"),
    [
        ("wiki-a", {}, "e/wiki-a.yaml:1:15: error[bounds.manage]: the id wiki-a"),
        ("shop-b", {"service": "openai", "task_type": "completion"}, "error[bounds.service]: the service openai"),
        ("shop-b", {"passthrough": True}, "error[bounds.passthrough]"),
    ],
)
def test_a_file_that_declares_more(desk: Desk, name: str, endpoint: dict[str, Any], told: str) -> None:
    declare(desk, name, **endpoint)
    for command in (("validate",), ("plan",), ("apply", "--yes")):
        ran = desk(*command)
        assert (ran.code, desk.emulated.sent) == (1, [])
        assert told in ran.err


def test_an_unknown_service_is_not_let_by_while_hosts_are_bound(desk: Desk) -> None:
    declare(desk, "shop-b", service="brand-new", passthrough=True)
    hosts = ["api.cohere.ai"]
    for said, codes in (({"hosts": hosts}, 1), ({"hosts": hosts, "passthrough": True}, 0), ({}, 0)):
        desk.set(INFERCTL_BOUNDS=json.dumps(said))
        ran = desk("validate")
        assert ran.code == codes, ran.said
        assert ("error[bounds.passthrough]" in ran.err) is bool(codes)


def test_all_that_exceeds_is_named_in_one_run(desk: Desk) -> None:
    settings(desk, "scope: wiki\nmanage: ['*']\nallow: [delete]\nlimits: {max_changes: 9}\nendpoints: ['e/*.yaml']\n")
    declare(desk, "wiki-a", passthrough=True)
    desk.set(INFERCTL_SECRETS_ALLOW="OTHER")
    ran = desk("plan", "--max-deletes", "50%")
    codes = [line.split("error[")[1].split("]")[0] for line in ran.err.splitlines() if ": error[" in line]
    assert sorted({*codes}) == [
        "bounds.allow", "bounds.limit", "bounds.manage", "bounds.passthrough", "bounds.scope", "secret.denied",
    ]  # fmt: skip
    assert codes.count("bounds.limit") == 2
    assert desk.emulated.sent == []


def test_a_saved_plan_that_does_more(desk: Desk) -> None:
    desk.set(INFERCTL_BOUNDS=None)
    for name in ("shop-b", "shop-c"):
        declare(desk, name)
    assert desk("apply", "--yes").code == 0
    (desk.folder / "e/shop-c.yaml").unlink()
    declare(desk, "shop-d")
    assert desk("plan", "--allow-delete", "--max-deletes", "1", "--out", "plan.json").code == 0
    for bounds, told in (
        ({**BOUNDS}, "shop-c: deletes are out of bounds"),
        ({**ALL, "manage": ["shop-[ab]"]}, "the id shop-d"),
        ({**ALL, "scopes": ["other"]}, "the scope shop"),
    ):
        desk.set(INFERCTL_BOUNDS=json.dumps(bounds))
        settings(desk, GOOD.replace("manage: [shop-*]\n", ""))
        ran = desk("apply", "plan.json", "--yes")
        assert (ran.code, desk.emulated.sent) == (1, [])
        assert told in ran.err
    desk.set(INFERCTL_BOUNDS=json.dumps({**ALL, "manage": ["shop-[ab]"]}))
    ran = desk("apply", "plan.json", "--yes")
    assert "the id shop-c" in ran.err


def test_what_only_a_plan_shows_stops_it(desk: Desk) -> None:
    """A share of ours against a number, an adoption that nobody asked for, and what the ledger says is ours."""
    desk.set(INFERCTL_BOUNDS=json.dumps(ALL))
    for name in ("shop-b", "shop-c", "shop-d"):
        declare(desk, name)
    assert desk("apply", "--yes").code == 0
    for name in ("b", "c"):
        (desk.folder / f"e/shop-{name}.yaml").unlink()
    for bounds, asked, told in (
        (ALL, "4", "2 deletes are planned, at most 0 of our 4 are by limits.max_deletes in INFERCTL_BOUNDS"),
        ({**ALL, "limits": {"max_deletes": 1}}, "100%", "at most 1 of our 4 are by limits.max_deletes"),
        ({**ALL, "limits": {"max_changes": 1}}, "100%", "2 steps are planned, at most 1 are by limits.max_changes"),
        ({**ALL, "limits": {}, "manage": ["shop-[ad]"]}, "100%", "does not match shop-b, shop-c"),
    ):
        desk.set(INFERCTL_BOUNDS=json.dumps(bounds))
        settings(desk, GOOD.replace("manage: [shop-*]\n", ""))
        ran = desk("apply", "--yes", "--allow-delete", "--max-deletes", asked)
        assert ran.code == 3, ran.said
        assert told in " ".join(ran.out.split())
        assert desk.emulated.cluster.endpoints.keys() >= {"shop-b", "shop-c"}


def test_an_adoption_that_nobody_asked_for_is_one(desk: Desk) -> None:
    body = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "x"}}
    desk.emulated.call("PUT", "/_inference/rerank/shop-a", body)
    desk.set(INFERCTL_BOUNDS=json.dumps({**ALL, "allow": []}))
    ran = desk("apply", "--yes")
    assert (ran.code, "does not name adopt, which shop-a would need" in " ".join(ran.out.split())) == (3, True), (
        ran.said
    )
    assert "shop-a" not in desk.ledger()


def test_no_command_goes_on_with_another_cluster(desk: Desk) -> None:
    desk.set(INFERCTL_BOUNDS=json.dumps({"cluster_uuids": ["another"]}))
    for command in COMMANDS:
        ran = desk(*command)
        assert ran.code == 1, ran.said
        assert "bounds.cluster" in ran.err
        assert desk.emulated.sent == ["GET /"]
    desk.set(INFERCTL_BOUNDS=json.dumps({"cluster_uuids": [desk.emulated.call("GET", "/")["cluster_uuid"]]}))
    assert desk("apply", "--yes").code == 0
    assert desk("history").code == 0
    assert desk.emulated.sent[0] == "GET /"


def test_a_program_is_bound_alike(desk: Desk) -> None:
    environ = {"INFERCTL_BOUNDS": json.dumps(BOUNDS), "COHERE_API_KEY": "k"}

    def endpoint(name: str, **more: Any) -> Endpoint:
        secret = SecretRef("env", "COHERE_API_KEY")
        service_settings = CohereSettings(model_id="rerank-v3.5", api_key=secret)
        return Endpoint(
            inference_id=name, task_type="rerank", service="cohere", service_settings=service_settings, **more
        )

    for scope in ("wiki", None):
        with pytest.raises(RefusedByBounds, match=r"bounds\.scope"):
            Cluster.emulator(scope=scope, environ=environ)
    bounded = {**environ, "INFERCTL_BOUNDS": json.dumps({**BOUNDS, "environments": ["staging"]})}
    for environment in ("", "prod"):
        with pytest.raises(RefusedByBounds, match=r"bounds\.environment"):
            Cluster("http://127.0.0.1:9", scope="shop", environ=bounded, environment=environment)
    Cluster("http://127.0.0.1:9", scope="shop", environ=bounded, environment="staging").close()
    cluster = Cluster.emulator(scope="shop", environ=environ)
    for asked in (
        Permissions(allow_delete=True), Permissions(delete_ids=frozenset({"shop-a"})), Permissions(max_deletes="50%"),
        Permissions(max_changes=6), Permissions(manage=("*-*", "[a-z]*")), Permissions(take_over=("*",)),
        Permissions(force_delete=frozenset({"shop-a"})), Permissions(adopt_ids=frozenset({"wiki-a"})),
    ):  # fmt: skip
        for run in (plan, apply):
            with pytest.raises(RefusedByBounds):
                run(cluster, [endpoint("shop-a")], permissions=asked)
    for declared in (endpoint("wiki-a"), endpoint("shop-a", passthrough=True)):
        with pytest.raises(RefusedByBounds):
            plan(cluster, [declared])
    assert plan(cluster, [endpoint("shop-a")]).steps[0].inference_id == "shop-a"
    free = Cluster.emulator(scope="shop", environ={"COHERE_API_KEY": "k"})
    made = plan(free, [endpoint("wiki-a")], permissions=Permissions(allow_delete=True))
    with pytest.raises(RefusedByBounds, match="wiki-a") as refused:
        apply(cluster, made, permissions=Permissions(allow_delete=True))
    assert {found.code for found in refused.value.diagnostics} == {"bounds.allow", "bounds.manage"}
