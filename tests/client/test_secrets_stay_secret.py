"""The Secret type, and that no way of failing shows a secret."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback
import urllib.parse
from typing import Any

import pydantic
import pytest
from deepdiff import DeepDiff
from hypothesis import given
from hypothesis import strategies as st

from inferctl import (
    AsyncInferenceClient,
    ConnectionSettings,
    InferctlError,
    InferenceClient,
    RetryPolicy,
    Secret,
)
from inferctl.client.redact import redact, secrets_in
from inferctl.client.request import Request, Response
from inferctl.secrets.hide import hide
from inferctl.secrets.mask import MASK

from .recorder import PRODUCT, Recorder, cut_off, hang_up

KEY = "sk-proj-Zq8vN3xT7wKc5LmR2yHb"
GOOGLE = json.dumps({"type": "sa-file", "private_key": "-----BEGIN\nMIIEvQ/IBADANBgkqh+kiG9w0==\n-----END"})


def test_a_secret_has_no_rendering() -> None:
    secret = Secret(KEY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        f"{secret:>40}",
    ]
    shown += [
        repr([secret]),
        repr({"a": secret}),
        repr(dir(secret)),
        str(DeepDiff({"a": secret}, {"a": Secret("other")})),
    ]
    shown += [repr(DeepDiff(secret, Secret("another")).to_dict())]
    assert KEY not in "".join(shown)
    assert secret.reveal() == KEY
    refusing: list[Any] = [json.dumps, pickle.dumps, vars, len, iter, lambda s: s + "x", lambda s: "x" + s]
    for refuse in refusing:
        with pytest.raises(TypeError):
            refuse(secret)
    with pytest.raises(AttributeError):
        secret._opaque = lambda: ""
    with pytest.raises(TypeError):
        Secret(3)  # type: ignore[arg-type]


def test_a_secret_equals_only_secrets() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("ü")}) == 2
    assert Secret("a")
    assert not Secret("")


def test_a_secret_survives_copies_unseen() -> None:
    @dataclasses.dataclass
    class Holder:
        secret: Secret

    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        secret: Secret

    secret = Secret(KEY)
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    assert KEY not in repr(dataclasses.asdict(Holder(secret)))
    assert KEY not in repr(Model(secret=secret)) + repr(Model(secret=secret).model_dump())
    with pytest.raises(ValueError):  # noqa: PT011
        Model(secret=secret).model_dump_json()


def test_values_do_not_show_bodies() -> None:
    request = Request("PUT", "/x", body=KEY.encode(), secrets=frozenset({Secret(KEY)}))
    response = Response(200, {"a": KEY}, KEY.encode())
    settings = ConnectionSettings.of("http://h", api_key=KEY)
    assert KEY not in repr(request) + repr(response) + repr(settings) + repr(dataclasses.asdict(settings))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"service_settings": {"api_key": KEY, "model_id": "m"}}, {KEY}),
        ({"service_settings": {"a": {"b": [{"secret_key": "s3"}]}}}, {"s3"}),
        ({"service_settings": {"secret_parameters": {"x": {"y": "p"}}}}, {"p"}),
        ({"task_settings": {"headers": {"X-Whatever": "h"}}}, {"h"}),
        (
            {"service_settings": {"access_key": "ak", "entra_id": "e", "client_secret": "c", "key": "k"}},
            {"ak", "e", "c", "k"},
        ),
        (
            {"service_settings": {"token": "t", "password": "p", "credentials": {"user": "u"}}},
            {"t", "p", "u"},
        ),
        ({"service_settings": {"max_input_tokens": 512, "max_new_tokens": 77}}, set()),
        ({"service_settings": {"api_key": 123456}}, {"123456"}),
        ({"service_settings": {"url": Secret("u")}}, {"u"}),
        ({"service_settings": {"service_account_json": GOOGLE}}, {GOOGLE, json.loads(GOOGLE)["private_key"]}),
        ({"service": "openai", "task_type": "rerank"}, set()),
    ],
)
def test_which_leaves_are_secrets(body: dict[str, Any], found: set[str]) -> None:
    assert {secret.reveal() for secret in secrets_in(body)} == found


ECHOES = [
    "{s}", "Request contained fields which cannot be updated, remove these fields and try again [{{api_key={s}}}]",
    "Failed to parse update request [{{service_settings={{api_key={s}, a=null}}}}]",
    "Unable to parse service settings in the request [{{service_settings={s}}}]",
    "Failed to parse [task_type] in update request [{{service_settings={{api_key={s}}}, task_type=3}}]",
    '[1:5] Unexpected character\n at [Source: (byte[])"{{"service_settings":{{"api_key":"{j}"}}}}"; line: 1, column: 5]',
    "Incorrect API key provided: {b}****{e}. You can find", "invalid: {j}", "nested: {jj}", "https://host/?key={q}", "{u} ({l})",
    "Unable to parse [{{service_settings={{api_key={cut}",
]  # fmt: skip

# Texts of a known shape are cleaned even by somebody who does not know the secret.
SHAPED = [template for template in ECHOES if "[{{" in template or "Source" in template]


def echoed(template: str, secret: str) -> str:
    as_json = json.dumps(secret)[1:-1]
    return template.format(
        s=secret, j=as_json, jj=json.dumps(as_json)[1:-1], b=secret[:7], e=secret[-4:],
        q=urllib.parse.quote(secret, ""), u=secret.upper(), l=secret.lower(), cut=secret[: max(4, len(secret) // 2)],
    )  # fmt: skip


def pieces(secret: str, text: str) -> list[str]:
    low, hay = secret.lower(), text.lower()
    forms = {low, json.dumps(secret)[1:-1].lower()}
    return [f[i : i + 8] for f in forms for i in range(max(1, len(f) - 7)) if f[i : i + 8] in hay]


@pytest.mark.parametrize("secret", [KEY, 'quo"te\\back/slash\nline', "ünïcödé-schlüssel", GOOGLE, "pa, ss=wo}rd{x"])
@pytest.mark.parametrize(("template", "known"), [*((t, True) for t in ECHOES), *((t, False) for t in SHAPED)])
def test_nothing_of_a_secret_remains(template: str, secret: str, known: bool) -> None:
    text = echoed(template, secret)
    shown = redact(text, [Secret(secret)] if known else [], echoes=True)
    assert pieces(secret, shown) == []
    if known:
        assert secret[:4].lower() not in shown.lower()


@pytest.mark.parametrize(
    "secret", ['"key-Zq8vN3', "\\key-Zq8vN3", "key-Zq8vN3\n", "ü/key Zq8vN3 ", "  key\tZq8/vN3", KEY]
)
def test_no_character_of_a_form_is_left(secret: str) -> None:
    """As JSON, as JSON in JSON, with escaped slashes, in a URL: the first and the last character go as well."""
    forms = {secret, secret.strip(), " ".join(secret.split())}
    forms |= {json.dumps(form, ensure_ascii=ascii_)[1:-1] for form in forms for ascii_ in (True, False)}
    forms |= {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}
    forms |= {form.replace("/", "\\/") for form in forms}
    forms |= {
        encode(secret, safe=safe) for encode in (urllib.parse.quote, urllib.parse.quote_plus) for safe in ("", "/")
    }
    for form in forms:
        assert redact(f"a[{form}]z", [Secret(secret)]) == f"a[{MASK}]z"


@pytest.mark.parametrize("length", range(4, len(KEY)))
def test_no_character_of_a_piece_is_left(length: int) -> None:
    """Of its beginning and its end from four characters on, of its middle from eight; fewer say nothing."""
    assert redact(f"a[{KEY[:length]}]z", [Secret(KEY)]) == f"a[{MASK}]z"
    assert redact(f"a[{KEY[-length:]}]z", [Secret(KEY)]) == f"a[{MASK}]z"
    middle = KEY[5 : 5 + length]
    if 5 + length < len(KEY):
        assert redact(f"a[{middle}]z", [Secret(KEY)]) == (f"a[{MASK}]z" if length >= 8 else f"a[{middle}]z")


@pytest.mark.parametrize("secret", ["abcd", "1234", "abcdefg", "abc", "a", "k3"])
def test_a_short_secret_goes_where_it_stands_alone(secret: str) -> None:
    assert redact(f"key [{secret}]", [Secret(secret)]) == f"key [{MASK}]"
    within = f"{secret}x x{secret}x x{secret}"
    assert redact(within, [Secret(secret)]) == within


@pytest.mark.parametrize("secret", ["k3yz", "v7!Qx2", "qwzrtpmx"])
def test_a_short_secret_that_is_no_word_goes_everywhere(secret: str) -> None:
    assert redact(f"{secret}x x{secret}x x{secret}", [Secret(secret)]) == f"{MASK}x x{MASK}x x{MASK}"


def test_an_innocent_text_is_left_alone() -> None:
    text = "Inference endpoint [my-openai] already exists; see [{not a map}] and {x}"
    assert redact(text, [Secret(KEY)], echoes=True) == text
    assert redact("the key x of text", [Secret("x")]) == "the key (secret) of text"
    assert redact("elasticsearch: elastic", [Secret("elastic")]) == "elasticsearch: (secret)"
    assert redact("try again [{service=openai, b={c=d}}]", echoes=True) == "try again [{service=…, b=…, c=…}]"


def test_what_we_say_ourselves_loses_secrets_and_nothing_else() -> None:
    """The parser's excerpts of a server go, the word that they begin with does not; and what is long is not cut."""
    text = f"source: e.yaml\n[Source: {KEY}; " + "x" * 70_000
    assert hide(text, [Secret(KEY)]) == text.replace(KEY, MASK)


