"""The second Ctrl-C ends the process at once, whatever a write is still waiting for."""

from __future__ import annotations

import subprocess
import sys
import time

PROGRAM = """
import threading, time
from inferctl.cli import app

def waits_and_is_interrupted(**_):
    threading.Thread(target=time.sleep, args=(300,)).start()
    print("written so far")
    raise KeyboardInterrupt("nobody waited for a1")

app.cli.main = waits_and_is_interrupted
app.main()
"""


def test_nobody_joins_a_write_that_waits() -> None:
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout) == (130, "written so far\n")
    assert done.stderr == "interrupted: nobody waited for a1\n"
    assert time.monotonic() - start < 60
