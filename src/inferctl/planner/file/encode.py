"""Plan -> the document that `planner.file.models` describes, and its text. Pure.

Where files lie is left out, so that the same input gives the same bytes on any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from inferctl.errors import PlanFileError
from inferctl.fix import advice
from inferctl.json_types import printed
from inferctl.planner.action import Action
from inferctl.planner.file.declaration import write_declaration
from inferctl.planner.file.hide_credentials import hide_credentials, sides_to_save
from inferctl.planner.file.models import (
    FORMAT,
    KIND,
    ChangePart,
    ChangeWords,
    ClusterPart,
    ClusterWords,
    DenialPart,
    FieldPart,
    Meaning,
    PlanWords,
    ReferencesPart,
    SecretWords,
    Words,
    digest,
)
from inferctl.planner.region_policy import PolicyChange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inferctl.json_types import Json
    from inferctl.planner.action import Block
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan, Stop
    from inferctl.planner.references import References
    from inferctl.planner.region_policy import Denial


def dumps(plan: Plan, hide_in: Callable[[Json], Json] = lambda words: words) -> str:
    """The file's text: ASCII, keys sorted, a newline at the end. `hide_in` takes secrets out of the words in it.

    Raises PlanFileError for a literal credential.
    """
    document = encode(plan)
    return printed({**document, "texts": hide_in(document["texts"])}, indent=1, sort_keys=True)


def encode(plan: Plan) -> dict[str, Json]:
    """The document. Raises PlanFileError where a declaration holds a credential in clear, and for what nobody reads."""
    changes = sorted(plan.changes, key=lambda change: change.inference_id)
    meaning, texts = (
        part.model_dump(exclude_defaults=True) for part in (_meaning(plan, changes), _words(plan, changes))
    )
    return {"format_version": FORMAT, "kind": KIND, "digest": digest(meaning), "plan": meaning, "texts": texts}


def _meaning(plan: Plan, changes: Sequence[Change]) -> Meaning:
    cluster = plan.capabilities
    return Meaning(
        cluster=None if cluster is None else ClusterPart(uuid=cluster.cluster_uuid, version=cluster.version),
        scope=plan.scope,
        environment=plan.environment,
        unseen=plan.unseen,
        stops=tuple(stop.guard for stop in plan.stops),
        changes=tuple(_readable(change) for change in changes),
    )


def _readable(change: Change) -> ChangePart:
    try:
        return _change(change)
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise PlanFileError(f"{change.inference_id}: {what}, so the plan cannot be saved").with_fixes(
            advice("plan without --out shows the step")
        ) from None


def _change(change: Change) -> ChangePart:
    # What needs nothing now needs nothing then, or it is left alone: nothing is compared.
    relied_on = None if change.action is Action.NOOP else change.observed
    return ChangePart(
        id=change.inference_id,
        task_type=change.task_type,
        service=change.service,
        action=change.action,
        standing=change.standing,
        blocks=tuple(block.kind for block in change.blocks),
        desired=_declaration(change),
        observed=None if relied_on is None else hide_credentials(relied_on),
        fields=tuple(
            FieldPart(path=field.path, sensitive=field.sensitive, **sides_to_save(field)) for field in change.fields
        ),
        references=_references(change.references),
        denies=tuple(map(_denial, change.denials)) if isinstance(change, PolicyChange) else (),
        unchecked_secrets=change.unchecked_secrets,
        rotates_secrets=change.rotates_secrets,
        claims=change.claims,
        left_behind=change.left_behind,
    )


def _references(references: References | None) -> ReferencesPart | None:
    return None if references is None else ReferencesPart.model_validate(references, from_attributes=True)


def _denial(denial: Denial) -> DenialPart:
    return DenialPart(
        id=denial.inference_id,
        task_type=denial.task_type,
        maybe=denial.maybe,
        is_declared=denial.is_declared,
        is_there=denial.is_there,
        already=denial.already,
        by_model=denial.by_model,
        users=_references(denial.users),
    )


def _declaration(change: Change) -> dict[str, Json] | None:
    if isinstance(change, PolicyChange):
        return None if change.wanted is None else dict(change.wanted)
    return None if change.desired is None else write_declaration(change.desired)


def _words(plan: Plan, changes: Sequence[Change]) -> PlanWords:
    cluster, nothing = plan.capabilities, ChangeWords()
    return PlanWords(
        cluster=None
        if cluster is None
        else ClusterWords(name=cluster.cluster_name, number=cluster.number, notes=cluster.notes),
        stops=_words_on_each(plan.stops),
        notes=plan.notes,
        warnings=plan.warnings,
        unfinished=plan.unfinished,
        changes={c.inference_id: words for c in changes if (words := _words_on(c)) != nothing},
    )


def _words_on(change: Change) -> ChangeWords:
    """The age of a secret is no part of it."""
    return ChangeWords(
        reasons=change.reasons,
        warnings=change.warnings,
        substeps=change.substeps,
        blocks=_words_on_each(change.blocks),
        fields=tuple(field.note for field in change.fields),
        secrets=tuple(SecretWords.model_validate(check, from_attributes=True) for check in change.secret_checks),
    )


def _words_on_each(stops_or_blocks: Sequence[Stop] | Sequence[Block]) -> tuple[Words, ...]:
    return tuple(Words.model_validate(one, from_attributes=True) for one in stops_or_blocks)
