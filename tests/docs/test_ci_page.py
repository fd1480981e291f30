"""The page about CI: its tables are those of action.yml and of the template, its shell is run, its workflows are safe."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.running import clean_environment

from .generated import check_part
from .pages import DOCS, ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = DOCS / "how-to" / "ci.md"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE, JOBS = yaml.safe_load_all((ROOT / "templates" / "inferctl.yml").read_text(encoding="utf-8"))


def inputs_table(inputs: dict[str, Any]) -> str:
    rows = ["| Input | Default | What it is |", "| --- | --- | --- |"]
    for name, about in inputs.items():
        default = str(about.get("default", ""))
        shown = f"`{default}`" if default and "${{" not in default else "the job's own" if default else ""
        text = about.get("description", f"The stage of {name.removesuffix('-stage')}.")
        rows.append(f"| `{name}` | {shown} | {text} |")
    return "\n".join(rows)


def test_inputs_of_the_action() -> None:
    check_part(PAGE, "inputs of the action", inputs_table(ACTION["inputs"]))


def test_outputs_of_the_action() -> None:
    rows = [f"| `{name}` | {about['description']} |" for name, about in ACTION["outputs"].items()]
    check_part(PAGE, "outputs of the action", "\n".join(["| Output | What it is |", "| --- | --- |", *rows]))


def test_inputs_of_the_template() -> None:
    check_part(PAGE, "inputs of the template", inputs_table(TEMPLATE["spec"]["inputs"]))


def test_each_input_of_the_template_is_used() -> None:
    used = re.findall(
        r"\$\[\[ inputs\.([\w-]+) \]\]", (ROOT / "templates" / "inferctl.yml").read_text(encoding="utf-8")
    )
    assert set(used) == set(TEMPLATE["spec"]["inputs"])
    assert {name for name in JOBS if not name.startswith(".")} == {"inferctl-plan", "inferctl-apply"}


def workflows() -> list[str]:
    return [b.text for b in blocks(PAGE) if b.language == "yaml" and "uses: actions/checkout" in b.text]


def test_workflows_pin_and_leave_no_credentials() -> None:
    assert workflows()
    for text in workflows():
        assert not re.findall(r"uses: (?!OWNER/inferctl@COMMIT)(?!\S+@[0-9a-f]{40} # v[\d.]+$)\S+", text, re.MULTILINE)
        assert text.count("uses: actions/checkout") == text.count("persist-credentials: false")
        assert set(re.findall(r"with: \{(\w[\w-]*):", text)) <= {*ACTION["inputs"], "persist-credentials"}


DOCKER = """\
#!/bin/sh
# Takes the options of `docker run` away, and the places where it mounts.
while [ "$1" != inferctl ]; do
    case $1 in *:/reports) reports=${{1%:/reports}} ;; INFERCTL_LABEL=*) export "$1" ;; esac
    shift
done
shift
for word; do shift; set -- "$@" "$(printf %s "$word" | sed "s#=/reports#=$reports#")"; done
exec {inferctl} "$@"
"""


@pytest.mark.parametrize(("text", "code"), [("model_id: m", 0), ("modle_id: m", 1)])
def test_the_shell_is_run(tmp_path: Path, fresh_inferctl: Path, text: str, code: int) -> None:
    (script,) = [b.text for b in blocks(PAGE) if b.language == "sh"]
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(DOCKER.format(inferctl=fresh_inferctl), encoding="utf-8")
    docker.chmod(0o755)
    (tmp_path / "a.yaml").write_text(
        f"inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {{{text}, api_key: {{env: K}}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "inferctl.yaml").write_text("manage: ['*']\nendpoints: [a.yaml]\n", encoding="utf-8")
    environment = clean_environment()
    environment["PATH"] = f"{tmp_path / 'bin'}:{environment['PATH']}"
    environment["TMPDIR"] = str(tmp_path)
    done = subprocess.run(
        ["sh", "-c", script.replace("plan --check", "plan --emulator --check")],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "<!-- inferctl:plan scope= label=production -->" in done.stdout
