"""The digests themselves: what goes into them, what comes of a key, and that no two inputs meet."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import desired, ledger_view, owned

from inferctl.ledger.fingerprints import Fingerprints, check_secrets
from inferctl.planner.secret_state import SecretState
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

PATH = ("service_settings", "api_key")
KEY = Secret("the key of the operator")
HERE = Fingerprints(KEY, "cluster")
REFERENCE = SecretRef("env", "K")


def test_the_digest_is_the_hmac_of_the_framed_parts() -> None:
    parts = ["inferctl fingerprint, version 1", "cluster", "a", "service_settings.api_key", "välue"]
    message = json.dumps(parts).encode("ascii")
    expected = hmac.new(b"the key of the operator", message, hashlib.sha256).hexdigest()
    assert HERE.digest("a", PATH, Secret("välue")) == expected


def test_the_id_of_a_key_is_no_digest_of_a_secret() -> None:
    assert len(HERE.key_id) == 16
    assert HERE.key_id != Fingerprints(Secret("another key"), "cluster").key_id
    assert HERE.key_id == Fingerprints(Secret(KEY.reveal()), "cluster").key_id
    assert HERE.key_id != Fingerprints(KEY, "another cluster").key_id
    assert KEY.reveal() not in repr(HERE)


TEXT = st.text(st.characters(), max_size=6)
INPUT = st.tuples(TEXT, TEXT, TEXT, TEXT)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same twice, the same letters with other borders between the parts, or any two."""
    one = draw(INPUT)
    letters = "".join(one)
    borders = sorted(draw(st.lists(st.integers(0, len(letters)), min_size=3, max_size=3)))
    regrouped = tuple(letters[a:b] for a, b in pairwise([0, *borders, len(letters)]))
    return one, draw(st.just(one) | st.just(regrouped) | INPUT)


@given(pairs())
def test_equal_digests_have_equal_inputs(pair: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    def digest(parts: tuple[str, ...]) -> str:
        return Fingerprints(KEY, parts[0]).digest(parts[1], (parts[2],), Secret(parts[3]))

    one, other = pair
    assert (digest(one) == digest(other)) == (one == other)


def endpoint(**settings: object) -> DesiredEndpoint:
    return desired(task_type="rerank", service="cohere", settings=settings)


ENTRY = HERE.entry("a", PATH, Secret("old"), "2026-01-01")


@pytest.mark.parametrize(
    ("entry", "value", "key", "state"),
    [
        (ENTRY, "old", HERE, SecretState.SAME),
        (ENTRY, "new", HERE, SecretState.CHANGED),
        (ENTRY, None, HERE, SecretState.NOT_CHECKED),
        (ENTRY, "old", None, SecretState.NOT_CHECKED),
        (ENTRY, "new", Fingerprints(Secret("another key"), "cluster"), SecretState.NOT_CHECKED),
        (ENTRY, "old", Fingerprints(KEY, "another cluster"), SecretState.NOT_CHECKED),
        ({}, "old", HERE, SecretState.UNKNOWN),
        ({}, None, HERE, SecretState.UNKNOWN),
        ("damaged", "old", HERE, SecretState.UNKNOWN),
        ({**ENTRY, "digest": 7}, "old", HERE, SecretState.UNKNOWN),
        ({**ENTRY, "digest": "é"}, "old", HERE, SecretState.CHANGED),
        ({**ENTRY, "unsure": True}, "old", HERE, SecretState.UNCONFIRMED),
        ({"unsure": True}, "old", HERE, SecretState.UNCONFIRMED),
        ({**ENTRY, "unsure": True}, None, HERE, SecretState.NOT_CHECKED),
    ],
)
def test_states(entry: object, value: str | None, key: Fingerprints | None, state: SecretState) -> None:
    record = owned(secrets={"service_settings.api_key": entry})
    secrets = {} if value is None else {REFERENCE: Secret(value)}
    view = ledger_view(owned={"a": record})
    found = check_secrets([endpoint(api_key={"env": "K"})], view, key, secrets, date(2026, 2, 1))
    (check,) = found["a"]
    assert check.state is state
    if entry == ENTRY:
        assert (check.since, check.age_days) == ("2026-01-01", 31)


def test_paths_that_came_and_went() -> None:
    record = owned(secrets={"service_settings.api_key": ENTRY})
    view = ledger_view(owned={"a": record})
    found = check_secrets([endpoint(entra_id={"env": "K"})], view, HERE, {}, date(2026, 2, 1))
    assert [(check.path, check.state) for check in found["a"]] == [
        (("service_settings", "entra_id"), SecretState.ADDED),
        (("service_settings.api_key",), SecretState.REMOVED),
    ]


def test_what_is_not_ours_is_not_looked_at() -> None:
    view = ledger_view(owned={"a": owned("others", secrets={"service_settings.api_key": ENTRY})})
    assert check_secrets([endpoint(api_key={"env": "K"})], view, HERE, {}, date(2026, 2, 1)) == {}
