"""What files may say, bounded by the operator outside the repository: names of secrets, and hosts.

Checked when files are read, so that nothing is resolved and nothing is sent for a file that is out of bounds.

A host is what a field of a page names whose name or description says URL or host. Of a field that no page knows, every
text that has the shape of a URL counts, and every text under such a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity
from inferctl.model.services.names import PARTS
from inferctl.secrets.reference import references_in
from inferctl.secrets.resolve import Bounds
from inferctl.secrets.trust import HOSTS_VARIABLE, TrustedHosts
from inferctl.syntax.finding import Finding, locate, show_lines
from inferctl.syntax.locate import Locator

if TYPE_CHECKING:
    from inferctl.json_types import Json, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.services.setting import Setting
    from inferctl.workspace.endpoint_file import Declared


def out_of_bounds(declared: Sequence[Declared], environ: Mapping[str, str]) -> list[Diagnostic]:
    """A diagnostic at every reference and every address that the operator does not allow."""
    bounds, hosts = Bounds.from_environment(environ), TrustedHosts.from_environment(environ)
    diagnostics: list[Diagnostic] = []
    for one in declared:
        findings = [*_secrets(one.endpoint, bounds), *_hosts(one.endpoint, hosts)]
        if findings:
            locator = Locator(one.source)
            located = [locate(locator, one.document, one.base, finding) for finding in findings]
            diagnostics += show_lines(located, one.source)
    return diagnostics


def _secrets(endpoint: DesiredEndpoint, bounds: Bounds) -> Iterator[Finding]:
    why = "a pull request could read any variable of the job otherwise; the operator says which ones files may name"
    for path, reference in references_in(endpoint.service_settings, endpoint.secrets).items():
        problem = bounds.denies(reference)
        if problem is not None:
            yield Finding(path, problem.code, problem.what, why, problem.fix)


def _hosts(endpoint: DesiredEndpoint, hosts: TrustedHosts) -> Iterator[Finding]:
    if hosts.globs is None:
        return
    why = "a pull request could send a key to any host otherwise; the operator says which ones are trusted"
    for path, text, is_url in addresses(endpoint):
        problem = hosts.refuses_url(text) if is_url else hosts.refuses_host(text)
        if problem:
            yield Finding(path, "host.untrusted", f"{path[-1]} is not trusted: {problem}", why,
                          f"the operator adds the host to {HOSTS_VARIABLE}")  # fmt: skip


def refused(endpoints: Sequence[DesiredEndpoint], environ: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """The same for endpoints that come from no file of this run: each is named, and there is no line to show."""
    bounds, hosts = Bounds.from_environment(environ), TrustedHosts.from_environment(environ)
    return tuple(
        Diagnostic(Severity.ERROR, finding.code, f"{endpoint.inference_id}: {finding.what}", endpoint.span,
                   finding.why, finding.fix)
        for endpoint in endpoints
        for finding in (*_secrets(endpoint, bounds), *_hosts(endpoint, hosts))
    )  # fmt: skip


_URL_WORDS = frozenset({"url", "uri"})
_HOST_WORDS = frozenset({"host"})
# Of a field that nobody knows: what it may be called, where its value has a dot, a port or two slashes as a host has.
_MAYBE_HOST_WORDS = _HOST_WORDS | {"hostname", "endpoint", "address", "domain", "server", "proxy", "origin"}


def addresses(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, str, bool]]:
    """Path, text, and whether the text is a URL (else a host without a scheme)."""
    page = endpoint.page
    for part in PARTS:
        facts = page.fields(part, endpoint.task_type) if page is not None else {}
        by_name = {name: fact for own, fact in facts.items() for name in (own, *fact.aliases)}
        settings: Mapping[str, Json] = getattr(endpoint, part)
        for name, value in settings.items():
            fact = by_name.get(name)
            if fact is None:
                yield from _unknown((part, name), name, value)
            elif is_address(name, fact) and isinstance(value, str):
                yield (part, name), value, name not in _HOST_WORDS


def is_address(name: str, fact: Setting) -> bool:
    """Whether a field of a page names a host."""
    return name.rpartition("_")[2] in _URL_WORDS | _HOST_WORDS or "URL" in fact.description.split()


def _is_host_like(text: str) -> bool:
    return text.startswith("//") or not {".", ":"}.isdisjoint(text.partition("/")[0])


def _unknown(path: Path, name: str, value: Json) -> Iterator[tuple[Path, str, bool]]:
    if isinstance(value, str):
        word = name.lower().rpartition("_")[2]
        if "://" in value or word in _URL_WORDS:
            yield path, value, True
        elif word in _HOST_WORDS or (word in _MAYBE_HOST_WORDS and _is_host_like(value)):
            yield path, value.removeprefix("//"), False
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unknown((*path, key), key, inner)
    elif isinstance(value, Sequence):
        for position, inner in enumerate(value):
            yield from _unknown((*path, position), name, inner)
