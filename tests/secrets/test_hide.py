"""Secrets are found in texts in whatever form, and nothing else is taken for one. All forms: tests/attacks/echoes.py."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inferctl.secrets.hide import hide
from inferctl.secrets.layers import layers
from inferctl.secrets.mask import MASK
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-proj-Zq8vN3xT7wKc5LmR2yHb"
ID, OF_THE_ID = "vrvq1pbitYs1gkEgziXb", "1qUIoZ65GbUtfwlLb2nK9I"
ENCODED = base64.b64encode(f"{ID}:{OF_THE_ID}".encode()).decode()
ACCOUNT = json.dumps({"type": "service_account", "project_id": "team-search-1842", "private_key": "k3y" * 20})


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        # The edges of a secret may be words.
        ("https://hooks.test/s/T0K3Y94", "http 1.1, https://docs.invalid: 443", "http 1.1, https://docs.invalid: 443"),
        ("https://hooks.test/s/T0K3Y94", "at https://hooks.test/s/T0K3Y94.", "at (secret)."),
        ("model-Zq8vN3xT7wKc-2026", "model m of 2026-11-30", "model m of 2026-11-30"),
        ("model-Zq8vN3xT7wKc-2026", "key: model*****2026", "key: (secret)*****(secret)"),
        ("model-Zq8vN3xT7wKc-2026", "key: mode…2026", "key: (secret)…(secret)"),
        (KEY, "task-pool sk-p sk-price", "task-pool (secret) sk-price"),
        (KEY, "sk-proj****2yHb", "(secret)****(secret)"),
        ("100%-Zq8vN3xT7wKc", "at most 100% of it, 100%… of it", "at most 100% of it, (secret)… of it"),
        (KEY + "-test", "# Test 1, **test**, *test", "# Test 1, **test**, *test"),
        ("e", "INFERCTL_TRUSTED_HOSTS, e", "INFERCTL_TRUSTED_HOSTS, (secret)"),
        # What is in a credential of the cluster is one too; its id and the user are none.
        (ENCODED, f"API key [{ID}] has expired", f"API key [{ID}] has expired"),
        (ENCODED, f"{ID}:{OF_THE_ID} / {OF_THE_ID} / {OF_THE_ID[3:12]}", "(secret) / (secret) / (secret)"),
        (f"ApiKey {ENCODED}", f"Authorization: ApiKey {ENCODED[:20]}…", "Authorization: ApiKey (secret)…"),
        (base64.b64encode(b"ci:hunter-T7q/9").decode(), "user ci, hunter-T7q/9", "user ci, (secret)"),
        # Of a service account file, what providers show to everybody.
        (ACCOUNT, "no access to team-search-1842 for service_account", "no access to team-search-1842 for service_account"),
        (ACCOUNT, "a private key", "a private key"),
        (ACCOUNT, f"cannot read {ACCOUNT}!", "cannot read (secret)!"),
        # Base64 goes as a whole.
        (KEY, "Basic " + base64.b64encode(f"elastic:{KEY}".encode()).decode() + " sent", "Basic (secret) sent"),
        # What is hidden already, and what looks like it.
        ("secret", "(secret) is secret", "(secret) is (secret)"),
        ("my (secret) word", "(secret) my", "(secret) my"),
        ("        ", "a        b", "a        b"),
        ("", "nothing", "nothing"),
    ],
)  # fmt: skip
def test_what_is_hidden(secret: str, text: str, shown: str) -> None:
    assert hide(text, [Secret(secret)]) == shown


def test_many_secrets_are_hidden_at_once() -> None:
    known = [Secret(KEY), Secret(ENCODED), Secret("k3yz")]
    assert hide(f"{KEY}, {ENCODED}, k3yz", known) == f"{MASK}, {MASK}, {MASK}"
    assert hide(KEY, []) == KEY


_ANY = st.text(st.characters(codec=None), max_size=40)
_CODES: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps(text)[1:-1],
    "URL": lambda text: urllib.parse.quote(text, safe=""),
    "form": urllib.parse.quote_plus,
    "HTML": html.escape,
    "HTML, all": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
}


@given(text=_ANY, secrets=st.lists(_ANY, max_size=3), at=st.integers(0, 40))
@example(text="\ud800 %u \\u \\ud83d & &#x110000; %ud83d \\x \\", secrets=["\udc00\\u{"], at=2)
@example(text="aa1aa1", secrets=["a1a", "1aa"], at=0)
@example(text="", secrets=["(secret)"], at=0)
def test_no_text_is_too_strange_and_to_hide_twice_changes_nothing(text: str, secrets: list[str], at: int) -> None:
    known = [Secret(secret) for secret in secrets]
    whole = "".join([text[:at], *secrets, text[at:]])
    hidden = hide(whole, known)
    assert hide(hidden, known) == hidden


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=8, max_size=30),
    before=st.text(max_size=10),
    after=st.text(max_size=10),
    codes=st.lists(st.sampled_from(sorted(_CODES)), max_size=3),
    cut=st.integers(0, 20),
)
@example(secret="a+b c%41&lt;\\n", before="", after="", codes=["form", "JSON", "base64"], cut=0)
def test_no_piece_of_a_secret_is_left_below_codes(
    secret: str, before: str, after: str, codes: list[str], cut: int
) -> None:
    """Three codes on one another, in any order; of what is left, nothing says eight characters of the secret."""
    text = secret[cut:] if len(secret) - cut >= 8 else secret
    form = text
    for code in codes:
        form = _CODES[code](form)
    if any(char.isalnum() for char in text) and text not in f"{before}\n{after}":
        assert form not in hide(f"{before} {form} {after}", [Secret(secret)]).replace(MASK, "\0")


@given(text=st.text(st.sampled_from("abcdefghij .,:[]{}=/-%&;\\"), max_size=200))
def test_a_text_without_the_secret_stays(text: str) -> None:
    assert hide(text, [Secret(KEY), Secret(ENCODED), Secret("k3yz")]) == text


def test_what_was_decoded_before_the_bound_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inferctl.secrets.layers._MOST", 1)
    encoded = base64.b64encode((KEY * 100).encode()).decode()
    assert hide(encoded, [Secret(KEY)]) == MASK


@pytest.mark.parametrize(
    "unit",
    ["%41", "%25", "&amp;", "&#", "&#0", "\\", "\\u0041", "\\u005c", "41", "QUFB", "65,", "=41", "a", "ü", "+", "%2B+", "sk-p "],
)  # fmt: skip
def test_the_work_is_in_proportion_to_the_text(unit: str) -> None:
    """Whatever a server sends: what is looked through is bounded, so no text takes long."""
    text = (unit * 4_000)[:16_000]
    looked_through = sum(len(layer.text) for layer in layers(text))
    assert looked_through <= 36 * len(text.encode())
