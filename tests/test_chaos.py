"""The short form of `make chaos`: a few faults of each sort, and everything must hold."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from chaos.__main__ import SCENARIOS
from chaos.verdicts import Row, expect_at_least, expect_at_most, expect_count, expect_none

SEED = 7
LONG = {"stop", "overload", "backlog"}
"""These take over half a minute; other tests try the same with one render, or with none."""


@pytest.mark.redis
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in LONG])
def test_nothing_is_lost_by(name: str, tmp_path: Path) -> None:
    rows = SCENARIOS[name](tmp_path / name, Random(SEED), True)
    assert rows
    assert [row for row in rows if not row.holds] == []


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
