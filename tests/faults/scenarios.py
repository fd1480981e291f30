"""What the sweep tells again and again: a repository, a cluster that an earlier run made, and what is wanted now.

Each has some of: a create, one in the cluster, an update, a rotated key, a replace, a delete, an adoption, something
in use, and what others own. What is wanted is said a second time, by hand, as the emulator stores it.
"""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.running import clean_environment

from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.persist import load, save
from inferctl.model.ids import REGION_POLICY

from .proxy import Exchange, Proxy, Strike, proxy_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .commands import Commands

OLD, NEW = {"FIRST_KEY": "7d1f0c55a2e94b", "TURNED_KEY": "b81e6609f3c7d0"}, {"TURNED_KEY": "30ac94e7d5512f"}
KEYS = {**OLD, **NEW}
TURNED = {"FIRST_KEY": "e40b7715d89c62", "TURNED_KEY": "5a6d02ff18b3c9"}
SLOW_S = 25.0


def chat(model: str, **settings: Any) -> dict[str, Any]:
    return {
        "task_type": "completion",
        "service": "openai",
        "service_settings": {"model_id": model, "api_key": {"env": "FIRST_KEY"}, **settings},
    }


def rerank(top_n: int) -> dict[str, Any]:
    return {
        "task_type": "rerank",
        "service": "cohere",
        "service_settings": {"model_id": "rerank-v3.5", "api_key": {"env": "FIRST_KEY"}},
        "task_settings": {"top_n": top_n},
    }


def turned_rerank() -> dict[str, Any]:
    return {**rerank(3), "service_settings": {"model_id": "rerank-v3.5", "api_key": {"env": "TURNED_KEY"}}}


def embedding(key: str) -> dict[str, Any]:
    return {
        "task_type": "text_embedding",
        "service": "openai",
        "service_settings": {"model_id": "text-embedding-3-small", "api_key": {"env": key}},
    }


def elser(threads: int = 1) -> dict[str, Any]:
    settings = {"model_id": ".elser_model_2", "num_threads": threads, "num_allocations": 1}
    return {"task_type": "sparse_embedding", "service": "elasticsearch", "service_settings": settings}


ALL = (("", 1000),)
# By id. What stands under `_region_policy` is no endpoint: it goes into the settings file.
Files = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Scenario:
    """`old` is applied first, then `others` do their part; the story is the apply of `new`.

    `foreign` are ids that nobody may touch, `used` those of ours that somebody uses: they stay, whatever the files say.
    """

    name: str
    old: Files
    new: Files
    others: tuple[tuple[str, str, Any], ...] = ()
    foreign: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    scope: str = ""
    version: str = "9.5"
    arguments: tuple[str, ...] = ()
    ttl_s: float = 60.0
    elsewhere: Files = field(default_factory=dict)  # what another scope owns
    slow: str = "^$"  # which requests take half a minute
    killed: bool = False  # an earlier run of the same files died at its first write, and left its lock
    among: tuple[tuple[str, int], ...] = ALL  # which requests are spoiled: of those that match, so many

    @property
    def managed(self) -> set[str]:
        return {*self.old, *self.new}

    @property
    def code(self) -> int:
        """How the command ends when all is well: what is in use is left there, and that is for somebody to decide."""
        return 3 if self.used else 0


