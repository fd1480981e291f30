"""Only the clusters that the operator names: which one answers is looked at before anything else is sent to it.

The request that asks is the first one, and it carries the credentials: where these may go at all, `hosts` bounds.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice
from inferctl.json_types import object_of
from inferctl.workspace.run_bounds import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.request import Request, Response
    from inferctl.client.sync import InferenceClient
    from inferctl.operator_bounds.bounds import OperatorBounds

_OK = 200


class OnlyTheseClusters:
    """Lets requests by once the cluster is known to be one of `bounds`; `client` asks which one it is."""

    def __init__(self, client: InferenceClient, bounds: OperatorBounds) -> None:
        self._client = client
        self._bounds = bounds
        self._is_known = False
        self._lock = Lock()

    def guide(self, request: Request, send: Callable[[], Response]) -> Response:
        """A guide of requests (`InferenceClient.guided`). Raises RefusedByBounds for another cluster."""
        with self._lock:
            if not self._is_known:
                if request.method == "GET" and request.path == "/":
                    response = send()
                    if response.status == _OK:
                        self._check(_uuid_in(response))
                    return response
                self._check(self._client.info().uuid)
        return send()

    def _check(self, uuid: str) -> None:
        if uuid not in (self._bounds.cluster_uuids or ()):
            where = self._bounds.named("cluster_uuids")
            what = f"the cluster {uuid or 'without a uuid'} is out of bounds: not among {where}"
            found = Diagnostic(Severity.ERROR, "bounds.cluster", what, Span(self._client.settings.url), _WHY, _FIXES)
            refuse([found], "nothing was sent but GET /")
        self._is_known = True


_WHY = "the address leads to another cluster than the operator means"
_FIXES = (advice("check the address of the cluster"),)


def _uuid_in(response: Response) -> str:
    try:
        return str(object_of(response.json()).get("cluster_uuid", ""))
    except ValueError:
        return ""
