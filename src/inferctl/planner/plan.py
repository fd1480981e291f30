"""The plan: an ordered, complete (or admittedly incomplete) set of changes. A value; it does nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from inferctl.errors import SettingsError
from inferctl.fix import in_environment
from inferctl.operator_bounds.bounds import OperatorBounds
from inferctl.planner.action import Block, Standing
from inferctl.syntax.flow_style import scalar_text

if TYPE_CHECKING:
    from inferctl.diagnostics import Span
    from inferctl.fix import Fix
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.versions import Version
    from inferctl.planner.change import Change
    from inferctl.planner.health import DeploymentStats
    from inferctl.planner.passthrough import LiveCatalogue
    from inferctl.planner.references import References
    from inferctl.planner.region_policy import DesiredPolicy, SeenPolicy


class Guard(Enum):
    """A limit that stops the whole run (exit 3), unlike a block, which stops one step."""

    EMPTY_SET = "empty-set"
    INCOMPLETE_INPUT = "incomplete-input"
    MAX_DELETES = "max-deletes"
    MAX_CHANGES = "max-changes"
    ALL_MATCHING_GLOB = "all-matching-glob"
    INCOMPLETE_LIST = "incomplete-list"
    STALE = "stale"  # of a saved plan: something that it relies on has moved
    OPERATOR_BOUNDS = "bounds.exceeded"


@dataclass(frozen=True, slots=True)
class Stop:
    """A guard that fired: what it saw and what would lift it."""

    guard: Guard
    text: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class SettingsName:
    """The settings file of the run, as a person would name it, and which of its environments is meant; "": none."""

    file: str = "inferctl.yaml"
    environment: str = ""

    def permits(self, line: str) -> str:
        """The lines to paste there for one permit; the last one is the permit itself."""
        if not self.environment:
            return f"permits:\n  - {line}"
        return f"environments:\n  {scalar_text(self.environment)}:\n    permits:\n      - {line}"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the operator allows in this run, from flags and the settings file.

    `max_deletes` is a count or a percentage ("20%") of the endpoints that are ours; None means the
    default, max(1, 20 %). Globs are shell globs over endpoint ids. `manage` empty means: nothing is ours, unless
    a ledger says so. `adopt` and `take_over` are globs too. What ends in `_ids`, and `forget`, comes from permits: one
    id each, and no selector, so that a permit that is spent stops nobody.
    `allow_deny`, and `deny_ids` from permits, are endpoints that a region policy may deny although something uses them.
    `ignore` are globs over the paths of leaves whose differences are nobody's business.
    `check_secrets`: whether an inference call tries a secret that was sent (None: where it costs next to nothing).
    `only_rotates`: nothing may be created. `settings`: where a permit that is proposed is pasted. `operator_bounds`
    hold whatever is asked for; each plan for a cluster has those of the cluster.

    Raises SettingsError for a value of another type: a text in the place of several would be read letter by letter, and
    permit what nobody meant. A list or a set stands for a tuple, a number for `max_deletes`.
    """

    manage: tuple[str, ...] = ()
    allow_delete: bool = False
    allow_replace: bool = False
    max_deletes: str | None = None
    max_changes: int | None = None
    send_secrets: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_delete: frozenset[str] = frozenset()
    adopt: tuple[str, ...] = ()
    take_over: tuple[str, ...] = ()
    delete_ids: frozenset[str] = frozenset()
    replace_ids: frozenset[str] = frozenset()
    adopt_ids: frozenset[str] = frozenset()
    take_over_ids: frozenset[str] = frozenset()
    force_ids: frozenset[str] = frozenset()
    forget: frozenset[str] = frozenset()
    allow_deny: frozenset[str] = frozenset()
    deny_ids: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()
    check_secrets: bool | None = None
    only_rotates: bool = False
    settings: SettingsName = field(default_factory=SettingsName)
    operator_bounds: OperatorBounds = field(default_factory=OperatorBounds)

    @property
    def forced(self) -> frozenset[str]:
        """The ids that go although something refers to them."""
        return self.force_delete | self.force_ids

    @property
    def may_deny(self) -> frozenset[str]:
        """The ids that a region policy may deny although something uses them."""
        return self.allow_deny | self.deny_ids

    def __post_init__(self) -> None:
        for one in fields(self):
            value, kind = getattr(self, one.name), str(one.type)
            if one.name == "operator_bounds":
                _check(isinstance(value, OperatorBounds), "operator_bounds is OperatorBounds(...)")
                continue
            if one.name == "settings":
                _check(isinstance(value, SettingsName), "settings is SettingsName(...)")
                continue
            if value is None and kind.endswith("None"):
                continue
            if kind.startswith(("tuple", "frozenset")):
                object.__setattr__(self, one.name, _several(one.name, value, tuple if kind[0] == "t" else frozenset))
            elif kind.startswith("bool"):
                _check(isinstance(value, bool), f"{one.name} is True or False")
            else:
                is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
                if one.name == "max_deletes" and is_count:
                    object.__setattr__(self, one.name, str(value))
                elif one.name == "max_deletes":
                    _check(isinstance(value, str), 'max_deletes is a number or a percentage: 3, "20%"')
                else:
                    _check(is_count, f"{one.name} is a number that is not negative")


def _several(name: str, value: object, kind: type[tuple[str, ...]] | type[frozenset[str]]) -> Collection[str]:
    what = f'{name} takes several texts: ("products-search",)'
    if not isinstance(value, Collection) or isinstance(value, str | bytes | Mapping):
        raise SettingsError(f"Permissions: {what}")
    _check(all(isinstance(text, str) for text in value), what)
    return kind(value)


