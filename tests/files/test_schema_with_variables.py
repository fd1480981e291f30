"""The schemas for a repository with environments: `${name}` for any value, and overlays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from inferctl.json_types import path_text
from inferctl.model.json_schema import endpoint_schema
from inferctl.model.json_schema.environments import overlay_schema, schema_with_variables
from inferctl.syntax.fixes import changed
from inferctl.syntax.parse import parse
from inferctl.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.json_types import Path as KeyPath

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "endpoints").glob("*.yaml"))
PLAIN = Draft7Validator(endpoint_schema())
OPEN = Draft7Validator(schema_with_variables())
OVERLAY = Draft7Validator(overlay_schema())


def example(path: Path) -> Any:
    return plain(parse(Source(path.name, path.read_text(encoding="utf-8"))).documents[0].value)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def leaves(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(value, dict):
        if set(value) & {"env", "file"}:
            return
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


# One of each service is enough: task types of a service share their settings.
ONE_EACH = list({path.name.partition("-")[0]: path for path in EXAMPLES}.values())


@pytest.mark.parametrize("path", ONE_EACH, ids=lambda path: path.stem)
def test_each_value_may_be_a_variable_and_an_id_may_not(path: Path) -> None:
    value = example(path)
    assert OPEN.is_valid(value)
    for at in leaves(value):
        if at in (("inference_id",), ("task_type",), ("service",)):
            continue  # without its kind no settings are known
        assert OPEN.is_valid(changed(value, at, "${some_name}")), path_text(at)
    assert not OPEN.is_valid({**value, "inference_id": "${some_name}"})


def test_what_is_no_variable_is_refused_as_before() -> None:
    number = example(next(path for path in EXAMPLES if path.stem == "elser"))
    at = ("service_settings", "num_threads")
    for wrong in ("many", "x${n}", "${n", 0, 1.5, True):
        assert not OPEN.is_valid(changed(number, at, wrong)), wrong
        assert not PLAIN.is_valid(changed(number, at, wrong)), wrong
    assert OPEN.is_valid(changed(number, at, "${n}"))
    assert not PLAIN.is_valid(changed(number, at, "${n}"))
    assert not OPEN.is_valid({**number, "chunking_settings": {"strategy": "sentense"}})


@pytest.mark.parametrize(
    ("overlay", "is_right"),
    [
        ({"inference_id": "a", "service_settings": {"num_threads": 2, "x": None}}, True),
        ({"inference_id": "a", "skip": True}, True),
        ({"inference_id": "a", "task_settings": None}, True),
        ({"inference_id": "a", "probe": {"expect": {"dimensions": "${n}"}}}, True),
        ({"service_settings": {}}, False),
        ({"inference_id": "a", "skip": "yes"}, False),
        ({"inference_id": "a", "service_setings": {}}, False),
        ({"inference_id": "a", "service_settings": 3}, False),
    ],
)
def test_an_overlay_has_an_id_and_what_differs(overlay: Any, *, is_right: bool) -> None:
    assert OVERLAY.is_valid(overlay) is is_right
    assert OVERLAY.is_valid([overlay]) is is_right


def test_an_overlay_that_is_a_whole_endpoint_is_checked_as_one() -> None:
    whole = example(EXAMPLES[0])
    assert OVERLAY.is_valid(whole)
    assert not OVERLAY.is_valid({**whole, "service_settings": {"nothing": 1}})
