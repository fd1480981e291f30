"""Who runs this, from which commit, where its log is: what CI systems put into variables."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inferctl.secrets.credentials import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.report.shape.run import ThisRunView

_WHO = (
    "INFERCTL_RUN_BY",
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BUILD_USER_ID",
)
_COMMIT = ("INFERCTL_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "CIRCLE_SHA1", "GIT_COMMIT")
_URL = ("INFERCTL_RUN_URL", "CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL")
_LABEL = ("INFERCTL_LABEL",)
_LONGEST = 200
EMULATOR = "emulator"
"""What reports and runs call the address of the bundled one in this process."""
EMULATOR_URL = "http://emulator.invalid"
"""What its client asks. No name server knows it."""


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """One run's identity. `who` is never empty; `commit` and `run_url` may be. `at`: when it began.

    `label`: what reports are called by, "" where nobody says.
    """

    run: str
    who: str
    commit: str = ""
    run_url: str = ""
    at: str = ""
    label: str = ""


def identify(environ: Mapping[str, str]) -> RunIdentity:
    """From variables; on a person's machine the user and the host."""
    moment = datetime.now(UTC)
    return RunIdentity(
        run=f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        who=_first(environ, _WHO) or f"{_user()}@{socket.gethostname()}",
        commit=_first(environ, _COMMIT),
        run_url=str(without_credentials(_first(environ, _URL))) or _github(environ),
        at=_iso(moment),
        label=_first(environ, _LABEL),
    )


def run_view(
    identity: RunIdentity,
    command: str,
    address: str = "",
    address_from: str = "",
    unsafe: tuple[str, ...] = (),
    *,
    environment: str = "",
    settings_file: str = "",
) -> ThisRunView:
    """The run as its reports name it. `address` is without credentials; `address_from` says what named it.

    `unsafe`: what the connection does without. `environment`: that of `settings_file`, where it has any.
    """
    view: ThisRunView = {
        "command": command,
        "at": identity.at,
        "commit": identity.commit,
        "run": identity.run,
        "run_url": identity.run_url,
        "address": address,
        "address_from": address_from,
        "unsafe": list(unsafe),
        "label": identity.label or environment,
    }
    if environment:
        view["environment"] = environment
    if environment and settings_file:
        view["settings_file"] = settings_file
    return view


def now() -> str:
    """This moment, ISO 8601, UTC, to the millisecond: runs are told in this order."""
    return _iso(datetime.now(UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environ[name][:_LONGEST] for name in names if environ.get(name)), "")


def _github(environ: Mapping[str, str]) -> str:
    parts = [environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}"[:_LONGEST] if all(parts) else ""


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user has no name
        return "nobody"
