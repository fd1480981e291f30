"""What an error answer means: status, headers and body to one typed error. Pure.

The bodies are those of docs/reference/server/errors.md#envelope (object), errors.md#plain-strings and
inference.md#refusals (chat completions), and what proxies send. Every text goes through `redact`
before it enters the error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inferctl.client.answers import (
    REGION_POLICY_PATH,
    VALIDATION_CALL,
    Answer,
    Done,
    answer_of,
    rule,
    says_absent,
    says_timed_out,
)
from inferctl.client.privileges import LEDGER_INDEX, Privilege, call_of
from inferctl.client.redact import redact
from inferctl.client.retry import retry_after_s
from inferctl.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    DeploymentTimeout,
    Forbidden,
    InvalidRequest,
    LicenceRefused,
    LimitedBy,
    NotFound,
    ProviderRefused,
    RedirectRefused,
    Referenced,
    ServerError,
    Throttled,
    Unauthorised,
    Unavailable,
    UnexpectedAnswer,
)
from inferctl.json_types import object_of, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.client.request import Request, Response
    from inferctl.json_types import Json, JsonObject
    from inferctl.secrets.secret import Secret


_UNKNOWN_BODY = 256
_REASON = 2_000
_DEPTH = 10
_PIPELINES = re.compile(r"referenced by pipelines: \[([^\]]*)\]")
_INDEXES = re.compile(r"mapping for indexes: \[([^\]]*)\]")
_REFERENCED = (
    "is referenced by pipelines",
    "being used in the mapping for indexes",
    "would deny access to the following",
)
_NO_ENDPOINT = "resource_not_found_exception"
_NO_REGION_POLICIES = "this server has no region policies: Elasticsearch has them from 9.5 on"
_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The server's words, redacted; of a body in no documented form its text."""

    type: str = ""
    reason: str = ""
    root_cause: str = ""
    causes: tuple[str, ...] = ()
    licence: bool = False


def api_error(request: Request, response: Response, known_secrets: Iterable[Secret] = ()) -> ApiError:
    """The typed error for an answer that is no success. `known_secrets` go from every text, whatever was sent.

    What was done, what is not there and what has moved on, only Elasticsearch itself can say.
    """
    secrets = (*request.secrets, *known_secrets)
    answer = answer_of(response)
    if answer is Answer.OTHER_YES or (answer is Answer.FOREIGN and response.status not in (401, 403)):
        return unexpected_answer(request, response, "it says nothing about the cluster", secrets)

    def clean(text: str) -> str:
        return redact(text, secrets, echoes=request.echoes)

    body = _error_body(response, clean)
    kind = _kind(response.status, body)
    is_unknown_route = False
    if kind is NotFound and not says_absent(request, response):
        is_unknown_route = request.path == REGION_POLICY_PATH and body.type == _NO_ENDPOINT
        kind = Unavailable if answer is Answer.UNAVAILABLE else UnexpectedAnswer
        kind = InvalidRequest if is_unknown_route else kind
    location = clean(_without_secrets(response.headers.get("location", ""))) if kind is RedirectRefused else ""
    path = clean(request.path)
    missing = missing_privilege(request.method, request.path, request.query, body.reason) if kind is Forbidden else None
    explained = _NO_REGION_POLICIES if is_unknown_route else "" if missing is None else str(missing)
    error = kind(
        _message(f"{request.method} {path}", response.status, body, location, explained),
        method=request.method,
        path=path,
        status=response.status,
        type=body.type,
        reason=body.reason,
        root_cause=body.root_cause,
        causes=body.causes,
        retry_after_s=retry_after_s(response.headers),
        timed_out=says_timed_out(response),
        request_id=_clipped(clean(response.headers.get("x-request-id", "")))[:80],
    )
    error.limited_by = _LIMITS.get(answer)
    if isinstance(error, Referenced):
        error.pipelines = _names(_PIPELINES, body.reason)
        error.indexes = _names(_INDEXES, body.reason)
        if request.path == REGION_POLICY_PATH:
            error.endpoints, error.pipelines, error.indexes = _denied(response, clean)
    if isinstance(error, Forbidden) and missing is not None:
        error.privilege = str(missing.privilege)
    error.may_have_happened = rule(request.operation, answer).done is Done.MAYBE
    return error


def unexpected_answer(
    request: Request, response: Response, what: str, known_secrets: Iterable[Secret] = ()
) -> UnexpectedAnswer:
    """A success whose body is not what the documentation promises."""
    secrets = (*request.secrets, *known_secrets)
    text = redact(_plain(response.body), secrets, echoes=request.echoes)
    path = redact(request.path, secrets)
    excerpt = f"\n{_clipped(text)[:_UNKNOWN_BODY]}" if text.strip() and not request.echoes else ""
    hint = "" if response.is_elasticsearch else " (and the answer does not say that it is from Elasticsearch)"
    error = UnexpectedAnswer(
        f"{request.method} {path}: {response.status}, but {what}{hint}{excerpt}",
        method=request.method,
        path=path,
        status=response.status,
        reason=what,
    )
    error.may_have_happened = rule(request.operation, Answer.OTHER_YES).done is Done.MAYBE
    return error


def _kind(status: int, body: ErrorBody) -> type[ApiError]:
    reason = body.reason.lower()
    if 300 <= status < 400:
        return RedirectRefused
    if status < 400:
        return UnexpectedAnswer
    if body.type == "cluster_block_exception":
        return Unavailable
    if status == 400:
        if body.type == "resource_already_exists_exception":
            return AlreadyExists
        return ProviderRefused if VALIDATION_CALL in reason else InvalidRequest
    if status == 403:
        return LicenceRefused if body.licence or "license is non-compliant" in reason else Forbidden
    if status == 409:
        return Referenced if any(words in reason for words in _REFERENCED) else Conflict
    return _BY_STATUS.get(status, InvalidRequest if status < 500 else ServerError)


