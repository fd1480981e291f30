"""What an overlay makes of a base: the laws of the merge, and what is wrong with an overlay."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inferctl.json_types import value_at
from inferctl.workspace.endpoint_file import RawEndpoint, parse_file
from inferctl.workspace.overlays import Merged, Overlaid, merge, overlay_all

if TYPE_CHECKING:
    from inferctl.json_types import Path

KEYS = st.sampled_from(["a", "b", "env", "file"])
SCALARS = st.one_of(
    st.integers(0, 2), st.booleans(), st.sampled_from(["", "x"]), st.lists(st.integers(0, 1), max_size=2)
)


def mappings(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    inner = st.recursive(leaves, lambda values: st.dictionaries(KEYS, values, max_size=3), max_leaves=8)
    return st.dictionaries(KEYS, inner, max_size=4)


BASES = mappings(SCALARS)
OVERLAYS = mappings(SCALARS | st.none())


def paths(value: Any, at: Path = ()) -> list[Path]:
    """Of every value below."""
    if not isinstance(value, Mapping):
        return []
    return [path for key, inner in value.items() for path in [(*at, key), *paths(inner, (*at, key))]]


def is_there(value: Any, path: Path) -> bool:
    parent = value_at(value, path[:-1])
    return isinstance(parent, Mapping) and path[-1] in parent


@given(BASES, OVERLAYS)
@settings(max_examples=100, deadline=None)
def test_each_value_is_of_the_base_or_where_the_overlay_spoke(base: Any, overlay: Any) -> None:
    before = copy.deepcopy((base, overlay))
    merged = merge(base, overlay)
    assert (base, overlay) == before
    for path in paths(merged.value):
        value = value_at(merged.value, path)
        if isinstance(value, Mapping):
            continue
        spoke = any(path[:size] in merged.given for size in range(len(path) + 1))
        assert value == value_at(overlay if spoke else base, path)
    for path in merged.given:
        new = value_at(overlay, path)
        assert is_there(overlay, path)
        assert (new is None) != is_there(merged.value, path)
    assert set(merged.missing) <= merged.given
    for path in merged.missing:
        assert not is_there(base, path) or not isinstance(value_at(base, path[:-1]), Mapping)


@given(BASES, OVERLAYS)
@settings(max_examples=60, deadline=None)
def test_what_the_overlay_says_is_there_and_what_it_removes_is_not(base: Any, overlay: Any) -> None:
    once = merge(base, overlay)
    for path in paths(overlay):
        value = value_at(overlay, path)
        if value is None:
            assert not is_there(once.value, path)
        elif not isinstance(value, Mapping):
            assert value_at(once.value, path) == value
    untouched = [path for path in paths(base) if not any(path[:n] in once.given for n in range(len(path) + 1))]
    assert all(is_there(once.value, path) for path in untouched)


@given(BASES, OVERLAYS)
@settings(max_examples=60, deadline=None)
def test_an_overlay_twice_is_an_overlay_once_and_an_empty_one_is_none(base: Any, overlay: Any) -> None:
    once = merge(base, overlay).value
    assert merge(once, overlay).value == once
    assert merge(base, {}) == Merged(base, frozenset(), ())
    assert merge({}, base).value == base


def test_a_reference_to_a_secret_is_one_value() -> None:
    for base, overlay in (({"env": "A"}, {"file": "b"}), ({"env": "A"}, {"env": "B"}), ({"file": "a"}, {"env": "B"})):
        merged = merge({"k": base}, {"k": overlay})
        assert (merged.value, merged.given) == ({"k": overlay}, frozenset({("k",)}))
    assert merge({"headers": {"env": "a", "x": "b"}}, {"headers": {"file": "c"}}).value == {
        "headers": {"env": "a", "x": "b", "file": "c"}
    }


@pytest.mark.parametrize(
    ("overlay", "there", "place"),
    [
        # What is no reference any more is what the overlay made of it.
        ("{file: k, env: Y}", {"env": "Y", "file": "k"}, "prod.yaml:2:29"),
        ("{env: null}", {}, "prod.yaml:2:29"),
        ("{env: null, file: k}", {"file": "k"}, "prod.yaml:2:29"),
        ("{}", {"env": "K"}, "a.yaml:6:12"),
    ],
)
def test_a_changed_reference_stands_where_it_was_changed(overlay: str, there: dict[str, str], place: str) -> None:
    (one,) = overlaid(f"inference_id: shop\nservice_settings: {{api_key: {overlay}}}\n").raws
    path = ("service_settings", "api_key")
    assert value_at(one.value, path) == there
    assert str(one.places.span(path)) == place


BASE = """\
inference_id: shop
task_type: rerank
service: cohere
service_settings:
  model_id: m
  api_key: {env: K}
  rate_limit: {requests_per_minute: 10}
