"""The yardstick for `plan`: the same libraries, the same files by libyaml, one GET. No models, no diff, no report."""

import sys
from pathlib import Path

import click  # noqa: F401  the yardstick pays for the same imports
import httpx
import pydantic  # noqa: F401
import yaml

folder, url = Path(sys.argv[1]), sys.argv[2]
desired = [yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in sorted(folder.glob("*.yaml"))]
with httpx.Client() as client:
    observed = client.get(f"{url}/_inference/_all").json()["endpoints"]
print(len(desired), len(observed))
