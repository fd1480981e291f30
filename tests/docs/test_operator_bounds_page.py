"""The table of docs/reference/operator-bounds.md is the model's."""

from __future__ import annotations

import json
from typing import Any

from inferctl.operator_bounds.bounds import bounds_of
from inferctl.operator_bounds.document import BoundsDocument
from inferctl.operator_bounds.hosts import HOSTS_VARIABLE
from inferctl.secrets.resolve import ALLOW_VARIABLE, ROOT_VARIABLE
from inferctl.syntax.editor_schema import editor_schema

from .generated import check_part
from .pages import DOCS

PAGE = DOCS / "reference" / "operator-bounds.md"
SHORT_FORMS = {"hosts": HOSTS_VARIABLE, "secrets": ALLOW_VARIABLE, "secrets_root": ROOT_VARIABLE}


def rows(schema: dict[str, Any], before: str = "") -> list[str]:
    made = []
    for key, field in schema["properties"].items():
        if "properties" in field:
            made += rows(field, f"{key}.")
            continue
        example = json.dumps(field["examples"][0]) if "examples" in field else "`true` or `false`"
        short = f" Short form: `{SHORT_FORMS[key]}`." if key in SHORT_FORMS else ""
        words = field.get("items", {}).get("enum")
        known = f" Known: {', '.join(f'`{word}`' for word in words)}." if words else ""
        shown = f"`{example}`" if "examples" in field else example
        made.append(f"| `{before}{key}` | {shown} | {field['description']}{known}{short} |")
    return made


def test_the_table_is_made_from_the_model() -> None:
    schema = editor_schema(BoundsDocument, "bounds")
    check_part(PAGE, "fields", "\n".join(["| Field | Example | Bounds |", "| --- | --- | --- |", *rows(schema)]))


def test_each_field_reaches_the_value() -> None:
    """One that the reader forgot would bound nothing."""
    said = {
        "scopes": ["a"], "environments": ["h"], "manage": ["b"], "allow": ["delete"], "limits": {"max_deletes": 1, "max_changes": 2},
        "hosts": ["c"], "schemes": ["http"], "secrets": ["D"], "secrets_root": "/e", "services": ["f"],
        "passthrough": False, "cluster_uuids": ["g"],
    }  # fmt: skip
    assert said.keys() == BoundsDocument.model_fields.keys()
    unbound = bounds_of({})
    for key, value in said.items():
        assert bounds_of({}, BoundsDocument.model_validate({key: value}), "d") != bounds_of(
            {}, BoundsDocument(), "d"
        ), key
    assert bounds_of({}, BoundsDocument()) == unbound
