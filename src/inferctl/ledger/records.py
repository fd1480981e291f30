"""The documents of the ledger as values that pydantic reads: ownership, lock, run, salt. Pure.

Endpoint ids start with a letter or a digit and hold no colon (docs/reference/server/create.md#the-id), so the ids of
locks and runs can never meet one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import field, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    StrictBool,
    StrictInt,
    TypeAdapter,
    ValidationError,
)
from pydantic.dataclasses import dataclass

from inferctl.client.privileges import LEDGER_INDEX
from inferctl.errors import LedgerError
from inferctl.json_types import Json  # noqa: TC001  pydantic reads the annotations
from inferctl.model.ids import REGION_POLICY, is_id
from inferctl.planner.field_change import ABSENT, Absent
from inferctl.planner.ownership import Owned
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

INDEX = LEDGER_INDEX
FORMAT = 1
SALT_ID = "salt:fingerprints"
_LONGEST_TTL_S = 86_400.0
_OF_ENVIRONMENT = ("environment", "address", "address_from", "cluster_name", "cluster_uuid")  # of a run
_CONFIG = ConfigDict(hide_input_in_errors=True, defer_build=True)
_T = TypeVar("_T", bound="DataclassInstance")


@plain(frozen=True, slots=True, eq=False)
class Indexed:
    """How the index holds a field, in the words of a mapping."""

    mapping: Mapping[str, Any]


_WORD = Indexed({"type": "keyword", "ignore_above": 512})
_KEPT = Indexed({"type": "object", "enabled": False})  # stored, never indexed: any shape, no mapping explosion
Word: TypeAlias = Annotated[str, _WORD]
Moment: TypeAlias = Annotated[str, Indexed({"type": "date"})]
# A lock that never dies, or is dead at once, is no lock of ours.
TimeToLive: TypeAlias = Annotated[float, Strict(), Field(gt=0, le=_LONGEST_TTL_S, allow_inf_nan=False)]


def _secret(value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return Secret(value)


def _steps(value: object) -> object:
    """The steps of a run are kept by endpoint id."""
    if not isinstance(value, Mapping):
        return value
    return [
        {**step, "inference_id": name} if isinstance(step, Mapping) else step for name, step in sorted(value.items())
    ]


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Holder:
    """Who holds a lock. `beats` makes each heartbeat another document, `ttl_s` is the holder's own."""

    run: Word
    who: str
    ttl_s: TimeToLive
    run_url: str = ""
    since: str = ""
    beats: StrictInt = 0

    def __str__(self) -> str:
        link = f" ({self.run_url})" if self.run_url else ""
        since = f", since {self.since}" if self.since else ""
        return f"{self.who}{link}, run {self.run}{since}"


@dataclass(frozen=True, slots=True, config=_CONFIG)
class FieldRecord:
    """A setting that a step was to change. `before` and `after` are ABSENT where it is not there.

    Of a `secret` they are the first digits of its fingerprint, empty where that is not known: never its value.
    """

    path: str
    before: Json | Absent = ABSENT
    after: Json | Absent = ABSENT
    secret: StrictBool = False


@dataclass(frozen=True, slots=True, config=_CONFIG)
class StepRecord:
    """What a run did to one endpoint: the action, how it ended, one sentence, the settings.

    `left_out` is how many more settings there were: a run keeps a bounded number of them.
    """

    inference_id: str
    action: str
    result: str
    detail: str = ""
    fields: tuple[FieldRecord, ...] = ()
    left_out: StrictInt = 0


@dataclass(frozen=True, slots=True, config=_CONFIG)
class RunRecord:
    """One run: who, from which commit, what was planned, what came of it.

    `exit_code` None: it has not ended, or died. Times are ISO 8601, UTC. With an environment: which one, what
    the cluster was, and where it was asked.
    """

    run: Word
    scope: Word
    command: str
    who: str
    started_at: Moment
    commit: str = ""
    run_url: str = ""
    ended_at: str = ""
    exit_code: StrictInt | None = None
    planned: Mapping[str, str] = field(default_factory=dict)
    results: Annotated[tuple[StepRecord, ...], BeforeValidator(_steps), _KEPT] = ()
    environment: str = ""
    address: str = ""
    address_from: str = ""
    cluster_name: str = ""
    cluster_uuid: str = ""


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Salt:
    """The key of the fingerprints where the operator gives none: one per ledger, written once, never changed."""

    salt: Annotated[Secret, PlainValidator(_secret)]


@plain(frozen=True, slots=True)
class Stamp:
    """What stands beside `Owned` in the record of an endpoint: whose record it is, and the run that wrote it."""

    inference_id: Word
    run: Word


@plain(frozen=True, slots=True)
class Record:
    """One ownership document with the numbers that fence the next write of it."""

    inference_id: str
    owned: Owned
    seq_no: int
    primary_term: int


def _mappings() -> dict[str, Any]:
    """Objects are kept; of the rest only what is marked is indexed."""
    properties = {"kind": _WORD.mapping, "format": {"type": "integer"}}
    for model in (Stamp, Owned, Holder, RunRecord):
        for name, hint in get_type_hints(model, include_extras=True).items():
            marks = [_KEPT] if get_origin(hint) is Mapping else get_args(hint)
            for mark in marks:
                if isinstance(mark, Indexed):
                    properties[name] = mark.mapping
    return {"dynamic": False, "properties": properties}


MAPPINGS = _mappings()


