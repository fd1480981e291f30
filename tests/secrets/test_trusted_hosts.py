"""The operator's bounds: nothing is resolved and nothing is sent for a file that is outside of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import desired

from inferctl import ConnectionSettings, SettingsError
from inferctl.model.addresses import addresses
from inferctl.model.services import find, service_names
from inferctl.operator_bounds.bounds import bounds_of

if TYPE_CHECKING:
    from .desk import Desk

HOSTS = bounds_of({"INFERCTL_TRUSTED_HOSTS": "search.example.com, *.Trusted.example [::1] h.example:9243"}).hosts


@pytest.mark.parametrize(
    "url",
    [
        "https://search.example.com",
        "https://SEARCH.example.com.:9200/path?x=1#y",
        "https://a.b.trusted.example/v1",
        "HTTPS://[::1]:9200",
        "https://h.example:9243",
        "https://search.example.com/${path}",
    ],
)
def test_trusted(url: str) -> None:
    assert HOSTS.refuses_url(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://search.example.com.evil.example",
        "https://trusted.example",
        "https://evil.example/search.example.com",
        "https://evil.example#search.example.com",
        "https://evil.example?@search.example.com",
        "https://search.example.com@evil.example",
        "https://search.example.com\\@evil.example",
        "https://evil.example\\.trusted.example",
        "https://evil.example%2f.trusted.example",
        "https://evil.example\n.trusted.example",
        "https://${host}.trusted.example",
        "https://h.example",
        "https://h.example:9200",
        "https://sea\u0280ch.example.com",
        "https://[::1",
        "https://[::2]",
        "search.example.com",
        "//search.example.com",
        "https://",
        "",
        "https://search.example.com:99999",
        "http://search.example.com",
        "gopher://search.example.com",
        "file://search.example.com/etc/passwd",
    ],
)
def test_not_trusted(url: str) -> None:
    assert HOSTS.refuses_url(url)


def test_unset_is_no_bound_and_empty_trusts_nobody() -> None:
    assert bounds_of({}).hosts.refuses_url("https://anything") == ""
    assert bounds_of({"INFERCTL_TRUSTED_HOSTS": ""}).hosts.refuses_url("https://anything")


def test_a_host_without_a_scheme() -> None:
    assert HOSTS.refuses_host("a.trusted.example") == ""
    assert HOSTS.refuses_host("evil.example")
    assert HOSTS.refuses_host("evil.example/.trusted.example")


def test_the_connection() -> None:
    environ = {"INFERCTL_TRUSTED_HOSTS": "search.example.com", "ELASTICSEARCH_URL": "https://search.example.com:9200"}
    assert ConnectionSettings.from_environment(environ).url == "https://search.example.com:9200"
    with pytest.raises(SettingsError, match=r"the settings file, is not trusted.*evil\.example"):
        ConnectionSettings.from_environment(
            {"INFERCTL_TRUSTED_HOSTS": "search.example.com"}, file={"url": "https://evil.example"}
        )


def fixes_where(url: str, file: bool, **environ: str) -> list[str]:
    address = {"ELASTICSEARCH_URL": url} if not file else {}
    with pytest.raises(SettingsError) as refused:
        ConnectionSettings.from_environment(environ | address, file={"url": url} if file else {})
    return [fix.text for fix in refused.value.fixes]


def test_an_address_that_is_refused_says_what_would_let_it_by() -> None:
    hosts = {"INFERCTL_TRUSTED_HOSTS": "search.example.com"}
    only_https = {"INFERCTL_BOUNDS": '{"schemes": ["https"]}'}
    added = "the operator adds other.example:9200 to INFERCTL_TRUSTED_HOSTS"
    assert fixes_where("https://other.example:9200", file=False, **hosts) == [added]
    assert fixes_where("https://other.example:9200", file=True, **hosts) == [added]
    assert fixes_where("http://search.example.com", file=False, **only_https) == [
        "the operator adds http to schemes in INFERCTL_BOUNDS"
    ]
    # The operator's own address says its scheme by itself.
    to_type = "export ELASTICSEARCH_URL=http://search.example.com"
    assert fixes_where("http://search.example.com", file=True, **hosts) == [
        to_type,
        "the operator writes schemes: [https, http] into INFERCTL_BOUNDS",
    ]
    typed = hosts | {"ELASTICSEARCH_URL": "http://search.example.com"}
    assert ConnectionSettings.from_environment(typed).url == "http://search.example.com"


def test_a_key_in_the_shell_and_an_address_in_the_file_is_mended_by_what_is_said() -> None:
    key = {"ELASTICSEARCH_API_KEY": "canary-T7r8U9"}
    own = ["export ELASTICSEARCH_URL=http://localhost:9200", "--url http://localhost:9200"]
    # Bound hosts take no http:// of a file, so nobody is sent there.
    assert fixes_where("http://localhost:9200", file=True, **key) == own
    https = fixes_where("https://search.example.com", file=True, **key)[-1]
    assert "search.example.com" in https
    assert "providers" in https  # from then on they are bound too


def pages() -> set[tuple[str, str]]:
    return {
        (name, field)
        for name in service_names()
        if (page := find(name)) is not None
        for task_type in page.task_types
        for part in ("service_settings", "task_settings")
        for field, fact in page.fields(part, task_type).items()
        if fact.address in ("url", "host")
    }


def test_which_fields_of_which_services_name_a_host() -> None:
    by_url = {
        "cohere", "contextualai", "custom", "deepseek", "fireworksai", "googlevertexai", "groq", "hugging_face",
        "hugging_face_elser", "llama", "mixedbread", "nvidia", "openai", "openshift_ai", "watsonxai",
    }  # fmt: skip
    others = {
        ("azureaistudio", "target"), ("googlevertexai", "streaming_url"), ("openai", "token_url"),
        ("alibabacloud-ai-search", "host"),
    }  # fmt: skip
    assert pages() == {(name, "url") for name in by_url} | others


def test_fields_that_no_page_knows() -> None:
    settings: dict[str, Any] = {
        "server_url": "evil.example", "host": "evil.example", "model": "m", "deep": {"x": ["https://evil.example"]},
    }  # fmt: skip
    endpoint = desired(task_type="rerank", service="newer", settings=settings, passthrough=True)
    assert sorted((path[-1] if path[-1] != 0 else "x", is_url) for path, _, is_url in addresses(endpoint)) == [
        ("host", False), ("server_url", True), ("x", True),
    ]  # fmt: skip


def test_of_a_task_type_that_a_page_does_not_offer_all_its_addresses_count() -> None:
    settings: dict[str, Any] = {"url": "https://evil.example", "streaming_url": "https://evil.example"}
    for task_type in ("rerank", "scene_search"):
        endpoint = desired(task_type=task_type, service="googlevertexai", settings=settings, passthrough=True)
        assert sorted(path[-1] for path, _, _ in addresses(endpoint)) == ["streaming_url", "url"]


def test_a_url_of_a_file_is_refused_at_its_place_before_anything_is_sent(desk: Desk) -> None:
    desk.write(
        "a", task_type="completion", service="hugging_face",
        service_settings={"url": "https://evil.example/v1", "api_key": {"env": "HF"}},
    )  # fmt: skip
    desk.set(INFERCTL_TRUSTED_HOSTS="hf.example", HF="canary-T7r8U9")
    for command in (["validate"], ["plan"], ["apply", "--yes"], ["rotate", "a", "--yes"]):
        ran = desk(*command)
        assert ran.code == 1
        assert "e/a.yaml:6:8:" in ran.err
        assert "error[host.untrusted]: url is not trusted: INFERCTL_TRUSTED_HOSTS does not name evil.example" in ran.err
        assert desk.emulated.sent == []
    desk.set(INFERCTL_TRUSTED_HOSTS="hf.example,evil.example")
    assert desk("apply", "--yes").code == 0


@pytest.mark.parametrize(
    ("reference", "allow", "said"),
    [
        ({"env": "AWS_KEY"}, "HF_*", "{env: AWS_KEY} is not among the names that INFERCTL_SECRETS_ALLOW allows"),
        ({"env": "ELASTICSEARCH_API_KEY"}, None, "{env: ELASTICSEARCH_API_KEY} opens the cluster itself"),
        ({"env": "INFERCTL_FINGERPRINT_KEY"}, None, "names a variable of inferctl itself"),
        ({"file": "../etc/key"}, None, "leads out of the folder"),
    ],
)
def test_a_reference_out_of_bounds_is_refused_at_its_place(
    desk: Desk, reference: dict[str, str], allow: str | None, said: str
) -> None:
    desk.write("a", task_type="rerank", service="cohere", service_settings={"model_id": "m", "api_key": reference})
    desk.set(INFERCTL_SECRETS_ALLOW=allow)
    for command in (["plan"], ["apply", "--yes"]):
        ran = desk(*command)
        assert ran.code == 1
        assert "error[secret.denied]: " in ran.err
        assert said in ran.err
        assert "a.yaml:" in ran.err
        assert desk.emulated.sent == []


def test_a_folder_for_files_that_is_not_given_fails_no_plan(desk: Desk) -> None:
    desk.write("a", task_type="rerank", service="cohere", service_settings={"model_id": "m", "api_key": {"file": "k"}})
    assert desk("plan").code == 0
    ran = desk("apply", "--yes")
    assert ran.code == 1
    assert "needs a folder" in ran.err


CANARY = "canary-Q1w2E3"
CUSTOM: dict[str, Any] = {
    "url": "https://provider.example/v1", "request": "{}", "response": {"json_parser": {"completion_result": "$.a"}},
    "secret_parameters": {"k": {"env": "K"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"url": "https://provider.example/v1?q=${k}"}, "secret.in-url"),
        ({"query_parameters": [["a", "b"], ["q", "x-${k}"]]}, "secret.in-url"),
        ({"query_parameters": [["api_key", CANARY]]}, "secret.literal"),
        ({"query_parameters": [["key", CANARY]]}, "secret.literal"),
        ({"url": f"https://provider.example/v1?access_token={CANARY}&x=1"}, "secret.literal"),
        ({"url": f"https://user:{CANARY}@provider.example/v1"}, "secret.literal"),
        ({"headers": {"Authorization": f"Bearer {CANARY}"}}, "secret.literal"),
    ],
)
def test_a_secret_never_leaves_in_a_url(desk: Desk, settings: dict[str, Any], code: str) -> None:
    desk.write("a", task_type="completion", service="custom", service_settings={**CUSTOM, **settings})
    ran = desk("validate")
    assert ran.code == 1
    assert f"error[{code}]" in ran.err
    assert CANARY not in ran.said


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [("base_endpoint", "evil.example", "evil.example"), ("proxy", "evil:8080/x", "evil:8080/x"), ("hostname", "//evil", "evil"), ("x", "https://evil", "https://evil"),
     ("endpoint", "my-endpoint", None), ("address_line", "a.b", None), ("server", "", None)],
)  # fmt: skip
def test_an_unknown_field_that_may_name_a_host(name: str, value: str, host: str | None) -> None:
    endpoint = desired(service="brand-new", settings={name: value}, passthrough=True)
    assert [text for _, text, _ in addresses(endpoint)] == ([] if host is None else [host])
