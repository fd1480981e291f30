"""The page about secrets lists what cannot be recognised: what the attacks know of it, no more, no less."""

from __future__ import annotations

from tests.attacks.echoes import NOT_RECOGNISED

from inferctl.secrets.credential_names import CLUSTER_NAMES, RUNNER_NAMES

from .generated import check_part
from .pages import DOCS


def test_what_cannot_be_recognised() -> None:
    rows = ["| A secret that comes back … | such as |", "| --- | --- |"]
    rows += [f"| {name} | {row.such_as} |" for name, row in NOT_RECOGNISED.items()]
    check_part(DOCS / "explanation" / "secrets.md", "not recognised", "\n".join(rows))


def test_what_is_the_jobs_own() -> None:
    rows = ["| Whose | Variables |", "| --- | --- |"]
    for whose, names in (("the cluster's", sorted(CLUSTER_NAMES)), ("the runner's", RUNNER_NAMES)):
        rows.append(f"| {whose} | {', '.join(f'`{name}`' for name in names)} |")
    check_part(DOCS / "explanation" / "secrets.md", "runner names", "\n".join(rows))