def index_body(*, serverless: bool) -> dict[str, Any]:
    """What `PUT /inferctl-ledger` sends: hidden, explicit mappings; the platform sizes it on Serverless."""
    settings: dict[str, Any] = {"index": {"hidden": True}}
    if not serverless:
        settings["index"] |= {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
    return {"settings": settings, "mappings": MAPPINGS}


def lock_id(scope: str) -> str:
    """One lock per scope."""
    return f"lock:{scope}"


def run_id_of(scope: str, run: str) -> str:
    """The document id of a run."""
    return f"run:{scope}:{run}"


def ownership_document(inference_id: str, owned: Owned, *, run: str) -> dict[str, Json]:
    """The document whose `_id` is the endpoint id: two scopes can never own one endpoint."""
    unwell = None if owned.unwell is None else _values(owned.unwell)
    return _document("ownership", Stamp(inference_id, run), owned) | {
        "protect": sorted(owned.protect),
        "unwell": unwell,
    }


def lock_document(scope: str, holder: Holder) -> dict[str, Json]:
    """The document of a held lock."""
    return _document("lock", holder) | {"scope": scope}


def run_document(record: RunRecord) -> dict[str, Json]:
    """Written at the start of an apply and again at its end. `inference_id` are all that it is about, for searches."""
    steps = {step.inference_id: _step(step) for step in record.results}
    about: list[Json] = [*sorted({*record.planned, *steps})]
    document = _document("run", record) | {"results": steps, "inference_id": about}
    return {name: value for name, value in document.items() if value or name not in _OF_ENVIRONMENT}


def _step(step: StepRecord) -> dict[str, Json]:
    """Without what says nothing: a run may have very many."""
    said: dict[str, Json] = {"action": step.action, "result": step.result, "detail": step.detail}
    said |= {"fields": [_field(kept) for kept in step.fields]} if step.fields else {}
    return said | ({"left_out": step.left_out} if step.left_out else {})


def _field(kept: FieldRecord) -> dict[str, Json]:
    sides = (("before", kept.before), ("after", kept.after))
    said: dict[str, Json] = {"path": kept.path}
    said |= {side: value for side, value in sides if not isinstance(value, Absent)}
    return said | ({"secret": True} if kept.secret else {})


def salt_document(salt: Secret) -> dict[str, Json | Secret]:
    """Whoever sends it reveals it."""
    return {**_document("salt"), **_values(Salt(salt))}


def _document(kind: str, *parts: DataclassInstance) -> dict[str, Json]:
    document: dict[str, Json] = {"kind": kind, "format": FORMAT}
    for part in parts:
        document |= _values(part)
    return document


def _values(part: DataclassInstance) -> dict[str, Any]:
    return {name: getattr(part, name) for name in _names(type(part))}


@cache
def _names(model: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(known.name for known in fields(model))


def read_ownership(document_id: str, source: Mapping[str, Any], *, seq_no: int, primary_term: int) -> Record:
    """The record in a document. Raises LedgerError for one that this version cannot read."""
    check_format(document_id, source, "ownership")
    if not can_own(document_id) or source.get("inference_id") != document_id:
        raise _damaged(document_id, "inference_id")
    owned = _read(Owned, document_id, source, may_miss={"unwell"})
    return Record(document_id, owned, seq_no, primary_term)


def can_own(name: str) -> bool:
    """Whether a record may be of this: an endpoint, or the region policy of the cluster."""
    return name == REGION_POLICY or is_id(name)


def read_lock(document_id: str, source: Mapping[str, Any]) -> Holder:
    """Raises LedgerError for a document that is no lock."""
    check_format(document_id, source, "lock")
    return _read(Holder, document_id, source, may_miss={"run_url", "since"})


def read_run(document_id: str, source: Mapping[str, Any]) -> RunRecord:
    """Raises LedgerError for a document that is no run."""
    check_format(document_id, source, "run")
    return _read(RunRecord, document_id, source, may_miss={"commit", "run_url", "ended_at", *_OF_ENVIRONMENT})


def read_salt(document_id: str, source: Mapping[str, Any]) -> Secret:
    """Raises LedgerError for a document that holds no salt."""
    check_format(document_id, source, "salt")
    return _read(Salt, document_id, source).salt


def check_format(document_id: str, source: Mapping[str, Any], kind: str) -> None:
    """Raises LedgerError for a document of another kind, or written by a newer inferctl."""
    found = source.get("format")
    if source.get("kind") != kind:
        raise _damaged(document_id, "kind")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise _damaged(document_id, "format")
    if is_newer(source):
        raise LedgerError(
            f"{INDEX}/{document_id} has format {found}, this inferctl knows {FORMAT}: "
            "use the newer inferctl that wrote it"
        )


def is_newer(source: Mapping[str, Any]) -> bool:
    """Whether a newer inferctl wrote the document."""
    found = source.get("format")
    return isinstance(found, int) and not isinstance(found, bool) and found > FORMAT


@cache
def _reader(model: type[_T]) -> TypeAdapter[_T]:
    return TypeAdapter(model)


def _read(
    model: type[_T], document_id: str, source: Mapping[str, Any], *, may_miss: frozenset[str] | set[str] = frozenset()
) -> _T:
    """A default is for whoever makes a value; in a document a missing field is damage. Unknown ones are left out."""
    wrong = [name for name in _names(model) if name not in source and name not in may_miss]
    reader: TypeAdapter[_T] = _reader(model)
    if not wrong:
        try:
            return reader.validate_python(source)
        except ValidationError as problem:
            wrong = list(dict.fromkeys(str(error["loc"][0]) for error in problem.errors(include_input=False)))
    # Out here, so that nothing of the document hangs on the error.
    raise _damaged(document_id, *wrong)


def _damaged(document_id: str, *wrong: str) -> LedgerError:
    return LedgerError(f"{INDEX}/{document_id} is no ledger document (wrong or missing: {', '.join(wrong)})")
