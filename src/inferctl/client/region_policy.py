"""The three verbs of the region policy of the Elastic Inference Service, as requests and as methods of both clients.

From 9.5 on. Before, the same path asks for an endpoint with the id `_region_policy`, and there is none: the answer says
nothing about a policy, and raises InvalidRequest (`client.answers`). Source: docs/reference/server/region-policy.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from inferctl.client.answers import REGION_POLICY_PATH
from inferctl.client.payload import Payload, payload_of
from inferctl.client.request import Operation, Request, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Answer = TypeVar("Answer")  # dict[str, Any], or a coroutine of it


def _body(region_policy: object, body: Mapping[str, Any] | None) -> Payload:
    """`{"region_policy": …}` under either name. Raises nothing: the payload holds what is wrong."""
    if region_policy is not None and body is not None:
        return Payload(problem=TypeError("'region_policy' is a part of 'body': give one of them"))
    if region_policy is None and body is None:
        return Payload(problem=ValueError("one of 'region_policy' and 'body' must be given"))
    return payload_of({"region_policy": region_policy} if body is None else body)


class RegionPolicyVerbs(ABC, Generic[Answer]):
    """The verbs as methods. The client brings the sending."""

    @abstractmethod
    def _object(self, request: Request) -> Answer: ...

    def get_region_policy(
        self,
        *,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
    ) -> Answer:
        """The region policy: `{"region_policy", "created_at"}`, where they are known `created_by`, `updated_at`, …

        Raises NotFound where the cluster has none, InvalidRequest before 9.5.
        """
        query = {"error_trace": error_trace, "filter_path": filter_path, "human": human, "pretty": pretty}
        return self._object(Request("GET", REGION_POLICY_PATH, parameters(query), operation=Operation.READ))

    def put_region_policy(
        self,
        *,
        region_policy: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        force: bool | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
    ) -> Answer:
        """Set or replace the region policy; the answer is what `get_region_policy` shows.

        `region_policy` is `{"allowed_geos": ["eu"]}` or `{"allowed_regions": [{"csp", "region"}]}`, `body` the same
        below the key `region_policy`: exactly one of the two. Raises Referenced, with `endpoints`, where it would deny
        endpoints that pipelines or fields use, unless `force`; Conflict where another change came first. Repeated on
        429 and 503 only: it replaces, so that twice is as once.
        """
        query = {
            "error_trace": error_trace,
            "filter_path": filter_path,
            "force": force,
            "human": human,
            "pretty": pretty,
        }
        payload = _body(region_policy, body)
        request = Request(
            "PUT",
            REGION_POLICY_PATH,
            parameters(query),
            body=payload.octets(),
            operation=Operation.UPDATE,
            secrets=payload.secrets,
        )
        return self._object(request)

    def delete_region_policy(
        self,
        *,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
    ) -> Answer:
        """Remove the region policy: `{"acknowledged": true}`. Nothing is denied any more.

        Raises NotFound where there is none (also for the second delete), InvalidRequest before 9.5.
        """
        query = {"error_trace": error_trace, "filter_path": filter_path, "human": human, "pretty": pretty}
        return self._object(Request("DELETE", REGION_POLICY_PATH, parameters(query), operation=Operation.DELETE))
