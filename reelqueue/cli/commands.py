"""The command `reelqueue`, with a subcommand for each job kind.

Exit codes: 0 for success, 1 for a fault of ours, 2 for invalid input, which prints one line.
"""

from __future__ import annotations

import sys

import click

from reelqueue import __version__
from reelqueue.cli.console import report_errors
from reelqueue.cli.doctor import examine_environment
from reelqueue.cli.kinds import COMMANDS
from reelqueue.config import Settings, read_fonts_folder
from reelqueue.text.fonts import use_fonts


@click.group()
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Photos and clips in, finished videos out."""
    with report_errors():
        fonts_folder = read_fonts_folder()
    if fonts_folder:
        use_fonts(fonts_folder)


for command in COMMANDS.values():
    main.add_command(command)


@main.command()
def doctor() -> None:
    """Check the installation, and print what is wrong."""
    findings = examine_environment()
    for finding in findings:
        colour = {"ok": "green", "warning": "yellow", "problem": "red"}[finding.level]
        click.echo(f"{click.style(f'{finding.level:8}', fg=colour)} {finding.what}: {finding.text}")
    if any(finding.level == "problem" for finding in findings):
        sys.exit(1)


@main.command()
@click.option("--burst", is_flag=True, help="Exit when no job is left.")
def worker(burst: bool) -> None:
    """Render jobs from Redis until stopped. Each worker renders one job at a time."""
    from reelqueue.workers.loop import run_worker

    with report_errors():
        run_worker(Settings.from_env(), burst=burst)