FOREIGN = (
    ("PUT", "/_inference/completion/foreign-remote", {"service": "openai", "service_settings": {"model_id": "m", "api_key": "c9e2417fb0863a"}}),
    ("PUT", "/_inference/rerank/foreign-rerank", {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "c9e2417fb0863a"}, "task_settings": {"top_n": 1}}),
)  # fmt: skip
ADOPTEE = ("PUT", "/_inference/rerank/ours-adopted", {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": OLD["FIRST_KEY"]}, "task_settings": {"top_n": 3}})  # fmt: skip
PIPELINE = ("PUT", "/_ingest/pipeline/uses", {"processors": [{"inference": {"model_id": "ours-used"}}]})
RUNS_IN_US = (
    "POST",
    "/_emulator/eis",
    {".in-us": {"task_type": "rerank", "model_id": "r", "regions": [{"geo": "us"}]}},
)
USES_IN_US = ("PUT", "/_ingest/pipeline/uses", {"processors": [{"inference": {"model_id": ".in-us"}}]})
EU, US = {"allowed_geos": ["eu"]}, {"allowed_geos": ["us"]}
POLICY = ((f" /_inference/{REGION_POLICY}", 9),)
MAPPING = ("PUT", "/documents", {"mappings": {"properties": {"t": {"type": "semantic_text", "inference_id": "ours-mapped"}}}})  # fmt: skip

_OLD: Files = {
    "ours-updated": rerank(3),
    "ours-turned": embedding("TURNED_KEY"),
    "ours-replaced": chat("gpt-4o"),
    "ours-removed": chat("gpt-4o"),
    "ours-same": rerank(3),
}
_NEW: Files = {
    "ours-new": chat("gpt-4o"),
    "ours-new-elser": elser(),
    "ours-updated": rerank(7),
    "ours-turned": embedding("TURNED_KEY"),
    "ours-replaced": chat("gpt-4o-mini"),
    "ours-same": rerank(3),
}

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "ledger",
        _OLD,
        {**_NEW, "ours-adopted": rerank(3)},
        others=(*FOREIGN, ADOPTEE),
        foreign=("foreign-remote", "foreign-rerank", "theirs"),
        scope="ours",
        elsewhere={"theirs": chat("gpt-4o")},
    ),
    Scenario(
        "no ledger",
        {**_OLD, "ours-turned": turned_rerank()},
        {**_NEW, "ours-turned": turned_rerank()},
        others=FOREIGN,
        foreign=("foreign-remote", "foreign-rerank"),
        arguments=("--send-secrets", "ours-turned"),
        version="9.1",
    ),
    Scenario(
        "in use",
        {"ours-used": chat("gpt-4o"), "ours-mapped": embedding("FIRST_KEY"), "ours-elser": elser()},
        {"ours-elser": elser(2)},
        others=(PIPELINE, MAPPING),
        used=("ours-used", "ours-mapped"),
        scope="ours",
    ),
    Scenario(
        "dead run",
        {"ours-updated": rerank(3)},
        {"ours-updated": rerank(7), "ours-new": chat("gpt-4o")},
        scope="ours",
        killed=True,
        among=(("^(GET|PUT) /inferctl-ledger/_doc/lock", 3), ("^PUT /inferctl-ledger/_doc/lock", 1)),
    ),
    Scenario(
        "heartbeat",
        {"ours-replaced": chat("gpt-4o")},
        {"ours-replaced": chat("gpt-4o-mini"), "ours-new": rerank(3)},
        scope="ours",
        slow="^(PUT|DELETE) /_inference/[a-z_]+/ours-[a-z]+(?!.*dry_run)",
        among=(("^PUT /inferctl-ledger/_doc/lock", 3),),
    ),
    Scenario("new ledger", {}, {"ours-new": chat("gpt-4o")}, others=FOREIGN, foreign=("foreign-remote", "foreign-rerank"), scope="ours"),
    Scenario(
        "policy",
        {REGION_POLICY: US, "ours-removed": chat("gpt-4o")},
        {REGION_POLICY: EU, "ours-new": chat("gpt-4o")},
        others=(RUNS_IN_US, USES_IN_US),
        scope="ours",
        arguments=("--allow-deny", ".in-us"),  # the server says no first, and is forced then
        among=POLICY,
    ),
    Scenario("policy, no ledger", {}, {REGION_POLICY: EU, "ours-new": chat("gpt-4o")}, among=POLICY),
    Scenario("policy removed", {REGION_POLICY: EU, "ours-same": rerank(3)}, {"ours-same": rerank(3)}, scope="ours", arguments=("--delete-region-policy",), among=POLICY),
)  # fmt: skip


@dataclass
class World:
    """The repository of a scenario, and the cluster as it is before the story, kept as a file."""

    scenario: Scenario
    folder: Path
    state: Path

    @contextmanager
    def proxy(self) -> Iterator[Proxy]:
        """The cluster as it is before the story, behind a proxy."""
        with proxy_of(load(self.state, self.scenario.version)) as proxy:
            proxy.slow, proxy.slow_s = self.scenario.slow, SLOW_S
            yield proxy

    def environment(self, url: str, keys: Mapping[str, str] = KEYS) -> dict[str, str]:
        return {**clean_environment(), **keys, "ELASTICSEARCH_URL": url}


