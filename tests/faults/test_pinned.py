"""Pairs that broke a law once, by what is spoiled. Each is told in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kinds import KINDS, SIGNALS
from .sweep import Pair, violations_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .commands import Commands
    from .scenarios import World

NEW = "^PUT /_inference/completion/ours-new"
LIST = r"^GET /_inference(/_all)?(\?|$)"
TRIAL_PUT = "^PUT /_inference/completion/inferctl-trial-"
REMOVED = "^DELETE /_inference/completion/ours-removed$"
REPLACED_PUT = "^PUT /_inference/completion/ours-replaced"
POLICY_GET = "^GET /_inference/_region_policy$"
REPLACED_DELETE = "^DELETE /_inference/completion/ours-replaced$"

# The scenario, the kind, the requests that are meant, and which of them is the first to be spoiled.
PINNED = (
    ("ledger", "503 after", REPLACED_DELETE, 0),
    ("ledger", "gateway 429 after", REPLACED_PUT, 0),
    ("ledger", "redirect after", NEW, 0),
    ("no ledger", "gateway 404 after", NEW, 0),
    ("ledger", "page 404 before", REMOVED, 0),
    ("no ledger", "500 after", LIST, 0),
    ("ledger", "sent again", TRIAL_PUT, 0),
    ("no ledger", "sent again", TRIAL_PUT, 0),
    ("no ledger", "timeout and done late", TRIAL_PUT, 0),
    ("ledger", "503 before, thrice", REPLACED_PUT, 0),
    ("ledger", "401 for a while", REPLACED_PUT, 0),
    ("ledger", "cut and done late", REPLACED_DELETE, 0),
    ("in use", "timeout and done late", "^DELETE /_inference/sparse_embedding/ours-elser$", 0),
    ("heartbeat", "503 before, until the end", "^PUT /inferctl-ledger/_doc/lock", 1),
    ("ledger", "SIGTERM", "^GET /inferctl-ledger/_search", 0),
    ("new ledger", "SIGTERM", "^DELETE /inferctl-ledger/_doc/lock", 0),
    ("new ledger", "SIGKILL after, and new keys", NEW, 0),
    ("policy", "page 404 before", POLICY_GET, 2),
    ("policy removed", "401 before", POLICY_GET, 2),
)


@pytest.mark.parametrize(("name", "kind", "among", "number"), PINNED, ids=str)
def test_it_stays_mended(
    name: str, kind: str, among: str, number: int, world: Callable[[str], World], commands: Commands
) -> None:
    assert kind in {**KINDS, **SIGNALS}
    seen = violations_of(world(name), Pair(name, number, kind, among), commands)
    assert not seen, "\n".join(map(str, seen))
