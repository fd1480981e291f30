"""A flag or an id that matches nothing is a wrong command line: it is named with its neighbour, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import endpoint

if TYPE_CHECKING:
    from tests.running import Emulator

    from .conftest import Repository, Shell

MADE = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "x"}}


def requests(emulator: Emulator) -> list[str]:
    """What was sent since the last look."""
    log = emulator.call("GET", "/_emulator/requests")["requests"]
    emulator.call("DELETE", "/_emulator/requests")
    return [f"{one['method']} {one['path']}" for one in log]


def writes(emulator: Emulator) -> list[str]:
    """Of these, all that is no read, the ledger and its lock included."""
    reads = ("GET ", "HEAD ")
    return [one for one in requests(emulator) if not one.startswith(reads) and not one.endswith("/_search")]


@pytest.fixture
def shop(repository: Repository, emulator: Emulator) -> Shell:
    """`search` and `chat` in files and applied; `gone` applied and without a file; `other` is nobody's."""
    files = {name: endpoint(name) for name in ("search", "chat", "gone")}
    made = repository("shop", files)
    assert made("apply", "--yes").code == 0
    (made.folder / "endpoints" / "gone.yaml").unlink()
    emulator.call("PUT", "/_inference/rerank/other", MADE)
    requests(emulator)
    return made


NOTHING_MATCHES = (
    (("--target", "serach"), "--target serach: no file declares it, and it is not ours. Did you mean search?"),
    (("--target", "shcat-*"), "--target shcat-*: no file declares it"),
    (("--target", "other"), "it is not ours, although it is in the cluster"),
    (("--target", "gone"), "a selection removes nothing: leave --target out"),
    (("--exclude", "caht"), "--exclude caht: it is neither in the files nor in the cluster. Did you mean chat?"),
    (("--send-secrets", "saerch"), "--send-secrets saerch: no file declares it. Did you mean search?"),
    (("--adopt", "othr"), "--adopt othr: no file declares it"),
    (("--adopt", "other"), "--adopt other: no file declares it (it is in the cluster: inferctl export --target"),
    (("--take-over", "x*"), "--take-over x*: no file declares it"),
    (("--force-delete", "gnoe"), "--force-delete gnoe: no file declares it, and it is not ours. Did you mean gone"),
    (("--force-delete", "g*"), "--force-delete g*: no file"),
    (("--target", "search", "--exclude", "s*"), "together leave no endpoint"),
    (("endpoints/chat.yaml", "--target", "search"), "together leave no endpoint"),
)


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")], ids=" ".join)
def test_a_flag_that_matches_nothing(shop: Shell, emulator: Emulator, command: tuple[str, ...]) -> None:
    """In one shop: nothing is written, so each finds what the first one found."""
    for flags, said in NOTHING_MATCHES:
        done = shop(*command, *flags)
        assert (flags, done.code, done.out) == (flags, 64, "")
        assert said in done.err, flags
        assert (flags, writes(emulator)) == (flags, [])


def test_all_of_them_are_named_at_once(shop: Shell) -> None:
    done = shop("plan", "--target", "serach", "--adopt", "x", "--force-delete", "y", "--exclude", "caht")
    assert [flag in done.err for flag in ("--target serach", "--adopt x", "--force-delete y", "--exclude caht")]
    assert len(done.err.splitlines()) == 5


def test_what_matches_something_is_no_error(shop: Shell) -> None:
    for flags in (
        ("--target", "s*", "--exclude", "chat"),
        ("--exclude", "other"),
        ("--exclude", "gone"),
        ("--adopt", "search"),  # ours already: a job may say so each time
        ("--take-over", "*"),
        ("--force-delete", "gone"),
        ("--force-delete", "search"),
        ("--send-secrets", "*"),
    ):
        done = shop("plan", *flags)
        assert (flags, done.code) == (flags, 0), done.err


def test_a_selector_that_the_files_answer_costs_no_request(shop: Shell, emulator: Emulator) -> None:
    requests(emulator)
    shop("plan", "--target", "search")
    selected = requests(emulator)
    shop("plan", "endpoints/search.yaml")
    assert requests(emulator) == selected != []


@pytest.mark.parametrize("flags", [("--target", "serach"), ("--exclude", "x"), ("--force-delete", "other")])
def test_destroy(shop: Shell, emulator: Emulator, flags: tuple[str, ...]) -> None:
    done = shop("destroy", "--yes", "--max-deletes", "100%", *flags)
    assert (done.code, done.out) == (64, "")
    assert writes(emulator) == []
    assert shop("destroy", "--yes", "--max-deletes", "100%", "--target", "gone", "--force-delete", "gone").code == 0
    assert set(emulator.live()) == {"search", "chat", "other"}


@pytest.mark.parametrize("settings", ["scope: shop\n", ""])
def test_destroy_within_globs_that_match_nothing(shop: Shell, emulator: Emulator, settings: str) -> None:
    """Of a settings file they are a bound: there may be nothing left."""
    (shop.folder / "inferctl.yaml").write_text(settings, encoding="utf-8")
    done = shop("destroy", "--yes", "--manage", "chta*", "--manage", "se*")
    assert (done.code, done.out) == (64, "")
    assert "--manage chta*: nothing in the cluster has such an id. Did you mean chat*?" in done.err
    assert "--manage se*" not in done.err
    (shop.folder / "inferctl.yaml").write_text(f"{settings}manage: [chta*]\n", encoding="utf-8")
    assert shop("destroy", "--yes").code == 0
    assert set(emulator.live()) == {"search", "chat", "gone", "other"}


def test_a_permit_that_matches_nothing_is_spent_and_stops_nobody(repository: Repository) -> None:
    verbs = ("delete", "replace", "adopt", "forget", "take_over")
    permits = "".join(f"- {{{verb}: nobody, reason: over}}\n" for verb in verbs)
    shop = repository("shop", {"a": endpoint("a")}, f"permits:\n{permits}- {{delete: x, reason: r, force: true}}\n")
    assert shop("apply", "--yes").code == 0
    assert shop("plan").out.count("is spent") == 6


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("rotate", "serach", "--yes"), "serach: no file declares it. Did you mean search?"),
        (("verify", "caht"), "caht: no file declares it. Did you mean chat?"),
        (("refs", "othre"), "othre: there is no such endpoint. Did you mean other?"),
        (("adopt", "x*"), "x*: no file declares it (inferctl export writes files)"),
        (("adopt", "serach"), "Did you mean search?"),
        (("forget", "gnoe"), "gnoe: the ledger does not hold it. Did you mean gone?"),
        (("history", "serach"), "serach: no run is about it. Did you mean search?"),
        (("export", "--target", "othre"), "Did you mean other?"),
    ],
)
def test_ids_of_other_commands(shop: Shell, emulator: Emulator, command: tuple[str, ...], said: str) -> None:
    done = shop(*command, "--url", emulator.url)
    assert (done.code, done.out) == (64, "")
    assert said in done.err
    assert writes(emulator) == []


def test_a_saved_plan_knows_what_its_flags_may_mean(shop: Shell, emulator: Emulator) -> None:
    assert shop("plan", "--out", "plan.json", "--allow-delete").code == 0
    requests(emulator)
    refused = shop("apply", "plan.json", "--yes", "--force-delete", "gnoe", "--adopt", "serach")
    assert refused.code == 64
    assert "Did you mean gone?" in refused.err
    assert "Did you mean search?" in refused.err
    assert writes(emulator) == []
    assert shop("apply", "plan.json", "--yes", "--allow-delete", "--force-delete", "gone").code == 0
