"""Events are values that a printer can match on, without loss and without secrets."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.factories import attributes

from inferctl.applier.cause import Cause
from inferctl.applier.events import Event, Interrupted, Left, Result, StepFinished, StepStarted
from inferctl.planner.action import Action
from inferctl.report.progress import event_line
from inferctl.report.style import PLAIN


def test_all_of_them_are_frozen_and_printable() -> None:
    for kind in get_args(Event):
        values = {name: _value(name) for name in sorted(attributes(kind))}
        event = kind(**values)
        assert event == kind(**values)
        for name in values:
            with pytest.raises((AttributeError, ValueError)):
                setattr(event, name, "x")
        line = event_line(event, PLAIN)
        assert line is not None
        assert "\n" not in line


def _value(name: str) -> object:
    return {
        "inference_ids": ("a",),
        "action": Action.CREATE,
        "elapsed_s": 1.0,
        "result": Result.DONE,
        "leaves": (("service_settings", "model_id"),),
        "wrote": True,
        "left": Left.DOWN,
        "cause": Cause("unauthorised", "cohere refuses the key"),
    }.get(name, "x")


@pytest.mark.parametrize("result", list(Result))
def test_every_result_has_a_line(result: Result) -> None:
    line = event_line(StepFinished("a1", Action.REPLACE, result, "why\nand how"), PLAIN)
    assert line is not None
    assert "a1" in line
    assert "why" in line
    assert "\n" not in line


def test_a_step_that_did_nothing_wrote_nothing() -> None:
    assert StepFinished("a", Action.DELETE, Result.BLOCKED).wrote is False
    assert StepStarted("a", Action.DELETE) != StepStarted("b", Action.DELETE)
    assert Interrupted("SIGTERM").signal == "SIGTERM"
