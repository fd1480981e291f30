"""Where a secret goes, as far as the settings of an endpoint and its page say."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired

from inferctl.model.addresses import hosts_of_secret, usual_hosts
from inferctl.model.services import find, service_names

KEY = ("service_settings", "api_key")
CLIENT_SECRET = ("service_settings", "client_secret")
SETTINGS: dict[str, Any] = {"model_id": "m", "api_key": {"env": "KEY"}}


@pytest.mark.parametrize(
    ("service", "task_type", "more", "hosts"),
    [
        ("openai", "completion", {}, ("api.openai.com",)),
        ("openai", "completion", {"url": "https://proxy.example/v1"}, ("proxy.example",)),
        ("openai", "completion", {"url": "https://PROXY.example:8443/v1?x=@y"}, ("proxy.example:8443",)),
        ("nvidia", "rerank", {}, ("ai.api.nvidia.com",)),
        ("nvidia", "completion", {}, ("integrate.api.nvidia.com",)),
        ("azureopenai", "completion", {"resource_name": "shop"}, ("shop.openai.azure.com",)),
        ("azureopenai", "completion", {}, ()),
        ("alibabacloud-ai-search", "rerank", {"host": "search.example"}, ("search.example",)),
        ("azureaistudio", "completion", {"target": "https://x.ai.azure.example/score"}, ("x.ai.azure.example",)),
        ("fireworksai", "text_embedding", {}, ("api.fireworks.ai",)),
        ("googlevertexai", "chat_completion", {"url": "https://a.example", "streaming_url": "https://b.example"},
         ("a.example", "b.example")),
        ("contextualai", "rerank", {}, ("api.contextual.ai",)),
        ("amazonbedrock", "completion", {"region": "eu-west-1"}, ("bedrock-runtime.eu-west-1.amazonaws.com",)),
        ("amazonbedrock", "completion", {"region": "cn-north-1"}, ("bedrock-runtime.cn-north-1.amazonaws.com.cn",)),
        ("googlevertexai", "text_embedding", {"location": "us"}, ("us-aiplatform.googleapis.com",)),
        ("googlevertexai", "text_embedding", {}, ("aiplatform.googleapis.com",)),
        ("googlevertexai", "rerank", {"location": "us"}, ("discoveryengine.googleapis.com",)),
        ("custom", "completion", {"url": "https://a.example", "headers": {"Host": "b.example", "X": "y"}},
         ("a.example", "b.example")),
        ("brand-new", "rerank", {}, ()),
        ("brand-new", "rerank", {"deep": {"proxy": "evil.example:1/x"}}, ("evil.example:1",)),
    ],
)  # fmt: skip
def test_a_key_goes_to_the_hosts_that_the_settings_name_else_to_the_one_of_the_service(
    service: str, task_type: str, more: dict[str, Any], hosts: tuple[str, ...]
) -> None:
    endpoint = desired(service=service, task_type=task_type, settings={**SETTINGS, **more})
    assert hosts_of_secret(endpoint, KEY) == hosts


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://${where}.example/v1", "https://${where}.example/v1"),
        ("nonsense", "nonsense"),
        ("https://good.example@evil.example", "https://(secret)@evil.example"),
        ("https://good.example\\@evil.example", "https://(secret)@evil.example"),
    ],
)
def test_an_address_that_is_not_read_by_all_in_one_way_is_shown_whole(url: str, shown: str) -> None:
    assert hosts_of_secret(desired(settings={**SETTINGS, "url": url}), KEY) == (shown,)


@pytest.mark.parametrize("name", ["evil.example/", "evil.example#"])
def test_a_name_that_breaks_out_of_the_host_of_its_service(name: str) -> None:
    endpoint = desired(service="azureopenai", settings={**SETTINGS, "resource_name": name})
    assert hosts_of_secret(endpoint, KEY) == ("evil.example",)


def test_a_credential_in_an_address_is_shown_to_nobody() -> None:
    (host,) = hosts_of_secret(desired(settings={**SETTINGS, "url": "https://ann:pass-word@evil.example/v1"}), KEY)
    assert "pass-word" not in host
    assert "evil.example" in host


def test_the_secret_of_an_application_goes_to_who_gives_out_the_tokens() -> None:
    application = {"model_id": "m", "client_secret": {"env": "KEY"}, "url": "https://proxy.example"}
    openai = desired(settings={**application, "token_url": "https://login.example/token"})
    assert hosts_of_secret(openai, CLIENT_SECRET) == ("login.example",)
    azure = desired(service="azureopenai", settings={**application, "resource_name": "shop"})
    assert hosts_of_secret(azure, CLIENT_SECRET) == ("login.microsoftonline.com",)
    both = desired(settings={**SETTINGS, "token_url": "https://login.example/token"})
    assert hosts_of_secret(both, KEY) == ("api.openai.com",)


def test_of_each_service_with_a_secret_the_host_is_known() -> None:
    for name in service_names():
        page = find(name)
        assert page is not None
        for task_type in page.task_types:
            known = page.fields("service_settings", task_type)
            has_address = any(fact.address in ("url", "host") and fact.required for fact in known.values())
            settings = dict.fromkeys(known, "x")
            endpoint = desired(
                service=name, task_type=task_type, settings={k: v for k, v in settings.items() if not known[k].address}
            )
            hosts = [host for path, host in usual_hosts(endpoint)]
            assert has_address or all(hosts), (name, task_type)
            assert bool(hosts) is bool(page.secret_fields(task_type)), (name, task_type)
