"""Plans, results and diagnostics that the tests of this room render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.factories import change, desired, observed

from inferctl.applier.cause import cause_of
from inferctl.applier.events import Result, StepFinished
from inferctl.applier.outcome import Outcome
from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.errors import Referenced
from inferctl.exit_codes import Exit
from inferctl.fix import advice, command, edit, flag
from inferctl.model.desired_observed import ObservedEndpoint, ObservedRegionPolicy
from inferctl.model.ids import REGION_POLICY
from inferctl.model.versions import Version
from inferctl.planner.action import NOT_THERE, Action, Block, BlockKind, Standing
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.planner.make_plan import make_plan
from inferctl.planner.ownership import LedgerView, Owned
from inferctl.planner.plan import Capabilities, DesiredSet, Guard, Observation, Permissions, Plan, Stop
from inferctl.planner.references import Reference, References, UserKind
from inferctl.planner.region_policy import DesiredPolicy, SeenPolicy
from inferctl.report.failure import Failure
from inferctl.report.json import to_json
from inferctl.report.outcome_view import outcome_view
from inferctl.report.plan_view import plan_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.shape.run import ThisRunView

CLUSTER = Capabilities(
    version=Version(9, 1),
    cluster_uuid="uUiD-1",
    cluster_name="prod-eu",
    number="9.1.2",
    notes=("the list of services could not be read",),
)
RUN: ThisRunView = {
    "command": "apply",
    "at": "2026-01-02T03:04:05.678Z",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "run": "20260102T030405Z-abc123",
    "run_url": "https://ci.example/runs/12",
    "address": "https://es.example:9243",
    "address_from": "ELASTICSEARCH_URL",
    "unsafe": [],
    "label": "staging",
}
IN_ENVIRONMENT: ThisRunView = {
    **RUN,
    "label": "prod",
    "address_from": "INFERCTL_PROD_URL",
    "environment": "prod",
    "settings_file": "inferctl.yaml",
}
NASTY = (
    "a\x1b[2J\x07\x9b1m\u202eevil\u2028\r\nPlan: 0 to create | `x` **b** <img src=x> @team #12 </details> ``` \ud800"
)
CANARY = "sk-canary-123456"


def plan_json(plan: Plan) -> str:
    """What `plan --format json` prints."""
    return to_json(plan_view(plan))


def outcome_json(results: Sequence[StepFinished], exit_code: int, plan: Plan) -> str:
    """What `apply --format json` prints."""
    return to_json(outcome_view(Outcome(tuple(results), Exit(exit_code), plan)))


def every_kind() -> Plan:
    """Every action and every standing once, with all that can stand beside them."""
    return Plan(
        changes=(
            change(
                inference_id="product-search",
                task_type="text_embedding",
                service="openai",
                action=Action.CREATE,
                reasons=("not in the cluster",),
                desired=desired(
                    "product-search",
                    task_type="text_embedding",
                    settings={
                        "model_id": "text-embedding-3-small",
                        "api_key": {"env": "OPENAI_API_KEY"},
                        "client_secret": CANARY,
                    },
                    chunking={"strategy": "sentence", "max_chunk_size": 250},
                    span=Span("endpoints/search.yaml", 1, 1, 9, 1),
                ),
            ),
            change(
                inference_id="shop-rerank",
                task_type="rerank",
                service="cohere",
                action=Action.UPDATE,
                reasons=("task_settings can be changed in place",),
                fields=(
                    FieldChange(path=("task_settings", "top_n"), before=5, after=10),
                    FieldChange(
                        path=("task_settings", "return_documents"),
                        before=True,
                        after=ABSENT,
                        note="back to the server's default",
                    ),
                    FieldChange(
                        path=("service_settings", "api_key"),
                        before=ABSENT,
                        after=ABSENT,
                        sensitive=True,
                        note="not checked",
                    ),
                ),
                warnings=("9.1 resets chunking_settings in every update",),
                span=Span("endpoints/rerank.yaml", 4, 1, 9, 1),
                observed={"service": "cohere", "task_settings": {"top_n": CANARY}},
            ),
            change(
                inference_id="docs-embed",
                task_type="text_embedding",
                service="openai",
                action=Action.REPLACE,
                standing=Standing.HELD,
                reasons=("9.1 ignores rate_limit in an update, so replace",),
                fields=(
                    FieldChange(
                        path=("service_settings", "rate_limit", "requests_per_minute"),
                        before=500,
                        after=3000,
                        note="9.1 ignores this",
                    ),
                    FieldChange(path=("service_settings", "api_key"), before=CANARY, after=CANARY, sensitive=True),
                ),
                blocks=(
                    Block(
                        kind=BlockKind.NEEDS_ALLOW_REPLACE,
                        text="a replace deletes first",
                        fixes=(flag("--allow-replace"),),
                    ),
                ),
                references=References(),
                span=Span("endpoints/docs.yaml", 12, 1, 20, 1),
                observed={"task_type": "text_embedding", "service": "openai"},
            ),
            change(
                inference_id="old-elser",
                task_type="sparse_embedding",
                service="elasticsearch",
                action=Action.DELETE,
                standing=Standing.BLOCKED,
                reasons=("no file declares it any more",),
                references=References(("ingest-a", "ingest-b"), ("products",)),
                blocks=(
                    Block(
                        kind=BlockKind.REFERENCED,
                        text="2 pipelines and 1 index use it",
                        fixes=(flag("--force-delete old-elser"),),
                    ),
                ),
            ),
            change(
                inference_id="templates-only",
                task_type="text_embedding",
                service="openai",
                action=Action.DELETE,
                standing=Standing.BLOCKED,
                reasons=("no file declares it any more",),
                references=References(
                    ("ingest-a",),
                    ("closed",),
                    (
                        Reference(UserKind.PIPELINE, "ingest-a"),
                        Reference(UserKind.PIPELINE, "rescue", "on_failure"),
                        Reference(UserKind.INDEX, "logs", "default_pipeline", "ingest-a"),
                        Reference(UserKind.INDEX_TEMPLATE, "products", "field body"),
                        Reference(UserKind.INDEX_TEMPLATE, "products", "field title"),
                        Reference(UserKind.ENDPOINT, "shop-elser", "on its deployment"),
                    ),
                    unseen=("component templates: no privilege (monitor)",),
                ),
                blocks=(
                    Block(
                        kind=BlockKind.REFERENCED,
                        text="2 pipelines use it",
                        fixes=(flag("--force-delete templates-only"),),
                    ),
                ),
            ),
            change(
                inference_id="unseen",
                task_type="completion",
                service="openai",
                action=Action.DELETE,
                reasons=("no file declares it any more",),
                references=References(scan=(), asked=False, unseen=("pipelines: no privilege (read_pipeline)",)),
            ),
            change(
                inference_id="unused",
                task_type="completion",
                service="openai",
                action=Action.DELETE,
                reasons=("no file declares it any more",),
            ),
            change(
                inference_id="made-by-hand",
                task_type="rerank",
                service="cohere",
                action=Action.ADOPT,
                reasons=("exists, is not ours, and is equal",),
            ),
            change(
                inference_id="given-away",
                task_type="rerank",
                service="cohere",
                action=Action.FORGET,
                reasons=("permits: forget",),
            ),
            change(
                inference_id="no-model",
                task_type="sparse_embedding",
                service="elasticsearch",
                action=Action.REPAIR,
                reasons=("its deployment is missing",),
            ),
            change(
                inference_id="was-unwell",
                task_type="rerank",
                service="cohere",
                action=Action.VERIFY,
                reasons=("its probe failed on 2026-01-02: the probe failed: 401",),
            ),
            change(
                inference_id="cannot-read",
                task_type="text_embedding",
                service="hugging_face",
                action=Action.UPDATE,
                standing=Standing.UNKNOWN,
                blocks=(Block(kind=BlockKind.UNREADABLE, text="GET answers 500: no such model", fixes=()),),
            ),
            change(inference_id="same-1", task_type="rerank", service="cohere", action=Action.NOOP),
            change(inference_id="same-2", task_type="rerank", service="cohere", action=Action.NOOP),
        ),
        notes=("references: own scan only",),
        warnings=("manage is empty: nothing will be deleted",),
        capabilities=CLUSTER,
    )


def creates() -> Plan:
    """A first run: new endpoints, one of them with something to say."""
    return Plan(
        changes=tuple(
            change(
                inference_id=name,
                task_type="rerank",
                service="cohere",
                action=Action.CREATE,
                reasons=("it does not exist",),
                warnings=warnings,
                span=Span(f"endpoints/{name}.yaml", 2, 1, 2, 5),
            )
            for name, warnings in (("a", ()), ("b", ()), ("c", ("its probe is not free",)), ("d", ()))
        ),
        capabilities=CLUSTER,
    )


def first_run(number: int) -> Plan:
    """As many new endpoints of three kinds, no two alike; the key of one goes to another host."""
    kinds = (
        ("search-e5", "text_embedding", "openai"),
        ("shop-rerank", "rerank", "cohere"),
        ("chat", "completion", "openai"),
    )
    steps = []
    for n in range(number):
        name, task_type, service = kinds[n % 3]
        settings = {"model_id": f"model-{n}", "api_key": {"env": f"{service.upper()}_API_KEY"}}
        declared = desired(
            f"{name}-{n:03}",
            task_type=task_type,
            service=service,
            settings=settings | ({"url": "https://proxy.example:8443/v1/chat/completions"} if n == 2 else {}),
            chunking={"strategy": "sentence", "max_chunk_size": 250} if n % 3 == 0 else None,
        )
        steps.append(change(declared.inference_id, action=Action.CREATE, reasons=(NOT_THERE,), desired=declared))
    return Plan(changes=tuple(steps), capabilities=CLUSTER)


def one_leaf(number: int) -> Plan:
    """As many updates of one leaf, the same in each."""
    return Plan(
        changes=tuple(
            change(
                f"shop-rerank-{n:03}",
                action=Action.UPDATE,
                task_type="rerank",
                service="cohere",
                reasons=("task_settings.top_n changes in place",),
                fields=(FieldChange(("task_settings", "top_n"), 5, 10),),
            )
            for n in range(number)
        ),
        capabilities=CLUSTER,
    )


def stopped() -> Plan:
    """Two limits reached; the steps are shown and none is done."""
    return Plan(
        changes=(
            change(
                inference_id="a",
                task_type="rerank",
                service="cohere",
                action=Action.DELETE,
                reasons=("no file declares it any more",),
            ),
            change(
                inference_id="b",
                task_type="rerank",
                service="cohere",
                action=Action.DELETE,
                reasons=("no file declares it any more",),
            ),
        ),
        stops=(
            Stop(
                guard=Guard.MAX_DELETES,
                text="2 deletes, at most 1 is allowed (20 % of 4)",
                fixes=(flag("--max-deletes 2"),),
            ),
            Stop(
                guard=Guard.INCOMPLETE_INPUT,
                text="endpoints/broken.yaml could not be read",
                fixes=(advice("mend the file"),),
            ),
        ),
        capabilities=CLUSTER,
    )


def unchanged() -> Plan:
    return Plan(
        changes=tuple(
            change(inference_id=f"same-{n}", task_type="rerank", service="cohere", action=Action.NOOP)
            for n in range(12)
        ),
        capabilities=Capabilities(version=Version(9, 5), cluster_uuid="u", cluster_name="prod", number="9.5.0"),
    )


def nasty() -> Plan:
    """Everything that comes from a server or a file tries to break out."""
    return Plan(
        changes=(
            change(
                inference_id=f"id-{NASTY}",
                task_type=NASTY,
                service=NASTY,
                action=Action.UPDATE,
                standing=Standing.BLOCKED,
                reasons=(NASTY,),
                fields=(
                    FieldChange(path=(NASTY, 0, "x"), before=NASTY, after={NASTY: [NASTY]}, note=NASTY),
                    FieldChange(path=("long",), before="same " * 60 + "before", after="same " * 60 + "after"),
                    FieldChange(path=("grüße",), before="Zürich\u00a0東京", after="🙂 Zürich 東京"),
                    FieldChange(
                        path=("api_key",), before={"env": NASTY}, after={"file": NASTY}, sensitive=True, note=NASTY
                    ),
                ),
                blocks=(Block(kind=BlockKind.NOT_OURS, text=NASTY, fixes=(command(NASTY),)),),
                references=References(
                    (NASTY,), (NASTY,), (Reference(UserKind.INDEX_TEMPLATE, NASTY, NASTY, NASTY),), unseen=(NASTY,)
                ),
                warnings=(NASTY,),
                span=Span(NASTY, 3, 1, 3, 2),
            ),
        ),
        stops=(Stop(guard=Guard.MAX_CHANGES, text=NASTY, fixes=(command(NASTY),)),),
        notes=(NASTY,),
        warnings=(NASTY,),
        capabilities=Capabilities(version=Version(9, 1), cluster_uuid=NASTY, cluster_name=NASTY, number=NASTY),
    )


def region_policy(*may_deny: str) -> Plan:
    """A policy that would deny two endpoints in use, one that a file declares, and maybe another; made by the planner."""

    def eis(inference_id: str, model: str, *geos: str) -> ObservedEndpoint:
        shown = observed(inference_id, task_type="rerank", service="elastic", settings={"model_id": model})
        return ObservedEndpoint.from_json({**shown.raw, "metadata": {"regions": [{"geo": geo} for geo in geos]}})

    there = (
        eis(".rerank-us", "rerank-v2", "us"),
        eis(".summaries", "sprinkles", "us", "apac"),
        eis(".unused", "old", "apac"),
        eis(".nowhere", "nowhere"),
        eis(".eu", "rerank-eu", "eu"),
    )
    declared = desired("shop-rerank", task_type="rerank", service="elastic", settings={"model_id": "rerank-v2"})
    before = {"allowed_geos": ["eu", "us"]}
    return make_plan(
        DesiredSet(
            (declared,),
            region_policy=DesiredPolicy({"allowed_geos": ["eu"]}, Span("inferctl.yaml", 3, 1, 3, 36)),
        ),
        Observation(
            {one.inference_id: one for one in there},
            region_policy=SeenPolicy(ObservedRegionPolicy(before)),
            references={
                ".rerank-us": References(("reviews", "search"), ("products",)),
                ".summaries": References(("summarise",)),
            },
        ),
        Capabilities(version=Version.parse("9.5.3"), cluster_uuid="u", cluster_name="prod", number="9.5.3"),
        Permissions(allow_deny=frozenset(may_deny)),
        LedgerView("shop", {REGION_POLICY: Owned("shop", before)}),
    )


def results() -> tuple[StepFinished, ...]:
    """For `every_kind`: some done, some not, some never heard of."""
    return (
        StepFinished("product-search", Action.CREATE, Result.DONE, wrote=True, elapsed_s=1.2345),
        StepFinished(
            "shop-rerank",
            Action.UPDATE,
            Result.IGNORED,
            "the server answered 200 and kept the old value",
            (("task_settings", "top_n"),),
            wrote=True,
            elapsed_s=0.4,
        ),
        StepFinished(
            "unused", Action.DELETE, Result.FAILED, "DELETE /_inference/unused: 403\nno privilege", elapsed_s=0.1
        ),
        StepFinished("made-by-hand", Action.ADOPT, Result.NOT_READY, "the probe answered 3 dimensions, not 4"),
        StepFinished("stray", Action.CREATE, Result.UNKNOWN, "no answer, and no read-back", wrote=True),
    )


def results_of_policy(plan: Plan) -> tuple[StepFinished, ...]:
    """For `region_policy` with both named: the server knows of somebody else."""
    refused = "it would deny .unused, used by pipelines late"
    error = Referenced("PUT /_inference/_region_policy: 409", status=409)
    error.endpoints = (".rerank-us", ".unused")
    step = next(change for change in plan.changes if change.inference_id == REGION_POLICY)
    return (
        StepFinished("shop-rerank", Action.CREATE, Result.DONE, wrote=True, elapsed_s=0.2),
        StepFinished(REGION_POLICY, Action.UPDATE, Result.BLOCKED, refused, elapsed_s=0.1, cause=cause_of(error, step)),
    )


def diagnostics() -> tuple[Diagnostic, ...]:
    return (
        Diagnostic(
            Severity.WARNING,
            "yaml.scalar",
            "YAML 1.1 reads `no` as false",
            Span("endpoints/b.yaml", 7, 9, 7, 11),
            source_line="  user: no",
            fixes=(edit('user: "no"'),),
        ),
        Diagnostic(
            Severity.ERROR,
            "model.unknown-field",
            "service_settings has no field similarty; did you mean similarity?",
            Span("endpoints/a.yaml", 6, 3, 6, 12),
            why="openai takes: api_key, model_id, similarity, url",
            fixes=(edit("similarity: cosine"),),
            source_line="  similarty: cosine",
            related=(("the endpoint starts here", Span("endpoints/a.yaml", 1, 1, 1, 13)),),
        ),
        Diagnostic(
            Severity.ERROR, "file.unreadable", "the file cannot be read: permission denied", Span("endpoints/c.yaml")
        ),
    )


def nasty_diagnostic() -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "code",
        NASTY,
        Span(f"a,b:c%{NASTY}", 1, 5, 1, 9),
        why=NASTY,
        fixes=(command(NASTY),),
        source_line="id: \x1b[2Jx\u202e # end",
        related=((NASTY, Span(NASTY, 1, 1, 1, 2)),),
    )


def failure() -> Failure:
    """Nothing was planned: a secret is missing, and two findings are in the files."""
    return Failure(
        Exit.FAILED,
        "input.invalid",
        "nothing was sent:\nshop-rerank: COHERE_API_KEY is not set",
        (command("export COHERE_API_KEY=..."),),
        diagnostics(),
        "shop",
        CLUSTER,
    )


def nasty_failure() -> Failure:
    return Failure(Exit.LOCKED, "ledger.locked", NASTY, (command(NASTY),), (nasty_diagnostic(),), NASTY)
