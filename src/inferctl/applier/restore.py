"""The way back: after a delete whose create failed, the old settings under the old id.

What GET showed is told back in the words of PUT, as `export` does. Secrets are in no answer: they come from the file,
where it names the same fields of the same service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.events import Result
from inferctl.applier.result import endpoint_in, no_endpoint, put_timeout
from inferctl.errors import AlreadyExists, InferctlError
from inferctl.export.document import document_of
from inferctl.export.secrets import SecretField, secret_fields
from inferctl.json_types import canonical, path_text, value_at
from inferctl.planner.normalise import leaves, normalise_observed, shown_name
from inferctl.secrets.reference import SecretRef, parse_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.applier.writer import Writer
    from inferctl.json_types import Path
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.secrets.secret import Secret

GONE = "nobody can use this id until the next apply creates it"
_NOT_SENT = ("inference_id", "task_type")


@dataclass(frozen=True, slots=True)
class Restored:
    """The state of the endpoint, in a sentence that goes on from "after the old one was deleted; ".

    `result` is FAILED, since the file is not what is there, or UNKNOWN. `after`: the endpoint as last seen.
    """

    state: str
    result: Result = Result.FAILED
    after: ObservedEndpoint | None = None


@dataclass(frozen=True, slots=True)
class _Body:
    """What to send, or the `problem` that keeps it from being sent. `secrets` counts those from the file."""

    value: Mapping[str, Any]
    secrets: int = 0
    problem: str = ""


def restore(writer: Writer, change: Change, old: ObservedEndpoint) -> Restored:
    """PUT the old settings, once, and compare what is there then with what was. Never raises."""
    body = _body_of(old, change, writer)
    if body.problem:
        return Restored(f"the old settings cannot be restored, {body.problem}: {GONE}")
    in_cluster = old.runs_in_cluster
    try:
        answer = writer.client.put(
            task_type=old.task_type,
            inference_id=old.inference_id,
            inference_config=body.value,
            timeout=put_timeout(change, in_cluster=in_cluster),
        )
        after = endpoint_in(answer, old.inference_id)
        if after is None:
            raise no_endpoint()
    except AlreadyExists:
        return Restored("somebody else has made it meanwhile, and what is there now is theirs: plan again")
    except InferctlError as error:
        if error.may_have_happened or in_cluster:
            return _after_lost(writer, change, old, body, error)
        return Restored(f"the old settings could not be restored, and {GONE}: {error}")
    return _compared(old, after, body)


def _after_lost(writer: Writer, change: Change, old: ObservedEndpoint, body: _Body, error: InferctlError) -> Restored:
    try:
        after = writer.read(change)
    except InferctlError as second:
        return Restored(f"whether the old settings are restored is not known: {error}\n{second}", Result.UNKNOWN)
    if after is None:
        return Restored(f"the old settings could not be restored, and {GONE}: {error}")
    found = _compared(old, after, body)
    return Restored(f"{found.state}\nthe server also said: {error}", after=after)


def _compared(old: ObservedEndpoint, after: ObservedEndpoint, body: _Body) -> Restored:
    text = "the old settings are restored"
    if body.secrets:
        text += f", with the {'secret' if body.secrets == 1 else 'secrets'} of the file"
    was, now = (dict(leaves(normalise_observed(one))) for one in (old, after))
    moved = [path for path in {**was, **now} if canonical(was.get(path, "")) != canonical(now.get(path, ""))]
    if moved:
        text += f"; it is not quite as it was: {', '.join(sorted(map(path_text, moved)))}"
    if old.runs_in_cluster:
        text += "; its model starts again"
    return Restored(text, after=after)


def _body_of(old: ObservedEndpoint, change: Change, writer: Writer) -> _Body:
    of_file = _secrets_of_the_file(change, writer.secrets)
    needed = secret_fields(old, writer.version, None)
    if old.service != shown_name(change.service):
        if needed:
            return _Body({}, problem=f"since the file has no secret of {old.service}")
        of_file = {}
    known = _may_be_secret(old, needed)
    of_file = {path: secret for path, secret in of_file.items() if known is None or path in known}
    lacking = sorted(path_text(field.path) for field in needed if not field.note and field.path not in of_file)
    if lacking:
        return _Body({}, problem=f"since the file has no secret for {', '.join(lacking)}")
    names = {(old.inference_id, path): f"SECRET_{number}" for number, path in enumerate(of_file)}
    document = document_of(old, writer.version, [SecretField(path) for path in of_file], names)
    if document.problem:
        return _Body({}, problem=document.problem)
    value = {key: part for key, part in document.value.items() if key not in (*_NOT_SENT, "passthrough")}
    secrets = {SecretRef("env", names[old.inference_id, path]): secret for path, secret in of_file.items()}
    return _Body(with_secrets(value, frozenset(of_file), secrets), len(of_file))


def _secrets_of_the_file(change: Change, secrets: Mapping[SecretRef, Secret]) -> dict[Path, Secret]:
    resolved = {}
    for path in sorted(change.secrets, key=str):
        reference = parse_reference(value_at(change.put_body or {}, path))
        if reference is not None:
            resolved[path] = secrets[reference]
    return resolved


def _may_be_secret(old: ObservedEndpoint, needed: tuple[SecretField, ...]) -> frozenset[Path] | None:
    """Places where the old endpoint may have had a secret; None where nobody knows the service."""
    page = old.page
    if page is None:
        return None
    plain = {("service_settings", name) for name in page.secret_fields(old.task_type)}
    return frozenset(plain | {field.path for field in needed})
