"""What belongs together where an environment of the settings file was chosen: its address and its credentials. Pure.

The shell of a person holds what the last cluster needed. So an address that is named twice has to be the same, and
credentials stay with the address that they stand beside: the key of one cluster is never tried on another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.client.address import is_same_address
from inferctl.client.file_connection import line_of, place_of, shown_value
from inferctl.client.setting_sources import (
    COMMAND_LINE,
    CREDENTIALS,
    KNOWN_NAMES,
    SETTINGS_FILE,
    own_names,
    variables_layer,
)
from inferctl.errors import SettingsError
from inferctl.fix import advice, command, edit, flag
from inferctl.secrets.credential_names import opens_an_environment, opens_cluster

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.client.setting_sources import Layer, Names, Sourced
    from inferctl.diagnostics import Span
    from inferctl.fix import Fix


def check_belongs_together(
    chosen: Layer,
    environ: Mapping[str, str],
    environment: str,
    url_of_file: object,
    places: Mapping[str, Span],
) -> None:
    """Raises SettingsError for an address, or credentials, of another cluster than `environment` names.

    `url_of_file`: what the settings file says of it, or None; `places`: where its keys stand.
    """
    known = variables_layer(environ, KNOWN_NAMES)
    url, own = chosen["url"], own_names(environment)
    if url_of_file is not None and not is_same_address(str(url.value), str(url_of_file)):
        raise _two_addresses(url, str(url_of_file), environment, places)
    beside = known.get("url", url)
    is_of_another = not is_same_address(str(url.value), str(beside.value))
    unchecked = chosen.get("insecure")
    if is_of_another and unchecked is not None and unchecked.source in KNOWN_NAMES.insecure:
        what = f"{unchecked.source} is for the address of {beside.source}, and that of {environment} is another one"
        raise _not_sent(what, advice(f"unset {unchecked.source}"))
    credentials = next((chosen[name] for name in CREDENTIALS if name in chosen), None)
    if credentials is None:
        return
    if url_of_file is None and _is_own_of_nobodys(credentials, url, own):
        what = f"{credentials.source} is not sent to the address of {url.source}, which may be of another environment"
        shown = shown_value(url.value, "https://…")
        raise _not_sent(what, command(f"export {own.url[0]}={shown}"))
    if credentials.source in KNOWN_NAMES.all and is_of_another:
        what = f"{credentials.source} is for the address of {beside.source}, and that of {environment} is another one"
        raise _not_sent(what, _export_own(credentials, environment))


def check_among_several(
    chosen: Layer, environ: Mapping[str, str], environment: str, places: Mapping[str, Span], *, trusts_file: bool
) -> None:
    """Raises SettingsError where an environment of several has no variables of its own, and the shell has credentials.

    `trusts_file`: the operator names the hosts that a file may name. Without, an environment that a pull request adds
    would get the secrets of all endpoints, if not the key of a cluster.
    """
    if any(name in chosen for name in CREDENTIALS):
        return
    known = variables_layer(environ, KNOWN_NAMES)
    unused = next((known[name] for name in CREDENTIALS if name in known), None)
    if unused is not None:
        what = f"{unused.source} is of no environment, and several are meant"
        raise _not_sent(f"environment {environment}: {what}", _export_own(unused, environment))
    others = sorted(name for name, text in environ.items() if _opens_any(name) and text.strip())
    if others and chosen["url"].source == SETTINGS_FILE and not trusts_file:
        what = f"{place_of('url', places)} is not used without credentials beside those of others ({others[0]})"
        shown = shown_value(chosen["url"].value, "https://…")
        again = command(f"export {own_names(environment).url[0]}={shown}")
        raise _not_sent(f"environment {environment}: {what}", again)


def _opens_any(variable: str) -> bool:
    return opens_cluster(variable) or opens_an_environment(variable)


def _is_own_of_nobodys(credentials: Sourced, url: Sourced, own: Names) -> bool:
    return credentials.source in own.all and url.source in KNOWN_NAMES.all


def check_safe_connection(
    environment: str, given_by: Mapping[str, str], *, insecure: bool, unencrypted_host: str
) -> None:
    """Raises SettingsError for a connection to production that anybody on the way can read.

    `given_by` says where each setting came from, by name.
    """
    if insecure:
        what = f"its certificate has to be checked, and {given_by.get('insecure', 'the program')} says not to"
    elif unencrypted_host:
        what = f"{given_by.get('url', 'the program')} names http://{unencrypted_host}, which is not encrypted"
    else:
        return
    raise SettingsError(f"{environment} is for production: {what}", code="settings.production").with_fixes(
        advice("use https, with --ca-certs or --ca-fingerprint for a CA of your own")
    )


def _two_addresses(url: Sourced, url_of_file: str, environment: str, places: Mapping[str, Span]) -> SettingsError:
    named = "--url" if url.source == COMMAND_LINE else url.source
    here, there = shown_value(url.value, "https://…"), shown_value(url_of_file, "https://…")
    what = (
        f"environment {environment}: two addresses: {here} of {named}, and {there} of {line_of('url', places)}\n"
        "they have to be the same, so that no key and no write reaches the cluster of another environment"
    )
    again = (
        flag(f"--url {there}")
        if url.source == COMMAND_LINE
        else command(f"export {own_names(environment).url[0]}={there}")
    )
    file = places["url"].file if "url" in places else ""
    return SettingsError(what, code="settings.two-addresses").with_fixes(again, edit(f'url: "{url.value}"', file))


def _not_sent(what: str, fix: Fix) -> SettingsError:
    """For credentials that may be for another cluster."""
    return SettingsError(what, code="settings.other-credentials").with_fixes(fix)


def _export_own(found: Sourced, environment: str) -> Fix:
    """The same kind of credentials, under the names of the environment."""
    own = own_names(environment)
    variables: tuple[str, ...] = own.basic[0]
    if found.source in KNOWN_NAMES.bearer_auth:
        variables = own.bearer_auth
    elif found.source in KNOWN_NAMES.api_key:
        variables = own.api_key
    return command("export " + " ".join(f"{variable}=…" for variable in variables))
