"""Processes without their start: each is a fork of one that has loaded everything.

For tests that need real processes, and many: sessions of a shell, runs at the same moment. Each has its own
environment, folder, streams and memory. What a fresh interpreter does (what it loads, hash seeds, locales) and
signals to a process are not for it: the program that a test starts hands its streams over, waits and ends with
the same exit code.
"""

from __future__ import annotations

import io
import marshal
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import inferctl
from inferctl.cli.app import main, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ROOT = Path(__file__).parents[1]
_SOURCE = _ROOT / "src"
_EXAMPLES = _ROOT / "examples" / "endpoints"

# Without the site module, and few imports: it starts in a few milliseconds.
_PROGRAM = """\
#!{python} -IS
import marshal, os, socket, sys
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect({address!r})
    socket.send_fds(connection, [b"0"], [0, 1, 2])
    connection.sendall(marshal.dumps((os.getcwd(), sys.argv, dict(os.environ))))
    connection.shutdown(socket.SHUT_WR)
    answer = connection.recv(1)
sys.exit(answer[0] if answer else 255)
"""


@contextmanager
def forked_inferctl(folder: Path) -> Iterator[Path]:
    """A program in `folder` that behaves as the installed `inferctl`, as long as the block lasts."""
    address, program = folder / "socket", folder / "inferctl"
    with serving([sys.executable, "-W", "error", __file__, str(address)], {**os.environ, "PYTHONPATH": str(_SOURCE)}):
        write_program(program, address)
        yield program


def write_program(program: Path, address: Path) -> None:
    """A program that hands its words over to what serves at the address."""
    program.write_text(_PROGRAM.format(python=sys.executable, address=str(address)), encoding="utf-8")
    program.chmod(0o755)


@contextmanager
def serving(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A process that calls `serve`, ready, as long as the block lasts."""
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == b"ready\n"
            yield
        finally:
            server.stdin.close()  # the end of its input is its end


def serve(
    address: str, answer_first: Callable[[socket.socket], None] = lambda _: None, enter: Callable[[], object] = main
) -> None:
    """Forks for each connection, until the end of its own input.

    `answer_first` is what a fork says before it runs, `enter` what it runs: it finds its words in `sys.argv`.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: they tell themselves how they ended
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                answer_first(connection)
                become(connection, enter)
            connection.close()


def load_everything() -> None:
    """All modules, and what is built on first use."""
    for module in pkgutil.walk_packages(inferctl.__path__, "inferctl."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in ("deepdiff", "httpx", "rich.live"):
        import_module(name)
    with redirect_stdout(io.StringIO()):
        assert run(["validate", str(_EXAMPLES)]) == 0  # builds what is built on first use


def become(connection: socket.socket, enter: Callable[[], object] = main) -> NoReturn:
    """The command whose streams, folder, words and environment come over the connection; its exit code goes back."""
    code: object = 255
    leave = os._exit

    def tell_and_leave(status: int) -> NoReturn:
        """What the command calls when it ends without waiting for its threads."""
        connection.sendall(bytes([status]))
        leave(0)

    try:
        os._exit = tell_and_leave
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _, streams, _, _ = socket.recv_fds(connection, 1, 3)
        folder, sys.argv, environment = marshal.loads(b"".join(iter(lambda: connection.recv(65536), b"")))
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        enter()
    except SystemExit as ended:
        code = ended.code
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        connection.sendall(bytes([code if isinstance(code, int) else 1]))
        leave(0)


if __name__ == "__main__":
    load_everything()
    serve(sys.argv[1])
