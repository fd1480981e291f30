"""Endpoints of a run: from files, or written in Python. What is wrong with them is found before anything is sent."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.api.cluster import Cluster
from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.errors import InferctlError, InputError, UsageError
from inferctl.model.versions import NEWEST
from inferctl.operator_bounds.read import read_bounds
from inferctl.planner.plan import DesiredSet
from inferctl.workspace.desired import Loaded, checked_endpoints, load_with_settings
from inferctl.workspace.endpoint_bounds import refused
from inferctl.workspace.run_bounds import as_diagnostics, of_plan, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.endpoint import Endpoint
    from inferctl.model.versions import Version
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.plan import Permissions, Plan
    from inferctl.syntax.finding import Finding
    from inferctl.workspace.settings import Settings

# Findings that another version of the server may not have.
_BY_VERSION = ("field.", "rule.", "chunking.", "service.")
_IN_PYTHON = "<python>"


def load(
    *paths: str | PathLike[str],
    config: str | PathLike[str] | None = None,
    cluster: Cluster | None = None,
    environ: Mapping[str, str] | None = None,
    environment: str = "",
) -> Loaded:
    """The endpoints of files, folders and globs; warnings are among the answer's `diagnostics`.

    `config` is a settings file (`inferctl.yaml`); none is looked for. Without paths it says where the files are, and
    `environment` is one of those that it names. Where the newest server would refuse a file, the version of `cluster`
    decides. `environ` (the cluster's, else os.environ) names the operator's bounds. Raises InputError with the
    diagnostics of all files; UsageError for what is no path.
    """
    if cluster is not None and not isinstance(cluster, Cluster):
        raise UsageError(f"cluster is a Cluster, not {type(cluster).__name__}")
    if not isinstance(environment, str):
        raise UsageError(f"environment is the name of one, not {type(environment).__name__}")
    if cluster is not None and environ is None:
        bounds = cluster.bounds
    else:
        bounds = read_bounds(os.environ if environ is None else environ)
    read = partial(
        load_with_settings,
        [_path(path) for path in paths],
        Path.cwd() / _path(config) if config is not None else None,
        bounds=bounds,
        working_directory=Path.cwd(),
        today=datetime.now(UTC).date(),
        environment=environment,
    )
    if cluster is None:
        loaded = read()
    else:
        loaded = for_version(lambda version: read(version=version), lambda _settings: cluster.version())
    _raise_for(loaded.diagnostics)
    return loaded


def _path(path: object) -> str:
    name = os.fspath(path) if isinstance(path, str | PathLike) else None
    if not isinstance(name, str):
        raise UsageError(f"a path is a text or a Path, not {type(path).__name__}: load(*paths) takes several")
    if not name or "\0" in name:
        raise InputError("an empty path" if not name else "no file can have a name with a null character")
    return name


def for_version(read: Callable[[Version | None], Loaded], ask: Callable[[Settings], Version]) -> Loaded:
    """What `read` reads for the newest server; where that would refuse a file, for the version that `ask` answers.

    What was removed later, or became required later, is right for an older server.
    """
    loaded = read(None)
    errors = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.is_error]
    if not errors or not all(error.code.startswith(_BY_VERSION) for error in errors):
        return loaded
    try:
        version = ask(loaded.settings)
    except InferctlError:
        return loaded  # the cluster has no say: the newest server has
    return loaded if version == NEWEST else read(version)


def desired_set(endpoints: Loaded | Iterable[Endpoint], cluster: Cluster) -> DesiredSet:
    """What was read from files, and what is written in Python, as the whole set of what should be there.

    Raises InputError with every finding; RefusedByBounds where an endpoint is out of the operator's bounds.
    """
    if isinstance(endpoints, Loaded):
        files = replace(endpoints.desired, emptied=False)  # only the destroy command asks for an empty set
        desired = _with_python(files, endpoints.added, cluster) if endpoints.added else files
    else:
        desired = _with_python(DesiredSet(()), checked_endpoints(endpoints), cluster)
    check_bounds(desired, cluster.bounds)
    return desired


def _with_python(files: DesiredSet, endpoints: Sequence[Endpoint], cluster: Cluster) -> DesiredSet:
    """The endpoints of the files and those of Python, checked together. Paths only select among the files."""
    from inferctl.model.between_endpoints import check_together

    read: list[DesiredEndpoint] = []
    diagnostics: list[Diagnostic] = []
    for endpoint in endpoints:
        declared, findings = _read(endpoint, cluster)
        read += [declared] if declared is not None else []
        diagnostics += [_diagnostic(_name(endpoint), finding) for finding in findings]
    together = (*files.endpoints, *read)
    diagnostics += [
        _diagnostic(together[clash.index].inference_id, clash.finding)
        for clash in check_together(together)
        if max(clash.index, clash.other) >= len(files.endpoints)  # load has said what is between files
    ]
    _raise_for(diagnostics)
    for diagnostic in diagnostics:
        cluster.on_message(f"warning[{diagnostic.code}]: {diagnostic.what}")
    selected = files.selected
    if selected is not None:
        selected |= {endpoint.inference_id for endpoint in read}
    return replace(files, endpoints=tuple(sorted(together, key=lambda one: one.inference_id)), selected=selected)


def saved_work(made: Plan, asked: Permissions) -> Plan:
    """A plan that was made before, as the work of a run. Raises UsageError for permissions that would change it."""
    for flag, patterns in (
        ("--target", asked.target), ("--exclude", asked.exclude), ("--send-secrets", asked.send_secrets)
    ):  # fmt: skip
        if patterns:
            raise UsageError(f"{flag} would change what the saved plan does: give it to plan --out")
    return made


def beyond_bounds(made: Plan, bounds: OperatorBounds) -> tuple[Diagnostic, ...]:
    """What of a plan that was made before is out of the operator's bounds: what it declares, and what it does."""
    from inferctl.planner.file.recheck import desired_of

    where = made.file or _IN_PYTHON
    declared = (replace(one, span=Span(where)) for one in refused(desired_of(made).endpoints, bounds))
    return (*declared, *as_diagnostics(of_plan(made, bounds), where))


def check_bounds(desired: DesiredSet, bounds: OperatorBounds) -> None:
    """Raises RefusedByBounds where an endpoint exceeds what the operator allows."""
    refuse(refused(desired.endpoints, bounds))


def _read(endpoint: Endpoint, cluster: Cluster) -> tuple[DesiredEndpoint | None, Sequence[Finding]]:
    """An endpoint as a file would declare it. The class was checked against the newest server, or an older one."""
    from pydantic_core import PydanticSerializationError

    from inferctl.model.read_endpoint import read_endpoint

    try:
        # Warnings would print values; what they are about is found below.
        document = endpoint.model_dump(mode="json", exclude_unset=True, exclude_none=True, warnings=False)
    except PydanticSerializationError:  # its text can hold values
        document = None
    if document is None:
        raise InputError(f"{_name(endpoint)}: it holds values that were never checked: make it with Endpoint(...)")
    reading = read_endpoint(document, Span(_IN_PYTHON))
    if reading.endpoint is None:
        reading = read_endpoint(document, Span(_IN_PYTHON), cluster.version())
    return reading.endpoint, reading.findings


def _name(endpoint: Endpoint) -> str:
    """Its id; one that was made unchecked may have none."""
    return str(getattr(endpoint, "inference_id", "an endpoint without inference_id"))


def _diagnostic(inference_id: str, finding: Finding) -> Diagnostic:
    what = f"{inference_id}: {finding.what}"
    return Diagnostic(finding.severity, finding.code, what, Span(_IN_PYTHON), finding.why, finding.fixes)


def _raise_for(diagnostics: Sequence[Diagnostic]) -> None:
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
    if errors:
        from inferctl.report.sentences import counted

        first = f"{errors[0].span}: error[{errors[0].code}]: {errors[0].what}"
        what = f"{counted(len(errors), 'error')} in the endpoints: nothing was sent"
        raise InputError(f"{what}\n{first}", tuple(diagnostics))
