"""The loop of the upkeep: a step that fails is logged, and the next one follows."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from reelqueue.errors import UnavailableError
from reelqueue.upkeep.loop import repeat

log = logging.getLogger(__name__)


class EndError(BaseException):
    """Ends the loop, which otherwise ends with its process."""


def follow(*faults: BaseException | None) -> Callable[[], None]:
    """Return a step that raises these, one after the other."""
    steps = iter(faults)

    def step() -> None:
        fault = next(steps)
        if fault:
            raise fault

    return step


def test_step_follows_one_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    step = follow(None, UnavailableError("away"), ValueError("our fault"), EndError())
    with pytest.raises(EndError):
        repeat(step, 0.001, log, "the search failed")
    levels = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert levels == [("WARNING", "the search failed"), ("ERROR", "the search failed")]
    assert all(record.exc_info for record in caplog.records)
