"""The real command as a process of its own for some 50 ms: a fork of one that has loaded everything.

As `tests/forked.py`, but that its seconds pass quickly (`fast_time`) and that signals reach it.
"""

from __future__ import annotations

import gc
import io
import json
import marshal
import os
import select
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tests.faults.fast_time import speed_up
from tests.running import ROOT, clean_environment, running_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_S = 60.0  # of a run, in seconds of the wall: more than a quarter of an hour of its own


@dataclass(frozen=True)
class Ended:
    """How a command ended. `code` is None when it was killed, or did not end at all."""

    code: int | None
    out: str
    err: str
    in_time: bool = True

    def document(self) -> Any:
        """The JSON document on standard output, or None."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None

    def report(self) -> Any:
        """The plan, or the outcome, or None where it ended without."""
        document = self.document()
        return None if document is None or document["kind"] == "failure" else document


@dataclass
class Command:
    """One that runs. `pid` takes signals."""

    pid: int
    _connection: socket.socket
    _out: Path
    _err: Path

    def send(self, number: int) -> None:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return

    def wait(self, within_s: float = LONGEST_S) -> Ended:
        in_time = bool(select.select([self._connection], [], [], within_s)[0])
        if not in_time:
            self.send(signal.SIGKILL)
        with self._connection:
            try:
                answer = self._connection.recv(1)
            except ConnectionResetError:  # it was killed before it had read all
                answer = b""
        code = answer[0] if answer else None
        return Ended(code, self._out.read_text(encoding="utf-8"), self._err.read_text(encoding="utf-8"), in_time)


@dataclass
class Commands:
    """Starts commands; `folder` keeps their streams."""

    address: str
    folder: Path
    _count: int = 0

    def start(self, folder: Path, environment: Mapping[str, str], *arguments: str) -> Command:
        self._count += 1
        streams = [self.folder / f"{self._count % 8}.{name}" for name in ("out", "err")]
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address)
        with Path(os.devnull).open("rb") as nothing, streams[0].open("wb") as out, streams[1].open("wb") as err:
            socket.send_fds(connection, [b"0"], [nothing.fileno(), out.fileno(), err.fileno()])
        connection.sendall(marshal.dumps((str(folder), ["inferctl", *arguments], dict(environment))))
        connection.shutdown(socket.SHUT_WR)
        return Command(int.from_bytes(connection.recv(4), "big"), connection, *streams)

    def run(self, folder: Path, environment: Mapping[str, str], *arguments: str) -> Ended:
        return self.start(folder, environment, *arguments).wait()


@contextmanager
def quick_commands() -> Iterator[Commands]:
    from tests.forked import serving  # noqa: PLC0415  it loads what keeps a clock

    with tempfile.TemporaryDirectory(prefix="inferctl-faults-") as name:
        address = f"{name}/socket"
        environment = {**clean_environment(), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        with serving([sys.executable, "-m", "tests.faults.commands", address], environment):
            yield Commands(address, Path(name))


def _serve(address: str) -> None:
    speed_up()
    from tests.forked import load_everything, serve  # noqa: PLC0415  they load what keeps a clock

    # Nothing here speaks TLS, and reading the certificates of the machine takes longer than all else.
    ssl.SSLContext.load_verify_locations = lambda *_, **__: None  # type: ignore[method-assign]
    load_everything()
    _run_once()
    gc.collect()
    gc.freeze()  # forks share what they do not touch
    serve(address, lambda connection: connection.sendall(os.getpid().to_bytes(4, "big")))


def _run_once() -> None:
    """One apply with a ledger, so that what is built on first use is built before the forks."""
    from inferctl.cli.app import run  # noqa: PLC0415

    file = {"inference_id": "a", "task_type": "rerank", "service": "cohere", "service_settings": {"model_id": "m", "api_key": {"env": "K"}}}  # fmt: skip
    quiet = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, chdir(folder), redirect_stdout(quiet), redirect_stderr(quiet):
        Path("inferctl.yaml").write_text(json.dumps({"scope": "s", "endpoints": ["a.yaml"]}), encoding="utf-8")
        Path("a.yaml").write_text(json.dumps(file), encoding="utf-8")
        with running_emulator() as emulator, patch.dict(os.environ, {"K": "k", "ELASTICSEARCH_URL": emulator.url}):
            assert run(["apply", "--yes"]) == 0, quiet.getvalue()
    while threading.active_count() > 1:  # a fork has none of them
        time.sleep(0.1)


if __name__ == "__main__":
    _serve(sys.argv[1])
