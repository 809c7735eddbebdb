"""Sound of hours is cut at quiet places."""

from __future__ import annotations

import numpy as np
import pytest

from reelqueue.render.speech.timing import RATE
from reelqueue.render.speech.windows import WINDOW, cut_windows


def test_short_sound_is_one_window() -> None:
    assert list(cut_windows(np.zeros(RATE, np.int16), 0, 5 * RATE)) == [(0, RATE)]
    assert list(cut_windows(np.zeros(0, np.int16), 0, RATE)) == []


@pytest.mark.parametrize("pause", [-25, 3, 25])
def test_window_ends_in_a_pause(pause: int) -> None:
    sound = np.random.default_rng(0).normal(0, 3000, 2 * WINDOW).astype(np.int16)
    middle = WINDOW + pause * RATE
    sound[middle - RATE // 4 : middle + RATE // 4] = 0
    windows = list(cut_windows(sound, 0, len(sound)))
    assert windows[0][0] == 0
    assert abs(windows[0][1] - middle) < RATE // 10
    assert windows[-1][1] == len(sound)
    assert [end for _, end in windows[:-1]] == [start for start, _ in windows[1:]]
