"""All endpoints of a cluster, for an export: nobody has said which ids there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.errors import ServerError
from inferctl.model.task_types import TASK_TYPES
from inferctl.model.versions import OLDEST
from inferctl.observe.cluster import PAGE, endpoints_of, one_by_one

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.client.sync import InferenceClient
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.model.versions import Version


@dataclass(frozen=True, slots=True)
class Listing:
    """What could be read. `unreadable` says what could not, in words; `warnings` what may be missing."""

    endpoints: dict[str, ObservedEndpoint]
    unreadable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def list_everything(client: InferenceClient, version: Version, named: Iterable[str]) -> Listing:
    """One list; where one bad endpoint breaks it, a list for each task type.

    Source: docs/reference/server/read.md#one-bad-endpoint.

    `named` are ids that somebody asked for: they are read one by one where no list has them.
    """
    endpoints: dict[str, ObservedEndpoint] = {}
    unreadable: list[str] = []
    warnings: list[str] = []
    try:
        endpoints = endpoints_of(client.get(inference_id="_all"))
    except ServerError:
        for task_type, since in TASK_TYPES.items():
            if since.includes(version):
                _add_task_type(client, task_type, endpoints, unreadable)
    if len(endpoints) >= PAGE:
        unreadable.append(f"more than {PAGE:,} endpoints: the server lists no more in one answer")
    in_cluster = any(e.service == "elasticsearch" for i, e in endpoints.items() if not i.startswith("."))
    if in_cluster and version.effective() == OLDEST:
        warnings.append(
            f"{OLDEST} does not list every endpoint that shares a deployment: name the others with --target"
        )
    wanted = [i for i in named if i not in endpoints]
    if wanted:
        single = one_by_one(client, wanted, {})
        endpoints |= single.endpoints
        unreadable += [f"{i}: {why}" for i, why in single.unreadable.items()]
    return Listing(endpoints, tuple(unreadable), tuple(warnings))


def _add_task_type(
    client: InferenceClient, task_type: str, endpoints: dict[str, ObservedEndpoint], unreadable: list[str]
) -> None:
    try:
        endpoints |= endpoints_of(client.get(task_type=task_type, inference_id="_all"))
    except ServerError as error:
        unreadable.append(f"all {task_type} endpoints, because one cannot be read: {error}")
