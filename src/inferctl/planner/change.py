"""One step of a plan: what was decided for an endpoint, and what that rests on. Values only.

What follows from these (the bodies, what the read-back must show, what the ledger will hold) is worked out when
somebody asks, so it cannot disagree with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.json_types import canonical, object_of, path_text
from inferctl.model.services import find
from inferctl.model.services.names import PARTS
from inferctl.model.versions import NEWEST, Version
from inferctl.planner.action import NOT_FOR_US, Action, BlockKind, Standing
from inferctl.planner.field_change import ABSENT
from inferctl.planner.mutability import accepts_timeout, needs_all_secrets, switches_allocations, with_switch
from inferctl.planner.normalise import is_size, leaves, normalise_desired, owns_deployment, page_of, shown_name
from inferctl.planner.ownership import CREATE, matches
from inferctl.planner.secret_state import secret_probe, unchecked_paths, unknown_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inferctl.diagnostics import Span
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.services.service import Service
    from inferctl.planner.action import Block
    from inferctl.planner.field_change import FieldChange
    from inferctl.planner.health import SeenModel
    from inferctl.planner.ownership import Owned
    from inferctl.planner.references import References
    from inferctl.planner.secret_state import SecretCheck

_SENDS = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every step of a run.

    `version` is the server's line. `ignore` are globs over the paths of leaves whose differences are nobody's business.
    `check_secrets`: whether an inference call tries a secret that was sent (None: where it costs next to nothing).
    """

    version: Version = NEWEST
    ignore: tuple[str, ...] = ()
    check_secrets: bool | None = None

    def ignores(self, path: Path) -> bool:
        """Whether a difference of this leaf is nobody's business."""
        return bool(self.ignore) and matches(path_text(path), self.ignore)


