"""Why a step is not done: who said no, in whose words, and what a person can do about it. Pure.

The server asks the provider before it stores an endpoint, and passes its words on inside its own
(docs/reference/server/create.md#validation-call). Those few words are what somebody needs first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from inferctl.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    DeploymentTimeout,
    Forbidden,
    InvalidRequest,
    LicenceRefused,
    LimitedBy,
    NotTried,
    Referenced,
    TransportError,
    Unauthorised,
)
from inferctl.fix import Fix, advice, flag
from inferctl.json_types import path_text, value_at
from inferctl.model.fact_words import first_of
from inferctl.model.ids import REGION_POLICY, can_be_named
from inferctl.model.versions import SECRETS_KNOWN, may_refuse_secrets
from inferctl.planner.action import Action
from inferctl.planner.region_policy import PolicyChange
from inferctl.secrets.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.errors import InferctlError
    from inferctl.json_types import Path
    from inferctl.planner.change import Change

_STATUS = re.compile(r"\bstatus \[(\d{3})\]")
_MESSAGE = re.compile(r"Error message: \[(.*)\]\s*$", re.DOTALL)
_EXPLANATION = re.compile(r"allocation explanation \[(.*)\]\s*$", re.DOTALL)
_UNKNOWN_FIELD = re.compile(r"unknown field \[([^\]]*)\]")
_NO_SUCH_MODEL = "model id does not match any models available"
_NO_ROOM = ("no ML nodes with sufficient capacity", "not enough resources to provide", "not enough memory on node")
_NAMED = 10
_REFUSES_KEY = (401, 403)
# docs/reference/server/region-policy.md#enforced
_OUTSIDE_REGIONS = "not available in the allowed inference regions"


@dataclass(frozen=True, slots=True)
class Cause:
    """`code` is that of the error, `text` one sentence with the words of who said no.

    `fixes` are what a person does before the next run; none where nothing is known but to run again.
    """

    code: str
    text: str
    fixes: tuple[Fix, ...] = ()


def cause_of(error: InferctlError, change: Change) -> Cause:
    """What stands behind the error of this step. Its texts are free of secrets where those of the error are."""
    if isinstance(error, ApiError):
        text, fix = _asked_of_provider(error, change) or _in_the_cluster(error, change)
    elif isinstance(error, NotTried):
        text, fix = "the cluster does not answer any more, so it was not asked", ""
    elif isinstance(error, TransportError):
        text, fix = f"no answer of the cluster: {_first_line(error)}", ""
    else:
        text, fix = _first_line(error), ""
    return Cause(error.code, text, (*_names_denied(error, change), *((advice(fix),) if fix else ())))


def _asked_of_provider(error: ApiError, change: Change) -> tuple[str, str] | None:
    """Where the words of a provider are in the answer, what they mean."""
    texts = (error.reason, *error.causes)
    status = next((int(hit[1]) for text in texts if (hit := _STATUS.search(text))), None)
    if status is None:
        return None
    quoted = next((hit[1].strip() for text in texts if (hit := _MESSAGE.search(text))), "")
    service, words = change.service, f"{status}: {quoted}" if quoted else str(status)
    if _OUTSIDE_REGIONS in quoted:
        return (
            f"the region policy of the cluster denies its model ({words})",
            f"let the policy allow a place where it runs, or {_correct(change, 'model_id')}",
        )
    if status in _REFUSES_KEY:
        return f"{service} refuses the key ({words})", _better_key(change)
    if status == 429 or error.limited_by is LimitedBy.PROVIDER:
        return f"{service} takes no more calls now ({words})", f"wait until {service} takes calls again"
    if status == 404:
        return f"{service} knows no such model or address ({words})", _correct(change, "model_id or url")
    if status < 500:
        return f"{service} refuses the settings ({words})", _correct(change, "the settings")
    return f"{service} failed ({words})", f"wait until {service} is well again"


def _in_the_cluster(error: ApiError, change: Change) -> tuple[str, str]:
    """What the cluster itself says, and what helps."""
    if any(words in text for text in (error.reason, *error.causes) for words in _NO_ROOM):
        fix = "give the machine learning nodes more memory, or declare fewer num_allocations or num_threads"
        explained = _EXPLANATION.search(_reason(error))
        return f"no machine learning node has room for the model: {explained[1] if explained else _reason(error)}", fix
    if _NO_SUCH_MODEL in error.reason:
        fix = f"load it into the cluster with eland, or {_correct(change, 'model_id')}"
        return f"the cluster has no model {value_at(change.put_body or {}, ('service_settings', 'model_id'))}", fix
    return _not_allowed(error, change) or _not_now(error) or _not_so(error, change)


def _not_allowed(error: ApiError, change: Change) -> tuple[str, str] | None:
    if isinstance(error, LicenceRefused):
        text = "the licence of the cluster does not cover inference"
        return text, "give the cluster a licence that does (Enterprise, or a trial)"
    if isinstance(error, Forbidden):
        named = f"the privilege {error.privilege}" if error.privilege else f"a privilege: {error.reason}"
        return f"the user of this run lacks {named}", "give it the role that `inferctl roles apply` prints"
    if isinstance(error, Unauthorised):
        return "the cluster refuses the credentials of this run", "give this run credentials that the cluster takes"
    if isinstance(error, Referenced) and error.endpoints:
        denied = unnamed_denied(error, change) or error.endpoints
        fix = "let the policy allow more"
        if not _names_denied(error, change):
            fix = f"name those that it may deny, or {fix}"
        return f"it would deny endpoints in use: {first_of(denied)}", fix
    if isinstance(error, Referenced) and change.inference_id == REGION_POLICY:
        return error.reason, "let the policy allow more"
    if isinstance(error, Referenced):
        users = ", ".join((*error.pipelines, *error.indexes))
        text = f"it is used by {users}" if users else error.reason
        return text, f"look who uses it (inferctl refs {change.inference_id}), and remove these references"
    return None


def unnamed_denied(error: Referenced, change: Change) -> tuple[str, ...]:
    """The endpoints in use that a policy would deny, says the server, and that the operator has not named."""
    named = change.may_deny if isinstance(change, PolicyChange) else frozenset[str]()
    return tuple(one for one in error.endpoints if one not in named)


def _names_denied(error: InferctlError, change: Change) -> tuple[Fix, ...]:
    """The flags that name them, where so few flags can be typed. An id is the server's word, so it is quoted."""
    others = unnamed_denied(error, change) if isinstance(error, Referenced) else ()
    if not 0 < len(others) <= _NAMED or not all(map(can_be_named, others)):
        return ()
    return (flag(" ".join(f"--allow-deny {quote(one)}" for one in others)),)


