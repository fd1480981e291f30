"""What to look at when the cluster cannot be reached or lets nobody in: the usual mistake behind an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.client.setting_sources import names_that_count
from inferctl.errors import (
    ConnectionFailed,
    ConnectionLost,
    Forbidden,
    InvalidRequest,
    NotFound,
    RedirectRefused,
    TlsFailed,
    Unauthorised,
    UnexpectedAnswer,
    UnsupportedServer,
)
from inferctl.fix import advice

if TYPE_CHECKING:
    from inferctl.errors import InferctlError
    from inferctl.fix import Fix

_CREDENTIALS = "{} takes an API key in its encoded form (not id:key); {} and {} take a user"
_ADDRESS = "is this the address of Elasticsearch itself, without a path, and not that of Kibana?"
_TLS_PORT = "a port that speaks TLS does this: try https://"
_PLAIN_PORT = "a port that speaks no TLS does this: try http://, if the network is yours"
_OWN_CA = "a certificate of an own CA needs --ca-certs FILE or --ca-fingerprint SHA256"
_OTHER_NAME = "the certificate is for another name: take an address that it names, or pin the certificate itself"


_ROLE = "give the user of this run the role that `inferctl roles apply` prints (for plans: `inferctl roles plan`)"
_HOST = "look whether this is the address, the cluster is up, and this machine may reach it"
_TOO_OLD = "upgrade the cluster"


def hints(error: InferctlError, environment: str = "") -> tuple[Fix, ...]:
    """What the person who called may look at; nothing where there is nothing usual behind `error`.

    `environment` is the one of the settings file that was chosen, which has credentials of its own.
    """
    text = _hint(error, environment)
    return (advice(text),) if text else ()


_PLAIN = {Forbidden: _ROLE, ConnectionFailed: _HOST, UnsupportedServer: _TOO_OLD}


def _of_tls(text: str) -> str:
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER" in text:
        return _PLAIN_PORT
    return _OTHER_NAME if "certificate is not valid for" in text else _OWN_CA


def _credentials(environment: str) -> str:
    names = names_that_count(environment)[0]
    return _CREDENTIALS.format(names.api_key[0], *names.basic[0])


def _hint(error: InferctlError, environment: str) -> str:
    if isinstance(error, Unauthorised):
        return _credentials(environment)
    if isinstance(error, TlsFailed):
        return _of_tls(str(error))
    for kind, text in _PLAIN.items():
        if type(error) is kind:
            return text
    if isinstance(error, ConnectionFailed) or (getattr(error, "method", ""), getattr(error, "path", "")) != (
        "GET",
        "/",
    ):
        return ""
    # The first request of a run: nothing has worked yet, so the address is doubted.
    if isinstance(error, ConnectionLost):
        return _ADDRESS if error.answer_refused else _TLS_PORT
    return _ADDRESS if isinstance(error, InvalidRequest | NotFound | RedirectRefused | UnexpectedAnswer) else ""