_WORDS = [
    KEY[:13],
    KEY[13:],
    "{",
    "}",
    "[{",
    "k=v",
    " at [Source:",
    "Source",
    ": ",
    ", ",
    "key=",
    "…",
    MASK,
    "\\",
    "%41",
]


@given(text=st.lists(st.sampled_from(_WORDS), max_size=14).map("".join), echoes=st.booleans())
def test_to_redact_twice_changes_nothing(text: str, echoes: bool) -> None:
    shown = redact(text, [Secret(KEY), Secret("k=v{")], echoes=echoes)
    assert redact(shown, [Secret(KEY), Secret("k=v{")], echoes=echoes) == shown


def rendered(error: BaseException) -> str:
    """The traceback with locals, without the frames of the tests (which hold the secret to compare with)."""
    seen: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    text = io.StringIO()
    while todo:
        one = todo.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        todo += [one.__cause__, one.__context__]
        text.write(f"{one!r} {one} {one.args} {one.__dict__}")
        shown = traceback.TracebackException(type(one), one, one.__traceback__, capture_locals=True)
        kept = [frame for frame in shown.stack if "tests" not in frame.filename]
        shown.stack = traceback.StackSummary.from_list(kept)
        text.write("".join(shown.format(chain=False)))
    return text.getvalue()


