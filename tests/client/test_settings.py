"""Flags before environment before settings file; and what is refused."""

from __future__ import annotations

import base64
import ssl
from typing import Any

import pytest

from inferctl import ConnectionSettings, SettingsError
from inferctl.client.address import url_problem
from inferctl.client.setting_sources import cloud_url
from inferctl.client.tls import trust

read = ConnectionSettings.from_environment


def test_flags_then_environment_then_file() -> None:
    environ = {"ELASTICSEARCH_URL": "http://env", "ELASTICSEARCH_API_KEY": "env-key"}
    file: dict[str, object] = {"url": "http://file", "api_key": "file-key", "timeout_s": 5}
    assert read(environ, url="http://flag", file=file).url == "http://flag"
    assert read(environ, file=file).url == "http://env"
    assert read({}, file=file).url == "http://file"
    assert read({}, file=file).timeout_s == 5.0
    key = read(environ, file=file).api_key
    assert key is not None
    assert key.reveal() == "env-key"
    assert dict(read(environ, file=file).sources) == {
        "url": "ELASTICSEARCH_URL",
        "api_key": "ELASTICSEARCH_API_KEY",
        "timeout_s": "the settings file",
    }


@pytest.mark.parametrize("name", ["ELASTICSEARCH_URL", "ELASTICSEARCH_ENDPOINTS", "ES_URL"])
def test_url_names(name: str) -> None:
    assert read({name: " http://h:9200 "}).url == "http://h:9200"


@pytest.mark.parametrize("name", ["ELASTICSEARCH_API_KEY", "ELASTIC_API_KEY", "ES_API_KEY"])
def test_api_key_names(name: str) -> None:
    header = read({"ES_URL": "http://h", name: "k1"}).authorization
    assert header is not None
    assert header.reveal() == "ApiKey k1"


@pytest.mark.parametrize("prefix", ["ELASTICSEARCH", "ES"])
def test_basic_and_bearer(prefix: str) -> None:
    header = read({"ES_URL": "http://h", f"{prefix}_USERNAME": "u", f"{prefix}_PASSWORD": "p:ü"}).authorization
    assert header is not None
    assert header.reveal() == "Basic " + base64.b64encode("u:p:ü".encode()).decode()
    bearer = read({"ES_URL": "http://h", "ELASTICSEARCH_BEARER_TOKEN": "t"}).authorization
    assert bearer is not None
    assert bearer.reveal() == "Bearer t"


def test_void_and_empty_names() -> None:
    with pytest.raises(SettingsError, match="no cluster is named"):
        read({"INFERENCE_ES_URL": "http://h", "INFERENCE_URL": "http://h", "ELASTICSEARCH_URL": ""})


def test_the_best_name_wins() -> None:
    environ = {
        "ES_URL": "http://c",
        "ELASTICSEARCH_ENDPOINTS": "http://b,http://b2",
        "ELASTICSEARCH_URL": "http://a",
    }
    assert read(environ).url == "http://a"
    del environ["ELASTICSEARCH_URL"]
    assert read(environ).url == "http://b"


def test_credentials_come_from_one_layer() -> None:
    environ = {"ES_URL": "http://h", "ELASTICSEARCH_USERNAME": "u", "ELASTICSEARCH_PASSWORD": "p"}
    found = read(environ, api_key="flag")
    assert (found.basic_auth, found.api_key is not None) == (None, True)
    found = read(environ | {"ELASTICSEARCH_API_KEY": "k"}, username="flag", password="pw")
    assert found.basic_auth is not None
    assert (found.basic_auth[0], found.api_key) == ("flag", None)
    assert read(environ | {"ELASTICSEARCH_API_KEY": "k"}).basic_auth is None


def test_what_to_trust() -> None:
    pin = "AB:" * 31 + "AB"
    assert read({"ES_URL": "https://h", "ELASTICSEARCH_CA_FINGERPRINT": pin}).ca_fingerprint == "ab" * 32
    for text, value in (("true", True), ("1", True), ("False", False), ("0", False)):
        assert read({"ES_URL": "https://h", "ELASTICSEARCH_INSECURE": text}).insecure is value
    with pytest.raises(SettingsError, match="ELASTICSEARCH_INSECURE"):
        read({"ES_URL": "https://h", "ELASTICSEARCH_INSECURE": "maybe"})
    found = read({"ES_URL": "https://h", "ELASTICSEARCH_INSECURE": "true"}, ca_certs="ca.pem")
    assert (found.insecure, found.ca_certs) == (False, "ca.pem")


