"""Names that say "credential", in two strengths: what a file is refused for, and what is shown to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl.secrets.credential_names import is_secret_parameter, looks_secret, sounds_secret
from inferctl.secrets.credentials import user_info, without_credentials, without_credentials_in_text

if TYPE_CHECKING:
    from inferctl.json_types import Json


@pytest.mark.parametrize(
    "name",
    ["key", "KEYS", "private", "private_part", "sig", "x-signature", "key_id", "service-account",
     "tenantapikeys", "topsecretstuff", "passwordless", "userpassphrases", "credentialstore", "preauthorisations",
     "preauthorizations", "bearerformat", "cookiejar", "accountaccesstoken"],
)  # fmt: skip
def test_a_common_name_is_no_reason_to_refuse_and_none_to_show(name: str) -> None:
    assert not looks_secret(name)
    assert sounds_secret(name)


@pytest.mark.parametrize(
    "name", ["max_token", "min-token", "num_token", "count_token", "limit_token", "total_token", "max_tokens"]
)
def test_what_is_counted_in_tokens_is_none(name: str) -> None:
    assert not looks_secret(name)
    assert not sounds_secret(name)


@pytest.mark.parametrize("name", ["tokenizer", "keyword", "monkey", "keyboard_layout", "keynote", "design", "top_k"])
def test_a_name_that_only_resembles_one_is_none(name: str) -> None:
    assert not sounds_secret(name)
    assert not is_secret_parameter(name)


@pytest.mark.parametrize("name", ["key", "KEY", "sig", "Sig", "api_key", "access_token"])
def test_names_of_query_parameters(name: str) -> None:
    assert is_secret_parameter(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://me:abc@host/x", "me:abc"),
        ("https://abc@host", "abc"),
        ("https://:abc@host:9200", ":abc"),
        ("https://me@corp:abc@host", "me@corp:abc"),
        ("https://me:a?b#c@host/x", "me:a?b#c"),
        ("see https://me:abc@host/x and http://you:def@host", "me:abc"),
        ("https://host/x?to=me@host", ""),
        ("https://host:9200?to=me@host", ""),
        ("https://host:9200#me@host", ""),
        ("https://host/a@b", ""),
        ("me@host", ""),
        ("", ""),
    ],
)
def test_who_stands_in_a_url(text: str, found: str) -> None:
    assert user_info(text) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:abc@host/x?v=1&key=abc#end", "https://(secret)@host/x?v=1&key=(secret)#end"),
        ("https://host/x?api_kye=abc", "https://host/x?api_kye=(secret)"),
        ("https://host/x?api_key=${key}&v=2", "https://host/x?api_key=${key}&v=2"),
        ("https://host/x?v=1", "https://host/x?v=1"),
    ],
)
def test_a_url_is_shown_without_its_credentials(text: str, shown: str) -> None:
    assert without_credentials_in_text(text) == shown


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("https://me:abc@host/x?v=1", "https://host/x?v=1"),
        ("https://host/x?v=1&key=abc", "https://host/x?v=1"),
        ("https://host/x?key=abc&v=1&w=2", "https://host/x?v=1&w=2"),
        ("https://host/x?sig=abc", "https://host/x"),
        ("https://host/x?key=${key}&v=1", "https://host/x?key=${key}&v=1"),
        ([["key", "abc"], ["v", "1"]], [["v", "1"]]),
        ([["key", "${key}"], ["v", "1"]], [["key", "${key}"], ["v", "1"]]),
        (["https://abc@host", 5, None], ["https://host", 5, None]),
        (5, 5),
    ],
)
def test_what_is_left_of_a_value_without_its_credentials(value: Json, left: Json) -> None:
    assert without_credentials(value) == left
