"""One command line for several environments: one after the other, each a run of its own, and one document of all."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from inferctl.cli.reports import ReportingCommand, Reports, check_places, this_command
from inferctl.exit_codes import Exit, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inferctl.applier.outcome import Outcome
    from inferctl.planner.plan import Plan
    from inferctl.report.annotations import Document
    from inferctl.report.environments import Section
    from inferctl.report.failure import Failure
    from inferctl.report.shape.environments import EnvironmentsView

_PLACE_OF_NAME = "{env}"


class InEnvironments(click.Command):
    """A command that can be carried out in several environments."""

    def invoke(self, ctx: click.Context) -> Any:
        names = _names(ctx)
        if not names:
            return super().invoke(ctx)
        return _Several(ctx, super().invoke, names).run()


class ReportingInEnvironments(InEnvironments, ReportingCommand):
    """The same with reports."""


def _names(ctx: click.Context) -> tuple[str, ...]:
    """The environments to go through; empty where one run does. Raises UsageError, SettingsError.

    A name that there is not is left to that one run: it ends with what is to be said of it, and nothing is sent.
    """
    reports = this_command()
    if not (reports.every_environment or reports.names):
        return ()
    from inferctl.workspace.desired import look_for_settings
    from inferctl.workspace.settings import load_settings

    path, _ = look_for_settings(ctx.params["config"], os.environ, Path.cwd())
    settings, diagnostics = load_settings(path, Path.cwd(), reports.bounds)
    asked = settings.environments if reports.every_environment else reports.names
    reports.environment = next((name for name in asked if name not in settings.environments), "")
    if not asked and not any(diagnostic.is_error for diagnostic in diagnostics):
        raise click.UsageError(f"--all-envs: {settings.file or 'there is no settings file, so it'} has no environments")
    if reports.environment or not asked:
        return ()
    _check(ctx.params, asked)
    return asked


def _check(values: dict[str, Any], names: Sequence[str]) -> None:
    """Raises UsageError for what can be of one environment only."""
    from inferctl.api.plan_file import plan_file_among

    paths = values.get("paths", ())
    if "-" in paths:
        raise click.UsageError("- is read once, and several environments are meant: name a file")
    plan_file = plan_file_among(paths)
    if plan_file is not None:
        raise click.UsageError(f"{plan_file} is a saved plan, for one environment: name that one")
    out: str | None = values.get("out")
    if out is None:
        return
    if _PLACE_OF_NAME not in out:
        raise click.UsageError(f"--out {out}: each environment has a plan of its own: write plan-{_PLACE_OF_NAME}.json")
    for name in names:
        check_places({**values, "out": _out_of(out, name)})


def _out_of(out: str, environment: str) -> str:
    """Names of environments have no character that leads elsewhere."""
    return out.replace(_PLACE_OF_NAME, environment)


@dataclass(slots=True)
class _Part:
    """One environment: what there is to show of it by now, by format."""

    environment: str
    exit_code: int | None
    document: Document
    again: Callable[[], _Part]
    """The same once more, where more secrets may be known."""
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def section(self) -> Section:
        from inferctl.report.environments import Section

        return Section(self.environment, self.exit_code, self.document)


class _Several:
    """The runs of one command line. `carry_out` is that of the command for the environment that reports name."""

    def __init__(self, ctx: click.Context, carry_out: Callable[[click.Context], Any], names: Sequence[str]) -> None:
        self._ctx, self._carry_out, self._reports, self._names = ctx, carry_out, this_command(), names
        self._format: str = ctx.params["output_format"]
        self._formats = {self._format, *(name for name, _ in self._reports.files)}
        self._command = str(ctx.info_name)
        from inferctl.report.failure import not_ended

        self._known_secrets = 0
        self._parts = [self._made(self._reports_of(name), name, not_ended(), None) for name in names]

    def run(self) -> int:
        """The worst exit code of all. What ends one of them ends no other, but for an interruption."""
        self._write()
        try:
            for number, environment in enumerate(self._names, 1):
                if number > 1 and not self._is_interrupted():
                    self._reports.stop.begin_next()
                if self._is_interrupted():
                    break
                self._head(environment, number)
                self._parts[number - 1] = self._run(environment)
                self._write()
        except KeyboardInterrupt:  # between two of them
            self._reports.stop.came_late = self._reports.stop.came_late or "Ctrl-C"
        self._reports.stop.over = True
        return self._finish()

    def _is_interrupted(self) -> bool:
        stop = self._reports.stop
        codes = (part.exit_code for part in self._parts)
        return stop.by_signal or bool(stop.came_late) or Exit.INTERRUPTED in codes

    def _run(self, environment: str) -> _Part:
        reports = self._reports_of(environment)
        before, out = self._ctx.obj, self._ctx.params.get("out")
        self._ctx.obj = reports
        if out is not None:
            self._ctx.params["out"] = _out_of(out, environment)
        try:
            # In these formats stdout holds one document, that of all.
            with nullcontext() if self._format == "text" else redirect_stdout(io.StringIO()):
                code = self._code_of_begun(reports)
                return self._made(reports, environment, reports.ended, code)
        finally:
            self._ctx.obj = before
            if out is not None:
                self._ctx.params["out"] = out
            self._reports.scope = reports.scope or self._reports.scope

    def _code_of_begun(self, reports: Reports) -> int:
        """From its end on a signal is late: what was begun is not lost, and is not told as if it had not been."""
        from inferctl.cli.failures import failure_of
        from inferctl.cli.output import typed_again

        stop, code = self._reports.stop, None
        try:
            if isinstance(self._ctx.command, ReportingCommand):
                reports.again = typed_again()
            code = self._code(reports)
            stop.over = True
        except KeyboardInterrupt as error:
            stop.over = True
            if code is None:
                code = Exit.INTERRUPTED
                reports.ended = reports.ended or failure_of(error, stop, reports.environment)
        return code

    def _code(self, reports: Reports) -> int:
        try:
            return int(self._carry_out(self._ctx) or 0)
        except click.exceptions.Exit as ended:
            return ended.exit_code
        except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001  the last net of this environment
            return reports.end(error)

    def _reports_of(self, environment: str) -> Reports:
        return Reports(
            self._reports.stop,
            command=self._command,
            output_format=self._format,
            environment=environment,
            among_several=True,
            detail=self._reports.detail,
        )

    def _made(
        self, reports: Reports, environment: str, ended: Plan | Outcome | Failure | None, code: int | None
    ) -> _Part:
        """What is to be shown of one environment, without the secrets that are known by now."""

        def again() -> _Part:
            return self._made(reports, environment, ended, code)

        if ended is None and reports.view is not None:
            from inferctl.cli.output import known_secrets

            return _Part(environment, code, known_secrets().hide_in(reports.view), again)
        from inferctl.report.failure import not_ended

        shown_of = ended or not_ended(reports.scope)
        shown = {name: self._rendered(reports, shown_of, name) for name in {*self._formats, "json"}}
        return _Part(environment, code, json.loads(shown["json"]), again, shown)

    def _hide_what_came_to_light(self) -> None:
        """An environment may show what turns out to be a secret of a later one."""
        from inferctl.cli.output import known_secrets

        known = len({*known_secrets()})
        if known != self._known_secrets:
            self._known_secrets = known
            self._parts = [part.again() for part in self._parts]

    def _rendered(self, reports: Reports, ended: Plan | Outcome | Failure, output_format: str) -> str:
        text = reports.render(ended, output_format)
        if output_format != "markdown" or reports.detail == "none" or not self._names:
            return text
        from inferctl.report.environments import is_long

        if is_long(text, len(self._names)):
            reports.detail = "none"
            text = reports.render(ended, output_format)
        return text

    def _head(self, environment: str, number: int) -> None:
        """Whose words come now. On stderr where stdout holds one document, or is read by somebody else."""
        from inferctl.cli.output import show, style_for
        from inferctl.report.environments import section_head

        def head(stream: TextIO) -> str:
            style = style_for(stream, self._ctx.params["color"])
            return section_head(environment, number, len(self._parts), style)

        if self._format == "text":
            show(("\n" if number > 1 else "") + head(sys.stdout))
        if self._format != "text" or (sys.stderr.isatty() and not sys.stdout.isatty()):
            show(head(sys.stderr), err=True)

    def _view(self) -> EnvironmentsView:
        from inferctl.report.environments import environments_view

        return environments_view(self._command, self._reports.scope, [part.section for part in self._parts])

    def _write(self) -> bool:
        """The files of --report, as far as the runs have come."""
        self._hide_what_came_to_light()
        return self._reports.write(self._all, skip_streams=any(part.exit_code is None for part in self._parts))

    def _all(self, output_format: str) -> str:
        from inferctl.report.environments import environments_markdown, environments_text
        from inferctl.report.json import to_json
        from inferctl.report.style import PLAIN

        if output_format == "json":
            return to_json(self._view())
        texts = [part.shown[output_format] for part in self._parts]
        if output_format == "markdown":
            return environments_markdown(self._view(), texts, self._reports.label_of_several)
        return environments_text(self._view(), texts, PLAIN)

    def _finish(self) -> int:
        """Say what became of all, those that were not started as well, and answer the exit code."""
        from inferctl.cli.output import show, style_for, tell
        from inferctl.report.environments import closing_text
        from inferctl.report.failure import not_started
        from inferctl.report.sentences import names

        code = worst(part.exit_code for part in self._parts if part.exit_code is not None)
        rest = [number for number, part in enumerate(self._parts) if part.exit_code is None]
        if rest:
            code = Exit.INTERRUPTED
            for number in rest:
                name = self._parts[number].environment
                self._parts[number] = self._made(self._reports_of(name), name, not_started(self._reports.scope), None)
            tell(f"interrupted: not started in {names([self._parts[number].environment for number in rest])}")
        self._hide_what_came_to_light()
        written = self._reports.write(self._all, skip_streams=self._reports.stop.by_signal)
        if self._format == "text":
            style = style_for(sys.stdout, self._ctx.params["color"])
            problem = show("\n" + closing_text(self._view(), style))
        else:
            problem = show(self._all(self._format))
        if problem:
            tell(f"warning: the result cannot be written to stdout: {problem}")
        # That of a command that writes tells of the clusters.
        return code if "yes" in self._ctx.params or (written and not problem) else worst((code, Exit.FAILED))
