"""What a command owes its caller: one document in each file of --report, and on stdout, whatever the run ends with.

At its start, before anything else is read, each file is replaced by a document that says that the run has not ended. So
a run that is killed leaves neither an earlier report behind nor what somebody else put at its place.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from inferctl.applier.interrupt import StopSignal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from inferctl.api.cluster import Cluster
    from inferctl.api.identity import RunIdentity
    from inferctl.applier.outcome import Outcome
    from inferctl.diagnostics import Diagnostic
    from inferctl.exit_codes import Verdict
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.plan import Plan
    from inferctl.report.annotations import Document
    from inferctl.report.failure import Failure
    from inferctl.report.plan_groups import Detail
    from inferctl.report.shape.run import ThisRunView
    from inferctl.report.style import Style

# Parameters that name a file which the command reads or writes for another end.
_OTHER_FILES = ("paths", "plan_file", "config", "out")


@dataclass(slots=True)
class Reports:
    """The reports of one command line. What is found out on the way is noted here, for a run that ends early.

    `stop` hears the signals. `address` is that of the cluster, `address_from` what named it, `unsafe` what the
    connection does without. `environment` is the one that was asked for, "" where the settings file has none;
    `among_several`: others are meant too. `pinned`: settings name the cluster's uuid; `settings_file` is theirs.
    `verdict`: what an apply of the plan would end with. `again`: what is to be typed to run it again. `ended`: how the
    run ended, once its document was made; `view` is that of a command without --report. `names` are the environments
    that the command line asks for, where these are several; `every_environment`: all that the settings file has.
    """

    stop: StopSignal = field(default_factory=StopSignal)
    command: str = ""
    output_format: str = "text"
    files: tuple[tuple[str, Path], ...] = ()
    scope: str = ""
    cluster: Cluster | None = None
    address: str = ""
    address_from: str = ""
    unsafe: tuple[str, ...] = ()
    environment: str = ""
    among_several: bool = False
    pinned: bool = False
    settings_file: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    verdict: Verdict | None = None
    detail: Detail = "auto"
    again: str = ""
    ended: Plan | Outcome | Failure | None = None
    view: Document | None = None
    names: tuple[str, ...] = ()
    every_environment: bool = False
    _identity: RunIdentity | None = None
    _bounds: OperatorBounds | None = None
    _refused: set[Path] = field(default_factory=set)

    @property
    def identity(self) -> RunIdentity:
        """Of this run; the same in its reports and in the ledger."""
        from inferctl.api.identity import identify

        if self._identity is None:
            self._identity = identify(os.environ)
        return self._identity

    @property
    def bounds(self) -> OperatorBounds:
        """The operator's, read when they are first asked for. Raises RefusedByBounds."""
        from inferctl.operator_bounds.read import read_bounds

        if self._bounds is None:
            config = click.get_current_context().params.get("config")
            self._bounds = read_bounds(os.environ, settings_file=config)
        return self._bounds

    @property
    def run(self) -> ThisRunView:
        """As the documents name it, as far as it is known by now."""
        from inferctl.api.identity import run_view

        view = run_view(
            self.identity,
            self.command,
            self.address,
            self.address_from,
            self.unsafe,
            environment=self.environment,
            settings_file=self.settings_file,
        )
        return {**view, "label": self.label_of_several} if self.label_of_several else view

    @property
    def label_of_several(self) -> str:
        """What the report of several environments is called by; "" where one is meant."""
        meant = "all environments" if self.every_environment else ", ".join(self.names)
        return meant and (self.identity.label or meant)

    @property
    def named_run(self) -> ThisRunView | None:
        """Of a command whose documents name their run only with an environment; None without one."""
        words = click.get_current_context().command_path.split()[1:]
        return {**self.run, "command": " ".join(words)} if self.environment else None

    @property
    def is_pinned(self) -> bool | None:
        """None where nobody asks: without an environment or a cluster, and of the emulator, which is ours alone."""
        from inferctl.api.identity import EMULATOR

        asks = self.environment and self.cluster is not None and self.address != EMULATOR
        return self.pinned if asks else None

    def open(self, command: str, output_format: str, files: tuple[tuple[str, Path], ...]) -> None:
        """The run begins: nothing older stays at the place of a report."""
        self.command, self.output_format, self.files = command, output_format, files
        if files:
            self._begin()

    def belongs_to(self, scope: str) -> None:
        """The scope is known by now; the documents that stand meanwhile name it, for whoever finds them by it."""
        if scope != self.scope:
            self.scope = scope
            if self.files and self.ended is None:
                self._begin()

    def _begin(self) -> None:
        from inferctl.report.failure import not_ended

        self._write(not_ended(self.scope), skip_streams=True)

    def settle(self, ended: Plan | Outcome | Failure, *, skip_streams: bool = False) -> bool:
        """Write how the run ended into each file, whole or not at all. Whether all were written."""
        self.ended = ended
        written = self._write(ended, skip_streams=skip_streams)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            self._annotate(ended)
        return written

    def _annotate(self, ended: Plan | Outcome | Failure) -> None:
        """Show on the pull request what a person should look at. What is in files was shown where it was found."""
        from inferctl.cli.output import folder_in_repository, show
        from inferctl.report.annotations import annotations_of_run, first_of_each_level, workflow_command

        shown = first_of_each_level(annotations_of_run(json.loads(self.render(ended, "json"))))
        folder = folder_in_repository()
        show("".join(f"{workflow_command(annotation, folder)}\n" for annotation in shown), err=True)

    def render(self, ended: Plan | Outcome | Failure, output_format: str, style: Style | None = None) -> str:
        from inferctl.api.render import render
        from inferctl.cli.output import known_secrets
        from inferctl.planner.plan import Plan
        from inferctl.report.style import PLAIN

        return render(
            ended,
            output_format,
            style or PLAIN,
            run=self.run,
            verdict=self.verdict,
            detail=self.detail,
            again=self.again,
            bounds=self.bounds if isinstance(ended, Plan) else None,
            known_secrets=known_secrets(),
            pinned=self.is_pinned,
        )

    def end(self, error: BaseException) -> int:
        """Say why the run ends, on stderr and in its reports, and answer the exit code."""
        from inferctl.cli.failures import failure_of, tell_failure
        from inferctl.report.sentences import environment_words

        failure = failure_of(error, self.stop, self.environment)
        tell_failure(error, failure, self.address, environment_words(self.run) if self.address else "")
        self.fail(failure)
        assert failure.exit_code is not None
        return failure.exit_code

    def fail(self, failure: Failure) -> None:
        """The run ended without a plan and without an outcome; does nothing where there was one.

        In text the words on stderr are for the person at hand, so stdout gets the other formats only.
        """
        if self.ended is not None or not self.command:
            return
        failure = replace(
            failure,
            scope=self.scope,
            seen=self.cluster.seen if self.cluster else None,
            again=self.again,
            diagnostics=tuple(dict.fromkeys((*self.diagnostics, *failure.diagnostics))),
        )
        # A pipe without a reader may be what it was interrupted in.
        self.settle(failure, skip_streams=self.stop.by_signal)
        if self.output_format != "text":
            from inferctl.cli.output import show

            show(self.render(failure, self.output_format))

    def _write(self, ended: Plan | Outcome | Failure, *, skip_streams: bool) -> bool:
        return self.write(lambda output_format: self.render(ended, output_format), skip_streams=skip_streams)

    def write(self, rendered: Callable[[str], str], *, skip_streams: bool) -> bool:
        """Each file, whole or not at all, with what is `rendered` for its format. Whether all were written."""
        from inferctl.cli.output import tell
        from inferctl.workspace.new_files import is_stream, write_whole

        failed = False
        for name, path in self.files:
            try:
                if not (skip_streams and is_stream(path)):
                    write_whole(path, rendered(name), encoding="utf-8")
            except (OSError, ValueError) as error:
                failed = True
                if path not in self._refused:
                    tell(f"error: the report {path} could not be written: {getattr(error, 'strerror', error)}")
                self._refused.add(path)
        return not failed


