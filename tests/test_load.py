"""The measurement under load runs from end to end on a few orders."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from benchmarks.load.__main__ import format_row, main
from benchmarks.measurement import Target
from tests.conftest import ROOT


@pytest.mark.process
@pytest.mark.redis
def test_orders_are_counted_and_their_starts_compared() -> None:
    command = [sys.executable, "-m", "benchmarks.load", "--quick", "orders", "starts"]
    shown = subprocess.run(
        command, cwd=ROOT, check=True, timeout=110, capture_output=True, text=True
    ).stdout
    assert "| orders of 12 at once that were lost | at most 0 | 0 |" in shown
    assert "times that of bare RQ, median | at most 1.5 |" in shown


def test_row_says_whether_a_target_is_reached() -> None:
    assert format_row(Target("waits", 3, 2, False)).endswith("| no |")
    assert format_row(Target("a second", 3, 2, True)).endswith("| yes |")


def test_unknown_group_of_load_is_refused() -> None:
    result = CliRunner().invoke(main, ["order"])
    assert result.exit_code == 2
    assert "there is no group order" in result.output
