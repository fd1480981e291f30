"""Adopted endpoints: nobody of us has seen their secrets. A plan says it in one line, and two commands end it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .desk import Desk, Ran

TEN = [f"shop-{number}" for number in range(10)]
LINE = "secrets of 10 endpoints are unknown (adopted): inferctl rotate --unknown sends them"


def rerank(**more: Any) -> dict[str, Any]:
    settings = {"model_id": "rerank-v3.5", "api_key": {"env": "COHERE_KEY"}}
    return {"task_type": "rerank", "service": "cohere", "service_settings": settings, **more}


def made(desk: Desk, *names: str) -> None:
    """Endpoints that somebody else made, and their files."""
    body = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "somebody's"}}
    for name in names:
        desk.emulated.call("PUT", f"/_inference/rerank/{name}", body)
        desk.write(name, **rerank())


@pytest.fixture
def adopted(desk: Desk) -> Desk:
    """Ten adopted endpoints, and one that we made."""
    desk.set(COHERE_KEY="ours")
    desk.write("made-by-us", **rerank())
    assert desk("apply", "--yes").code == 0
    made(desk, *TEN)
    assert desk("adopt", "shop-*").code == 0
    return desk


def states(ran: Ran) -> dict[str, list[str]]:
    return {
        change["id"]: [secret["state"] for secret in change["secrets"]] for change in json.loads(ran.out)["changes"]
    }


def all_ten(state: str) -> dict[str, list[str]]:
    return {name: [state] for name in TEN}


@pytest.mark.parametrize("output_format", ["text", "markdown"])
def test_ten_adopted_endpoints_are_one_line(adopted: Desk, output_format: str) -> None:
    ran = adopted("plan", "--format", output_format)
    assert ran.code == 0
    assert sum("unknown" in line for line in ran.out.splitlines()) == 1
    assert not any(name in ran.out for name in TEN)
    if output_format == "text":
        assert LINE in " ".join(ran.out.split())


def test_json_says_it_of_each(adopted: Desk) -> None:
    ran = adopted("plan", "--format", "json")
    assert states(ran) == {"made-by-us": ["same"], **all_ten("unknown")}
    assert LINE in ran.out


def test_the_plan_that_adopts_says_it_too(desk: Desk) -> None:
    made(desk, *TEN)
    ran = desk("plan")
    assert "10 to adopt" in ran.out
    assert ran.out.count("are unknown") == 1
    assert "warning" not in ran.out
    assert states(desk("plan", "--format", "json")) == all_ten("unknown")


def test_rotate_unknown_sends_just_those(adopted: Desk) -> None:
    ran = adopted("rotate", "--unknown", "--yes", "--quiet")
    assert ran.code == 0, ran.said
    assert [target for _, target in sent_updates(adopted)] == [f"/_inference/rerank/{name}/_update" for name in TEN]
    assert {adopted.stored(name)["api_key"] for name in TEN} == {"ours"}
    assert "unknown" not in adopted("plan").out
    again = adopted("rotate", "--unknown", "--yes")
    assert again.code == 0
    assert "no secret is unknown" in again.out
    assert "not selected by" not in again.out
    assert sent_updates(adopted) == []


def test_rotate_unknown_among_ids(adopted: Desk) -> None:
    assert adopted("rotate", "--unknown", "shop-1", "made-*", "--yes").code == 0
    assert [target for _, target in sent_updates(adopted)] == ["/_inference/rerank/shop-1/_update"]
    assert adopted("rotate", "--yes").code == 64
    assert adopted("rotate", "--unknown", "shpo-1", "--yes").code == 64


def test_rotate_unknown_needs_a_ledger(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk("9.5", scope="")
    made(desk, "a")
    desk.set(COHERE_KEY="ours")
    ran = desk("rotate", "--unknown", "--yes")
    assert ran.code == 64
    assert "needs a scope" in ran.err
    assert sent_updates(desk) == []


def test_accepted_secrets_are_noted_and_nothing_is_sent(adopted: Desk) -> None:
    ran = adopted("adopt", "--accept-secrets")
    assert ran.code == 0, ran.said
    assert ran.out.splitlines() == [f"accepted the secrets of {name}" for name in TEN]
    assert not any(target.startswith("/_inference/") for method, target in sent(adopted) if method != "GET")
    assert adopted.stored("shop-1")["api_key"] == "somebody's"
    assert adopted.fingerprint("shop-1")["accepted"] is True
    plan = adopted("plan")
    assert "unknown" not in plan.out
    assert states(adopted("plan", "--format", "json")) == {"made-by-us": ["same"], **all_ten("accepted")}
    assert adopted("adopt", "--accept-secrets").out.startswith("Nothing to do")


def test_a_later_change_of_an_accepted_secret_is_seen_and_sent(adopted: Desk) -> None:
    assert adopted("adopt", "--accept-secrets").code == 0
    adopted.set(COHERE_KEY="new")
    plan = adopted("plan", "--target", "shop-1")
    assert "api_key changed since" in plan.out
    assert adopted("apply", "--yes", "--target", "shop-1").code == 0
    assert adopted.stored("shop-1")["api_key"] == "new"
    assert "accepted" not in adopted.fingerprint("shop-1")


def test_an_accepted_secret_is_not_said_to_be_sent(adopted: Desk) -> None:
    assert adopted("adopt", "--accept-secrets").code == 0
    adopted.write("shop-1", **rerank(task_settings={"top_n": 3}))
    assert "api_key accepted today, never sent by us" in adopted("plan").out


def test_accepting_while_adopting_and_some_of_them(desk: Desk) -> None:
    made(desk, "a", "b", "c")
    desk.set(COHERE_KEY="ours")
    assert desk("adopt", "a").code == 0
    ran = desk("adopt", "a", "b", "--accept-secrets")
    assert ran.out.splitlines() == ["accepted the secrets of a", "adopted b"]
    assert states(desk("plan", "--format", "json")) == {"a": ["accepted"], "b": ["accepted"], "c": ["unknown"]}
    # What nobody adopted is left alone when no id is named.
    assert desk("adopt", "--accept-secrets").out.startswith("Nothing to do")
    assert "c" not in desk.ledger()


def test_a_secret_that_is_not_set_cannot_be_accepted(adopted: Desk) -> None:
    before = adopted.ledger()["shop-1"]["secrets"]
    adopted.set(COHERE_KEY=None)
    ran = adopted("adopt", "--accept-secrets")
    assert ran.code == 1
    assert "COHERE_KEY" in ran.err
    assert adopted.ledger()["shop-1"]["secrets"] == before


def test_adopt_without_an_id_is_a_wrong_command_line(desk: Desk) -> None:
    assert desk("adopt").code == 64


def sent(desk: Desk) -> list[tuple[str, str]]:
    return [tuple(one.split(" ", 1)) for one in desk.emulated.sent]  # type: ignore[misc]


def sent_updates(desk: Desk) -> list[tuple[str, str]]:
    return sorted((method, target) for method, target in sent(desk) if target.endswith("_update"))
