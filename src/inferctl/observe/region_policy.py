"""Reading the region policy of a cluster, where a plan needs it: one request, and none where nobody speaks of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.errors import ApiError, InferctlError, NotFound, TransportError, UnexpectedAnswer
from inferctl.model.desired_observed import ObservedRegionPolicy
from inferctl.planner.decide_region_policy import needs_policy
from inferctl.planner.region_policy import SeenPolicy

if TYPE_CHECKING:
    from inferctl.client.sync import InferenceClient
    from inferctl.model.versions import Version
    from inferctl.planner.plan import DesiredSet, Observation, Permissions

_log = logging.getLogger("inferctl.observe")


def read_region_policy(client: InferenceClient) -> ObservedRegionPolicy | None:
    """The policy; None where there is none. Raises InferctlError."""
    try:
        answer = client.get_region_policy()
    except NotFound:
        return None
    try:
        return ObservedRegionPolicy.from_json(answer)
    except ValueError as error:
        raise UnexpectedAnswer("GET _inference/_region_policy: the answer holds no policy") from error


def with_region_policy(
    client: InferenceClient, observation: Observation, desired: DesiredSet, permissions: Permissions, version: Version
) -> Observation:
    """Adds the policy where files declare one, or somebody asks for its removal.

    What cannot be read is a problem of the policy alone. Raises TransportError: then nothing else can be read either.
    """
    if not needs_policy(desired, permissions, version):
        return observation
    try:
        seen = SeenPolicy(read_region_policy(client))
    except TransportError:
        raise
    except InferctlError as error:
        _log.info("the region policy could not be read: %s", error)
        says = isinstance(error, ApiError) and not isinstance(error, UnexpectedAnswer) and error.reason
        seen = SeenPolicy(problem=says or str(error).splitlines()[0])
    return replace(observation, region_policy=seen)