_LIMITS = {Answer.PROVIDER_LIMIT: LimitedBy.PROVIDER, Answer.THROTTLED: LimitedBy.CLUSTER}
_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: Unauthorised,
    404: NotFound,
    408: DeploymentTimeout,
    429: Throttled,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def _error_body(response: Response, clean: Callable[[str], str]) -> ErrorBody:
    try:
        body = response.json()
    except ValueError:
        body = None
    error = object_of(body).get("error")

    def words(value: Json) -> str:
        return _clipped(clean(value)) if isinstance(value, str) else ""

    if isinstance(error, str):
        return ErrorBody(reason=words(error), root_cause=words(error))
    if not isinstance(error, Mapping):
        text = _clipped(clean(_plain(response.body)))[:_UNKNOWN_BODY]
        return ErrorBody(reason=text)
    reason = words(error.get("reason")) or words(error.get("message"))
    causes = tuple(_cause(cause, words) for cause in _chain(error))
    roots = error.get("root_cause")
    root = roots[0] if isinstance(roots, list) and roots else None
    root_cause = words(object_of(root).get("reason"))
    return ErrorBody(
        type=words(error.get("type"))[:100],
        reason=reason,
        root_cause=root_cause or reason,
        causes=tuple(cause for cause in causes if cause),
        licence="license.expired.feature" in error,
    )


def _denied(response: Response, clean: Callable[[str], str]) -> tuple[tuple[str, ...], ...]:
    """The endpoints that a region policy would deny, and their users (docs/reference/server/region-policy.md#refused).

    The server writes a list of one as a text.
    """
    error = object_of(object_of(response.json()).get("error"))
    keys = ("denied_endpoint_ids", "referencing_pipelines", "referencing_indexes")
    return tuple(tuple(sorted(_clipped(clean(text)) for text in texts_in(error.get(key)))) for key in keys)


def _chain(error: JsonObject) -> list[JsonObject]:
    causes: list[JsonObject] = []
    cause = error.get("caused_by")
    while isinstance(cause, Mapping) and len(causes) < _DEPTH:
        causes.append(cause)
        cause = cause.get("caused_by")
    return causes


def _cause(cause: JsonObject, words: Callable[[Json], str]) -> str:
    return ": ".join(text for text in (words(cause.get("type"))[:100], words(cause.get("reason"))) if text)


def _message(request: str, status: int, body: ErrorBody, location: str, explained: str) -> str:
    """One to three lines: the request and the status, what it means, the server's reason, the innermost cause."""
    lines = [f"{request}: {status} {_phrase(status)}".rstrip()]
    if location:
        lines[0] += f", a redirect to {location}, which is not followed"
    elif body.reason:
        lines += [explained] if explained else []
        lines.append(f"{body.type}: {body.reason}" if body.type else body.reason)
    innermost = body.causes[-1] if body.causes else body.root_cause
    if innermost and innermost not in (body.reason, lines[-1]):
        lines.append(f"caused by: {innermost}")
    return "\n".join(lines)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _clipped(text: str) -> str:
    """One line of printable text, bounded."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _REASON else line[:_REASON] + "…"


def _plain(body: bytes) -> str:
    return _TAGS.sub(" ", body[:16_384].decode("utf-8", "replace"))


def _without_secrets(location: str) -> str:
    """Scheme, host and path of a redirect; user information and query may be secret."""
    try:
        parts = urlsplit(location)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    return (f"{parts.scheme}://{host}{port}" if host else "") + _clipped(parts.path)[:200] or "nowhere"


def _names(pattern: re.Pattern[str], reason: str) -> tuple[str, ...]:
    listed = pattern.search(reason)
    return tuple(sorted(name.strip() for name in listed[1].split(",") if name.strip())) if listed else ()


_UNAUTHORIZED = " is unauthorized for "
_GRANTED = re.compile(r"granted by the (?:cluster|index) privileges \[([\w,]+)\]")
_INDICES = re.compile(r" on indices \[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class MissingPrivilege:
    """A missing privilege and what it is needed for; `purpose` is "" where only the server knows."""

    privilege: Privilege
    purpose: str = ""

    def __str__(self) -> str:
        return f"missing privilege {self.privilege}" + (f": needed to {self.purpose}" if self.purpose else "")


def missing_privilege(method: str, path: str, query: Iterable[tuple[str, str]], reason: str) -> MissingPrivilege | None:
    """What a 403 with this reason is about; None where it is not about a privilege.

    Source: docs/reference/server/errors.md#security.

    The server's own list wins over the table, should a later version grant the action by another privilege.
    """
    if _UNAUTHORIZED not in reason:
        return None
    listed = _GRANTED.search(reason)
    granting = listed[1].split(",") if listed else []
    call = call_of(method, path, dry_run=("dry_run", "true") in tuple(query))
    if call is not None and call.privilege is not None and (not granting or call.privilege.name in granting):
        return MissingPrivilege(call.privilege, call.purpose)
    if not granting:
        return None
    where = _INDICES.search(reason)
    return MissingPrivilege(Privilege(granting[0], where[1] if where else ""), call.purpose if call else "")


def missing_privilege_of_bulk_line(operation: str, index: str, reason: str) -> MissingPrivilege | None:
    """The same for one line of a bulk request: `operation` is "create", "index" or "delete"."""
    if operation == "delete" and index == LEDGER_INDEX:
        return missing_privilege("DELETE", f"/{index}/_doc/ID", (), reason)
    return missing_privilege("POST", f"/{index}/_bulk", (), reason)
