"""A cluster that is pinned by its uuid: another one gets the first question, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.emulated import Emulated, reply

from inferctl import Cluster, SettingsError, apply, plan
from inferctl.diagnostics import Span

FIRST = "check the address; the pin changes only where the cluster was replaced"

if TYPE_CHECKING:
    from collections.abc import Callable


def pinned(emulated: Emulated, uuid: str, environment: str = "prod") -> Cluster:
    place = Span("inferctl.yaml", 9, 19, 9, 22)
    return Cluster(
        emulated.client, scope="team", environ={}, environment=environment, cluster_uuid=uuid, pinned_at=place
    )


@pytest.mark.parametrize("run", [plan, apply])
def test_another_cluster_gets_the_first_question_and_nothing_else(run: Callable[..., object]) -> None:
    emulated = Emulated()
    with pytest.raises(SettingsError) as refused:
        run(pinned(emulated, "Zx1"), [])
    assert emulated.sent == ["GET /"]
    assert refused.value.code == "settings.cluster-uuid"
    (found,) = refused.value.diagnostics
    assert found.span.line == 9
    assert all(word in found.what for word in ("emulator.invalid", "cluster u,", "environment prod", "Zx1"))
    assert [fix.text for fix in refused.value.fixes] == [FIRST, "cluster_uuid: u"]
    with pytest.raises(SettingsError, match="the settings pin Zx1"):
        run(pinned(emulated, "Zx1", ""), [])


def test_the_pinned_one_is_asked_once() -> None:
    emulated = Emulated()
    plan(pinned(emulated, "u"), [])
    assert emulated.sent.count("GET /") == 1
    assert len(emulated.sent) > 1


def test_what_a_server_calls_itself_is_no_line_to_paste() -> None:
    named = {"version": {"number": "9.5.0"}, "cluster_name": "c", "cluster_uuid": "u\ninsecure: true"}
    emulated = Emulated(override=lambda _method, target: reply(200, named) if target == "/" else None)
    with pytest.raises(SettingsError) as refused:
        plan(pinned(emulated, "Zx1"), [])
    assert [fix.text for fix in refused.value.fixes] == [FIRST]


@pytest.mark.parametrize("pin", ["Zx1", None])
def test_the_cluster_of_another_environment_is_called_so_and_no_line_pins_it(pin: str | None) -> None:
    """Whoever pastes a line without reading would have two environments on one cluster; --first does not help."""
    emulated = Emulated()
    cluster = Cluster(
        emulated.client,
        scope="team",
        environ={},
        environment="prod",
        cluster_uuid=pin,
        pinned_by_others={"u": "staging"},
    )
    with pytest.raises(SettingsError) as refused:
        apply(cluster, [], first=True)
    assert emulated.sent == ["GET /"]
    (found,) = refused.value.diagnostics
    assert (found.code, "the cluster u of the environment staging" in found.what) == ("settings.cluster-uuid", True)
    assert [fix.text for fix in refused.value.fixes] == ["check the address: it is that of staging"]
