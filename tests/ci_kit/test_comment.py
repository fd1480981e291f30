"""Which comment is taken for the earlier one, and what becomes of it: with the API of GitHub, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from inferctl.ci.comment import LIMIT, Comment, Method, When, body_of, earlier, post
from inferctl.ci.github import GitHub
from inferctl.ci.web_api import ForgeError, WebApi
from inferctl.report.markdown import marker

from .github import REPOSITORY

if TYPE_CHECKING:
    from .github import Api

PERSON = {"login": "mallory", "type": "User"}
OTHER_BOT = {"login": "echo[bot]", "type": "Bot"}


def text(scope: str = "shop", label: str = "", command: str = "plan") -> str:
    return f"{marker(command, scope, label)}\nnew"


def old(scope: str = "shop", label: str = "", command: str = "plan") -> str:
    return f"{marker(command, scope, label)}\nold"


def forge(api: Api) -> GitHub:
    return GitHub(WebApi(api.url, {"Authorization": "Bearer t"}), REPOSITORY, "7")


def bodies(api: Api) -> list[str]:
    return [comment["body"] for comment in api.comments.get(7, [])]


def say(api: Api, body: str, when: str = "always", method: str = "update", *, news: bool = True) -> int | None:
    return post(forge(api), body, when=When(when), method=Method(method), news=news)


def test_it_is_changed_and_no_other_one(api: Api) -> None:
    others = [old("wiki"), old(label="prod"), old(command="apply"), "old", f"quoted:\n{old()}", f"> {old()}"]
    for body in others:
        api.add(7, body)
    api.add(8, old())
    number = api.add(7, old())
    assert say(api, text()) == number
    assert bodies(api) == [*others, text()]
    assert api.comments[8][0]["body"] == old()


def test_it_is_found_on_the_last_page(api: Api) -> None:
    for n in range(250):
        api.add(7, f"comment {n}")
    number = api.add(7, old())
    assert say(api, text()) == number
    assert len(bodies(api)) == 251
    assert sum(line.startswith("GET /repos/") for line in api.asked) == 3


@pytest.mark.parametrize("login", [None, "robot"])
@pytest.mark.parametrize("author", [PERSON, OTHER_BOT, None])
def test_the_comment_of_somebody_else_is_left_alone(api: Api, login: str | None, author: dict[str, str] | None) -> None:
    """Anybody can write the marker, and can have a bot that says what it is told."""
    api.login = login
    api.add(7, old(), author)
    for before in (PERSON, OTHER_BOT):
        api.add(7, f"{marker('plan', '', '')}\nfailed", before)
    others = bodies(api)
    say(api, text())
    assert bodies(api) == [*others, text()]
    say(api, text() + " again")
    assert bodies(api) == [*others, text() + " again"]


def test_nobody_is_taken_for_the_author_where_the_forge_names_none(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = api.answer

    def nobody(method: str, target: str, body: Any) -> tuple[int, Any]:
        return (200, {"errors": []}) if target == "/graphql" else answer(method, target, body)

    monkeypatch.setattr(api, "answer", nobody)
    api.add(7, old())
    with pytest.raises(ForgeError, match="whose token"):
        say(api, text())
    assert bodies(api) == [old()]


def test_a_run_that_does_not_know_its_scope_finds_the_only_one_of_its_label() -> None:
    known, other = Comment(1, old("shop", "prod"), ours=True), Comment(2, old("wiki", "test"), ours=True)
    assert earlier([known, other], text("", "prod")) == known
    assert earlier([known, Comment(3, old("wiki", "prod"), ours=True)], text("", "prod")) is None
    failed = Comment(4, old("", "prod"), ours=True)
    assert earlier([failed, other], text("shop", "prod")) == failed
    assert earlier([failed, known], text("shop", "prod")) == known


def test_a_marker_that_only_begins_alike_is_another_one() -> None:
    assert earlier([Comment(1, old("shop-2"), ours=True), Comment(2, old("shop", "a b"), ours=True)], text()) is None


@pytest.mark.parametrize(
    ("when", "news", "before", "after"),
    [
        ("always", False, [], [text()]),
        ("changes-only", True, [], [text()]),
        ("changes-only", False, [], []),
        ("changes-only", False, [old()], [text()]),  # an old plan does not stay
        ("never", True, [old()], [old()]),
    ],
)
def test_when(api: Api, when: str, news: bool, before: list[str], after: list[str]) -> None:
    for body in before:
        api.add(7, body)
    say(api, text(), when, news=news)
    assert bodies(api) == after


def test_methods(api: Api) -> None:
    first = api.add(7, old())
    api.add(7, "between")
    second = say(api, text(), method="recreate")
    assert bodies(api) == ["between", text()]
    assert second != first
    say(api, text(), method="new")
    assert bodies(api) == ["between", text(), text()]
    third = say(api, text() + "!")
    assert bodies(api) == ["between", text(), text() + "!"]
    assert third == api.comments[7][-1]["id"]


def test_a_token_that_may_not_write(api: Api) -> None:
    api.read_only = True
    with pytest.raises(ForgeError, match="403: Resource not accessible") as refused:
        say(api, text())
    assert refused.value.status == 403


def test_no_redirect_takes_the_token_away(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def redirect(*_: Any) -> tuple[int, Any]:
        return 307, {"location": f"{api.url}/elsewhere"}

    monkeypatch.setattr(api, "answer", redirect)
    with pytest.raises(ForgeError, match="307"):
        say(api, text())
    assert not any("elsewhere" in line for line in api.asked)


def test_nobody_there() -> None:
    with pytest.raises(ForgeError) as gone:
        WebApi("http://127.0.0.1:9", {}).call("GET", "/user")
    assert gone.value.status == 0


def test_a_body_fits_and_begins_with_its_marker() -> None:
    long = text() + "x" * 64_900
    body = body_of(long, "note " * 1_000)
    assert body.startswith(long)
    assert len(body) <= LIMIT
    assert body_of(text(), "  a note\n") == f"{text()}\n\na note"
    assert body_of(text() + "\n", "") == text()
