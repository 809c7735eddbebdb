"""The short form of `make chaos`: a few faults of each sort, and everything must hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import psutil
import pytest

from chaos.__main__ import SCENARIOS
from chaos.reaper import is_alive
from chaos.verdicts import Row, expect_at_least, expect_at_most, expect_count, expect_none
from reelqueue.config import ROOT
from tests.conftest import wait_until

SEED = 7
LONG = {"stop", "overload", "backlog"}
"""These take over half a minute; other tests try the same with one render, or with none."""


@pytest.mark.redis
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in LONG])
def test_nothing_is_lost_by(name: str, tmp_path: Path) -> None:
    rows = SCENARIOS[name](tmp_path / name, Random(SEED), True)
    assert rows
    assert [row for row in rows if not row.holds] == []


@pytest.mark.redis
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_chaos_that_is_told_to_end_leaves_no_process(number: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chaos", "--short", "kills"]
    tests = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)})
    try:
        found = psutil.Process(tests.pid)
        wait_until(lambda: {"redis-server", "gunicorn"} <= name_children(found))
        children = found.children(recursive=True)
    finally:
        tests.send_signal(number)
    assert tests.wait(60) != 0
    wait_until(lambda: not any(map(is_alive, children)))
    assert number == signal.SIGKILL or list(tmp_path.iterdir()) == []


def name_children(process: psutil.Process) -> set[str]:
    """Return the programs that a process has started."""
    lines = [" ".join(child.cmdline()) for child in process.children() if is_alive(child)]
    return {name for name in ("redis-server", "gunicorn") for line in lines if name in line}


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (expect_count("", 7, 8), False),
        (expect_count("", 8, 8), True),
        (expect_none("", ["a lost job"]), False),
        (expect_none("", []), True),
        (expect_at_least("", 2, 3), False),
        (expect_at_least("", 3, 3), True),
        (expect_at_most("", 45.1, 45), False),
        (expect_at_most("", 45, 45), True),
    ],
)
def test_row_holds_only_if_what_was_asked_was_found(row: Row, holds: bool) -> None:
    assert row.holds is holds