def _check(holds: bool, what: str) -> None:  # noqa: FBT001
    if not holds:
        raise SettingsError(f"Permissions: {what}")


@dataclass(frozen=True, slots=True)
class DesiredSet:
    """All endpoints of all files. `complete` is False when a file failed: then nothing may be deleted.

    `selected` restricts planning to these ids where path arguments only select (the settings file
    names the whole set); None means all. `named` is True where the settings file names the set: then
    `--target` and `--exclude` only select too. `emptied` is an empty set that somebody asked for (`destroy`),
    `emptied_within` the globs that were typed to bound it.
    `only_unknown` selects those whose secrets the ledger does not know; `ReadingSession.plan` makes ids of it.
    `removing` bounds what may go to ids that were decided before (a saved plan); None means all that no file names.
    `region_policy` is what the settings file says of it; None: it is left alone.
    `skipped`: where an overlay leaves an endpoint out of the environment, by id.
    """

    endpoints: tuple[DesiredEndpoint, ...]
    complete: bool = True
    files: tuple[str, ...] = ()
    selected: frozenset[str] | None = None
    named: bool = False
    emptied: bool = False
    emptied_within: tuple[str, ...] = ()
    removing: frozenset[str] | None = None
    only_unknown: bool = False
    region_policy: DesiredPolicy | None = None
    skipped: Mapping[str, Span] = field(default_factory=dict)


def skipped_at(place: Span) -> str:
    """Why an endpoint of the files is not one of the environment."""
    return f"skip: true in {place} leaves it out"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The cluster we plan for: version line, flavour, and what could not be seen.

    `live` is the server's own list of services; None unless something unknown to us made us ask.
    """

    version: Version
    cluster_uuid: str = ""
    cluster_name: str = ""
    number: str = ""
    notes: tuple[str, ...] = ()
    live: LiveCatalogue | None = None

    @property
    def exact(self) -> str:
        """The version with its patch, as far as it is known; Serverless has none that means anything."""
        return str(self.version) if self.version.serverless or not self.number else self.number


@dataclass(frozen=True, slots=True)
class Observation:
    """What the cluster showed. `unreadable` maps ids that exist but cannot be read to the reason.

    `references` holds the users of those ids that were looked for. `listed` is False where the list failed
    and only known ids were read, one by one (those of the files and of the ledger): who shares a deployment is then
    unknown, and without a ledger what is ours and in no file. `deployments` are those of trained models by their id;
    None where nobody looked, or could. `region_policy` is None where nobody looked.
    """

    endpoints: Mapping[str, ObservedEndpoint]
    complete: bool = True
    unreadable: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, References] = field(default_factory=dict)
    listed: bool = True
    deployments: Mapping[str, DeploymentStats] | None = None
    region_policy: SeenPolicy | None = None


_Held = TypeVar("_Held", Block, Stop)


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes sorted by id (no-ops included), the guards that fired, and notes for the reader.

    `unfinished` says what a run before left in the middle; it is told first.

    `permit_warnings` name lines of the settings file, and `cluster_warnings` doubt that the cluster is the one that is
    meant; no plan file holds them. `unseen`: there may be more of ours to remove than could be seen. `file`: the plan
    file that it was read from. `environment`: the one of the settings file that it is for; empty where it has none.
    `typed_for_plan`, `typed_for_apply`: the options of the command line that read the file, for the lines that plan
    again and apply that.
    """

    changes: tuple[Change, ...]
    stops: tuple[Stop, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    capabilities: Capabilities | None = None
    scope: str = ""
    permit_warnings: tuple[str, ...] = ()
    unseen: bool = False
    file: str = ""
    environment: str = ""
    cluster_warnings: tuple[str, ...] = ()
    typed_for_plan: str = ""
    typed_for_apply: str = ""

    def __str__(self) -> str:
        """A line for each step, and for each limit that stops the run."""
        waits = {change.inference_id: f" ({change.standing.word})" for change in self.steps if not change.will_run}
        lines = [
            f"{change.action.word} {change.inference_id}{waits.get(change.inference_id, '')}" for change in self.steps
        ]
        nothing = "no changes seen" if self.unseen else "no changes"
        return "\n".join([*lines, *(f"stopped: {stop.text}" for stop in self.stops)]) or nothing

    def made_in(self, environment: str) -> Plan:
        """The same for an environment of the settings file: what is typed to go on names it. "": as it is."""
        if not environment:
            return self

        def named(held_by: tuple[_Held, ...]) -> tuple[_Held, ...]:
            return tuple(replace(one, fixes=in_environment(one.fixes, environment)) for one in held_by)

        changes = (replace(change, blocks=named(change.blocks)) if change.blocks else change for change in self.changes)
        return replace(self, environment=environment, changes=tuple(changes), stops=named(self.stops))

    @property
    def steps(self) -> tuple[Change, ...]:
        """All but the no-ops."""
        return tuple(c for c in self.changes if c.counts)

    @property
    def runnable(self) -> tuple[Change, ...]:
        """What apply will do: empty when a guard stops the run."""
        return () if self.stops else tuple(c for c in self.changes if c.will_run)

    @property
    def is_empty(self) -> bool:
        return not self.steps

    @property
    def blocked(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.standing in (Standing.BLOCKED, Standing.UNKNOWN))

    @property
    def held(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.standing is Standing.HELD)
