"""Encode or hear sound while the pictures are made or seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from reelqueue.render.threads import OnTick, wait_for, working_beside

EncodeSound = Callable[[OnTick], None]
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
    with working_beside(encode) as encoding:
        yield lambda: _check(encoding)
        wait_for(encoding, on_wait)


def _check(encoding: Future[None]) -> None:
    if encoding.done():
        encoding.result()
