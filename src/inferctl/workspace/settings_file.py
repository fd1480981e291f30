"""`inferctl.yaml` as one model: the reader, the JSON Schema for editors, and the value that the rest uses.

The rest sees `ResolvedSettings`: the file as if it were written for the chosen environment alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo

from inferctl.client.setting_sources import own_names
from inferctl.syntax.document import CrossChecked, Document, Listed, Why, fault
from inferctl.workspace.environment_settings import (
    Allow,
    ClusterUuid,
    Connection,
    DeclaredPolicy,
    Environment,
    Ignore,
    InSecretNames,
    Limits,
    Permits,
    Scalar,
    TargetVersion,
    spoken_pattern,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel
    from pydantic_core import PydanticCustomError

    from inferctl.json_types import Path

# Of a scope and of an environment.
_NAME = r"^[a-z0-9]([a-z0-9_.\-]*[a-z0-9])?$"
_LONGEST_NAME = 100
MOST_ENVIRONMENTS = 500  # a run of all reads all files for each
# What looks like a variable of an environment and is none.
OTHER_VARIABLES = ("INFERCTL_RUN_URL",)
# What an environment says in the place of the file, where it says it; `connection` and `limits` do so key by key.
_REPLACED = ("cluster_uuid", "target_version", "allow", "ignore", "region_policy", "variables_in_secret_names")
_MERGED = ("connection", "limits")
_OWN = ("variables", "overlays", "production")


class Lock(Document):
    """The lock that one run of a scope holds."""

    ttl_s: Annotated[
        Annotated[float, Field(ge=0.5, le=3600)] | None,
        Field(description="Seconds after which the lock of a dead run may be taken over.", examples=[60]),
        Why("a run must beat three times within it, and a dead one must end"),
    ] = None


class Keep(Document):
    """Which runs stay in the ledger. Runs above either bound go at the end of an apply, the oldest first."""

    runs: Annotated[
        Annotated[int, Field(ge=1, le=100_000)] | None,
        Field(description="The number of runs of the scope. Default: 500.", examples=[500]),
        Why("the run that is at work stays, and each one makes the ledger larger"),
    ] = None
    days: Annotated[
        Annotated[int, Field(ge=1, le=36_500)] | None,
        Field(description="Their age in days. Default: 365.", examples=[365]),
        Why("it is an age in whole days, a hundred years at most"),
    ] = None


class IndexLedger(Document):
    """A ledger in the index of the cluster, with more to say of it."""

    keep: Keep = Keep.model_construct()


class SettingsFile(CrossChecked):
    """What a team does not want to type each time. No key is required."""

    scope: Annotated[
        Annotated[str, Field(pattern=_NAME, max_length=400)] | None,
        Field(
            description="The name under which inferctl keeps what is ours.",
            examples=["search-team"],
            json_schema_extra=spoken_pattern(
                "a scope has lower-case letters, digits, - _ and . and starts and ends with a letter or digit"
            ),
        ),
        Why("a scope becomes part of document ids: lower-case letters, digits, - _ . inside, 400 characters at most"),
    ] = None
    manage: Annotated[
        Listed[str],
        Field(
            description="Globs of endpoint ids that are ours. Everything else is never changed and nothing outside is "
            "created.",
            examples=[["search-*"]],
        ),
    ] = ()
    endpoints: Annotated[
        Listed[str],
        Field(
            description="Globs of endpoint files, relative to the folder of this file: the whole set.",
            examples=[["endpoints/**/*.yaml"]],
        ),
    ] = ()
    allow: Allow = frozenset()
    limits: Limits = Limits.model_construct()
    ignore: Ignore = ()
    ledger: Annotated[
        Annotated[
            Literal["index", "none"],
            Field(
                json_schema_extra={
                    "enumDescriptions": ["A hidden index in the cluster.", "Nowhere: `manage` alone decides."]
                }
            ),
        ]
        | IndexLedger
        | None,
        Field(description="Where inferctl keeps what is ours, and for how long it keeps runs."),
    ] = None
    lock: Lock = Lock.model_construct()
    permits: Permits = ()
    region_policy: DeclaredPolicy = None
    connection: Connection = Connection.model_construct()
    cluster_uuid: ClusterUuid = None
    target_version: TargetVersion = None
    variables_in_secret_names: InSecretNames = False
    environments: Annotated[
        Mapping[str, Environment],
        Field(
            description="Clusters by name that the same endpoints are applied to. --env or INFERCTL_ENV says which.",
            json_schema_extra={
                "propertyNames": {"pattern": _NAME, "maxLength": _LONGEST_NAME},
                "minProperties": 1,
                "maxProperties": MOST_ENVIRONMENTS,
            },
        ),
    ] = Field(default_factory=dict)

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        """Names that can be part of a variable's name, and nothing said for all clusters that fits one alone."""
        del info
        if "environments" not in raw:
            return
        environments = raw["environments"]
        if not isinstance(environments, Mapping):
            return
        if not environments:
            why = "a file that has environments has one at least"
            yield fault("settings.value", "environments names none", why, "remove environments", at=("environments",))
        if len(environments) > MOST_ENVIRONMENTS:
            what = f"{len(environments):,} environments are more than {MOST_ENVIRONMENTS}"
            why = "a run of all of them reads all files for each"
            yield fault("settings.value", what, why, points_at="key", at=("environments",))
            return
        yield from _wrong_names([name for name in environments if isinstance(name, str)])
        yield from _same_pins(environments)
        if raw.get("cluster_uuid") is not None:
            why = "each environment has a cluster of its own: it stands there"
            what = "one cluster_uuid does not fit several environments"
            yield fault("settings.value", what, why, "remove cluster_uuid", "key", at=("cluster_uuid",))
        connection = raw.get("connection")
        if isinstance(connection, Mapping) and connection.get("url") is not None:
            why = "each environment has a cluster of its own: its address stands there"
            what = "one connection.url does not fit several environments"
            yield fault("settings.value", what, why, "remove url", "key", at=("connection", "url"))

    @property
    def ledger_scope(self) -> str | None:
        """The scope that a ledger is kept under; None where none is kept."""
        return None if self.ledger == "none" else self.scope

    @property
    def keep(self) -> Keep:
        """Which runs stay in it."""
        return self.ledger.keep if isinstance(self.ledger, IndexLedger) else Keep.model_construct()


