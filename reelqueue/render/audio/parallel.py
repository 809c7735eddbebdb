"""Encode or hear sound while the pictures are made or seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event

from reelqueue.errors import RenderCanceledError

_TICK_SECONDS = 0.5

EncodeSound = Callable[[Callable[[int], None]], None]
"""A function that encodes or hears sound.

It calls its argument from time to time, which can stop it.
"""


@contextmanager
def encoding_sound(
    encode: EncodeSound | None, on_wait: Callable[[], None]
) -> Iterator[Callable[[], None]]:
    """Encode or hear sound in a thread while the block runs, and wait for it after the block.

    An exception that ends the block stops the thread.

    Args:
        encode: what to run in the thread; None for nothing.
        on_wait: called while the sound is waited for; it can raise to stop the thread.

    Yields:
        A function that raises the exception that ended the thread, if one did.

    Raises:
        Exception: what `encode` raised.
    """
    if encode is None:
        yield lambda: None
        return
    left = Event()

    def stop_when_left(_: int) -> None:
        if left.is_set():
            raise RenderCanceledError("The video ended before its sound was encoded.")

    with ThreadPoolExecutor(1, "audio") as pool:
        try:
            encoding = pool.submit(encode, stop_when_left)
            yield lambda: _check(encoding)
            while wait([encoding], _TICK_SECONDS).not_done:
                on_wait()
            encoding.result()
        finally:
            left.set()


def _check(encoding: Future[None]) -> None:
    if encoding.done():
        encoding.result()
