"""What an answer to a request says was done, and whether the request may be sent again. Pure.

A write is done where the server says yes and shows what it made. It is not done where nothing was sent, or where
Elasticsearch itself refuses it with a 4xx. **Everything else is maybe done**: what stands between inferctl and the
cluster may pass a request on and answer for itself. So a 429 and a 503 are no "no", a redirect is none (Elasticsearch
sends no redirects), and a 404 page of a proxy does not say that an endpoint is absent.

An answer is Elasticsearch's own if it has the header `X-elastic-product: Elasticsearch` and, where it is an error, a
body in the server's form. A 401 and a 403 come without the header; there the form decides
(docs/reference/server/errors.md#product-header, errors.md#envelope, errors.md#plain-strings). So a 2xx without the
header is no yes: of an empty list in it nobody can say whose list it is. Nor is a 203, which a proxy says of an answer
that it changed, or a 206, which is a part of one.

That something is not there, only a 404 says that is about what was asked for: with the type that the server has for it,
and with its name. Every other 404 is an error.

A write that is maybe done is sent again at once only if doing it twice is the same as doing it once and the server
asks for it; else after a read that shows it was not done. Inference calls change nothing, and cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import unquote

from inferctl.client.request import Operation, Request, Response
from inferctl.errors import ConnectionFailed, TlsFailed, TransportError
from inferctl.json_types import object_of

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject


class Answer(Enum):
    """What can come of a request. Value: the words of the documentation."""

    YES = "2xx with the expected body"
    OTHER_YES = "2xx with another body, or without the product header"
    REFUSED = "4xx of Elasticsearch, none of the below"
    PROVIDER_LIMIT = "400 of Elasticsearch with the provider's limit as its cause"
    THROTTLED = "429"
    TIMED_OUT = "408, or an error with `timed_out`"
    UNAVAILABLE = "503, or a 404 about a shard that is not ready"
    GATEWAY = "502, 504"
    FAILED = "other 5xx"
    FOREIGN = "4xx that is not Elasticsearch's"
    REDIRECT = "3xx"
    LOST = "sent, no complete answer"
    UNSENT = "no connection"
    UNTRUSTED = "certificate not accepted"


class Done(Enum):
    """Whether the cluster has changed. Value: the word of the documentation."""

    YES = "done"
    NO = "not done"
    MAYBE = "maybe done"


class Again(Enum):
    """Whether the same request may be sent again. Value: the words of the documentation."""

    AT_ONCE = "yes"  # after the wait of the retry policy
    LATER = "later"  # when the provider's limit has passed
    AFTER_READ = "after a read"  # that shows it was not done
    NO = "no"  # it was done, the answer would be the same, or nobody can know


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from one answer to one kind of request."""

    done: Done
    again: Again


_DONE: Mapping[Answer, Done] = {
    **dict.fromkeys(Answer, Done.MAYBE),
    Answer.YES: Done.YES,
    Answer.REFUSED: Done.NO,
    Answer.PROVIDER_LIMIT: Done.NO,
    Answer.UNSENT: Done.NO,
    Answer.UNTRUSTED: Done.NO,
}
_AT_ONCE: Mapping[Operation, frozenset[Answer]] = {
    Operation.READ: frozenset(
        {Answer.THROTTLED, Answer.TIMED_OUT, Answer.UNAVAILABLE, Answer.GATEWAY, Answer.LOST, Answer.UNSENT}
    ),
    Operation.CREATE: frozenset({Answer.UNSENT}),
    Operation.UPDATE: frozenset({Answer.THROTTLED, Answer.UNAVAILABLE, Answer.UNSENT}),
    Operation.DELETE: frozenset({Answer.UNSENT}),
    Operation.INFERENCE: frozenset({Answer.THROTTLED, Answer.UNAVAILABLE, Answer.UNSENT}),
    Operation.DOCUMENT: frozenset({Answer.THROTTLED, Answer.UNSENT}),
}
# The server asks the provider before it stores anything (docs/reference/server/create.md#validation-call).
_LATER = frozenset({Operation.CREATE, Operation.UPDATE})
_CANNOT_BE_READ = frozenset({Operation.READ, Operation.INFERENCE})


def rule(operation: Operation, answer: Answer) -> Rule:
    """The table. A read is done or not, and leaves nothing behind."""
    done = _DONE[answer]
    if answer in _AT_ONCE[operation]:
        again = Again.AT_ONCE
    elif answer is Answer.PROVIDER_LIMIT and operation in _LATER:
        again = Again.LATER
    else:
        again = Again.AFTER_READ if done is Done.MAYBE and operation not in _CANNOT_BE_READ else Again.NO
    return Rule(Done.NO if operation is Operation.READ and done is Done.MAYBE else done, again)


def rule_for(request: Request, outcome: Response | TransportError) -> Rule:
    """The same for what came of `request`; whether a 2xx has the expected body, its reader has to say."""
    return rule(request.operation, answer_of(outcome))


def answer_of(outcome: Response | TransportError) -> Answer:
    """Which answer this is. A 2xx of Elasticsearch counts as the expected one."""
    if isinstance(outcome, TransportError):
        if isinstance(outcome, TlsFailed):
            return Answer.UNTRUSTED
        return Answer.UNSENT if isinstance(outcome, ConnectionFailed) else Answer.LOST
    status = outcome.status
    if outcome.is_success:
        return Answer.YES if outcome.is_elasticsearch and status in _SAYS_YES else Answer.OTHER_YES
    if status < 400:
        return Answer.REDIRECT
    if status == 408 or says_timed_out(outcome):
        return Answer.TIMED_OUT
    by_status = _BY_STATUS.get(status)
    if by_status is not None:
        return by_status
    if status >= 500:
        return Answer.FAILED
    if not is_genuine(outcome):
        return Answer.FOREIGN
    if _is_of_moving_shard(outcome):
        return Answer.UNAVAILABLE
    return Answer.PROVIDER_LIMIT if status == 400 and _is_providers_limit(outcome) else Answer.REFUSED


