"""The command `reelqueue`, with a subcommand for each job kind.

Exit codes: 0 for success, 1 for a fault of ours, 2 for invalid input, which prints one line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from reelqueue import __version__
from reelqueue.cli.console import report_errors
from reelqueue.cli.doctor import examine_environment
from reelqueue.cli.kinds import COMMANDS
from reelqueue.config import Settings, read_fonts_folder
from reelqueue.findings import Finding
from reelqueue.jobs.priorities import QUEUE_NAMES
from reelqueue.render.ffmpeg.run import read_version
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
@click.option("--json", "as_json", is_flag=True, help="Print the findings for a program.")
def doctor(as_json: bool) -> None:
    """Check the installation, and print what is wrong."""
    findings = examine_environment()
    if as_json:
        report = {"ffmpeg": read_version(), "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(report))
    else:
        _print_findings(findings)
    if any(finding.level == "problem" for finding in findings):
        sys.exit(1)


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        colour = {"ok": "green", "warning": "yellow", "problem": "red"}[finding.level]
        click.echo(f"{click.style(f'{finding.level:8}', fg=colour)} {finding.what}: {finding.text}")


@main.command()
@click.option("--burst", is_flag=True, help="Exit when no job is left.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Number of workers, each in a process of its own.",
)
@click.option(
    "--queues",
    "queue_names",
    default=",".join(QUEUE_NAMES),
    show_default=True,
    callback=lambda _context, _option, names: read_queues(names),
    help="Queues to take jobs from, in the order in which to empty them.",
)
def worker(burst: bool, processes: int, queue_names: Sequence[str]) -> None:
    """Render jobs from Redis until stopped. Each worker renders one job at a time."""
    from reelqueue.workers.loop import WorkerOptions
    from reelqueue.workers.pool import run_workers

    with report_errors():
        options = WorkerOptions(Settings.from_env(), burst, queue_names)
        sys.exit(run_workers(options, processes))


def read_queues(names: str) -> list[str]:
    """Return the names of queues that are separated by commas.

    Raises:
        click.BadParameter: if one of them is no queue, or is named twice.
    """
    chosen = [name.strip() for name in names.split(",")]
    if len({*chosen} & {*QUEUE_NAMES}) < len(chosen):
        raise click.BadParameter(f"use each of {', '.join(QUEUE_NAMES)} at most once: {names!r}.")
    return chosen
