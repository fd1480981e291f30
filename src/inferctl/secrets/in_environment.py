"""Which variables of the shell hold a secret, as far as names tell: no text may show what stands in them. Pure.

A run knows the secrets that its files refer to. A server may hold others, of earlier runs and other files, and a
command without files refers to none.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from inferctl.secrets.credential_names import sounds_secret
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inferctl.secrets.resolve import SecretBounds

SHELL_FOLDERS = frozenset({"PWD", "OLDPWD"})  # no password
# They name folders, files and variables: with them the paths and names in our own words would go.
_NAMES_ONLY = SHELL_FOLDERS | frozenset(
    {"INFERCTL_SECRETS_ALLOW", "INFERCTL_SECRETS_ROOT"}
    | {"GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"}
)
_OF_FILES = ("_FILE", "_PATH", "_DIR")


def secrets_in_environment(environ: Mapping[str, str], bounds: SecretBounds | None = None) -> Iterator[Secret]:
    """The values of variables whose name sounds like a credential, or that the operator's `bounds` name for files."""
    globs = {glob for allowed in (bounds.allow if bounds is not None else ()) for glob in allowed.globs}
    # One that takes every name tells nothing of any.
    telling = [glob for glob in globs if glob.strip("*?")]
    for name, text in environ.items():
        if text.strip() and (_sounds_secret(name) or any(fnmatchcase(name, glob) for glob in telling)):
            yield Secret(text)


def _sounds_secret(name: str) -> bool:
    return name not in _NAMES_ONLY and not name.endswith(_OF_FILES) and sounds_secret(name)
