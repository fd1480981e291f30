"""The settings file `inferctl.yaml`: where it is, what it says, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from inferctl.client.setting_sources import own_names
from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import PERMITTED_FOR, advice, edit, flag
from inferctl.json_types import object_of, texts_in
from inferctl.model.ids import REGION_POLICY
from inferctl.model.versions import Version
from inferctl.nearest import nearest
from inferctl.secrets.credentials import holds_credential, user_info
from inferctl.syntax.finding import Finding, locate, show_lines
from inferctl.syntax.locate import Locator
from inferctl.syntax.parse import parse
from inferctl.syntax.source import MAX_BYTES, decode
from inferctl.workspace.discovery import SETTINGS_FILE, leads_out, outside, repository, unreadable
from inferctl.workspace.run_bounds import of_environment, of_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from pydantic import ValidationError

    from inferctl.json_types import Json
    from inferctl.json_types import Path as KeyPath
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.region_policy import DesiredPolicy
    from inferctl.workspace.environment_settings import Permit
    from inferctl.workspace.settings_file import ResolvedSettings, SettingsFile

CONFIG_VARIABLE = "INFERCTL_CONFIG"
ENVIRONMENT_VARIABLE = "INFERCTL_ENV"
_MOST_NAMED = 20  # a pull request may write as many as it likes


def _nothing_said() -> ResolvedSettings:
    from inferctl.workspace.settings_file import SettingsFile, resolved  # noqa: PLC0415  `--help` needs no pydantic

    return resolved(SettingsFile(), "")


@dataclass(frozen=True, slots=True)
class _Text:
    """A settings file that was read: what it says, environments included, and where."""

    document: SettingsFile
    locator: Locator
    index: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings file says (`values`), and where it is; the defaults where there is none.

    `values` are those of the chosen `environment`, as if the file had no others. `environments` are the names of all,
    in the order of the file. `environment` is empty where the file has none, and where none of them was chosen.
    """

    values: ResolvedSettings = field(default_factory=_nothing_said)
    file: str = ""
    folder: str = ""
    environment: str = ""
    environments: tuple[str, ...] = ()
    _text: _Text | None = field(default=None, compare=False, repr=False)

    def place(self, path: KeyPath) -> Span:
        """Where a key of `values` stands: in the environment's lines where it comes from there.

        Of a key that is not there: where the last part of the path that is there stands.
        """
        if self._text is None:
            return Span(self.file or SETTINGS_FILE)
        from inferctl.workspace.settings_file import path_in_file  # noqa: PLC0415

        inside = path_in_file(self._text.document, self.environment, path)
        return self._text.locator.span(self._text.index, inside)

    @property
    def overlays(self) -> Mapping[str, tuple[str, ...]]:
        """The globs of the overlays of every environment, the chosen one among them."""
        if self._text is None:
            return {}
        return {name: environment.overlays for name, environment in self._text.document.environments.items()}

    @property
    def pinned_by_others(self) -> Mapping[str, str]:
        """The clusters that environments pin which were not chosen: uuid -> environment."""
        if self._text is None:
            return {}
        pins = {name: one.cluster_uuid for name, one in self._text.document.environments.items()}
        return {uuid: name for name, uuid in pins.items() if uuid is not None and name != self.environment}

    @property
    def target_version(self) -> Version | None:
        """The server version that files are checked against while no cluster is asked; None: the newest known."""
        text = self.values.target_version
        return None if text is None else Version.parse(text)

    @property
    def is_undecided(self) -> bool:
        """Whether the file has environments and none of them was chosen: nobody knows which cluster is meant."""
        return bool(self.environments) and not self.environment

    @property
    def region_policy(self) -> DesiredPolicy | None:
        """What is declared of the region policy; None: it is left alone."""
        from inferctl.planner.region_policy import DesiredPolicy  # noqa: PLC0415  most files declare none

        declared = self.values.region_policy
        return None if declared is None else DesiredPolicy(declared.document(), self.place(("region_policy",)))

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
    path: Path | None, working_directory: Path, bounds: OperatorBounds | None = None, *, environment: str = ""
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """What the file says of the `environment`, and its diagnostics, also for what exceeds `bounds`.

    The defaults where there is no file.
    """
    if path is None:
        return Settings(), _unknown(environment, (), None)
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
    return read_settings(name, octets, bounds, folder=path.parent.as_posix(), environment=environment)


def _shown(path: Path, working_directory: Path) -> str:
    try:
        return path.relative_to(working_directory).as_posix()
    except ValueError:
        return path.as_posix()


