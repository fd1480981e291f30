"""Whom to trust: the system, a CA file, one certificate by its fingerprint, or (insecure) anyone.

A fingerprint may be the server certificate's own: then it is enough, whatever the certificate is called. Or it is that
of the CA which signed it. The chain that a server shows proves nothing by itself (anyone can show a CA's public
certificate), and a CA signs for many. So where the fingerprint is found on a CA in the chain, that handshake is given
up, the CA becomes the only trusted one, and the next handshake is verified in full against it: chain and host name.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from inferctl.errors import SettingsError

if TYPE_CHECKING:
    from inferctl.client.settings import ConnectionSettings

_DER = 2


class FingerprintMismatch(ssl.SSLError):
    """No certificate of the server has the pinned fingerprint."""


class PinnedCaLearned(ssl.SSLError):
    """The pinned CA was in the chain and is trusted from now on: connect again."""


def trust(settings: ConnectionSettings) -> ssl.SSLContext | None:
    """The context for these settings; None leaves it to the system and `SSL_CERT_FILE`."""
    if settings.insecure:
        return _unverified(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if settings.ca_fingerprint is not None:
        pinned = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
        pinned.fingerprint = settings.ca_fingerprint
        return _unverified(pinned)
    if settings.ca_certs is not None:
        path = Path(settings.ca_certs)
        try:
            if path.is_dir():
                return ssl.create_default_context(capath=str(path))
            return ssl.create_default_context(cafile=str(path))
        except ssl.SSLError:
            why = "they are not PEM certificates"
        except OSError as error:
            why = error.strerror or "they cannot be read"
        raise SettingsError(f"the CA certificates in {settings.ca_certs} cannot be used: {why}")
    if urlsplit(settings.url).scheme.lower() == "http":
        # No TLS, so nobody is trusted: to read the certificates of the system takes 25 ms.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return None


def _unverified(context: ssl.SSLContext) -> ssl.SSLContext:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _check(peer: ssl.SSLSocket | ssl.SSLObject) -> None:
    context = peer.context
    assert isinstance(context, PinnedContext)
    leaf = peer.getpeercert(binary_form=True)
    if leaf and _matches(leaf, context.fingerprint):
        return
    for certificate in _chain(peer):
        if _matches(certificate, context.fingerprint):
            context.by_ca = _trusting_only(certificate)
            raise PinnedCaLearned("the pinned CA is known now")
    raise FingerprintMismatch("no certificate of the server has the given SHA-256 fingerprint")


def _trusting_only(authority: bytes) -> ssl.SSLContext:
    """Checks chain and host name; `authority` (DER) may be a CA between, whose own signer nobody has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return context


def _matches(certificate: bytes, fingerprint: str) -> bool:
    return hmac.compare_digest(hashlib.sha256(certificate).hexdigest(), fingerprint)


def _chain(peer: ssl.SSLSocket | ssl.SSLObject) -> list[bytes]:
    """The certificates the server showed, in DER. Public from Python 3.13 on; before, one level deeper."""
    public: Any = getattr(peer, "get_unverified_chain", None)
    if public is not None:
        return list(public() or ())
    inner: Any = getattr(getattr(peer, "_sslobj", None), "get_unverified_chain", None)
    return [certificate.public_bytes(_DER) for certificate in (inner() or ())] if inner is not None else []


class _PinnedSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 (the base's signature)
        super().do_handshake(block)
        _check(self)


class _PinnedObject(ssl.SSLObject):
    def do_handshake(self) -> None:
        super().do_handshake()
        _check(self)


class PinnedContext(ssl.SSLContext):
    """Checks the fingerprint at the end of each handshake, before a byte of the request is sent.

    `by_ca` does the handshakes once the pinned CA is known. It is a context of its own: one that changed under a
    handshake of another thread would let that one go unchecked.
    """

    fingerprint: str = ""
    by_ca: ssl.SSLContext | None = None
    sslsocket_class = _PinnedSocket
    sslobject_class = _PinnedObject

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """As the base does; checked by the fingerprint, or by the CA that was found by it."""
        if self.by_ca is not None:
            return self.by_ca.wrap_socket(*arguments, **options)
        return super().wrap_socket(*arguments, **options)

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """The same for asynchronous connections."""
        if self.by_ca is not None:
            return self.by_ca.wrap_bio(*arguments, **options)
        return super().wrap_bio(*arguments, **options)
