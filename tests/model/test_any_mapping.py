"""Whatever stands under the keys of an endpoint: it is read without an exception, and each fix is a line of YAML."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.typed_fix import entry

from inferctl.diagnostics import Span
from inferctl.model.endpoint import Endpoint
from inferctl.model.read_endpoint import read_endpoint
from inferctl.model.services import find, service_names
from inferctl.model.task_types import TASK_TYPES
from inferctl.model.versions import LINES

KEYS = [*Endpoint.model_fields, "task_typ", "metadata", "\ud800", "", "a b", "# x", "1"]
INNER = sorted(
    {"strategy", "max_chunk_size", "input", "query", "expect", "dimensions", "protect", "ready_timeout", "env", "file"}
    | {name for word in service_names() if (found := find(word)) for name in found.service_settings}
    | {"api_kye", "\udfff", "", "x: y", "headers", "task", "response", "json_parser"}
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    ["", "x", "\ud800", "a\nb", "https://u:p@h/?key=k", "15m", "word", "sentence", "${a}", "7", "true", "\x00"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner, max_size=4),
    max_leaves=8,
)
ENDPOINTS = st.fixed_dictionaries(
    {"service": st.sampled_from(service_names()) | VALUES, "task_type": st.sampled_from(sorted(TASK_TYPES)) | VALUES},
    optional={
        **{key: VALUES for key in KEYS if key not in ("service", "task_type")},
        "service_settings": st.dictionaries(st.sampled_from(INNER), VALUES, max_size=5) | VALUES,
    },
)


@settings(max_examples=100, deadline=None)
@example(value={"service": "ai21", "task_type": None, "service_settings": {"\udfff": None}}, version=None)
@given(value=ENDPOINTS, version=st.none() | st.sampled_from(LINES))
def test_any_mapping_is_read(value: dict[str, Any], version: Any) -> None:
    for finding in read_endpoint(value, Span("f.yaml"), version).findings:
        assert finding.what
        if "\ud800" in value and not finding.path:
            continue  # pydantic names no place for a key that is no text; no file can hold one
        here: Any = value
        for part in finding.path[:-1]:
            here = here.get(part, {}) if isinstance(here, dict) else here[part]
        last = finding.path[-1]
        assert isinstance(last, str) or last < len(here), finding
        if finding.fix.startswith("remove "):
            entry(finding.fix.removeprefix("remove ") + ": 1")
        elif finding.fix and not finding.fix.startswith("move "):
            entry(finding.fix)
