"""Variables in endpoint files: what a value becomes, where none may stand, and what is said of each mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.typed_fix import entry

from inferctl.operator_bounds.bounds import OperatorBounds
from inferctl.operator_bounds.hosts import HostGlobs, TrustedHosts
from inferctl.report.diagnostics import render_all
from inferctl.workspace.desired import Loaded, load_workspace
from inferctl.workspace.endpoint_file import read_file
from inferctl.workspace.settings import read_settings
from inferctl.workspace.variables import escaped, expand, unexpanded, unexpanded_settings, unused

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES: dict[str, Any] = {
    "number": 16,
    "share": 0.5,
    "flag": True,
    "text": "proxy",
    "empty": "",
    "dollar": "a${text}",
    "input": "x",
}


def of(value: Any, **more: Any) -> dict[str, Any]:
    return {"inference_id": "a", "service": "openai", "service_settings": {"k": value}, **more}


@pytest.mark.parametrize(
    ("written", "expanded"),
    [
        ("${number}", 16),
        ("${share}", 0.5),
        ("${flag}", True),
        ("${text}", "proxy"),
        ("${empty}", ""),
        ("n${number}", "n16"),
        ("${number} ", "16 "),
        ("${share}x", "0.5x"),
        ("${flag}/${text}", "true/proxy"),
        ("${number}${number}", "1616"),
        ("${number}${empty}", "16"),
        ("$${number}", "${number}"),
        ("$$${number}", "$${number}"),
        ("$${", "${"),
        ("a $${b} ${text}", "a ${b} proxy"),
        ("$number", "$number"),
        ("$$", "$$"),
        ("${dollar}", "a${text}"),
        (["${number}", {"deep": ["${text}"]}], [16, {"deep": ["proxy"]}]),
    ],
)
def test_a_value_takes_a_variable_with_its_type_or_as_text(written: Any, expanded: Any) -> None:
    made = expand(of(written), VARIABLES, "prod")
    assert made.findings == ()
    value = made.value["service_settings"]["k"]  # type: ignore[call-overload,index]
    assert (value, type(value)) == (expanded, type(expanded))


def test_what_has_no_variable_is_the_same_object() -> None:
    value = of("plain", probe={"input": ["a"]})
    made = expand(value, VARIABLES, "prod")
    assert (made.value is value, made.used, made.unknown) == (True, {}, frozenset())


def test_uses_are_named_by_their_paths() -> None:
    made = expand(of(["x", "${text}${number}${text}"], task_settings={"u": "${flag}"}), VARIABLES, "prod")
    assert made.used == {("service_settings", "k", 1): ("text", "number"), ("task_settings", "u"): ("flag",)}


@pytest.mark.parametrize(
    ("written", "code", "mended"),
    [
        ("${numbr}", "variable.unset", "${number}"),
        ("a/${txt}/b", "variable.unset", "a/${text}/b"),
        (["a", "${txt}"], "variable.unset", ["a", "${text}"]),
        ("${zzzzzzz}", "variable.unset", None),
        ("${text:-x}", "variable.form", "$${text:-x}"),
        ("${}", "variable.form", "$${}"),
        ("${ text }", "variable.form", "$${ text }"),
        ("${text", "variable.form", "$${text"),
        ("${env.X}", "variable.form", "$${env.X}"),
    ],
)
def test_a_use_that_is_none_is_an_error_and_its_fix_mends_it(written: Any, code: str, mended: Any) -> None:
    made = expand(of(written), VARIABLES, "prod")
    (finding,) = made.findings
    assert (finding.code, finding.path[:2]) == (code, ("service_settings", "k"))
    assert made.unknown == frozenset({finding.path})
    if mended is None:
        assert finding.advice
        return
    assert entry(finding.fix) == ("k", mended)
    assert expand(of(mended), VARIABLES, "prod").findings == ()


def test_no_fix_shows_what_could_be_a_secret() -> None:
    made = expand(of("x", task_settings={"api_key": "hunter2 ${numbr}"}), VARIABLES, "prod")
    (finding,) = made.findings
    assert finding.fix == ""
    assert "hunter2" not in finding.what + finding.why + finding.advice


def test_an_id_and_a_key_take_none() -> None:
    made = expand({**of(1), "inference_id": "${text}-a", "task_settings": {"${text}": 1}}, VARIABLES, "prod")
    assert [(one.path, one.code, one.severity.value) for one in made.findings] == [
        (("inference_id",), "variable.place", "error"),
        (("task_settings", "${text}"), "variable.literal", "warning"),
    ]
    assert made.findings[1].points_at == "key"
    assert made.unknown == {("inference_id",)}


@pytest.mark.parametrize("kind", ["env", "file"])
def test_the_name_of_a_secret_takes_one_only_where_the_settings_allow_it(kind: str) -> None:
    value = of({kind: "KEY_${number}"})
    made = expand(value, VARIABLES, "prod")
    assert ([one.code for one in made.findings], made.value) == (["variable.place"], value)
    allowed = expand(value, VARIABLES, "prod", in_secret_names=True)
    assert (allowed.findings, allowed.value) == ((), of({kind: "KEY_16"}))


CUSTOM: dict[str, Any] = {
    "inference_id": "c",
    "service": "custom",
    "service_settings": {
        "url": "https://${text}/${user}",
        "request": '{"q": ${query}, "model": "${text}", "z": ${user:-${own}}}',
        "headers": {"Authorization": "Bearer ${api_key}"},
        "query_parameters": [["v", "${number}"]],
        "secret_parameters": {"api_key": {"env": "K"}},
        "similarity": "${text}",
    },
    "task_settings": {"parameters": {"user": "${own}", "own": "o"}},
}


def test_templates_of_custom_stay_and_variables_beside_them_are_expanded() -> None:
    made = expand(CUSTOM, VARIABLES, "prod")
    assert made.findings == ()
    settings = made.value["service_settings"]  # type: ignore[call-overload,index]
    assert settings == {
        **CUSTOM["service_settings"],
        "url": "https://proxy/${user}",
        "request": '{"q": ${query}, "model": "proxy", "z": ${user:-${own}}}',
        "query_parameters": [["v", 16]],
        "similarity": "proxy",
    }
    assert made.value["task_settings"] == CUSTOM["task_settings"]  # type: ignore[call-overload,index]


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("request", "${input}", "variable.template"),
        ("request", "${inpt}", "variable.unset"),
        ("similarity", "${api_key}", "variable.unset"),
        ("similarity", "${input}", None),
    ],
)
def test_a_word_of_custom_is_a_template_a_variable_or_a_mistake(field: str, text: str, code: str | None) -> None:
    value = {**CUSTOM, "service_settings": {**CUSTOM["service_settings"], field: text}}
    assert [one.code for one in expand(value, VARIABLES, "prod").findings] == ([code] if code else [])


def test_what_looks_like_a_variable_where_there_are_none_is_a_warning() -> None:
    value = of("${MODEL}", task_settings={"headers": {"A": "Bearer ${TOKEN}", "b": "$${X} ${} ${a-b}"}})
    found = list(unexpanded({**value, "service_settings": {"k": "${MODEL}", "api_key": "${KEY}"}}))
    assert [(one.path, one.code, one.severity.value) for one in found] == [
        (("service_settings", "k"), "variable.literal", "warning"),
        (("task_settings", "headers", "A"), "variable.literal", "warning"),
    ]
    assert list(unexpanded(CUSTOM | {"service_settings": {"url": "https://${user}/${input}"}})) == []
    wrong = CUSTOM | {"service_settings": {"url": "https://${other}", "similarity": "${input}"}}
    assert [one.path[-1] for one in unexpanded(wrong)] == ["url", "similarity"]


def test_the_settings_file_expands_nothing() -> None:
    text = "scope: ${team}\nenvironments: {prod: {variables: {a: b, c: 'x${a}', d: 'x$${a}'}}}\n"
    found = list(unexpanded_settings({"scope": "${team}", "environments": {"prod": {"variables": {"c": "x${a}"}}}}))
    assert [one.path[-1] for one in found] == ["scope", "c"]
    _, diagnostics = read_settings("inferctl.yaml", text.replace("${team}", "team").encode(), environment="prod")
    assert [(str(one.span), one.code, one.source_line != "") for one in diagnostics] == [
        ("inferctl.yaml:2:44", "variable.literal", True)
    ]


def test_a_credential_in_variables_is_an_error_and_shown_nowhere() -> None:
    lines = ["api_key: hunter2hunter2", "k: sk-aaaaaaaaaaaaaaaaaaaaaaaa", "u: 'https://me:hunter2hunter2@host'"]
    for line in lines:
        text = f"environments:\n  prod:\n    variables:\n      number: 1\n      {line}\n"
        _, found = read_settings("inferctl.yaml", text.encode(), environment="prod")
        assert [(one.code, one.span.line) for one in found] == [("secret.literal", 5)]
        shown = render_all(found)
        assert "hunter2hunter2" not in shown
        assert "sk-aaaaaa" not in shown
    _, found = read_settings("inferctl.yaml", b"environments: {prod: {variables: {max_tokens: 5, token_limit: x}}}")
    assert [one.code for one in found] == ["settings.environment"]


def test_variables_that_no_value_names() -> None:
    assert unused(["number", "text", "flag"], [of("a${text}"), of({"deep": ["${numbr}${flag}"]})]) == ["number"]


SETTINGS = """\
endpoints: ["e/*.yaml"]
environments:
  prod:
    variables:
      allocations: 0
      model: m
      secret: hunter2hunter2
      hosts: "https://u.example"
