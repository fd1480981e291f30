"""The scenes of tests/reference_scenes.py with Elasticsearch's own search for references beside our scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.reference_scenes import SCENES, play

from inferctl.client.sync import InferenceClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


@pytest.fixture
def client(node: Node, prefix: str) -> Iterator[InferenceClient]:
    """Reads only. The templates of a scene go at the end; the rest goes with its prefix."""
    with InferenceClient(node.url, api_key=node.api_key or None) as connected:
        yield connected.read_only()
    for kind in ("_index_template", "_component_template"):
        node.send("DELETE", f"/{kind}/{prefix}*", {}, None)


@pytest.mark.parametrize("name", SCENES)
def test_scene(client: InferenceClient, node: Node, prefix: str, name: str) -> None:
    play(SCENES[name], prefix, client, node.call)
