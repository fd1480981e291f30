"""The state file: everything survives, only its owner may read it, damage is told (emulating.md#state)."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.emulator.cluster import Cluster
from inferctl.emulator.persist import StateError, load, save
from inferctl.emulator.profiles import PROFILES

from .api import KEY, VERSIONS, Api, elser, openai, semantic

if TYPE_CHECKING:
    from pathlib import Path

ADAPTIVE = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
READS = [
    "/_inference",
    "/_ml/trained_models/_stats",
    "/_ingest/pipeline",
    "/docs/_mapping",
    "/_index_template",
    "/_component_template",
    "/_cluster/settings",
    "/ledger/_doc/one",
    "/",
]


def filled(version: str) -> Api:
    api = Api(version)
    api.cluster.load_models([("mine", "text_embedding")])
    api.put(
        "text_embedding",
        "a",
        {**openai({"user": "u"}), "chunking_settings": {"strategy": "word", "max_chunk_size": 20, "overlap": 5}},
    )
    api.put("completion", "b", openai(api_key="other"))
    api.put("sparse_embedding", "c", elser(num_allocations=None, adaptive_allocations=ADAPTIVE))
    api.good("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "a"}}]})
    api.good("PUT", "/docs", {"mappings": semantic("a")})
    api.good("PUT", "/_index_template/t", {"index_patterns": ["x*"], "template": {"mappings": semantic("a")}})
    api.good("PUT", "/_component_template/t", {"template": {"mappings": semantic("a")}})
    api.good("PUT", "/_cluster/settings", {"persistent": {"a.b": 1}})
    api("PUT", "/ledger/_doc/one", {"a": 1})
    api("PUT", "/ledger/_doc/one", {"a": 2})
    api.cluster.advance(60)
    return api


def again(api: Api, path: Path) -> Api:
    """The same cluster after a restart."""
    save(api.cluster, path)
    other = Api(api.version)
    other.cluster = load(path, api.version)
    other.cluster.clock = api.cluster.clock
    return other


@pytest.mark.parametrize("version", VERSIONS)
def test_round_trip(version: str, tmp_path: Path) -> None:
    """emulating.md#state: every read gives the same bytes."""
    api = filled(version)
    other = again(api, tmp_path / "state.json")
    for path in READS:
        assert other("GET", path).raw == api("GET", path).raw, path
    assert other.cluster.now() == api.cluster.now()


def test_secrets_survive(api: Api, tmp_path: Path) -> None:
    """emulating.md#state: the file holds them, or an endpoint would stop working."""
    api.put("completion", "ep", openai())
    other = again(api, tmp_path / "state.json")
    assert other.cluster.endpoints == api.cluster.endpoints
    assert other.cluster.endpoints["ep"].secrets == {"api_key": KEY}


def test_life_goes_on(api: Api, tmp_path: Path) -> None:
    """emulating.md#state: sequence numbers, references and existing ids are known after a restart."""
    other = again(filled("9.5"), tmp_path / "state.json")
    assert other("PUT", "/_inference/completion/b", openai()).type == "resource_already_exists_exception"
    assert other("DELETE", "/_inference/a").status == 409
    assert other("PUT", "/ledger/_doc/one?if_seq_no=1&if_primary_term=1", {"a": 3}).status == 200
    assert (
        other.update(
            "sparse_embedding",
            "c",
            {"service_settings": {"adaptive_allocations": {**ADAPTIVE, "max_number_of_allocations": 9}}},
        ).status
        == 200
    )


def test_file_mode(api: Api, tmp_path: Path) -> None:
    """The file holds secrets: nobody else may read it, also when an older file was more open."""
    path = tmp_path / "state.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    save(api.cluster, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_scratch_file_stays(api: Api, tmp_path: Path) -> None:
    """Written aside, then put in place."""
    for _ in range(3):
        save(api.cluster, tmp_path / "state.json")
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_a_failed_write_keeps_the_old_file(api: Api, tmp_path: Path) -> None:
    """An unwritable state is no half-written file."""
    path = tmp_path / "state.json"
    save(api.cluster, path)
    before = path.read_bytes()
    api.cluster.pipelines["p"] = {"processors": object()}
    with pytest.raises(TypeError):
        save(api.cluster, path)
    assert path.read_bytes() == before


DAMAGE: dict[str, Any] = {
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "no format": b"{}",
    "not UTF-8": b"\xff\xfe",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in DAMAGE.items()])
def test_damaged_file(text: bytes, tmp_path: Path) -> None:
    """A clear error, not a traceback."""
    path = tmp_path / "state.json"
    path.write_bytes(text)
    with pytest.raises(StateError, match=r"state\.json"):
        load(path, "9.5")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("endpoints", [{"foo": 1}]),
        ("endpoints", 3),
        ("profile", "1.0"),
        ("format", 99),
        ("indices", [{}]),
        ("models", []),
    ],
)
def test_changed_file(key: str, value: Any, tmp_path: Path) -> None:
    """A file that somebody edited."""
    path = tmp_path / "state.json"
    save(filled("9.5").cluster, path)
    state = json.loads(path.read_text(encoding="utf-8"))
    state[key] = value
    path.write_text(json.dumps(state), encoding="utf-8")
    if (key, value) == ("models", []):
        assert load(path, "9.5").models == {}
        return
    with pytest.raises(StateError):
        load(path, "9.5")


@pytest.mark.parametrize(("was", "now"), [("9.5.2", "9.5.3"), ("9.5.2", "9.5"), ("9.5", "9.5.5")])
def test_an_upgrade_to_a_newer_patch(was: str, now: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    before = filled(was).cluster
    save(before, path)
    after = load(path, now)
    assert after.profile is PROFILES[now]
    assert (after.uuid, after.endpoints) == (before.uuid, before.endpoints)
    save(after, path)
    with pytest.raises(StateError, match=rf"an emulated {now}, not {was}"):
        load(path, was)


def test_another_version(tmp_path: Path) -> None:
    """A state belongs to its version line."""
    path = tmp_path / "state.json"
    save(Cluster.of("9.1"), path)
    with pytest.raises(StateError, match=r"9\.1, not 9\.5"):
        load(path, "9.5")
    assert load(path, "9.1").profile is PROFILES["9.1"]
