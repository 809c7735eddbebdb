"""`python -m chaos`: run the chaos tests, and print a table of verdicts."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random, randrange
from shutil import rmtree
from tempfile import mkdtemp

import click

from chaos.deploys import deploy_under_load
from chaos.disk import fill_disk
from chaos.kills import kill_at_random
from chaos.outages import lose_redis
from chaos.races import race_ends
from chaos.slow_clients import crowd_out
from chaos.verdicts import Row, format_table

SCENARIOS: dict[str, Callable[[Path, Random, bool], list[Row]]] = {
    "kills": kill_at_random,
    "redis": lose_redis,
    "deploys": deploy_under_load,
    "races": race_ends,
    "disk": fill_disk,
    "clients": crowd_out,
}


@click.command()
@click.option("--short", is_flag=True, help="Only a few faults of each kind; takes minutes.")
@click.option("--seed", type=int, help="The seed of the random faults, to repeat a run.")
@click.argument("names", metavar="[SCENARIO]...", nargs=-1, type=click.Choice(list(SCENARIOS)))
def main(short: bool, seed: int | None, names: tuple[str, ...]) -> None:
    """Run SCENARIOS: kills, redis, deploys, races, disk, clients; all of them if none is named."""
    seed = randrange(10**6) if seed is None else seed
    folder = Path(mkdtemp(prefix="chaos-"))
    rows: list[tuple[str, Row]] = []
    for name in names or SCENARIOS:
        started = time.monotonic()
        found = SCENARIOS[name](folder / name, Random(seed), short)
        click.echo(f"{name}: {time.monotonic() - started:.0f} s", err=True)
        rows += [(name, row) for row in found]
    click.echo(format_table(rows))
    click.echo(f"\nSeed: {seed}.")
    if not all(row.holds for _, row in rows):
        click.echo(f"The logs and the data of storage and Redis are in {folder}.")
        sys.exit(1)
    rmtree(folder)


if __name__ == "__main__":
    main()
