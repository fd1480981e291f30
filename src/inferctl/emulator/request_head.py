"""The first lines of a request as the server reads them, query and media types included. They need not be HTTP.

Source: malformed.md#bytes-that-are-no-request, malformed.md#headers-and-routes, errors.md#media-types.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from .errors import ApiError, Cause, PlainError, illegal_argument
from .profiles import Profile

MOST_LINE = 4096
MOST_HEADERS = 16_384
JSON = "application/json"
EVENTS = "text/event-stream"

_VERSION = re.compile(r"HTTP/\d+\.\d+")
_NO_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_VERSIONED_TYPE = re.compile(
    r"application/vnd\.elasticsearch\+(x-ndjson|json)\s*;\s*compatible-with=(\d+)", re.IGNORECASE
)
_MEDIA_TYPE = re.compile(r"[^/\s]+/[^/\s]+")
_PLAIN_TYPES = {"application/json", "application/x-ndjson", "application/vnd.elasticsearch+json"}


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body. Names of headers are in lower case; of a repeated one the last counts."""

    method: str
    target: str
    version: str
    headers: dict[str, str]

    @property
    def keeps_open(self) -> bool:
        """Whether the client wants to send more on this connection."""
        wish = self.headers.get("connection", "").lower()
        return wish != "close" and (self.version != "HTTP/1.0" or wish == "keep-alive")


def read_line(line: bytes) -> tuple[str, str, str]:
    """Method, target and version. Raises the 400 of a line that is none."""
    if len(line) > MOST_LINE:
        raise _too_long("line", "An HTTP line", MOST_LINE)
    words = line.decode("iso-8859-1").split(None, 2)
    if len(words) < 3:
        raise illegal_argument("text is empty (possibly HTTP/0.9)")
    method, target, version = words[0], words[1], words[2].strip().upper()
    if not _VERSION.fullmatch(version):
        raise illegal_argument(f"invalid version format: {version}")
    if version not in {"HTTP/1.0", "HTTP/1.1"}:
        raise illegal_argument(f"Unexpected http protocol version: {version}")
    return method, target, version


def read_headers(lines: Iterable[bytes]) -> dict[str, str]:
    """The headers up to the empty line. Raises the 400 of what is none."""
    headers: dict[str, str] = {}
    lengths: list[str] = []
    size, name = 0, ""
    for line in lines:
        size += len(line)
        if size > MOST_HEADERS:
            raise _too_long("header", "HTTP header", MOST_HEADERS)
        text = line.decode("iso-8859-1").rstrip("\r\n")
        if not text:
            break
        if text[0] in " \t" and name:  # goes on with the header before
            headers[name] += " " + text.strip()
            continue
        name, value = _header(text)
        headers[name] = value
        if name == "content-length":
            lengths.append(value)
    if len(lengths) > 1:
        raise illegal_argument(f"Multiple Content-Length values found: [{', '.join(lengths)}]")
    return headers


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise illegal_argument("No colon found")
    name = name.strip()
    if not name:
        raise illegal_argument("empty headers are not allowed []")
    strange = _NO_TOKEN.search(name)
    if strange is not None:
        at = strange.start()
        raise illegal_argument(
            'a header name can only contain "token" characters, '
            f"but found invalid character 0x{ord(name[at]):x} at index {at} of header '{name}'."
        )
    value = value.strip()
    if "\0" in value:
        text = f"a header value contains prohibited character 0x0 at index {value.index(chr(0))}."
        cause = Cause("illegal_argument_exception", text, elastic=False)
        raise ApiError(400, "illegal_argument_exception", f"Validation failed for header '{name}'", cause=cause)
    return name.lower(), value


def _too_long(what: str, subject: str, most: int) -> ApiError:
    return ApiError(400, f"too_long_http_{what}_exception", f"{subject} is larger than {most} bytes.")


def body_length(headers: dict[str, str]) -> int:
    """`Content-Length`. Real servers drop the connection for some values that are no number; here all get the 400."""
    text = headers.get("content-length", "0")
    if not re.fullmatch(r"\d+", text, re.ASCII):
        raise illegal_argument(f"Content-Length value is not a number: {text}")
    return int(text[:20])


def segments(path: str) -> list[str]:
    """The decoded parts of a path. One slash in front and all at the end count for nothing."""
    _check_escapes(path)
    parts = path.partition("#")[0].rstrip("/").split("/")
    return [unquote(part) for part in (parts if parts[0] else parts[1:])]


def parameters(query: str) -> dict[str, str]:
    """Names and values of a query, `;` parts them as `&` does; the last of a repeated name counts."""
    values: dict[str, str] = {}
    for part in re.split("[&;]", query):
        name, equals, value = part.partition("=")
        if not name:
            name, value = value, ""
        if name:
            values[_decoded(name)] = _decoded(value) if equals else ""
    return values


