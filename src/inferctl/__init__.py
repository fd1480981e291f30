"""Elasticsearch inference endpoints as code.

The public names are loaded when they are first used: `import inferctl` alone imports no HTTP, YAML or model
library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.api.cluster import Cluster
    from inferctl.api.load import load
    from inferctl.api.plan_apply import apply, plan
    from inferctl.api.plan_file import read_plan, write_plan
    from inferctl.api.render import render
    from inferctl.applier.events import (
        Event,
        Interrupted,
        Result,
        StageStarted,
        StepFinished,
        StepStarted,
        StepWaiting,
        SubStep,
    )
    from inferctl.applier.outcome import Outcome
    from inferctl.client.aio import AsyncInferenceClient
    from inferctl.client.cluster_reads import ClusterInfo
    from inferctl.client.retry import RetryPolicy
    from inferctl.client.settings import ConnectionSettings
    from inferctl.client.sync import InferenceClient
    from inferctl.diagnostics import Diagnostic, Severity, Span
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
        LedgerError,
        LicenceRefused,
        LimitedBy,
        LockHeld,
        LockLost,
        NotConfirmed,
        NotFound,
        NotTried,
        PlanFileError,
        ProviderRefused,
        RedirectRefused,
        Referenced,
        RefusedByBounds,
        RequestTimeout,
        ServerError,
        SettingsError,
        StalePlan,
        Throttled,
        TlsFailed,
        TransportError,
        Unauthorised,
        Unavailable,
        UnexpectedAnswer,
        UnknownOutcome,
        UnsupportedServer,
        UsageError,
        WriteRefused,
    )
    from inferctl.exit_codes import Exit
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.endpoint import Endpoint
    from inferctl.planner.action import Action, Block, BlockKind, Standing
    from inferctl.planner.change import Change
    from inferctl.planner.field_change import FieldChange
    from inferctl.planner.plan import (
        Capabilities,
        DesiredSet,
        Guard,
        Permissions,
        Plan,
        Stop,
    )
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret
    from inferctl.workspace.desired import Loaded
    from inferctl.workspace.settings import Settings

    __version__: str

__all__ = [
    "Action",
    "AlreadyExists",
    "ApiError",
    "AsyncInferenceClient",
    "Block",
    "BlockKind",
    "Capabilities",
    "Change",
    "Cluster",
    "ClusterInfo",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "ConnectionSettings",
    "DeploymentTimeout",
    "DesiredEndpoint",
    "DesiredSet",
    "Diagnostic",
    "Endpoint",
    "Event",
    "Exit",
    "FieldChange",
    "Forbidden",
    "Guard",
    "InferctlError",
    "InferenceClient",
    "InputError",
    "Interrupted",
    "InvalidRequest",
    "LedgerError",
    "LicenceRefused",
    "LimitedBy",
    "Loaded",
    "LockHeld",
    "LockLost",
    "NotConfirmed",
    "NotFound",
    "NotTried",
    "Outcome",
    "Permissions",
    "Plan",
    "PlanFileError",
    "ProviderRefused",
    "RedirectRefused",
    "Referenced",
    "RefusedByBounds",
    "RequestTimeout",
    "Result",
    "RetryPolicy",
    "Secret",
    "SecretRef",
    "ServerError",
    "Settings",
    "SettingsError",
    "Severity",
    "Span",
    "StageStarted",
    "StalePlan",
    "Standing",
    "StepFinished",
    "StepStarted",
    "StepWaiting",
    "Stop",
    "SubStep",
    "Throttled",
    "TlsFailed",
    "TransportError",
    "Unauthorised",
    "Unavailable",
    "UnexpectedAnswer",
    "UnknownOutcome",
    "UnsupportedServer",
    "UsageError",
    "WriteRefused",
    "__version__",
    "apply",
    "load",
    "plan",
    "read_plan",
    "render",
    "write_plan",
]

# Where the names live; the errors are in `inferctl.errors`.
_HOME = {
    "Cluster": "inferctl.api.cluster",
    "load": "inferctl.api.load",
    "apply": "inferctl.api.plan_apply",
    "plan": "inferctl.api.plan_apply",
    "read_plan": "inferctl.api.plan_file",
    "write_plan": "inferctl.api.plan_file",
    "render": "inferctl.api.render",
    "Event": "inferctl.applier.events",
    "Interrupted": "inferctl.applier.events",
    "Result": "inferctl.applier.events",
    "StageStarted": "inferctl.applier.events",
    "StepFinished": "inferctl.applier.events",
    "StepStarted": "inferctl.applier.events",
    "StepWaiting": "inferctl.applier.events",
    "SubStep": "inferctl.applier.events",
    "Outcome": "inferctl.applier.outcome",
    "AsyncInferenceClient": "inferctl.client.aio",
    "ClusterInfo": "inferctl.client.cluster_reads",
    "RetryPolicy": "inferctl.client.retry",
    "ConnectionSettings": "inferctl.client.settings",
    "InferenceClient": "inferctl.client.sync",
    "Diagnostic": "inferctl.diagnostics",
    "Severity": "inferctl.diagnostics",
    "Span": "inferctl.diagnostics",
    "Exit": "inferctl.exit_codes",
    "DesiredEndpoint": "inferctl.model.desired_observed",
    "Endpoint": "inferctl.model.endpoint",
    "Action": "inferctl.planner.action",
    "BlockKind": "inferctl.planner.action",
    "Standing": "inferctl.planner.action",
    "Block": "inferctl.planner.action",
    "Change": "inferctl.planner.change",
    "FieldChange": "inferctl.planner.field_change",
    "Capabilities": "inferctl.planner.plan",
    "DesiredSet": "inferctl.planner.plan",
    "Guard": "inferctl.planner.plan",
    "Permissions": "inferctl.planner.plan",
    "Plan": "inferctl.planner.plan",
    "Stop": "inferctl.planner.plan",
    "Secret": "inferctl.secrets.secret",
    "SecretRef": "inferctl.secrets.reference",
    "Loaded": "inferctl.workspace.desired",
    "Settings": "inferctl.workspace.settings",
}


if not TYPE_CHECKING:  # or a type checker would take any name

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (slow, rarely needed)

            try:
                value: object = version("inferctl")
            except PackageNotFoundError:  # run from a checkout that was never installed
                value = "0+unknown"
        elif name in __all__:
            value = getattr(import_module(_HOME.get(name, "inferctl.errors")), name)
        else:
            raise AttributeError(f"module 'inferctl' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
