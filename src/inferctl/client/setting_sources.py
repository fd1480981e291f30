"""Which value of a connection setting counts: the command line's, the environment's or the settings file's. Pure.

The environment comes in as a mapping. Of the credentials the first of the three that names any wins as a whole, so
that a key on the command line is never mixed with a user name left over in the environment. What the settings file may
say at all: `file_connection`.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from inferctl.errors import SettingsError
from inferctl.fix import command, edit, flag
from inferctl.secrets.credential_names import API_KEY_NAMES, BASIC_NAMES, BEARER_NAMES
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

# The names that Elastic's own tools and clients use, best first.
URL_NAMES = ("ELASTICSEARCH_URL", "ELASTICSEARCH_ENDPOINTS", "ES_URL")
CLOUD_ID_NAMES = ("ELASTIC_CLOUD_ID", "CLOUD_ID")
CA_CERTS_NAMES = ("ELASTICSEARCH_CA_CERTS",)
CERTIFICATE_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # read by the HTTP library, where none of ours is set
FINGERPRINT_NAMES = ("ELASTICSEARCH_CA_FINGERPRINT",)
INSECURE_NAMES = ("ELASTICSEARCH_INSECURE",)

COMMAND_LINE = "the command line"
SETTINGS_FILE = "the settings file"
CREDENTIALS = ("api_key", "bearer_auth", "username", "password")
TRUST = ("insecure", "ca_certs", "ca_fingerprint")


class Sourced(NamedTuple):
    """A value, and where it came from: "ELASTICSEARCH_URL", "the command line"."""

    value: object
    source: str


# The settings that one source names.
Layer: TypeAlias = "dict[str, Sourced]"


def chosen_values(
    flags: Mapping[str, object], environ: Mapping[str, str], file: Mapping[str, object]
) -> dict[str, Sourced]:
    """The values that count, by setting; `url` is among them. `flags` and `file` have the settings' names as keys.

    Raises SettingsError as `ConnectionSettings.from_environment` says.
    """
    chosen = _chosen((_layer(flags, COMMAND_LINE), _environment_layer(environ), _layer(file, SETTINGS_FILE)))
    if "url" not in chosen:
        in_file = (
            ()
            if any(name in chosen for name in CREDENTIALS)
            else (edit('connection: {url: "https://…"}', "inferctl.yaml"),)
        )
        raise SettingsError("no cluster is named").with_fixes(
            command("export ELASTICSEARCH_URL=https://…"), flag("--url https://…"), *in_file
        )
    if ("username" in chosen) != ("password" in chosen):
        missing, present = ("password", "username") if "username" in chosen else ("user name", "password")
        raise SettingsError(f"{chosen[present].source} gives half of the credentials: the {missing} is missing")
    return chosen


def _layer(values: Mapping[str, object], source: str) -> Layer:
    return {name: Sourced(value, source) for name, value in values.items() if value is not None and value != ""}


def _environment_layer(environ: Mapping[str, str]) -> Layer:
    layer: Layer = {}

    def take(name: str, variables: tuple[str, ...], *, secret: bool = False) -> None:
        for variable in variables:
            text = environ.get(variable, "").strip()
            if text and name not in layer:
                layer[name] = Sourced(Secret(text) if secret else text, variable)

    take("url", URL_NAMES)
    if "url" in layer and layer["url"].source == "ELASTICSEARCH_ENDPOINTS":
        first = str(layer["url"].value).split(",")[0].strip()
        layer["url"] = Sourced(first, "ELASTICSEARCH_ENDPOINTS")
    for variable in CLOUD_ID_NAMES:
        if "url" not in layer and environ.get(variable, "").strip():
            layer["url"] = Sourced(cloud_url(environ[variable].strip()), variable)
    take("api_key", API_KEY_NAMES, secret=True)
    take("bearer_auth", BEARER_NAMES, secret=True)
    for user, password in BASIC_NAMES:
        if "username" not in layer and "password" not in layer:
            take("username", (user,))
            take("password", (password,), secret=True)
    take("ca_certs", CA_CERTS_NAMES)
    take("ca_fingerprint", FINGERPRINT_NAMES)
    take("insecure", INSECURE_NAMES)
    # One kind of credentials is enough; a variable set beside a key is no contradiction.
    return _one_kind(layer)


def _one_kind(layer: Layer) -> Layer:
    for kind in ("api_key", "bearer_auth"):
        if kind in layer:
            return {name: sourced for name, sourced in layer.items() if name == kind or name not in CREDENTIALS}
    return layer


def _chosen(layers: tuple[Layer, ...]) -> Layer:
    """The first of each; credentials, and whom to trust, come from one layer as a whole."""
    chosen: Layer = {}
    for group in (CREDENTIALS, TRUST):
        for layer in layers:
            if any(name in layer for name in group):
                chosen |= {name: layer[name] for name in group if name in layer}
                break
    for layer in reversed(layers):
        chosen |= {name: layer[name] for name in ("url", "timeout_s") if name in layer}
    return chosen


def cloud_url(cloud_id: str) -> str:
    """The Elasticsearch URL inside a cloud id, `label:base64(domain[:port]$elasticsearch$kibana)`."""
    try:
        decoded = b64decode(cloud_id.rpartition(":")[2], validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    domain, _, rest = decoded.partition("$")
    name = rest.partition("$")[0]
    if not domain or not name:
        raise SettingsError("the cloud id cannot be read")
    host, _, port = domain.partition(":")
    own, _, own_port = name.partition(":")
    return f"https://{own}.{host}:{own_port or port or '443'}"
