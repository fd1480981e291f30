"""Who writes files wants a literal credential to pass the review: in a text that the provider reads, beside a reference."""

from __future__ import annotations

import json

import pytest

from inferctl.planner.file.hide_credentials import hide_credentials
from inferctl.report.diagnostics import diagnostics_text
from inferctl.report.style import PLAIN
from inferctl.workspace.endpoint_file import read_file

LITERAL = "hunter2-literal-94"
HEAD = "inference_id: a\ntask_type: rerank\nservice: cohere\n"
CUSTOM = (
    "inference_id: a\ntask_type: completion\nservice: custom\nservice_settings:\n  url: https://provider.invalid/v1\n"
    "  secret_parameters: {api_key: {env: K}}\n  response: {json_parser: {completion_result: '$.a'}}\n"
)
FILES = {
    "in the body that custom sends": f"""{CUSTOM}  request: '{{"password": "{LITERAL}", "input": ${{input}}}}'\n""",
    "deep in that body": f"""{CUSTOM}  request: '{{"auth": {{"client_secret": "{LITERAL}"}}}}'\n""",
    "in a field that is none, beside the secret": f"{HEAD}service_settings: {{model_id: m, api_key: {{env: K}}, key: {LITERAL}}}\n",
    "in a field of the endpoint that is none": f"{HEAD}service_settings: {{model_id: m, api_key: {{env: K}}}}\nkey: {LITERAL}\n",
    "in a list under such a name": f"{HEAD}service_settings: {{model_id: m, api_key: {{env: K}}, keys: [{LITERAL}]}}\n",
}


@pytest.mark.parametrize("where", FILES)
def test_it_is_refused_and_not_shown(where: str) -> None:
    found = read_file("a.yaml", FILES[where].encode())
    assert any(diagnostic.is_error for diagnostic in found.diagnostics)
    assert LITERAL not in diagnostics_text(found.diagnostics, PLAIN)


def test_a_body_with_a_template_is_taken() -> None:
    text = f"""{CUSTOM}  request: '{{"password": "${{password}}", "input": ${{input}}}}'\n"""
    assert not [one for one in read_file("a.yaml", text.encode()).diagnostics if one.is_error]


def test_a_plan_file_keeps_no_literal_of_a_body_that_the_cluster_shows() -> None:
    observed = {"service_settings": {"request": json.dumps({"password": LITERAL})}}
    assert LITERAL not in json.dumps(hide_credentials(observed))
