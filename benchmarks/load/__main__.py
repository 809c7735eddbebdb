"""`python -m benchmarks.load`: measure the product under load on this machine."""

from __future__ import annotations

import os
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.load.suite import FULL, GROUPS, QUICK
from benchmarks.measurement import Target


@click.command()
@click.argument("names", nargs=-1, metavar="[GROUP]...")
@click.option("--quick", is_flag=True, help="Only a few orders, to test the benchmark itself.")
def main(names: Sequence[str], quick: bool) -> None:
    """Show how the product stands load: orders, small, starts, status and fairness."""
    if unknown := set(names) - {*GROUPS}:
        raise click.BadParameter(f"there is no group {min(unknown)}: --help lists them.")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # the services end, too
    click.echo(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    click.echo("| under load | target | figure | by processor time | load | reached |")
    click.echo("| --- | --- | --- | --- | --- | --- |")
    for name in names or GROUPS:
        with TemporaryDirectory() as folder:
            for target in GROUPS[name](QUICK if quick else FULL, Path(folder)):
                click.echo(format_row(target))


def format_row(target: Target) -> str:
    """Return a row of the table, with the load of the machine in the last minute."""
    word = "at least" if target.is_least else "at most"
    processor = f"{target.processor:.4g}" if target.processor else ""
    answer = "yes" if target.reached else "no"
    cells = [target.what, f"{word} {target.limit:g}", f"{target.figure:.4g}", processor]
    return f"| {' | '.join([*cells, f'{os.getloadavg()[0]:.1f}', answer])} |"


if __name__ == "__main__":
    main()
