"""Rules between endpoints: what each file allows by itself and the server refuses together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.diagnostics import Severity
from inferctl.json_types import canonical
from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.json_types import Path
    from inferctl.model.desired_observed import DesiredEndpoint

_ID: Path = ("inference_id",)
_SHARED = ("model_id", "num_threads", "num_allocations", "adaptive_allocations")


@dataclass(frozen=True, slots=True)
class Clash:
    """A finding in endpoint `index` (position in the input), caused by `other` at `other_path`."""

    index: int
    finding: Finding
    other: int
    other_label: str
    other_path: Path = _ID


def check_together(endpoints: Sequence[DesiredEndpoint]) -> list[Clash]:
    """Every clash between endpoints, given in the order of their files; the later one carries the finding."""
    first = {e.inference_id: i for i, e in reversed(list(enumerate(endpoints)))}
    local = [i for i, e in enumerate(endpoints) if e.runs_in_cluster]
    clashes = _duplicates(endpoints, first)
    if local:
        clashes += _model_ids(endpoints, first, local)
        clashes += _same_model(endpoints, local)
        clashes += _one_deployment(endpoints, first, local)
    return clashes


def _duplicates(endpoints: Sequence[DesiredEndpoint], first: dict[str, int]) -> list[Clash]:
    return [
        Clash(
            index,
            Finding(
                _ID,
                "endpoint.duplicate-id",
                f"{endpoint.inference_id!r} is declared twice",
                "an id names one endpoint of the cluster, whatever its task type",
                advice="remove one of the two, or give it another id",
            ),
            first[endpoint.inference_id],
            "first declared here",
        )
        for index, endpoint in enumerate(endpoints)
        if first[endpoint.inference_id] != index
    ]


def _model_ids(endpoints: Sequence[DesiredEndpoint], first: dict[str, int], local: list[int]) -> list[Clash]:
    """An id may not be the id of a trained model or of somebody else's deployment (checked at create)."""
    clashes = []
    for user in local:
        for field in ("model_id", "deployment_id"):
            name = _text(endpoints[user], field)
            index = first.get(name) if name else None
            if index is None or (field == "deployment_id" and index != user and index in local):
                continue  # attaching to the deployment of another endpoint, which has its id
            kind = "a trained model" if field == "model_id" else "a deployment"
            finding = Finding(
                _ID,
                "endpoint.model-id",
                f"{name!r} is also the id of {kind}",
                "Elasticsearch refuses an endpoint whose id is that of a trained model or deployment",
                f"inference_id: {name}-endpoint",
            )
            clashes.append(Clash(index, finding, user, "named here", ("service_settings", field)))
    return clashes


def _same_model(endpoints: Sequence[DesiredEndpoint], local: list[int]) -> list[Clash]:
    """Two endpoints without deployment_id start the same model twice, in two deployments."""
    clashes, starters = [], dict[str, int]()
    for index in local:
        endpoint = endpoints[index]
        if _text(endpoint, "deployment_id"):
            continue
        model = _text(endpoint, "model_id") or (".elser_model_2" if endpoint.service == "elser" else "")
        model = model.removesuffix("_linux-x86_64")
        other = starters.setdefault(model, index) if model else index
        if other == index or endpoints[other].inference_id == endpoint.inference_id:
            continue
        finding = Finding(
            ("service_settings", "model_id") if "model_id" in endpoint.service_settings else ("service",),
            "endpoint.same-model",
            f"{model} is started twice: also for {endpoints[other].inference_id!r}",
            "each endpoint without deployment_id starts a deployment of its own, with its own memory",
            advice=f"deployment_id: {endpoints[other].inference_id}, in place of model and allocations, shares one",
            severity=Severity.WARNING,
        )
        clashes.append(Clash(index, finding, other, "first started here"))
    return clashes


def _one_deployment(endpoints: Sequence[DesiredEndpoint], first: dict[str, int], local: list[int]) -> list[Clash]:
    """Endpoints on one deployment take its allocations; they cannot want different ones."""
    clashes, leaders = [], dict[str, int]()
    for index in local:
        deployment = _text(endpoints[index], "deployment_id")
        if not deployment:
            continue
        owner = first.get(deployment)
        leader = owner if owner is not None and owner in local else leaders.setdefault(deployment, index)
        clashes += _other_task(endpoints, index, leader)
        mine, theirs = endpoints[index].service_settings, endpoints[leader].service_settings
        for field in _SHARED:
            if field not in mine or field not in theirs or canonical(mine[field]) == canonical(theirs[field]):
                continue
            finding = Finding(
                ("service_settings", field),
                "endpoint.one-deployment",
                f"{field} differs from {endpoints[leader].inference_id!r} on one deployment, {deployment!r}",
                "the settings of a deployment are the same for all endpoints on it",
                f"remove {field}",
            )
            clashes.append(Clash(index, finding, leader, "the other value", ("service_settings", field)))
    return clashes


def _other_task(endpoints: Sequence[DesiredEndpoint], index: int, leader: int) -> list[Clash]:
    """A model serves one task type, so all endpoints on its deployment have that one."""
    mine, theirs = endpoints[index], endpoints[leader]
    if index == leader or mine.task_type == theirs.task_type:
        return []
    finding = Finding(
        ("task_type",),
        "endpoint.one-deployment",
        f"{theirs.inference_id!r} on the same deployment is for {theirs.task_type}",
        "one deployment runs one model, and a model serves one task type",
        f"task_type: {theirs.task_type}",
    )
    return [Clash(index, finding, leader, "the other task type", ("task_type",))]


def _text(endpoint: DesiredEndpoint, field: str) -> str:
    value = endpoint.service_settings.get(field)
    return value if isinstance(value, str) else ""
