"""The headers of a request. Pure. `Authorization` is made here and stays a Secret until it is sent."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from inferctl.client.request import Request

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
