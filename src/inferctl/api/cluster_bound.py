"""Only the cluster that is meant: which one answers is looked at before anything else is sent to it.

The operator names those that a run may use, and the settings file pins one. The request that asks is the first one, and
it carries the credentials: where these may go at all, `hosts` and the address bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.errors import SettingsError
from inferctl.fix import advice, edit
from inferctl.json_types import object_of
from inferctl.report.sentences import pin_line
from inferctl.workspace.run_bounds import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.client.request import Request, Response
    from inferctl.client.sync import InferenceClient
    from inferctl.operator_bounds.bounds import OperatorBounds

_OK = 200
_SO_FAR = "nothing was sent but GET /"


@dataclass(frozen=True, slots=True)
class Pin:
    """The cluster that settings mean, and those that they do not.

    `uuid` is None where nothing pins one, `environment` is empty without one; `place`: where they say so, if in a file.
    `others` are the clusters that other environments pin: uuid -> environment.
    """

    uuid: str | None
    environment: str = ""
    place: Span | None = None
    others: Mapping[str, str] = field(default_factory=dict)


class OnlyTheseClusters:
    """Lets requests by once the cluster is known to be one of `bounds`, and the pinned one.

    `client` asks which one it is.
    """

    def __init__(self, client: InferenceClient, bounds: OperatorBounds, pin: Pin | None) -> None:
        self._client = client
        self._bounds = bounds
        self._pin = pin
        self._is_known = False
        self._lock = Lock()

    def guide(self, request: Request, send: Callable[[], Response]) -> Response:
        """A guide of requests (`InferenceClient.guided`). For another cluster it raises.

        RefusedByBounds where the operator does not name it, SettingsError where the settings pin another.
        """
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
        if self._bounds.cluster_uuids is not None and uuid not in self._bounds.cluster_uuids:
            where = self._bounds.named("cluster_uuids")
            what = f"the cluster {uuid or 'without a uuid'} is out of bounds: not among {where}"
            found = Diagnostic(Severity.ERROR, "bounds.cluster", what, Span(self._client.settings.url), _WHY, _FIXES)
            refuse([found], _SO_FAR)
        pin = self._pin
        if pin is not None and (uuid in pin.others or (pin.uuid is not None and uuid != pin.uuid)):
            reached = self._client.settings
            named_by = dict(reached.sources).get("url", "")
            raise _another(pin, uuid, reached.url + (f" ({named_by})" if named_by else ""))
        self._is_known = True


_WHY = "the address leads to another cluster than the operator means"
_FIXES = (advice("check the address of the cluster"),)
_FIRST = advice("check the address; the pin changes only where the cluster was replaced")


def _another(pin: Pin, uuid: str, address: str) -> SettingsError:
    theirs = pin.others.get(uuid, "")
    whose = f"the environment {pin.environment} pins" if pin.environment else "the settings pin"
    meant = f"{whose} {pin.uuid}" if pin.uuid is not None else f"this run is for {pin.environment}"
    of = f" of the environment {theirs}" if theirs else ""
    what = f"{address} leads to the cluster {uuid or 'without a uuid'}{of}, and {meant}"
    why = "a cluster that is pinned is the only one that is planned for and written to"
    file = pin.place.file if pin.place else ""
    changed = (edit(pin_line(uuid), file),) if pin_line(uuid) else ()
    fixes = (advice(f"check the address: it is that of {theirs}"),) if theirs else (_FIRST, *changed)
    found = Diagnostic(Severity.ERROR, "settings.cluster-uuid", what, pin.place or Span(address), why, fixes)
    kind = "the cluster of another environment" if theirs else "not the pinned cluster"
    place = f"{pin.place}: " if pin.place else ""  # else the text begins with the address
    text = f"{kind}: {_SO_FAR}\n{place}error[{found.code}]: {what}"
    return SettingsError(text, (found,), code=found.code).with_fixes(*fixes)


def _uuid_in(response: Response) -> str:
    try:
        return str(object_of(response.json()).get("cluster_uuid", ""))
    except ValueError:
        return ""
