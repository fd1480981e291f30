"""Random plans, wilder than any planner makes."""

from __future__ import annotations

from hypothesis import strategies as st

from inferctl.diagnostics import Span
from inferctl.model.versions import Version
from inferctl.plan.action import Action, BlockKind, Standing
from inferctl.plan.change import ABSENT, Block, Change, FieldChange
from inferctl.plan.plan import Capabilities, Guard, Plan, Stop
from inferctl.plan.references import References, Use, UserKind
from inferctl.plan.rotation import SecretCheck, SecretState

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x9b\u202e\u2028\r\n`|<>@#*_[]:")), max_size=30)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
FIELDS = st.builds(
    FieldChange,
    st.lists(st.one_of(TEXT, st.integers(0, 9)), min_size=1, max_size=4).map(tuple),
    st.one_of(st.just(ABSENT), JSON, st.just({"env": "NAME"})),
    st.one_of(st.just(ABSENT), JSON, st.just({"file": "a"})),
    st.booleans(),
    TEXT,
)
SECRETS = st.builds(
    SecretCheck,
    st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    st.sampled_from(SecretState),
    TEXT,
    st.one_of(st.none(), st.integers(0, 9999)),
    TEXT,
)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
USES = st.lists(st.builds(Use, st.sampled_from(UserKind), TEXT, TEXT, TEXT), max_size=3).map(tuple)
REFERENCES = st.builds(References, NAMES, NAMES, st.none() | USES, st.booleans(), NAMES)
IDS = st.one_of(st.from_regex(r"[a-z0-9][a-z0-9_\-]{0,20}", fullmatch=True), TEXT.filter(bool))
CHANGES = st.builds(
    Change,
    IDS,
    TEXT,
    TEXT,
    st.sampled_from(Action),
    st.sampled_from(Standing),
    reasons=NAMES,
    fields=st.lists(FIELDS, max_size=4).map(tuple),
    blocks=st.lists(st.builds(Block, st.sampled_from(BlockKind), TEXT, TEXT), max_size=2).map(tuple),
    references=st.one_of(st.none(), REFERENCES),
    warnings=NAMES,
    substeps=NAMES,
    secret_checks=st.lists(SECRETS, max_size=2).map(tuple),
    span=st.one_of(st.none(), st.builds(Span, TEXT, st.integers(0, 99))),
)


def plans() -> st.SearchStrategy[Plan]:
    """Endpoints have different ids, as in any plan."""
    return st.builds(
        Plan,
        st.lists(CHANGES, max_size=6, unique_by=lambda change: change.inference_id).map(tuple),
        st.lists(st.builds(Stop, st.sampled_from(Guard), TEXT, TEXT), max_size=2).map(tuple),
        NAMES,
        NAMES,
        st.one_of(st.none(), st.builds(Capabilities, st.just(Version(9, 1)), TEXT, TEXT, TEXT, NAMES)),
    )
