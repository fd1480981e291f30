"""The documents of the ledger as values: ownership, lock, run, salt. Pure.

Endpoint ids start with a letter or a digit and hold no colon (inference-api.md 3.2), so the ids of locks and runs
can never meet one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.errors import LedgerError
from inferctl.model.ids import is_id
from inferctl.model.privileges import LEDGER_INDEX
from inferctl.plan.ownership import Owned
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

INDEX = LEDGER_INDEX
FORMAT = 1
_LONGEST_TTL_S = 86_400.0

_KEYWORD = {"type": "keyword", "ignore_above": 512}
_KEPT = {"type": "object", "enabled": False}  # stored, never indexed: any shape, no mapping explosion
MAPPINGS: dict[str, Any] = {
    "dynamic": False,
    "properties": {
        "kind": _KEYWORD,
        "format": {"type": "integer"},
        "scope": _KEYWORD,
        "inference_id": _KEYWORD,
        "run": _KEYWORD,
        "started_at": {"type": "date"},
        "declared": _KEPT,
        "secrets": _KEPT,
        "results": _KEPT,
        "planned": _KEPT,
    },
}


def index_body(*, serverless: bool) -> dict[str, Any]:
    """What `PUT /inferctl-ledger` sends: hidden, explicit mappings; the platform sizes it on Serverless."""
    settings: dict[str, Any] = {"index": {"hidden": True}}
    if not serverless:
        settings["index"] |= {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
    return {"settings": settings, "mappings": MAPPINGS}


@dataclass(frozen=True, slots=True)
class Record:
    """One ownership document with the numbers that fence the next write of it."""

    inference_id: str
    owned: Owned
    seq_no: int
    primary_term: int


def ownership_document(inference_id: str, owned: Owned, *, run: str) -> dict[str, Json]:
    """The document whose `_id` is the endpoint id: two scopes can never own one endpoint."""
    return {
        "kind": "ownership",
        "format": FORMAT,
        "scope": owned.scope,
        "inference_id": inference_id,
        "declared": owned.declared,
        "secrets": owned.secrets,
        "protect": sorted(owned.protect),
        "intent": owned.intent,
        "run": run,
    }


def read_ownership(document_id: str, source: Mapping[str, Any], *, seq_no: int, primary_term: int) -> Record:
    """The record in a document. Raises LedgerError for one that this version cannot read."""
    check_format(document_id, source, "ownership")
    try:
        if not is_id(document_id) or source["inference_id"] != document_id:
            raise TypeError("not the record of this endpoint")
        return Record(
            inference_id=document_id,
            owned=Owned(
                scope=_text(source["scope"]),
                declared=_object(source["declared"]),
                protect=frozenset(_text(word) for word in _list(source["protect"])),
                secrets=_object(source["secrets"]),
                intent=_text(source["intent"]),
            ),
            seq_no=seq_no,
            primary_term=primary_term,
        )
    except (KeyError, TypeError) as problem:
        raise _damaged(document_id) from problem


def check_format(document_id: str, source: Mapping[str, Any], kind: str) -> None:
    """Raises LedgerError for a document of another kind, or written by a newer inferctl."""
    found = source.get("format")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1 or source.get("kind") != kind:
        raise _damaged(document_id)
    if found > FORMAT:
        raise LedgerError(
            f"{INDEX}/{document_id} has format {found}, this inferctl knows {FORMAT}: "
            "use the newer inferctl that wrote it"
        )


def _damaged(document_id: str) -> LedgerError:
    return LedgerError(f"{INDEX}/{document_id} is no ledger document: look at it, and mend or remove it by hand")


def _text(value: Any) -> str:
    """Nothing is converted: what is no text was not written by us, and "None" is nobody's scope."""
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def _seconds(value: Any) -> float:
    """A time to live: a lock that never dies, or is dead at once, is no lock of ours."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= _LONGEST_TTL_S:
        raise TypeError("not a time to live")
    return float(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _object(value: Any) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError("not an object")
    return value


SALT_ID = "salt:fingerprints"


def salt_document(salt: Secret) -> dict[str, Json | Secret]:
    """The key of the fingerprints where the operator gives none: one per ledger, written once, never changed."""
    return {"kind": "salt", "format": FORMAT, "salt": salt}


def read_salt(document_id: str, source: Mapping[str, Any]) -> Secret:
    """Raises LedgerError for a document that holds no salt."""
    check_format(document_id, source, "salt")
    salt = source.get("salt")
    if not isinstance(salt, str) or not salt:
        raise _damaged(document_id)
    return Secret(salt)


def lock_id(scope: str) -> str:
    """One lock per scope."""
    return f"lock:{scope}"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. `beats` makes each heartbeat another document, `ttl_s` is the holder's own."""

    run: str
    who: str
    ttl_s: float
    run_url: str = ""
    since: str = ""
    beats: int = 0

    def __str__(self) -> str:
        link = f" ({self.run_url})" if self.run_url else ""
        since = f", since {self.since}" if self.since else ""
        return f"{self.who}{link}, run {self.run}{since}"


