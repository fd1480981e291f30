"""Final documents: where each value comes from, and what differs between two of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import inferctl.report
from inferctl.diagnostics import Span
from inferctl.json_types import object_of, path_text
from inferctl.report.final_documents import FinalDocument, diff_text, diff_view, render_view, render_yaml
from inferctl.report.json import to_json
from inferctl.report.style import PLAIN
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source, decode
from inferctl.workspace.endpoint_file import parse_file, read_file

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

BASE = """\
inference_id: shop
task_type: sparse_embedding
service: elasticsearch
service_settings:
  model_id: .elser_model_2
  num_threads: 2
  num_allocations: ${elser_max}
lifecycle: {protect: [delete]}
"""
OVERLAY = """\
inference_id: shop
service_settings: {num_threads: 4}
"""
KEY = ("service_settings", "api_key")


def document(value: JsonObject | None = None, **changes: Any) -> FinalDocument:
    """The base as prod has it: one setting of an overlay, one with a variable in it."""
    (base,) = parse_file("endpoints/shop.yaml", BASE.encode()).raws
    (overlay,) = parse_file("environments/prod/shop.yaml", OVERLAY.encode()).raws
    settings = {**object_of(object_of(base.value)["service_settings"]), "num_threads": 4, "num_allocations": 16}
    threads, allocations = ("service_settings", "num_threads"), ("service_settings", "num_allocations")
    variable = ("variable elser_max", Span("inferctl.yaml", 9, 30, 9, 32))
    places = replace(base.places, over={threads: overlay.places.base}, related={allocations: (variable,)})
    final = value or {**object_of(base.value), "service_settings": settings}
    return FinalDocument(**{"inference_id": "shop", "value": final, "places": places, **changes})


def kept_to_the_schema(view: Any) -> Any:
    made = json.loads(to_json(view))
    path = Path(inferctl.report.__file__).parent / "schema" / f"{made['kind']}.json"
    Draft202012Validator(json.loads(path.read_text(encoding="utf-8"))).validate(made)
    return made


def test_each_value_says_its_file_its_line_and_its_variable() -> None:
    view = render_view("prod", [document()], origin=True)
    assert render_yaml(view).splitlines() == [
        "# Environment prod.",
        "inference_id: shop           # endpoints/shop.yaml:1:15",
        "task_type: sparse_embedding  # endpoints/shop.yaml:2:12",
        "service: elasticsearch       # endpoints/shop.yaml:3:10",
        "service_settings:",
        "  model_id: .elser_model_2   # endpoints/shop.yaml:5:13",
        "  num_threads: 4             # environments/prod/shop.yaml:2:33",
        "  num_allocations: 16        # endpoints/shop.yaml:7:20, variable elser_max at inferctl.yaml:9:30",
        "lifecycle:",
        "  protect:",
        "    - delete                 # endpoints/shop.yaml:8:23",
    ]
    origins = {one["path"]: one for one in kept_to_the_schema(view)["endpoints"][0]["origins"]}
    assert origins["service_settings.num_threads"]["span"]["file"] == "environments/prod/shop.yaml"
    assert origins["service_settings.num_allocations"]["related"][0]["span"]["line"] == 9


def test_what_is_printed_is_read_as_the_same_endpoint() -> None:
    final = document()
    for origin in (False, True):
        (read,) = read_file("again", render_yaml(render_view("", [final], origin=origin)).encode()).declared
        assert read.value == final.value


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=3))
def test_any_mapping_is_read_again_with_an_origin_behind_each_value(value: dict[str, Json]) -> None:
    (base,) = parse_file("a.yaml", b"inference_id: shop").raws
    view = render_view("", [document(value, places=base.places)], origin=True)
    text = render_yaml(view)
    source = decode("again", text.encode())
    assert isinstance(source, Source)
    parsed = parse(source)
    assert parsed.documents[0].value == value
    assert text.count("  # a.yaml:") == len(view["endpoints"][0]["origins"])


def test_a_reference_is_one_value_and_a_comment_cannot_end_its_line() -> None:
    value: JsonObject = {"inference_id": "shop", "service_settings": {"api_key": {"env": "KEY"}, "empty": {}}}
    (base,) = parse_file("a\n::error::.yaml", b"inference_id: shop").raws
    text = render_yaml(render_view("", [document(value, places=base.places, secrets=frozenset({KEY}))], origin=True))
    lines = [line.partition("  # ")[0].rstrip() for line in text.splitlines()]
    assert lines == ["inference_id: shop", "service_settings:", "  api_key: {env: KEY}", "  empty: {}"]
    assert "::error" not in text


def test_what_differs_leaf_by_leaf_and_a_reference_as_a_whole() -> None:
    sides = [
        document(
            {"inference_id": "shop", "service_settings": {"dimensions": dimensions, "api_key": reference, **more}},
            secrets=frozenset({KEY}),
        )
        for dimensions, reference, more in ((2, {"env": "A"}, {"rate": {"x": 1}}), (2.0, {"file": "b"}, {}))
    ]
    alone = document(inference_id="alone")
    view = diff_view(("staging", "prod"), [sides[0], alone], [sides[1], document(inference_id="new")])
    made = kept_to_the_schema(view)
    assert made["summary"] == {"changed": 1, "added": 1, "removed": 1, "same": 0}
    assert [(one["id"], one["difference"]) for one in made["endpoints"]] == [
        ("alone", "removed"), ("new", "added"), ("shop", "changed"),
    ]  # fmt: skip
    fields = made["endpoints"][2]["fields"]
    assert [(one["path"], one.get("before"), one.get("after")) for one in fields] == [
        (path_text(KEY), {"env": "A"}, {"file": "b"}),
        ("service_settings.dimensions", 2, 2.0),
        ("service_settings.rate.x", 1, None),
    ]
    assert [line.split()[:2] for line in diff_text(view, PLAIN).splitlines()[2:8]] == [
        ["-", "alone"], ["+", "new"], ["~", "shop"],
        ["~", "service_settings.api_key:"], ["~", "service_settings.dimensions:"], ["-", "service_settings.rate.x:"],
    ]  # fmt: skip


def test_what_looks_like_a_credential_is_not_shown_in_a_difference() -> None:
    url = "https://user:canary-7Gq@host.example/v1"
    sides = [document({"inference_id": "shop", "service_settings": {"url": one}}) for one in (url, "https://b.example")]
    view = diff_view(("staging", "prod"), [sides[0]], [sides[1]])
    assert "canary" not in diff_text(view, PLAIN) + to_json(view)


def test_the_same_documents_do_not_differ() -> None:
    view = kept_to_the_schema(diff_view(("staging", "prod"), [document()], [document()]))
    assert (view["endpoints"], view["summary"]["same"]) == ([], 1)
