"""A release of a copy of this tree, up to the point of upload."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from shutil import copytree, ignore_patterns
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository of its own, ready to be released."""
    folder = tmp_path / "inferctl"
    copytree(ROOT, folder, ignore=ignore_patterns(".*", "dist", "build", "__pycache__", "*.egg-info"))
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    changelog = folder / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## Unreleased", f"## {version[1]} - 2027-01-31", 1), encoding="utf-8")
    git(folder, "init", "--quiet")
    (folder / ".gitignore").write_text("/dist/\n__pycache__/\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Release")
    return folder


def git(folder: Path, *arguments: str) -> None:
    somebody = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    subprocess.run(["git", *somebody, *arguments], cwd=folder, check=True, capture_output=True)


def release(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(folder / "scripts" / "release"), "--skip-checks", "--skip-audit"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_release_up_to_the_upload(copy: Path) -> None:
    stray = copy / "src" / "inferctl" / "stray.py"
    stray.touch()
    refused = release(copy)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "src/inferctl/stray.py" in refused.stderr
    stray.unlink()

    done = release(copy)
    assert (done.returncode, done.stderr) == (0, "")
    (wheel,) = (copy / "dist").glob("*.whl")
    (sdist,) = (copy / "dist").glob("*.tar.gz")
    assert done.stdout.endswith(f"twine upload dist/{wheel.name} dist/{sdist.name}\n")
    with ZipFile(wheel) as files:
        packed = files.namelist()
    assert "inferctl/py.typed" in packed
    assert {name.partition("/")[0] for name in packed} == {
        "inferctl",
        f"{sdist.name.removesuffix('.tar.gz')}.dist-info",
    }
    with tarfile.open(sdist) as archive:
        assert {name.split("/")[1] for name in archive.getnames()} == {
            *("CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", "src", ".gitignore")
        }

    (bill,) = (copy / "dist").glob("*.cdx.json")
    text = bill.read_text(encoding="utf-8")
    components = json.loads(text)["components"]
    pinned = re.findall(
        r"^([a-z][\w.-]*)==([^\s;]+) (?!; sys_platform)", (copy / "requirements/runtime.txt").read_text(), re.MULTILINE
    )
    assert sorted((c["purl"].partition("@")[0], c["version"]) for c in components) == [
        (f"pkg:pypi/{name}", version) for name, version in sorted(pinned)
    ]
    assert all(component["licenses"] for component in components)
    assert str(copy) not in text
    assert f"dist/{bill.name}\n" in done.stdout
    assert "\nscripts/audit\n" in done.stdout

    tag = re.search(r"git push origin (v\S+)", done.stdout)
    assert tag
    git(copy, "tag", tag[1])
    again = release(copy)
    assert again.returncode == 1
    assert tag[1] in again.stderr