# The server has no other 2xx.
_SAYS_YES = (200, 201, 202)
_BY_STATUS: Mapping[int, Answer] = {
    429: Answer.THROTTLED,
    502: Answer.GATEWAY,
    503: Answer.UNAVAILABLE,
    504: Answer.GATEWAY,
}


def says_timed_out(response: Response) -> bool:
    """Whether the server gave up waiting; the work may go on (docs/reference/server/errors.md#envelope)."""
    in_header = response.headers.get("x-timed-out", "") == "?1"
    return in_header or object_of(object_of(_body(response)).get("error")).get("timed_out") is True


VALIDATION_CALL = "could not complete inference endpoint creation as validation call"
_PROVIDERS_LIMIT = re.compile(r"received a rate limit status code|status \[429\]")
_CAUSES = 10


def _is_providers_limit(response: Response) -> bool:
    """Whether the provider's 429 hides in the causes; after `Error message` come words that are not the server's."""
    error = object_of(object_of(_body(response)).get("error"))
    if VALIDATION_CALL not in str(error.get("reason", "")).lower():
        return False
    cause = error.get("caused_by")
    for _ in range(_CAUSES):
        if not isinstance(cause, Mapping):
            break
        if _PROVIDERS_LIMIT.search(str(cause.get("reason", "")).lower().partition("error message:")[0]):
            return True
        cause = cause.get("caused_by")
    return False


_OF_A_MOVING_SHARD = ("illegal_index_shard_state_exception", "shard_not_found_exception")


def _is_of_moving_shard(response: Response) -> bool:
    """Whether the index is there and its shard is about to be (docs/reference/server/errors.md#status-codes)."""
    body = _body(response)
    return response.status == 404 and isinstance(body, Mapping) and _type_of(body) in _OF_A_MOVING_SHARD


def is_genuine(response: Response) -> bool:
    """Whether an error answer is Elasticsearch's own, and not of what stands before it."""
    body = _body(response)
    if not isinstance(body, Mapping) or body.get("status", response.status) != response.status:
        return False
    refuses_access = response.status in (401, 403) and _type_of(body) in _REFUSES_ACCESS
    return refuses_access or response.is_elasticsearch


_REFUSES_ACCESS = ("security_exception", "cluster_block_exception")
_CLASS_NAME = re.compile(r"(?:Elasticsearch)?(\w+Exception)\[")


def _type_of(body: JsonObject) -> str:
    """The type of an error; of one without details the name of its class (docs/reference/server/errors.md#envelope)."""
    error = body.get("error")
    if isinstance(error, str):
        name = _CLASS_NAME.match(error)
        return re.sub(r"(?<!^)(?=[A-Z])", "_", name[1]).lower() if name else ""
    kind = object_of(error).get("type")
    return kind if isinstance(kind, str) else ""


REGION_POLICY_PATH = "/_inference/_region_policy"


@dataclass(frozen=True, slots=True)
class Absence:
    """How the server says that `what` is not there, in answer to one of `requests` (method and path).

    `words` are a part of its reason, where the type alone would not tell it from another absence.
    """

    what: str
    requests: re.Pattern[str]
    types: tuple[str, ...]
    words: str = ""


ABSENCES = (
    # Before 9.5 the same path names an endpoint, and the server misses that.
    Absence(
        "a region policy",
        re.compile(rf"(GET|DELETE) {REGION_POLICY_PATH}$"),
        ("resource_not_found_exception",),
        "region policy",
    ),
    Absence("an endpoint", re.compile(r"(GET|DELETE|POST) /_inference/"), ("resource_not_found_exception",)),
    Absence("an endpoint to be updated", re.compile(r"PUT /_inference/"), ("status_exception",)),
    Absence("a model, a deployment", re.compile(r"\w+ /_ml/"), ("resource_not_found_exception", "status_exception")),
    Absence(
        "a pipeline, a template",
        re.compile(r"GET /_(ingest|index_template|component_template)\b"),
        ("resource_not_found_exception", "index_template_missing_exception"),
    ),
    Absence("an index", re.compile(r"\w+ /(?P<index>[^_/][^/]*)/_\w+"), ("index_not_found_exception",)),
)
_DOCUMENT = re.compile(r"/[^_/][^/]*/_(?:doc|create)/(?P<id>[^/]+)")
_PIPELINES = "/_ingest/pipeline"
_ABSENT = ("_not_found_exception", "_missing_exception", "status_exception")


def says_absent(request: Request, response: Response) -> bool:
    """Whether Elasticsearch itself says that what `request` asks for is not there.

    A document is absent by its own form, and of pipelines that there are none is an empty object.
    """
    body = _body(response)
    if response.status != 404 or not isinstance(body, Mapping) or not is_genuine(response):
        return False
    if "error" not in body:
        document = _DOCUMENT.fullmatch(request.path)
        if document is None:
            return request.path == _PIPELINES and not body
        is_absent = body.get("found") is False or body.get("result") == "not_found"
        return is_absent and body.get("_id") == unquote(document["id"])
    kind = _type_of(body)
    for absence in ABSENCES:
        asked = absence.requests.match(f"{request.method} {request.path}")
        if asked is not None:
            index = unquote(asked.groupdict().get("index", ""))
            error = object_of(body["error"])
            says_it = absence.words in str(error.get("reason", "")).lower()
            return kind in absence.types and says_it and error.get("index", index) == index
    return kind.endswith(_ABSENT)


def _body(response: Response) -> Json:
    try:
        return response.json()
    except ValueError:
        return None
