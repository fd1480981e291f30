"""What a program permits is what it wrote: a value of another type permits nothing, it is refused."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from inferctl import Cluster, Endpoint, Permissions, SettingsError, apply, plan
from inferctl.api.identity import identify
from inferctl.api.permissions import permitted
from inferctl.operator_bounds.bounds import OperatorBounds
from inferctl.secrets.reference import SecretRef
from inferctl.services import OpenAISettings
from inferctl.workspace.settings import Settings

SEVERAL = [one.name for one in fields(Permissions) if str(one.type).startswith(("tuple", "frozenset"))]


def test_there_are_fields_of_several() -> None:
    assert {"manage", "exclude", "take_over", "delete_ids"} <= set(SEVERAL)


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("value", ["zz-*", b"a", 3, {"a": 1}, [1], None])
def test_one_text_is_not_read_letter_by_letter(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=name):
        Permissions(**{name: value})


@pytest.mark.parametrize("name", SEVERAL)
def test_a_list_is_as_good_as_a_tuple(name: str) -> None:
    assert set(getattr(Permissions(**{name: ["a-*", "b"]}), name)) == {"a-*", "b"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"allow_delete": "no"}, {"allow_replace": 1}, {"only_rotates": None}, {"check_secrets": "yes"},
        {"max_changes": "3"}, {"max_changes": -3}, {"max_changes": True}, {"max_deletes": -1}, {"max_deletes": 2.5},
    ],
    ids=str,
)  # fmt: skip
def test_another_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Permissions(**wrong)


def test_a_number_of_deletes_is_a_number() -> None:
    assert Permissions(max_deletes=3) == Permissions(max_deletes="3")  # type: ignore[arg-type]


def test_what_is_permitted_by_name_stays_permitted() -> None:
    asked = Permissions(delete_ids={"a"}, replace_ids={"b"}, forget={"c"}, ignore=("task_settings.*",))  # type: ignore[arg-type]
    assert permitted(asked, Settings(), OperatorBounds()) == asked


def test_a_permit_by_name_frees_one_step() -> None:
    def endpoint(name: str) -> Endpoint:
        settings = OpenAISettings(model_id="m", api_key=SecretRef("env", "OPENAI_API_KEY"))
        return Endpoint(inference_id=name, task_type="completion", service="openai", service_settings=settings)

    with Cluster.emulator("9.1", scope="s") as cluster:
        apply(cluster, [endpoint("a"), endpoint("b"), endpoint("c")])
        may = Permissions(delete_ids=frozenset({"c"}), max_deletes="100%")
        standing = {
            change.inference_id: change.standing.word
            for change in plan(cluster, [endpoint("a")], permissions=may).steps
        }
    assert standing == {"b": "held", "c": "ready"}


@pytest.mark.parametrize("variable", ["INFERCTL_RUN_URL", "CI_JOB_URL", "BUILD_URL"])
def test_the_link_of_a_run_holds_no_credential(variable: str) -> None:
    run = identify({variable: "https://u:hunter2@ci.example/1?token=hunter2"})
    assert run.run_url.startswith("https://ci.example/1")
    assert "hunter2" not in repr(run)


@pytest.mark.parametrize("kind", ["env", "file"])
def test_a_key_in_the_place_of_a_name_is_no_reference(kind: Any) -> None:
    key = "AKIAABCDEFGHIJKLMNOP"
    for value in (SecretRef(kind, key), {kind: key}):
        with pytest.raises(ValueError, match="api_key") as refused:
            OpenAISettings(model_id="m", api_key=value)  # type: ignore[arg-type]
        assert key not in str(refused.value)