def test_without_tls_nobody_is_trusted_and_no_certificates_are_read() -> None:
    plain, secure = (trust(ConnectionSettings.of(f"{scheme}://h:9200")) for scheme in ("HTTP", "https"))
    assert secure is None  # the library reads those of the system
    assert plain is not None
    assert (plain.get_ca_certs(), plain.verify_mode, plain.check_hostname) == ([], ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("localhost:9200", "http://"),
        ("ftp://h", "http://"),
        ("http://", "host"),
        ("http://h:99999", "port"),
        ("http://h:0", "port"),
        ("http://[::1", "malformed"),
        ("http://u:p@h", "credentials apart"),
        ("http://u@h", "credentials apart"),
        ("http://h/?a=b", "query"),
        ("http://h/#f", "fragment"),
        ("http://h /", "blanks"),
        ("http://h\n", "blanks"),
        ("", "http://"),
    ],
)
def test_urls_that_cannot_work(url: str, word: str) -> None:
    assert word in url_problem(url)
    with pytest.raises(SettingsError):
        ConnectionSettings(url)


@pytest.mark.parametrize(
    "url", ["http://h", "https://h:9243/es/", "http://127.0.0.1:9200", "http://[::1]:9200", "HTTPS://h"]
)
def test_urls_that_work(url: str) -> None:
    assert url_problem(url) == ""


@pytest.mark.parametrize(
    "call",
    [
        {"api_key": "a", "bearer_auth": "b"},
        {"api_key": ""},
        {"bearer_auth": "a\r\nX: y"},
        {"ca_fingerprint": "abc"},
        {"insecure": True, "ca_certs": "x"},
        {"timeout_s": 0},
        {"timeout_s": float("nan")},
    ],
)
def test_settings_that_cannot_work(call: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        ConnectionSettings.of("https://h", **call)


def test_half_of_a_pair() -> None:
    with pytest.raises(SettingsError, match="ES_USERNAME gives half"):
        read({"ES_URL": "http://h", "ES_USERNAME": "u"})
    with pytest.raises(SettingsError, match="user name is missing"):
        read({"ES_URL": "http://h", "ES_PASSWORD": "p"})


def test_an_api_key_pair() -> None:
    key = ConnectionSettings.of("http://h", api_key=("id", "key")).api_key
    assert key is not None
    assert key.reveal() == base64.b64encode(b"id:key").decode()


def test_cloud_ids() -> None:
    inner = base64.b64encode(b"eu.example.io:9243$abc$def").decode()
    assert cloud_url(f"my-label:{inner}") == "https://abc.eu.example.io:9243"
    assert read({"CLOUD_ID": f"x:{inner}"}).url == "https://abc.eu.example.io:9243"
    for bad in ("x", "x:!!!", "x:" + base64.b64encode(b"nothing").decode()):
        with pytest.raises(SettingsError):
            cloud_url(bad)


FILE = {"url": "https://file", "insecure": True}


def test_a_settings_file_weakens_only_what_it_names_itself() -> None:
    """A pull request can change it: no word of it may send the operator's key to whoever stands in the way."""
    assert read({}, file=FILE).insecure
    assert not read({"ELASTICSEARCH_CA_CERTS": "ca.pem"}, file=FILE).insecure
    elsewhere: tuple[tuple[dict[str, str], dict[str, Any]], ...] = (
        ({"ELASTICSEARCH_URL": "https://real"}, {}),
        ({}, {"url": "https://real"}),
        ({"INFERCTL_TRUSTED_HOSTS": "file"}, {}),
    )
    for environ, flags in elsewhere:
        with pytest.raises(SettingsError, match="insecure of the settings file is not taken"):
            read(environ, file=FILE, **flags)
    assert read({"ELASTICSEARCH_URL": "https://real", "ELASTICSEARCH_INSECURE": "true"}, file=FILE).insecure
    assert read({"ELASTICSEARCH_URL": "https://real"}, file={"insecure": False}).insecure is False
