"""The operator's bounds of one run as a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.operator_bounds.hosts import HOSTS_VARIABLE, HostGlobs, TrustedHosts
from inferctl.secrets.resolve import ALLOW_VARIABLE, ROOT_VARIABLE, AllowedNames, SecretBounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.operator_bounds.document import BoundsDocument

BOUNDS_VARIABLE = "INFERCTL_BOUNDS"


@dataclass(frozen=True, slots=True)
class OperatorBounds:
    """What no run may exceed, whoever asks for it. None, in each field: nothing is bound there.

    `document` is what the document is called in messages: its file, or the variable that holds it; "" where there is
    none. `scopes`, `environments`, `manage` and `services` are globs.
    `max_deletes` is a count or a percentage ("20%") of ours.
    `passthrough` None: yes, but not for an unknown service while hosts are bound.
    """

    document: str = ""
    scopes: tuple[str, ...] | None = None
    environments: tuple[str, ...] | None = None
    manage: tuple[str, ...] | None = None
    allow: frozenset[str] | None = None
    max_deletes: str | None = None
    max_changes: int | None = None
    hosts: TrustedHosts = field(default_factory=TrustedHosts)
    secrets: SecretBounds = field(default_factory=SecretBounds)
    services: tuple[str, ...] | None = None
    passthrough: bool | None = None
    cluster_uuids: tuple[str, ...] | None = None

    def named(self, key: str) -> str:
        """A field of the document, as messages name it."""
        return f"{key} in {self.document}"


def bounds_of(environ: Mapping[str, str], values: BoundsDocument | None = None, document: str = "") -> OperatorBounds:
    """The bounds of the document, and of the variables that are short forms of its fields: both must be met."""
    hosts = _globs(environ, HOSTS_VARIABLE)
    names = _globs(environ, ALLOW_VARIABLE)
    root = environ.get(ROOT_VARIABLE)
    trusted = [HostGlobs(hosts, HOSTS_VARIABLE)] if hosts is not None else []
    allowed = [AllowedNames(names, ALLOW_VARIABLE)] if names is not None else []
    if values is None:
        secrets = SecretBounds(
            tuple(allowed), Path(root) if root else None, for_strangers=is_of_a_pull_request(environ)
        )
        return OperatorBounds(hosts=TrustedHosts(tuple(trusted)), secrets=secrets)
    if values.hosts is not None:
        trusted.append(HostGlobs(values.hosts, f"hosts in {document}"))
    if values.secrets is not None:
        allowed.append(AllowedNames(values.secrets, f"secrets in {document}"))
    folder = root or values.secrets_root
    return OperatorBounds(
        document=document,
        scopes=values.scopes,
        environments=values.environments,
        manage=values.manage,
        allow=values.allow,
        max_deletes=None if values.limits.max_deletes is None else str(values.limits.max_deletes),
        max_changes=values.limits.max_changes,
        hosts=TrustedHosts(tuple(trusted), values.schemes, "" if values.schemes is None else f"schemes in {document}"),
        secrets=SecretBounds(
            tuple(allowed),
            Path(folder) if folder else None,
            Path(values.secrets_root) if values.secrets_root and root else None,
            is_of_a_pull_request(environ),
        ),
        services=values.services,
        passthrough=values.passthrough,
        cluster_uuids=values.cluster_uuids,
    )


def lets_http_by(hosts: TrustedHosts) -> str:
    """What the operator does where `http` is refused. The list replaces the default, so it names `https` too."""
    if hosts.schemes is None:
        return f"the operator writes schemes: [https, http] into {BOUNDS_VARIABLE}"
    return f"the operator adds http to {hosts.schemes_said_by}"


def _globs(environ: Mapping[str, str], variable: str) -> tuple[str, ...] | None:
    """What a variable holds, separated by commas or spaces; None where it is not set."""
    text = environ.get(variable)
    return None if text is None else tuple(text.replace(",", " ").split())


def is_of_a_pull_request(environ: Mapping[str, str]) -> bool:
    """Whether the CI says that this job is of a pull request, or merge request: of somebody who may be a stranger."""
    if environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        return True
    if environ.get("CI_PIPELINE_SOURCE") in ("merge_request_event", "external_pull_request_event"):
        return True
    return any(environ.get(variable, "false").lower() not in ("", "false") for variable in _PULL_REQUEST_VARIABLES)


# GitLab, Buildkite, CircleCI, Jenkins, Azure Pipelines, Bitbucket, Drone, Travis: set, and not "false".
_PULL_REQUEST_VARIABLES = (
    "CI_MERGE_REQUEST_IID", "BUILDKITE_PULL_REQUEST", "CIRCLE_PULL_REQUEST", "CHANGE_ID",
    "SYSTEM_PULLREQUEST_PULLREQUESTID", "BITBUCKET_PR_ID", "DRONE_PULL_REQUEST", "TRAVIS_PULL_REQUEST",
)  # fmt: skip
