"""Rotation of every service with a secret, on five versions: it works or is refused, and never half a set is stored."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from inferctl.model.services import find, service_names
from inferctl.model.versions import NEWEST, SERVERLESS, Version
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inferctl.model.desired_observed import DesiredEndpoint

    from .desk import Desk

EXAMPLES = Path(__file__).parents[2] / "examples" / "endpoints"
VERSIONS = ("8.17", "9.1", "9.4", "9.5", "serverless")
# What no example may hold, since 9.5 does not know it yet: Serverless alone is asked about it.
NEWER = {
    "tencentcloud": b"inference_id: new-service\ntask_type: rerank\nservice: tencentcloud\n"
    b"service_settings: {model_id: m, api_key: {env: TENCENTCLOUD_API_KEY}}\n"
}
# A chunking that an update resets on 8.17 and 9.1: the examples use the server's default or none.
RESET_BY_UPDATE = ("8.17", "9.1")


@cache
def examples() -> dict[str, bytes]:
    """One example of each service and task type that holds a secret."""
    texts = {file.stem: file.read_bytes() for file in sorted(EXAMPLES.rglob("*.yaml"))} | NEWER
    return {name: text for name, text in texts.items() if b"{env:" in text}


def cases() -> Iterator[tuple[str, str]]:
    for version in VERSIONS:
        for name, octets in (NEWER if version == "serverless" else examples()).items():
            read = read_file(name, octets, Version.parse(version))
            if read.declared and not any(d.is_error for d in read.diagnostics):
                yield version, name


CASES = sorted(cases())


def declared(name: str) -> DesiredEndpoint:
    (one,) = read_file(name, examples()[name], SERVERLESS if name in NEWER else NEWEST).declared
    return one.endpoint


def values(text: bytes, word: str) -> dict[str, str]:
    return {name: f"{word}-{name}" for name in re.findall(r"env:\s*([A-Z][A-Z0-9_]*)", text.decode())}


def secrets(word: str, endpoint: DesiredEndpoint) -> dict[str, Any]:
    """What the server must hold, in the shape in which it holds it."""
    page = find(endpoint.service)
    assert page is not None
    return {
        field: filled(endpoint.service_settings[field], word)
        for field in page.secret_fields(endpoint.task_type)
        if field in endpoint.service_settings
    }


def filled(value: Any, word: str) -> Any:
    if isinstance(value, dict) and set(value) == {"env"}:
        return f"{word}-{value['env']}"
    return {key: filled(inner, word) for key, inner in value.items()}


def start(desk: Desk, name: str) -> DesiredEndpoint:
    (desk.folder / "e" / "one.yaml").write_bytes(examples()[name])
    desk.set(**values(examples()[name], "old"))
    made = desk("apply", "--yes")
    assert made.code == 0, made.said
    endpoint = declared(name)
    assert desk.stored(endpoint.inference_id) == secrets("old", endpoint)
    return endpoint


def test_every_service_with_a_secret_has_a_case() -> None:
    with_secret = {
        name
        for name in service_names()
        if (page := find(name)) is not None and any(page.secret_fields(t) for t in page.task_types)
    }
    assert with_secret == {declared(name).service for _, name in CASES}
    assert {version for version, _ in CASES} == set(VERSIONS)


@pytest.mark.parametrize(("version", "name"), CASES, ids=["-".join(case) for case in CASES])
def test_rotate(make_desk: Callable[..., Desk], version: str, name: str) -> None:
    desk = make_desk(version)
    endpoint = start(desk, name)
    desk.set(**values(examples()[name], "new"))
    ran = desk("rotate", endpoint.inference_id, "--yes")
    if ran.code == 3:
        assert f"an update on {version} resets chunking_settings to word/250/100, so replace" in ran.out
        assert version in RESET_BY_UPDATE
        assert desk.stored(endpoint.inference_id) == secrets("old", endpoint)
        assert not [line for line in desk.emulated.writes if line.startswith("PUT /_inference")]
        ran = desk("rotate", endpoint.inference_id, "--yes", "--allow-replace")
    assert ran.code == 0, ran.said
    assert desk.stored(endpoint.inference_id) == secrets("new", endpoint)
    after = desk("plan", "--detailed-exitcode")
    assert after.code == 0, after.said


@pytest.mark.parametrize(("version", "name"), CASES, ids=["-".join(case) for case in CASES])
def test_a_key_that_the_provider_refuses(make_desk: Callable[..., Desk], version: str, name: str) -> None:
    """From 9.4 the old state is kept; before, the new key is stored, and that is said where a call tries it."""
    desk = make_desk(version)
    endpoint = start(desk, name)
    desk.set(**values(examples()[name], "new"))
    desk.emulated.call("POST", "/_emulator/provider", {"outcome": "401", "message": "no: new-SECRET"})
    ran = desk("rotate", endpoint.inference_id, "--yes")
    held, stored = ran.code == 3, desk.stored(endpoint.inference_id)
    if held or version in ("9.4", "9.5", "serverless"):
        assert stored == secrets("old", endpoint)
        assert held or (ran.code == 1 and "nothing was stored: the old secret is still in use" in ran.out), ran.said
    else:
        assert stored == secrets("new", endpoint)
        if ran.code == 0:
            assert f"no call tries the new secret: a {endpoint.task_type} endpoint without a probe" in ran.out
        else:
            assert ran.code == 6
            assert "the new secret was stored and the old one is gone" in ran.out
    assert "new-SECRET" not in ran.said or "new-SECRET" not in values(examples()[name], "new").values()


PAIRS = [case for case in CASES if declared(case[1]).service in ("amazonbedrock", "amazon_sagemaker")]


@pytest.mark.parametrize(("version", "name"), PAIRS, ids=["-".join(case) for case in PAIRS])
def test_half_a_pair_is_never_sent(make_desk: Callable[..., Desk], version: str, name: str) -> None:
    """One of the two variables is not set: nothing goes out, not even the other one."""
    desk = make_desk(version)
    endpoint = start(desk, name)
    first, second = sorted(values(examples()[name], "new"))
    desk.set(**{first: "new", second: None})
    for arguments in (
        ["rotate", endpoint.inference_id, "--yes", "--allow-replace"],
        ["apply", "--yes", "--allow-replace"],
    ):
        ran = desk(*arguments)
        assert ran.code == 1
        assert f"the variable {second} is not set" in ran.err
        assert [line for line in desk.emulated.writes if "/_inference" in line] == []
    assert desk.stored(endpoint.inference_id) == secrets("old", endpoint)


COHERE: dict[str, Any] = {
    "task_type": "rerank", "service": "cohere", "service_settings": {"model_id": "m", "api_key": {"env": "K"}},
}  # fmt: skip


def test_rotate_creates_nothing_and_removes_nothing(desk: Desk) -> None:
    desk.set(K="old")
    for name in ("a-1", "a-2", "b"):
        desk.write(name, **COHERE)
    assert desk("apply", "--yes").code == 0
    (desk.folder / "e" / "a-2.yaml").unlink()
    desk.write("a-3", **COHERE)
    desk.set(K="new")
    ran = desk("rotate", "a-*", "--yes")
    assert ran.code == 3
    assert "it does not exist, so it has no secret to send again" in ran.out
    assert [line for line in desk.emulated.writes if "/_inference" in line] == ["PUT /_inference/rerank/a-1/_update"]
    assert {name: desk.stored(name)["api_key"] for name in ("a-1", "a-2", "b")} == {
        "a-1": "new",
        "a-2": "old",
        "b": "old",
    }


def test_rotate_what_no_file_declares_or_what_has_no_secret(desk: Desk) -> None:
    elser = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
    desk.write("in-cluster", task_type="sparse_embedding", service="elasticsearch", service_settings=elser)
    ran = desk("rotate", "nobody", "in-*", "--yes")
    assert ran.code == 64
    assert "nobody: no file declares it" in ran.err
    assert "in-*: its file names no secret" in ran.err
    assert desk.emulated.sent == []


def test_rotate_of_another_scope(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="old")
    assert desk("apply", "--yes").code == 0
    settings = desk.folder / "inferctl.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("team", "others"), encoding="utf-8")
    desk.set(K="new")
    ran = desk("rotate", "a", "--yes")
    assert ran.code == 3
    assert "scope team owns it" in ran.out
    assert desk.stored("a") == {"api_key": "old"}


def test_rotate_respects_the_lock(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="old")
    assert desk("apply", "--yes").code == 0
    lock = {"kind": "lock", "format": 1, "scope": "team", "run": "r", "who": "somebody", "ttl_s": 60, "beats": 0}
    desk.emulated.call("PUT", "/inferctl-ledger/_create/lock:team", lock)
    ran = desk("rotate", "a", "--yes", "--lock-timeout", "0")
    assert ran.code == 7
    assert desk.stored("a") == {"api_key": "old"}


def test_check_and_no_check(desk: Desk) -> None:
    desk.write("a", **{**COHERE, "task_type": "completion"})
    desk.write("b", **COHERE)
    desk.set(K="old")
    assert desk("apply", "--yes").code == 0

    def calls(*arguments: str) -> list[str]:
        assert desk("rotate", *arguments, "--yes").code == 0
        return [line for line in desk.emulated.sent if line.startswith("POST /_inference")]

    assert calls("a") == []
    assert calls("a", "--check") == ["POST /_inference/completion/a"]
    assert calls("b") == ["POST /_inference/rerank/b"]
    assert calls("b", "--no-check") == []


def test_without_a_ledger(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(scope="")
    desk.write("a", **COHERE)
    desk.set(K="old")
    assert desk("apply", "--yes").code == 0
    desk.set(K="new")
    assert desk("plan", "--detailed-exitcode").code == 0
    assert desk("rotate", "a", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "new"}


def test_a_rotation_whose_answer_is_lost(desk: Desk) -> None:
    desk.write("a", **COHERE)
    desk.set(K="old")
    assert desk("apply", "--yes").code == 0
    desk.set(K="new")
    desk.lose_updates()
    ran = desk("rotate", "a", "--yes")
    assert ran.code == 4
    assert "a secret cannot be read back: send it again" in ran.out
    desk.emulated.calm()
    assert desk("apply", "--yes").code == 0
    assert desk.stored("a") == {"api_key": "new"}


def test_examples_are_one_endpoint_each() -> None:
    assert all(len(list(yaml.safe_load_all(octets))) == 1 for octets in examples().values())
