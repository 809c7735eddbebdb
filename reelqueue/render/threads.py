"""Threads: how many encode and decode, and work in one of them beside other work."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from reelqueue.errors import RenderCanceledError
from reelqueue.processes.cores import count_cores

_TICK_SECONDS = 0.5
_Result = TypeVar("_Result")
OnTick = Callable[[int], None]
"""Called from time to time by work in a thread; it raises to stop the work."""

_MANY_PIXELS = 1920 * 1088
_DECODER_THREADS = 2
_ENCODING = 5  # times as long as to decode it, x264 takes for a pixel, at the preset `veryfast`
_MAX_ENCODER_THREADS = 8  # with 12, x264 shows a pan 0.1 pixels off its path


def count_encoder_threads(
    decoded: tuple[int, int] = (0, 0), encoded: tuple[int, int] = (0, 0)
) -> int:
    """Return how many threads x264 encodes with: half more than cores, as it would choose, up to 8.

    It would count the machine's processors, though, and each thread keeps pictures in memory. Where
    large pictures are decoded beside it, cores have that to do, and fewer threads are as fast: on
    many cores those that keep up with the decoder.

    Args:
        decoded: `(width, height)` of the pictures that are decoded.
        encoded: the same of those that are encoded.
    """
    pixels = decoded[0] * decoded[1]
    threads = min(3 * count_cores() // 2, _MAX_ENCODER_THREADS) - pixels // (_MANY_PIXELS + 1)
    if pixels > _MANY_PIXELS:
        fed = _DECODER_THREADS * _ENCODING * encoded[0] * encoded[1] / pixels
        threads = min(threads, math.ceil(fed))
    return max(1, threads)


def count_decoder_threads(size: tuple[int, int]) -> int:
    """Return how many threads decode a video of `size=(width, height)` that is encoded again.

    On two cores, one keeps up with x264, and a second one would only keep large pictures in memory.
    """
    return 1 if count_cores() <= 2 and size[0] * size[1] > _MANY_PIXELS else _DECODER_THREADS


@contextmanager
def working_beside(work: Callable[[OnTick], _Result]) -> Iterator[Future[_Result]]:
    """Do some work in a thread while the block runs; it is stopped when the block is left.

    Args:
        work: what to do. It calls its argument from time to time, which can stop it.

    Yields:
        The future of what it returns, which the block waits for.
    """
    left = Event()

    def stop_when_left(_: int) -> None:
        if left.is_set():
            raise RenderCanceledError("What this work was for has ended.")

    with ThreadPoolExecutor(1, "beside") as pool:
        try:
            yield pool.submit(work, stop_when_left)
        finally:
            left.set()


def wait_for(working: Future[_Result], on_wait: Callable[[], None]) -> _Result:
    """Return what work returns; `on_wait` is called meanwhile, and can raise to stop waiting."""
    while wait([working], _TICK_SECONDS).not_done:
        on_wait()
    return working.result()
