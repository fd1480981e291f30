"""Measures inferctl against bare scripts in the same run, turn by turn. Prints ratios; never fails for a slow machine.

    python benchmarks/run.py [--count 1000] [--rounds 7] [--json FILE]

Times are whole processes by the operating system's own account (user + system, so that a busy machine matters
less); the median of the pairwise ratios is what counts. Memory is the largest resident size of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import world

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
INFERCTL = [sys.executable, "-m", "inferctl"]


@dataclass(frozen=True)
class Taken:
    """One process: seconds of processor time, megabytes."""

    cpu_s: float
    peak_mb: float
    code: int


def measure(command: list[str], environment: dict[str, str]) -> Taken:
    """Run to the end; output is thrown away."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Taken(used.ru_utime + used.ru_stime, used.ru_maxrss / unit, process.returncode)


@contextmanager
def emulator(version: str) -> Iterator[str]:
    """An emulated cluster in a process of its own."""
    command = [*INFERCTL, "emulate", "--port", "0", "--version", version]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found, "the emulator did not start"
    try:
        yield found.group().rstrip(".,")
    finally:
        process.terminate()
        process.wait()


def requests_since(url: str) -> int:
    """How many requests the emulator has seen since the last look."""
    with urllib.request.urlopen(f"{url}/_emulator/requests") as answer:
        count = int(json.load(answer)["count"])
    urllib.request.urlopen(urllib.request.Request(f"{url}/_emulator/requests", method="DELETE")).close()
    return count


def compare(ours: list[str], bare: list[str], environment: dict[str, str], rounds: int) -> dict[str, float]:
    """Both commands in turn; the first round of each warms up and is not counted."""
    pairs = [(measure(ours, environment), measure(bare, environment)) for _ in range(rounds + 1)][1:]
    assert not any(one.code for pair in pairs for one in pair), "a measured command failed"
    return {
        "ours_cpu_s": statistics.median(a.cpu_s for a, _ in pairs),
        "bare_cpu_s": statistics.median(b.cpu_s for _, b in pairs),
        "ratio": statistics.median(a.cpu_s / b.cpu_s for a, b in pairs),
        "ratio_min": min(a.cpu_s / b.cpu_s for a, b in pairs),
        "ratio_max": max(a.cpu_s / b.cpu_s for a, b in pairs),
        "ours_peak_mb": max(a.peak_mb for a, _ in pairs),
        "bare_peak_mb": max(b.peak_mb for _, b in pairs),
    }


def main() -> None:
    """All measurements, one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--version", default="9.5")
    parser.add_argument("--memory-count", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    results: dict[str, object] = {"count": asked.count, "rounds": asked.rounds, "python": sys.version.split()[0]}
    environment = {**os.environ, world.KEY: "benchmark", "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryDirectory() as scratch, emulator(asked.version) as url:
        environment["ELASTICSEARCH_URL"] = url
        folder = world.write(Path(scratch, "endpoints"), asked.count)
        inner = str(folder)
        results["validate"] = compare(
            [*INFERCTL, "validate", inner], [sys.executable, str(HERE / "bare_validate.py"), inner],
            environment, asked.rounds,
        )  # fmt: skip
        applied = measure([*INFERCTL, "apply", inner, "--yes", "--quiet"], environment)
        results["apply"] = {**asdict(applied), "requests": requests_since(url)}
        results["plan"] = compare(
            [*INFERCTL, "plan", inner, "--detailed-exitcode"],
            [sys.executable, str(HERE / "bare_plan.py"), inner, url],
            environment, asked.rounds,
        )  # fmt: skip
        requests_since(url)
        measure([*INFERCTL, "plan", inner], environment)
        results["plan_requests"] = requests_since(url)
        results["help"] = compare(
            [*INFERCTL, "--help"], [sys.executable, "-c", "import click"], environment, asked.rounds
        )
        many = world.write(Path(scratch, "many"), asked.memory_count)
        few = world.write(Path(scratch, "few"), asked.memory_count // 5)
        results["memory_mb"] = {
            str(size): measure([*INFERCTL, "plan", str(folder)], environment).peak_mb
            for size, folder in ((asked.memory_count // 5, few), (asked.memory_count, many))
        }
    results["machine_peak_children_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    for name, value in results.items():
        print(f"{name}: {json.dumps(value)}")
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
