"""What a shown source line hides."""

from __future__ import annotations

import pytest

from inferctl.model.services import find, service_names
from inferctl.secrets.credential_names import looks_secret
from inferctl.secrets.credentials import holds_credential
from inferctl.syntax.shown_line import shown_line

CANARY = "canary-5f3a"
TEXTS = [
    "api_key: canary-5f3a",
    "api_key: 'canary-5f3a",
    "service_settings: {model: x, api_key: canary-5f3a, b: [",
    '{"api_key":"canary-5f3a"}',
    "api_key:\n  canary-5f3a",
    "api_key: >-\n  abc\n  canary-5f3a\n",
    'api_key: "abc\n  canary-5f3a"\n',
    'api_key: "abc\ncanary-5f3a\n',
    "service_account_json: |\n  {\n    \"type\": \"x\",\n    \"private_key\": \"canary-5f3a\"\n  }\n",
    "service_account_json: |\n  {\n    \"type\": \"canary-5f3a\"\n  }\n",
    "secret_parameters:\n  x: canary-5f3a\n",
    "secret_parameters:\n  # note\n  deeper:\n    x: canary-5f3a\n",
    "api_key: {value: canary-5f3a}",
    "api_key:\n  value: canary-5f3a",
    "- api_key: canary-5f3a",
    "url: https://bob:canary-5f3a@host/x",
    "url: https://canary-5f3a@host/x",
    "url: https://host/x?v=1&api_key=canary-5f3a",
    "url: 'https://host/x?access_tokn=canary-5f3a', foo: 1",
    "headers: {X-Api-Key: canary-5f3a}",
    "api_key : canary-5f3a",
    "api_kye: canary-5f3a",
    "pasword: canary-5f3a",
    "api_}ey: @canary-5f3a",
    "ap_key: {env: canary-5f3a}",
    "api_key: !!str canary-5f3a",
    "api_key: &k canary-5f3a",
    "connection: sk-canary-5f3a-0123456789",
    "headers: {X-Thing: Bearer canary-5f3a}",
    "x: [1, hf_0123456789canary-5f3a",
    "note: eyJhbGciOiJIUzI1NiJ9.canary-5f3a0.x",
    "secret_parameters: {sk-canary-5f3a-0123456789: {env: A}}",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_no_line_shows_it(text: str) -> None:
    lines = text.split("\n")
    assert CANARY not in "\n".join(shown_line(lines, n + 1) for n in range(len(lines)))


@pytest.mark.parametrize(
    "text",
    [
        "api_key: {env: OPENAI_API_KEY}",
        "api_key: {env: OPENAI_API_KEY}  # from the vault",
        "api_key:\n  env: OPENAI_API_KEY\nmodel_id: x",
        "max_tokens: 100",
        "model_id: text-embedding-3-small",
        "token_url: https://host/x",
        "url: https://host/x?version=1&api_key=${key}",
        "service_settings:\n  api_key: {env: A}\n  model_id: x",
        "model_id: jina-embeddings-v2-base-en",
        "why: the Bearer authentication of https://host/x",
        "version: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "arn: arn:aws:sagemaker:us-east-1:123456789012:endpoint/Jumpstart-Dft-Hf-Textembedding-20240101",
    ],
)
def test_the_rest_stays_readable(text: str) -> None:
    lines = text.split("\n")
    shown = [shown_line(lines, n + 1) for n in range(len(lines)) if "env: OPENAI" not in lines[n] or "{" in lines[n]]
    assert [line for line in shown if "(secret)" in line] == []


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "X-Api-Key", "access_key", "private_key", "auth_key", "subscriptionKey", "X-Functions-Key",
     "encryption_key", "shared_key", "password", "passwd", "keyPassphrase", "client_secret", "secrets", "sessionToken",
     "credential", "credentials", "apikey", "Authorization", "bearer", "pat", "db-pwd", "jwt", "Cookie", "entra_id",
     "account_json", "secret_key", "service_account_json", "secret_parameters"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    ["max_tokens", "tokenizer", "model_id", "key", "monkey", "path", "url", "", "_",
     "token_url", "token_uri", "token_count", "token_limit", "token_type", "secret_name", "token_endpoint", "token_scope",
     "tokenScopes", "token_expiry", "token_budget", "secret_path", "secret_field"],
)  # fmt: skip
def test_other_names(name: str) -> None:
    assert not looks_secret(name)


