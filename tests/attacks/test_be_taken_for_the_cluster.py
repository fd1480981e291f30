"""Somebody between us and the cluster shows a certificate, and wants the request that goes to the cluster."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from tests.client.recorder import Recorder, recording

from inferctl import AsyncInferenceClient, ConnectionSettings, InferenceClient, RetryPolicy, errors
from inferctl.client import tls

if TYPE_CHECKING:
    from collections.abc import Iterator

ONCE = RetryPolicy(attempts=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def server(leaf: trustme.LeafCert, *more: bytes) -> Iterator[Recorder]:
    """Shows `leaf`, what signed it, and `more` certificates (PEM)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(leaf.private_key_and_cert_chain_pem.bytes() + b"".join(more)).tempfile() as path:
        context.load_cert_chain(path)
    with recording(context) as recorder:
        yield recorder


def pin(pem: bytes) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).hexdigest()


def ask(url: str, *, asynchronous: bool, **call: Any) -> None:
    """Two requests with a key."""
    if not asynchronous:
        with InferenceClient(url, api_key="k", retry=ONCE, **call) as client:
            client.get()
            client.get()
        return

    async def run() -> None:
        async with AsyncInferenceClient(url, api_key="k", retry=ONCE, **call) as client:
            await client.get()
            await client.get()

    asyncio.run(run())


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_a_certificate_of_the_pinned_ca_for_another_host(authority: trustme.CA, asynchronous: bool) -> None:
    """A CA signs for many: whoever has one of its certificates is not thereby the cluster."""
    for name in ("laptop.example.com", "127.0.0.2", "localhost"):
        with server(authority.issue_cert(name), authority.cert_pem.bytes()) as attacker:
            with pytest.raises(errors.TlsFailed, match="not valid for"):
                ask(attacker.url, asynchronous=asynchronous, ca_fingerprint=pin(authority.cert_pem.bytes()))
            assert attacker.seen == []


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_the_cluster_itself_is_reached(authority: trustme.CA, asynchronous: bool) -> None:
    """By its CA where the certificate names the host; by the certificate itself whatever it names."""
    root = authority.cert_pem.bytes()
    with server(authority.issue_cert("127.0.0.1"), root) as cluster:
        ask(cluster.url, asynchronous=asynchronous, ca_fingerprint=pin(root))
        assert len(cluster.seen) == 2
    elsewhere = authority.issue_cert("old-name.example.com")
    with server(elsewhere, root) as cluster:
        ask(cluster.url, asynchronous=asynchronous, ca_fingerprint=pin(elsewhere.cert_chain_pems[0].bytes()))
        assert len(cluster.seen) == 2


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_the_public_certificate_of_the_pinned_ca_beside_a_forged_one(authority: trustme.CA, asynchronous: bool) -> None:
    with server(trustme.CA().issue_cert("127.0.0.1"), authority.cert_pem.bytes()) as attacker:
        with pytest.raises(errors.TlsFailed):
            ask(attacker.url, asynchronous=asynchronous, ca_fingerprint=pin(authority.cert_pem.bytes()))
        assert attacker.seen == []


def test_a_handshake_that_is_under_way_while_another_learns_the_ca(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server shows the good chain to the first connection, and a certificate of nobody to the second."""
    root = authority.cert_pem.bytes()
    shaken, learned = threading.Event(), threading.Event()
    do_handshake = ssl.SSLSocket.do_handshake

    def late(self: ssl.SSLSocket, block: bool = False) -> None:
        do_handshake(self, block)
        if threading.current_thread().name == "late":
            shaken.set()
            assert learned.wait(20)

    monkeypatch.setattr(ssl.SSLSocket, "do_handshake", late)
    with (
        server(authority.issue_cert("127.0.0.1"), root) as cluster,
        server(trustme.CA().issue_cert("127.0.0.1")) as attacker,
    ):
        context = tls.trust(ConnectionSettings.of(cluster.url, ca_fingerprint=pin(root)))
        assert context is not None
        ends: list[BaseException | None] = []

        def connect(url: str) -> None:
            try:
                with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as plain:
                    context.wrap_socket(plain, server_hostname="127.0.0.1").close()
                ends.append(None)
            except ssl.SSLError as error:
                ends.append(error)

        thread = threading.Thread(target=connect, args=(attacker.url,), name="late")
        thread.start()
        assert shaken.wait(20)
        connect(cluster.url)
        learned.set()
        thread.join()
    assert [type(end) for end in ends] == [tls.PinnedCaLearned, tls.FingerprintMismatch]
