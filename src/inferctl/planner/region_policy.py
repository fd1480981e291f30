"""The region policy of a cluster as a step of a plan, and whom a policy denies. Values and pure functions.

It bounds where the Elastic Inference Service may run models (docs/reference/server/region-policy.md). There is one for
each cluster, and it goes by the name of its route: no endpoint can have that id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from inferctl.json_types import canonical, object_of
from inferctl.model.desired_observed import ALLOWED_GEOS, ALLOWED_REGIONS
from inferctl.planner.action import Action
from inferctl.planner.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from inferctl.diagnostics import Span
    from inferctl.json_types import Json, JsonObject
    from inferctl.model.desired_observed import (
        DesiredEndpoint,
        EndpointRegion,
        ObservedEndpoint,
        ObservedRegionPolicy,
    )
    from inferctl.planner.references import References

# Whom a policy is for: no other service says where its models run.
SERVICE: Final = "elastic"


@dataclass(frozen=True, slots=True)
class DesiredPolicy:
    """What the settings file declares: the value of `region_policy`, and where it stands (None: in no file)."""

    document: JsonObject
    place: Span | None = None


@dataclass(frozen=True, slots=True)
class SeenPolicy:
    """What a look at the cluster showed: the policy, None where there is none, or the `problem` with looking."""

    policy: ObservedRegionPolicy | None = None
    problem: str = ""


class Denies(Enum):
    """What a policy means for one endpoint."""

    NOTHING = "nothing"
    IT = "it"
    MAYBE = "maybe"  # the server does not say where its model runs, or not in the policy's words


class Reach(Enum):
    """How what a policy allows compares with what was allowed before."""

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"
    OTHER = "other"  # it allows something more, and something less


@dataclass(frozen=True, slots=True)
class Denial:
    """An endpoint that a policy denies, or `maybe` denies. `already`: the one in force denies it too, says the server.

    `is_declared`: a file declares it, `is_there`: the cluster has it. `by_model`: judged by where the server says that
    others run the same model. `users` is None where nobody asked.
    """

    inference_id: str
    task_type: str
    maybe: bool = False
    is_declared: bool = False
    is_there: bool = True
    already: bool = False
    by_model: bool = False
    users: References | None = None


@dataclass(frozen=True, slots=True)
class PolicyChange(Change):
    """The step of the region policy. `observed` is the policy in force, normalised; None where there is none.

    `wanted` is what the settings file declares, None where the policy goes. `denials` are the endpoints that it would
    deny, `may_deny` those of them that the operator has named.
    """

    wanted: JsonObject | None = None
    place: Span | None = None
    denials: tuple[Denial, ...] = ()
    may_deny: frozenset[str] = frozenset()

    @property
    def task_type(self) -> str:
        """None: it is for all of them."""
        return ""

    @property
    def service(self) -> str:
        """The one that it bounds."""
        return SERVICE

    @property
    def span(self) -> Span | None:
        """Where the settings file declares it."""
        return self.place

    @property
    def declared(self) -> JsonObject | None:
        """What the settings file declares: the ledger holds that afterwards."""
        return self.wanted

    @property
    def renews_record(self) -> bool:
        """Whether nothing is written but the record, which declares something else."""
        if self.action is not Action.NOOP or self.wanted is None or self.record is None:
            return False
        return canonical(self.record.declared) != canonical(self.wanted)

    @property
    def reach(self) -> Reach:
        """What the step does to what is allowed."""
        return compare_reach(self.observed or {}, self.wanted or {})

    @property
    def takes_away(self) -> bool:
        """Whether it only takes away: then it is done last, and not after a failure."""
        return self.reach is Reach.NARROWER


def normalised(document: JsonObject) -> dict[str, Json]:
    """The policy in one form: each list in order, without what is there twice."""
    return {key: _in_order(value) if isinstance(value, list | tuple) else value for key, value in document.items()}


def _in_order(listed: Iterable[Json]) -> list[Json]:
    by_text = {canonical(one): one for one in listed}
    return [by_text[text] for text in sorted(by_text)]


def judge(policy: JsonObject, regions: Iterable[EndpointRegion]) -> Denies:
    """What a policy means for a model that runs in these regions: one that is allowed is enough.

    Which region the service takes is its own affair; that one is enough is not proven
    (docs/reference/server/open-questions.md).
    """
    if not policy.keys() & {ALLOWED_GEOS, ALLOWED_REGIONS}:
        return Denies.NOTHING
    verdicts = {_allows(policy, region) for region in regions}
    if True in verdicts:
        return Denies.NOTHING
    return Denies.MAYBE if None in verdicts or not verdicts else Denies.IT


def _allows(policy: JsonObject, region: EndpointRegion) -> bool | None:
    """None where the region does not tell what the policy asks for."""
    if ALLOWED_GEOS in policy:
        return region.geo in _texts(policy[ALLOWED_GEOS]) if region.geo else None
    if not (region.csp and region.region):
        return None
    return (region.csp, region.region) in {
        (one.get("csp"), one.get("region")) for one in _objects(policy[ALLOWED_REGIONS])
    }


def _texts(listed: Json) -> list[str]:
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list | tuple) else []


def _objects(listed: Json) -> list[JsonObject]:
    return [object_of(one) for one in listed] if isinstance(listed, list | tuple) else []


def compare_reach(before: JsonObject, after: JsonObject) -> Reach:
    """How `after` compares with `before`. A policy without a list restricts nothing.

    Geographies and regions cannot be compared: then it may allow more, and less.
    """
    was, now = _allowed(before), _allowed(after)
    if was == now:
        return Reach.SAME
    if not was or not now:
        return Reach.WIDER if was else Reach.NARROWER
    if was < now:
        return Reach.WIDER
    return Reach.NARROWER if now < was else Reach.OTHER


def _allowed(policy: JsonObject) -> frozenset[str]:
    """All that a policy names, each with its kind; empty: everything is allowed."""
    return frozenset(
        f"{key} {canonical(one)}" for key in (ALLOWED_GEOS, ALLOWED_REGIONS) for one in _listed(policy.get(key))
    )


def _listed(value: Json) -> Iterable[Json]:
    """A server that shows one value where a list belongs means a list of it; `null` names nothing."""
    if isinstance(value, list | tuple):
        return value
    return () if value is None else (value,)


def denials(
    policy: JsonObject, observed: Mapping[str, ObservedEndpoint], declared: Mapping[str, DesiredEndpoint]
) -> Iterator[Denial]:
    """The endpoints of the service that a policy denies or may deny, by id: what is there, and what will be.

    An endpoint of which the server does not say where its model runs is judged by others of the same model.
    """
    by_model = _regions_by_model(observed.values())
    for inference_id in sorted(observed.keys() | declared.keys()):
        there, wanted = observed.get(inference_id), declared.get(inference_id)
        endpoint = wanted or there
        if endpoint is None or endpoint.service != SERVICE:
            continue
        own = there.regions if there is not None and _model(there) == _model(endpoint) else ()
        denies = judge(policy, own or by_model.get(_model(endpoint), ()))
        if denies is not Denies.NOTHING:
            yield Denial(
                inference_id,
                endpoint.task_type,
                maybe=denies is Denies.MAYBE,
                is_declared=wanted is not None,
                is_there=there is not None,
                already=there is not None and there.denied_by_region_policy,
                by_model=not own,
            )


def denied_by_model(observed: Mapping[str, ObservedEndpoint]) -> dict[str, dict[str, bool]]:
    """By model, the endpoints of which the server tells regions or a denial, and whether it says that one is denied."""
    told: dict[str, dict[str, bool]] = {}
    for inference_id, one in sorted(observed.items()):
        if one.service == SERVICE and (one.regions or one.denied_by_region_policy):
            told.setdefault(_model(one), {})[inference_id] = one.denied_by_region_policy
    return told


def denied_in_force(endpoint: DesiredEndpoint, told: Mapping[str, Mapping[str, bool]]) -> tuple[str, ...]:
    """The endpoints by which the server says that the policy in force denies this one; none where it does not.

    One that somebody created shows nothing: then all others with the same model that tell of regions have to be denied.
    `told` is `denied_by_model`.
    """
    same = told.get(_model(endpoint), {}) if endpoint.service == SERVICE else {}
    if endpoint.inference_id in same:
        return (endpoint.inference_id,) if same[endpoint.inference_id] else ()
    return tuple(same) if all(same.values()) else ()


def _regions_by_model(observed: Iterable[ObservedEndpoint]) -> dict[str, tuple[EndpointRegion, ...]]:
    """Where each model runs, as far as the server says; of a model that it speaks of twice, all of it."""
    regions: dict[str, tuple[EndpointRegion, ...]] = {}
    for endpoint in observed:
        if endpoint.service == SERVICE and endpoint.regions:
            model = _model(endpoint)
            regions[model] = tuple(dict.fromkeys((*regions.get(model, ()), *endpoint.regions)))
    return regions


def _model(endpoint: DesiredEndpoint | ObservedEndpoint) -> str:
    return str(endpoint.service_settings.get("model_id", ""))
