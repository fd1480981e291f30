"""Error envelopes and the exact texts of errors that several operations share (errors.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cause:
    """One link of the `caused_by` chain. Root causes are followed through Elasticsearch's own types only.

    Source: errors.md#envelope.
    """

    type: str
    reason: str
    cause: "Cause | None" = None
    elastic: bool = True

    def body(self) -> dict[str, Any]:
        """The link as JSON."""
        result: dict[str, Any] = {"type": self.type, "reason": self.reason}
        if self.cause is not None:
            result["caused_by"] = self.cause.body()
        return result


class ApiError(Exception):
    """An answer that is an error: the envelope, or a plain string (errors.md#envelope, errors.md#plain-strings)."""

    def __init__(
        self,
        status: int,
        kind: str,
        reason: str,
        *,
        cause: Cause | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.cause = cause
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The envelope; `root_cause` is the innermost Elasticsearch exception (errors.md#envelope)."""
        own = Cause(self.kind, self.reason, self.cause)
        root = own
        while root.cause is not None and root.cause.elastic:
            root = root.cause
        more = {**self.extra, **({"header": dict(self.headers)} if self.headers else {})}
        error: dict[str, Any] = {
            "root_cause": [{"type": root.type, "reason": root.reason, **(more if root is own else {})}],
            "type": self.kind,
            "reason": self.reason,
        }
        if self.cause is not None:
            error["caused_by"] = self.cause.body()
        return {"error": {**error, **more}, "status": self.status}


class PlainError(ApiError):
    """A router-level failure: `error` is a string (errors.md#plain-strings)."""

    def __init__(
        self, status: int, text: str, *, with_status: bool = True, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, "", text, headers=headers)
        self.with_status = with_status

    def body(self) -> dict[str, Any]:
        """`{"error": "text", "status": n}`; an unknown route has no `status`."""
        result: dict[str, Any] = {"error": self.reason}
        if self.with_status:
            result["status"] = self.status
        return result


class EmptyError(ApiError):
    """A status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status, "", "")

    def body(self) -> None:  # type: ignore[override]
        """No body."""


class ChatError(ApiError):
    """Chat completion errors use another envelope, without `status` (inference.md)."""

    def body(self) -> dict[str, Any]:
        """`{"error": {"code", "message", "type"}}`."""
        code = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}.get(self.status, "error")
        return {"error": {"code": code, "message": self.reason, "type": self.kind}}


class StreamError(ApiError):
    """A stream that was refused: its one event, with the status of the error (inference.md#answers)."""

    def __init__(self, error: ApiError, event: bytes) -> None:
        super().__init__(error.status, error.kind, error.reason, headers=error.headers)
        self.event = event


def status_error(status: int, reason: str, *, cause: Cause | None = None) -> ApiError:
    """Most errors of the inference plugin: only status and text tell them apart (errors.md#envelope)."""
    return ApiError(status, "status_exception", reason, cause=cause)


def bad_request(reason: str, *, cause: Cause | None = None) -> ApiError:
    """400 `status_exception`."""
    return status_error(400, reason, cause=cause)


def illegal_argument(reason: str) -> ApiError:
    """400 `illegal_argument_exception`."""
    return ApiError(400, "illegal_argument_exception", reason)


def validation(problems: list[str]) -> ApiError:
    """400 `validation_exception` with numbered problems (create.md#refused-settings)."""
    return ApiError(400, "validation_exception", numbered(problems))


def request_validation(problems: list[str]) -> ApiError:
    """400 `action_request_validation_exception` (create.md#the-id, inference.md)."""
    return ApiError(400, "action_request_validation_exception", numbered(problems))


def numbered(problems: list[str]) -> str:
    """`Validation Failed: 1: ...;2: ...;`."""
    return "Validation Failed: " + "".join(f"{n}: {text};" for n, text in enumerate(problems, 1))


def endpoint_not_found(inference_id: str) -> ApiError:
    """GET, DELETE and inference of an unknown id (read.md#shapes)."""
    reason = f"Inference endpoint not found [{inference_id}]"
    return ApiError(404, "resource_not_found_exception", reason)


def task_type_mismatch(requested: str, stored: str) -> ApiError:
    """GET and DELETE with another task type in the path (read.md#shapes, delete.md#steps)."""
    return bad_request(
        f"Requested task type [{requested}] does not match the inference endpoint's task type [{stored}]"
    )


def already_exists(inference_id: str) -> ApiError:
    """PUT of an existing id: 400, not 409 (create.md#already-exists)."""
    reason = f"Inference endpoint [{inference_id}] already exists"
    return ApiError(400, "resource_already_exists_exception", reason)


def body_required() -> ApiError:
    """PUT, UPDATE and POST without a body (create.md#body, malformed.md#bodies)."""
    return ApiError(400, "parse_exception", "request body is required")


def licence_error() -> ApiError:
    """403 for a licence without inference (errors.md#licence)."""
    return ApiError(
        403,
        "security_exception",
        "current license is non-compliant for [inference]",
        extra={"license.expired.feature": "inference"},
    )


def timeout_error(status: int, reason: str) -> ApiError:
    """A timeout: 408, 504 on 9.4, 429 `timeout_exception` from 9.5 (errors.md#status-codes)."""
    if status == 429:
        return ApiError(429, "timeout_exception", reason, extra={"timed_out": True}, headers={"X-Timed-Out": "?1"})
    return status_error(status, reason)
