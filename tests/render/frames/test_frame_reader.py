"""Raw frames that ffmpeg makes while they are needed."""

from __future__ import annotations

import gc
import time
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from weakref import ref

import pytest

from reelqueue.errors import RenderError
from reelqueue.render.frames import frame_reader
from reelqueue.render.frames.frame_reader import FrameReader
from tests.conftest import PATIENCE_SECONDS
from tests.render.conftest import find_ffmpegs

pytestmark = pytest.mark.render

FRAME_BYTES = 1280 * 720 * 3 // 2
ENDLESS = (
    *("-f", "lavfi", "-i", "color=s=1280x720"),
    *("-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"),
)


class SlowQueue(Queue[bytes | BaseException]):
    """Leaves others time to take what it says it has."""

    def empty(self) -> bool:
        is_empty = super().empty()
        time.sleep(0.3)
        return is_empty


def test_reader_closes_while_a_thread_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_reader, "Queue", SlowQueue)
    reader = FrameReader(ENDLESS, FRAME_BYTES, tmp_path)

    def read_all() -> None:
        with suppress(RenderError):
            while reader.read():
                time.sleep(0.01)

    reading, closing = (
        Thread(target=read_all, daemon=True),
        Thread(target=reader.close, daemon=True),
    )
    reading.start()
    time.sleep(0.5)
    closing.start()

    closing.join(PATIENCE_SECONDS)
    assert not closing.is_alive()
    reading.join(PATIENCE_SECONDS)
    assert not reading.is_alive()
    assert not find_ffmpegs()


def test_nothing_of_a_closed_reader_stays_in_memory(tmp_path: Path) -> None:
    closed = []
    for _ in range(3):
        reader = FrameReader(ENDLESS, FRAME_BYTES, tmp_path)
        reader.read()
        time.sleep(0.2)
        reader.close()
        closed.append(ref(reader))
        del reader
    gc.collect()

    assert [find() for find in closed] == [None] * 3
