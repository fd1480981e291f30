"""The settings file `inferctl.yaml`: where it is, what it says, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.json_types import path_text
from inferctl.syntax.finding import Finding, locate, show_lines
from inferctl.syntax.load import parse
from inferctl.syntax.locate import Locator
from inferctl.syntax.source import MAX_BYTES, decode
from inferctl.workspace.discovery import SETTINGS_FILE, outside, unreadable
from inferctl.workspace.inside import leads_out, repository

if TYPE_CHECKING:
    from pathlib import Path

    from inferctl.json_types import Path as JsonPath
    from inferctl.workspace.settings_model import PermitKeys, SettingsFile

CONFIG_VARIABLE = "INFERCTL_CONFIG"
_SCOPE = re.compile(r"[a-z0-9](?:[a-z0-9_\-.]*[a-z0-9])?")
_PERCENT = re.compile(r"(\d{1,3})%|\d{1,9}")
_SHORTEST_TTL_S, _LONGEST_TTL_S = 0.5, 3600.0
_LONGEST_TIMEOUT_S = 86_400
_CREDENTIALS = ("api_key", "username", "password", "bearer_auth", "basic_auth", "token")


@dataclass(frozen=True, slots=True)
class Permit:
    """A one-off permission that lives in Git. Exactly one of the five verbs holds an id."""

    verb: str
    inference_id: str
    reason: str
    until: date | None = None
    force: bool = False
    span: Span = field(default=Span("inferctl.yaml"), compare=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings file says; every field has the meaning it has without a file as its default."""

    scope: str | None = None
    manage: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    max_deletes: str | None = None
    max_changes: int | None = None
    ignore: tuple[str, ...] = ()
    ledger: str | None = None
    lock_ttl_s: float | None = None
    permits: tuple[Permit, ...] = ()
    connection: Mapping[str, object] = field(default_factory=dict)
    file: str = ""
    folder: str = ""


_VERBS = ("delete", "replace", "adopt", "forget", "take_over")
_KINDS = {
    "string_type": "a string",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping",
    "float_type": "a number",
}


def find_settings(config: str | None, environ: Mapping[str, str], working_directory: Path) -> Path | None:
    """The settings file of this run: `--config`, INFERCTL_CONFIG, else the nearest `inferctl.yaml` upward."""
    named = config or environ.get(CONFIG_VARIABLE)
    if named:
        return working_directory / named
    for folder in (working_directory, *working_directory.parents):
        candidate = folder / SETTINGS_FILE
        if candidate.is_file():
            return candidate
    return None


def load_settings(path: Path | None, working_directory: Path) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """What the file says, and its diagnostics; the defaults where there is no file."""
    if path is None:
        return Settings(), ()
    name = _shown(path, working_directory)
    if path.is_symlink() and leads_out(path, (repository(path.parent),)):
        return Settings(), (outside(name),)
    try:
        with path.open("rb") as handle:
            octets = handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        what = f"there is no settings file {name}"
        fix = f"check --config and {CONFIG_VARIABLE}"
        why = "a settings file that was asked for holds limits and ownership; a run without it would differ"
        return Settings(), (Diagnostic(Severity.ERROR, "file.not-found", what, Span(name), why, fix),)
    except OSError as error:
        return Settings(), (unreadable(name, error),)
    return read_settings(name, octets, folder=path.parent.as_posix())


def _shown(path: Path, working_directory: Path) -> str:
    try:
        return path.relative_to(working_directory).as_posix()
    except ValueError:
        return path.as_posix()


