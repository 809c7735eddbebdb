"""Raw frames that ffmpeg makes while they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread

from reelqueue.errors import RenderCanceledError, RenderError
from reelqueue.render.ffmpeg.run import run_ffmpeg

_AHEAD_BYTES = 12 << 20  # of frames that wait to be read
_POLL_SECONDS = 0.2
_TIMEOUT_SECONDS = 24 * 3600.0  # a job has a limit of its own


class FrameReader:
    """Reads frames of one size, one after the other. ffmpeg waits where it is ahead.

    Args:
        arguments: those of `run_ffmpeg`, which write raw frames to `pipe:1`.
        frame_bytes: of a frame.
        folder: the working directory of ffmpeg.
    """

    def __init__(self, arguments: Sequence[str], frame_bytes: int, folder: Path) -> None:
        self._arguments, self._frame_bytes, self._folder = arguments, frame_bytes, folder
        self._frames: Queue[bytes | BaseException] = Queue(max(2, _AHEAD_BYTES // frame_bytes))
        self._received = bytearray()
        self._closed = Event()
        self._thread = Thread(target=self._run, name="frames of a video", daemon=True)
        self._thread.start()

    def read(self) -> bytes:
        """Return the next frame.

        Raises:
            RenderError: if ffmpeg fails, or makes no more frames.
        """
        frame = self._frames.get()
        if isinstance(frame, bytes):
            return frame
        self._frames.put(frame)  # for the next one who reads
        raise frame

    def close(self) -> None:
        """End ffmpeg, if it still runs; a thread that reads gets an error."""
        self._closed.set()
        self._thread.join()
        with suppress(Empty):  # a thread that reads takes frames, too
            while True:
                self._frames.get_nowait()
        self._frames.put(_explain_stop())

    def _run(self) -> None:
        try:
            run_ffmpeg(
                self._arguments, timeout=_TIMEOUT_SECONDS, cwd=self._folder, on_data=self._receive
            )
        except BaseException as error:  # `read` raises it
            end: BaseException = error
        else:
            end = RenderError("A video has fewer frames than were counted.")
        if not self._closed.is_set():
            self._put(end)

    def _receive(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= self._frame_bytes:
            self._put(bytes(self._received[: self._frame_bytes]))
            del self._received[: self._frame_bytes]

    def _put(self, frame: bytes | BaseException) -> None:
        while not self._closed.is_set():
            try:
                self._frames.put(frame, timeout=_POLL_SECONDS)
            except Full:
                continue
            return
        raise _explain_stop()


def _explain_stop() -> RenderCanceledError:
    return RenderCanceledError("The frames of a video are not needed any more.")
