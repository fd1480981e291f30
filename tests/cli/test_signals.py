"""SIGINT and SIGTERM from the first request to the last byte, sent to a real process."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
import urllib.error
from typing import TYPE_CHECKING, Any

import pytest
from tests.in_process import Finished
from tests.running import Emulator, clean_environment, inferctl_process

from inferctl.ledger.records import INDEX, Holder, lock_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENDPOINT = """\
inference_id: shop-{number}
task_type: completion
service: openai
service_settings: {{model_id: m, api_key: {{env: K}}}}
"""
SETTINGS = "scope: shop\n"
BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture
def files(tmp_path: Path, folder: Callable[[dict[str, str]], Path]) -> Path:
    (tmp_path / "inferctl.yaml").write_text(SETTINGS, encoding="utf-8")
    return folder({f"{n}.yaml": ENDPOINT.format(number=n) for n in range(3)})


def ended(process: subprocess.Popen[str]) -> Finished:
    out, err = process.communicate(timeout=60)
    return Finished(process.returncode, out, err)


def faulty(emulator: Emulator, **fault: Any) -> None:
    emulator.call("POST", "/_emulator/faults", fault)


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    """Until it says so on stderr."""
    assert process.stderr is not None
    assert any(words in line for line in process.stderr), f"it ended without {words!r}"


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def lock_is_free(emulator: Emulator) -> bool:
    try:
        emulator.call("GET", f"/{INDEX}/_doc/lock:shop")
    except urllib.error.HTTPError as error:
        error.close()
        return error.code == 404
    return False


@BOTH
def test_while_planning(emulator: Emulator, files: Path, number: signal.Signals) -> None:
    """It used to die without a word by SIGTERM, and to leave the lock."""
    faulty(emulator, kind="delay", method="GET", path="/_inference/_all", seconds=5)
    with inferctl_process(files.parent, "apply", "--yes", "-vv", "endpoints", "--url", emulator.url) as process:
        wait_for(process, f"PUT /{INDEX}/_create/lock%3Ashop: 201")
        process.send_signal(number)
        done = ended(process)
    assert done.code == 130
    assert f"interrupted by {number.name}: nothing was written" in done.err
    assert lock_is_free(emulator)
    assert emulator.live() == {}


@BOTH
def test_a_plan(emulator: Emulator, files: Path, number: signal.Signals) -> None:
    faulty(emulator, kind="delay", method="GET", path="/_inference/_all", seconds=5)
    with inferctl_process(files.parent, "plan", "-vv", "endpoints", "--url", emulator.url) as process:
        wait_for(process, "GET /: 200")
        process.send_signal(number)
        done = ended(process)
    assert (done.code, done.out) == (130, "")
    assert f"interrupted by {number.name}" in done.err


@BOTH
def test_while_it_waits_for_the_lock(emulator: Emulator, files: Path, number: signal.Signals) -> None:
    other = Holder(run="r0", who="somebody", ttl_s=60.0, since="2026-01-01T00:00:00Z")
    emulator.call("PUT", f"/{INDEX}/_create/lock:shop", lock_document("shop", other))
    with inferctl_process(files.parent, "apply", "--yes", "endpoints", "--url", emulator.url) as process:
        wait_for(process, "waiting for the lock")
        process.send_signal(number)
        done = ended(process)
    assert done.code == 130
    assert "nothing was written" in done.err
    assert not lock_is_free(emulator)  # the other one's is left alone


@BOTH
def test_at_the_prompt(emulator: Emulator, files: Path, number: signal.Signals) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "inferctl", "apply", "endpoints", "--url", emulator.url],
        cwd=files.parent,
        env={**clean_environment(), "K": "k", "TERM": "dumb"},
        stdin=follower,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        said = b""
        while b"Apply 3 steps?" not in said and (piece := os.read(process.stderr.fileno(), 4096)):
            said += piece
        process.send_signal(number)
        said += process.stderr.read()
    os.close(leader)
    os.close(follower)
    assert process.returncode == 130
    assert f"interrupted by {number.name}: nothing was written" in said.decode()
    assert lock_is_free(emulator)
    assert emulator.live() == {}


@BOTH
def test_after_the_last_write(emulator: Emulator, files: Path, tmp_path: Path, number: signal.Signals) -> None:
    """The report is there, on stdout and in its file, and the lock is free."""
    faulty(emulator, kind="delay", method="POST", path=f"/{INDEX}/_bulk", skip=1, count=-1, seconds=1.5)
    arguments = ("apply", "--yes", "endpoints", "--report", "text=report.txt")
    with inferctl_process(files.parent, *arguments, "--url", emulator.url) as process:
        wait_until(lambda: len(emulator.live()) == 3)
        process.send_signal(number)
        done = ended(process)
    assert done.code == 130
    assert "Apply: 3 done. Exit code 130:" in done.out
    assert "Apply: 3 done. Exit code 130:" in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert lock_is_free(emulator)


def test_at_the_very_end_the_exit_code_is_what_was_said(emulator: Emulator, files: Path) -> None:
    """Signals without a pause from the last line on: the code that was printed is the one of the process."""
    for _ in range(3):
        with inferctl_process(files.parent, "apply", "--yes", "endpoints", "--url", emulator.url) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if "Exit code 0." in line:
                    break
            while process.poll() is None:
                process.send_signal(signal.SIGINT)
            assert process.returncode in (0, 130)
            err = process.communicate(timeout=20)[1]
            assert "Traceback" not in err


def test_from_the_end_of_the_command_no_signal_changes_how_it_ended() -> None:
    program = """
import atexit, os, signal
from inferctl.cli import app

atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
atexit.register(lambda: os.kill(os.getpid(), signal.SIGTERM))
app.cli.main = lambda **_: print("Exit code 0.") or 0
app.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Exit code 0.\n", "")


def test_a_signal_while_the_last_one_is_caught_ends_nothing_else() -> None:
    """It comes at each line after the command has ended by a signal."""
    program = """
import os, signal, sys
from inferctl.cli import app

def interrupt(*_):
    os.kill(os.getpid(), signal.SIGINT)
    return interrupt

def ended(_frame, event, _argument):
    return interrupt if event == "exception" else ended

def run(*_):
    sys._getframe(1).f_trace = ended
    sys.settrace(lambda *_: None)
    os.kill(os.getpid(), signal.SIGINT)

app._run = run
app.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (130, False), done.stderr


def test_the_second_signal_stops_at_once(emulator: Emulator, files: Path) -> None:
    faulty(emulator, kind="delay", method="PUT", path="/_inference/.*", count=-1, seconds=40)
    with inferctl_process(files.parent, "apply", "--yes", "endpoints", "--url", emulator.url) as process:
        wait_for(process, "creating shop-")
        process.send_signal(signal.SIGTERM)
        wait_for(process, "a second signal stops at once")
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        done = ended(process)
    assert done.code == 130
    assert "nobody waited for the answer to create shop-0" in done.err
    assert time.monotonic() - start < 20
