"""The usual mistakes with address and credentials, and the line that names them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.running import Emulator

    from .conftest import Shell

COHERE = """\
inference_id: shop-rerank
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}
"""


class Silent(BaseHTTPRequestHandler):
    """Closes the connection without an answer, as a TLS port does when it is spoken to in plain HTTP."""

    def do_GET(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing to stderr."""


@pytest.fixture
def silent_port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def plan(shell: Shell, folder: Callable[[dict[str, str]], Path]) -> Callable[[str], str]:
    """What plan says of an address, with exit code 1."""
    files = folder({"rerank.yaml": COHERE})

    def run(url: str) -> str:
        done = shell("plan", files, "--url", url)
        assert (done.code, done.out) == (1, "")
        return done.err

    return run


def test_https_to_a_port_without_tls(plan: Callable[[str], str], emulator: Emulator) -> None:
    said = plan(emulator.url.replace("http:", "https:"))
    assert "no TLS connection to https://127.0.0.1:" in said
    assert "try http://" in said
    assert "certificate" not in said


def test_http_to_a_port_with_tls(plan: Callable[[str], str], silent_port: int) -> None:
    assert "try https://" in plan(f"http://127.0.0.1:{silent_port}")


def test_a_path_below_the_address(plan: Callable[[str], str], emulator: Emulator) -> None:
    assert "advice: is this the address of Elasticsearch itself" in plan(emulator.url + "/app/kibana")


def test_a_wrong_key(plan: Callable[[str], str], emulator: Emulator, shell: Shell) -> None:
    emulator.call("POST", "/_emulator/users", {"users": [{"name": "ci", "api_key": "good", "privileges": ["monitor"]}]})
    assert "advice: ELASTICSEARCH_API_KEY takes an API key in its encoded form" in plan(emulator.url)
    shell.environment["ELASTICSEARCH_API_KEY"] = "bad"
    assert "advice: ELASTICSEARCH_API_KEY takes an API key in its encoded form" in plan(emulator.url)


def test_a_key_that_no_header_carries_is_a_sentence(plan: Callable[[str], str], shell: Shell) -> None:
    shell.environment["ELASTICSEARCH_API_KEY"] = "kéy"
    said = plan("http://127.0.0.1:9")
    assert said == "error[settings.invalid]: the credentials are empty or hold characters that no header can carry\n"
    shell.environment = {"ELASTICSEARCH_USERNAME": "ann", "ELASTICSEARCH_PASSWORD": "pässword"}
    assert "cannot connect" in plan("http://127.0.0.1:9")


def test_a_wrong_key_of_an_environment(
    shell: Shell, folder: Callable[[dict[str, str]], Path], emulator: Emulator
) -> None:
    emulator.call("POST", "/_emulator/users", {"users": [{"name": "ci", "api_key": "good", "privileges": ["monitor"]}]})
    settings = "scope: s\nendpoints: ['*rerank.yaml']\nenvironments: {prod-eu: {}}\n"
    files = folder({"rerank.yaml": COHERE, "inferctl.yaml": settings})
    shell.environment |= {"INFERCTL_PROD_EU_API_KEY": "bad", "INFERCTL_PROD_EU_URL": emulator.url}
    done = shell("plan", "--config", str(files / "inferctl.yaml"), "--env", "prod-eu")
    assert "advice: INFERCTL_PROD_EU_API_KEY takes an API key in its encoded form" in done.err
