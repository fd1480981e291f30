"""What stands beside the inference API: documents with sequence numbers, indexes, pipelines, templates.

Source: emulating.md#state.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.search_pages import BY_DATE, BY_NUMBER, DOCUMENTS, FIELDS, QUERIES, REWRITTEN, VALUES, pages

from .api import Api, in_each, semantic

DOC = "/ledger/_doc/one"


@in_each()
def test_create_read_change_delete(every: Api) -> None:
    """emulating.md#state: versions and sequence numbers move."""
    made = every("PUT", f"{DOC}?op_type=create", {"a": 1})
    assert (made.status, made.body["result"], made.body["_seq_no"], made.body["_version"]) == (201, "created", 0, 1)
    found = every.good("GET", DOC)
    assert (found["found"], found["_source"], found["_seq_no"], found["_primary_term"]) == (True, {"a": 1}, 0, 1)
    changed = every.good("PUT", f"{DOC}?if_seq_no=0&if_primary_term=1", {"a": 2})
    assert (changed["result"], changed["_seq_no"], changed["_version"]) == ("updated", 1, 2)
    gone = every.good("DELETE", f"{DOC}?if_seq_no=1&if_primary_term=1")
    assert gone["result"] == "deleted"
    missing = every("GET", DOC)
    assert (missing.status, missing.body["found"]) == (404, False)


@in_each()
def test_conflicts(every: Api) -> None:
    """emulating.md#state: 409 version_conflict_engine_exception, and nothing changes."""
    every("PUT", f"{DOC}?op_type=create", {"a": 1})
    for method, query, body in (
        ("PUT", "op_type=create", {"a": 2}),
        ("PUT", "if_seq_no=7&if_primary_term=1", {"a": 2}),
        ("PUT", "if_seq_no=0&if_primary_term=9", {"a": 2}),
        ("DELETE", "if_seq_no=7&if_primary_term=1", None),
    ):
        answer = every(method, f"{DOC}?{query}", body)
        assert (answer.status, answer.type) == (409, "version_conflict_engine_exception")
    assert every.good("GET", DOC)["_source"] == {"a": 1}


@in_each()
def test_unknown_index(every: Api) -> None:
    """emulating.md#state."""
    answer = every("GET", "/nowhere/_doc/one")
    assert (answer.status, answer.type, answer.reason) == (
        404,
        "index_not_found_exception",
        "no such index [nowhere]",
    )


@in_each()
def test_mappings(every: Api) -> None:
    """delete.md#who-uses-it: what was put is read back."""
    every.good("PUT", "/docs", {"mappings": semantic("ep")})
    assert every.good("GET", "/docs/_mapping") == {"docs": {"mappings": semantic("ep")}}
    assert every("PUT", "/docs", {}).type == "resource_already_exists_exception"
    every.good("DELETE", "/docs")
    assert every("GET", "/docs/_mapping").status == 404


@in_each()
def test_pipelines(every: Api) -> None:
    """delete.md#who-uses-it."""
    pipeline = {"processors": [{"inference": {"model_id": "ep"}}]}
    every.good("PUT", "/_ingest/pipeline/p", pipeline)
    assert every.good("GET", "/_ingest/pipeline/p")["p"]["processors"] == pipeline["processors"]
    assert "p" in every.good("GET", "/_ingest/pipeline")
    every.good("DELETE", "/_ingest/pipeline/p")
    assert every("GET", "/_ingest/pipeline/p").status == 404


@pytest.mark.parametrize("kind", ["_index_template", "_component_template"])
@in_each()
def test_templates(every: Api, kind: str) -> None:
    """delete.md#who-uses-it."""
    body = {"template": {"mappings": semantic("ep")}}
    if kind == "_index_template":
        body["index_patterns"] = ["docs*"]  # type: ignore[assignment]
    every.good("PUT", f"/{kind}/t", body)
    (row,) = every.good("GET", f"/{kind}/t")[f"{kind.removeprefix('_')}s"]
    assert row["name"] == "t"
    assert row[kind.removeprefix("_")]["template"]["mappings"] == semantic("ep")
    every.good("DELETE", f"/{kind}/t")
    assert every("GET", f"/{kind}/t").status == 404


