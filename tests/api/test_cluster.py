"""How a program names its cluster, and what is refused before anything is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tests.api.test_plan_apply import search

from inferctl import (
    AsyncInferenceClient,
    Cluster,
    ConnectionSettings,
    DesiredSet,
    InputError,
    Loaded,
    Secret,
    Settings,
    SettingsError,
    UsageError,
    apply,
    load,
    plan,
)
from inferctl.services import Endpoint, Version

if TYPE_CHECKING:
    from pathlib import Path


def test_an_emulator_keeps_its_state_as_long_as_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Cluster.emulator("9.1", scope="team", environ={}) as cluster:
        assert cluster.version().line == Version(9, 1)
        apply(cluster, [search()])
        assert plan(cluster, [search()]).is_empty
    assert not plan(Cluster.emulator("9.1", environ={}), [search()]).is_empty
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match=r"9\.1"):
        Cluster.emulator("7.0")


def test_it_is_named_by_an_address_or_by_settings() -> None:
    cluster = Cluster("https://h.example:9200", api_key="an-encoded-key-of-a-test")
    assert cluster.client.settings.api_key == Secret("an-encoded-key-of-a-test")
    assert "an-encoded-key" not in repr(cluster)
    settings = ConnectionSettings("https://h.example:9200", insecure=True)
    assert Cluster(settings).client.settings is settings
    with pytest.raises(SettingsError, match="api_key"):
        Cluster(settings, api_key="an-encoded-key-of-a-test")
    with pytest.raises(SettingsError, match="scope"):
        Cluster("https://h.example:9200", scope="Not A Scope")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": None}, "not NoneType"),
        ({"target": AsyncInferenceClient("https://h.example")}, "not AsyncInferenceClient"),
        ({"api_key": 3}, "not int"),
        ({"api_key": ("id", 3)}, "not int"),
        ({"api_key": ("one", "two", "three")}, "pair"),
        ({"scope": 3}, "scope"),
        ({"lock_ttl_s": 0}, "ttl_s"),
        ({"lock_ttl_s": -5}, "ttl_s"),
        ({"lock_ttl_s": "5"}, "ttl_s"),
        ({"lock_ttl_s": float("nan")}, "ttl_s"),
        ({"lock_ttl_s": float("inf")}, "ttl_s"),
        ({"lock_timeout_s": "x"}, "lock_timeout_s"),
        ({"lock_timeout_s": -1}, "lock_timeout_s"),
        ({"lock_timeout_s": float("nan")}, "lock_timeout_s"),
        ({"lock_timeout_s": True}, "lock_timeout_s"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_made(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Cluster(**{"target": "https://h.example", **arguments})


def test_settings_of_another_type_are_refused() -> None:
    with pytest.raises(UsageError, match=r"loaded\.settings"):
        Cluster.from_environment({}, settings=Loaded(DesiredSet(()), (), Settings()))  # type: ignore[arg-type]
    for wrong in (
        {"url": None},
        {"url": "https://h", "api_key": "sk-canary-123456"},
        {"url": "https://h", "bearer_auth": 3},
    ):
        with pytest.raises(SettingsError) as raised:
            ConnectionSettings(**wrong)
        assert "sk-canary" not in str(raised.value)


def test_a_closed_cluster_is_refused() -> None:
    cluster = Cluster("http://127.0.0.1:9")
    cluster.close()
    for call in (cluster.version, lambda: plan(cluster, []), lambda: apply(cluster, [])):
        with pytest.raises(UsageError, match="closed"):
            call()
    client = AsyncInferenceClient("http://127.0.0.1:9")

    async def closed() -> None:
        await client.aclose()
        await client.get(inference_id="search")

    with pytest.raises(UsageError, match="closed"):
        asyncio.run(closed())


def test_the_environment_and_a_settings_file_name_it(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(
        "inference_id: sparse\ntask_type: sparse_embedding\nservice: elser\n"
        "service_settings: {num_allocations: 1, num_threads: 1}\n",
        encoding="utf-8",
    )
    (tmp_path / "inferctl.yaml").write_text(
        "scope: team\nendpoints: ['*.yaml']\nlock: {ttl_s: 5}\nconnection: {url: 'https://file.example'}\n",
        encoding="utf-8",
    )
    settings = load(config=tmp_path / "inferctl.yaml").settings
    cluster = Cluster.from_environment({}, settings=settings)
    assert (cluster.client.settings.url, cluster.scope, cluster.lock_ttl_s) == ("https://file.example", "team", 5)
    environ = {"ELASTICSEARCH_URL": "https://env.example", "ELASTICSEARCH_API_KEY": "an-encoded-key-of-a-test"}
    named = Cluster.from_environment(environ, settings=settings, scope="other", lock_timeout_s=2.5)
    assert (named.lock_timeout_s, Cluster.from_environment(environ, lock_timeout_s=None).lock_timeout_s) == (2.5, None)
    assert (named.client.settings.url, named.scope, named.environ) == ("https://env.example", "other", environ)
    with pytest.raises(SettingsError, match="INFERCTL_TRUSTED_HOSTS"):
        Cluster.from_environment({**environ, "INFERCTL_TRUSTED_HOSTS": "other.example"})
    with pytest.raises(SettingsError):
        Cluster.from_environment({})


def test_an_endpoint_for_an_older_server_is_taken_for_that_server() -> None:
    """The class was checked against an older version; the newest would refuse it."""
    document = {
        "inference_id": "a",
        "task_type": "rerank",
        "service": "contextualai",
        "service_settings": {"model_id": "m", "url": "https://r.example.com", "api_key": {"env": "KEY"}},
    }
    endpoint = Endpoint.model_validate(document, context=Version(9, 4))
    assert plan(Cluster.emulator("9.4", environ={}), [endpoint]).runnable
    with pytest.raises(InputError, match="removed after 9"):
        plan(Cluster.emulator("9.5", environ={}), [endpoint])
