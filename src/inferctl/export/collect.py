"""A whole cluster -> documents, each proven: read back as a file, it plans to nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Span
from inferctl.export.document import document_of
from inferctl.export.secrets import secret_fields, variable_names
from inferctl.export.text import document_text
from inferctl.json_types import canonical, path_text
from inferctl.model.ids import REGION_POLICY
from inferctl.model.read_endpoint import read_endpoint
from inferctl.planner.make_plan import make_plan
from inferctl.planner.normalise import shown_name
from inferctl.planner.ownership import is_reserved, matches
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions
from inferctl.planner.selectors import is_glob
from inferctl.syntax.parse import parse
from inferctl.syntax.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inferctl.export.document import ExportedFile
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version


@dataclass(frozen=True, slots=True)
class Selection:
    """Which endpoints: globs over ids, names of services, a task type. Empty means all."""

    target: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    task_type: str | None = None

    def takes(self, endpoint: ObservedEndpoint) -> bool:
        """Whether the endpoint is asked for. Ids that start with a dot are the server's own: never."""
        if is_reserved(endpoint.inference_id) or matches(endpoint.inference_id, self.exclude):
            return False
        if self.target and not matches(endpoint.inference_id, self.target):
            return False
        if self.task_type is not None and endpoint.task_type != self.task_type:
            return False
        return not self.services or endpoint.service in {shown_name(name) for name in self.services}

    @property
    def named(self) -> tuple[str, ...]:
        """The ids among the globs, to be read one by one. A region policy is read by another route, and no endpoint."""
        return tuple(glob for glob in self.target if not is_glob(glob) and glob != REGION_POLICY)


def documents_of(
    endpoints: Mapping[str, ObservedEndpoint], selection: Selection, capabilities: Capabilities
) -> tuple[ExportedFile, ...]:
    """The selected endpoints, sorted by id. Variables are named over the whole cluster, so that a selection does
    not change a name.
    """
    ours = [endpoints[i] for i in sorted(endpoints) if not is_reserved(i)]
    secrets = {e.inference_id: secret_fields(e, capabilities.version, capabilities.live) for e in ours}
    names = variable_names((i, field.path) for i, fields in secrets.items() for field in fields)
    made = [document_of(e, capabilities.version, secrets[e.inference_id], names) for e in ours if selection.takes(e)]
    return _proven(made, endpoints, capabilities)


def _proven(
    documents: Iterable[ExportedFile], endpoints: Mapping[str, ObservedEndpoint], capabilities: Capabilities
) -> tuple[ExportedFile, ...]:
    """The documents, with a problem where the text, read back, would change something."""
    read = [(document, None if document.problem else _read(document, capabilities.version)) for document in documents]
    desired = [endpoint for _, endpoint in read if endpoint is not None]
    plan = make_plan(DesiredSet(tuple(desired)), Observation(endpoints), capabilities, Permissions())
    different = {change.inference_id: [path_text(field.path) for field in change.fields] for change in plan.steps}
    return tuple(_judged(document, endpoint, different) for document, endpoint in read)


def _judged(document: ExportedFile, read: DesiredEndpoint | None, different: Mapping[str, list[str]]) -> ExportedFile:
    if document.problem:
        return document
    if read is None:
        return replace(document, problem="a YAML file cannot hold its values")
    fields = different.get(document.inference_id)
    return document if fields is None else replace(document, problem=f"its file would change it: {', '.join(fields)}")


def _read(document: ExportedFile, version: Version) -> DesiredEndpoint | None:
    """The endpoint that the text declares, if it declares exactly the values it was made of."""
    source = decode("export", document_text(document).encode("utf-8", "replace"))
    if isinstance(source, Diagnostic):
        return None
    parsed = parse(source)
    if parsed.diagnostics or len(parsed.documents) != 1:
        return None
    if canonical(parsed.documents[0].value) != canonical(document.value):
        return None
    return read_endpoint(parsed.documents[0].value, Span("export"), version).endpoint
