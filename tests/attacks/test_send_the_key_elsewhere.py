"""The attacker wants a provider's key at a host of his choice: a pull request may change any endpoint file.

Each row is an endpoint; `»` stands where it has to be refused, by every command and by the Python API, before a secret
is resolved or a byte is sent. `ALWAYS` is refused whatever the operator set, the rest where hosts are bound.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import ValidationError
from tests.files.test_json_schema import validator
from tests.secrets.desk import Desk

from inferctl import Cluster, Endpoint, InferenceClient, InputError, apply, load
from inferctl.model.versions import NEWEST
from inferctl.operator_bounds.bounds import bounds_of
from inferctl.planner.file.models import digest

if TYPE_CHECKING:
    from pathlib import Path

KEY = "canary-Z8y7X6w5"
MARK = "»"
AWS = "access_key: {env: KEY}\n  secret_key: {env: KEY}\n  "
BEDROCK = "completion", "amazonbedrock", AWS + "model: m\n  provider: cohere\n  "
SAGEMAKER = "completion", "amazon_sagemaker", AWS + "api: openai\n  "
VERTEX = "text_embedding", "googlevertexai", "service_account_json: {env: KEY}\n  model_id: m\n  "
AZURE = "completion", "azureopenai", "api_key: {env: KEY}\n  "
WATSON = "completion", "watsonxai", "api_key: {env: KEY}\n  model_id: m\n  project_id: p\n  "
ALIBABA = "completion", "alibabacloud-ai-search", "api_key: {env: KEY}\n  service_id: s\n  "
FACE = "completion", "hugging_face", "api_key: {env: KEY}\n  "
OPENAI = "completion", "openai", "api_key: {env: KEY}\n  model_id: m\n  "
OAUTH = "completion", "openai", "client_secret: {env: KEY}\n  model_id: m\n  client_id: i\n  scopes: [s]\n  "
CUSTOM = (
    "completion",
    "custom",
    "secret_parameters: {k: {env: KEY}}\n  request: '{}'\n  response: {json_parser: {completion_result: $.a}}\n  ",
)
GOOD_URL = "url: https://good.example/v1\n  "
Service = tuple[str, str, str]
Row = tuple[str, Service, str, str]

ALWAYS: list[Row] = [
    ("gopher in a url", FACE, "field.form", "url: »gopher://good.example/v1"),
    ("a file in a url", FACE, "field.form", "url: »file:///etc/passwd"),
    ("a url without a scheme", FACE, "field.form", "url: »//good.example/v1"),
    ("a url with a line end", FACE, "field.form", 'url: »"https://good.example\\r\\nHost: evil.example"'),
    ("a backslash that is a slash to some", FACE, "field.form", 'url: »"https://good.example\\\\.evil.example"'),
    ("gopher in the token address", OAUTH, "field.form", "token_url: »gopher://good.example"),
    ("gopher in a custom url", CUSTOM, "field.form", "url: »gopher://good.example"),
    ("gopher in the target", ("completion", "azureaistudio", "api_key: {env: KEY}\n  provider: meta\n  endpoint_type: token\n  "), "field.form",
     "target: »ldap://good.example"),
    ("a region that ends the host", BEDROCK, "field.form", "region: »us-east-1.evil.example/"),
    ("a region with a user name before the host", BEDROCK, "field.form", "region: »'x@evil.example#'"),
    ("a region of SageMaker that ends the host", SAGEMAKER, "field.form", "endpoint_name: e\n  region: »'evil.example?'"),
    ("a path of SageMaker", SAGEMAKER, "field.form", "region: us-east-1\n  endpoint_name: »e/../../x"),
    ("a location that ends the host", VERTEX, "field.form", "project_id: p\n  location: »'evil.example/x?'"),
    ("a project with a path in it", VERTEX, "field.form", "location: us-central1\n  project_id: »../../x"),
    ("a resource that ends the host", AZURE, "field.form", "deployment_id: d\n  api_version: v\n  resource_name: »'evil.example/#'"),
    ("a resource with a port", AZURE, "field.form", "deployment_id: d\n  api_version: v\n  resource_name: »'evil.example:443'"),
    ("a deployment with a path in it", AZURE, "field.form", "resource_name: r\n  api_version: v\n  deployment_id: »d/../x"),
    ("a version with a second parameter", AZURE, "field.form", "resource_name: r\n  deployment_id: d\n  api_version: »v&a=b"),
    ("a host with a user name before it", WATSON, "field.form", "api_version: v\n  url: »good.example@evil.example"),
    ("a host with a path in it", ALIBABA, "field.form", "workspace: w\n  host: »'evil.example/good.example'"),
    ("a workspace with a path in it", ALIBABA, "field.form", "host: good.example\n  workspace: »w/../x"),
    ("CR LF in the value of a header", CUSTOM, "field.form", GOOD_URL + 'headers: {X-A: »"a\\r\\nHost: evil.example"}'),
    ("CR LF in the name of a header", CUSTOM, "field.form", GOOD_URL + 'headers: {»"X-A: b\\r\\nHost": evil.example}'),
    ("a name of a header with a colon", CUSTOM, "field.form", GOOD_URL + 'headers: {»"Host:": evil.example}'),
    ("a pseudo header", CUSTOM, "field.form", GOOD_URL + 'headers: {»":authority": evil.example}'),
    ("a length that ends the request early", CUSTOM, "field.form", GOOD_URL + "headers: {»Content-Length: '4'}"),
    ("chunks that hide a second request", CUSTOM, "field.form", GOOD_URL + "headers: {»transfer-encoding: chunked}"),
    ("another protocol", CUSTOM, "field.form", GOOD_URL + "headers: {»Upgrade: websocket}"),
    ("the secret in the url, by its default", CUSTOM, "secret.in-url", "url: »'https://good.example/${k:-x}'"),
    ("the secret as the default of another name", CUSTOM, "secret.in-url", "url: »'https://good.example/${x:-${k}}'"),
    ("the secret in the query, by its default", CUSTOM, "secret.in-url", GOOD_URL + "query_parameters: »[[a, '${k:-x}']]"),
    ("the secret in the url, through a parameter", CUSTOM, "secret.in-url", "url: »'https://good.example/${p}'\ntask_settings: {parameters: {p: '${k}'}}"),
    ("the secret in the query, through two", CUSTOM, "secret.in-url",
     GOOD_URL + "query_parameters: »[[a, '${p}']]\ntask_settings: {parameters: {p: '${q:-}', q: 'x${k}'}}"),
    ("CR LF in a setting that is a header", OPENAI, "field.form", 'organization_id: »"o\\r\\nHost: evil.example"'),
    ("CR LF in a task setting that is a header", SAGEMAKER, "field.form",
     'region: us-east-1\n  endpoint_name: e\ntask_settings: {custom_attributes: »"a\\r\\nHost: evil.example"}'),
    ("CR LF in a header of a task", OPENAI, "field.form", "url: https://good.example\ntask_settings: {headers: {X: »\"a\\nHost: evil.example\"}}"),
]  # fmt: skip

# With these hosts trusted, and no other.
HOSTS = "good.example,*.good.example,api.openai.com,good.openai.azure.com"
LOOSE = "\npassthrough: true"
REFUSED = "\npassthrough: »true"
KNOWN = "completion", "cohere", "api_key: {env: KEY}\n  model_id: m\n  url: https://good.example\n  "
UNKNOWN = "completion", "newer", "api_key: {env: KEY}\n  "
BOUND: list[Row] = [
    ("http, which anybody on the way can read", FACE, "bounds.scheme", "url: »http://good.example/v1"),
    ("http by its own setting", ALIBABA, "bounds.scheme", "workspace: w\n  host: good.example\n  http_schema: »HTTP"),
    ("another host", FACE, "host.untrusted", "url: »https://evil.example/v1"),
    ("another host to get tokens from", OAUTH, "host.untrusted", "token_url: »https://evil.example"),
    ("another service, which has a host of its own", ("completion", "»mistral", "api_key: {env: KEY}\n  model: m"), "host.untrusted", ""),
    ("another host for another task", ("rerank", "»nvidia", "api_key: {env: KEY}\n  model_id: m"), "host.untrusted", ""),
    ("a region of Bedrock", BEDROCK, "host.untrusted", "region: »cn-north-1"),
    ("a region of SageMaker", SAGEMAKER, "host.untrusted", "endpoint_name: e\n  region: »eu-west-1"),
    ("a location of Vertex AI", VERTEX, "host.untrusted", "project_id: p\n  location: »us-central1"),
    ("a resource of Azure", AZURE, "host.untrusted", "deployment_id: d\n  api_version: v\n  resource_name: »evil"),
    ("who gives out tokens for Azure", ("completion", "azureopenai", ""), "host.untrusted",
     "deployment_id: d\n  api_version: v\n  resource_name: good\n  client_id: i\n  tenant_id: t\n  scopes: [s]\n  client_secret: »{env: KEY}"),
    ("a host of watsonx", WATSON, "host.untrusted", "api_version: v\n  url: »evil.example"),
    ("a Host header", CUSTOM, "host.untrusted", GOOD_URL + "headers: {Host: »evil.example}"),
    ("a Host header for CGI", CUSTOM, "host.untrusted", GOOD_URL + "headers: {X_Forwarded_Host: »evil.example}"),
    ("a Host header of another case", CUSTOM, "host.untrusted", GOOD_URL + "headers: {hOsT: »evil.example}"),
    ("a Host header that nobody can read", CUSTOM, "host.untrusted", GOOD_URL + "headers: {Host: »'${h}'}\ntask_settings: {parameters: {h: evil.example}}"),
    ("a header for the proxy", CUSTOM, "host.untrusted", GOOD_URL + "headers: {X-Forwarded-Host: »evil.example}"),
    ("another header for the proxy", CUSTOM, "host.untrusted", GOOD_URL + "headers: {X-HTTP-Host-Override: »evil.example}"),
    ("the standard header for the proxy", CUSTOM, "host.untrusted", GOOD_URL + "headers: {Forwarded: »host=evil.example}"),
    ("a Host header of a task", OPENAI, "host.untrusted", "url: https://good.example\ntask_settings: {headers: {Host: »evil.example}}"),
    ("a template for the host", CUSTOM, "host.untrusted", "url: »'https://${h}/'\ntask_settings: {parameters: {h: evil.example}}"),
    ("a template with a good default", CUSTOM, "host.untrusted", "url: »'https://${h:-good.example}/'\ntask_settings: {parameters: {h: evil.example}}"),
    ("a template that ends the host", CUSTOM, "host.untrusted", "url: »'https://good.example${h}/'\ntask_settings: {parameters: {h: '.evil.example'}}"),
    ("a template for all of the url", CUSTOM, "bounds.scheme", "url: »'${u}'\ntask_settings: {parameters: {u: 'https://evil.example'}}"),
    ("an unknown service with baseUrl", UNKNOWN, "bounds.passthrough", f"baseUrl: evil{REFUSED}"),
    ("an unknown service with hosts", UNKNOWN, "bounds.passthrough", f"hosts: [evil.example]{REFUSED}"),
    ("an unknown service with a gateway", UNKNOWN, "bounds.passthrough", f"gateway: evil{REFUSED}"),
    ("an unknown service with nothing odd", UNKNOWN, "bounds.passthrough", f"rows: 4{REFUSED}"),
    ("baseUrl in a known service", KNOWN, "bounds.passthrough", f"baseUrl: »evil{LOOSE}"),
    ("hosts in a known service", KNOWN, "bounds.passthrough", f"hosts: »[[evil.example]]{LOOSE}"),
    ("a gateway in a known service", KNOWN, "bounds.passthrough", f"gateway: »{{to: evil}}{LOOSE}"),
    ("any text in a known service", KNOWN, "bounds.passthrough", f"x: »evil{LOOSE}"),
    ("any text inside of a known setting", KNOWN, "bounds.passthrough", f"rate_limit: {{requests_per_minute: 3, gateway: »evil}}{LOOSE}"),
    ("any text in the chunking", ("text_embedding", *KNOWN[1:]), "bounds.passthrough",
     f"\nchunking_settings: {{strategy: none, gateway: »https://evil.example}}{LOOSE}"),
    ("any text in the task settings", KNOWN, "bounds.passthrough", f"\ntask_settings: {{x: »evil}}{LOOSE}"),
]  # fmt: skip
# With passthrough allowed: what may name a host, by its name or by its form.
PASSED: list[Row] = [
    (f"an unknown service with {name}", ("completion", "newer", "api_key: {env: KEY}\n  "), code, f"{name}: {value}{LOOSE}")
    for name, value, code in (
        ("baseUrl", "»evil", "bounds.scheme"),
        ("baseURL", "»https://evil.example", "host.untrusted"),
        ("base_urls", "[»https://evil.example]", "host.untrusted"),
        ("hosts", "[»evil]", "host.untrusted"),
        ("hostName", "»evil", "host.untrusted"),
        ("gateway", "»evil.example", "host.untrusted"),
        ("apiGatewayAddress", "»evil:443", "host.untrusted"),
        ("apiBase", "»evil.example/v1", "host.untrusted"),
        ("proxyServers", "{a: [»evil.example]}", "host.untrusted"),
        ("x", "»http://good.example", "bounds.scheme"),
    )
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path, monkeypatch, capsys)
    made.set(KEY=KEY)
    return made


def text_of(name: str, service: Service, settings: str) -> str:
    task_type, word, common = service
    return f"inference_id: {name}\ntask_type: {task_type}\nservice: {word}\nservice_settings:\n  {common}{settings}\n"


def write(desk: Desk, rows: list[Row]) -> list[tuple[str, str, str]]:
    """A file for each row; the attack, its text, and the beginning of its diagnostic."""
    expected = []
    for number, (attack, service, code, settings) in enumerate(rows):
        text = text_of(f"e{number}", service, settings)
        before, _, after = text.partition(MARK)
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        (desk.folder / f"e/e{number}.yaml").write_bytes((before + after).encode())
        expected.append((attack, before + after, f"e/e{number}.yaml:{line}:{column}: error[{code}]"))
    return expected


def assert_refused(desk: Desk, rows: list[Row]) -> None:
    """By every command, each row at its place and once, and nothing was asked of the cluster."""
    expected = write(desk, rows)
    for command in (["validate"], ["plan"], ["apply", "--yes"], ["rotate", "e*", "--yes"]):
        ran = desk(*command)
        missing = [attack for attack, _, place in expected if ran.err.count(place) != 1]
        assert not missing, (command, missing, ran.err)
        assert ran.err.count(": error[") == len(rows), ran.err
        assert (ran.code, desk.emulated.sent) == (1, [])
        assert KEY not in ran.said


def settings_of(text: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def assert_refused_as_plans(desk: Desk, rows: list[Row], **environment: str) -> None:
    """Put into a saved plan, with a digest that fits."""
    expected = write(desk, rows)
    for file in (desk.folder / "e").iterdir():
        file.unlink()
    (desk.folder / "e/a.yaml").write_text(text_of("a", OPENAI, ""), encoding="utf-8")
    assert desk("plan", "--out", "p.json").code == 0
    document = json.loads((desk.folder / "p.json").read_text(encoding="utf-8"))
    desk.set(**environment)
    for attack, text, _ in expected:
        wanted = settings_of(text)
        for change in document["plan"]["changes"]:
            change["desired"] = {key: value for key, value in wanted.items() if key != "inference_id"}
        document["digest"] = digest(document["plan"])
        (desk.folder / "q.json").write_text(json.dumps(document), encoding="utf-8")
        ran = desk("apply", "q.json", "--yes")
        assert (ran.code, "q.json: " in ran.err or "operator" in ran.err) == (1, True), (attack, ran.err)
        assert desk.emulated.sent == [], attack
        assert KEY not in ran.said


def assert_refused_by_the_api(desk: Desk, rows: list[Row], **environment: str) -> None:
    expected = write(desk, rows)
    client = InferenceClient("http://emulator.invalid", transport=desk.emulated.answer)
    cluster = Cluster(client, environ={"KEY": KEY, **environment}, scope="team")
    with pytest.raises(InputError) as raised:
        load("e", cluster=cluster, environ=cluster.environ)
    found = [f"{one.span}: error[{one.code}]" for one in raised.value.diagnostics]
    assert sorted(found) == sorted(place for _, _, place in expected)
    for (attack, service, *_), (_, text, _) in zip(rows, expected, strict=True):
        if service[1:] == KNOWN[1:]:  # its class drops what it has no field for
            continue
        with pytest.raises((InputError, ValidationError)) as refused:
            apply(cluster, [Endpoint.model_validate(settings_of(text))])
        assert KEY not in str(refused.value), attack
    assert set(desk.emulated.sent) <= {"GET /"}


def test_what_no_page_takes(desk: Desk) -> None:
    assert_refused(desk, ALWAYS)
    assert_refused_by_the_api(desk, ALWAYS)
    assert_refused_as_plans(desk, ALWAYS)


def test_an_editor_refuses_the_same_forms() -> None:
    schema = validator(NEWEST)
    for attack, service, code, settings in ALWAYS:
        document = settings_of(text_of("a", service, settings).replace(MARK, ""))
        assert code != "field.form" or not schema.is_valid(document), attack
    for attack, service, _, settings in BOUND:  # good files, but for whom the operator trusts
        document = settings_of(text_of("a", service, settings).replace(MARK, ""))
        assert schema.is_valid(document), attack


def test_what_is_out_of_the_bounds_of_hosts(desk: Desk) -> None:
    assert_refused_as_plans(desk, BOUND, INFERCTL_TRUSTED_HOSTS=HOSTS)
    (desk.folder / "e/a.yaml").unlink()
    assert_refused(desk, BOUND)
    assert_refused_by_the_api(desk, BOUND, INFERCTL_TRUSTED_HOSTS=HOSTS)


def test_what_a_setting_that_nobody_knows_may_name(desk: Desk) -> None:
    bounds = json.dumps({"hosts": HOSTS.split(","), "passthrough": True})
    desk.set(INFERCTL_BOUNDS=bounds)
    assert_refused(desk, PASSED)
    assert_refused_by_the_api(desk, PASSED, INFERCTL_BOUNDS=bounds)


def test_what_the_operator_named_is_taken(desk: Desk) -> None:
    write(
        desk,
        [
            ("", FACE, "", GOOD_URL),
            ("", OPENAI, "", ""),
            ("", AZURE, "", "deployment_id: d\n  api_version: v\n  resource_name: good"),
            ("", CUSTOM, "", "url: https://good.example/${p}\n  headers: {Host: a.good.example}\ntask_settings: {parameters: {p: x}}"),
            ("", KNOWN, "", f"limit: 3{LOOSE}"),
        ],
    )  # fmt: skip
    desk.set(INFERCTL_TRUSTED_HOSTS=HOSTS)
    assert [desk("validate").code, desk("plan").code] == [0, 0]
    desk.set(INFERCTL_BOUNDS='{"schemes": ["http", "https"], "passthrough": false}')
    (desk.folder / "e/e0.yaml").write_text(text_of("e0", FACE, "url: http://good.example"), encoding="utf-8")
    ran = desk("validate")
    assert [line for line in ran.err.splitlines() if ": error[" in line] == [
        "e/e4.yaml:9:14: error[bounds.passthrough]: passthrough: true is out of bounds: passthrough in INFERCTL_BOUNDS is false"
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://1",
        "https://d:9200",
        "https://2001",
        "https://[2001:db8::2]",
        "https://\u212aeys.example",
        "https://\uff4beys.example",
        "https://keys\u3002example",
    ],
)
def test_a_host_that_is_spelled_another_way(url: str) -> None:
    """The brackets of an IPv6 address were a set of characters; a Kelvin sign became a k."""
    hosts = bounds_of({"INFERCTL_TRUSTED_HOSTS": "[2001:db8::1] keys.example"}).hosts
    assert hosts.refuses_url("https://[2001:DB8::1]:9200") == hosts.refuses_url("https://KEYS.example") == ""
    assert hosts.refuses_url(url)
