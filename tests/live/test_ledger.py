"""The ledger's cases on a real node: real documents, real sequence numbers, real conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.ledger.cases import *  # noqa: F403  the cases are the tests
from tests.ledger.cases import Site

from inferctl.client.sync import InferenceClient
from inferctl.ledger.records import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


@pytest.fixture
def site(node: Node) -> Iterator[Site]:
    def gone() -> None:
        if node.send("HEAD", f"/{INDEX}", {}, None).status == 200:
            node.call("DELETE", f"/{INDEX}")

    gone()
    with InferenceClient(node.url) as client:
        yield Site(client, node.call)
    gone()