def answering(status: int, reason: str) -> tuple[int, dict[str, str], bytes]:
    error: dict[str, Any] = {"type": "status_exception", "reason": reason, "caused_by": {"type": "x", "reason": reason}}
    error["root_cause"] = [{"type": "x", "reason": reason}]
    return status, PRODUCT, json.dumps({"error": error, "status": status}).encode()


ANSWERS = [answering(status, echoed(template, KEY)) for template in ECHOES for status in (400, 500)]
ANSWERS += [(200, PRODUCT, f'{{"a": "{KEY}'.encode()), (200, PRODUCT, KEY.encode()), (502, {}, KEY.encode())]
ANSWERS += [
    (302, {"Location": f"https://u:{KEY}@h/?k={KEY}"}, b""),
    (400, PRODUCT, json.dumps({"error": KEY}).encode()),
]
ANSWERS += [(400, PRODUCT, f'{{"error": "{KEY}'.encode())]


@pytest.mark.parametrize("answer", [*ANSWERS, hang_up, cut_off])
@pytest.mark.parametrize("verb", ["put", "update"])
def test_no_failure_shows_the_body(server: Recorder, verb: str, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="inferctl")
    server.answers = [answer, answer]
    own = "Own9f8e7d6c5bXyZwVu"
    # The body is built in the call's own line: no variable of a frame outside the client holds it.
    with (
        InferenceClient(server.url, api_key=own, retry=RetryPolicy(attempts=1)) as client,
        pytest.raises(InferctlError) as caught,
    ):
        getattr(client, verb)(inference_id="a", body={"service_settings": {"api_key": KEY}})

    async def run() -> None:
        async with AsyncInferenceClient(server.url, api_key=own, retry=RetryPolicy(attempts=1)) as client:
            await getattr(client, verb)(inference_id="a", body={"service_settings": {"api_key": KEY}})

    with pytest.raises(InferctlError) as caught_async:
        asyncio.run(run())
    assert type(caught.value) is type(caught_async.value)
    text = rendered(caught.value) + rendered(caught_async.value) + caplog.text
    assert pieces(KEY, text) == []
    assert pieces(own, text) == []
    assert len(str(caught.value).splitlines()) <= 3
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.__dict__) == (
        type(caught.value),
        str(caught.value),
        caught.value.__dict__,
    )


