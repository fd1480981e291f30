"""A pull request changes `connection:` of inferctl.yaml, so that the cluster's key goes to its author.

The key stands in the environment of the job, where no pull request reaches it. The address of the attacker counts each
byte: not even a handshake may come there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme
from tests.in_process import run_here
from tests.running import clean_environment, running_emulator

from inferctl import ConnectionSettings, SettingsError

from .traps import trap

if TYPE_CHECKING:
    from pathlib import Path

KEY = "a2V5LW9mOnRoZS1jbHVzdGVy"
ENDPOINT = "inference_id: a\ntask_type: sparse_embedding\nservice: elser\nservice_settings: {num_allocations: 1, num_threads: 1}\n"
CREDENTIALS = (
    {"ELASTICSEARCH_API_KEY": KEY},
    {"ELASTICSEARCH_BEARER_TOKEN": KEY},
    {"ES_USERNAME": "elastic", "ES_PASSWORD": KEY},
)
TRUST = {"ca_certs": "attacker.pem", "ca_fingerprint": "ab" * 32, "insecure": "true"}
VARIABLES = {
    "ca_certs": "ELASTICSEARCH_CA_CERTS",
    "ca_fingerprint": "ELASTICSEARCH_CA_FINGERPRINT",
    "insecure": "ELASTICSEARCH_INSECURE",
}
read = ConnectionSettings.from_environment


def pull_request(folder: Path, connection: str) -> None:
    (folder / "a.yaml").write_text(ENDPOINT, encoding="utf-8")
    (folder / "inferctl.yaml").write_text(f"endpoints: [a.yaml]\nconnection:\n{connection}", encoding="utf-8")


@pytest.mark.parametrize("credentials", CREDENTIALS, ids=["key", "token", "password"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_of_its_own_where_the_operator_named_none(
    tmp_path: Path, credentials: dict[str, str], scheme: str
) -> None:
    with trap() as attacker:
        pull_request(tmp_path, f"  timeout_s: 5\n  url: {scheme}://{attacker.host}\n")
        done = run_here(tmp_path, {**clean_environment(), **credentials}, "plan")
    assert (done.code, attacker.visits, bytes(attacker.got)) == (1, 0, b"")
    assert next(name for name in credentials if "USERNAME" not in name) in done.err
    assert "the address of inferctl.yaml:4" in done.err
    assert f"fix: export ELASTICSEARCH_URL={scheme}://{attacker.host}" in done.err
    assert KEY not in done.err


@pytest.mark.parametrize("name", TRUST)
@pytest.mark.parametrize("hosts", [{}, {"INFERCTL_TRUSTED_HOSTS": "127.0.0.1"}], ids=["", "with trusted hosts"])
def test_another_trust_for_the_address_of_the_operator(tmp_path: Path, name: str, hosts: dict[str, str]) -> None:
    """Who stands in the way shows a certificate of its own, and the file says that it is good."""
    with trap() as attacker:
        url = f"https://{attacker.host}"
        for connection in ("", f"  url: {url}\n"):  # the same address, named once more, changes nothing
            pull_request(tmp_path, f"{connection}  {name}: {TRUST[name]}\n")
            environment = {"ELASTICSEARCH_URL": url, "ELASTICSEARCH_API_KEY": KEY, **hosts}
            done = run_here(tmp_path, {**clean_environment(), **environment}, "plan")
            assert (done.code, attacker.visits, bytes(attacker.got)) == (1, 0, b"")
            assert f"{name} of inferctl.yaml:{4 if connection else 3} is not taken" in done.err
            assert f"fix: export {VARIABLES[name]}={TRUST[name]}\n" in done.err


@pytest.mark.parametrize("name", TRUST)
def test_another_trust_for_a_host_that_the_operator_named(tmp_path: Path, name: str) -> None:
    """The name of a host says whom it must prove to be: by what the operator trusts, not by what the file says."""
    with trap() as attacker:
        url = f"https://{attacker.host}"
        pull_request(tmp_path, f"  url: {url}\n  {name}: {TRUST[name]}\n")
        environment = {"ELASTICSEARCH_API_KEY": KEY, "INFERCTL_TRUSTED_HOSTS": attacker.host}
        done = run_here(tmp_path, {**clean_environment(), **environment}, "plan")
    assert (done.code, attacker.visits, bytes(attacker.got)) == (1, 0, b"")
    assert f"fix: export {VARIABLES[name]}={TRUST[name]}\n" in done.err


def test_a_host_that_the_operator_named_without_encryption(tmp_path: Path) -> None:
    with trap() as attacker:
        pull_request(tmp_path, f"  url: http://{attacker.host}\n")
        environment = {"ELASTICSEARCH_API_KEY": KEY, "INFERCTL_TRUSTED_HOSTS": attacker.host}
        done = run_here(tmp_path, {**clean_environment(), **environment}, "plan")
    assert (done.code, attacker.visits, bytes(attacker.got)) == (1, 0, b"")
    assert "https" in done.err


def test_a_key_of_the_shell_goes_where_the_shell_says() -> None:
    """What is not the attack: who may name an address, and whose trust counts."""
    key = {"ELASTICSEARCH_API_KEY": KEY}
    file: dict[str, object] = {"url": "https://file.example", "ca_certs": "of-the-file.pem"}
    alone: dict[str, object] = {"url": "https://file.example"}
    assert read({}, file=file).ca_certs == "of-the-file.pem"
    assert read({**key, "ELASTICSEARCH_URL": "https://real.example"}, file=alone).url == "https://real.example"
    assert read(key, url="https://real.example", file=alone).url == "https://real.example"
    assert read({**key, "INFERCTL_TRUSTED_HOSTS": "file.example"}, file=alone).url == "https://file.example"
    own = read({**key, "ELASTICSEARCH_CA_CERTS": "mine.pem"}, url="https://real.example", file=file)
    assert own.ca_certs == "mine.pem"
    assert read({**key, "ELASTICSEARCH_URL": "https://real.example"}, file={"insecure": False}).insecure is False
    with pytest.raises(SettingsError, match="the settings file"):
        read(key, file=alone)


def test_one_line_to_type_mends_all_of_it(tmp_path: Path) -> None:
    """The ordinary user: address and trust stood in the file, the key in the shell."""
    with running_emulator() as emulator:
        pull_request(tmp_path, f"  url: {emulator.url}\n  ca_certs: own ca.pem\n")
        environment = {**clean_environment(), "ELASTICSEARCH_API_KEY": KEY}
        done = run_here(tmp_path, environment, "plan")
        assert f"fix: export ELASTICSEARCH_URL={emulator.url} ELASTICSEARCH_CA_CERTS='own ca.pem'\n" in done.err
        assert f"or: --url {emulator.url} --ca-certs 'own ca.pem'\n" in done.err


def test_words_of_the_file_run_nothing_when_the_fix_is_typed(tmp_path: Path) -> None:
    pull_request(tmp_path, "  url: https://h.example/$(touch${IFS}x)\n  ca_certs: 'a; b'\n")
    done = run_here(tmp_path, {**clean_environment(), "ELASTICSEARCH_API_KEY": KEY}, "plan")
    assert "export ELASTICSEARCH_URL='https://h.example/$(touch${IFS}x)' ELASTICSEARCH_CA_CERTS='a; b'\n" in done.err


def test_a_long_or_unprintable_value_is_not_repeated(tmp_path: Path) -> None:
    pull_request(tmp_path, f'  url: https://h.example/{"x" * 10_000}\n  ca_certs: "a\\x1b[31mb"\n')
    done = run_here(tmp_path, {**clean_environment(), "ELASTICSEARCH_API_KEY": KEY}, "plan")
    assert "export ELASTICSEARCH_URL=https://… ELASTICSEARCH_CA_CERTS=…\n" in done.err
    assert len(done.err) < 1_500


@pytest.mark.parametrize("name", ["ELASTICSEARCH_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_other_certificates_in_the_file_that_the_operator_named(tmp_path: Path, name: str) -> None:
    """The variable is out of reach, what it names is not."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    outside, inside = tmp_path / "ca.pem", tmp_path / "repository" / "ca.pem"
    for path in (outside, inside):
        trustme.CA().cert_pem.write_to_path(path)
    (tmp_path / "link.pem").symlink_to(inside)
    with trap() as cluster:
        pull_request(tmp_path / "repository", "  timeout_s: 5\n")
        around = {
            **clean_environment(),
            "ELASTICSEARCH_URL": f"https://{cluster.host}",
            "ELASTICSEARCH_API_KEY": KEY,
            "INFERCTL_TRUSTED_HOSTS": cluster.host,
        }
        for named in ("ca.pem", str(inside), str(tmp_path / "link.pem")):
            done = run_here(tmp_path / "repository", {**around, name: named}, "plan")
            assert (done.code, cluster.visits) == (1, 0)
            assert f"{name} names {named}, which is inside the checkout" in done.err.replace("\n    ", " ")
        run_here(tmp_path / "repository", {**around, name: str(outside)}, "plan")
        assert cluster.visits > 0
