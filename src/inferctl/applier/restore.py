"""The way back: after a delete whose create failed, the old settings under the old id.

What GET showed is told back in the words of PUT, as `export` does. Secrets are in no answer: they come from the file,
where it names the same fields of the same service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.events import Left, Result
from inferctl.applier.result import Next, WriteResult, endpoint_in, may_be_sent_again, no_endpoint, put_timeout
from inferctl.errors import AlreadyExists, ApiError, InferctlError
from inferctl.export.document import document_of
from inferctl.export.secrets import SecretField, secret_fields
from inferctl.json_types import canonical, path_text, value_at
from inferctl.planner.normalise import leaves, normalise_observed, shown_name
from inferctl.planner.readback import compare_after
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

    `result` is FAILED, since the file is not what is there, or UNKNOWN; DONE where the new one came after all, and
    `state` is a sentence of its own. `after`: the endpoint as last seen. `left`: None where somebody else's, or the new
    one, is there.
    """

    state: str
    left: Left | None = Left.DOWN
    result: Result = Result.FAILED
    after: ObservedEndpoint | None = None
    next: Next = Next.NOTHING


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
    except InferctlError as error:
        if error.may_have_happened or isinstance(error, AlreadyExists) or (in_cluster and isinstance(error, ApiError)):
            return look_for_old(writer, change, old, error)
        again = Next.SEND if may_be_sent_again(error) else Next.NOTHING
        return Restored(f"the old settings could not be restored, and {GONE}: {error}", next=again)
    return _compared(old, after, body)


def look_for_old(writer: Writer, change: Change, old: ObservedEndpoint, error: InferctlError) -> Restored:
    """What is there after a restore that is maybe done, or refused: the old one, the new one after all, another one."""
    maybe_done = error.may_have_happened or isinstance(error, AlreadyExists)
    after = writer.read_after(change, error, lambda seen: seen is not None or not maybe_done)
    if isinstance(after, WriteResult):
        text = f"whether the old settings are restored is not known: {after.detail}"
        return Restored(text, Left.MAYBE_DOWN, Result.UNKNOWN, next=Next.LOOK)
    if after is None:
        text = f"the old settings could not be restored, and {GONE}: {error}"
        return Restored(text, Left.DOWN, Result.UNKNOWN, next=Next.SEND) if maybe_done else Restored(text)
    if compare_after(change, None, after, serverless=writer.version.serverless).holds:
        return Restored("the new endpoint came after all; read back, it is as declared", None, Result.DONE, after)
    if isinstance(error, AlreadyExists) and _moved(old, after):
        text = "somebody else has made it meanwhile, and what is there now is theirs: plan again"
        return Restored(text, None, after=after)
    found = _compared(old, after, _body_of(old, change, writer))
    return Restored(f"{found.state}\nthe server also said: {error}", found.left, after=after)


def _moved(old: ObservedEndpoint, after: ObservedEndpoint) -> list[Path]:
    was, now = (dict(leaves(normalise_observed(one))) for one in (old, after))
    return [path for path in {**was, **now} if canonical(was.get(path, "")) != canonical(now.get(path, ""))]


def _compared(old: ObservedEndpoint, after: ObservedEndpoint, body: _Body) -> Restored:
    text = "the old settings are restored"
    if body.secrets:
        text += f", with the {'secret' if body.secrets == 1 else 'secrets'} of the file"
    moved = _moved(old, after)
    if moved:
        text += f"; it is not quite as it was: {', '.join(sorted(map(path_text, moved)))}"
    if old.runs_in_cluster:
        text += "; its model starts again"
    return Restored(text, Left.RESTORED, after=after)


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