def _wrong_names(names: Sequence[str]) -> Iterator[PydanticCustomError]:
    """Each that cannot be part of a variable's name, or whose variables are those of another one or mean more."""
    taken: dict[str, str] = {}
    for name in names:
        at = ("environments", name)
        if not re.fullmatch(_NAME, name) or len(name) > _LONGEST_NAME:
            why = f"it becomes part of variables: a-z, 0-9, and - _ . inside, {_LONGEST_NAME} characters at most"
            proposed = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_NAME]
            what = f"an environment cannot have this name{f'; {proposed} would do' if proposed else ''}"
            yield fault("settings.value", what, why, points_at="key", at=at)
            continue
        variables = own_names(name).all
        meant = next((one for one in variables if one in OTHER_VARIABLES), "")
        same = next((taken[one] for one in variables if one in taken), "")
        if meant:
            what = f"an environment cannot be called {name}: {meant} means something else"
            yield fault("settings.value", what, "each environment has variables of its own", points_at="key", at=at)
        elif same:
            what = f"the environments {same} and {name} have the same variables, such as {variables[0]}"
            yield fault("settings.value", what, "- and . become _ in a variable's name", points_at="key", at=at)
        taken |= dict.fromkeys(variables, name)


def _same_pins(environments: Mapping[Any, Any]) -> Iterator[PydanticCustomError]:
    """Each pin that an environment before has: one of the two was copied, and not changed."""
    taken: dict[str, str] = {}
    for name, environment in environments.items():
        uuid = environment.get("cluster_uuid") if isinstance(environment, Mapping) else None
        if not (isinstance(uuid, str) and isinstance(name, str)):
            continue
        if uuid in taken:
            why = "they have one scope: an apply of one of them would undo what the other one did"
            what = f"the environments {taken[uuid]} and {name} pin the same cluster"
            at = ("environments", name, "cluster_uuid")
            yield fault("settings.value", what, why, "remove cluster_uuid", at=at)
        taken.setdefault(uuid, name)


class ResolvedSettings(SettingsFile):
    """The file as if it were written for the chosen environment alone; never read, only made by `resolved`."""

    model_config = ConfigDict(defer_build=True)

    variables: Mapping[str, Scalar] = Field(default_factory=dict)
    overlays: tuple[str, ...] = ()
    production: bool = False


def resolved(document: SettingsFile, environment: str) -> ResolvedSettings:
    """What counts in this environment; with an empty name what stands at the top alone."""
    values = {name: getattr(document, name) for name in SettingsFile.model_fields}
    values["environments"] = {}
    if environment:
        chosen = document.environments[environment]
        values |= {name: getattr(chosen, name) for name in _OWN}
        values |= {name: getattr(chosen, name) for name in _REPLACED if name in chosen.model_fields_set}
        values |= {name: _merged(getattr(document, name), getattr(chosen, name)) for name in _MERGED}
        values["permits"] = (*document.permits, *chosen.permits)
    return ResolvedSettings.model_construct(**values)


def _merged(top: BaseModel, inner: BaseModel) -> BaseModel:
    """The keys of both; where both have one, that of `inner`."""
    values = {name: getattr(part, name) for part in (top, inner) for name in part.model_fields_set}
    return type(top).model_construct(**values)


def path_in_file(document: SettingsFile, environment: str, path: Path) -> Path:
    """Where a key of the resolved settings stands in the file."""
    if not environment or not path:
        return path
    chosen = document.environments[environment]
    key, *rest = path
    inside: Path = ("environments", environment)
    if key == "permits" and rest and isinstance(rest[0], int):
        number = rest[0] - len(document.permits)
        return (*inside, key, number, *rest[1:]) if number >= 0 else path
    if key in _MERGED and rest:
        is_inside = rest[0] in getattr(chosen, str(key)).model_fields_set
    else:
        is_inside = key in _OWN or key in chosen.model_fields_set
    return (*inside, *path) if is_inside else path
