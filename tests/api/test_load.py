"""Endpoint files as a program reads them: no settings file is looked for, and errors carry every finding."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from inferctl import Cluster, Endpoint, Guard, InputError, SettingsError, UsageError, load, plan
from inferctl.services import CohereSettings, ElserSettings, SecretRef

if TYPE_CHECKING:
    from pathlib import Path

    from inferctl.model.versions import Version

ELSER = (
    "inference_id: {id}\ntask_type: sparse_embedding\nservice: elser\n"
    "service_settings: {{num_allocations: 1, num_threads: 1}}\n"
)

REMOVED_LATER = (
    "inference_id: a\ntask_type: rerank\nservice: contextualai\n"
    'service_settings: {model_id: m, url: "https://r.example.com", api_key: {env: KEY}}\n'
)


def sparse(inference_id: str) -> Endpoint:
    settings = ElserSettings(num_allocations=1, num_threads=1)
    return Endpoint(inference_id=inference_id, task_type="sparse_embedding", service="elser", service_settings=settings)


def test_files_and_endpoints_of_python_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ELSER.format(id="a"), encoding="utf-8")
    (tmp_path / "inferctl.yaml").write_text("scope: a-scope-that-is-not-asked-for\n", encoding="utf-8")
    loaded = load(tmp_path)
    assert [endpoint.inference_id for endpoint in loaded.desired.endpoints] == ["a"]
    assert loaded.settings.values.scope is None
    both = loaded.adding([sparse("z")]).adding(sparse(name) for name in ("y", "x"))
    assert [change.inference_id for change in plan(Cluster.emulator(), both).steps] == ["a", "x", "y", "z"]
    assert plan(Cluster.emulator(), loaded.adding([])).steps == plan(Cluster.emulator(), loaded).steps
    for more in (["a"], ["z", "z"]):
        with pytest.raises(InputError, match=f"twice: {more[0]}"):
            loaded.adding(sparse(name) for name in more)
    for wrong in (sparse("z"), loaded, loaded.desired.endpoints):
        with pytest.raises(InputError, match="Endpoint"):
            loaded.adding(wrong)  # type: ignore[arg-type]


def test_what_is_added_is_checked_with_the_files_and_within_the_bounds(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ELSER.format(id="a"), encoding="utf-8")
    heard: list[str] = []
    plan(Cluster.emulator(on_message=heard.append), load(tmp_path).adding([sparse("b")]))
    assert [line.partition(":")[0] for line in heard] == ["warning[endpoint.same-model]"]
    rerank = Endpoint(
        inference_id="r",
        task_type="rerank",
        service="cohere",
        service_settings=CohereSettings(model_id="m", api_key=SecretRef("env", "COHERE_API_KEY")),
    )
    with pytest.raises(InputError, match="COHERE_API_KEY"):
        plan(Cluster.emulator(environ={"INFERCTL_SECRETS_ALLOW": "OTHER_*"}), load(tmp_path).adding([rerank]))


def test_what_is_added_keeps_selection_limits_and_scope(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(ELSER.format(id=name), encoding="utf-8")
    (tmp_path / "inferctl.yaml").write_text(
        "scope: team\nendpoints: ['*.yaml']\nlimits: {max_changes: 1}\n", encoding="utf-8"
    )
    both = load("a.yaml", config="inferctl.yaml").adding([sparse("z")])
    made = plan(Cluster.emulator(scope="team"), both)
    assert [change.inference_id for change in made.steps] == ["a", "z"]
    assert [stop.guard for stop in made.stops] == [Guard.MAX_CHANGES]
    with pytest.raises(SettingsError, match="team"):
        plan(Cluster.emulator(scope="other"), both)


def test_all_findings_of_all_files_are_raised(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ELSER.format(id="a").replace("elser", "elsr"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(ELSER.format(id="Upper Case"), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load(tmp_path)
    places = {diagnostic.span.file.rpartition("/")[2] for diagnostic in raised.value.diagnostics}
    assert places == {"a.yaml", "b.yaml"}
    assert "a.yaml" in str(raised.value)


@pytest.mark.parametrize(
    ("paths", "arguments", "error", "message"),
    [
        ([""], {}, InputError, "an empty path"),
        ([], {"config": ""}, InputError, "an empty path"),
        ([], {"config": "a\0"}, InputError, "null"),
        ([b"a"], {}, UsageError, "not bytes"),
        ([["a", "b"]], {}, UsageError, r"\*paths"),
        ([None], {}, UsageError, "not NoneType"),
        (["."], {"cluster": "https://h.example"}, UsageError, "not str"),
        (["."], {"environment": None}, UsageError, "not NoneType"),
        ([], {"environment": "prod"}, InputError, r"settings\.environment"),
    ],
)
def test_what_is_no_path_is_refused(
    paths: list[Any], arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(*paths, **arguments)


def test_what_was_read_for_an_environment_is_for_its_cluster_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(ELSER.format(id="a"), encoding="utf-8")
    (tmp_path / "inferctl.yaml").write_text(
        "endpoints: [a.yaml]\nenvironments:\n  staging: {}\n  prod: {connection: {url: 'http://127.0.0.1:9'}}\n"
    )
    with pytest.raises(InputError, match="staging, prod"):
        load(config="inferctl.yaml")
    staging, prod = (load(config="inferctl.yaml", environment=name) for name in ("staging", "prod"))
    assert prod.settings.environment == "prod"
    with Cluster.from_environment({}, settings=prod.settings) as cluster:
        assert cluster.environment == "prod"
        with pytest.raises(SettingsError, match="of the environment staging, and the cluster is of prod"):
            plan(cluster, staging)
        with pytest.raises(SettingsError, match="read for the environment staging"):
            plan(cluster, staging, settings=prod.settings)
    with Cluster("http://127.0.0.1:9") as cluster, pytest.raises(SettingsError, match="of none"):
        plan(cluster, prod)
    assert [step.inference_id for step in plan(Cluster.emulator(), prod).steps] == ["a"]


def test_bounds_come_from_the_environment_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "inference_id: a\ntask_type: rerank\nservice: cohere\n"
        "service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}\n",
        encoding="utf-8",
    )
    assert load(tmp_path, environ={"INFERCTL_SECRETS_ALLOW": "COHERE_*"}).desired.endpoints
    with pytest.raises(InputError, match="COHERE_API_KEY"):
        plan(Cluster.emulator(environ={"INFERCTL_SECRETS_ALLOW": "OTHER_*"}), load(tmp_path))
    with pytest.raises(InputError, match=r"secret\.denied"):
        load(tmp_path, cluster=Cluster.emulator(environ={"INFERCTL_SECRETS_ALLOW": "OTHER_*"}))


def test_the_version_of_the_cluster_decides_what_the_newest_would_refuse(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(REMOVED_LATER, encoding="utf-8")
    with pytest.raises(InputError, match="removed after 9"):
        load(tmp_path)
    with pytest.raises(InputError, match="removed after 9"):
        load(tmp_path, cluster=Cluster.emulator("9.5"))
    assert load(tmp_path, cluster=Cluster.emulator("9.4")).desired.endpoints


@pytest.mark.parametrize(
    ("files", "asked"),
    [
        ((ELSER.format(id="a"),), False),
        ((REMOVED_LATER,), True),
        # Wrong for every version: which one it is changes nothing.
        ((REMOVED_LATER, ELSER.format(id="Upper Case")), False),
    ],
)
def test_a_cluster_is_asked_only_where_its_version_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], *, asked: bool
) -> None:
    for number, text in enumerate(files):
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    cluster, calls = Cluster.emulator("9.4"), 0
    version = cluster.version

    def counted(_: Cluster) -> Version:
        nonlocal calls
        calls += 1
        return version()

    monkeypatch.setattr(Cluster, "version", counted)
    with nullcontext() if len(files) == 1 else pytest.raises(InputError):
        load(tmp_path, cluster=cluster)
    assert calls == int(asked)
