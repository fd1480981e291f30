"""The real network: TLS, redirects, proxies, time limits, broken connections."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from inferctl import AsyncInferenceClient, InferenceClient, RetryPolicy, errors
from inferctl.client.request import Operation, Request

from .recorder import PRODUCT, Recorder, cut_off, hang_up, recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

ONCE = RetryPolicy(attempts=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secure(authority: trustme.CA) -> Iterator[tuple[Recorder, str]]:
    """A server whose chain holds its CA, as Elasticsearch's does; and the certificate's own fingerprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.issue_cert("127.0.0.1")
    chain = trustme.Blob(leaf.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes())
    with chain.tempfile() as path:
        context.load_cert_chain(path)
    with recording(context) as recorder:
        yield recorder, pin(leaf.cert_chain_pems[0].bytes())


def pin(pem: bytes) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).hexdigest()


def get_both(url: str, **call: Any) -> None:
    """The same call through both clients; both must end alike."""
    ends: list[BaseException | None] = []
    with InferenceClient(url, retry=ONCE, **call) as client:
        try:
            client.get()
            client.get()
            ends.append(None)
        except errors.InferctlError as error:
            ends.append(error)

    async def run() -> None:
        async with AsyncInferenceClient(url, retry=ONCE, **call) as client:
            await client.get()
            await client.get()

    try:
        asyncio.run(run())
        ends.append(None)
    except errors.InferctlError as error:
        ends.append(error)
    assert type(ends[0]) is type(ends[1])
    if ends[0] is not None:
        raise ends[0]


