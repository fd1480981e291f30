"""JSON over HTTP, for the API of a forge: no redirect is followed, because the token would go with it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.report.escape import clean, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PAGE = 100
_PAGES = 200
_TIMEOUT_S = 30.0


class ForgeError(Exception):
    """A request that did not work. `status` is 0 where there was no answer. Its text holds no token."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}" if status else text)
        self.status = status


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class WebApi:
    """`base` is the address of the API; `headers` go with each request and are never shown."""

    base: str
    headers: Mapping[str, str] = field(repr=False)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What was answered, None where there is no body. Raises ForgeError."""
        if not self.base.startswith(("https://", "http://")):
            raise ForgeError(0, "the address of the API is neither https nor http")
        request = urllib.request.Request(  # noqa: S310  checked above
            self.base.rstrip("/") + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={**self.headers, "Content-Type": "application/json", "User-Agent": "inferctl"},
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S) as answer:
                octets = answer.read()
            return json.loads(octets) if octets else None
        except urllib.error.HTTPError as error:
            with error:
                raise ForgeError(error.code, _reason(error)) from None
        except (OSError, ValueError) as error:  # no connection, a deadline, no JSON
            raise ForgeError(0, clean(str(getattr(error, "reason", error)))) from None

    def pages(self, path: str) -> Iterator[Any]:
        """The items of all pages of a list, in the order of the server."""
        for number in range(1, _PAGES + 1):
            items = self.call("GET", f"{path}{'&' if '?' in path else '?'}per_page={_PAGE}&page={number}")
            yield from items
            if len(items) < _PAGE:
                return


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        said = json.loads(error.read(10_000))["message"]
    except (OSError, ValueError, LookupError, TypeError):
        said = error.reason
    return cut(clean(str(said)), 300)