def test_every_secret_field_of_the_catalogue_sounds_like_one() -> None:
    """Masking goes by name, so a secret field with an innocent name would be shown."""
    fields = {
        name
        for service in map(find, service_names())
        if service is not None
        for task_type in service.task_types
        for name in service.secret_fields(task_type)
    }
    assert len(fields) >= 7
    assert {name for name in fields if not looks_secret(name)} == set()


@pytest.mark.parametrize(
    "name",
    ["api_k", "apik", "api_kye", "acceskey", "scretkey", "clint_secrt", "privatkey", "pasword", "tokn", "entra_di",
     "service_acount_json", "scret_parametrs", "authorizaton"],
)  # fmt: skip
def test_a_misspelled_name_hides_its_value_too(name: str) -> None:
    assert shown_line([f"{name}: {CANARY}"], 1) == f"{name}: (secret)"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([r'urll: "sk-proj-\x5aq8vN3xT7wKc5LmR2yHb"'], ['urll: "(secret)"']),
        (['urll: "sk-proj-Zq8vN3\\', '   xT7wKc5LmR2yHb"'], ['urll: "(secret)\\', '   (secret)"']),
        (["url: https://h/?a=sk%2Dproj%2DZq8vN3xT7wKc5LmR2yHb"], ["url: https://h/?a=(secret)"]),
    ],
)
def test_a_literal_goes_however_the_file_writes_it(lines: list[str], shown: list[str]) -> None:
    assert [shown_line(lines, n + 1, ["sk-proj-Zq8vN3xT7wKc5LmR2yHb"]) for n in range(len(lines))] == shown


@pytest.mark.parametrize("name", ["client_id", "tenant_id", "model_id", "top_k", "user"])
def test_a_name_that_only_resembles_one_hides_nothing(name: str) -> None:
    assert shown_line([f"{name}: shown"], 1) == f"{name}: shown"


HEADERS = ("service_settings", "headers")
URL = ("service_settings", "url")


@pytest.mark.parametrize(
    ("path", "value", "holds"),
    [
        ((*HEADERS, "Authorization"), "Bearer abc", True),
        ((*HEADERS, "Authorization"), "Bearer ${token}", False),
        ((*HEADERS, "X-Api-Key"), "abc", True),
        ((*HEADERS, "Accept"), "text/plain", False),
        (HEADERS, {"Accept": "x", "Cookie": "abc"}, True),
        (HEADERS, {"Accept": "x"}, False),
        (URL, "https://me:abc@host/x", True),
        (URL, "https://host/x?q=1&api_key=abc", True),
        (URL, "https://host/x?api_key=${key}&v=2024-10-21", False),
        (URL, "https://host/x", False),
        (URL, "https://host/hooks/sk-0123456789abcdef0123", True),
        ((*HEADERS, "X-Thing"), "sk-0123456789abcdef0123", True),
        ((*HEADERS, "X-Thing"), "Basic dXNlcjpwYXNz1", True),
        ((*HEADERS, "X-Thing"), "Basic ${pair}", False),
        (("service_settings", "region"), "AKIA0123456789ABCDEF", True),
        (("service_settings", "note"), "-----BEGIN RSA PRIVATE KEY-----\nabc\n", True),
        (("service_settings", "note"), "a1B2" * 10, True),
        (("service_settings", "note"), "a1b2" * 16, False),
        (("service_settings", "query_parameters"), [["q", "1"], ["access_key", "abc"]], True),
        (("service_settings", "query_parameters"), [["q", "1"], ["access_key", "${k}"]], False),
        (("service_settings", "nodes"), [{"password": "abc"}], True),
        (("task_settings", "max_tokens"), 5, False),
        (("service_settings", "token_url"), "https://host/token", False),
        (("service_settings", "secret", "on"), True, False),
    ],
)  # fmt: skip
def test_credentials_that_a_server_shows(path: tuple[str, ...], value: object, holds: bool) -> None:
    assert holds_credential(path, value) is holds  # type: ignore[arg-type]