def read_settings(
    name: str, octets: bytes, bounds: OperatorBounds | None = None, *, folder: str = "", environment: str = ""
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
    if document is None:
        diagnostics += (locate(locator, index, (), finding) for finding in findings)
        return Settings(file=name, folder=folder), show_lines(diagnostics, source, _hidden(value))
    from inferctl.workspace.settings_file import path_in_file, resolved  # noqa: PLC0415

    # Nobody but us reads these days, so nobody can take them for anything else.
    days = {locator.span(index, path) for path in _paths_of_days(document)}
    diagnostics = [d for d in diagnostics if d.code != "yaml.1-1" or d.span not in days]
    environments = tuple(document.environments)
    chosen = environment if environment in environments else ""
    text = _Text(document, locator, index) if parsed.documents else None
    settings = Settings(resolved(document, chosen), name, folder, chosen, environments, text)
    where = locator.span(index, ("environments",), "key") if environments else Span(name)
    # Of a text that is no YAML nobody knows which environments it has.
    unknown = () if text is None and diagnostics else _unknown(environment, environments, where)
    if "${" in source.text:
        from inferctl.workspace.variables import unexpanded_settings  # noqa: PLC0415  most files have none

        diagnostics += (locate(locator, index, (), finding) for finding in unexpanded_settings(value))
    if bounds is not None:
        for finding in of_settings(settings.values, bounds):
            path = path_in_file(document, chosen, finding.path)
            diagnostics.append(locate(locator, index, (), replace(finding, path=path)))
        if chosen:
            diagnostics += (locate(locator, index, (), finding) for finding in of_environment(chosen, bounds))
    return settings, show_lines((*diagnostics, *unknown), source)


def _paths_of_days(document: SettingsFile) -> Iterator[KeyPath]:
    places: list[tuple[KeyPath, Sequence[Permit]]] = [((), document.permits)]
    places += [(("environments", name), inner.permits) for name, inner in document.environments.items()]
    for path, permits in places:
        yield from ((*path, "permits", number, "until") for number, permit in enumerate(permits) if permit.until)


def _unknown(asked: str, environments: tuple[str, ...], where: Span | None) -> tuple[Diagnostic, ...]:
    """What is wrong with the environment that was asked for, or with asking for none."""
    if asked in environments or not (asked or environments):
        return ()
    more = len(environments) - _MOST_NAMED
    names = ", ".join(environments[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    if not environments:
        which = "there is no settings file" if where is None else "the settings file has no environments"
        what = f"{which}, and the environment {asked} was asked for"
        why = "another cluster than the one that was meant could be changed"
        fixes = [advice(f"leave out --env, and unset {ENVIRONMENT_VARIABLE}")]
    elif asked:
        what = f"there is no environment {asked}; known: {names}"
        why = "nobody knows which cluster is meant, so none is asked"
        likely = nearest(asked, environments)
        fixes = [flag(f"--env {name}") for name in ([likely] if likely else environments[:_MOST_NAMED])]
    else:
        what = f"no environment was chosen; the settings file has {names}"
        why = "each of them is another cluster"
        fixes = [flag(f"--env {name}") for name in environments[:_MOST_NAMED]]
    return (Diagnostic(Severity.ERROR, "settings.environment", what, where or Span(SETTINGS_FILE), why, tuple(fixes)),)


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
    environments = tuple(map(str, object_of(object_of(value).get("environments"))))
    return [_in_its_environment(finding, environments) for finding in findings(error, value, SettingsFile, wording)]


def _in_its_environment(finding: Finding, environments: Sequence[str]) -> Finding:
    """The finding about a key of an environment, or about one that stands inside of one or outside by mistake.

    A credential for an environment's connection comes from a variable of its own.
    """
    from inferctl.workspace.environment_settings import VARIABLE_NAME, Environment  # noqa: PLC0415  for a fault alone
    from inferctl.workspace.settings_file import SettingsFile  # noqa: PLC0415

    key = str(finding.path[-1]) if finding.path else ""
    if finding.code == "settings.unknown-field" and len(finding.path) == 1 and key in Environment.model_fields:
        name = environments[0] if environments else "NAME"
        return replace(finding, why=f"each environment has its own: it stands below environments.{name}")
    if finding.code == "settings.unknown-field" and len(finding.path) == 3 and key in SettingsFile.model_fields:
        return replace(finding, why="all environments have the same: it stands at the top of the file")
    if len(finding.path) == 4 and finding.path[2] == "variables" and not re.search(VARIABLE_NAME, key):
        what, why = f"{key} is no name of a variable", "it has letters, digits and _, and starts with no digit"
        return replace(finding, what=what, why=why, points_at="key")
    is_of_one = finding.path[:1] == ("environments",) and finding.path[2:3] == ("connection",)
    if finding.code != "secret.literal" or not is_of_one:
        return finding
    own = own_names(str(finding.path[1]))
    names = f"{own.api_key[0]}, or {' and '.join(own.basic[0])}"
    return replace(finding, why=f"the settings file is in Git: credentials come from variables: {names}")


def _hidden(value: Any) -> list[str]:
    """The credentials that stand in the file although they may not: no text shows them."""
    from inferctl.workspace.environment_settings import CREDENTIALS  # noqa: PLC0415

    hidden: list[str] = []
    for part in (value, *object_of(object_of(value).get("environments")).values()):
        variables = object_of(object_of(part).get("variables"))
        hidden += (str(one) for name, one in variables.items() if holds_credential(("variables", name), one))
        connection = object_of(object_of(part).get("connection"))
        for one in (connection[key] for key in CREDENTIALS if key in connection):
            hidden += [str(one)] if isinstance(one, int | float) else texts_in(one)
        hidden += filter(None, [user_info(str(connection.get("url", "")))])
    return hidden


def expired_permits(settings: Settings, today: date) -> tuple[Diagnostic, ...]:
    """An error for each permit whose day is over: a permission nobody renewed must not hang around."""
    return tuple(
        Diagnostic(
            Severity.ERROR,
            "settings.permit-expired",
            f"the permit to {permit.verb.replace('_', ' ')} {permit.inference_id} ended on {permit.until}",
            settings.place(("permits", number)),
            "a permission is for one occasion, and its last day is over",
            (edit(f"until: {today + PERMITTED_FOR}"), advice("or remove it")),
        )
        for number, permit in enumerate(settings.values.permits)
        if permit.until is not None and permit.until < today
    )
