"""A run that is killed in the middle of a replace: the next one says so first, and ends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import error

from .killing import actions, kill, killed_apply

if TYPE_CHECKING:
    from .desk import Desk


def body(model: str) -> dict[str, Any]:
    return {
        "task_type": "rerank",
        "service": "cohere",
        "service_settings": {"model_id": model, "api_key": {"env": "K"}},
    }


ELSER: dict[str, Any] = {
    "task_type": "sparse_embedding",
    "service": "elasticsearch",
    "service_settings": {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1},
}


@pytest.fixture
def replacing(desk: Desk) -> Desk:
    """`m` is there with another model than its file, and `z` is new."""
    desk.write("m", **body("old"))
    desk.set(K="first")
    assert desk("apply", "--yes").code == 0
    desk.write("m", **body("new"))
    return desk


def intent(desk: Desk, name: str = "m") -> Any:
    return desk.ledger()[name]["intent"]


# Two DELETEs are dry runs. What is there then comes last.
MOMENTS = {
    "before the trial": ("PUT", "/inferctl-trial-", 1, False, "old"),
    "before the delete": ("DELETE", "/_inference/rerank/m", 3, False, "old"),
    "after the delete": ("DELETE", "/_inference/rerank/m", 3, True, None),
    "before the create": ("PUT", "/_inference/rerank/m", 1, False, None),
    "after the create": ("PUT", "/_inference/rerank/m", 1, True, "new"),
    "before it is noted": ("POST", "/_bulk", 4, False, "new"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_run_says_so_and_ends_it(replacing: Desk, moment: str) -> None:
    desk = replacing
    method, path, nth, after, left = MOMENTS[moment]
    kill(desk, method, path, nth=nth, after=after)
    killed_apply(desk)
    shown = desk.emulated.shown("m")
    assert (shown["service_settings"]["model_id"] if shown else None) == left
    assert intent(desk) == "replace"
    desk.set(K="second")
    text = desk("plan", "--allow-replace").out
    told = "warning: a run did not end the replace of m: "
    state, does = {
        "old": ("it is there, with other settings than its file", "replace it"),
        None: ("it is not there", "create it first"),
        "new": ("it is there, as declared, and which secret it has nobody knows", "update it"),
    }[left]
    assert text.splitlines()[3] == f"{told}{state}, and this plan will {does}"  # below the cluster and the run
    (said,) = json.loads(desk("plan", "--format", "json", "--allow-replace").out)["unfinished"]
    assert said == f"a run did not end the replace of m: {state}, and this plan will {does}"
    markdown = desk("plan", "--format", "markdown", "--allow-replace").out
    assert markdown.index("did not end the replace of m") < markdown.index("| Endpoint |")
    ran = desk("apply", "--yes", "--allow-replace")
    assert ran.code == 0, ran.said
    assert intent(desk) == ""
    assert desk.stored("m") == {"api_key": "second"}
    assert desk.emulated.shown("m")["service_settings"]["model_id"] == "new"
    after_all = desk("plan", "--detailed-exitcode")
    assert after_all.code == 0
    assert "replace of m" not in after_all.out


def test_what_is_lost_is_created_before_anything_else(replacing: Desk) -> None:
    desk = replacing
    kill(desk, "DELETE", "/_inference/rerank/m", nth=3, after=True)
    killed_apply(desk)
    for name in ("a", "z"):
        desk.write(name, **body("new"))
    assert desk("apply", "--yes").code == 0  # nobody has to allow a replace for it
    made = [line for line in desk.emulated.sent if line.startswith("PUT /_inference")]
    assert made[0].startswith("PUT /_inference/rerank/m")


def test_a_file_that_went_back_finds_its_endpoint_as_declared(desk: Desk) -> None:
    """No secret that would have to be sent again: nothing is to be done but to say so, and to clear the record."""
    desk.write("m", **ELSER)
    assert desk("apply", "--yes").code == 0
    settings = {**ELSER["service_settings"], "num_threads": 2}
    desk.write("m", **{**ELSER, "service_settings": settings})
    kill(desk, "DELETE", "/_inference/sparse_embedding/m", nth=3, after=False)
    killed_apply(desk)
    desk.write("m", **ELSER)
    assert intent(desk) == "replace"
    ran = desk("apply", "--yes")
    assert ran.code == 0
    assert "a run did not end the replace of m: it is there, as declared" in ran.out
    assert intent(desk) == ""
    assert "replace of m" not in desk("plan").out


def test_what_is_lost_stays_ours(replacing: Desk) -> None:
    """Its file is gone as well, and somebody else uses the id: that is still the endpoint of ours, as it always was."""
    desk = replacing
    kill(desk, "DELETE", "/_inference/rerank/m", nth=3, after=True)
    killed_apply(desk)
    kill(desk, "PUT", "/_inference/rerank/m", after=False)
    killed_apply(desk)
    assert intent(desk) == "replace"
    desk.write("z", **body("new"))
    (desk.folder / "e" / "m.yaml").unlink()
    assert actions(desk) == {"m": "forget", "z": "create"}


def test_a_step_that_is_not_in_the_plan_is_told_all_the_same(replacing: Desk) -> None:
    desk = replacing
    kill(desk, "DELETE", "/_inference/rerank/m", nth=3, after=True)
    killed_apply(desk)
    desk.write("z", **body("new"))
    assert "a run did not end the replace of m: this plan does not look at it" in desk("plan", "--target", "z").out


def test_a_replace_that_is_held_has_no_intent(replacing: Desk) -> None:
    desk = replacing
    assert desk("apply", "--yes").code == 3
    assert intent(desk) == ""


@pytest.mark.parametrize("restored", [True, False])
def test_a_replace_that_failed_and_what_is_there(replacing: Desk, *, restored: bool) -> None:
    """Restored: nothing is in the middle. Gone: the next run says so, and creates it first."""
    desk = replacing
    refused = 0

    def refuse(method: str, target: str) -> Any:
        nonlocal refused
        if method != "PUT" or not target.startswith("/_inference/rerank/m"):
            return None
        refused += 1
        return error(400) if refused == 1 or not restored else None

    desk.emulated.override = refuse
    assert desk("apply", "--yes", "--allow-replace").code == 4
    desk.emulated.calm()
    assert (desk.emulated.shown("m") is not None) is restored
    assert intent(desk) == ("" if restored else "replace")
    assert ("did not end the replace" in desk("plan").out) is not restored
    assert desk("apply", "--yes", "--allow-replace").code == 0
    assert intent(desk) == ""


def test_a_trial_that_is_refused_leaves_the_record_as_it_was(replacing: Desk) -> None:
    desk = replacing
    before = desk.ledger()["m"]
    desk.emulated.call("POST", "/_emulator/provider", {"outcome": "401", "message": "no"})
    assert desk("apply", "--yes", "--allow-replace").code == 1
    assert {**desk.ledger()["m"], "run": ""} == {**before, "run": ""}
