"""Elasticsearch inference endpoints as code.

The public names are loaded when they are first used: `import inferctl` alone imports no HTTP, YAML or model
library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.client.aio import AsyncInferenceClient
    from inferctl.client.cluster_reads import ClusterInfo
    from inferctl.client.retry import RetryPolicy
    from inferctl.client.settings import ConnectionSettings
    from inferctl.client.sync import InferenceClient
    from inferctl.errors import (
        AlreadyExists,
        ApiError,
        Conflict,
        ConnectionFailed,
        ConnectionLost,
        DeploymentTimeout,
        Forbidden,
        InferctlError,
        InputError,
        InvalidRequest,
        LicenceRefused,
        NotFound,
        ProviderRefused,
        RedirectRefused,
        Referenced,
        RequestTimeout,
        ServerError,
        SettingsError,
        Throttled,
        TlsFailed,
        TransportError,
        Unauthorised,
        Unavailable,
        UnexpectedAnswer,
        UnknownOutcome,
        UsageError,
        WriteRefused,
    )
    from inferctl.secrets.secret import Secret

    __version__: str

__all__ = [
    "AlreadyExists",
    "ApiError",
    "AsyncInferenceClient",
    "ClusterInfo",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "ConnectionSettings",
    "DeploymentTimeout",
    "Forbidden",
    "InferctlError",
    "InferenceClient",
    "InputError",
    "InvalidRequest",
    "LicenceRefused",
    "NotFound",
    "ProviderRefused",
    "RedirectRefused",
    "Referenced",
    "RequestTimeout",
    "RetryPolicy",
    "Secret",
    "ServerError",
    "SettingsError",
    "Throttled",
    "TlsFailed",
    "TransportError",
    "Unauthorised",
    "Unavailable",
    "UnexpectedAnswer",
    "UnknownOutcome",
    "UsageError",
    "WriteRefused",
    "__version__",
]

_ELSEWHERE = {
    "AsyncInferenceClient": "inferctl.client.aio",
    "ClusterInfo": "inferctl.client.cluster_reads",
    "ConnectionSettings": "inferctl.client.settings",
    "InferenceClient": "inferctl.client.sync",
    "RetryPolicy": "inferctl.client.retry",
    "Secret": "inferctl.secrets.secret",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (slow, rarely needed)

        try:
            value: object = version("inferctl")
        except PackageNotFoundError:  # run from a checkout that was never installed
            value = "0+unknown"
    elif name in __all__:
        value = getattr(import_module(_ELSEWHERE.get(name, "inferctl.errors")), name)
    else:
        raise AttributeError(f"module 'inferctl' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
