"""The two programs of the action's environment, as forks: `python -I -m inferctl.ci.…` and `inferctl`.

Retries do not wait. Started by `fixture bin` of the conftest.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from tests.forked import load_everything, serve
from tests.in_process import without_waiting

from inferctl.cli.app import main
from inferctl.client.retry import RetryPolicy


def enter() -> None:
    """What the words of the process ask for."""
    program, *words = sys.argv
    if Path(program).name == "inferctl":
        main()
        return
    sys.executable = program
    isolated, as_module, name, *rest = words
    assert (isolated, as_module) == ("-I", "-m"), words  # else the folder of the checkout is searched for modules
    sys.exit(import_module(name).main(rest, os.environ))


if __name__ == "__main__":
    load_everything()
    with patch.object(RetryPolicy, "wait_s", without_waiting(RetryPolicy.wait_s)):
        serve(sys.argv[1], enter=enter)
