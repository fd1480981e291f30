"""`inferctl emulate`: the bundled emulator as a server on the loopback interface."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("emulate")
@click.option("--port", type=click.IntRange(0, 65535), default=9200, show_default=True, help="0 picks a free port.")
@click.option("--version", "version", default="9.5", show_default=True, metavar="X.Y", help="Server version to play.")
@click.option("--data", metavar="FILE", help="Keep the state in FILE across restarts (it holds secrets, mode 0600).")
def emulate_command(port: int, version: str, data: str | None) -> int:
    """Run an emulated Elasticsearch for trying things out and for tests.

    It listens on 127.0.0.1 only and prints its address on the first line. Ctrl-C ends it.
    """
    from inferctl.api.cluster import known_version
    from inferctl.emulator.persist import StateError
    from inferctl.emulator.server import serve
    from inferctl.errors import UsageError
    from inferctl.workspace.new_files import through_a_link

    leads = through_a_link(Path(data).parent, Path.cwd()) if data else ""
    if leads:
        raise UsageError(f"--data {data} {leads}")
    try:
        return serve(port=port, version=known_version(version), data_file=data, announce=click.echo)
    except StateError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}") from error
