"""The state of a cluster as one JSON file. It holds the secrets of the endpoints, so only its owner may read it."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .cluster import Cluster, Endpoint
from .deployments import Deployment
from .documents import Document, Index
from .profiles import PROFILES

FORMAT = 1

_PLAIN = (
    "models", "added_services", "pipelines", "index_templates", "component_templates", "settings", "eis_endpoints",
)  # fmt: skip


class StateError(Exception):
    """A state file that cannot be used: another version's, damaged, or not ours."""


def save(cluster: Cluster, path: str | Path) -> None:
    """Write the state in one step: a reader sees the old file or the new one."""
    target = Path(path)
    with cluster.lock:
        text = json.dumps(_state(cluster), separators=(",", ":"))
    scratch = target.with_name(f"{target.name}.{os.urandom(8).hex()}.new")  # nobody can put a link in its place
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    scratch.replace(target)


def load(path: str | Path, version: str) -> Cluster:
    """The cluster that a file holds; a newer patch of its line takes it over, as an upgrade would.

    Raises StateError when the file is damaged or another version's.
    """
    try:
        state = json.loads(Path(path).read_text(encoding="utf-8"))
        if state["format"] != FORMAT:
            raise StateError(f"{path}: format {state['format']}, this inferctl writes {FORMAT}: remove the file")
        was, now = PROFILES[state["profile"]], PROFILES[version]
        if was is not now and not (was.line == now.line and was.release < now.release):
            raise StateError(
                f"{path} holds an emulated {state['profile']}, not {version}: name that version or another file"
            )
        return _cluster({**state, "profile": version})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StateError(f"{path} is no state of this emulator: remove it, or name another file") from error


def _state(cluster: Cluster) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "profile": cluster.profile.name,
        "uuid": cluster.uuid,
        "clock_offset": cluster.clock_offset,
        "region_policy": cluster.region_policy,
        "endpoints": [asdict(endpoint) for endpoint in cluster.endpoints.values()],
        "deployments": [asdict(deployment) for deployment in cluster.deployments.values()],
        "indices": [asdict(index) for index in cluster.indices.values()],
        **{name: getattr(cluster, name) for name in _PLAIN},
    }


def _cluster(state: dict[str, Any]) -> Cluster:
    cluster = Cluster(PROFILES[state["profile"]], uuid=state["uuid"], clock_offset=float(state["clock_offset"]))
    cluster.region_policy = state.get("region_policy")
    for name in _PLAIN:
        if name in state or name not in ("added_services", "eis_endpoints"):  # younger than the format
            setattr(cluster, name, dict(state[name]))
    for source in state["endpoints"]:
        cluster.endpoints[source["inference_id"]] = Endpoint(**source)
    for source in state["deployments"]:
        cluster.deployments[source["deployment_id"]] = Deployment(**source)
    for source in state["indices"]:
        documents = {key: Document(**document) for key, document in source.pop("documents").items()}
        cluster.indices[source["name"]] = Index(**source, documents=documents)
    return cluster
