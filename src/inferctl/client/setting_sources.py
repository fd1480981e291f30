"""Which value of a connection setting counts: the command line's, a variable's or the settings file's. Pure.

The variables come in as a mapping. Of the credentials the first of the three that names any wins as a whole, so
that a key on the command line is never mixed with a user name left over in the shell. What the settings file may
say at all: `file_connection`. An environment of that file has variables of its own: what goes with them,
`environment_connection` says.
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
    from collections.abc import Iterator, Mapping

# The names that Elastic's own tools and clients use, best first.
URL_NAMES = ("ELASTICSEARCH_URL", "ELASTICSEARCH_ENDPOINTS", "ES_URL")
CLOUD_ID_NAMES = ("ELASTIC_CLOUD_ID", "CLOUD_ID")
CA_CERTS_NAMES = ("ELASTICSEARCH_CA_CERTS",)
CERTIFICATE_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # read by the HTTP library, where none of ours is set
FINGERPRINT_NAMES = ("ELASTICSEARCH_CA_FINGERPRINT",)
INSECURE_NAMES = ("ELASTICSEARCH_INSECURE",)


class Names(NamedTuple):
    """The variables that name each setting, best first."""

    url: tuple[str, ...]
    cloud_id: tuple[str, ...]
    api_key: tuple[str, ...]
    bearer_auth: tuple[str, ...]
    basic: tuple[tuple[str, str], ...]
    ca_certs: tuple[str, ...]
    ca_fingerprint: tuple[str, ...]
    insecure: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Each variable, once."""
        pairs = (name for pair in self.basic for name in pair)
        plain = (*self.url, *self.cloud_id, *self.api_key, *self.bearer_auth)
        return (*plain, *pairs, *self.ca_certs, *self.ca_fingerprint, *self.insecure)


KNOWN_NAMES = Names(
    URL_NAMES,
    CLOUD_ID_NAMES,
    API_KEY_NAMES,
    BEARER_NAMES,
    BASIC_NAMES,
    CA_CERTS_NAMES,
    FINGERPRINT_NAMES,
    INSECURE_NAMES,
)


def own_names(environment: str) -> Names:
    """The variables of one environment: INFERCTL_PROD_EU_URL and its kin for `prod-eu`."""
    start = f"INFERCTL_{variable_part(environment)}_"
    return Names(
        (f"{start}URL",),
        (f"{start}CLOUD_ID",),
        (f"{start}API_KEY",),
        (f"{start}BEARER_TOKEN",),
        ((f"{start}USERNAME", f"{start}PASSWORD"),),
        (f"{start}CA_CERTS",),
        (f"{start}CA_FINGERPRINT",),
        (f"{start}INSECURE",),
    )


def names_that_count(environment: str, *, only_own: bool = False) -> tuple[Names, ...]:
    """The variables that are looked at: those of the environment, if there is one, before the known ones.

    The first are those that a message proposes. `only_own`: the known ones do not count.
    """
    own = (own_names(environment),) if environment else ()
    return own if only_own else (*own, KNOWN_NAMES)


def addresses_in(environ: Mapping[str, str], environment: str) -> Iterator[str]:
    """The variables that say where the cluster is."""
    for names in names_that_count(environment):
        yield from (name for name in (*names.url, *names.cloud_id) if environ.get(name))


def variable_part(environment: str) -> str:
    """The name of an environment as a part of a variable's name: `PROD_EU` of `prod-eu`."""
    return environment.upper().replace("-", "_").replace(".", "_")


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
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    file: Mapping[str, object],
    *,
    environment: str = "",
    only_own: bool = False,
) -> dict[str, Sourced]:
    """The values that count, by setting; `url` is among them. `flags` and `file` have the settings' names as keys.

    The variables of `environment` come before the known ones, which do not count at all with `only_own`. Raises
    SettingsError as `ConnectionSettings.from_environment` says.
    """
    layers = [_layer(flags, COMMAND_LINE)]
    layers += [variables_layer(environ, names) for names in names_that_count(environment, only_own=only_own)]
    chosen = _chosen((*layers, _layer(file, SETTINGS_FILE)))
    if "url" not in chosen:
        in_file = (
            ()
            if environment or any(name in chosen for name in CREDENTIALS)
            else (edit('connection: {url: "https://…"}', "inferctl.yaml"),)
        )
        variable = names_that_count(environment)[0].url[0]
        what = f"no cluster is named for the environment {environment}" if environment else "no cluster is named"
        by_flag = () if only_own else (flag("--url https://…"),)
        raise SettingsError(what).with_fixes(command(f"export {variable}=https://…"), *by_flag, *in_file)
    if ("username" in chosen) != ("password" in chosen):
        missing, present = ("password", "username") if "username" in chosen else ("user name", "password")
        raise SettingsError(f"{chosen[present].source} gives half of the credentials: the {missing} is missing")
    return chosen


def _layer(values: Mapping[str, object], source: str) -> Layer:
    return {name: Sourced(value, source) for name, value in values.items() if value is not None and value != ""}


def variables_layer(environ: Mapping[str, str], names: Names) -> Layer:
    """What the variables of these names say."""
    layer: Layer = {}

    def take(name: str, variables: tuple[str, ...], *, secret: bool = False) -> None:
        for variable in variables:
            text = environ.get(variable, "").strip()
            if text and name not in layer:
                layer[name] = Sourced(Secret(text) if secret else text, variable)

    take("url", names.url)
    if "url" in layer and layer["url"].source == "ELASTICSEARCH_ENDPOINTS":
        first = str(layer["url"].value).split(",")[0].strip()
        layer["url"] = Sourced(first, "ELASTICSEARCH_ENDPOINTS")
    for variable in names.cloud_id:
        if "url" not in layer and environ.get(variable, "").strip():
            layer["url"] = Sourced(cloud_url(environ[variable].strip()), variable)
    take("api_key", names.api_key, secret=True)
    take("bearer_auth", names.bearer_auth, secret=True)
    for user, password in names.basic:
        if "username" not in layer and "password" not in layer:
            take("username", (user,))
            take("password", (password,), secret=True)
    take("ca_certs", names.ca_certs)
    take("ca_fingerprint", names.ca_fingerprint)
    take("insecure", names.insecure)
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
