"""What is remembered of an endpoint that was not well after a run, until it is seen good. The ledger keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Ailment: TypeAlias = Literal["not ready", "failed start", "ignored", "failed probe", "unknown"]
_SAID: dict[Ailment, str] = {
    "not ready": "it was not ready",
    "failed start": "its model did not start",
    "ignored": "the server ignored an update",
    "failed probe": "its probe failed",
    "unknown": "nobody knows how a write ended",
}


@dataclass(frozen=True, slots=True)
class Unwell:
    """How an endpoint was after the run that saw it last. `since` is ISO 8601, `run` the first run that saw it so.

    `what` are a few words without secrets. Of an ignored update: `leaves` are the settings that stayed as they were
    (dotted paths), under this `service` and this exact `version` of the server.
    """

    state: Ailment
    since: str = ""
    run: str = ""
    what: str = ""
    leaves: tuple[str, ...] = ()
    service: str = ""
    version: str = ""

    def __str__(self) -> str:
        day = f" on {self.since[:10]}" if self.since else ""
        return f"{_SAID[self.state]}{day}{': ' if self.what else ''}{self.what}"

    def ignored(self, setting: str, service: str, version: str) -> str:
        """Why an update of this setting is of no use; empty where nothing speaks against it."""
        if self.state != "ignored" or (self.service, self.version) != (service, version):
            return ""
        if not any(leaf == setting or leaf.startswith(f"{setting}.") for leaf in self.leaves):
            return ""
        return f"{version} ignored an update of {setting} on {self.since[:10]}, so replace"