"""
ELSER = """\
inference_id: a
task_type: sparse_embedding
service: elasticsearch
service_settings:
  model_id: .elser_model_2
  num_threads: 1
  num_allocations: ${allocations}
"""
OPENAI = """\
inference_id: b
task_type: completion
service: openai
service_settings:
  model_id: "${model}"
  api_key: {env: K}
"""


def loaded(
    folder: Path, files: dict[str, str], environment: str = "prod", bounds: OperatorBounds | None = None
) -> Loaded:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return load_workspace(
        [],
        config=None,
        environ={},
        bounds=bounds or OperatorBounds(),
        working_directory=folder,
        environment=environment,
    )


def told(found: Loaded) -> list[tuple[str, str]]:
    return [(str(one.span), one.code) for one in found.diagnostics]


def test_values_reach_the_endpoint_and_a_finding_names_the_variable_too(tmp_path: Path) -> None:
    settings = SETTINGS.replace('      secret: hunter2hunter2\n      hosts: "https://u.example"\n', "")
    found = loaded(tmp_path, {"inferctl.yaml": settings, "e/a.yaml": ELSER, "e/b.yaml": OPENAI})
    assert told(found) == [("e/a.yaml:7:20", "field.range")]
    (diagnostic,) = found.diagnostics
    assert [(text, str(span)) for text, span in diagnostic.related] == [("variable allocations", "inferctl.yaml:5:20")]
    (tmp_path / "inferctl.yaml").write_text(settings.replace(": 0", ": 4"), encoding="utf-8")
    found = loaded(tmp_path, {})
    assert told(found) == []
    assert [one.service_settings for one in found.desired.endpoints] == [
        {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 4},
        {"model_id": "m", "api_key": {"env": "K"}},
    ]


def test_a_mistake_is_told_once_and_the_endpoint_is_not_declared(tmp_path: Path) -> None:
    settings = 'endpoints: ["e/*.yaml"]\nenvironments: {prod: {variables: {allocation: 2}}}\n'
    found = loaded(tmp_path, {"inferctl.yaml": settings, "e/a.yaml": ELSER})
    assert told(found) == [("e/a.yaml:7:20", "variable.unset")]
    assert (found.desired.endpoints, found.desired.complete) == ((), False)


def test_a_variable_in_the_name_of_a_secret_is_one_finding_at_the_reference(tmp_path: Path) -> None:
    settings = 'endpoints: ["e/*.yaml"]\nenvironments: {prod: {variables: {model: m}}}\n'
    text = OPENAI.replace("{env: K}", '{env: "K_${model}"}')
    found = loaded(tmp_path, {"inferctl.yaml": settings, "e/b.yaml": text})
    assert told(found) == [("e/b.yaml:6:12", "variable.place")]
    allowed = loaded(tmp_path, {"inferctl.yaml": settings + "variables_in_secret_names: true\n"})
    assert told(allowed) == []
    assert allowed.desired.endpoints[0].service_settings["api_key"] == {"env": "K_m"}
    unset = loaded(tmp_path, {"e/b.yaml": text.replace('{model}"}', '{modle}"}')})
    assert told(unset) == [("e/b.yaml:6:18", "variable.unset")]


def test_hosts_are_bound_by_the_final_value(tmp_path: Path) -> None:
    settings = 'endpoints: ["e/*.yaml"]\nenvironments: {prod: {variables: {url: "https://evil.example/v1"}}}\n'
    text = OPENAI.replace('"${model}"', "m") + "  url: ${url}\n"
    bounds = OperatorBounds(hosts=TrustedHosts((HostGlobs(("good.example",), "hosts"),)))
    found = loaded(tmp_path, {"inferctl.yaml": settings, "e/b.yaml": text}, bounds=bounds)
    assert told(found) == [("e/b.yaml:7:8", "host.untrusted")]
    assert [label for label, _ in found.diagnostics[0].related] == ["variable url"]


def test_a_variable_that_no_file_names_is_a_warning_where_all_files_are_known(tmp_path: Path) -> None:
    settings = 'endpoints: ["e/*.yaml"]\nenvironments: {prod: {variables: {model: m, modle: x}}}\n'
    found = loaded(tmp_path, {"inferctl.yaml": settings, "e/b.yaml": OPENAI})
    assert told(found) == [("inferctl.yaml:2:52", "variable.unused")]
    assert found.desired.complete
    assert told(loaded(tmp_path, {"e/a.yaml": "a: [\n"})) == [("e/a.yaml:2:1", "yaml.syntax")]


def test_a_secret_that_comes_through_a_variable_is_found_and_shown_nowhere(tmp_path: Path) -> None:
    settings = 'endpoints: ["e/*.yaml"]\nenvironments: {prod: {variables: {model: m, word: hunter2hunter2}}}\n'
    found = loaded(tmp_path, {"inferctl.yaml": settings, "e/b.yaml": OPENAI.replace("{env: K}", "${word}")})
    assert told(found) == [("e/b.yaml:6:12", "secret.literal")]
    assert "hunter2" not in render_all(found.diagnostics)
    # A line of the settings file is shown for another reason.
    beside = loaded(tmp_path, {"inferctl.yaml": settings.replace("hunter2hunter2", "hunter2hunter2, y: 1")})
    shown = [one.source_line for one in beside.diagnostics if one.code == "yaml.1-1"]
    assert shown == ["environments: {prod: {variables: {model: m, word: (secret), y: 1}}}"]


def test_without_environments_a_value_stays_and_there_is_a_warning(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"inferctl.yaml": 'endpoints: ["e/*.yaml"]\n', "e/b.yaml": OPENAI}, "")
    assert told(found) == [("e/b.yaml:5:13", "variable.literal")]
    assert found.desired.endpoints[0].service_settings["model_id"] == "${model}"
    assert found.desired.complete


@pytest.mark.parametrize("line", ["a: {b: ${c}}", "a: [x, ${c}]", "a: [\n  ${c}\n  ]"])
def test_a_variable_without_quotes_inside_brackets_is_told_to_be_one(line: str) -> None:
    (found,) = read_file("f.yaml", line.encode()).diagnostics
    assert found.code == "yaml.syntax"
    assert [fix.text for fix in found.fixes] == ['write it as "${name}"']


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("${number}", "$${number}"),
        ("$${number}", "$$${number}"),
        ("${", "$${"),
        ("${a-b} ${c", "$${a-b} $${c"),
        ("${a${b}}", "$${a$${b}}"),
        ("$ {a} $", "$ {a} $"),
    ],
)
def test_what_a_cluster_holds_is_escaped_and_comes_back(text: str, written: str) -> None:
    value = of({"deep": [text]})
    assert escaped(value) == of({"deep": [written]})
    assert expand(escaped(value), VARIABLES, "prod").value == value


def test_templates_of_custom_are_not_escaped() -> None:
    custom = of("x", service="custom", service_settings={"request": "{${input}, ${other}, ${top_n:-3}}"})
    assert escaped(custom)["service_settings"] == {"request": "{${input}, $${other}, ${top_n:-3}}"}
    assert expand(escaped(custom), {}, "prod").value == custom