def _not_now(error: ApiError) -> tuple[str, str] | None:
    """What may pass by itself."""
    if isinstance(error, AlreadyExists):
        return "somebody else has made it meanwhile", ""
    if isinstance(error, Conflict):
        return f"something else is at work on it: {error.reason}", ""
    if error.timed_out or isinstance(error, DeploymentTimeout):
        return f"the cluster did not wait any longer: {error.reason}", ""
    if error.limited_by is LimitedBy.CLUSTER:
        return f"the cluster takes no more requests now: {error.reason}", ""
    return None


def replace_instead(change: Change) -> str:
    """What to do where an update that was only tried did not do it."""
    return f"that an update does this is not proven: {_next_time(change)}"


def _next_time(change: Change) -> str:
    if change.record is not None or change.claims:
        return "the next plan replaces the endpoint instead"
    name = quote(change.inference_id)
    command = f"inferctl destroy --manage {name} --target {name}"
    return f"without a ledger the next plan tries it again, so delete the endpoint ({command}), then apply"


def unknown_secrets(error: InferctlError, change: Change) -> tuple[Path, ...]:
    """The secrets of an update that its service takes for unknown fields; none where it was refused for anything else.

    Source: docs/reference/server/versions.md#patch-releases.
    """
    if change.action is not Action.UPDATE or not isinstance(error, InvalidRequest):
        return ()
    if not may_refuse_secrets(change.terms.version):
        return ()
    names = {name for text in (error.reason, *error.causes) for name in _UNKNOWN_FIELD.findall(text)}
    return tuple(path for path in sorted(change.secrets, key=path_text) if not names.isdisjoint(map(str, path[1:])))


def secrets_refused(change: Change, paths: Iterable[Path]) -> str:
    """What it means that these secrets were refused as unknown fields."""
    keys = _and(dict.fromkeys(str(path[1]) for path in paths))
    return (
        f"{change.terms.version} refuses {keys} of {change.service} in an update, a fault of the server that "
        f"{SECRETS_KNOWN.text()} mends: {_next_time(change)}"
    )


def _not_so(error: ApiError, change: Change) -> tuple[str, str]:
    reason = _reason(error)
    if refused := unknown_secrets(error, change):
        return secrets_refused(change, refused), f"upgrade the cluster to {SECRETS_KNOWN.text()} or newer"
    if isinstance(error, InvalidRequest) and change.tried:
        return f"the cluster refuses it ({error.status}): {reason}; {replace_instead(change)}", ""
    if isinstance(error, InvalidRequest):
        return f"the cluster refuses it ({error.status}): {reason}", _correct(change, "the settings")
    return (f"the cluster failed ({error.status}): {reason}" if reason else _first_line(error)), ""


def _reason(error: ApiError) -> str:
    """The innermost words."""
    return error.causes[-1].partition(": ")[2] or error.causes[-1] if error.causes else error.reason


def _better_key(change: Change) -> str:
    """Where the key comes from that a provider refuses."""
    body = change.put_body or change.update_body or {}
    paths = change.secrets or change.secret_fields
    declared = body or (change.desired.body() if change.desired is not None else {})
    named = sorted({str(ref) for path in paths if (ref := parse_reference(value_at(declared, path)))})
    return f"put a key that {change.service} takes into {_and(named)}" if named else ""


def _correct(change: Change, what: str) -> str:
    place = change.span
    where = f"in {place.file}:{place.line}" if place is not None and place.line else "in its file"
    return f"correct {what} {where}"


def _and(names: Iterable[str]) -> str:
    return " and ".join(names)


def _first_line(error: InferctlError) -> str:
    return str(error).partition("\n")[0]