@dataclass(frozen=True, slots=True)
class Change:
    """One step: the decision (`action`, `standing`, `reasons`, `fields`, `blocks`, `warnings`) and its evidence.

    `reasons` say why this action, one fact a line. `desired` is what the file says (None: no file declares it),
    `observed` the normalised leaves that GET showed (None: it is not there), `record` what the ledger holds of it under
    our scope, as far as we may use that. `references` is None where nobody asked. `claims`: it becomes ours with this
    step. `secrets_asked`: the operator wants its secrets sent again. `model` is what the stats say of its deployment,
    where somebody looked.
    """

    inference_id: str
    action: Action
    standing: Standing = Standing.READY
    reasons: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    blocks: tuple[Block, ...] = ()
    warnings: tuple[str, ...] = ()
    desired: DesiredEndpoint | None = None
    observed: JsonObject | None = field(default=None, repr=False)  # a server shows headers in clear
    record: Owned | None = field(default=None, repr=False)
    references: References | None = None
    secret_checks: tuple[SecretCheck, ...] = ()
    secrets_asked: bool = False
    claims: bool = False
    terms: Terms = Terms()
    model: SeenModel | None = None

    @property
    def task_type(self) -> str:
        """The file's, else that of the endpoint, else that of the record."""
        return self.desired.task_type if self.desired is not None else self._known("task_type")

    @property
    def service(self) -> str:
        """The file's, else that of the endpoint, else that of the record."""
        return self.desired.service if self.desired is not None else self._known("service")

    @property
    def page(self) -> Service | None:
        """The catalogue's page of its service; None for one that this inferctl does not know."""
        return self.desired.page if self.desired is not None else find(self.service)

    def _known(self, key: str) -> str:
        declared = self.record.declared if self.record is not None else {}
        return str((self.observed or declared).get(key, ""))

    @property
    def span(self) -> Span | None:
        """Where its file declares it; None for one that has no file, and in a plan that was read from a file."""
        return self.desired.span if self.desired is not None and self.desired.span.file else None

    # How it stands

    @property
    def will_run(self) -> bool:
        return self.standing is Standing.READY and self.action is not Action.NOOP

    @property
    def counts(self) -> bool:
        """Does `--detailed-exitcode` see it? Everything but a no-op: held and blocked ones included."""
        return self.action is not Action.NOOP

    @property
    def is_stale(self) -> bool:
        """Whether it is not done because what it relies on has moved."""
        return any(block.kind is BlockKind.STALE for block in self.blocks)

    @property
    def is_for_us(self) -> bool:
        """Whether the endpoint is ours to touch."""
        return not any(block.kind in NOT_FOR_US for block in self.blocks)

    @property
    def left_behind(self) -> bool:
        """Whether it removes a throw-away endpoint of a run that died."""
        return self.action is Action.DELETE and self.record is not None and self.record.is_trial

    @property
    def is_lost(self) -> bool:
        """Whether a replace of an earlier run deleted it and did not create it again."""
        return self.observed is None and self.record is not None and self.record.is_replaced

    @property
    def resumes(self) -> bool:
        """Whether a run of ours that was cut short created it: then nobody has seen whether it works."""
        return self.action is Action.ADOPT and self.record is not None and self.record.intent == CREATE

    # What is sent

    @property
    def _sends(self) -> DesiredEndpoint | None:
        """What is declared of an endpoint that the step writes, if anybody allows it to."""
        unreadable = any(block.kind is BlockKind.UNREADABLE for block in self.blocks)
        return self.desired if self.action in _SENDS and self.is_for_us and not unreadable else None

    @property
    def put_body(self) -> JsonObject | None:
        """What a create or a replace sends, with references in the place of secrets."""
        desired = None if self.action is Action.UPDATE else self._sends
        return None if desired is None else desired.body()

    @property
    def update_body(self) -> JsonObject | None:
        """What an update sends, with references in the place of secrets."""
        desired = self._sends if self.action is Action.UPDATE else None
        return None if desired is None else self._update(desired)[0]

    @property
    def secrets(self) -> frozenset[Path]:
        """The paths of the secrets in the body."""
        desired = self._sends
        if desired is None:
            return frozenset()
        return self._update(desired)[1] if self.action is Action.UPDATE else desired.secrets

    def _update(self, desired: DesiredEndpoint) -> tuple[JsonObject, frozenset[Path]]:
        changed = [difference.path for difference in self.fields if not difference.sensitive]
        body, secrets = update_body(desired, changed, self.terms.version, secrets=self.rotates_secrets)
        if self.tried:
            body["service_settings"] = with_switch(object_of(body.get("service_settings")), self.terms.version)
        return body, secrets

    @property
    def tried(self) -> tuple[Path, ...]:
        """Leaves of an update of which nobody has seen that a server changes them in place: of the sizes of a model."""
        if self.action is not Action.UPDATE or self.desired is None or not self.owns_deployment:
            return ()
        before, after = object_of((self.observed or {}).get("service_settings")), self.desired.service_settings
        sizes = tuple(d.path for d in self.fields if is_size(d.path) and d.after is not ABSENT)
        return sizes if switches_allocations(after, before) else ()

    @property
    def rotates_secrets(self) -> bool:
        """Whether secrets are sent because of themselves: one of them changed, or the operator asks for it."""
        asked = self.secrets_asked or any(difference.sensitive for difference in self.fields)
        return asked and self._sends is not None

    @property
    def secret_fields(self) -> frozenset[Path]:
        """The paths of all secrets that the file names."""
        return self.desired.secrets if self.desired is not None else frozenset()

    @property
    def unchecked_secrets(self) -> frozenset[Path]:
        """Secrets that could not be compared and are not sent: when they can be, they may have to be."""
        paths = unchecked_paths(self.secret_checks)
        return paths - self.secrets if paths else paths

    @property
    def unknown_secrets(self) -> frozenset[Path]:
        """Secrets of an endpoint that is or becomes ours that no run of ours has sent, this step included."""
        return unknown_paths(self.secret_checks) - self.secrets if self.is_for_us else frozenset()

    @property
    def timeout_parameter(self) -> bool:
        """Whether the server takes `?timeout` with a PUT."""
        return accepts_timeout(self.terms.version)

    @property
    def substeps(self) -> tuple[str, ...]:
        """What a replace or a repair consists of, in words, in the order in which apply goes about it."""
        if self.action is Action.REPAIR:
            held = "" if self.may_replace else " (needs --allow-replace)"
            return ("start its deployment again", f"if the server refuses that, replace the endpoint{held}")
        desired = self._sends if self.action is Action.REPLACE else None
        if desired is None or self.observed is None:
            return ()
        # A model in the cluster cannot be tried: a second deployment would need the room of the first.
        trial = () if self.runs_in_cluster else ("try the new settings under a temporary id",)
        return (*trial, "delete", "create", f"if that fails, {_way_back(desired, self.observed)}")

    # What must be there afterwards

    @property
    def expected(self) -> Mapping[Path, Json]:
        """The leaves that the read-back must show after the write."""
        declared = self.declared or {}
        return {path: value for path, value in leaves(declared) if not self.terms.ignores(path)}

    @property
    def declared(self) -> JsonObject | None:
        """What the file declares, as GET would show it: the ledger holds that afterwards."""
        return None if self.desired is None else normalise_desired(self.desired)

    @property
    def protect(self) -> frozenset[str]:
        """What the file protects it from; the ledger keeps that when the file goes."""
        return self.desired.lifecycle.protect if self.desired is not None else frozenset()

    @property
    def renews_record(self) -> bool:
        """Whether nothing is written but the record: it declares something else, or holds an old intent or ailment."""
        if self.action is not Action.NOOP or self.desired is None or self.record is None:
            return False
        if self.record.unwell is not None:
            return True  # it is well again
        says_otherwise = canonical(self.record.declared) != canonical(self.declared)
        return self.record.protect != self.protect or self.record.is_replaced or says_otherwise

    @property
    def probe(self) -> JsonObject | None:
        """The inference call after the write: the file's own, else one that tries the secrets that were sent."""
        probe = self.desired.probe if self.desired is not None else None
        if probe is not None:
            return {"input": probe.input, "query": probe.query, "dimensions": probe.dimensions}
        if self.secret_fields and (self.rotates_secrets or self.action is Action.VERIFY):
            return secret_probe(self.task_type, wanted=self.terms.check_secrets)
        return None

    # In the cluster

    @property
    def runs_in_cluster(self) -> bool:
        """Whether the model of the declared endpoint runs in the cluster."""
        return self.desired is not None and self.desired.runs_in_cluster

    @property
    def shares_deployment(self) -> str | None:
        """The deployment that the file attaches the endpoint to; None where it has its own, or none."""
        deployment = self.desired.service_settings.get("deployment_id") if self.desired is not None else None
        return str(deployment) if self.runs_in_cluster and deployment is not None else None

    @property
    def owns_deployment(self) -> bool:
        """Whether the endpoint that is there now runs a model of its own in the cluster."""
        return self.observed is not None and owns_deployment(self.inference_id, self.observed)

    @property
    def may_replace(self) -> bool:
        """Whether a repair that the server refuses may replace the endpoint."""
        return self.model is not None and self.model.may_replace

    def without_replace(self) -> Change:
        """The same, but for this: a repair that the server refuses is over."""
        return self if self.model is None else replace(self, model=replace(self.model, may_replace=False))

    @property
    def starts_first(self) -> bool:
        """Whether its deployment is started before it is changed: an update needs one that is there."""
        dead = self.model is not None and self.model.health.is_dead
        return self.action is Action.UPDATE and dead and self.owns_deployment

    @property
    def ready_timeout_s(self) -> float:
        """How long to wait for the endpoint, in seconds."""
        return self.desired.lifecycle.ready_timeout_s if self.desired is not None else 0.0


