"""How much memory a plan takes when the ledger is large, and how many requests the last run takes.

    python benchmarks/large_ledger.py [--records 20000] [--runs 2000] [--ours 1000]

The real command in a process of its own, against an emulator in another. Of the records, `--ours` are of our scope and
have an endpoint and a file; the rest is another scope's. A second round makes all records ours, without endpoint and
file: then the plan forgets each of them, which is the most that a plan can say of a ledger.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import urllib.request
from pathlib import Path

import world
from run import INFERCTL, emulator, measure, requests_since

from inferctl.ledger.records import (
    INDEX,
    RunRecord,
    StepRecord,
    index_body,
    ownership_document,
    run_document,
    run_id_of,
)
from inferctl.planner.ownership import Owned

_LIMIT_MB = 150


def call(url: str, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> None:
    """One request to the emulator that must succeed."""
    request = urllib.request.Request(url + path, data=body or None, method=method, headers={"content-type": kind})
    urllib.request.urlopen(request).close()


def record(scope: str) -> Owned:
    """As large as those that an apply writes."""
    declared = {
        "task_type": "text_embedding", "service": "openai",
        "service_settings": {"model_id": "text-embedding-3-small", "dimensions": 512,
                             "rate_limit": {"requests_per_minute": 3000}},
        "task_settings": {"user": "team-7"},
        "chunking_settings": {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1},
    }  # fmt: skip
    entry = {"key": "0123456789abcdef", "digest": "d" * 64, "since": "2026-11-25"}
    return Owned(scope, declared, frozenset({"delete"}), {"service_settings.api_key": entry})


def run(scope: str, number: int) -> RunRecord:
    """A run of 20 steps."""
    ids = [f"bench-{number % 50:03d}-{step}" for step in range(20)]
    return RunRecord(
        run=f"r{number:05d}", scope=scope, command="apply", who="ci", exit_code=0,
        started_at=f"2026-11-{1 + number % 28:02d}T{number % 24:02d}:00:{number % 60:02d}.000Z",
        planned=dict.fromkeys(ids, "update, ready"),
        results=tuple(StepRecord(i, "update", "done", "") for i in ids),
    )  # fmt: skip


def fill(url: str, documents: dict[str, dict[str, object]]) -> None:
    """Write them, 1,000 at a time."""
    entries = [*documents.items()]
    for start in range(0, len(entries), 1_000):
        lines = [line for name, source in entries[start : start + 1_000] for line in ({"index": {"_id": name}}, source)]
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        call(url, "POST", f"/{INDEX}/_bulk", body, "application/x-ndjson")


def main() -> None:
    """Both rounds, one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--ours", type=int, default=1_000)
    asked = parser.parse_args()
    environment = {**os.environ, world.KEY: "benchmark"}
    with tempfile.TemporaryDirectory() as scratch, emulator("9.5") as url:
        folder = Path(scratch)
        world.write(folder / "endpoints", asked.ours)
        (folder / "inferctl.yaml").write_text("scope: bench\nendpoints: ['endpoints/*.yaml']\n", encoding="utf-8")
        settings = ["--config", str(folder / "inferctl.yaml")]
        environment["ELASTICSEARCH_URL"] = url
        plain = measure([*INFERCTL, "plan", *settings], environment)
        assert measure([*INFERCTL, "apply", "--yes", "--quiet", *settings], environment).code == 0
        rest = range(asked.records - asked.ours)
        fill(url, {f"other-{n:05d}": ownership_document(f"other-{n:05d}", record("other"), run="r") for n in rest})
        fill(url, {run_id_of("bench", r.run): run_document(r) for r in (run("bench", n) for n in range(asked.runs))})
        requests_since(url)
        several = measure([*INFERCTL, "plan", *settings], environment)
        told = {"plan": several.peak_mb, "cpu_s": several.cpu_s, "code": several.code, "requests": requests_since(url)}
        last = measure([*INFERCTL, "history", "--most", "1", *settings], environment)
        told |= {"history_requests": requests_since(url), "history": last.peak_mb, "without_a_ledger": plain.peak_mb}
        print(f"many scopes: {json.dumps(told)}")
        call(url, "DELETE", f"/{INDEX}")
        call(url, "PUT", f"/{INDEX}", json.dumps(index_body(serverless=False)).encode())
        every = range(asked.records)
        fill(url, {f"gone-{n:05d}": ownership_document(f"gone-{n:05d}", record("bench"), run="r") for n in every})
        all_ours = measure([*INFERCTL, "plan", *settings], environment)
        print(f"all ours, all gone: {json.dumps({'plan': all_ours.peak_mb, 'cpu_s': all_ours.cpu_s})}")
        print(f"limit: {_LIMIT_MB} MB")


if __name__ == "__main__":
    main()
