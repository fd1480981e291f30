"""A plan as a check in a test of your own: pytest test_no_drift.py

It fails when somebody changed an endpoint by hand. ELASTICSEARCH_URL and ELASTICSEARCH_API_KEY name the cluster (a key
for plan jobs is enough); without them this example checks an emulator that an apply of the same files has filled.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from inferctl import Cluster, Loaded, apply, load, plan, render

FILES = Path(__file__).parents[1] / "endpoints" / "cohere-*.yaml"


@pytest.fixture
def files() -> Loaded:
    return load(FILES)  # with a settings file: load(config="inferctl.yaml")


@pytest.fixture
def cluster(files: Loaded) -> Iterator[Cluster]:
    if "ELASTICSEARCH_URL" in os.environ:
        with Cluster.from_environment(scope="search-team") as real:
            yield real
        return
    emulated = Cluster.emulator(scope="search-team")
    apply(emulated, files)
    yield emulated


def test_the_cluster_holds_what_the_files_say(cluster: Cluster, files: Loaded) -> None:
    made = plan(cluster, files)
    assert made.is_empty, render(made)
    assert not made.stops
