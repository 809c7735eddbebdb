"""Make sound slower: with as few samples as what is listened to needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelqueue.planning.soundtrack import RATE

Samples = NDArray[np.float32]

_PHASES = 20  # of the filter, of one result's samples each


class LowPass:
    """Keeps one sample of some, and no tone that these cannot tell.

    Attributes:
        context: samples that are heard before the first result.
    """

    def __init__(self, divisor: int, highest: int) -> None:
        """Design the filter, a windowed sinc.

        Args:
            divisor: samples of the sound for one of the result.
            highest: Hz that are kept.
        """
        size = _PHASES * divisor
        sinc = np.sinc(2 * highest / RATE * (np.arange(size) - (size - 1) / 2)) * np.hanning(size)
        self._phases: Samples = (sinc / sinc.sum()).astype(np.float32).reshape(-1, divisor)
        self.context = size - divisor

    def slow_down(self, channel: Samples) -> Samples:
        """Return a channel at the lower rate.

        Args:
            channel: shape (samples,), float32, at `RATE`; a multiple of the divisor.

        Returns:
            Shape ((samples - context) / divisor,), float32.
        """
        # The filter is a row of phases of one sample each, so those of a result lie on a diagonal.
        phases = self._phases @ channel.reshape(-1, self._phases.shape[1]).T
        count = max(0, phases.shape[1] - len(phases) + 1)
        slow = np.zeros(count, np.float32)
        for number, phase in enumerate(phases):
            slow += phase[number : number + count]
        return slow
