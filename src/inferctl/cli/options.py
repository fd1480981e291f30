"""Flags that several commands share. What belongs together reaches a command as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from inferctl.api.render import FORMATS
from inferctl.cli.settings_options import Decorator, stacked
from inferctl.durations import REPLACE_TIMEOUT_S, duration_s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from inferctl.planner.plan import Permissions
    from inferctl.report.plan_groups import Detail


@dataclass(frozen=True, slots=True)
class ConnectionFlags:
    """Which cluster, and how. None: a variable or the settings file says."""

    url: str | None
    ca_certs: str | None
    ca_fingerprint: str | None
    insecure: bool
    request_timeout_s: float | None
    emulator: bool
    emulator_version: str


@dataclass(frozen=True, slots=True)
class OutputFlags:
    """How text looks (`auto`, `always`, `never`), and whether progress is shown."""

    color: str
    quiet: bool


@dataclass(frozen=True, slots=True)
class ReportFlags:
    """What goes to stdout, and what to files: pairs of a format and a path. `detail`: how much of a plan is shown."""

    output_format: str
    reports: tuple[tuple[str, Path], ...]
    detail: Detail


@dataclass(frozen=True, slots=True)
class WriteFlags:
    """How a plan is carried out. `deadline_s`: how long the whole run may take, None as long as it likes.

    `first`: it may be the first apply to a cluster that is not pinned.
    """

    yes: bool
    first: bool
    deadline_s: float | None
    parallelism: int
    replace_timeout: float


@dataclass(frozen=True, slots=True)
class LockFlags:
    """Whether to take the lock of the scope, and how long to wait for it."""

    lock_timeout: float
    no_lock: bool


def _as_one(keyword: str, made: Callable[..., object], *options: Decorator) -> Decorator:
    """The options as one value: the command gets `made(**options)` as `keyword`.

    An option that `made` does not know, and one that it misses, is a TypeError on every use.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def collecting(**values: Any) -> Any:
            values[keyword] = made(**{name: values.pop(name) for name in names})
            return command(**values)

        before = len(getattr(command, "__click_params__", ()))
        decorated = stacked(*options)(collecting)
        parameters: list[click.Parameter] = vars(decorated)["__click_params__"]
        names = [str(parameter.name) for parameter in parameters[before:] if parameter.expose_value]
        return decorated

    return decorate


def _permissions(**values: Any) -> Permissions:
    from inferctl.planner.plan import Permissions

    return Permissions(**values)


def _set_up_logging(_ctx: click.Context, _param: click.Parameter, verbose: int) -> None:
    if verbose:
        from inferctl.cli.output import set_up_logging

        set_up_logging(verbose)


def _seconds(_ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """Seconds of `90`, `90s`, `15m`, `1h30m`; more than none."""
    if text is None:
        return None
    seconds = duration_s(f"{text}s" if text.isascii() and text.isdigit() else text)
    if seconds is None:
        raise click.BadParameter(f"{text!r}: write seconds or a duration, as in 90, 15m, 1h30m", param=param)
    return seconds


paths_argument = click.argument("paths", nargs=-1, metavar="[PATH]...")


color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in text output. NO_COLOR and FORCE_COLOR are honoured.",
)
output_options = _as_one(
    "output",
    OutputFlags,
    color_option,
    click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_up_logging,
        help="Say more on stderr; twice: each request (never its body).",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Only results and errors."),
)

connection_options = _as_one(
    "connection",
    ConnectionFlags,
    click.option("--url", metavar="URL", help="Cluster address. Default: ELASTICSEARCH_URL."),
    click.option("--ca-certs", metavar="FILE", help="Trust this CA file."),
    click.option("--ca-fingerprint", metavar="SHA256", help="Trust the certificate with this fingerprint."),
    click.option("--insecure", is_flag=True, help="Do not check the certificate."),
    click.option(
        "--request-timeout",
        "request_timeout_s",
        type=click.FloatRange(min=0.1),
        metavar="SECONDS",
        help="Limit of one request.",
    ),
    click.option("--emulator", is_flag=True, help="Use the bundled emulator; its state lives in .inferctl/."),
    click.option(
        "--emulator-version",
        default="9.5",
        show_default=True,
        metavar="X.Y",
        help="Server version that the emulator plays.",
    ),
)

