"""Somebody between us and the cluster reads along, or a file of the home folder brings credentials of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.client.recorder import recording
from tests.in_process import run_here
from tests.running import clean_environment, running_emulator

from inferctl import (
    AsyncInferenceClient,
    Cluster,
    ConnectionSettings,
    Endpoint,
    InferenceClient,
    Permissions,
    apply,
)
from inferctl.client import settings
from inferctl.client.address import is_loopback
from inferctl.services import OpenAISettings, SecretRef

from .traps import trap

if TYPE_CHECKING:
    from pathlib import Path

KEY = "a2V5LW9mOnRoZS1jbHVzdGVy"
ENDPOINT = "inference_id: a\ntask_type: sparse_embedding\nservice: elser\nservice_settings: {num_allocations: 1, num_threads: 1}\n"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def environment(**more: str) -> dict[str, str]:
    plain = {name: value for name, value in clean_environment().items() if name.upper() not in PROXIES}
    return {**plain, "ELASTICSEARCH_API_KEY": KEY, **more}


def test_a_key_without_encryption_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
    with trap() as proxy:
        around = environment(ELASTICSEARCH_URL="http://es.invalid:9200", HTTP_PROXY=f"http://{proxy.host}")
        done = run_here(tmp_path, around, "plan", "a.yaml", "--format", "json", "--report", "markdown=plan.md")
    assert (
        f"Authorization: ApiKey {KEY}".lower().encode() in bytes(proxy.got).lower()
    )  # anybody can read it, it is true
    warning = "ELASTICSEARCH_API_KEY goes to http://es.invalid without encryption"
    assert done.err.replace("\n", " ").count(f"warning: {warning}") == 1
    assert [text.startswith(warning) for text in done.json()["run"]["unsafe"]] == [True]
    assert "Warning: ELASTICSEARCH" in (tmp_path / "plan.md").read_text(encoding="utf-8").replace("\\", "")
    assert KEY not in done.err + done.out


@pytest.mark.parametrize("where", ["flag", "variable"])
def test_no_check_of_the_certificate_is_told_once(tmp_path: Path, where: str) -> None:
    (tmp_path / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
    more = {"ELASTICSEARCH_INSECURE": "true"} if where == "variable" else {}
    flags = ["--insecure"] if where == "flag" else []
    with trap() as cluster:
        around = environment(ELASTICSEARCH_URL=f"https://{cluster.host}", **more)
        done = run_here(tmp_path, around, "plan", "a.yaml", *flags, "--format", "json")
    assert done.err.count("warning: the certificate of 127.0.0.1 is not checked") == 1
    (unsafe,) = done.json()["run"]["unsafe"]
    assert ("the command line" if where == "flag" else "ELASTICSEARCH_INSECURE") in unsafe


def test_what_stays_on_this_machine_or_is_checked_is_no_warning(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
    with running_emulator() as emulator:
        done = run_here(tmp_path, environment(ELASTICSEARCH_URL=emulator.url), "plan", "a.yaml", "--format", "json")
    assert ("warning" in done.err, done.json()["run"]["unsafe"]) == (False, [])
    assert ConnectionSettings.of("https://es.example.com", api_key="k").unsafe == ()
    assert ConnectionSettings.of("http://es.example.com").unsafe == ()
    assert len(ConnectionSettings.of("http://es.example.com", api_key="k").unsafe) == 1


def test_names_that_only_look_like_this_machine() -> None:
    for host in ("localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"):
        assert is_loopback(host), host
    for host in ("localhost.example.com", "127.0.0.1.example.com", "notlocalhost", "0.0.0.0", "10.0.0.1", "::", ""):
        assert not is_loopback(host), host


@pytest.mark.parametrize("key", [None, KEY])
def test_netrc_neither_adds_nor_replaces_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login some password body\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with recording() as cluster:
        with InferenceClient(cluster.url, api_key=key) as client:
            client.get()

        async def run() -> None:
            async with AsyncInferenceClient(cluster.url, api_key=key) as client:
                await client.get()

        asyncio.run(run())
        sent = [seen.headers.get("authorization") for seen in cluster.seen]
    assert sent == [f"ApiKey {key}" if key else None] * 2


def test_a_proxy_of_the_environment_sees_no_key_of_an_encrypted_connection(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
    with trap() as proxy:
        around = environment(
            ELASTICSEARCH_URL="https://es.invalid:9200", HTTPS_PROXY=f"http://u:of-the-proxy@{proxy.host}"
        )
        done = run_here(tmp_path, around, "plan", "a.yaml")
    assert bytes(proxy.got).startswith(b"CONNECT es.invalid:9200 ")
    assert KEY.encode() not in bytes(proxy.got)
    assert (done.code, "of-the-proxy" in done.err) == (1, False)


def test_keys_of_providers_without_encryption_are_told_before_they_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Endpoint(
        inference_id="a",
        task_type="text_embedding",
        service="openai",
        service_settings=OpenAISettings(model_id="m", api_key=SecretRef("env", "K")),
    )
    heard: list[str] = []
    with running_emulator() as emulator:
        with Cluster(emulator.url, environ={"K": "k"}, on_message=heard.append) as cluster:
            assert apply(cluster, [wanted], permissions=Permissions(manage=("*",))).exit_code == 0
        assert heard == []
        emulator.call("DELETE", "/_inference/text_embedding/a")
        monkeypatch.setattr(settings, "is_loopback", lambda _host: False)
        with Cluster(emulator.url, environ={"K": "k"}, on_message=heard.append) as cluster:
            assert apply(cluster, [wanted], permissions=Permissions(manage=("*",))).exit_code == 0
    assert heard == ["warning: the secrets of this plan go to http://127.0.0.1 without encryption"]
