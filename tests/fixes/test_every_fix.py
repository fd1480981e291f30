"""Every fix does what it says: each complaint is provoked, its fix typed, and the complaint is gone."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from inferctl.diagnostic_pages import CODES
from inferctl.planner.action import BlockKind
from inferctl.planner.plan import Guard

from .advice import REASONS, WAITS, WITHOUT_SCENE, WORKED_OUT
from .listing import SCENES, made, provoked
from .typist import desk

if TYPE_CHECKING:
    from pathlib import Path

    from .scenes import Scene

_MISSING = ("missing", "rule.one-of")


@pytest.mark.parametrize("scene", SCENES, ids=[f"{number}-{scene.complaint}" for number, scene in enumerate(SCENES)])
def test_what_a_fix_says_mends_it(scene: Scene, tmp_path: Path) -> None:
    typed = 0
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        with desk(folder, scene.version) as here:
            scene.open(here)
            finished, complaints = here.run(list(scene.line))
            mine = [one for one in complaints if one.code == scene.complaint]
            assert mine, (complaints, finished.out, finished.err)
            complaint = mine[0]
            assert complaint.fixes, complaint
            typable = [fix for fix in complaint.fixes if fix[0] != "advice"]
            if number >= len(typable):
                break
            line = list(scene.line)
            if typable[number][1].startswith(tuple(text.partition("{")[0] for text in WAITS)):
                continue
            kind, text, file = typable[number]
            if kind == "command":
                here.shell(text)
            elif kind == "flag":
                line += _words(text, here.emulator.url)
            elif kind == "permit":
                here.paste(file, text)
            else:
                owner = complaint.text if file and complaint.place[0] == file and not complaint.place[1] else ""
                adds = (
                    any(word in complaint.code for word in _MISSING)
                    or "missing" in complaint.text
                    or "needs" in complaint.text
                )
                here.edit(file or complaint.place[0], text, complaint.place, adds=adds, owner=owner)
            finished, left = here.run(line)
            assert complaint not in left, (text, left, finished.err)
            assert "error[" not in finished.err or left, finished.err
            typed += 1


def _words(text: str, url: str) -> list[str]:
    return shlex.split(text.replace("https://…", url))


def test_every_fix_that_can_be_typed_has_a_scene() -> None:
    """A new one is found by the call that makes it."""
    shown = provoked()
    missing = [
        one
        for one in made()
        if one.kind != "advice" and not one.is_worked_out and one.text not in WAITS
        if not any(one.matches(kind, text) for _, kind, text in shown)
    ]
    assert missing == []
    assert any(kind == "permit" for _, kind, _ in shown)


def test_every_advice_says_why_nothing_can_be_typed() -> None:
    assert {one.text for one in made() if one.kind == "advice" and not one.is_worked_out} == set(REASONS)
    assert {(one.kind, one.file) for one in made() if one.is_worked_out} == set(WORKED_OUT)


def test_every_code_has_a_scene() -> None:
    codes = {*CODES, *(kind.value for kind in BlockKind), *(guard.value for guard in Guard)}
    scenes = {scene.complaint for scene in SCENES}
    assert codes - scenes == set(WITHOUT_SCENE)
