"""Write to ffmpeg's standard input while another thread reads what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import IO

from reelqueue.processes.children import Child

Feed = Callable[[IO[bytes]], None]
"""A function that writes to the pipe that it gets."""


@contextmanager
def feeding(process: Child, feed: Feed | None) -> Iterator[None]:
    """Feed a process in a thread while the block runs; the process has to end with the block.

    Raises:
        Exception: what `feed` raised, which ends the process, except BrokenPipeError: it need not
            read all.
    """
    if feed is None:
        yield
        return
    errors: list[BaseException] = []

    def run(pipe: IO[bytes]) -> None:
        try:
            with pipe:
                feed(pipe)
        except BrokenPipeError:
            pass
        except BaseException as error:  # raised below, in the thread that waits
            errors.append(error)
            process.kill()

    assert process.stdin is not None
    thread = Thread(target=run, args=[process.stdin], name="feed")
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if errors:
        raise errors[0]
