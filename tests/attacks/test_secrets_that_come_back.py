"""A server, or the provider behind it, gives a secret back: in whatever form, nothing of it is shown."""

from __future__ import annotations

import pytest

from inferctl.secrets.hide import hide
from inferctl.secrets.secret import Secret

from .echoes import ECHOES, NOT_RECOGNISED, pieces_left
from .secret_kinds import CLUSTER_SECRETS, PROVIDER_SECRETS, PUBLIC_PARTS, SECRET_KINDS


@pytest.mark.parametrize("kinds", [PROVIDER_SECRETS, CLUSTER_SECRETS], ids=["of providers", "of the cluster"])
def test_no_piece_of_any_kind_of_secret_is_left_in_any_form(kinds: dict[str, object]) -> None:
    """And the words around stay, so that a reason is of use still."""
    left, words = {}, {}
    for kind in kinds:
        secret = SECRET_KINDS[kind]
        for name, echo in ECHOES.items():
            shown = hide(echo.of(secret), [Secret(secret)])
            before, after = echo.before.rpartition(" ")[0], echo.after.partition(" ")[2]
            if not (shown.startswith(before) and shown.endswith(after)):
                words[kind, name] = shown
            pieces = pieces_left(
                echo.form(secret), shown.removeprefix(before).removesuffix(after), PUBLIC_PARTS.get(kind, "")
            )
            if pieces:
                left[kind, name] = pieces[:3], shown
    assert left == {}
    assert words == {}


def test_as_many_kinds_and_forms_as_promised() -> None:
    assert len(SECRET_KINDS) >= 30
    assert len(ECHOES) >= 45


@pytest.mark.parametrize("name", NOT_RECOGNISED)
def test_what_is_said_not_to_be_recognised_is_not(name: str) -> None:
    """Otherwise the table of docs/explanation/secrets.md would be longer than it has to be."""
    row = NOT_RECOGNISED[name]
    form = row.form(row.secret)
    assert pieces_left(form, hide(f"the provider says {form} and no more", [Secret(row.secret)])) != []