def this_command() -> Reports:
    """The reports of the command line that is being carried out."""
    return click.get_current_context().ensure_object(Reports)


class ReportingCommand(click.Command):
    """A command with reports: they begin when its words are read, the wrong ones among them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        reports = ctx.ensure_object(Reports)
        words = list(args)
        try:
            rest = super().parse_args(ctx, args)
            check_places(ctx.params)
        except click.UsageError:
            output_format, files, environment = _readable(self, words)
            reports.environment = reports.environment or environment
            reports.open(str(self.name), output_format, files)
            raise
        from inferctl.cli.output import typed_again

        reports.detail, reports.again = ctx.params["detail"], typed_again()
        reports.open(str(self.name), ctx.params["output_format"], ctx.params.get("reports", ()))
        return rest


def check_places(values: dict[str, Any]) -> None:
    """Raises UsageError for a report at the place of another file of this command, which would be lost."""
    others: dict[str, str] = {}
    for name in _OTHER_FILES:
        named = values[name] if values.get(name) else ()
        for file in (named,) if isinstance(named, str) else named:
            others.update(dict.fromkeys((_place(file), os.path.realpath(file)), file))
    for _, path in values.get("reports", ()):
        place = _place(path)
        if place in others and not path.is_dir():  # of a folder it is said that it is none
            raise click.UsageError(f"--report {path}: {others[place]} is named twice, and the report would replace it")
        others[place] = str(path)


def _place(path: str | Path) -> str:
    """Where a name stands; what stands there may be a link."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # noqa: PTH118, PTH119, PTH120