def read_settings(name: str, octets: bytes, *, folder: str = "") -> tuple[Settings, tuple[Diagnostic, ...]]:
    """The settings that a text holds. Pure."""
    source = decode(name, octets)
    if isinstance(source, Diagnostic):
        return Settings(), (source,)
    parsed = parse(source)
    found = list(parsed.diagnostics)
    locator = Locator(source)
    value: Any = parsed.documents[0].value if parsed.documents else {}
    index = parsed.documents[0].index if parsed.documents else 0
    findings: list[Finding] = []
    hidden: list[str] = []
    settings = Settings(file=name, folder=folder)
    if len(parsed.documents) > 1:
        what = "the settings file has more than one document"
        findings.append(Finding((), "settings.document", what, "there is one set of settings", "join them into one"))
    elif not isinstance(value, Mapping):
        what = "the settings file holds no mapping"
        findings.append(Finding((), "settings.document", what, "settings are keys and values", "scope: search-team"))
    else:
        _credentials(value, findings, hidden)
        file = _validate(value, findings)
        if file is not None:
            permits = tuple(
                _permit(number, permit, findings, locator.span(index, ("permits", number)))
                for number, permit in enumerate(file.permits)
            )
            settings = replace(_settings(file, findings), permits=permits, file=name, folder=folder)
            # Nobody but us reads these days, so nobody can take them for anything else.
            dated = (number for number, permit in enumerate(permits) if permit.until)
            days = {locator.span(index, ("permits", number, "until")) for number in dated}
            found = [d for d in found if d.code != "yaml.1-1" or d.span not in days]
    found += (locate(locator, index, (), finding) for finding in findings)
    return settings, show_lines(found, source, hidden)


def _credentials(value: Mapping[str, Any], findings: list[Finding], hidden: list[str]) -> None:
    connection = value.get("connection")
    if not isinstance(connection, Mapping):
        return
    for key in _CREDENTIALS:
        if key in connection:
            hidden.extend(_texts(connection[key]))
            fix = "export ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD"
            why = "the settings file is in Git: credentials come from the environment or the command line"
            findings.append(
                Finding(("connection", key), "secret.literal", f"connection.{key} may not stand here", why, fix)
            )
    url = connection.get("url")
    if isinstance(url, str) and (match := re.match(r"[A-Za-z][A-Za-z0-9+.\-]*://([^/?#\s]*)@", url)):
        hidden.append(match[1])
        findings.append(
            Finding(
                ("connection", "url"),
                "secret.literal",
                "the URL holds a user name or a password",
                "the settings file is in Git",
                "remove the part before the @",
            )
        )


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [str(value)]


def _validate(value: Mapping[str, Any], findings: list[Finding]) -> SettingsFile | None:
    from pydantic import ValidationError  # noqa: PLC0415  only a run with a settings file pays for pydantic

    from inferctl.workspace.settings_model import SettingsFile  # noqa: PLC0415

    taken = {finding.path for finding in findings}
    try:
        return SettingsFile.model_validate(value)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            finding = _finding(fault["type"], fault["loc"], fault.get("ctx", {}))
            if finding.path not in taken:
                taken.add(finding.path)
                findings.append(finding)
    return None


def _finding(kind: str, location: JsonPath, context: Mapping[str, Any]) -> Finding:
    # The members of a union stand in the location as their type's name.
    path = tuple(part for part in location if part not in ("int", "str", "float"))
    name = str(path[-1])
    owner = path_text(tuple(part for part in path[:-1] if isinstance(part, str)))
    if kind == "extra_forbidden":
        from inferctl.workspace.settings_model import FIELDS  # noqa: PLC0415

        known = FIELDS.get(owner, ())
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        what = f"{name!r} is not a setting{f' of {owner}' if owner else ''}"
        fix = f"did you mean {near[0]}?" if near else "remove it"
        return Finding(path, "settings.unknown-field", what, f"known here: {', '.join(known)}", fix, "key")
    if kind == "missing":
        why = "a permission without a reason cannot be reviewed"
        return Finding(path, "settings.missing-field", f"{name} is missing in {owner}", why, f"{name}: …", "key")
    if kind == "literal_error":
        what = f"{path_text(path)} must be {context['expected']}"
        return Finding(path, "settings.value", what, "nothing else is known here", f"{context['expected']}")
    what = f"{path_text(path)} must be {_KINDS.get(kind, 'something else')}"
    return Finding(path, "settings.wrong-type", what, "nothing is converted", "see the reference of inferctl.yaml")


