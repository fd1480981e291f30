"""Names that say that a value is a credential: of keys, headers, query parameters, variables. The only list of them.

Two strengths, and each name of the first is one of the second: `looks_secret` decides what a file may hold,
`sounds_secret` what may be shown.
"""

from __future__ import annotations

import itertools
import re
from fnmatch import fnmatchcase
from functools import lru_cache

from inferctl.nearest import nearest

_WORDS = frozenset(
    {"password", "passwd", "passphrase", "secret", "secrets", "token", "credential", "credentials", "apikey"}
    | {"authorization", "bearer", "pat", "pwd", "jwt", "cookie"}
)
_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("auth", "key"), ("subscription", "key")}
    | {("entra", "id"), ("account", "json"), ("functions", "key"), ("encryption", "key"), ("shared", "key")}
)
# Too common to be refused by, but what stands behind them is shown to nobody.
_WEAK_WORDS = frozenset({"key", "keys", "private", "sig", "signature"})
_WEAK_PAIRS = frozenset({("key", "id"), ("service", "account")})
_PARTS = re.compile(r"apikey|secret|passw|passphrase|credential|authori[sz]ation|bearer|cookie|token$")
# What is told about a credential, or counted in tokens, is none.
_ABOUT = frozenset(
    {"url", "uri", "count", "limit", "type", "name", "endpoint", "scope", "scopes", "expiry"}
    | {"budget", "path", "field"}
)
_COUNTS = frozenset({"max", "min", "num", "count", "limit", "total"})
_NAMES = ("api_key", "apikey", "access_key", "secret_key", "client_secret", "private_key", "password", "token",
          "entra_id", "service_account_json", "secret_parameters", "authorization")  # fmt: skip
_INNOCENT = frozenset({"client_id", "tenant_id"})
# Environment variables that open the cluster, in the order in which they are looked for.
API_KEY_NAMES = ("ELASTICSEARCH_API_KEY", "ELASTIC_API_KEY", "ES_API_KEY")
BEARER_NAMES = ("ELASTICSEARCH_BEARER_TOKEN",)
BASIC_NAMES = (("ELASTICSEARCH_USERNAME", "ELASTICSEARCH_PASSWORD"), ("ES_USERNAME", "ES_PASSWORD"))
# Without an allow-list too, a file cannot send these to a provider of its choice. Some, other programs read.
CLUSTER_NAMES = frozenset(
    {*API_KEY_NAMES, *BEARER_NAMES, *(password for _, password in BASIC_NAMES)}
    | {"ELASTIC_PASSWORD", "ELASTIC_BEARER_TOKEN", "ES_BEARER_TOKEN"}
)
# The same of one environment of a settings file: whatever a file calls its environments today.
_OF_AN_ENVIRONMENT = re.compile(r"INFERCTL_.+_(?:API_KEY|BEARER_TOKEN|USERNAME|PASSWORD)")
# Variables of the runner itself, as globs in capitals: what a CI gives its jobs, and what opens package registries,
# machines and the cloud account that the job runs in. No provider of models takes them from an endpoint, so a file that
# names one is a mistake or a theft. Keys of an own cloud user (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) are not here:
# amazonbedrock takes them; a role's do not work without the AWS_SESSION_TOKEN, which is.
RUNNER_NAMES = (
    "GITHUB_*", "GH_TOKEN", "GH_*_TOKEN", "ACTIONS_*", "RUNNER_*", "INPUT_*",
    "CI_*", "GITLAB_*", "BUILDKITE_*", "CIRCLE_*", "JENKINS_*", "BITBUCKET_*", "DRONE_*", "TRAVIS_*", "TEAMCITY_*",
    "SYSTEM_ACCESSTOKEN", "AZURE_DEVOPS_*", "VSS_NUGET_*", "APPVEYOR_*", "SEMAPHORE_*", "WOODPECKER_*", "GITEA_*",
    "NPM_*", "NODE_AUTH_TOKEN", "PYPI_*", "TWINE_*", "UV_PUBLISH_*", "POETRY_PYPI_*", "POETRY_HTTP_BASIC_*",
    "CARGO_REGISTR*", "GEM_HOST_*", "NUGET_*", "DOCKER_*", "DOCKERHUB_*", "REGISTRY_*", "CODECOV_*", "SONAR_*",
    "SSH_*", "GPG_*", "GIT_*", "VAULT_*", "KUBECONFIG", "KUBE_*", "TF_*", "ARM_*", "DATABASE_URL", "PGPASSWORD",
    "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_WEB_IDENTITY_*", "AWS_CONTAINER_*", "AZURE_FEDERATED_*",
    "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_*", "CLOUDSDK_*", "GOOGLE_GHA_*",
)  # fmt: skip
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")


def looks_secret(name: str) -> bool:
    """Whether a key's name says that its value is a credential: `api_key`, `clientSecret`, `X-Auth-Token`.

    `max_tokens`, `token_url` and `tokenizer` are not.
    """
    words = _words(name)
    return any(word in _WORDS for word in words) or any(pair in _PAIRS for pair in itertools.pairwise(words))


def opens_cluster(name: str, *, is_file: bool = False) -> bool:
    """Whether a variable or file of this name holds what opens the cluster itself. Case does not matter.

    A file may lie in any folder, be called `elasticsearch-api-key`, and have an ending.
    """
    words = re.split(r"[^A-Z0-9]+", name.rpartition("/")[2].upper()) if is_file else []
    forms = ["_".join(words[:end]) for end in (None, -1)]
    return name.upper() in CLUSTER_NAMES or any(one in CLUSTER_NAMES or opens_an_environment(one) for one in forms)


def opens_an_environment(variable: str) -> bool:
    """Whether a variable is one of the credentials of an environment, INFERCTL_PROD_API_KEY.

    No file may name it: it begins with INFERCTL_.
    """
    return _OF_AN_ENVIRONMENT.fullmatch(variable) is not None


def is_of_the_runner(variable: str) -> bool:
    """Whether a variable belongs to the CI job, or to the account that it runs in. Case does not matter."""
    return any(fnmatchcase(variable.upper(), glob) for glob in RUNNER_NAMES)


@lru_cache(maxsize=8_192)
def sounds_secret(name: str) -> bool:
    """`looks_secret` for a name that may be misspelled, or is common: the value of `api_kye` is no less a secret."""
    if looks_secret(name):
        return True
    words = _words(name)
    if any(word in _WEAK_WORDS or _PARTS.search(word) for word in words):
        return True
    plain = name.lower()
    return any(pair in _WEAK_PAIRS for pair in itertools.pairwise(words)) or (
        plain not in _INNOCENT and bool(nearest(plain, _NAMES, likeness=0.75))
    )


def is_secret_parameter(name: str) -> bool:
    """`looks_secret` for a query parameter, of which `key` and `sig` are credentials too."""
    return looks_secret(name) or name.lower() in ("key", "sig")


def _words(name: str) -> list[str]:
    """The words of a name in lower case; none of a name that only tells about a credential."""
    words = [word.lower() for word in _SPLIT.split(name) if word]
    counted = words and words[-1] in ("token", "tokens") and not _COUNTS.isdisjoint(words)
    return [] if not words or counted or words[-1] in _ABOUT else words