def made(scenario: Scenario, commands: Commands, folder: Path) -> World:
    """The cluster as an apply of the old files and the others leave it; the files are the new ones then."""
    world = World(scenario, folder, folder / "state.json")
    cluster = Cluster.of(scenario.version)
    with proxy_of(cluster) as proxy:
        for scope, files in ((scenario.scope, scenario.old), ("theirs", scenario.elsewhere)):
            if files:
                _write(folder, scope, files, scenario.ttl_s)
                ended = commands.run(folder, world.environment(proxy.url, OLD), "apply", "--yes")
                assert ended.code == 0, ended
    for method, target, body in scenario.others:
        reply = handle(cluster, method, target, {"content-type": "application/json"}, json.dumps(body).encode())
        assert reply.status == 200, reply
    _write(folder, scenario.scope, scenario.new, scenario.ttl_s)
    if scenario.killed:
        with proxy_of(cluster) as proxy:
            proxy.strike = Strike(dies, 0, among=r"^(PUT|DELETE) /_inference")
            command = commands.start(folder, world.environment(proxy.url), "apply", "--yes")
            proxy.kill = command.send
            assert command.wait().code is None
    cluster.requests.clear()
    save(cluster, world.state)
    return world


def dies(exchange: Exchange) -> None:
    """The command is killed, and what it asked for is not done."""
    exchange.proxy.kill(signal.SIGKILL)
    exchange.reset()


def _write(folder: Path, scope: str, files: Files, ttl_s: float) -> None:
    policy = {"region_policy": files[REGION_POLICY]} if REGION_POLICY in files else {}
    owner = {"scope": scope, "lock": {"ttl_s": ttl_s}} if scope else {"manage": ["ours-*", *([REGION_POLICY] if policy else [])]}  # fmt: skip
    settings = {**owner, **policy, "endpoints": ["endpoints/*.yaml"], "allow": ["delete", "replace"], "limits": {"max_deletes": "100%"}}  # fmt: skip
    (folder / "inferctl.yaml").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "endpoints").mkdir(exist_ok=True)
    for old in (folder / "endpoints").iterdir():
        old.unlink()
    for name, body in files.items():
        if name == REGION_POLICY:
            continue
        (folder / "endpoints" / f"{name}.yaml").write_text(json.dumps({"inference_id": name, **body}), encoding="utf-8")


@dataclass(frozen=True)
class Snapshot:
    """What a cluster holds at one moment, as its files say it. The region policy stands among the endpoints."""

    endpoints: Mapping[str, Any]
    deployments: frozenset[str]
    ledger: Mapping[str, Mapping[str, Any]]
    rest: Any

    @classmethod
    def of(cls, cluster: Cluster) -> Snapshot:
        with cluster.lock:
            ledger = cluster.indices.get("inferctl-ledger")
            others = {name: deepcopy(index) for name, index in cluster.indices.items() if name != "inferctl-ledger"}
            policy = {} if cluster.region_policy is None else {REGION_POLICY: cluster.region_policy["region_policy"]}
            return cls(
                deepcopy({**cluster.endpoints, **policy}),
                frozenset(cluster.deployments),
                {} if ledger is None else {name: deepcopy(document.source) for name, document in ledger.documents.items()},
                (others, deepcopy(cluster.pipelines)),
            )  # fmt: skip

    def documents(self, kind: str) -> dict[str, Mapping[str, Any]]:
        return {name: source for name, source in self.ledger.items() if source.get("kind") == kind}

    def is_as_declared(self, inference_id: str, files: Files, keys: Mapping[str, str] = KEYS) -> bool:
        """Absent where no file declares it; else every setting and secret as the file and the environment say."""
        stored, wanted = self.endpoints.get(inference_id), files.get(inference_id)
        if stored is None or wanted is None:
            return stored is None and wanted is None
        if inference_id == REGION_POLICY:
            return bool(stored == wanted)
        if (stored.task_type, stored.service) != (wanted["task_type"], wanted["service"]):
            return False
        for group in ("service_settings", "task_settings"):
            for name, value in wanted.get(group, {}).items():
                if isinstance(value, dict):
                    if stored.secrets.get(name) != keys[value["env"]]:
                        return False
                elif getattr(stored, group).get(name) != value and name != "model_id":
                    return False
        model, wished = stored.service_settings.get("model_id"), wanted["service_settings"]["model_id"]
        return model == wished or (wanted["service"] == "elasticsearch" and str(model).startswith(wished))
