"""A file is written only where, read back, it says what the cluster holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import observed

from inferctl.export import collect
from inferctl.export.collect import Selection, documents_of
from inferctl.export.document import document_of
from inferctl.export.text import document_text
from inferctl.model.versions import Version
from inferctl.planner.plan import Capabilities

if TYPE_CHECKING:
    from inferctl.export.document import ExportedFile

CAPABILITIES = Capabilities(Version(9, 5))


def exported() -> dict[str, ExportedFile]:
    endpoints = {"a": observed("a", task={"user": "u"}), "b": observed("b")}
    return {document.inference_id: document for document in documents_of(endpoints, Selection(), CAPABILITIES)}


def test_what_holds_true_has_no_problem() -> None:
    assert {name: document.problem for name, document in exported().items()} == {"a": "", "b": ""}


@pytest.mark.parametrize("settings", [{"zone": "a\ud800b"}, {"k" * 2_000: 1}], ids=["half a character", "a long key"])
def test_a_value_that_no_file_can_hold_is_a_problem(settings: dict[str, Any]) -> None:
    endpoints = {"a": observed("a", service="newer", settings=settings), "b": observed("b")}
    first, second = documents_of(endpoints, Selection(), CAPABILITIES)
    assert "cannot hold" in first.problem
    assert second.problem == ""


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ({"task_settings": {"user": "other"}}, "task_settings.user"),
        ({"service_settings": {"model_id": "other", "api_key": {"env": "K"}}}, "service_settings.model_id"),
    ],
)
def test_a_file_that_would_change_its_endpoint_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any], path: str
) -> None:
    """No such file is known; should the writer of documents make one, it is found before it is written."""
    right = document_of

    def wrong(endpoint: Any, *rest: Any) -> ExportedFile:
        document = right(endpoint, *rest)
        return replace(document, value={**document.value, **fault}) if endpoint.inference_id == "a" else document

    monkeypatch.setattr(collect, "document_of", wrong)
    documents = exported()
    assert path in documents["a"].problem
    assert documents["b"].problem == ""


def test_a_text_that_says_something_else_is_a_problem_even_where_no_plan_would_show_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = document_text
    monkeypatch.setattr(collect, "document_text", lambda document: right(document).replace("A_API_KEY", "ANOTHER_KEY"))
    documents = exported()
    assert "cannot hold" in documents["a"].problem
    assert documents["b"].problem == ""
