"""The client's document calls on real documents: what the ledger's fencing relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inferctl import InferenceClient
from inferctl.errors import AlreadyExists, Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


@pytest.fixture
def client(node: Node) -> Iterator[InferenceClient]:
    with InferenceClient(node.url, api_key=node.api_key or None) as made:
        yield made


@pytest.fixture
def index(client: InferenceClient, prefix: str) -> str:
    name = f"{prefix}-ledger"
    client.create_index(
        name,
        {
            "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": True},
            "mappings": {"dynamic": "strict", "properties": {"owner": {"type": "keyword"}, "n": {"type": "long"}}},
        },
    )
    return name


def test_an_index_is_created_once(client: InferenceClient, index: str) -> None:
    with pytest.raises(AlreadyExists):
        client.create_index(index, {})
    assert client.mappings(index=index)[index]["mappings"]["dynamic"] == "strict"


def test_absent_is_none(client: InferenceClient, index: str) -> None:
    assert client.get_document(index, "a") is None
    assert client.get_document(f"{index}-other", "a") is None
    assert client.delete_document(index, "a") is None
    assert client.search(f"{index}-other") == ()
    assert client.search(index) == ()


def test_create_is_for_one(client: InferenceClient, index: str) -> None:
    made = client.create_document(index, "a", {"owner": "one", "n": 1})
    assert (made.id, made.result) == ("a", "created")
    with pytest.raises(Conflict) as refused:
        client.create_document(index, "a", {"owner": "two", "n": 2})
    assert refused.value.status == 409
    assert refused.value.type == "version_conflict_engine_exception"
    stored = client.get_document(index, "a")
    assert stored is not None
    assert stored.source == {"owner": "one", "n": 1}
    assert (stored.seq_no, stored.primary_term) == (made.seq_no, made.primary_term)


def test_a_fenced_write_that_came_too_late(client: InferenceClient, index: str) -> None:
    first = client.create_document(index, "a", {"owner": "one", "n": 1})
    second = client.index_document(
        index, "a", {"owner": "two", "n": 2}, if_seq_no=first.seq_no, if_primary_term=first.primary_term
    )
    assert (second.result, second.seq_no) == ("updated", first.seq_no + 1)
    with pytest.raises(Conflict):
        client.index_document(
            index, "a", {"owner": "one", "n": 3}, if_seq_no=first.seq_no, if_primary_term=first.primary_term
        )
    with pytest.raises(Conflict):
        client.delete_document(index, "a", if_seq_no=first.seq_no, if_primary_term=first.primary_term)
    stored = client.get_document(index, "a")
    assert stored is not None
    assert stored.source == {"owner": "two", "n": 2}


def test_a_fenced_delete(client: InferenceClient, index: str) -> None:
    made = client.create_document(index, "a", {"owner": "one"})
    gone = client.delete_document(index, "a", if_seq_no=made.seq_no, if_primary_term=made.primary_term)
    assert gone is not None
    assert (gone.result, gone.seq_no) == ("deleted", made.seq_no + 1)
    assert client.get_document(index, "a") is None
    with pytest.raises(Conflict):
        client.index_document(index, "a", {"owner": "two"}, if_seq_no=gone.seq_no, if_primary_term=gone.primary_term)


def test_an_unfenced_write_counts_on(client: InferenceClient, index: str) -> None:
    first = client.index_document(index, "a", {"n": 1})
    second = client.index_document(index, "a", {"n": 2})
    assert (first.result, second.result) == ("created", "updated")
    assert second.seq_no > first.seq_no


def test_bulk_tells_each_line(client: InferenceClient, index: str) -> None:
    client.create_document(index, "taken", {"n": 0})
    items = client.bulk(
        [
            {"create": {"_id": "new"}},
            {"n": 1},
            {"create": {"_id": "taken"}},
            {"n": 2},
            {"index": {"_id": "taken", "if_seq_no": 99, "if_primary_term": 1}},
            {"n": 3},
            {"index": {"_id": "odd"}},
            {"no_such_field": True},
            {"delete": {"_id": "absent"}},
        ],
        index=index,
        refresh="wait_for",
    )
    assert [(item.operation, item.id, item.status) for item in items] == [
        ("create", "new", 201),
        ("create", "taken", 409),
        ("index", "taken", 409),
        ("index", "odd", 400),
        ("delete", "absent", 404),
    ]
    assert items[0].is_success
    assert not items[0].error
    assert items[1].error.startswith("version_conflict_engine_exception: [taken]: version conflict")
    assert items[3].error.startswith("strict_dynamic_mapping_exception")
    found = client.search(index, sort=[{"n": "asc"}])
    assert [(document.id, document.source) for document in found] == [("taken", {"n": 0}), ("new", {"n": 1})]


def test_a_search_gives_what_fencing_needs(client: InferenceClient, index: str) -> None:
    made = [
        client.create_document(index, name, {"owner": owner, "n": n}, refresh=True)
        for n, (name, owner) in enumerate([("a", "one"), ("b", "two"), ("c", "one")])
    ]
    found = client.search(index, query={"term": {"owner": "one"}}, sort=[{"n": "desc"}])
    assert [(d.id, d.seq_no, d.primary_term) for d in found] == [
        ("c", made[2].seq_no, made[2].primary_term),
        ("a", made[0].seq_no, made[0].primary_term),
    ]


def test_the_reads_of_a_cluster(client: InferenceClient, node: Node, prefix: str) -> None:
    assert client.info().major_minor >= (8, 17)
    node.call("PUT", f"/_ingest/pipeline/{prefix}-p", {"processors": [{"inference": {"model_id": "m"}}]})
    field = {"type": "semantic_text", "inference_id": "m"}
    node.call("PUT", f"/{prefix}-i", {"mappings": {"properties": {"t": field}}})
    template = {"index_patterns": [f"{prefix}-t*"], "template": {"mappings": {"properties": {"t": field}}}}
    node.call("PUT", f"/_index_template/{prefix}-t", template)
    node.call("PUT", f"/_component_template/{prefix}-c", {"template": template["template"]})
    try:
        assert client.pipelines()[f"{prefix}-p"]["processors"] == [{"inference": {"model_id": "m"}}]
        shown = client.mappings(index=f"{prefix}-*", filter_path="*.mappings.properties")
        assert shown[f"{prefix}-i"]["mappings"]["properties"]["t"]["inference_id"] == "m"
        assert f"{prefix}-t" in {entry["name"] for entry in client.index_templates()}
        assert f"{prefix}-c" in {entry["name"] for entry in client.component_templates()}
        assert list(client.field_caps(index=f"{prefix}-*", types="text")["fields"]) == ["t"]
        assert client.field_caps(index=f"{prefix}-*", types="semantic_text")["fields"] == {}  # found on 8.17 only
    finally:
        node.call("DELETE", f"/_index_template/{prefix}-t")
        node.call("DELETE", f"/_component_template/{prefix}-c")
