"""Who uses an endpoint: the server is asked by a dry run, and our own scan reads what the server passes by.

Reads and dry runs only, at most four at once. A scan is six small reads, however many endpoints it is for:
`filter_path` leaves of each document only what names an endpoint or a pipeline. What the credentials may not
see is said, never taken for "nothing there".
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.client.privileges import privilege_of
from inferctl.errors import Forbidden, InvalidRequest, NotFound, UnexpectedAnswer
from inferctl.observe.pool import reads_at_once
from inferctl.planner.make_plan import sharers_of
from inferctl.planner.reference_search import SearchedDocuments, search_references
from inferctl.planner.references import Reference, References, UserKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import ThreadPoolExecutor

    from inferctl.client.sync import InferenceClient
    from inferctl.planner.plan import Observation

_ALL = "all"  # hidden and closed indexes too
_PIPELINES = "**.inference.model_id,**.pipeline.name"
_MAPPINGS = "*.mappings.**.inference_id,*.mappings.**.search_inference_id"
_SETTINGS = ("index.default_pipeline", "index.final_pipeline")
_INDEX_PRIVILEGE = privilege_of("mappings")
_NO_SUCH_ROUTE = ("no handler found for uri [", "Incorrect HTTP method for uri [")


@dataclass(frozen=True, slots=True)
class DocumentScan:
    """What one look at the cluster's documents found: uses by endpoint id, and what could not be looked at."""

    uses: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()


def find_references(
    client: InferenceClient, candidates: Mapping[str, str], observation: Observation
) -> dict[str, References]:
    """Both views of each candidate (id -> task type). Raises InferctlError for what is not a missing privilege.

    Endpoints on the same deployment come from `observation`.
    """
    with reads_at_once() as pool:
        reading = _begin(client, pool)
        answers = pool.map(lambda item: ask_server(client, *item), candidates.items())
        scan = _end(reading)
        return {
            inference_id: both_views(answer, scan, inference_id, sharers_of(observation, inference_id))
            for inference_id, answer in zip(candidates, answers, strict=True)
        }


def both_views(server: References, scan: DocumentScan, inference_id: str, sharers: Iterable[str] = ()) -> References:
    """The server's answer with what our scan knows of this endpoint."""
    sharing = (Reference(UserKind.ENDPOINT, sharer, "on its deployment") for sharer in sharers)
    uses = sorted((*scan.uses.get(inference_id, ()), *sharing), key=lambda use: use.order)
    return References(server.pipelines, server.indexes, tuple(uses), server.asked, scan.unseen)


def ask_server(client: InferenceClient, inference_id: str, task_type: str) -> References:
    """One dry run (docs/reference/server/delete.md#answers). Raises ApiError for what is neither forbidden nor gone.

    An answer without both lists is no answer: nobody may be taken for unreferenced by it.
    """
    try:
        answer = client.delete(inference_id=inference_id, task_type=task_type, dry_run=True)
    except NotFound:
        return References()
    except Forbidden:
        return References(asked=False)
    return References(_names(answer, "pipelines"), _names(answer, "indexes"))


class LateScan:
    """The scan of one run: made when the first removal needs it, then kept. For several threads."""

    def __init__(self, client: InferenceClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._scan: DocumentScan | None = None

    def __call__(self) -> DocumentScan:
        """Raises InferctlError; the next call then tries again."""
        with self._lock:
            if self._scan is None:
                self._scan = scan_documents(self._client)
            return self._scan


def scan_documents(client: InferenceClient) -> DocumentScan:
    """Look through pipelines, mappings, settings and templates once."""
    with reads_at_once() as pool:
        return _end(_begin(client, pool))


@dataclass(frozen=True, slots=True)
class _Source:
    """One read. `privilege` is the smallest that allows it."""

    name: str
    privilege: str
    read: Callable[[InferenceClient], dict[str, Any]]


def _templates(kind: str) -> str:
    part = f"{kind}s.{kind}.template"
    mapped = (f"{part}.mappings.**.{key}" for key in ("inference_id", "search_inference_id"))
    return ",".join((f"{kind}s.name", f"{part}.settings.index.*_pipeline", *mapped))


def _by_name(listed: Iterable[dict[str, Any]], kind: str) -> dict[str, Any]:
    users = {}
    for item in listed:
        body = item.get(kind)
        template = body.get("template") if isinstance(body, dict) else None
        if isinstance(item.get("name"), str) and isinstance(template, dict):
            users[item["name"]] = template
    return users


# `_field_caps?types=semantic_text` would be a cheap first question, but from 8.18 on a semantic_text field counts
# as `text` there and the answer is always "none" (docs/reference/references.md).
_SOURCES = {
    "pipelines": _Source(
        "pipelines", privilege_of("pipelines"), lambda client: client.pipelines(filter_path=_PIPELINES)
    ),
    "mappings": _Source(
        "mappings", _INDEX_PRIVILEGE, lambda client: client.mappings(expand_wildcards=_ALL, filter_path=_MAPPINGS)
    ),
    "settings": _Source(
        "index settings",
        _INDEX_PRIVILEGE,
        lambda client: client.index_settings(_SETTINGS, expand_wildcards=_ALL),
    ),
    "index_templates": _Source(
        "index templates",
        privilege_of("index templates"),
        lambda client: _by_name(client.index_templates(filter_path=_templates("index_template")), "index_template"),
    ),
    "component_templates": _Source(
        "component templates",
        privilege_of("component templates"),
        lambda client: _by_name(
            client.component_templates(filter_path=_templates("component_template")), "component_template"
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was asked for. Each gives a document, or says why not."""

    documents: Mapping[str, Any]  # Future[dict | str]
    indexes: Any  # Future[str]


def _begin(client: InferenceClient, pool: ThreadPoolExecutor) -> _Reading:
    documents = {part: pool.submit(_read, client, source) for part, source in _SOURCES.items()}
    return _Reading(documents, pool.submit(_hidden_indexes, client))


def _end(reading: _Reading) -> DocumentScan:
    answers = {part: future.result() for part, future in reading.documents.items()}
    unseen = [answer for answer in answers.values() if isinstance(answer, str)]
    if not isinstance(answers["mappings"], str) and not isinstance(answers["settings"], str):
        unseen += filter(None, [reading.indexes.result()])
    read = {part: answer for part, answer in answers.items() if not isinstance(answer, str)}
    return DocumentScan(search_references(SearchedDocuments(**read)), tuple(unseen))


def _read(client: InferenceClient, source: _Source) -> dict[str, Any] | str:
    try:
        return source.read(client)
    except Forbidden:
        return f"{source.name}: no privilege ({source.privilege})"


def _hidden_indexes(client: InferenceClient) -> str:
    """Why some indexes may be missing, or nothing: `*` names only those that the credentials may see.

    Source: docs/reference/server/errors.md#security.
    """
    try:
        held = client.has_privileges(index={"*": [_INDEX_PRIVILEGE]})
    except (InvalidRequest, NotFound, UnexpectedAnswer, Forbidden) as error:
        # Without security there is no such route, and everybody sees everything
        # (docs/reference/server/errors.md#plain-strings).
        if error.reason.startswith(_NO_SUCH_ROUTE):
            return ""
        return "indexes: whether these credentials see all of them is not known"
    return "" if held.has_all else f"indexes: only those that these credentials may see ({_INDEX_PRIVILEGE} on *)"


def _names(answer: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = answer.get(key)
    if not isinstance(names, list):
        raise UnexpectedAnswer(f"DELETE _inference?dry_run=true: the answer has no list of {key}")
    return tuple(sorted(str(name) for name in names))
