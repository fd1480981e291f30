"""`scripts/audit` is content only with a source of advisories that answered: here one on loopback that speaks as OSV."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Audit = Callable[[str], subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]
H11 = ("h11", "CVE-2025-43859", "0.16.0")
CLICK = ("click", "CVE-2099-1234", "99.0")


@contextmanager
def source(*advisories: tuple[str, str, str]) -> Iterator[str]:
    """The address of a source that knows these: package, advisory, first version without it."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = asked["package"]
            found = [
                {
                    "id": advisory,
                    "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
                }
                for name, advisory, fixed in advisories
                if name == package["name"] and (name, asked["version"]) != ("h11", "0.16.0")
                for events in [[{"introduced": "0"}, {"fixed": fixed}]]
            ]
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """The script, with tools that it installs once."""
    environment = {**os.environ, "INFERCTL_AUDIT_TOOLS": str(tmp_path_factory.mktemp("audit") / "tools")}

    def run(url: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "scripts" / "audit"), "--osv-url", url]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    return run


def test_a_source_that_knows_nothing_is_none(audit: Audit) -> None:
    with source() as url:
        done = audit(url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing is known" in done.stderr


def test_what_is_locked_has_no_advisory(audit: Audit) -> None:
    with source(H11) as url:
        done = audit(url)
    assert done.returncode == 0, done.stderr


def test_an_advisory_of_a_locked_version_is_named(audit: Audit) -> None:
    with source(H11, CLICK) as url:
        done = audit(url)
    assert done.returncode == 1
    assert CLICK[1] in done.stdout
