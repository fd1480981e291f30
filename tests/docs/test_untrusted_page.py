"""The page about pull requests of strangers: its table is the one by which `plan -v` looks at a job."""

from __future__ import annotations

from inferctl.api.untrusted_job import NEEDS

from .generated import check_part
from .pages import DOCS

PAGE = DOCS / "how-to" / "untrusted-pull-requests.md"


def test_what_to_set() -> None:
    rows = [f"| {need.what} | {need.otherwise} |" for need in NEEDS]
    check_part(PAGE, "what to set", "\n".join(["| Set | Otherwise |", "| --- | --- |", *rows]))