def test_a_ca_file(secure: tuple[Recorder, str], authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    get_both(secure[0].url, ca_certs=str(tmp_path / "ca.pem"))


def test_another_ca(secure: tuple[Recorder, str], tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    with pytest.raises(errors.TlsFailed, match="certificate"):
        get_both(secure[0].url, ca_certs=str(tmp_path / "ca.pem"))


def test_the_system_does_not_know_it(secure: tuple[Recorder, str]) -> None:
    with pytest.raises(errors.TlsFailed):
        get_both(secure[0].url)


def test_ssl_cert_file(
    secure: tuple[Recorder, str], authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    get_both(secure[0].url)


def test_insecure(secure: tuple[Recorder, str]) -> None:
    get_both(secure[0].url, insecure=True)


def test_the_fingerprint_of_the_certificate(secure: tuple[Recorder, str]) -> None:
    get_both(secure[0].url, ca_fingerprint=secure[1])
    get_both(secure[0].url, ca_fingerprint=":".join(secure[1][i : i + 2] for i in range(0, 64, 2)).upper())


def test_the_fingerprint_of_the_ca(secure: tuple[Recorder, str], authority: trustme.CA) -> None:
    get_both(secure[0].url, ca_fingerprint=pin(authority.cert_pem.bytes()))


def test_the_fingerprint_of_a_ca_between() -> None:
    """The root is in nobody's hands here: what is pinned is trusted by itself, for what it has signed and nothing else."""
    root = trustme.CA()
    between, sibling = root.create_child_ca(), root.create_child_ca()
    leaf = between.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain = leaf.private_key_and_cert_chain_pem.bytes() + sibling.cert_pem.bytes()
    with trustme.Blob(chain).tempfile() as path:
        context.load_cert_chain(path)
    with recording(context) as recorder:
        get_both(recorder.url, ca_fingerprint=pin(between.cert_pem.bytes()))
        seen = len(recorder.seen)
        with pytest.raises(errors.TlsFailed):
            get_both(recorder.url, ca_fingerprint=pin(sibling.cert_pem.bytes()), api_key="k")
        assert len(recorder.seen) == seen


def test_another_fingerprint_sends_nothing(secure: tuple[Recorder, str]) -> None:
    before = len(secure[0].seen)
    with pytest.raises(errors.TlsFailed, match="fingerprint"):
        get_both(secure[0].url, ca_fingerprint="0" * 64, api_key="k")
    assert len(secure[0].seen) == before


def test_showing_the_pinned_ca_is_not_being_signed_by_it(authority: trustme.CA) -> None:
    impostor = trustme.CA().issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(impostor.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes()).tempfile() as path:
        context.load_cert_chain(path)
    with recording(context) as recorder:
        with pytest.raises(errors.TlsFailed):
            get_both(recorder.url, ca_fingerprint=pin(authority.cert_pem.bytes()), api_key="k")
        assert recorder.seen == []


def test_a_ca_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.SettingsError, match=r"none\.pem"):
        InferenceClient("https://h", ca_certs=str(tmp_path / "none.pem"))
    (tmp_path / "bad.pem").write_text("x")
    with pytest.raises(errors.SettingsError, match="PEM"):
        InferenceClient("https://h", ca_certs=str(tmp_path / "bad.pem"))


def test_tls_to_a_plain_server(server: Recorder) -> None:
    with pytest.raises(errors.ConnectionFailed):
        get_both(server.url.replace("http:", "https:"), insecure=True)


def test_redirects_are_not_followed(server: Recorder) -> None:
    before = len(server.seen)
    server.answers = [(302, {"Location": server.url + "/elsewhere"}, b""), (307, {"Location": "//x"}, b"")]
    with pytest.raises(errors.RedirectRefused, match="elsewhere"):
        get_both(server.url, api_key="k")
    assert len(server.seen) == before + 2


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(errors.ConnectionFailed, match="nothing was sent"):
        get_both(f"http://127.0.0.1:{port}")


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-x\r\n\r\n")
    handler.close_connection = True


@pytest.mark.parametrize("broken", [hang_up, cut_off, no_http])
def test_broken_answers(server: Recorder, broken: Any) -> None:
    server.answers = [broken, broken]
    with pytest.raises(errors.ConnectionLost):
        get_both(server.url)
    server.answers = [broken]
    with InferenceClient(server.url) as client, pytest.raises(errors.UnknownOutcome):
        client.put(inference_id="a", body={})


def test_slow_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(errors.RequestTimeout):
            get_both(url, timeout_s=0.1)
        with InferenceClient(url, timeout_s=0.1) as client, pytest.raises(errors.UnknownOutcome):
            client.delete(inference_id="a")


def test_proxies_of_the_environment(server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    with InferenceClient("http://es.invalid:9200/p") as client:
        client.get(inference_id="a b")
    assert server.last().target == "http://es.invalid:9200/p/_inference/a%20b"
    monkeypatch.setenv("HTTP_PROXY", "nonsense://u:hidden@h")
    for client_class in (InferenceClient, AsyncInferenceClient):
        with pytest.raises(errors.SettingsError, match="proxy") as caught:
            client_class("http://es.invalid:9200")
        assert "hidden" not in str(caught.value)


def test_headers(server: Recorder) -> None:
    with InferenceClient(server.url, basic_auth=("u", "p")) as client:
        client.get()
    assert server.last().headers["authorization"] == "Basic dTpw"
    with InferenceClient(server.url) as client:
        client.get()
    assert "authorization" not in server.last().headers
    assert "content-type" not in server.last().headers


def test_warnings(server: Recorder) -> None:
    server.answers = [(200, {**PRODUCT, "Warning": '299 Elasticsearch-9.1.0-abc "old \\"thing\\""'}, b"{}")]
    with InferenceClient(server.url) as client:
        response = client.raw(Request("GET", "/", operation=Operation.READ))
    assert response.warnings == ('old "thing"',)


def test_requests_one_after_the_other_use_one_connection(server: Recorder) -> None:
    ports: list[int] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\nContent-Length: 2\r\n\r\n{}")
        handler.wfile.flush()

    server.answers += [answer] * 6
    with InferenceClient(server.url, retry=ONCE) as client:
        for _ in range(3):
            client.get()

    async def run() -> None:
        async with AsyncInferenceClient(server.url, retry=ONCE) as client:
            for _ in range(3):
                await client.get()

    asyncio.run(run())
    assert [ports.count(port) for port in dict.fromkeys(ports)] == [3, 3]
