"""How many threads an encoder gets."""

from __future__ import annotations

from reelqueue.processes.cores import count_cores

_MAX_ENCODER_THREADS = 8  # with 12, x264 shows a pan 0.1 pixels off its path


def count_encoder_threads() -> int:
    """Return how many threads x264 encodes with: half more than cores, as it would choose, up to 8.

    It would count the machine's processors, though, and each thread keeps pictures in memory.
    """
    return min(3 * count_cores() // 2, _MAX_ENCODER_THREADS)
