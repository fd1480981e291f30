# ruff: noqa: N818  (an error is named by what happened)
"""Everything that can go wrong, by meaning. One root, stable codes, exit codes.

    InferctlError
     ├── InputError               files, settings: carries diagnostics            exit 1
     │    ├── SettingsError       how to reach the cluster (also a ValueError)
     │    ├── RefusedByBounds     it exceeds the operator's bounds, or these cannot be read
     │    └── PlanFileError       a plan file that cannot be used, a plan that cannot be saved
     ├── UsageError               wrong command line                              exit 64
     ├── WriteRefused             a write through a read-only client; never sent
     ├── UnsupportedServer       older than anything inferctl knows
     ├── StalePlan                a saved plan for another cluster or version             exit 5
     ├── NotConfirmed             the first apply to a cluster that is not pinned       exit 3
     ├── LedgerError              the ledger cannot be used: never taken for an empty one
     ├── LockHeld                 another run has the lock                exit 7
     ├── LockLost                 the lock went to another run; nothing was sent after that
     ├── TransportError           no answer
     │    ├── ConnectionFailed    nothing was sent
     │    │    ├── TlsFailed      the certificate was not accepted
     │    │    └── NotTried       the run is to end, or the cluster is gone: not even tried
     │    ├── RequestTimeout      a read took too long; nothing changed
     │    ├── ConnectionLost      a read was cut off; nothing changed
     │    └── UnknownOutcome      a write was sent, no complete answer came: it may have happened
     └── ApiError                 an answer, and it says no
          ├── NotFound            404
          ├── AlreadyExists       400 resource_already_exists_exception
          ├── Referenced          409, with the pipelines and indexes that refer to it
          ├── Conflict            409, any other
          ├── InvalidRequest      400 and the other 4xx
          │    └── ProviderRefused  400, the provider's own refusal is in `causes`
          ├── Unauthorised        401
          ├── Forbidden           403
          │    └── LicenceRefused   403, the licence does not cover inference
          ├── Throttled           429
          ├── Unavailable         502, 503, 504, cluster blocks
          ├── DeploymentTimeout   408
          ├── ServerError         other 5xx
          ├── RedirectRefused     3xx: never followed
          └── UnexpectedAnswer    not JSON, or not of the documented shape

`str(error)` is one to three lines for a person and holds no secret; `fixes` are what mends it. Errors survive pickling.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Self

from inferctl.fix import FixKind

if TYPE_CHECKING:
    from inferctl.diagnostics import Diagnostic
    from inferctl.fix import Fix


class InferctlError(Exception):
    """The root. `code` is stable and documented, and most often that of the class; `exit_code` ends the command line.

    `method` and `path` name the request that it is about, if any (path escaped, without query).
    """

    code: str = "error"
    exit_code: ClassVar[int] = 1
    # Whether a write may have taken effect although it failed: ask the server before doing it again.
    may_have_happened: bool = False

    def __init__(self, message: str, *, method: str = "", path: str = "", code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.code
        self.method = method
        self.path = path
        self.fixes: tuple[Fix, ...] = ()

    def with_fixes(self, *fixes: Fix) -> Self:
        """The same error with what mends it, each alone. A traceback shows them as notes."""
        self.fixes = (*self.fixes, *fixes)
        for fix in fixes:
            self.add_note(f"{'advice' if fix.kind is FixKind.ADVICE else 'fix'}: {fix.text}")
        return self

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else self.__class__.__name__


class InputError(InferctlError):
    """What was given cannot be used. `diagnostics` holds every finding of the run."""

    code = "input.invalid"

    def __init__(self, message: str, diagnostics: tuple[Diagnostic, ...] = (), *, code: str = "") -> None:
        super().__init__(message, code=code)
        self.diagnostics = diagnostics


class SettingsError(InputError, ValueError):
    """The connection settings are incomplete, contradict each other, or may not come from where they come from."""

    code = "settings.invalid"


class RefusedByBounds(InputError):
    """A run exceeds the operator's bounds, or nobody can read these. Nothing was resolved, and nothing sent."""

    code = "bounds.refused"


class PlanFileError(InputError):
    """A plan file that cannot be used, or a plan that cannot be written into one."""

    code = "plan.file"


class StalePlan(InferctlError):
    """A saved plan was made for another cluster, another version of it, or another environment. Nothing was sent."""

    code = "plan.stale"
    exit_code = 5


class NotConfirmed(InferctlError):
    """Nobody said that this is the cluster that is meant: it is not pinned, and not known. No endpoint was written."""

    code = "cluster.not-confirmed"
    exit_code = 3


class UsageError(InferctlError):
    """The command line, or a call in a program, is wrong."""

    code = "usage"
    exit_code = 64


class UnsupportedServer(InferctlError):
    """The server is older than anything inferctl knows about updates and references."""

    code = "server.unsupported"


