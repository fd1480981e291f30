"""Documents -> who uses which endpoint. A table, and laws over random pipelines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferctl.planner.reference_search import SearchedDocuments, search_references
from inferctl.planner.references import Reference, UserKind

E = {"inference": {"model_id": "e"}}
P, I = UserKind.PIPELINE, UserKind.INDEX  # noqa: E741


def semantic(**more: Any) -> dict[str, Any]:
    return {"type": "semantic_text", **more}


def mapped(**properties: Any) -> dict[str, Any]:
    return {"i": {"mappings": {"properties": properties}}}


CASES: dict[str, tuple[SearchedDocuments, dict[str, tuple[Reference, ...]]]] = {
    "nothing": (SearchedDocuments(), {}),
    "several places in one pipeline": (
        SearchedDocuments({"p": {"processors": [E, {"set": {"on_failure": [E]}}], "on_failure": [E]}}),
        {"e": (Reference(P, "p"), Reference(P, "p", "on_failure"), Reference(P, "p", "on_failure of set"))},
    ),
    "failure inside of failure": (
        SearchedDocuments({"p": {"on_failure": [{"foreach": {"processor": {"set": {"on_failure": [E]}}}}]}}),
        {"e": (Reference(P, "p", "on_failure, foreach, on_failure of set"),)},
    ),
    "several processors in one object": (
        SearchedDocuments({"p": {"processors": [{"set": {}, "inference": {"model_id": "e"}}]}}),
        {"e": (Reference(P, "p"),)},
    ),
    "ids that are no text": (
        SearchedDocuments(
            {"p": {"processors": [{"inference": {"model_id": 1}}, {"inference": None}, {"pipeline": {"name": 2}}]}}
        ),
        {},
    ),
    "shapes that no server sends": (
        SearchedDocuments(
            {
                "p": None,
                "q": {"processors": "x", "on_failure": {"inference": {"model_id": "e"}}},
                "r": {"processors": [1, [E]]},
            },
            {"i": {"mappings": {"properties": [1], "dynamic_templates": [1, "x", {"d": None}]}}, "j": None},
            {"i": {"settings": {"index": "x"}}, "j": None},
            {"t": None},
            {"c": {"mappings": 1, "settings": 1}},
        ),
        {},
    ),
    "a chain of pipelines and who starts it": (
        SearchedDocuments(
            pipelines={
                "a": {"processors": [{"pipeline": {"name": "b"}}]},
                "b": {"processors": [{"foreach": {"processor": {"pipeline": {"name": "c"}}}}]},
                "c": {"processors": [E]},
                "d": {"processors": [{"pipeline": {"name": "nobody"}}]},
            },
            settings={
                "i": {"settings": {"index.final_pipeline": "a"}},
                "j": {"settings": {"index.final_pipeline": "d"}},
            },
        ),
        {
            "e": (
                Reference(P, "a", "", "b"),
                Reference(P, "b", "", "c"),
                Reference(P, "c"),
                Reference(I, "i", "final_pipeline", "a"),
            )
        },
    ),
    "pipelines that call each other": (
        SearchedDocuments(
            {
                "a": {"processors": [E, {"pipeline": {"name": "b"}}]},
                "b": {"processors": [{"pipeline": {"name": "a"}}, {"pipeline": {"name": "b"}}]},
            }
        ),
        {"e": (Reference(P, "a"), Reference(P, "b", "", "a"))},
    ),
    "_none and the same pipeline twice": (
        SearchedDocuments(
            pipelines={"p": {"processors": [E]}},
            settings={
                "i": {"settings": {"index.default_pipeline": "p", "index.final_pipeline": "p"}},
                "j": {"settings": {"index.default_pipeline": "_none"}},
                "k": {"settings": {"index": {"default_pipeline": "p"}}},
            },
        ),
        {
            "e": (
                Reference(P, "p"),
                Reference(I, "i", "default_pipeline", "p"),
                Reference(I, "i", "final_pipeline", "p"),
                Reference(I, "k", "default_pipeline", "p"),
            )
        },
    ),
    "fields": (
        SearchedDocuments(
            mappings=mapped(
                a=semantic(inference_id="e", search_inference_id="f"),
                b=semantic(inference_id="e", search_inference_id="e"),
                c={"properties": {"d": {"type": "text", "fields": {"s": semantic(inference_id="e")}}}},
                n={"type": "nested", "properties": {"t": semantic(search_inference_id="f")}},
            )
        ),
        {
            "e": (Reference(I, "i", "field a"), Reference(I, "i", "field b"), Reference(I, "i", "field c.d.s")),
            "f": (
                Reference(I, "i", "field a, search_inference_id"),
                Reference(I, "i", "field n.t, search_inference_id"),
            ),
        },
    ),
    "fields that are only named so": (
        SearchedDocuments(
            mappings=mapped(
                inference_id={"type": "keyword"},
                o={"properties": {"search_inference_id": {"type": "keyword"}}},
                m={"type": "keyword", "meta": {"inference_id": "e"}},
                d=semantic(),
            )
        ),
        {},
    ),
    "dynamic templates": (
        SearchedDocuments(
            component_templates={
                "c": {"mappings": {"dynamic_templates": [{"long": {"mapping": semantic(inference_id="e")}}]}}
            }
        ),
        {"e": (Reference(UserKind.COMPONENT_TEMPLATE, "c", "dynamic template long"),)},
    ),
    "templates of both kinds": (
        SearchedDocuments(
            pipelines={"p": {"on_failure": [E]}},
            index_templates={"t": {"settings": {"index": {"default_pipeline": "p"}}}},
            component_templates={"t": {"mappings": {"properties": {"b": semantic(inference_id="e")}}}},
        ),
        {
            "e": (
                Reference(P, "p", "on_failure"),
                Reference(UserKind.INDEX_TEMPLATE, "t", "default_pipeline", "p"),
                Reference(UserKind.COMPONENT_TEMPLATE, "t", "field b"),
            )
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    documents, expected = CASES[name]
    assert search_references(documents) == expected


def test_depth_is_no_limit() -> None:
    """The server gives up after ten levels (docs/reference/server/delete.md#who-uses-it)."""
    processor: Any = E
    for _ in range(400):
        processor = {"foreach": {"field": "a", "processor": processor}}
    (use,) = search_references(SearchedDocuments({"p": {"processors": [processor]}}))["e"]
    assert use.how.count("foreach") == 400


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda p: {"foreach": {"processor": p}}, inner),
        st.builds(lambda p, kind: {kind: {"on_failure": [p]}}, inner, st.sampled_from(["set", "inference", "foreach"])),
    )


