"""Plans, results and diagnostics that the tests of this room render."""

from __future__ import annotations

from inferctl.apply.events import Result, StepFinished
from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.model.versions import Version
from inferctl.plan.action import Action, BlockKind, Standing
from inferctl.plan.change import ABSENT, Block, Change, FieldChange
from inferctl.plan.plan import Capabilities, Guard, Plan, Stop
from inferctl.plan.references import References, Use, UserKind

CLUSTER = Capabilities(Version(9, 1), "uUiD-1", "prod-eu", "9.1.2", ("the list of services could not be read",))
NASTY = (
    "a\x1b[2J\x07\x9b1m\u202eevil\u2028\r\nPlan: 0 to create | `x` **b** <img src=x> @team #12 </details> ``` \ud800"
)
CANARY = "sk-canary-123456"


def every_kind() -> Plan:
    """Every action and every standing once, with all that can stand beside them."""
    return Plan(
        changes=(
            Change(
                "product-search",
                "text_embedding",
                "openai",
                Action.CREATE,
                reasons=("not in the cluster",),
                fields=(
                    FieldChange(("service_settings", "model_id"), ABSENT, "text-embedding-3-small"),
                    FieldChange(("service_settings", "api_key"), ABSENT, {"env": "OPENAI_API_KEY"}, sensitive=True),
                    FieldChange(("chunking_settings", "max_chunk_size"), ABSENT, 250),
                ),
                span=Span("endpoints/search.yaml", 1, 1, 9, 1),
                put_body={"service_settings": {"api_key": CANARY}},
            ),
            Change(
                "shop-rerank",
                "rerank",
                "cohere",
                Action.UPDATE,
                reasons=("task_settings can be changed in place",),
                fields=(
                    FieldChange(("task_settings", "top_n"), 5, 10),
                    FieldChange(
                        ("task_settings", "return_documents"), True, ABSENT, note="back to the server's default"
                    ),
                    FieldChange(("service_settings", "api_key"), ABSENT, ABSENT, sensitive=True, note="not checked"),
                ),
                warnings=("9.1 resets chunking_settings in every update",),
                span=Span("endpoints/rerank.yaml", 4, 1, 9, 1),
                observed={"task_settings.top_n": CANARY},
            ),
            Change(
                "docs-embed",
                "text_embedding",
                "openai",
                Action.REPLACE,
                Standing.HELD,
                reasons=("9.1 ignores rate_limit in an update, so replace",),
                fields=(
                    FieldChange(
                        ("service_settings", "rate_limit", "requests_per_minute"), 500, 3000, note="9.1 ignores this"
                    ),
                    FieldChange(("service_settings", "api_key"), CANARY, CANARY, sensitive=True),
                ),
                blocks=(Block(BlockKind.NEEDS_ALLOW_REPLACE, "a replace deletes first", "--allow-replace"),),
                references=References(),
                span=Span("endpoints/docs.yaml", 12, 1, 20, 1),
                substeps=(
                    "try the new settings under a temporary id",
                    "delete",
                    "create",
                    "if that fails, restore the old settings",
                ),
            ),
            Change(
                "old-elser",
                "sparse_embedding",
                "elasticsearch",
                Action.DELETE,
                Standing.BLOCKED,
                reasons=("no file declares it any more",),
                references=References(("ingest-a", "ingest-b"), ("products",)),
                blocks=(Block(BlockKind.REFERENCED, "2 pipelines and 1 index use it", "--force-delete old-elser"),),
            ),
            Change(
                "templates-only",
                "text_embedding",
                "openai",
                Action.DELETE,
                Standing.BLOCKED,
                reasons=("no file declares it any more",),
                references=References(
                    ("ingest-a",),
                    ("closed",),
                    (
                        Use(UserKind.PIPELINE, "ingest-a"),
                        Use(UserKind.PIPELINE, "rescue", "on_failure"),
                        Use(UserKind.INDEX, "logs", "default_pipeline", "ingest-a"),
                        Use(UserKind.INDEX_TEMPLATE, "products", "field body"),
                        Use(UserKind.INDEX_TEMPLATE, "products", "field title"),
                        Use(UserKind.ENDPOINT, "shop-elser", "on its deployment"),
                    ),
                    unseen=("component templates: no privilege (monitor)",),
                ),
                blocks=(Block(BlockKind.REFERENCED, "2 pipelines use it", "--force-delete templates-only"),),
            ),
            Change(
                "unseen",
                "completion",
                "openai",
                Action.DELETE,
                reasons=("no file declares it any more",),
                references=References(scan=(), asked=False, unseen=("pipelines: no privilege (read_pipeline)",)),
            ),
            Change("unused", "completion", "openai", Action.DELETE, reasons=("no file declares it any more",)),
            Change("made-by-hand", "rerank", "cohere", Action.ADOPT, reasons=("exists, is not ours, and is equal",)),
            Change("given-away", "rerank", "cohere", Action.FORGET, reasons=("permits: forget",)),
            Change(
                "cannot-read",
                "text_embedding",
                "hugging_face",
                Action.UPDATE,
                Standing.UNKNOWN,
                blocks=(Block(BlockKind.UNREADABLE, "GET answers 500: no such model", ""),),
            ),
            Change("same-1", "rerank", "cohere", Action.NOOP),
            Change("same-2", "rerank", "cohere", Action.NOOP),
        ),
        notes=("references: own scan only",),
        warnings=("manage is empty: nothing will be deleted",),
        capabilities=CLUSTER,
    )


