"""Texts of strangers on their way to a terminal or a runner, and links where a file is to be written."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import Any

import pytest

from inferctl.cli import app, output
from inferctl.cli.output import set_up_logging
from inferctl.errors import LedgerError, StalePlan
from inferctl.workspace.new_files import write_whole

FOREIGN = (
    "first\n::add-mask::x\n  ::error::y\n##[group]z ##vso[task.setvariable variable=a]b \x1b]0;t\x07\u202e\u2028\r"
)
COMMANDS = ("\n::", "\n  ::", "##[", "##vso[", "\x1b", "\x07", "\u202e", "\u2028", "\r")


@pytest.mark.parametrize("kind", [LedgerError, StalePlan])
def test_an_error_steers_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: Any
) -> None:
    def fail(**_: object) -> int:
        raise kind(FOREIGN)

    monkeypatch.setattr(app.cli, "main", fail)
    assert app.run([]) == kind.exit_code
    said = capsys.readouterr().err
    assert not [command for command in COMMANDS if command in said]
    assert "add-mask" in said


def test_no_line_that_is_broken_to_fit_begins_with_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job can have a terminal, and words move to the next line there."""
    monkeypatch.setattr(output, "_columns", lambda _stream: 40)
    output.tell(f"error: {'x' * 30} ::add-mask::{'y' * 20} ##[group]z")
    said = capsys.readouterr().err
    assert "add-mask" in said
    assert len(said.splitlines()) > 1
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]


def test_a_log_line_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("inferctl")
    before, level = list(logger.handlers), logger.level
    try:
        set_up_logging(2)
        logger.warning("the list failed: %s", FOREIGN)
    finally:
        logger.handlers[:] = before
        logger.setLevel(level)
    said = capsys.readouterr().err
    assert not [command for command in COMMANDS if command in said]


def test_a_report_is_not_written_through_a_link(tmp_path: Path) -> None:
    """A pull request can bring links with names that are easy to guess."""
    precious = tmp_path / "precious"
    precious.write_text("kept")
    for name in (".report.md.part", "report.md"):
        (tmp_path / name).symlink_to(precious)
    write_whole(tmp_path / "report.md", "new", encoding="utf-8")
    assert (precious.read_text(), (tmp_path / "report.md").read_text()) == ("kept", "new")
    assert not (tmp_path / "report.md").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".report.md.part", "precious", "report.md"]


@pytest.fixture
def precious(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "ELASTICSEARCH_URL",
        "ELASTICSEARCH_ENDPOINTS",
        "ES_URL",
        "ELASTIC_CLOUD_ID",
        "CLOUD_ID",
        "INFERCTL_CONFIG",
    ):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "a.yaml").write_text(
        "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n"
    )
    target = tmp_path / "precious"
    target.write_text("kept")
    return target


@pytest.mark.parametrize(
    ("link", "target"),
    [(".inferctl", "."), (".inferctl/emulator-9.5.lock", "../precious"), (".inferctl/.gitignore", "../made")],
)
def test_the_emulator_writes_through_no_link(
    precious: Path, capsys: pytest.CaptureFixture[str], link: str, target: str
) -> None:
    Path(link).parent.mkdir(exist_ok=True)
    Path(link).symlink_to(target, target_is_directory=target == ".")
    code = app.run(["plan", "a.yaml", "--emulator", "--manage", "a*"])
    assert precious.read_text() == "kept"
    assert not Path("made").exists()
    assert not list(Path().glob("emulator*"))
    assert code == (0 if link.endswith("ignore") else 64)
    assert "defect" not in capsys.readouterr().err


def test_the_folder_of_the_state_is_its_owners_alone(precious: Path) -> None:
    assert app.run(["plan", "a.yaml", "--emulator", "--manage", "a*"]) == 0
    assert stat.S_IMODE(Path(".inferctl").stat().st_mode) == 0o700


def test_the_state_of_the_emulator_is_its_owners_alone(precious: Path) -> None:
    Path(".inferctl").mkdir(mode=0o755)
    assert app.run(["plan", "a.yaml", "--emulator", "--manage", "a*"]) == 0
    for file in Path(".inferctl").glob("emulator*"):
        assert file.stat().st_mode & 0o077 == 0, file
