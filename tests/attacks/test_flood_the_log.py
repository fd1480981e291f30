"""A pull request wants to fill the log, the report or the memory of a job with one long name.

What is quoted of a file, a path or a flag has a bounded length in every format; where it was cut, that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.in_process import run_here

from inferctl.diagnostics import Diagnostic, Severity, Span, bounded
from inferctl.fix import edit

if TYPE_CHECKING:
    from pathlib import Path

LONG = "x" * 400_000
WORDS = "x y " * 100_000
ENDPOINT = {
    "inference_id": "a",
    "task_type": "completion",
    "service": "openai",
    "service_settings": "{model_id: m, api_key: {env: K}}",
}
FILES = {
    "an id": ENDPOINT | {"inference_id": LONG},
    "an id of words": ENDPOINT | {"inference_id": f'"{WORDS}"'},
    "a key": ENDPOINT | {LONG: "1"},
    "a service": ENDPOINT | {"service": LONG},
    "a task type": ENDPOINT | {"task_type": LONG},
    "a setting": ENDPOINT | {"service_settings": f"{{model_id: m, {LONG}: 1, api_key: {{env: K}}}}"},
    "a value of another type": ENDPOINT | {"service_settings": f"{{model_id: [{LONG}], api_key: {{env: K}}}}"},
    "a variable": ENDPOINT | {"service_settings": f"{{model_id: m, api_key: {{env: {LONG}}}}}"},
    "a file of a secret": ENDPOINT | {"service_settings": f"{{model_id: m, api_key: {{file: {LONG}}}}}"},
    "a secret itself": ENDPOINT | {"service_settings": f"{{model_id: m, api_key: {LONG}}}"},
    "an alias": ENDPOINT | {"chunking_settings": f"*{LONG}"},
    "a tag": ENDPOINT | {"chunking_settings": f"!{LONG} x"},
    "no YAML": ENDPOINT | {"chunking_settings": f"[{LONG}"},
}
SETTINGS = {
    "a glob": f"endpoints: ['{LONG}']\n",
    "a scope": f"scope: {LONG}\n",
    "a key of the settings": f"{LONG}: 1\n",
    "what is allowed": f"allow: [{LONG}]\n",
    "a limit": f"limits: {{max_deletes: {LONG}}}\n",
    "names of environments": "environments:\n" + "".join(f"  e{n}-{'n' * 90}: {{}}\n" for n in range(500)),
    "a name of an environment": f"environments: {{{LONG}: {{}}}}\n",
    "the value of a variable": f"environments: {{prod: {{variables: {{a-b: {LONG}}}}}}}\n",
}
ARGUMENTS = {
    "a path": ["y" * 100_000],
    "a target": ["e", "--target", "y" * 100_000],
    "a flag": [f"--{'y' * 100_000}"],
}


def text_of(document: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in document.items())


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_one_long_name_fills_no_output(tmp_path: Path, form: str) -> None:
    (tmp_path / "e").mkdir()
    told = {}
    for what in (*FILES, *SETTINGS, *ARGUMENTS):
        (tmp_path / "e/a.yaml").write_text(text_of(FILES.get(what, ENDPOINT)), encoding="utf-8")
        (tmp_path / "inferctl.yaml").write_text(SETTINGS.get(what, "{}\n"), encoding="utf-8")
        arguments = ARGUMENTS.get(what, [] if what == "a glob" else ["e"])
        ran = run_here(tmp_path, {"K": "k"}, "plan", "--emulator", "--format", form, *arguments)
        assert ran.code in (1, 64), what
        told[what] = len(ran.out) + len(ran.err)
    assert {what: size for what, size in told.items() if size > 15_000} == {}


def test_every_part_of_a_finding_is_bounded() -> None:
    span = Span(LONG, 1, 1)
    found = Diagnostic(Severity.ERROR, "x", LONG, span, f"{LONG}\n{LONG}", (edit(LONG),), LONG, related=((LONG, span),))
    assert len(repr(found)) < 20_000


def test_the_start_and_the_end_stay_and_what_is_left_out_is_said() -> None:
    text = bounded(f"{'a' * 5_000} is no id")
    assert text.startswith("aaa")
    assert text.endswith("a is no id")
    assert "3,209 characters left out" in text
    assert bounded("short\n" * 1_000) == "short\n" * 1_000