def _readable(command: click.Command, words: list[str]) -> tuple[str, tuple[tuple[str, Path], ...], str]:
    """The format, the reports and the environments that can be told from words of which some are wrong."""
    from inferctl.api.render import FORMATS

    of_reports = [one for one in command.params if one.name in ("output_format", "reports", "env")]
    lenient = click.Command(command.name, params=of_reports, add_help_option=False)
    ctx = click.Context(lenient, ignore_unknown_options=True, allow_extra_args=True)
    try:
        values, rest, _ = lenient.make_parser(ctx).parse_args(words)
    except click.UsageError:  # a word without its value
        return "text", (), ""
    # Which of the other words name files nobody can tell now: none of them is replaced.
    taken = {_place(word.rpartition("=")[2]) for word in rest}
    files = []
    for value in values.get("reports", ()):
        with contextlib.suppress(click.BadParameter):
            files += [one for one in (report_file(value),) if _place(one[1]) not in taken]
    output_format = values.get("output_format")
    named = [values.get("env") or one.resolve_envvar_value(ctx) or "" for one in of_reports if one.name == "env"]
    names = dict.fromkeys(name.strip() for name in "".join(named).split(","))
    return output_format if output_format in FORMATS else "text", tuple(files), ", ".join(names)


def report_file(value: str) -> tuple[str, Path]:
    """The format and the place of a report. Raises BadParameter for words, or a place, that cannot be."""
    from pathlib import Path

    from inferctl.api.render import FORMATS
    from inferctl.workspace.new_files import why_not_there

    name, equals, target = value.partition("=")
    if not equals or name not in FORMATS or not target:
        raise click.BadParameter(
            f"{value!r}: write FORMAT=FILE, FORMAT is one of {', '.join(FORMATS)}", param_hint="--report"
        )
    path = Path(target)
    if not path.parent.is_dir():
        raise click.BadParameter(f"the folder of {target!r} does not exist", param_hint="--report")
    problem = why_not_there("report", path, Path.cwd())
    if problem:
        raise click.BadParameter(f"{target!r} {problem}", param_hint="--report")
    return name, path