def creates() -> Plan:
    """A first run: new endpoints, one of them with something to say."""
    return Plan(
        tuple(
            Change(name, "rerank", "cohere", Action.CREATE, reasons=("it does not exist",), warnings=warnings,
                   span=Span(f"endpoints/{name}.yaml", 2, 1, 2, 5))
            for name, warnings in (("a", ()), ("b", ()), ("c", ("its probe is not free",)), ("d", ()))
        ),
        capabilities=CLUSTER,
    )  # fmt: skip


def stopped() -> Plan:
    """Two limits reached; the steps are shown and none is done."""
    return Plan(
        changes=(
            Change("a", "rerank", "cohere", Action.DELETE, reasons=("no file declares it any more",)),
            Change("b", "rerank", "cohere", Action.DELETE, reasons=("no file declares it any more",)),
        ),
        stops=(
            Stop(Guard.MAX_DELETES, "2 deletes, at most 1 is allowed (20 % of 4)", "--max-deletes 2"),
            Stop(Guard.INCOMPLETE_INPUT, "endpoints/broken.yaml could not be read", "mend the file"),
        ),
        capabilities=CLUSTER,
    )


def unchanged() -> Plan:
    return Plan(
        tuple(Change(f"same-{n}", "rerank", "cohere", Action.NOOP) for n in range(12)),
        capabilities=Capabilities(Version(9, 5), "u", "prod", "9.5.0"),
    )


def nasty() -> Plan:
    """Everything that comes from a server or a file tries to break out."""
    return Plan(
        changes=(
            Change(
                f"id-{NASTY}",
                NASTY,
                NASTY,
                Action.UPDATE,
                Standing.BLOCKED,
                reasons=(NASTY,),
                fields=(
                    FieldChange((NASTY, 0, "x"), NASTY, {NASTY: [NASTY]}, note=NASTY),
                    FieldChange(("long",), "same " * 60 + "before", "same " * 60 + "after"),
                    FieldChange(("grüße",), "Zürich\u00a0東京", "🙂 Zürich 東京"),
                    FieldChange(("api_key",), {"env": NASTY}, {"file": NASTY}, sensitive=True, note=NASTY),
                ),
                blocks=(Block(BlockKind.NOT_OURS, NASTY, NASTY),),
                references=References(
                    (NASTY,), (NASTY,), (Use(UserKind.INDEX_TEMPLATE, NASTY, NASTY, NASTY),), unseen=(NASTY,)
                ),
                warnings=(NASTY,),
                span=Span(NASTY, 3, 1, 3, 2),
            ),
        ),
        stops=(Stop(Guard.MAX_CHANGES, NASTY, NASTY),),
        notes=(NASTY,),
        warnings=(NASTY,),
        capabilities=Capabilities(Version(9, 1), NASTY, NASTY, NASTY),
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


def diagnostics() -> tuple[Diagnostic, ...]:
    return (
        Diagnostic(
            Severity.WARNING,
            "yaml.scalar",
            "YAML 1.1 reads `no` as false",
            Span("endpoints/b.yaml", 7, 9, 7, 11),
            source_line="  user: no",
            fix='user: "no"',
        ),
        Diagnostic(
            Severity.ERROR,
            "model.unknown-field",
            "service_settings has no field similarty; did you mean similarity?",
            Span("endpoints/a.yaml", 6, 3, 6, 12),
            why="openai takes: api_key, model_id, similarity, url",
            fix="similarity: cosine",
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
        fix=NASTY,
        source_line="id: \x1b[2Jx\u202e # end",
        related=((NASTY, Span(NASTY, 1, 1, 1, 2)),),
    )
