"""A secret in every place where one can stand, looked for in everything that inferctl prints, keeps or raises.

Each placement goes through five situations: it works, the provider refuses the key and quotes it, the server echoes the
body in an error (as JSON, as Java text, cut), and inferctl itself breaks. Then stdout, stderr with -vv and
INFERCTL_DEBUG, every report, the saved plan, all documents of the ledger, and every exception with the local variables
of its frames are searched for the secret in each form it can take.
"""

from __future__ import annotations

import base64
import json
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import yaml
from tests.emulated import error

from inferctl.client.payload import encode
from inferctl.client.sync import InferenceClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .desk import Desk

EXAMPLES = Path(__file__).parents[2] / "examples" / "endpoints"
REPORTS = [f"--report={name}={name}.out" for name in ("text", "json", "markdown")]


@dataclass(frozen=True)
class Placement:
    """An endpoint and the values of its variables. `shown` are settings that hold the secret and are none."""

    endpoint: dict[str, Any]
    values: dict[str, str]
    shown: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.endpoint["inference_id"])


def of_examples() -> Iterator[tuple[str, Placement]]:
    """Every service's own secret fields, each kind of them once."""
    seen = set()
    for file in sorted(EXAMPLES.rglob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        if "{env:" in text:
            endpoint = yaml.safe_load(text)
            settings = endpoint["service_settings"]
            kind = (
                endpoint["service"],
                *sorted(key for key, value in settings.items() if isinstance(value, dict) and "env" in value),
            )
            if kind in seen:
                continue
            seen.add(kind)
            names = [part.split("}")[0].strip() for part in text.split("{env:")[1:]]
            values = {name: f"canary-{index}-N4m5B6-{name[::-1]}" for index, name in enumerate(names)}
            yield file.stem, Placement(endpoint, values)


def cohere(value: str, model: str = "m", **more: Any) -> Placement:
    settings = {"model_id": model, "api_key": {"env": "CANARY_KEY"}}
    endpoint = {"inference_id": "a", "task_type": "rerank", "service": "cohere", "service_settings": settings, **more}
    return Placement(endpoint, {"CANARY_KEY": value})


def custom(**settings: Any) -> dict[str, Any]:
    return {
        "inference_id": "a", "task_type": "completion", "service": "custom",
        "service_settings": {
            "url": "https://provider.example/v1", "request": "{}",
            "response": {"json_parser": {"completion_result": "$.a"}}, **settings,
        },
    }  # fmt: skip


ACCOUNT = {
    "type": "service_account",
    "private_key_id": "canary-Id7k8L",
    "private_key": "-----BEGIN\ncanary-In9m\n-----END",
}
SERVICES = dict(of_examples())
PLACES: dict[str, Placement] = {
    **SERVICES,
    "quotes": cohere("canary-\"Q1\"-'w2'-\\e3"),
    "unicode": cohere("canary-żółć-日本語-🔑-K1"),
    "braces of java and yaml": cohere("canary-{a=b, c=d}-[x]-%41-K2"),
    "blanks inside": cohere("canary  two   blanks K3"),
    "like a number": cohere("90817263544"),
    "like a boolean": cohere("truefalse-canary"),
    "a template": cohere("canary-${api_key}-K4"),
    "escape sequences": cohere("canary-\x1b[31mred\x1b[0m-K5"),
    "markdown and html": cohere("canary-`|<b>*x*</b>|`-K6"),
    "very short": cohere("zq~7"),
    "very long": cohere("canary-" + "".join(f"{n:05d}zq" for n in range(5000))),
    "several lines": cohere("canary-first-L1\ncanary-second-L2\r\ncanary-third-L3"),
    "part of a setting": Placement(
        cohere("embed-canary", model="my-embed-canary-v3").endpoint, {"CANARY_KEY": "embed-canary"},
        ("my-embed-canary-v3",),
    ),
    "equal to the id of another setting": Placement(
        cohere("canary-user-K7", task_settings={"top_n": 3}).endpoint, {"CANARY_KEY": "canary-user-K7"}
    ),
    "nested names": Placement(
        custom(
            secret_parameters={"api_key": {"env": "ONE"}, "plain": {"env": "TWO"}, "with.dot": {"env": "THREE"}},
            headers={"Authorization": "Bearer ${api_key}"},
        ),
        {"ONE": "canary-one-A1b2", "TWO": "canary-two-C3d4", "THREE": "canary-three-E5f6"},
    ),
    "a header": Placement(
        custom(headers={"X-Api-Key": {"env": "HEADER"}}), {"HEADER": "canary-header-G7h8"}
    ),
    "json in a secret": Placement(
        {
            "inference_id": "a", "task_type": "rerank", "service": "googlevertexai",
            "service_settings": {"project_id": "p", "service_account_json": {"env": "ACCOUNT"}},
        },
        {"ACCOUNT": json.dumps(ACCOUNT)},
    ),
    "a service that no page knows": Placement(
        {
            "inference_id": "a", "task_type": "rerank", "service": "newer", "passthrough": True,
            "service_settings": {"model": "m", "auth": {"deep": {"env": "DEEP"}}},
        },
        {"DEEP": "canary-deep-J9k0"},
    ),
}  # fmt: skip


def with_each(variants: Iterable[str]) -> list[tuple[str, str]]:
    """Each form of a secret in all variants of a situation; each service, whose values have one form, in one, by turns."""
    in_turn = list(variants)
    turns = {kind: [in_turn[number % len(in_turn)]] for number, kind in enumerate(SERVICES)}
    return [(kind, variant) for kind in PLACES for variant in turns.get(kind, in_turn)]


def test_there_are_thirty_kinds() -> None:
    assert len(PLACES) >= 30


def forms(value: str) -> set[str]:
    """What a careless program would print of a secret: whole, escaped, encoded, line by line."""
    found = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    found |= {quote(value, safe=""), base64.b64encode(value.encode()).decode()}
    found |= {line for line in value.splitlines() if len(line) >= 6}
    if value.startswith("{"):
        found |= {inner for inner in json.loads(value).values() if inner != "service_account"}
    if len(value) > 200:
        found |= {value[:40], value[-40:], value[1000:1040]}
    return {form for form in found if form}


@dataclass
class Net:
    """All that could be seen from outside."""

    desk: Desk
    caught: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def __call__(self, *arguments: str) -> None:
        ran = self.desk(*arguments)
        self.codes.append(ran.code)
        self.caught += [ran.out, ran.err]

    def catch(self, problem: BaseException) -> None:
        told = traceback.TracebackException.from_exception(problem, capture_locals=True, max_group_width=50)
        self.caught += ["".join(told.format()), str(problem), repr(problem), repr(vars(problem))]

    def everything(self) -> Iterator[str]:
        yield from self.caught
        for file in self.desk.folder.glob("*.out"):
            yield file.read_text(encoding="utf-8")
        yield json.dumps(self.desk.ledger(), ensure_ascii=False)
        yield json.dumps(self.desk.ledger())


@pytest.fixture
def net(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Net:
    """Catches what the client raises and what reaches the last net of the command line."""
    found = Net(desk)

    def watched(name: str) -> None:
        inner: Callable[..., Any] = getattr(InferenceClient, name)

        def call(self: InferenceClient, **arguments: Any) -> Any:
            try:
                return inner(self, **arguments)
            except Exception as problem:
                found.catch(problem)
                raise

        monkeypatch.setattr(InferenceClient, name, call)

    for name in ("put", "update", "inference"):
        watched(name)

    from inferctl.cli.reports import Reports  # noqa: PLC0415

    end = Reports.end

    def last(self: Reports, problem: BaseException) -> int:
        if isinstance(problem, Exception):
            found.catch(problem)
        return end(self, problem)

    monkeypatch.setattr(Reports, "end", last)
    desk.set(INFERCTL_DEBUG="1")
    return found


def prepared(net: Net, place: Placement) -> None:
    endpoint = dict(place.endpoint)
    net.desk.write(endpoint.pop("inference_id"), **endpoint)
    net.desk.set(**place.values)


def check(net: Net, place: Placement) -> None:
    texts = list(net.everything())
    for shown in place.shown:
        texts = [text.replace(shown, "") for text in texts]
    for value in place.values.values():
        for form in forms(value):
            leaks = [text for text in texts if form in text]
            assert not leaks, (form[:80], leaks[0][max(0, leaks[0].find(form) - 300) : leaks[0].find(form) + 300])


def everything_once(net: Net) -> None:
    net("validate")
    net("plan", "-vv", "--out", "saved.out", *REPORTS)
    net("apply", "--yes", "-vv", *REPORTS)
    net("rotate", "*", "--yes", "-vv", "--check", *REPORTS)
    for output_format in ("json", "markdown"):
        net("plan", "-vv", "--format", output_format)
        net("rotate", "*", "--yes", "--format", output_format)
    net("history", "--format", "json")
    net("ledger", "check", "--format", "json")


@pytest.mark.parametrize("kind", PLACES)
def test_it_works(net: Net, kind: str) -> None:
    place = PLACES[kind]
    prepared(net, place)
    everything_once(net)
    if place.endpoint["service"] != "newer":
        assert set(net.codes) == {0}
        assert place.name in net.desk.ledger()
    check(net, place)


@pytest.mark.parametrize("kind", PLACES)
def test_the_provider_refuses_the_key_and_quotes_it(net: Net, kind: str) -> None:
    place = PLACES[kind]
    prepared(net, place)
    quoted = " ".join(place.values.values())
    refusal = {"outcome": "401", "message": f"Incorrect API key provided: {quoted}. See {quoted[:12]}...{quoted[-6:]}"}
    net.desk.emulated.call("POST", "/_emulator/provider", refusal)
    net("apply", "--yes", "-vv", *REPORTS)
    net.desk.emulated.calm()
    net("apply", "--yes", "-vv")
    net.desk.emulated.call("POST", "/_emulator/provider", refusal)
    net("rotate", "*", "--yes", "-vv", "--check", *REPORTS)
    check(net, place)


def as_java(value: Any) -> str:
    """Java's way to print a map."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={as_java(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(as_java, value)) + "]" if isinstance(value, list) else str(value)


ECHOES: dict[str, Callable[[bytes], str]] = {
    "json": lambda body: f"Failed to parse object: {body.decode()}",
    "java": lambda body: f"Failed to parse update request [{as_java(json.loads(body))}]",
    "cut": lambda body: f'[1:40] unexpected token\n at [Source: (byte[])"{body.decode()[:500]}"[truncated]; line: 1]',
    "twice": lambda body: json.dumps(json.dumps(body.decode())),
}


@pytest.mark.parametrize(("kind", "echo"), with_each(ECHOES))
def test_the_server_echoes_the_body(net: Net, kind: str, echo: str) -> None:
    place = PLACES[kind]
    prepared(net, place)

    def echoing(status: int) -> Callable[[str, str, bytes | None], Any]:
        def answer(method: str, target: str, body: bytes | None) -> Any:
            echoes = method == "PUT" and "/_inference/" in target and body
            return error(status, "x_content_parse_exception", ECHOES[echo](body)) if echoes and body else None

        return answer

    for arguments in (("apply", "--yes", "-vv", *REPORTS), ("rotate", "*", "--yes", "-vv", *REPORTS)):
        for status in (400, 500):
            net.desk.answer = echoing(status)
            net(*arguments)
        net.desk.answer = None
        net("apply", "--yes", "-vv")
    check(net, place)


BROKEN = ("the read-back", "the report", "the ledger", "the body")


@pytest.mark.parametrize(("kind", "where"), with_each(BROKEN))
def test_inferctl_breaks(net: Net, kind: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = PLACES[kind]
    prepared(net, place)

    def broken(*_arguments: object, **_named: object) -> Any:
        raise ZeroDivisionError

    def broken_body(value: object) -> bytes:
        if isinstance(value, dict) and "service_settings" in value:
            raise ZeroDivisionError
        return encode(value)

    target, instead = {
        "the read-back": ("inferctl.applier.writer.compare_after", broken),
        "the report": ("inferctl.api.render._outcome", broken),
        "the ledger": ("inferctl.ledger.fingerprints.Fingerprints.digest", broken),
        "the body": ("inferctl.client.payload.encode", broken_body),
    }[where]
    monkeypatch.setattr(target, instead)
    net("apply", "--yes", "-vv", *REPORTS)
    net("rotate", "*", "--yes", "-vv", *REPORTS)
    assert net.codes != [0, 0]
    check(net, place)