PROCESSORS = st.recursive(
    st.one_of(
        st.builds(lambda i: {"inference": {"model_id": i}}, st.sampled_from("ef")),
        st.builds(lambda p: {"pipeline": {"name": p}}, st.sampled_from("pqr")),
    ),
    nested,
    max_leaves=4,
)
PIPELINES = st.dictionaries(
    st.sampled_from("pqr"),
    st.fixed_dictionaries(
        {"processors": st.lists(PROCESSORS, min_size=1, max_size=3)},
        optional={"on_failure": st.lists(PROCESSORS, max_size=2)},
    )
    | st.just({}),
    min_size=1,
)


def texts(value: Any, key: str) -> set[str]:
    """Every text below this key, wherever it stands."""
    if isinstance(value, list):
        return set().union(*(texts(item, key) for item in value))
    if not isinstance(value, dict):
        return set()
    here = {value[key]} if isinstance(value.get(key), str) else set()
    return here.union(*(texts(item, key) for item in value.values()))


@given(PIPELINES)
def test_nobody_is_forgotten_and_nobody_is_made_up(pipelines: dict[str, Any]) -> None:
    found = search_references(SearchedDocuments(pipelines))
    calls = {name: texts(body, "name") for name, body in pipelines.items()}
    for inference_id in "ef":
        reached = {name for name, body in pipelines.items() if inference_id in texts(body, "model_id")}
        direct = set(reached)
        while more := {name for name, called in calls.items() if called & reached} - reached:
            reached |= more
        uses = found.get(inference_id, ())
        assert {use.name for use in uses} == reached
        assert {use.name for use in uses if not use.through} == direct
        assert all(use.through in calls[use.name] & reached for use in uses if use.through)


@given(PIPELINES, st.randoms())
def test_the_order_of_documents_does_not_matter(pipelines: dict[str, Any], choice: Any) -> None:
    names = list(pipelines)
    choice.shuffle(names)
    assert search_references(SearchedDocuments({name: pipelines[name] for name in names})) == search_references(
        SearchedDocuments(pipelines)
    )
