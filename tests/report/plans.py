"""Random plans, wilder than any planner makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from tests.factories import change

from inferctl.diagnostics import Span
from inferctl.fix import Fix, FixKind
from inferctl.model.versions import Version
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.planner.plan import Capabilities, Guard, Plan, Stop
from inferctl.planner.references import Reference, References, UserKind
from inferctl.planner.secret_state import SecretCheck, SecretState

if TYPE_CHECKING:
    from inferctl.planner.change import Change

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x9b\u202e\u2028\r\n`|<>@#*_[]:")), max_size=30)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
FIELDS = st.builds(
    FieldChange,
    path=st.lists(st.one_of(TEXT, st.integers(0, 9)), min_size=1, max_size=4).map(tuple),
    before=st.one_of(st.just(ABSENT), JSON, st.just({"env": "NAME"})),
    after=st.one_of(st.just(ABSENT), JSON, st.just({"file": "a"})),
    sensitive=st.booleans(),
    note=TEXT,
)
SECRETS = st.builds(
    SecretCheck,
    path=st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    state=st.sampled_from(SecretState),
    since=TEXT,
    age_days=st.one_of(st.none(), st.integers(0, 9999)),
    why=TEXT,
)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
USES = st.lists(st.builds(Reference, st.sampled_from(UserKind), TEXT, TEXT, TEXT), max_size=3).map(tuple)
REFERENCES = st.builds(References, NAMES, NAMES, st.none() | USES, st.booleans(), NAMES)
FIXES = st.lists(st.builds(Fix, kind=st.sampled_from(FixKind), text=TEXT), max_size=2).map(tuple)
BLOCKS = st.builds(Block, kind=st.sampled_from(BlockKind), text=TEXT, fixes=FIXES)
IDS = st.one_of(st.from_regex(r"[a-z0-9][a-z0-9_\-]{0,20}", fullmatch=True), TEXT.filter(bool))


@st.composite
def changes(draw: st.DrawFn, kinds: tuple[str, str] | None) -> Change:
    """`kinds`: task type and service, where they are to be tame."""
    task_type, service = kinds or (draw(TEXT), draw(TEXT))
    return change(
        draw(IDS),
        action=draw(st.sampled_from(Action)),
        task_type=task_type,
        service=service,
        span=draw(st.none() | st.builds(Span, TEXT, st.integers(0, 99))),
        standing=draw(st.sampled_from(Standing)),
        reasons=draw(NAMES),
        fields=tuple(draw(st.lists(FIELDS, max_size=4))),
        blocks=tuple(draw(st.lists(BLOCKS, max_size=2))),
        observed={"task_type": task_type, "service": service} if draw(st.booleans()) else None,
        references=draw(st.none() | REFERENCES),
        warnings=draw(NAMES),
        secret_checks=tuple(draw(st.lists(SECRETS, max_size=2))),
    )


def plans(kinds: tuple[str, str] | None = None) -> st.SearchStrategy[Plan]:
    """Endpoints have different ids, as in any plan."""
    return st.builds(
        Plan,
        changes=st.lists(changes(kinds), max_size=6, unique_by=lambda change: change.inference_id).map(tuple),
        stops=st.lists(st.builds(Stop, guard=st.sampled_from(Guard), text=TEXT, fixes=FIXES), max_size=2).map(tuple),
        notes=NAMES,
        warnings=NAMES,
        capabilities=st.one_of(
            st.none(),
            st.builds(
                Capabilities,
                version=st.just(Version(9, 1)),
                cluster_uuid=TEXT,
                cluster_name=TEXT,
                number=TEXT,
                notes=NAMES,
            ),
        ),
    )
