"""How a run ends badly, as an engineer on call sees it: what is live, what is not, what to type next.

Each ending is the real command against an emulator that answers as the server does. The files in `endings/` are read
as prose in review; INFERCTL_UPDATE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.running import Emulator

from inferctl.applier.limits import Limits
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.server import running

from .conftest import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent / "endings"
SETTINGS = "scope: shop\nendpoints: [endpoints/*.yaml]\nallow: [delete, replace]\nlimits: {max_deletes: 100%}\n"
PROVIDER, CLUSTER = "/_emulator/provider", "/_emulator/cluster"


def remote(name: str, service: str = "openai", model: str = "gpt-4o", **more: Any) -> str:
    key = {"env": f"{service.upper()}_API_KEY"}
    settings = {"model_id": model, "api_key": key}
    return json.dumps(
        {"inference_id": name, "task_type": "completion", "service": service, "service_settings": settings, **more}
    )


def local(name: str, model: str = ".elser_model_2") -> str:
    settings = {"model_id": model, "num_threads": 1, "num_allocations": 1}
    return json.dumps(
        {
            "inference_id": name,
            "task_type": "sparse_embedding",
            "service": "elasticsearch",
            "service_settings": settings,
        }
    )


class Shop:
    """A repository with a cluster of its own: `shop-chat` and `shop-old` are live, and nothing waits."""

    def __init__(self, shell: Shell, emulator: Emulator, cluster: Cluster) -> None:
        self.shell, self.emulator, self.cluster = shell, emulator, cluster
        (shell.folder / "endpoints").mkdir()
        (shell.folder / "inferctl.yaml").write_text(SETTINGS, encoding="utf-8")
        shell.environment |= {"OPENAI_API_KEY": "k", "COHERE_API_KEY": "c", "ELASTICSEARCH_URL": emulator.url}
        self.write("chat", remote("shop-chat"))
        self.write("old", remote("shop-old"))
        assert shell("apply", "--yes").code == 0

    def write(self, name: str, text: str) -> None:
        (self.shell.folder / "endpoints" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def remove(self, name: str) -> None:
        (self.shell.folder / "endpoints" / f"{name}.yaml").unlink()

    def post(self, path: str, body: Any) -> None:
        self.emulator.call("POST", path, body)

    def a_mixed_change(self, service: str) -> None:
        """One endpoint of `service` to create, one of another provider, one to remove."""
        self.write("new", remote("shop-new", service, "command-r"))
        self.write("summary", remote("shop-summary"))
        self.remove("old")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    cluster = Cluster.of("9.5")
    with running(cluster) as server:
        yield Shop(Shell(tmp_path, {}), Emulator(server.url), cluster)


def settled(text: str) -> str:
    """Without what differs from run to run."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:9200", text)
    text = re.sub(r"\d+\.\d s\b", "0.1 s", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "2026-01-02 03:04:05 UTC", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z", "2026-01-02T03:04:05Z", text)
    text = re.sub(r"inferctl-trial-[0-9a-f]{8}", "inferctl-trial-0a1b2c3d", text)
    text = re.sub(r"until: \d{4}-\d\d-\d\d", "until: 2026-01-16", text)
    text = re.sub(r"(?m)^(Run: ).*", r"\1apply", text)
    return re.sub(r"\b[0-9a-f]{22}\b", "uuid", text)


def check(name: str, text: str) -> None:
    path = FOLDER / name
    if os.environ.get("INFERCTL_UPDATE_GOLDEN") == "1":
        path.write_bytes(settled(text).encode("utf-8"))
    assert settled(text) == path.read_bytes().decode("utf-8")


def ends(shop: Shop, name: str, code: int, *arguments: str) -> Any:
    """Apply, hold its report against the golden files, and answer the document."""
    reports = [part for kind in ("text", "markdown", "json") for part in ("--report", f"{kind}={kind}.out")]
    words = arguments or ("apply", "--yes")
    ended = shop.shell(*words, "--quiet", *reports)
    assert ended.code == code, ended.out + ended.err
    text, markdown, document = (
        (shop.shell.folder / f"{kind}.out").read_text(encoding="utf-8") for kind in ("text", "markdown", "json")
    )
    check(f"{name}.txt", text.replace(" --quiet", ""))
    check(f"{name}.md", markdown.replace(" --quiet", ""))
    view = json.loads(document)
    assert view["next"]
    return view


def wrong_key(shop: Shop) -> None:
    shop.post(PROVIDER, {"outcome": "401", "service": "cohere", "message": "Incorrect API key provided"})
    shop.a_mixed_change("cohere")
    view = ends(shop, "wrong-key", 4)
    assert (view["live"], view["not_live"], view["down"]) == (["shop-chat", "shop-summary"], ["shop-new"], [])
    assert "COHERE_API_KEY" in view["next"]


def provider_rate_limit(shop: Shop) -> None:
    shop.post(PROVIDER, {"outcome": "429", "service": "cohere", "message": "trial keys take 20 calls a minute"})
    shop.a_mixed_change("cohere")
    assert ends(shop, "provider-rate-limit", 4)["not_live"] == ["shop-new"]


def missing_model(shop: Shop) -> None:
    shop.write("new", local("shop-elser", ".elser_model_9"))
    shop.write("summary", remote("shop-summary"))
    view = ends(shop, "missing-model", 4)
    assert "endpoints/new.yaml" in view["next"]


def no_capacity(shop: Shop) -> None:
    shop.post(CLUSTER, {"no_room": "not enough memory on node [instance-0000000001]"})
    shop.write("new", local("shop-elser"))
    view = ends(shop, "no-ml-capacity", 6)
    assert view["not_ready"][0]["state"] == "not ready"


def no_licence(shop: Shop) -> None:
    shop.post(CLUSTER, {"licensed": False})
    shop.a_mixed_change("cohere")
    assert ends(shop, "no-licence", 1)["live"] == ["shop-chat"]


def referenced(shop: Shop) -> None:
    pipeline = {"processors": [{"inference": {"model_id": "shop-old", "input_output": []}}]}
    shop.emulator.call("PUT", "/_ingest/pipeline/summaries", pipeline)
    shop.remove("old")
    view = ends(shop, "referenced", 3)
    assert "--force" not in view["next"]


def stale_plan(shop: Shop) -> None:
    shop.write("chat", remote("shop-chat", task_settings={"user": "a"}))
    assert shop.shell("plan", "--out", "plan.json").code == 0
    shop.emulator.call("PUT", "/_inference/completion/shop-chat/_update", {"task_settings": {"user": "b"}})
    view = ends(shop, "stale-plan", 5, "apply", "plan.json", "--yes")
    assert view["next"].startswith("inferctl plan --out plan.json, then: inferctl apply plan.json")


def down(shop: Shop) -> None:
    """The worst one: deleted, and neither the new nor the old can be put there."""
    shop.write("chat", remote("shop-chat", model="gpt-5"))
    shop.remove("old")
    refused = {"kind": "status", "method": "PUT", "path": "/_inference/completion/shop-chat", "status": 400}
    shop.post("/_emulator/faults", {**refused, "reason": "no shard", "count": -1})
    view = ends(shop, "down", 4)
    assert view["down"] == view["not_live"] == ["shop-chat"]
    assert view["failed"][0]["down_since"]
    planned = shop.shell("plan")
    assert (
        "a run did not end the replace of shop-chat: it is not there, and this plan will create it first" in planned.out
    )
    assert shop.emulator.live().keys() == {"shop-old"}
    again = ends(shop, "down-again", 1)
    assert again["down"] == ["shop-chat"]
    shop.emulator.call("DELETE", "/_emulator/faults")
    assert shop.shell("apply", "--yes").code == 0


@pytest.mark.parametrize(
    "ending", [wrong_key, provider_rate_limit, missing_model, no_capacity, no_licence, referenced, stale_plan, down]
)
def test_an_apply_that_began(ending: Callable[[Shop], None], shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "may_pass", lambda *_: False)  # its patience is over
    ending(shop)


def no_privilege(shop: Shop) -> None:
    may_read = ["monitor", "read_pipeline", "monitor_inference"]
    user = {"name": "ci", "api_key": "r", "privileges": may_read, "index_privileges": ["all"]}
    shop.post("/_emulator/users", {"users": [user]})
    shop.shell.environment["ELASTICSEARCH_API_KEY"] = "r"


def locked(shop: Shop) -> None:
    lock = {
        "kind": "lock", "format": 1, "scope": "shop", "run": "4711", "who": "alice@build-7", "run_url": "",
        "since": "2026-01-01T00:00:00Z", "ttl_s": 60, "beats": 0,
    }  # fmt: skip
    shop.emulator.call("PUT", "/inferctl-ledger/_doc/lock:shop", lock)


def unreachable(shop: Shop) -> None:
    shop.shell.environment["ELASTICSEARCH_URL"] = "http://127.0.0.1:1"


def tls_failure(shop: Shop) -> None:
    shop.shell.environment["ELASTICSEARCH_URL"] = shop.emulator.url.replace("http:", "https:")


def old_version(shop: Shop) -> None:
    shop.cluster.profile = replace(shop.cluster.profile, number="8.10.4")


BEFORE = {
    "no-privilege": (no_privilege, 1),
    "locked": (locked, 7),
    "unreachable-host": (unreachable, 1),
    "tls-failure": (tls_failure, 1),
    "version-too-old": (old_version, 1),
}


@pytest.mark.parametrize("name", BEFORE)
def test_an_apply_that_did_not_begin(name: str, shop: Shop) -> None:
    arrange, code = BEFORE[name]
    shop.a_mixed_change("cohere")
    arrange(shop)
    before = shop.emulator.writes()
    assert before
    view = ends(shop, name, code, "apply", "--yes", "--lock-timeout", "0")
    assert (view["kind"], view["live"]) == (
        "failure",
        "This run wrote to no endpoint: what is live is as it was before it.",
    )
    assert name == "no-privilege" or shop.emulator.writes() == []  # there nobody else may look
