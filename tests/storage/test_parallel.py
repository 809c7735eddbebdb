"""Calls that wait for the storage, several at once."""

from __future__ import annotations

import time
from threading import Barrier

import pytest

from reelqueue.storage.parallel import CALLS_AT_ONCE, call_each
from tests.conftest import PATIENCE_SECONDS


def test_calls_wait_at_the_same_time_and_answer_in_the_order_of_their_items() -> None:
    barrier = Barrier(CALLS_AT_ONCE, timeout=PATIENCE_SECONDS)

    def call(item: int) -> int:
        barrier.wait()
        return -item

    items = range(2 * CALLS_AT_ONCE)
    assert call_each(call, items) == [-item for item in items]


def test_fault_of_a_call_is_raised_when_no_other_is_going_on() -> None:
    barrier = Barrier(4, timeout=PATIENCE_SECONDS)
    ended = []

    def call(item: int) -> None:
        barrier.wait()
        if item == 0:
            raise ValueError("the first")
        time.sleep(0.1)
        ended.append(item)

    with pytest.raises(ValueError, match="the first"):
        call_each(call, range(4))
    assert sorted(ended) == [1, 2, 3]
