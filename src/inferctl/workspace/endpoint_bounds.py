"""What endpoint files may say, bounded by the operator outside the repository: ids, services, secrets, hosts.

Checked when files are read, so that nothing is resolved and nothing is sent for a file that is out of bounds.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity
from inferctl.model.addresses import addresses, schemes, unknown_texts, usual_hosts
from inferctl.operator_bounds.bounds import BOUNDS_VARIABLE, lets_http_by
from inferctl.secrets.reference import references_in
from inferctl.syntax.finding import Finding
from inferctl.workspace.run_bounds import of_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.json_types import Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.operator_bounds.hosts import TrustedHosts
    from inferctl.secrets.resolve import SecretBounds
    from inferctl.workspace.endpoint_file import Declared


def out_of_bounds(declared: Sequence[Declared], bounds: OperatorBounds) -> list[Diagnostic]:
    """A diagnostic at every reference and every address that the operator does not allow."""
    diagnostics: list[Diagnostic] = []
    for one in declared:
        diagnostics += one.places.show(_findings(one.endpoint, bounds))
    return diagnostics


def _findings(endpoint: DesiredEndpoint, bounds: OperatorBounds) -> Iterator[Finding]:
    yield from of_id(endpoint.inference_id, bounds)
    yield from _secrets(endpoint, bounds.secrets)
    unknown = [*_service(endpoint, bounds), *(_unknown_texts(endpoint, bounds) if endpoint.page is not None else ())]
    yield from unknown
    # Of what may not be there at all it is no news that it names a host.
    taken = {finding.path for finding in unknown}
    if endpoint.page is not None or ("passthrough",) not in taken:
        hosts = _hosts(endpoint, bounds.hosts)
        yield from (one for one in hosts if taken.isdisjoint(one.path[:size] for size in range(2, len(one.path) + 1)))


def _service(endpoint: DesiredEndpoint, bounds: OperatorBounds) -> Iterator[Finding]:
    name, why = endpoint.service, "the operator says which services files may use, and whether unchecked settings"
    if bounds.services is not None and not any(fnmatchcase(name, glob) for glob in bounds.services):
        where = bounds.named("services")
        yield Finding(("service",), "bounds.service", f"the service {name} is out of bounds: not among {where}",
                      why, advice=f"the operator adds {name} to {where}")  # fmt: skip
    if not endpoint.passthrough or bounds.passthrough:
        return
    if bounds.passthrough is False:
        what = f"passthrough: true is out of bounds: {bounds.named('passthrough')} is false"
    elif bounds.hosts.are_bound and endpoint.page is None:
        what = f"passthrough: true of the unknown service {name} is out of bounds: nobody can tell which hosts it names"
    else:
        return
    yield Finding(("passthrough",), "bounds.passthrough", what, why,
                  advice=f"the operator writes passthrough: true into {BOUNDS_VARIABLE}")  # fmt: skip


def _secrets(endpoint: DesiredEndpoint, bounds: SecretBounds) -> Iterator[Finding]:
    why = "a pull request could read any variable of the job otherwise; the operator says which ones files may name"
    for path, reference in references_in(endpoint.service_settings, endpoint.secrets).items():
        problem = bounds.denies(reference)
        if problem is not None:
            yield Finding(path, problem.code, problem.what, why, advice=problem.fix.text)


def _hosts(endpoint: DesiredEndpoint, hosts: TrustedHosts) -> Iterator[Finding]:
    if not hosts.are_bound and hosts.schemes is None:
        return
    for path, text, is_url in addresses(endpoint):
        scheme = text.partition(":")[0]
        problem = hosts.refuses_url(text) if is_url else hosts.refuses_host(text)
        if is_url and hosts.refuses_scheme(scheme):
            yield _scheme(path, scheme, hosts)
        elif problem:
            yield _host(path, _name(path), problem, hosts)
    for path, text in schemes(endpoint):
        if hosts.refuses_scheme(text):
            yield _scheme(path, text, hosts)
    for path, host in usual_hosts(endpoint):
        problem = hosts.refuses_host(host)
        if problem:
            yield _host(path, endpoint.service if path == ("service",) else _name(path), problem, hosts)


def _name(path: Path) -> str:
    """The nearest key."""
    return next(part for part in reversed(path) if isinstance(part, str))


def _host(path: Path, name: str, problem: str, hosts: TrustedHosts) -> Finding:
    why = "a pull request could send a key to any host otherwise; the operator says which ones are trusted"
    return Finding(path, "host.untrusted", f"{name} is not trusted: {problem}", why,
                   advice=f"the operator adds the host to {hosts.said_by}")  # fmt: skip


def _scheme(path: Path, scheme: str, hosts: TrustedHosts) -> Finding:
    problem = hosts.refuses_scheme(scheme)
    fix = lets_http_by(hosts) if scheme.lower() == "http" else "write it out: https:// and the host"
    why = "what is sent without encryption can be read on its way, and answered by others"
    return Finding(path, "bounds.scheme", f"{_name(path)} is not trusted: {problem}", why,
                   advice=fix)  # fmt: skip


def _unknown_texts(endpoint: DesiredEndpoint, bounds: OperatorBounds) -> Iterator[Finding]:
    """Texts that passthrough lets by: what no page knows could name a host, under any name."""
    if not endpoint.passthrough or bounds.passthrough is not None or not bounds.hosts.are_bound:
        return
    for path in unknown_texts(endpoint):
        what = f"{_name(path)} is no setting of {endpoint.service} that inferctl knows"
        yield Finding(path, "bounds.passthrough", what, "hosts are bound, and a text could name one",
                      advice=f"the operator writes passthrough: true into {BOUNDS_VARIABLE}")  # fmt: skip


def refused(endpoints: Sequence[DesiredEndpoint], bounds: OperatorBounds) -> tuple[Diagnostic, ...]:
    """The same for endpoints that come from no file of this run: each is named, and there is no line to show."""
    return tuple(
        Diagnostic(Severity.ERROR, finding.code, f"{endpoint.inference_id}: {finding.what}", endpoint.span,
                   finding.why, finding.fixes)
        for endpoint in endpoints
        for finding in _findings(endpoint, bounds)
    )  # fmt: skip