@pytest.mark.parametrize(
    "config", [{"service_settings": {"api_key": KEY, "x": float("nan")}}, {"api_key": KEY, "x": object()}]
)
def test_a_body_that_cannot_be_sent_is_not_shown(config: dict[str, Any]) -> None:
    with InferenceClient("http://127.0.0.1:1") as client, pytest.raises((TypeError, ValueError)) as caught:
        client.put(inference_id="a", inference_config=config)
    assert KEY not in rendered(caught.value)
    with InferenceClient("http://127.0.0.1:1") as client, pytest.raises(TypeError) as both:
        client.put(inference_id="a", inference_config=config, body=config)
    assert KEY not in rendered(both.value)


def test_wrong_settings_do_not_show_credentials() -> None:
    calls: tuple[dict[str, Any], ...] = (
        {"url": "nonsense", "api_key": KEY},
        {"url": "http://h", "api_key": KEY, "bearer_auth": KEY},
        {"url": "http://h", "basic_auth": ("u", KEY + "\n")},
    )
    for call in calls:
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            InferenceClient(**call)
        assert KEY not in rendered(caught.value)


def test_a_url_with_a_password_is_refused_unseen() -> None:
    with pytest.raises(ValueError, match="credentials apart") as caught:
        InferenceClient(f"https://user:{KEY}@host:9200")
    assert KEY not in str(caught.value) + repr(caught.value)


def test_a_guarding_client_hides_secrets_that_its_request_did_not_carry() -> None:
    """A probe's error may quote the key that was stored minutes ago."""

    def answer(*_: object) -> tuple[int, dict[str, str], bytes]:
        reason = f"Received an authentication error. Error message: [Incorrect API key provided: {KEY}]"
        cause = {"type": "status_exception", "reason": reason}
        body = {"error": {"root_cause": [cause], **cause}, "status": 401}
        return 401, {**PRODUCT, "content-type": "application/json"}, json.dumps(body).encode()

    async def ask_async() -> str:
        client = AsyncInferenceClient("http://e.invalid", transport=answer)
        with pytest.raises(InferctlError) as caught:
            await client.guarding([Secret(KEY)]).inference(inference_id="a", input="x")
        return rendered(caught.value)

    client = InferenceClient("http://e.invalid", transport=answer)
    with pytest.raises(InferctlError) as caught:
        client.guarding([Secret(KEY)]).inference(inference_id="a", input="x")
    with pytest.raises(InferctlError) as caught_reading:
        client.guarding([Secret(KEY)]).read_only().get(inference_id="a")
    for text in (rendered(caught.value), rendered(caught_reading.value), asyncio.run(ask_async())):
        assert "Incorrect API key" in text
        assert KEY not in text


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", [" ", "{", "{a", "{a=", "at ", "[Source", "<", "<script "])
def test_no_answer_takes_long_to_redact(unit: str) -> None:
    """Each of these once took minutes, or would: a hostile server must not hang a run."""
    text = unit * (65_536 // len(unit))
    assert len(redact(text, [Secret(KEY)], echoes=True)) <= len(text)