def _settings(file: SettingsFile, findings: list[Finding]) -> Settings:
    if file.scope is not None and not _SCOPE.fullmatch(file.scope):
        why = "a scope becomes part of document ids: lower-case letters, digits, - _ . inside"
        findings.append(Finding(("scope",), "settings.value", "the scope is not a name", why, "scope: search-team"))
    deletes = None if file.limits.max_deletes is None else str(file.limits.max_deletes)
    if deletes is not None and (not (m := _PERCENT.fullmatch(deletes)) or (m[1] and int(m[1]) > 100)):
        what, why = "max_deletes is neither a count nor a percentage", "it bounds what one run may remove"
        findings.append(Finding(("limits", "max_deletes"), "settings.value", what, why, 'max_deletes: 3 (or "20%")'))
    if file.limits.max_changes is not None and file.limits.max_changes < 0:
        what = "max_changes is negative"
        findings.append(Finding(("limits", "max_changes"), "settings.value", what, "it is a count", "max_changes: 50"))
    ttl_s, timeout_s = file.lock.ttl_s, file.connection.timeout_s
    if ttl_s is not None and not _SHORTEST_TTL_S <= ttl_s <= _LONGEST_TTL_S:
        ttl_s = None
        what, why = "lock.ttl_s is out of range", "a run must beat three times within it, and a dead one must end"
        findings.append(Finding(("lock", "ttl_s"), "settings.value", what, why, "ttl_s: 60 (0.5 to 3600)"))
    if timeout_s is not None and not 0 < timeout_s <= _LONGEST_TIMEOUT_S:
        what, why = "connection.timeout_s is out of range", "it is the limit of one request, in seconds"
        findings.append(
            Finding(("connection", "timeout_s"), "settings.value", what, why, "timeout_s: 30 (up to 86400)")
        )
    return Settings(
        scope=file.scope,
        manage=tuple(file.manage),
        endpoints=tuple(file.endpoints),
        allow=frozenset(file.allow),
        max_deletes=deletes,
        max_changes=file.limits.max_changes,
        ignore=tuple(file.ignore),
        ledger=file.ledger,
        lock_ttl_s=None if ttl_s is None else float(ttl_s),
        connection=file.connection.model_dump(exclude_none=True),
    )


def _permit(index: int, permit: PermitKeys, findings: list[Finding], span: Span) -> Permit:
    path: JsonPath = ("permits", index)
    verbs = [verb for verb in _VERBS if getattr(permit, verb) is not None]
    if len(verbs) != 1:
        what = f"a permit names one of {', '.join(_VERBS)}; this one names {len(verbs)}"
        fix = "{delete: old-elser, reason: …}"
        findings.append(Finding(path, "settings.value", what, "each permission is reviewed by itself", fix))
    until = None
    if permit.until is not None:
        try:
            until = date.fromisoformat(permit.until)
        except ValueError:
            what = "until is not a date"
            findings.append(Finding((*path, "until"), "settings.value", what, "ISO 8601", "until: 2026-12-15"))
    verb = verbs[0] if verbs else ""
    if permit.force and verb and verb not in ("delete", "replace"):
        what, why = f"force is no part of a permit to {verb.replace('_', ' ')}", "only a removal can be forced"
        findings.append(Finding((*path, "force"), "settings.value", what, why, "remove force"))
    inference_id = str(getattr(permit, verb)) if verb else ""
    return Permit(verb, inference_id, permit.reason, until, permit.force, span)


def expired_permits(settings: Settings, today: date) -> tuple[Diagnostic, ...]:
    """An error for each permit whose day is over: a permission nobody renewed must not hang around."""
    return tuple(
        Diagnostic(
            Severity.ERROR,
            "settings.permit-expired",
            f"the permit to {permit.verb.replace('_', ' ')} {permit.inference_id} ended on {permit.until}",
            permit.span,
            "a permission is for one occasion, and its last day is over",
            "remove it, or give it a new until in a review",
        )
        for permit in settings.permits
        if permit.until is not None and permit.until < today
    )
