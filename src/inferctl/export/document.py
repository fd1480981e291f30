"""An observed endpoint -> the file that declares it: what GET shows, told back in the words of PUT. Pure.

Left out: what the server filled in by itself, what moves by itself, what a PUT refuses. Each rule is a fact of
the service's page; there is no list of fields that is true for all (docs/reference/server/false-drift.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Severity, Span
from inferctl.export.secrets import kept_in_clear
from inferctl.json_types import object_of, path_text
from inferctl.model import chunking
from inferctl.model.ids import is_id
from inferctl.model.read_endpoint import read_endpoint
from inferctl.model.services.fold import fold_settings
from inferctl.model.services.names import LET_THROUGH
from inferctl.model.versions import NEWEST
from inferctl.planner.normalise import is_attached
from inferctl.secrets.literals import masked, pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.export.secrets import SecretField
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.model.services.service import Service
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Version
    from inferctl.syntax.finding import Finding

# No service takes it and hardly one shows it (docs/reference/server/read.md#what-is-shown). Where openshift_ai says
# false, `dimensions` was measured; amazon_sagemaker lost the flag until 9.5.
_FLAG, _TRUE_TO_ITS_FLAG = "dimensions_set_by_user", "openshift_ai"
# What is not in our tables at all, beside what LET_THROUGH names.
_UNKNOWN = frozenset({"endpoint.service", "endpoint.task-type"})
_SHOWN_TOP_LEVEL = frozenset(
    {"inference_id", "task_type", "service", "service_settings", "task_settings", "chunking_settings", "metadata"}
)


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable to set, and the secret it stands for."""

    name: str
    inference_id: str
    service: str
    path: Path
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One endpoint as a file declares it. `value` is in the order of the documentation.

    `notes` are for the reader of the file. `lost` names what the file cannot hold; `problem` says why there is
    no file at all.
    """

    inference_id: str
    service: str
    value: dict[str, Json]
    variables: tuple[Variable, ...] = ()
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    problem: str = ""


def document_of(
    observed: ObservedEndpoint,
    version: Version,
    secrets: Iterable[SecretField],
    names: Mapping[tuple[str, Path], str],
) -> ExportedFile:
    """The file of one endpoint. `names` has the variable of each secret, by id and path."""
    service = observed.page
    variables = tuple(
        Variable(
            names[observed.inference_id, secret.path], observed.inference_id, observed.service, secret.path, secret.note
        )
        for secret in secrets
    )
    references: dict[Path, Json] = {variable.path: {"env": variable.name} for variable in variables}
    value: dict[str, Json] = {
        "inference_id": observed.inference_id,
        "task_type": observed.task_type,
        "service": observed.service,
        "service_settings": _part(service, "service_settings", observed, version, references),
    }
    lost = kept_in_clear(observed)
    task = _part(service, "task_settings", observed, version, dict.fromkeys(lost))
    if task:
        value["task_settings"] = task
    chunks = _chunking(observed.chunking_settings)
    if chunks:
        value["chunking_settings"] = chunks
    document = ExportedFile(
        observed.inference_id,
        observed.service,
        value,
        variables,
        notes=tuple(_notes(service, observed, value, version)),
        lost=tuple(f"{path_text(path)} looks like a credential in clear: left out" for path in lost),
    )
    if not is_id(observed.inference_id):
        return replace(document, problem="its id is none that a PUT takes")
    return _checked(document, version)


def _part(
    service: Service | None, part: str, observed: ObservedEndpoint, version: Version, instead: Mapping[Path, Json]
) -> dict[str, Json]:
    """The settings of one part. `instead` replaces what stands at a path; None leaves it out."""
    shown: JsonObject = getattr(observed, part)
    if part == "service_settings" and observed.runs_in_cluster:
        # all the rest is the deployment's (docs/reference/server/in-cluster.md#create)
        if is_attached(observed.inference_id, shown):
            return {"deployment_id": shown["deployment_id"]}
        shown = {name: value for name, value in shown.items() if name != "deployment_id"}
    if observed.service == _TRUE_TO_ITS_FLAG and shown.get(_FLAG) is False:
        shown = {name: value for name, value in shown.items() if name != "dimensions"}
    shown = {name: value for name, value in shown.items() if name != _FLAG}
    told = shown if service is None else _told(service, part, observed, shown, version)
    for path, value in instead.items():
        told = _with(told, path[1:], value)
    return _ordered(service, part, observed.task_type, told)


def _told(
    service: Service, part: str, observed: ObservedEndpoint, shown: JsonObject, version: Version
) -> dict[str, Json]:
    facts = service.fields(part, observed.task_type)
    written: dict[str, Json] = {}
    for key, value in shown.items():
        name = _put_name(facts, key, value)
        fact = facts.get(name)
        if value is None or fact is None:
            if value is not None:
                written[name] = value
            continue
        if fact.secret or fact.hidden or not fact.may_be_put(observed.task_type) or _moves(fact, shown):
            continue
        default = _default(service, name, fact, observed, version)
        inner = _as_put(fact, value, default)
        if inner != {} and not _same(fact, name, inner, default):
            written[name] = inner
    return written


def _put_name(facts: Mapping[str, Setting], key: str, value: Json) -> str:
    """The name that PUT takes for a key that GET shows: another one where a whole number stands for a float."""
    fact = facts.get(key)
    if fact is None or (fact.type == "float" and isinstance(value, int)):
        for name, other in facts.items():
            if other.shown_as == key and other.type == "integer":
                return name
    return key


def _moves(fact: Setting, shown: JsonObject) -> bool:
    """A live value that adaptive allocations decide (docs/reference/server/read.md#live-values)."""
    adaptive = shown.get("adaptive_allocations")
    return fact.live and isinstance(adaptive, Mapping) and adaptive.get("enabled") is True


def _default(service: Service, name: str, fact: Setting, observed: ObservedEndpoint, version: Version) -> Json:
    """What this server fills in for the field; None where nobody is sure, since then the file says it."""
    if name == "rate_limit":
        offered = service.task_types.get(observed.task_type)
        number = offered.rate_limit_in(version) if offered else None
        return None if number is None else {"requests_per_minute": number}
    if not fact.filled or fact.uncertain:
        return None
    return fact.default_for(observed.task_type, observed.service_settings)


def _as_put(fact: Setting, value: Json, default: Json) -> Json:
    """A value as PUT spells it, without the defaults inside it."""
    if isinstance(value, Mapping) and fact.fields:
        return _inside(fact, value, default)
    if isinstance(value, str) and fact.enum:
        return next((str(word) for word in fact.enum if str(word).lower() == value.lower()), value)
    if fact.type == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _inside(fact: Setting, value: JsonObject, default: Json) -> dict[str, Json]:
    if default is not None and _same(fact, "", value, default):
        return {}
    filled = object_of(default)
    kept: dict[str, Json] = {}
    for name, inner in value.items():
        known = fact.fields.get(name)
        if inner is None:
            continue
        if known is None:
            kept[name] = inner
            continue
        own = filled.get(name, known.default_for("") if known.filled else None)
        told = _as_put(known, inner, own)
        if told != {} and not _same(known, name, told, own):
            kept[name] = told
    return kept


def _same(fact: Setting, name: str, value: Json, default: Json) -> bool:
    """Whether a value is the default, as GET would show both."""
    if default is None:
        return False
    key = name or "value"
    return fold_settings({key: fact}, {key: value}) == fold_settings({key: fact}, {key: default})


def _with(settings: Mapping[str, Json], path: Path, value: Json) -> dict[str, Json]:
    """The settings with another value at a path; None takes it out."""
    key, rest = str(path[0]), path[1:]
    kept = dict(settings)
    inner = kept.get(key)
    if not rest:
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value
    elif isinstance(inner, list):
        kept[key] = [
            _with(item, rest[1:], value) if position == rest[0] and rest[1:] and isinstance(item, Mapping) else item
            for position, item in enumerate(inner)
            if not (position == rest[0] and not rest[1:] and value is None)
        ]
    elif isinstance(inner, Mapping) or value is not None:
        changed = _with(object_of(inner), rest, value)
        kept[key] = changed
        if not changed:
            del kept[key]
    return kept


def _ordered(service: Service | None, part: str, task_type: str, told: Mapping[str, Json]) -> dict[str, Json]:
    """In the order of the page: what is no secret, the secrets; then what no page knows, as the server has it."""
    if service is None:
        return dict(told)
    page = [name for name in service.fields(part, task_type) if name in told]
    secret = frozenset(service.secret_fields(task_type)) if part == "service_settings" else frozenset()
    order = [*(n for n in page if n not in secret), *(n for n in page if n in secret)]
    return {name: told[name] for name in (*order, *(n for n in told if n not in order))}


def _chunking(shown: JsonObject | None) -> dict[str, Json] | None:
    """Chunking settings that are not the server's default, a list of separators as the group it is."""
    if not shown or dict(shown) == dict(chunking.DEFAULT):
        return None
    kept: dict[str, Json] = {name: value for name, value in shown.items() if value is not None}
    separators = kept.get("separators")
    group = next((name for name, list_ in chunking.GROUPS.items() if separators == list(list_)), None)
    if group is not None:
        kept["separator_group"] = group
        del kept["separators"]
    return kept


def _notes(
    service: Service | None, observed: ObservedEndpoint, value: Mapping[str, Json], version: Version
) -> Iterable[str]:
    settings = value["service_settings"]
    assert isinstance(settings, Mapping)
    if "dimensions" in settings and service is not None and observed.service != _TRUE_TO_ITS_FLAG:
        yield "dimensions was given or measured: the server shows both alike."
    if observed.chunking_settings and dict(observed.chunking_settings) == dict(chunking.AFTER_RESET):
        yield "word/250/100 is what chunking settings read as that an update lost, or that are older than 8.16."
    if service is not None:
        unseen = sorted(
            path_text(path)
            for path in service.unseen(observed.task_type)
            if path[1] not in getattr(observed, str(path[0]))
            and (fact := service.field(path, observed.task_type)) is not None
            and fact.exists_in(version)
        )
        if unseen:
            yield f"Not every server shows {', '.join(unseen)}: add it if the endpoint has it."
    for key in sorted(set(observed.raw) - _SHOWN_TOP_LEVEL):
        yield f"The server also shows {key}, which this inferctl does not know: left out."


def _checked(document: ExportedFile, version: Version) -> ExportedFile:
    """With `passthrough: true` where only that makes the file valid; with a problem where nothing does.

    The version is that of the cluster. What a newer server would say is a note.
    """
    errors, _ = _errors(document.value, version)
    unknown = [finding for finding in errors if finding.code in LET_THROUGH or finding.code in _UNKNOWN]
    if unknown:
        said = tuple(dict.fromkeys(_why_passed(document, finding) for finding in unknown))
        document = replace(document, value={**document.value, "passthrough": True}, notes=(*document.notes, *said))
    errors, literals = _errors(document.value, version)
    if errors:
        text = masked(_said(errors), pieces_of(literals), shortest=3)
        return replace(document, problem=f"no valid file can say it: {text}")
    later, _ = _errors(document.value, NEWEST)
    if later:
        note = f"Valid for Elasticsearch {version} (--target-version {version}), not for {NEWEST}: {_said(later)}."
        return replace(document, notes=(*document.notes, note))
    return document


def _said(errors: Iterable[Finding]) -> str:
    return "; ".join(dict.fromkeys(f"{path_text(e.path)}: {e.what}" if e.path else e.what for e in errors))


def _why_passed(document: ExportedFile, finding: Finding) -> str:
    if finding.code != "endpoint.service":
        return f"passthrough: {finding.what}."
    text = f"passthrough: the service {document.service} is unknown to this inferctl, so what the server fills in"
    return f"{text} stands here too{'' if document.variables else ', and its secrets do not'}."


def _errors(value: JsonObject, version: Version) -> tuple[list[Finding], list[str]]:
    """What `validate` would say, and texts that must not be shown with it."""
    reading = read_endpoint(value, Span("export"), version)
    return [finding for finding in reading.findings if finding.severity is Severity.ERROR], reading.literals
