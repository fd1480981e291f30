"""What a file asks of a server that is too old for it, or too new. Found before anything is deleted for it.

Files are checked without a cluster at hand; here its version is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.chunking import read_chunking
from inferctl.model.services.in_cluster import is_elser
from inferctl.model.versions import NEWEST

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version
    from inferctl.syntax.finding import Finding


def refused_by_version(desired: DesiredEndpoint, version: Version) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What this server will refuse, and what it may refuse (the catalogue is not sure), in words.

    Only what comes from the version: what is wrong everywhere is a diagnostic of the file.
    """
    if desired.passthrough or version.effective() == NEWEST:
        return (), ()
    everywhere = {(finding.path, finding.code) for finding in findings_of(desired, NEWEST)}
    refused: list[str] = []
    doubtful: list[str] = []
    for finding in findings_of(desired, version):
        if (finding.path, finding.code) not in everywhere:
            (doubtful if _uncertain(desired, finding) else refused).append(f"{finding.what}; {finding.why}")
    return tuple(refused), tuple(doubtful)


def findings_of(desired: DesiredEndpoint, version: Version) -> list[Finding]:
    """All that is wrong with the settings, for a server of this version."""
    page = desired.page
    elser = is_elser({"service": desired.service, "service_settings": desired.service_settings})
    _, of_chunking = read_chunking(desired.chunking_settings, desired.task_type, version, elser=elser)
    if page is None:
        return of_chunking
    return [*page.validate(desired.task_type, desired.service_settings, desired.task_settings, version), *of_chunking]


def _uncertain(desired: DesiredEndpoint, finding: Finding) -> bool:
    setting = desired.page.field(finding.path, desired.task_type) if desired.page else None
    return setting is not None and setting.uncertain
