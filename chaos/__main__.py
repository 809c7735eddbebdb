"""`python -m chaos`: run the chaos tests, and print a table of verdicts."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random, randrange
from shutil import rmtree
from tempfile import mkdtemp

import click

from chaos.scenarios.batches import run_workflows
from chaos.scenarios.buckets import overload_bucket, pile_up
from chaos.scenarios.clocks import skew_clocks
from chaos.scenarios.deploys import deploy_under_load
from chaos.scenarios.disk import fill_disk
from chaos.scenarios.kills import kill_at_random
from chaos.scenarios.outages import lose_redis
from chaos.scenarios.races import race_ends
from chaos.scenarios.schedules import order_for_later
from chaos.scenarios.slow_clients import crowd_out
from chaos.scenarios.stalls import fill_redis, stop_redis
from chaos.verdicts import Row, format_table

SCENARIOS: dict[str, Callable[[Path, Random, bool], list[Row]]] = {
    "kills": kill_at_random,
    "batches": run_workflows,
    "redis": lose_redis,
    "stop": stop_redis,
    "full": fill_redis,
    "clocks": skew_clocks,
    "overload": overload_bucket,
    "backlog": pile_up,
    "deploys": deploy_under_load,
    "races": race_ends,
    "disk": fill_disk,
    "schedules": order_for_later,
    "clients": crowd_out,
}


@click.command()
@click.option("--short", is_flag=True, help="Only a few faults of each kind; takes minutes.")
@click.option("--seed", type=int, help="The seed of the random faults, to repeat a run.")
@click.argument("names", metavar="[SCENARIO]...", nargs=-1, type=click.Choice(list(SCENARIOS)))
def main(short: bool, seed: int | None, names: tuple[str, ...]) -> None:
    """Run the named scenarios; all of them if none is named."""
    seed = randrange(10**6) if seed is None else seed
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell may have told to ignore the latter
        signal.signal(number, _end)
    folder = Path(mkdtemp(prefix="chaos-"))
    rows: list[tuple[str, Row]] = []
    try:
        for name in names or SCENARIOS:
            started = time.monotonic()
            rows += [(name, row) for row in run(name, folder / name, Random(seed), short)]
            click.echo(f"{name}: {time.monotonic() - started:.0f} s", err=True)
    except BaseException:  # it was told to stop
        rmtree(folder, ignore_errors=True)
        raise
    click.echo(format_table(rows))
    click.echo(f"\nSeed: {seed}.")
    if not all(row.holds for _, row in rows):
        click.echo(f"The logs and the data of storage and Redis are in {folder}.")
        sys.exit(1)
    rmtree(folder)


def run(name: str, folder: Path, random: Random, short: bool) -> list[Row]:
    """Run a scenario; one that breaks off is a verdict too, beside those of the others."""
    try:
        return SCENARIOS[name](folder, random, short)
    except Exception as error:
        traceback.print_exc()
        return [Row("the scenario", "runs to its end", repr(error), holds=False)]


def _end(number: int, _frame: object) -> None:
    """End as an error would, so that each site ends its processes; once is enough."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
