"""The settings file `inferctl.yaml`: where it is, what it says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import PERMITTED_FOR, advice, edit
from inferctl.json_types import object_of, texts_in
from inferctl.model.ids import REGION_POLICY
from inferctl.secrets.credentials import user_info
from inferctl.syntax.finding import Finding, locate, show_lines
from inferctl.syntax.locate import Locator
from inferctl.syntax.parse import parse
from inferctl.syntax.source import MAX_BYTES, decode
from inferctl.workspace.discovery import SETTINGS_FILE, leads_out, outside, repository, unreadable
from inferctl.workspace.run_bounds import of_settings

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from pydantic import ValidationError

    from inferctl.json_types import Json
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.region_policy import DesiredPolicy
    from inferctl.workspace.settings_file import SettingsFile

CONFIG_VARIABLE = "INFERCTL_CONFIG"


def _nothing_said() -> SettingsFile:
    from inferctl.workspace.settings_file import SettingsFile  # noqa: PLC0415  `--help` does without pydantic

    return SettingsFile()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings file says (`values`), and where it is; the defaults where there is none.

    `connection_places`: where the keys of `connection` stand, by key; `policy_place`: where `region_policy` does.
    """

    values: SettingsFile = field(default_factory=_nothing_said)
    file: str = ""
    folder: str = ""
    permit_places: tuple[Span, ...] = field(default=(), compare=False)
    connection_places: Mapping[str, Span] = field(default_factory=dict, compare=False)
    policy_place: Span | None = field(default=None, compare=False)

    @property
    def region_policy(self) -> DesiredPolicy | None:
        """What is declared of the region policy; None: it is left alone."""
        from inferctl.planner.region_policy import DesiredPolicy  # noqa: PLC0415  most files declare none

        declared = self.values.region_policy
        return None if declared is None else DesiredPolicy(declared.document(), self.policy_place)

    @property
    def speaks_of_region_policy(self) -> bool:
        """Whether it declares one or has a permit for it: then it may be a file for the policy alone."""
        named = any(permit.inference_id == REGION_POLICY for permit in self.values.permits)
        return named or self.values.region_policy is not None


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


def load_settings(
    path: Path | None, working_directory: Path, bounds: OperatorBounds | None = None
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """What the file says, and its diagnostics, also for what exceeds `bounds`; the defaults where there is no file."""
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
        fixes = (advice(f"check --config and {CONFIG_VARIABLE}"),)
        why = "a settings file that was asked for holds limits and ownership; a run without it would differ"
        return Settings(), (Diagnostic(Severity.ERROR, "file.not-found", what, Span(name), why, fixes),)
    except OSError as error:
        return Settings(), (unreadable(name, error),)
    return read_settings(name, octets, bounds, folder=path.parent.as_posix())


def _shown(path: Path, working_directory: Path) -> str:
    try:
        return path.relative_to(working_directory).as_posix()
    except ValueError:
        return path.as_posix()


def read_settings(
    name: str, octets: bytes, bounds: OperatorBounds | None = None, *, folder: str = ""
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """The settings that a text holds. Pure. `bounds` None: nobody is to be kept within any."""
    source = decode(name, octets)
    if isinstance(source, Diagnostic):
        return Settings(), (source,)
    parsed = parse(source)
    diagnostics = list(parsed.diagnostics)
    locator = Locator(source)
    value = parsed.documents[0].value if parsed.documents else {}
    index = parsed.documents[0].index if parsed.documents else 0
    if len(parsed.documents) > 1:
        what = "the settings file has more than one document"
        why = "there is one set of settings"
        findings, document = [Finding((), "settings.document", what, why, advice="join them into one")], None
    else:
        document, findings = read_values(value)
        if document is not None and bounds is not None:
            findings += of_settings(document, bounds)
    diagnostics += (locate(locator, index, (), finding) for finding in findings)
    if document is None:
        return Settings(file=name, folder=folder), show_lines(diagnostics, source, _hidden(value))
    # Nobody but us reads these days, so nobody can take them for anything else.
    dated = (number for number, permit in enumerate(document.permits) if permit.until)
    days = {locator.span(index, ("permits", number, "until")) for number in dated}
    diagnostics = [d for d in diagnostics if d.code != "yaml.1-1" or d.span not in days]
    places = tuple(locator.span(index, ("permits", number)) for number in range(len(document.permits)))
    connection = {key: locator.span(index, ("connection", key)) for key in document.connection.model_fields_set}
    policy = None if document.region_policy is None else locator.span(index, ("region_policy",))
    return Settings(document, name, folder, places, connection, policy), show_lines(diagnostics, source)


def read_values(value: Json) -> tuple[SettingsFile | None, list[Finding]]:
    """The settings in a parsed document, or all that is wrong with them."""
    if not isinstance(value, Mapping):
        what = "the settings file holds no mapping"
        return None, [Finding((), "settings.document", what, "settings are keys and values", "scope: search-team")]
    from pydantic import ValidationError  # noqa: PLC0415

    from inferctl.workspace.settings_file import SettingsFile  # noqa: PLC0415

    try:
        return SettingsFile.model_validate(value), []
    except ValidationError as error:
        return None, _findings(error, value)


def _findings(error: ValidationError, value: Json) -> list[Finding]:
    from inferctl.syntax.model_findings import Wording, findings  # noqa: PLC0415  a good file does without
    from inferctl.workspace.settings_file import SettingsFile  # noqa: PLC0415

    wording = Wording(
        "settings.unknown-field",
        "settings.missing-field",
        "settings.wrong-type",
        "settings.value",
        noun="setting",
        document="inferctl.yaml",
    )
    return findings(error, value, SettingsFile, wording)


def _hidden(value: Any) -> list[str]:
    """The credentials that stand in the file although they may not: no text shows them."""
    from inferctl.workspace.settings_file import CREDENTIALS  # noqa: PLC0415

    connection = object_of(value).get("connection")
    if not isinstance(connection, Mapping):
        return []
    credentials = [connection[key] for key in CREDENTIALS if key in connection]
    named = [text for one in credentials for text in ([str(one)] if isinstance(one, int | float) else texts_in(one))]
    return [*named, *filter(None, [user_info(str(connection.get("url", "")))])]


def expired_permits(settings: Settings, today: date) -> tuple[Diagnostic, ...]:
    """An error for each permit whose day is over: a permission nobody renewed must not hang around."""
    return tuple(
        Diagnostic(
            Severity.ERROR,
            "settings.permit-expired",
            f"the permit to {permit.verb.replace('_', ' ')} {permit.inference_id} ended on {permit.until}",
            place,
            "a permission is for one occasion, and its last day is over",
            (edit(f"until: {today + PERMITTED_FOR}"), advice("or remove it")),
        )
        for permit, place in zip(settings.values.permits, settings.permit_places, strict=True)
        if permit.until is not None and permit.until < today
    )
