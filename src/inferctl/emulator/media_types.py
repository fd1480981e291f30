"""`Accept` and `Content-Type` (errors.md#media-types, malformed.md#headers-and-routes)."""

import re
from collections.abc import Mapping

from .errors import ApiError, Cause, PlainError
from .profiles import Profile

_VERSIONED = re.compile(r"application/vnd\.elasticsearch\+(x-ndjson|json)\s*;\s*compatible-with=(\d+)", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[^/\s]+/[^/\s]+")
_PLAIN = {"application/json", "application/x-ndjson", "application/vnd.elasticsearch+json"}
JSON = "application/json"
EVENTS = "text/event-stream"


def _version(header: str) -> int | None:
    match = _VERSIONED.search(header)
    return int(match.group(2)) if match else None


def _known(header: str) -> bool:
    return all(part.split(";")[0].strip().lower() in _PLAIN or _VERSIONED.search(part) for part in header.split(","))


def negotiate(profile: Profile, headers: Mapping[str, str], *, has_body: bool) -> str:
    """Check both headers and return the type of the answer."""
    content, accept = headers.get("content-type"), headers.get("accept")
    if has_body and not content:
        raise PlainError(406, "Content-Type header [] is not supported")
    if has_body and content and not _known(content):
        raise PlainError(406, f"Content-Type header [{content}] is not supported")
    major = profile.line[0]
    wanted_accept, wanted_content = _version(accept or ""), _version(content or "")
    for name, wanted, header in (("Accept", wanted_accept, accept), ("Content-Type", wanted_content, content)):
        if wanted is not None and wanted not in {major, major - 1}:
            raise _refused(
                f"{name} version must be either version {major} or {major - 1}, but found {wanted}. {name}={header}"
            )
    if has_body and (wanted_accept is None) != (wanted_content is None):
        raise _refused(
            "A compatible version is required on both Content-Type and Accept headers if either one has "
            f"requested a compatible version. Accept={accept or 'null'}, Content-Type={content or 'null'}"
        )
    if has_body and wanted_accept != wanted_content:
        raise _refused(
            "A compatible version is required on both Content-Type and Accept headers if either one has "
            f"requested a compatible version and the compatible versions must match. Accept={accept}, "
            f"Content-Type={content}"
        )
    if wanted_accept is not None:
        return f"application/vnd.elasticsearch+json;compatible-with={wanted_accept}"
    return JSON


def _refused(reason: str) -> ApiError:
    return ApiError(
        400,
        "media_type_header_exception",
        "Invalid media-type value on headers [Accept, Content-Type]",
        # The outer one is no exception of Elasticsearch's own, so it is its own root.
        cause=Cause("status_exception", reason, elastic=False),
    )


def check(headers: Mapping[str, str]) -> None:
    """What names no media type at all is refused before anything else; an unknown `Accept` is let through."""
    for name in ("Accept", "Content-Type"):
        value = headers.get(name.lower())
        if value is not None and not value.strip():
            raise _no_type(name, f"Header [{name}] cannot be empty.")
    value = headers.get("content-type")
    if value is None:
        return
    media_type, *more = value.split(",")[0].split(";")
    if not _MEDIA_TYPE.fullmatch(media_type.strip()):
        raise _no_type("Content-Type", f"invalid media-type [{value}]")
    if any("=" not in parameter for parameter in more):
        raise _no_type("Content-Type", f"invalid parameters for header [{value}]")


def _no_type(header: str, reason: str) -> ApiError:
    text = f"Invalid media-type value on headers [{header}]"
    cause = Cause("illegal_argument_exception", reason, elastic=False)
    return ApiError(400, "media_type_header_exception", text, cause=cause)
