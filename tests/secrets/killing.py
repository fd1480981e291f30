"""A run that is killed: from one moment on nothing is sent any more, and nothing is cleaned up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulated import Reply

    from .desk import Desk


class Killed(BaseException):
    """The process is gone."""


def kill(desk: Desk, method: str, path: str, *, nth: int = 1, after: bool) -> None:
    """Nothing is sent from the moment on at which the nth such request is to go out, or was carried out."""
    seen = 0
    dead = False

    def before(sent_method: str, target: str) -> None:
        nonlocal seen, dead
        hit = sent_method == method and path in target
        seen += hit
        dead = dead or (hit and not after and seen == nth)
        if dead:
            raise Killed

    def afterwards(sent_method: str, target: str, answer: Reply) -> Reply:
        nonlocal dead
        dead = dead or (after and sent_method == method and path in target and seen == nth)
        if dead:
            raise Killed
        return answer

    desk.emulated.override, desk.emulated.after = before, afterwards


def killed_apply(desk: Desk) -> None:
    with pytest.raises(Killed):
        desk("apply", "--yes", "--allow-replace", "--parallelism", "1", "--lock-timeout", "0")
    desk.emulated.calm()
    desk.capsys.readouterr()
    for name in desk.ledger():  # its time to live has passed
        if name.startswith("lock:"):
            desk.emulated.call("DELETE", f"/inferctl-ledger/_doc/{name}?refresh=true")


def actions(desk: Desk) -> dict[str, str]:
    ran = desk("plan", "--format", "json")
    return {change["id"]: change["action"] for change in json.loads(ran.out)["changes"]}
