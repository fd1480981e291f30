"""A request and a response as values, and the headers of a request. Neither shows a body, a header or a secret.

`Authorization` is made here and stays a Secret until it is sent. Pure.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote

from inferctl.errors import UsageError
from inferctl.json_types import parse_within
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.json_types import Json


_UNESCAPED = ",*"  # characters that keep their meaning for the server
SMALL_ANSWER = 8 * 1024 * 1024  # bytes: of what is about one thing, or was filtered by the server
LARGE_ANSWER = 32 * 1024 * 1024  # of lists
_LONGEST_NAME = 4_096  # escaped: the server takes no longer request line
_MAX_DEPTH = 100  # Elasticsearch itself nests mappings 20 deep
_MAX_DIGITS = 400  # a double has 309 before its point
_MAX_KEYS = 200_000  # of one object: indexes, pipelines; reading so many takes more than keeping them
_WARNING = re.compile(r'299 Elasticsearch-\S+ "((?:[^"\\]|\\.)*)"')


class Operation(Enum):
    """What a request does; `client.answers` says what follows from it. Value: the word of the documentation."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    INFERENCE = "inference call"
    DOCUMENT = "document write"  # create-only, fenced by sequence number, or a bulk of such


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request without host, credentials and headers.

    `path` is escaped; `query` holds unescaped text in the order of the wire. `body` is encoded JSON (or
    NDJSON, if `ndjson`). `timeout_s` is the longest wait for the answer; None means the client's default for
    reads, and infinity no limit; `at_most_s` bounds either, where little time is left. `secrets` are the
    secret strings inside `body`. `echoes` marks a PUT or UPDATE, whose error texts quote the body. `largest_answer`
    bounds the body of a 2xx, unpacked, in bytes. Without an `operation` it is treated with the care of a create.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    timeout_s: float | None = None
    at_most_s: float | None = None
    operation: Operation = Operation.CREATE
    secrets: frozenset[Secret] = field(default=frozenset(), repr=False)
    ndjson: bool = False
    echoes: bool = False
    largest_answer: int = SMALL_ANSWER

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        if not self.query:
            return self.path
        return self.path + "?" + "&".join(f"{name}={quote(value, _UNESCAPED)}" for name, value in self.query)

    @property
    def is_read(self) -> bool:
        """Whether a lost answer leaves nothing behind."""
        return self.operation is Operation.READ


@dataclass(frozen=True, slots=True)
class Response:
    """One complete answer. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_elasticsearch(self) -> bool:
        """Whether the product header is there; 401 and 403 never carry it."""
        return self.headers.get("x-elastic-product", "") == "Elasticsearch"

    @property
    def warnings(self) -> tuple[str, ...]:
        """The deprecation texts of the `Warning` header, unquoted."""
        header = self.headers.get("warning", "")
        return tuple(re.sub(r"\\(.)", r"\1", text) for text in _WARNING.findall(header))

    def json(self) -> Json:
        """The decoded body. Raises ValueError when it is not JSON within bounds; the text quotes nothing of it.

        So nothing that walks the value, or sends it on, can fail on its depth or on a number. NoJson is the
        ValueError for what is no JSON at all.
        """
        why = broken = ""
        try:
            value = parse_within(self.body, depth=_MAX_DEPTH, digits=_MAX_DIGITS, keys=_MAX_KEYS)
        except json.JSONDecodeError:
            broken = "the answer is not JSON"  # raised below: that error holds the document
        except UnicodeDecodeError:
            why = "it is no UTF-8"
        except ValueError as error:
            why = str(error)
        if broken:
            raise NoJson(broken)
        if why:
            raise ValueError(why)
        return value


class NoJson(ValueError):  # noqa: N818  an error is named by what happened
    """A body that is no JSON, or that breaks off."""


def parameters(query: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Query parameters that were given, as unescaped text, in their order. None means not given."""
    return tuple((name, text_of(value)) for name, value in query.items() if value is not None)


def text_of(value: object) -> str:
    """One parameter as text: lists joined by commas, booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return ",".join(text_of(item) for item in value)
    return str(value)


def escape(segment: object) -> str:
    """One path segment. Slashes and blanks are escaped; `*` and `,` keep their meaning for the server."""
    return quote(text_of(segment), _UNESCAPED)


def escape_one(name: str) -> str:
    """One path segment that names one thing. Raises UsageError for what would be another path, or fits into none."""
    try:
        escaped = quote(name, "")
    except UnicodeEncodeError:
        escaped = ""
    if escaped in ("", ".", "..") or len(escaped) > _LONGEST_NAME:
        raise UsageError("nothing was sent: a name is empty, dots, half of a character, or too long for a URL")
    return escaped


USER_AGENT = "inferctl"


def authorization(
    api_key: Secret | None, basic_auth: tuple[str, Secret] | None, bearer_auth: Secret | None
) -> Secret | None:
    """The value of `Authorization`, or None. At most one of the three is given."""
    if api_key is not None:
        return Secret("ApiKey " + api_key.reveal())
    if bearer_auth is not None:
        return Secret("Bearer " + bearer_auth.reveal())
    if basic_auth is not None:
        return Secret("Basic " + b64encode(f"{basic_auth[0]}:{basic_auth[1].reveal()}".encode()).decode("ascii"))
    return None


def api_key_pair(key_id: str, key: str | Secret) -> Secret:
    """The encoded form of an (id, key) pair, as the server hands it out under `encoded`."""
    plain = key.reveal() if isinstance(key, Secret) else key
    return Secret(b64encode(f"{key_id}:{plain}".encode()).decode("ascii"))


def headers_for(request: Request, authorization: Secret | None) -> dict[str, str]:
    """Plain `application/json`: every server version takes it (docs/reference/server/errors.md#media-types)."""
    headers = {"accept": "application/json", "user-agent": USER_AGENT}
    if request.body is not None:
        headers["content-type"] = "application/x-ndjson" if request.ndjson else "application/json"
    if authorization is not None:
        headers["authorization"] = authorization.reveal()
    return headers