def _decoded(text: str) -> str:
    try:
        _check_escapes(text)
    except ApiError as error:
        cause = Cause(error.kind, error.reason, elastic=False)
        reason = f"java.lang.IllegalArgumentException: {error.reason}"
        raise ApiError(400, "bad_parameter_exception", reason, cause=cause) from None
    return unquote_plus(text)


def _check_escapes(text: str) -> None:
    """400 for a `%` that two hexadecimal digits do not follow."""
    bad = _ESCAPE.search(text)
    if bad is None:
        return
    at = bad.start()
    if at == len(text) - 1:
        raise illegal_argument(f"unterminated escape sequence at end of string: {text}")
    if at == len(text) - 2:
        raise illegal_argument(f"partial escape sequence at end of string: {text}")
    raise illegal_argument(f"invalid escape sequence `{text[at : at + 3]}' at index {at} of: {text}")


def read_head(read_line_of: Callable[[int], bytes]) -> Head | None:
    """The head of the next request; None where the connection ends. Empty lines in front are passed by."""
    line = b"\r\n"
    while line in {b"\r\n", b"\n"}:
        line = read_line_of(MOST_LINE + 3)
    if not line:
        return None
    method, target, version = read_line(line.rstrip(b"\r\n"))
    headers = read_headers(iter(lambda: read_line_of(MOST_HEADERS + 3), b""))
    return Head(method, target, version, headers)


def _major_in(header: str) -> int | None:
    match = _VERSIONED_TYPE.search(header)
    return int(match.group(2)) if match else None


def _is_known(header: str) -> bool:
    return all(
        part.split(";")[0].strip().lower() in _PLAIN_TYPES or _VERSIONED_TYPE.search(part) for part in header.split(",")
    )


def negotiate(profile: Profile, headers: Mapping[str, str], *, has_body: bool) -> str:
    """Check both headers and return the type of the answer."""
    content, accept = headers.get("content-type"), headers.get("accept")
    if has_body and not content:
        raise PlainError(406, "Content-Type header [] is not supported")
    if has_body and content and not _is_known(content):
        raise PlainError(406, f"Content-Type header [{content}] is not supported")
    major = profile.line[0]
    wanted_accept, wanted_content = _major_in(accept or ""), _major_in(content or "")
    for name, wanted, header in (("Accept", wanted_accept, accept), ("Content-Type", wanted_content, content)):
        if wanted is not None and wanted not in {major, major - 1}:
            raise _bad_media_types(
                f"{name} version must be either version {major} or {major - 1}, but found {wanted}. {name}={header}"
            )
    if has_body and (wanted_accept is None) != (wanted_content is None):
        raise _bad_media_types(
            "A compatible version is required on both Content-Type and Accept headers if either one has "
            f"requested a compatible version. Accept={accept or 'null'}, Content-Type={content or 'null'}"
        )
    if has_body and wanted_accept != wanted_content:
        raise _bad_media_types(
            "A compatible version is required on both Content-Type and Accept headers if either one has "
            f"requested a compatible version and the compatible versions must match. Accept={accept}, "
            f"Content-Type={content}"
        )
    if wanted_accept is not None:
        return f"application/vnd.elasticsearch+json;compatible-with={wanted_accept}"
    return JSON


def _bad_media_types(reason: str) -> ApiError:
    return ApiError(
        400,
        "media_type_header_exception",
        "Invalid media-type value on headers [Accept, Content-Type]",
        # The outer one is no exception of Elasticsearch's own, so it is its own root.
        cause=Cause("status_exception", reason, elastic=False),
    )


def check_media_types(headers: Mapping[str, str]) -> None:
    """What names no media type at all is refused before anything else; an unknown `Accept` is let through."""
    for name in ("Accept", "Content-Type"):
        value = headers.get(name.lower())
        if value is not None and not value.strip():
            raise _no_media_type(name, f"Header [{name}] cannot be empty.")
    value = headers.get("content-type")
    if value is None:
        return
    media_type, *more = value.split(",")[0].split(";")
    if not _MEDIA_TYPE.fullmatch(media_type.strip()):
        raise _no_media_type("Content-Type", f"invalid media-type [{value}]")
    if any("=" not in parameter for parameter in more):
        raise _no_media_type("Content-Type", f"invalid parameters for header [{value}]")


def _no_media_type(header: str, reason: str) -> ApiError:
    text = f"Invalid media-type value on headers [{header}]"
    cause = Cause("illegal_argument_exception", reason, elastic=False)
    return ApiError(400, "media_type_header_exception", text, cause=cause)