class WriteRefused(InferctlError):
    """A read-only client was asked to write. Nothing was sent."""

    code = "client.write-refused"


class LedgerError(InferctlError):
    """The ledger cannot be read or written as it should. It is never taken for empty."""

    code = "ledger.unusable"


class LockHeld(InferctlError):
    """Another run has the lock of the scope, and the wait for it is over."""

    code = "ledger.locked"
    exit_code = 7


class LockLost(InferctlError):
    """The lock went to another run, or could not be renewed. What asked for it was not sent."""

    code = "ledger.lock-lost"
    exit_code = 7


class TransportError(InferctlError):
    """There is no usable answer. `answer_refused`: one came, too large or packed otherwise; it would come again."""

    code = "transport"
    answer_refused = False


class ConnectionFailed(TransportError):
    """No connection could be established, so nothing was sent."""

    code = "transport.connection-failed"


class TlsFailed(ConnectionFailed):
    """The server's certificate was not accepted, so nothing was sent."""

    code = "transport.tls-failed"


class NotTried(ConnectionFailed):
    """Not even tried: the run is to end, or the cluster does not answer. Nothing was sent."""

    code = "transport.not-tried"


class RequestTimeout(TransportError):
    """A read got no answer in time."""

    code = "transport.timeout"


class ConnectionLost(TransportError):
    """The answer to a read was cut off, or was refused: no HTTP, too large, packed in a way that was not asked for."""

    code = "transport.connection-lost"


class UnknownOutcome(TransportError):
    """A write was sent and no complete answer came. Read before doing it again."""

    code = "transport.unknown-outcome"
    may_have_happened = True


class LimitedBy(Enum):
    """Whose limit a request met. Value: the word shown."""

    PROVIDER = "the provider"
    CLUSTER = "the cluster"


class ApiError(InferctlError):
    """The server answered, and the answer is an error.

    `type` and `reason` are the server's top-level ones, `root_cause` the innermost reason it names, `causes`
    the chain below the top ("type: reason"). All texts have gone through `client.redact`. `limited_by` is whose limit
    it is about (None: no limit's), and `retry_after_s` for how long, where the answer says so.
    """

    code = "api.error"
    limited_by: LimitedBy | None = None

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int = 0,
        type: str = "",  # noqa: A002 (the server's own word)
        reason: str = "",
        root_cause: str = "",
        causes: tuple[str, ...] = (),
        retry_after_s: float | None = None,
        timed_out: bool = False,
        request_id: str = "",
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.status = status
        self.type = type
        self.reason = reason
        self.root_cause = root_cause
        self.causes = causes
        self.retry_after_s = retry_after_s
        self.timed_out = timed_out
        self.request_id = request_id


class NotFound(ApiError):
    """There is no such endpoint (index, model, ...)."""

    code = "api.not-found"


class AlreadyExists(ApiError):
    """Create is create-only: the id is taken. The server says 400, not 409."""

    code = "api.already-exists"


class Referenced(ApiError):
    """Refused: something refers to it. `pipelines` and `indexes` are what the server names.

    `endpoints` are those that a region policy would deny; each of the other two is then `ENDPOINT:NAME`.
    """

    code = "api.referenced"
    pipelines: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()


class Conflict(ApiError):
    """Another change is under way, or a document's sequence number has moved on."""

    code = "api.conflict"


class InvalidRequest(ApiError):
    """The server does not accept this request."""

    code = "api.invalid-request"


class ProviderRefused(InvalidRequest):
    """The server tried the settings on the provider, and the provider refused; `causes` holds its words."""

    code = "api.provider-refused"


class Unauthorised(ApiError):
    """The credentials are missing or wrong."""

    code = "api.unauthorised"


class Forbidden(ApiError):
    """The credentials are good; the privilege is missing. `privilege` names it, "" where the answer does not say."""

    code = "api.forbidden"
    privilege: str = ""


class LicenceRefused(Forbidden):
    """The cluster's licence does not cover inference."""

    code = "api.licence"


class Throttled(ApiError):
    """Too many requests, the server's or the provider's limit."""

    code = "api.throttled"


class Unavailable(ApiError):
    """The cluster, or the proxy before it, cannot serve now."""

    code = "api.unavailable"


class DeploymentTimeout(ApiError):
    """The server gave up waiting, for a model deployment as a rule; the work may go on."""

    code = "api.deployment-timeout"


class ServerError(ApiError):
    """The server failed."""

    code = "api.server-error"


class RedirectRefused(ApiError):
    """The server, or a proxy, answered with a redirect. Credentials are never carried elsewhere."""

    code = "api.redirect-refused"


class UnexpectedAnswer(ApiError):
    """An answer that is not JSON, or not of the documented shape: perhaps not an Elasticsearch."""

    code = "api.unexpected-answer"