def lock_document(scope: str, holder: Holder) -> dict[str, Json]:
    """The document of a held lock."""
    return {
        "kind": "lock",
        "format": FORMAT,
        "scope": scope,
        "run": holder.run,
        "who": holder.who,
        "run_url": holder.run_url,
        "since": holder.since,
        "ttl_s": holder.ttl_s,
        "beats": holder.beats,
    }


def read_lock(document_id: str, source: Mapping[str, Any]) -> Holder:
    """Raises LedgerError for a document that is no lock."""
    check_format(document_id, source, "lock")
    try:
        return Holder(
            run=_text(source["run"]),
            who=_text(source["who"]),
            ttl_s=_seconds(source["ttl_s"]),
            run_url=_text(source.get("run_url", "")),
            since=_text(source.get("since", "")),
            beats=_whole(source["beats"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise _damaged(document_id) from problem


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What a run did to one endpoint: the action, how it ended, one sentence. Never a value of a setting."""

    inference_id: str
    action: str
    result: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: who, from which commit, what was planned, what came of it.

    `exit_code` None: it has not ended, or died. Times are ISO 8601, UTC.
    """

    run: str
    scope: str
    command: str
    who: str
    started_at: str
    commit: str = ""
    run_url: str = ""
    ended_at: str = ""
    exit_code: int | None = None
    planned: Mapping[str, str] = field(default_factory=dict)
    results: tuple[StepRecord, ...] = ()


def run_id_of(scope: str, run: str) -> str:
    """The document id of a run."""
    return f"run:{scope}:{run}"


def run_document(record: RunRecord) -> dict[str, Json]:
    """Written at the start of an apply and again at its end."""
    return {
        "kind": "run",
        "format": FORMAT,
        "scope": record.scope,
        "run": record.run,
        "command": record.command,
        "who": record.who,
        "commit": record.commit,
        "run_url": record.run_url,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "exit_code": record.exit_code,
        "planned": dict(record.planned),
        "results": {
            step.inference_id: {"action": step.action, "result": step.result, "detail": step.detail}
            for step in record.results
        },
    }


def read_run(document_id: str, source: Mapping[str, Any]) -> RunRecord:
    """Raises LedgerError for a document that is no run."""
    check_format(document_id, source, "run")
    try:
        code = source["exit_code"]
        return RunRecord(
            run=_text(source["run"]),
            scope=_text(source["scope"]),
            command=_text(source["command"]),
            who=_text(source["who"]),
            started_at=_text(source["started_at"]),
            commit=_text(source.get("commit", "")),
            run_url=_text(source.get("run_url", "")),
            ended_at=_text(source.get("ended_at", "")),
            exit_code=None if code is None else _whole(code),
            planned={key: _text(value) for key, value in _object(source["planned"]).items()},
            results=tuple(
                StepRecord(name, _text(step["action"]), _text(step["result"]), _text(step["detail"]))
                for name, step in ((name, _object(kept)) for name, kept in sorted(_object(source["results"]).items()))
            ),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise _damaged(document_id) from problem
