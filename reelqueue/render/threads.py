"""How many threads encode, and how many decode beside them."""

from __future__ import annotations

from reelqueue.processes.cores import count_cores

_MANY_PIXELS = 1920 * 1088
_MAX_ENCODER_THREADS = 8  # with 12, x264 shows a pan 0.1 pixels off its path


def count_encoder_threads() -> int:
    """Return how many threads x264 encodes with: half more than cores, as it would choose, up to 8.

    It would count the machine's processors, though, and each thread keeps pictures in memory.
    """
    return min(3 * count_cores() // 2, _MAX_ENCODER_THREADS)


def count_decoder_threads(size: tuple[int, int]) -> int:
    """Return how many threads decode a video of `size=(width, height)` that is encoded again.

    On two cores, one keeps up with x264, and a second one would only keep large pictures in memory.
    """
    return 1 if count_cores() <= 2 and size[0] * size[1] > _MANY_PIXELS else 2