@in_each()
def test_cluster_settings(every: Api) -> None:
    """create.md#validation-call: set, read, removed by null."""
    name = "xpack.inference.skip_validate_and_start"
    every.good("PUT", "/_cluster/settings", {"persistent": {name: True}})
    assert every.good("GET", "/_cluster/settings?flat_settings=true")["persistent"] in ({name: True}, {name: "true"})
    every.good("PUT", "/_cluster/settings", {"persistent": {name: None}})
    assert every.good("GET", "/_cluster/settings")["persistent"] == {}


@in_each()
def test_pages_by_search_after(every: Api) -> None:
    """A sort value is what the next page names: milliseconds of a date, a number, a text; what lacks it is last."""
    every.good("PUT", "/ledger", {"mappings": {"properties": FIELDS}})
    for name, source in DOCUMENTS.items():
        every("PUT", f"/ledger/_doc/{name}", source)
    every.good("PUT", f"/ledger/_doc/{REWRITTEN}", DOCUMENTS[REWRITTEN])

    def hits(body: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = every.good("POST", "/ledger/_search", body)["hits"]["hits"]
        return found

    for sort, expected in (
        BY_NUMBER,
        BY_DATE,
        ([{"at": "desc"}, {"_seq_no": "desc"}], [["d", "b"], ["a", "e"], ["c"]]),
        ([{"word": {"order": "asc"}}, "_seq_no"], [["d", "b"], ["c", "a"], ["e"]]),
    ):
        assert pages(hits, sort) == expected
    for body, values in VALUES:
        (hit,) = hits(body)
        assert hit["sort"] == values
    for query, ids in QUERIES:
        assert {hit["_id"] for hit in hits({"query": query})} == ids


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"search_after": [1]}, "Sort must contain at least one field."),
        ({"search_after": [1], "sort": ["_seq_no", "_id"]}, "search_after has 1 value(s) but sort has 2."),
        ({"search_after": [1], "sort": ["_seq_no"], "from": 1}, "`from` parameter must be set to 0"),
        ({"size": 10_001}, "Result window is too large, from + size must be less than or equal to: [10000]"),
        ({"sort": ["nothing"]}, "No mapping found for [nothing] in order to sort on"),
    ],
)
@in_each()
def test_pages_that_cannot_be(every: Api, body: dict[str, object], reason: str) -> None:
    every.good("PUT", "/ledger", {"mappings": {"properties": {"word": {"type": "keyword"}}}})
    every("PUT", DOC, {"word": "a"})
    answer = every("POST", "/ledger/_search", body)
    assert (answer.status, answer.body["error"]["reason"].startswith(reason)) == (400, True)


@in_each()
def test_a_search_counts_and_shows_what_it_is_asked_for(every: Api) -> None:
    every("PUT", DOC, {"a": 1, "b": 2})
    found = every.good("POST", "/ledger/_search", {"size": 1, "_source": ["b"], "track_total_hits": True})["hits"]
    assert (found["total"], found["hits"][0]["_source"]) == ({"value": 1, "relation": "eq"}, {"b": 2})


@in_each()
def test_an_index_that_a_write_makes_guesses_its_mappings(every: Api) -> None:
    """What a write into a deleted index leaves: texts where keywords were."""
    source = {"kind": "run", "n": 1, "at": "2026-01-01T00:00:00Z", "in": {"deep": ["x"], "none": None}, "yes": True}
    every("PUT", DOC, source)
    fields = every.good("GET", "/ledger/_mapping")["ledger"]["mappings"]["properties"]
    text = {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}
    assert fields == {
        "kind": text,
        "n": {"type": "long"},
        "at": {"type": "date"},
        "in": {"properties": {"deep": text}},
        "yes": {"type": "boolean"},
    }
    caps = every.good("GET", "/ledger/_field_caps?fields=*")["fields"]
    assert set(caps["kind"]) == {"text"}


@in_each()
def test_an_index_that_takes_no_new_fields_maps_none(every: Api) -> None:
    fields = {"kept": {"type": "object", "enabled": False}, "word": {"type": "keyword"}}
    every.good("PUT", "/ledger", {"mappings": {"dynamic": False, "properties": fields}})
    every("PUT", DOC, {"kept": {"a": 1}, "word": "x", "other": 1})
    assert every.good("GET", "/ledger/_mapping")["ledger"]["mappings"]["properties"] == fields
