"""Whether somebody said that this is the cluster that an environment means, before anything is written to it.

A pin says so. So does a ledger that knows the scope by this environment, and a saved plan, which is for one cluster.
Else it takes a person, or `--first`: the address of another cluster may have been left over in the shell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.errors import NotConfirmed
from inferctl.fix import edit, flag
from inferctl.ledger.backend import NoLedger
from inferctl.ledger.index import IndexLedger
from inferctl.observe.cluster import read_capabilities
from inferctl.planner.plan import Plan
from inferctl.report.sentences import pin_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.api.cluster import Cluster
    from inferctl.fix import Fix
    from inferctl.ledger.backend import Ledger
    from inferctl.planner.plan import Capabilities, DesiredSet


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why this may be another cluster than the one that is meant: a sentence, and what mends it.

    `question`: what a person is asked; empty where no answer will do. `code`: that of the error, if one of its own.
    `is_first`: nobody of us was there before. Where another environment was, a `--first` that a job always says is no
    answer.
    """

    text: str
    fixes: tuple[Fix, ...]
    question: str = ""
    code: str = ""
    is_first: bool = True

    @property
    def error(self) -> NotConfirmed:
        """For a run that may not go on."""
        return NotConfirmed(f"{self.text}: nothing was written", code=self.code).with_fixes(*self.fixes)

    @property
    def warning(self) -> str:
        """For a plan, which writes nothing."""
        needs = " or ".join(fix.text for fix in self.fixes) or "a person at a terminal who confirms it"
        return f"{self.text}: an apply needs {needs}"


def nobody_confirms(_doubt: Doubt) -> bool:
    """Where there is nobody to ask."""
    return False


def check_confirmed(
    cluster: Cluster,
    capabilities: Capabilities,
    ledger: Ledger,
    work: DesiredSet | Plan | None,
    confirm: Callable[[Doubt], bool],
) -> None:
    """Raises NotConfirmed where there is a doubt that `confirm` does not lift. To be called before the first write."""
    doubt = doubt_about(cluster, capabilities, ledger, work)
    if doubt is not None and not (doubt.question and confirm(doubt)):
        raise doubt.error


def check_pinned_for_production(cluster: Cluster) -> None:
    """The same for a command that writes no endpoint: it asks for a pin where the environment is for production."""
    if cluster.production and cluster.cluster_uuid is None:
        doubt = doubt_about(cluster, read_capabilities(cluster.client), NoLedger(), None)
        if doubt is not None:
            raise doubt.error


def doubt_about(
    cluster: Cluster, capabilities: Capabilities, ledger: Ledger, work: DesiredSet | Plan | None
) -> Doubt | None:
    """None where the cluster is the one that is meant, or no environment was chosen. The ledger is asked at most.

    `work` None: a command that writes no endpoint. Raises LedgerError.
    """
    if not cluster.environment or cluster.cluster_uuid is not None or cluster.dummy_secrets:
        return None
    name, without_pin = cluster.environment, f"environments.{cluster.environment} has no pin"
    line = pin_line(capabilities.cluster_uuid)
    pin = (edit(line, cluster.settings_file),) if line else ()
    if cluster.production:
        return Doubt(f"{name} is for production, and {without_pin}", pin, code="settings.not-pinned")
    if cluster.scope is None or isinstance(work, Plan) or (work is not None and not _wants_anything(work)):
        return None
    last = _last_environment(ledger)
    if last in ("", name):
        return None
    which = f"{capabilities.cluster_name} ({capabilities.cluster_uuid}) at {cluster.client.settings.url}"
    this = f"scope {cluster.scope} to the cluster {which} as {name}"
    before = f", which was {last} before" if last else ""
    fixes = pin if last else (flag("--first"), *pin)
    text = f"this is the first apply of {this}{before}, and {without_pin}"
    question = f"First apply of {this}{before}. Is it the one that is meant?"
    return Doubt(text, fixes, question, is_first=not last)


def _wants_anything(work: DesiredSet) -> bool:
    return bool(work.endpoints or work.region_policy) or work.emptied


def _last_environment(ledger: Ledger) -> str | None:
    """That of the last run under our scope; "" where it says none, None where the ledger knows nothing of the scope."""
    unreadable: list[str] = []
    if not isinstance(ledger, IndexLedger):  # nothing is kept
        return ""
    runs = ledger.history(most=1, passed_over=unreadable.append)
    if runs:
        return runs[0].environment
    return "" if unreadable or ledger.view().ids else None