_manage = click.option("--manage", multiple=True, metavar="GLOB", help="Ids that are ours. Repeatable.")
_selection = (
    _manage,
    click.option("--target", multiple=True, metavar="GLOB", help="Only these ids. Repeatable."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="All but these ids. Repeatable."),
)
_limits = (
    click.option(
        "--max-deletes",
        metavar="N|N%",
        help="Stop if more deletes are planned. Default: 20% of ours, at least 1.",
    ),
    click.option("--max-changes", type=click.IntRange(min=0), metavar="N", help="Stop if more steps are planned."),
)
_force_delete = click.option(
    "--force-delete",
    multiple=True,
    metavar="ID",
    callback=lambda _ctx, _param, ids: frozenset(ids),
    help="Remove this id although something refers to it. Repeatable.",
)
_allow_replace = click.option(
    "--allow-replace", is_flag=True, help="Delete and create again where an update cannot do it."
)
removal_options = _as_one("asked", _permissions, *_selection, *_limits, _force_delete)
rotate_options = _as_one(
    "asked",
    _permissions,
    _manage,
    _allow_replace,
    click.option(
        "--check/--no-check",
        "check_secrets",
        default=None,
        help="Try the new secret with an inference call where the file gives no probe. Default: all but completions.",
    ),
)


def _policy_by_name(_ctx: click.Context, _param: click.Parameter, value: bool) -> frozenset[str]:
    from inferctl.model.ids import REGION_POLICY

    return frozenset({REGION_POLICY} if value else ())


plan_options = _as_one(
    "asked",
    _permissions,
    *_selection,
    click.option("--allow-delete", is_flag=True, help="Delete what is ours and no longer in the files."),
    _allow_replace,
    *_limits,
    click.option(
        "--send-secrets", multiple=True, metavar="GLOB", help="Send the secrets of these ids again. Repeatable."
    ),
    _force_delete,
    click.option("--adopt", multiple=True, metavar="GLOB", help="Make what is nobody's ours. Repeatable."),
    click.option("--take-over", multiple=True, metavar="GLOB", help="Make what another scope owns ours. Repeatable."),
    click.option(
        "--allow-deny",
        multiple=True,
        metavar="ID",
        callback=lambda _ctx, _param, ids: frozenset(ids),
        help="The region policy may deny this id although something uses it. Repeatable.",
    ),
    click.option(
        "--delete-region-policy",
        "delete_ids",
        is_flag=True,
        callback=_policy_by_name,
        help="Remove the region policy, which is ours and in no settings file.",
    ),
)

first_option = click.option(
    "--first", is_flag=True, help="It may be the first apply to this cluster, which the environment does not pin."
)
write_options = _as_one(
    "write",
    WriteFlags,
    click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal."),
    first_option,
    click.option(
        "--deadline",
        "deadline_s",
        callback=_seconds,
        metavar="SECONDS|DURATION",
        help="Begin nothing new after so long (90, 15m, 1h30m), planning included. Default: no limit.",
    ),
    click.option("--parallelism", type=click.IntRange(1, 32), default=4, show_default=True, help="Writes at a time."),
    click.option(
        "--replace-timeout",
        type=click.FloatRange(min=0),
        default=REPLACE_TIMEOUT_S,
        show_default=True,
        metavar="SECONDS",
        help="How long a replace that has deleted the old endpoint tries to put one there again.",
    ),
)

lock_options = _as_one(
    "lock",
    LockFlags,
    click.option(
        "--lock-timeout",
        type=click.FloatRange(min=0),
        default=90.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for the lock of the scope. A dead run's lock is free after its time to live (60 s).",
    ),
    click.option("--no-lock", is_flag=True, help="Do without the lock. Two runs at once can then undo each other."),
)


def _reports(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> tuple[tuple[str, Path], ...]:
    """`FORMAT=FILE` pairs. Checked before anything is sent: a typo must not cost a run its report."""
    from inferctl.cli.reports import report_file

    return tuple(report_file(value) for value in values)


def format_option(*formats: str) -> Decorator:
    """The first of the formats is the default."""
    return click.option(
        "--format", "output_format", type=click.Choice(formats), default=formats[0], help="What to print on stdout."
    )


text_or_json_option = format_option("text", "json")
report_options = _as_one(
    "report",
    ReportFlags,
    format_option(*FORMATS),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=_reports,
        help="Write text, json or markdown to FILE as well, whatever the run ends with. Repeatable.",
    ),
    click.option(
        "--detail",
        type=click.Choice(["auto", "full", "none"]),
        default="auto",
        show_default=True,
        help="How much of a plan text and Markdown show. auto says the same once, and folds what is long.",
    ),
)
