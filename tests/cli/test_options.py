"""What belongs together reaches a command as one value: no option is lost on the way, and none is left over."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from inferctl.api.plan_apply import apply
from inferctl.applier.runner import Options
from inferctl.cli import options
from inferctl.planner.plan import Permissions

if TYPE_CHECKING:
    from inferctl.cli.settings_options import Decorator

GROUPS = {
    "connection": (options.connection_options, options.ConnectionFlags),
    "output": (options.output_options, options.OutputFlags),
    "report": (options.report_options, options.ReportFlags),
    "write": (options.write_options, options.WriteFlags),
    "lock": (options.lock_options, options.LockFlags),
}


def _received(decorator: Decorator, *arguments: str) -> dict[str, Any]:
    received: dict[str, Any] = {}

    @click.command()
    @decorator
    def command(**values: Any) -> None:
        received.update(values)

    finished = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert finished.exit_code == 0, finished.output
    return received


@pytest.mark.parametrize("keyword", GROUPS)
def test_every_field_has_its_option(keyword: str) -> None:
    decorator, made = GROUPS[keyword]
    value = _received(decorator)[keyword]
    assert type(value) is made
    assert is_dataclass(value)


@pytest.mark.parametrize("decorator", [options.plan_options, options.removal_options, options.rotate_options])
def test_without_a_flag_nothing_is_permitted(decorator: Decorator) -> None:
    assert _received(decorator) == {"asked": Permissions()}


def test_each_permission_is_what_its_flag_says() -> None:
    arguments = ("--manage=m*", "--target=t", "--target=u", "--exclude=x", "--allow-delete", "--allow-replace",
                 "--max-deletes=20%", "--max-changes=3", "--send-secrets=s", "--force-delete=f", "--adopt=a",
                 "--take-over=o")  # fmt: skip
    asked = Permissions(
        manage=("m*",), target=("t", "u"), exclude=("x",), allow_delete=True, allow_replace=True, max_deletes="20%",
        max_changes=3, send_secrets=("s",), force_delete=frozenset({"f"}), adopt=("a",), take_over=("o",),
    )  # fmt: skip
    assert _received(options.plan_options, *arguments) == {"asked": asked}
    assert _received(options.rotate_options, "--no-check") == {"asked": Permissions(check_secrets=False)}


def test_an_option_that_its_value_does_not_know_is_an_error() -> None:
    unknown = options._as_one("lock", options.LockFlags, click.option("--unknown", is_flag=True))
    with pytest.raises(TypeError):
        _received(unknown)
    assert {field.name for field in fields(options.LockFlags)} == {"lock_timeout", "no_lock"}


def test_a_replace_has_as_long_by_the_command_as_by_the_api() -> None:
    write = _received(options.write_options)["write"]
    of_the_api = signature(apply).parameters["replace_timeout_s"].default
    assert write.replace_timeout == of_the_api == Options().replace_timeout_s == 300.0
