"""An environment of the settings file: its own variables first, one address, and no key of another cluster."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from inferctl import ConnectionSettings, SettingsError
from inferctl.client.address import is_same_address
from inferctl.diagnostics import Span
from inferctl.operator_bounds.read import read_bounds
from inferctl.secrets.credential_names import opens_cluster
from inferctl.secrets.reference import SecretRef

PROD = "https://prod.example:9200"
PLACES = {"url": Span("inferctl.yaml", 7, 23)}


def read(environ: dict[str, str], environment: str = "prod", **more: Any) -> ConnectionSettings:
    return ConnectionSettings.from_environment(environ, environment=environment, file_places=PLACES, **more)


def key_of(settings: ConnectionSettings) -> str:
    return settings.authorization.reveal() if settings.authorization else ""


def test_its_own_variables_come_before_the_known_ones_and_after_flags() -> None:
    environ = {
        "INFERCTL_PROD_EU_URL": PROD, "INFERCTL_PROD_EU_API_KEY": "own", "INFERCTL_PROD_EU_CA_CERTS": "own.pem",
        "ELASTICSEARCH_URL": "https://left.over", "ELASTICSEARCH_API_KEY": "left-over",
        "ELASTICSEARCH_CA_CERTS": "left-over.pem",
    }  # fmt: skip
    found = read(environ, "prod-eu")
    assert (found.url, key_of(found), found.ca_certs) == (PROD, "ApiKey own", "own.pem")
    assert dict(found.sources)["url"] == "INFERCTL_PROD_EU_URL"
    assert read(environ, "prod-eu", url="https://typed").url == "https://typed"
    assert read(environ, "prod.eu").url == PROD
    for more, header in (
        ({"BEARER_TOKEN": "t"}, "Bearer t"),
        ({"USERNAME": "u", "PASSWORD": "p"}, "Basic " + base64.b64encode(b"u:p").decode()),
    ):
        own = {f"INFERCTL_PROD_{name}": value for name, value in more.items()}
        assert key_of(read({"INFERCTL_PROD_URL": PROD, **own, "ES_API_KEY": "left-over"})) == header
    cloud = "x:" + base64.b64encode(b"eu.example.io$abc$def").decode()
    assert read({"INFERCTL_PROD_CLOUD_ID": cloud}).url == "https://abc.eu.example.io:443"
    assert read({"INFERCTL_PROD_URL": PROD, "INFERCTL_PROD_INSECURE": "true"}).insecure


def test_variables_of_an_environment_are_nobodys_without_one() -> None:
    with pytest.raises(SettingsError, match="no cluster is named"):
        ConnectionSettings.from_environment({"INFERCTL_PROD_URL": PROD})
    with pytest.raises(SettingsError, match="for the environment prod") as refused:
        read({"INFERCTL_STAGING_URL": PROD})
    assert "export INFERCTL_PROD_URL=https://…" in [fix.text for fix in refused.value.fixes]


SAME = ("https://prod.example:9200/", "HTTPS://Prod.Example:9200", "https://prod.example.:9200")
OTHER = (
    "https://staging.example:9200",
    "http://prod.example:9200",
    "https://prod.example",
    "https://prod.example:9201",
    "https://prod.example:9200/es",
    "https://prod.example.org:9200",
)


@pytest.mark.parametrize("url", SAME)
def test_an_address_that_is_named_twice_is_that_of_outside(url: str) -> None:
    """Credentials follow it: the file says nothing new."""
    found = read({"ELASTICSEARCH_URL": url, "ELASTICSEARCH_API_KEY": "k"}, file={"url": PROD})
    assert (found.url, dict(found.sources)["url"], key_of(found)) == (url, "ELASTICSEARCH_URL", "ApiKey k")
    assert is_same_address("https://h", "https://h:443/")
    assert is_same_address("http://h:80", "http://h")


@pytest.mark.parametrize("url", OTHER)
@pytest.mark.parametrize("named_by", ["ELASTICSEARCH_URL", "ES_URL", "INFERCTL_PROD_URL", "--url"])
def test_two_addresses_are_an_error_that_shows_both_places(url: str, named_by: str) -> None:
    flags, environ = ({"url": url}, {}) if named_by == "--url" else ({}, {named_by: url})
    with pytest.raises(SettingsError) as refused:
        read({**environ, "INFERCTL_PROD_API_KEY": "k"}, file={"url": PROD}, **flags)
    assert refused.value.code == "settings.two-addresses"
    said = str(refused.value)
    assert f"{url} of {named_by}, and {PROD} of inferctl.yaml:7" in said
    typed = f"--url {PROD}" if named_by == "--url" else f"export INFERCTL_PROD_URL={PROD}"
    assert [fix.text for fix in refused.value.fixes] == [typed, f'url: "{url}"']


def test_a_cloud_id_is_an_address_too() -> None:
    cloud = "x:" + base64.b64encode(b"eu.example.io$abc$def").decode()
    file: dict[str, object] = {"url": "https://abc.eu.example.io"}
    assert dict(read({"CLOUD_ID": cloud}, file=file).sources)["url"] == "CLOUD_ID"
    with pytest.raises(SettingsError, match="two addresses"):
        read({"CLOUD_ID": cloud}, file={"url": PROD})


REFUSED = {
    "a key of the shell, and an address of the file": (
        {"ELASTICSEARCH_API_KEY": "k"},
        {"url": PROD},
        f"export INFERCTL_PROD_URL={PROD}",
    ),
    "its own key, and an address of the file": (
        {"INFERCTL_PROD_API_KEY": "k"},
        {"url": PROD},
        f"export INFERCTL_PROD_URL={PROD}",
    ),
    "its own key, and an address that is nobody's": (
        {"INFERCTL_PROD_API_KEY": "k", "ELASTICSEARCH_URL": "https://left.over"},
        {},
        "export INFERCTL_PROD_URL=https://left.over",
    ),
    "a key that stands beside another address": (
        {"INFERCTL_PROD_URL": PROD, "ELASTICSEARCH_URL": "https://left.over", "ELASTICSEARCH_API_KEY": "k"},
        {"url": PROD},
        "export INFERCTL_PROD_API_KEY=…",
    ),
    "a user that stands beside another address": (
        {"INFERCTL_PROD_URL": PROD, "ES_URL": "https://left.over", "ES_USERNAME": "u", "ES_PASSWORD": "p"},
        {},
        "export INFERCTL_PROD_USERNAME=… INFERCTL_PROD_PASSWORD=…",
    ),
    "a token that stands beside another address": (
        {"INFERCTL_PROD_URL": PROD, "ES_URL": "https://left.over", "ELASTICSEARCH_BEARER_TOKEN": "t"},
        {},
        "export INFERCTL_PROD_BEARER_TOKEN=…",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_key_of_one_cluster_is_not_tried_on_another(case: str) -> None:
    environ, file, typed = REFUSED[case]
    with pytest.raises(SettingsError) as refused:
        read(environ, file=file)
    assert refused.value.fixes[0].text == typed
    # The first two are so without an environment as well.
    of_another = "left.over" in str(environ)
    assert refused.value.code == ("settings.other-credentials" if of_another else "settings.invalid")


def test_trust_comes_with_the_credentials() -> None:
    with pytest.raises(SettingsError) as refused:
        read({"INFERCTL_PROD_URL": PROD}, file={"url": PROD, "insecure": True})
    assert refused.value.fixes[0].text == "export INFERCTL_PROD_INSECURE=true"


def test_among_several_the_known_names_are_nobodys() -> None:
    left_over = {"ELASTICSEARCH_URL": "https://left.over", "ELASTICSEARCH_API_KEY": "k"}
    own = {"INFERCTL_PROD_URL": PROD, "INFERCTL_PROD_API_KEY": "own"}
    assert key_of(read({**own, **left_over}, file={"url": PROD}, only_own=True)) == "ApiKey own"
    for environ, typed in (
        (left_over, "export INFERCTL_PROD_URL=https://…"),
        ({**left_over, "INFERCTL_PROD_URL": PROD}, "export INFERCTL_PROD_API_KEY=…"),
    ):
        with pytest.raises(SettingsError) as refused:
            read(environ, only_own=True)
        assert [fix.text for fix in refused.value.fixes] == [typed]
    with pytest.raises(SettingsError) as refused:
        read({"INFERCTL_PROD_API_KEY": "own"}, file={"url": PROD}, only_own=True)
    assert refused.value.fixes[0].text == f"export INFERCTL_PROD_URL={PROD}"
    assert not any("--url" in fix.text for fix in refused.value.fixes)


def test_an_environment_that_a_pull_request_adds_gets_nothing_among_several() -> None:
    """No key of another one, and no run without a key either: the secrets of endpoints would go there."""
    file: dict[str, object] = {"url": "https://evil.example"}
    for others in ({"INFERCTL_PROD_API_KEY": "k"}, {"INFERCTL_PROD_USERNAME": "u", "INFERCTL_PROD_PASSWORD": "p"}):
        with pytest.raises(SettingsError, match="without credentials beside those of others") as refused:
            read(others, "evil", file=file, only_own=True)
        assert refused.value.fixes[0].text == "export INFERCTL_EVIL_URL=https://evil.example"
        assert refused.value.code == "settings.other-credentials"
    with pytest.raises(SettingsError, match="is of no environment"):
        read({"ES_API_KEY": "k"}, "evil", file=file, only_own=True)
    named = {"INFERCTL_TRUSTED_HOSTS": "evil.example", "INFERCTL_PROD_API_KEY": "k"}
    assert key_of(read(named, "evil", file=file, only_own=True)) == ""
    assert read({}, "evil", file=file, only_own=True).url == "https://evil.example"  # nobody's key is here


def test_no_file_may_refer_to_the_credentials_of_an_environment() -> None:
    """Of none, whatever the settings file of a pull request calls its environments."""
    for name in ("API_KEY", "PASSWORD", "BEARER_TOKEN", "USERNAME"):
        reference = SecretRef("env", f"INFERCTL_PROD_EU_{name}")
        for allowed in ({}, {"INFERCTL_SECRETS_ALLOW": "*"}, {"INFERCTL_SECRETS_ALLOW": reference.name}):
            assert read_bounds(allowed).secrets.denies(reference) is not None, allowed
        assert opens_cluster(f"secrets/inferctl-prod-{name.lower()}.txt", is_file=True)
    assert not opens_cluster("secrets/inferctl-api-key-name", is_file=True)
