"""What `connection:` of the settings file may say of a cluster that is reached with the operator's credentials. Pure.

A pull request can change that file. So credentials from outside of it go only to an address from outside of it, or to
a host that the operator names; and whom to trust it says only of the address that it names itself, where no credentials
go. What does not count is an error, never passed over: a run with another trust than the file says would surprise too.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from inferctl.client.setting_sources import CREDENTIALS, SETTINGS_FILE, TRUST, names_that_count
from inferctl.errors import SettingsError
from inferctl.fix import advice, command, flag
from inferctl.operator_bounds.hosts import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inferctl.client.setting_sources import Layer, Sourced
    from inferctl.diagnostics import Span
    from inferctl.operator_bounds.hosts import TrustedHosts

# What says the same from outside of the file, beside a variable: a flag, and what stands for what is not shown.
_OUTSIDE = {
    "url": ("--url", "https://…"),
    "ca_certs": ("--ca-certs", "…"),
    "ca_fingerprint": ("--ca-fingerprint", "…"),
    "insecure": ("--insecure", "true"),
}
_LONGEST_SHOWN = 300


def check_file(
    chosen: Layer, places: Mapping[str, Span], hosts: TrustedHosts, environment: str = "", *, by_flag: bool = True
) -> None:
    """Raises SettingsError for an address or a trust that the settings file may not give, with what to type instead.

    `places` says where its keys stand. Where the operator bounds `hosts`, they name that of the URL. What is to be
    typed are variables of the `environment`, if there is one, and `by_flag` flags as well.
    """
    operator_names_hosts = hosts.are_bound
    credentials = next((chosen[name] for name in reversed(CREDENTIALS) if _is_outside(chosen.get(name))), None)
    url_of_file = chosen["url"].source == SETTINGS_FILE
    is_url_refused = url_of_file and credentials is not None and not operator_names_hosts
    trust: list[str] = []
    if not url_of_file or credentials is not None or operator_names_hosts:
        trust = [name for name in TRUST if _weakens(chosen.get(name))]
    if not is_url_refused and not trust:
        return
    refused = ["url", *trust] if is_url_refused else trust
    lines = []
    if is_url_refused and credentials is not None:
        what = f"{credentials.source} is not sent to {place_of('url', places)}"
        lines.append(f"{what}: a pull request can change that file, so the address has to come from elsewhere")
    if trust:
        where = " and ".join(place_of(name, places) for name in trust)
        lines.append(f"{where} is not taken: {_why_no_trust(chosen, hosts)}")
    fixes = [command("export " + " ".join(_assignments(refused, chosen, environment)))]
    fixes += [flag(" ".join(_flags(refused, chosen)))] if by_flag else []
    if not trust:
        url = str(chosen["url"].value)
        if url.lower().startswith("https:"):  # where hosts are bound, a file may name no other
            fixes.append(advice(f"the operator adds {host_of(url)} and the hosts of all providers to {hosts.said_by}"))
    elif not is_url_refused:
        fixes.append(advice("or remove it"))
    raise SettingsError("\n".join(lines)).with_fixes(*fixes)


def _is_outside(value: Sourced | None) -> bool:
    return value is not None and value.source != SETTINGS_FILE


def _weakens(value: Sourced | None) -> bool:
    return value is not None and value.source == SETTINGS_FILE and value.value is not False


def _why_no_trust(chosen: Layer, hosts: TrustedHosts) -> str:
    if chosen["url"].source != SETTINGS_FILE:
        return f"the address comes from {chosen['url'].source}, and so must whom to trust"
    if hosts.are_bound:
        return f"with {hosts.said_by} a host must prove that it is the one, and not by a file of the repository"
    return "whom to trust has to come from where the credentials come from"


def place_of(name: str, places: Mapping[str, Span]) -> str:
    """`ca_certs of inferctl.yaml:6`; `name` is the setting's."""
    return f"{'the address' if name == 'url' else name} of {line_of(name, places)}"


def line_of(name: str, places: Mapping[str, Span]) -> str:
    """`inferctl.yaml:6`."""
    span = places.get(name)
    return SETTINGS_FILE if span is None else f"{span.file}:{span.line}"


def _assignments(names: list[str], chosen: Layer, environment: str) -> Iterator[str]:
    variables = names_that_count(environment)[0]._asdict()
    for name in names:
        _, unshown = _OUTSIDE[name]
        yield f"{variables[name][0]}={shown_value(chosen[name].value, unshown)}"


def _flags(names: list[str], chosen: Layer) -> Iterator[str]:
    for name in names:
        option, unshown = _OUTSIDE[name]
        yield option if name == "insecure" else f"{option} {shown_value(chosen[name].value, unshown)}"


def shown_value(value: object, unshown: str) -> str:
    """As a shell takes it; `unshown` where it is not fit to be shown."""
    text = "true" if value is True else str(value)
    return shlex.quote(text) if text.isprintable() and len(text) <= _LONGEST_SHOWN else unshown