task_settings: {top_n: 3}
"""


def raws(name: str, text: str) -> tuple[RawEndpoint, ...]:
    file = parse_file(name, text.encode())
    assert not file.failed, file.diagnostics
    return file.raws


def overlaid(text: str, base: str = BASE, *, whole: bool = True) -> Overlaid:
    return overlay_all(raws("a.yaml", base), raws("prod.yaml", text), whole=whole)


def test_values_keep_the_place_that_they_come_from() -> None:
    made = overlaid(
        "inference_id: shop\nservice_settings:\n  model_id: big\n  api_key: {file: key}\n"
        "task_settings: null\nprobe: {input: x}\n"
    )
    (one,) = made.raws
    assert made.diagnostics == ()
    assert one.value == {
        "inference_id": "shop",
        "task_type": "rerank",
        "service": "cohere",
        "service_settings": {"model_id": "big", "api_key": {"file": "key"}, "rate_limit": {"requests_per_minute": 10}},
        "probe": {"input": "x"},
    }
    wanted: dict[tuple[str, ...], str] = {
        ("inference_id",): "a.yaml:1:15",
        ("service_settings", "model_id"): "prod.yaml:3:13",
        ("service_settings", "api_key", "file"): "prod.yaml:4:19",
        ("service_settings", "rate_limit", "requests_per_minute"): "a.yaml:7:37",
        ("task_settings",): "prod.yaml:5:16",
        ("probe", "input"): "prod.yaml:6:16",
    }
    assert {path: str(one.places.span(path)) for path in wanted} == wanted
    assert (str(one.span), one.places.files) == ("a.yaml:1:1", frozenset({"a.yaml", "prod.yaml"}))


OTHER = "inference_id: {}\ntask_type: rerank\nservice: jinaai\nservice_settings: {{model_id: j, api_key: {{env: J}}}}\n"


def test_a_whole_endpoint_stands_alone_or_takes_the_place_of_another_service() -> None:
    both = overlaid(OTHER.format("new") + "skip: false\n---\n" + OTHER.format("shop"))
    assert both.diagnostics == ()
    assert [(value_at(raw.value, ("service",)), str(raw.span)) for raw in both.raws] == [
        ("jinaai", "prod.yaml:7:1"),
        ("jinaai", "prod.yaml:1:1"),
    ]
    assert both.raws[0].places.files == {"a.yaml", "prod.yaml"}
    assert "skip" not in dict(both.raws[1].value)  # type: ignore[arg-type]
    assert value_at(both.raws[0].value, ("task_settings",)) is None
    (same,) = overlaid("inference_id: shop\ntask_type: rerank\nservice: cohere\ntask_settings: {top_n: 5}\n").raws
    assert value_at(same.value, ("service_settings", "model_id")) == "m"


@pytest.mark.parametrize(
    ("overlay", "lifecycle", "places"),
    [
        ("", {"protect": ["replace"]}, {"protect": "a.yaml:9:22"}),
        (
            "lifecycle: {ready_timeout: 60}\n",
            {"protect": ["replace"], "ready_timeout": 60},
            {"protect": "a.yaml:9:22", "ready_timeout": "prod.yaml:5:28"},
        ),
        ("lifecycle: {protect: []}\n", {"protect": []}, {"protect": "prod.yaml:5:22"}),
        ("lifecycle: null\n", None, {}),
    ],
)
def test_a_whole_endpoint_keeps_the_protection_of_its_base(
    overlay: str, lifecycle: dict[str, object] | None, places: dict[str, str]
) -> None:
    (one,) = overlaid(OTHER.format("shop") + overlay, BASE + "lifecycle: {protect: [replace]}\n").raws
    assert value_at(one.value, ("lifecycle",)) == lifecycle
    assert {key: str(one.places.span(("lifecycle", key))) for key in places} == places
    assert str(one.places.span(("service",))) == "prod.yaml:3:10"


def test_skip_leaves_an_endpoint_out() -> None:
    made = overlaid("- inference_id: shop\n  skip: true\n  service_settings: {model_id: later}\n")
    assert (made.raws, made.diagnostics) == ((), ())
    assert {name: str(span) for name, span in made.skipped.items()} == {"shop": "prod.yaml:2:9"}
    assert overlaid("inference_id: shop\nskip: false\n").raws[0].value == raws("a.yaml", BASE)[0].value


@pytest.mark.parametrize(
    ("text", "code", "place", "fix"),
    [
        ("- 3\n", "overlay.document", "1:3", "inference_id: …, and what differs"),
        ("service_settings: {model_id: x}\n", "overlay.inference-id", "1:1", "inference_id: …"),
        ("inference_id: 3\n", "overlay.inference-id", "1:15", "inference_id: …"),
        ("inference_id: shop\nskip: never\n", "overlay.skip", "2:7", "skip: true"),
        ("inference_id: shopp\ntask_settings: {}\n", "overlay.no-base", "1:15", "inference_id: shop"),
        ("inference_id: else\nskip: true\n", "overlay.no-base", "1:15", "declare the whole endpoint here, or remove this"),
        ("inference_id: shop\n---\ninference_id: shop\n", "overlay.twice", "3:15", "make one of the two"),
        ("inference_id: shop\ntask_settings: {top: null}\n", "overlay.removes-nothing", "2:17", "remove top"),
        ("inference_id: shop\nprobe: {input: null}\n", "overlay.removes-nothing", "2:9", "remove input"),
        (
            "inference_id: shop\nservice: jinaai\n",
            "overlay.kind",
            "2:10",
            "remove service, or give task_type, service and all settings",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_overlay(text: str, code: str, place: str, fix: str) -> None:
    (found,) = overlaid(text).diagnostics
    assert (found.code, str(found.span), [one.text for one in found.fixes]) == (code, f"prod.yaml:{place}", [fix])


def test_of_an_incomplete_set_nobody_knows_what_it_lacks() -> None:
    assert overlaid("inference_id: else\nskip: true\n", whole=False).diagnostics == ()