def _way_back(desired: DesiredEndpoint, observed: JsonObject) -> str:
    """No server shows a secret: the old settings can go back only with those that the file names."""
    page, service = page_of(observed), str(observed.get("service", ""))
    has_secrets = page is None or page.secret_fields(str(observed.get("task_type", "")))
    if service == shown_name(desired.service) or not has_secrets:
        return "restore the old settings"
    return f"nothing can be restored: the file has no secret of {service}"


def update_body(
    desired: DesiredEndpoint, changed: Iterable[Path], version: Version, *, secrets: bool
) -> tuple[dict[str, Json], frozenset[Path]]:
    """What an update sends, changed keys only, with references in the place of secrets; and the paths of the secrets.

    Resending the rest is a 400 from 9.5. Until 9.4 any service setting needs the full secret set beside
    it; `secrets` asks for that set in any case (a rotation).

    Source: docs/reference/server/update.md#body, update.md#merge, reconciling.md#plan-table.
    """
    body: dict[str, Json] = {}
    for part in PARTS:
        settings: JsonObject = getattr(desired, part)
        keys = {str(path[1]) for path in changed if path[0] == part and len(path) > 1}
        # anthropic replaces the object and always needs max_tokens (docs/reference/server/update.md#task-settings).
        if part == "task_settings" and keys and desired.service == "anthropic":
            keys = set(settings)
        if keys:
            body[part] = {key: settings[key] for key in settings if key in keys}
    if any(path[0] == "chunking_settings" for path in changed):
        body["chunking_settings"] = dict(desired.chunking_settings or {})
    changed_settings = object_of(body.get("service_settings"))
    if secrets or (changed_settings and needs_all_secrets(version)):
        owners = {str(path[1]) for path in desired.secrets}
        complete = {key: value for key, value in desired.service_settings.items() if key in owners}
        if complete or changed_settings:
            body["service_settings"] = {**complete, **changed_settings}
    sent = object_of(body.get("service_settings"))
    return body, frozenset(path for path in desired.secrets if path[1] in sent)
